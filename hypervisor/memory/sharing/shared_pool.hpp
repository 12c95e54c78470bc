// SharedPool: what Active Memory Sharing does in no time: whose page has a frame, who gives frames away when they
// become few, how much each member shall do without.
//
// Rules: behaviour 2.2; docs/model/memory-sharing.md says how each sentence is read. Time, paging VIOSes and waiting
// are MemorySharing's. A page without a frame is in paging space (saved), loaned, unused, or was never touched; the
// last three cost nothing to get back and count as given like the first: what matters to the donation is that the frame
// is somebody else's.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "hypervisor/ids.hpp"
#include "hypervisor/memory/page.hpp"
#include "hypervisor/memory/sharing/clock_scan.hpp"
#include "hypervisor/memory/sharing/donation.hpp"
#include "hypervisor/memory/sharing/sampling.hpp"
#include "hypervisor/memory/sharing/shared_pages.hpp"

namespace pvmsim::hypervisor {

/// What a member brings along. Pages.
struct MemberTerms {
    std::uint32_t logical = 0;
    std::uint32_t io_entitled = 0;
    std::uint8_t weight = 128;
};

/// Free-list marks in pages.
struct FreeListMarks {
    std::uint32_t low_water = 0;
    std::uint32_t high_water = 0;
};

/// Pages: the first six now, the others since the member joined.
struct MemberUse {
    std::uint32_t loaned = 0;
    std::uint32_t expropriated = 0;  ///< without a frame, contents in paging space
    std::uint32_t io_mapped = 0;
    std::uint32_t io_mapped_max = 0;
    std::uint32_t leaving = 0;  ///< on their way to paging space
    std::uint32_t donation = 0;
    std::uint64_t page_ins = 0;
    std::uint64_t page_outs = 0;
    std::uint64_t zero_filled = 0;
    std::uint64_t copies = 0;
};

/// Who carries pages to paging space.
class PageOutCarrier {
  public:
    virtual ~PageOutCarrier() = default;
    [[nodiscard]] virtual bool has_paging_space(MemberId member) const = 0;
    /// So many more page-outs of the member are taken now.
    [[nodiscard]] virtual std::uint32_t room(MemberId member) const = 0;
    /// Ends with SharedPool::page_out_done, later.
    virtual void page_out(LogicalPage page) = 0;
};

class SharedPool {
  public:
    SharedPool(std::uint32_t frames, const FreeListMarks& marks);

    /// A smaller pool gives frames up as they become free.
    void set_size(std::uint32_t frames, const FreeListMarks& marks);
    [[nodiscard]] std::uint32_t size() const { return size_; }
    [[nodiscard]] const FreeListMarks& marks() const { return marks_; }

    [[nodiscard]] MemberId join(const MemberTerms& terms);
    void leave(MemberId member);
    /// No page at the end may be mapped, or on its way to or from paging space.
    void resize(MemberId member, std::uint32_t logical);
    void set_weight(MemberId member, std::uint8_t weight);
    void set_io_entitled(MemberId member, std::uint32_t pages);
    [[nodiscard]] const MemberTerms& terms(MemberId member) const { return of(member).terms; }
    [[nodiscard]] MemberUse use(MemberId member) const;
    [[nodiscard]] std::uint64_t io_entitled_of_all() const;

    [[nodiscard]] SharedPages& pages() { return pages_; }
    [[nodiscard]] const SharedPages& pages() const { return pages_; }

    // --- the partition's use ---
    /// References pages; returned are those that must wait: for their contents, or for a frame.
    [[nodiscard]] std::uint64_t touch(MemberId member, std::uint32_t word, std::uint64_t touched,
                                      std::uint64_t written);
    /// The page, backed, is all its member needs for such an access.
    [[nodiscard]] bool is_ready(LogicalPage page, bool is_write) const;
    /// Paging space has what was in the page.
    [[nodiscard]] bool needs_contents(LogicalPage page) const;
    void set_state(MemberId member, PageNumber first, std::uint32_t count, PageState state);
    /// Everything else than the entitlement was seen to: the pages are ready for writing.
    void map_io(MemberId member, PageNumber first, std::uint32_t count);
    void unmap_io(MemberId member, PageNumber first, std::uint32_t count);
    [[nodiscard]] std::uint32_t unmapped(MemberId member, PageNumber first, std::uint32_t count) const;

