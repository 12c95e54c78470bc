// Frames and page tables. The counts of a member (backed, coalesced) and of the pool are kept up to date at each step,
// so that nobody has to walk through millions of pages to know them.
#include "hypervisor/memory/sharing/shared_pages.hpp"

#include <algorithm>
#include <bit>

#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {
namespace {

constexpr std::uint32_t kNumbersMax = 0xffff'ffc0u;

std::uint32_t words_for(std::uint32_t pages) {
    return static_cast<std::uint32_t>((std::uint64_t{pages} + kPagesInWord - 1) / kPagesInWord);
}

std::uint64_t bit_of(PageNumber page) { return std::uint64_t{1} << (page % kPagesInWord); }

}  // namespace

SharedPages::SharedPages(std::uint32_t frames) : frames_(frames) {}

MemberId SharedPages::add_member(std::uint32_t pages) {
    const auto vacant =
        std::find_if(members_.begin(), members_.end(), [](const Member& one) { return !one.is_present; });
    const MemberId member{static_cast<std::uint16_t>(vacant - members_.begin())};
    if (vacant == members_.end()) members_.emplace_back();
    Member& joined = of(member);
    joined.is_present = true;
    joined.pages = pages;
    joined.base = claim_range(member, pages);
    joined.words.assign(words_for(pages), PageWord{});
    joined.frames.assign(pages, kNoFrame);
    return member;
}

void SharedPages::remove_member(MemberId member) {
    PVMSIM_ASSERT(has_member(member));
    resize_member(member, 0);
    drop_range(member);
    of(member) = Member{};
}

void SharedPages::resize_member(MemberId member, std::uint32_t pages) {
    PVMSIM_ASSERT(has_member(member));
    Member& resized = of(member);
    for (std::uint32_t page = pages; page < resized.pages; ++page)
        if (resized.frames[page] != kNoFrame) unback({member, page});
    if (pages < resized.pages && pages % kPagesInWord != 0) {
        PageWord& last = resized.words[pages / kPagesInWord];
        const std::uint64_t kept = bit_of(pages) - 1;
        for (std::uint64_t* const bits :
             {&last.backed, &last.referenced, &last.sampled, &last.changed, &last.saved, &last.coalesced,
              &last.io_mapped, &last.busy, &last.critical, &last.unused, &last.loaned, &last.hinted})
            *bits &= kept;
    }
    drop_range(member);
    const std::uint32_t base = claim_range(member, pages);
    if (base != resized.base)
        for (std::uint32_t page = 0; page < std::min(pages, resized.pages); ++page)
            if (resized.frames[page] != kNoFrame)
                frames_[resized.frames[page]].pages_xor ^= (resized.base + page) ^ (base + page);
    resized.base = base;
    resized.pages = pages;
    resized.words.resize(words_for(pages));
    resized.frames.resize(pages, kNoFrame);
}

bool SharedPages::has_member(MemberId member) const {
    return member.value() < members_.size() && of(member).is_present;
}

std::optional<Frame> SharedPages::frame_of(LogicalPage page) const {
    const std::uint32_t frame = of(page.member).frames[page.page];
    if (frame == kNoFrame) return std::nullopt;
    return Frame{frame};
}

bool SharedPages::back(LogicalPage page) {
    if (free_frames() == 0) return false;
    PVMSIM_ASSERT(of(page.member).frames[page.page] == kNoFrame);
    attach(page, take_frame());
    return true;
}

void SharedPages::unback(LogicalPage page) { detach(page); }

void SharedPages::merge(LogicalPage keep, LogicalPage spare) {
    const std::uint32_t frame = of(keep.member).frames[keep.page];
    PVMSIM_ASSERT(frame != kNoFrame);
    PVMSIM_ASSERT(frame != of(spare.member).frames[spare.page]);
    detach(spare);
    if (frames_[frame].pages == 1) set_coalesced(keep);
    attach(spare, frame);
    set_coalesced(spare);
    ++saved_frames_;
}

bool SharedPages::split(LogicalPage page) {
    const std::uint32_t frame = of(page.member).frames[page.page];
    PVMSIM_ASSERT(frame != kNoFrame);
    PVMSIM_ASSERT(frames_[frame].pages > 1);
    if (free_frames() == 0) return false;
    detach(page);
    attach(page, take_frame());
    return true;
}

std::uint32_t SharedPages::grow(std::uint32_t frames) {
    const auto returned = std::min(frames, static_cast<std::uint32_t>(absent_.size()));
    free_stack_.insert(free_stack_.end(), absent_.end() - returned, absent_.end());
    absent_.resize(absent_.size() - returned);
    frames_.resize(frames_.size() + (frames - returned));
    return frames;
}

