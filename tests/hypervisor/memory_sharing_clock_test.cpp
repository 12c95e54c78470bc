// The clock hand: which page goes, which stays, in which round, and where the hand stops. Each case is a handful of
// pages with one of PageWord's bits set.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

#include "hypervisor/memory/sharing/clock_scan.hpp"
#include "hypervisor/memory/sharing/page_range.hpp"

namespace pvmsim::hypervisor {
namespace {

/// A member with all its pages backed.
struct Clock {
    explicit Clock(std::uint32_t count) : pages(count), member(pages.add_member(count)) {
        for (PageNumber page = 0; page < count; ++page) EXPECT_TRUE(pages.back({member, page}));
        hand.begin(count);
    }
    PageWord& word(std::uint32_t number = 0) { return pages.words(member)[number]; }
    ScanPicks scan(std::uint32_t most, std::uint32_t page_outs = 64, bool can_page_out = true) {
        return scan_word(pages, member, hand, {.pages = most, .page_outs = page_outs, .can_page_out = can_page_out});
    }

    SharedPages pages;
    MemberId member;
    ClockHand hand;
};

TEST(MemorySharingClock, a_clean_copy_is_taken_and_others_are_sent) {
    Clock clock(4);
    clock.word().saved = 0b0011;
    clock.word().changed = 0b0010;
    const ScanPicks picks = clock.scan(64);
    EXPECT_EQ(picks.take, 0b0001u);
    EXPECT_EQ(picks.send, 0b1110u);
    EXPECT_EQ(clock.hand.round, 1);
}

TEST(MemorySharingClock, referenced_pages_lose_their_bit_and_go_in_the_next_round) {
    Clock clock(3);
    clock.word().referenced = 0b101;
    EXPECT_EQ(clock.scan(64).send, 0b010u);
    EXPECT_EQ(clock.word().referenced, 0u);
    clock.word().busy = 0b010;
    EXPECT_EQ(clock.scan(64).send, 0b101u);
}

TEST(MemorySharingClock, critical_pages_are_passed_over_on_the_first_round_only) {
    Clock clock(3);
    clock.word().critical = 0b011;
    clock.word().referenced = 0b001;
    EXPECT_EQ(clock.scan(64).send, 0b100u);
    EXPECT_EQ(clock.word().referenced, 0b001u) << "passed over, not looked at";
    clock.word().busy = 0b100;
    EXPECT_EQ(clock.scan(64).send, 0b010u);
    clock.word().busy = 0b110;
    EXPECT_EQ(clock.word().referenced, 0u);
    EXPECT_EQ(clock.scan(64).send, 0b001u);
    EXPECT_TRUE(clock.hand.is_through());
}

TEST(MemorySharingClock, io_mapped_coalesced_busy_and_missing_pages_are_never_picked) {
    Clock clock(6);
    clock.pages.merge({clock.member, 0}, {clock.member, 1});
    clock.pages.unback({clock.member, 2});
    clock.word().io_mapped = 0b001000;
    clock.word().busy = 0b010000;
    clock.word().referenced = 0b001011;
    for (int round = 0; round < 3; ++round) {
        const ScanPicks picks = clock.scan(64);
        EXPECT_EQ(picks.take | picks.send, 0b100000u);
    }
    EXPECT_EQ(clock.word().referenced, 0b001011u);
}

TEST(MemorySharingClock, stops_before_the_first_page_it_may_not_take) {
    Clock clock(6);
    clock.word().saved = 0b001011;
    clock.word().referenced = 0b100100;
    const ScanPicks picks = clock.scan(64, 1);
    EXPECT_EQ(picks.take, 0b001011u);
    EXPECT_EQ(picks.send, 0b010000u);
    clock.word().busy = picks.send;

    Clock stopped(6);
    stopped.word().saved = 0b001011;
    stopped.word().referenced = 0b100100;
    const ScanPicks two = stopped.scan(2, 64);
    EXPECT_EQ(two.take | two.send, 0b000011u);
    EXPECT_EQ(stopped.hand.page, 2u);
    EXPECT_EQ(stopped.word().referenced, 0b100100u) << "pages behind are not yet judged";
    EXPECT_EQ(stopped.scan(0).take, 0u);
    EXPECT_EQ(stopped.hand.page, 2u);
}

TEST(MemorySharingClock, without_paging_space_only_clean_pages_go) {
    Clock clock(4);
    clock.word().saved = 0b1100;
    clock.word().changed = 0b1000;
    const ScanPicks picks = clock.scan(64, 0, false);
    EXPECT_EQ(picks.take, 0b0100u);
    EXPECT_EQ(picks.send, 0u);
    EXPECT_EQ(clock.hand.round, 1);
}

TEST(MemorySharingClock, the_hand_goes_on_where_it_was_and_round_the_end) {
    Clock clock(100);
    EXPECT_EQ(clock.scan(10).send, 0x3ffu);
    EXPECT_EQ(clock.hand.page, 10u);
    clock.hand.begin(100);
    clock.word().busy = 0x3ff;
    EXPECT_EQ(clock.scan(64).send, ~std::uint64_t{0x3ff});
    clock.word().busy = ~std::uint64_t{0};
    const ScanPicks second = clock.scan(64);
    EXPECT_EQ(second.word, 1u);
    EXPECT_EQ(second.send, (std::uint64_t{1} << 36) - 1);
    EXPECT_EQ(clock.hand.page, 0u);
    EXPECT_EQ(clock.hand.round, 0);
    EXPECT_EQ(clock.scan(64).send, 0u);
    EXPECT_EQ(clock.hand.page, 10u);
    EXPECT_EQ(clock.hand.round, 1);
}

/// The rule page by page, as the text has it.
std::vector<int> plainly(std::vector<PageWord>& words, std::uint32_t count, PageNumber& hand, int round, int most) {
    std::vector<int> taken;
    for (std::uint32_t i = 0; i < count && static_cast<int>(taken.size()) < most; ++i, hand = (hand + 1) % count) {
        PageWord& word = words[hand / 64];
        const std::uint64_t bit = bit_of(hand);
        if (((word.io_mapped | ~word.backed | word.busy) & bit) != 0) continue;
        if (round == 0 && (word.critical & bit) != 0) continue;
        if ((word.referenced & bit) != 0) {
            word.referenced &= ~bit;
        } else {
            taken.push_back(static_cast<int>(hand));
        }
    }
    return taken;
}

RC_GTEST_PROP(MemorySharingClock, word_at_a_time_is_as_page_by_page, ()) {
    const std::uint32_t count = *rc::gen::inRange(1u, 300u);
    Clock clock(count);
    const auto any_bits = [&] { return *rc::gen::arbitrary<std::uint64_t>(); };
    for (std::uint32_t word = 0; word < (count + 63) / 64; ++word) {
        clock.word(word).referenced = any_bits() & clock.word(word).backed;
        clock.word(word).critical = any_bits() & clock.word(word).backed;
        clock.word(word).io_mapped = any_bits() & any_bits() & clock.word(word).backed;
    }
    clock.hand.page = *rc::gen::inRange(0u, count);
    clock.hand.begin(count);
    std::vector<PageWord> words = clock.pages.words(clock.member);
    const int most = *rc::gen::inRange(1, 200);
    PageNumber hand = clock.hand.page;
    const std::vector<int> want = plainly(words, count, hand, 0, most);

    std::vector<int> got;
    while (static_cast<int>(got.size()) < most && clock.hand.round == 0) {
        const ScanPicks picks = clock.scan(static_cast<std::uint32_t>(most) - static_cast<std::uint32_t>(got.size()));
        for_each_page(picks.word, picks.send, [&](PageNumber page) { got.push_back(static_cast<int>(page)); });
    }
    RC_ASSERT(got == want);
    for (std::uint32_t word = 0; word < words.size(); ++word)
        if (clock.hand.round == 1) RC_ASSERT(clock.word(word).referenced == words[word].referenced);
}

}  // namespace
}  // namespace pvmsim::hypervisor
