// What a scenario says about memory, and what a run shows of it: keys, defaults, changes over time and their outcomes,
// rows, results, expectations. Rules of the hypervisor and of AIX are tested in their own folders.
#include <gtest/gtest.h>

#include <algorithm>

#include "scenarios/loader/load.hpp"
#include "scenarios/play/rehearsal.hpp"
#include "scenarios/results/memory_table.hpp"
#include "scenarios/results/results_json.hpp"
#include "scenarios/results/watch_memory.hpp"

namespace pvmsim::scenarios {
namespace {

constexpr std::string_view kSite = R"(
pvmsim: 1
name: memory
duration: 120s
fabric:
  san:
    fabric_a: { switches: [fc1], zones: { paging: [vios1, vios2, ds1] } }
  storage:
    ds1:
      ports: { A-P0: fc1 }
      luns: { page1: { size: 4GB, hosts: [vios1, vios2] }, page2: { size: 6GB, hosts: [vios2] } }
systems:
  p740:
    type_model: 8205-E6C
    cores: 8
    memory: 32GB
    active_mem_expansion_capable: true
    mempool:
      pool_mem: 4GB
      max_pool_mem: 6GB
      paging_vios_names: [vios1, vios2]
      paging_devices: [ds1.page1, ds1.page2]
      mem_dedup: true
      dedup_table_ratio: "1:512"
      sampling_interval: 2s
      low_water_per_mille: 6
      high_water_per_mille: 12
      paging_latency: 30us
    slots: { "C[1-2]": { adapter: fc, ports: { T1: { switch: fc1 } } } }
partitions:
  "vios[1-2]": { system: p740, lpar_id: "{n}", lpar_env: vioserver, profile: { io_slots: ["C{n}/none/1"] } }
  app1:
    system: p740
    lpar_id: 3
    boot_time: 10s
    profile:
      { mem_mode: shared, min_mem: 1GB, desired_mem: 3GB, max_mem: 4GB, mem_weight: 200, desired_io_entitled_mem: 64MB,
        primary_paging_vios_name: vios2, secondary_paging_vios_name: vios1 }
    memory: { os_level: 7100-02-03, kernel: 128MB, file_cache: 256MB, file_set: web, ams_loan_policy: 2 }
    workload:
      memory: { working_set: 512MB, heap: 2GB, steps: [{ at: 30s, working_set: 1GB }], drift: 1MB, hot: 30%, locality: 80%,
                writes: 10%, threads: 2, tick: 500ms, slices: 5, starts_warm: false, start: 1s }
  app2:
    system: p740
    lpar_id: 4
    profile: { min_mem: 1GB, desired_mem: 2GB, max_mem: 4GB, mem_expansion: 1.5 }
    memory: { compression_ratio: 2.5, compression_cores_per_gb: 0.1, compression_accelerated: true, file_cache: 256MB }
    workload: { memory: { working_set: 2GB } }
  app3: { system: p740, lpar_id: 5, profile: { min_mem: 1GB, desired_mem: 2GB, max_mem: 4GB } }
timeline:
  - { at: 10s, on: hmc, chhwres: mem, partition: app3, op: add, quantity: 1GB }
  - { at: 10s, on: hmc, chhwres: mem, partition: app1, attr: { mem_weight: 64, desired_io_entitled_mem: 128MB } }
  - { at: 20s, on: hmc, chhwres: mem, partition: app3, op: move, to: app2, quantity: 512MB }
  - { at: 40s, on: hmc, chhwres: mem, partition: app2, op: remove, quantity: 1536MB }
  - { at: 50s, on: hmc, chhwres: mem, partition: app3, op: add, quantity: 8GB }
  - { at: 60s, on: hmc, chhwres: mempool, system: p740, attr: { pool_mem: 6GB, mem_dedup: 0 } }
  - { at: 61s, on: hmc, chhwres: mempool, system: p740, attr: { pool_mem: 8GB } }
  - { at: 70s, on: app1, vmo: { ams_loan_policy: 0 } }
  - { at: 71s, on: app1, workload: { memory: { working_set: 256MB } } }
  - { at: 80s, fault: power-off, target: app1, for: 1s }
  - { at: 81s, on: app1, vmo: { ams_loan_policy: 1 } }
  - { at: 119.9s, on: hmc, chhwres: mem, partition: app3, op: set, quantity: 1GB }
watch: { every: 10s, partitions: ["app[1-3]"], memory: true, amepat: [app2] }
expect:
  - { client: app1, page_ins: 0, memory_stall: "< 1s", assigned_mem: "3GB..3GB", pmem: "< 3GB" }
  - { client: app3, pmem: "< 1GB", memory_deficit: 0 }
  - { system: p740, overcommitment: none, hypervisor_mem: "1GB..3GB", pool_used: "> 0MB" }
)";

Scenario site(std::vector<std::string> overrides = {}) {
    auto loaded = load_scenario_text(kSite, "site.yaml", ".", overrides);
    for (const auto& error : loaded ? std::vector<LoadError>{} : loaded.error()) ADD_FAILURE() << format_error(error);
    return loaded.value();
}

RunResult run(const Scenario& scenario) {
    auto rehearsal = Rehearsal::create(scenario);
    EXPECT_TRUE(rehearsal.has_value()) << rehearsal.error();
    (*rehearsal)->run_until(sim::kStartOfRun + scenario.duration);
    return (*rehearsal)->result();
}

/// One run serves the tests of what it shows.
const RunResult& played() {
    static const RunResult kResult = run(site());
    return kResult;
}

const PartitionResult& partition(const RunResult& result, std::string_view name) {
    return *std::ranges::find(result.partitions, name, &PartitionResult::name);
}

const PlayedStep& step(const RunResult& result, std::string_view text) {
    return *std::ranges::find_if(result.timeline,
                                 [&](const PlayedStep& one) { return one.what.find(text) != std::string::npos; });
}

TEST(scenario_memory, pool_and_profile_mean_what_they_say) {
    const auto scenario = site();
    const auto& system = scenario.systems.at(0);
    EXPECT_TRUE(system.config.active_mem_expansion_capable);
    const auto& pool = system.config.memory_pool.value();
    EXPECT_EQ(pool.pool_mem_mib, 4096u);
    EXPECT_EQ(pool.max_pool_mem_mib, 6144u);
    EXPECT_EQ(pool.primary_paging_vios, hypervisor::PartitionId{1});
    EXPECT_EQ(pool.secondary_paging_vios, hypervisor::PartitionId{2});
    EXPECT_TRUE(pool.mem_dedup);
    EXPECT_EQ(pool.dedup_table_ratio, 512u);
    EXPECT_EQ(pool.sampling_interval, std::chrono::seconds(2));
    EXPECT_EQ(pool.low_water_per_mille, 6u);
    EXPECT_EQ(pool.high_water_per_mille, 12u);
    EXPECT_EQ(pool.paging_latency, std::chrono::microseconds(30));
    EXPECT_EQ(system.paging_devices, (std::vector<std::string>{"ds1.page1", "ds1.page2"}));
    const auto& profile = scenario.partitions.at(2).config.profile;
    EXPECT_EQ(profile.mem_mode, hypervisor::MemoryMode::kShared);
    EXPECT_EQ(profile.shared_memory.mem_weight, 200);
    EXPECT_EQ(profile.shared_memory.desired_io_entitled_mem_mib, 64u);
    EXPECT_EQ(profile.shared_memory.primary_paging_vios, hypervisor::PartitionId{2});
    EXPECT_EQ(profile.shared_memory.secondary_paging_vios, hypervisor::PartitionId{1});
    EXPECT_EQ(scenario.partitions.at(3).config.profile.mem_expansion_hundredths, 150u);
}

TEST(scenario_memory, system_and_programs_use_memory_as_they_are_told) {
    const auto scenario = site();
    const auto& memory = scenario.partitions.at(2).memory;
    EXPECT_EQ(memory.os_level, "7100-02-03");
    EXPECT_EQ(memory.kernel_bytes, 128 * hypervisor::kMebibyte);
    EXPECT_EQ(memory.file_cache_bytes, 256 * hypervisor::kMebibyte);
    EXPECT_EQ(memory.file_set, "web");
    EXPECT_EQ(memory.ams_loan_policy, aix::AmsLoanPolicy::kWorkingStorage);
    const auto& load = scenario.partitions.at(2).workload.memory.value();
    EXPECT_EQ(load.working_set_bytes, 512 * hypervisor::kMebibyte);
    EXPECT_EQ(load.heap_bytes, 2 * hypervisor::kGibibyte);
    ASSERT_EQ(load.steps.size(), 1u);
    EXPECT_EQ(load.steps[0].working_set_bytes, hypervisor::kGibibyte);
    EXPECT_EQ(load.drift_bytes_per_s, hypervisor::kMebibyte);
    EXPECT_EQ(load.hot_percent, 30u);
    EXPECT_EQ(load.locality_percent, 80u);
    EXPECT_EQ(load.writes_percent, 10u);
    EXPECT_EQ(load.threads, 2u);
    EXPECT_EQ(load.tick, std::chrono::milliseconds(500));
    EXPECT_EQ(load.slices, 5u);
    EXPECT_FALSE(load.starts_warm);
    const auto& expansion = scenario.partitions.at(3).memory.expansion;
    EXPECT_EQ(expansion.ratio_hundredths, 250u);
    EXPECT_EQ(expansion.cost_per_gib.nanocores, 100'000'000);
    EXPECT_TRUE(expansion.accelerated);
}

TEST(scenario_memory, keys_left_out_have_the_defaults_of_their_own_headers) {
    auto scenario = site({"partitions.app3.memory.file_set=none", "partitions.app3.workload.memory.working_set=1GB"});
    const auto& memory = scenario.partitions.at(4).memory;
    const aix::MemoryConfig standard;
    EXPECT_EQ(memory.os_level, standard.os_level);
    EXPECT_EQ(memory.kernel_bytes, standard.kernel_bytes);
    EXPECT_EQ(memory.os_text_bytes, standard.os_text_bytes);
    EXPECT_EQ(memory.file_cache_bytes, standard.file_cache_bytes);
    EXPECT_EQ(memory.heap_distinct, standard.heap_distinct);
    EXPECT_EQ(memory.ams_loan_policy, standard.ams_loan_policy);
    EXPECT_EQ(memory.os_paging_space_bytes, standard.os_paging_space_bytes);
    EXPECT_EQ(memory.os_paging_latency, standard.os_paging_latency);
    EXPECT_EQ(memory.os_update_time, standard.os_update_time);
    EXPECT_EQ(memory.expansion.ratio_hundredths, standard.expansion.ratio_hundredths);
    EXPECT_EQ(memory.expansion.cost_per_gib.nanocores, standard.expansion.cost_per_gib.nanocores);
    EXPECT_EQ(memory.expansion.accelerated, standard.expansion.accelerated);
    const auto& load = scenario.partitions.at(4).workload.memory.value();
    const aix::MemoryLoadConfig load_standard;
    EXPECT_EQ(load.heap_bytes, load_standard.heap_bytes);
    EXPECT_EQ(load.drift_bytes_per_s, load_standard.drift_bytes_per_s);
    EXPECT_EQ(load.hot_percent, load_standard.hot_percent);
    EXPECT_EQ(load.locality_percent, load_standard.locality_percent);
    EXPECT_EQ(load.writes_percent, load_standard.writes_percent);
    EXPECT_EQ(load.threads, load_standard.threads);
    EXPECT_EQ(load.tick, load_standard.tick);
    EXPECT_EQ(load.slices, load_standard.slices);
    EXPECT_EQ(load.starts_warm, load_standard.starts_warm);
    EXPECT_EQ(load.start, load_standard.start);
    const hypervisor::MemoryPoolConfig pool_standard;
    scenario.systems.clear();
    const auto small =
        site({"systems.p740.mempool={ pool_mem: 4GB, paging_vios_names: [vios1, vios2], "
              "paging_devices: [ds1.page1, ds1.page2] }",
              "timeline=[]"});
    const auto& pool = small.systems.at(0).config.memory_pool.value();
    EXPECT_EQ(pool.max_pool_mem_mib, pool.pool_mem_mib);
    EXPECT_EQ(pool.mem_dedup, pool_standard.mem_dedup);
    EXPECT_EQ(pool.dedup_table_ratio, pool_standard.dedup_table_ratio);
    EXPECT_EQ(pool.sampling_interval, pool_standard.sampling_interval);
    EXPECT_EQ(pool.low_water_per_mille, pool_standard.low_water_per_mille);
    EXPECT_EQ(pool.high_water_per_mille, pool_standard.high_water_per_mille);
    EXPECT_EQ(pool.paging_latency, pool_standard.paging_latency);
}

TEST(scenario_memory, changes_that_take_time_tell_their_outcome) {
    const auto& result = played();
    EXPECT_EQ(step(result, "app3: add 1024").outcome, "added 8 of 8 LMBs (1024 of 1024 MB)");
    EXPECT_EQ(step(result, "app3: move 512 MB to app2").outcome, "moved away 4 of 4 LMBs (512 of 512 MB)");
    const auto& removal = step(result, "app2: remove 1536");
    EXPECT_TRUE(removal.refused.empty()) << removal.refused;
    EXPECT_NE(removal.outcome.find("removed 7 of 12 LMBs (896 of 1536 MB)"), std::string::npos) << removal.outcome;
    EXPECT_NE(step(result, "app3: add 8192").refused, "");
    EXPECT_EQ(step(result, "app3: add 8192").outcome, "");
    EXPECT_NE(step(result, "app3: set 1024").outcome.find("not finished"), std::string::npos);
    EXPECT_EQ(step(result, "memory of app1").what, "hmc: memory of app1: mem_weight=64,desired_io_entitled_mem=128MB");
    EXPECT_EQ(step(result, "memory of app1").refused, "");
}

TEST(scenario_memory, pool_grows_to_its_maximum_and_not_beyond) {
    const auto& result = played();
    EXPECT_EQ(step(result, "pool_mem=6GB").refused, "");
    EXPECT_NE(step(result, "pool_mem=8GB").refused, "");
    const auto& pool = result.systems.at(0).memory.pool.value();
    EXPECT_EQ(pool.size_mib, 6144u);
    EXPECT_FALSE(pool.mem_dedup);
    EXPECT_EQ(pool.overcommitment, Overcommitment::kNone);
}

TEST(scenario_memory, what_is_typed_in_a_partition_needs_a_running_system) {
    EXPECT_EQ(step(played(), "ams_loan_policy=0").refused, "");
    EXPECT_EQ(step(played(), "working set of 256 MB").refused, "");
    EXPECT_EQ(step(played(), "ams_loan_policy=1").refused, "app1 is not running");
}

TEST(scenario_memory, results_tell_who_has_what) {
    const auto& result = played();
    const auto& app1 = partition(result, "app1").memory;
    EXPECT_TRUE(app1.is_shared);
    EXPECT_EQ(app1.assigned_mib, 3072u);
    ASSERT_TRUE(app1.shared.has_value());
    EXPECT_EQ(app1.shared->weight, 200) << "activated anew, with what its profile says";
    EXPECT_EQ(app1.shared->io_entitled_bytes, 64 * hypervisor::kMebibyte);
    EXPECT_GT(app1.shared->pmem_bytes, 256 * hypervisor::kMebibyte);
    const auto& app2 = partition(result, "app2").memory;
    EXPECT_FALSE(app2.shared.has_value());
    ASSERT_TRUE(app2.expansion.has_value());
    EXPECT_EQ(app2.expansion->true_bytes, app2.assigned_mib * hypervisor::kMebibyte);
    EXPECT_EQ(app2.expansion->expanded_bytes * 2, app2.expansion->true_bytes * 3);
    const auto& system = result.systems.at(0).memory;
    EXPECT_EQ(system.installed_mib, 32u * 1024);
    std::uint64_t dedicated = 0;
    for (const auto& one : result.partitions)
        if (!one.memory.is_shared) dedicated += one.memory.assigned_mib;
    EXPECT_EQ(system.installed_mib,
              system.available_mib + system.hypervisor.total_mib() + dedicated + system.pool->size_mib);
}

TEST(scenario_memory, rows_and_tables_have_the_columns_of_their_headers) {
    const auto rows = memory_watch_tables(played());
    EXPECT_NE(rows.find("loan stolen   stall"), std::string::npos);
    EXPECT_NE(rows.find("%xcpu xphysc"), std::string::npos);
    EXPECT_NE(rows.find("not running"), std::string::npos) << "app1 was powered off";
    EXPECT_NE(rows.find("Shared memory pool of p740"), std::string::npos);
    EXPECT_NE(rows.find("Active Memory Expansion Recommendation"), std::string::npos);
    EXPECT_EQ(rows.find("\napp3\n"), std::string::npos) << "its memory is neither shared nor expanded";
    const auto tables = memory_tables(played());
    for (const auto* title : {"Memory of the servers", "Shared memory", "Shared memory pools", "Expanded memory"})
        EXPECT_NE(tables.find(title), std::string::npos) << title;
}

TEST(scenario_memory, expectations_are_judged_and_what_was_not_measured_fails) {
    for (const auto& verdict : played().expectations) {
        const bool unmeasured = verdict.subject == "app3";
        EXPECT_EQ(verdict.holds, !unmeasured) << verdict.subject << " " << verdict.measure << " " << verdict.found;
        EXPECT_EQ(verdict.found == "nothing measured", unmeasured);
    }
    EXPECT_EQ(played().expectations.size(), 9u);
}

TEST(scenario_memory, json_has_partitions_servers_and_pool) {
    const auto json = to_json(played());
    for (const auto* key : {"\"mem_mode\": \"shared\"", "\"page_in_max_s\"", "\"longest_stall_s\"", "\"scatter\"",
                            "\"hypervisor\"", "\"page_tables_mib\"", "\"memory_pool\"", "\"overcommitment\": \"none\"",
                            "\"outcome\": \"added 8 of 8 LMBs (1024 of 1024 MB)\"", "\"expanded_bytes\""})
        EXPECT_NE(json.find(key), std::string::npos) << key;
}

TEST(scenario_memory, watching_does_not_change_the_run) {
    const auto watched = run(site({"duration=30s", "timeline=[]"}));
    const auto unwatched = run(site({"duration=30s", "timeline=[]", "watch.memory=false", "watch.every=1s"}));
    EXPECT_EQ(watched.fingerprint, unwatched.fingerprint);
}

}  // namespace
}  // namespace pvmsim::scenarios
