// Rules that a partition profile must keep by itself: ranges, granularity, slots, VLANs (R-LP-02..09, V40). Whether the
// machine can give what a sound profile asks for is decided at activation.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hypervisor/errors.hpp"
#include "hypervisor/ids.hpp"
#include "hypervisor/partition/profile.hpp"

namespace pvmsim::hypervisor {

inline constexpr std::uint32_t kVirtualSlotsMin = 2;               ///< R-LP-06
inline constexpr std::uint32_t kVirtualSlotsMax = 65'536;          ///< R-LP-06
inline constexpr std::uint32_t kVirtualEthernetAdaptersMax = 256;  ///< of one partition (behaviour 3.1)
inline constexpr std::uint32_t kAdditionalVlanIdsMax = 20;         ///< beside port_vlan_id (V40)
inline constexpr std::uint8_t kTrunkPriorityMax = 15;

/// What the rules take from the machine and the partition.
struct ProfileContext {
    PartitionId lpar_id;
    PartitionEnvironment lpar_env = PartitionEnvironment::kAixLinux;
    std::uint64_t lmb_mib = 256;
    std::uint32_t proc_units_min_hundredths = 10;   ///< per virtual processor
    std::uint32_t virtual_procs_max = 256;          ///< of one partition
    const MemoryPoolConfig* memory_pool = nullptr;  ///< the shared memory pool; nullptr: none
    bool mem_expansion_capable = false;             ///< Active Memory Expansion may be used
};

/// One broken rule: the attribute as the HMC names it, and a sentence with the value and what would be right.
struct ProfileProblem {
    std::string attribute;
    std::string text;
};

/// All broken rules, in the order of the attributes.
[[nodiscard]] std::vector<ProfileProblem> find_profile_problems(const PartitionProfile& profile,
                                                                const ProfileContext& context);
/// kInvalidProfile with all broken rules, if there are any.
[[nodiscard]] Result<void> check_profile(const PartitionProfile& profile, const ProfileContext& context);

}  // namespace pvmsim::hypervisor
