// What flows carried over devices, and what they did to ports and bridges: bytes, peaks, and how long a place could not
// give what was wanted of it; see flow_network.hpp and flow_passages.hpp.
//
// Bytes are exact: what each flow delivered while it went there. Scarcity is looked for each kCapacityTicks, so that is
// its resolution. Frames that are sent as such (probes, ARP, heartbeats) are counted by their adapters, not here.
#include <algorithm>

#include "aix/workload/flow_network.hpp"

namespace pvmsim::aix {
namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

}  // namespace

FlowNetwork::Wide FlowNetwork::delivered_until(const Flow& flow, sim::SimTime now) {
    const bool goes_on = flow.is_wanted && flow.has_path && !flow.is_held;
    return flow.delivered + (goes_on ? flow.rate * Wide{(now - flow.since).count()} : Wide{0});
}

std::vector<FlowCarried> FlowNetwork::collect(const EthernetDevice& device, FlowPassages::Purpose purpose,
                                              sim::SimTime now) const {
    FlowCounting counting;
    const auto bridge = std::ranges::find(bridges_, &device, [](const Bridge& one) { return &one.bridge->device(); });
    if (bridge != bridges_.end()) counting = bridge->bridge->counting();
    std::vector<FlowCarried> carried;
    for (const auto& flow : flows_)
        flow.passages.collect(device.entity(), {counting, purpose, delivered_until(flow, now)}, carried);
    return carried;
}

std::vector<FlowCarried> FlowNetwork::carried_over(const EthernetDevice& device, sim::SimTime now) const {
    return collect(device, FlowPassages::Purpose::kStatistics, now);
}

std::vector<FlowCarried> FlowNetwork::accounted_over(const EthernetDevice& bridge, sim::SimTime now) const {
    return collect(bridge, FlowPassages::Purpose::kAccounting, now);
}

FlowPassages::Passed FlowNetwork::passed_over(const EthernetDevice& device) const {
    FlowPassages::Passed passed;
    for (const auto& flow : flows_)
        flow.passages.add_passed(device.entity(), delivered_until(flow, engine_.now()), passed);
    return passed;
}

void FlowNetwork::note_peaks() {
    for (auto& port : ports_) {
        port.peak_out = std::max(port.peak_out, shares_.used_milli(port.out) / 1000);
        port.peak_in = std::max(port.peak_in, shares_.used_milli(port.in) / 1000);
    }
    for (auto& server : servers_) server.peak = std::max(server.peak, server.told);
}

void FlowNetwork::look_for_scarcity() {
    // More is wanted, and all of it is used: else something before it holds the flows back.
    const auto is_scarce = [this](std::uint32_t resource) {
        const auto capacity = shares_.capacity_milli(resource);
        return shares_.wanted_milli(resource) > capacity && shares_.used_milli(resource) >= capacity / 100 * 99;
    };
    for (auto& sender : senders_)
        if (is_scarce(sender.resource)) ++sender.scarce_looks;
    for (auto& server : servers_)
        if (is_scarce(server.resource)) ++server.scarce_looks;
    for (auto& port : ports_)
        if (is_scarce(port.out) || is_scarce(port.in) || is_scarce(port.both)) ++port.scarce_looks;
}

std::vector<FlowPortFigures> FlowNetwork::port_figures() const {
    std::vector<FlowPortFigures> figures;
    for (const auto& port : ports_) {
        const auto passed = passed_over(*port.adapter);
        figures.push_back({.adapter = port.adapter,
                           .bytes_out = static_cast<std::uint64_t>(passed.out / kNanosPerSecond),
                           .bytes_in = static_cast<std::uint64_t>(passed.in / kNanosPerSecond),
                           .peak_out = port.peak_out,
                           .peak_in = port.peak_in,
                           .limit = port.limit,
                           .scarce = port.scarce_looks * kCapacityTicks * kWatchInterval});
    }
    return figures;
}

std::vector<FlowBridgeFigures> FlowNetwork::bridge_figures() const {
    std::vector<FlowBridgeFigures> figures;
    for (const auto& one : bridges_) {
        const auto passed = passed_over(one.bridge->device());
        const auto& server = servers_[one.server];
        figures.push_back({.bridge = one.bridge,
                           .bytes_out = static_cast<std::uint64_t>(passed.out / kNanosPerSecond),
                           .bytes_in = static_cast<std::uint64_t>(passed.in / kNanosPerSecond),
                           .cycles = static_cast<std::int64_t>(passed.milli / 1000 / kNanosPerSecond),
                           .server_peak = server.peak,
                           .server_scarce = server.scarce_looks * kCapacityTicks * kWatchInterval});
    }
    return figures;
}

sim::Duration FlowNetwork::sender_scarce(const OperatingSystem& os) const {
    const auto index = find_sender(os);
    if (index == kNobody) return sim::Duration{0};
    return senders_[index].scarce_looks * kCapacityTicks * kWatchInterval;
}

}  // namespace pvmsim::aix
