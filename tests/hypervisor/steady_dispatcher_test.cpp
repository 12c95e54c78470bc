// The dispatcher over time: what is consumed is the sum of rate times span, exactly;
// consumed plus idle is the machine.
#include "hypervisor/dispatch/steady_dispatcher.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace pvmsim::hypervisor {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

sim::SimTime at(sim::Duration since_start) { return sim::kStartOfRun + since_start; }

constexpr PartitionId kA{1};
constexpr PartitionId kB{2};

CoreTime core_time(CoreRate rate, sim::Duration span) {
    CoreTime time;
    time.add(rate, span);
    return time;
}

DispatchConfig uncapped(std::int32_t hundredths, std::uint32_t procs) {
    return {.entitlement = {hundredths}, .procs = procs, .uncap_weight = 128};
}

TEST(SteadyDispatcher, consumption_is_split_at_the_entitlement) {
    SteadyDispatcher dispatcher;
    dispatcher.set_cores(2);
    dispatcher.add(at(seconds{0}), kA, uncapped(50, 2));
    dispatcher.set_demand(at(seconds{0}), kA, CoreRate::cores(5));
    EXPECT_EQ(dispatcher.granted(kA), CoreRate::cores(2));
    dispatcher.set_demand(at(seconds{10}), kA, CoreRate{250'000'000});
    EXPECT_EQ(dispatcher.granted(kA), CoreRate{250'000'000});
    const Consumption consumption = dispatcher.consumed(at(seconds{14}), kA);
    EXPECT_DOUBLE_EQ(consumption.total.core_seconds(), 20.0 + 1.0);
    EXPECT_DOUBLE_EQ(consumption.entitled.core_seconds(), 5.0 + 1.0);
    EXPECT_DOUBLE_EQ(consumption.beyond.core_seconds(), 15.0);
    EXPECT_EQ(consumption.highest, CoreRate::cores(2));
    EXPECT_EQ(dispatcher.pool_idle(), CoreRate{1'750'000'000});
}

TEST(SteadyDispatcher, changes_at_one_instant_count_as_the_last) {
    SteadyDispatcher dispatcher;
    dispatcher.set_cores(4);
    dispatcher.add(at(seconds{1}), kA, uncapped(100, 4));
    dispatcher.set_demand(at(seconds{1}), kA, CoreRate::cores(4));
    dispatcher.set_demand(at(seconds{1}), kA, CoreRate::cores(1));
    EXPECT_DOUBLE_EQ(dispatcher.consumed(at(seconds{3}), kA).total.core_seconds(), 2.0);
    EXPECT_EQ(dispatcher.consumed(at(seconds{3}), kA).highest, CoreRate::cores(1));
}

TEST(SteadyDispatcher, account_stays_after_removal_and_starts_anew_when_added_again) {
    SteadyDispatcher dispatcher;
    dispatcher.set_cores(4);
    EXPECT_EQ(dispatcher.consumed(at(seconds{0}), kA).total.nanocore_ns, 0);
    dispatcher.add(at(seconds{0}), kA, uncapped(100, 4));
    dispatcher.set_demand(at(seconds{0}), kA, CoreRate::cores(1));
    dispatcher.remove(at(seconds{5}), kA);
    EXPECT_EQ(dispatcher.granted(kA), CoreRate{});
    dispatcher.set_demand(at(seconds{6}), kA, CoreRate::cores(1));
    EXPECT_DOUBLE_EQ(dispatcher.consumed(at(seconds{9}), kA).total.core_seconds(), 5.0);
    dispatcher.add(at(seconds{9}), kA, uncapped(100, 4));
    EXPECT_EQ(dispatcher.consumed(at(seconds{20}), kA).total.nanocore_ns, 0);
}

struct DedicatedCase {
    SharingMode mode;
    std::int64_t shared_gets_cores;
};

TEST(SteadyDispatcher, dedicated_processors_are_lent_only_by_those_who_share_while_active) {
    for (const auto& [mode, want] : {DedicatedCase{SharingMode::kKeepIdleProcs, 2},
                                     {SharingMode::kShareIdleProcs, 2},
                                     {SharingMode::kShareIdleProcsActive, 3},
                                     {SharingMode::kShareIdleProcsAlways, 3}}) {
        SteadyDispatcher dispatcher;
        dispatcher.set_cores(4);
        dispatcher.add(
            at(seconds{0}), kA,
            {.proc_mode = ProcessorMode::kDedicated, .entitlement = {200}, .procs = 2, .sharing_mode = mode});
        dispatcher.set_demand(at(seconds{0}), kA, CoreRate::cores(1));
        dispatcher.add(at(seconds{0}), kB, uncapped(100, 4));
        dispatcher.set_demand(at(seconds{0}), kB, CoreRate::cores(4));
        EXPECT_EQ(dispatcher.granted(kA), CoreRate::cores(1));
        EXPECT_EQ(dispatcher.granted(kB), CoreRate::cores(want)) << static_cast<int>(mode);
        dispatcher.set_demand(at(seconds{1}), kA, CoreRate::cores(9));
        EXPECT_EQ(dispatcher.granted(kA), CoreRate::cores(2)) << "its own processors are its own at once";
        EXPECT_EQ(dispatcher.granted(kB), CoreRate::cores(2));
        EXPECT_EQ(dispatcher.consumed(at(seconds{5}), kA).donated.nanocore_ns,
                  core_time(CoreRate::cores(want - 2), seconds{1}).nanocore_ns);
        EXPECT_EQ(dispatcher.physical_pool(at(seconds{5})).capacity.nanocore_ns,
                  core_time(CoreRate::cores(want + 4 * 2), seconds{1}).nanocore_ns);
        dispatcher.remove(at(seconds{5}), kA);
        EXPECT_EQ(dispatcher.granted(kB), CoreRate::cores(4)) << "off, it leaves its processors to the pool";
    }
}

TEST(SteadyDispatcher, folding_limits_demand_and_capacity) {
    SteadyDispatcher dispatcher;
    dispatcher.set_cores(8);
    dispatcher.add(at(seconds{0}), kA, uncapped(100, 6));
    dispatcher.set_demand(at(seconds{0}), kA, CoreRate::cores(5));
    dispatcher.set_unfolded(at(seconds{0}), kA, 2);
    EXPECT_EQ(dispatcher.granted(kA), CoreRate::cores(2));
    EXPECT_EQ(dispatcher.capacity(kA), CoreRate::cores(2));
    dispatcher.set_unfolded(at(seconds{3}), kA, 6);
    EXPECT_EQ(dispatcher.granted(kA), CoreRate::cores(5));
    EXPECT_EQ(dispatcher.capacity(kA), CoreRate::cores(6));
    EXPECT_DOUBLE_EQ(dispatcher.consumed(at(seconds{4}), kA).total.core_seconds(), 6.0 + 5.0);
}

TEST(SteadyDispatcher, a_pool_counts_its_maximum_and_what_its_partitions_use) {
    SteadyDispatcher dispatcher;
    dispatcher.set_cores(8);
    dispatcher.set_pool(at(seconds{0}), PoolId{1}, {.max = CoreRate::cores(3), .reserved = {}});
    DispatchConfig config = uncapped(100, 8);
    dispatcher.add(at(seconds{0}), kB, config);
    config.pool = PoolId{1};
    dispatcher.add(at(seconds{0}), kA, config);
    dispatcher.set_demand(at(seconds{0}), kA, CoreRate::cores(8));
    dispatcher.set_demand(at(seconds{0}), kB, CoreRate::cores(8));
    const auto used_s = [&](int second, PoolId id) {
        return dispatcher.pool_use(at(seconds{second}), id).used.core_seconds();
    };
    EXPECT_DOUBLE_EQ(used_s(2, PoolId{1}), 6.0);
    EXPECT_DOUBLE_EQ(used_s(2, kDefaultPool), 10.0);
    EXPECT_DOUBLE_EQ(dispatcher.pool_use(at(seconds{2}), PoolId{1}).capacity.core_seconds(), 6.0);
    EXPECT_DOUBLE_EQ(dispatcher.pool_use(at(seconds{2}), kDefaultPool).capacity.core_seconds(), 16.0);
    dispatcher.set_pool(at(seconds{2}), PoolId{1}, {.max = CoreRate::cores(1), .reserved = {}});
    EXPECT_DOUBLE_EQ(used_s(4, PoolId{1}), 6.0 + 2.0);
    EXPECT_DOUBLE_EQ(used_s(4, kDefaultPool), 10.0 + 14.0);
    EXPECT_EQ(dispatcher.pool_use(at(seconds{4}), PoolId{9}).used.nanocore_ns, 0);
}

TEST(SteadyDispatcher, partitions_of_a_pool_share_its_maximum) {
    SteadyDispatcher dispatcher;
    dispatcher.set_cores(8);
    dispatcher.set_pool(at(seconds{0}), PoolId{3}, {.max = CoreRate::cores(2), .reserved = {}});
    DispatchConfig config = uncapped(50, 4);
    config.pool = PoolId{3};
    dispatcher.add(at(seconds{0}), kA, config);
    dispatcher.set_demand(at(seconds{0}), kA, CoreRate::cores(4));
    EXPECT_EQ(dispatcher.granted(kA), CoreRate::cores(2));
    config.pool = kDefaultPool;
    dispatcher.change(at(seconds{4}), kA, config);
    EXPECT_EQ(dispatcher.granted(kA), CoreRate::cores(4));
    EXPECT_DOUBLE_EQ(dispatcher.consumed(at(seconds{5}), kA).total.core_seconds(), 12.0);
}

RC_GTEST_PROP(SteadyDispatcher, consumed_plus_idle_is_the_machine, ()) {
    const auto cores = *rc::gen::inRange<std::uint32_t>(4, 17);
    SteadyDispatcher dispatcher;
    dispatcher.set_cores(cores);
    for (std::uint16_t id = 1; id <= 4; ++id)
        dispatcher.add(at(seconds{0}), PartitionId{id},
                       uncapped(*rc::gen::inRange(10, 101), *rc::gen::inRange(1u, 9u)));
    CoreTime idle;
    sim::Duration now{0};
    for (int step = 0; step < 20; ++step) {
        const PartitionId id{*rc::gen::inRange<std::uint16_t>(1, 5)};
        dispatcher.set_demand(at(now), id, {*rc::gen::inRange<std::int64_t>(0, 12'000'000'000)});
        const sim::Duration span = milliseconds{*rc::gen::inRange(0, 1000)};
        idle.add(dispatcher.pool_idle(), span);
        now += span;
    }
    CoreTime sum = idle;
    for (std::uint16_t id = 1; id <= 4; ++id) {
        const Consumption consumption = dispatcher.consumed(at(now), PartitionId{id});
        RC_ASSERT(consumption.entitled.nanocore_ns + consumption.beyond.nanocore_ns == consumption.total.nanocore_ns);
        sum.nanocore_ns += consumption.total.nanocore_ns;
    }
    RC_ASSERT(sum.nanocore_ns == core_time(CoreRate::cores(cores), now).nanocore_ns);
}

}  // namespace
}  // namespace pvmsim::hypervisor
