// The slower moves of the radix queue: reaching a bucket, repairing the front run, sweeping cancelled entries. What
// every event passes through is inline in the header.
#include "sim/engine/event_queue.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <span>
#include <utility>

namespace pvmsim::sim {

namespace {

/// Stable, and quick on what is nearly sorted. Gives up, false, when it is not.
template <class Entry>
bool insertion_sort(std::span<Entry> entries) {
    constexpr std::size_t kShiftsFree = 1024;
    std::size_t shifts_left = kShiftsFree + 8 * entries.size();
    for (std::size_t i = 1; i < entries.size(); ++i) {
        if (entries[i - 1].at <= entries[i].at) continue;
        const Entry entry = entries[i];
        std::size_t place = i;
        do {
            entries[place] = entries[place - 1];
            --place;
        } while (place != 0 && entries[place - 1].at > entry.at);
        entries[place] = entry;
        const std::size_t shifts = i - place;
        if (shifts > shifts_left) return false;
        shifts_left -= shifts;
    }
    return true;
}

/// Turns the size of each bin into the place where it begins. A multiplication by 0x..0101 adds up all the counters in
/// a word at once (little-endian; no sum may outgrow a counter).
template <class Count>
void to_places(Count* counters, std::size_t bins) {
    constexpr std::size_t kPerWord = sizeof(std::uint64_t) / sizeof(Count);
    constexpr std::uint64_t kOnes = ~std::uint64_t{0} / std::numeric_limits<Count>::max();
    constexpr int kLastCounter = 64 - std::numeric_limits<Count>::digits;
    std::uint64_t before = 0;
    for (std::size_t bin = 0; bin < bins; bin += kPerWord) {
        std::uint64_t sizes;
        std::memcpy(&sizes, counters + bin, sizeof sizes);
        const std::uint64_t sums = sizes * kOnes;
        const std::uint64_t places = sums - sizes + before * kOnes;
        std::memcpy(counters + bin, &places, sizeof places);
        before += sums >> kLastCounter;
    }
}

}  // namespace

EventQueue::EventQueue() : front_(kSortedMin) {}

void EventQueue::lengthen(Bucket& bucket, std::uint32_t level, std::uint32_t digit) {
    if (chunks_free_ == nullptr) {
        chunk_blocks_.push_back(std::make_unique_for_overwrite<Chunk[]>(kChunksAtOnce));
        for (std::uint32_t i = kChunksAtOnce; i > 0; --i) {
            Chunk& fresh = chunk_blocks_.back()[i - 1];
            fresh.next = chunks_free_;
            chunks_free_ = &fresh;
        }
    }
    Chunk* chunk = chunks_free_;
    chunks_free_ = chunk->next;
    chunk->next = nullptr;
    if (bucket.head == nullptr) {
        bucket.head = chunk;
        levels_used_ |= 1u << level;
        digits_used_[level] |= std::uint64_t{1} << digit;
    } else {
        bucket.tail->next = chunk;
    }
    bucket.tail = chunk;
    bucket.write = chunk->entries;
    bucket.limit = chunk->entries + kChunkEntries;
    bucket.capacity += kChunkEntries;
}

EventQueue::Bucket EventQueue::detach(std::uint32_t level, std::uint32_t digit) {
    digits_used_[level] &= ~(std::uint64_t{1} << digit);
    if (digits_used_[level] == 0) levels_used_ &= ~(1u << level);
    return std::exchange(buckets_[level * kDigits + digit], Bucket{});
}

template <class Use>
void EventQueue::for_each(const Bucket& bucket, Use use) {
    for (const Chunk* chunk = bucket.head; chunk != nullptr; chunk = chunk->next) {
        const Entry* const end = chunk == bucket.tail ? bucket.write : chunk->entries + kChunkEntries;
        for (const Entry* entry = chunk->entries; entry != end; ++entry) use(*entry);
    }
}

/// Hands every entry of a detached bucket to `use`, in order. Each chunk is free again as soon as it is read, so that
/// the entries' next place is likely the memory just left.
template <class Use>
void EventQueue::drain(const Bucket& bucket, Use use) {
    for (Chunk* chunk = bucket.head; chunk != nullptr;) {
        Chunk* const next = chunk->next;
        if (next != nullptr) __builtin_prefetch(next);
        const Entry* const end = chunk == bucket.tail ? bucket.write : chunk->entries + kChunkEntries;
        for (const Entry* entry = chunk->entries; entry != end; ++entry) use(*entry);
        chunk->next = chunks_free_;
        chunks_free_ = chunk;
        chunk = next;
    }
}

/// Loads the front run with the earliest bucket. False when nothing is due up to `until`; the base then stays at or
/// before `until`, so that what is scheduled next, at `until` or later, is filed properly.
bool EventQueue::refill(std::uint64_t until) {
    while (levels_used_ != 0) {
        const auto level = static_cast<std::uint32_t>(std::countr_zero(levels_used_));
        const auto digit = static_cast<std::uint32_t>(std::countr_zero(digits_used_[level]));
        const std::uint32_t shift = level * kDigitBits;
        const std::uint64_t above = ~((std::uint64_t{kDigits} << shift) - 1);
        const std::uint64_t begin = (base_ & above) | (std::uint64_t{digit} << shift);
        if (begin > until) return false;
        const Bucket bucket = detach(level, digit);
        base_ = begin;
        if (level == 0 || bucket.count() <= std::clamp(live_ / kDigits, kSortedMin, kSortedMax)) {
            load_front(bucket, level);
            return true;
        }
        // Everything filed lies in later buckets of this level or above, so the levels below are empty: the front run
        // may end here, and these entries find their places relative to the new base.
        front_end_ = base_;
        drain(bucket, [this](const Entry& entry) { file(entry.at, entry.name); });
    }
    return false;
}

void EventQueue::load_front(const Bucket& bucket, std::uint32_t level) {
    const std::size_t count = bucket.count();
    if (front_.size() < count) front_.resize(std::bit_ceil(count));
    front_head_ = 0;
    front_tail_ = count;
    const std::uint32_t shift = level * kDigitBits;
    front_end_ = base_ + (std::uint64_t{1} << shift);
    Entry* const begin = front_.data();
    if (level > 0 && count > kNarrowMax) {
        scatter_to_front<std::uint16_t>(bucket, level);
    } else if (level > 0 && count > kInsertionSortMax) {
        scatter_to_front<std::uint8_t>(bucket, level);
    } else {
        Entry* end = begin;
        drain(bucket, [&end](const Entry& entry) { *end++ = entry; });
    }
    for (std::size_t i = 0; i != std::min(count, kPrefetchDistance); ++i) slab_.prefetch(begin[i].slot());
    if (level > 0 && !insertion_sort(std::span{begin, count}))
        std::stable_sort(begin, begin + count, [](const Entry& a, const Entry& b) { return a.at < b.at; });
}

/// Copies a bucket into the front run nearly sorted: by as many leading bits of the time as make several times as many
/// bins as there are entries, in order of arrival within a bin.
template <class Count>
void EventQueue::scatter_to_front(const Bucket& bucket, std::uint32_t level) {
    static_assert(sizeof places_ >= sizeof(Count) * std::size_t{4} * kSortedMax);
    const auto bin_bits = static_cast<std::uint32_t>(std::bit_width(front_tail_ - 1)) + (sizeof(Count) == 1 ? 2 : 1);
    const std::uint32_t shift = level * kDigitBits > bin_bits ? level * kDigitBits - bin_bits : 0;
    const std::uint64_t mask = (std::uint64_t{1} << bin_bits) - 1;
    const auto bin_of = [=](const Entry& entry) { return (entry.at >> shift) & mask; };
    Count* const places = reinterpret_cast<Count*>(places_.data());
    std::memset(places, 0, sizeof(Count) << bin_bits);
    for_each(bucket, [&](const Entry& entry) { ++places[bin_of(entry)]; });
    to_places(places, std::size_t{1} << bin_bits);
    Entry* const begin = front_.data();
    drain(bucket, [&](const Entry& entry) { begin[places[bin_of(entry)]++] = entry; });
}

/// An event due before the end of the front run goes behind all that are due no later. The nearer end makes room.
void EventQueue::insert_in_front(const Entry& entry) {
    PVMSIM_ASSERT(entry.at >= floor_);
    if (front_tail_ == front_.size()) make_room_in_front();
    const auto begin = front_.begin() + static_cast<std::ptrdiff_t>(front_head_);
    const auto end = front_.begin() + static_cast<std::ptrdiff_t>(front_tail_);
    const auto place =
        std::upper_bound(begin, end, entry.at, [](std::uint64_t at, const Entry& other) { return at < other.at; });
    const auto before = static_cast<std::size_t>(place - begin);
    const auto behind = static_cast<std::size_t>(end - place);
    if (front_head_ > 0 && before < behind && before <= kShiftMax) {
        std::copy(begin, place, begin - 1);
        *(place - 1) = entry;
        --front_head_;
    } else if (behind <= kShiftMax) {
        std::copy_backward(place, end, end + 1);
        *place = entry;
        ++front_tail_;
    } else {
        dissolve_front();
        file(entry.at, entry.name);
    }
}

void EventQueue::make_room_in_front() {
    const std::size_t used = front_tail_ - front_head_;
    if (used * 2 > front_.size()) front_.resize(front_.size() * 2);
    std::copy_n(front_.begin() + static_cast<std::ptrdiff_t>(front_head_), used, front_.begin());
    front_head_ = 0;
    front_tail_ = used;
}

/// The front run has grown too long to insert into: it goes back into the buckets, relative to a base at the present.
/// When the present lies before the base (only cancelled events were met on the way), what is filed nearest to the old
/// base first moves to the bucket in which a base at the present looks for it.
void EventQueue::dissolve_front() {
    if (floor_ < base_) {
        const auto level = static_cast<std::uint32_t>(63 - std::countl_zero(floor_ ^ base_)) / kDigitBits;
        const auto digit = static_cast<std::uint32_t>(base_ >> (level * kDigitBits)) % kDigits;
        for (std::uint32_t lower = 0; lower < level; ++lower) {
            while (digits_used_[lower] != 0) {
                const Bucket moved = detach(lower, static_cast<std::uint32_t>(std::countr_zero(digits_used_[lower])));
                drain(moved, [=, this](const Entry& entry) { append(level, digit, entry.at, entry.name); });
            }
        }
    }
    base_ = floor_;
    front_end_ = floor_;
    for (std::size_t i = front_head_; i != front_tail_; ++i) file(front_[i].at, front_[i].name);
    front_head_ = 0;
    front_tail_ = 0;
}

bool EventQueue::cancel(EventHandle handle) {
    if (!slab_.is_current(handle)) return false;
    discard(handle);
    ++stale_;
    if (stale_ > live_ + kSweepSlack) sweep();
    return true;
}

void EventQueue::sweep() {
    const auto is_live = [this](const Entry& entry) { return slab_[entry.slot()].generation == entry.generation(); };
    const auto begin = front_.begin() + static_cast<std::ptrdiff_t>(front_head_);
    const auto end = front_.begin() + static_cast<std::ptrdiff_t>(front_tail_);
    front_tail_ = static_cast<std::size_t>(
        std::remove_if(begin, end, [&](const Entry& entry) { return !is_live(entry); }) - front_.begin());
    for (std::uint32_t level = 0; level < kLevels; ++level) {
        for (std::uint64_t left = digits_used_[level]; left != 0; left &= left - 1) {
            const auto digit = static_cast<std::uint32_t>(std::countr_zero(left));
            drain(detach(level, digit), [&](const Entry& entry) {
                if (is_live(entry)) append(level, digit, entry.at, entry.name);
            });
        }
    }
    stale_ = 0;
}

std::size_t EventQueue::memory_bytes() const {
    return sizeof *this + front_.size() * sizeof(Entry) + chunk_blocks_.size() * kChunksAtOnce * sizeof(Chunk) +
           slab_.capacity() * (sizeof(EventSlot) + sizeof(std::uint32_t));
}

}  // namespace pvmsim::sim
