// What a partition says of its pages: active, critical, unused, loaned, mapped for I/O; and what each gives and costs.
// Each state is looked at from the partition (what it reads) and from the pool (which frames are free).
#include "tests/hypervisor/memory_sharing_fixture.hpp"

namespace pvmsim::hypervisor {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr PartitionId kLpar{11};
constexpr std::uint64_t kAll = ~std::uint64_t{0};

/// One page, written, then put into a state; what it holds then and what a touch makes of it.
struct StateCase {
    std::string name;
    PageState state;
    std::uint64_t backed;
    std::uint64_t loaned;
    std::uint64_t zero_filled_by_touch;
};

void check(const StateCase& one) {
    MemorySharingFixture site;
    site.configure(MemorySharingFixture::pool_of(256));
    site.join(11, 256);
    site.touch(11, 0, 1);
    const std::uint64_t filled = site.of(11).zero_filled;
    site.sharing.set_state(kLpar, 0, 64, one.state);
    EXPECT_EQ(site.of(11).backed, one.backed) << one.name;
    EXPECT_EQ(site.of(11).loaned, one.loaned) << one.name;
    EXPECT_EQ(site.sharing.pool_counters().used, one.backed) << one.name;
    const std::int64_t request = site.sharing.performance(kLpar).loan_request;
    EXPECT_EQ(request, static_cast<std::int64_t>((site.of(11).donation - one.loaned) * kPageBytes)) << one.name;
    EXPECT_EQ(site.sharing.touch(kLpar, 0, kAll, 0), 0u) << one.name;
    EXPECT_EQ(site.of(11).zero_filled - filled, one.zero_filled_by_touch) << one.name;
    EXPECT_EQ(site.of(11).backed, 64u) << one.name;
    EXPECT_EQ(site.of(11).loaned, 0u) << one.name;
}

TEST(MemorySharingStates, what_each_state_does_to_a_page_and_what_a_touch_does_to_it) {
    check({"active", PageState::kActive, 64, 0, 0});
    check({"critical", PageState::kActiveCritical, 64, 0, 0});
    check({"unused: its frame goes at once, a touch gives zeros", PageState::kUnused, 0, 0, 64});
    check({"loaned: the same, and it counts as lent", PageState::kLoaned, 0, 64, 64});
}

TEST(MemorySharingStates, a_loaned_page_taken_back_without_a_touch_has_no_frame_and_is_not_lent) {
    MemorySharingFixture site;
    site.configure(MemorySharingFixture::pool_of(256));
    site.join(11, 256);
    site.touch(11, 0, 4);
    site.sharing.set_state(kLpar, 10, 100, PageState::kLoaned);
    EXPECT_EQ(site.of(11).loaned, 100u);
    site.sharing.set_state(kLpar, 20, 40, PageState::kActive);
    EXPECT_EQ(site.of(11).loaned, 60u);
    EXPECT_EQ(site.of(11).backed, 256u - 100u);
    site.sharing.set_state(kLpar, 20, 20, PageState::kUnused);
    site.sharing.set_state(kLpar, 10, 20, PageState::kUnused);
    EXPECT_EQ(site.of(11).loaned, 50u);
}

TEST(MemorySharingStates, nothing_needs_to_be_read_of_a_page_that_was_given_up) {
    MemorySharingFixture site;
    site.configure(MemorySharingFixture::pool_of(256));
    site.join(11, 512);
    site.touch_in_turn(11, 0, site.words_of_mib(512));
    site.run(seconds{1});
    const std::uint64_t expropriated = site.of(11).expropriated;
    EXPECT_GT(expropriated, 0u);
    site.sharing.set_state(kLpar, 0, 512 * 256, PageState::kUnused);
    EXPECT_EQ(site.of(11).expropriated, 0u);
    EXPECT_EQ(site.of(11).backed, 0u);
    site.run(seconds{1});
    const std::uint64_t page_ins = site.of(11).page_ins;
    site.touch_in_turn(11, 0, 100);
    EXPECT_EQ(site.of(11).page_ins, page_ins);
}

TEST(MemorySharingStates, io_entitlement_is_what_can_be_mapped_at_once) {
    MemorySharingFixture site;
    site.configure(MemorySharingFixture::pool_of(256));
    site.join(11, 256, 128, 1);
    EXPECT_EQ(site.sharing.map_io(kLpar, 0, 200), HcallStatus::kSuccess);
    EXPECT_EQ(site.sharing.map_io(kLpar, 300, 57), HcallStatus::kResource);
    EXPECT_EQ(site.sharing.performance(kLpar).io_mapped, 200 * kPageBytes);
    EXPECT_EQ(site.sharing.map_io(kLpar, 100, 156), HcallStatus::kSuccess) << "half of them are mapped already";
    EXPECT_EQ(site.sharing.performance(kLpar).io_mapped, 256 * kPageBytes);
    site.sharing.unmap_io(kLpar, 0, 100);
    EXPECT_EQ(site.of(11).io_mapped, 156u);
    EXPECT_EQ(site.of(11).io_mapped_max, 256u);
    EXPECT_FALSE(site.sharing.change_io_entitled(kLpar, 0).has_value());
    EXPECT_TRUE(site.sharing.change_io_entitled(kLpar, 2).has_value());
    EXPECT_FALSE(site.sharing.change_io_entitled(kLpar, 257).has_value()) << "more than the pool";
    EXPECT_EQ(site.sharing.performance(kLpar).io_entitlement, 2 * kMebibyte);
}

TEST(MemorySharingStates, mapped_pages_stay_whatever_the_pool_lacks) {
    MemorySharingFixture site;
    site.configure(MemorySharingFixture::pool_of(256));
    site.join(11, 512);
    ASSERT_EQ(site.sharing.map_io(kLpar, 0, 640), HcallStatus::kSuccess);
    site.sharing.set_state(kLpar, 0, 64, PageState::kLoaned);
    EXPECT_EQ(site.of(11).loaned, 0u) << "mapped pages cannot be lent";
    for (int round = 0; round < 3; ++round) site.touch_in_turn(11, 10, site.words_of_mib(512));
    for (std::uint32_t word = 0; word < 10; ++word) EXPECT_EQ(site.sharing.touch(kLpar, word, kAll, 0), 0u) << word;
    EXPECT_GT(site.of(11).page_outs, 0u);
}

TEST(MemorySharingStates, mapping_a_stolen_page_takes_time_and_the_hypervisor_fetches_it) {
    MemorySharingFixture site;
    site.configure(MemorySharingFixture::pool_of(256));
    site.join(11, 512);
    site.touch_in_turn(11, 0, site.words_of_mib(512));
    site.run(seconds{1});
    std::uint32_t stolen = 0;
    while (site.sharing.touch(kLpar, stolen, 1, 0) == 0) ++stolen;
    EXPECT_EQ(site.sharing.map_io(kLpar, stolen * 64, 1), HcallStatus::kLongBusyOrder1Msec);
    EXPECT_EQ(site.sharing.map_io(kLpar, stolen * 64, 1), HcallStatus::kLongBusyOrder1Msec);
    EXPECT_EQ(site.of(11).io_mapped, 0u);
    site.fault(11, stolen * 64);
    site.run(milliseconds{1});
    EXPECT_TRUE(site.clients[11].waiting.empty()) << "who faults on a page being fetched waits for the same read";
    EXPECT_EQ(site.sharing.map_io(kLpar, stolen * 64, 1), HcallStatus::kSuccess);
    EXPECT_EQ(site.sharing.pool_counters().waiting, 0u);
}

TEST(MemorySharingStates, figures_of_the_hypervisor_calls) {
    MemorySharingFixture site;
    site.configure(MemorySharingFixture::pool_of(1024));
    site.join(11, 2048, 77, 16);
    site.touch(11, 0, 10);
    const MemoryPerformance figures = site.sharing.performance(kLpar);
    EXPECT_EQ(figures.io_entitlement, 16 * kMebibyte);
    EXPECT_EQ(figures.io_mapped, 0u);
    EXPECT_EQ(figures.pool_id, 0);
    EXPECT_EQ(figures.weight, 77);
    EXPECT_EQ(figures.pool_size, kGibibyte);
    EXPECT_EQ(figures.backing, 640 * kPageBytes);
    EXPECT_EQ(figures.pool_used, 640 * kPageBytes);
    const std::uint64_t high_water = 1024 * 256 / 100;
    EXPECT_EQ(figures.loan_request, static_cast<std::int64_t>(kGibibyte + high_water * kPageBytes));
}

}  // namespace
}  // namespace pvmsim::hypervisor
