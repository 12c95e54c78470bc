// LogicalMemoryTable: which physical LMB backs which logical LMB of whom (R-MEM-01).
//
// Placement is first fit: the lowest free LMBs, whether they lie together or not, so that scatter comes from the
// history of activations, removals and moves. Page tables want a contiguous, naturally aligned stretch and take what
// there is if none is left. Our choice; IBM publishes no placement rule. Affinity to processors is not modelled.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "hypervisor/memory/blocks/lmb.hpp"
#include "sim/engine/digest.hpp"

namespace pvmsim::hypervisor {

class LogicalMemoryTable {
  public:
    explicit LogicalMemoryTable(std::uint32_t blocks);

    [[nodiscard]] std::uint32_t blocks() const { return static_cast<std::uint32_t>(entries_.size()); }
    [[nodiscard]] std::uint32_t free_blocks() const { return free_; }

    /// The owner holds `count` LMBs from now on: the lowest free ones are put behind what it has, or its last are given
    /// back. So many must be free.
    void resize(const LmbOwner& owner, std::uint32_t count);
    /// For an owner that has none: contiguous and aligned to the next power of two of `count` if there is such a
    /// stretch, else as resize().
    void place_aligned(const LmbOwner& owner, std::uint32_t count);
    /// The last logical LMB of one becomes, where it is, the last one of the other.
    void hand_over(const LmbOwner& from, const LmbOwner& to);

    /// In the order of logical LMBs. Valid until the next change.
    [[nodiscard]] std::span<const Lmb> of(const LmbOwner& owner) const;
    [[nodiscard]] const LmbOwner& owner(Lmb block) const;
    /// Which one of its owner's it is; nullopt if it is free.
    [[nodiscard]] std::optional<std::uint32_t> logical_block(Lmb block) const;
    [[nodiscard]] Scatter scatter(const LmbOwner& owner) const;

    void digest(sim::Digest& digest) const;

  private:
    struct Entry {
        LmbOwner owner;
        std::uint32_t logical = 0;
    };
    void append(const LmbOwner& owner, std::vector<Lmb>& held, std::uint32_t block);
    [[nodiscard]] std::uint32_t take_lowest_free();
    [[nodiscard]] std::optional<std::uint32_t> find_aligned(std::uint32_t count) const;

    std::vector<Entry> entries_;  ///< by physical number
    std::map<LmbOwner, std::vector<Lmb>> held_;
    std::uint32_t free_;
    std::uint32_t free_from_ = 0;  ///< none below is free
};

}  // namespace pvmsim::hypervisor
