// Which LMB backs what: first fit, aligned page tables, scatter from history, handing over; and, after any sequence of
// operations, that no LMB has two owners and each direction of the table is the inverse of the other.
#include "hypervisor/memory/blocks/logical_memory_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

namespace pvmsim::hypervisor {
namespace {

using testing::ElementsAre;

constexpr LmbOwner kFirst = LmbOwner::memory(PartitionId{1});
constexpr LmbOwner kSecond = LmbOwner::memory(PartitionId{2});
constexpr LmbOwner kThird = LmbOwner::memory(PartitionId{3});

std::vector<std::uint32_t> blocks_of(const LogicalMemoryTable& table, const LmbOwner& owner) {
    std::vector<std::uint32_t> numbers;
    for (const Lmb block : table.of(owner)) numbers.push_back(block.value());
    return numbers;
}

TEST(LogicalMemoryTable, fresh_machine_gives_the_lowest_blocks_in_a_row) {
    LogicalMemoryTable table(16);
    table.resize(LmbOwner::hypervisor(), 2);
    table.resize(kFirst, 4);
    table.resize(kSecond, 3);
    EXPECT_THAT(blocks_of(table, kFirst), ElementsAre(2, 3, 4, 5));
    EXPECT_THAT(blocks_of(table, kSecond), ElementsAre(6, 7, 8));
    EXPECT_EQ(table.scatter(kFirst), (Scatter{.blocks = 4, .runs = 1, .longest_run = 4}));
    EXPECT_EQ(table.scatter(kFirst).scattered_per_mille(), 0u);
    EXPECT_EQ(table.free_blocks(), 7u);
}

TEST(LogicalMemoryTable, holes_of_those_who_left_scatter_the_next) {
    LogicalMemoryTable table(16);
    table.resize(kFirst, 3);
    table.resize(kSecond, 4);
    table.resize(kFirst, 5);
    table.resize(kSecond, 1);
    table.resize(kThird, 8);
    EXPECT_THAT(blocks_of(table, kFirst), ElementsAre(0, 1, 2, 7, 8));
    EXPECT_THAT(blocks_of(table, kThird), ElementsAre(4, 5, 6, 9, 10, 11, 12, 13));
    EXPECT_EQ(table.scatter(kThird), (Scatter{.blocks = 8, .runs = 2, .longest_run = 5}));
    EXPECT_EQ(table.scatter(kThird).scattered_per_mille(), 142u);  // 1 of 7 seams
    EXPECT_EQ(table.scatter(kSecond).scattered_per_mille(), 0u);
    EXPECT_EQ(table.scatter(LmbOwner::shared_pool()), Scatter{});
}

TEST(LogicalMemoryTable, neighbours_in_falling_order_are_no_run) {
    LogicalMemoryTable table(4);
    table.resize(kFirst, 3);
    table.hand_over(kFirst, kSecond);
    table.hand_over(kFirst, kSecond);
    EXPECT_THAT(blocks_of(table, kSecond), ElementsAre(2, 1));
    EXPECT_EQ(table.scatter(kSecond), (Scatter{.blocks = 2, .runs = 2, .longest_run = 1}));
    EXPECT_EQ(table.scatter(kSecond).scattered_per_mille(), 1000u);
}

TEST(LogicalMemoryTable, page_table_is_aligned_to_its_size_or_takes_what_there_is) {
    const LmbOwner aligned = LmbOwner::page_table(PartitionId{1});
    const LmbOwner torn = LmbOwner::page_table(PartitionId{2});
    LogicalMemoryTable table(12);
    table.resize(kFirst, 1);
    table.place_aligned(aligned, 4);
    EXPECT_THAT(blocks_of(table, aligned), ElementsAre(4, 5, 6, 7));
    table.resize(kSecond, 4);
    EXPECT_THAT(blocks_of(table, kSecond), ElementsAre(1, 2, 3, 8));
    table.resize(kThird, 1);
    table.resize(kSecond, 3);
    table.place_aligned(torn, 3);
    EXPECT_THAT(blocks_of(table, torn), ElementsAre(8, 10, 11));
    EXPECT_EQ(table.free_blocks(), 0u);
}

TEST(LogicalMemoryTable, block_that_is_handed_over_stays_where_it_is) {
    LogicalMemoryTable table(8);
    table.resize(kFirst, 2);
    table.resize(kSecond, 2);
    table.hand_over(kFirst, kSecond);
    EXPECT_THAT(blocks_of(table, kFirst), ElementsAre(0));
    EXPECT_THAT(blocks_of(table, kSecond), ElementsAre(2, 3, 1));
    EXPECT_EQ(table.owner(Lmb{1}), kSecond);
    EXPECT_EQ(table.logical_block(Lmb{1}), 2u);
    EXPECT_EQ(table.logical_block(Lmb{7}), std::nullopt);
    EXPECT_EQ(table.free_blocks(), 4u);
}

TEST(LogicalMemoryTable, digest_tells_placements_of_the_same_size_apart) {
    const auto digest_of = [](const LogicalMemoryTable& table) {
        sim::Digest digest;
        table.digest(digest);
        return digest.value();
    };
    LogicalMemoryTable one(8);
    one.resize(kFirst, 2);
    one.resize(kSecond, 2);
    LogicalMemoryTable other(8);
    other.resize(kSecond, 2);
    EXPECT_NE(digest_of(one), digest_of(other));
    other.resize(kFirst, 2);
    EXPECT_NE(digest_of(one), digest_of(other));
    LogicalMemoryTable again(8);
    again.resize(kFirst, 2);
    again.resize(kSecond, 2);
    EXPECT_EQ(digest_of(one), digest_of(again));
}

void check_bijection(const LogicalMemoryTable& table, const std::vector<LmbOwner>& owners) {
    std::set<std::uint32_t> taken;
    for (const LmbOwner& owner : owners) {
        std::uint32_t logical = 0;
        for (const Lmb block : table.of(owner)) {
            RC_ASSERT(taken.insert(block.value()).second);
            RC_ASSERT(table.owner(block) == owner);
            RC_ASSERT(table.logical_block(block) == logical);
            ++logical;
        }
        RC_ASSERT(table.scatter(owner).blocks == logical);
    }
    for (std::uint32_t block = 0; block < table.blocks(); ++block)
        RC_ASSERT((table.owner(Lmb{block}).use == LmbUse::kFree) == !taken.contains(block));
    RC_ASSERT(taken.size() + table.free_blocks() == table.blocks());
}

RC_GTEST_PROP(LogicalMemoryTable, each_block_has_one_owner_and_one_place_with_it, ()) {
    const std::vector<LmbOwner> owners{LmbOwner::hypervisor(), LmbOwner::page_table(PartitionId{1}), kFirst, kSecond,
                                       LmbOwner::shared_pool()};
    const auto size = *rc::gen::inRange<std::uint32_t>(1, 80);
    LogicalMemoryTable table(size);
    for (int step = 0; step < 60; ++step) {
        const LmbOwner& owner = *rc::gen::elementOf(owners);
        const auto has = static_cast<std::uint32_t>(table.of(owner).size());
        const auto count = *rc::gen::inRange<std::uint32_t>(0, has + table.free_blocks() + 1);
        const LmbOwner& other = *rc::gen::elementOf(owners);
        const auto kind = *rc::gen::inRange(0, 4);
        std::vector<Lmb> kept(table.of(owner).begin(), table.of(owner).end());
        if (kind == 0 && has > 0 && other != owner) {
            table.hand_over(owner, other);
            kept.pop_back();
        } else if (kind == 1 && has == 0) {
            table.place_aligned(owner, count);
        } else {
            table.resize(owner, count);
            kept.resize(std::min<std::size_t>(kept.size(), count));
        }
        RC_ASSERT(std::ranges::equal(kept, table.of(owner).first(kept.size())));
        check_bijection(table, owners);
    }
}

}  // namespace
}  // namespace pvmsim::hypervisor
