// Judging measures; see expectations.hpp.
// An expectation about something that the partition does not have (no disk load, no such interface) fails and says so:
// a misspelt name must not look like a success.
#include "scenarios/results/expectations.hpp"

#include <algorithm>
#include <functional>
#include <optional>

#include "hypervisor/memory/page.hpp"
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

std::string memory_text(double bytes) {
    constexpr double kGib = 1u << 30;
    return bytes >= kGib ? number_text(bytes / kGib) + " GB" : number_text(bytes / (1u << 20)) + " MB";
}

double bytes_of_pages(std::uint64_t pages) { return static_cast<double>(pages * hypervisor::kPageBytes); }

double bytes_of_mib(std::uint64_t mib) { return static_cast<double>(mib * hypervisor::kMebibyte); }

Verdict memory_verdict(const std::string& subject, std::string measure, const Bound& bound,
                       std::optional<double> bytes) {
    Verdict result{subject, std::move(measure), bound.text, "nothing measured", false};
    if (!bytes) return result;
    result.holds = bound.holds(*bytes);
    result.found = memory_text(*bytes);
    return result;
}

void judge_memory(const MemoryExpectation& wanted, const PartitionResult& partition, std::vector<Verdict>& verdicts) {
    const auto& memory = partition.memory;
    const auto of_shared = [&](auto measure) {
        return memory.shared ? std::optional<double>(measure(*memory.shared)) : std::nullopt;
    };
    const auto of_expansion = [&](auto measure) {
        return memory.expansion ? std::optional<double>(measure(*memory.expansion)) : std::nullopt;
    };
    const auto size = [&](const char* name, const std::optional<Bound>& bound, std::optional<double> value) {
        if (bound) verdicts.push_back(memory_verdict(partition.name, name, *bound, value));
    };
    const auto check = [&](const char* name, const std::optional<Bound>& bound, std::optional<double> value,
                           bool seconds) {
        if (bound) verdicts.push_back(verdict(partition, name, *bound, value, seconds));
    };
    using Shared = SharedMemoryMeasures;
    using Expansion = ExpansionMeasures;
    size("assigned_mem", wanted.assigned_mem, bytes_of_mib(memory.assigned_mib));
    size("pmem", wanted.pmem, of_shared([](const Shared& one) { return static_cast<double>(one.pmem_bytes); }));
    size("loaned", wanted.loaned, of_shared([](const Shared& one) { return bytes_of_pages(one.counters.loaned); }));
    check("page_ins", wanted.page_ins,
          of_shared([](const Shared& one) { return static_cast<double>(one.counters.page_ins); }), false);
    check("page_in_mean", wanted.page_in_mean, of_shared([](const Shared& one) { return one.page_in_mean_s(); }), true);
    check("page_in_max", wanted.page_in_max,
          of_shared([](const Shared& one) { return sim::to_seconds(one.counters.page_in_max); }), true);
    check("memory_stall", wanted.memory_stall,
          memory.load ? std::optional(sim::to_seconds(memory.load->stall_longest)) : std::nullopt, true);
    size("coalesced", wanted.coalesced,
         of_shared([](const Shared& one) { return bytes_of_pages(one.counters.coalesced); }));
    size("memory_deficit", wanted.memory_deficit,
         of_expansion([](const Expansion& one) { return static_cast<double>(one.deficit_bytes); }));
    check("ame_cpu", wanted.ame_cpu, of_expansion([](const Expansion& one) { return one.cpu_mean; }), false);
}

void judge_system(const MemoryExpectation& wanted, const SystemResult& system, std::vector<Verdict>& verdicts) {
    const auto& memory = system.memory;
    const auto of_pool = [&](auto member) {
        return memory.pool ? std::optional(bytes_of_pages(memory.pool->counters.*member)) : std::nullopt;
    };
    const auto size = [&](const char* name, const std::optional<Bound>& bound, std::optional<double> value) {
        if (bound) verdicts.push_back(memory_verdict(system.name, name, *bound, value));
    };
    size("pool_used", wanted.pool_used, of_pool(&hypervisor::MemoryPoolCounters::used));
    size("coalesced", wanted.coalesced, of_pool(&hypervisor::MemoryPoolCounters::coalesced));
    size("hypervisor_mem", wanted.hypervisor_mem, bytes_of_mib(memory.hypervisor.total_mib()));
    size("available_mem", wanted.available_mem, bytes_of_mib(memory.available_mib));
    if (wanted.overcommitment.empty()) return;
    const std::string found{memory.pool ? to_string(memory.pool->overcommitment) : "no shared memory pool"};
    verdicts.push_back({system.name, "overcommitment", wanted.overcommitment, found, found == wanted.overcommitment});
}

std::string rate_text(double bytes_per_s) {
    constexpr double kMebibyte = 1u << 20;
    return number_text(bytes_per_s / kMebibyte) + " MB/s";
}

