// The published validation cases V1 to V25 of processors as one table, played as scenarios: what a user writes, through
// hypervisor and AIX, to what the run reports; in both dispatch modes where both apply.
//
// What happens inside a window (V4's second, V15's bound) is in tests/hypervisor/validation_cases_test.cpp, too; here
// V15 is that the bound holds. Rows are of the last second, when folding has settled.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "scenarios/loader/load.hpp"
#include "scenarios/play/rehearsal.hpp"

namespace pvmsim::scenarios {
namespace {

constexpr sim::Duration kSecond{1'000'000'000};

enum class Modes : std::uint8_t { kBoth, kExact };
enum class Measure : std::uint8_t {
    kPhysc,
    kEntc,
    kUsed,  ///< %user + %sys
    kLbusy,
    kUnfolded,
    kLatencyMs,
    kPoolCores
};

struct Lpar {
    std::string units;
    std::uint32_t procs;
    std::string sharing;    ///< of the profile: "cap", or "uncap, uncap_weight: 90"
    std::string processor;  ///< of the workload: cores, a map, or "bursts: {...}"
    std::string processors = "{}";
};

struct Expected {
    std::size_t lpar;
    Measure measure;
    double value;
    double tolerance;
};

struct Case {
    std::string name;
    Modes modes;
    std::string system;
    std::vector<Lpar> lpars;
    std::vector<Expected> expected;
};

const std::string kUnfold = "{ vpm_xvcpus: -1 }";

std::string p740(int cores) { return "type_model: 8205-E6C, cores: " + std::to_string(cores); }

std::vector<Case> cases_of_shares() {
    using enum Measure;
    return {
        {"V1", Modes::kBoth, p740(1), {{"0.6", 1, "cap", "1"}}, {{0, kPhysc, 0.6, 1e-6}}},
        {"V2", Modes::kBoth, p740(3), {{"0.8", 1, "cap", "1"}}, {{0, kPhysc, 0.8, 1e-6}}},
        {"V3", Modes::kBoth, p740(3), {{"1.5", 2, "cap", "2"}}, {{0, kPhysc, 1.5, 1e-6}}},
        {"V4",
         Modes::kBoth,
         p740(1),
         {{"0.8", 1, "cap", "0.7"}, {"0.2", 1, "cap", "1"}},
         {{0, kPhysc, 0.7, 1e-6}, {1, kPhysc, 0.2, 1e-6}}},
        {"V5",
         Modes::kBoth,
         p740(4),
         {{"0.5", 2, "uncap, uncap_weight: 200", "2", kUnfold},
          {"0.5", 2, "uncap, uncap_weight: 100", "2", kUnfold},
          {"3", 3, "cap", "2.25", kUnfold}},
         {{0, kPhysc, 1.0, 1e-6}, {1, kPhysc, 0.75, 1e-6}}},
        {"V6",
         Modes::kBoth,
         p740(4),
         {{"0.5", 4, "uncap, uncap_weight: 90", "4", kUnfold}, {"0.5", 4, "uncap, uncap_weight: 180", "4", kUnfold}},
         {{0, kPhysc, 1.5, 1e-6}, {1, kPhysc, 2.5, 1e-6}}},
        {"V9",
         Modes::kBoth,
         p740(2),
         {{"1", 1, "cap", "1"}, {"0.5", 1, "uncap", "0.25"}, {"0.5", 1, "uncap", "1"}},
         {{0, kPhysc, 1.0, 1e-6}, {1, kPhysc, 0.25, 1e-6}, {2, kPhysc, 0.75, 1e-6}}},
        {"V11, one", Modes::kBoth, p740(8), {{"0.5", 1, "uncap", "8"}}, {{0, kPhysc, 1.0, 1e-6}}},
        {"V11, two", Modes::kBoth, p740(8), {{"0.5", 2, "uncap", "8"}}, {{0, kPhysc, 2.0, 1e-6}}},
        {"V12", Modes::kBoth, p740(4), {{"0.6", 1, "cap", "1"}}, {{0, kPhysc, 0.6, 1e-6}, {0, kEntc, 100, 1e-3}}},
        {"V14", Modes::kBoth, p740(5), {{"0.5", 4, "uncap, uncap_weight: 0", "4", kUnfold}}, {{0, kPhysc, 0.5, 1e-6}}},
        {"V15",
         Modes::kExact,
         p740(1),
         {{"0.1", 1, "cap", "bursts: { threads: 1, think: 100ms, work: 2ms }"}, {"0.9", 1, "uncap", "1"}},
         {{0, kLatencyMs, 18, 0.01}}},
        {"V16",
         Modes::kBoth,
         p740(10),
         {{"1", 10, "uncap, uncap_weight: 255", "10", kUnfold},
          {"1", 10, "uncap, uncap_weight: 200", "10", kUnfold},
          {"1", 10, "uncap, uncap_weight: 100", "10", kUnfold},
          {"1", 10, "uncap, uncap_weight: 50", "10", kUnfold},
          {"1", 10, "uncap, uncap_weight: 25", "10", kUnfold}},
         {{0, kPhysc, 3.0238, 5e-5},
          {1, kPhysc, 2.5873, 5e-5},
          {2, kPhysc, 1.7937, 5e-5},
          {3, kPhysc, 1.3968, 5e-5},
          {4, kPhysc, 1.1984, 5e-5}}},
    };
}

/// What AIX makes of it: lparstat, SMT, folding; and the machine.
std::vector<Case> cases_of_systems() {
    using enum Measure;
    return {
        {"V20",
         Modes::kBoth,
         p740(4),
         {{"0.5", 1, "uncap", "0.009"}, {"0.5", 1, "uncap", "0.022"}},
         {{0, kEntc, 1.8, 1e-3}, {1, kEntc, 4.4, 1e-3}}},
        {"V21, one",
         Modes::kBoth,
         p740(1),
         {{"1", 1, "uncap", "{ threads: 1 }"}},
         {{0, kPhysc, 1, 1e-6}, {0, kUsed, 62.5, 1e-3}}},
        {"V21, two", Modes::kBoth, p740(1), {{"1", 1, "uncap", "{ threads: 2 }"}}, {{0, kUsed, 87.5, 1e-3}}},
        {"V21, four", Modes::kBoth, p740(1), {{"1", 1, "uncap", "{ threads: 4 }"}}, {{0, kUsed, 100, 1e-3}}},
        {"V22",
         Modes::kBoth,
         p740(8),
         {{"8", 8, "uncap", "{ threads: 1 }", kUnfold}},
         {{0, kUsed, 7.8, 0.02}, {0, kLbusy, 3.1, 0.03}}},
        {"V24", Modes::kBoth, p740(8), {{"1", 6, "uncap", "1.5"}}, {{0, kUnfolded, 2, 0}, {0, kPhysc, 1.5, 1e-6}}},
        {"V25",
         Modes::kBoth,
         "type_model: 9179-MHC, cores: 29, cores_installed: 48, turbo_core: true",
         {{"1", 1, "cap", "0"}},
         {{0, kPoolCores, 24, 0}}},
    };
}

std::string scenario_text(const Case& one, std::string_view mode) {
    std::string text = "pvmsim: 1\nname: validation\nduration: 60s\nsystems:\n  sys: { memory: 64GB, " + one.system +
                       ", dispatch: " + std::string(mode) + " }\npartitions:\n";
    for (std::size_t i = 0; i < one.lpars.size(); ++i) {
        const Lpar& lpar = one.lpars[i];
        const std::string procs = std::to_string(lpar.procs);
        text += "  lpar" + std::to_string(i) + ": { system: sys, lpar_id: " + std::to_string(i + 1) +
                ", processors: " + lpar.processors + ", workload: { " +
                (lpar.processor.starts_with("bursts") ? "" : "processor: ") + lpar.processor +
                " }, profile: { max_proc_units: " + procs + ", desired_proc_units: " + lpar.units +
                ", desired_procs: " + procs + ", max_procs: " + procs + ", sharing_mode: " + lpar.sharing + " } }\n";
    }
    return text;
}

double measured(const RunResult& result, const Expected& wanted) {
    const ProcessorResult& processor = result.partitions[wanted.lpar].processor;
    const aix::LparstatRow& row = processor.series.back().row;
    switch (wanted.measure) {
        case Measure::kPhysc:
            return row.physc;
        case Measure::kEntc:
            return row.entc;
        case Measure::kUsed:
            return row.user + row.sys;
        case Measure::kLbusy:
            return row.lbusy;
        case Measure::kUnfolded:
            return row.unfolded;
        case Measure::kLatencyMs:
            return sim::to_seconds(processor.latency_max) * 1000;
        case Measure::kPoolCores:
            return result.systems[0].physical_pool.cores;
    }
    return 0;
}

void check(const Case& one, std::string_view mode) {
    SCOPED_TRACE(one.name + ", " + std::string(mode));
    const auto scenario = load_scenario_text(scenario_text(one, mode), "case.yaml", ".", {});
    for (const auto& error : scenario ? std::vector<LoadError>{} : scenario.error())
        ADD_FAILURE() << format_error(error);
    if (!scenario) return;
    auto rehearsal = Rehearsal::create(*scenario, kSecond);
    ASSERT_TRUE(rehearsal) << rehearsal.error();
    (*rehearsal)->run_until(sim::kStartOfRun + scenario->duration);
    const auto result = (*rehearsal)->result();
    for (const Expected& wanted : one.expected)
        EXPECT_NEAR(measured(result, wanted), wanted.value, wanted.tolerance) << "partition " << wanted.lpar;
}

TEST(ProcessorValidation, published_cases_come_out_in_both_modes) {
    for (const auto& table : {cases_of_shares(), cases_of_systems()}) {
        for (const Case& one : table) {
            check(one, "exact");
            if (one.modes == Modes::kBoth) check(one, "fluid");
        }
    }
}

}  // namespace
}  // namespace pvmsim::scenarios
