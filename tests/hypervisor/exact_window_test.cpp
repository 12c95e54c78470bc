// The exact dispatcher's core against published cases (V1-V6, V9, V11, V12, V14-V16), and what must hold for any
// system: properties 1 to 7 of the behaviour reference's section 9, and agreement with the steady allocation.
#include "hypervisor/dispatch/exact/exact_window.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <numeric>
#include <string>

namespace pvmsim::hypervisor {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr std::int64_t kMs = 1'000'000;

CoreRate thousandths(std::int64_t value) { return {value * 1'000'000}; }

/// Demand of the whole partition and its consumption, in thousandths of a core; weight 0 is capped.
struct Row {
    std::int64_t demand;
    std::int32_t units;  ///< hundredths
    std::uint32_t procs;
    std::uint32_t weight;
    double want;
};

struct Case {
    std::string name;
    std::uint32_t cores;
    std::vector<Row> rows;
};

void demand_evenly(ExactWindow& window, std::uint32_t partition, std::uint32_t procs, CoreRate demand) {
    for (std::uint32_t i = 0; i < procs; ++i) window.set_demand({partition, i}, {demand.nanocores / procs});
}

void check(const Case& one) {
    ExactWindow window({.cores = one.cores}, {});
    for (const Row& row : one.rows) window.add_partition({{row.units}, row.procs, row.weight, 0});
    for (std::uint32_t i = 0; i < one.rows.size(); ++i)
        demand_evenly(window, i, one.rows[i].procs, thousandths(one.rows[i].demand));
    constexpr int kWindows = 20;
    for (int i = 0; i < kWindows; ++i) window.run_window();
    for (std::uint32_t i = 0; i < one.rows.size(); ++i)
        EXPECT_NEAR(static_cast<double>(window.outcome(i).time.consumed_ns) / (kWindows * 1e4), one.rows[i].want, 0.05)
            << one.name << ", partition " << i;
}

TEST(ExactWindow, published_examples) {
    check({"V1: 0.6 units are 6 ms in 10", 1, {{1000, 60, 1, 0, 600}}});
    check({"V2, V3: 0.8 and 1.5 units of three cores", 3, {{1000, 80, 1, 0, 800}, {2000, 150, 2, 0, 1500}}});
    check({"V5: weights 200 and 100 share what the third leaves, 0.75",
           4,
           {{2000, 50, 2, 200, 1000}, {2000, 50, 2, 100, 750}, {2250, 300, 3, 0, 2250}}});
    check({"V6: weights 90 and 180 share one third to two thirds",
           4,
           {{4000, 50, 4, 90, 1500}, {4000, 50, 4, 180, 2500}}});
    check({"V9: capped 1.0; 0.25 used of 0.5; the third gets the rest",
           2,
           {{1000, 100, 1, 0, 1000}, {250, 50, 1, 128, 250}, {1000, 50, 1, 128, 750}}});
    check({"V11: one virtual processor reaches one core", 8, {{8000, 50, 1, 128, 1000}}});
    check({"V11: two reach two", 8, {{8000, 50, 2, 128, 2000}}});
    check({"V12: capped at 0.60", 4, {{1000, 60, 1, 0, 600}}});
    check({"V14: weight 0 is as capped", 5, {{4000, 50, 4, 0, 500}}});
    check({"V16: five partitions on ten cores",
           10,
           {{10'000, 100, 10, 255, 3023.8},
            {10'000, 100, 10, 200, 2587.3},
            {10'000, 100, 10, 100, 1793.7},
            {10'000, 100, 10, 50, 1396.8},
            {10'000, 100, 10, 25, 1198.4}}});
}

TEST(ExactWindow, v4_capped_jobs_leave_the_core_idle) {
    ExactWindow window({.cores = 1}, ExactCosts::none());
    const auto a = window.add_partition({{80}, 1, 0, 0});
    const auto b = window.add_partition({{20}, 1, 0, 0});
    window.add_work({a, 0}, milliseconds{7});
    window.add_work({b, 0}, milliseconds{5});
    window.run_window();
    EXPECT_EQ(window.outcome(a).time.consumed_ns, 7 * kMs);
    EXPECT_EQ(window.outcome(b).time.consumed_ns, 2 * kMs);
    EXPECT_EQ(window.idle(), milliseconds{1});
    EXPECT_EQ(window.work_left({b, 0}), milliseconds{3});
    EXPECT_EQ(window.outcome(b).counts.wait_capacity_ns, 1 * kMs);
    window.run_window();
    window.run_window();
    EXPECT_EQ(window.outcome(a).time.consumed_ns, 7 * kMs) << "its job is done";
    EXPECT_EQ(window.outcome(b).time.consumed_ns, 5 * kMs) << "2, 2 and 1 ms";
    EXPECT_EQ(window.work_left({b, 0}), milliseconds{0});
    window.run_window();
    EXPECT_EQ(window.outcome(b).time.consumed_ns, 5 * kMs);
}

/// Alone at the start of one window, behind everybody else at the end of the next: the longest wait there is.
TEST(ExactWindow, v15_worst_latency_is_twice_the_window_without_the_slice) {
    struct Latency {
        std::int32_t units;
        std::int64_t want_ms;
    };
    for (const Latency one : {Latency{10, 18}, Latency{20, 16}, Latency{30, 14}, Latency{50, 10}, Latency{90, 2}}) {
        ExactWindow window({.cores = 1}, {});
        const auto others = window.add_partition({{100 - one.units}, 1, 0, 0});
        const auto subject = window.add_partition({{one.units}, 1, 0, 0});
        window.set_demand({subject, 0}, CoreRate::cores(1));
        window.run_window();
        window.set_demand({others, 0}, CoreRate::cores(1));
        window.run_window();
        EXPECT_EQ(window.latency_max({subject, 0}), milliseconds{one.want_ms}) << one.units;
        EXPECT_EQ(window.outcome(subject).counts.wait_capacity_ns, (10 * kMs - one.units * kMs / 10));
    }
    ExactWindow whole({.cores = 1}, {});
    whole.add_partition({{100}, 1, 0, 0});
    whole.set_demand({0, 0}, CoreRate::cores(1));
    for (int i = 0; i < 10; ++i) whole.run_window();
    EXPECT_EQ(whole.latency_max({0, 0}), nanoseconds{0});
    EXPECT_EQ(whole.outcome(0).counts.switches, 1u) << "it never leaves its core";
}

TEST(ExactWindow, what_a_virtual_processor_cedes_goes_to_its_siblings_first) {
    ExactWindow window({.cores = 1}, {});
    const auto subject = window.add_partition({{50}, 2, 0, 0});
    const auto greedy = window.add_partition({{50}, 1, 255, 0});
    window.set_demand({subject, 0}, thousandths(100));
    window.set_demand({subject, 1}, CoreRate::cores(1));
    window.set_demand({greedy, 0}, CoreRate::cores(1));
    window.run_window();
    EXPECT_EQ(window.granted({subject, 0}), milliseconds{1});
    EXPECT_EQ(window.granted({subject, 1}), milliseconds{4});
    EXPECT_EQ(window.granted({greedy, 0}), milliseconds{5});
    window.set_demand({subject, 1}, {});
    window.run_window();
    EXPECT_EQ(window.granted({greedy, 0}), milliseconds{9}) << "ceded by all of the partition: to the kitty";
}

TEST(ExactWindow, unused_entitlement_is_not_carried_over) {
    ExactWindow window({.cores = 1}, {});
    const auto subject = window.add_partition({{30}, 1, 0, 0});
    for (int i = 0; i < 5; ++i) window.run_window();
    window.set_demand({subject, 0}, CoreRate::cores(1));
    window.run_window();
    EXPECT_EQ(window.outcome(subject).time, (ProcessorTime{3 * kMs, 3 * kMs, 0}));
}

TEST(ExactWindow, everybody_stays_at_home_while_there_is_room) {
    ExactWindow window({.cores = 4}, {});
    for (int i = 0; i < 16; ++i) window.add_partition({{25}, 1, 128, 0});
    for (int round = 0; round < 10; ++round) {
        for (std::uint32_t i = 0; i < 16; ++i) window.set_demand({i, 0}, thousandths(100 + (i * 7 + round) % 3));
        window.run_window();
    }
    for (std::uint32_t i = 0; i < 16; ++i) {
        EXPECT_EQ(window.outcome(i).counts.dispersions, 0u);
        EXPECT_EQ(window.outcome(i).counts.dispatches, 10u);
        EXPECT_EQ(window.dispatch_count({i, 0}) % 2, 1u);
    }
}

/// Two cores, three virtual processors of 2/3: the second runs at the start of one core and at the end of the other.
TEST(ExactWindow, one_that_fits_no_core_whole_moves_within_the_window) {
    ExactWindow window({.cores = 2, .cores_per_chip = 1, .chips_per_node = 2}, {});
    for (int i = 0; i < 3; ++i) window.add_partition({{66}, 1, 128, 0});
    for (std::uint32_t i = 0; i < 3; ++i) window.set_demand({i, 0}, thousandths(660));
    window.run_window();
    const DispatchCounts counts = window.counts({1, 0});
    EXPECT_EQ(counts.dispatches, 2u);
    EXPECT_EQ(counts.switches, 2u);
    EXPECT_EQ(counts.dispersions, 1u);
    EXPECT_EQ(counts.dispersions_chip, 1u);
    const ExactCosts costs;
    EXPECT_EQ(counts.overhead_ns, 2 * costs.switch_ns + costs.refill_same_core_ns + costs.refill_same_node_ns);
    EXPECT_EQ(window.outcome(1).time.consumed_ns, 6'600'000);
    EXPECT_EQ(counts.wait_processor_ns, 3'400'000) << "from 3.2 to 6.6 ms";
    EXPECT_EQ(window.latency_max({1, 0}), nanoseconds{3'400'000});
}

TEST(ExactWindow, switches_make_work_take_longer) {
    const ExactCosts costs;
    ExactWindow window({.cores = 1}, costs);
    const auto subject = window.add_partition({{50}, 1, 0, 0});
    const auto other = window.add_partition({{50}, 1, 0, 0});
    window.set_demand({other, 0}, thousandths(100));
    window.add_work({subject, 0}, milliseconds{20});
    int windows = 0;
    for (; window.work_left({subject, 0}).count() > 0; ++windows) window.run_window();
    EXPECT_EQ(windows, 5) << "four windows of 5 ms would do without switches";
    EXPECT_EQ(window.outcome(subject).time.consumed_ns, 20 * kMs + 5 * (costs.switch_ns + costs.refill_same_core_ns));
}

TEST(ExactWindow, a_changed_partition_keeps_its_counts_and_a_stopped_one_its_outcome) {
    ExactWindow window({.cores = 4}, {});
    const auto subject = window.add_partition({{100}, 2, 128, 0});
    const auto other = window.add_partition({{100}, 1, 128, 0});
    demand_evenly(window, subject, 2, CoreRate::cores(2));
    window.run_window();
    window.change_partition(subject, {{100}, 1, 0, 0});
    window.run_window();
    EXPECT_EQ(window.outcome(subject).time, (ProcessorTime{30 * kMs, 20 * kMs, 10 * kMs}));
    EXPECT_EQ(window.outcome(subject).counts.dispatches, 3u);
    window.stop_partition(subject);
    window.set_demand({other, 0}, CoreRate::cores(1));
    window.run_window();
    EXPECT_EQ(window.outcome(subject).time.consumed_ns, 30 * kMs);
    EXPECT_EQ(window.outcome(subject).counts.dispatches, 3u);
    EXPECT_EQ(window.outcome(other).time.consumed_ns, 10 * kMs);
}

TEST(ExactWindow, fewer_cores_hold_from_the_next_window_on) {
    ExactWindow window({.cores = 20}, {});
    const auto subject = window.add_partition({{100}, 4, 128, 0});
    demand_evenly(window, subject, 4, CoreRate::cores(4));
    window.run_window();
    EXPECT_EQ(window.outcome(subject).time.consumed_ns, 40 * kMs);
    window.set_cores(2);
    window.run_window();
    EXPECT_EQ(window.outcome(subject).time.consumed_ns, 60 * kMs);
    EXPECT_EQ(window.idle(), milliseconds{160});
    window.stop_partition(subject);
    window.set_cores(0);
    window.run_window();
    EXPECT_EQ(window.idle(), milliseconds{160});
}

TEST(ExactWindow, a_pool_stops_at_its_maximum) {
    ExactWindow window({.cores = 4}, {});
    window.set_pools(std::vector<SteadyPool>{{.max = CoreRate::cores(1), .reserved = {}}});
    const auto inside = window.add_partition({{50}, 2, 255, 1});
    const auto outside = window.add_partition({{50}, 4, 1, 0});
    demand_evenly(window, inside, 2, CoreRate::cores(2));
    demand_evenly(window, outside, 4, CoreRate::cores(4));
    window.run_window();
    EXPECT_EQ(window.outcome(inside).time.consumed_ns, 10 * kMs);
    EXPECT_EQ(window.outcome(outside).time.consumed_ns, 30 * kMs);
}

TEST(ExactWindow, digest_is_repeatable_and_notices_a_demand) {
    const auto run = [](CoreRate demand) {
        ExactWindow window({.cores = 2}, {});
        for (int i = 0; i < 4; ++i) window.add_partition({{50}, 2, 128, 0});
        for (std::uint32_t i = 0; i < 4; ++i) window.set_demand({i, i % 2}, demand);
        for (int i = 0; i < 5; ++i) window.run_window();
        sim::Digest digest;
        window.digest(digest);
        return digest.value();
    };
    EXPECT_EQ(run(thousandths(400)), run(thousandths(400)));
    EXPECT_NE(run(thousandths(400)), run(thousandths(401)));
}

struct System {
    std::uint32_t cores = 1;
    std::vector<ExactPartition> partitions;
};

/// Any system that the rules allow; entitlements fit the cores.
System any_system() {
    System system;
    std::int32_t units = 0;
    const auto count = *rc::gen::inRange<std::size_t>(1, 15);
    for (std::size_t i = 0; i < count; ++i) {
        const auto procs = *rc::gen::inRange<std::uint32_t>(1, 7);
        const auto entitlement = *rc::gen::inRange<std::int32_t>(static_cast<std::int32_t>(5 * procs),
                                                                 static_cast<std::int32_t>(100 * procs + 1));
        system.partitions.push_back({{entitlement}, procs, *rc::gen::element(0u, 0u, 1u, 25u, 128u, 255u), 0});
        units += entitlement;
    }
    system.cores = static_cast<std::uint32_t>((units + 99) / 100) + *rc::gen::inRange<std::uint32_t>(0, 4);
    return system;
}

std::vector<CoreRate> any_demands(const ExactPartition& partition) {
    std::vector<CoreRate> demands;
    for (std::uint32_t i = 0; i < partition.procs; ++i)
        demands.push_back(
            {*rc::gen::element<std::int64_t>(0, 1, 5, 10) * *rc::gen::inRange<std::int64_t>(0, 1'000'000) * 100});
    return demands;
}

class AnySystem {
  public:
    explicit AnySystem(const System& system)
        : system_(system), window_({.cores = system.cores, .cores_per_chip = 2, .chips_per_node = 2}, {}) {
        for (const ExactPartition& partition : system_.partitions) window_.add_partition(partition);
        before_.resize(system_.partitions.size());
    }
    void redraw() {
        demands_.clear();
        for (std::uint32_t i = 0; i < system_.partitions.size(); ++i) {
            demands_.push_back(any_demands(system_.partitions[i]));
            for (std::uint32_t k = 0; k < demands_[i].size(); ++k) window_.set_demand({i, k}, demands_[i][k]);
        }
    }
    void run_checked_window() {
        const auto idle_before = window_.idle();
        window_.run_window();
        std::int64_t consumed = (window_.idle() - idle_before).count();
        for (std::uint32_t i = 0; i < system_.partitions.size(); ++i) consumed += check_partition(i);
        RC_ASSERT(consumed == std::int64_t{system_.cores} * kWindowNs);
    }
    void check_agreement(int windows) {
        std::vector<SteadyShare> shares;
        for (std::uint32_t i = 0; i < system_.partitions.size(); ++i) {
            const ExactPartition& of = system_.partitions[i];
            shares.push_back({demand(i), CoreRate::from(of.entitlement), of.procs, of.weight, 0});
        }
        const CoreRate cores = CoreRate::cores(system_.cores);
        SteadyAllocation steady;
        steady.compute(cores, std::vector<SteadyPool>{{.max = cores, .reserved = {}}}, shares);
        std::vector<PartitionOutcome> before;
        for (std::uint32_t i = 0; i < shares.size(); ++i) before.push_back(window_.outcome(i));
        for (int i = 0; i < windows; ++i) window_.run_window();
        for (std::uint32_t i = 0; i < shares.size(); ++i) {
            const std::int64_t mean_ns = (window_.outcome(i) - before[i]).time.consumed_ns / windows;
            const std::int64_t steady_ns = steady.granted()[i].nanocores / 100;
            RC_ASSERT(std::abs(mean_ns - steady_ns) <= steady_ns / 100 + 1);
        }
    }

  private:
    [[nodiscard]] CoreRate demand(std::uint32_t partition) const {
        return std::accumulate(demands_[partition].begin(), demands_[partition].end(), CoreRate{});
    }
    std::int64_t check_partition(std::uint32_t i) {
        const ExactPartition& of = system_.partitions[i];
        const PartitionOutcome outcome = window_.outcome(i) - before_[i];
        before_[i] = window_.outcome(i);
        const std::int64_t entitled_ns = std::int64_t{of.entitlement.hundredths} * 100'000;
        const std::int64_t demand_ns = demand(i).nanocores / 100;
        RC_ASSERT(outcome.time.consumed_ns == outcome.time.entitled_ns + outcome.time.beyond_ns);
        RC_ASSERT(outcome.time.entitled_ns == std::min(demand_ns, entitled_ns));
        RC_ASSERT(of.weight > 0 || outcome.time.beyond_ns == 0);
        RC_ASSERT(outcome.time.consumed_ns <= std::int64_t{of.procs} * kWindowNs);
        RC_ASSERT(outcome.counts.overhead_ns <= outcome.time.consumed_ns);
        std::int64_t ready_ns = 0;
        for (std::uint32_t k = 0; k < of.procs; ++k) ready_ns += check_virtual_processor(i, k);
        const std::int64_t waited_ns = outcome.counts.wait_processor_ns + outcome.counts.wait_capacity_ns;
        RC_ASSERT(waited_ns <= ready_ns - outcome.time.consumed_ns);
        return outcome.time.consumed_ns;
    }
    /// Returns how long it was ready at most: not at all without demand.
    std::int64_t check_virtual_processor(std::uint32_t i, std::uint32_t k) {
        const ExactPartition& of = system_.partitions[i];
        const std::int64_t slice_ns = std::int64_t{of.entitlement.hundredths} * 100'000 / of.procs;
        const std::int64_t used_ns = std::min(slice_ns, demands_[i][k].nanocores / 100);
        least_used_ns_[i][k] = std::min(least_used_ns_[i].contains(k) ? least_used_ns_[i][k] : slice_ns, used_ns);
        RC_ASSERT(window_.granted({i, k}).count() >= used_ns);
        RC_ASSERT(window_.latency_max({i, k}).count() <= 2 * (kWindowNs - least_used_ns_[i][k]));
        RC_ASSERT(window_.dispatch_count({i, k}) % 2 == 1);
        return used_ns > 0 ? kWindowNs : 0;
    }

    System system_;
    ExactWindow window_;
    std::vector<std::vector<CoreRate>> demands_;
    std::vector<PartitionOutcome> before_;
    std::map<std::uint32_t, std::map<std::uint32_t, std::int64_t>> least_used_ns_;
};

RC_GTEST_PROP(ExactWindowProperty, holds_in_every_window_of_any_system, ()) {
    AnySystem system(any_system());
    const int rounds = *rc::gen::inRange(1, 6);
    for (int round = 0; round < rounds; ++round) {
        system.redraw();
        for (int i = 0; i < 3; ++i) system.run_checked_window();
    }
}

RC_GTEST_PROP(ExactWindowProperty, agrees_with_the_steady_allocation, ()) {
    AnySystem system(any_system());
    system.redraw();
    system.check_agreement(100);
}

/// Whoever takes its whole slice in every window waits no longer than the published bound, wherever it is laid.
RC_GTEST_PROP(ExactWindowProperty, latency_stays_under_the_published_bound, ()) {
    const System system = any_system();
    ExactWindow window({.cores = system.cores}, {});
    for (const ExactPartition& partition : system.partitions) window.add_partition(partition);
    window.set_demand({0, 0}, CoreRate::cores(1));
    for (int round = 0; round < 8; ++round) {
        for (std::uint32_t i = 1; i < system.partitions.size(); ++i) {
            const auto demands = any_demands(system.partitions[i]);
            for (std::uint32_t k = 0; k < demands.size(); ++k) window.set_demand({i, k}, demands[k]);
        }
        window.run_window();
    }
    const ExactPartition& subject = system.partitions[0];
    const std::int64_t slice_ns = std::int64_t{subject.entitlement.hundredths} * 100'000 / subject.procs;
    RC_ASSERT(window.latency_max({0, 0}).count() <= 2 * (kWindowNs - slice_ns));
}

}  // namespace
}  // namespace pvmsim::hypervisor
