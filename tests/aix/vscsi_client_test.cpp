// The virtual SCSI client adapter against a server played by the test: login steps, credits, tags, watchdog.
// The server's side of the queue is scripted message by message, so each rule is seen alone.
#include <algorithm>

#include "aix/vscsi/client_adapter.hpp"
#include "tests/aix/raw_crq_end.hpp"

namespace pvmsim::aix {
namespace {

using namespace std::chrono_literals;
using wire::ScsiOperation;
using wire::ScsiStatus;
using Words = std::vector<std::string>;

struct Recorder : DiskPathUser {
    struct Answer {
        std::uint32_t request;
        std::uint32_t path;
        ScsiStatus status;
        friend bool operator==(const Answer&, const Answer&) = default;
    };
    void on_command_done(std::uint32_t request, std::uint32_t path, ScsiStatus status) override {
        answers.push_back({request, path, status});
    }
    std::vector<Answer> answers;
};

struct ClientUnderTest : CrqPair {
    explicit ClientUnderTest(std::string_view path_timeout = "0", std::string_view error_recovery = "delayed_fail")
        : server_os(engine, *system, kServer, {}),
          client_os(engine, *system, kClient, {}),
          server(server_os.add_device<RawCrqEnd>("raw0", kSlot)),
          adapter(client_os.add_device<VscsiClientAdapter>("vscsi0", kSlot)) {
        adapter.attributes().set("vscsi_path_to", path_timeout);
        adapter.attributes().set("vscsi_err_recov", error_recovery);
        EXPECT_TRUE(system->start_settled(kServer));
        EXPECT_TRUE(system->start_settled(kClient));
        run(1ms);
    }

    void send(const vscsi::CrqMessage& message) {
        EXPECT_EQ(server.send(message), hypervisor::HcallStatus::kSuccess);
        run(1ms);
    }
    /// The server's part of a whole login, with one unit.
    void log_in(std::uint32_t request_limit) {
        send(vscsi::initialization(hypervisor::kCrqInitializationComplete));
        send(vscsi::mad_answer(0x03, vscsi::MadStatus::kSuccess));
        send(vscsi::mad_answer(0x05, vscsi::MadStatus::kSuccess));
        if (!adapter.holds_when_alone()) send(vscsi::mad_answer(0x08, vscsi::MadStatus::kSuccess));
        send(vscsi::login_response(request_limit));
        vscsi::UnitSet units;
        units.add(0);
        send(vscsi::report_luns_response(last_tag(), units));
        send(vscsi::identification_response(last_tag(), {77}, 1 << 30));
        EXPECT_EQ(adapter.phase(), VscsiClientPhase::kReady);
        (void)server.take_arrived();
    }
    std::uint32_t last_tag() {
        const auto arrived = server.take_arrived();
        EXPECT_FALSE(arrived.empty());
        return arrived.empty() ? 0 : vscsi::command_of(arrived.back()).tag;
    }
    ScsiStatus ask(std::uint32_t request) {
        return adapter.submit({.user = &user,
                               .request = request,
                               .path = 1,
                               .unit = {.target = 0, .lun = vscsi::lun_of_unit(0)},
                               .operation = ScsiOperation::kWrite,
                               .block = request,
                               .size_bytes = 4096});
    }
    /// Commands that arrived at the server since the last look.
    std::vector<wire::ScsiCommand> commands() {
        run(1ms);
        std::vector<wire::ScsiCommand> commands;
        for (const auto& message : server.take_arrived()) {
            EXPECT_EQ(word_of(message), "srp 2");
            commands.push_back(vscsi::command_of(message));
        }
        return commands;
    }
    void answer(const wire::ScsiCommand& command, ScsiStatus status = ScsiStatus::kGood) {
        send(vscsi::response({.tag = command.tag, .status = status}));
    }

