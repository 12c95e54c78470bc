// What a scenario says about processors, and what a run shows of it: keys, measures over time, dynamic changes.
// Rules of the hypervisor and of AIX are tested in their own folders.
#include <gtest/gtest.h>

#include "scenarios/loader/load.hpp"
#include "scenarios/play/rehearsal.hpp"
#include "scenarios/results/watch_table.hpp"

namespace pvmsim::scenarios {
namespace {

constexpr std::string_view kSite = R"(
pvmsim: 1
name: processors
duration: 300s
systems:
  p740:
    type_model: 8205-E6C
    cores: 4
    memory: 64GB
    dispatch: exact
    shared_proc_pools: { web: { shared_proc_pool_id: 5, max_pool_proc_units: 2, reserved_pool_proc_units: 0.25 } }
partitions:
  app1:
    system: p740
    lpar_id: 1
    boot_time: 30s
    allow_perf_collection: true
    profile: { desired_proc_units: 1.0, max_proc_units: 2.0, desired_procs: 2, max_procs: 4, shared_proc_pool_name: web }
    processors: { smt: 2, vpm_xvcpus: -1 }
    workload: { processor: { demand: 2 }, bursts: { threads: 3, think: 50ms, work: 2ms } }
  app2:
    system: p740
    lpar_id: 2
    profile: { desired_proc_units: 0.5, shared_proc_pool_id: 5 }
    workload: { processor: { threads: 3 } }
timeline:
  - { at: 20s, on: hmc, chhwres: proc, partition: app1, attr: { proc_units: 1.25, procs: 3, sharing_mode: cap } }
  - { at: 30s, on: hmc, chhwres: proc, partition: app1, attr: { proc_units: 9 } }
  - { at: 40s, on: hmc, chhwres: procpool, system: p740, pool: web, attr: { reserved_pool_proc_units: 0 } }
  - { at: 50s, on: app2, schedo: { vpm_xvcpus: 1 } }
  - { at: 60s, on: app2, smtctl: 1 }
  - { at: 100s, fault: power-off, target: app1, for: 50s }
watch: { every: 10s, partitions: ["app[1-2]"], pools: true }
explain: |
  Two lines
  of text.
)";

Scenario site(std::vector<std::string> overrides = {}) {
    auto loaded = load_scenario_text(kSite, "site.yaml", ".", overrides);
    for (const auto& error : loaded ? std::vector<LoadError>{} : loaded.error()) ADD_FAILURE() << format_error(error);
    return loaded.value();
}

RunResult run(const Scenario& scenario, sim::Duration series) {
    auto rehearsal = Rehearsal::create(scenario, series);
    (*rehearsal)->run_until(sim::kStartOfRun + scenario.duration);
    return (*rehearsal)->result();
}

TEST(Processors, keys_of_a_scenario_mean_what_they_say) {
    const auto scenario = site();
    ASSERT_EQ(scenario.systems[0].config.shared_proc_pools.size(), 1u);
    const auto& pool = scenario.systems[0].config.shared_proc_pools[0];
    EXPECT_EQ(pool.id.value(), 5);
    EXPECT_EQ(pool.name, "web");
    EXPECT_EQ(pool.max_pool_proc_units, 2u);
    EXPECT_EQ(pool.reserved_pool_proc_units.hundredths, 25);
    const auto& app1 = scenario.partitions[0];
    EXPECT_EQ(app1.config.profile.shared_proc_pool_id, pool.id);
    EXPECT_TRUE(app1.config.allow_perf_collection);
    EXPECT_EQ(app1.processors.smt, 2u);
    EXPECT_EQ(app1.processors.vpm_xvcpus, -1);
    ASSERT_TRUE(app1.workload.bursts);
    EXPECT_EQ(app1.workload.bursts->threads, 3u);
    EXPECT_EQ(app1.workload.bursts->work, std::chrono::milliseconds(2));
    EXPECT_EQ(scenario.partitions[1].workload.processor.threads, 3u);
    EXPECT_EQ(scenario.timeline[0].processors->change.proc_units->hundredths, 125);
    EXPECT_EQ(scenario.timeline[0].processors->change.sharing_mode, hypervisor::SharingMode::kCapped);
    EXPECT_FALSE(scenario.timeline[0].processors->change.uncap_weight);
    EXPECT_EQ(scenario.timeline[2].pool->reserved_pool_proc_units->hundredths, 0);
    EXPECT_FALSE(scenario.timeline[2].pool->max_pool_proc_units);
    EXPECT_EQ(scenario.timeline[3].tuning->vpm_xvcpus, 1);
    EXPECT_EQ(scenario.timeline[4].tuning->smt, 1u);
    EXPECT_EQ(scenario.watch.partitions, (std::vector<std::string>{"app1", "app2"}));
    EXPECT_EQ(scenario.explain, "Two lines\nof text.\n");
}

TEST(Processors, measuring_does_not_change_the_run) {
    const auto watched = run(site(), std::chrono::milliseconds(7'300));
    const auto unwatched = run(site({"watch={every: 366d}"}), sim::Duration{0});
    EXPECT_EQ(watched.fingerprint, unwatched.fingerprint);
    EXPECT_EQ(watched.partitions[0].processor.consumed.total.nanocore_ns,
              unwatched.partitions[0].processor.consumed.total.nanocore_ns);
    EXPECT_FALSE(watched.partitions[0].processor.series.empty());
    EXPECT_TRUE(unwatched.partitions[0].processor.series.empty());
}

TEST(Processors, changes_are_made_and_a_refused_one_changes_nothing) {
    const auto result = run(site(), sim::Duration{0});
    ASSERT_GE(result.timeline.size(), 6u);
    EXPECT_EQ(result.timeline[0].what, "hmc: processors of app1: proc_units=1.25,procs=3,sharing_mode=cap");
    EXPECT_EQ(result.timeline[0].refused, "");
    EXPECT_NE(result.timeline[1].refused.find("proc_units 9.00 is outside"), std::string::npos);
    const auto& samples = result.watch.partitions[0].samples;
    EXPECT_EQ(samples[1].row.online, 3u);  // at 20 s, just changed
    EXPECT_EQ(samples[3].row.online, 3u);
    EXPECT_NEAR(samples[3].physc, 1.25, 0.001);
    EXPECT_EQ(result.systems[0].pools[1].reserved, 0.0);
    EXPECT_EQ(result.systems[0].pools[1].name, "web");
}

TEST(Processors, rows_tell_when_a_partition_does_not_run_and_begin_anew_afterwards) {
    const auto result = run(site(), sim::Duration{0});
    const auto& samples = result.watch.partitions[0].samples;
    ASSERT_EQ(samples.size(), 30u);
    EXPECT_TRUE(samples[8].running);
    EXPECT_FALSE(samples[11].running);  // powered off at 100 s
    EXPECT_EQ(samples[11].physc, 0.0);
    EXPECT_TRUE(samples[25].running);  // activated at 150 s
    EXPECT_GT(samples[25].physc, 0.5);
    for (const auto& sample : samples) EXPECT_GE(sample.physc, 0.0);
    const auto text = watch_tables(result);
    EXPECT_NE(text.find("    120s  not running\n"), std::string::npos) << text;
    EXPECT_NE(text.find("Shared processor pools of p740"), std::string::npos);
}

TEST(Processors, auto_takes_windows_for_short_runs_and_steady_shares_for_long_ones) {
    const auto mode = [](const std::string& duration, const std::string& more = "seed=1") {
        return site({"systems.p740.dispatch=auto", "duration=" + duration, more}).systems[0].config.dispatch;
    };
    EXPECT_EQ(mode("300s"), hypervisor::DispatchMode::kExact);
    EXPECT_EQ(mode("360d"), hypervisor::DispatchMode::kFluid);
    EXPECT_EQ(mode("6h"), hypervisor::DispatchMode::kFluid) << "bursts make each window dear";
    EXPECT_EQ(mode("6h", "partitions.app1.workload={processor: 1}"), hypervisor::DispatchMode::kExact);
}

}  // namespace
}  // namespace pvmsim::scenarios
