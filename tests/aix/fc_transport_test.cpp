// fscsi against a transport that the test plays: tags and generations, targets that move (dyntrk), lost sendings, and a
// server that dies.
#include <gtest/gtest.h>

#include <ostream>

#include "tests/aix/fc_site.hpp"

namespace pvmsim::aix {
namespace {

using namespace std::chrono_literals;
using wire::ScsiStatus;

class ScriptedTransport : public FcTransport {
  public:
    struct Sent {
        wire::FcId target;
        wire::ScsiCommand command;
    };

    void attach(FcTransportUser& to) override { user = &to; }
    [[nodiscard]] const std::string& transport_name() const override { return name_; }
    [[nodiscard]] bool connected() const override { return true; }
    [[nodiscard]] bool ready() const override { return true; }
    [[nodiscard]] wire::Wwpn wwpn() const override { return wire::Wwpn{1}; }
    [[nodiscard]] std::uint32_t commands_max() const override { return 100; }
    void discover() override { ++discoveries; }
    [[nodiscard]] bool send(wire::FcId target, const wire::ScsiCommand& command) override {
        if (!takes) return false;
        sent.push_back({target, command});
        return true;
    }

    FcTransportUser* user = nullptr;
    std::vector<Sent> sent;
    int discoveries = 0;
    bool takes = true;

  private:
    std::string name_ = "fcs9";
};

class FcOverScript : public FcSite {
  protected:
    static constexpr wire::Wwpn kTarget{0x5005076801400000};
    static constexpr UnitAddress kUnit{.target = kTarget.value(), .lun = wire::LunNumber{0}};

    void begin(std::string_view dyntrk = "yes") {
        auto& os = add_partition({.lpar_id = hypervisor::PartitionId{1}, .name = "aix1"});
        fscsi = &os.add_device<FcScsiProtocol>("fscsi0", transport);
        set(*fscsi, "fc_err_recov", "fast_fail");
        set(*fscsi, "dyntrk", dyntrk);
        start(os);
        found(0x010100, 1);
    }
    void found(std::uint32_t address, std::uint32_t serial) {
        transport.user->on_discovered({.targets = {{kTarget, wire::FcId{address}, serial}}, .units = {}});
    }
    void found_nothing() { transport.user->on_discovered({}); }
    void respond(std::size_t sending, ScsiStatus status = ScsiStatus::kGood) {
        transport.user->on_response(transport.sent[sending].command.tag, status);
    }

