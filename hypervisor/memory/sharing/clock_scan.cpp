// The clock hand, a word at a time. A scan that stops in the middle of a word has cleared reference bits up to there
// only: the pages behind are judged when the hand comes, as if they had been looked at one by one.
#include "hypervisor/memory/sharing/clock_scan.hpp"

#include <algorithm>
#include <bit>

namespace pvmsim::hypervisor {
namespace {

std::uint64_t bits_below(std::uint32_t bit) { return bit == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bit) - 1; }

void advance(ClockHand& hand, std::uint32_t by, std::uint32_t pages) {
    hand.page += by;
    if (hand.page == pages) hand.page = 0;
    hand.pages_left -= by;
    if (hand.pages_left == 0) {
        ++hand.round;
        hand.pages_left = pages;
    }
}

}  // namespace

ScanPicks scan_word(SharedPages& pages, MemberId member, ClockHand& hand, const ScanLimits& limits) {
    if (limits.pages == 0) return {};
    const std::uint32_t first = hand.page % kPagesInWord;
    const std::uint32_t total = pages.pages(member);
    const std::uint32_t span = std::min({kPagesInWord - first, total - hand.page, hand.pages_left});
    PageWord& word = pages.words(member)[hand.page / kPagesInWord];
    ScanPicks picks{.word = hand.page / kPagesInWord};

    std::uint64_t judged = word.backed & ~word.io_mapped & ~word.coalesced & ~word.busy;
    if (hand.round == 0) judged &= ~word.critical;
    judged &= bits_below(first + span) & ~bits_below(first);
    const std::uint64_t clean = word.saved & ~word.changed;
    std::uint64_t candidates = judged & ~word.referenced;
    if (!limits.can_page_out) candidates &= clean;

    std::uint32_t stop = first + span;
    std::uint32_t room = limits.pages;
    std::uint32_t page_outs = limits.page_outs;
    while (candidates != 0) {
        const std::uint64_t bit = candidates & -candidates;
        const bool is_clean = (clean & bit) != 0;
        const auto page = static_cast<std::uint32_t>(std::countr_zero(bit));
        if (!is_clean && page_outs == 0) {
            stop = page;
            break;
        }
        page_outs -= is_clean ? 0 : 1;
        (is_clean ? picks.take : picks.send) |= bit;
        candidates ^= bit;
        if (--room > 0) continue;
        stop = page + 1;
        break;
    }
    word.referenced &= ~(judged & bits_below(stop));
    if (stop > first) advance(hand, stop - first, total);
    return picks;
}

}  // namespace pvmsim::hypervisor
