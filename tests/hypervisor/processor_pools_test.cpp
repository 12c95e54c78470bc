// Shared processor pools as an operator meets them: as they come, configured at the start and while running, every
// refusal, and what activation makes of a pool that is short.
#include <map>

#include "tests/hypervisor/processor_fixture.hpp"

namespace pvmsim::hypervisor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ProcessorPools : public ProcessorTest {};
INSTANTIATE_TEST_SUITE_P(Modes, ProcessorPools, testing::Values(DispatchMode::kFluid, DispatchMode::kExact), mode_name);

TEST_P(ProcessorPools, there_are_64_and_only_the_default_one_is_active) {
    const auto& pools = system->processor_pools();
    ASSERT_EQ(pools.size(), 64u);
    for (std::uint8_t id = 0; id < 64; ++id) EXPECT_EQ(pools[id].id, PoolId{id});
    EXPECT_EQ(pools[0].name, "DefaultPool");
    EXPECT_EQ(pools[0].max_pool_proc_units, 16u);
    EXPECT_EQ(pools[1].name, "SharedPool01");
    EXPECT_EQ(pools[63].name, "SharedPool63");
    for (std::uint8_t id = 1; id < 64; ++id) EXPECT_EQ(pools[id].max_pool_proc_units, 0u);
    EXPECT_EQ(system->unallocated_proc_units(), ProcUnits{1600});
}

TEST_P(ProcessorPools, default_pool_is_what_is_not_dedicated_to_an_active_partition) {
    start(dedicated_partition(3, 1, 5, 8));
    EXPECT_EQ(system->processor_pools()[0].max_pool_proc_units, 11u);
    EXPECT_EQ(system->unallocated_proc_units(), ProcUnits{1100});
    ASSERT_TRUE(system->crash(PartitionId{3}));
    EXPECT_EQ(system->processor_pools()[0].max_pool_proc_units, 16u) << "its processors serve the pool";
    EXPECT_EQ(system->unallocated_proc_units(), ProcUnits{1100}) << "but it holds them until it is powered off";
    ASSERT_TRUE(system->power_off(PartitionId{3}));
    EXPECT_EQ(system->unallocated_proc_units(), ProcUnits{1600});
}

TEST_P(ProcessorPools, maximum_limits_its_partitions_and_can_be_changed_while_they_run) {
    pool(1, 2);
    start(shared_partition(3, {.desired = 50}, 4, PoolId{1}));
    EXPECT_EQ(system->entitled_pool_capacity(PoolId{1}), ProcUnits{50});
    expect_cores(rate_when_busy(3), 2.0);
    pool(1, 3);
    expect_cores(rate_when_busy(3), 3.0);
    pool(1, 1);
    expect_cores(rate_when_busy(3), 1.0);
}

TEST_P(ProcessorPools, reserve_is_held_back_from_others_and_counts_as_entitled) {
    pool(2, 4, 150);
    EXPECT_EQ(system->entitled_pool_capacity(PoolId{2}), ProcUnits{150});
    EXPECT_EQ(system->unallocated_proc_units(), ProcUnits{1450});
    start(shared_partition(3, {.min = 100, .desired = 1600, .max = 1600}, 16));
    EXPECT_EQ(given(3).proc_units, ProcUnits{1450}) << "activation takes what is left";
    EXPECT_EQ(system->unallocated_proc_units(), ProcUnits{});
    pool(2, 4, 140);
    pool(2, 2, 150);  // only the difference must be free
    pool(2, 4, 0);
    EXPECT_EQ(system->unallocated_proc_units(), ProcUnits{150});
}

TEST_P(ProcessorPools, change_is_told_with_what_it_was) {
    ASSERT_TRUE(system->configure_pool({.id = PoolId{2}, .name = "prod", .max_pool_proc_units = 4}));
    ASSERT_TRUE(system->configure_pool({.id = PoolId{2}, .max_pool_proc_units = 1, .reserved_pool_proc_units = {25}}));
    ASSERT_TRUE(system->configure_pool({.id = PoolId{2}, .max_pool_proc_units = 1, .reserved_pool_proc_units = {25}}));
    ASSERT_TRUE(system->configure_pool({.id = PoolId{2}}));
    EXPECT_THAT(
        log.lines,
        ElementsAre(
            "p740a procpool-change: Shared processor pool 2 (prod): at most 4 processors, 0.00 processing units "
            "reserved; was SharedPool02, not active",
            "p740a procpool-change: Shared processor pool 2 (prod): at most 1 processor, 0.25 processing units "
            "reserved; was at most 4 processors, 0.00 processing units reserved",
            "p740a procpool-change: Shared processor pool 2 (prod): not active; was at most 1 processor, 0.25 "
            "processing units reserved"));
}

