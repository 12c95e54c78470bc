// Reading what the network did; see collect_network.hpp.
// A VLAN's outages are the union of those of its loads: the times at which something there did not work.
#include "scenarios/results/collect_network.hpp"

#include <algorithm>
#include <map>

#include "aix/workload/flow_costs.hpp"
#include "fabric/lan/ethernet_switch.hpp"
#include "vios/processor/io_processor.hpp"

namespace pvmsim::scenarios {
namespace {

std::string_view direction_name(const aix::FlowLoadConfig& config) {
    if (config.kind == wire::FlowKind::kTransactions) return {};
    switch (config.direction) {
        case wire::FlowDirection::kSend:
            return "send";
        case wire::FlowDirection::kReceive:
            return "receive";
        case wire::FlowDirection::kBoth:
            return "both";
    }
    return {};
}

void add_flows(const PartitionSite& partition, sim::SimTime now, PartitionResult& result) {
    const auto& described = partition.description->workload.flows;
    const auto& loads = partition.workload->flow_loads();
    for (std::size_t i = 0; i < described.size(); ++i)
        result.flows.push_back({.name = described[i].name,
                                .interface = loads[i]->interface().name(),
                                .vlan = described[i].vlan.value(),
                                .to = described[i].to,
                                .kind = described[i].config.kind == wire::FlowKind::kStream ? "stream" : "transactions",
                                .direction = std::string(direction_name(described[i].config)),
                                .load = loads[i]->result(now)});
}

std::vector<aix::Outage> merged(std::vector<aix::Outage> outages) {
    std::ranges::sort(outages, {}, &aix::Outage::start);
    std::vector<aix::Outage> result;
    for (const auto& outage : outages) {
        if (result.empty() || outage.start > result.back().end) {
            result.push_back(outage);
            continue;
        }
        result.back().end = std::max(result.back().end, outage.end);
        result.back().ongoing = result.back().ongoing || outage.ongoing;
    }
    return result;
}

void add_vlans(PartitionResult& result) {
    std::map<std::uint16_t, VlanResult> vlans;
    const auto add_outages = [](VlanResult& vlan, const std::vector<aix::Outage>& outages) {
        vlan.outages.insert(vlan.outages.end(), outages.begin(), outages.end());
    };
    for (const auto& interface : result.interfaces) {
        auto& vlan = vlans[interface.vlan];
        vlan.requests += interface.load.requests;
        vlan.lost += interface.load.lost;
        vlan.late += interface.load.late;
        vlan.duplicated += interface.load.duplicates;
        vlan.reordered += interface.load.reordered;
        add_outages(vlan, interface.load.outages);
    }
    for (const auto& flow : result.flows) {
        auto& vlan = vlans[flow.vlan];
        vlan.flow_bytes_lost += flow.load.bytes_lost;
        add_outages(vlan, flow.load.outages);
    }
    for (auto& [id, vlan] : vlans) {
        vlan.vlan = id;
        vlan.outages = merged(std::move(vlan.outages));
        result.vlans.push_back(std::move(vlan));
    }
}

const std::string& owner_of(const Site& site, const aix::OperatingSystem& os) {
    return std::ranges::find_if(site.partitions(), [&](const auto& one) { return one.os.get() == &os; })->name();
}

void add_switch_drops(const fabric::Lan& lan, fabric::SwitchId id, NetworkResult& result) {
    const auto& at = lan.at(id);
    for (std::size_t i = 0; i < at.port_count(); ++i) {
        const auto report = at.report(fabric::SwitchPort{static_cast<std::uint16_t>(i)});
        if (report.counters.frames_dropped == 0) continue;
        SwitchPortResult port{.switch_name = at.name(),
                              .port = static_cast<std::uint32_t>(i),
                              .peer = report.peer,
                              .frames_in = report.counters.frames_in,
                              .frames_out = report.counters.frames_out,
                              .dropped = report.counters.frames_dropped,
                              .reasons = {}};
        for (std::size_t reason = 0; reason < fabric::kLanDropCount; ++reason)
            if (report.counters.drops[reason] > 0)
                port.reasons.emplace_back(to_string(static_cast<fabric::LanDrop>(reason)),
                                          report.counters.drops[reason]);
        result.switch_drops.push_back(std::move(port));
    }
}

}  // namespace

void collect_network(const Site& site, const PartitionSite& partition, sim::SimTime now, PartitionResult& result) {
    add_flows(partition, now, result);
    add_vlans(result);
    if (site.flows() != nullptr) result.sender_scarce = site.flows()->sender_scarce(*partition.os);
    const auto seconds = sim::to_seconds(now - sim::kStartOfRun);
    const auto cycles_per_s = static_cast<double>(aix::send_cycles_per_second(partition.system->model()));
    for (std::size_t i = 0; i < partition.seas.size(); ++i) {
        auto& traffic = result.seas[i].traffic;
        for (const auto* side : {&partition.seas[i]->real_side(), &partition.seas[i]->virtual_side()}) {
            traffic.frames_bridged += side->bridged;
            traffic.frames_dropped += side->dropped + side->filtered_vlan;
        }
    }
    if (site.flows() == nullptr || partition.seas.empty() || seconds <= 0) return;
    auto& server = result.server.emplace();
    if (const auto* processor = vios::IoProcessor::find(*partition.os))
        server.cores_mean = sim::to_seconds(processor->core_time()) / seconds;
    for (const auto& figures : site.flows()->bridge_figures()) {
        const auto sea = std::ranges::find_if(
            partition.seas, [&](const vios::SharedEthernetAdapter* one) { return one == &figures.bridge->device(); });
        if (sea == partition.seas.end()) continue;
        auto& traffic = result.seas[static_cast<std::size_t>(sea - partition.seas.begin())].traffic;
        traffic.bytes_out = figures.bytes_out;
        traffic.bytes_in = figures.bytes_in;
        traffic.cores_mean = static_cast<double>(figures.cycles) / cycles_per_s / seconds;
        server.flow_cores_max = static_cast<double>(figures.server_peak) / cycles_per_s;
        server.scarce = figures.server_scarce;
    }
}

NetworkResult network_of(const Site& site) {
    NetworkResult result;
    if (site.flows() != nullptr)
        for (const auto& figures : site.flows()->port_figures()) {
            if (figures.bytes_out + figures.bytes_in == 0 && figures.scarce.count() == 0) continue;
            result.links.push_back({.port = figures.adapter->port().path(),
                                    .owner = owner_of(site, figures.adapter->os()),
                                    .bytes_out = figures.bytes_out,
                                    .bytes_in = figures.bytes_in,
                                    .peak_out = figures.peak_out,
                                    .peak_in = figures.peak_in,
                                    .limit_one_way = figures.limit.one_way,
                                    .limit_both_ways = figures.limit.both_ways,
                                    .scarce = figures.scarce});
        }
    std::ranges::stable_sort(result.links, {}, &LinkResult::port);
    for (std::size_t i = 0; i < site.lan().switch_count(); ++i)
        add_switch_drops(site.lan(), fabric::SwitchId{static_cast<std::uint32_t>(i)}, result);
    return result;
}

}  // namespace pvmsim::scenarios
