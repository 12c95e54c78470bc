// PhysicalMemory: the memory of the CEC in logical memory blocks (LMB): who has how much, what the hypervisor keeps for
// itself, and what is left.
//
// Accounting only: which block lies where and the pages inside are not modelled here. Sources: behaviour 2.1 (LMB size
// by configured memory, page table = maximum / ratio rounded up to a power of two, growth limit). The hypervisor's own
// use beyond page tables is not published; it is a parameter (docs/model/memory.md).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "hypervisor/ids.hpp"
#include "sim/engine/digest.hpp"

namespace pvmsim::hypervisor {

/// The LMB a server chooses when nobody sets one (V28).
[[nodiscard]] std::uint64_t default_lmb_mib(std::uint64_t configured_mib);
/// Hardware page table of a partition: maximum / ratio, rounded up to a power of two (V26).
[[nodiscard]] std::uint64_t page_table_mib(std::uint64_t max_mem_mib, std::uint32_t hpt_ratio);
/// What a partition that was started with so much can grow to while it runs, its maximum aside (V27).
[[nodiscard]] std::uint64_t growth_limit_mib(std::uint64_t started_with_mib);

/// What the hypervisor keeps for itself besides page tables.
struct HypervisorMemoryParameters {
    std::uint64_t base_mib = 512;            ///< [PARAM]
    std::uint32_t installed_per_mille = 15;  ///< [PARAM] 1.5 % of what is installed
    std::uint32_t virtual_slot_kib = 64;     ///< [PARAM] for each slot up to max_virtual_slots of an active partition
};

/// What an activation asks for.
struct MemoryRequest {
    std::uint64_t min_mib = 0;
    std::uint64_t desired_mib = 0;
    std::uint64_t max_mib = 0;
    std::uint32_t hpt_ratio = 64;
    std::uint32_t max_virtual_slots = 0;
};

class PhysicalMemory {
  public:
    /// Both sizes in MiB; `installed_mib` a multiple of `lmb_mib`.
    struct Size {
        std::uint64_t installed_mib = 0;
        std::uint64_t lmb_mib = 0;
    };
    explicit PhysicalMemory(Size size, HypervisorMemoryParameters parameters = {});

    [[nodiscard]] std::uint64_t lmb_mib() const { return size_.lmb_mib; }                 ///< mem_region_size
    [[nodiscard]] std::uint64_t configurable_mib() const { return size_.installed_mib; }  ///< configurable_sys_mem
    [[nodiscard]] std::uint64_t hypervisor_mib() const;                                   ///< sys_firmware_mem
    [[nodiscard]] std::uint64_t given_mib() const;                                        ///< of all partitions
    [[nodiscard]] std::uint64_t available_mib() const;                                    ///< curr_avail_sys_mem

    /// What a partition would get now, between minimum and desired, in whole LMBs. What it holds already counts as
    /// free. nullopt when even the minimum and its page table do not fit.
    [[nodiscard]] std::optional<std::uint64_t> grantable_mib(PartitionId id, const MemoryRequest& request) const;
    /// Gives `mib`, which grantable_mib() allowed, in place of what the partition held.
    void give(PartitionId id, const MemoryRequest& request, std::uint64_t mib);
    void take_back(PartitionId id);

    void digest(sim::Digest& digest) const;

  private:
    struct Holding {
        PartitionId id;
        std::uint64_t given_mib = 0;
        std::uint64_t page_table_mib = 0;
        std::uint64_t virtual_slots = 0;
    };
    [[nodiscard]] std::uint64_t in_lmbs(std::uint64_t mib) const;
    [[nodiscard]] std::uint64_t overhead_mib(std::uint64_t page_tables_mib, std::uint64_t virtual_slots) const;

    Size size_;
    HypervisorMemoryParameters parameters_;
    std::vector<Holding> holdings_;
};

}  // namespace pvmsim::hypervisor
