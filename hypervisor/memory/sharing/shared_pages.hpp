// SharedPages: the page tables of the shared memory pool: which frame backs which logical page, and 64 pages at a time
// which of them are backed, referenced, changed, in paging space.
//
// The logical memory table at its finest grain (R-MEM-01). It knows no policy: who gives pages away is decided in
// donation.hpp and clock_scan.hpp, which pages become one in deduplication/. A frame may back several logical pages
// (behaviour 2.3); it knows how many, and the exclusive or of their numbers, so that the last one can be found.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "hypervisor/memory/page.hpp"

namespace pvmsim::hypervisor {

/// 64 consecutive logical pages of a member, a bit each.
struct PageWord {
    std::uint64_t backed = 0;      ///< has a frame
    std::uint64_t referenced = 0;  ///< since the clock hand passed
    std::uint64_t sampled = 0;     ///< referenced since the last sampling interval began
    std::uint64_t changed = 0;     ///< since it was read from or written to paging space
    std::uint64_t saved = 0;       ///< paging space has a copy (valid unless changed)
    std::uint64_t coalesced = 0;   ///< shares its frame
    std::uint64_t critical = 0;
    std::uint64_t io_mapped = 0;
    std::uint64_t unused = 0;
    std::uint64_t loaned = 0;
    std::uint64_t hinted = 0;  ///< CC
};

class SharedPages {
  public:
    explicit SharedPages(std::uint32_t frames);

    [[nodiscard]] MemberId add_member(std::uint32_t pages);
    void remove_member(MemberId member);

    [[nodiscard]] std::uint32_t pages(MemberId member) const;
    [[nodiscard]] std::vector<PageWord>& words(MemberId member);
    [[nodiscard]] const std::vector<PageWord>& words(MemberId member) const;

    /// Translation; nullopt: not backed.
    [[nodiscard]] std::optional<Frame> frame_of(LogicalPage page) const;
    /// Gives a free frame to a page that has none; false when there is none.
    bool back(LogicalPage page);
    /// Takes the page's frame; it goes to the free list unless others share it.
    void unback(LogicalPage page);
    /// Both are backed by different frames with equal contents: afterwards by `keep`'s; the other frame is free.
    void merge(LogicalPage keep, LogicalPage spare);
    /// Before a write to a coalesced page: gives it a frame of its own. False when there is no free frame.
    bool split(LogicalPage page);

    /// More frames, or fewer: only free ones can go, how many went is told.
    std::uint32_t grow(std::uint32_t frames);
    std::uint32_t shrink(std::uint32_t frames);

    [[nodiscard]] std::uint32_t frame_count() const;
    [[nodiscard]] std::uint32_t free_frames() const;
    [[nodiscard]] std::uint32_t backed(MemberId member) const;
    [[nodiscard]] std::uint32_t coalesced(MemberId member) const;  ///< its pages that share a frame
    /// Frames that sharing saves: sum of (pages of a frame - 1).
    [[nodiscard]] std::uint32_t saved_frames() const;
    [[nodiscard]] std::uint32_t sharers(Frame frame) const;

  private:
    struct State;
};

}  // namespace pvmsim::hypervisor
