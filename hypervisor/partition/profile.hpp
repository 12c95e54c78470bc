// PartitionProfile: what a partition asks for when it is activated, in the HMC's own attribute names (lssyscfg -r
// prof).
//
// Checks of a profile against the rules (granularity, VLAN limits, slot numbers) are in check_profile; whether the
// machine can give what is asked is decided at activation (ManagedSystem).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fabric/wire/ethernet.hpp"
#include "fabric/wire/wwn.hpp"
#include "hypervisor/ids.hpp"
#include "hypervisor/memory/sharing/memory_pool.hpp"
#include "hypervisor/units.hpp"

namespace pvmsim::hypervisor {

enum class PartitionEnvironment : std::uint8_t { kAixLinux, kOs400, kVioServer };
enum class ProcessorMode : std::uint8_t { kDedicated, kShared };
enum class SharingMode : std::uint8_t {
    kCapped,
    kUncapped,
    kKeepIdleProcs,
    kShareIdleProcs,
    kShareIdleProcsActive,
    kShareIdleProcsAlways,
};
[[nodiscard]] std::string_view to_string(SharingMode mode);  ///< the HMC's word
enum class MemoryMode : std::uint8_t { kDedicated, kShared };
enum class AdapterRole : std::uint8_t { kServer, kClient };

/// virtual_eth_adapters (R-LP-07): slot/ieee/pvid/[vids]/trunk_priority/required[/vswitch/[mac]/...].
struct VirtualEthernetAdapter {
    SlotNumber slot_num{};
    bool ieee_virtual_eth = false;  ///< may carry addl_vlan_ids
    wire::VlanId port_vlan_id{1};
    std::vector<wire::VlanId> addl_vlan_ids{};  ///< at most 20
    std::uint8_t trunk_priority = 0;            ///< 0: no trunk adapter; 1 best .. 15
    bool is_required = false;
    std::string vswitch = "ETHERNET0";
    std::optional<wire::MacAddress> mac_addr{};  ///< default: prefix + partition id + slot (formats C.5)
    std::optional<std::uint8_t> qos_priority{};  ///< 0..7: the 802.1p priority of what it sends; none: as sent

    [[nodiscard]] bool is_trunk() const { return trunk_priority != 0; }
};

/// virtual_scsi_adapters (R-LP-08): slot/role/remote id/remote name/remote slot/required.
struct VirtualScsiAdapter {
    SlotNumber slot_num{};
    AdapterRole adapter_type = AdapterRole::kClient;
    PartitionId remote_lpar_id = kNoPartition;    ///< kNoPartition: any (server adapters only)
    std::optional<SlotNumber> remote_slot_num{};  ///< nullopt: any
    bool is_required = false;
};

/// virtual_fc_adapters (R-LP-09).
struct VirtualFcAdapter {
    SlotNumber slot_num{};
    AdapterRole adapter_type = AdapterRole::kClient;
    PartitionId remote_lpar_id = kNoPartition;
    SlotNumber remote_slot_num{};
    std::optional<wire::WwpnPair> wwpns{};  ///< client: nullopt lets the system generate a pair at definition
    bool is_required = false;
};

/// io_slots (R-LP-05).
struct IoSlotRequest {
    DrcIndex drc_index{};
    bool is_required = false;
};

struct PartitionProfile {
    std::string name = "normal";

    std::uint64_t min_mem_mib = 256;
    std::uint64_t desired_mem_mib = 1024;
    std::uint64_t max_mem_mib = 2048;
    MemoryMode mem_mode = MemoryMode::kDedicated;
    std::uint32_t hpt_ratio = 64;                ///< page table = maximum memory / this, rounded up to a power of two
    SharedMemoryProfile shared_memory{};         ///< with mem_mode shared; min, desired, max are logical memory then
    std::uint32_t mem_expansion_hundredths = 0;  ///< factor of Active Memory Expansion, 100..1000; 0: off

    ProcessorMode proc_mode = ProcessorMode::kShared;
    ProcUnits min_proc_units{10};
    ProcUnits desired_proc_units{50};
    ProcUnits max_proc_units{100};
    std::uint32_t min_procs = 1;
    std::uint32_t desired_procs = 1;
    std::uint32_t max_procs = 2;
    SharingMode sharing_mode = SharingMode::kUncapped;
    std::uint8_t uncap_weight = 128;
    PoolId shared_proc_pool_id = kDefaultPool;

    std::uint32_t max_virtual_slots = 200;
    std::vector<IoSlotRequest> io_slots{};
    std::vector<VirtualEthernetAdapter> virtual_eth_adapters{};
    std::vector<VirtualScsiAdapter> virtual_scsi_adapters{};
    std::vector<VirtualFcAdapter> virtual_fc_adapters{};
};

}  // namespace pvmsim::hypervisor
