// Where a frame would go outside, without sending it: the switches' present states, tables and members of channels, as
// for a frame (ethernet_switch.cpp). Nothing is learned or counted. For traffic that is computed as a rate.
//
// A frame is followed through at most kSwitchesMax switches; in a storm it counts as lost.
#include <algorithm>

#include "fabric/lan/lan_state.hpp"

namespace pvmsim::fabric {
namespace {

constexpr std::size_t kSwitchesMax = 64;  ///< entered on the way, floods included

void mix(std::uint64_t& word, std::uint64_t value) {
    word = (word ^ value) * 0x9e37'79b9'7f4a'7c15u;
    word ^= word >> 32;
}

}  // namespace

std::vector<EthernetSwitch::Outlet> EthernetSwitch::outlets(SwitchPort in, const wire::Frame& frame) const {
    std::vector<Outlet> outlets;
    const Port& port = at(in);
    const auto vlan = classify(port, frame);
    if (!vlan || !carries_frames(port) || in_storm(*vlan)) return outlets;
    if (frame.size_bytes > config_.mtu_bytes + wire::kEthernetHeaderBytes) return outlets;
    const auto add = [&](SwitchPort id) {
        const Port& out = at(id);
        if (!out.vlans[vlan->value()] || !carries_frames(out)) return;
        outlets.push_back({&out.peer, frame});
        outlets.back().frame.vlan = *vlan == out.config.native_vlan ? wire::kUntagged : *vlan;
    };
    if (const auto known = lookup(*vlan, frame.destination)) {
        if (*known != leader_of(in) || port.config.hairpin) add(member_for(*known, frame));
        return outlets;
    }
    for (std::uint32_t i = 0; i < ports_.size(); ++i)
        if (receives_flood(SwitchPort{i}, in, *vlan, frame)) add(SwitchPort{i});
    return outlets;
}

std::uint64_t EthernetSwitch::routes_word() const {
    std::uint64_t word = mac_table_.changes();
    mix(word, powered_ ? 1 : 0);
    mix(word, shadows_.size());
    for (const Port& port : ports_)
        mix(word, static_cast<std::uint64_t>(port.state) << 16 | static_cast<std::uint64_t>(port.error) << 8 |
                      static_cast<std::uint64_t>(port.lacp) << 1 | (port.link ? 1u : 0u));
    return word;
}

std::uint64_t Lan::routes_word() const {
    std::uint64_t word = 0;
    for (const auto& one : state_->switches) mix(word, one->routes_word());
    for (const auto& host : state_->hosts) mix(word, host->answering() ? 1 : 0);
    return word;
}

std::vector<Lan::ReachedStation> Lan::reached_from(const NicPort& station, const wire::Frame& frame) const {
    struct Entering {
        SwitchId to;
        SwitchPort port;
        wire::Frame frame;
    };
    std::vector<ReachedStation> reached;
    if (!is_cabled(station)) return reached;
    const auto& cable = state_->at(cable_of(station));
    std::vector<Entering> entering{{cable.far_switch, cable.far_port, frame}};
    for (std::size_t next = 0; next < entering.size() && next < kSwitchesMax; ++next) {
        const auto one = entering[next];
        for (const auto& outlet : state_->at(one.to).outlets(one.port, one.frame)) {
            if (!outlet.peer->is_switch) {
                reached.push_back({outlet.peer->entity, outlet.frame});
                continue;
            }
            const auto to = std::ranges::find(state_->switches, outlet.peer->entity,
                                              [](const auto& candidate) { return candidate->entity(); });
            const SwitchId id{static_cast<std::uint32_t>(to - state_->switches.begin())};
            entering.push_back({id, outlet.peer->port, outlet.frame});
        }
    }
    return reached;
}

}  // namespace pvmsim::fabric
