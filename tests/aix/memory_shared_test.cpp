// A system's memory in the shared pool: what boot touches, what is lent by policy, page-ins that the load waits for,
// equal program text, and what an update of the system does to it.
#include <gtest/gtest.h>

#include "tests/aix/memory_fixture.hpp"

namespace pvmsim::aix {
namespace {

using namespace std::chrono_literals;
using test::kMib;
using test::MemorySite;

MemorySite::Lpar shared(std::uint64_t mib, std::optional<MemoryLoadConfig> load = {}) {
    return {.mib = mib, .is_shared = true, .load = load};
}

TEST(SharedMemory, boot_touches_kernel_text_and_cache_only) {
    auto lpar = shared(2048);
    lpar.config.file_cache_bytes = 100 * kMib;
    MemorySite site({lpar}, 4096);
    site.start_all();
    const auto figures = site.memory().figures();
    EXPECT_TRUE(figures.is_shared);
    EXPECT_EQ(figures.performance.backing, (64 + 64 + 100) * kMib);
    EXPECT_EQ(figures.hypervisor.page_ins, 0u);
}

TEST(SharedMemory, working_storage_takes_frames_as_it_is_touched) {
    MemorySite site({shared(2048, MemoryLoadConfig{.working_set_bytes = 512 * kMib})}, 4096);
    site.start_all();
    site.run_for(5s);
    EXPECT_EQ(site.memory().figures().performance.backing, (128 + 512) * kMib);
    EXPECT_EQ(site.result().page_waits, 0u);
}

/// What one partition of 2 GB beside an equal one lends out of a pool of 3 GB, of which the donation is about 512 MB.
struct LoanCase {
    AmsLoanPolicy policy;
    std::uint64_t cache_mib;
    std::uint64_t working_set_mib;
    std::uint64_t loaned_mib_min;
    std::uint64_t loaned_mib_max;
};

TEST(SharedMemory, lends_by_its_loan_policy) {
    const LoanCase cases[] = {
        {AmsLoanPolicy::kNone, 0, 64, 0, 0},
        {AmsLoanPolicy::kFileCache, 0, 64, 400, 700},         // free memory
        {AmsLoanPolicy::kFileCache, 1800, 64, 400, 700},      // and file cache
        {AmsLoanPolicy::kFileCache, 0, 1900, 0, 30},          // but not working storage
        {AmsLoanPolicy::kWorkingStorage, 0, 1900, 100, 700},  // that is for policy 2
    };
    for (const auto& one : cases) {
        auto lpar = shared(2048, MemoryLoadConfig{.working_set_bytes = one.working_set_mib * kMib});
        lpar.config.file_cache_bytes = one.cache_mib * kMib;
        lpar.config.ams_loan_policy = one.policy;
        lpar.config.os_paging_space_bytes = 2048 * kMib;
        MemorySite site({lpar, shared(2048)}, 3072);
        site.start_all();
        site.run_for(40s);
        const auto figures = site.memory().figures();
        EXPECT_GE(figures.loaned_bytes / kMib, one.loaned_mib_min) << one.cache_mib << " " << one.working_set_mib;
        EXPECT_LE(figures.loaned_bytes / kMib, one.loaned_mib_max) << one.cache_mib << " " << one.working_set_mib;
        EXPECT_EQ(figures.hypervisor.loaned * hypervisor::kPageBytes, figures.loaned_bytes);
        EXPECT_EQ(figures.os_page_outs > 0, one.policy == AmsLoanPolicy::kWorkingStorage);
    }
}

TEST(SharedMemory, target_is_reached_within_a_poll) {
    MemorySite site({shared(2048), shared(2048)}, 3072);
    site.start_all();
    const auto request = site.memory().figures().performance.loan_request;
    EXPECT_GT(request, 0);
    site.run_for(1s);
    const auto loaned = site.memory().figures().loaned_bytes;
    EXPECT_LE(loaned, static_cast<std::uint64_t>(request));
    EXPECT_LT(static_cast<std::uint64_t>(request) - loaned, kWordBytes);  // V33, in whole words
}

TEST(SharedMemory, keeps_256_mb_whatever_is_asked) {
    MemorySite site({shared(512), shared(4096, MemoryLoadConfig{.working_set_bytes = 3500 * kMib})}, 1024);
    site.start_all();
    site.run_for(300s);
    const auto figures = site.memory().figures();
    EXPECT_LE(figures.loaned_bytes, 256 * kMib);
    EXPECT_GT(figures.loaned_bytes, 200 * kMib);
}

TEST(SharedMemory, growing_working_storage_takes_back_what_was_lent) {
    MemorySite site(
        {shared(2048, MemoryLoadConfig{.working_set_bytes = 64 * kMib, .locality_percent = 20}), shared(2048)}, 3072);
    site.start_all();
    site.run_for(10s);
    EXPECT_GT(site.memory().figures().loaned_bytes, 300 * kMib);
    site.load().set_working_set(1850 * kMib);
    site.run_for(60s);
    const auto figures = site.memory().figures();
    EXPECT_LT(figures.loaned_bytes, 80 * kMib);
    EXPECT_EQ(figures.os_page_outs, 0u);
    EXPECT_EQ(figures.heap_bytes, 1850 * kMib);
}

TEST(SharedMemory, overcommitted_working_sets_wait_for_page_ins) {
    const MemoryLoadConfig load{.working_set_bytes = 1600 * kMib};
    MemorySite site({shared(2048, load), shared(2048, load)}, 2560);
    site.start_all();
    site.run_for(120s);
    for (std::size_t index : {0u, 1u}) {
        const auto figures = site.memory(index).figures();
        const auto result = site.result(index);
        EXPECT_GT(figures.hypervisor.page_ins, 1000u);
        EXPECT_GT(result.page_waits, 1000u);
        EXPECT_GE(result.wait_p50, 1ms);
        EXPECT_GT(result.slowdown, 1);
        EXPECT_GE(result.stall_longest, 1ms);
        EXPECT_GE(result.wait_max, result.stall_longest);
    }
    EXPECT_GT(site.paging->submitted, 2000u);
}

TEST(SharedMemory, hot_memory_stays_while_cold_memory_is_taken) {
    MemorySite site(
        {shared(2048, MemoryLoadConfig{.working_set_bytes = 1700 * kMib, .hot_percent = 40, .locality_percent = 100}),
         shared(2048, MemoryLoadConfig{.working_set_bytes = 1024 * kMib, .hot_percent = 100})},
        2560);
    site.start_all();
    site.run_for(120s);
    const auto before = site.result();
    site.run_for(120s);
    const auto after = site.result();
    // 680 MB hot + 1 GB + 256 MB of the systems fit 2.5 GB; what is paged is the cold rest, which nobody asks for.
    EXPECT_LT(after.page_waits - before.page_waits, 2000u);
    EXPECT_GT(site.memory().figures().performance.backing, 700 * kMib);
}

TEST(SharedMemory, equal_levels_share_their_text_until_one_is_updated) {
    auto lpar = shared(1024);
    lpar.config.os_update_time = 60s;
    MemorySite site({lpar, lpar}, 4096, true);
    site.paging->spare = hypervisor::CoreRate{50'000'000};
    site.start_all();
    site.run_for(60s);
    const auto shared_before = site.memory().figures().performance.pool_coalesced;
    EXPECT_GE(shared_before, 64 * kMib);
    site.memory().update_os("7100-02-01");
    EXPECT_EQ(site.memory().os_level(), "7100-01-04");
    site.run_for(30s);
    EXPECT_EQ(site.memory().os_level(), "7100-01-04");
    EXPECT_GT(site.memory().figures().performance.pool_coalesced, 20 * kMib);  // half of it is still the same
    site.run_for(40s);
    EXPECT_EQ(site.memory().os_level(), "7100-02-01");
    EXPECT_LT(site.memory().figures().performance.pool_coalesced, shared_before - 50 * kMib);
    site.memory(1).update_os("7100-02-01");
    site.run_for(130s);
    EXPECT_GE(site.memory().figures().performance.pool_coalesced, 64 * kMib);
}

TEST(SharedMemory, program_text_is_looked_at_first) {
    auto lpar = shared(2048);
    lpar.config.file_cache_bytes = 1500 * kMib;
    MemorySite site({lpar, lpar}, 6144, true);
    site.paging->spare = hypervisor::CoreRate{20'000'000};
    site.start_all();
    std::uint64_t scanned = 0;
    for (int second = 0; second < 600 && scanned < 200'000; ++second) {
        site.run_for(1s);
        scanned = site.memory().figures().pool.scanned;
    }
    ASSERT_GE(scanned, 200'000u);  // of 830'000 pages, 32'768 of them hinted ones
    EXPECT_GE(site.memory().figures().performance.pool_coalesced, 60 * kMib);
}

TEST(SharedMemory, working_storage_of_few_contents_is_merged) {
    auto lpar = shared(
        1024, MemoryLoadConfig{
                  .working_set_bytes = 128 * kMib, .hot_percent = 100, .writes_percent = 0, .starts_warm = false});
    lpar.config.heap_distinct = 3;
    MemorySite site({lpar}, 2048, true);
    site.paging->spare = hypervisor::CoreRate{50'000'000};
    site.start_all();
    site.run_for(120s);
    EXPECT_GT(site.memory().figures().performance.coalesced, 120 * kMib);
}

TEST(SharedMemory, adapters_keep_memory_mapped) {
    MemorySite site({shared(1024)}, 2048);
    site.start_all();
    EXPECT_EQ(site.memory().figures().performance.io_mapped, 4'243'456u);
}

TEST(SharedMemory, an_idle_system_refers_to_its_kernel_and_text) {
    auto idle = shared(1024);
    idle.config.file_cache_bytes = 800 * kMib;
    idle.config.ams_loan_policy = AmsLoanPolicy::kNone;
    MemorySite site({idle, shared(4096, MemoryLoadConfig{.working_set_bytes = 3500 * kMib})}, 3072);
    site.start_all();
    site.run_for(300s);
    const auto figures = site.memory().figures();
    // The hypervisor took file cache; what it took of kernel and text came back.
    EXPECT_LT(figures.performance.backing, 900 * kMib);
    EXPECT_GT(figures.hypervisor.page_ins, 10u);
}

TEST(SharedMemory, expansion_and_sharing_work_together) {
    auto lpar = shared(1024, MemoryLoadConfig{.working_set_bytes = 1200 * kMib});
    lpar.mem_expansion_hundredths = 150;
    MemorySite site({lpar, shared(1024)}, 2048);
    site.start_all();
    site.run_for(30s);
    const auto figures = site.memory().figures();
    EXPECT_EQ(figures.seen_bytes, 1536 * kMib);
    EXPECT_EQ(figures.heap_bytes, 1200 * kMib);
    EXPECT_LE(figures.performance.backing, 1024 * kMib);
    EXPECT_EQ(figures.os_page_ins, 0u);
}

TEST(SharedMemory, blocks_come_and_go_and_pause_lending) {
    MemorySite site({shared(1024, MemoryLoadConfig{.working_set_bytes = 200 * kMib})}, 4096);
    site.start_all();
    site.run_for(3s);
    const auto id = site.systems[0]->partition_id();
    MemorySite::check(site.system->change_memory(id, {.action = hypervisor::MemoryAction::kAdd, .mib = 512}));
    site.run_for(5s);
    EXPECT_EQ(site.memory().figures().true_bytes, 1536 * kMib);
    EXPECT_EQ(site.memory().figures().hypervisor.logical, 1536u * 256);
    MemorySite::check(site.system->change_memory(id, {.action = hypervisor::MemoryAction::kRemove, .mib = 768}));
    site.run_for(5s);
    EXPECT_EQ(site.memory().figures().true_bytes, 768 * kMib);
    EXPECT_EQ(site.memory().figures().hypervisor.logical, 768u * 256);
    EXPECT_EQ(site.memory().figures().performance.backing, (128 + 200) * kMib);
}

TEST(SharedMemory, nothing_is_lent_for_five_seconds_after_a_change_of_memory) {
    MemorySite site({shared(2048), shared(2048)}, 3072);
    site.start_all();
    site.run_for(10s + 100ms);
    const auto lent = site.memory().figures().loaned_bytes;
    const auto id = site.systems[0]->partition_id();
    MemorySite::check(site.system->change_memory(id, {.action = hypervisor::MemoryAction::kAdd, .mib = 256}));
    site.run_for(5s);
    EXPECT_EQ(site.memory().figures().loaned_bytes, lent);
    EXPECT_GT(site.memory().figures().performance.loan_request, 0);
    site.run_for(1s);
    EXPECT_GT(site.memory().figures().loaned_bytes, lent);
}

TEST(SharedMemory, restart_returns_all_loans) {
    MemorySite site({shared(2048), shared(2048)}, 3072);
    site.start_all();
    site.run_for(5s);
    EXPECT_GT(site.memory().figures().loaned_bytes, 0u);
    const auto id = site.systems[0]->partition_id();
    MemorySite::check(site.system->power_off(id));
    MemorySite::check(site.system->activate(id));
    site.run_for(75s);  // firmware 15 s, system 60 s
    ASSERT_TRUE(site.systems[0]->running());
    EXPECT_EQ(site.memory().figures().loaned_bytes, 0u);
    site.run_for(2s);
    EXPECT_GT(site.memory().figures().loaned_bytes, 0u);
}

/// In a pool of 2560 MB these page all the time.
std::vector<MemorySite::Lpar> paging_lpars() {
    const MemoryLoadConfig load{.working_set_bytes = 1600 * kMib};
    return {shared(2048, load), shared(2048, load)};
}

TEST(SharedMemory, loss_of_the_only_paging_vios_is_an_outage_of_the_load) {
    MemorySite site(paging_lpars(), 2560);
    site.start_all();
    site.run_for(30s);
    const auto before = site.result();
    EXPECT_LT(before.stall_longest, 1s);
    site.system->detach_paging_server(test::kPagingVios);
    site.run_for(40s);
    EXPECT_GT(site.result().stall_longest, 30s);
    const auto done = site.result().references_done;
    site.run_for(5s);
    EXPECT_EQ(site.result().references_done, done);
    site.system->attach_paging_server(test::kPagingVios, *site.paging);
    site.run_for(5s);
    EXPECT_GT(site.result().references_done, done + 10'000);
    EXPECT_LT(site.result().stall_longest, 46s);
}

TEST(SharedMemory, pages_that_cannot_be_read_are_lost_and_the_load_goes_on) {
    MemorySite site(paging_lpars(), 2560);
    site.start_all();
    site.run_for(30s);
    EXPECT_EQ(site.memory().figures().pages_lost, 0u);
    site.paging->fails = true;
    site.run_for(5s);
    EXPECT_GT(site.memory().figures().pages_lost, 0u);
    const auto done = site.result().references_done;
    site.paging->fails = false;
    site.run_for(5s);
    EXPECT_GT(site.result().references_done, done);
}

TEST(SharedMemory, every_reference_of_a_tick_is_done_or_lost) {
    const MemoryLoadConfig load{.working_set_bytes = 1600 * kMib, .hot_percent = 100, .threads = 1};
    MemorySite site({shared(2048, load), shared(2048, load)}, 2560);
    site.start_all();
    site.run_for(25s + 330ms);
    ASSERT_GT(site.result().page_waits, 0u);
    site.paging->is_silent = true;
    site.run_for(4s + 720ms);
    // 30 ticks are over, and the one thread has waited since one of them.
    EXPECT_EQ(site.result().references_wanted, 30 * (1600 * kMib / hypervisor::kPageBytes) - 1);
}

TEST(SharedMemory, a_hung_partition_refers_to_nothing) {
    MemorySite site(paging_lpars(), 2560);
    site.start_all();
    site.run_for(30s);
    const auto id = site.systems[0]->partition_id();
    MemorySite::check(site.system->hang(id));
    const auto done = site.result().references_done;
    site.run_for(20s);
    EXPECT_EQ(site.result().references_done, done);
    MemorySite::check(site.system->resume(id));
    site.run_for(5s);
    EXPECT_GT(site.result().references_done, done + 10'000);
}

TEST(SharedMemory, out_of_memory_takes_back_a_megabyte_at_a_time) {
    auto lpar = shared(2048, MemoryLoadConfig{.working_set_bytes = 64 * kMib});
    lpar.config.ams_loan_policy = AmsLoanPolicy::kWorkingStorage;
    lpar.config.os_paging_space_bytes = 0;
    MemorySite site({lpar, shared(2048)}, 3072);
    site.start_all();
    site.run_for(5s);
    const auto lent = site.memory().figures().loaned_bytes;
    ASSERT_GT(lent, 300 * kMib);
    const auto unlent = (2048 - 128) * kMib - lent;
    site.load().set_working_set(unlent + 10 * kMib + kWordBytes);
    site.run_for(30s);
    const auto figures = site.memory().figures();
    // The target is lower by what was taken back: it is not lent again, although the request says so.
    EXPECT_EQ(figures.loaned_bytes % kMib, lent % kMib);
    EXPECT_LE(figures.loaned_bytes, lent - 10 * kMib);
    EXPECT_EQ(site.result().references_refused, 0u);
}

TEST(SharedMemory, lparstat_m_shows_what_the_hypervisor_counts) {
    MemorySite site(paging_lpars(), 2560);
    site.start_all();
    site.run_for(20s);
    const auto before = read_memory(*site.systems[0]);
    site.run_for(10s);
    const auto after = read_memory(*site.systems[0]);
    const auto row = memory_stat_row(before, after);
    const auto page_ins = after.memory.hypervisor.page_ins - before.memory.hypervisor.page_ins;
    ASSERT_GT(page_ins, 0u);
    EXPECT_DOUBLE_EQ(row.hpi, static_cast<double>(page_ins) / 10);
    EXPECT_GE(row.hpit_ms, row.hpi);  // a millisecond each at least
    EXPECT_DOUBLE_EQ(row.pmem_gib * 1024, static_cast<double>(after.memory.performance.backing) / kMib);
    EXPECT_DOUBLE_EQ(row.iomin_mib, row.iomu_mib + row.iomf_mib);
    EXPECT_DOUBLE_EQ(row.loan_mib, static_cast<double>(after.memory.loaned_bytes) / kMib);
    const auto line = memory_stat_configuration(*site.systems[0]);
    EXPECT_EQ(line.find("System configuration: type=Shared mode=Uncapped smt=4 lcpu=16 mem=2048MB"), 0u) << line;
    EXPECT_NE(line.find(" mpsz=2.50GB iome="), std::string::npos) << line;
}

TEST(SharedMemory, runs_are_the_same_each_time) {
    const auto fingerprint = [] {
        const MemoryLoadConfig load{.working_set_bytes = 1600 * kMib, .drift_bytes_per_s = kMib};
        MemorySite site({shared(2048, load), shared(2048, load)}, 2560);
        site.start_all();
        site.run_for(30s);
        return site.engine.fingerprint();
    };
    EXPECT_EQ(fingerprint(), fingerprint());
}

}  // namespace
}  // namespace pvmsim::aix
