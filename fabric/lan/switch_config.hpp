// How an Ethernet switch and its ports are set up.
// Names follow IEEE 802.1Q and the usual switch configuration; parameters are listed in docs/model/lan.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fabric/wire/ethernet.hpp"
#include "sim/base/time.hpp"

namespace pvmsim::fabric {

/// What becomes of a port of an LACP channel whose station says nothing: Nexus suspends it, Catalyst uses it alone.
enum class LacpSilent : std::uint8_t { kSuspend, kIndividual };

/// What storm control does when it finds a loop.
enum class StormAction : std::uint8_t { kLimit, kShutDown };

/// How a switch treats one of its ports.
struct SwitchPortConfig {
    bool trunk = false;                       ///< false: access port of `native_vlan`
    wire::VlanId native_vlan{1};              ///< untagged frames belong to it
    std::vector<wire::VlanId> allowed_vlans;  ///< trunk: tagged VLANs let through; empty means every VLAN of the switch
    bool portfast = true;                     ///< edge port: forwards as soon as the link is up
    /// Ports of one switch with the same number above 0 are one logical port (a port channel, towards one station).
    std::uint16_t channel_group = 0;
    bool lacp = false;                              ///< a port of a group answers the station's LACP frames
    LacpSilent lacp_silent = LacpSilent::kSuspend;  ///< [PARAM] the default of Nexus switches
    bool lacp_fast = false;                         ///< the partner is lost after 3 s of silence, not after 90 s
    bool bpdu_guard = false;                        ///< an edge port that hears a BPDU is error-disabled
    /// Reflective relay (802.1Qbg): a frame may leave by the port it came in, as a VEPA behind it needs.
    bool hairpin = false;
};

struct SwitchConfig {
    std::string name;
    std::vector<wire::VlanId> vlans;  ///< VLANs it knows; frames of others are dropped. Empty: all of 1..4094.
    bool spanning_tree = true;
    std::uint16_t bridge_priority = 32768;             ///< lower becomes root; then the order of declaration
    sim::Duration forward_delay{15'000'000'000};       ///< listening and learning last one each (802.1D default 15 s)
    sim::Duration mac_ageing{300'000'000'000};         ///< 802.1D default 300 s
    sim::Duration forwarding_latency{5'000};           ///< [PARAM] 5 us store and forward
    std::uint32_t mtu_bytes = wire::kStandardMtu;      ///< a longer frame is dropped as it comes in
    std::uint32_t flooded_copies_max_per_s = 200'000;  ///< [PARAM] storm control: floods beyond are dropped

    // --- loops ---
    StormAction storm_action = StormAction::kLimit;
    std::uint64_t port_bits_per_s = 10'000'000'000;  ///< how fast a loop turns
    std::uint32_t storm_loss_permille = 900;  ///< [PARAM] what is lost of other frames of the VLAN at this switch
    /// An address that moved between two ports so often within the interval flaps.
    std::uint32_t mac_flap_moves_max = 10;            ///< [PARAM] our choice
    sim::Duration mac_flap_interval{10'000'000'000};  ///< [PARAM] our choice
    bool mac_flap_err_disable = false;                ///< the port it moved to is error-disabled then
    std::optional<sim::Duration> err_disable_recovery{sim::Duration{300'000'000'000}};  ///< nullopt: never
};

}  // namespace pvmsim::fabric
