// What becomes of a flow whose receiver cannot take trains of segments (large_receive of a SEA, largesend of an AIX
// neighbour; R-NET-08): every train is dropped, and TCP gets one segment through at each retransmission.
//
// So little is it that the flow all but stops, which is what IBM warns of. A real adapter cuts trains, a SEA with
// large_receive joins what comes in from outside. Transactions that fit one segment never become trains.
#include <algorithm>

#include "aix/os/operating_system.hpp"
#include "aix/workload/flow_network.hpp"

namespace pvmsim::aix {
namespace {

/// [PARAM] Our choice: a standard segment each 200 ms, the least retransmission timeout of common senders.
constexpr std::int64_t kTrainLossBytesPerS = 5 * 1460;

}  // namespace

bool FlowNetwork::arrives_in_trains(const Walk& walk, bool begins_in_trains, const std::vector<Bridge>& bridges) {
    bool trains = begins_in_trains;
    for (const auto& hop : walk.hops) {
        if (hop.kind == Hop::Kind::kPortOut) trains = false;
        if (hop.kind == Hop::Kind::kBridgeIn && bridges[hop.index].bridge->gives_large_receive()) trains = true;
    }
    return trains;
}

bool FlowNetwork::loses_trains(const Flow& flow, const Ways& ways) const {
    const auto shape = shape_of(flow, ways);
    const bool is_stream = shape.kind == wire::FlowKind::kStream;
    if (!is_stream && shape.transaction_bytes <= flow.config.mtu_bytes) return false;
    const bool sends_trains = flow.config.largesend && shape.frame_bytes == wire::kLargesendBytes;
    const auto loses = [&](const OperatingSystem& receiver, const Walk& walk, bool begins_in_trains) {
        return !takes_trains(receiver) && arrives_in_trains(walk, begins_in_trains, bridges_);
    };
    const auto* partner = flow.to.interface;
    const bool goes_there = shape.direction != wire::FlowDirection::kReceive;
    if (goes_there && partner != nullptr && loses(partner->os(), ways.there, sends_trains)) return true;
    const bool comes_back = shape.direction != wire::FlowDirection::kSend;
    return comes_back && loses(flow.interface->os(), ways.back, sends_trains && partner != nullptr);
}

std::uint32_t FlowNetwork::train_loss_of(Flow& flow) {
    if (flow.train_loss == kNobody) flow.train_loss = shares_.add_resource(kTrainLossBytesPerS * 1000);
    return flow.train_loss;
}

}  // namespace pvmsim::aix
