// Active Memory Deduplication by example: table sizes (V34), hints, pages that must not be merged, stale entries, and a
// table that is too small.
#include <gtest/gtest.h>

#include "hypervisor/memory/content/pool_contents.hpp"
#include "tests/hypervisor/deduplication_fixture.hpp"

namespace pvmsim::hypervisor {
namespace {

constexpr std::uint64_t kMib = 1u << 20;

/// Members whose pages are all backed and hold page n of a common file, from `first` on.
struct IdentityPool {
    explicit IdentityPool(std::uint32_t frames) : pages(frames) {}
    MemberId add(std::uint32_t count, std::uint64_t file, std::uint64_t first = 0) {
        const MemberId member = pages.add_member(count);
        contents.add(member, count, members++);
        contents.of(member).describe(0, count, {.kind = ContentKind::kCommon, .seed = file, .first = first});
        for (PageNumber page = 0; page < count; ++page) EXPECT_TRUE(pages.back({member, page}));
        return member;
    }
    void remove(MemberId member) {
        pages.remove_member(member);
        contents.remove(member);
    }
    SharedPages pages;
    PoolContents contents;
    std::uint64_t members = 100;
};

TEST(deduplication, table_is_a_share_of_the_maximum_pool_v34) {
    struct Row {
        std::uint32_t ratio;
        std::uint64_t table_mib;
    };
    for (const Row& row : {Row{256, 256}, Row{512, 128}, Row{1024, 64}, Row{2048, 32}, Row{4096, 16}, Row{8192, 8}}) {
        const std::uint64_t bytes = deduplication_table_bytes(64 * 1024 * kMib, row.ratio);
        EXPECT_EQ(bytes, row.table_mib * kMib) << row.ratio;
        EXPECT_EQ(SignatureTable(bytes).bytes(), bytes) << row.ratio;
    }
}

TEST(deduplication, ten_equal_partitions_become_one_copy) {
    constexpr std::uint32_t kEach = 1000;
    IdentityPool pool(10 * kEach);
    for (int i = 0; i < 10; ++i) (void)pool.add(kEach, 1);
    Deduplicator deduplicator(pool.pages, pool.contents, kMib);
    const ScanResult pass = deduplicator.scan(10 * kEach);
    EXPECT_EQ(pass.scanned, 10 * kEach);
    EXPECT_EQ(pass.merged, 9 * kEach);
    EXPECT_EQ(pool.pages.saved_frames(), 9 * kEach);
    EXPECT_EQ(pool.pages.free_frames(), 9 * kEach);
    EXPECT_EQ(pool.pages.coalesced(MemberId{3}), kEach);
    EXPECT_EQ(pool.pages.sharers(*pool.pages.frame_of({MemberId{0}, 7})), 10u);

    const ScanResult again = deduplicator.scan(10 * kEach);
    EXPECT_EQ(again.scanned, 10 * kEach);
    EXPECT_EQ(again.merged, 0u);
}

TEST(deduplication, scan_goes_on_where_it_stopped) {
    IdentityPool pool(600);
    (void)pool.add(300, 1);
    (void)pool.add(300, 1);
    Deduplicator deduplicator(pool.pages, pool.contents, kMib);
    std::uint64_t merged = 0;
    for (int i = 0; i < 60; ++i) {
        const ScanResult some = deduplicator.scan(10);
        EXPECT_EQ(some.scanned, 10u);
        merged += some.merged;
        EXPECT_EQ(merged, i < 30 ? 0u : (i - 29u) * 10);
    }
}

TEST(deduplication, cycles_are_those_of_what_was_done) {
    IdentityPool pool(200);
    (void)pool.add(100, 1);
    (void)pool.add(100, 1);
    const DeduplicationCosts costs{
        .signature_cycles = 1000, .look_up_cycles = 100, .comparison_cycles = 10, .merge_cycles = 1};
    Deduplicator deduplicator(pool.pages, pool.contents, kMib, costs);
    const ScanResult pass = deduplicator.scan(200);
    EXPECT_EQ(pass.compared, 100u);
    EXPECT_EQ(pass.cycles, 200 * 1100 + 100 * 11);
    EXPECT_EQ(deduplicator.pages_for(11110), 10u);
}

TEST(deduplication, hinted_pages_come_first) {
    IdentityPool pool(2000);
    const MemberId members[] = {pool.add(1000, 1), pool.add(1000, 1)};
    for (const MemberId member : members) pool.pages.words(member)[10].hinted = 0xff00;
    Deduplicator deduplicator(pool.pages, pool.contents, kMib);
    const ScanResult first = deduplicator.scan(16);
    EXPECT_EQ(first.scanned, 16u);
    EXPECT_EQ(first.merged, 8u);
    EXPECT_EQ(pool.pages.words(members[1])[10].coalesced, 0xff00u);
    EXPECT_EQ(deduplicator.scan(2000 - 16).merged, 992u);
}

TEST(deduplication, pages_mapped_for_io_or_on_their_way_out_keep_their_frames) {
    IdentityPool pool(256);
    const MemberId one = pool.add(128, 1);
    const MemberId other = pool.add(128, 1);
    pool.pages.words(one)[0].io_mapped = 0xf;
    pool.pages.words(other)[0].io_mapped = 0xf0;
    pool.pages.words(other)[0].busy = 0xf00;
    Deduplicator deduplicator(pool.pages, pool.contents, kMib);
    EXPECT_EQ(deduplicator.scan(1000).merged, 128u - 12);
    EXPECT_EQ(pool.pages.words(one)[0].coalesced, ~std::uint64_t{0xfff});
}

TEST(deduplication, page_mapped_for_io_after_it_was_seen_is_not_merged) {
    IdentityPool pool(128);
    const MemberId one = pool.add(64, 1);
    (void)pool.add(64, 1);
    Deduplicator deduplicator(pool.pages, pool.contents, kMib);
    EXPECT_EQ(deduplicator.scan(64).merged, 0u);
    pool.pages.words(one)[0].io_mapped = 1;
    EXPECT_EQ(deduplicator.scan(64).merged, 63u);
}

TEST(deduplication, entry_of_a_page_that_lost_its_frame_is_not_believed) {
    IdentityPool pool(128);
    const MemberId one = pool.add(64, 1);
    (void)pool.add(64, 1);
    Deduplicator deduplicator(pool.pages, pool.contents, kMib);
    (void)deduplicator.scan(64);
    for (PageNumber page = 0; page < 10; ++page) pool.pages.unback({one, page});
    EXPECT_EQ(deduplicator.scan(64).merged, 54u);
}

TEST(deduplication, entries_of_a_partition_that_left_do_not_match_its_successor) {
    IdentityPool pool(200);
    const MemberId one = pool.add(100, 1);
    (void)pool.add(100, 1, 50);
    Deduplicator deduplicator(pool.pages, pool.contents, kMib);
    (void)deduplicator.scan(100);
    pool.remove(one);
    const MemberId successor = pool.add(30, 2);
    EXPECT_EQ(successor, one);
    EXPECT_EQ(deduplicator.scan(200).merged, 0u);
    EXPECT_EQ(pool.pages.saved_frames(), 0u);
}

TEST(deduplication, written_page_leaves_the_others_together_and_is_not_merged_again) {
    IdentityPool pool(400);
    MemberId members[4];
    for (MemberId& member : members) member = pool.add(100, 1);
    Deduplicator deduplicator(pool.pages, pool.contents, kMib);
    EXPECT_EQ(deduplicator.scan(400).merged, 300u);
    const LogicalPage page{members[3], 7};  // the last that was seen: the table names it
    EXPECT_TRUE(pool.pages.split(page));
    pool.contents.of(page.member).write(page.page);
    EXPECT_EQ(pool.pages.sharers(*pool.pages.frame_of({members[0], 7})), 3u);
    EXPECT_EQ(deduplicator.scan(400).merged, 0u);

    pool.contents.of(page.member).describe(7, 1, {.kind = ContentKind::kCommon, .seed = 1, .first = 7});
    EXPECT_EQ(deduplicator.scan(400).merged, 1u);
    EXPECT_EQ(pool.pages.sharers(*pool.pages.frame_of(page)), 4u);
}

TEST(deduplication, table_that_is_too_small_misses_matches) {
    static constexpr std::uint32_t kEach = 1u << 17;  // two halves of a 1 GB pool
    const auto merged_with = [](std::uint32_t ratio) {
        IdentityPool pool(2 * kEach);
        (void)pool.add(kEach, 1);
        (void)pool.add(kEach, 1);
        Deduplicator deduplicator(pool.pages, pool.contents, deduplication_table_bytes(1024 * kMib, ratio));
        std::uint64_t merged = 0;
        for (int pass = 0; pass < 3; ++pass) merged += deduplicator.scan(2 * kEach).merged;
        EXPECT_GE(merged + deduplicator.counters().evicted, kEach);
        return merged;
    };
    EXPECT_GT(merged_with(256), kEach * 99ull / 100);
    EXPECT_LT(merged_with(8192), kEach / 100);
}

TEST(deduplication, table_of_another_size_begins_empty_and_undoes_nothing) {
    IdentityPool pool(192);
    (void)pool.add(64, 1);
    (void)pool.add(64, 1);
    Deduplicator deduplicator(pool.pages, pool.contents, kMib);
    EXPECT_EQ(deduplicator.scan(128).merged, 64u);
    deduplicator.resize(2 * kMib);
    EXPECT_EQ(deduplicator.table_bytes(), 2 * kMib);
    EXPECT_EQ(pool.pages.saved_frames(), 64u);
    (void)pool.add(64, 1);
    EXPECT_EQ(deduplicator.scan(192).merged, 64u);
    EXPECT_EQ(pool.pages.saved_frames(), 128u);
}

TEST(deduplication, nothing_to_scan_ends_at_once) {
    IdentityPool empty(10);
    Deduplicator alone(empty.pages, empty.contents, kMib);
    EXPECT_EQ(alone.scan(1000).scanned, 0u);

    IdentityPool unbacked(10);
    const MemberId member = unbacked.pages.add_member(10);
    unbacked.contents.add(member, 10, 1);
    Deduplicator idle(unbacked.pages, unbacked.contents, kMib);
    EXPECT_EQ(idle.scan(1000).scanned, 0u);
}

}  // namespace
}  // namespace pvmsim::hypervisor
