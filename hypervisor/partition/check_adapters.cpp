// Slot numbers are one space for all virtual adapters of a partition; 0 and 1 are its virtual serial adapters
// (R-LP-06). VLANs: 1..4094 without 3358, at most 20 beside the port VLAN (V40). Clients name their server's slot
// (R-LP-08, 09).
#include "hypervisor/partition/check_adapters.hpp"

#include <fmt/format.h>
#include <map>
#include <set>

namespace pvmsim::hypervisor {

namespace {

constexpr std::string_view kEthernet = "virtual_eth_adapters";
constexpr std::string_view kScsi = "virtual_scsi_adapters";
constexpr std::string_view kFibreChannel = "virtual_fc_adapters";
constexpr std::uint16_t kFirstFreeSlot = 2;

/// The slots met so far, and which attribute took them.
class SlotRegister {
  public:
    SlotRegister(ProblemList& problems, std::uint32_t slots_max) : problems_(problems), slots_max_(slots_max) {}

    void take(std::string_view attribute, SlotNumber slot) {
        const std::uint16_t number = slot.value();
        if (number < kFirstFreeSlot)
            problems_.add(attribute, fmt::format("slot {} belongs to a virtual serial adapter; use 2 or more", number));
        if (number >= slots_max_)
            problems_.add(attribute, fmt::format("slot {} is beyond max_virtual_slots {}; use less than that", number,
                                                 slots_max_));
        const auto [taken, is_new] = taken_.emplace(number, attribute);
        if (!is_new)
            problems_.add(attribute, fmt::format("slot {} is taken in {} already; each slot holds one adapter", number,
                                                 taken->second));
    }

