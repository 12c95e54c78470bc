// Lan: everything Ethernet outside the servers: switches, the cables between them and to stations, hosts that answer.
//
// Faults are the real ones: a switch loses power, a port is shut, a cable breaks in both directions or in one (the far
// end still sees light), latency grows. Repair undoes them. Topology questions go to fabric/topology.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fabric/lan/ethernet_switch.hpp"
#include "fabric/lan/host.hpp"
#include "fabric/lan/nic_port.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::fabric {

/// How a switch treats one of its ports.
struct SwitchPortConfig {
    bool trunk = false;                       ///< false: access port of `native_vlan`
    wire::VlanId native_vlan{1};              ///< untagged frames belong to it
    std::vector<wire::VlanId> allowed_vlans;  ///< trunk: tagged VLANs let through; empty means every VLAN of the switch
    bool portfast = true;                     ///< edge port: forwards as soon as the link is up
};

struct SwitchConfig {
    std::string name;
    std::vector<wire::VlanId> vlans;  ///< VLANs it knows; frames of others are dropped. Empty: all of 1..4094.
    bool spanning_tree = true;
    std::uint16_t bridge_priority = 32768;           ///< lower becomes root; then the order of declaration
    sim::Duration forward_delay{15'000'000'000};     ///< listening and learning last one each (802.1D default 15 s)
    sim::Duration mac_ageing{300'000'000'000};       ///< 802.1D default 300 s
    sim::Duration forwarding_latency{5'000};         ///< [PARAM] 5 us store and forward
};

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

    // --- faults and repair; each may be repeated harmlessly ---
    void power_off(SwitchId id);
    void power_on(SwitchId id);
    void cut(CableId id, CableSide side);
    void mend(CableId id);
    void shut_port(CableId id);   ///< the switch's port is administratively down
    void open_port(CableId id);
    void set_extra_latency(SwitchId id, sim::Duration extra);

    // --- finding things ---
    [[nodiscard]] SwitchId find_switch(std::string_view name) const;  ///< asserts that it exists
    [[nodiscard]] bool has_switch(std::string_view name) const;
    [[nodiscard]] EthernetSwitch& at(SwitchId id);
    [[nodiscard]] const EthernetSwitch& at(SwitchId id) const;
    [[nodiscard]] Host* find_host(std::string_view name);
    [[nodiscard]] CableId cable_of(const NicPort& station) const;  ///< asserts that it is cabled
    [[nodiscard]] bool is_cabled(const NicPort& station) const;
    /// Any cable between the two switches (first found); asserts that there is one.
    [[nodiscard]] CableId cable_between(SwitchId a, SwitchId b) const;
    [[nodiscard]] std::size_t switch_count() const;

  private:
    friend class NicPort;
    friend class EthernetSwitch;
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace pvmsim::fabric
