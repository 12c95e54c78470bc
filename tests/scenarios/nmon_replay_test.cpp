// Replay of a recorded day: in a pool where nobody else wants anything, consumption is what was recorded.
// Tolerances of the promise (docs/SPECIFICATION.md, S10): the mean within 1 %, every sample within 2 %.
#include <gtest/gtest.h>

#include "scenarios/loader/load.hpp"
#include "scenarios/play/rehearsal.hpp"
#include "scenarios/recordings/nmon.hpp"
#include "tests/scenarios/recordings_support.hpp"

namespace pvmsim::scenarios {
namespace {

/// The partition of the recording: 1.30 units, 7 virtual processors, uncapped, weight 128, on a Power 740 with 16
/// cores.
std::string scenario_text(const std::filesystem::path& nmon) {
    return R"(
pvmsim: 1
name: replay of a recorded day
duration: 16h
systems:
  p740: { type_model: 8205-E6C, cores: 16, memory: 128GB }
partitions:
  aixlpar:
    system: p740
    lpar_id: 6
    lpar_env: aixlinux
    profile:
      { min_mem: 256MB, desired_mem: 42GB, max_mem: 42GB, min_proc_units: 0.1, desired_proc_units: 1.30, max_proc_units: 16.0,
        min_procs: 1, desired_procs: 7, max_procs: 16, sharing_mode: uncap, uncap_weight: 128 }
    workload: { nmon: ")" +
           nmon.string() + R"(" }
)";
}

Scenario loaded(const std::filesystem::path& nmon) {
    auto scenario = load_scenario_text(scenario_text(nmon), "replay.yaml", ".");
    if (!scenario) {
        for (const auto& error : scenario.error()) ADD_FAILURE() << format_error(error);
        return {};
    }
    return std::move(*scenario);
}

TEST(NmonReplayTest, recorded_power_740_partition_consumes_what_was_recorded) {
    const auto file = find_recording("power740-aix71.nmon");
    if (!file) GTEST_SKIP() << "PVMSIM_RECORDINGS does not name a directory with power740-aix71.nmon";
    const auto recording = read_nmon(*file);
    ASSERT_TRUE(recording) << recording.error().to_string();
    ASSERT_EQ(recording->snapshots.size(), 187u);

    const auto scenario = loaded(*file);
    auto rehearsal = Rehearsal::create(scenario);
    ASSERT_TRUE(rehearsal) << rehearsal.error();
    const auto& partition = (*rehearsal)->site().partitions().front();
    hypervisor::CoreTime before;
    sim::SimTime since = sim::kStartOfRun;
    for (const auto& snapshot : recording->snapshots) {
        (*rehearsal)->run_until(snapshot.end);
        const auto consumed = partition.system->dispatcher().consumed(snapshot.end, partition.id()).total;
        const hypervisor::CoreTime span{consumed.nanocore_ns - before.nanocore_ns};
        const double physc = span.core_seconds() / sim::to_seconds(snapshot.end - since);
        const double recorded = static_cast<double>(snapshot.physical_cpu.nanocores) / 1e9;
        EXPECT_NEAR(physc, recorded, 0.02 * recorded) << snapshot.name;
        before = consumed;
        since = snapshot.end;
    }
    const double mean = before.core_seconds() / sim::to_seconds(since);
    const double recorded_mean = static_cast<double>(recording->mean_physical_cpu().nanocores) / 1e9;
    EXPECT_GT(recorded_mean, 0.5);
    EXPECT_NEAR(mean, recorded_mean, 0.01 * recorded_mean);
}

TEST(NmonReplayTest, a_capped_partition_gets_no_more_than_its_entitlement) {
    const auto file = find_recording("power740-aix71.nmon");
    if (!file) GTEST_SKIP() << "PVMSIM_RECORDINGS does not name a directory with power740-aix71.nmon";
    auto scenario = loaded(*file);
    scenario.partitions.front().config.profile.sharing_mode = hypervisor::SharingMode::kCapped;
    auto rehearsal = Rehearsal::create(scenario);
    ASSERT_TRUE(rehearsal) << rehearsal.error();
    (*rehearsal)->run_until(sim::kStartOfRun + scenario.duration);
    const auto result = (*rehearsal)->result();
    EXPECT_DOUBLE_EQ(result.partitions.front().processor.physc_max, 1.30) << "the recording goes above";
}

TEST(NmonReplayTest, an_unreadable_recording_is_refused_at_its_place_in_the_file) {
    const auto scenario = load_scenario_text(scenario_text("no-such-file.nmon"), "replay.yaml", ".");
    ASSERT_FALSE(scenario);
    ASSERT_EQ(scenario.error().size(), 1u);
    EXPECT_EQ(format_error(scenario.error()[0]),
              "replay.yaml:15:23: error: cannot read the recording no-such-file.nmon");
}

TEST(NmonReplayTest, a_file_that_is_no_recording_is_refused_before_anything_runs) {
    const TemporaryDirectory directory;
    directory.write("notes.nmon", "shopping list\n");
    const auto scenario = loaded(directory.path() / "notes.nmon");
    const auto rehearsal = Rehearsal::create(scenario);
    ASSERT_FALSE(rehearsal);
    EXPECT_NE(rehearsal.error().find("notes.nmon"), std::string::npos) << rehearsal.error();
}

}  // namespace
}  // namespace pvmsim::scenarios
