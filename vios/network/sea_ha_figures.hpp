// SeaHaFigures: what `entstat -all` prints about the failover of a Shared Ethernet Adapter (formats A.8): "High
// Availability Statistics", and of each trunk adapter priority and Active bit.
// Rule of that page: Bridge Mode All means that every trunk adapter is active, Partial those of the VID shared list,
// None none. Figures only; who prints them chooses the words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fabric/wire/ethernet.hpp"
#include "vios/network/sea.hpp"

namespace pvmsim::vios {

struct SeaTrunkFigures {
    std::string name;
    std::vector<wire::VlanId> vlans;  ///< the port VLAN first
    std::uint8_t priority = 0;
    bool active = false;   ///< the hypervisor's Active bit
    bool bridged = false;  ///< by this SEA
};

struct SeaHaFigures {
    /// 4095 for the simplified channel; nothing without a channel or without failover.
    std::optional<wire::VlanId> control_channel_pvid;
    SeaFailoverCounters counters;
    SeaState state = SeaState::kInit;
    SeaBridgeMode bridge_mode = SeaBridgeMode::kUnknown;
    std::vector<wire::VlanId> vids_shared;  ///< "VID shared": while sharing, the VLANs bridged here
    std::string ha_mode;                    ///< "Auto", "Standby", "Sharing"; "Disabled"
    std::uint8_t priority = 0;
    std::vector<SeaTrunkFigures> trunks;
};

[[nodiscard]] SeaHaFigures ha_figures(const SharedEthernetAdapter& sea);
/// "Partial", as entstat prints it.
[[nodiscard]] std::string_view to_string(SeaBridgeMode mode);

}  // namespace pvmsim::vios
