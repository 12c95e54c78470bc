// Active Memory Sharing in time: over-commitment classes, who pages, waiting, failover between paging VIOSes, lost
// pages, and a pool or a partition that changes size while in use.
#include "tests/hypervisor/memory_sharing_fixture.hpp"

namespace pvmsim::hypervisor {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

using Site = MemorySharingFixture;

/// Three partitions of 256, 128 and 64 MB; how much each uses, in MB, for a while.
struct OvercommitCase {
    std::string name;
    std::uint64_t pool_mib;
    std::uint64_t used_mib[3];
    bool pages;
};

void check(const OvercommitCase& one) {
    Site site;
    site.configure(Site::pool_of(one.pool_mib));
    const std::uint64_t logical_mib[] = {256, 128, 64};
    for (std::uint16_t i = 0; i < 3; ++i) site.join(static_cast<std::uint16_t>(11 + i), logical_mib[i]);
    for (int round = 0; round < 10; ++round) {
        for (std::uint16_t i = 0; i < 3; ++i)
            site.touch_in_turn(static_cast<std::uint16_t>(11 + i), 0, Site::words_of_mib(one.used_mib[i]));
        site.run(seconds{6});
    }
    std::uint64_t page_outs = 0;
    std::uint64_t page_ins = 0;
    for (std::uint16_t i = 11; i < 14; ++i) {
        page_outs += site.of(i).page_outs;
        page_ins += site.of(i).page_ins;
    }
    EXPECT_EQ(page_outs > 0, one.pages) << one.name;
    EXPECT_EQ(page_ins > 0, one.pages) << one.name;
    EXPECT_EQ(site.vios[0]->page_ins, page_ins) << one.name;
}

TEST(MemorySharingPaging, over_commitment_classes) {
    check({"not overcommitted: all logical memory fits", 464, {256, 128, 64}, false});
    check({"logically overcommitted: what is used fits", 256, {150, 60, 40}, false});
    check({"physically overcommitted: it does not", 256, {200, 100, 50}, true});
}

TEST(MemorySharingPaging, the_lighter_partition_pages) {
    Site site;
    site.configure(Site::pool_of(256));
    site.join(11, 192, 200);
    site.join(12, 192, 50);
    for (int round = 0; round < 150; ++round) {
        for (std::uint16_t id = 11; id < 13; ++id) site.touch(id, 0, Site::words_of_mib(160));
        site.run(seconds{2});
    }
    EXPECT_LT(site.of(11).donation, site.of(12).donation / 4);
    EXPECT_GT(site.of(11).backed, 155u * 256);
    const std::uint64_t heavy = site.of(11).page_ins;
    const std::uint64_t light = site.of(12).page_ins;
    EXPECT_LT(heavy * 2, light);
    site.run(seconds{10});
}

TEST(MemorySharingPaging, the_idle_partition_gives) {
    Site site;
    site.configure(Site::pool_of(256));
    site.join(11, 192);
    site.join(12, 192);
    for (std::uint16_t id = 11; id < 13; ++id) site.touch_in_turn(id, 0, Site::words_of_mib(120));
    for (int round = 0; round < 100; ++round) {
        site.touch(11, 0, Site::words_of_mib(190));
        site.run(seconds{5});
    }
    EXPECT_GT(site.of(11).backed, 185u * 256);
    EXPECT_LT(site.of(12).backed, 75u * 256);
    const std::uint64_t before = site.of(11).page_ins;
    site.touch_in_turn(11, 0, Site::words_of_mib(185));
    EXPECT_LT(site.of(11).page_ins - before, 500u);
}

/// Fills the pool by one partition of twice its size.
struct Full : Site {
    explicit Full(std::uint64_t pool_mib = 256) {
        configure(pool_of(pool_mib));
        join(11, 2 * pool_mib);
        touch_in_turn(11, 0, words_of_mib(2 * pool_mib));
        run(seconds{1});
    }
    /// A word whose first page is in paging space.
    std::uint32_t stolen_word() {
        while (sharing.touch(PartitionId{11}, next_, 1, 0) == 0) ++next_;
        return next_++;
    }

