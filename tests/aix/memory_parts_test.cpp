// The pure parts of a system's memory: the loan target (V33), sets of words, the clock over working storage, random
// masks, and the lines of lparstat -m.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <set>

#include "aix/memory/cooperative_memory.hpp"
#include "aix/memory/heap_table.hpp"
#include "aix/memory/memory_stat.hpp"
#include "aix/memory/word_ranges.hpp"
#include "aix/workload/bernoulli_mask.hpp"

namespace pvmsim::aix {
namespace {

struct TargetCase {
    LoanSituation now;
    std::int64_t target;
};

TEST(LoanTarget, follows_the_request_and_keeps_256_mb) {
    constexpr std::int64_t kTotal = 4 * 65536;  // 1 GB
    const TargetCase cases[] = {
        {{.loan_request = 1000, .loaned = 500, .total = kTotal}, 1500},       // V33: L + X
        {{.loan_request = -200, .loaned = 500, .total = kTotal}, 300},        // take back
        {{.loan_request = -900, .loaned = 500, .total = kTotal}, 0},          // never below nothing
        {{.loan_request = kTotal, .loaned = 0, .total = kTotal}, 3 * 65536},  // 256 MB stay active
        {{.loan_request = 1000, .loaned = 0, .total = 65535}, 0},             // too small to lend at all
        {{.loan_request = 1000, .loaned = 0, .total = 65536 + 300}, 300},     // just above
        {{.loan_request = 1000, .loaned = 500, .total = kTotal, .oom_freed = 256}, 1244},
        {{.loan_request = 100, .loaned = 0, .total = kTotal, .oom_freed = 256}, 0},
    };
    for (const auto& one : cases)
        EXPECT_EQ(loan_target(one.now), one.target) << one.now.loan_request << " " << one.now.loaned;
}

RC_GTEST_PROP(WordRanges, are_the_set_that_was_added_and_not_taken, ()) {
    WordRanges ranges;
    std::set<std::uint32_t> model;
    for (int step = 0; step < 60; ++step) {
        const auto word = *rc::gen::inRange<std::uint32_t>(0, 40);
        const auto amount = *rc::gen::inRange<std::uint32_t>(1, 6);
        switch (*rc::gen::inRange(0, 4)) {
            case 0:
                if (const auto next = model.lower_bound(word); next == model.end() || *next >= word + amount) {
                    ranges.add({.first = word, .count = amount});
                    for (auto i = word; i < word + amount; ++i) model.insert(i);
                }
                break;
            case 1: {
                const auto taken = ranges.take_lowest();
                RC_ASSERT(taken.has_value() == !model.empty());
                if (taken) {
                    RC_ASSERT(*taken == *model.begin());
                    model.erase(model.begin());
                }
                break;
            }
            case 2: {
                std::uint32_t count = 0;
                for (const auto& range : ranges.take_highest(amount, word))
                    for (auto i = range.first; i < range.end(); ++i, ++count)
                        RC_ASSERT(i < word && model.erase(i) == 1);
                const auto left = static_cast<std::uint32_t>(std::distance(model.begin(), model.lower_bound(word)));
                RC_ASSERT(count == amount || left == 0);
                break;
            }
            default:
                for (const auto& range : ranges.cut(word + 30))
                    for (auto i = range.first; i < range.end(); ++i) RC_ASSERT(model.erase(i) == 1);
                RC_ASSERT(model.lower_bound(word + 30) == model.end());
        }
        RC_ASSERT(ranges.size() == model.size());
        RC_ASSERT(ranges.size_below(word) ==
                  static_cast<std::size_t>(std::distance(model.begin(), model.lower_bound(word))));
        for (std::size_t i = 1; i < ranges.ranges().size(); ++i)
            RC_ASSERT(ranges.ranges()[i - 1].end() < ranges.ranges()[i].first);
    }
}

TEST(HeapTable, clock_takes_the_word_that_was_not_referenced_and_that_fits) {
    HeapTable heap;
    heap.grow(4);
    for (HeapWord word = 0; word < 3; ++word) {
        heap.give_memory(word, 100 + word);
        heap.at(word).resident = 0xff;
        heap.at(word).is_referenced = true;
    }
    heap.at(1).is_referenced = false;
    EXPECT_EQ(heap.choose_victim(8), HeapWord{1});
    heap.at(1).dirty = 0x0f;
    const auto out = heap.page_out(1);
    EXPECT_EQ(out.memory, 101u);
    EXPECT_EQ(out.pages_written, 8u);
    EXPECT_EQ(heap.saved_pages(), 8u);
    EXPECT_EQ(heap.choose_victim(7), std::nullopt);  // no room for eight more
    heap.at(2).waiting = 1;
    EXPECT_EQ(heap.choose_victim(8), HeapWord{0});
    // Read again and unchanged, it goes without being written.
    heap.give_memory(1, 7);
    heap.at(1).resident = 0xff;
    EXPECT_EQ(heap.page_out(1).pages_written, 0u);
    EXPECT_EQ(heap.saved_pages(), 8u);
}

TEST(BernoulliMask, has_as_many_bits_as_its_chance_says) {
    sim::RandomStream random(3, "mask", "bits");
    for (const std::uint32_t chance : {0u, 1u, 40u, 1024u, 2048u, 3000u, 4095u, 4096u}) {
        std::uint64_t bits = 0;
        constexpr std::uint64_t kWords = 20'000;
        for (std::uint64_t i = 0; i < kWords; ++i)
            bits += static_cast<std::uint64_t>(std::popcount(bernoulli_mask(random, chance)));
        const double expected = static_cast<double>(chance) / 4096 * 64 * kWords;
        EXPECT_NEAR(static_cast<double>(bits), expected, 5 * std::sqrt(expected * (1 - chance / 4096.0)) + 0.5);
    }
}

TEST(MemoryStat, prints_the_columns_of_lparstat_m) {
    const MemoryStatRow row{.physb = 1.53,
                            .hpi = 12.4,
                            .hpit_ms = 30.6,
                            .pmem_gib = 2.125,
                            .iomin_mib = 77,
                            .iomu_mib = 12,
                            .iomf_mib = 65,
                            .iohwm_mib = 14.5,
                            .entc = 5.1,
                            .vcsw = 321,
                            .pgcol_mib = 100,
                            .mpgcol_mib = 250.5,
                            .ccol = 0.7,
                            .xcpu = 12.5,
                            .xphysc = 0.25,
                            .dxm_mib = 64};
    EXPECT_EQ(memory_stat_header(MemoryStatForm::kShared) + "\n" + memory_stat_line(MemoryStatForm::kShared, row),
              "physb   hpi  hpit  pmem  iomin   iomu   iomf  iohwm iomaf %entc  vcsw\n"
              "----- ----- ----- ----- ------ ------ ------ ------ ----- ----- -----\n"
              " 1.53    12    31  2.12   77.0   12.0   65.0   14.5     0   5.1   321");
    EXPECT_EQ(memory_stat_line(MemoryStatForm::kSharedCoalesced, row),
              " 1.53    12    31  2.12   77.0   12.0   65.0   14.5     0  100.0  250.5  0.7   5.1   321");
    EXPECT_EQ(expansion_stat_columns(row), "  12.5 0.2500     64");
    MemoryFigures now{};
    now.loaned_bytes = 512 * hypervisor::kMebibyte;
    EXPECT_EQ(hypervisor_page_columns(row, now), "    12     31  2.12  0.50");
}

}  // namespace
}  // namespace pvmsim::aix