    ScriptedTransport transport;
    FcScsiProtocol* fscsi = nullptr;
};

struct ReturnCase {
    const char* name;
    const char* dyntrk;
    bool missed;  ///< a discovery without the target came in between
    std::uint32_t address;
    std::uint32_t serial;
    std::size_t sendings;  ///< of one command, so far
    bool failed;
};
std::ostream& operator<<(std::ostream& out, const ReturnCase& one) { return out << one.name; }

class FcReturn : public FcOverScript, public testing::WithParamInterface<ReturnCase> {};

TEST_P(FcReturn, command_under_way_is_sent_again_or_fails) {
    const auto& want = GetParam();
    begin(want.dyntrk);
    const auto probe = prober.send(*fscsi, kUnit);
    if (want.missed) found_nothing();
    run_for(5s);
    found(want.address, want.serial);
    EXPECT_EQ(transport.sent.size(), want.sendings);
    EXPECT_EQ(prober[probe].answers, want.failed ? 1u : 0u);
    if (want.failed) {
        EXPECT_EQ(prober[probe].status, ScsiStatus::kTransportError);
    }

    // Whatever became of it, the target is served at its new address.
    const auto next = prober.send(*fscsi, kUnit);
    EXPECT_EQ(transport.sent.back().target, wire::FcId{want.address});
    for (std::size_t sending = 0; sending < transport.sent.size(); ++sending) respond(sending);
    EXPECT_EQ(prober[next].status, ScsiStatus::kGood);
    EXPECT_EQ(prober[probe].answers, 1u);
}

INSTANTIATE_TEST_SUITE_P(All, FcReturn,
                         testing::Values(ReturnCase{"same_login", "yes", false, 0x010100, 1, 1, false},
                                         ReturnCase{"came_back", "yes", true, 0x010100, 2, 2, false},
                                         ReturnCase{"came_back_untracked", "no", true, 0x010100, 2, 2, false},
                                         ReturnCase{"came_back_unnoticed", "no", false, 0x010100, 2, 2, false},
                                         ReturnCase{"moved_tracked", "yes", true, 0x020100, 2, 2, false},
                                         ReturnCase{"moved_untracked", "no", true, 0x020100, 2, 1, true},
                                         ReturnCase{"moved_unnoticed_tracked", "yes", false, 0x020100, 2, 2, false},
                                         ReturnCase{"moved_unnoticed_untracked", "no", false, 0x020100, 2, 1, true}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(FcOverScript, response_to_an_earlier_sending_is_not_taken_for_the_answer) {
    begin();
    const auto probe = prober.send(*fscsi, kUnit);
    found_nothing();
    found(0x010100, 2);
    ASSERT_EQ(transport.sent.size(), 2u);
    EXPECT_NE(transport.sent[0].command.tag, transport.sent[1].command.tag);
    respond(0, ScsiStatus::kCheckCondition);
    EXPECT_EQ(prober[probe].answers, 0u);
    respond(1);
    EXPECT_EQ(prober[probe].status, ScsiStatus::kGood);
    respond(1);
    EXPECT_EQ(prober[probe].answers, 1u);
}

TEST_F(FcOverScript, late_response_after_a_time_out_is_dropped) {
    begin();
    const auto probe = prober.send(*fscsi, kUnit, 30);
    run_for(32s);
    EXPECT_EQ(prober[probe].status, ScsiStatus::kTimeout);
    const auto next = prober.send(*fscsi, kUnit, 30);
    respond(0);
    EXPECT_EQ(prober[next].answers, 0u);
    respond(1);
    EXPECT_EQ(prober[next].status, ScsiStatus::kGood);
}

TEST_F(FcOverScript, command_that_cannot_leave_waits_for_a_discovery) {
    begin();
    transport.takes = false;
    const auto asked = transport.discoveries;
    const auto probe = prober.send(*fscsi, kUnit);
    EXPECT_EQ(prober[probe].answers, 0u);
    EXPECT_EQ(transport.discoveries, asked + 1);
    EXPECT_EQ(fscsi->targets()[0].state, FcTargetState::kSuspect);
    run_for(3s);
    EXPECT_GE(transport.discoveries, asked + 3) << "asks again as long as nobody answers";
    transport.takes = true;
    found(0x010100, 1);
    ASSERT_EQ(transport.sent.size(), 1u);
    respond(0);
    EXPECT_EQ(prober[probe].status, ScsiStatus::kGood);
}

TEST_F(FcOverScript, command_lost_again_and_again_fails) {
    begin();
    const auto probe = prober.send(*fscsi, kUnit);
    for (std::size_t sending = 0; sending < FcScsiProtocol::kSendingsMax; ++sending) {
        ASSERT_EQ(transport.sent.size(), sending + 1);
        ASSERT_EQ(prober[probe].answers, 0u);
        respond(sending, ScsiStatus::kTransportError);
        found(0x010100, 1);
    }
    EXPECT_EQ(transport.sent.size(), FcScsiProtocol::kSendingsMax);
    EXPECT_EQ(prober[probe].status, ScsiStatus::kTransportError);
}

TEST_F(FcOverScript, death_of_the_server_fails_everything_at_once) {
    begin();
    const auto sent = prober.send(*fscsi, kUnit);
    transport.takes = false;
    const auto waiting = prober.send(*fscsi, kUnit);
    // What the end of one sets off must not find the dead server either.
    prober.on_answer = [this](std::size_t) {
        prober.on_answer = nullptr;
        prober.send(*fscsi, kUnit);
    };
    transport.user->on_server_lost();
    for (const auto probe : {sent, waiting, std::size_t{2}}) {
        EXPECT_EQ(prober[probe].status, ScsiStatus::kTransportError);
        EXPECT_EQ(prober[probe].answered, engine.now());
    }
}

}  // namespace
}  // namespace pvmsim::aix
