// SharedPages: the page tables of the shared memory pool: which frame backs which logical page, and 64 pages at a time
// which of them are backed, referenced, changed, in paging space.
//
// The logical memory table at its finest grain (R-MEM-01). It knows no policy: who gives pages away is decided in
// donation.hpp and clock_scan.hpp, which pages become one in deduplication/. A frame may back several logical pages
// (behaviour 2.3); it knows how many, and the exclusive or of their numbers, so that the last one can be found.
//
// For that the pages of all members are numbered together in 32 bits. A member's numbers are one range, which is given
// to others when it leaves, and changes when it outgrows it. Freed frames are given away again last in, first out, so
// placement scatters with history. A frame is 8 bytes (12 once it
// has been free), a logical page 6.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "hypervisor/memory/page.hpp"
#include "sim/engine/digest.hpp"

namespace pvmsim::hypervisor {

/// 64 consecutive logical pages of a member, a bit each. `backed` and `coalesced` are SharedPages' own: others read.
/// What touches and the clock hand look at is in the first cache line.
struct alignas(64) PageWord {
    std::uint64_t backed = 0;      ///< has a frame
    std::uint64_t referenced = 0;  ///< since the clock hand passed
    std::uint64_t sampled = 0;     ///< referenced since it was picked as a sample
    std::uint64_t changed = 0;     ///< since it was read from or written to paging space
    std::uint64_t saved = 0;       ///< paging space has a copy (valid unless changed)
    std::uint64_t coalesced = 0;   ///< shares its frame
    std::uint64_t io_mapped = 0;
    std::uint64_t busy = 0;  ///< backed: on its way to paging space; not backed: asked for
    std::uint64_t critical = 0;
    std::uint64_t unused = 0;
    std::uint64_t loaned = 0;
    std::uint64_t hinted = 0;  ///< CC
};

class SharedPages {
  public:
    explicit SharedPages(std::uint32_t frames);

    /// All pages of all members together may be 2^32 - 64 (16 TB).
    [[nodiscard]] MemberId add_member(std::uint32_t pages);
    void remove_member(MemberId member);
    /// Pages are added or taken at the end; those taken lose their frames.
    void resize_member(MemberId member, std::uint32_t pages);

    [[nodiscard]] bool has_member(MemberId member) const;
    /// Ids given so far are below this.
    [[nodiscard]] std::uint16_t member_limit() const { return static_cast<std::uint16_t>(members_.size()); }
    [[nodiscard]] std::uint32_t pages(MemberId member) const { return of(member).pages; }
    [[nodiscard]] std::vector<PageWord>& words(MemberId member) { return of(member).words; }
    [[nodiscard]] const std::vector<PageWord>& words(MemberId member) const { return of(member).words; }

    /// Translation; nullopt: not backed.
    [[nodiscard]] std::optional<Frame> frame_of(LogicalPage page) const;
    /// The page will be backed or unbacked soon.
    void prefetch(LogicalPage page) const { __builtin_prefetch(&of(page.member).frames[page.page], 1); }
    /// Gives a free frame to a page that has none; false when there is none.
    bool back(LogicalPage page);
    /// Takes the page's frame; it goes to the free list unless others share it.
    void unback(LogicalPage page);
    /// Both are backed by different frames with equal contents: afterwards by `keep`'s. The other frame is free, unless
    /// `spare` shared it.
    void merge(LogicalPage keep, LogicalPage spare);
    /// Before a write to a coalesced page: gives it a frame of its own. False when there is no free frame.
    bool split(LogicalPage page);

    /// More frames, or fewer: only free ones can go, how many went is told.
    std::uint32_t grow(std::uint32_t frames);
    std::uint32_t shrink(std::uint32_t frames);

    [[nodiscard]] std::uint32_t frame_count() const;
    [[nodiscard]] std::uint32_t free_frames() const;
    [[nodiscard]] std::uint32_t backed(MemberId member) const { return of(member).backed; }
    [[nodiscard]] std::uint32_t coalesced(MemberId member) const { return of(member).coalesced; }  ///< share a frame
    /// Frames that sharing saves: sum of (pages of a frame - 1).
    [[nodiscard]] std::uint32_t saved_frames() const { return saved_frames_; }
    [[nodiscard]] std::uint32_t sharers(Frame frame) const { return frames_[frame.value()].pages; }

    void digest(sim::Digest& digest) const;

  private:
    static constexpr std::uint32_t kNoFrame = 0xffff'ffff;

    struct FrameUse {
        std::uint32_t pages = 0;      ///< that it backs
        std::uint32_t pages_xor = 0;  ///< of their numbers
    };
    struct Member {
        bool is_present = false;
        std::uint32_t base = 0;  ///< number of its page 0
        std::uint32_t pages = 0;
        std::uint32_t backed = 0;
        std::uint32_t coalesced = 0;
        std::vector<PageWord> words;
        std::vector<std::uint32_t> frames;  ///< by page
    };
    struct Range {
        std::uint32_t base = 0;
        std::uint32_t words = 0;
        MemberId member;
    };

    [[nodiscard]] Member& of(MemberId member);
    [[nodiscard]] const Member& of(MemberId member) const;
    [[nodiscard]] LogicalPage page_of_number(std::uint32_t number) const;
    void set_coalesced(LogicalPage page);
    void clear_coalesced(LogicalPage page);
    [[nodiscard]] std::uint32_t take_frame();
    void attach(LogicalPage page, std::uint32_t frame);
    void detach(LogicalPage page);
    [[nodiscard]] std::uint32_t claim_range(MemberId member, std::uint32_t pages);
    void drop_range(MemberId member);

    std::vector<FrameUse> frames_;
    std::uint32_t untouched_ = 0;            ///< frames from here on were never used: free
    std::vector<std::uint32_t> free_stack_;  ///< frames that came back
    std::vector<std::uint32_t> absent_;      ///< frames below untouched_ that the pool gave up
    std::uint32_t saved_frames_ = 0;
    std::vector<Member> members_;
    std::vector<Range> ranges_;  ///< by base
};

inline SharedPages::Member& SharedPages::of(MemberId member) { return members_[member.value()]; }
inline const SharedPages::Member& SharedPages::of(MemberId member) const { return members_[member.value()]; }

}  // namespace pvmsim::hypervisor
