// Lan: everything Ethernet outside the servers: switches, the cables between them and to stations, hosts that answer.
//
// Faults are the real ones: a switch loses power, a port is shut, a cable breaks in both directions or in one (the far
// end still sees light), latency grows. Repair undoes them. Topology questions go to fabric/topology.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fabric/lan/ethernet_switch.hpp"
#include "fabric/lan/host.hpp"
#include "fabric/lan/nic_port.hpp"
#include "fabric/lan/switch_config.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::fabric {

/// Which direction of a cable is cut, seen from the station or the first-named switch.
enum class CableSide : std::uint8_t { kBoth, kNearHearsNothing, kFarHearsNothing };

struct CableIdTag;
using CableId = sim::StrongId<CableIdTag>;

class Lan {
  public:
    explicit Lan(sim::Engine& engine);
    ~Lan();

    SwitchId add_switch(SwitchConfig config);
    /// A station's port, not yet cabled. `path` names the entity ("p740a/C2-T1").
    NicPort& add_nic_port(std::string path, wire::MacAddress mac);
    /// Cables a station to the next free port of a switch.
    CableId connect(NicPort& station, SwitchId to, SwitchPortConfig config);
    /// Cables two switches (a trunk on both sides, never an edge port).
    CableId connect(SwitchId a, SwitchId b, SwitchPortConfig config);
    /// A host with its own port on `at`, answering ARP, echo and requests in each VLAN it has an address in.
    Host& add_host(HostConfig config, SwitchId at);

    /// Every cable and port settled before time 0: links that are up forward at once, without spanning tree delay.
    /// Call once after building, before running.
    void settle();
    /// The cable is there, but a mend plugs it in. Before settle().
    void leave_unplugged(CableId id);

    // --- faults and repair; each may be repeated harmlessly ---
    void power_off(SwitchId id);
    void power_on(SwitchId id);
    void cut(CableId id, CableSide side);
    void mend(CableId id);
    void shut_port(CableId id);  ///< the switch's port is administratively down
    void open_port(CableId id);
    void set_extra_latency(SwitchId id, sim::Duration extra);

    // --- loops and guards ---
    /// True while a storm of the VLAN reaches the switch.
    [[nodiscard]] bool in_storm(SwitchId id, wire::VlanId vlan) const { return at(id).in_storm(vlan); }
    /// Of all switches, which noticed what; for each switch in the order of EthernetSwitch::storms.
    [[nodiscard]] std::vector<std::pair<SwitchId, StormReport>> storms() const;
    /// The port at the switch's end of a station's cable.
    [[nodiscard]] SwitchPort port_of(CableId id) const;
    [[nodiscard]] SwitchId switch_of(CableId id) const;

    // --- for traffic that is computed as a rate: lan_routes.cpp ---
    struct ReachedStation {
        sim::EntityId entity;  ///< its port
        wire::Frame frame;
    };
    /// Who would get a frame of this station now; nothing is sent.
    [[nodiscard]] std::vector<ReachedStation> reached_from(const NicPort& station, const wire::Frame& frame) const;
    /// Another word whenever reached_from() may answer differently, ageing aside.
    [[nodiscard]] std::uint64_t routes_word() const;

    // --- finding things ---
    [[nodiscard]] SwitchId find_switch(std::string_view name) const;  ///< asserts that it exists
    [[nodiscard]] bool has_switch(std::string_view name) const;
    [[nodiscard]] EthernetSwitch& at(SwitchId id);
    [[nodiscard]] const EthernetSwitch& at(SwitchId id) const;
    [[nodiscard]] Host* find_host(std::string_view name);
    [[nodiscard]] CableId cable_of(const NicPort& station) const;  ///< asserts that it is cabled
    [[nodiscard]] bool is_cabled(const NicPort& station) const;
    [[nodiscard]] std::size_t host_count() const;
    /// In the order of declaration.
    [[nodiscard]] Host& host(std::size_t index);
    /// Any cable between the two switches (first found); asserts that there is one.
    [[nodiscard]] CableId cable_between(SwitchId a, SwitchId b) const;
    [[nodiscard]] bool are_cabled(SwitchId a, SwitchId b) const;
    [[nodiscard]] std::size_t switch_count() const;

  private:
    friend class NicPort;
    friend class EthernetSwitch;
    struct State;

    /// A station's driver turned its port on or off.
    void station_changed(NicPortId id);
    /// A station puts a frame on its cable.
    void transmit(NicPortId from, const wire::Frame& frame);
    /// A port inside the tree began or ended to forward: what was learned may be wrong everywhere.
    void topology_changed();
    /// A switch error-disabled a port or lets it try again: light goes and comes.
    void port_error_changed(SwitchId id, SwitchPort port);
    /// The storm of a VLAN reaches every switch joined to its owner by forwarding ports of the VLAN, and no other.
    void spread_storm(SwitchId owner, wire::VlanId vlan, std::uint64_t identity);
    void end_storm(SwitchId owner, wire::VlanId vlan);
    /// Some port is guarded: every switch says hello.
    void start_hello();

    std::unique_ptr<State> state_;
};

}  // namespace pvmsim::fabric
