// The dispatcher that looks into its windows: hand-computed ends of bursts, who gives way to whom, lent processors, the
// calls of behaviour 1.3, the dispatch trace log, and random systems, in which its own assertions hold properties 1
// to 8.
#include "hypervisor/dispatch/exact/timed_dispatch.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "hypervisor/dispatch/exact/exact_window.hpp"

namespace pvmsim::hypervisor {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

sim::SimTime at(sim::Duration since_start) { return sim::kStartOfRun + since_start; }
CoreRate percent(std::int64_t value) { return {value * 10'000'000}; }

TimedPartition shared(std::int32_t units, std::uint32_t procs, std::uint32_t weight) {
    return {.share = {{units}, procs, weight, 0}};
}

TimedPartition donating(std::uint32_t procs) {
    return {.share = {{}, procs, 0, 0}, .is_dedicated = true, .is_donating = true};
}

TimedDispatch one_core() { return TimedDispatch({.cores = 1}, ExactCosts::none(), sim::kStartOfRun); }

/// Asks as the contract wants it; fails where an end was found after a time that was said to be too early.
BurstStatus end_of(TimedDispatch& dispatch, BurstId burst) {
    BurstStatus status = dispatch.status(burst);
    while (!status.is_done) {
        EXPECT_GT(status.when, dispatch.now());
        const sim::SimTime not_before = status.when;
        dispatch.run_until(not_before);
        status = dispatch.status(burst);
        if (status.is_done) {
            EXPECT_EQ(status.when, not_before);
        }
    }
    return status;
}

TEST(TimedDispatch, capped_burst_of_three_slices_ends_in_the_third_window) {
    TimedDispatch dispatch = one_core();
    const auto subject = dispatch.add_partition(shared(10, 1, 0));
    const BurstStatus end = end_of(dispatch, dispatch.add_burst(at({}), {subject, 0}, milliseconds{3}));
    EXPECT_EQ(end.when, at(milliseconds{21}));
    EXPECT_EQ(end.waited, milliseconds{18});
    EXPECT_EQ(dispatch.counts(subject).wait_capacity_ns, 18'000'000);
    EXPECT_EQ(dispatch.time(subject), (ProcessorTime{3'000'000, 3'000'000, 0}));
    EXPECT_EQ(dispatch.latency_max(subject), milliseconds{9});
}

/// V15: the slice was used at the start of a window and comes at the end of the next.
TEST(TimedDispatch, a_burst_just_after_its_slice_was_used_waits_eighteen_milliseconds) {
    TimedDispatch dispatch = one_core();
    const auto subject = dispatch.add_partition(shared(10, 1, 0));
    const auto others = dispatch.add_partition(shared(90, 1, 0));
    const BurstId first = dispatch.add_burst(at({}), {subject, 0}, milliseconds{1});
    dispatch.enable_log({subject, 0}, TraceMask::kAll, 8);
    EXPECT_EQ(end_of(dispatch, first).when, at(milliseconds{1}));
    const BurstId second = dispatch.add_burst(at(milliseconds{1}), {subject, 0}, milliseconds{1});
    dispatch.set_demand({others, 0}, CoreRate::cores(1));
    dispatch.run_until(at(milliseconds{2}));
    // The others had the core last, so that they go first.
    const BurstStatus end = end_of(dispatch, second);
    EXPECT_LE(end.when, at(milliseconds{20}));
    const auto entries = dispatch.processor({subject, 0}).log.entries();
    ASSERT_EQ(entries.size(), 2u);
    const std::uint64_t waited = entries[1].enqueue_to_dispatch + entries[1].ready_to_enqueue;
    EXPECT_LE(waited, timebase_ticks(18'000'000));
    EXPECT_EQ(entries[1].preempt_reason, PreemptReason::kCede);
}

TEST(TimedDispatch, the_log_of_a_tenth_shows_the_bound_of_eighteen_milliseconds_and_reaches_it) {
    TimedDispatch dispatch = one_core();
    const auto subject = dispatch.add_partition(shared(10, 1, 0));
    const auto others = dispatch.add_partition(shared(90, 1, 0));
    dispatch.enable_log({subject, 0}, TraceMask::kAll, 100);
    dispatch.set_demand({subject, 0}, percent(100));
    dispatch.run_until(at(milliseconds{10}));
    dispatch.set_demand({others, 0}, percent(90));
    // Bursts of the others take the core first; the subject has no laxity left at 19 ms.
    dispatch.run_until(at(milliseconds{100}));
    std::uint64_t longest = 0;
    for (const TraceEntry& entry : dispatch.processor({subject, 0}).log.entries())
        longest = std::max<std::uint64_t>(longest, entry.enqueue_to_dispatch + entry.ready_to_enqueue);
    EXPECT_LE(longest, timebase_ticks(18'000'000));
    EXPECT_GE(longest, timebase_ticks(9'000'000));
    EXPECT_EQ(dispatch.processor({subject, 0}).log.written(), dispatch.counts(subject).dispatches);
}

TEST(TimedDispatch, entitled_burst_preempts_an_uncapped_share_at_once) {
    TimedDispatch dispatch = one_core();
    const auto greedy = dispatch.add_partition(shared(50, 1, 128));
    const auto subject = dispatch.add_partition(shared(50, 1, 0));
    dispatch.set_demand({greedy, 0}, percent(100));
    dispatch.run_until(at(milliseconds{6}));
    EXPECT_EQ(dispatch.time(greedy), (ProcessorTime{6'000'000, 5'000'000, 1'000'000}));
    const BurstId burst = dispatch.add_burst(at(milliseconds{6}), {subject, 0}, milliseconds{2});
    EXPECT_EQ(end_of(dispatch, burst).when, at(milliseconds{8}));
    dispatch.run_until(at(milliseconds{10}));
    EXPECT_EQ(dispatch.time(greedy), (ProcessorTime{8'000'000, 5'000'000, 3'000'000}));
    EXPECT_EQ(dispatch.counts(greedy).phantom_interrupts, 0u) << "it had never run there";
    EXPECT_EQ(dispatch.counts(subject).cedes, 1u);
    const BurstId again = dispatch.add_burst(at(milliseconds{10}), {subject, 0}, milliseconds{1});
    EXPECT_EQ(end_of(dispatch, again).is_done, true);
}

TEST(TimedDispatch, a_burst_that_arrives_while_another_partition_runs_is_a_phantom_interrupt_there) {
    TimedDispatch dispatch = one_core();
    const auto subject = dispatch.add_partition(shared(50, 1, 0));
    const auto other = dispatch.add_partition(shared(50, 1, 0));
    const BurstId first = dispatch.add_burst(at({}), {subject, 0}, milliseconds{1});
    EXPECT_EQ(end_of(dispatch, first).when, at(milliseconds{1}));
    const BurstId second = dispatch.add_burst(at(milliseconds{1}), {other, 0}, milliseconds{3});
    dispatch.run_until(at(milliseconds{2}));
    const BurstId third = dispatch.add_burst(at(milliseconds{2}), {subject, 0}, milliseconds{1});
    EXPECT_EQ(dispatch.counts(other).phantom_interrupts, 1u);
    EXPECT_EQ(end_of(dispatch, second).when, at(milliseconds{4}));
    EXPECT_EQ(end_of(dispatch, third).when, at(milliseconds{5}));
}

TEST(TimedDispatch, entitled_burst_waits_behind_entitled_work) {
    TimedDispatch dispatch = one_core();
    const auto busy = dispatch.add_partition(shared(50, 1, 0));
    const auto subject = dispatch.add_partition(shared(50, 1, 0));
    dispatch.set_demand({busy, 0}, percent(50));
    dispatch.run_until(at(milliseconds{1}));
    const BurstId burst = dispatch.add_burst(at(milliseconds{1}), {subject, 0}, milliseconds{2});
    const BurstStatus end = end_of(dispatch, burst);
    EXPECT_EQ(end.when, at(milliseconds{7}));
    EXPECT_EQ(end.waited, milliseconds{4});
    EXPECT_EQ(dispatch.counts(subject).wait_processor_ns, 4'000'000);
}

TEST(TimedDispatch, unused_entitlement_is_not_carried_over_and_goes_to_siblings) {
    TimedDispatch dispatch({.cores = 2}, ExactCosts::none(), sim::kStartOfRun);
    const auto subject = dispatch.add_partition(shared(60, 2, 0));
    dispatch.run_until(at(milliseconds{20}));
    const BurstId burst = dispatch.add_burst(at(milliseconds{20}), {subject, 0}, milliseconds{8});
    EXPECT_EQ(end_of(dispatch, burst).when, at(milliseconds{32})) << "6 ms, its sibling's slice too, then 2";
}

TEST(TimedDispatch, costs_of_a_switch_come_on_top_of_a_burst) {
    TimedDispatch dispatch({.cores = 1}, ExactCosts{}, sim::kStartOfRun);
    const auto subject = dispatch.add_partition(shared(50, 1, 0));
    const BurstId burst = dispatch.add_burst(at({}), {subject, 0}, milliseconds{1});
    EXPECT_EQ(end_of(dispatch, burst).when, at(microseconds{1025}));
    EXPECT_EQ(dispatch.counts(subject).overhead_ns, 25'000);
}

/// M/D/1 without randomness: bursts every 2 ms of 3 ms for a window queue up first in, first out.
TEST(TimedDispatch, bursts_of_a_virtual_processor_are_served_in_order) {
    TimedDispatch dispatch = one_core();
    const auto subject = dispatch.add_partition(shared(100, 1, 0));
    std::vector<BurstId> bursts;
    for (int i = 0; i < 4; ++i) {
        dispatch.run_until(at(milliseconds{2 * i}));
        bursts.push_back(dispatch.add_burst(at(milliseconds{2 * i}), {subject, 0}, milliseconds{3}));
    }
    for (int i = 0; i < 4; ++i) EXPECT_EQ(end_of(dispatch, bursts[std::size_t(i)]).when, at(milliseconds{3 * (i + 1)}));
}

TEST(TimedDispatch, idle_dedicated_processor_is_lent_and_regained_at_once) {
    TimedDispatch dispatch({.cores = 1}, ExactCosts::none(), sim::kStartOfRun);
    const auto owner = dispatch.add_partition(donating(1));
    const auto guest = dispatch.add_partition(shared(100, 2, 128));
    dispatch.set_demand({guest, 0}, percent(100));
    dispatch.set_demand({guest, 1}, percent(100));
    dispatch.run_until(at(milliseconds{4}));
    EXPECT_EQ(dispatch.time(guest).consumed_ns, 8'000'000);
    const BurstId burst = dispatch.add_burst(at(milliseconds{4}), {owner, 0}, milliseconds{3});
    EXPECT_EQ(end_of(dispatch, burst).when, at(milliseconds{7}));
    dispatch.run_until(at(milliseconds{10}));
    EXPECT_EQ(dispatch.time(guest).consumed_ns, 17'000'000);
    EXPECT_EQ(dispatch.donated(owner), milliseconds{7});
    EXPECT_EQ(dispatch.time(owner).consumed_ns, 3'000'000);
    EXPECT_EQ(dispatch.physical_pool().capacity.core_seconds(), 0.017);
    EXPECT_EQ(dispatch.physical_pool().used.core_seconds(), 0.017);
}

TEST(TimedDispatch, cede_yields_until_prod_unless_prodded_before) {
    TimedDispatch dispatch = one_core();
    const auto subject = dispatch.add_partition(shared(100, 1, 0));
    const BurstId burst = dispatch.add_burst(at({}), {subject, 0}, milliseconds{4});
    dispatch.run_until(at(milliseconds{1}));
    EXPECT_EQ(dispatch.processor({subject, 0}).dispatch_count % 2, 0u);
    dispatch.prod({subject, 0});
    EXPECT_FALSE(dispatch.cede({subject, 0})) << "the prod bit was set";
    EXPECT_TRUE(dispatch.cede({subject, 0}));
    EXPECT_EQ(dispatch.processor({subject, 0}).dispatch_count % 2, 1u);
    dispatch.run_until(at(milliseconds{3}));
    EXPECT_EQ(dispatch.time(subject).consumed_ns, 1'000'000);
    dispatch.prod({subject, 0});
    EXPECT_EQ(end_of(dispatch, burst).when, at(milliseconds{6}));
    EXPECT_EQ(dispatch.counts(subject).wait_ready_ns, 2'000'000);
    EXPECT_EQ(dispatch.counts(subject).prods, 2u);
    EXPECT_EQ(dispatch.counts(subject).cedes, 3u) << "two calls, and it was done";
}

TEST(TimedDispatch, confer_hands_the_slice_to_a_sibling_that_waits) {
    TimedDispatch dispatch = one_core();
    const auto subject = dispatch.add_partition(shared(100, 2, 0));
    const BurstId first = dispatch.add_burst(at({}), {subject, 0}, milliseconds{2});
    const BurstId second = dispatch.add_burst(at({}), {subject, 1}, milliseconds{1});
    dispatch.run_until(at(milliseconds{1}));
    ASSERT_EQ(dispatch.processor({subject, 0}).state, TimedState::kRunning);
    const std::uint64_t count = dispatch.processor({subject, 1}).dispatch_count;
    EXPECT_FALSE(dispatch.confer({subject, 0}, 1, count + 2)) << "it ran meanwhile: ignored";
    EXPECT_FALSE(dispatch.confer({subject, 0}, 1, count + 1)) << "it runs: ignored";
    EXPECT_TRUE(dispatch.confer({subject, 0}, 1, count));
    EXPECT_EQ(dispatch.processor({subject, 1}).state, TimedState::kRunning);
    EXPECT_EQ(end_of(dispatch, second).when, at(milliseconds{2}));
    EXPECT_EQ(end_of(dispatch, first).when, at(milliseconds{3}));
    EXPECT_EQ(dispatch.counts(subject).confers, 3u);
}

TEST(TimedDispatch, confer_to_itself_waits_for_prod_and_to_all_for_any_sibling) {
    TimedDispatch dispatch = one_core();
    const auto subject = dispatch.add_partition(shared(100, 2, 0));
    const BurstId first = dispatch.add_burst(at({}), {subject, 0}, milliseconds{2});
    dispatch.run_until(at(milliseconds{1}));
    EXPECT_TRUE(dispatch.confer({subject, 0}, 0, 0));
    dispatch.run_until(at(milliseconds{4}));
    dispatch.prod({subject, 0});
    dispatch.run_until(at(milliseconds{4} + microseconds{500}));
    EXPECT_TRUE(dispatch.confer_to_all({subject, 0}));
    dispatch.run_until(at(milliseconds{6}));
    const BurstId second = dispatch.add_burst(at(milliseconds{6}), {subject, 1}, milliseconds{1});
    EXPECT_EQ(end_of(dispatch, second).when, at(milliseconds{7}));
    EXPECT_EQ(end_of(dispatch, first).when, at(milliseconds{7} + microseconds{500}));
}

TEST(TimedDispatch, a_log_is_a_ring_and_keeps_to_its_mask) {
    TimedDispatch dispatch = one_core();
    const auto subject = dispatch.add_partition(shared(10, 1, 0));
    dispatch.enable_log({subject, 0}, TraceMask::kPreempt, 2);
    (void)dispatch.add_burst(at({}), {subject, 0}, milliseconds{5});
    dispatch.run_until(at(milliseconds{60}));
    const TraceLog& log = dispatch.processor({subject, 0}).log;
    EXPECT_EQ(log.written(), 4u) << "the first dispatch followed no preemption";
    ASSERT_EQ(log.entries().size(), 2u);
    EXPECT_EQ(log.entries()[1].timebase, timebase_ticks(40'000'000));
    EXPECT_EQ(log.entries()[1].preempt_reason, PreemptReason::kEndOfSlice);
    EXPECT_EQ(log.entries()[1].dispatch_reason, DispatchReason::kEntitledSlice);
    EXPECT_EQ(log.entries()[1].ready_to_enqueue, timebase_ticks(9'000'000));
}

struct System {
    std::uint32_t cores = 1;
    std::vector<TimedPartition> partitions;
    std::vector<SteadyPool> pools;
};

System any_system(bool with_donors) {
    System system;
    system.cores = *rc::gen::inRange<std::uint32_t>(1, 9);
    auto left = static_cast<std::int32_t>(system.cores) * 100;
    if (system.cores >= 4 && *rc::gen::arbitrary<bool>())
        system.pools.push_back({.max = CoreRate::cores(2), .reserved = {}});
    std::int32_t left_in_pool = 200;
    const int count = *rc::gen::inRange(1, 12);
    for (int i = 0; i < count && left >= 10; ++i) {
        const bool is_in_pool = !system.pools.empty() && left_in_pool >= 10 && *rc::gen::arbitrary<bool>();
        const std::int32_t most = is_in_pool ? std::min(left, left_in_pool) : left;
        const std::int32_t units = *rc::gen::inRange(10, std::min(most, 250) + 1);
        const auto least = static_cast<std::uint32_t>(units + 99) / 100;
        const std::uint32_t procs = *rc::gen::inRange(least, static_cast<std::uint32_t>(units / 10) + 1);
        left -= units;
        if (is_in_pool) left_in_pool -= units;
        const std::uint32_t weight = *rc::gen::element(0u, 1u, 64u, 128u, 255u);
        system.partitions.push_back({.share = {{units}, procs, weight, is_in_pool ? 1u : 0u}});
    }
    if (with_donors && *rc::gen::arbitrary<bool>()) system.partitions.push_back(donating(*rc::gen::inRange(1u, 4u)));
    return system;
}

void build(TimedDispatch& dispatch, const System& system) {
    dispatch.set_pools(system.pools);
    for (const TimedPartition& partition : system.partitions) dispatch.add_partition(partition);
}

/// The dispatcher's own assertions hold the properties; here: every burst ends, and whoever looks changes nothing.
RC_GTEST_PROP(TimedDispatchProperty, random_bursts_end_and_looking_changes_nothing, ()) {
    const System system = any_system(true);
    TimedDispatch watched({.cores = system.cores, .cores_per_chip = 2, .chips_per_node = 2}, {}, sim::kStartOfRun);
    TimedDispatch alone({.cores = system.cores, .cores_per_chip = 2, .chips_per_node = 2}, {}, sim::kStartOfRun);
    build(watched, system);
    build(alone, system);
    sim::Duration now{0};
    std::vector<BurstId> bursts;
    const int steps = *rc::gen::inRange(1, 60);
    for (int i = 0; i < steps; ++i) {
        const sim::Duration before = now;
        now += microseconds{*rc::gen::inRange(0, 4000)};
        const auto which = *rc::gen::inRange<std::uint32_t>(0, static_cast<std::uint32_t>(system.partitions.size()));
        const std::uint32_t procs = system.partitions[which].share.procs;
        const VirtualProcessor of{which, *rc::gen::inRange(0u, procs)};
        watched.run_until(at(before + (now - before) / 3));
        watched.run_until(at(now));
        alone.run_until(at(now));
        if (*rc::gen::arbitrary<bool>()) {
            const CoreRate demand = percent(*rc::gen::inRange(0, 101));
            watched.set_demand(of, demand);
            alone.set_demand(of, demand);
        } else {
            const sim::Duration work = microseconds{*rc::gen::inRange(1, 6000)};
            bursts.push_back(watched.add_burst(at(now), of, work));
            (void)alone.add_burst(at(now), of, work);
        }
    }
    // At least a tenth of a core each: all bursts together are done after ten times their work.
    const sim::SimTime end = at(now + milliseconds{6 * 60 * 11 + 30});
    watched.run_until(end);
    alone.run_until(end);
    for (const BurstId burst : bursts) {
        const BurstStatus left = watched.status(burst);
        const BurstStatus right = alone.status(burst);
        RC_ASSERT(left.is_done == right.is_done);
        RC_ASSERT(left.when == right.when);
        RC_ASSERT(left.waited == right.waited);
    }
    for (std::uint32_t i = 0; i < system.partitions.size(); ++i) {
        RC_ASSERT(watched.time(i) == alone.time(i));
        RC_ASSERT(watched.counts(i) == alone.counts(i));
    }
}

void call(TimedDispatch& dispatch, VirtualProcessor of, std::uint32_t target, int which) {
    if (dispatch.processor(of).state != TimedState::kRunning) {
        dispatch.prod(of);
    } else if (which == 0) {
        (void)dispatch.cede(of);
    } else if (which == 1) {
        (void)dispatch.confer_to_all(of);
    } else {
        (void)dispatch.confer(of, target, dispatch.processor({of.partition, target}).dispatch_count);
    }
}

/// Calls, stops, starts and other numbers of processors at any time: the assertions hold, and nothing is lost.
RC_GTEST_PROP(TimedDispatchProperty, random_calls_and_changes_keep_the_account_whole, ()) {
    const System system = any_system(true);
    TimedDispatch dispatch({.cores = system.cores, .cores_per_chip = 2, .chips_per_node = 2}, {}, sim::kStartOfRun);
    build(dispatch, system);
    sim::Duration now{0};
    std::vector<BurstId> bursts;
    std::vector<TimedPartition> present = system.partitions;
    const int steps = *rc::gen::inRange(1, 100);
    for (int i = 0; i < steps; ++i) {
        now += microseconds{*rc::gen::inRange(0, 3000)};
        const auto which = *rc::gen::inRange<std::uint32_t>(0, static_cast<std::uint32_t>(system.partitions.size()));
        const TimedPartition& partition = present[which];
        const VirtualProcessor of{which, *rc::gen::inRange(0u, partition.share.procs)};
        dispatch.run_until(at(now));
        switch (*rc::gen::inRange(0, 8)) {
            case 0:
                dispatch.set_demand(of, percent(*rc::gen::inRange(0, 101)));
                break;
            case 1:
            case 2:
            case 3:
                bursts.push_back(dispatch.add_burst(at(now), of, microseconds{*rc::gen::inRange(1, 6000)}));
                break;
            case 4:
            case 5:
            case 6:
                call(dispatch, of, *rc::gen::inRange(0u, partition.share.procs), *rc::gen::inRange(0, 3));
                break;
            default: {
                TimedPartition other = system.partitions[which];
                const auto least = (static_cast<std::uint32_t>(other.share.entitlement.hundredths) + 99) / 100;
                other.share.procs = *rc::gen::inRange(std::max(1u, least), other.share.procs + 1);
                if (*rc::gen::arbitrary<bool>()) dispatch.stop_partition(which);
                dispatch.change_partition(which, other);
                present[which] = other;
            }
        }
    }
    // Who conferred or ceded with work to do is prodded until all is done.
    // A virtual processor with a slice of 0.25 ms loses much of it to switches.
    for (int i = 0; i < 2000; ++i) {
        now += milliseconds{10};
        dispatch.run_until(at(now));
        for (std::uint32_t k = 0; k < system.partitions.size(); ++k)
            for (std::uint32_t proc = 0; proc < present[k].share.procs; ++proc)
                if (dispatch.processor({k, proc}).state == TimedState::kBlocked) dispatch.prod({k, proc});
    }
    for (const BurstId burst : bursts) RC_ASSERT(dispatch.status(burst).is_done);
    for (std::uint32_t i = 0; i < system.partitions.size(); ++i)
        RC_ASSERT(dispatch.time(i).consumed_ns == dispatch.time(i).entitled_ns + dispatch.time(i).beyond_ns);
}

RC_GTEST_PROP(TimedDispatchProperty, constant_demand_gets_what_windows_decided_as_a_whole_give, ()) {
    const System system = any_system(false);
    TimedDispatch timed({.cores = system.cores}, {}, sim::kStartOfRun);
    ExactWindow whole({.cores = system.cores}, {});
    build(timed, system);
    whole.set_pools(system.pools);
    for (const TimedPartition& partition : system.partitions) whole.add_partition(partition.share);
    for (std::uint32_t i = 0; i < system.partitions.size(); ++i) {
        for (std::uint32_t k = 0; k < system.partitions[i].share.procs; ++k) {
            const CoreRate demand = percent(*rc::gen::inRange(0, 101));
            timed.set_demand({i, k}, demand);
            whole.set_demand({i, k}, demand);
        }
    }
    constexpr int kWindows = 20;
    timed.run_until(at(milliseconds{10 * kWindows}));
    for (int i = 0; i < kWindows; ++i) whole.run_window();
    for (std::uint32_t i = 0; i < system.partitions.size(); ++i) {
        const ProcessorTime want = whole.time(i);
        RC_ASSERT(std::abs(timed.time(i).consumed_ns - want.consumed_ns) <= want.consumed_ns / 100);
        RC_ASSERT(std::abs(timed.time(i).beyond_ns - want.beyond_ns) <= want.consumed_ns / 100);
        for (std::uint32_t k = 0; k < system.partitions[i].share.procs; ++k) {
            const std::int32_t slice_ns = system.partitions[i].share.entitlement.hundredths * 100'000 /
                                          static_cast<std::int32_t>(system.partitions[i].share.procs);
            // Property 6; who wants less than its slice is served in its window.
            const std::int64_t bound_ns = std::max<std::int64_t>(2 * (kWindowNs - slice_ns), kWindowNs);
            RC_ASSERT(timed.processor({i, k}).latency_max_ns <= bound_ns);
        }
    }
}

}  // namespace
}  // namespace pvmsim::hypervisor
