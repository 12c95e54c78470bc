// SignatureTable: the bounded table of page signatures of Active Memory Deduplication.
//
// Its size in bytes is the pool's maximum / 256 .. / 8192 (behaviour 2.3, V34). It is a hint, not a directory: an entry
// is 16 bits of the signature, the tag, and a page that had it when it was looked at; the page may have changed, moved
// or gone since, so whoever finds it compares. [PARAM] an entry is 8 bytes, eight entries make a bucket of one cache
// line, kept in the order of use: the one that was used longest ago goes when a ninth comes. The real layout is not
// published.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
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

    /// Slots of a bucket that somebody asked for.
    class Slots {
      public:
        /// Top bits of the 16-bit lanes of slots 0 to 3 and of 4 to 7.
        Slots(std::uint64_t low, std::uint64_t high) : bits_(low >> 15 | high >> 14) {}
        [[nodiscard]] bool empty() const { return bits_ == 0; }
        [[nodiscard]] std::uint32_t first() const {
            const auto bit = static_cast<std::uint32_t>(std::countr_zero(bits_));
            return bit / 16 + 4 * (bit % 2);
        }
        void drop_first() { bits_ &= bits_ - 1; }

      private:
        std::uint64_t bits_;
    };

    /// One bucket. Slot 0 was used last. Eight tags are looked at together, and none of it branches on where something
    /// is: nobody can foresee that.
    class alignas(64) Bucket {
      public:
        /// The slots that have the signature's tag.
        [[nodiscard]] Slots find(std::uint64_t signature) const {
            const std::uint64_t wanted = tag_of(signature) * 0x0001'0001'0001'0001u;
            return {equal_lanes(static_cast<std::uint64_t>(tags_), wanted),
                    equal_lanes(static_cast<std::uint64_t>(tags_ >> 64), wanted)};
        }
        /// Where a page of this signature goes: to the slot of an equal one, if `compare(page of a slot)` says so, else
        /// to one that is stale, else to the last.
        template <class Compare>
        [[nodiscard]] Place place(std::uint64_t signature, Compare&& compare) const {
            Place free{kSlots - 1, false, is_full()};
            for (Slots found = find(signature); !found.empty(); found.drop_first()) {
                const std::uint32_t slot = found.first();
                const Comparison result = compare(page(slot));
                if (result == Comparison::kEqual) return {slot, true, false};
                if (result == Comparison::kStale) free = {slot, false, false};
            }
            return free;
        }
        [[nodiscard]] bool is_full() const { return tags_ >> 112 != 0; }
        [[nodiscard]] LogicalPage page(std::uint32_t slot) const {
            return {MemberId{static_cast<std::uint16_t>(members_ >> (16 * slot))}, pages_[slot]};
        }
        /// The page takes the slot, and is the one used last.
        void put(std::uint32_t slot, std::uint64_t signature, LogicalPage page) {
            if (slot == kSlots - 1) {  // the most frequent case, and much cheaper
                tags_ = tags_ << 16 | tag_of(signature);
                members_ = members_ << 16 | page.member.value();
                std::memmove(&pages_[1], &pages_[0], (kSlots - 1) * sizeof(PageNumber));
            } else {
                const std::array<PageNumber, kSlots> old = pages_;
                insert(tags_, slot, tag_of(signature));
                insert(members_, slot, page.member.value());
                for (std::uint32_t to = 1; to < kSlots; ++to) pages_[to] = to <= slot ? old[to - 1] : old[to];
            }
            pages_[0] = page.page;
        }
        [[nodiscard]] std::uint32_t used() const {
            std::uint32_t slot = 0;
            while (slot < kSlots && static_cast<std::uint16_t>(tags_ >> (16 * slot)) != 0) ++slot;
            return slot;
        }

      private:
        /// Eight lanes of 16 bits, slot 0 in the lowest.
        __extension__ using Lanes = unsigned __int128;

        /// Never 0: a bucket of zeros is empty.
        static std::uint64_t tag_of(std::uint64_t signature) {
            return std::max<std::uint64_t>(static_cast<std::uint16_t>(signature), 1);
        }
        /// The top bit of each lane that is the same in both.
        static std::uint64_t equal_lanes(std::uint64_t lanes, std::uint64_t wanted) {
            constexpr std::uint64_t kLow = 0x7fff'7fff'7fff'7fffu;
            const std::uint64_t different = lanes ^ wanted;
            return ~(((different & kLow) + kLow) | different | kLow);
        }
        static void insert(Lanes& lanes, std::uint32_t slot, std::uint64_t value) {
            const Lanes moved = ~Lanes{0} >> (16 * (kSlots - 1 - slot));
            lanes = (lanes & ~moved) | ((lanes << 16 | value) & moved);
        }

        Lanes tags_;
        Lanes members_;
        std::array<PageNumber, kSlots> pages_;
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
