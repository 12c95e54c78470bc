// The forwarding half of a switch: classify, learn, decide, send. Its other parts: ethernet_switch_*.cpp.
// Rules of IEEE 802.1D 7 and 802.1Q; what is left out stands in ethernet_switch.hpp.
#include "fabric/lan/ethernet_switch.hpp"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

#include "fabric/lan/lan_parameters.hpp"

namespace pvmsim::fabric {

EthernetSwitch::EthernetSwitch(sim::Engine& engine, Lan& lan, SwitchId id, SwitchConfig config)
    : engine_(engine),
      lan_(lan),
      id_(id),
      config_(std::move(config)),
      path_("lan/" + config_.name),
      mac_table_(config_.mac_ageing, config_.mac_flap_interval),
      storm_draws_(engine_.random_stream(path_, "storm")) {
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
    if (const auto* timer = event.as<SpanningTreeTimer>()) return on_timer(timer->port);
    if (const auto* probe = event.as<StormProbe>()) return probe_storm(probe->vlan);
    if (const auto* over = event.as<ErrDisableOver>()) return on_err_disable_over(over->port);
    if (const auto* due = event.as<LacpPartnerDue>()) return on_partner_due(due->port);
    PVMSIM_ASSERT(event.is<BpduHello>());
    send_bpdus();
}

void EthernetSwitch::receive(SwitchPort id, const wire::Frame& frame) {
    Port& port = at(id);
    ++port.counters.frames_in;
    if (port.link && frame.type == wire::FrameType::kLacp) return hear_lacp(id, frame);
    if (port.link && frame.type == wire::FrameType::kBpdu) return hear_bpdu(id);
    if (port.state < PortState::kLearning) return drop(id, frame, LanDrop::kNotForwarding);
    if (frame.size_bytes > config_.mtu_bytes + wire::kEthernetHeaderBytes) return drop(id, frame, LanDrop::kTooLong);
    const auto vlan = classify(port, frame);
    if (!vlan) return drop(id, frame, vlan.error());
    const bool forwards = port.state == PortState::kForwarding;
    if (forwards && !carries_frames(port)) return drop(id, frame, LanDrop::kNotBundled);
    const auto own_leader = leader_of(id);
    if (!frame.source.is_group()) {
        const auto move = mac_table_.learn(*vlan, frame.source, own_leader, engine_.now());
        if (move) note_move(id, *vlan, frame.source, *move);
    }
    if (!forwards || port.error != ErrorCause::kNone) return drop(id, frame, LanDrop::kNotForwarding);
    if (!shadows_.empty() && storm_takes(*vlan, frame)) return port.counters.drop(LanDrop::kStorm);
    const auto known = frame.destination.is_group() ? std::nullopt : lookup(*vlan, frame.destination);
    if (!known) return flood(id, *vlan, frame);
    if (*known == own_leader && !port.config.hairpin) return;  // The station hears it on its own segment.
    transmit(member_for(*known, frame), *vlan, frame);
}

std::expected<wire::VlanId, LanDrop> EthernetSwitch::classify(const Port& port, const wire::Frame& frame) const {
    const bool tagged = frame.vlan != wire::kUntagged;
    if (tagged && !port.config.trunk) return std::unexpected(LanDrop::kTaggedOnAccess);
    const auto vlan = tagged ? frame.vlan : port.config.native_vlan;
    if (vlan > wire::kVlanIdMax || !vlans_[vlan.value()]) return std::unexpected(LanDrop::kVlanUnknown);
    if (!port.vlans[vlan.value()]) return std::unexpected(LanDrop::kVlanNotAllowed);
    return vlan;
}

void EthernetSwitch::drop(SwitchPort id, const wire::Frame& frame, LanDrop reason) {
    at(id).counters.drop(reason);
    if (reason != LanDrop::kTaggedOnAccess && reason != LanDrop::kVlanUnknown && reason != LanDrop::kVlanNotAllowed)
        return;
    const auto vlan = frame.vlan == wire::kUntagged ? at(id).config.native_vlan : frame.vlan;
    const auto key_of = [](const VlanDrop& row) { return std::pair(row.port, row.vlan); };
    const auto row = std::ranges::lower_bound(vlan_drops_, std::pair(id, vlan), {}, key_of);
    if (row != vlan_drops_.end() && key_of(*row) == std::pair(id, vlan)) {
        row->reason = reason;
        ++row->frames;
        return;
    }
    if (vlan_drops_.size() < kVlanDropRowsMax) vlan_drops_.insert(row, {id, vlan, reason, 1});
}

void EthernetSwitch::flood(SwitchPort from, wire::VlanId vlan, const wire::Frame& frame) {
    const auto copies = count_copies(from, vlan, frame);
    if (copies == 0) return;
    if (storm_absorbs(from, vlan, frame, copies)) return at(from).counters.drop(LanDrop::kStorm);
    if (!storm_control_allows(copies)) {
        ++storm_drops_;
        return at(from).counters.drop(LanDrop::kStorm);
    }
    ++at(from).counters.floods;
    send_copies(from, vlan, frame);
}

bool EthernetSwitch::receives_flood(SwitchPort id, SwitchPort from, wire::VlanId vlan, const wire::Frame& frame) const {
    const Port& port = at(id);
    const auto leader = leader_of(id);
    if ((leader == leader_of(from) && !at(from).config.hairpin) || !port.vlans[vlan.value()] || !carries_frames(port))
        return false;
    return port.config.channel_group == 0 || member_for(leader, frame) == id;
}

std::uint32_t EthernetSwitch::count_copies(SwitchPort from, wire::VlanId vlan, const wire::Frame& frame) const {
    std::uint32_t copies = 0;
    for (std::uint32_t i = 0; i < ports_.size(); ++i)
        copies += receives_flood(SwitchPort{i}, from, vlan, frame) ? 1u : 0u;
    return copies;
}

void EthernetSwitch::send_copies(SwitchPort from, wire::VlanId vlan, const wire::Frame& frame) {
    for (std::uint32_t i = 0; i < ports_.size(); ++i) {
        if (receives_flood(SwitchPort{i}, from, vlan, frame)) transmit(SwitchPort{i}, vlan, frame);
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
    if (at(leader).config.channel_group == 0 || at(leader).lacp == LacpState::kIndividual) return leader;
    const auto is_member = [&](std::uint32_t i) {
        return ports_[i].leader == leader && ports_[i].lacp != LacpState::kIndividual && carries_frames(ports_[i]);
    };
    std::uint32_t members = 0;
    for (std::uint32_t i = leader.value(); i < ports_.size(); ++i) members += is_member(i) ? 1u : 0u;
    if (members == 0) return leader;
    auto turn = (frame.source.octets[5] ^ frame.destination.octets[5]) % members;
    for (std::uint32_t i = leader.value(); i < ports_.size(); ++i) {
        if (is_member(i) && turn-- == 0) return SwitchPort{i};
    }
    return leader;
}

void EthernetSwitch::transmit(SwitchPort id, wire::VlanId vlan, const wire::Frame& frame) {
    Port& port = at(id);
    if (!port.vlans[vlan.value()] || !carries_frames(port)) return;
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

PortReport EthernetSwitch::report(SwitchPort id) const {
    const Port& port = at(id);
    return {.port = id,
            .peer = port.peer.name,
            .link = port.link,
            .state = port.state,
            .error = port.error,
            .lacp = port.lacp,
            .counters = port.counters};
}

void EthernetSwitch::digest(sim::Digest& digest) const {
    digest.add(powered_);
    digest.add(extra_latency_);
    for (const auto& port : ports_) {
        digest.add(port.link);
        digest.add(port.state);
        digest.add(port.error);
        digest.add(port.lacp);
        digest.add(port.lacp_deadline);
        digest.add(port.counters.frames_in);
        digest.add(port.counters.frames_out);
        digest.add(port.counters.frames_dropped);
        digest.add(port.counters.moves_here);
    }
    mac_table_.digest(digest);
    digest.add(flood_second_);
    digest.add(flooded_copies_);
    digest.add(storm_);
    digest.add(storm_drops_);
    repetitions_.digest(digest);
    for (const auto& storm : storms_) {
        digest.add(storm.report.vlan);
        digest.add(storm.report.began);
        digest.add(storm.identity);
        digest.add(storm.returned);
        digest.add(storm.silent_probes);
    }
    digest.add(shadows_.size());
    digest.add(flaps_.size());
    digest.add(hello_);
}

}  // namespace pvmsim::fabric
