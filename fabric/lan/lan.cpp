// Building the LAN and finding things in it. Faults and the spanning tree are in lan_faults.cpp and lan_tree.cpp.
// A site is built once, before the run; cables may be added later too. Nothing is ever removed.
#include "fabric/lan/lan.hpp"

#include <algorithm>
#include <utility>

#include "fabric/lan/lan_parameters.hpp"
#include "fabric/lan/lan_state.hpp"

namespace pvmsim::fabric {

Lan::Lan(sim::Engine& engine) : state_(std::make_unique<State>(engine)) {}

Lan::~Lan() {
    for (const auto& host : state_->hosts) state_->engine.remove(host->entity());
    for (const auto& station : state_->stations) state_->engine.remove(station.port->entity());
    for (const auto& one : state_->switches) state_->engine.remove(one->entity());
}

SwitchId Lan::add_switch(SwitchConfig config) {
    PVMSIM_ASSERT(!has_switch(config.name));
    const SwitchId id{static_cast<std::uint32_t>(state_->switches.size())};
    const auto vertex = state_->graph.add_vertex(config.name);
    PVMSIM_ASSERT(vertex.value() == id.value());
    state_->switches.push_back(std::make_unique<EthernetSwitch>(state_->engine, *this, id, std::move(config)));
    if (state_->hello) state_->switches.back()->start_hello();
    return id;
}

NicPort& Lan::add_nic_port(std::string path, wire::MacAddress mac) {
    const NicPortId id{static_cast<std::uint32_t>(state_->stations.size())};
    state_->stations.push_back(
        {std::make_unique<NicPort>(state_->engine, *this, id, std::move(path), mac), std::nullopt});
    return *state_->stations.back().port;
}

CableId Lan::connect(NicPort& station, SwitchId to, SwitchPortConfig config) {
    auto& record = state_->stations.at(station.id().value());
    PVMSIM_ASSERT(!record.cable);
    const CableId id{static_cast<std::uint32_t>(state_->cables.size())};
    State::Cable cable{};
    cable.station = station.id();
    cable.far_switch = to;
    if (config.bpdu_guard) start_hello();
    cable.far_port = state_->at(to).add_port(std::move(config), {station.entity(), false, {}, station.path()});
    state_->cables.push_back(cable);
    record.cable = id;
    state_->refresh({&id, 1});
    return id;
}

CableId Lan::connect(SwitchId a, SwitchId b, SwitchPortConfig config) {
    PVMSIM_ASSERT(a != b);
    const CableId id{static_cast<std::uint32_t>(state_->cables.size())};
    auto& near = state_->at(a);
    auto& far = state_->at(b);
    config.trunk = true;
    config.portfast = false;
    config.bpdu_guard = false;
    config.hairpin = false;
    config.channel_group = 0;
    State::Cable cable{};
    cable.near_switch = a;
    cable.far_switch = b;
    cable.near_port = near.add_port(config, {far.entity(), true, {}, far.name()});
    cable.far_port = far.add_port(config, {near.entity(), true, cable.near_port, near.name()});
    near.set_peer_port(cable.near_port, cable.far_port);
    cable.edge = state_->graph.add_edge(Vertex{a.value()}, Vertex{b.value()});
    state_->cables.push_back(cable);
    state_->refresh({&id, 1});
    return id;
}

Host& Lan::add_host(HostConfig config, SwitchId at) {
    PVMSIM_ASSERT(!config.addresses.empty());
    const auto mac = wire::MacAddress::from_integer(kHostMacBase + state_->hosts.size() + 1);
    NicPort& port = add_nic_port("lan/" + config.name + "/en0", mac);
    SwitchPortConfig port_config;
    port_config.trunk = config.tagged || config.addresses.size() > 1;
    if (port_config.trunk) {
        for (const auto& [vlan, address] : config.addresses) port_config.allowed_vlans.push_back(vlan);
    } else {
        port_config.native_vlan = config.addresses.front().first;
    }
    const auto native_vlan = port_config.native_vlan;
    state_->hosts.push_back(std::make_unique<Host>(state_->engine, std::move(config), port, native_vlan));
    connect(port, at, std::move(port_config));
    port.enable();
    return *state_->hosts.back();
}

void Lan::settle() {
    for (const auto& one : state_->switches) one->settle();
}

SwitchId Lan::find_switch(std::string_view name) const {
    const auto vertex = state_->graph.find(name);
    PVMSIM_ASSERT(vertex.has_value());
    return SwitchId{vertex->value()};
}

bool Lan::has_switch(std::string_view name) const { return state_->graph.find(name).has_value(); }

EthernetSwitch& Lan::at(SwitchId id) { return state_->at(id); }
const EthernetSwitch& Lan::at(SwitchId id) const { return std::as_const(*state_).at(id); }

Host* Lan::find_host(std::string_view name) {
    const auto found = std::ranges::find_if(state_->hosts, [&](const auto& host) { return host->name() == name; });
    return found == state_->hosts.end() ? nullptr : found->get();
}

bool Lan::is_cabled(const NicPort& station) const {
    return state_->stations.at(station.id().value()).cable.has_value();
}

CableId Lan::cable_of(const NicPort& station) const {
    PVMSIM_ASSERT(is_cabled(station));
    return *state_->stations.at(station.id().value()).cable;
}

CableId Lan::cable_between(SwitchId a, SwitchId b) const {
    for (std::uint32_t i = 0; i < state_->cables.size(); ++i) {
        const auto& cable = state_->cables[i];
        if (cable.station) continue;
        if (std::minmax(cable.near_switch, cable.far_switch) == std::minmax(a, b)) return CableId{i};
    }
    PVMSIM_ASSERT(!"no cable between the two switches");
    return {};
}

bool Lan::are_cabled(SwitchId a, SwitchId b) const {
    return std::ranges::any_of(state_->cables, [&](const State::Cable& cable) {
        return !cable.station && std::minmax(cable.near_switch, cable.far_switch) == std::minmax(a, b);
    });
}

std::size_t Lan::switch_count() const { return state_->switches.size(); }
std::size_t Lan::host_count() const { return state_->hosts.size(); }
Host& Lan::host(std::size_t index) { return *state_->hosts.at(index); }

void Lan::station_changed(NicPortId id) {
    const auto& cable = state_->stations.at(id.value()).cable;
    if (!cable) return;
    const auto changed = *cable;
    state_->refresh({&changed, 1});
}

void Lan::transmit(NicPortId from, const wire::Frame& frame) {
    const auto& cable = state_->at(*state_->stations[from.value()].cable);
    state_->engine.schedule_in(kCableLatency, state_->at(cable.far_switch).entity(),
                               FrameAtSwitch{frame, cable.far_port});
}

void Lan::topology_changed() {
    for (const auto& one : state_->switches) {
        if (one->config().spanning_tree) one->forget_learned();
    }
}

}  // namespace pvmsim::fabric
