// ClockScan: the hand that goes round a member's logical pages and decides which to take (behaviour 2.2).
//
// Order of the rules, page by page: I/O-mapped and coalesced pages are passed over, as are pages already on their way
// to paging space; critical ones on the first round; a referenced page loses its reference bit and stays; a page of
// which paging space has a clean copy is taken; any other is sent to paging space and taken when it has arrived.
// 64 pages are judged at a time, a bit each; only pages that are taken or sent are looked at one by one.
//
// Coalesced pages: the text says nothing of them. Taking one frees no frame while others share it, so they stay.
#pragma once

#include <cstdint>

#include "hypervisor/memory/sharing/shared_pages.hpp"

namespace pvmsim::hypervisor {

/// Rounds after which a member has nothing more to take: one passes critical pages over, one clears their reference
/// bits, one takes them.
inline constexpr std::uint8_t kClockRounds = 3;

struct ClockHand {
    PageNumber page = 0;           ///< to be judged next
    std::uint32_t pages_left = 0;  ///< of this round
    std::uint8_t round = kClockRounds;

    /// A new run of stealing: the hand stays where it is.
    void begin(std::uint32_t pages) {
        if (page >= pages) page = 0;
        pages_left = pages;
        round = 0;
    }
    [[nodiscard]] bool is_through() const { return round == kClockRounds; }
};

/// What a scan may do.
struct ScanLimits {
    std::uint32_t pages = 0;      ///< taken and sent together
    std::uint32_t page_outs = 0;  ///< sent
    bool can_page_out = false;    ///< false: there is no paging space; only clean pages, the others are passed over
};

/// What became of a word: bits to take at once and bits to send. At most the limits' counts.
struct ScanPicks {
    std::uint32_t word = 0;
    std::uint64_t take = 0;
    std::uint64_t send = 0;
};

/// Judges pages of at most one word, moves the hand and clears reference bits. The caller takes and sends what is
/// picked before it goes on. The hand stops before a page that the limits forbid, so it may stand still.
ScanPicks scan_word(SharedPages& pages, MemberId member, ClockHand& hand, const ScanLimits& limits);

}  // namespace pvmsim::hypervisor
