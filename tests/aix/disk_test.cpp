// Multipath disks: which path a request takes, what happens when paths fail, and how they come back.
// Sources: R-STO-03, R-STO-04; behaviour 4.2, 4.3.
#include "aix/storage/disk.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/aix/fake_initiator.hpp"
#include "tests/aix/partition_fixture.hpp"

namespace pvmsim::aix::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using wire::ScsiOperation;
using wire::ScsiStatus;

struct Answers : DiskUser {
    std::vector<ScsiStatus> statuses;
    std::vector<std::uint32_t> cookies;
    std::uint64_t retries = 0;
    void on_request_done(std::uint32_t cookie, ScsiStatus status, std::uint32_t tries) override {
        cookies.push_back(cookie);
        statuses.push_back(status);
        retries += tries;
    }
};

struct DiskTest : ::testing::Test {
    RunningPartition lpar;
    FakeInitiator first{lpar.engine, "vscsi0"};
    FakeInitiator second{lpar.engine, "vscsi1"};
    Answers answers;
    Disk* disk = nullptr;

    void make(std::vector<std::pair<std::string, std::string>> attributes, bool two_paths = true,
              std::map<std::string, std::uint32_t> priorities = {}) {
        lpar.start();
        lpar.os->disks().set_disk_attributes(std::move(attributes));
        lpar.os->disks().set_path_priorities(std::move(priorities));
        const DiscoveredUnit unit{{0, wire::LunNumber{0x8100'0000'0000'0000}}, identity_of("ds1.lun"), 1 << 30};
        lpar.os->disks().report_units(first, {&unit, 1});
        if (two_paths) lpar.os->disks().report_units(second, {&unit, 1});
        ASSERT_EQ(lpar.os->disks().disks().size(), 1u);
        disk = lpar.os->disks().disks().front();
    }
    void submit(std::uint32_t cookie = 0) { disk->submit({.user = &answers, .cookie = cookie}); }
};

TEST_F(DiskTest, fail_over_uses_the_path_of_the_lowest_priority_number) {
    make({}, true, {{"vscsi0", 2}, {"vscsi1", 1}});
    submit();
    lpar.run_for(seconds(1));
    EXPECT_EQ(first.commands.size(), 0u);
    EXPECT_EQ(second.commands.size(), 1u);
    EXPECT_EQ(answers.statuses, std::vector{ScsiStatus::kGood});
}

TEST_F(DiskTest, round_robin_takes_paths_in_turn) {
    make({{"algorithm", "round_robin"}});
    for (int i = 0; i < 10; ++i) {
        submit();
        lpar.run_for(milliseconds(5));
    }
    EXPECT_EQ(first.commands.size(), 5u);
    EXPECT_EQ(second.commands.size(), 5u);
}

TEST_F(DiskTest, request_moves_to_the_other_path_and_the_failed_one_is_marked) {
    make({});
    first.outcome = ScsiStatus::kTransportError;
    submit();
    lpar.run_for(seconds(1));
    EXPECT_EQ(answers.statuses, std::vector{ScsiStatus::kGood});
    EXPECT_EQ(answers.retries, 1u);
    EXPECT_EQ(disk->path_state(0), PathState::kFailed);
    EXPECT_EQ(disk->path_state(1), PathState::kEnabled);
    EXPECT_EQ(disk->counters().path_failures, 1u);
    ASSERT_EQ(lpar.os->errlog().entries().size(), 1u);
    EXPECT_STREQ(lpar.os->errlog().entries()[0].what->label, "SC_DISK_ERR7");
    submit();
    lpar.run_for(seconds(1));
    EXPECT_EQ(first.commands.size(), 1u) << "a failed path is not used while another is enabled";
}

TEST_F(DiskTest, request_fails_once_every_path_has_refused_it) {
    make({});
    first.refuses = true;
    second.outcome = ScsiStatus::kTimeout;
    submit();
    EXPECT_TRUE(answers.statuses.empty()) << "never from inside submit";
    lpar.run_for(seconds(1));
    ASSERT_EQ(answers.statuses.size(), 1u);
    EXPECT_NE(answers.statuses[0], ScsiStatus::kGood);
    EXPECT_EQ(disk->counters().errors, 1u);
}

TEST_F(DiskTest, a_failed_path_is_tried_before_giving_up) {
    make({});
    first.refuses = second.refuses = true;
    submit();
    lpar.run_for(seconds(1));
    first.refuses = false;
    submit();
    lpar.run_for(seconds(1));
    ASSERT_EQ(answers.statuses.size(), 2u);
    EXPECT_EQ(answers.statuses[1], ScsiStatus::kGood);
    EXPECT_EQ(disk->path_state(0), PathState::kEnabled);
}

TEST_F(DiskTest, delayed_fail_holds_a_request_until_the_adapter_is_back) {
    make({}, false);
    first.holds = true;
    first.refuses = true;
    submit();
    lpar.run_for(seconds(100));
    EXPECT_TRUE(answers.statuses.empty());
    first.refuses = false;
    const DiscoveredUnit unit{{0, wire::LunNumber{0x8100'0000'0000'0000}}, identity_of("ds1.lun"), 1 << 30};
    lpar.os->disks().report_units(first, {&unit, 1});
    lpar.run_for(seconds(1));
    EXPECT_EQ(answers.statuses, std::vector{ScsiStatus::kGood});
}

TEST_F(DiskTest, delayed_fail_gives_up_after_the_hold_time) {
    make({}, false);
    first.holds = true;
    first.refuses = true;
    submit();
    lpar.run_for(Disk::kHoldTime - seconds(1));
    EXPECT_TRUE(answers.statuses.empty());
    lpar.run_for(seconds(2));
    ASSERT_EQ(answers.statuses.size(), 1u);
    EXPECT_NE(answers.statuses[0], ScsiStatus::kGood);
}

TEST_F(DiskTest, busy_target_is_tried_again_on_the_same_path_before_the_path_fails) {
    make({});
    first.outcome = ScsiStatus::kBusy;
    submit();
    lpar.run_for(Disk::kSamePathRetries * Disk::kSamePathRetryDelay + seconds(1));
    EXPECT_EQ(first.commands.size(), 1u + Disk::kSamePathRetries);
    EXPECT_EQ(second.commands.size(), 1u);
    EXPECT_EQ(answers.statuses, std::vector{ScsiStatus::kGood});
    EXPECT_EQ(answers.retries, 1u + Disk::kSamePathRetries);
}

TEST_F(DiskTest, queue_depth_limits_what_is_in_service) {
    make({{"queue_depth", "4"}});
    for (std::uint32_t cookie = 0; cookie < 10; ++cookie) submit(cookie);
    EXPECT_EQ(first.commands.size(), 4u);
    lpar.run_for(seconds(1));
    EXPECT_EQ(answers.cookies, (std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

/// hcheck_interval brings a failed path back within one interval; 0 never does (R-STO-04).
TEST_F(DiskTest, health_check_recovers_a_failed_path) {
    make({{"hcheck_interval", "60"}});
    first.outcome = ScsiStatus::kTransportError;
    submit();
    lpar.run_for(seconds(1));
    ASSERT_EQ(disk->path_state(0), PathState::kFailed);
    first.outcome = ScsiStatus::kGood;
    lpar.run_for(seconds(60));
    EXPECT_EQ(disk->path_state(0), PathState::kEnabled);
}

TEST_F(DiskTest, without_health_check_a_failed_path_stays_failed) {
    make({{"hcheck_interval", "0"}});
    first.outcome = ScsiStatus::kTransportError;
    submit();
    lpar.run_for(seconds(1));
    first.outcome = ScsiStatus::kGood;
    lpar.run_for(seconds(600));
    EXPECT_EQ(disk->path_state(0), PathState::kFailed);
}

TEST_F(DiskTest, health_check_of_nonactive_paths_finds_a_dead_standby) {
    make({{"hcheck_interval", "10"}, {"hcheck_mode", "nonactive"}});
    second.outcome = ScsiStatus::kTransportError;
    lpar.run_for(seconds(11));
    EXPECT_EQ(disk->path_state(1), PathState::kFailed);
    EXPECT_EQ(first.count(ScsiOperation::kTestUnitReady), 0u) << "the active path needs no test";
}

TEST_F(DiskTest, single_path_reserves_before_the_first_request) {
    make({{"reserve_policy", "single_path"}});
    submit();
    submit();
    lpar.run_for(seconds(1));
    EXPECT_EQ(first.count(ScsiOperation::kReserve), 1u);
    EXPECT_EQ(first.commands.front().operation, ScsiOperation::kReserve);
}

TEST_F(DiskTest, same_unit_through_several_adapters_is_one_disk) {
    make({});
    EXPECT_EQ(disk->path_count(), 2u);
    EXPECT_EQ(disk->name(), "hdisk0");
}

// Invariant 17 of behaviour section 9: whatever the paths do, every request is answered exactly once.
RC_GTEST_PROP(DiskProperty, every_request_is_answered_exactly_once, ()) {
    RunningPartition lpar;
    FakeInitiator first{lpar.engine, "fscsi0"};
    FakeInitiator second{lpar.engine, "fscsi1"};
    Answers answers;
    lpar.start();
    lpar.os->disks().set_disk_attributes({{"hcheck_interval", *rc::gen::element<std::string>("0", "5", "60")},
                                          {"algorithm", *rc::gen::element<std::string>("fail_over", "round_robin")}});
    first.holds = *rc::gen::arbitrary<bool>();
    const DiscoveredUnit unit{{0, wire::LunNumber{1}}, identity_of("x"), 1 << 30};
    lpar.os->disks().report_units(first, {&unit, 1});
    lpar.os->disks().report_units(second, {&unit, 1});
    auto* disk = lpar.os->disks().disks().front();
    std::uint32_t sent = 0;
    const auto steps = *rc::gen::inRange(1, 60);
    for (int step = 0; step < steps; ++step) {
        auto& adapter = *rc::gen::arbitrary<bool>() ? first : second;
        adapter.refuses = *rc::gen::weightedElement<bool>({{3, false}, {1, true}});
        adapter.outcome = *rc::gen::element(ScsiStatus::kGood, ScsiStatus::kGood, ScsiStatus::kTransportError,
                                            ScsiStatus::kBusy, ScsiStatus::kAdapterFailed, ScsiStatus::kTimeout);
        for (int i = *rc::gen::inRange(0, 6); i > 0; --i) disk->submit({.user = &answers, .cookie = sent++});
        lpar.run_for(milliseconds(*rc::gen::inRange(0, 20000)));
    }
    // Where the last path always says busy, each request tries for half a minute, and they queue for the disk's slots.
    lpar.run_for(Disk::kHoldTime * 2 + seconds(200) + sent * seconds(40));
    RC_ASSERT(answers.cookies.size() == sent);
    std::ranges::sort(answers.cookies);
    for (std::uint32_t cookie = 0; cookie < sent; ++cookie) RC_ASSERT(answers.cookies[cookie] == cookie);
}

}  // namespace
}  // namespace pvmsim::aix::test
