// Members and frames of the pool: sizes, touches, page states, I/O mappings. Stealing and donations are in
// shared_pool_policy.cpp.
#include "hypervisor/memory/sharing/shared_pool.hpp"

#include <algorithm>

#include "hypervisor/memory/sharing/page_range.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

SharedPool::SharedPool(std::uint32_t frames, const FreeListMarks& marks)
    : pages_(frames), marks_(marks), size_(frames) {}

void SharedPool::set_size(std::uint32_t frames, const FreeListMarks& marks) {
    const std::uint32_t present = pages_.frame_count();
    size_ = frames;
    marks_ = marks;
    owed_ = present > frames ? present - frames : 0;
    if (frames > present) pages_.grow(frames - present);
    pay_frames();
    fit(std::nullopt);
    found_nothing_ = false;
}

void SharedPool::pay_frames() {
    if (owed_ == 0) return;
    const std::uint32_t free = pages_.free_frames();
    owed_ -= pages_.shrink(std::min(owed_, free - std::min(free, reserved_)));
}

MemberId SharedPool::join(const MemberTerms& terms) {
    const MemberId member = pages_.add_member(terms.logical);
    if (member.value() >= members_.size()) members_.resize(member.value() + std::size_t{1});
    Member& joined = of(member);
    joined = Member{};
    joined.is_present = true;
    joined.terms = terms;
    fit(member);
    return member;
}

void SharedPool::leave(MemberId member) {
    PVMSIM_ASSERT(of(member).is_present);
    leaving_ -= of(member).use.leaving;
    pages_.remove_member(member);
    of(member) = Member{};
    pay_frames();
    fit(std::nullopt);
}

void SharedPool::resize(MemberId member, std::uint32_t logical) {
    Member& resized = of(member);
    PVMSIM_ASSERT(resized.is_present);
    if (logical < resized.terms.logical) {
        for_each_word(logical, resized.terms.logical - logical, [&](std::uint32_t word, std::uint64_t mask) {
            const PageWord& bits = pages_.words(member)[word];
            PVMSIM_ASSERT(((bits.io_mapped | bits.busy) & mask) == 0);
            resized.use.loaned -= static_cast<std::uint32_t>(std::popcount(bits.loaned & mask));
            resized.use.expropriated -= static_cast<std::uint32_t>(std::popcount(bits.saved & ~bits.backed & mask));
        });
    }
    pages_.resize_member(member, logical);
    resized.terms.logical = logical;
    resized.hand = ClockHand{};
    if (is_stealing_) resized.hand.begin(logical);
    pay_frames();
    fit(std::nullopt);
    found_nothing_ = false;
}

void SharedPool::set_weight(MemberId member, std::uint8_t weight) { of(member).terms.weight = weight; }
void SharedPool::set_io_entitled(MemberId member, std::uint32_t pages) { of(member).terms.io_entitled = pages; }

MemberUse SharedPool::use(MemberId member) const { return of(member).use; }

std::uint64_t SharedPool::io_entitled_of_all() const {
    std::uint64_t sum = 0;
    for (const Member& member : members_) sum += member.is_present ? member.terms.io_entitled : 0;
    return sum;
}

std::uint64_t SharedPool::touch_slowly(MemberId member, std::uint32_t word, std::uint64_t touched,
                                       std::uint64_t written) {
    PageWord& bits = pages_.words(member)[word];
    std::uint64_t left = touched & ~bits.backed & (bits.saved | bits.busy);
    const std::uint64_t to_fill = touched & ~bits.backed & ~left;
    const std::uint64_t to_copy = written & bits.backed & bits.coalesced;
    for_each_page(word, to_fill | to_copy, [&](PageNumber page) {
        if (!can_take()) {
            left |= bit_of(page);
        } else if (!is_ready({member, page}, true)) {  // else its last sharer has just been given a copy
            give_frame({member, page}, false);
        }
    });
    bits.referenced |= touched & ~left;
    bits.sampled |= touched & ~left;
    bits.changed |= written & ~left;
    return left;
}

