// EthernetSwitch: learns stations by VLAN, forwards to the port it learned, floods what it does not know.
//
// Modelled: access and trunk ports with a native VLAN and an allowed list, learning with ageing, the port states of
// 802.1D with edge ports (PortFast), port channels towards stations, storm control for floods. Which ports lie in the
// tree is the Lan's word (it sees all switches); how long they take to forward is decided here. Left out: bandwidth and
// queues, multicast snooping, link-local protocols but LACP's answer. Sources: IEEE 802.1D/802.1Q; docs/model/lan.md.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fabric/lan/events.hpp"
#include "fabric/lan/mac_table.hpp"
#include "fabric/lan/switch_config.hpp"
#include "fabric/wire/ethernet.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::fabric {

class Lan;

/// 802.1D's states of a port. Disabled: no link, or the switch is off.
enum class PortState : std::uint8_t { kDisabled, kBlocking, kListening, kLearning, kForwarding };
[[nodiscard]] std::string_view to_string(PortState state);

struct PortCounters {
    std::uint64_t frames_in = 0;
    std::uint64_t frames_out = 0;
    std::uint64_t frames_dropped = 0;  ///< on arrival: wrong VLAN, port not forwarding, no link, storm control
};

/// What the far end of a port's cable is: where frames go.
struct PortPeer {
    sim::EntityId entity = sim::kNoEntity;
    bool is_switch = false;
    SwitchPort port{};  ///< when it is a switch
    std::string name;   ///< for people
};

class EthernetSwitch : public sim::Entity {
  public:
    /// Created by Lan::add_switch.
    EthernetSwitch(sim::Engine& engine, Lan& lan, SwitchId id, SwitchConfig config);

    [[nodiscard]] const std::string& name() const { return config_.name; }
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] const SwitchConfig& config() const { return config_; }
    [[nodiscard]] sim::EntityId entity() const { return entity_; }
    [[nodiscard]] bool powered() const { return powered_; }
    [[nodiscard]] std::size_t port_count() const { return ports_.size(); }
    [[nodiscard]] const SwitchPortConfig& port_config(SwitchPort port) const { return at(port).config; }
    [[nodiscard]] PortState port_state(SwitchPort port) const { return at(port).state; }
    [[nodiscard]] const PortCounters& counters(SwitchPort port) const { return at(port).counters; }
    /// True when frames of the VLAN may pass the port.
    [[nodiscard]] bool carries(SwitchPort port, wire::VlanId vlan) const;
    /// Where a station is known to live now.
    [[nodiscard]] std::optional<SwitchPort> lookup(wire::VlanId vlan, wire::MacAddress mac) const;
    [[nodiscard]] const MacTable& mac_table() const { return mac_table_; }
    [[nodiscard]] sim::Duration extra_latency() const { return extra_latency_; }
    /// Floods that storm control dropped.
    [[nodiscard]] std::uint64_t storm_drops() const { return storm_drops_; }

    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

    // --- the Lan's word ---
    SwitchPort add_port(SwitchPortConfig config, PortPeer peer);
    void set_peer_port(SwitchPort port, SwitchPort peer_port);
    void set_powered(bool powered);
    void set_link(SwitchPort port, bool up);
    /// Whether the tree uses the port; a port with link that may forward starts on its way to forwarding.
    void set_in_tree(SwitchPort port, bool in_tree);
    /// Ports on their way forward at once.
    void settle();
    void set_extra_latency(sim::Duration extra) { extra_latency_ = extra; }
    void forget_learned() { mac_table_.forget_all(); }

  private:
    struct Port {
        SwitchPortConfig config;
        PortPeer peer;
        std::bitset<4096> vlans;  ///< what may pass
        SwitchPort leader;        ///< first port of its channel group; itself without a group
        bool link = false;
        PortState state = PortState::kDisabled;
        sim::EventHandle timer;
        PortCounters counters;
    };

    [[nodiscard]] const Port& at(SwitchPort port) const { return ports_.at(port.value()); }
    [[nodiscard]] Port& at(SwitchPort port) { return ports_.at(port.value()); }
    [[nodiscard]] bool is_edge(const Port& port) const;
    void set_state(SwitchPort id, PortState state);
    void on_timer(SwitchPort id);

    void receive(SwitchPort id, const wire::Frame& frame);
    [[nodiscard]] std::optional<wire::VlanId> classify(const Port& port, const wire::Frame& frame) const;
    void answer_lacp(SwitchPort id, const wire::Frame& frame);
    void flood(SwitchPort from, wire::VlanId vlan, const wire::Frame& frame);
    [[nodiscard]] bool storm_control_allows(std::uint32_t copies);
    [[nodiscard]] SwitchPort member_for(SwitchPort leader, const wire::Frame& frame) const;
    void transmit(SwitchPort id, wire::VlanId vlan, const wire::Frame& frame);
    void put_on_wire(Port& port, const wire::Frame& frame);

    sim::Engine& engine_;
    Lan& lan_;
    SwitchId id_;
    SwitchConfig config_;
    std::string path_;
    sim::EntityId entity_;
    std::vector<Port> ports_;
    MacTable mac_table_;
    std::bitset<4096> vlans_;
    bool powered_ = true;
    sim::Duration extra_latency_{0};
    std::int64_t flood_second_ = -1;  ///< the second the next number counts
    std::uint32_t flooded_copies_ = 0;
    bool storm_ = false;  ///< storm control acted in that second
    std::uint64_t storm_drops_ = 0;
};

}  // namespace pvmsim::fabric
