// Judging measures; see expectations.hpp.
// An expectation about something that the partition does not have (no disk load, no such interface) fails and says so:
// a misspelt name must not look like a success.
#include "scenarios/results/expectations.hpp"

#include <algorithm>
#include <functional>
#include <optional>

#include "scenarios/results/text.hpp"

namespace pvmsim::scenarios {
namespace {

/// The worst of a measure over the parts (interfaces, disks) that the expectation names; nullopt when there is none.
template <class Part, class Measure>
std::optional<double> worst(const std::vector<Part>& parts, const std::string& only, Measure measure) {
    std::optional<double> most;
    for (const auto& part : parts)
        if (only.empty() || part.name == only) most = std::max(most.value_or(0.0), measure(part));
    return most;
}

Verdict verdict(const PartitionResult& partition, std::string measure, const Bound& bound, std::optional<double> value,
                bool seconds) {
    Verdict result{partition.name, std::move(measure), bound.text, "nothing measured", false};
    if (!value) return result;
    result.holds = bound.holds(*value);
    result.found = seconds ? seconds_text(*value) : number_text(*value);
    return result;
}

void judge_partition(const Expectation& wanted, const PartitionResult& partition, std::vector<Verdict>& verdicts) {
    const auto longest_s = [](const auto& part) { return sim::to_seconds(aix::longest(part.load.outages)); };
    const auto count = [](auto member) {
        return [member](const auto& part) { return static_cast<double>(part.load.*member); };
    };
    const auto check = [&](const char* name, const std::optional<Bound>& bound, auto value, bool seconds) {
        if (bound) verdicts.push_back(verdict(partition, name, *bound, value, seconds));
    };
    check("network_outage", wanted.network_outage, worst(partition.interfaces, wanted.interface, longest_s), true);
    check("requests_lost", wanted.requests_lost,
          worst(partition.interfaces, wanted.interface, count(&aix::NetworkLoadResult::lost)), false);
    check("disk_outage", wanted.disk_outage, worst(partition.disks, wanted.disk, longest_s), true);
    check("io_errors", wanted.io_errors, worst(partition.disks, wanted.disk, count(&aix::DiskLoadResult::errors)),
          false);
    check("io_retries", wanted.io_retries, worst(partition.disks, wanted.disk, count(&aix::DiskLoadResult::retries)),
          false);
    check("physc_mean", wanted.physc_mean, std::optional(partition.processor.physc_mean), false);
    const auto response_s = [&](auto member) {
        return partition.bursts ? std::optional(sim::to_seconds((*partition.bursts).*member)) : std::nullopt;
    };
    check("dispatch_latency", wanted.dispatch_latency, std::optional(sim::to_seconds(partition.processor.latency_max)),
          true);
    check("response_mean", wanted.response_mean, response_s(&aix::BurstLoadResult::response_mean), true);
    check("response_p99", wanted.response_p99, response_s(&aix::BurstLoadResult::response_p99), true);
    if (wanted.state.empty()) return;
    const auto sea = std::ranges::find(partition.seas, wanted.sea, &SeaResult::name);
    const auto found = sea == partition.seas.end() ? "no such SEA" : sea->state;
    verdicts.push_back({partition.name + "/" + wanted.sea, "state", wanted.state, found, found == wanted.state});
}

}  // namespace

std::vector<Verdict> judge(const std::vector<Expectation>& expectations, const RunResult& result) {
    std::vector<Verdict> verdicts;
    for (const auto& wanted : expectations)
        for (const auto& name : wanted.clients)
            if (const auto partition = std::ranges::find(result.partitions, name, &PartitionResult::name);
                partition != result.partitions.end())
                judge_partition(wanted, *partition, verdicts);
    return verdicts;
}

}  // namespace pvmsim::scenarios