    // --- frames ---
    /// Frames that may be given away now; negative while the pool owes some.
    [[nodiscard]] std::int64_t spare_frames() const { return std::int64_t{pages_.free_frames()} - reserved_ - owed_; }
    /// While somebody waits for a frame, touch() takes none.
    void set_queue(bool is_waited_for) { is_waited_for_ = is_waited_for; }
    /// For contents on their way back; there is a spare frame.
    void reserve_frame() { ++reserved_; }
    void release_frame() { --reserved_; }
    /// The contents are back: into the reserved frame.
    void restore(LogicalPage page, bool is_write);
    /// Neither touched before nor saved, or shared: gives it a frame of its own. There is a spare frame.
    void give_frame(LogicalPage page, bool is_write);
    /// Nobody can read what was in the page: it is empty now.
    void lose(LogicalPage page);
    /// Before a change of contents without an access: a shared page gets its own frame, or none if there is none.
    void separate(MemberId member, PageNumber first, std::uint32_t count);

    // --- stealing ---
    [[nodiscard]] bool is_stealing() const { return is_stealing_; }
    [[nodiscard]] bool is_low() const { return spare_frames() < marks_.low_water; }
    /// Nothing more can be taken, and nothing is under way: begin_stealing() again after a while.
    [[nodiscard]] bool is_stuck() const { return is_stealing_ && found_nothing_ && leaving_ == 0; }
    void begin_stealing();
    /// Begins below the low-water mark, goes on until the high-water mark, as far as the carrier takes pages.
    void steal(PageOutCarrier& carrier);
    /// Arrived in paging space, or (`is_saved` false) did not.
    void page_out_done(LogicalPage page, bool is_saved);
    /// The carrier of the member's pages has room again.
    void look_again() { found_nothing_ = false; }

    // --- donations ---
    [[nodiscard]] std::int64_t overage() const;
    [[nodiscard]] std::int64_t loan_request(MemberId member) const;
    void report_os_page_ins(MemberId member, std::uint64_t page_ins);
    void end_interval(MemberId member, std::uint64_t processor_use);
    /// After end_interval of all members.
    void step();
    void begin_interval(MemberId member, sim::RandomStream& random);
    [[nodiscard]] std::uint32_t utilization_ppm(MemberId member) const { return of(member).util_ppm; }

    void digest(sim::Digest& digest) const;

  private:
    struct Member {
        bool is_present = false;
        bool reports_page_ins = false;
        MemberTerms terms;
        MemberUse use;
        ClockHand hand;
        MemorySampler sampler;
        std::uint32_t util_ppm = 0;
        std::uint64_t os_page_ins = 0;
        std::uint64_t os_page_ins_before = 0;  ///< at the last end of an interval
        std::uint64_t page_ins_before = 0;
    };

    [[nodiscard]] Member& of(MemberId member) { return members_[member.value()]; }
    [[nodiscard]] const Member& of(MemberId member) const { return members_[member.value()]; }
    [[nodiscard]] PageWord& word_of(LogicalPage page) { return pages_.words(page.member)[page.page / kPagesInWord]; }
    [[nodiscard]] const PageWord& word_of(LogicalPage page) const {
        return pages_.words(page.member)[page.page / kPagesInWord];
    }
    [[nodiscard]] bool can_take() const { return !is_waited_for_ && spare_frames() > 0; }
    std::uint64_t touch_slowly(MemberId member, std::uint32_t word, std::uint64_t touched, std::uint64_t written);
    void drop(Member& member, LogicalPage page);
    void pay_frames();
    template <class Change>
    void change_donors(Change change);
    void fit(std::optional<MemberId> joined);
    [[nodiscard]] std::uint32_t debt(MemberId member) const;
    [[nodiscard]] std::optional<MemberId> deepest_in_debt(const PageOutCarrier& carrier) const;
    void take_from(MemberId member, PageOutCarrier& carrier);
    void apply(MemberId member, const ScanPicks& picks, PageOutCarrier& carrier);

    SharedPages pages_;
    std::vector<Member> members_;  ///< by MemberId
    FreeListMarks marks_;
    std::uint32_t size_ = 0;      ///< frames it shall have
    std::uint32_t owed_ = 0;      ///< frames it has beyond
    std::uint32_t reserved_ = 0;  ///< of the free ones
    std::uint32_t leaving_ = 0;   ///< page-outs of all
    bool is_waited_for_ = false;
    bool is_stealing_ = false;
    bool found_nothing_ = false;
};

inline std::uint64_t SharedPool::touch(MemberId member, std::uint32_t word, std::uint64_t touched,
                                       std::uint64_t written) {
    PageWord& bits = pages_.words(member)[word];
    if (((touched & ~bits.backed) | (written & bits.coalesced)) != 0) [[unlikely]]
        return touch_slowly(member, word, touched, written);
    bits.referenced |= touched;
    bits.sampled |= touched;
    bits.changed |= written;
    return 0;
}

}  // namespace pvmsim::hypervisor
