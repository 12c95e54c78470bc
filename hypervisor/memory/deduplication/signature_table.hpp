// SignatureTable: the bounded table of page signatures of Active Memory Deduplication.
//
// Its size in bytes is the pool's maximum / 256 .. / 8192 (behaviour 2.3, V34). It is a hint, not a directory: an entry
// is 16 bits of the signature and a page that had it when it was looked at; the page may have changed, moved or gone
// since, so whoever finds it compares. [PARAM] an entry is 8 bytes, eight entries make a bucket of one cache line, kept
// in the order of use: the one that was used longest ago goes when a ninth comes. The real layout is not published.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "hypervisor/memory/page.hpp"

namespace pvmsim::hypervisor {

class SignatureTable {
  public:
    static constexpr std::uint32_t kSlots = 8;

    enum class Comparison : std::uint8_t { kEqual, kDifferent, kStale };
    struct Place {
        std::uint32_t slot = 0;
        bool is_known = false;  ///< the page in the slot is equal
        bool evicts = false;    ///< another page leaves a full bucket: matches with it will be missed
    };

    /// One bucket. Slot 0 was used last.
    class alignas(64) Bucket {
      public:
        /// The slots that have the signature's tag, a bit each. Without branches: which slot it is nobody can foresee.
        [[nodiscard]] std::uint32_t find(std::uint64_t signature) const {
            const std::uint64_t wanted = tag_of(signature);
            std::uint32_t found = 0;
            for (std::uint32_t slot = 0; slot < kSlots; ++slot)
                found |= std::uint32_t{(slots_[slot] ^ wanted) <= kPageMask} << slot;
            return found;
        }
        /// Where a page of this signature goes: to the slot of an equal one, if `compare(page of a slot)` says so, else
        /// to one that is stale, else to the last.
        template <class Compare>
        [[nodiscard]] Place place(std::uint64_t signature, Compare&& compare) const {
            Place free{kSlots - 1, false, slots_[kSlots - 1] != 0};
            for (std::uint32_t found = find(signature); found != 0; found &= found - 1) {
                const auto slot = static_cast<std::uint32_t>(std::countr_zero(found));
                const Comparison result = compare(page(slot));
                if (result == Comparison::kEqual) return {slot, true, false};
                if (result == Comparison::kStale) free = {slot, false, false};
            }
            return free;
        }
        [[nodiscard]] LogicalPage page(std::uint32_t slot) const {
            const std::uint64_t entry = slots_[slot];
            return {MemberId{static_cast<std::uint16_t>(entry >> 32)}, static_cast<PageNumber>(entry)};
        }
        /// The page takes the slot, and is the one used last.
        void put(std::uint32_t slot, std::uint64_t signature, LogicalPage page) {
            for (std::uint32_t to = kSlots - 1; to > 0; --to) slots_[to] = slots_[to <= slot ? to - 1 : to];
            slots_[0] = tag_of(signature) | std::uint64_t{page.member.value()} << 32 | page.page;
        }
        [[nodiscard]] std::uint32_t used() const {
            std::uint32_t slot = 0;
            while (slot < kSlots && slots_[slot] != 0) ++slot;
            return slot;
        }

      private:
        static constexpr std::uint64_t kPageMask = (std::uint64_t{1} << 48) - 1;

        /// Never 0, so that an entry of zeros is an empty one and has no page's tag.
        static std::uint64_t tag_of(std::uint64_t signature) { return std::max(signature << 48, kPageMask + 1); }

        /// The tag, 16 bits of the member, 32 of the page.
        std::array<std::uint64_t, kSlots> slots_;
    };
    static_assert(sizeof(Bucket) == 64);

    /// `bytes` is rounded down to whole buckets, at least one.
    explicit SignatureTable(std::uint64_t bytes);

    [[nodiscard]] std::uint64_t bytes() const { return count_ * sizeof(Bucket); }
    /// By the high bits of the signature; the tag is its low bits.
    [[nodiscard]] std::size_t bucket_number(std::uint64_t signature) const {
        __extension__ using Wide = unsigned __int128;
        return static_cast<std::size_t>((Wide{signature} * count_) >> 64);
    }
    [[nodiscard]] Bucket& bucket(std::uint64_t signature) { return buckets_[bucket_number(signature)]; }
    void prefetch(std::uint64_t signature) { __builtin_prefetch(&bucket(signature), 1); }
    /// Pages in the table: a walk over all of it.
    [[nodiscard]] std::uint64_t entries() const;

  private:
    struct Release {
        std::size_t bytes;
        void operator()(Bucket* buckets) const;
    };

    std::uint64_t count_;
    std::unique_ptr<Bucket[], Release> buckets_;
};

/// Table size for a pool: its maximum / ratio.
[[nodiscard]] constexpr std::uint64_t deduplication_table_bytes(std::uint64_t max_pool_bytes, std::uint32_t ratio) {
    return max_pool_bytes / ratio;
}

}  // namespace pvmsim::hypervisor
