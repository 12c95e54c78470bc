// Following a flow's frames through the state that forwards them, hop by hop, without sending one; see
// flow_network.hpp. Each element answers for itself where a frame would go now; here they are put together, and what
// they use is added up.
//
// A path has at most kHopsMax elements, and a frame that a switch floods arrives at whoever would take it.
#include <algorithm>
#include <utility>

#include "aix/os/operating_system.hpp"
#include "aix/workload/flow_costs.hpp"
#include "aix/workload/flow_network.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::aix {
namespace {

constexpr std::uint32_t kHopsMax = 16;  ///< adapters and bridges of one path

void mix(std::uint64_t& word, std::uint64_t value) {
    word = (word ^ value) * 0x9e37'79b9'7f4a'7c15u;
    word ^= word >> 32;
}

bool is_alive(const OperatingSystem& os) { return os.running() && !os.system().partition(os.partition_id()).hung; }

void add_use(std::vector<FlowUse>& uses, std::uint32_t resource, std::int64_t milli_per_byte) {
    const auto found = std::ranges::find(uses, resource, &FlowUse::resource);
    if (found == uses.end())
        uses.push_back({resource, milli_per_byte});
    else
        found->milli_per_byte += milli_per_byte;
}

bool takes(const PhysicalEthernetAdapter& adapter, const wire::Frame& frame) {
    return frame.size_bytes <= adapter.mtu_max(false) + wire::kEthernetHeaderBytes;
}

wire::FlowDirection direction_of(const FlowLoadConfig& config) {
    return config.kind == wire::FlowKind::kStream ? config.direction : wire::FlowDirection::kBoth;
}

std::uint32_t mtu_of_interface(const NetworkInterface& interface) {
    return static_cast<std::uint32_t>(interface.attributes().integer("mtu"));
}

}  // namespace

std::uint64_t FlowNetwork::state_word() const {
    std::uint64_t word = lan_.routes_word();
    for (auto* system : systems_) mix(word, system->virtual_ethernet().routes_version());
    for (const auto& one : bridges_) {
        mix(word, one.bridge->state_word());
        mix(word, is_alive(one.bridge->os()) ? 1 : 0);
    }
    for (const auto* aggregation : aggregations_) {
        mix(word, aggregation->members_in_use() << 2 | (aggregation->on_backup() ? 2u : 0u) |
                      (aggregation->link_up() ? 1u : 0u));
    }
    if (ticks_ % kCapacityTicks == 0) alive_word_ = 0;
    if (alive_word_ == 0) {
        alive_word_ = 1;
        for (const auto& sender : senders_) mix(alive_word_, is_alive(*sender.os) ? 1 : 0);
    }
    mix(word, alive_word_);
    return word;
}

void FlowNetwork::find_destination(Flow& flow) {
    for (auto* interface : interfaces_) {
        if (interface->ip() != flow.config.to || interface == flow.interface) continue;
        flow.to = {.interface = interface, .host = nullptr};
        flow.receiver = find_sender(interface->os());
        return;
    }
    for (std::size_t i = 0; i < lan_.host_count(); ++i) {
        auto& host = lan_.host(i);
        for (const auto& [vlan, address] : host.config().addresses) {
            if (address != flow.config.to) continue;
            flow.to = {.interface = nullptr, .host = &host};
            return;
        }
    }
}