  private:
    ProblemList& problems_;
    std::uint32_t slots_max_;
    std::map<std::uint16_t, std::string_view> taken_;
};

void check_vlan(ProblemList& problems, SlotNumber slot, std::string_view field, wire::VlanId vlan) {
    if (vlan == wire::kVlanIdFirmware) {
        problems.add(kEthernet,
                     fmt::format("slot {}: {} 3358 is reserved by the firmware; use another", slot.value(), field));
    } else if (vlan == wire::kUntagged || vlan > wire::kVlanIdMax) {
        problems.add(kEthernet, fmt::format("slot {}: {} {} is no VLAN id; use 1..4094 without 3358", slot.value(),
                                            field, vlan.value()));
    }
}

void check_ethernet(ProblemList& problems, const VirtualEthernetAdapter& adapter) {
    const std::uint16_t slot = adapter.slot_num.value();
    check_vlan(problems, adapter.slot_num, "port_vlan_id", adapter.port_vlan_id);
    std::set<wire::VlanId> vlans{adapter.port_vlan_id};
    for (const wire::VlanId vlan : adapter.addl_vlan_ids) {
        check_vlan(problems, adapter.slot_num, "addl_vlan_ids", vlan);
        if (!vlans.insert(vlan).second)
            problems.add(kEthernet,
                         fmt::format("slot {}: VLAN {} appears twice; name each VLAN once", slot, vlan.value()));
    }
    if (adapter.addl_vlan_ids.size() > kAdditionalVlanIdsMax)
        problems.add(kEthernet, fmt::format("slot {}: {} additional VLANs are too many; at most {} beside port_vlan_id",
                                            slot, adapter.addl_vlan_ids.size(), kAdditionalVlanIdsMax));
    if (!adapter.addl_vlan_ids.empty() && !adapter.ieee_virtual_eth)
        problems.add(kEthernet, fmt::format("slot {}: addl_vlan_ids need ieee_virtual_eth=1", slot));
    if (adapter.trunk_priority > kTrunkPriorityMax)
        problems.add(kEthernet, fmt::format("slot {}: trunk_priority {} is too large; 1..{}, or 0 for no trunk adapter",
                                            slot, adapter.trunk_priority, kTrunkPriorityMax));
    if (adapter.vswitch.empty())
        problems.add(kEthernet, fmt::format("slot {}: vswitch is empty; the default is ETHERNET0", slot));
    if (adapter.mac_addr && adapter.mac_addr->is_group())
        problems.add(kEthernet,
                     fmt::format("slot {}: mac_addr {} is a group address; clear the lowest bit of its first byte",
                                 slot, adapter.mac_addr->to_string()));
}

void check_scsi(ProblemList& problems, const VirtualScsiAdapter& adapter, const ProfileContext& context) {
    const std::uint16_t slot = adapter.slot_num.value();
    if (adapter.adapter_type == AdapterRole::kServer && context.lpar_env == PartitionEnvironment::kAixLinux)
        problems.add(kScsi, fmt::format("slot {}: a server adapter needs lpar_env vioserver", slot));
    if (adapter.adapter_type == AdapterRole::kClient && adapter.remote_lpar_id == kNoPartition)
        problems.add(kScsi, fmt::format("slot {}: remote_lpar_id any is for server adapters; name the VIOS", slot));
    if (adapter.adapter_type == AdapterRole::kClient && !adapter.remote_slot_num)
        problems.add(kScsi,
                     fmt::format("slot {}: remote_slot_num any is for server adapters; name the VIOS's slot", slot));
    if (adapter.remote_lpar_id != kNoPartition && adapter.remote_lpar_id == context.lpar_id)
        problems.add(kScsi, fmt::format("slot {}: remote_lpar_id {} is the partition itself; name another", slot,
                                        context.lpar_id.value()));
}

void check_fibre_channel(ProblemList& problems, const VirtualFcAdapter& adapter, const ProfileContext& context) {
    const std::uint16_t slot = adapter.slot_num.value();
    const bool is_server = adapter.adapter_type == AdapterRole::kServer;
    if (is_server && context.lpar_env != PartitionEnvironment::kVioServer)
        problems.add(kFibreChannel, fmt::format("slot {}: a server adapter needs lpar_env vioserver", slot));
    if (adapter.remote_lpar_id == kNoPartition)
        problems.add(kFibreChannel,
                     fmt::format("slot {}: remote_lpar_id is missing; name the partner, there is no any", slot));
    if (adapter.remote_lpar_id != kNoPartition && adapter.remote_lpar_id == context.lpar_id)
        problems.add(kFibreChannel, fmt::format("slot {}: remote_lpar_id {} is the partition itself; name another",
                                                slot, context.lpar_id.value()));
    if (!adapter.wwpns) return;
    if (is_server) problems.add(kFibreChannel, fmt::format("slot {}: wwpns belong to the client adapter", slot));
    const auto& [first, second] = *adapter.wwpns;
    if (first == wire::kNoWwpn || second == wire::kNoWwpn || first == second)
        problems.add(kFibreChannel, fmt::format("slot {}: wwpns must be two different names", slot));
}

void check_io_slots(ProblemList& problems, const PartitionProfile& profile) {
    std::set<DrcIndex> seen;
    for (const IoSlotRequest& request : profile.io_slots) {
        if (!seen.insert(request.drc_index).second)
            problems.add("io_slots",
                         fmt::format("{:08x} appears twice; name each slot once", request.drc_index.value()));
    }
}

}  // namespace

void check_adapters(ProblemList& problems, const PartitionProfile& profile, const ProfileContext& context) {
    if (profile.max_virtual_slots < kVirtualSlotsMin || profile.max_virtual_slots > kVirtualSlotsMax)
        problems.add("max_virtual_slots", fmt::format("{} is out of range; {}..{}", profile.max_virtual_slots,
                                                      kVirtualSlotsMin, kVirtualSlotsMax));
    check_io_slots(problems, profile);
    SlotRegister slots(problems, profile.max_virtual_slots);
    for (const VirtualEthernetAdapter& adapter : profile.virtual_eth_adapters) {
        slots.take(kEthernet, adapter.slot_num);
        check_ethernet(problems, adapter);
    }
    for (const VirtualScsiAdapter& adapter : profile.virtual_scsi_adapters) {
        slots.take(kScsi, adapter.slot_num);
        check_scsi(problems, adapter, context);
    }
    for (const VirtualFcAdapter& adapter : profile.virtual_fc_adapters) {
        slots.take(kFibreChannel, adapter.slot_num);
        check_fibre_channel(problems, adapter, context);
    }
    if (profile.virtual_eth_adapters.size() > kVirtualEthernetAdaptersMax)
        problems.add(kEthernet, fmt::format("{} adapters are too many; at most {}", profile.virtual_eth_adapters.size(),
                                            kVirtualEthernetAdaptersMax));
}

}  // namespace pvmsim::hypervisor
