// Faults of the LAN and their repair: power, cables in either direction, ports, latency; and what light follows from
// them.
#include <string>

#include "fabric/lan/lan.hpp"
#include "fabric/lan/lan_state.hpp"

namespace pvmsim::fabric {

std::string Lan::State::ends_of(const Cable& cable) const {
    const auto& near = cable.station ? stations.at(cable.station->value()).port->path() : at(cable.near_switch).name();
    return near + " - " + at(cable.far_switch).name();
}

std::vector<CableId> Lan::State::cables_at(SwitchId id) const {
    std::vector<CableId> found;
    for (std::uint32_t i = 0; i < cables.size(); ++i) {
        const auto& cable = cables[i];
        if (cable.far_switch == id || (!cable.station && cable.near_switch == id)) found.push_back(CableId{i});
    }
    return found;
}

void Lan::State::refresh(std::span<const CableId> changed) {
    bool between_switches = false;
    for (auto id : changed) {
        const auto& cable = at(id);
        refresh_links(cable);
        if (cable.station) at(cable.far_switch).set_in_tree(cable.far_port, true);
        between_switches |= !cable.station.has_value();
    }
    if (between_switches) refresh_tree();
    // Stations last: what they do on hearing of it meets a LAN that is consistent. By index: they may cause changes.
    for (auto id : changed) {
        if (at(id).station) refresh_carrier(at(id));
    }
}

void Lan::State::refresh_links(const Cable& cable) {
    auto& far = at(cable.far_switch);
    const bool near_sends = cable.station ? station_of(cable).enabled()
                                          : at(cable.near_switch).powered() && cable.open &&
                                                at(cable.near_switch).error_of(cable.near_port) == ErrorCause::kNone;
    const bool far_sends =
        far.powered() && (cable.open || !cable.station) && far.error_of(cable.far_port) == ErrorCause::kNone;
    far.set_link(cable.far_port, near_sends && far_sends && cable.far_hears);
    if (!cable.station) {
        at(cable.near_switch).set_link(cable.near_port, near_sends && far_sends && cable.near_hears);
    }
}

void Lan::State::refresh_carrier(const Cable& cable) {
    auto& station = station_of(cable);
    const auto& far = at(cable.far_switch);
    station.set_carrier(station.enabled() && far.powered() && cable.open && cable.near_hears &&
                        far.error_of(cable.far_port) == ErrorCause::kNone);
}

void Lan::power_off(SwitchId id) {
    if (!state_->at(id).powered()) return;
    state_->at(id).set_powered(false);
    state_->refresh(state_->cables_at(id));
}

void Lan::power_on(SwitchId id) {
    if (state_->at(id).powered()) return;
    state_->at(id).set_powered(true);
    state_->refresh(state_->cables_at(id));
}

void Lan::leave_unplugged(CableId id) {
    auto& cable = state_->at(id);
    cable.plugged = cable.near_hears = cable.far_hears = false;
    state_->refresh({&id, 1});
}

void Lan::cut(CableId id, CableSide side) {
    auto& cable = state_->at(id);
    const bool near_hears = cable.near_hears && side == CableSide::kFarHearsNothing;
    const bool far_hears = cable.far_hears && side == CableSide::kNearHearsNothing;
    if (near_hears == cable.near_hears && far_hears == cable.far_hears) return;
    cable.near_hears = near_hears;
    cable.far_hears = far_hears;
    const auto text = "cable " + state_->ends_of(cable) + " cut" +
                      (side == CableSide::kNearHearsNothing  ? ": the first end hears nothing"
                       : side == CableSide::kFarHearsNothing ? ": the second end hears nothing"
                                                             : "");
    state_->engine.trace().milestone(state_->engine.now(), state_->at(cable.far_switch).path(), "cable", text,
                                     {{"near_hears", near_hears}, {"far_hears", far_hears}});
    state_->refresh({&id, 1});
}

void Lan::mend(CableId id) {
    auto& cable = state_->at(id);
    if (cable.near_hears && cable.far_hears) return;
    const auto* const done = cable.plugged ? " mended" : " plugged in";
    cable.plugged = true;
    cable.near_hears = true;
    cable.far_hears = true;
    state_->engine.trace().milestone(state_->engine.now(), state_->at(cable.far_switch).path(), "cable",
                                     "cable " + state_->ends_of(cable) + done,
                                     {{"near_hears", true}, {"far_hears", true}});
    state_->refresh({&id, 1});
}

void Lan::shut_port(CableId id) {
    auto& cable = state_->at(id);
    if (!cable.open) return;
    cable.open = false;
    state_->at(cable.far_switch).clear_error(cable.far_port);
    if (!cable.station) state_->at(cable.near_switch).clear_error(cable.near_port);
    state_->engine.trace().milestone(state_->engine.now(), state_->at(cable.far_switch).path(), "port-shut",
                                     "port of cable " + state_->ends_of(cable) + " shut", {{"open", false}});
    state_->refresh({&id, 1});
}

void Lan::open_port(CableId id) {
    auto& cable = state_->at(id);
    if (cable.open) return;
    cable.open = true;
    state_->engine.trace().milestone(state_->engine.now(), state_->at(cable.far_switch).path(), "port-shut",
                                     "port of cable " + state_->ends_of(cable) + " opened", {{"open", true}});
    state_->refresh({&id, 1});
}

void Lan::set_extra_latency(SwitchId id, sim::Duration extra) {
    auto& one = state_->at(id);
    if (one.extra_latency() == extra) return;
    one.set_extra_latency(extra);
    state_->engine.trace().milestone(state_->engine.now(), one.path(), "extra-latency",
                                     extra.count() > 0 ? "switch forwards more slowly" : "switch forwards as it should",
                                     {{"extra", extra}});
}

}  // namespace pvmsim::fabric
