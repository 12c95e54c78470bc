// EventQueue: what is still to come, in the order (time, order of scheduling). The hottest structure of the simulator.
//
// A radix queue: simulated time never goes back, so an entry is filed by the highest of its 6-bit digits in which its
// time differs from a base that follows the clock (11 levels of 64 buckets cover 63 bits). When the clock reaches a
// bucket, its entries are sorted into the front run if they are few or all of one instant, else filed again one or more
// levels lower. Every move keeps the order of arrival, so entries of equal time leave first-in first-out without
// carrying a sequence number: 16 bytes an entry. The events themselves lie in the slab and never move.
//
// Invariants: whatever lies before `front_end_` is in the front run, all else in the buckets, filed relative to
// `base_`. Looking for events up to some instant never moves the base beyond that instant.
//
// Cancelling makes the slot's generation differ from the entry's; the entry is skipped when met, and all such entries
// are swept once they outnumber the live ones. After Ahuja et al., "Faster algorithms for the shortest path problem"
// (1990); thresholds are measured (bench/event_queue_bench.cpp).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "sim/base/time.hpp"
#include "sim/engine/event.hpp"
#include "sim/engine/event_slab.hpp"

namespace pvmsim::sim {

class EventQueue {
  public:
    /// A newly scheduled event; the caller fills all kPayloadBytesMax bytes of the payload.
    struct Scheduled {
        EventHandle handle;
        std::byte* payload;
    };
    /// An event that is due. It is out of the queue, but its handle stays valid until begin_delivery().
    struct Due {
        SimTime at;
        EventHandle handle;
        EventSlot* slot;
    };

    EventQueue();
    EventQueue(const EventQueue&) = delete;
    EventQueue& operator=(const EventQueue&) = delete;

    /// `at` must not lie before the last popped event.
    Scheduled push(SimTime at, const EventKind& kind, std::uint32_t address) {
        const std::uint32_t slot = slab_.allocate();
        EventSlot& place = slab_[slot];
        place.event.kind = &kind;
        place.address = address;
        const EventHandle handle{slot, place.generation};
        insert(ticks(at), name_of(handle));
        ++live_;
        return {handle, place.event.payload};
    }
    /// Takes the earliest event out unless it lies after `until`.
    bool pop(SimTime until, Due& due);
    /// Puts an event that was popped, and not yet delivered, behind everything that is due at `at`.
    void requeue(EventHandle handle, SimTime at) { insert(ticks(at), name_of(handle)); }
    /// O(1). False when the event was delivered or cancelled before.
    bool cancel(EventHandle handle);

    [[nodiscard]] bool is_current(EventHandle handle) const { return slab_.is_current(handle); }
    /// From here on the event's handle is stale; its slot keeps its content until end_delivery().
    void begin_delivery(EventSlot& slot) {
        EventSlab::invalidate(slot);
        --live_;
    }
    void end_delivery(EventHandle handle, const EventSlot& slot) { slab_.recycle(handle.slot, slot); }
    /// Drops an event that was popped, and not yet delivered.
    void discard(EventHandle handle) {
        EventSlot& slot = slab_[handle.slot];
        begin_delivery(slot);
        end_delivery(handle, slot);
    }

    /// Events scheduled and neither delivered nor cancelled, those popped but undelivered included.
    [[nodiscard]] std::size_t size() const { return live_; }
    /// Bytes held for entries and events (what a test on bounded memory looks at).
    [[nodiscard]] std::size_t memory_bytes() const;

  private:
    static constexpr int kDigitBits = 6;
    static constexpr std::uint32_t kDigits = 1u << kDigitBits;
    static constexpr int kLevels = 11;
    static constexpr std::uint32_t kChunkEntries = 31;
    static constexpr std::uint32_t kChunksAtOnce = 64;
    /// A bucket of at most so many entries, or of a 64th of all, is sorted rather than filed again.
    static constexpr std::size_t kSortedMin = 128;
    static constexpr std::size_t kSortedMax = 2048;
    static constexpr std::size_t kNarrowMax = 128;       ///< up to so many are counted in bytes
    static constexpr std::size_t kInsertionSortMax = 8;  ///< up to so many are not worth scattering
    static constexpr std::size_t kShiftMax = 64;         ///< entries the front run moves to take in one
    static constexpr std::size_t kPrefetchDistance = 8;
    static constexpr std::size_t kSweepSlack = 4096;  ///< stale entries tolerated beyond the number of live ones

