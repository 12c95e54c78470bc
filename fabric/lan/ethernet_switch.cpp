// The forwarding half of a switch: classify, learn, decide, send. Port states are in ethernet_switch_ports.cpp.
// Rules of IEEE 802.1D 7 and 802.1Q; what is left out stands in ethernet_switch.hpp.
#include "fabric/lan/ethernet_switch.hpp"

#include <chrono>
#include <utility>

#include "fabric/lan/lan_parameters.hpp"

namespace pvmsim::fabric {

EthernetSwitch::EthernetSwitch(sim::Engine& engine, Lan& lan, SwitchId id, SwitchConfig config)
    : engine_(engine),
      lan_(lan),
      id_(id),
      config_(std::move(config)),
      path_("lan/" + config_.name),
      mac_table_(config_.mac_ageing) {
    entity_ = engine_.add(*this, path_);
    for (auto vlan : config_.vlans) vlans_.set(vlan.value());
    if (config_.vlans.empty()) vlans_.set();
    vlans_.reset(wire::kUntagged.value());
    for (std::size_t vlan = wire::kVlanIdMax.value() + 1u; vlan < vlans_.size(); ++vlan) vlans_.reset(vlan);
}

bool EthernetSwitch::carries(SwitchPort port, wire::VlanId vlan) const {
    return vlan <= wire::kVlanIdMax && at(port).vlans[vlan.value()];
}

std::optional<SwitchPort> EthernetSwitch::lookup(wire::VlanId vlan, wire::MacAddress mac) const {
    return mac_table_.lookup(vlan, mac, engine_.now());
}

void EthernetSwitch::on_event(const sim::Event& event) {
    if (const auto* arrival = event.as<FrameAtSwitch>()) return receive(arrival->port, arrival->frame);
    const auto* timer = event.as<SpanningTreeTimer>();
    PVMSIM_ASSERT(timer != nullptr);
    on_timer(timer->port);
}

void EthernetSwitch::receive(SwitchPort id, const wire::Frame& frame) {
    Port& port = at(id);
    ++port.counters.frames_in;
    const auto vlan = classify(port, frame);
    if (port.link && frame.type == wire::FrameType::kLacp) return answer_lacp(id, frame);
    if (port.state < PortState::kLearning || !vlan) {
        ++port.counters.frames_dropped;
        return;
    }
    if (!frame.source.is_group()) mac_table_.learn(*vlan, frame.source, port.leader, engine_.now());
    if (port.state != PortState::kForwarding) {
        ++port.counters.frames_dropped;
        return;
    }
    const auto known = frame.destination.is_group() ? std::nullopt : lookup(*vlan, frame.destination);
    if (!known) return flood(id, *vlan, frame);
    if (*known == port.leader) return;  // The station hears it on its own segment.
    transmit(member_for(*known, frame), *vlan, frame);
}

std::optional<wire::VlanId> EthernetSwitch::classify(const Port& port, const wire::Frame& frame) const {
    const bool tagged = frame.vlan != wire::kUntagged;
    if (tagged && !port.config.trunk) return std::nullopt;
    const auto vlan = tagged ? frame.vlan : port.config.native_vlan;
    if (vlan > wire::kVlanIdMax || !port.vlans[vlan.value()]) return std::nullopt;
    return vlan;
}

void EthernetSwitch::answer_lacp(SwitchPort id, const wire::Frame& frame) {
    Port& port = at(id);
    if (!port.config.lacp || port.config.channel_group == 0) {
        ++port.counters.frames_dropped;
        return;
    }
    wire::Frame answer = frame;
    answer.destination = frame.source;
    answer.source = wire::MacAddress::from_integer(kSwitchMacBase + id_.value());
    put_on_wire(port, answer);
}

void EthernetSwitch::flood(SwitchPort from, wire::VlanId vlan, const wire::Frame& frame) {
    const auto own_leader = at(from).leader;
    const auto is_receiver = [&](SwitchPort id, const Port& port) {
        if (port.leader == own_leader || port.state != PortState::kForwarding || !port.vlans[vlan.value()])
            return false;
        return port.config.channel_group == 0 || member_for(port.leader, frame) == id;
    };
    std::uint32_t copies = 0;
    for (std::uint32_t i = 0; i < ports_.size(); ++i) copies += is_receiver(SwitchPort{i}, ports_[i]) ? 1u : 0u;
    if (copies == 0) return;
    if (!storm_control_allows(copies)) {
        ++storm_drops_;
        ++at(from).counters.frames_dropped;
        return;
    }
    for (std::uint32_t i = 0; i < ports_.size(); ++i) {
        if (is_receiver(SwitchPort{i}, ports_[i])) transmit(SwitchPort{i}, vlan, frame);
    }
}

bool EthernetSwitch::storm_control_allows(std::uint32_t copies) {
    const auto second = std::chrono::floor<std::chrono::seconds>(engine_.now()).time_since_epoch().count();
    if (second != flood_second_) {
        // A storm that goes on is told once: the flag survives into the very next second.
        if (second != flood_second_ + 1) storm_ = false;
        if (flooded_copies_ < config_.flooded_copies_max_per_s / 2) storm_ = false;
        flood_second_ = second;
        flooded_copies_ = 0;
    }
    if (flooded_copies_ < config_.flooded_copies_max_per_s) {
        flooded_copies_ += copies;
        return true;
    }
    if (!storm_) {
        storm_ = true;
        engine_.trace().milestone(engine_.now(), path_, "broadcast-storm",
                                  "broadcast storm: storm control drops floods; look for a loop",
                                  {{"copies_per_second", static_cast<std::int64_t>(flooded_copies_)}});
    }
    return false;
}

SwitchPort EthernetSwitch::member_for(SwitchPort leader, const wire::Frame& frame) const {
    if (at(leader).config.channel_group == 0) return leader;
    std::uint32_t forwarding = 0;
    for (const auto& port : ports_)
        forwarding += port.leader == leader && port.state == PortState::kForwarding ? 1u : 0u;
    if (forwarding == 0) return leader;
    auto turn = (frame.source.octets[5] ^ frame.destination.octets[5]) % forwarding;
    for (std::uint32_t i = leader.value(); i < ports_.size(); ++i) {
        if (ports_[i].leader != leader || ports_[i].state != PortState::kForwarding) continue;
        if (turn-- == 0) return SwitchPort{i};
    }
    return leader;
}

void EthernetSwitch::transmit(SwitchPort id, wire::VlanId vlan, const wire::Frame& frame) {
    Port& port = at(id);
    if (port.state != PortState::kForwarding || !port.vlans[vlan.value()]) return;
    wire::Frame out = frame;
    out.vlan = vlan == port.config.native_vlan ? wire::kUntagged : vlan;
    put_on_wire(port, out);
}

void EthernetSwitch::put_on_wire(Port& port, const wire::Frame& frame) {
    ++port.counters.frames_out;
    const auto latency = config_.forwarding_latency + extra_latency_ + kCableLatency;
    if (port.peer.is_switch) {
        engine_.schedule_in(latency, port.peer.entity, FrameAtSwitch{frame, port.peer.port});
    } else {
        engine_.schedule_in(latency, port.peer.entity, FrameAtStation{frame});
    }
}

void EthernetSwitch::digest(sim::Digest& digest) const {
    digest.add(powered_);
    digest.add(extra_latency_);
    for (const auto& port : ports_) {
        digest.add(port.link);
        digest.add(port.state);
        digest.add(port.counters.frames_in);
        digest.add(port.counters.frames_out);
        digest.add(port.counters.frames_dropped);
    }
    mac_table_.digest(digest);
    digest.add(flood_second_);
    digest.add(flooded_copies_);
    digest.add(storm_);
    digest.add(storm_drops_);
}

}  // namespace pvmsim::fabric
