// The clock over working storage; see heap_table.hpp.
// Two turns of the hand suffice: the first takes every reference mark away.
#include "aix/memory/heap_table.hpp"

#include "sim/base/assert.hpp"

namespace pvmsim::aix {

void HeapTable::grow(HeapWord words) {
    if (words > size()) entries_.resize(words);
}

void HeapTable::clear() {
    entries_.clear();
    hand_ = 0;
    with_memory_ = 0;
    saved_pages_ = 0;
}

void HeapTable::give_memory(HeapWord word, MemoryWord memory) {
    PVMSIM_ASSERT(entries_[word].memory == kNoWord);
    entries_[word].memory = memory;
    ++with_memory_;
}

std::optional<HeapWord> HeapTable::choose_victim(std::uint64_t room_pages) {
    if (with_memory_ == 0) return std::nullopt;
    for (std::uint64_t steps = 2 * std::uint64_t{size()}; steps > 0; --steps) {
        const auto word = hand_;
        hand_ = hand_ + 1 == size() ? 0 : hand_ + 1;
        auto& entry = entries_[word];
        if (entry.memory == kNoWord || entry.waiting != 0) continue;
        if (entry.is_referenced) {
            entry.is_referenced = false;
            continue;
        }
        const auto places = static_cast<std::uint64_t>(std::popcount(entry.resident & ~entry.saved));
        if (places <= room_pages) return word;
    }
    return std::nullopt;
}

HeapTable::PagedOut HeapTable::page_out(HeapWord word) {
    auto& entry = entries_[word];
    PVMSIM_ASSERT(entry.memory != kNoWord);
    PVMSIM_ASSERT(entry.waiting == 0);
    const std::uint64_t fresh = entry.resident & ~entry.saved;
    const PagedOut out{.memory = entry.memory,
                       .pages_written = static_cast<std::uint32_t>(std::popcount(fresh | entry.dirty))};
    saved_pages_ += static_cast<std::uint64_t>(std::popcount(fresh));
    entry.saved |= fresh;
    entry.resident = entry.dirty = 0;
    entry.memory = kNoWord;
    --with_memory_;
    return out;
}

}  // namespace pvmsim::aix
