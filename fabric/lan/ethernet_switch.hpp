// EthernetSwitch: learns stations by VLAN, forwards to the port it learned, floods what it does not know.
//
// Modelled: access and trunk ports with a native VLAN and an allowed list, learning with ageing, the port states of
// 802.1D with edge ports (PortFast), port channels towards stations, static or LACP, storm control, loops carried as a
// rate, err-disable. Which ports lie in the tree is the Lan's word (it sees all switches); how long they take to
// forward is decided here. Left out: bandwidth and queues, multicast snooping, other link-local protocols. Sources:
// IEEE 802.1D/802.1Q/802.1AX; docs/model/lan.md, docs/model/network-outside.md.
#pragma once

#include <bitset>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fabric/lan/events.hpp"
#include "fabric/lan/mac_table.hpp"
#include "fabric/lan/port_report.hpp"
#include "fabric/lan/repetition_table.hpp"
#include "fabric/lan/switch_config.hpp"
#include "fabric/wire/ethernet.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::fabric {

class Lan;

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
    /// Frames that storm control dropped and that were lost in storms.
    [[nodiscard]] std::uint64_t storm_drops() const { return storm_drops_; }

    // --- reports ---
    [[nodiscard]] ErrorCause error_of(SwitchPort port) const { return at(port).error; }
    [[nodiscard]] LacpState lacp_state(SwitchPort port) const { return at(port).lacp; }
    [[nodiscard]] PortReport report(SwitchPort port) const;
    /// Storms which this switch noticed, ended ones first, then in the order of their beginning.
    [[nodiscard]] std::vector<StormReport> storms() const;
    /// True while a storm of the VLAN reaches this switch, whoever noticed it.
    [[nodiscard]] bool in_storm(wire::VlanId vlan) const;
    /// By VLAN and address.
    [[nodiscard]] std::span<const FlapReport> flaps() const { return flaps_; }
    /// By port and VLAN.
    [[nodiscard]] std::span<const VlanDrop> vlan_drops() const { return vlan_drops_; }

    // --- for traffic that is computed as a rate: lan_routes.cpp ---
    struct Outlet {
        const PortPeer* peer;
        wire::Frame frame;
    };
    /// Where a frame that came in at the port would leave now, and as what.
    [[nodiscard]] std::vector<Outlet> outlets(SwitchPort in, const wire::Frame& frame) const;
    /// Another word whenever outlets() may answer differently, ageing aside.
    [[nodiscard]] std::uint64_t routes_word() const;

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
    /// An administrator's shutdown, or the loss of power, forgets why a port was error-disabled.
    void clear_error(SwitchPort port);
    /// From now on BPDUs leave by the ports to stations each hello time. Once.
    void start_hello();
    /// A storm noticed by `owner` reaches this switch; `identity` is its frame's. Or it does no longer.
    void enter_storm(SwitchId owner, wire::VlanId vlan, std::uint64_t identity);
    void leave_storm(SwitchId owner, wire::VlanId vlan);

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
        ErrorCause error = ErrorCause::kNone;
        sim::EventHandle error_timer;
        LacpState lacp = LacpState::kNone;
        sim::SimTime lacp_deadline{};  ///< silent until then: the partner is lost
        sim::EventHandle lacp_timer;
        bool told_lacp_ignored = false;
    };
    struct Storm {
        StormReport report;
        std::uint64_t identity = 0;
        wire::Frame frame;
        bool returned = true;  ///< since the last probe
        std::uint32_t silent_probes = 0;
    };
    /// A storm as it reaches this switch.
    struct StormShadow {
        SwitchId owner;
        wire::VlanId vlan;
        std::uint64_t identity;
    };
    struct FlapTold {
        wire::VlanId vlan;
        sim::SimTime last;
    };

    [[nodiscard]] const Port& at(SwitchPort port) const { return ports_.at(port.value()); }
    [[nodiscard]] Port& at(SwitchPort port) { return ports_.at(port.value()); }
    [[nodiscard]] bool is_edge(const Port& port) const;
    void set_state(SwitchPort id, PortState state);
    void on_timer(SwitchPort id);

    // --- forwarding: ethernet_switch.cpp ---
    void receive(SwitchPort id, const wire::Frame& frame);
    [[nodiscard]] std::expected<wire::VlanId, LanDrop> classify(const Port& port, const wire::Frame& frame) const;
    void drop(SwitchPort id, const wire::Frame& frame, LanDrop reason);
    void flood(SwitchPort from, wire::VlanId vlan, const wire::Frame& frame);
    [[nodiscard]] bool receives_flood(SwitchPort id, SwitchPort from, wire::VlanId vlan,
                                      const wire::Frame& frame) const;
    [[nodiscard]] std::uint32_t count_copies(SwitchPort from, wire::VlanId vlan, const wire::Frame& frame) const;
    void send_copies(SwitchPort from, wire::VlanId vlan, const wire::Frame& frame);
    [[nodiscard]] bool storm_control_allows(std::uint32_t copies);
    [[nodiscard]] SwitchPort member_for(SwitchPort leader, const wire::Frame& frame) const;
    void transmit(SwitchPort id, wire::VlanId vlan, const wire::Frame& frame);
    void put_on_wire(Port& port, const wire::Frame& frame);

    // --- channels: ethernet_switch_lacp.cpp ---
    /// True when the port forwards and its place in the channel lets it carry frames.
    [[nodiscard]] bool carries_frames(const Port& port) const;
    /// First port of the logical port it belongs to; itself when it stands alone.
    [[nodiscard]] SwitchPort leader_of(SwitchPort id) const;
    void begin_lacp(SwitchPort id);
    void hear_lacp(SwitchPort id, const wire::Frame& frame);
    void expect_partner(SwitchPort id, sim::Duration within);
    void on_partner_due(SwitchPort id);
    void forget_unless_reachable(SwitchPort leader);

    // --- loops: ethernet_switch_storm.cpp ---
    /// True when the storm of the VLAN takes the frame: it is the storm's own, come back, or it is lost.
    [[nodiscard]] bool storm_takes(wire::VlanId vlan, const wire::Frame& frame);
    /// The same for a frame about to be flooded: what goes round is carried by the storm's rate.
    [[nodiscard]] bool storm_absorbs(SwitchPort from, wire::VlanId vlan, const wire::Frame& frame,
                                     std::uint32_t copies);
    void begin_storm(SwitchPort from, wire::VlanId vlan, const wire::Frame& frame, std::uint32_t copies);
    void probe_storm(wire::VlanId vlan);
    void end_storm(std::size_t index);
    [[nodiscard]] StormReport report_of(const Storm& storm) const;

    // --- guards: ethernet_switch_guard.cpp ---
    void note_move(SwitchPort to, wire::VlanId vlan, wire::MacAddress mac, const MacTable::Move& move);
    void report_flap(SwitchPort to, wire::VlanId vlan, wire::MacAddress mac, SwitchPort from);
    void hear_bpdu(SwitchPort id);
    void send_bpdus();
    void err_disable(SwitchPort id, ErrorCause cause);
    void on_err_disable_over(SwitchPort id);

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
    RepetitionTable repetitions_;
    sim::RandomStream storm_draws_;
    std::vector<Storm> storms_;             ///< that go on
    std::vector<StormReport> past_storms_;  ///< at most kStormReportsMax
    std::vector<StormShadow> shadows_;
    std::vector<FlapReport> flaps_;
    std::vector<FlapTold> flaps_told_;
    std::vector<VlanDrop> vlan_drops_;
    bool hello_ = false;
};

}  // namespace pvmsim::fabric
