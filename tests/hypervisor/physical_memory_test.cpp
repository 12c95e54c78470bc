// Memory accounting: published tables (V26, V27, V28), activation between minimum and desired,
// and that nothing is given twice.
#include "hypervisor/memory/physical_memory.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <optional>
#include <utility>

#include "hypervisor/units.hpp"

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

TEST(PhysicalMemory, waste_of_a_too_large_maximum_shows) {
    struct Case {
        std::uint64_t max_mib;
        std::uint32_t hpt_ratio;
        std::uint32_t slots;
        std::uint64_t page_table_mib;
        std::uint64_t slots_mib;
    };
    for (const Case& given : {Case{4096, 64, 200, 256, 13}, Case{10752, 64, 200, 256, 13},  // V26: one LMB at least
                              Case{65536, 64, 200, 1024, 13}, Case{65536, 128, 200, 512, 13},
                              Case{4096, 64, 4096, 256, 256}, Case{131072, 64, 0, 2048, 0}}) {
        PhysicalMemory memory({.installed_mib = 64 * kGib, .lmb_mib = 256});
        const std::uint64_t before = memory.available_mib();
        const MemoryRequest request{.min_mib = 4096,
                                    .desired_mib = 4096,
                                    .max_mib = given.max_mib,
                                    .hpt_ratio = given.hpt_ratio,
                                    .max_virtual_slots = given.slots};
        memory.give(PartitionId{7}, request, 4096);
        const HypervisorUse use = memory.hypervisor_use();
        EXPECT_EQ(memory.page_table_mib(PartitionId{7}), given.page_table_mib) << given.max_mib;
        EXPECT_EQ(use.page_tables_mib, given.page_table_mib);
        EXPECT_EQ(use.virtual_slots_mib, given.slots_mib);
        EXPECT_EQ(use.base_mib, 512u + 983);
        EXPECT_EQ(use.shared_pool_mib, 0u);
        EXPECT_LT(use.rounding_mib, 256u);
        EXPECT_EQ(use.total_mib(), memory.hypervisor_mib());
        EXPECT_EQ(memory.given_mib(PartitionId{7}), 4096u);
        EXPECT_EQ(before - memory.available_mib(), 4096 + given.page_table_mib + (given.slots_mib > 41 ? 256u : 0u));
    }
}

TEST(PhysicalMemory, shared_pool_has_blocks_and_bookkeeping_for_its_maximum) {
    PhysicalMemory memory({.installed_mib = 64 * kGib, .lmb_mib = 256}, {.base_mib = 512, .installed_per_mille = 0});
    const PoolRequest pool{.pool_mib = 16 * kGib, .max_pool_mib = 32 * kGib, .table_mib = 32};
    ASSERT_TRUE(memory.can_give_pool(pool));
    memory.give_pool(pool);
    EXPECT_EQ(memory.pool_mib(), 16 * kGib);
    EXPECT_EQ(memory.hypervisor_use().shared_pool_mib, 128u + 32);  // 16 bytes for each of 8388608 frames
    EXPECT_EQ(memory.hypervisor_mib(), 768u);
    EXPECT_EQ(memory.available_mib(), 48 * kGib - 768);
    const std::uint64_t last = 16 * kGib * kMebibyte - 4096;
    EXPECT_EQ(memory.translate_pool(0), 768 * kMebibyte) << "behind what the hypervisor keeps";
    EXPECT_EQ(memory.translate_pool(last), 768 * kMebibyte + last);
    EXPECT_EQ(memory.translate_pool(last + 4096), std::nullopt);
    memory.take_back_pool();
    EXPECT_EQ(memory.available_mib(), 64 * kGib - 512);
    EXPECT_EQ(memory.translate_pool(0), std::nullopt);
}

