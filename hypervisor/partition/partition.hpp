// Partition: a logical partition as the hypervisor keeps it: its profile, its state, and what it was really given.
// Plain data; ManagedSystem changes it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hypervisor/ids.hpp"
#include "hypervisor/partition/profile.hpp"
#include "hypervisor/partition/software.hpp"
#include "sim/engine/event.hpp"

namespace pvmsim::hypervisor {

/// States as the HMC prints them (formats C.1); to_string gives its words.
enum class PartitionState : std::uint8_t { kNotActivated, kStarting, kRunning, kShuttingDown, kError };
std::string_view to_string(PartitionState state);

/// What a shared memory partition was given besides its logical memory.
struct GivenSharedMemory {
    std::uint8_t mem_weight = 0;
    std::uint64_t io_entitled_mib = 0;
    PartitionId primary_paging_vios = kNoPartition;
    PartitionId secondary_paging_vios = kNoPartition;
    std::uint64_t paging_unit = 0;  ///< its paging space device (memory/paging/paging_spaces.hpp)
};

/// What an activation gave, between minimum and desired, and what dynamic changes made of it.
struct GivenResources {
    std::uint64_t memory_mib = 0;  ///< mem_mode shared: logical
    GivenSharedMemory shared_memory{};
    ProcUnits proc_units;  ///< dedicated: whole processors
    std::uint32_t procs = 0;
    SharingMode sharing_mode = SharingMode::kUncapped;
    std::uint8_t uncap_weight = 0;
    PoolId shared_proc_pool_id = kDefaultPool;
    std::vector<DrcIndex> io_slots;
};

struct Partition {
    PartitionId id;
    std::string name;
    PartitionEnvironment environment = PartitionEnvironment::kAixLinux;
    PartitionProfile profile;
    bool auto_start = false;
    bool allow_perf_collection = false;

    PartitionState state = PartitionState::kNotActivated;
    bool hung = false;
    GivenResources given;
    PartitionSoftware* software = nullptr;
    std::vector<sim::EntityId> entities;
};

}  // namespace pvmsim::hypervisor
