// Lmb: a logical memory block of the machine by its physical number, and who owns it.
//
// Sources: behaviour 2.1 (memory is given in LMBs), R-MEM-01 (the table behind a partition's memory). What the
// hypervisor keeps for itself is held in whole LMBs too: our choice, nothing is published about it.
#pragma once

#include <compare>
#include <cstdint>

#include "hypervisor/ids.hpp"
#include "sim/base/strong_id.hpp"

namespace pvmsim::hypervisor {

struct LmbTag;
/// Physical number of an LMB: its physical address is the number times the LMB's size.
using Lmb = sim::StrongId<LmbTag>;

enum class LmbUse : std::uint8_t { kFree, kHypervisor, kPageTable, kPartition, kSharedPool };

/// Who has an LMB. Page tables and memory of partitions name the partition, the others none.
struct LmbOwner {
    LmbUse use = LmbUse::kFree;
    PartitionId partition = kNoPartition;
    friend auto operator<=>(const LmbOwner&, const LmbOwner&) = default;

    static constexpr LmbOwner hypervisor() { return {.use = LmbUse::kHypervisor}; }
    static constexpr LmbOwner page_table(PartitionId id) { return {.use = LmbUse::kPageTable, .partition = id}; }
    static constexpr LmbOwner memory(PartitionId id) { return {.use = LmbUse::kPartition, .partition = id}; }
    static constexpr LmbOwner shared_pool() { return {.use = LmbUse::kSharedPool}; }
};

/// How much of what is contiguous in logical memory is contiguous in physical memory.
struct Scatter {
    std::uint32_t blocks = 0;
    std::uint32_t runs = 0;         ///< stretches of LMBs that follow one another in both
    std::uint32_t longest_run = 0;  ///< LMBs
    /// Of the places where one logical LMB ends and the next begins, those where physical memory goes elsewhere; in
    /// thousandths: 0 contiguous, 1000 nothing lies beside its neighbour.
    [[nodiscard]] std::uint32_t scattered_per_mille() const {
        return blocks < 2 ? 0 : static_cast<std::uint32_t>(std::uint64_t{runs - 1} * 1000 / (blocks - 1));
    }
    friend bool operator==(const Scatter&, const Scatter&) = default;
};

}  // namespace pvmsim::hypervisor
