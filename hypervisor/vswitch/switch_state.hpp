// What one virtual switch and one of its adapters consist of. Private to vswitch/: laid out for sending, where every
// frame looks up one address, one VLAN and one or a few adapters, and compares no strings.
#pragma once

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <string>
#include <vector>

#include "hypervisor/vswitch/mac_table.hpp"
#include "hypervisor/vswitch/receive_buffers.hpp"
#include "hypervisor/vswitch/virtual_ethernet.hpp"

namespace pvmsim::hypervisor {

inline constexpr std::size_t kVlanTableSize = 4096;
inline constexpr std::size_t kAdditionalVlansMax = 20;  ///< beside the port VLAN (V40)

struct VirtualEthernet::Adapter {
    std::uint32_t switch_index = 0;
    bool defined = false;
    bool registered = false;
    bool trunk_active = false;
    bool inactive_reception = true;
    SlotNumber slot;
    std::uint8_t vlan_count = 0;
    std::array<wire::VlanId, kAdditionalVlansMax + 1> vlans;  ///< the port VLAN first
    wire::MacAddress mac;
    sim::EntityId receiver = sim::kNoEntity;
    ReceiveBuffers buffers;
    LogicalLanCounters counters;
    PartitionId owner;
    VirtualEthernetAdapter config;

    [[nodiscard]] bool carries(wire::VlanId vlan) const {
        return std::find(vlans.begin(), vlans.begin() + vlan_count, vlan) != vlans.begin() + vlan_count;
    }
    void take_vlans_of_config() {
        vlan_count = 0;
        vlans[vlan_count++] = config.port_vlan_id;
        if (!config.ieee_virtual_eth) return;
        for (const wire::VlanId vlan : config.addl_vlan_ids) vlans[vlan_count++] = vlan;
    }
};

struct VirtualEthernet::Switch {
    void note_uplinks(const Adapter& adapter) {
        if (!adapter.config.is_trunk()) return;
        for (std::size_t i = 0; i < adapter.vlan_count; ++i) uplinked.set(adapter.vlans[i].value());
    }
    /// In VEPA mode frames of a VLAN that leads outside are not switched here. One that no trunk adapter has, a control
    /// channel's, could go nowhere else [our choice].
    [[nodiscard]] bool leaves_to_outside(wire::VlanId vlan) const {
        return mode == SwitchMode::kVepa && uplinked[vlan.value()];
    }

    explicit Switch(std::string_view switch_name)
        : name(switch_name), ports(kVlanTableSize), active_trunk(kVlanTableSize, MacTable::kNowhere) {}

    std::string name;
    SwitchMode mode = SwitchMode::kVeb;
    std::vector<std::vector<std::uint32_t>> ports;  ///< by VLAN: the registered adapters, ascending
    std::vector<std::uint32_t> active_trunk;        ///< by VLAN
    std::bitset<kVlanTableSize> uplinked;           ///< VLANs that a trunk adapter has, or had
    MacTable own;                                   ///< addresses of registered adapters, for all VLANs
    MacTable learned;                               ///< addresses seen behind them, by VLAN
};

}  // namespace pvmsim::hypervisor