void judge_flows(const Expectation& wanted, const PartitionResult& partition, std::vector<Verdict>& verdicts) {
    std::vector<const FlowResult*> flows;
    for (const auto& flow : partition.flows)
        if ((wanted.flows.flow.empty() || flow.name == wanted.flows.flow) &&
            (wanted.interface.empty() || flow.interface == wanted.interface) &&
            (wanted.vlan == 0 || flow.vlan == wanted.vlan))
            flows.push_back(&flow);
    const auto most = [&](auto measure) {
        std::optional<double> value;
        for (const auto* flow : flows) value = std::max(value.value_or(0.0), measure(*flow));
        return value;
    };
    const auto& of = wanted.flows;
    if (of.outage)
        verdicts.push_back(verdict(
            partition, "flow_outage", *of.outage,
            most([](const FlowResult& flow) { return sim::to_seconds(aix::longest(flow.load.outages)); }), true));
    if (of.outage_total)
        verdicts.push_back(
            verdict(partition, "flow_outage_total", *of.outage_total,
                    most([](const FlowResult& flow) { return sim::to_seconds(aix::total(flow.load.outages)); }), true));
    if (of.lost)
        verdicts.push_back(memory_verdict(partition.name, "flow_lost", *of.lost, most([](const FlowResult& flow) {
                                              return static_cast<double>(flow.load.bytes_lost);
                                          })));
    if (of.rate) {
        Verdict slowest{partition.name, "flow_rate", of.rate->text, "nothing measured", false};
        const auto least =
            std::ranges::min_element(flows, {}, [](const auto* flow) { return flow->delivered_per_s(); });
        if (least != flows.end()) {
            slowest.holds = of.rate->holds((*least)->delivered_per_s());
            slowest.found = rate_text((*least)->delivered_per_s());
        }
        verdicts.push_back(std::move(slowest));
    }
    if (!of.cores) return;
    std::optional<double> cores;
    if (partition.server)
        for (const auto& sea : partition.seas) cores = cores.value_or(0.0) + sea.traffic.cores_mean;
    verdicts.push_back(verdict(partition, "flow_cores", *of.cores, cores, false));
}

void judge_partition(const Expectation& wanted, const PartitionResult& partition, std::vector<Verdict>& verdicts) {
    const auto longest_s = [](const auto& part) { return sim::to_seconds(aix::longest(part.load.outages)); };
    const auto count = [](auto member) {
        return [member](const auto& part) { return static_cast<double>(part.load.*member); };
    };
    const auto check = [&](const char* name, const std::optional<Bound>& bound, auto value, bool seconds) {
        if (bound) verdicts.push_back(verdict(partition, name, *bound, value, seconds));
    };
    auto interfaces = partition.interfaces;
    std::erase_if(interfaces, [&](const auto& one) { return wanted.vlan != 0 && one.vlan != wanted.vlan; });
    const auto of_network = [&](auto measure) { return worst(interfaces, wanted.interface, measure); };
    check("network_outage", wanted.network_outage, of_network(longest_s), true);
    check("network_outage_total", wanted.network_outage_total,
          of_network([](const auto& part) { return sim::to_seconds(aix::total(part.load.outages)); }), true);
    check("requests_lost", wanted.requests_lost, of_network(count(&aix::NetworkLoadResult::lost)), false);
    check("packets_duplicated", wanted.packets_duplicated, of_network(count(&aix::NetworkLoadResult::duplicates)),
          false);
    check("packets_reordered", wanted.packets_reordered, of_network(count(&aix::NetworkLoadResult::reordered)), false);
    judge_flows(wanted, partition, verdicts);
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
    judge_memory(wanted.memory, partition, verdicts);
    if (wanted.state.empty()) return;
    const auto sea = std::ranges::find(partition.seas, wanted.sea, &SeaResult::name);
    const auto found = sea == partition.seas.end() ? "no such SEA" : sea->state;
    verdicts.push_back({partition.name + "/" + wanted.sea, "state", wanted.state, found, found == wanted.state});
}

}  // namespace

std::vector<Verdict> judge(const std::vector<Expectation>& expectations, const RunResult& result) {
    std::vector<Verdict> verdicts;
    for (const auto& wanted : expectations) {
        for (const auto& name : wanted.systems)
            if (const auto system = std::ranges::find(result.systems, name, &SystemResult::name);
                system != result.systems.end())
                judge_system(wanted.memory, *system, verdicts);
        for (const auto& name : wanted.clients)
            if (const auto partition = std::ranges::find(result.partitions, name, &PartitionResult::name);
                partition != result.partitions.end())
                judge_partition(wanted, *partition, verdicts);
    }
    return verdicts;
}

}  // namespace pvmsim::scenarios
