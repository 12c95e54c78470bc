// Active Memory Sharing under random operations of everybody at once: partitions, HMC, paging VIOSes that come and go,
// deduplication. Properties 8 (sum of donations >= overage) and 9 (pool_used = sum of backing - coalesced) of the
// model, no frame lost, every fault answered once, and the same run twice is the same.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <optional>

#include "tests/hypervisor/memory_sharing_fixture.hpp"

namespace pvmsim::hypervisor {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

constexpr std::uint16_t kFirst = 11;
constexpr std::uint16_t kPartitions = 4;
constexpr std::uint64_t kIoEntitledMib = 4;

class RandomSharing {
  public:
    RandomSharing() {
        config_ = MemorySharingFixture::pool_of(256);
        config_.max_pool_mem_mib = 1024;
        config_.sampling_interval = std::chrono::milliseconds{50};
        config_.dedup_interval = std::chrono::milliseconds{5};
        for (const auto& vios : site.vios) vios->spare = CoreRate::cores(1);
        site.configure(config_);
    }

    void step() {
        switch (*rc::gen::inRange(0, 14)) {
            case 0:
                return change_pool();
            case 1:
                return change_vios();
            case 2:
                return change_member();
            case 3:
                return set_state();
            case 4:
                return map();
            case 5:
                return change_contents();
            case 6:
            case 7:
                return site.run(microseconds{*rc::gen::inRange(1, 100'000)});
            default:
                return touch();
        }
    }

    void check() const {
        const MemoryPoolCounters pool = site.sharing.pool_counters();
        std::uint64_t backed = 0;
        std::uint64_t donations = 0;
        for (std::uint16_t id = kFirst; id < kFirst + kPartitions; ++id) {
            if (!is_member(id)) continue;
            const SharedMemoryCounters one = site.of(id);
            backed += one.backed;
            donations += one.donation;
            RC_ASSERT(one.backed + one.loaned + one.expropriated <= one.logical);
            RC_ASSERT(one.donation <= one.logical);
            RC_ASSERT(one.coalesced <= one.backed);
            RC_ASSERT(one.io_mapped <= one.backed);
            RC_ASSERT(one.io_mapped <= kIoEntitledMib * kPagesInMib);
            const MemoryPerformance figures = site.sharing.performance(PartitionId{id});
            RC_ASSERT(figures.pool_used == pool.used * kPageBytes);
            RC_ASSERT(figures.backing == one.backed * kPageBytes);
        }
        RC_ASSERT(donations >= pool.overage);
        RC_ASSERT(pool.used == backed - pool.coalesced);
        RC_ASSERT(pool.used + pool.free >= pool.size);
    }

    /// Everybody who waited is served once there is a VIOS.
    void finish() {
        for (const auto& vios : site.vios)
            if (!vios->is_serving) vios->restart();
        site.run(seconds{20});
        check();
        for (const auto& [id, client] : site.clients) RC_ASSERT(client.waiting.empty());
        const MemoryPoolCounters pool = site.sharing.pool_counters();
        RC_ASSERT(pool.waiting == 0u);
        RC_ASSERT(pool.used + pool.free == pool.size);
    }

    mutable MemorySharingFixture site;

  private:
    [[nodiscard]] bool is_member(std::uint16_t id) const { return site.sharing.is_member(PartitionId{id}); }
    std::uint16_t any_id() { return *rc::gen::inRange<std::uint16_t>(kFirst, kFirst + kPartitions); }
    /// A range of pages of a member.
    struct Range {
        PartitionId id;
        PageNumber first;
        std::uint32_t count;
    };
    std::optional<Range> any_range(std::uint32_t most) {
        const std::uint16_t id = any_id();
        if (!is_member(id)) return std::nullopt;
        const auto logical = static_cast<std::uint32_t>(site.of(id).logical);
        const std::uint32_t first = *rc::gen::inRange(0u, logical);
        return Range{PartitionId{id}, first, *rc::gen::inRange(1u, std::min(most, logical - first) + 1)};
    }

    void touch() {
        const std::uint16_t id = any_id();
        if (!is_member(id)) return;
        const auto words = static_cast<std::uint32_t>(site.of(id).logical / kPagesInWord);
        const std::uint32_t first = *rc::gen::inRange(0u, words);
        const std::uint32_t end = std::min(words, first + *rc::gen::inRange(1u, 600u));
        site.touch(id, first, end, *rc::gen::arbitrary<std::uint64_t>());
    }
    void change_pool() {
        MemoryPoolConfig wanted = config_;
        wanted.pool_mem_mib = 256 + 64 * *rc::gen::inRange<std::uint64_t>(0, 8);
        wanted.mem_dedup = *rc::gen::arbitrary<bool>();
        RC_ASSERT(site.sharing.configure(wanted).has_value());
    }
    void change_vios() {
        TestPagingVios& vios = *site.vios[*rc::gen::inRange<std::size_t>(0, 2)];
        vios.latency = microseconds{*rc::gen::inRange(1, 5000)};
        if (vios.is_serving) {
            vios.crash();
        } else {
            vios.restart();
        }
    }
    void change_member() {
        const std::uint16_t id = any_id();
        const std::uint64_t mib = 16 * *rc::gen::inRange<std::uint64_t>(1, 20);
        if (!is_member(id)) {
            site.join(id, mib, *rc::gen::arbitrary<std::uint8_t>(), kIoEntitledMib);
        } else if (*rc::gen::arbitrary<bool>()) {
            (void)site.sharing.resize(PartitionId{id}, mib);
        } else {
            site.sharing.leave(PartitionId{id});
            site.clients[id].waiting.clear();
        }
    }
    void set_state() {
        const std::optional<Range> range = any_range(5000);
        if (!range) return;
        const auto state =
            *rc::gen::element(PageState::kActive, PageState::kActiveCritical, PageState::kUnused, PageState::kLoaned);
        site.sharing.set_state(range->id, range->first, range->count, state);
    }
    void map() {
        const std::optional<Range> range = any_range(1200);
        if (!range) return;
        if (*rc::gen::arbitrary<bool>()) {
            const HcallStatus status = site.sharing.map_io(range->id, range->first, range->count);
            if (range->count > kIoEntitledMib * kPagesInMib) RC_ASSERT(status == HcallStatus::kResource);
        } else {
            site.sharing.unmap_io(range->id, range->first, range->count);
        }
    }
    void change_contents() {
        const std::optional<Range> range = any_range(20'000);
        if (!range) return;
        const ContentSource source{.kind = ContentKind::kCommon,
                                   .seed = *rc::gen::inRange<std::uint64_t>(0, 3),
                                   .first = range->first,
                                   .distinct = 0};
        if (*rc::gen::arbitrary<bool>()) site.sharing.hint_coalesce(range->id, range->first, range->count);
        site.sharing.overwrite(range->id, range->first, range->count, source);
    }

    MemoryPoolConfig config_;
};

RC_GTEST_PROP(MemorySharingProperty, frames_donations_and_faults_add_up_whatever_happens, ()) {
    RandomSharing random;
    const int steps = *rc::gen::inRange(1, 150);
    for (int i = 0; i < steps; ++i) {
        random.step();
        random.check();
    }
    random.finish();
}

/// A run in which everything happens: paging, deduplication, failover.
std::uint64_t fingerprint_of_a_run() {
    MemorySharingFixture site;
    MemoryPoolConfig config = MemorySharingFixture::pool_of(256);
    config.mem_dedup = true;
    for (const auto& vios : site.vios) vios->spare = CoreRate::cores(1);
    site.configure(config);
    for (std::uint16_t id = kFirst; id < kFirst + 3; ++id) {
        site.join(id, 256);
        const PartitionId lpar{id};
        site.sharing.describe(lpar, 0, 8192, {.kind = ContentKind::kCommon, .seed = 5, .first = 0, .distinct = 0});
        site.sharing.describe(lpar, 8192, 256 * 256 - 8192,
                              {.kind = ContentKind::kOwn, .seed = id, .first = 0, .distinct = 0});
    }
    for (int round = 0; round < 20; ++round) {
        const std::uint64_t written = std::uint64_t{0x1111} << round;
        for (std::uint16_t id = kFirst; id < kFirst + 3; ++id)
            site.touch(id, 0, MemorySharingFixture::words_of_mib(10u * id), written);
        if (round == 9) site.vios[0]->crash();
        site.run(seconds{2});
    }
    EXPECT_GT(site.sharing.pool_counters().merges, 8192u);
    EXPECT_GT(site.sharing.pool_counters().copies, 100u);
    EXPECT_GT(site.of(kFirst).page_ins, 0u);
    EXPECT_GT(site.vios[1]->page_ins, 0u);
    return site.engine.fingerprint();
}

TEST(MemorySharingProperty, the_same_run_twice_is_the_same) {
    EXPECT_EQ(fingerprint_of_a_run(), fingerprint_of_a_run());
}

}  // namespace
}  // namespace pvmsim::hypervisor
