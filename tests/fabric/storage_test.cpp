// Arrays: masking, reservations, service in order under a limit, controllers that fail.
// The rules are listed in docs/model/storage.md; SCSI-2 for the table of reservations.
#include <gmock/gmock.h>

#include "tests/fabric/san_fixture.hpp"

namespace pvmsim::fabric {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using wire::ScsiOperation;

TEST_F(SanTest, masking_shows_each_initiator_its_units_with_the_same_identity_everywhere) {
    bring_up();
    const auto self = host->address_of(kHostName);
    const auto seen = host->report_luns(self, address(kTargetA));
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].identity, "ds1.both");
    EXPECT_EQ(seen[0].size_bytes, 10u);
    const auto by_other = other->report_luns(other->address_of(kOtherHostName), address(kTargetB));
    ASSERT_EQ(by_other.size(), 2u);
    EXPECT_EQ(by_other[0].identity, "ds1.both");
    EXPECT_EQ(by_other[1].number, wire::LunNumber{0x0001'0000'0000'0000});
    EXPECT_EQ(status(*host, host_owner, both, ScsiOperation::kRead), "good");
    EXPECT_EQ(status(*host, host_owner, only_other, ScsiOperation::kRead), "no such LUN");
    EXPECT_EQ(status(*host, host_owner, LunId{7}, ScsiOperation::kInquiry), "no such LUN");
    EXPECT_EQ(status(*host, host_owner, LunId{7}, ScsiOperation::kReportLuns), "good") << "asks the target";
    EXPECT_EQ(status(*other, other_owner, only_other, ScsiOperation::kRead), "good");
}

TEST_F(SanTest, units_are_numbered_flat_beyond_255_and_served_there) {
    LunId last{};
    for (int i = 2; i <= 300; ++i)
        last = array.add_lun({.name = "l" + std::to_string(i), .size_bytes = 1, .hosts = {kHostName}});
    bring_up();
    const auto seen = host->report_luns(host->address_of(kHostName), address(kTargetA));
    EXPECT_EQ(seen.back().id, last);
    EXPECT_EQ(seen.back().number, wire::LunNumber{std::uint64_t{0x4000 + 300} << 48});
    FcpCommand command{};
    command.source = host->address_of(kHostName);
    command.destination = address(kTargetA);
    command.command.lun = seen.back().number;
    EXPECT_EQ(host->send(command), FcSendOutcome::kSent);
    run(10ms);
    ASSERT_EQ(host_owner.responses.size(), 1u);
    EXPECT_EQ(host_owner.responses[0].response.status, wire::ScsiStatus::kGood);
}

TEST_F(SanTest, reservation_table) {
    bring_up();
    const struct {
        FcPort* who;
        ScsiOperation operation;
        const char* want;
        wire::Wwpn holder_after;
    } rows[] = {
        {host, ScsiOperation::kReserve, "good", kHostName},
        {host, ScsiOperation::kRead, "good", kHostName},
        {host, ScsiOperation::kReserve, "good", kHostName},
        {other, ScsiOperation::kRead, "reservation conflict", kHostName},
        {other, ScsiOperation::kWrite, "reservation conflict", kHostName},
        {other, ScsiOperation::kTestUnitReady, "reservation conflict", kHostName},
        {other, ScsiOperation::kReserve, "reservation conflict", kHostName},
        {other, ScsiOperation::kInquiry, "good", kHostName},
        {other, ScsiOperation::kReportLuns, "good", kHostName},
        {other, ScsiOperation::kRelease, "good", kHostName},
        {other, ScsiOperation::kRead, "reservation conflict", kHostName},
        {host, ScsiOperation::kRelease, "good", wire::kNoWwpn},
        {other, ScsiOperation::kReserve, "good", kOtherHostName},
        {host, ScsiOperation::kWrite, "reservation conflict", kOtherHostName},
    };
    for (const auto& row : rows) {
        const auto label = std::to_string(&row - rows);
        EXPECT_EQ(status(*row.who, row.who == host ? host_owner : other_owner, both, row.operation), row.want) << label;
        EXPECT_EQ(array.reservation_of(both), row.holder_after) << label;
    }
    EXPECT_EQ(array.reservation_of(only_other), wire::kNoWwpn);
}

TEST_F(SanTest, a_reservation_ends_with_the_login_that_made_it) {
    bring_up();
    EXPECT_EQ(status(*host, host_owner, both, ScsiOperation::kReserve), "good");
    other->disable();
    run(20ms);
    EXPECT_EQ(array.reservation_of(both), kHostName) << "not his";
    host->disable();
    host->enable();
    run(20ms);
    EXPECT_NE(host->address_of(kHostName), wire::kNoFcId);
    EXPECT_EQ(array.reservation_of(both), wire::kNoWwpn) << "a new login is another, even under the old address";
}

class SmallArrayTest : public SanTest {
  protected:
    SmallArrayTest()
        : SanTest({.name = "red"}, {.name = "ds1", .service_time = 1ms, .concurrency = 2, .queue_max = 3}) {}
};

TEST_F(SmallArrayTest, commands_beyond_the_concurrency_wait_in_order_and_beyond_the_queue_are_busy) {
    bring_up();
    for (int i = 0; i < 6; ++i) EXPECT_EQ(send(*host, kTargetA), FcSendOutcome::kSent);
    run(20us);
    EXPECT_EQ(array.counters().in_service, 2u);
    EXPECT_EQ(array.counters().waiting, 3u);
    ASSERT_EQ(host_owner.responses.size(), 1u);
    EXPECT_EQ(host_owner.responses[0].response.status, wire::ScsiStatus::kBusy);
    EXPECT_EQ(host_owner.responses[0].response.tag, 6u);
    run(1ms);
    EXPECT_EQ(host_owner.responses.size(), 3u);
    run(1ms);
    EXPECT_EQ(host_owner.responses.size(), 5u);
    run(1ms);
    std::vector<std::uint32_t> tags;
    for (const auto& response : host_owner.responses) tags.push_back(response.response.tag);
    EXPECT_THAT(tags, ElementsAre(6, 1, 2, 3, 4, 5));
}

TEST_F(SmallArrayTest, what_waits_for_an_initiator_that_left_takes_no_service) {
    bring_up();
    for (int i = 0; i < 4; ++i) send(*host, kTargetA);
    run(20us);
    send(*other, kTargetB);
    host->disable();
    run(1ms + 20us);
    EXPECT_THAT(other_owner.responses, IsEmpty()) << "the two in service run to their end";
    run(1ms);
    EXPECT_EQ(other_owner.responses.size(), 1u);
    EXPECT_EQ(array.counters().lost, 4u);
    EXPECT_EQ(array.counters().waiting, 0u);
}

TEST_F(SanTest, commands_that_move_no_data_are_quick) {
    bring_up();
    send(*host, kTargetA, both, ScsiOperation::kTestUnitReady);
    run(20us + 200us);
    EXPECT_EQ(host_owner.responses.size(), 1u);
}

TEST_F(SanTest, a_failed_controller_loses_its_commands_and_the_other_serves_on) {
    bring_up();
    send(*host, kTargetA);
    send(*host, kTargetB);
    run(1ms);
    array.fail_controller("A");
    array.fail_controller("A");
    EXPECT_FALSE(a->link());
    array.repair_controller("A");
    run(50ms);
    ASSERT_EQ(host_owner.responses.size(), 1u);
    EXPECT_EQ(host_owner.responses[0].source, address(kTargetB));
    EXPECT_EQ(array.counters().lost, 1u);
    EXPECT_EQ(status(*host, host_owner, both, ScsiOperation::kRead), "good") << "repaired, through the same port";
}

TEST_F(SanTest, a_write_lost_with_its_controller_is_not_performed) {
    bring_up();
    send(*host, kTargetA, both, ScsiOperation::kReserve);
    run(50us);
    array.fail_controller("A");
    run(50ms);
    EXPECT_EQ(array.reservation_of(both), wire::kNoWwpn);
}

TEST(StorageArrayTest, a_controller_that_failed_before_the_start_stays_dark) {
    sim::Engine engine(1);
    San san(engine);
    const auto sw = san.add_switch(san.add_fabric({.name = "f"}), "s");
    StorageArray array(engine, {.name = "ds"});
    auto& port = san.add_port("ds/A", kTargetA, true);
    san.connect(port, sw);
    array.add_port("A", port);
    array.fail_controller("A");
    array.start();
    EXPECT_FALSE(port.enabled());
    array.repair_controller("A");
    EXPECT_TRUE(port.link());
    EXPECT_TRUE(array.owns(port));
    EXPECT_TRUE(array.has_controller("B"));
    EXPECT_FALSE(array.has_controller("C"));
}

TEST(StorageArrayTest, exponential_service_has_its_mean) {
    sim::Engine engine(3);
    San san(engine);
    const auto fabric = san.add_fabric({.name = "f", .default_zone_all_access = true});
    const auto sw = san.add_switch(fabric, "s");
    StorageArray array(engine, {.name = "ds", .service_time = 5ms, .service_time_exponential = true, .concurrency = 1});
    auto& target = san.add_port("ds/A", kTargetA, true);
    auto& host = san.add_port("h", kHostName, false);
    Initiator owner;
    host.attach(&owner);
    san.connect(target, sw);
    san.connect(host, sw);
    array.add_port("A", target);
    array.add_lun({.name = "l", .size_bytes = 1, .hosts = {kHostName}});
    array.start();
    host.enable();
    engine.run_until(sim::kStartOfRun + 10ms);
    for (std::uint32_t i = 0; i < 4000; ++i) {
        FcpCommand command{};
        command.source = host.address_of(kHostName);
        command.destination = target.address_of(kTargetA);
        EXPECT_EQ(host.send(command), FcSendOutcome::kSent);
    }
    while (owner.responses.size() < 4000 && engine.step()) {
    }
    const auto mean = (engine.now() - sim::kStartOfRun) / 4000;
    EXPECT_GT(mean, 4700us);
    EXPECT_LT(mean, 5300us);
}

}  // namespace
}  // namespace pvmsim::fabric
