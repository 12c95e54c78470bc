// H_SET_PPP, H_GET_PPP and H_PIC as the operating system of a partition calls them.
// V64: an entitlement above the maximum is cut to it and answered with H_Constrained.
#include "hypervisor/processors/ppp_calls.hpp"

#include "tests/hypervisor/processor_fixture.hpp"

namespace pvmsim::hypervisor {
namespace {

using std::chrono::seconds;

class ProcessorCalls : public ProcessorTest {
  protected:
    HcallStatus set(std::uint16_t id, std::uint64_t percent, std::uint64_t weight = 128) {
        return h_set_ppp(*system, PartitionId{id}, percent, weight);
    }
    void expect_cut(std::uint64_t percent, std::int32_t to) {
        EXPECT_EQ(set(3, percent), HcallStatus::kConstrained) << percent;
        EXPECT_EQ(given(3).proc_units, ProcUnits{to}) << percent;
    }
};
INSTANTIATE_TEST_SUITE_P(Modes, ProcessorCalls, testing::Values(DispatchMode::kFluid, DispatchMode::kExact), mode_name);

TEST_P(ProcessorCalls, entitlement_and_weight_are_set) {
    start(shared_partition(3, {.min = 20, .desired = 100, .max = 300}, 4));
    EXPECT_EQ(set(3, 150, 0), HcallStatus::kSuccess);
    EXPECT_EQ(given(3).proc_units, ProcUnits{150});
    EXPECT_EQ(given(3).uncap_weight, 0);
    EXPECT_EQ(set(3, 300, 255), HcallStatus::kSuccess);
    EXPECT_EQ(given(3).uncap_weight, 255);
}

TEST_P(ProcessorCalls, what_cannot_be_had_is_cut) {
    start(shared_partition(3, {.min = 20, .desired = 100, .max = 300}, 4));
    expect_cut(301, 300);  // V64: above the profile's maximum
    expect_cut(std::uint64_t{1} << 40, 300);
    expect_cut(10, 40);  // 4 virtual processors need 0.10 each
    change(3, {.procs = 1});
    expect_cut(10, 20);    // the profile's minimum
    expect_cut(200, 100);  // one virtual processor
    change(3, {.procs = 4});
    start(shared_partition(4, {.min = 100, .desired = 1420, .max = 1600}, 16));
    expect_cut(250, 180);  // what nobody has
    change(3, {.proc_units = ProcUnits{40}});
    pool(1, 1, 30);
    change(3, {.shared_proc_pool_id = PoolId{1}});
    expect_cut(100, 70);  // the pool's maximum, less its reserve
}

TEST_P(ProcessorCalls, wrong_parameters_change_nothing) {
    start(shared_partition(3, {}, 4));
    start(dedicated_partition(4, 1, 2, 6));
    const std::uint64_t before = fingerprint();
    EXPECT_EQ(set(3, 150, 256), HcallStatus::kParameter);
    EXPECT_EQ(set(4, 100, 128), HcallStatus::kParameter);
    EXPECT_EQ(fingerprint(), before);
}

TEST_P(ProcessorCalls, partition_reads_what_it_has) {
    pool(2, 3, 20);
    start(shared_partition(3, {.desired = 150}, 4, PoolId{2}));
    start(dedicated_partition(4, 1, 5, 6));
    change(3, {.uncap_weight = 77});
    const PartitionPerformance shared = h_get_ppp(*system, PartitionId{3});
    EXPECT_EQ(shared.entitlement_percent, 150u);
    EXPECT_EQ(shared.unallocated_percent, 1600u - 150u - 500u - 20u);
    EXPECT_EQ(shared.group, 32'771u);
    EXPECT_EQ(shared.pool_id, 2);
    EXPECT_FALSE(shared.is_capped);
    EXPECT_EQ(shared.weight, 77);
    EXPECT_EQ(shared.active_procs_in_pool, 3u);
    EXPECT_EQ(shared.active_procs_on_platform, 16u);
    EXPECT_EQ(shared.procs_in_virtualization, 11u);
    EXPECT_EQ(shared.max_pool_capacity_percent, 300u);
    EXPECT_EQ(shared.entitled_pool_capacity_percent, 170u);
    change(3, {.sharing_mode = SharingMode::kCapped});
    EXPECT_TRUE(h_get_ppp(*system, PartitionId{3}).is_capped);

    const PartitionPerformance dedicated = h_get_ppp(*system, PartitionId{4});
    EXPECT_EQ(dedicated.entitlement_percent, 500u);
    EXPECT_EQ(dedicated.pool_id, 0xFFFF);
    EXPECT_TRUE(dedicated.is_capped);
    EXPECT_EQ(dedicated.weight, 0);
    EXPECT_EQ(dedicated.max_pool_capacity_percent, 0u);
}

TEST_P(ProcessorCalls, pool_figures_need_the_authority) {
    start(shared_partition(3, {}, 4));
    EXPECT_EQ(h_pic(*system, engine.now(), PartitionId{3}).status, HcallStatus::kAuthority);
}

class ProcessorPoolFigures : public ProcessorTest {};
INSTANTIATE_TEST_SUITE_P(Modes, ProcessorPoolFigures, testing::Values(DispatchMode::kFluid), mode_name);

TEST_P(ProcessorPoolFigures, count_ticks) {
    pool(2, 4);
    PartitionConfig watcher = shared_partition(3, {.desired = 100}, 4, PoolId{2});
    watcher.allow_perf_collection = true;
    start(watcher);
    start(shared_partition(4, {.desired = 200}, 2));
    system->dispatcher().set_demand(engine.now(), PartitionId{3}, CoreRate::cores(1));
    system->dispatcher().set_demand(engine.now(), PartitionId{4}, CoreRate::cores(2));
    engine.run_until(engine.now() + seconds{10});
    const auto [status, count] = h_pic(*system, engine.now(), PartitionId{3});
    ASSERT_EQ(status, HcallStatus::kSuccess);
    EXPECT_EQ(count.procs_in_pool, 16);
    EXPECT_EQ(count.pool_id, 2);
    const auto expect_core_seconds = [](std::int64_t ticks, double core_seconds) {
        EXPECT_NEAR(static_cast<double>(ticks) / 512e6, core_seconds, 0.01 * core_seconds);
    };
    expect_core_seconds(count.platform_pool_ticks, 160);
    expect_core_seconds(count.platform_pool_purr, 30);
    expect_core_seconds(count.pool_idle_ticks, 130);
    expect_core_seconds(count.pool_ticks, 40);
    expect_core_seconds(count.pool_purr, 10);
    EXPECT_EQ(count.pool_spurr, count.pool_purr);
}

}  // namespace
}  // namespace pvmsim::hypervisor