bool SharedPool::is_ready(LogicalPage page, bool is_write) const {
    const PageWord& bits = word_of(page);
    return ((bits.backed & ~(is_write ? bits.coalesced : 0)) & bit_of(page.page)) != 0;
}

bool SharedPool::needs_contents(LogicalPage page) const {
    const PageWord& bits = word_of(page);
    return (bits.saved & ~bits.backed & bit_of(page.page)) != 0;
}

void SharedPool::give_frame(LogicalPage page, bool is_write) {
    PageWord& bits = word_of(page);
    const std::uint64_t bit = bit_of(page.page);
    Member& owner = of(page.member);
    PVMSIM_ASSERT(spare_frames() > 0);
    if ((bits.backed & bit) != 0) {
        const bool is_split = pages_.split(page);
        PVMSIM_ASSERT(is_split);
        ++owner.use.copies;
    } else {
        PVMSIM_ASSERT((bits.saved & bit) == 0);
        const bool is_backed = pages_.back(page);
        PVMSIM_ASSERT(is_backed);
        ++owner.use.zero_filled;
        owner.use.loaned -= (bits.loaned & bit) != 0 ? 1 : 0;
        bits.loaned &= ~bit;
        bits.unused &= ~bit;
        bits.changed &= ~bit;
        bits.busy &= ~bit;
    }
    bits.referenced |= bit;
    bits.sampled |= bit;
    if (is_write) bits.changed |= bit;
}

void SharedPool::restore(LogicalPage page, bool is_write) {
    PageWord& bits = word_of(page);
    const std::uint64_t bit = bit_of(page.page);
    PVMSIM_ASSERT((bits.saved & ~bits.backed & bit) != 0);
    PVMSIM_ASSERT(reserved_ > 0);
    --reserved_;
    const bool is_backed = pages_.back(page);
    PVMSIM_ASSERT(is_backed);
    bits.busy &= ~bit;
    bits.referenced |= bit;
    bits.sampled |= bit;
    bits.changed = (bits.changed & ~bit) | (is_write ? bit : 0);
    --of(page.member).use.expropriated;
    ++of(page.member).use.page_ins;
}

void SharedPool::lose(LogicalPage page) {
    PageWord& bits = word_of(page);
    const std::uint64_t bit = bit_of(page.page);
    PVMSIM_ASSERT((bits.saved & ~bits.backed & bit) != 0);
    bits.saved &= ~bit;
    bits.busy &= ~bit;
    --of(page.member).use.expropriated;
}

void SharedPool::separate(MemberId member, PageNumber first, std::uint32_t count) {
    for_each_word(first, count, [&](std::uint32_t word, std::uint64_t mask) {
        const PageWord& bits = pages_.words(member)[word];
        for_each_page(word, bits.coalesced & mask, [&](PageNumber page) {
            if (is_ready({member, page}, true)) return;
            if (can_take()) {
                const bool is_split = pages_.split({member, page});
                PVMSIM_ASSERT(is_split);
                ++of(member).use.copies;
            } else {
                drop(of(member), {member, page});
            }
        });
    });
}

/// Takes the frame of a page whose contents nobody needs any more.
void SharedPool::drop(Member& member, LogicalPage page) {
    PageWord& bits = word_of(page);
    const std::uint64_t bit = bit_of(page.page);
    if ((bits.backed & bit) != 0) {
        pages_.unback(page);
    } else if ((bits.saved & bit) != 0) {
        --member.use.expropriated;
    }
    bits.saved &= ~bit;
    bits.changed &= ~bit;
    bits.referenced &= ~bit;
    bits.critical &= ~bit;
}

