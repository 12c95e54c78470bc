// PhysicalMemory: the memory of the CEC in logical memory blocks (LMB): who has which, what the hypervisor keeps for
// itself, and what is left.
//
// Every LMB of the machine has one owner in the logical memory table; the sums here and that table always agree. Pages
// inside of LMBs are modelled for the shared memory pool only. Sources: behaviour 2.1 (LMB size by configured memory,
// page table = maximum / ratio rounded up to a power of two, growth limit). The hypervisor's own use beyond page tables
// is not published; it is parameters (docs/model/memory-blocks.md).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "hypervisor/ids.hpp"
#include "hypervisor/memory/blocks/logical_memory_table.hpp"
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
    std::uint32_t pool_frame_bytes = 16;     ///< [PARAM] for each 4 KiB up to the shared memory pool's maximum
};

/// What the hypervisor keeps for itself, and for what. MiB; the sum is whole LMBs.
struct HypervisorUse {
    std::uint64_t base_mib = 0;           ///< its own and its share of what is installed
    std::uint64_t page_tables_mib = 0;    ///< of all partitions, each in whole LMBs
    std::uint64_t virtual_slots_mib = 0;  ///< up to max_virtual_slots of all partitions
    std::uint64_t shared_pool_mib = 0;    ///< bookkeeping of the pool's frames and the deduplication table
    std::uint64_t rounding_mib = 0;       ///< base, slots and pool together up to the next LMB
    [[nodiscard]] std::uint64_t total_mib() const {
        return base_mib + page_tables_mib + virtual_slots_mib + shared_pool_mib + rounding_mib;
    }
};

/// What an activation asks for. A partition whose memory is shared asks for min = desired = 0 and its maximum: it gets
/// a page table and slots, and no LMB of its own.
struct MemoryRequest {
    std::uint64_t min_mib = 0;
    std::uint64_t desired_mib = 0;
    std::uint64_t max_mib = 0;
    std::uint32_t hpt_ratio = 64;
    std::uint32_t max_virtual_slots = 0;
};

/// What the shared memory pool shall hold.
struct PoolRequest {
    std::uint64_t pool_mib = 0;      ///< whole LMBs
    std::uint64_t max_pool_mib = 0;  ///< the hypervisor's bookkeeping is made for it
    std::uint64_t table_mib = 0;     ///< of deduplication; 0 without
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

    // --- dynamic changes, LMB by LMB ---
    [[nodiscard]] bool has_free_block() const { return table_.free_blocks() > 0; }
    /// The lowest free LMB becomes the partition's last one.
    void give_block(PartitionId id);
    /// The partition's last LMB is free, or is the other's.
    void take_block(PartitionId id);
    void move_block(PartitionId from, PartitionId to);

    // --- the shared memory pool ---
    /// What the pool holds already counts as free.
    [[nodiscard]] bool can_give_pool(const PoolRequest& request) const;
    /// The largest pool with this maximum and table that can_give_pool() now; nullopt when not even those fit.
    [[nodiscard]] std::optional<std::uint64_t> grantable_pool_mib(const PoolRequest& request) const;
    /// Creates the pool or changes it. LMBs it keeps stay where they are; the last ones go first.
    void give_pool(const PoolRequest& request);
    void take_back_pool();
    [[nodiscard]] std::uint64_t pool_mib() const { return pool_.pool_mib; }

    // --- who has what ---
    [[nodiscard]] HypervisorUse hypervisor_use() const;
    [[nodiscard]] std::uint64_t page_table_mib(PartitionId id) const;  ///< in whole LMBs; 0: not active
    [[nodiscard]] std::uint64_t given_mib(PartitionId id) const;       ///< LMBs of its own
    [[nodiscard]] std::uint64_t growth_limit_mib(
        PartitionId id) const;  ///< by what it was activated with; 0: not active
    [[nodiscard]] const LogicalMemoryTable& table() const { return table_; }
    /// Physical address behind a logical one of the partition; nullopt beyond its memory.
    [[nodiscard]] std::optional<std::uint64_t> translate(PartitionId id, std::uint64_t logical_byte) const;
    /// The same for the shared memory pool, whose frames lie one after another in its own logical memory.
    [[nodiscard]] std::optional<std::uint64_t> translate_pool(std::uint64_t pool_byte) const;

    void digest(sim::Digest& digest) const;

  private:
    struct Holding {
        PartitionId id;
        std::uint64_t given_mib = 0;
        std::uint64_t page_table_mib = 0;
        std::uint64_t virtual_slots = 0;
    };
    /// What is asked of the machine as a whole; hypervisor's own and partitions' memory follow from it.
    struct Totals {
        std::uint64_t given_mib = 0;
        std::uint64_t page_tables_mib = 0;
        std::uint64_t virtual_slots = 0;
        PoolRequest pool;
    };
    [[nodiscard]] std::uint64_t in_lmbs(std::uint64_t mib) const;
    [[nodiscard]] std::uint32_t blocks(std::uint64_t mib) const;
    [[nodiscard]] Totals totals(PartitionId except) const;
    [[nodiscard]] HypervisorUse hypervisor_use(const Totals& totals) const;
    /// nullopt: more than the machine has.
    [[nodiscard]] std::optional<std::uint64_t> left_mib(const Totals& totals) const;
    [[nodiscard]] const Holding* find(PartitionId id) const;
    [[nodiscard]] Holding& holding(PartitionId id);
    /// The hypervisor's LMBs besides page tables follow what it needs now.
    void resize_hypervisor();
    [[nodiscard]] std::optional<std::uint64_t> translate(const LmbOwner& owner, std::uint64_t logical_byte) const;

    Size size_;
    HypervisorMemoryParameters parameters_;
    std::vector<Holding> holdings_;  ///< in the order of giving
    PoolRequest pool_;
    LogicalMemoryTable table_;
};

}  // namespace pvmsim::hypervisor
