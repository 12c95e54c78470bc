// Stealing and donations of the pool: whose turn it is, how far it goes, and what each interval changes.
// The rules themselves are in donation, sampling and clock_scan; here they meet the members.
#include <algorithm>

#include "hypervisor/memory/sharing/page_range.hpp"
#include "hypervisor/memory/sharing/shared_pool.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

void SharedPool::begin_stealing() {
    is_stealing_ = true;
    found_nothing_ = false;
    for (Member& member : members_)
        if (member.is_present) member.hand.begin(member.terms.logical);
}

void SharedPool::steal(PageOutCarrier& carrier) {
    if (!is_stealing_) {
        if (!is_low()) return;
        begin_stealing();
    }
    while (!found_nothing_ && spare_frames() + leaving_ < marks_.high_water) {
        const std::optional<MemberId> member = deepest_in_debt(carrier);
        if (member) {
            take_from(*member, carrier);
        } else {
            found_nothing_ = true;
        }
    }
    if (spare_frames() >= marks_.high_water) is_stealing_ = false;
}

/// Pages that the member still holds beyond what its donation leaves it.
std::uint32_t SharedPool::debt(MemberId member) const {
    const Member& one = of(member);
    const std::uint32_t given = one.terms.logical - pages_.backed(member) + one.use.leaving;
    return one.use.donation > given ? one.use.donation - given : 0;
}

/// The greatest debt in proportion to the donation; of equals the first. Who has been gone through, or whose carrier
/// takes no more for now, is left out.
std::optional<MemberId> SharedPool::deepest_in_debt(const PageOutCarrier& carrier) const {
    std::optional<MemberId> deepest;
    std::uint64_t debt_of_deepest = 0;
    std::uint64_t donation_of_deepest = 1;
    for (std::uint16_t i = 0; i < members_.size(); ++i) {
        const MemberId member{i};
        const Member& one = members_[i];
        if (!one.is_present || one.hand.is_through()) continue;
        const std::uint64_t owing = debt(member);
        if (owing * donation_of_deepest <= debt_of_deepest * one.use.donation) continue;
        if (carrier.has_paging_space(member) && carrier.room(member) == 0) continue;
        deepest = member;
        debt_of_deepest = owing;
        donation_of_deepest = one.use.donation;
    }
    return deepest;
}

void SharedPool::take_from(MemberId member, PageOutCarrier& carrier) {
    ClockHand& hand = of(member).hand;
    const auto wanted = static_cast<std::uint64_t>(marks_.high_water - spare_frames() - leaving_);
    ScanLimits limits{.pages = static_cast<std::uint32_t>(std::min<std::uint64_t>(debt(member), wanted)),
                      .page_outs = carrier.room(member),
                      .can_page_out = carrier.has_paging_space(member)};
    while (limits.pages > 0 && !hand.is_through()) {
        const PageNumber before = hand.page;
        const std::uint32_t left_before = hand.pages_left;
        const ScanPicks picks = scan_word(pages_, member, hand, limits);
        const auto sent = static_cast<std::uint32_t>(std::popcount(picks.send));
        limits.page_outs -= sent;
        limits.pages -= sent + static_cast<std::uint32_t>(std::popcount(picks.take));
        apply(member, picks, carrier);
        if (hand.page == before && hand.pages_left == left_before) break;
    }
}

void SharedPool::apply(MemberId member, const ScanPicks& picks, PageOutCarrier& carrier) {
    if ((picks.take | picks.send) == 0) return;
    Member& owner = of(member);
    PageWord& bits = pages_.words(member)[picks.word];
    pages_.prefetch({member, picks.word * kPagesInWord});
    for_each_page(picks.word, picks.take, [&](PageNumber page) {
        pages_.unback({member, page});
        ++owner.use.expropriated;
    });
    if (picks.take != 0) pay_frames();
    const auto sent = static_cast<std::uint32_t>(std::popcount(picks.send));
    bits.busy |= picks.send;
    bits.changed &= ~picks.send;
    bits.saved &= ~picks.send;
    owner.use.leaving += sent;
    leaving_ += sent;
    for_each_page(picks.word, picks.send, [&](PageNumber page) { carrier.page_out({member, page}); });
}

/// Taken unless it was used meanwhile: then only its copy is clean, or not even that.
void SharedPool::page_out_done(LogicalPage page, bool is_saved) {
    Member& owner = of(page.member);
    PageWord& bits = word_of(page);
    const std::uint64_t bit = bit_of(page.page);
    PVMSIM_ASSERT((bits.busy & bits.backed & bit) != 0);
    bits.busy &= ~bit;
    --owner.use.leaving;
    --leaving_;
    found_nothing_ = false;
    if (!is_saved) {
        bits.changed |= bit;
        return;
    }
    ++owner.use.page_outs;
    bits.saved |= bit;
    if (((bits.referenced | bits.changed | bits.io_mapped | bits.coalesced) & bit) != 0) return;
    pages_.unback(page);
    ++owner.use.expropriated;
    pay_frames();
}

std::int64_t SharedPool::overage() const {
    PoolSizes sizes{.logical = 0, .high_water = marks_.high_water, .pool = size_};
    for (const Member& member : members_) sizes.logical += member.is_present ? member.terms.logical : 0;
    return overage_pages(sizes);
}

std::int64_t SharedPool::loan_request(MemberId member) const {
    const MemberUse& use = of(member).use;
    return std::int64_t{use.donation} - use.loaned;
}

template <class Change>
void SharedPool::change_donors(Change change) {
    std::vector<Donor> donors;
    std::vector<std::uint16_t> owners;
    for (std::uint16_t i = 0; i < members_.size(); ++i) {
        const Member& member = members_[i];
        if (!member.is_present) continue;
        const bool pages =
            member.os_page_ins != member.os_page_ins_before || member.use.page_ins != member.page_ins_before;
        owners.push_back(i);
        donors.push_back({.logical = member.terms.logical,
                          .donation = member.use.donation,
                          .weight = member.terms.weight,
                          .util_ppm = member.util_ppm,
                          .may_gain = pages || !member.reports_page_ins});
    }
    change(donors, owners);
    for (std::size_t i = 0; i < donors.size(); ++i) members_[owners[i]].use.donation = donors[i].donation;
}

void SharedPool::fit(std::optional<MemberId> joined) {
    change_donors([&](std::vector<Donor>& donors, const std::vector<std::uint16_t>& owners) {
        const auto at = joined ? std::find(owners.begin(), owners.end(), joined->value()) : owners.end();
        fit_donations(donors, overage(), static_cast<std::size_t>(at - owners.begin()));
    });
}

void SharedPool::report_os_page_ins(MemberId member, std::uint64_t page_ins) {
    of(member).reports_page_ins = true;
    of(member).os_page_ins = page_ins;
}

void SharedPool::end_interval(MemberId member, std::uint64_t processor_use) {
    Member& one = of(member);
    one.util_ppm = one.sampler.utilization_ppm(one.sampler.accessed(pages_, member), processor_use);
}

void SharedPool::step() {
    change_donors(
        [&](std::vector<Donor>& donors, const std::vector<std::uint16_t>&) { step_donations(donors, overage()); });
    for (Member& member : members_) {
        member.os_page_ins_before = member.os_page_ins;
        member.page_ins_before = member.use.page_ins;
    }
    found_nothing_ = false;
}

void SharedPool::begin_interval(MemberId member, sim::RandomStream& random) {
    of(member).sampler.pick(pages_, member, random);
}

}  // namespace pvmsim::hypervisor
