// HeapTable: working storage of a system's programs, 64 pages a word: which word has memory, which of its pages are
// there, and which have a copy in the system's own paging space.
//
// Memory is given and taken by words of 256 KiB, pages are read back one by one. Pages out by a clock over the words.
// Knows nothing of time, nor of a hypervisor. What that simplifies: docs/model/memory-operating-system.md.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

namespace pvmsim::aix {

/// Numbers within working storage.
using HeapPage = std::uint32_t;
using HeapWord = std::uint32_t;
/// Number of a memory word of the system: where a heap word is.
using MemoryWord = std::uint32_t;
inline constexpr MemoryWord kNoWord = 0xffff'ffff;

struct HeapEntry {
    std::uint64_t resident = 0;  ///< in memory
    std::uint64_t dirty = 0;     ///< resident, and changed since it was read
    std::uint64_t saved = 0;     ///< paging space has a place for it
    std::uint64_t waiting = 0;   ///< somebody waits for the page
    MemoryWord memory = kNoWord;
    bool is_referenced = false;  ///< since the clock's hand passed
};

class HeapTable {
  public:
    /// More words; never fewer.
    void grow(HeapWord words);
    void clear();

    [[nodiscard]] HeapWord size() const { return static_cast<HeapWord>(entries_.size()); }
    [[nodiscard]] HeapEntry& at(HeapWord word) { return entries_[word]; }
    [[nodiscard]] const HeapEntry& at(HeapWord word) const { return entries_[word]; }
    [[nodiscard]] std::uint32_t with_memory() const { return with_memory_; }
    [[nodiscard]] std::uint64_t saved_pages() const { return saved_pages_; }

    void give_memory(HeapWord word, MemoryWord memory);
    /// The word that was not referenced for longest, as a clock sees it, whose pages fit into so much room of paging
    /// space and which nobody waits for.
    [[nodiscard]] std::optional<HeapWord> choose_victim(std::uint64_t room_pages);
    struct PagedOut {
        MemoryWord memory = kNoWord;
        std::uint32_t pages_written = 0;
    };
    /// Writes what has changed and takes the word's memory.
    PagedOut page_out(HeapWord word);

  private:
    std::vector<HeapEntry> entries_;
    HeapWord hand_ = 0;
    std::uint32_t with_memory_ = 0;
    std::uint64_t saved_pages_ = 0;
};

}  // namespace pvmsim::aix
