// What Active Memory Sharing refuses, each with its text and without a trace: pools, profiles, activations, changes
// (R-MEM-02, R-ED-04, R-ED-05, behaviour 2.2, 2.3).
#include "tests/hypervisor/shared_memory_fixture.hpp"

#include "hypervisor/memory/paging/io_entitlement.hpp"
#include "hypervisor/memory/paging/pool_rules.hpp"

namespace pvmsim::hypervisor {
namespace {

using namespace std::chrono_literals;  // tidy: allow(using-namespace) literals alone

constexpr const char* kPool = "shared memory pool of p740a: ";

struct PoolRefusal {
    std::string name;
    std::function<void(SystemConfig&, MemoryPoolConfig&)> change;
    ErrorCode code;
    std::string text;
};

std::vector<PoolRefusal> pool_refusals() {
    using S = SystemConfig;
    using P = MemoryPoolConfig;
    return {
        {"edition", [](S& system, P&) { system.edition = Edition::kStandard; }, ErrorCode::kNotSupported,
         "Active Memory Sharing needs PowerVM Enterprise Edition"},
        {"machine",
         [](S& system, P& pool) {
             system.type_model = "9131-52A";
             system.cores = 2;
             system.memory_bytes = 32 * kGibibyte;
             pool.pool_mem_mib = 4 * kGib;
         },
         ErrorCode::kNotSupported, "Active Memory Sharing needs POWER6 or later; a 9131-52A has POWER5"},
        {"dedup_firmware",
         [](S& system, P& pool) {
             system.firmware_level = "AL740_041";
             pool.mem_dedup = true;
         },
         ErrorCode::kNotSupported,
         "Active Memory Deduplication needs POWER7 with firmware 740_042 or later; it has AL740_041"},
        {"dedup_without_memory",
         [](S&, P& pool) {
             pool.pool_mem_mib = 0;
             pool.mem_dedup = true;
         },
         ErrorCode::kInvalidPool,
         "mem_dedup without memory in the pool; deduplication works on Active Memory Sharing's pool only"},
        {"small", [](S&, P& pool) { pool.pool_mem_mib = 0; }, ErrorCode::kInvalidPool,
         "pool_mem 0 MB is too small; at least 256 MB"},
        {"lmb", [](S&, P& pool) { pool.pool_mem_mib = 1000; }, ErrorCode::kInvalidPool,
         "pool_mem 1000 MB is not a multiple of the 256 MB logical memory block"},
        {"max_lmb", [](S&, P& pool) { pool.max_pool_mem_mib = 24 * kGib + 1; }, ErrorCode::kInvalidPool,
         "max_pool_mem 24577 MB is not a multiple of the 256 MB logical memory block"},
        {"beyond_max", [](S&, P& pool) { pool.pool_mem_mib = 24 * kGib + 256; }, ErrorCode::kInvalidPool,
         "pool_mem 24832 MB is more than max_pool_mem 24576 MB"},
        {"ratio", [](S&, P& pool) { pool.dedup_table_ratio = 1000; }, ErrorCode::kInvalidPool,
         "dedup_table_ratio 1:1000 is not one of 1:256, 1:512, 1:1024, 1:2048, 1:4096, 1:8192"},
        {"ratio_range", [](S&, P& pool) { pool.dedup_table_ratio = 128; }, ErrorCode::kInvalidPool,
         "dedup_table_ratio 1:128 is not one of 1:256, 1:512, 1:1024, 1:2048, 1:4096, 1:8192"},
        {"interval", [](S&, P& pool) { pool.sampling_interval = 10s; }, ErrorCode::kInvalidPool,
         "sampling_interval 10000 ms is out of range; more than 0 and less than 10 s"},
        {"marks", [](S&, P& pool) { pool.low_water_per_mille = 11; }, ErrorCode::kInvalidPool,
         "marks of the free list 11 and 10 per mille; low <= high <= 1000"},
        {"latency", [](S&, P& pool) { pool.paging_latency = -1ns; }, ErrorCode::kInvalidPool,
         "paging_latency is negative; 0 or more"},
        {"no_vios", [](S&, P& pool) { pool.primary_paging_vios = kNoPartition; }, ErrorCode::kInvalidPool,
         "no paging VIOS; one or two are needed"},
        {"same_vios", [](S&, P& pool) { pool.secondary_paging_vios = kVios1; }, ErrorCode::kInvalidPool,
         "VIOS 1 is given as primary and as secondary paging VIOS; take two, or one alone"},
        {"too_large",
         [](S&, P& pool) {
             pool.pool_mem_mib = 64 * kGib;
             pool.max_pool_mem_mib = 64 * kGib;
         },
         ErrorCode::kNotEnoughMemory, "pool_mem 65536 MB is more than what is available; at most 63744 MB"},
    };
}

TEST_F(SharedMemoryTest, pool_that_breaks_a_rule_is_refused_with_the_system) {
    for (const PoolRefusal& row : pool_refusals()) {
        SystemConfig config = sharing_machine();
        config.name = "other";
        row.change(config, *config.memory_pool);
        const std::uint64_t before = engine.fingerprint();
        const auto created = ManagedSystem::create(engine, config);
        ASSERT_FALSE(created) << row.name;
        EXPECT_EQ(created.error().code, row.code) << row.name;
        EXPECT_EQ(created.error().text, "shared memory pool of other: " + row.text);
        EXPECT_EQ(engine.fingerprint(), before) << row.name;
    }
}

TEST_F(SharedMemoryTest, pool_that_breaks_a_rule_is_refused_while_the_system_runs) {
    for (const PoolRefusal& row : pool_refusals()) {
        SystemConfig config = sharing_machine();
        MemoryPoolConfig pool = *std::exchange(config.memory_pool, std::nullopt);
        row.change(config, pool);
        build(config);
        define_vioses();
        refuse([&] { return system->configure_memory_pool(pool); }, row.code, kPool + row.text);
        EXPECT_FALSE(system->has_memory_pool()) << row.name;
    }
}

TEST_F(SharedMemoryTest, paging_vioses_are_defined_virtual_io_servers) {
    const auto check = [&] { return system->check_memory_pool(); };
    refuse(check, ErrorCode::kNotFound, "shared memory pool of p740a: paging VIOS 1 is not defined");
    PartitionConfig aix = vios_config(kVios1);
    aix.lpar_env = PartitionEnvironment::kAixLinux;
    refuse(
        [&]() -> Result<void> {
            PVMSIM_TRY(system->define_partition(aix));
            return {};
        },
        ErrorCode::kInvalidProfile,
        "partition vios1: it is a paging VIOS of p740a's shared memory pool; its lpar_env must be vioserver");
    define_vioses();
    EXPECT_TRUE(check());
    define(app_config());
    MemoryPoolConfig pool = pool_of_16();
    pool.secondary_paging_vios = kApp;
    refuse([&] { return system->configure_memory_pool(pool); }, ErrorCode::kInvalidPool,
           "shared memory pool of p740a: paging VIOS app3 is not a Virtual I/O Server");
}

TEST_F(SharedMemoryTest, profile_that_breaks_a_rule_is_refused) {
    struct Row {
        std::function<void(PartitionConfig&)> change;
        std::string text;
    };
    const std::vector<Row> rows{
        {[](PartitionConfig& app) { app.lpar_env = PartitionEnvironment::kVioServer; },
         "mem_mode: a Virtual I/O Server cannot share its memory; use ded"},
        {[](PartitionConfig& app) {
             app.profile.proc_mode = ProcessorMode::kDedicated;
             app.profile.sharing_mode = SharingMode::kKeepIdleProcs;
         },
         "proc_mode: ded does not go with mem_mode shared; use shared"},
        {[](PartitionConfig& app) { app.profile.io_slots.push_back({.drc_index = DrcIndex{1}}); },
         "io_slots: 1 physical slot; with mem_mode shared all I/O is virtual"},
        {[](PartitionConfig& app) { app.profile.shared_memory.primary_paging_vios = PartitionId{9}; },
         "primary_paging_vios_name: partition 9 is not a paging VIOS of the shared memory pool; 1 or 2"},
        {[](PartitionConfig& app) { app.profile.shared_memory.secondary_paging_vios = kVios2; },
         "secondary_paging_vios_name: without primary_paging_vios_name; give both, or none"},
        {[](PartitionConfig& app) {
             app.profile.shared_memory.primary_paging_vios = kVios2;
             app.profile.shared_memory.secondary_paging_vios = kVios2;
         },
         "secondary_paging_vios_name: is primary_paging_vios_name, too; take the other one, or none"},
        {[](PartitionConfig& app) { app.profile.shared_memory.desired_io_entitled_mem_mib = 4; },
         "desired_io_entitled_mem: 4 MB is too little for its virtual adapters; at least 5 MB, or auto"},
        {[](PartitionConfig& app) { app.profile.shared_memory.desired_io_entitled_mem_mib = 13 * kGib; },
         "desired_io_entitled_mem: 13312 MB is more than desired_mem 12288 MB"},
        {[](PartitionConfig& app) {
             app.profile.mem_mode = MemoryMode::kDedicated;
             app.profile.shared_memory.primary_paging_vios = kVios1;
         },
         "primary_paging_vios_name: goes with mem_mode shared only"},
        {[](PartitionConfig& app) { app.profile.mem_expansion_hundredths = 150; },
         "mem_expansion: 1.50 needs the activation code of Active Memory Expansion on POWER7, and the managed system "
         "has none; use 0"},
    };
    define_vioses();
    for (const Row& row : rows) {
        PartitionConfig app = app_config();
        row.change(app);
        refuse_definition(app, "profile normal: " + row.text);
    }
}

TEST_F(SharedMemoryTest, shared_memory_needs_a_pool) {
    SystemConfig config = sharing_machine();
    config.memory_pool.reset();
    build(config);
    refuse_definition(app_config(),
                      "profile normal: mem_mode: shared needs a shared memory pool, and the managed "
                      "system has none; use ded");
}

TEST_F(SharedMemoryTest, expansion_factor_is_in_range_and_for_aix) {
    SystemConfig config = sharing_machine();
    config.active_mem_expansion_capable = true;
    build(config);
    PartitionConfig app = app_config();
    app.profile.mem_expansion_hundredths = 99;
    refuse_definition(app, "profile normal: mem_expansion: 0.99 is out of range; 1.00 to 10.00, or 0 for off");
    app.profile.mem_expansion_hundredths = 1001;
    refuse_definition(app, "profile normal: mem_expansion: 10.01 is out of range; 1.00 to 10.00, or 0 for off");
    app.lpar_env = PartitionEnvironment::kOs400;
    app.profile.mem_expansion_hundredths = 1000;
    refuse_definition(app, "profile normal: mem_expansion: 10.00 needs AIX in the partition; use 0");
    app.lpar_env = PartitionEnvironment::kAixLinux;
    define(app);
}

TEST_F(SharedMemoryTest, activation_without_what_it_needs_is_refused) {
    define(app_config());
    refuse_activation(kApp, ErrorCode::kNotFound,
                      "partition app3: paging VIOS 1 of the shared memory pool is not defined");
    define_vioses();
    refuse_activation(kApp, ErrorCode::kNoPagingSpace,
                      "partition app3: max_mem 16384 MB needs an inactive paging space device of 16384 MB or more; "
                      "paging VIOSes vios1 and vios2 have none");
    add_device(7, 15, {kVios1, kVios2});
    refuse_activation(kApp, ErrorCode::kNoPagingSpace,
                      "partition app3: max_mem 16384 MB needs an inactive paging space device of 16384 MB or more; "
                      "paging VIOSes vios1 and vios2 have none");
    add_device(8, 16, {kVios2});
    refuse_activation(kApp, ErrorCode::kNoPagingSpace,
                      "partition app3: no paging space device of 16384 MB or more can be reached now through paging "
                      "VIOSes vios1 and vios2; start the VIOS first");
    start_vios(kVios1);
    EXPECT_FALSE(system->activate(kApp));
    start_vios(kVios2);
    EXPECT_TRUE(system->activate(kApp));

    PartitionConfig second = app_config(PartitionId{4});
    second.profile.shared_memory.primary_paging_vios = kVios2;
    define(second);
    refuse_activation(PartitionId{4}, ErrorCode::kNoPagingSpace,
                      "partition app4: max_mem 16384 MB needs an inactive paging space device of 16384 MB or more; "
                      "paging VIOS vios2 has none");
}

TEST_F(SharedMemoryTest, io_entitled_memory_is_guaranteed_inside_the_pool) {
    define_vioses();
    for (std::uint64_t unit = 1; unit <= 2; ++unit) add_device(unit, 16, {kVios1});
    start_vios(kVios1);
    for (const std::uint16_t id : {std::uint16_t{3}, std::uint16_t{4}}) {
        PartitionConfig app = app_config(PartitionId{id});
        app.profile.shared_memory.desired_io_entitled_mem_mib = 12 * kGib;
        define(app);
    }
    ASSERT_TRUE(system->activate(kApp));
    refuse_activation(PartitionId{4}, ErrorCode::kNotEnoughMemory,
                      "partition app4: 12288 MB of I/O entitled memory are more than what the shared memory pool has "
                      "left to guarantee, 4096 MB");
}

TEST_F(SharedMemoryTest, page_table_of_a_shared_partition_is_physical) {
    define_vioses();
    add_device(7, 4096, {kVios1});
    start_vios(kVios1);
    PartitionConfig app = app_config();
    app.profile.max_mem_mib = 4096 * kGib;
    define(app);
    refuse_activation(kApp, ErrorCode::kNotEnoughMemory,
                      "partition app3: its page table for max_mem 4194304 MB does not fit the " +
                          std::to_string(system->memory().available_mib()) +
                          " MB that are available outside of the shared memory pool");
}

TEST_F(SharedMemoryTest, pool_in_use_keeps_its_maximum_its_vioses_and_what_it_guarantees) {
    start_app();
    const auto configure = [this](const std::function<void(MemoryPoolConfig&)>& change) {
        return [this, change] {
            MemoryPoolConfig pool = system->memory_sharing().pool();
            change(pool);
            return system->configure_memory_pool(pool);
        };
    };
    refuse(configure([](MemoryPoolConfig& pool) { pool.max_pool_mem_mib = 32 * kGib; }), ErrorCode::kInvalidPool,
           "shared memory pool of p740a: max_pool_mem cannot change while partition app3 is active");
    refuse(configure([](MemoryPoolConfig& pool) { pool.secondary_paging_vios = kNoPartition; }),
           ErrorCode::kInvalidPool,
           "shared memory pool of p740a: its paging VIOSes cannot change while partition app3 uses them");
    refuse([&] { return system->remove_memory_pool(); }, ErrorCode::kInvalidPool,
           "shared memory pool of p740a: it cannot be removed while partition app3 is active");
    ASSERT_TRUE(system->change_shared_memory(kApp, {.io_entitled_mib = 2 * kGib}));
    refuse(configure([](MemoryPoolConfig& pool) { pool.pool_mem_mib = 1 * kGib; }), ErrorCode::kInvalidPool,
           "shared memory pool of p740a: pool_mem 1024 MB is less than the I/O entitled memory of its partitions, "
           "2048 MB");
}

TEST_F(SharedMemoryTest, changes_of_shared_memory_that_cannot_be_are_refused) {
    start_app();
    const auto change = [this](PartitionId id, SharedMemoryChange wanted) {
        return [this, id, wanted] { return system->change_shared_memory(id, wanted); };
    };
    refuse(change(kVios1, {.mem_weight = 5}), ErrorCode::kInvalidChange,
           "partition vios1: its memory is dedicated; only shared memory has a weight and I/O entitled memory");
    refuse(change(kApp, {}), ErrorCode::kInvalidChange,
           "partition app3: a change of shared memory without any value; give at least one");
    refuse(change(kApp, {.io_entitled_mib = 4}), ErrorCode::kInvalidChange,
           "partition app3: 4 MB of I/O entitled memory are too little for its virtual adapters; at least 5 MB");
    refuse(change(kApp, {.io_entitled_mib = 13 * kGib}), ErrorCode::kNotEnoughMemory,
           "partition app3: its virtual adapters need 13312 MB of I/O entitled memory, and it has 12288 MB");
    refuse(change(PartitionId{9}, {.mem_weight = 5}), ErrorCode::kNotFound, "p740a has no partition with lpar_id 9");
    ASSERT_TRUE(system->change_shared_memory(kApp, {.io_entitled_mib = 6 * kGib}));
    refuse([&] { return system->change_memory(kApp, {.action = MemoryAction::kSet, .mib = 5 * kGib}); },
           ErrorCode::kInvalidChange,
           "partition app3: 5120 MB of memory is less than its I/O entitled memory, 6144 MB");
    refuse([&] { return system->change_memory(kApp, {.action = MemoryAction::kAdd, .mib = 5 * kGib}); },
           ErrorCode::kInvalidChange,
           "partition app3: 17408 MB of memory is outside of min_mem and max_mem of profile normal; 1024 to 16384");
}

TEST_F(SharedMemoryTest, paging_devices_that_contradict_one_another_are_refused) {
    define_vioses();
    add_device(7, 16, {kVios1});
    const auto add = [this](PagingDevice device) {
        return [this, device] { return system->add_paging_device(device); };
    };
    refuse(add({.vios = kVios1, .name = "hdisk7", .unit = 7, .size_mib = 16 * kGib}), ErrorCode::kDuplicate,
           "paging space device hdisk7: VIOS 1 has it in the shared memory pool already");
    refuse(add({.vios = kVios2, .name = "hdisk9", .unit = 7, .size_mib = 8 * kGib}), ErrorCode::kInvalidPool,
           "paging space device hdisk9: 8192 MB through VIOS 2, 16384 MB through VIOS 1; one disk has one size");
    add_device(7, 16, {kVios2});
    refuse(add({.vios = kApp, .name = "hdisk1", .unit = 7, .size_mib = 16 * kGib}), ErrorCode::kInvalidPool,
           "paging space device hdisk1: two paging VIOSes give it already; VIOS 3 cannot");
}

TEST(FirmwareRelease, reads_the_release_and_the_service_pack) {
    EXPECT_EQ(firmware_release("AL740_156"), (FirmwareRelease{740, 156}));
    EXPECT_EQ(firmware_release("AM730_042"), (FirmwareRelease{730, 42}));
    for (const char* text : {"", "740_156", "AL740", "ALx40_156", "AL740_", "AL740_1x"})
        EXPECT_EQ(firmware_release(text), FirmwareRelease{}) << text;
    EXPECT_LT(firmware_release("AL730_142"), firmware_release("AL740_042"));
}

TEST(IoEntitlement, follows_from_the_virtual_adapters) {
    PartitionProfile profile;
    EXPECT_EQ(io_entitled_min_mib(profile), 2);  // the spare
    EXPECT_EQ(io_entitled_auto_mib(profile), 2);
    profile.virtual_eth_adapters.resize(2);
    // 1562624 + 21 chunks of 128 KiB reach 4243456; twice that and the spare are 9.9 MB.
    EXPECT_EQ(io_entitled_auto_mib(profile), 10);
    profile.virtual_scsi_adapters.resize(1);
    EXPECT_EQ(io_entitled_auto_mib(profile), 12);
    profile.virtual_fc_adapters.resize(1);
    EXPECT_EQ(io_entitled_auto_mib(profile), 20);
    EXPECT_EQ(io_entitled_min_mib(profile), 8);
}

}  // namespace
}  // namespace pvmsim::hypervisor