bool FlowNetwork::leave(const EthernetDevice& device, const wire::Frame& frame, Walk& walk) const {
    if (++walk.depth > kHopsMax || !device.available()) return false;
    if (const auto* aggregation = dynamic_cast<const LinkAggregation*>(&device)) {
        const auto* carrier = aggregation->carrier_of(frame);
        return carrier != nullptr && leave(*carrier, frame, walk);
    }
    const auto virtual_one = std::ranges::lower_bound(virtuals_, device.entity(), {}, &Virtual::entity);
    if (virtual_one != virtuals_.end() && virtual_one->entity == device.entity()) {
        if (!device.link_up()) return false;
        auto& vswitch = virtual_one->system->virtual_ethernet();
        const auto id = vswitch.find(device.os().partition_id(), virtual_one->adapter->slot());
        const auto route = vswitch.route(id, frame);
        if (!route) return false;
        const auto to = std::ranges::lower_bound(virtuals_, route->receiver, {}, &Virtual::entity);
        if (to == virtuals_.end() || to->entity != route->receiver) return false;
        const auto index_of = [this](auto one) { return static_cast<std::uint32_t>(one - virtuals_.begin()); };
        walk.hops.push_back({Hop::Kind::kVirtualOut, index_of(virtual_one), frame});
        walk.hops.push_back({Hop::Kind::kVirtualIn, index_of(to), route->frame});
        if (arrive(*to->adapter, route->frame, walk)) return true;
        walk.hops.resize(walk.hops.size() - 2);
        return false;
    }
    if (const auto* adapter = dynamic_cast<const PhysicalEthernetAdapter*>(&device)) {
        const auto port = std::ranges::lower_bound(ports_, adapter->port().entity(), {}, &Port::entity);
        PVMSIM_ASSERT(port != ports_.end() && port->adapter == adapter);
        if (!takes(*adapter, frame)) return false;
        walk.hops.push_back({Hop::Kind::kPortOut, static_cast<std::uint32_t>(port - ports_.begin()), frame});
        if (leave_by_port(adapter->port(), frame, walk)) return true;
        walk.hops.pop_back();
        return false;
    }
    return leave_by_bridge(device, frame, walk);
}

/// From the interface on a bridge: to the clients while it bridges, else outside.
bool FlowNetwork::leave_by_bridge(const EthernetDevice& device, const wire::Frame& frame, Walk& walk) const {
    const auto one = std::ranges::find(bridges_, &device, [](const Bridge& b) { return &b.bridge->device(); });
    if (one == bridges_.end()) return false;
    const auto inward = one->bridge->cross(one->bridge->real(), frame);
    return (inward && leave(*inward->out, inward->frame, walk)) || leave(one->bridge->real(), frame, walk);
}

bool FlowNetwork::leave_by_port(const fabric::NicPort& port, const wire::Frame& frame, Walk& walk) const {
    if (!port.carrier()) return false;
    for (const auto& reached : lan_.reached_from(port, frame)) {
        if (walk.host != nullptr && walk.host->port().entity() == reached.entity) {
            walk.arrived = reached.frame;
            return walk.host->answering();
        }
        const auto at = std::ranges::lower_bound(ports_, reached.entity, {}, &Port::entity);
        if (at == ports_.end() || at->entity != reached.entity || !at->adapter->port().carrier()) continue;
        if (!takes(*at->adapter, reached.frame)) continue;
        walk.hops.push_back({Hop::Kind::kPortIn, static_cast<std::uint32_t>(at - ports_.begin()), reached.frame});
        if (arrive(*at->adapter, reached.frame, walk)) return true;
        walk.hops.pop_back();
    }
    return false;
}

bool FlowNetwork::arrive(const EthernetDevice& device, const wire::Frame& frame, Walk& walk) const {
    if (++walk.depth > kHopsMax || !device.available() || device.user() == nullptr) return false;
    if (device.user() == walk.user) {
        walk.arrived = frame;
        return is_alive(device.os());
    }
    if (const auto* aggregation = dynamic_cast<const LinkAggregation*>(device.user()))
        return arrive(*aggregation, frame, walk);
    for (std::uint32_t i = 0; i < bridges_.size(); ++i)
        if (&bridges_[i].bridge->user() == device.user()) return cross(i, device, frame, walk);
    return false;
}

bool FlowNetwork::cross(std::uint32_t index, const EthernetDevice& in, const wire::Frame& frame, Walk& walk) const {
    const auto& bridge = *bridges_[index].bridge;
    if (!is_alive(bridge.os())) return false;
    // For the interface on the bridge itself.
    if (bridge.device().user() != nullptr && bridge.device().user() == walk.user &&
        frame.destination == bridge.device().mac()) {
        walk.arrived = frame;
        return true;
    }
    const auto crossing = bridge.cross(in, frame);
    if (!crossing) return false;
    const bool outward = crossing->out == &bridge.real();
    walk.hops.push_back({outward ? Hop::Kind::kBridgeOut : Hop::Kind::kBridgeIn, index, frame});
    if (leave(*crossing->out, crossing->frame, walk)) return true;
    walk.hops.pop_back();
    return false;
}

