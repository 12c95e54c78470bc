// The exact dispatcher behind the common interface: changes hold from the next window on, looking changes nothing, and
// what is consumed agrees with the steady dispatcher.
#include "hypervisor/dispatch/exact/exact_dispatcher.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "hypervisor/dispatch/steady_dispatcher.hpp"

namespace pvmsim::hypervisor {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr PartitionId kFirst{1};
constexpr PartitionId kSecond{2};

sim::SimTime at(sim::Duration since_start) { return sim::kStartOfRun + since_start; }

DispatchConfig shared(std::int32_t units, std::uint32_t procs, SharingMode mode = SharingMode::kUncapped) {
    return {.entitlement = {units}, .procs = procs, .sharing_mode = mode};
}

DispatchConfig dedicated(std::uint32_t procs) {
    return {.proc_mode = ProcessorMode::kDedicated,
            .entitlement = {static_cast<std::int32_t>(100 * procs)},
            .procs = procs,
            .sharing_mode = SharingMode::kKeepIdleProcs};
}

double core_ms(const CoreTime& time) { return time.core_seconds() * 1000; }

TEST(ExactDispatcher, a_change_inside_a_window_holds_from_the_next_one_on) {
    ExactDispatcher dispatcher({}, {});
    dispatcher.set_cores(1);
    dispatcher.add(at({}), kFirst, shared(50, 1, SharingMode::kCapped));
    dispatcher.set_demand(at(milliseconds{13}), kFirst, CoreRate::cores(1));
    EXPECT_EQ(dispatcher.granted(kFirst), CoreRate::from({50}));
    EXPECT_EQ(dispatcher.pool_idle(), CoreRate::from({50}));
    EXPECT_DOUBLE_EQ(core_ms(dispatcher.consumed(at(milliseconds{20}), kFirst).total), 0);
    EXPECT_DOUBLE_EQ(core_ms(dispatcher.consumed(at(milliseconds{24}), kFirst).total), 2);
    EXPECT_DOUBLE_EQ(core_ms(dispatcher.consumed(at(milliseconds{30}), kFirst).total), 5);
    dispatcher.set_demand(at(milliseconds{35}), kFirst, {});
    EXPECT_DOUBLE_EQ(core_ms(dispatcher.consumed(at(milliseconds{100}), kFirst).total), 10);
    EXPECT_EQ(dispatcher.consumed(at(milliseconds{100}), kFirst).highest, CoreRate::from({50}));
}

TEST(ExactDispatcher, consumption_is_kept_after_the_end_until_the_next_start) {
    ExactDispatcher dispatcher({}, {});
    dispatcher.set_cores(4);
    EXPECT_EQ(dispatcher.consumed(at({}), kFirst).total.nanocore_ns, 0);
    dispatcher.add(at({}), kFirst, shared(50, 2));
    dispatcher.set_demand(at({}), kFirst, CoreRate::cores(9));
    dispatcher.remove(at(milliseconds{15}), kFirst);
    const Consumption kept = dispatcher.consumed(at(milliseconds{40}), kFirst);
    EXPECT_DOUBLE_EQ(core_ms(kept.total), 30);
    EXPECT_DOUBLE_EQ(core_ms(kept.entitled), 7.5);
    EXPECT_DOUBLE_EQ(core_ms(kept.beyond), 22.5);
    EXPECT_EQ(dispatcher.granted(kFirst), CoreRate{});
    dispatcher.set_demand(at(milliseconds{45}), kFirst, CoreRate::cores(1));
    dispatcher.add(at(milliseconds{45}), kFirst, shared(50, 1));
    EXPECT_DOUBLE_EQ(core_ms(dispatcher.consumed(at(milliseconds{60}), kFirst).total), 0) << "it starts without demand";
    dispatcher.set_demand(at(milliseconds{60}), kFirst, CoreRate::cores(2));
    EXPECT_DOUBLE_EQ(core_ms(dispatcher.consumed(at(milliseconds{80}), kFirst).total), 20);
    EXPECT_EQ(dispatcher.counts(at(milliseconds{80}), kFirst).dispatches, 2u);
}

TEST(ExactDispatcher, dedicated_processors_are_not_shared) {
    ExactDispatcher dispatcher({}, {});
    dispatcher.set_cores(4);
    dispatcher.add(at({}), kFirst, dedicated(3));
    dispatcher.add(at({}), kSecond, shared(50, 4));
    dispatcher.set_demand(at({}), kFirst, CoreRate::cores(3));
    dispatcher.set_demand(at({}), kFirst, CoreRate::cores(2));
    dispatcher.set_demand(at({}), kSecond, CoreRate::cores(4));
    EXPECT_DOUBLE_EQ(core_ms(dispatcher.consumed(at(milliseconds{15}), kFirst).total), 30);
    EXPECT_DOUBLE_EQ(core_ms(dispatcher.consumed(at(milliseconds{15}), kSecond).total), 15);
    EXPECT_EQ(dispatcher.consumed(at(milliseconds{15}), kFirst).highest, CoreRate::cores(2));
    dispatcher.remove(at(milliseconds{15}), kFirst);
    EXPECT_DOUBLE_EQ(core_ms(dispatcher.consumed(at(milliseconds{30}), kSecond).total), 20 + 40);
    EXPECT_EQ(dispatcher.consumed(at(milliseconds{30}), kSecond).highest, CoreRate::cores(4));
    EXPECT_EQ(dispatcher.pool_idle(), CoreRate{});
}

TEST(ExactDispatcher, a_changed_entitlement_and_a_pool_hold_from_the_next_window_on) {
    ExactDispatcher dispatcher({}, {});
    dispatcher.set_cores(4);
    dispatcher.set_pool(at({}), PoolId{1}, {.max = CoreRate::cores(1), .reserved = {}});
    dispatcher.add(at({}), kFirst, shared(50, 2));
    dispatcher.set_demand(at({}), kFirst, CoreRate::cores(2));
    DispatchConfig inside = shared(100, 2);
    inside.pool = PoolId{1};
    dispatcher.change(at(milliseconds{5}), kFirst, inside);
    const Consumption consumption = dispatcher.consumed(at(milliseconds{20}), kFirst);
    EXPECT_DOUBLE_EQ(core_ms(consumption.total), 20 + 10);
    EXPECT_DOUBLE_EQ(core_ms(consumption.entitled), 5 + 10);
}

struct Change {
    PartitionId id;
    sim::Duration after;
    CoreRate demand;
};

std::vector<Change> any_changes() {
    std::vector<Change> changes;
    const auto count = *rc::gen::inRange(1, 30);
    for (int i = 0; i < count; ++i)
        changes.push_back({PartitionId{*rc::gen::element<std::uint16_t>(1, 2, 3)},
                           milliseconds{*rc::gen::inRange(0, 40)},
                           {*rc::gen::inRange<std::int64_t>(0, 3000) * 1'000'000}});
    return changes;
}

void start(Dispatcher& dispatcher) {
    dispatcher.set_cores(4);
    dispatcher.add(at({}), kFirst, shared(100, 4));
    dispatcher.add(at({}), kSecond, shared(150, 2, SharingMode::kCapped));
    dispatcher.add(at({}), PartitionId{3}, dedicated(1));
}

RC_GTEST_PROP(ExactDispatcherProperty, looking_changes_nothing, ()) {
    ExactDispatcher watched({}, {});
    ExactDispatcher alone({}, {});
    start(watched);
    start(alone);
    sim::SimTime now = sim::kStartOfRun;
    for (const Change& change : any_changes()) {
        const sim::SimTime before = now;
        now += change.after;
        for (sim::SimTime look = before; look < now; look += milliseconds{*rc::gen::inRange(1, 15)}) {
            (void)watched.consumed(look, change.id);
            (void)watched.granted(change.id);
        }
        watched.set_demand(now, change.id, change.demand);
        alone.set_demand(now, change.id, change.demand);
        RC_ASSERT(watched.granted(change.id) == alone.granted(change.id));
    }
    now += milliseconds{33};
    for (const PartitionId id : {kFirst, kSecond, PartitionId{3}}) {
        const Consumption left = watched.consumed(now, id);
        const Consumption right = alone.consumed(now, id);
        RC_ASSERT(left.total.nanocore_ns == right.total.nanocore_ns);
        RC_ASSERT(left.entitled.nanocore_ns == right.entitled.nanocore_ns);
        RC_ASSERT(left.beyond.nanocore_ns == right.beyond.nanocore_ns);
        RC_ASSERT(left.highest == right.highest);
        RC_ASSERT(watched.counts(now, id) == alone.counts(now, id));
    }
    sim::Digest left;
    sim::Digest right;
    watched.digest(left);
    alone.digest(right);
    RC_ASSERT(left.value() == right.value());
}

void look_at(ExactDispatcher& dispatcher, sim::SimTime when) {
    for (const PartitionId id : {kFirst, kSecond, PartitionId{3}}) {
        (void)dispatcher.consumed(when, id);
        (void)dispatcher.counts(when, id);
        (void)dispatcher.capacity(id);
    }
    (void)dispatcher.physical_pool(when);
    (void)dispatcher.pool_idle();
}

void apply(ExactDispatcher& dispatcher, const Change& change, sim::SimTime when, int what) {
    const bool is_dedicated = change.id == PartitionId{3};
    if (what < 3) {
        dispatcher.set_demand(when, change.id, change.demand);
    } else if (what < 7) {
        (void)dispatcher.bursts()->add_burst(when, change.id, 0, sim::Duration{change.demand.nanocores / 500 + 1});
    } else if (what < 8) {
        dispatcher.set_unfolded(when, change.id, 1);
    } else {
        dispatcher.remove(when, change.id);
        DispatchConfig config = is_dedicated ? dedicated(1) : shared(100, 2);
        if (is_dedicated && what == 9) config.sharing_mode = SharingMode::kShareIdleProcsActive;
        dispatcher.add(when, change.id, config);
    }
}

/// Bursts, folding, restarts and lending: whatever turns the system to timed windows, and whoever looks.
RC_GTEST_PROP(ExactDispatcherProperty, looking_changes_nothing_with_bursts_and_restarts, ()) {
    ExactDispatcher watched({}, {});
    ExactDispatcher alone({}, {});
    start(watched);
    start(alone);
    sim::SimTime now = sim::kStartOfRun;
    for (const Change& change : any_changes()) {
        const sim::SimTime before = now;
        now += change.after;
        for (sim::SimTime look = before; look < now; look += milliseconds{*rc::gen::inRange(1, 15)})
            look_at(watched, look);
        look_at(watched, now);
        const int what = *rc::gen::inRange(0, 10);
        apply(watched, change, now, what);
        apply(alone, change, now, what);
    }
    now += milliseconds{33};
    for (const PartitionId id : {kFirst, kSecond, PartitionId{3}}) {
        const Consumption left = watched.consumed(now, id);
        const Consumption right = alone.consumed(now, id);
        RC_ASSERT(left.total.nanocore_ns == right.total.nanocore_ns);
        RC_ASSERT(left.total.nanocore_ns == left.entitled.nanocore_ns + left.beyond.nanocore_ns);
        RC_ASSERT(left.total.nanocore_ns >= 0);
        RC_ASSERT(left.beyond.nanocore_ns == right.beyond.nanocore_ns);
        RC_ASSERT(left.donated.nanocore_ns == right.donated.nanocore_ns);
        RC_ASSERT(left.highest == right.highest);
        RC_ASSERT(watched.counts(now, id) == alone.counts(now, id));
        RC_ASSERT(watched.latency_max(now, id) == alone.latency_max(now, id));
    }
    const PoolUse left = watched.physical_pool(now);
    const PoolUse right = alone.physical_pool(now);
    RC_ASSERT(left.capacity.nanocore_ns == right.capacity.nanocore_ns);
    RC_ASSERT(left.used.nanocore_ns == right.used.nanocore_ns);
    RC_ASSERT(left.used.nanocore_ns <= left.capacity.nanocore_ns);
}

RC_GTEST_PROP(ExactDispatcherProperty, agrees_with_the_steady_dispatcher, ()) {
    ExactDispatcher exact({}, {});
    SteadyDispatcher steady;
    start(exact);
    start(steady);
    for (const PartitionId id : {kFirst, kSecond, PartitionId{3}}) {
        const CoreRate demand{*rc::gen::inRange<std::int64_t>(0, 5000) * 1'000'000};
        exact.set_demand(at({}), id, demand);
        steady.set_demand(at({}), id, demand);
    }
    const sim::SimTime end = at(seconds{1} + milliseconds{*rc::gen::inRange(0, 10)});
    for (const PartitionId id : {kFirst, kSecond, PartitionId{3}}) {
        const double want = steady.consumed(end, id).total.core_seconds();
        RC_ASSERT(std::abs(exact.consumed(end, id).total.core_seconds() - want) <= 0.01 * want + 1e-9);
        RC_ASSERT(std::abs(exact.consumed(end, id).beyond.core_seconds() -
                           steady.consumed(end, id).beyond.core_seconds()) <= 0.01 * want + 1e-9);
    }
}

}  // namespace
}  // namespace pvmsim::hypervisor
