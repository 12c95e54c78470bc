// Dynamic changes of running partitions: what each does to the partition, to its pool and to what it is granted, and
// every refusal, after which nothing is different.
#include "tests/hypervisor/processor_fixture.hpp"

namespace pvmsim::hypervisor {
namespace {

using testing::ElementsAre;

/// Notes when it is told of changed processors.
class Listener : public PartitionSoftware {
  public:
    void on_boot() override {}
    void on_settled_start() override {}
    void on_shutdown() override {}
    void on_stopped(StopReason /*reason*/) override {}
    void on_hang() override {}
    void on_resume() override {}
    void on_processors_changed() override { ++changes; }
    int changes = 0;
};

class ProcessorChanges : public ProcessorTest {};
INSTANTIATE_TEST_SUITE_P(Modes, ProcessorChanges, testing::Values(DispatchMode::kFluid, DispatchMode::kExact),
                         mode_name);

TEST_P(ProcessorChanges, units_processors_and_mode_take_effect_at_once) {
    PartitionConfig config = shared_partition(3, {.desired = 50, .max = 400}, 1);
    config.profile.sharing_mode = SharingMode::kCapped;
    start(config);
    expect_cores(rate_when_busy(3), 0.5);
    change(3, {.proc_units = ProcUnits{80}});
    expect_cores(rate_when_busy(3), 0.8);
    change(3, {.sharing_mode = SharingMode::kUncapped});
    expect_cores(rate_when_busy(3), 1.0);
    change(3, {.procs = 3});
    expect_cores(rate_when_busy(3), 3.0);
    change(3, {.uncap_weight = 0});
    expect_cores(rate_when_busy(3), 0.8);
    EXPECT_EQ(given(3).proc_units, ProcUnits{80});
    EXPECT_EQ(given(3).procs, 3u);
}

TEST_P(ProcessorChanges, weights_decide_who_gets_what_is_free) {
    start(shared_partition(3, {.desired = 160}, 16));
    start(shared_partition(4, {.desired = 160}, 16));
    system->dispatcher().set_demand(engine.now(), PartitionId{4}, CoreRate::cores(16));
    expect_cores(rate_when_busy(3), 8.0);
    change(3, {.uncap_weight = 64});
    change(4, {.uncap_weight = 192});
    expect_cores(rate_when_busy(3), 1.6 + 12.8 / 4, 0.02);
}

TEST_P(ProcessorChanges, partition_moves_to_a_pool_with_its_entitlement) {
    pool(1, 1);
    start(shared_partition(3, {.desired = 70}, 4));
    change(3, {.shared_proc_pool_id = PoolId{1}});
    EXPECT_EQ(system->entitled_pool_capacity(PoolId{1}), ProcUnits{70});
    EXPECT_EQ(system->entitled_pool_capacity(kDefaultPool), ProcUnits{});
    expect_cores(rate_when_busy(3), 1.0);
    change(3, {.shared_proc_pool_id = kDefaultPool});
    expect_cores(rate_when_busy(3), 4.0);
}

TEST_P(ProcessorChanges, dedicated_processors_come_and_go_whole) {
    start(dedicated_partition(3, 1, 2, 6));
    change(3, {.procs = 4});
    EXPECT_EQ(given(3).proc_units, ProcUnits{400});
    EXPECT_EQ(system->processor_pools()[0].max_pool_proc_units, 12u);
    expect_cores(rate_when_busy(3), 4.0);
    for (const SharingMode mode : {SharingMode::kShareIdleProcs, SharingMode::kShareIdleProcsActive,
                                   SharingMode::kShareIdleProcsAlways, SharingMode::kKeepIdleProcs}) {
        change(3, {.sharing_mode = mode});
        EXPECT_EQ(given(3).sharing_mode, mode);
    }
    change(3, {.procs = 1});
    EXPECT_EQ(system->unallocated_proc_units(), ProcUnits{1500});
}

TEST_P(ProcessorChanges, are_told_to_the_log_book_and_the_operating_system) {
    pool(1, 4);
    ASSERT_TRUE(system->define_partition(shared_partition(3, {.desired = 50}, 1)));
    Listener software;
    system->install_software(PartitionId{3}, software);
    ASSERT_TRUE(system->start_settled(PartitionId{3}));
    change(3, {.proc_units = ProcUnits{120},
               .procs = 2,
               .sharing_mode = SharingMode::kCapped,
               .uncap_weight = 10,
               .shared_proc_pool_id = PoolId{1}});
    change(3, {.procs = 2});
    EXPECT_THAT(log.lines,
                ElementsAre("p740a/lpar3 lpar-processors: Processors changed: proc_units 1.20 (was 0.50), procs 2 (was "
                            "1), sharing_mode cap (was uncap), uncap_weight 10 (was 128), pool SharedPool01 (was "
                            "DefaultPool)"));
    EXPECT_EQ(software.changes, 1) << "a change to what it is already is no change";
}

TEST_P(ProcessorChanges, are_lost_at_the_next_activation_from_the_profile) {
    pool(1, 4);
    start(shared_partition(3, {.desired = 50}, 1));
    change(3, {.proc_units = ProcUnits{120}, .procs = 2, .uncap_weight = 10, .shared_proc_pool_id = PoolId{1}});
    EXPECT_EQ(system->partition(PartitionId{3}).profile.desired_proc_units, ProcUnits{50});
    ASSERT_TRUE(system->power_off(PartitionId{3}));
    ASSERT_TRUE(system->start_settled(PartitionId{3}));
    EXPECT_EQ(given(3).proc_units, ProcUnits{50});
    EXPECT_EQ(given(3).procs, 1u);
    EXPECT_EQ(given(3).uncap_weight, 128);
    EXPECT_EQ(given(3).shared_proc_pool_id, kDefaultPool);
}

TEST_P(ProcessorChanges, of_shared_partitions_are_refused_with_a_reason) {
    pool(1, 1);
    start(shared_partition(3, {.min = 20, .desired = 90, .max = 400}, 4));
    start(shared_partition(4, {.min = 100, .desired = 1400, .max = 1600}, 16));
    start(shared_partition(5, {.min = 20, .desired = 20}, 2, PoolId{1}));
    ASSERT_EQ(system->unallocated_proc_units(), ProcUnits{90});
    constexpr ErrorCode kInvalid = ErrorCode::kInvalidChange;
    refuse_change(99, {.procs = 2}, ErrorCode::kNotFound, "lpar_id 99");
    refuse_change(3, {}, kInvalid, "partition lpar3: a processor change without any value");
    refuse_change(3, {.proc_units = ProcUnits{19}}, kInvalid,
                  "partition lpar3: proc_units 0.19 is outside of min_proc_units and max_proc_units of profile normal; "
                  "0.20 to 4.00");
    refuse_change(3, {.proc_units = ProcUnits{401}}, kInvalid, "4.01");
    refuse_change(3, {.proc_units = ProcUnits{-50}}, kInvalid, "proc_units -0.50");
    refuse_change(3, {.procs = 0}, kInvalid,
                  "procs 0 is outside of min_procs and max_procs of profile normal; 1 to 16");
    refuse_change(3, {.procs = 17}, kInvalid, "procs 17");
    refuse_change(3, {.procs = 10}, kInvalid, "10 processors for 0.90 processing units; 1 to 9 processors");
    refuse_change(3, {.proc_units = ProcUnits{39}}, kInvalid, "4 processors for 0.39 processing units; 1 to 3");
    refuse_change(4, {.procs = 13}, kInvalid, "13 processors for 14.00 processing units; 14 to 140");
    refuse_change(3, {.proc_units = ProcUnits{181}}, ErrorCode::kNotEnoughProcessors,
                  "1.81 processing units are more than what is available; at most 1.80");
    refuse_change(3, {.sharing_mode = SharingMode::kShareIdleProcs}, kInvalid,
                  "sharing_mode share_idle_procs: with proc_mode shared it is cap or uncap");
    refuse_change(3, {.shared_proc_pool_id = PoolId{2}}, ErrorCode::kInvalidPool, "2 is not an active pool of p740a");
    refuse_change(3, {.shared_proc_pool_id = PoolId{64}}, ErrorCode::kInvalidPool, "64 is not an active pool");
    refuse_change(3, {.shared_proc_pool_id = PoolId{1}}, ErrorCode::kInvalidPool,
                  "0.90 processing units do not fit the maximum 1 of shared processor pool 1 (SharedPool01); at most "
                  "0.80");
    refuse_change(3, {.proc_units = ProcUnits{80}, .procs = 17, .shared_proc_pool_id = PoolId{1}}, kInvalid,
                  "procs 17");
    change(3, {.proc_units = ProcUnits{80}, .shared_proc_pool_id = PoolId{1}});
    refuse_change(5, {.proc_units = ProcUnits{21}}, ErrorCode::kInvalidPool, "do not fit the maximum 1");
    change(3, {.proc_units = ProcUnits{180}, .shared_proc_pool_id = kDefaultPool});
}

TEST_P(ProcessorChanges, of_dedicated_partitions_are_refused_with_a_reason) {
    start(dedicated_partition(3, 1, 2, 6));
    start(shared_partition(4, {.min = 100, .desired = 1130, .max = 1600}, 16));
    constexpr ErrorCode kInvalid = ErrorCode::kInvalidChange;
    refuse_change(3, {.proc_units = ProcUnits{100}}, kInvalid, "proc_units 1.00: its processors are dedicated");
    refuse_change(3, {.uncap_weight = 5}, kInvalid, "uncap_weight 5: its processors are dedicated");
    refuse_change(3, {.shared_proc_pool_id = kDefaultPool}, kInvalid, "shared_proc_pool_id 0: its processors");
    refuse_change(3, {.sharing_mode = SharingMode::kCapped}, kInvalid, "sharing_mode cap: with proc_mode ded it is");
    refuse_change(3, {.procs = 7}, kInvalid, "procs 7 is outside");
    refuse_change(3, {.procs = 5}, ErrorCode::kNotEnoughProcessors,
                  "5.00 processing units are more than what is "
                  "available; at most 4.70");
    change(3, {.procs = 4});
}

TEST_P(ProcessorChanges, need_a_partition_that_runs_and_responds) {
    ASSERT_TRUE(system->define_partition(shared_partition(3, {}, 2)));
    refuse_change(3, {.procs = 1}, ErrorCode::kWrongState, "its state is Not Activated; it must be Running");
    ASSERT_TRUE(system->start_settled(PartitionId{3}));
    ASSERT_TRUE(system->hang(PartitionId{3}));
    refuse_change(3, {.procs = 1}, ErrorCode::kWrongState, "Running and it does not respond");
    ASSERT_TRUE(system->resume(PartitionId{3}));
    change(3, {.procs = 1});
}

TEST(ProcessorChangesOnPower7Plus, smallest_share_is_a_twentieth) {
    sim::Engine engine{1};
    SystemConfig config = machine_of_16();
    config.type_model = "8408-E8D";
    const auto system = std::move(ManagedSystem::create(engine, config)).value();
    ASSERT_TRUE(system->define_partition(shared_partition(3, {.min = 5, .desired = 50}, 1)));
    ASSERT_TRUE(system->start_settled(PartitionId{3}));
    EXPECT_TRUE(system->change_processors(PartitionId{3}, {.procs = 10}));
    EXPECT_FALSE(system->change_processors(PartitionId{3}, {.procs = 11}));
    EXPECT_TRUE(system->change_processors(PartitionId{3}, {.proc_units = ProcUnits{5}, .procs = 1}));
}

}  // namespace
}  // namespace pvmsim::hypervisor
