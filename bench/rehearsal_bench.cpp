// The promises about whole runs: the default rehearsal under 3 s of wall time, start-up under 20 ms.
//
// Sketch first: 1.2 million I/Os with about nine events each are 11 million events; at 100 to 150 ns an event with what
// it does, 1.1 to 1.7 s. The answer is checked: all I/Os of 20 clients answered, none in error, expectations met.
// PVMSIM_BINARY and PVMSIM_LIBRARY say where the program and the shipped scenarios are.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "scenarios/loader/load.hpp"
#include "scenarios/play/rehearsal.hpp"

namespace {

using Clock = std::chrono::steady_clock;
using namespace pvmsim;

std::string from_environment(const char* name) {
    const char* value = std::getenv(name);
    if (value == nullptr) std::fprintf(stderr, "%s is not set\n", name);
    return value == nullptr ? "" : value;
}

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

void report(const char* name, double value, const char* unit, double target, bool answer_right) {
    const bool holds = value <= target && answer_right;
    std::printf(
        "{\"name\": \"%s\", \"value\": %.6g, \"unit\": \"%s\", \"target\": %.6g, \"holds\": %s, \"baseline\": "
        "\"none\"}\n",
        name, value, unit, target, holds ? "true" : "false");
}

/// Loads, builds and plays the default rehearsal once; false when the answer is wrong.
bool play(const scenarios::Scenario& scenario, double& wall_seconds) {
    const auto start = Clock::now();
    auto rehearsal = scenarios::Rehearsal::create(scenario);
    if (!rehearsal) return false;
    (*rehearsal)->run_until(sim::kStartOfRun + scenario.duration);
    const auto result = (*rehearsal)->result();
    wall_seconds = seconds_since(start);
    std::uint64_t answered = 0;
    std::uint64_t errors = 0;
    for (const auto& partition : result.partitions)
        for (const auto& disk : partition.disks) {
            answered += disk.load.answered;
            errors += disk.load.errors;
        }
    // 20 clients, 100 a second, 590 s; a failover may postpone a few.
    return result.all_hold() && errors == 0 && answered > 1'170'000;
}

void default_rehearsal() {
    const auto loaded = scenarios::load_scenario(from_environment("PVMSIM_LIBRARY") + "/dual-vios.yaml", {});
    bool right = loaded.has_value();
    std::vector<double> runs;
    for (int run = 0; right && run < 3; ++run) {
        double wall_seconds = 0;
        right = play(*loaded, wall_seconds);
        runs.push_back(wall_seconds);
    }
    report("default rehearsal, 10 simulated minutes", runs.empty() ? 0.0 : median(runs), "s", 3.0, right);
}

void start_up() {
    const auto command = from_environment("PVMSIM_BINARY") + " --version > /dev/null";
    bool right = true;
    std::vector<double> runs;
    for (int run = 0; run < 21; ++run) {
        const auto start = Clock::now();
        right = std::system(command.c_str()) == 0 && right;
        runs.push_back(1e3 * seconds_since(start));
    }
    report("start-up: pvmsim --version", median(runs), "ms", 20.0, right);
}

}  // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    default_rehearsal();
    start_up();
    return 0;
}
