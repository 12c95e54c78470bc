// Processor folding: how many virtual processors the system uses, once a second, one at a time. Source: behaviour 1.6.
// V24 is the published example.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/aix/processor_fixture.hpp"

namespace pvmsim::aix::test {
namespace {

using hypervisor::CoreRate;
using hypervisor::DispatchMode;
using hypervisor::SharingMode;
using std::chrono::milliseconds;
using std::chrono::seconds;

class Folding : public ::testing::TestWithParam<DispatchMode> {};
INSTANTIATE_TEST_SUITE_P(Modes, Folding, ::testing::Values(DispatchMode::kFluid, DispatchMode::kExact));

TEST_P(Folding, v24_six_processors_and_a_load_of_one_and_a_half_leave_two_unfolded) {
    ProcessorSite site({{.procs = 6, .hundredths = 200}}, GetParam());
    site.start();
    auto& processors = site.processors();
    processors.set_application_demand(CoreRate::cores(6));
    EXPECT_EQ(processors.unfolded(), 6u);
    site.run_for(milliseconds(1500));
    processors.set_application_demand(thousandths(1500));
    std::vector<std::uint32_t> by_second;
    for (int second = 0; second < 6; ++second) {
        site.run_for(seconds(1));
        by_second.push_back(processors.unfolded());
    }
    EXPECT_EQ(by_second, (std::vector<std::uint32_t>{5, 4, 3, 2, 2, 2}));
}

TEST_P(Folding, grows_one_processor_a_second_when_demand_jumps) {
    ProcessorSite site({{.procs = 4, .hundredths = 100}}, GetParam());
    site.start();
    auto& processors = site.processors();
    EXPECT_EQ(processors.unfolded(), 1u);
    site.run_for(seconds(1));
    const auto before = site.counters();
    processors.set_application_demand(CoreRate::cores(4));
    site.run_for(seconds(5));
    EXPECT_EQ(processors.unfolded(), 4u);
    const auto used = site.counters().consumed.core_seconds() - before.consumed.core_seconds();
    EXPECT_NEAR(used, 1 + 2 + 3 + 4 + 4, 0.05);
}

TEST_P(Folding, begins_settled_on_a_settled_start) {
    ProcessorSite site({{.procs = 6, .hundredths = 200}}, GetParam());
    site.start();
    site.processors().set_application_demand(thousandths(1500));
    EXPECT_EQ(site.processors().unfolded(), 2u);
    site.run_for(seconds(3));
    EXPECT_NEAR(site.counters().consumed.core_seconds(), 4.5, 0.02);
    EXPECT_EQ(site.processors().unfolded(), 2u);
}

TEST(ProcessorFolding, a_boot_begins_unfolded_and_folds_while_nothing_runs) {
    ProcessorSite site({{.procs = 4, .hundredths = 100}});
    ASSERT_TRUE(site.system->activate(hypervisor::PartitionId{1}));
    while (!site.systems[0]->running()) site.run_for(milliseconds(500));
    EXPECT_EQ(site.processors().unfolded(), 4u);
    site.run_for(seconds(4));
    EXPECT_EQ(site.processors().unfolded(), 1u);
    EXPECT_EQ(site.engine.pending(), 0u);
}

TEST(ProcessorFolding, a_partition_whose_needs_do_not_change_makes_no_events) {
    ProcessorSite site({{.procs = 6, .hundredths = 200}});
    site.start();
    site.processors().set_application_demand(thousandths(1500));
    EXPECT_EQ(site.engine.pending(), 0u);
    site.processors().set_application_demand(thousandths(1550));
    EXPECT_EQ(site.engine.pending(), 0u);
    site.run_for(seconds(1));
    site.processors().set_application_demand(thousandths(3500));
    EXPECT_EQ(site.engine.pending(), 1u);
    site.run_for(seconds(10));
    EXPECT_EQ(site.processors().unfolded(), 5u);  // 3.5 on four would be more than 80 %
    EXPECT_EQ(site.engine.pending(), 0u);
}

TEST(ProcessorFolding, a_demand_shorter_than_the_second_counts_by_its_mean) {
    ProcessorSite site({{.procs = 4, .hundredths = 400}});
    site.start();
    site.processors().set_application_demand(CoreRate::cores(4));
    site.run_for(milliseconds(1));
    EXPECT_EQ(site.processors().unfolded(), 4u);
    site.processors().set_application_demand({});
    site.run_for(milliseconds(400));
    site.processors().set_application_demand(CoreRate::cores(4));
    site.run_for(milliseconds(600));  // 2.4 in the mean
    EXPECT_EQ(site.processors().unfolded(), 3u);
}

TEST(ProcessorFolding, who_gets_no_more_than_its_share_unfolds_no_more) {
    ProcessorSite site({{.procs = 4, .hundredths = 100}, {.procs = 4, .hundredths = 100}}, DispatchMode::kFluid, 2);
    for (std::size_t index : {0u, 1u}) {
        site.start(index);
        site.processors(index).set_application_demand(CoreRate::cores(4));
    }
    site.run_for(seconds(4));
    EXPECT_EQ(site.processors(0).unfolded(), 2u);
    EXPECT_EQ(site.processors(1).unfolded(), 2u);
    site.processors(1).set_application_demand({});
    site.run_for(seconds(4));
    EXPECT_EQ(site.processors(0).unfolded(), 3u);  // 2 cores used, by two at 100 %: one more
}

TEST(ProcessorFolding, a_capped_partition_needs_its_entitlement_at_most) {
    ProcessorSite site({{.procs = 4, .hundredths = 60, .mode = SharingMode::kCapped}});
    site.start();
    site.processors().set_application_demand(CoreRate::cores(4));
    EXPECT_EQ(site.processors().unfolded(), 1u);
    EXPECT_EQ(site.engine.pending(), 0u);
    site.run_for(seconds(5));
    EXPECT_NEAR(site.counters().consumed.core_seconds(), 3.0, 1e-9);
}

TEST(ProcessorFolding, vpm_xvcpus_adds_processors_or_turns_folding_off) {
    ProcessorSite site({{.procs = 6, .hundredths = 200, .config = {.vpm_xvcpus = 2}}});
    site.start();
    site.processors().set_application_demand(thousandths(1500));
    EXPECT_EQ(site.processors().unfolded(), 4u);
    site.processors().set_vpm_xvcpus(-1);
    EXPECT_EQ(site.processors().unfolded(), 6u);
    site.run_for(seconds(3));
    EXPECT_EQ(site.processors().unfolded(), 6u);
}

TEST(ProcessorFolding, dedicated_processors_are_not_folded) {
    ProcessorSite site({{.procs = 3, .mode = SharingMode::kKeepIdleProcs}});
    site.start();
    EXPECT_EQ(site.processors().unfolded(), 3u);
    site.run_for(seconds(3));
    EXPECT_EQ(site.processors().unfolded(), 3u);
}

TEST(ProcessorFolding, busy_threads_get_a_core_each_before_they_share_one) {
    ProcessorSite site({{.procs = 8, .hundredths = 800}});
    site.start();
    site.run_for(seconds(1));
    site.processors().set_application_threads(5);
    EXPECT_DOUBLE_EQ(site.processors().throughput_now(), 1.6);
    site.run_for(milliseconds(1100));
    EXPECT_EQ(site.processors().unfolded(), 2u);
    EXPECT_DOUBLE_EQ(site.processors().throughput_now(), 1.5 + 1.4);
    site.run_for(seconds(8));
    EXPECT_EQ(site.processors().unfolded(), 6u);
    EXPECT_DOUBLE_EQ(site.processors().throughput_now(), 5.0);
    EXPECT_DOUBLE_EQ(site.processors().response_factor_now(), 1.0);
}

TEST(ProcessorFolding, a_hang_counts_as_one_long_second) {
    ProcessorSite site({{.procs = 6, .hundredths = 300}});
    site.start();
    site.run_for(seconds(1));
    site.processors().set_application_demand(thousandths(700));
    site.processors().set_application_demand(thousandths(1700));
    ASSERT_TRUE(site.system->hang(hypervisor::PartitionId{1}));
    site.run_for(seconds(30));
    EXPECT_EQ(site.processors().unfolded(), 1u);
    ASSERT_TRUE(site.system->resume(hypervisor::PartitionId{1}));
    site.run_for(milliseconds(1));
    EXPECT_EQ(site.processors().unfolded(), 2u);
    site.run_for(seconds(5));
    EXPECT_EQ(site.processors().unfolded(), 3u);  // 1.7 on two would be more than 80 %
}

TEST(ProcessorFolding, processors_taken_away_are_not_used_any_more) {
    ProcessorSite site({{.procs = 4, .hundredths = 100}});
    site.start();
    site.processors().set_application_demand(CoreRate::cores(4));
    EXPECT_EQ(site.processors().unfolded(), 4u);
    ASSERT_TRUE(site.system->change_processors(hypervisor::PartitionId{1}, {.procs = 2}));
    EXPECT_EQ(site.processors().unfolded(), 2u);
    EXPECT_EQ(site.processors().online(), 2u);
}

TEST(ProcessorFolding, the_end_of_the_system_ends_its_demand_and_its_counters) {
    ProcessorSite site({{.procs = 2, .hundredths = 100}});
    site.start();
    site.processors().set_application_demand(CoreRate::cores(1));
    site.run_for(seconds(2));
    ASSERT_TRUE(site.system->power_off(hypervisor::PartitionId{1}));
    site.run_for(seconds(2));
    EXPECT_DOUBLE_EQ(site.counters().consumed.core_seconds(), 2);
    site.processors().set_application_demand(CoreRate::cores(1));  // nobody is there to want it
    site.run_for(seconds(2));
    EXPECT_DOUBLE_EQ(site.counters().consumed.core_seconds(), 2);
}

RC_GTEST_PROP(ProcessorFolding, moves_by_one_a_second_and_ends_where_it_would_have_settled, ()) {
    const auto procs = *rc::gen::inRange<std::uint32_t>(1, 12);
    const auto extra = *rc::gen::inRange<std::int32_t>(0, 3);
    ProcessorSite site(
        {{.procs = procs, .hundredths = static_cast<std::int32_t>(procs) * 50, .config = {.vpm_xvcpus = extra}}});
    site.start();
    auto& processors = site.processors();
    std::int64_t demand = 0;
    for (int round = 0; round < 20; ++round) {
        demand = *rc::gen::inRange<std::int64_t>(0, 13'000);
        processors.set_application_demand(thousandths(demand));
        for (int second = 0; second < *rc::gen::inRange(1, 4); ++second) {
            const auto before = processors.unfolded();
            site.run_for(seconds(1));
            const auto after = processors.unfolded();
            RC_ASSERT(after <= before + 1 && before <= after + 1);
            RC_ASSERT(after >= 1u && after <= procs);
        }
    }
    site.run_for(seconds(15));
    ProcessorSite fresh(
        {{.procs = procs, .hundredths = static_cast<std::int32_t>(procs) * 50, .config = {.vpm_xvcpus = extra}}});
    fresh.start();
    fresh.processors().set_application_demand(thousandths(demand));
    RC_ASSERT(processors.unfolded() == fresh.processors().unfolded());
    RC_ASSERT(site.engine.pending() == 0u);
}

}  // namespace
}  // namespace pvmsim::aix::test
