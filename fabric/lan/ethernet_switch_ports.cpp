// The port half of a switch: link, spanning tree states and what a change means for the learned table.
// States and delays of IEEE 802.1D 8; BPDUs are left out, the Lan knows the tree (lan_tree.cpp).
#include <string>
#include <utility>

#include "fabric/lan/ethernet_switch.hpp"
#include "fabric/lan/lan.hpp"

namespace pvmsim::fabric {

SwitchPort EthernetSwitch::add_port(SwitchPortConfig config, PortPeer peer) {
    const SwitchPort id{static_cast<std::uint32_t>(ports_.size())};
    Port& port = ports_.emplace_back();
    port.config = std::move(config);
    port.peer = std::move(peer);
    if (port.config.trunk) {
        for (auto vlan : port.config.allowed_vlans) port.vlans.set(vlan.value());
        if (port.config.allowed_vlans.empty()) port.vlans.set();
    }
    port.vlans.set(port.config.native_vlan.value());
    port.vlans &= vlans_;
    port.leader = id;
    for (std::uint32_t i = 0; port.config.channel_group != 0 && i < id.value(); ++i) {
        if (ports_[i].config.channel_group != port.config.channel_group) continue;
        port.leader = SwitchPort{i};
        const auto& first = ports_[i];
        if (first.vlans != port.vlans || first.config.trunk != port.config.trunk ||
            first.config.native_vlan != port.config.native_vlan || first.config.lacp != port.config.lacp)
            port.lacp = LacpState::kMismatched;
        break;
    }
    return id;
}

void EthernetSwitch::set_peer_port(SwitchPort port, SwitchPort peer_port) { at(port).peer.port = peer_port; }

bool EthernetSwitch::is_edge(const Port& port) const {
    return !config_.spanning_tree || (port.config.portfast && !port.peer.is_switch);
}

void EthernetSwitch::set_powered(bool powered) {
    if (powered_ == powered) return;
    powered_ = powered;
    mac_table_.forget_all();
    while (!storms_.empty()) end_storm(storms_.size() - 1);
    for (std::uint32_t i = 0; i < ports_.size(); ++i) clear_error(SwitchPort{i});
    engine_.trace().milestone(engine_.now(), path_, "switch-power",
                              powered ? "switch powered on" : "switch powered off", {{"powered", powered}});
}

void EthernetSwitch::set_link(SwitchPort id, bool up) {
    Port& port = at(id);
    if (port.link == up) return;
    port.link = up;
    const auto leader = leader_of(id);
    set_state(id, up ? PortState::kBlocking : PortState::kDisabled);
    begin_lacp(id);
    if (!up) forget_unless_reachable(leader);
}

void EthernetSwitch::set_in_tree(SwitchPort id, bool in_tree) {
    const Port& port = at(id);
    if (!port.link) return;
    if (!in_tree) {
        if (port.state == PortState::kBlocking) return;
        set_state(id, PortState::kBlocking);
        if (engine_.now() == sim::kStartOfRun) return;
        engine_.trace().milestone(engine_.now(), path_, "port-blocked",
                                  "port to " + port.peer.name + " blocked by the spanning tree: redundant link",
                                  {{"port", static_cast<std::int64_t>(id.value())}});
        return;
    }
    if (port.state != PortState::kBlocking) return;
    set_state(id, is_edge(port) ? PortState::kForwarding : PortState::kListening);
}

void EthernetSwitch::set_state(SwitchPort id, PortState state) {
    Port& port = at(id);
    const auto before = port.state;
    if (before == state) return;
    engine_.cancel(port.timer);
    port.state = state;
    if (state == PortState::kListening || state == PortState::kLearning) {
        port.timer = engine_.schedule_in(config_.forward_delay, entity_, SpanningTreeTimer{id});
    }
    const bool forwarding_changed = (before == PortState::kForwarding) != (state == PortState::kForwarding);
    if (forwarding_changed && !is_edge(port)) lan_.topology_changed();
    engine_.trace().detail(engine_.now(), path_, "port-state",
                           {{"port", static_cast<std::int64_t>(id.value())}, {"state", to_string(state)}});
}

void EthernetSwitch::on_timer(SwitchPort id) {
    Port& port = at(id);
    port.timer = {};
    if (port.state == PortState::kListening) return set_state(id, PortState::kLearning);
    PVMSIM_ASSERT(port.state == PortState::kLearning);
    set_state(id, PortState::kForwarding);
    engine_.trace().milestone(engine_.now(), path_, "port-forwarding",
                              "port to " + port.peer.name + " forwards, after listening and learning",
                              {{"port", static_cast<std::int64_t>(id.value())}});
}

void EthernetSwitch::settle() {
    for (std::uint32_t i = 0; i < ports_.size(); ++i) {
        const auto state = ports_[i].state;
        if (state == PortState::kListening || state == PortState::kLearning) {
            set_state(SwitchPort{i}, PortState::kForwarding);
        }
    }
}

}  // namespace pvmsim::fabric
