// What a Lan holds: switches, stations, cables, hosts, and the graph of its switches. Private to lan*.cpp.
// Everything is numbered in the order it was added, and found by its number.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "fabric/lan/lan.hpp"
#include "fabric/topology/graph.hpp"

namespace pvmsim::fabric {

struct Lan::State {
    /// Near is the station or the first-named switch; far is always a switch.
    struct Cable {
        std::optional<NicPortId> station;
        SwitchId near_switch;  ///< without a station
        SwitchPort near_port;
        SwitchId far_switch;
        SwitchPort far_port;
        Edge edge;            ///< without a station: its edge among the switches
        bool plugged = true;  ///< false: nobody has plugged it in yet
        bool near_hears = true;
        bool far_hears = true;
        bool open = true;  ///< the switch's port; between switches that of the first-named
    };
    struct Station {
        std::unique_ptr<NicPort> port;
        std::optional<CableId> cable;
    };

    explicit State(sim::Engine& simulator) : engine(simulator) {}

    sim::Engine& engine;
    std::vector<std::unique_ptr<EthernetSwitch>> switches;
    std::vector<Station> stations;
    std::vector<Cable> cables;
    std::vector<std::unique_ptr<Host>> hosts;
    Graph graph;         ///< vertex n is switch n
    bool hello = false;  ///< some port is guarded against BPDUs

    [[nodiscard]] EthernetSwitch& at(SwitchId id) { return *switches.at(id.value()); }
    [[nodiscard]] const EthernetSwitch& at(SwitchId id) const { return *switches.at(id.value()); }
    [[nodiscard]] Cable& at(CableId id) { return cables.at(id.value()); }
    [[nodiscard]] NicPort& station_of(const Cable& cable) { return *stations.at(cable.station->value()).port; }

    /// What an administrator would call the ends of a cable.
    [[nodiscard]] std::string ends_of(const Cable& cable) const;

    /// The cables' state may have changed: links first, then the tree, then the stations hear of it.
    void refresh(std::span<const CableId> changed);
    /// Sets the links at the switch ends; the light at a near switch too.
    void refresh_links(const Cable& cable);
    void refresh_carrier(const Cable& cable);
    /// Computes the spanning tree among the switches and tells each port of theirs whether it lies in it.
    void refresh_tree();
    /// The cables at a switch.
    [[nodiscard]] std::vector<CableId> cables_at(SwitchId id) const;
};

}  // namespace pvmsim::fabric