    OperatingSystem server_os;
    OperatingSystem client_os;
    RawCrqEnd& server;
    VscsiClientAdapter& adapter;
    Recorder user;
};

TEST(VscsiClient, logs_in_step_by_step_and_reports_the_units) {
    ClientUnderTest site("0", "fast_fail");
    struct Row {
        vscsi::CrqMessage answer;
        Words then;
    };
    vscsi::UnitSet units;
    units.add(0);
    units.add(126);
    EXPECT_EQ(words_of(site.server.take_arrived()), Words{"init 1"});
    const Row to_login[] = {{vscsi::initialization(hypervisor::kCrqInitializationComplete), {"mad 3"}},
                            {vscsi::mad_answer(0x05, vscsi::MadStatus::kSuccess), {}},  // not asked yet
                            {vscsi::mad_answer(0x03, vscsi::MadStatus::kSuccess), {"mad 5"}},
                            {vscsi::mad_answer(0x03, vscsi::MadStatus::kSuccess), {}},  // a second time
                            {vscsi::login_response(10), {}},                            // too early
                            {vscsi::mad_answer(0x05, vscsi::MadStatus::kNotSupported), {"mad 8"}},
                            {vscsi::mad_answer(0x08, vscsi::MadStatus::kSuccess), {"srp 0"}}};
    for (const auto& row : to_login) {
        EXPECT_EQ(site.ask(0), ScsiStatus::kTransportError) << "refused before the login";
        site.send(row.answer);
        EXPECT_EQ(words_of(site.server.take_arrived()), row.then);
    }
    site.send(vscsi::login_response(10));
    EXPECT_EQ(site.adapter.free_credits(), 10u);
    site.send(vscsi::report_luns_response(site.last_tag(), units));
    site.send(vscsi::identification_response(site.last_tag(), {77}, 1 << 30));
    site.send(vscsi::identification_response(site.last_tag(), {78}, 2 << 20));
    EXPECT_EQ(site.adapter.phase(), VscsiClientPhase::kReady);
    ASSERT_EQ(site.client_os.disks().disks().size(), 2u);
    EXPECT_EQ(site.client_os.disks().disks()[1]->path_address(0).lun.value(), 0xff00'0000'0000'0000ull);
    EXPECT_EQ(site.client_os.disks().disks()[1]->size_bytes(), std::uint64_t{2 << 20});
    EXPECT_TRUE(site.user.answers.empty()) << "refused commands are forgotten";
}

TEST(VscsiClient, delayed_fail_does_not_ask_for_fast_fail) {
    ClientUnderTest site;
    site.send(vscsi::initialization(hypervisor::kCrqInitializationComplete));
    site.send(vscsi::mad_answer(0x03, vscsi::MadStatus::kSuccess));
    site.send(vscsi::mad_answer(0x05, vscsi::MadStatus::kSuccess));
    EXPECT_EQ(words_of(site.server.take_arrived()), (Words{"init 1", "mad 3", "mad 5", "srp 0"}));
}

TEST(VscsiClient, server_that_starts_the_handshake_gets_its_completion) {
    ClientUnderTest site;
    (void)site.server.take_arrived();
    site.send(vscsi::initialization(hypervisor::kCrqInitialize));
    EXPECT_EQ(words_of(site.server.take_arrived()), (Words{"init 2", "mad 3"}));
}

TEST(VscsiClient, commands_beyond_the_credits_wait_their_turn) {
    ClientUnderTest site;
    site.log_in(2);
    for (std::uint32_t request = 0; request < 5; ++request) EXPECT_EQ(site.ask(request), ScsiStatus::kGood);
    EXPECT_EQ(site.adapter.outstanding(), 5u);
    std::uint32_t next = 0;
    auto in_service = site.commands();
    EXPECT_EQ(in_service.size(), 2u);
    while (!in_service.empty()) {
        EXPECT_EQ(in_service.front().block, next++);
        site.answer(in_service.front());
        in_service.erase(in_service.begin());
        const auto arrived = site.commands();
        EXPECT_LE(arrived.size(), 1u);
        in_service.insert(in_service.end(), arrived.begin(), arrived.end());
    }
    EXPECT_EQ(next, 5u);
    ASSERT_EQ(site.user.answers.size(), 5u);
    for (std::uint32_t request = 0; request < 5; ++request)
        EXPECT_EQ(site.user.answers[request], (Recorder::Answer{request, 1, ScsiStatus::kGood}));
    EXPECT_EQ(site.adapter.free_credits(), 2u);
}

TEST(VscsiClient, queue_for_credits_has_an_end) {
    ClientUnderTest site;
    site.log_in(1);
    for (std::uint32_t request = 0; request < 1 + VscsiClientAdapter::kWaitingMax; ++request)
        ASSERT_EQ(site.ask(request), ScsiStatus::kGood);
    EXPECT_EQ(site.ask(0), ScsiStatus::kBusy);
}

TEST(VscsiClient, answers_that_nobody_waits_for_are_ignored) {
    ClientUnderTest site;
    site.log_in(4);
    EXPECT_EQ(site.ask(9), ScsiStatus::kGood);
    const auto sent = site.commands();
    ASSERT_EQ(sent.size(), 1u);
    for (const std::uint32_t tag : {sent[0].tag ^ 0x1'0000u, sent[0].tag + 1, 0xfffeu, 0xffff'ffffu})
        site.send(vscsi::response({.tag = tag, .status = ScsiStatus::kGood}));
    EXPECT_TRUE(site.user.answers.empty());
    site.answer(sent[0], ScsiStatus::kAdapterFailed);
    site.answer(sent[0]);  // twice
    EXPECT_EQ(site.user.answers, (std::vector<Recorder::Answer>{{9, 1, ScsiStatus::kAdapterFailed}}));
    EXPECT_EQ(site.ask(10), ScsiStatus::kGood);
    site.answer(sent[0]);  // the slot's earlier life
    EXPECT_EQ(site.user.answers.size(), 1u);
}

TEST(VscsiClient, loss_of_the_server_answers_everything_once_and_not_from_submit) {
    ClientUnderTest site;
    site.log_in(2);
    for (std::uint32_t request = 0; request < 3; ++request) EXPECT_EQ(site.ask(request), ScsiStatus::kGood);
    const auto sent = site.commands();
    site.server.shut();
    EXPECT_EQ(site.ask(3), ScsiStatus::kGood) << "no credit is free: it waits";
    EXPECT_TRUE(site.user.answers.empty());
    site.run(1ms);
    ASSERT_EQ(site.user.answers.size(), 4u);
    for (std::uint32_t request = 0; request < 4; ++request)
        EXPECT_EQ(site.user.answers[request], (Recorder::Answer{request, 1, ScsiStatus::kTransportError}));
    EXPECT_EQ(site.ask(4), ScsiStatus::kTransportError);

    site.server.open();
    site.log_in(2);
    EXPECT_EQ(site.ask(5), ScsiStatus::kGood);
    EXPECT_EQ(site.commands().size(), 1u);
    for (const auto& command : sent) site.answer(command);
    EXPECT_EQ(site.user.answers.size(), 4u) << "answers to the old session's commands";
    EXPECT_EQ(site.adapter.counters().logins, 2u);
    EXPECT_EQ(site.adapter.counters().losses, 1u);
    EXPECT_EQ(site.client_os.errlog().entries().size(), 1u);
}

TEST(VscsiClient, closed_queue_refuses_before_the_news_arrives) {
    ClientUnderTest site;
    site.log_in(2);
    site.server.shut();
    EXPECT_EQ(site.ask(0), ScsiStatus::kTransportError);
    EXPECT_TRUE(site.user.answers.empty());
}

/// What the watchdog does after a single command that is never answered.
TEST(VscsiClient, silent_server_is_pinged_and_then_given_up) {
    ClientUnderTest site("30");
    site.log_in(4);
    EXPECT_EQ(site.ask(1), ScsiStatus::kGood);
    const auto sent = site.commands();
    site.run(29s + 900ms);
    EXPECT_TRUE(site.server.take_arrived().empty());
    site.run(200ms);
    EXPECT_EQ(words_of(site.server.take_arrived()), Words{"ping"});
    site.run(VscsiClientAdapter::kPingWait - 200ms);
    EXPECT_TRUE(site.user.answers.empty());
    site.run(200ms);
    EXPECT_EQ(site.user.answers, (std::vector<Recorder::Answer>{{1, 1, ScsiStatus::kTimeout}}));
    EXPECT_EQ(site.adapter.free_credits(), 3u) << "its credit is out until the server answers";
    site.answer(sent[0]);
    EXPECT_EQ(site.adapter.free_credits(), 4u);
    EXPECT_EQ(site.user.answers.size(), 1u);
    EXPECT_EQ(site.client_os.errlog().entries().size(), 1u);
}

TEST(VscsiClient, answered_ping_gives_a_new_period) {
    ClientUnderTest site("30");
    site.log_in(4);
    EXPECT_EQ(site.ask(1), ScsiStatus::kGood);
    (void)site.commands();
    for (int period = 0; period < 5; ++period) {
        site.run(30s);
        EXPECT_EQ(words_of(site.server.take_arrived()), Words{"ping"}) << period;
        site.send(vscsi::ping(vscsi::Format::kPingResponse));
    }
    EXPECT_TRUE(site.user.answers.empty());
}

TEST(VscsiClient, any_served_request_counts_as_life) {
    ClientUnderTest site("30");
    site.log_in(4);
    EXPECT_EQ(site.ask(1), ScsiStatus::kGood);  // never answered
    (void)site.commands();
    for (std::uint32_t second = 0; second < 200; second += 20) {
        site.run(20s);
        EXPECT_EQ(site.ask(2 + second), ScsiStatus::kGood);
        const auto sent = site.commands();
        ASSERT_EQ(sent.size(), 1u) << "no ping";
        site.answer(sent[0]);
    }
    EXPECT_EQ(site.adapter.counters().timeouts, 0u);
}

TEST(VscsiClient, path_timeout_can_be_switched_on_and_off_while_commands_wait) {
    ClientUnderTest site("0");
    site.log_in(4);
    EXPECT_EQ(site.ask(1), ScsiStatus::kGood);
    site.run(1000s);
    EXPECT_TRUE(site.user.answers.empty());
    site.adapter.attributes().set("vscsi_path_to", "30");
    site.adapter.on_attribute_changed("vscsi_path_to");
    site.run(31s);
    site.adapter.attributes().set("vscsi_path_to", "0");
    site.adapter.on_attribute_changed("vscsi_path_to");
    site.run(1000s);
    EXPECT_TRUE(site.user.answers.empty());
    site.adapter.attributes().set("vscsi_path_to", "30");
    site.adapter.on_attribute_changed("vscsi_path_to");
    site.run(90s);
    EXPECT_EQ(site.user.answers.size(), 1u);
}

TEST(VscsiClient, login_step_that_finds_the_servers_queue_full_is_sent_again) {
    ClientUnderTest site;
    ASSERT_TRUE(site.system->hang(CrqPair::kServer));
    // Whatever filled it: the queue holds 1024 entries, the client's INIT is taken already.
    auto& crq = site.system->crq();
    const auto id = crq.find(CrqPair::kClient, CrqPair::kSlot);
    while (crq.send(id, vscsi::ping(vscsi::Format::kPing)) == hypervisor::HcallStatus::kSuccess) {
    }
    crq.free_queue(id);
    site.adapter.unconfigure();
    site.adapter.configure();  // its INIT is dropped
    site.run(10s);
    ASSERT_TRUE(site.system->resume(CrqPair::kServer));
    site.run(2s);
    const auto words = words_of(site.server.take_arrived());
    EXPECT_EQ(std::ranges::count(words, "init 1"), 2) << "the first login's and the one sent again";
}

}  // namespace
}  // namespace pvmsim::aix
