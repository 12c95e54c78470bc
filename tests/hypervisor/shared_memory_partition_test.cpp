// Partitions in mem_mode shared: what they get, what they leave, which paging space device they are given, and paging
// VIOSes that come, go and fall silent.
#include "tests/hypervisor/shared_memory_fixture.hpp"

#include "hypervisor/memory/paging/io_entitlement.hpp"

namespace pvmsim::hypervisor {
namespace {

using namespace std::chrono_literals;  // tidy: allow(using-namespace) literals alone

TEST_F(SharedMemoryTest, pool_takes_physical_memory_and_its_table_comes_on_top) {
    const std::uint64_t before = system->memory().available_mib();
    EXPECT_EQ(system->memory().pool_mib(), 16 * kGib);
    MemoryPoolConfig pool = pool_of_16();
    define_vioses();
    pool.pool_mem_mib = 24 * kGib;
    ASSERT_TRUE(system->configure_memory_pool(pool));
    EXPECT_EQ(system->memory().available_mib(), before - 8 * kGib);
    const std::uint64_t kept = system->memory().hypervisor_use().shared_pool_mib;
    pool.mem_dedup = true;
    pool.dedup_table_ratio = 256;
    ASSERT_TRUE(system->configure_memory_pool(pool));
    EXPECT_EQ(system->memory().hypervisor_use().shared_pool_mib, kept + 96);  // 24 GB / 256
    pool.mem_dedup = false;
    pool.pool_mem_mib = 16 * kGib;
    ASSERT_TRUE(system->configure_memory_pool(pool));
    EXPECT_EQ(system->memory().available_mib(), before);
}

TEST_F(SharedMemoryTest, pool_can_be_created_while_the_system_runs_and_removed) {
    SystemConfig config = sharing_machine();
    config.memory_pool.reset();
    build(config);
    define_vioses();
    add_device(7, 16, {kVios1});
    start_vios(kVios1);
    const std::uint64_t before = system->memory().available_mib();
    for (int round = 0; round < 2; ++round) {
        ASSERT_TRUE(system->configure_memory_pool(pool_of_16()));
        EXPECT_LT(system->memory().available_mib(), before);
        if (round == 0) define(app_config());
        ASSERT_TRUE(system->activate(kApp)) << "the VIOS was there before the pool";
        EXPECT_EQ(system->memory_sharing().paging_vios(kApp), kVios1);
        ASSERT_TRUE(system->power_off(kApp));
        ASSERT_TRUE(system->remove_memory_pool());
        EXPECT_EQ(system->memory().available_mib(), before);
    }
    refuse_activation(kApp, ErrorCode::kInvalidPool,
                      "partition app3: profile normal has mem_mode shared, and p740a has no shared memory pool any "
                      "more");
}

TEST_F(SharedMemoryTest, logical_memory_may_exceed_what_is_there) {
    define_vioses();
    const std::vector<std::uint64_t> sizes{12 * kGib, 8 * kGib, 4 * kGib};  // the guide's example
    std::uint16_t id = 3;
    for (const std::uint64_t size : sizes) {
        add_device(id, size / kGib, {kVios1, kVios2});
        PartitionConfig app = app_config(PartitionId{id++});
        app.profile.desired_mem_mib = app.profile.max_mem_mib = size;
        define(app);
    }
    const std::uint64_t before = system->memory().given_mib();
    for (std::uint16_t app = 3; app < id; ++app) ASSERT_TRUE(system->start_settled(PartitionId{app}));
    EXPECT_EQ(system->memory().given_mib(), before) << "no LMB of their own";
    EXPECT_EQ(system->memory_sharing().pool_counters().overage,
              (24 - 16) * kGib * kPagesInMib + 16 * kGib * kPagesInMib / 100);  // and the high-water mark
    EXPECT_EQ(system->memory_sharing().counters(PartitionId{4}).logical, 8 * kGib * kPagesInMib);
}

TEST_F(SharedMemoryTest, activation_gives_page_table_entitlement_and_device_and_power_off_takes_them) {
    start_app();
    const PartitionProfile& profile = system->partition(kApp).profile;
    EXPECT_EQ(given().memory_mib, 12 * kGib);
    EXPECT_EQ(given().shared_memory.mem_weight, 128);
    EXPECT_EQ(given().shared_memory.io_entitled_mib, io_entitled_auto_mib(profile));
    EXPECT_EQ(given().shared_memory.primary_paging_vios, kVios1);
    EXPECT_EQ(given().shared_memory.secondary_paging_vios, kVios2);
    EXPECT_EQ(system->memory().page_table_mib(kApp), 256);
    ASSERT_NE(space_of(kApp), nullptr);
    EXPECT_EQ(space_of(kApp)->unit, 7);
    EXPECT_TRUE(system->memory_sharing().is_member(kApp));
    EXPECT_EQ(system->memory_sharing().paging_vios(kApp), kVios1);

    ASSERT_TRUE(system->crash(kApp));
    EXPECT_TRUE(system->memory_sharing().is_member(kApp)) << "a crashed partition keeps its memory";
    ASSERT_TRUE(system->activate(kApp)) << "on the device it has";
    EXPECT_EQ(space_of(kApp)->unit, 7);
    ASSERT_TRUE(system->power_off(kApp));
    EXPECT_FALSE(system->memory_sharing().is_member(kApp));
    EXPECT_EQ(space_of(kApp), nullptr);
    EXPECT_EQ(system->memory().page_table_mib(kApp), 0);
    EXPECT_EQ(given().shared_memory.io_entitled_mib, 0);
}

struct DeviceRow {
    std::uint64_t unit;
    std::uint64_t size_gib;
    std::vector<PartitionId> vioses;
};

struct ChoiceRow {
    std::string name;
    PartitionId primary;
    PartitionId secondary;
    std::vector<DeviceRow> devices;
    std::uint64_t chosen;
};

TEST_F(SharedMemoryTest, smallest_device_that_fits_is_chosen_and_a_redundant_one_before) {
    const std::vector<PartitionId> both{kVios1, kVios2};
    const std::vector<ChoiceRow> rows{
        {"smallest", kVios1, kVios2, {{1, 32, both}, {2, 16, both}, {3, 24, both}, {4, 8, both}}, 2},
        {"redundant_though_larger", kVios1, kVios2, {{1, 16, {kVios1}}, {2, 64, both}}, 2},
        {"not_redundant_if_there_is_no_other", kVios1, kVios2, {{1, 16, {kVios2}}, {2, 8, both}}, 1},
        {"of_the_primary_first", kVios1, kVios2, {{1, 16, {kVios2}}, {2, 16, {kVios1}}}, 2},
        {"first_of_equals", kVios1, kVios2, {{5, 16, both}, {2, 16, both}}, 5},
        {"one_vios_wants_no_redundancy",
         kVios2,
         kNoPartition,
         {{1, 20, both}, {2, 18, {kVios2}}, {3, 16, {kVios1}}},
         2},
    };
    for (const ChoiceRow& row : rows) {
        build(sharing_machine());
        define_vioses();
        for (const DeviceRow& device : row.devices) add_device(device.unit, device.size_gib, device.vioses);
        PartitionConfig app = app_config();
        app.profile.shared_memory.primary_paging_vios = row.primary;
        app.profile.shared_memory.secondary_paging_vios = row.secondary;
        define(app);
        const auto started = system->start_settled(kApp);
        ASSERT_TRUE(started) << row.name << ": " << started.error().text;
        EXPECT_EQ(space_of(kApp)->unit, row.chosen) << row.name;
    }
}

TEST_F(SharedMemoryTest, ibm_i_needs_room_for_its_tags) {
    EXPECT_EQ(paging_space_needed_mib(PartitionEnvironment::kAixLinux, 16 * kGib), 16 * kGib);
    EXPECT_EQ(paging_space_needed_mib(PartitionEnvironment::kOs400, 16 * kGib), 16 * kGib + 128);
    EXPECT_EQ(paging_space_needed_mib(PartitionEnvironment::kOs400, 1), 2);
}

TEST_F(SharedMemoryTest, a_device_in_use_is_nobody_elses) {
    start_app();
    define(app_config(PartitionId{4}));
    EXPECT_FALSE(system->activate(PartitionId{4}));
    ASSERT_TRUE(system->power_off(kApp));
    EXPECT_TRUE(system->activate(PartitionId{4}));
    EXPECT_EQ(space_of(PartitionId{4})->unit, 7);
}

TEST_F(SharedMemoryTest, weight_and_entitlement_change_while_it_runs) {
    start_app();
    ASSERT_TRUE(system->change_shared_memory(kApp, {.mem_weight = 255, .io_entitled_mib = 64}));
    EXPECT_EQ(given().shared_memory.mem_weight, 255);
    EXPECT_EQ(system->memory_sharing().performance(kApp).weight, 255);
    EXPECT_EQ(system->memory_sharing().performance(kApp).io_entitlement, 64 * kMebibyte);
    ASSERT_TRUE(system->change_shared_memory(kApp, {.io_entitled_mib = 0})) << "auto";
    EXPECT_EQ(given().shared_memory.io_entitled_mib, io_entitled_auto_mib(system->partition(kApp).profile));
    EXPECT_EQ(given().shared_memory.mem_weight, 255);
}

TEST_F(SharedMemoryTest, logical_memory_comes_and_goes_block_by_block) {
    start_app();
    const std::uint64_t physical = system->memory().available_mib();
    ASSERT_TRUE(system->change_memory(kApp, {.action = MemoryAction::kAdd, .mib = 4 * kGib}));
    EXPECT_EQ(given().memory_mib, 12 * kGib);
    run(1s);
    EXPECT_EQ(given().memory_mib, 13 * kGib + 256);  // 0.2 s each: five blocks
    run(10s);
    EXPECT_EQ(given().memory_mib, 16 * kGib);
    EXPECT_EQ(system->memory_sharing().counters(kApp).logical, 16 * kGib * kPagesInMib);
    ASSERT_TRUE(system->change_memory(kApp, {.action = MemoryAction::kSet, .mib = 2 * kGib}));
    run(60s);
    EXPECT_EQ(system->memory_sharing().counters(kApp).logical, 2 * kGib * kPagesInMib);
    EXPECT_EQ(system->memory().available_mib(), physical);
    EXPECT_TRUE(system->memory_operation(kApp)->refused.empty());
}

TEST_F(SharedMemoryTest, removal_of_logical_memory_stops_at_pages_mapped_for_io) {
    start_app();
    ASSERT_TRUE(system->change_shared_memory(kApp, {.io_entitled_mib = 64}));
    const auto last = static_cast<PageNumber>(11 * kGib * kPagesInMib);
    ASSERT_EQ(system->memory_sharing().map_io(kApp, last, 1), HcallStatus::kSuccess);
    ASSERT_TRUE(system->change_memory(kApp, {.action = MemoryAction::kRemove, .mib = 2 * kGib}));
    run(10s);
    EXPECT_EQ(given().memory_mib, 11 * kGib + 256);
    EXPECT_EQ(system->memory_operation(kApp)->blocks_done, 3);
    EXPECT_TRUE(system->memory_operation(kApp)->is_partial());
}

TEST_F(SharedMemoryTest, service_that_ends_leaves_its_partitions_to_the_other_vios) {
    start_app();
    system->detach_paging_server(kVios1);
    EXPECT_EQ(system->memory_sharing().paging_vios(kApp), kVios2);
    reach_all(kVios2, false);
    EXPECT_EQ(system->memory_sharing().paging_vios(kApp), kNoPartition);
    reach_all(kVios2, true);
    EXPECT_EQ(system->memory_sharing().paging_vios(kApp), kVios2);
}

TEST_F(SharedMemoryTest, vios_that_hangs_is_given_up_after_its_timeout_and_asked_again_when_it_goes_on) {
    start_app();
    ASSERT_TRUE(system->hang(kVios1));
    run(9s);
    EXPECT_EQ(system->memory_sharing().paging_vios(kApp), kVios1) << "nobody knows yet";
    run(2s);
    EXPECT_EQ(system->memory_sharing().paging_vios(kApp), kVios2);
    ASSERT_TRUE(system->resume(kVios1));
    EXPECT_EQ(servers[0]->forgotten, 1);
    ASSERT_TRUE(system->hang(kVios2));
    run(11s);
    EXPECT_EQ(system->memory_sharing().paging_vios(kApp), kVios1);
}

TEST_F(SharedMemoryTest, short_hang_is_not_noticed) {
    start_app();
    ASSERT_TRUE(system->hang(kVios1));
    run(9s);
    ASSERT_TRUE(system->resume(kVios1));
    run(20s);
    EXPECT_EQ(servers[0]->forgotten, 0);
    EXPECT_EQ(system->memory_sharing().paging_vios(kApp), kVios1);
}

}  // namespace
}  // namespace pvmsim::hypervisor