std::uint32_t SharedPages::shrink(std::uint32_t frames) {
    const auto never_used = std::min(frames, static_cast<std::uint32_t>(frames_.size()) - untouched_);
    frames_.resize(frames_.size() - never_used);
    const auto used_before = std::min(frames - never_used, static_cast<std::uint32_t>(free_stack_.size()));
    absent_.insert(absent_.end(), free_stack_.end() - used_before, free_stack_.end());
    free_stack_.resize(free_stack_.size() - used_before);
    return never_used + used_before;
}

std::uint32_t SharedPages::frame_count() const { return static_cast<std::uint32_t>(frames_.size() - absent_.size()); }

std::uint32_t SharedPages::free_frames() const {
    return static_cast<std::uint32_t>(free_stack_.size() + frames_.size()) - untouched_;
}

std::uint32_t SharedPages::take_frame() {
    if (free_stack_.empty()) return untouched_++;
    const std::uint32_t frame = free_stack_.back();
    free_stack_.pop_back();
    constexpr std::size_t kAhead = 8;
    if (free_stack_.size() >= kAhead) __builtin_prefetch(&frames_[free_stack_[free_stack_.size() - kAhead]], 1);
    return frame;
}

void SharedPages::attach(LogicalPage page, std::uint32_t frame) {
    Member& owner = of(page.member);
    owner.frames[page.page] = frame;
    owner.words[page.page / kPagesInWord].backed |= bit_of(page.page);
    ++owner.backed;
    FrameUse& use = frames_[frame];
    ++use.pages;
    use.pages_xor ^= owner.base + page.page;
}

void SharedPages::detach(LogicalPage page) {
    Member& owner = of(page.member);
    const std::uint32_t frame = owner.frames[page.page];
    PVMSIM_ASSERT(frame != kNoFrame);
    owner.frames[page.page] = kNoFrame;
    owner.words[page.page / kPagesInWord].backed &= ~bit_of(page.page);
    --owner.backed;
    FrameUse& use = frames_[frame];
    use.pages_xor ^= owner.base + page.page;
    if (--use.pages == 0) {
        PVMSIM_ASSERT(use.pages_xor == 0);
        free_stack_.push_back(frame);
        return;
    }
    --saved_frames_;
    clear_coalesced(page);
    if (use.pages == 1) clear_coalesced(page_of_number(use.pages_xor));
}

void SharedPages::set_coalesced(LogicalPage page) {
    Member& owner = of(page.member);
    owner.words[page.page / kPagesInWord].coalesced |= bit_of(page.page);
    ++owner.coalesced;
}

void SharedPages::clear_coalesced(LogicalPage page) {
    Member& owner = of(page.member);
    owner.words[page.page / kPagesInWord].coalesced &= ~bit_of(page.page);
    --owner.coalesced;
}

LogicalPage SharedPages::page_of_number(std::uint32_t number) const {
    const auto after = std::upper_bound(ranges_.begin(), ranges_.end(), number,
                                        [](std::uint32_t wanted, const Range& range) { return wanted < range.base; });
    PVMSIM_ASSERT(after != ranges_.begin());
    const Range& range = *std::prev(after);
    return {range.member, number - range.base};
}

/// The first gap that is wide enough.
std::uint32_t SharedPages::claim_range(MemberId member, std::uint32_t pages) {
    const std::uint32_t words = std::max(words_for(pages), 1u);
    std::uint64_t base = 0;
    auto at = ranges_.begin();
    for (; at != ranges_.end() && at->base - base < std::uint64_t{words} * kPagesInWord; ++at)
        base = at->base + std::uint64_t{at->words} * kPagesInWord;
    PVMSIM_ASSERT(base + std::uint64_t{words} * kPagesInWord <= kNumbersMax);
    ranges_.insert(at, Range{static_cast<std::uint32_t>(base), words, member});
    return static_cast<std::uint32_t>(base);
}

void SharedPages::drop_range(MemberId member) {
    std::erase_if(ranges_, [member](const Range& range) { return range.member == member; });
}

void SharedPages::digest(sim::Digest& digest) const {
    digest.add(frames_.size());
    digest.add(untouched_);
    for (const std::uint32_t frame : free_stack_) digest.add(frame);
    for (const std::uint32_t frame : absent_) digest.add(frame);
    for (const Member& member : members_) {
        digest.add(member.is_present);
        digest.add(member.pages);
        digest.add(member.base);
        for (const std::uint32_t frame : member.frames) digest.add(frame);
        for (const PageWord& word : member.words)
            for (const std::uint64_t bits :
                 {word.backed, word.referenced, word.sampled, word.changed, word.saved, word.coalesced, word.critical,
                  word.io_mapped, word.unused, word.loaned, word.hinted, word.busy})
                digest.word(bits);
    }
}

}  // namespace pvmsim::hypervisor
