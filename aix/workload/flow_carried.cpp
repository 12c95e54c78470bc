// What flows carry over the devices of their way, and its figures for whoever asks; see flow_passages.hpp.
//
// Every adapter and bridge that a frame of the flow would cross is told apart, with the frame as it would be there.
// Frames are as large as a bridge sees them: 64 KB where largesend or large_receive put them together.
#include <algorithm>

#include "aix/workload/flow_network.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::aix {

FlowPassages::Crossed FlowNetwork::crossed_at(const Hop& hop) const {
    using enum Hop::Kind;
    FlowPassages::Crossed crossed;
    crossed.frame = hop.frame;
    crossed.is_transmit = hop.kind == kPortOut || hop.kind == kBridgeOut || hop.kind == kVirtualOut;
    if (hop.kind == kPortOut || hop.kind == kPortIn) {
        crossed.device = ports_[hop.index].adapter->entity();
    } else if (hop.kind == kVirtualOut || hop.kind == kVirtualIn) {
        crossed.device = virtuals_[hop.index].entity;
    } else {
        crossed.device = bridges_[hop.index].bridge->device().entity();
        crossed.counting = bridges_[hop.index].bridge->counting();
    }
    return crossed;
}

/// What came from outside is as large as the bridge behind the port takes it, and put together from there on.
void FlowNetwork::add_crossed(const Flow& flow, const Walk& walk, const wire::FlowShape& shape,
                              std::vector<FlowPassages::Crossed>& crossed) const {
    using enum Hop::Kind;
    auto seen = shape;
    for (std::size_t i = 0; i < walk.hops.size(); ++i) {
        const auto& hop = walk.hops[i];
        const bool leads_in = hop.kind == kPortIn && i + 1 < walk.hops.size() && walk.hops[i + 1].kind == kBridgeIn;
        if (leads_in || hop.kind == kBridgeIn) {
            const auto& bridge = *bridges_[walk.hops[leads_in ? i + 1 : i].index].bridge;
            seen.frame_bytes = std::min(flow.config.mtu_bytes, bridge.mtu_bytes());
            if (!leads_in && bridge.gives_large_receive()) seen.frame_bytes = wire::kLargesendBytes;
        }
        auto one = crossed_at(hop);
        one.packing = FlowPassages::packing(seen);
        crossed.push_back(one);
    }
}

/// The flow's way from now on; nullptr: none.
void FlowNetwork::take_way(Flow& flow, const Ways* ways) {
    flow.passages.book(engine_.now(), flow.has_path ? flow.rate : 0);
    std::vector<FlowPassages::Crossed> crossed;
    if (ways != nullptr) {
        const auto shape = shape_of(flow, *ways);
        if (shape.direction != wire::FlowDirection::kReceive) add_crossed(flow, ways->there, shape, crossed);
        if (shape.direction != wire::FlowDirection::kSend) add_crossed(flow, ways->back, shape, crossed);
    }
    flow.passages.set_way(crossed);
}

std::vector<FlowCarried> FlowNetwork::collect(const EthernetDevice& device, FlowPassages::Purpose purpose,
                                              sim::SimTime now) const {
    FlowCounting counting;
    const auto bridge = std::ranges::find(bridges_, &device, [](const Bridge& one) { return &one.bridge->device(); });
    if (bridge != bridges_.end()) counting = bridge->bridge->counting();
    std::vector<FlowCarried> carried;
    for (const auto& flow : flows_)
        flow.passages.collect(device.entity(), {counting, purpose, now, flow.has_path ? flow.rate : 0}, carried);
    return carried;
}

std::vector<FlowCarried> FlowNetwork::carried_over(const EthernetDevice& device, sim::SimTime now) const {
    return collect(device, FlowPassages::Purpose::kStatistics, now);
}

std::vector<FlowCarried> FlowNetwork::accounted_over(const EthernetDevice& bridge, sim::SimTime now) const {
    return collect(bridge, FlowPassages::Purpose::kAccounting, now);
}

}  // namespace pvmsim::aix
