// SMT throughput, PURR time and logical processors of busy threads: V21, V22 of the published calibration.
// Source: behaviour 1.7.
#include <gtest/gtest.h>

#include "tests/aix/processor_fixture.hpp"

namespace pvmsim::aix::test {
namespace {

using hypervisor::SharingMode;
using std::chrono::seconds;

double percent(hypervisor::CoreTime part, hypervisor::CoreTime whole) {
    return part.core_seconds() / whole.core_seconds() * 100;
}

struct V21 {
    std::uint32_t threads;
    double used_percent;
    double throughput;
    double response;
};

class BusyThreads : public ::testing::TestWithParam<V21> {};

TEST_P(BusyThreads, of_one_core_show_the_published_use_throughput_and_response) {
    ProcessorSite site({{.procs = 1, .hundredths = 100}});
    site.start();
    site.processors().set_application_threads(GetParam().threads);
    site.run_for(seconds(10));
    const auto counters = site.counters();
    EXPECT_DOUBLE_EQ(counters.consumed.core_seconds(), 10);
    const hypervisor::CoreTime used{counters.user.nanocore_ns + counters.sys.nanocore_ns};
    EXPECT_NEAR(percent(used, counters.consumed), GetParam().used_percent, 1e-4);
    EXPECT_DOUBLE_EQ(site.processors().throughput_now(), GetParam().throughput);
    EXPECT_NEAR(site.processors().response_factor_now(), GetParam().response, 0.002);
}

INSTANTIATE_TEST_SUITE_P(V21, BusyThreads,
                         ::testing::Values(V21{1, 62.5, 1.0, 1.0}, V21{2, 87.5, 1.4, 1.43}, V21{3, 93.75, 1.5, 2.0},
                                           V21{4, 100, 1.6, 2.5}, V21{6, 100, 1.6, 3.75}));

TEST(ProcessorSmt, v22_one_hog_uses_one_core_in_eight_and_one_thread_in_32) {
    ProcessorSite site({{.procs = 8, .hundredths = 800}});
    site.start();
    site.processors().set_application_threads(1);
    site.run_for(seconds(10));
    const auto counters = site.counters();
    const auto used = counters.user.core_seconds() + counters.sys.core_seconds();
    EXPECT_NEAR(used / (8 * 10) * 100, 7.8, 0.02);
    EXPECT_NEAR(percent(counters.logical_busy, counters.logical), 3.1, 0.03);
    EXPECT_DOUBLE_EQ(counters.consumed.core_seconds(), 10);
}

TEST(ProcessorSmt, threads_spread_over_unfolded_processors_first) {
    const auto spread = spread_threads(7, 5, 4);
    EXPECT_EQ(spread.procs_more, 2u);
    EXPECT_EQ(spread.threads_less, 1u);
    EXPECT_EQ(spread.busy_procs(), 5u);
    EXPECT_EQ(spread.throughput_permille(), 3 * 1000 + 2 * 1400);
    EXPECT_EQ(spread_threads(3, 5, 4).busy_procs(), 3u);
    EXPECT_EQ(spread_threads(99, 5, 2).busy_threads(), 10u);
}

TEST(ProcessorSmt, with_fewer_threads_a_core_one_thread_uses_more_of_it) {
    ProcessorSite site({{.procs = 1, .hundredths = 100, .config = {.smt = 2}}});
    site.start();
    site.processors().set_application_threads(1);
    site.run_for(seconds(1));
    EXPECT_NEAR(site.counters().idle.core_seconds(), 1 - 1 / 1.4, 1e-6);
    site.processors().set_smt(1);
    site.run_for(seconds(1));
    EXPECT_NEAR(site.counters().idle.core_seconds(), 1 - 1 / 1.4, 1e-6);
    EXPECT_NEAR(site.counters().logical.core_seconds(), 2 + 1, 1e-9);
}

TEST(ProcessorSmt, a_demand_in_cores_keeps_all_threads_busy_unless_told_otherwise) {
    ProcessorSite site({{.procs = 1, .hundredths = 100}, {.config = {.busy_threads_per_core = 1, .sys_percent = 20}}});
    for (std::size_t index : {0u, 1u}) {
        site.start(index);
        site.processors(index).set_application_demand(thousandths(400));
    }
    site.run_for(seconds(1));
    EXPECT_NEAR(site.counters(0).user.core_seconds(), 0.36, 1e-9);
    EXPECT_NEAR(site.counters(0).sys.core_seconds(), 0.04, 1e-9);
    EXPECT_NEAR(site.counters(1).user.core_seconds(), 0.4 * 0.625 * 0.8, 1e-9);
    EXPECT_NEAR(site.counters(1).idle.core_seconds(), 0.4 * 0.375, 1e-9);
}

TEST(ProcessorSmt, serving_io_is_all_system_time_beside_the_applications) {
    ProcessorSite site({{.procs = 2, .hundredths = 200, .config = {.sys_percent = 0}}});
    site.start();
    site.processors().set_application_demand(thousandths(300));
    site.run_for(seconds(1));
    site.processors().set_io_demand(thousandths(500));
    site.run_for(seconds(1));
    EXPECT_NEAR(site.counters().user.core_seconds(), 0.6, 1e-5);
    EXPECT_NEAR(site.counters().sys.core_seconds(), 0.5, 1e-5);
    EXPECT_NEAR(site.counters().consumed.core_seconds(), 1.1, 1e-9);
}

TEST(ProcessorSmt, a_power5_has_two_threads_at_most) {
    ProcessorSite site({{}}, hypervisor::DispatchMode::kFluid, 2, "9131-52A");
    EXPECT_EQ(site.processors().smt(), 2u);
}

}  // namespace
}  // namespace pvmsim::aix::test
