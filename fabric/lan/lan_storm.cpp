// What the Lan does for its switches' protection: tells every switch a storm reaches, takes the light from an
// error-disabled port, and lets all say hello when one is guarded. The switches decide; the Lan knows the cables.
#include "fabric/lan/lan.hpp"
#include "fabric/lan/lan_state.hpp"

namespace pvmsim::fabric {

void Lan::spread_storm(SwitchId owner, wire::VlanId vlan, std::uint64_t identity) {
    std::vector<bool> reached(state_->switches.size(), false);
    reached[owner.value()] = true;
    const auto passes = [&](const State::Cable& cable) {
        const auto& near = state_->at(cable.near_switch);
        const auto& far = state_->at(cable.far_switch);
        return near.port_state(cable.near_port) == PortState::kForwarding && near.carries(cable.near_port, vlan) &&
               far.port_state(cable.far_port) == PortState::kForwarding && far.carries(cable.far_port, vlan);
    };
    for (bool grows = true; grows;) {
        grows = false;
        for (const auto& cable : state_->cables) {
            if (cable.station || reached[cable.near_switch.value()] == reached[cable.far_switch.value()]) continue;
            if (!passes(cable)) continue;
            reached[cable.near_switch.value()] = true;
            reached[cable.far_switch.value()] = true;
            grows = true;
        }
    }
    for (std::size_t i = 0; i < reached.size(); ++i) {
        auto& one = *state_->switches[i];
        reached[i] ? one.enter_storm(owner, vlan, identity) : one.leave_storm(owner, vlan);
    }
}

void Lan::end_storm(SwitchId owner, wire::VlanId vlan) {
    for (const auto& one : state_->switches) one->leave_storm(owner, vlan);
}

std::vector<std::pair<SwitchId, StormReport>> Lan::storms() const {
    std::vector<std::pair<SwitchId, StormReport>> all;
    for (std::uint32_t i = 0; i < state_->switches.size(); ++i) {
        for (const auto& report : state_->switches[i]->storms()) all.emplace_back(SwitchId{i}, report);
    }
    return all;
}

SwitchPort Lan::port_of(CableId id) const { return state_->at(id).far_port; }
SwitchId Lan::switch_of(CableId id) const { return state_->at(id).far_switch; }

void Lan::port_error_changed(SwitchId id, SwitchPort port) {
    for (const auto cable_id : state_->cables_at(id)) {
        const auto& cable = state_->at(cable_id);
        const bool is_far = cable.far_switch == id && cable.far_port == port;
        const bool is_near = !cable.station && cable.near_switch == id && cable.near_port == port;
        if (is_far || is_near) return state_->refresh({&cable_id, 1});
    }
}

void Lan::start_hello() {
    if (std::exchange(state_->hello, true)) return;
    for (const auto& one : state_->switches) one->start_hello();
}

}  // namespace pvmsim::fabric