TEST_P(ProcessorPools, every_refusal_names_pool_value_and_what_would_be_right) {
    pool(1, 3, 50);
    start(shared_partition(3, {.desired = 180}, 4, PoolId{1}));
    start(shared_partition(4, {.min = 100, .desired = 1200, .max = 1600}, 16));
    ASSERT_EQ(system->unallocated_proc_units(), ProcUnits{170});
    const std::string one = "p740a: shared processor pool 1 (SharedPool01): ";
    refuse_pool({.id = PoolId{0}, .max_pool_proc_units = 4}, ErrorCode::kInvalidPool,
                "pool 0 (DefaultPool) cannot be changed");
    refuse_pool({.id = PoolId{64}, .max_pool_proc_units = 4}, ErrorCode::kNotFound, "pool 64; ids are 0..63");
    refuse_pool({.id = PoolId{2}, .name = "SharedPool01", .max_pool_proc_units = 4}, ErrorCode::kDuplicate,
                "the name is that of pool 1");
    refuse_pool({.id = PoolId{2}, .max_pool_proc_units = 17}, ErrorCode::kInvalidPool,
                "max_pool_proc_units 17 is more than the machine has; at most 16");
    refuse_pool({.id = PoolId{2}, .max_pool_proc_units = 2, .reserved_pool_proc_units = {-10}}, ErrorCode::kInvalidPool,
                "reserved_pool_proc_units -0.10 is negative");
    refuse_pool({.id = PoolId{2}, .max_pool_proc_units = 0, .reserved_pool_proc_units = {10}}, ErrorCode::kInvalidPool,
                "max_pool_proc_units 0 is less than its entitled capacity 0.10");
    refuse_pool({.id = PoolId{2}, .max_pool_proc_units = 2, .reserved_pool_proc_units = {171}},
                ErrorCode::kNotEnoughProcessors,
                "reserved_pool_proc_units 1.71 is more than what is available; at most 1.70");
    refuse_pool({.id = PoolId{1}, .max_pool_proc_units = 2, .reserved_pool_proc_units = {50}}, ErrorCode::kInvalidPool,
                one +
                    "max_pool_proc_units 2 is less than its entitled capacity 2.30 (1.80 of partitions and "
                    "reserved_pool_proc_units 0.50); at least 3");
    refuse_pool({.id = PoolId{1}}, ErrorCode::kInvalidPool,
                "0 would make it inactive while 1 activated partition is in it");
    pool(1, 2, 20);
    EXPECT_EQ(system->entitled_pool_capacity(PoolId{1}), ProcUnits{200}) << "exactly its maximum";
}

TEST_P(ProcessorPools, inactive_pool_of_a_profile_is_refused_at_activation) {
    ASSERT_TRUE(system->define_partition(shared_partition(3, {}, 4, PoolId{9})));
    refuse([&] { return system->activate(PartitionId{3}); }, ErrorCode::kInvalidPool,
           "partition lpar3: profile normal: shared_proc_pool_id 9 is not an active pool of p740a");
    pool(9, 1);
    EXPECT_TRUE(system->activate(PartitionId{3}));
}

TEST_P(ProcessorPools, activation_gets_between_minimum_and_desired_of_what_the_pool_has_left) {
    pool(1, 2, 30);
    start(shared_partition(3, {.desired = 120}, 4, PoolId{1}));
    start(shared_partition(4, {.min = 50, .desired = 100}, 10, PoolId{1}));
    EXPECT_EQ(given(4).proc_units, ProcUnits{50});
    EXPECT_EQ(given(4).procs, 5u) << "0.50 units suffice for 5 virtual processors";
    ASSERT_TRUE(system->define_partition(shared_partition(5, {.min = 10, .desired = 100}, 4, PoolId{1})));
    refuse([&] { return system->activate(PartitionId{5}); }, ErrorCode::kNotEnoughProcessors,
           "partition lpar5: min_proc_units 0.10 is more than the 0.00 that shared processor pool 1 (SharedPool01) has "
           "left below its maximum 2");
    ASSERT_TRUE(system->power_off(PartitionId{3}));
    ASSERT_TRUE(system->activate(PartitionId{5}));
    EXPECT_EQ(given(5).proc_units, ProcUnits{100});
}

