// Faults of the SAN and their repair: power, cables, ports, latency; what light and which routes follow from them.
// Routes are the shortest at once (no FSPF convergence); partners hear of a change as a state change notice.
#include <string>

#include "fabric/san/san_state.hpp"

namespace pvmsim::fabric {

std::string San::State::ends_of(const Cable& cable) const {
    const auto& near =
        cable.port ? ports.at(cable.port->value()).port->path() : switches.at(cable.near_switch.value()).name;
    return near + " - " + switches.at(cable.far_switch.value()).name;
}

void San::State::refresh_link(FcCableId id) {
    const auto& cable = cables.at(id.value());
    if (!cable.port) return;
    auto& port = *ports.at(cable.port->value()).port;
    port.set_link(port.enabled() && cable.whole && cable.open && switches.at(cable.far_switch.value()).powered);
}

std::vector<sim::Duration> San::State::compute_routes() const {
    const auto count = switches.size();
    std::vector<sim::Duration> table(count * count, kNoRoute);
    for (std::uint32_t to = 0; to < count; ++to) {
        if (!switches[to].powered) continue;
        const auto hops = graph.hops_towards(Vertex{to});
        const auto transit = fabrics.at(switches[to].fabric.value()).config.transit_latency;
        for (std::uint32_t from = 0; from < count; ++from) {
            if (from != to && !hops[from]) continue;
            auto latency = transit + switches[to].extra_latency;
            for (auto at = from; at != to; at = hops[at]->vertex.value()) latency += switches[at].extra_latency;
            table[from * count + to] = latency;
        }
    }
    return table;
}

void San::State::refresh_routes() {
    for (std::uint32_t i = 0; i < switches.size(); ++i) graph.set_vertex_up(Vertex{i}, switches[i].powered);
    for (const auto& cable : cables) {
        if (!cable.port) graph.set_edge_up(cable.edge, cable.whole && cable.open);
    }
    auto before = std::move(routes);
    routes = compute_routes();
    if (before.size() == routes.size()) notify_rerouted(before);
}

void San::State::notify_rerouted(const std::vector<sim::Duration>& before) const {
    for (std::size_t pair = 0; pair < routes.size(); ++pair) {
        if ((before[pair] == kNoRoute) == (routes[pair] == kNoRoute)) continue;
        const Switch& told = switches[pair / switches.size()];
        const Switch& moved = switches[pair % switches.size()];
        const auto& fabric = fabrics[told.fabric.value()];
        for (const auto& area : told.areas) {
            for (const auto& login : area.slots) {
                if (!login.active) continue;
                for (const auto& other_area : moved.areas) {
                    for (const auto& other : other_area.slots) {
                        if (!other.active || !fabric.zoning.together(login.member, other.member)) continue;
                        engine.schedule_in(fabric.config.notice_delay, login.entity,
                                           StateChangeNotice{login.address, other.address});
                    }
                }
            }
        }
    }
}

void San::State::set_power(FcSwitchId id, bool powered) {
    Switch& one = switches.at(id.value());
    if (one.powered == powered) return;
    one.powered = powered;
    engine.trace().milestone(engine.now(), one.path, "switch-power",
                             powered ? "switch powered on" : "switch powered off", {{"powered", powered}});
    // Going: logins end while the old routes still tell who could see them. Coming: routes are there before logins.
    if (powered) refresh_routes();
    for (std::uint32_t i = 0; i < cables.size(); ++i) {
        if (cables[i].port && cables[i].far_switch == id) refresh_link(FcCableId{i});
    }
    if (!powered) refresh_routes();
}

void San::State::set_cable(FcCableId id, bool whole, bool open, const std::string& what) {
    Cable& cable = cables.at(id.value());
    if (cable.whole == whole && cable.open == open) return;
    cable.whole = whole;
    cable.open = open;
    engine.trace().milestone(engine.now(), switches.at(cable.far_switch.value()).path, "fc-cable",
                             what + " " + ends_of(cable), {{"whole", whole}, {"open", open}});
    if (cable.port) {
        refresh_link(id);
    } else {
        refresh_routes();
    }
}

void San::power_off(FcSwitchId id) { state_->set_power(id, false); }
void San::power_on(FcSwitchId id) { state_->set_power(id, true); }

void San::cut(FcCableId id) { state_->set_cable(id, false, state_->cables.at(id.value()).open, "cable cut:"); }
void San::mend(FcCableId id) { state_->set_cable(id, true, state_->cables.at(id.value()).open, "cable mended:"); }
void San::shut_port(FcCableId id) { state_->set_cable(id, state_->cables.at(id.value()).whole, false, "port shut:"); }
void San::open_port(FcCableId id) { state_->set_cable(id, state_->cables.at(id.value()).whole, true, "port opened:"); }

void San::set_extra_latency(FcSwitchId id, sim::Duration extra) {
    auto& one = state_->switches.at(id.value());
    if (one.extra_latency == extra) return;
    one.extra_latency = extra;
    state_->engine.trace().milestone(
        state_->engine.now(), one.path, "extra-latency",
        extra.count() > 0 ? "switch passes frames more slowly" : "switch passes frames as it should",
        {{"extra", extra}});
    state_->refresh_routes();
}

}  // namespace pvmsim::fabric
