// Memory accounting: published tables (V26, V27, V28), activation between minimum and desired,
// and that nothing is given twice.
#include "hypervisor/memory/physical_memory.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <utility>

namespace pvmsim::hypervisor {
namespace {

constexpr std::uint64_t kGib = 1024;

using Pair = std::pair<std::uint64_t, std::uint64_t>;

TEST(PhysicalMemory, lmb_follows_configured_memory) {
    // V28; 32 GB with 128 MB is a recorded machine.
    for (const auto& [configured_gib, lmb] : {Pair{3, 16}, {4, 32}, {6, 32}, {12, 64}, {24, 128}, {32, 128}, {64, 256}})
        EXPECT_EQ(default_lmb_mib(configured_gib * kGib), lmb) << configured_gib;
}

TEST(PhysicalMemory, page_table_is_maximum_over_ratio_rounded_up_to_a_power_of_two) {
    EXPECT_EQ(page_table_mib(10752, 64), 256u);  // V26: 168 -> 256
    EXPECT_EQ(page_table_mib(16384, 64), 256u);
    EXPECT_EQ(page_table_mib(16384 + 256, 64), 512u);
    EXPECT_EQ(page_table_mib(10752, 128), 128u);
    EXPECT_EQ(page_table_mib(256, 512), 1u);
}

TEST(PhysicalMemory, growth_is_limited_by_what_the_partition_started_with) {
    EXPECT_EQ(growth_limit_mib(128), 2 * kGib);  // V27
    EXPECT_EQ(growth_limit_mib(256), 16 * kGib);
}

TEST(PhysicalMemory, hypervisor_keeps_its_base_page_tables_and_virtual_slots) {
    PhysicalMemory memory({.installed_mib = 64 * kGib, .lmb_mib = 256});
    // 512 + 1.5 % of 65536 = 1495 -> 6 blocks.
    EXPECT_EQ(memory.hypervisor_mib(), 1536u);
    EXPECT_EQ(memory.available_mib(), 64 * kGib - 1536);
    const MemoryRequest request{.min_mib = 1024, .desired_mib = 4096, .max_mib = 10752, .max_virtual_slots = 16};
    ASSERT_EQ(memory.grantable_mib(PartitionId{1}, request), 4096u);
    memory.give(PartitionId{1}, request, 4096);
    EXPECT_EQ(memory.hypervisor_mib(), 1536u + 256);  // the slots' megabyte fits into the rounding
    EXPECT_EQ(memory.given_mib(), 4096u);
    memory.take_back(PartitionId{1});
    EXPECT_EQ(memory.available_mib(), 64 * kGib - 1536);
}

TEST(PhysicalMemory, many_virtual_slots_cost_memory) {
    const auto used_with_slots = [](std::uint32_t slots) {
        PhysicalMemory memory({.installed_mib = 64 * kGib, .lmb_mib = 256});
        const MemoryRequest request{.min_mib = 256, .desired_mib = 256, .max_mib = 256, .max_virtual_slots = slots};
        memory.give(PartitionId{1}, request, 256);
        return memory.hypervisor_mib();
    };
    EXPECT_EQ(used_with_slots(1024), 1792u + 256);    // 1495 + 64 -> 7 blocks, and the page table
    EXPECT_EQ(used_with_slots(65'536), 5632u + 256);  // 1495 + 4096 -> 22 blocks
}

TEST(PhysicalMemory, activation_gets_less_than_desired_when_memory_is_short_and_nothing_below_minimum) {
    PhysicalMemory memory({.installed_mib = 8 * kGib, .lmb_mib = 32},
                          {.base_mib = 512, .installed_per_mille = 0, .virtual_slot_kib = 0});
    const MemoryRequest big{.min_mib = 1024, .desired_mib = 6144, .max_mib = 8192};
    ASSERT_EQ(memory.grantable_mib(PartitionId{1}, big), 6144u);
    memory.give(PartitionId{1}, big, 6144);
    EXPECT_EQ(memory.available_mib(), 8192u - 512 - 128 - 6144);
    EXPECT_EQ(memory.grantable_mib(PartitionId{2}, big), 1280u);  // 1408 less its own page table
    const MemoryRequest greedy{.min_mib = 1312, .desired_mib = 6144, .max_mib = 8192};
    EXPECT_EQ(memory.grantable_mib(PartitionId{2}, greedy), std::nullopt);
    EXPECT_EQ(memory.grantable_mib(PartitionId{1}, greedy), 6144u)
        << "what a partition holds counts as free for itself";
}

RC_GTEST_PROP(PhysicalMemory, sums_never_exceed_what_is_installed, ()) {
    const auto lmb = *rc::gen::element<std::uint64_t>(16, 64, 256);
    PhysicalMemory memory({.installed_mib = 16 * kGib, .lmb_mib = lmb});
    for (int step = 0; step < 40; ++step) {
        const PartitionId id{*rc::gen::inRange<std::uint16_t>(1, 6)};
        if (*rc::gen::inRange(0, 3) == 0) {
            memory.take_back(id);
        } else {
            const auto low = *rc::gen::inRange<std::uint64_t>(1, 20) * lmb;
            const auto middle = low + *rc::gen::inRange<std::uint64_t>(0, 40) * lmb;
            const MemoryRequest request{
                .min_mib = low, .desired_mib = middle, .max_mib = middle * 2, .max_virtual_slots = 100};
            if (const auto mib = memory.grantable_mib(id, request)) {
                RC_ASSERT(*mib >= low && *mib <= middle && *mib % lmb == 0);
                memory.give(id, request, *mib);
            }
        }
        RC_ASSERT(memory.hypervisor_mib() + memory.given_mib() + memory.available_mib() == 16 * kGib);
    }
}

}  // namespace
}  // namespace pvmsim::hypervisor