void SharedPool::set_state(MemberId member, PageNumber first, std::uint32_t count, PageState state) {
    Member& owner = of(member);
    const bool is_given = state == PageState::kUnused || state == PageState::kLoaned;
    for_each_word(first, count, [&](std::uint32_t word, std::uint64_t mask) {
        PageWord& bits = pages_.words(member)[word];
        if (is_given) mask &= ~bits.io_mapped & ~bits.busy;
        owner.use.loaned -= static_cast<std::uint32_t>(std::popcount(bits.loaned & mask));
        bits.unused &= ~mask;
        bits.loaned &= ~mask;
        bits.critical &= ~mask;
        if (state == PageState::kActiveCritical) bits.critical |= mask;
        if (state == PageState::kUnused) bits.unused |= mask;
        if (state == PageState::kLoaned) bits.loaned |= mask;
        owner.use.loaned += static_cast<std::uint32_t>(std::popcount(bits.loaned & mask));
        if (!is_given) return;
        for_each_page(word, (bits.backed | bits.saved) & mask, [&](PageNumber page) { drop(owner, {member, page}); });
    });
    pay_frames();
}

std::uint32_t SharedPool::unmapped(MemberId member, PageNumber first, std::uint32_t count) const {
    std::uint32_t pages = 0;
    for_each_word(first, count, [&](std::uint32_t word, std::uint64_t mask) {
        pages += static_cast<std::uint32_t>(std::popcount(~pages_.words(member)[word].io_mapped & mask));
    });
    return pages;
}

void SharedPool::map_io(MemberId member, PageNumber first, std::uint32_t count) {
    Member& owner = of(member);
    owner.use.io_mapped += unmapped(member, first, count);
    owner.use.io_mapped_max = std::max(owner.use.io_mapped_max, owner.use.io_mapped);
    for_each_word(first, count, [&](std::uint32_t word, std::uint64_t mask) {
        PageWord& bits = pages_.words(member)[word];
        PVMSIM_ASSERT((~(bits.backed & ~bits.coalesced) & mask) == 0);
        bits.io_mapped |= mask;
    });
}

/// The adapter may have written to the pages, so no copy of them is clean.
void SharedPool::unmap_io(MemberId member, PageNumber first, std::uint32_t count) {
    of(member).use.io_mapped -= count - unmapped(member, first, count);
    for_each_word(first, count, [&](std::uint32_t word, std::uint64_t mask) {
        PageWord& bits = pages_.words(member)[word];
        bits.changed |= bits.io_mapped & mask;
        bits.referenced |= bits.io_mapped & mask;
        bits.io_mapped &= ~mask;
    });
}

void SharedPool::digest(sim::Digest& digest) const {
    for (const std::uint32_t value : {marks_.low_water, marks_.high_water, size_, owed_, reserved_, leaving_})
        digest.add(value);
    for (const bool flag : {is_waited_for_, is_stealing_, found_nothing_}) digest.add(flag);
    for (const Member& member : members_) {
        digest.add(member.is_present);
        if (!member.is_present) continue;
        const MemberUse& use = member.use;
        for (const std::uint64_t value : {std::uint64_t{member.terms.logical},
                                          std::uint64_t{member.terms.io_entitled},
                                          std::uint64_t{member.terms.weight},
                                          std::uint64_t{use.loaned},
                                          std::uint64_t{use.expropriated},
                                          std::uint64_t{use.io_mapped},
                                          std::uint64_t{use.io_mapped_max},
                                          std::uint64_t{use.leaving},
                                          std::uint64_t{use.donation},
                                          use.page_ins,
                                          use.page_outs,
                                          use.zero_filled,
                                          use.copies,
                                          std::uint64_t{member.hand.page},
                                          std::uint64_t{member.hand.pages_left},
                                          std::uint64_t{member.hand.round},
                                          std::uint64_t{member.util_ppm},
                                          std::uint64_t{member.reports_page_ins},
                                          member.os_page_ins,
                                          member.os_page_ins_before,
                                          member.page_ins_before})
            digest.word(value);
        member.sampler.digest(digest);
    }
    pages_.digest(digest);
}

}  // namespace pvmsim::hypervisor