FlowNetwork::Ways FlowNetwork::walk_both_ways(const Flow& flow, std::uint32_t frame_bytes) const {
    Ways ways;
    const auto& to = flow.to;
    if ((to.host == nullptr && to.interface == nullptr) || !is_alive(flow.interface->os())) return ways;
    auto& device = flow.interface->device();
    wire::Frame frame;
    frame.source = device.mac();
    frame.destination = to.host != nullptr ? to.host->mac() : to.interface->device().mac();
    frame.vlan = flow.interface->vlan();
    frame.source_ip = flow.interface->ip();
    frame.destination_ip = flow.config.to;
    frame.size_bytes = frame_bytes;
    ways.there.host = to.host;
    ways.there.user = to.interface;
    ways.is_there = leave(device, frame, ways.there);
    if (!ways.is_there) return ways;
    auto answer = ways.there.arrived;
    answer.size_bytes = frame_bytes;
    std::swap(answer.source, answer.destination);
    std::swap(answer.source_ip, answer.destination_ip);
    ways.back.user = flow.interface;
    ways.is_back = to.host != nullptr ? leave_by_port(to.host->port(), answer, ways.back)
                                      : leave(to.interface->device(), answer, ways.back);
    return ways;
}

/// What both ends agree on when they connect, and every bridge on the way takes, as path MTU discovery finds it.
std::uint32_t FlowNetwork::mtu_of(const Flow& flow, const Ways& ways) const {
    const auto& to = flow.to;
    std::uint32_t mtu = std::min(flow.config.mtu_bytes,
                                 to.host != nullptr ? to.host->config().mtu_bytes : mtu_of_interface(*to.interface));
    for (const auto* walk : {&ways.there, &ways.back})
        for (const auto& hop : walk->hops)
            if (hop.kind == Hop::Kind::kBridgeOut || hop.kind == Hop::Kind::kBridgeIn)
                mtu = std::min(mtu, bridges_[hop.index].bridge->mtu_bytes());
    return mtu;
}

/// Adapters and switches that do not take frames so large drop them, and tell nobody.
bool FlowNetwork::takes_frames(const Flow& flow, const Ways& ways) const {
    const auto mtu = mtu_of(flow, ways);
    if (mtu <= wire::kStandardMtu) return true;
    const auto direction = direction_of(flow.config);
    const auto full = walk_both_ways(flow, mtu + wire::kEthernetHeaderBytes);
    return (full.is_there || direction == wire::FlowDirection::kReceive) &&
           (full.is_back || direction == wire::FlowDirection::kSend);
}

std::uint32_t FlowNetwork::frame_bytes_of(const Flow& flow, const Ways& ways) const {
    const std::uint32_t mtu = mtu_of(flow, ways);
    bool largesend = flow.config.largesend;
    for (const auto* walk : {&ways.there, &ways.back}) {
        for (const auto& hop : walk->hops) {
            if (hop.kind != Hop::Kind::kBridgeOut && hop.kind != Hop::Kind::kBridgeIn) continue;
            const auto& bridge = *bridges_[hop.index].bridge;
            largesend = largesend && bridge.takes_largesend();
        }
    }
    return largesend ? std::max(mtu, wire::kLargesendBytes) : mtu;
}

FlowPassages::Crossed FlowNetwork::crossed_at(const Hop& hop, const wire::FlowShape& seen) const {
    using enum Hop::Kind;
    FlowPassages::Crossed crossed;
    crossed.frame = hop.frame;
    crossed.packing = FlowPassages::packing(seen);
    crossed.is_transmit = hop.kind == kPortOut || hop.kind == kBridgeOut || hop.kind == kVirtualOut;
    if (hop.kind == kPortOut || hop.kind == kPortIn) {
        crossed.device = ports_[hop.index].adapter->entity();
    } else if (hop.kind == kVirtualOut || hop.kind == kVirtualIn) {
        crossed.device = virtuals_[hop.index].entity;
    } else {
        const auto& bridge = *bridges_[hop.index].bridge;
        crossed.device = bridge.device().entity();
        crossed.counting = bridge.counting();
        crossed.milli_per_byte = bridge.millicycles_per_byte(seen);
    }
    return crossed;
}

