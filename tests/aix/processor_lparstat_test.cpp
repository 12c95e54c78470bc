// lparstat rows: formulas of behaviour 1.8, columns of formats B.1, rounding of V20.
// Expected lines are recorded ones where the numbers are.
#include "aix/processor/lparstat.hpp"

#include <gtest/gtest.h>

#include "tests/aix/fake_initiator.hpp"
#include "tests/aix/processor_fixture.hpp"

namespace pvmsim::aix::test {
namespace {

using hypervisor::CoreRate;
using hypervisor::SharingMode;
using std::chrono::seconds;

struct LparstatTest : ::testing::Test {
    static LparstatRow row_of(ProcessorSite& site, CoreRate demand, std::size_t index = 0) {
        site.processors(index).set_application_demand(demand);
        const auto before = site.counters(index);
        site.run_for(seconds(1));
        return lparstat_row(before, site.counters(index));
    }
};

TEST_F(LparstatTest, v20_shows_two_digits_of_physc_and_entc_of_the_unrounded_one) {
    ProcessorSite site({{.procs = 1, .hundredths = 50}});
    site.start();
    const auto small = lparstat_line(LparstatForm::kShared, row_of(site, thousandths(9)));
    EXPECT_EQ(small, "  1.6   0.2    0.0   98.2  0.01   1.8    0.9     0     0");
    const auto more = lparstat_line(LparstatForm::kShared, row_of(site, thousandths(22)));
    EXPECT_EQ(more, "  4.0   0.4    0.0   95.6  0.02   4.4    2.2     0     0");
}

TEST_F(LparstatTest, a_recorded_line_comes_out_as_it_was_recorded) {
    const LparstatRow row{
        .user = 11.3, .sys = 15.0, .idle = 73.7, .physc = 0.22, .entc = 44.5, .lbusy = 6.1, .app = 45.26, .vcsw = 919};
    EXPECT_EQ(lparstat_header(LparstatForm::kSharedWithPool) + "\n" + lparstat_line(LparstatForm::kSharedWithPool, row),
              "%user  %sys  %wait  %idle physc %entc  lbusy   app  vcsw phint\n"
              "----- ----- ------ ------ ----- ----- ------   --- ----- -----\n"
              " 11.3  15.0    0.0   73.7  0.22  44.5    6.1 45.26   919     0");
    const LparstatRow since_boot{.user = 5.3,
                                 .sys = 10.5,
                                 .idle = 84.2,
                                 .physc = 0.17,
                                 .entc = 24.3,
                                 .lbusy = 6.0,
                                 .vcsw = 6133902387,
                                 .phint = 210796057};
    EXPECT_EQ(lparstat_line(LparstatForm::kShared, since_boot),
              "  5.3  10.5    0.0   84.2  0.17  24.3    6.0 6133902387 210796057");
}

TEST_F(LparstatTest, percentages_are_of_the_entitlement_up_to_it_and_of_consumption_beyond) {
    ProcessorSite site({{.procs = 2, .hundredths = 50}});
    site.start();
    const auto inside = row_of(site, thousandths(250));
    EXPECT_NEAR(inside.user, 45, 1e-6);
    EXPECT_NEAR(inside.idle, 50, 1e-6);
    EXPECT_NEAR(inside.entc, 50, 1e-6);
    const auto beyond = row_of(site, thousandths(750));
    EXPECT_NEAR(beyond.user, 90, 1e-6);
    EXPECT_NEAR(beyond.sys, 10, 1e-6);
    EXPECT_NEAR(beyond.idle, 0, 1e-6);
    EXPECT_NEAR(beyond.entc, 150, 1e-6);
}

TEST_F(LparstatTest, app_is_shown_only_with_the_authority) {
    ProcessorSite site(
        {{.procs = 2, .hundredths = 100}, {.procs = 2, .hundredths = 100, .allow_perf_collection = true}},
        hypervisor::DispatchMode::kFluid, 4);
    site.start(0);
    site.start(1);
    site.processors(1).set_application_demand(thousandths(500));
    const auto row = row_of(site, thousandths(1000));
    EXPECT_EQ(row.app, std::nullopt);
    const auto before = site.counters(1);
    site.run_for(seconds(1));
    const auto with_pool = lparstat_row(before, site.counters(1));
    ASSERT_TRUE(with_pool.app);
    EXPECT_NEAR(*with_pool.app, 2.5, 1e-9);
    EXPECT_EQ(lparstat_form(site.system->partition(hypervisor::PartitionId{1})), LparstatForm::kShared);
    EXPECT_EQ(lparstat_form(site.system->partition(hypervisor::PartitionId{2})), LparstatForm::kSharedWithPool);
}

TEST_F(LparstatTest, dedicated_processors_show_four_percentages) {
    ProcessorSite site({{.procs = 2, .mode = SharingMode::kKeepIdleProcs}});
    site.start();
    const auto form = lparstat_form(site.system->partition(hypervisor::PartitionId{1}));
    EXPECT_EQ(lparstat_line(form, row_of(site, thousandths(500))), " 22.5   2.5    0.0   75.0");
    EXPECT_EQ(lparstat_configuration(*site.systems[0]).substr(0, 68),
              "System configuration: type=Dedicated mode=Capped smt=4 lcpu=8 mem=10");
}

TEST_F(LparstatTest, configuration_line_names_pool_and_entitlement) {
    ProcessorSite site({{.procs = 1, .hundredths = 50}, {.procs = 3, .mode = SharingMode::kKeepIdleProcs}});
    site.start(0);
    site.start(1);
    const auto line = lparstat_configuration(*site.systems[0]);
    EXPECT_TRUE(line.starts_with("System configuration: type=Shared mode=Uncapped smt=4 lcpu=4 mem="));
    EXPECT_TRUE(line.ends_with("MB psize=13 ent=0.50 ")) << line;
}

TEST_F(LparstatTest, idle_time_with_a_disk_request_outstanding_is_wait) {
    ProcessorSite site({{.procs = 1, .hundredths = 100}});
    site.start();
    auto& processors = site.processors();
    processors.set_application_demand(thousandths(200));
    const auto before = site.counters();
    processors.disk_request_begins();
    site.run_for(std::chrono::milliseconds(100));
    processors.disk_request_begins();
    site.run_for(std::chrono::milliseconds(100));
    processors.disk_request_ends();
    processors.disk_request_ends();
    site.run_for(std::chrono::milliseconds(800));
    const auto row = lparstat_row(before, site.counters());
    EXPECT_NEAR(row.wait, 80 * 0.2, 1e-6);
    EXPECT_NEAR(row.idle, 80 * 0.8, 1e-6);
}

TEST_F(LparstatTest, exact_mode_counts_switches) {
    ProcessorSite site({{.procs = 1, .hundredths = 50}, {.procs = 1, .hundredths = 50}},
                       hypervisor::DispatchMode::kExact, 1);
    site.start(0);
    site.start(1);
    site.processors(1).set_application_demand(CoreRate::cores(1));
    const auto row = row_of(site, CoreRate::cores(1));
    EXPECT_NEAR(row.physc, 0.5, 0.01);
    EXPECT_GE(row.vcsw, 50u);
    EXPECT_LE(row.vcsw, 110u);
}

}  // namespace
}  // namespace pvmsim::aix::test