TEST(PhysicalMemory, shared_pool_grows_into_what_is_free_and_shrinks_to_any_size) {
    PhysicalMemory memory({.installed_mib = 8 * kGib, .lmb_mib = 256},
                          {.base_mib = 512, .installed_per_mille = 0, .pool_frame_bytes = 0});
    const MemoryRequest request{.min_mib = 1024, .desired_mib = 4096, .max_mib = 4096};
    memory.give(PartitionId{1}, request, 4096);
    EXPECT_FALSE(memory.can_give_pool({.pool_mib = 3584, .max_pool_mib = 8192}));
    EXPECT_FALSE(memory.can_give_pool({.pool_mib = 3328, .max_pool_mib = 8192, .table_mib = 1}));
    EXPECT_FALSE(memory.can_give_pool({.pool_mib = 300, .max_pool_mib = 8192})) << "no whole LMBs";
    EXPECT_EQ(memory.grantable_pool_mib({.max_pool_mib = 8192}), 3328u);
    EXPECT_EQ(memory.grantable_pool_mib({.max_pool_mib = 8192, .table_mib = 8192}), std::nullopt);
    memory.give_pool({.pool_mib = 3328, .max_pool_mib = 8192});
    EXPECT_FALSE(memory.has_free_block());
    EXPECT_EQ(memory.grantable_pool_mib({.max_pool_mib = 8192}), 3328u) << "what it holds counts as free";
    EXPECT_EQ(memory.grantable_mib(PartitionId{2}, {.max_mib = 4096}), std::nullopt)
        << "shared memory: no memory of its own, but a page table";
    memory.give_pool({.pool_mib = 512, .max_pool_mib = 8192});
    EXPECT_EQ(memory.grantable_mib(PartitionId{2}, {.max_mib = 4096}), 0u);
    memory.give(PartitionId{2}, {.max_mib = 4096}, 0);
    EXPECT_EQ(memory.page_table_mib(PartitionId{2}), 256u);
    EXPECT_EQ(memory.given_mib(PartitionId{2}), 0u);
    EXPECT_EQ(memory.available_mib(), 2560u);
}

TEST(PhysicalMemory, logical_memory_is_translated_block_by_block) {
    PhysicalMemory memory({.installed_mib = 8 * kGib, .lmb_mib = 256}, {.base_mib = 512, .installed_per_mille = 0});
    const MemoryRequest request{.min_mib = 256, .desired_mib = 512, .max_mib = 512, .max_virtual_slots = 0};
    memory.give(PartitionId{1}, request, 512);  // page table in LMB 2, memory in 3 and 4
    memory.give(PartitionId{2}, request, 512);  // 5; 6, 7
    memory.take_back(PartitionId{1});
    memory.give_block(PartitionId{2});
    memory.give_block(PartitionId{2});
    constexpr std::uint64_t kLmb = 256 * kMebibyte;
    EXPECT_EQ(memory.translate(PartitionId{2}, 0), 6 * kLmb);
    EXPECT_EQ(memory.translate(PartitionId{2}, 2 * kLmb - 1), 8 * kLmb - 1);
    EXPECT_EQ(memory.translate(PartitionId{2}, 2 * kLmb + 5), 2 * kLmb + 5);
    EXPECT_EQ(memory.translate(PartitionId{2}, 3 * kLmb), 3 * kLmb);
    EXPECT_EQ(memory.translate(PartitionId{2}, 4 * kLmb), std::nullopt);
    EXPECT_EQ(memory.translate(PartitionId{1}, 0), std::nullopt);
    EXPECT_EQ(memory.table().scatter(LmbOwner::memory(PartitionId{2})),
              (Scatter{.blocks = 4, .runs = 2, .longest_run = 2}));
}

