// Building the SAN and finding things in it. Logins are in san_logins.cpp, faults and routes in san_faults.cpp.
// A site is built once, before the run. Nothing is ever removed.
#include "fabric/san/san.hpp"

#include <algorithm>
#include <utility>

#include "fabric/san/san_state.hpp"

namespace pvmsim::fabric {

San::State::State(sim::Engine& simulator) : engine(simulator), entity(engine.add(*this, "san")) {}

San::State::~State() {
    for (const auto& one : ports) engine.remove(one.port->entity());
    engine.remove(entity);
}

void San::State::on_event(const sim::Event&) { PVMSIM_ASSERT(!"the SAN schedules nothing for itself"); }

void San::State::digest(sim::Digest& digest) const {
    for (const auto& one : switches) {
        digest.add(one.powered);
        digest.add(one.extra_latency);
        for (const auto& area : one.areas) {
            digest.add(area.next_slot);
            for (const auto& login : area.slots) {
                digest.add(login.wwpn);
                digest.add(login.serial);
                digest.add(login.active);
            }
        }
    }
    for (const auto& cable : cables) {
        digest.add(cable.whole);
        digest.add(cable.open);
    }
    digest.add(login_serial);
}

San::San(sim::Engine& engine) : state_(std::make_unique<State>(engine)) {}
San::~San() = default;

SanFabricId San::add_fabric(SanFabricConfig config) {
    const SanFabricId id{static_cast<std::uint32_t>(state_->fabrics.size())};
    Zoning zoning(config.default_zone_all_access);
    state_->fabrics.push_back({std::move(config), std::move(zoning)});
    return id;
}

FcSwitchId San::add_switch(SanFabricId fabric, std::string name) {
    PVMSIM_ASSERT(!has_switch(name));
    PVMSIM_ASSERT(fabric.value() < state_->fabrics.size());
    PVMSIM_ASSERT(state_->switches.size() < State::kSwitchesMax);
    const auto vertex = state_->graph.add_vertex(name);
    auto path = "san/" + name;
    state_->switches.push_back(
        {.name = std::move(name), .path = std::move(path), .fabric = fabric, .extra_latency = {}, .areas = {}});
    state_->refresh_routes();
    return FcSwitchId{vertex.value()};
}

FcCableId San::connect(FcSwitchId a, FcSwitchId b) {
    PVMSIM_ASSERT(fabric_of(a) == fabric_of(b));
    const FcCableId id{static_cast<std::uint32_t>(state_->cables.size())};
    State::Cable cable{};
    cable.near_switch = a;
    cable.far_switch = b;
    cable.edge = state_->graph.add_edge(Vertex{a.value()}, Vertex{b.value()});
    state_->cables.push_back(cable);
    // The ports of the link take their numbers, as on the real switches.
    for (auto end : {a, b}) {
        auto& areas = state_->switches.at(end.value()).areas;
        PVMSIM_ASSERT(areas.size() < State::kPortsPerSwitchMax);
        areas.emplace_back();
    }
    state_->refresh_routes();
    return id;
}

FcPort& San::add_port(std::string path, wire::Wwpn wwpn, bool target) {
    const FcPortId id{static_cast<std::uint32_t>(state_->ports.size())};
    state_->ports.push_back(
        {std::make_unique<FcPort>(state_->engine, *this, id, std::move(path), wwpn, target), std::nullopt});
    return *state_->ports.back().port;
}

FcCableId San::connect(FcPort& port, FcSwitchId to) {
    auto& record = state_->ports.at(port.id().value());
    PVMSIM_ASSERT(!record.cable);
    auto& areas = state_->switches.at(to.value()).areas;
    PVMSIM_ASSERT(areas.size() < State::kPortsPerSwitchMax);
    const FcCableId id{static_cast<std::uint32_t>(state_->cables.size())};
    State::Cable cable{};
    cable.port = port.id();
    cable.far_switch = to;
    cable.area = static_cast<std::uint32_t>(areas.size());
    areas.emplace_back();
    state_->cables.push_back(cable);
    record.cable = id;
    state_->refresh_link(id);
    return id;
}

void San::add_zone(SanFabricId fabric, std::string name, std::vector<wire::Wwpn> members) {
    auto& zoning = state_->fabrics.at(fabric.value()).zoning;
    zoning.add_zone(std::move(name), members);
    for (auto& one : state_->switches) {
        if (one.fabric != fabric) continue;
        for (auto& area : one.areas) {
            for (auto& login : area.slots) login.member = zoning.member_of(login.wwpn);
        }
    }
}

bool San::has_switch(std::string_view name) const { return state_->graph.find(name).has_value(); }

FcSwitchId San::find_switch(std::string_view name) const {
    const auto vertex = state_->graph.find(name);
    PVMSIM_ASSERT(vertex.has_value());
    return FcSwitchId{vertex->value()};
}

std::string_view San::name_of(FcSwitchId id) const { return state_->switches.at(id.value()).name; }
SanFabricId San::fabric_of(FcSwitchId id) const { return state_->switches.at(id.value()).fabric; }
std::size_t San::switch_count() const { return state_->switches.size(); }
bool San::powered(FcSwitchId id) const { return state_->switches.at(id.value()).powered; }

bool San::is_cabled(const FcPort& port) const { return state_->ports.at(port.id().value()).cable.has_value(); }

FcCableId San::cable_of(const FcPort& port) const {
    PVMSIM_ASSERT(is_cabled(port));
    return *state_->ports.at(port.id().value()).cable;
}

FcSwitchId San::switch_of(const FcPort& port) const { return state_->cables.at(cable_of(port).value()).far_switch; }

bool San::npiv_capable(const FcPort& port) const {
    return is_cabled(port) && state_->fabrics.at(fabric_of(switch_of(port)).value()).config.npiv;
}

const FcPort* San::port_of(wire::FcId address) const {
    const auto* login = state_->find(address);
    return login == nullptr ? nullptr : state_->ports.at(login->port.value()).port.get();
}

bool San::are_cabled(FcSwitchId a, FcSwitchId b) const {
    return std::ranges::any_of(state_->cables, [&](const State::Cable& cable) {
        return !cable.port && std::minmax(cable.near_switch, cable.far_switch) == std::minmax(a, b);
    });
}

FcCableId San::cable_between(FcSwitchId a, FcSwitchId b) const {
    for (std::uint32_t i = 0; i < state_->cables.size(); ++i) {
        const auto& cable = state_->cables[i];
        if (!cable.port && std::minmax(cable.near_switch, cable.far_switch) == std::minmax(a, b)) return FcCableId{i};
    }
    PVMSIM_ASSERT(!"no link between the two switches");
    return {};
}

}  // namespace pvmsim::fabric