    struct Entry {
        std::uint64_t at;
        std::uint64_t name;  ///< generation and slot of the handle, in one word for speed

        [[nodiscard]] std::uint32_t slot() const { return static_cast<std::uint32_t>(name); }
        [[nodiscard]] std::uint32_t generation() const { return static_cast<std::uint32_t>(name >> 32); }
    };
    struct alignas(64) Chunk {
        Entry entries[kChunkEntries];
        Chunk* next;
    };
    /// A list of chunks, all full but the last.
    struct Bucket {
        Entry* write = nullptr;
        Entry* limit = nullptr;
        Chunk* head = nullptr;
        Chunk* tail = nullptr;
        std::size_t capacity = 0;

        [[nodiscard]] std::size_t count() const { return capacity - static_cast<std::size_t>(limit - write); }
    };

    static std::uint64_t name_of(EventHandle handle) { return std::uint64_t{handle.generation} << 32 | handle.slot; }
    static std::uint64_t ticks(SimTime at) { return static_cast<std::uint64_t>(at.time_since_epoch().count()); }

    void insert(std::uint64_t at, std::uint64_t name) {
        if (at >= front_end_) [[likely]]
            file(at, name);
        else
            insert_in_front({at, name});
    }
    void file(std::uint64_t at, std::uint64_t name) {
        const std::uint64_t differing = (at ^ base_) | 1;
        const auto level = static_cast<std::uint32_t>(63 - __builtin_clzll(differing)) / kDigitBits;
        const auto digit = static_cast<std::uint32_t>(at >> (level * kDigitBits)) % kDigits;
        append(level, digit, at, name);
    }
    void append(std::uint32_t level, std::uint32_t digit, std::uint64_t at, std::uint64_t name) {
        Bucket& bucket = buckets_[level * kDigits + digit];
        if (bucket.write == bucket.limit) [[unlikely]]
            lengthen(bucket, level, digit);
        Entry* const place = bucket.write++;
        place->at = at;
        place->name = name;
    }
    void lengthen(Bucket& bucket, std::uint32_t level, std::uint32_t digit);
    Bucket detach(std::uint32_t level, std::uint32_t digit);
    template <class Use>
    static void for_each(const Bucket& bucket, Use use);
    template <class Use>
    void drain(const Bucket& bucket, Use use);

    bool refill(std::uint64_t until);
    void load_front(const Bucket& bucket, std::uint32_t level);
    template <class Count>
    void scatter_to_front(const Bucket& bucket, std::uint32_t level);
    void insert_in_front(const Entry& entry);
    void make_room_in_front();
    void dissolve_front();
    void sweep();

    // The front run: front_[front_head_ .. front_tail_), sorted.
    std::vector<Entry> front_;
    std::size_t front_head_ = 0;
    std::size_t front_tail_ = 0;
    std::uint64_t front_end_ = 0;
    std::uint64_t base_ = 0;
    std::uint64_t floor_ = 0;  ///< time of the last popped event: nothing will be inserted before it
    std::size_t live_ = 0;
    std::size_t stale_ = 0;  ///< upper bound of cancelled entries still filed
    EventSlab slab_;

    std::uint32_t levels_used_ = 0;  ///< bit per level with a non-empty bucket
    std::array<std::uint64_t, kLevels> digits_used_{};
    std::array<Bucket, kLevels * kDigits> buckets_;
    Chunk* chunks_free_ = nullptr;
    std::vector<std::unique_ptr<Chunk[]>> chunk_blocks_;
    alignas(std::uint64_t)
        std::array<std::byte, 8 * kSortedMax> places_;  ///< scratch of scatter_to_front(): counters of either width
};

inline bool EventQueue::pop(SimTime until, Due& due) {
    const std::uint64_t limit = ticks(until);
    while (true) {
        if (front_head_ == front_tail_ && !refill(limit)) return false;
        const Entry entry = front_[front_head_];
        if (entry.at > limit) return false;
        ++front_head_;
        slab_.prefetch(front_[std::min(front_head_ + kPrefetchDistance, front_tail_ - 1)].slot());
        EventSlot& slot = slab_[entry.slot()];
        if (slot.generation != entry.generation()) [[unlikely]] {
            --stale_;
            continue;
        }
        floor_ = entry.at;
        due.at = SimTime{Duration{static_cast<Duration::rep>(entry.at)}};
        due.handle = {entry.slot(), entry.generation()};
        due.slot = &slot;
        return true;
    }
}

}  // namespace pvmsim::sim