TEST(PhysicalMemory, machine_smaller_than_the_hypervisor_has_nothing_to_give) {
    PhysicalMemory memory({.installed_mib = 256, .lmb_mib = 16});
    EXPECT_EQ(memory.available_mib(), 0u);
    EXPECT_FALSE(memory.has_free_block());
    EXPECT_EQ(memory.grantable_mib(PartitionId{1}, {.min_mib = 16, .desired_mib = 16, .max_mib = 16}), std::nullopt);
    EXPECT_EQ(memory.grantable_mib(PartitionId{1}, {.max_mib = 16}), std::nullopt);
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

/// Sums agree with the table, and the table with itself.
void check_sums(const PhysicalMemory& memory) {
    RC_ASSERT(memory.hypervisor_mib() + memory.given_mib() + memory.pool_mib() + memory.available_mib() == 16 * kGib);
    RC_ASSERT(memory.table().free_blocks() * memory.lmb_mib() == memory.available_mib());
    std::array<std::uint64_t, 5> by_use{};
    for (std::uint32_t block = 0; block < memory.table().blocks(); ++block)
        by_use.at(static_cast<std::size_t>(memory.table().owner(Lmb{block}).use)) += memory.lmb_mib();
    const HypervisorUse use = memory.hypervisor_use();
    RC_ASSERT(by_use.at(0) == memory.available_mib());
    RC_ASSERT(by_use.at(1) == use.total_mib() - use.page_tables_mib);
    RC_ASSERT(by_use.at(2) == use.page_tables_mib);
    RC_ASSERT(by_use.at(3) == memory.given_mib());
    RC_ASSERT(by_use.at(4) == memory.pool_mib());
}

void any_activation(PhysicalMemory& memory, PartitionId id) {
    const std::uint64_t lmb = memory.lmb_mib();
    const auto low = *rc::gen::inRange<std::uint64_t>(0, 20) * lmb;
    const auto middle = low + *rc::gen::inRange<std::uint64_t>(0, 40) * lmb;
    const MemoryRequest request{.min_mib = low,
                                .desired_mib = middle,
                                .max_mib = middle * 2,
                                .max_virtual_slots = *rc::gen::inRange(0u, 5000u)};
    if (const auto mib = memory.grantable_mib(id, request)) {
        RC_ASSERT(*mib >= low && *mib <= middle && *mib % lmb == 0);
        memory.give(id, request, *mib);
    }
}

void any_pool(PhysicalMemory& memory) {
    const auto most = *rc::gen::inRange<std::uint64_t>(0, 9 * kGib);
    PoolRequest pool{.max_pool_mib = most, .table_mib = most / 256};
    const auto room = memory.grantable_pool_mib(pool);
    pool.pool_mib = *rc::gen::inRange<std::uint64_t>(0, 40) * memory.lmb_mib();
    RC_ASSERT(memory.can_give_pool(pool) == (room && pool.pool_mib <= *room));
    if (memory.can_give_pool(pool)) memory.give_pool(pool);
}

RC_GTEST_PROP(PhysicalMemory, sums_are_what_is_installed_and_the_table_says_the_same, ()) {
    const auto lmb = *rc::gen::element<std::uint64_t>(16, 64, 256);
    PhysicalMemory memory({.installed_mib = 16 * kGib, .lmb_mib = lmb});
    const auto any_partition = [] { return PartitionId{*rc::gen::inRange<std::uint16_t>(1, 6)}; };
    for (int step = 0; step < 40; ++step) {
        const PartitionId id = any_partition();
        const PartitionId other = any_partition();
        const bool is_active = memory.page_table_mib(id) > 0;
        switch (*rc::gen::inRange(0, 7)) {
            case 0:
                memory.take_back(id);
                break;
            case 1:
                any_pool(memory);
                break;
            case 2:
                if (is_active && memory.has_free_block()) memory.give_block(id);
                break;
            case 3:
                if (memory.given_mib(id) > 0) memory.take_block(id);
                break;
            case 4:
                if (memory.given_mib(id) > 0 && id != other && memory.page_table_mib(other) > 0)
                    memory.move_block(id, other);
                break;
            default:
                any_activation(memory, id);
        }
        check_sums(memory);
    }
}

}  // namespace
}  // namespace pvmsim::hypervisor
