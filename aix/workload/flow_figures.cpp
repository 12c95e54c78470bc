// What flows did to the places they passed: bytes, peaks, and how long a place could not give what was wanted of it;
// see flow_network.hpp.
//
// Bytes are exact, booked with each flow's own. Scarcity is looked for each kCapacityTicks, so that is its resolution.
// Frames that are sent as such (probes, ARP, heartbeats) are counted by their adapters, not here.
#include <algorithm>

#include "aix/workload/flow_network.hpp"

namespace pvmsim::aix {
namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

}  // namespace

void FlowNetwork::tally(const Tally& tally, Wide bytes, std::vector<Port>& ports, std::vector<Bridge>& bridges) {
    using enum Tally::Place;
    const bool is_port = tally.place == kPortOut || tally.place == kPortIn;
    auto& passed = is_port ? ports[tally.index].passed : bridges[tally.index].passed;
    const bool is_out = tally.place == kPortOut || tally.place == kBridgeOut;
    (is_out ? passed.out : passed.in) += bytes;
    passed.milli += bytes / 1000 * tally.milli_per_byte;
}

/// With what flows that go on now have delivered since they were booked.
void FlowNetwork::tally_all(std::vector<Port>& ports, std::vector<Bridge>& bridges) const {
    for (const auto& flow : flows_) {
        if (!flow.is_wanted || !flow.has_path) continue;
        const Wide bytes = flow.rate * Wide{(engine_.now() - flow.since).count()};
        for (const auto& one : flow.tallies) tally(one, bytes, ports, bridges);
    }
}

void FlowNetwork::note_peaks() {
    for (auto& port : ports_) {
        port.peak_out = std::max(port.peak_out, shares_.used_milli(port.out) / 1000);
        port.peak_in = std::max(port.peak_in, shares_.used_milli(port.in) / 1000);
    }
    for (auto& server : servers_) server.peak = std::max(server.peak, server.told);
}

void FlowNetwork::look_for_scarcity() {
    const auto is_scarce = [this](std::uint32_t resource) {
        return shares_.wanted_milli(resource) > shares_.capacity_milli(resource);
    };
    for (auto& sender : senders_)
        if (is_scarce(sender.resource)) ++sender.scarce_looks;
    for (auto& server : servers_)
        if (is_scarce(server.resource)) ++server.scarce_looks;
    for (auto& port : ports_)
        if (is_scarce(port.out) || is_scarce(port.in) || is_scarce(port.both)) ++port.scarce_looks;
}

std::vector<FlowPortFigures> FlowNetwork::port_figures() const {
    auto ports = ports_;
    auto bridges = bridges_;
    tally_all(ports, bridges);
    std::vector<FlowPortFigures> figures;
    for (const auto& port : ports)
        figures.push_back({.adapter = port.adapter,
                           .bytes_out = static_cast<std::uint64_t>(port.passed.out / kNanosPerSecond),
                           .bytes_in = static_cast<std::uint64_t>(port.passed.in / kNanosPerSecond),
                           .peak_out = port.peak_out,
                           .peak_in = port.peak_in,
                           .limit = port.limit,
                           .scarce = port.scarce_looks * kCapacityTicks * kWatchInterval});
    return figures;
}

std::vector<FlowBridgeFigures> FlowNetwork::bridge_figures() const {
    auto ports = ports_;
    auto bridges = bridges_;
    tally_all(ports, bridges);
    std::vector<FlowBridgeFigures> figures;
    for (const auto& one : bridges) {
        const auto& server = servers_[one.server];
        figures.push_back({.bridge = one.bridge,
                           .bytes_out = static_cast<std::uint64_t>(one.passed.out / kNanosPerSecond),
                           .bytes_in = static_cast<std::uint64_t>(one.passed.in / kNanosPerSecond),
                           .cycles = static_cast<std::int64_t>(one.passed.milli / kNanosPerSecond),
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
