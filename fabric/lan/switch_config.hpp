// How an Ethernet switch and its ports are set up.
// Names follow IEEE 802.1Q and the usual switch configuration; parameters are listed in docs/model/lan.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fabric/wire/ethernet.hpp"
#include "sim/base/time.hpp"

namespace pvmsim::fabric {

/// How a switch treats one of its ports.
struct SwitchPortConfig {
    bool trunk = false;                       ///< false: access port of `native_vlan`
    wire::VlanId native_vlan{1};              ///< untagged frames belong to it
    std::vector<wire::VlanId> allowed_vlans;  ///< trunk: tagged VLANs let through; empty means every VLAN of the switch
    bool portfast = true;                     ///< edge port: forwards as soon as the link is up
    /// Ports of one switch with the same number above 0 are one logical port (a port channel, towards one station).
    std::uint16_t channel_group = 0;
    bool lacp = false;  ///< a port of a group answers the station's LACP frames
};

struct SwitchConfig {
    std::string name;
    std::vector<wire::VlanId> vlans;  ///< VLANs it knows; frames of others are dropped. Empty: all of 1..4094.
    bool spanning_tree = true;
    std::uint16_t bridge_priority = 32768;             ///< lower becomes root; then the order of declaration
    sim::Duration forward_delay{15'000'000'000};       ///< listening and learning last one each (802.1D default 15 s)
    sim::Duration mac_ageing{300'000'000'000};         ///< 802.1D default 300 s
    sim::Duration forwarding_latency{5'000};           ///< [PARAM] 5 us store and forward
    std::uint32_t flooded_copies_max_per_s = 200'000;  ///< [PARAM] storm control: floods beyond are dropped
};

}  // namespace pvmsim::fabric
