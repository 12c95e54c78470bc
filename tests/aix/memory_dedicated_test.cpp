// A system's memory without a hypervisor behind it: layout, references of a load, paging to its own paging space,
// memory that comes and goes, and Active Memory Expansion.
#include <gtest/gtest.h>

#include "aix/processor/lparstat.hpp"
#include "tests/aix/memory_fixture.hpp"

namespace pvmsim::aix {
namespace {

using namespace std::chrono_literals;
using test::kMib;
using test::MemorySite;

TEST(DedicatedMemory, is_divided_into_kernel_text_cache_and_free) {
    MemorySite::Lpar lpar{};
    lpar.config = {.kernel_bytes = 100 * kMib, .os_text_bytes = 200 * kMib};
    MemorySite site(std::vector{lpar});
    site.start_all();
    const auto figures = site.memory().figures();
    EXPECT_FALSE(figures.is_shared);
    EXPECT_EQ(figures.true_bytes, 1024 * kMib);
    EXPECT_EQ(figures.pinned_bytes, 100 * kMib);
    EXPECT_EQ(figures.text_bytes, 200 * kMib);
    EXPECT_EQ(figures.file_cache_bytes / kMib, 102u);  // a tenth, in whole words
    EXPECT_EQ(figures.free_bytes + figures.used_bytes(), 1024 * kMib);
}

TEST(DedicatedMemory, a_small_partition_keeps_room_for_applications) {
    MemorySite site(std::vector<MemorySite::Lpar>{{.mib = 256, .config = {}}});
    site.start_all();
    const auto figures = site.memory().figures();
    EXPECT_EQ(figures.pinned_bytes, 64 * kMib);
    EXPECT_EQ(figures.text_bytes, 64 * kMib);
    EXPECT_GT(figures.free_bytes, 100 * kMib);
}

TEST(MemoryLoad, refers_to_hot_pages_in_each_tick_and_to_others_by_locality) {
    MemorySite site(
        {{.load = MemoryLoadConfig{
              .working_set_bytes = 400 * kMib, .hot_percent = 25, .locality_percent = 80, .starts_warm = false}}});
    site.start_all();
    site.run_for(100s - 1ns);  // the first tick begins at 0
    const auto result = site.result();
    const double hot = 100.0 * 256;  // pages
    const double all = hot / 0.8;
    EXPECT_NEAR(static_cast<double>(result.references_done), all * 100, all * 100 * 0.01);
    EXPECT_EQ(result.references_wanted, result.references_done);
    EXPECT_EQ(result.page_waits, 0u);
    EXPECT_EQ(result.stall_longest, 0ns);
    EXPECT_DOUBLE_EQ(result.slowdown, 1);
}

TEST(MemoryLoad, drift_takes_new_memory_and_leaves_the_old) {
    MemorySite site(std::vector<MemorySite::Lpar>{
        {.load = MemoryLoadConfig{
             .working_set_bytes = 100 * kMib, .heap_bytes = 600 * kMib, .drift_bytes_per_s = 10 * kMib}}});
    site.start_all();
    site.run_for(21s - 1ns);
    EXPECT_EQ(site.memory().figures().heap_bytes / kMib, 300u);  // 100 at once and 20 moves of 10
    site.run_for(100s);
    EXPECT_EQ(site.memory().figures().heap_bytes, 600 * kMib);  // around and around
}

TEST(MemoryLoad, grows_by_steps_and_by_hand) {
    MemorySite site(std::vector<MemorySite::Lpar>{
        {.load = MemoryLoadConfig{.working_set_bytes = 50 * kMib,
                                  .steps = {{.at = sim::SimTime{5s}, .working_set_bytes = 150 * kMib}},
                                  .locality_percent = 20}}});
    site.start_all();
    site.run_for(4s);
    EXPECT_EQ(site.memory().figures().heap_bytes, 50 * kMib);
    site.run_for(20s);
    EXPECT_EQ(site.memory().figures().heap_bytes, 150 * kMib);
    site.load().set_working_set(200 * kMib);
    site.run_for(20s);
    EXPECT_EQ(site.memory().figures().heap_bytes, 200 * kMib);
}

TEST(DedicatedMemory, a_working_set_that_does_not_fit_is_paged_and_slow) {
    MemorySite site(
        {{.config = {.kernel_bytes = 64 * kMib, .os_text_bytes = 64 * kMib, .os_paging_space_bytes = 1024 * kMib},
          .load = MemoryLoadConfig{.working_set_bytes = 1200 * kMib}}});
    site.start_all();
    site.run_for(60s);
    const auto figures = site.memory().figures();
    EXPECT_EQ(figures.file_cache_bytes, 0u);  // given up first
    EXPECT_EQ(figures.free_bytes, 0u);
    EXPECT_GT(figures.os_page_outs, 70'000u);  // 304 MB at the least
    EXPECT_GT(figures.os_page_ins, 1000u);
    EXPECT_EQ(figures.heap_bytes, (1024 - 128) * kMib);
    const auto result = site.result();
    EXPECT_EQ(result.page_waits + 4 >= figures.os_page_ins, true);
    EXPECT_EQ(result.wait_max, 5ms);
    EXPECT_GT(result.slowdown, 1.2);
    EXPECT_EQ(result.stall_longest, 5ms);
    EXPECT_EQ(result.references_refused, 0u);
}

TEST(DedicatedMemory, without_memory_and_paging_space_references_are_refused) {
    MemorySite site(
        {{.config = {.os_paging_space_bytes = 0}, .load = MemoryLoadConfig{.working_set_bytes = 1200 * kMib}}});
    site.start_all();
    site.run_for(5s);
    EXPECT_GT(site.result().references_refused, 0u);
    EXPECT_EQ(site.memory().figures().os_page_outs, 0u);
    EXPECT_GT(site.result().slowdown, 1);
}

/// 1 GB less 128 MB for the system, referred to word by word.
constexpr std::uint64_t kAll = ~std::uint64_t{0};
constexpr HeapWord kWordsThatFit = (1024 - 128) * 4;

TEST(DedicatedMemory, pages_read_again_are_written_again_only_if_they_changed) {
    MemorySite site(std::vector<MemorySite::Lpar>{{}});
    site.start_all();
    auto& memory = site.memory();
    memory.grow_heap(kWordsThatFit + 3);
    for (HeapWord word = 0; word < kWordsThatFit; ++word) EXPECT_EQ(memory.touch(word, kAll, kAll).waits, 0u);
    EXPECT_EQ(memory.figures().os_page_outs, 0u);
    EXPECT_EQ(memory.touch(kWordsThatFit, kAll, 0).waits, 0u);  // word 0 goes
    EXPECT_EQ(memory.figures().os_page_outs, 64u);
    EXPECT_EQ(memory.touch(0, 0b111, 0).waits, 0b111u);  // and comes in the place of word 1
    EXPECT_EQ(memory.figures().os_page_outs, 128u);
    EXPECT_TRUE(memory.wait_for(0, true));
    EXPECT_TRUE(memory.wait_for(1, false));
    EXPECT_EQ(memory.touch(0, 0b111, 0).waits, 0b100u);  // the others are waited for already
    site.run_for(4ms);
    EXPECT_EQ(memory.touch(0, 0b011, 0).waits, 0u);
    site.run_for(1ms);
    EXPECT_EQ(memory.touch(0, 0b011, 0).waits, 0u);
    EXPECT_EQ(memory.touch(0, 0b100, 0).waits, 0b100u);
    EXPECT_EQ(memory.figures().os_page_ins, 2u);
    // Words 0 and 2 are the last ones referred to but for one turn of the clock: everything goes once.
    const auto before = memory.figures().os_page_outs;
    for (HeapWord word = 2; word <= kWordsThatFit; ++word)
        if (const auto waits = memory.touch(word, 1, 0).waits; waits != 0) site.run_for(1ms);
    for (HeapWord turn = 0; turn < 2; ++turn)
        for (HeapWord word = 1; word <= kWordsThatFit; ++word) static_cast<void>(memory.touch(word, 1, 0));
    // Page 0 of word 0 was written to, page 1 only read.
    const auto after = memory.figures();
    EXPECT_EQ((after.os_page_outs - before) % 64, 1u);
}

TEST(DedicatedMemory, references_wanted_are_those_of_every_tick) {
    MemorySite site(std::vector<MemorySite::Lpar>{
        {.config = {.kernel_bytes = 64 * kMib,
                    .os_text_bytes = 64 * kMib,
                    .file_cache_bytes = 0,
                    .os_paging_space_bytes = 1024 * kMib},
         .load = MemoryLoadConfig{.working_set_bytes = 1200 * kMib, .hot_percent = 100, .threads = 3}}});
    site.start_all();
    site.run_for(10s);  // the last slice of the tenth tick is over, the first of the next has begun
    constexpr std::uint64_t kPages = 1200 * 256;
    const auto wanted = site.result().references_wanted;
    EXPECT_GE(wanted, 10 * kPages - 3);
    EXPECT_LE(wanted, 10 * kPages + kPages / 10);
    EXPECT_LT(site.result().references_done, wanted);
}

TEST(DedicatedMemory, a_load_that_only_reads_leaves_nothing_to_write_twice) {
    for (const std::uint32_t writes_percent : {0u, 100u}) {
        MemorySite site(std::vector<MemorySite::Lpar>{{.config = {.os_paging_space_bytes = 2048 * kMib},
                                                       .load = MemoryLoadConfig{.working_set_bytes = 1200 * kMib,
                                                                                .writes_percent = writes_percent,
                                                                                .threads = 16,
                                                                                .starts_warm = false}}});
        site.start_all();
        site.run_for(300s);
        const auto figures = site.memory().figures();
        const auto places = figures.paging_space_used_bytes / hypervisor::kPageBytes;
        EXPECT_GT(places, 0u);
        EXPECT_EQ(figures.os_page_outs > places, writes_percent == 100);
    }
}

TEST(DedicatedMemory, more_threads_page_more_at_once) {
    const auto done = [](std::uint32_t threads) {
        MemorySite site(std::vector<MemorySite::Lpar>{
            {.config = {.os_paging_space_bytes = 1024 * kMib},
             .load = MemoryLoadConfig{.working_set_bytes = 1200 * kMib, .threads = threads}}});
        site.start_all();
        site.run_for(60s);
        return site.memory().figures().os_page_ins;
    };
    EXPECT_NEAR(static_cast<double>(done(8)), 8.0 * static_cast<double>(done(1)),
                0.2 * 8 * static_cast<double>(done(1)));
}

TEST(DedicatedMemory, threads_that_wait_want_no_processor) {
    MemorySite site(std::vector<MemorySite::Lpar>{{.config = {.os_paging_space_bytes = 1024 * kMib},
                                                   .load = MemoryLoadConfig{.working_set_bytes = 1200 * kMib}}});
    site.start_all();
    site.systems[0]->processors().set_application_demand(hypervisor::CoreRate::cores(1));
    site.run_for(30s);
    const auto before = site.systems[0]->processors().counters(site.engine.now());
    site.run_for(30s);
    const auto after = site.systems[0]->processors().counters(site.engine.now());
    EXPECT_LT((after.consumed.nanocore_ns - before.consumed.nanocore_ns),
              hypervisor::CoreTime::Wide{6} * 1'000'000'000'000'000'000);
}

TEST(DedicatedMemory, blocks_go_while_there_is_free_memory_and_come_back) {
    MemorySite site(std::vector<MemorySite::Lpar>{{.load = MemoryLoadConfig{.working_set_bytes = 300 * kMib}}});
    site.start_all();
    site.run_for(2s);
    const auto id = site.systems[0]->partition_id();
    const hypervisor::MemoryChange remove{.action = hypervisor::MemoryAction::kRemove, .mib = 768};
    MemorySite::check(site.system->change_memory(id, remove));
    site.run_for(10s);
    // 128 MB of kernel and text, 300 of working storage: two of three blocks.
    EXPECT_EQ(site.system->partition(id).given.memory_mib, 512u);
    EXPECT_EQ(site.memory().figures().true_bytes, 512 * kMib);
    EXPECT_EQ(site.memory().figures().heap_bytes, 300 * kMib);
    EXPECT_EQ(site.memory().figures().free_bytes, 84 * kMib);
    const auto waits = site.result().page_waits;
    MemorySite::check(site.system->change_memory(id, {.action = hypervisor::MemoryAction::kAdd, .mib = 256}));
    site.run_for(10s);
    EXPECT_EQ(site.memory().figures().free_bytes, 340 * kMib);
    EXPECT_EQ(site.result().page_waits, waits);
}

TEST(DedicatedMemory, removal_moves_working_storage_that_lies_in_the_way) {
    // The heap grows behind a cache of 600 MB; the blocks at the end hold it.
    MemorySite site(std::vector<MemorySite::Lpar>{
        {.config = {.kernel_bytes = 64 * kMib, .os_text_bytes = 64 * kMib, .file_cache_bytes = 600 * kMib},
         .load = MemoryLoadConfig{.working_set_bytes = 250 * kMib}}});
    site.start_all();
    site.run_for(2s);
    EXPECT_TRUE(site.memory().release_block());
    const auto figures = site.memory().figures();
    EXPECT_EQ(figures.heap_bytes, 250 * kMib);
    EXPECT_EQ(figures.true_bytes, 768 * kMib);
    EXPECT_EQ(figures.file_cache_bytes + figures.free_bytes, (768 - 128 - 250) * kMib);
    site.run_for(5s);
    EXPECT_EQ(site.result().page_waits, 0u);
}

TEST(ExpandedMemory, holds_more_than_there_is_and_costs_processor) {
    MemorySite site(
        std::vector<MemorySite::Lpar>{{.mib = 2048,
                                       .mem_expansion_hundredths = 150,
                                       .load = MemoryLoadConfig{.working_set_bytes = 2600 * kMib, .hot_percent = 90}}});
    site.start_all();
    site.run_for(5s);
    const auto before = read_memory(*site.systems[0]);
    site.run_for(10s);
    const auto after = read_memory(*site.systems[0]);
    const auto& figures = after.memory;
    EXPECT_TRUE(figures.is_expanded);
    EXPECT_EQ(figures.true_bytes, 2048 * kMib);
    EXPECT_EQ(figures.seen_bytes, 3072 * kMib);
    EXPECT_EQ(figures.expansion.deficit_pages, 0u);
    EXPECT_EQ(figures.heap_bytes, 2600 * kMib);
    EXPECT_EQ(figures.os_page_ins, 0u);
    // Used: 128 + 2600 MB of 2048: 680 MB more than there is at r = 2 are a compressed pool of 680 MB.
    EXPECT_EQ(figures.expansion_in_use.compressed_pages, 680u * 256);
    const auto row = memory_stat_row(before, after);
    const double hot_gib = (2600.0 + 128) / 1024;  // a tenth of the references reaches all of the cold tenth
    const double expected = 0.18544 * (hot_gib - 1368.0 / 1024);
    EXPECT_NEAR(row.xphysc, expected, 0.001 * expected);
    EXPECT_GT(row.xcpu, 90);  // nothing else uses processors
    EXPECT_EQ(row.dxm_mib, 0);
}

TEST(ExpandedMemory, compression_is_system_time_and_has_columns_of_its_own) {
    MemorySite site(std::vector<MemorySite::Lpar>{{}});
    site.start_all();
    auto& processors = site.systems[0]->processors();
    processors.set_application_demand({600'000'000});
    processors.set_compression_demand({200'000'000});
    site.run_for(1s);
    const auto before = read_memory(*site.systems[0]);
    site.run_for(10s);
    const auto after = read_memory(*site.systems[0]);
    const auto row = memory_stat_row(before, after);
    EXPECT_NEAR(row.xphysc, 0.2, 1e-6);
    EXPECT_NEAR(row.xcpu, 25, 1e-3);
    const auto lparstat = lparstat_row(before.processors, after.processors);
    EXPECT_NEAR(lparstat.physc, 0.8, 1e-6);
    EXPECT_NEAR(lparstat.sys, 20 + 6, 0.1);  // a tenth of the applications' time is %sys, too
    processors.set_application_share(500);
    site.run_for(10s);
    const auto later = read_memory(*site.systems[0]);
    EXPECT_NEAR(memory_stat_row(after, later).xphysc, 0.2, 1e-6);
    EXPECT_NEAR(lparstat_row(after.processors, later.processors).physc, 0.5, 1e-6);
}

TEST(ExpandedMemory, a_working_set_that_fits_costs_nothing) {
    MemorySite site(
        {{.mib = 2048, .mem_expansion_hundredths = 150, .load = MemoryLoadConfig{.working_set_bytes = 1500 * kMib}}});
    site.start_all();
    site.run_for(10s);
    EXPECT_EQ(site.systems[0]->processors().counters(site.engine.now()).compression.nanocore_ns, 0);
    EXPECT_EQ(site.memory().figures().expansion_in_use.compressed_pages, 0u);
}

TEST(ExpandedMemory, deficit_is_not_seen_and_is_paged_instead) {
    MemorySite::Lpar lpar{
        .mib = 1024, .mem_expansion_hundredths = 300, .load = MemoryLoadConfig{.working_set_bytes = 2800 * kMib}};
    lpar.config.expansion.ratio_hundredths = 150;
    lpar.config.os_paging_space_bytes = 4096 * kMib;
    MemorySite site(std::vector{lpar});
    site.start_all();
    site.run_for(10s);
    const auto figures = site.memory().figures();
    EXPECT_GT(figures.expansion.deficit_pages, 0u);
    EXPECT_LT(figures.seen_bytes, 3072 * kMib);
    EXPECT_GT(figures.os_page_outs, 0u);
    const auto reading = read_memory(*site.systems[0]);
    site.run_for(1s);
    EXPECT_GT(memory_stat_row(reading, read_memory(*site.systems[0])).dxm_mib, 1);
}

/// Whole words are written but for one: of that, only what changed since it was read back.
TEST(DedicatedMemory, pages_in_memory_that_change_are_written_again) {
    MemorySite::Lpar lpar{.mib = 1024};
    lpar.config.os_paging_space_bytes = 8192 * kMib;
    MemorySite site({lpar});
    site.start_all();
    auto& memory = site.memory();
    constexpr HeapWord kWords = 16 * 1024;  // 4 GB
    memory.grow_heap(kWords);
    HeapWord next = 0;
    while (memory.figures().os_page_outs == 0) (void)memory.touch(next++, kAll, kAll);
    ASSERT_LT(next, kWords / 2);

    HeapWord back = 0;  // the first one that left
    while (memory.touch(back, kAll, 0).waits == 0) ++back;
    for (HeapPage page = 0; page < hypervisor::kPagesInWord; ++page)
        ASSERT_TRUE(memory.wait_for(back * hypervisor::kPagesInWord + page, false));
    site.run_for(5s);
    ASSERT_EQ(memory.touch(back, kAll, 0xff).waits, 0u);
    while (next < kWords) (void)memory.touch(next++, kAll, kAll);

    ASSERT_NE(memory.touch(back, kAll, 0).waits, 0u);  // it left again
    EXPECT_EQ(memory.figures().os_page_outs % hypervisor::kPagesInWord, 8u);
}

}  // namespace
}  // namespace pvmsim::aix