  private:
    std::uint32_t next_ = 0;
};

TEST(MemorySharingPaging, a_fault_waits_as_long_as_the_paging_vios_takes) {
    Full site;
    const SharedMemoryCounters before = site.of(11);
    const std::uint32_t word = site.stolen_word();
    site.fault(11, word * 64);
    EXPECT_EQ(site.sharing.pool_counters().waiting, 1u);
    site.run(microseconds{499});
    EXPECT_EQ(site.clients[11].waiting.size(), 1u);
    EXPECT_NE(site.sharing.touch(PartitionId{11}, word, 1, 0), 0u);
    site.run(microseconds{1});
    EXPECT_TRUE(site.clients[11].waiting.empty());
    EXPECT_EQ(site.sharing.touch(PartitionId{11}, word, 1, 0), 0u);
    EXPECT_EQ(site.of(11).page_ins - before.page_ins, 1u);
    EXPECT_EQ(site.of(11).page_in_time - before.page_in_time, microseconds{500});
    EXPECT_GE(site.of(11).page_in_max, microseconds{500});
}

TEST(MemorySharingPaging, page_outs_at_once_are_bounded) {
    Full site;
    EXPECT_GT(site.vios[0]->page_outs, 1000u);
    EXPECT_LE(site.vios[0]->page_outs_at_once_max, 64u);
    EXPECT_GE(site.vios[0]->page_outs_at_once_max, 48u);
}

TEST(MemorySharingPaging, who_waits_for_a_frame_is_served_in_order) {
    Site site;
    site.configure(Site::pool_of(256));
    site.join(11, 512);
    site.vios[0]->latency = milliseconds{20};
    site.touch(11, 0, Site::words_of_mib(260));
    EXPECT_EQ(site.sharing.pool_counters().free, 0u);
    const std::vector<PageNumber> asked(site.clients[11].waiting.begin(), site.clients[11].waiting.end());
    ASSERT_GT(asked.size(), 100u);
    site.run(seconds{10});
    EXPECT_EQ(site.clients[11].order, asked);
}

TEST(MemorySharingPaging, failover_to_the_second_vios_of_all_that_was_asked_of_the_first) {
    Full site;
    const std::uint32_t words[] = {site.stolen_word(), site.stolen_word()};
    site.fault(11, words[0] * 64);
    site.run(microseconds{100});
    EXPECT_EQ(site.sharing.paging_vios(PartitionId{11}), Site::kFirstVios);
    site.vios[0]->crash();
    EXPECT_EQ(site.sharing.paging_vios(PartitionId{11}), Site::kSecondVios);
    EXPECT_EQ(site.vios[1]->page_ins, 1u);
    site.fault(11, words[1] * 64);
    site.run(microseconds{500});
    EXPECT_TRUE(site.clients[11].waiting.empty());
    EXPECT_EQ(site.clients[11].waited_max, std::max(site.clients[11].waited_max, sim::Duration{600'000}));
    site.vios[0]->restart();
    EXPECT_EQ(site.sharing.paging_vios(PartitionId{11}), Site::kSecondVios) << "it stays with the one that took over";
}

TEST(MemorySharingPaging, a_late_answer_of_the_first_vios_does_nothing) {
    Full site;
    const std::uint32_t word = site.stolen_word();
    site.fault(11, word * 64);
    site.run(microseconds{100});
    site.vios[0]->is_serving = false;
    site.vios[1]->latency = milliseconds{2};
    site.sharing.paging_state_changed(Site::kFirstVios);
    site.run(milliseconds{1});
    EXPECT_EQ(site.clients[11].waiting.size(), 1u) << "only the second one's answer counts now";
    site.run(milliseconds{2});
    EXPECT_TRUE(site.clients[11].waiting.empty());
}

TEST(MemorySharingPaging, without_a_paging_vios_a_partition_stalls_until_one_is_back) {
    Full site;
    const std::uint64_t backed = site.of(11).backed;
    const std::uint32_t word = site.stolen_word();
    site.fault(11, word * 64);
    site.run(microseconds{100});
    site.vios[0]->crash();
    site.vios[1]->crash();
    EXPECT_EQ(site.sharing.paging_vios(PartitionId{11}), kNoPartition);
    site.run(seconds{100});
    EXPECT_EQ(site.clients[11].waiting.size(), 1u);
    EXPECT_EQ(site.sharing.pool_counters().waiting, 1u);
    EXPECT_GE(site.of(11).backed, backed - 1000) << "what has no copy cannot be taken";
    site.vios[1]->restart();
    site.run(milliseconds{1});
    EXPECT_TRUE(site.clients[11].waiting.empty());
    EXPECT_GT(site.clients[11].waited_max, seconds{100});
}

TEST(MemorySharingPaging, a_page_out_that_nobody_can_take_leaves_the_page_where_it_is) {
    Site site;
    site.configure(Site::pool_of(256));
    site.join(11, 512);
    site.vios[0]->latency = seconds{1};
    site.touch(11, 0, Site::words_of_mib(255));
    EXPECT_GT(site.vios[0]->page_outs, 0u);
    site.vios[0]->crash();
    site.vios[1]->crash();
    EXPECT_EQ(site.of(11).page_outs, 0u);
    EXPECT_EQ(site.of(11).backed, 255u * 256);
    for (std::uint32_t word = 0; word < 100; ++word)
        EXPECT_EQ(site.sharing.touch(PartitionId{11}, word, ~std::uint64_t{0}, 0), 0u);
}

TEST(MemorySharingPaging, an_unreadable_page_is_read_by_the_other_vios_or_lost) {
    Full site;
    site.vios[0]->fails = true;
    const std::uint32_t first = site.stolen_word();
    site.fault(11, first * 64);
    site.run(milliseconds{2});
    EXPECT_EQ(site.clients[11].lost, 0u);
    EXPECT_TRUE(site.clients[11].waiting.empty());
    EXPECT_EQ(site.vios[1]->page_ins, 1u);

    site.vios[1]->fails = true;
    const std::uint64_t expropriated = site.of(11).expropriated;
    const std::uint32_t second = site.stolen_word();
    site.fault(11, second * 64);
    site.run(milliseconds{2});
    EXPECT_EQ(site.clients[11].lost, 1u);
    EXPECT_TRUE(site.clients[11].waiting.empty());
    EXPECT_EQ(site.of(11).expropriated, expropriated - 1);
    EXPECT_EQ(site.sharing.touch(PartitionId{11}, second, 1, 0), 0u) << "empty now";
}

TEST(MemorySharingPaging, a_pool_shrinks_and_grows_in_use) {
    Site site;
    site.configure(Site::pool_of(512));
    site.join(11, 512);
    site.touch_in_turn(11, 0, Site::words_of_mib(400));
    MemoryPoolConfig config = Site::pool_of(256);
    config.max_pool_mem_mib = 2048;
    site.configure(config);
    site.run(seconds{10});
    EXPECT_LE(site.sharing.pool_counters().used, 256u * 256);
    EXPECT_LE(site.sharing.pool_counters().used + site.sharing.pool_counters().free, 256u * 256);
    EXPECT_GE(site.of(11).expropriated, (400 - 256) * 256u);
    EXPECT_EQ(site.sharing.performance(PartitionId{11}).pool_size, 256 * kMebibyte);
    config.pool_mem_mib = 1024;
    site.configure(config);
    EXPECT_EQ(site.sharing.pool_counters().overage, 0u);
    site.touch_in_turn(11, 0, Site::words_of_mib(512));
    EXPECT_EQ(site.of(11).backed, 512u * 256);
    EXPECT_EQ(site.of(11).donation, 0u);
}

TEST(MemorySharingPaging, a_partition_gets_and_gives_logical_memory) {
    Full site;
    site.touch_in_turn(11, Site::words_of_mib(400) - 1, Site::words_of_mib(400));
    ASSERT_EQ(site.sharing.map_io(PartitionId{11}, 400 * 256 - 1, 1), HcallStatus::kSuccess);
    EXPECT_FALSE(site.sharing.resize(PartitionId{11}, 384).has_value()) << "a page there is mapped";
    EXPECT_EQ(site.of(11).logical, 512u * 256);
    site.sharing.unmap_io(PartitionId{11}, 400 * 256 - 1, 1);
    EXPECT_TRUE(site.sharing.resize(PartitionId{11}, 400).has_value());
    site.run(seconds{1});
    const SharedMemoryCounters now = site.of(11);
    EXPECT_EQ(now.logical, 400u * 256);
    EXPECT_EQ(now.backed + now.expropriated, 400u * 256);
    EXPECT_TRUE(site.sharing.resize(PartitionId{11}, 600).has_value());
    site.touch_in_turn(11, Site::words_of_mib(590), Site::words_of_mib(600));
    EXPECT_EQ(site.of(11).zero_filled, (512u + 10u) * 256u);
}

TEST(MemorySharingPaging, leaving_gives_everything_back) {
    Full site;
    site.fault(11, site.stolen_word() * 64);
    site.sharing.leave(PartitionId{11});
    EXPECT_FALSE(site.sharing.is_member(PartitionId{11}));
    EXPECT_EQ(site.sharing.pool_counters().used, 0u);
    EXPECT_EQ(site.sharing.pool_counters().waiting, 0u);
    site.clients.clear();
    site.join(12, 256);
    site.run(seconds{1});
    site.touch_in_turn(12, 0, Site::words_of_mib(250));
    EXPECT_EQ(site.of(12).page_ins, 0u);
}

TEST(MemorySharingPaging, what_does_not_fit_is_refused_and_changes_nothing) {
    Site site;
    const auto refused = [&](std::uint64_t pool, std::uint64_t max, std::uint32_t ratio) {
        MemoryPoolConfig config = Site::pool_of(pool);
        config.max_pool_mem_mib = max;
        config.dedup_table_ratio = ratio;
        return !site.sharing.configure(config).has_value();
    };
    EXPECT_TRUE(refused(128, 256, 1024));
    EXPECT_TRUE(refused(512, 256, 1024));
    EXPECT_TRUE(refused(256, 512, 1000));
    EXPECT_TRUE(refused(256, 512, 128));
    EXPECT_FALSE(site.sharing.has_pool());
    EXPECT_FALSE(refused(512, 512, 8192));
    site.join(11, 512, 128, 300);
    EXPECT_TRUE(refused(256, 512, 1024));
    EXPECT_EQ(site.sharing.pool().pool_mem_mib, 512u);
    EXPECT_TRUE(site.sharing.check_join(212).has_value());
    EXPECT_FALSE(site.sharing.check_join(213).has_value());
    EXPECT_FALSE(site.sharing.check_join(1, 16ull << 20).has_value());
}

class Meter final : public ProcessorMeter {
  public:
    [[nodiscard]] std::uint64_t processor_used(PartitionId id) override { return used[id]; }
    std::map<PartitionId, std::uint64_t> used;
};

TEST(MemorySharingPaging, less_processor_than_lately_is_no_sign_of_less_need) {
    for (const bool is_starved : {false, true}) {
        Site site;
        Meter meter;
        site.sharing.set_processor_meter(&meter);
        site.configure(Site::pool_of(256));
        site.join(11, 256);
        site.join(12, 256);
        for (int interval = 0; interval < 12; ++interval) {
            const bool is_late = interval >= 8;
            site.touch(11, 0, Site::words_of_mib(120));
            site.touch(12, 0, Site::words_of_mib(is_late ? 60 : 120));
            meter.used[PartitionId{11}] += 1000;
            meter.used[PartitionId{12}] += is_late && is_starved ? 250 : 1000;
            site.run(seconds{5});
        }
        if (is_starved) {
            EXPECT_LT(site.of(12).donation, site.of(11).donation);
        } else {
            EXPECT_GT(site.of(12).donation, site.of(11).donation);
        }
    }
}

}  // namespace
}  // namespace pvmsim::hypervisor
