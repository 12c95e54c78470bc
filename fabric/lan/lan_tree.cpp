// The spanning tree, computed centrally: what 802.1D's switches agree on when their BPDUs have come to rest.
//
// Every link costs the same. The root of each connected part is the switch with the lowest (priority, declaration); a
// switch's root port is the one whose neighbour is nearest to the root, then lowest in that order, then first cabled;
// of two switches at any other link the nearer (then lower) one forwards and the other blocks. Switches without
// spanning tree stand outside: their ports forward at once, and a loop through them is not found, as in life.
#include <algorithm>
#include <tuple>

#include "fabric/lan/lan_state.hpp"

namespace pvmsim::fabric {
namespace {

/// 802.1D's bridge identifier: priority, then (in place of the MAC address) the order of declaration.
struct BridgeOrder {
    std::uint16_t priority;
    std::uint32_t declaration;
    friend auto operator<=>(const BridgeOrder&, const BridgeOrder&) = default;
};

struct Position {
    std::uint32_t distance = 0;
    BridgeOrder bridge{};
    friend auto operator<=>(const Position&, const Position&) = default;
};

/// For every switch its distance from the root of its part, and its own identifier.
std::vector<Position> positions_in(const Graph& graph, const std::vector<BridgeOrder>& bridges) {
    std::vector<Position> positions(bridges.size());
    const auto components = graph.components();
    std::vector<bool> done(bridges.size(), false);
    auto by_order = bridges;
    std::ranges::sort(by_order);
    for (const auto& candidate : by_order) {
        if (done[candidate.declaration] || !components[candidate.declaration]) continue;
        const auto distances = graph.distances_from(Vertex{candidate.declaration});
        for (std::size_t i = 0; i < distances.size(); ++i) {
            if (!distances[i]) continue;
            positions[i] = {*distances[i], bridges[i]};
            done[i] = true;
        }
    }
    return positions;
}

}  // namespace

void Lan::State::refresh_tree() {
    std::vector<BridgeOrder> bridges;
    for (std::uint32_t i = 0; i < switches.size(); ++i) {
        const auto& config = switches[i]->config();
        graph.set_vertex_up(Vertex{i}, switches[i]->powered() && config.spanning_tree);
        bridges.push_back({config.bridge_priority, i});
    }
    for (const auto& cable : cables) {
        if (cable.station) continue;
        const bool both_hear = at(cable.near_switch).port_state(cable.near_port) != PortState::kDisabled &&
                               at(cable.far_switch).port_state(cable.far_port) != PortState::kDisabled;
        graph.set_edge_up(cable.edge, both_hear);
    }
    const auto positions = positions_in(graph, bridges);

    // The root port of each switch, as the cable it lies on.
    std::vector<std::optional<std::uint32_t>> root_cable(switches.size());
    const auto better_root = [&](SwitchId self, SwitchId neighbour, std::uint32_t cable) {
        if (positions[neighbour.value()].distance + 1 != positions[self.value()].distance) return;
        auto& best = root_cable[self.value()];
        const auto other_end = [&](std::uint32_t index) {
            return cables[index].near_switch == self ? cables[index].far_switch : cables[index].near_switch;
        };
        if (!best || positions[neighbour.value()] < positions[other_end(*best).value()]) best = cable;
    };
    const auto in_graph = [&](const Cable& cable) {
        return !cable.station && graph.is_up(cable.edge) && graph.is_up(Vertex{cable.near_switch.value()}) &&
               graph.is_up(Vertex{cable.far_switch.value()});
    };
    for (std::uint32_t i = 0; i < cables.size(); ++i) {
        if (!in_graph(cables[i])) continue;
        better_root(cables[i].near_switch, cables[i].far_switch, i);
        better_root(cables[i].far_switch, cables[i].near_switch, i);
    }

    // Blocking first: at no instant are there more forwarding ports than the tree has.
    const auto blocks = [&](const Cable& cable, std::uint32_t index, SwitchId self, SwitchId other) {
        return in_graph(cable) && root_cable[self.value()] != index &&
               positions[other.value()] < positions[self.value()];
    };
    for (const bool forward : {false, true}) {
        for (std::uint32_t i = 0; i < cables.size(); ++i) {
            const auto& cable = cables[i];
            if (cable.station) continue;
            const bool near_in_tree = !blocks(cable, i, cable.near_switch, cable.far_switch);
            const bool far_in_tree = !blocks(cable, i, cable.far_switch, cable.near_switch);
            if (near_in_tree == forward) at(cable.near_switch).set_in_tree(cable.near_port, forward);
            if (far_in_tree == forward) at(cable.far_switch).set_in_tree(cable.far_port, forward);
        }
    }
}

}  // namespace pvmsim::fabric
