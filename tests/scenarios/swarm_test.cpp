// Swarm: the default site under random faults at random moments, each repaired; afterwards everything must be well
// again.
//
// Liveness, not a timetable: what must hold is that the site recovers by itself once all faults are repaired (one SEA
// bridges, every path is enabled, nobody waits), that the same run has the same fingerprint, and that no assertion
// fires on the way. A failure prints the timeline and RC_PARAMS to repeat it; rapidcheck shrinks the list of faults.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <sstream>

#include "scenarios/loader/load.hpp"
#include "scenarios/play/rehearsal.hpp"

namespace pvmsim::scenarios {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Trouble {
    FaultKind kind;
    std::string target;
};

const std::vector<Trouble>& troubles() {
    static const std::vector<Trouble> kTroubles = {
        {FaultKind::kCrash, "vios1"},          {FaultKind::kCrash, "vios2"},
        {FaultKind::kHang, "vios1"},           {FaultKind::kHang, "vios2"},
        {FaultKind::kPowerOff, "vios1"},       {FaultKind::kShutdown, "vios2"},
        {FaultKind::kCrash, "app01"},          {FaultKind::kHang, "app02"},
        {FaultKind::kLinkDown, "p740a/C2-T1"}, {FaultKind::kPortDown, "p740a/C4-T1"},
        {FaultKind::kLinkDown, "p740a/C3-T1"}, {FaultKind::kPortDown, "p740a/C5-T2"},
        {FaultKind::kSwitchDown, "sw1"},       {FaultKind::kSwitchDown, "sw2"},
        {FaultKind::kSwitchDown, "fcsw1"},     {FaultKind::kControllerDown, "ds1/B"},
        {FaultKind::kLinkDown, "sw1/sw2"},     {FaultKind::kLinkDown, "ds1/A-P0"},
        {FaultKind::kHostDown, "gateway"},
    };
    return kTroubles;
}

constexpr seconds kLastFault{200};
constexpr seconds kLongestFault{120};
/// The last repairs at 320 s, again at 400 s for a partition that a second fault kept down; boot, health_time, one
/// health check.
constexpr seconds kAllWell{900};

TimelineStep step(sim::SimTime at, const Trouble& trouble, bool repair) {
    return {.at = at, .fault = FaultStep{.kind = trouble.kind, .repair = repair, .target = trouble.target}};
}

std::vector<TimelineStep> random_timeline() {
    std::vector<TimelineStep> timeline;
    const auto count = *rc::gen::inRange(1, 9);
    for (int i = 0; i < count; ++i) {
        const auto trouble = *rc::gen::elementOf(troubles());
        const auto at = sim::kStartOfRun + milliseconds(*rc::gen::inRange<std::int64_t>(1, 1000 * kLastFault.count()));
        const auto lasting = milliseconds(*rc::gen::inRange<std::int64_t>(1, 1000 * kLongestFault.count()));
        timeline.push_back(step(at, trouble, false));
        timeline.push_back(step(at + lasting, trouble, true));
    }
    // Overlapping faults of one partition may leave it hung or off: a last round for everybody.
    for (const char* name : {"vios1", "vios2", "app01", "app02"}) {
        timeline.push_back(step(sim::kStartOfRun + seconds(340), {FaultKind::kHang, name}, true));
        timeline.push_back(step(sim::kStartOfRun + seconds(400), {FaultKind::kPowerOff, name}, true));
    }
    std::ranges::stable_sort(timeline, {}, &TimelineStep::at);
    return timeline;
}

Scenario default_site() {
    auto loaded = load_scenario("scenarios/library/dual-vios.yaml");
    if (!loaded) throw std::runtime_error(format_error(loaded.error().front()));
    loaded->expect.clear();
    for (auto& partition : loaded->partitions)
        if (partition.workload.disk) partition.workload.disk->interval_ns = 100'000'000;
    return std::move(*loaded);
}

RunResult play(const Scenario& scenario) {
    auto rehearsal = Rehearsal::create(scenario);
    if (!rehearsal) throw std::runtime_error(rehearsal.error());
    (*rehearsal)->run_until(sim::kStartOfRun + kAllWell);
    return (*rehearsal)->result();
}

template <class Load>
bool somebody_waits(const Load& load) {
    return std::ranges::any_of(load.outages, &aix::Outage::ongoing);
}

std::string what_is_wrong(const RunResult& result) {
    std::ostringstream wrong;
    int bridging = 0;
    for (const auto& partition : result.partitions) {
        if (partition.state != "Running") wrong << partition.name << " is " << partition.state << "; ";
        for (const auto& sea : partition.seas) bridging += sea.state == "PRIMARY" ? 1 : 0;
        for (const auto& interface : partition.interfaces)
            if (somebody_waits(interface.load)) wrong << partition.name << '/' << interface.name << " waits; ";
        for (const auto& disk : partition.disks) {
            if (somebody_waits(disk.load)) wrong << partition.name << '/' << disk.name << " waits; ";
            for (const auto& path : disk.paths)
                if (path.state != "Enabled")
                    wrong << partition.name << '/' << disk.name << " path " << path.state << "; ";
            if (disk.load.answered + disk.load.errors > disk.load.requests)
                wrong << partition.name << '/' << disk.name << " answered more than was asked; ";
        }
    }
    if (bridging != 1) wrong << bridging << " SEAs are PRIMARY";
    return wrong.str();
}

RC_GTEST_PROP(Swarm, a_site_recovers_by_itself_when_its_faults_are_repaired, ()) {
    static const Scenario kSite = default_site();
    auto scenario = kSite;
    scenario.seed = *rc::gen::inRange<std::uint64_t>(0, 1'000'000);
    scenario.timeline = random_timeline();
    const auto result = play(scenario);
    const auto wrong = what_is_wrong(result);
    if (!wrong.empty())
        for (const auto& played : scenario.timeline)
            RC_LOG() << sim::to_seconds(played.at) << " s " << describe(played) << '\n';
    RC_ASSERT(wrong == std::string());
    if (*rc::gen::weightedElement<bool>({{9, false}, {1, true}}))
        RC_ASSERT(play(scenario).fingerprint == result.fingerprint);
}

}  // namespace
}  // namespace pvmsim::scenarios