TEST_P(ProcessorPools, partition_holds_its_entitlement_after_a_crash) {
    pool(1, 2);
    start(shared_partition(3, {.desired = 200}, 4, PoolId{1}));
    ASSERT_TRUE(system->crash(PartitionId{3}));
    EXPECT_EQ(system->entitled_pool_capacity(PoolId{1}), ProcUnits{200});
    refuse_pool({.id = PoolId{1}, .max_pool_proc_units = 1}, ErrorCode::kInvalidPool, "entitled capacity 2.00");
    ASSERT_TRUE(system->activate(PartitionId{3})) << "what it holds is its own";
    ASSERT_TRUE(system->power_off(PartitionId{3}));
    EXPECT_EQ(system->entitled_pool_capacity(PoolId{1}), ProcUnits{});
}

struct CreateCase {
    std::string name;
    std::function<void(SystemConfig&)> change;
    ErrorCode code;
    std::string text;
};

TEST(ProcessorPoolsAtCreation, are_refused_with_a_reason) {
    const auto with = [](ProcessorPoolConfig pool) {
        return [pool](SystemConfig& config) { config.shared_proc_pools.push_back(pool); };
    };
    const std::vector<CreateCase> cases{
        {"express",
         [](SystemConfig& config) {
             config.edition = Edition::kExpress;
             config.shared_proc_pools.push_back({.id = PoolId{2}, .max_pool_proc_units = 1});
         },
         ErrorCode::kNotSupported, "need Standard or Enterprise Edition"},
        {"POWER5",
         [](SystemConfig& config) {
             config.type_model = "9131-52A";
             config.cores = 2;
             config.memory_bytes = 32 * kGibibyte;
             config.shared_proc_pools.push_back({.id = PoolId{2}, .max_pool_proc_units = 1});
         },
         ErrorCode::kNotSupported, "need POWER6 or later"},
        {"default pool", with({.id = PoolId{0}, .max_pool_proc_units = 1}), ErrorCode::kInvalidPool, "DefaultPool"},
        {"same pool twice", with({.id = PoolId{1}, .max_pool_proc_units = 1}), ErrorCode::kDuplicate, "twice"},
        {"reserves of more than all",
         with({.id = PoolId{2}, .max_pool_proc_units = 16, .reserved_pool_proc_units = {1501}}),
         ErrorCode::kNotEnoughProcessors, "15.01 is more than what is available; at most 15.00"},
    };
    for (const CreateCase& one : cases) {
        sim::Engine engine{1};
        SystemConfig config = machine_of_16();
        if (config.shared_proc_pools.empty() && one.code != ErrorCode::kNotSupported)
            config.shared_proc_pools = {{.id = PoolId{1}, .max_pool_proc_units = 1, .reserved_pool_proc_units = {100}}};
        one.change(config);
        const auto made = ManagedSystem::create(engine, config);
        ASSERT_FALSE(made) << one.name;
        EXPECT_EQ(made.error().code, one.code) << one.name << made.error().text;
        EXPECT_THAT(made.error().text, HasSubstr(one.text)) << one.name;
        EXPECT_EQ(engine.find("p740a"), sim::kNoEntity) << one.name;
    }
}

TEST(ProcessorPoolsAtCreation, are_there_before_the_first_partition) {
    for (const DispatchMode mode : {DispatchMode::kFluid, DispatchMode::kExact}) {
        sim::Engine engine{1};
        SystemConfig config = machine_of_16(mode);
        config.shared_proc_pools = {{.id = PoolId{7}, .name = "db", .max_pool_proc_units = 2}};
        const auto system = std::move(ManagedSystem::create(engine, config)).value();
        EXPECT_EQ(system->processor_pools()[7].name, "db");
        ASSERT_TRUE(system->define_partition(shared_partition(3, {.desired = 50}, 4, PoolId{7})));
        EXPECT_TRUE(system->start_settled(PartitionId{3}));
        EXPECT_EQ(system->entitled_pool_capacity(PoolId{7}), ProcUnits{50});
    }
}

}  // namespace
}  // namespace pvmsim::hypervisor