/// What came from outside is as large as the bridge behind the port takes it, and put together from there on.
void FlowNetwork::add_hops(std::uint32_t mtu, const std::vector<Hop>& hops, const wire::FlowShape& shape,
                           Course& course) const {
    using enum Hop::Kind;
    auto seen = shape;
    for (std::size_t i = 0; i < hops.size(); ++i) {
        const auto& hop = hops[i];
        const bool leads_in = hop.kind == kPortIn && i + 1 < hops.size() && hops[i + 1].kind == kBridgeIn;
        if (leads_in || hop.kind == kBridgeIn) {
            const auto& bridge = *bridges_[hops[leads_in ? i + 1 : i].index].bridge;
            seen.frame_bytes = std::min(mtu, bridge.mtu_bytes());
            if (!leads_in && bridge.gives_large_receive()) seen.frame_bytes = wire::kLargesendBytes;
        }
        const auto crossed = crossed_at(hop, seen);
        if (hop.kind == kPortOut || hop.kind == kPortIn) {
            const auto& port = ports_[hop.index];
            add_use(course.uses, hop.kind == kPortOut ? port.out : port.in, 1000);
            add_use(course.uses, port.both, 1000);
        } else if (hop.kind == kBridgeOut || hop.kind == kBridgeIn) {
            add_use(course.uses, servers_[bridges_[hop.index].server].resource, crossed.milli_per_byte);
        }
        course.crossed.push_back(crossed);
    }
}

wire::FlowShape FlowNetwork::shape_of(const Flow& flow, const Ways& ways) const {
    const auto& config = flow.config;
    return {.kind = config.kind,
            .direction = direction_of(flow.config),
            .frame_bytes = frame_bytes_of(flow, ways),
            .transaction_bytes = config.transaction_bytes};
}

FlowNetwork::Course FlowNetwork::course_of(const Flow& flow, const Ways& ways) const {
    const auto& config = flow.config;
    const bool is_stream = config.kind == wire::FlowKind::kStream;
    const auto shape = shape_of(flow, ways);
    const auto mtu = mtu_of(flow, ways);
    const auto sent = is_stream ? shape.frame_bytes : std::min(config.transaction_bytes, shape.frame_bytes);
    Course course;
    const auto go = [&](std::uint32_t sender, const Walk& walk) {
        if (sender != kNobody) add_use(course.uses, senders_[sender].resource, send_millicycles_per_byte(sent));
        add_hops(mtu, walk.hops, shape, course);
    };
    if (shape.direction != wire::FlowDirection::kReceive) go(flow.sender, ways.there);
    if (shape.direction != wire::FlowDirection::kSend) go(flow.receiver, ways.back);
    return course;
}

void FlowNetwork::follow(std::uint32_t id) {
    auto& flow = flows_[id];
    ++paths_followed_;
    if (flow.to.host == nullptr && flow.to.interface == nullptr) find_destination(flow);
    hold(id, !is_alive(flow.interface->os()));
    if (flow.is_held) return;
    const auto ways = walk_both_ways(flow);
    const bool whole = ways.is_there && ways.is_back && takes_frames(flow, ways);
    Course course;
    if (whole) {
        course = course_of(flow, ways);
        flow.frame_bytes = frame_bytes_of(flow, ways);
        if (loses_trains(flow, ways)) course.uses.push_back({train_loss_of(flow), 1000});
        shares_.set_uses(id, course.uses);
    }
    set_path(id, whole);
    if (!flow.passages.is_on(course.crossed)) {
        book(flow);
        flow.passages.set_way(course.crossed, flow.delivered);
    }
    if (ways.is_there && !ways.is_back) probe(flow);
}

/// What is lost on its way back only is found again as soon as switches outside hear the client.
void FlowNetwork::probe(Flow& flow) {
    if (engine_.now() - flow.probed < kProbeInterval || flow.to.host == nullptr) return;
    flow.probed = engine_.now();
    flow.interface->send(wire::FrameType::kEchoRequest, flow.config.to, ++probe_serial_, 64);
}

}  // namespace pvmsim::aix
