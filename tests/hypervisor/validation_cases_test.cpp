// The published validation cases of processor sharing (behaviour section 10) as one table, through the dispatcher's
// interface, in both modes where both apply. V4 and V15 happen inside windows: exact mode only.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "hypervisor/dispatch/exact/exact_dispatcher.hpp"
#include "hypervisor/dispatch/steady_dispatcher.hpp"

namespace pvmsim::hypervisor {
namespace {

using std::chrono::milliseconds;

sim::SimTime at(sim::Duration since_start) { return sim::kStartOfRun + since_start; }

enum class Mode : std::uint8_t { kFluid, kExact, kBoth };

constexpr SharingMode kUncap = SharingMode::kUncapped;
constexpr SharingMode kCap = SharingMode::kCapped;

/// Demand and expected mean consumption in thousandths of a core, entitlement in hundredths.
struct Row {
    std::int64_t demand;
    std::int32_t units;
    std::uint32_t procs;
    SharingMode sharing;
    std::uint8_t weight;
    double want;
};

struct Case {
    std::string name;
    Mode mode;
    std::uint32_t cores;
    std::vector<Row> rows;
};

const std::vector<Case>& cases() {
    static const std::vector<Case> all{
        {"V1: 0.6 units are 6 ms in 10", Mode::kBoth, 1, {{1000, 60, 1, kCap, 0, 600}}},
        {"V2: 0.8 units of three cores are 8 of 30 ms", Mode::kBoth, 3, {{1000, 80, 1, kCap, 0, 800}}},
        {"V3: 1.5 units are 15 of 30 ms", Mode::kBoth, 3, {{2000, 150, 2, kCap, 0, 1500}}},
        {"V4: 7 and 2 ms, the rest is idle", Mode::kBoth, 1, {{700, 80, 1, kCap, 0, 700}, {1000, 20, 1, kCap, 0, 200}}},
        {"V5: weights 200 and 100 share 0.75",
         Mode::kBoth,
         4,
         {{2000, 50, 2, kUncap, 200, 1000}, {2000, 50, 2, kUncap, 100, 750}, {2250, 300, 3, kCap, 0, 2250}}},
        {"V6: weights 90 and 180", Mode::kBoth, 4, {{4000, 50, 4, kUncap, 90, 1500}, {4000, 50, 4, kUncap, 180, 2500}}},
        {"V9: what the second leaves goes to the third, not to the capped one",
         Mode::kBoth,
         2,
         {{2000, 100, 1, kCap, 0, 1000}, {250, 50, 1, kUncap, 128, 250}, {1000, 50, 1, kUncap, 128, 750}}},
        {"V11: one virtual processor", Mode::kBoth, 8, {{8000, 50, 1, kUncap, 128, 1000}}},
        {"V11: two virtual processors", Mode::kBoth, 8, {{8000, 50, 2, kUncap, 128, 2000}}},
        {"V12: capped at 0.60", Mode::kBoth, 4, {{1000, 60, 1, kCap, 0, 600}}},
        {"V14: weight 0 is as capped", Mode::kBoth, 5, {{4000, 50, 4, kUncap, 0, 500}}},
        {"V16: five partitions on ten cores",
         Mode::kBoth,
         10,
         {{10'000, 100, 10, kUncap, 255, 3023.8},
          {10'000, 100, 10, kUncap, 200, 2587.3},
          {10'000, 100, 10, kUncap, 100, 1793.7},
          {10'000, 100, 10, kUncap, 50, 1396.8},
          {10'000, 100, 10, kUncap, 25, 1198.4}}},
    };
    return all;
}

/// `is_timed`: a burst makes the exact dispatcher look into its windows; its second is left out of the measure.
void check(Dispatcher& dispatcher, const Case& one, const std::string& mode, bool is_timed) {
    dispatcher.set_cores(one.cores);
    for (std::size_t i = 0; i < one.rows.size(); ++i) {
        const Row& row = one.rows[i];
        const PartitionId id{static_cast<std::uint16_t>(i + 1)};
        dispatcher.add(
            at({}), id,
            {.entitlement = {row.units}, .procs = row.procs, .sharing_mode = row.sharing, .uncap_weight = row.weight});
        dispatcher.set_demand(at({}), id, {row.demand * 1'000'000});
    }
    if (is_timed) (void)dispatcher.bursts()->add_burst(at({}), PartitionId{1}, 0, milliseconds{1});
    std::vector<double> before;
    for (std::size_t i = 0; i < one.rows.size(); ++i)
        before.push_back(dispatcher.consumed(at(milliseconds{1000}), PartitionId{static_cast<std::uint16_t>(i + 1)})
                             .total.core_seconds());
    double sum = 0;
    for (std::size_t i = 0; i < one.rows.size(); ++i) {
        const PartitionId id{static_cast<std::uint16_t>(i + 1)};
        const double had = dispatcher.consumed(at(milliseconds{2000}), id).total.core_seconds() - before[i];
        EXPECT_NEAR(had * 1000, one.rows[i].want, 0.1) << one.name << ", " << mode << ", partition " << i;
        sum += had;
    }
    EXPECT_NEAR(static_cast<double>(dispatcher.pool_idle().nanocores) / 1e9, one.cores - sum, 1e-4) << one.name;
}

TEST(ValidationCases, published_shares_in_both_modes) {
    for (const Case& one : cases()) {
        if (one.mode != Mode::kExact) {
            SteadyDispatcher fluid;
            check(fluid, one, "fluid", false);
        }
        if (one.mode == Mode::kFluid) continue;
        ExactDispatcher whole({}, {});
        check(whole, one, "exact, whole windows", false);
        ExactDispatcher timed({}, {});
        check(timed, one, "exact, timed windows", true);
    }
}

/// Capped jobs of 7 ms and 5 ms on one core: the second one's 2, 2 and 1 ms end in the third window.
TEST(ValidationCases, v4_job_goes_on_in_the_next_windows) {
    ExactDispatcher exact({}, ExactCosts::none());
    exact.set_cores(1);
    exact.add(at({}), PartitionId{1}, {.entitlement = {80}, .procs = 1, .sharing_mode = kCap});
    exact.add(at({}), PartitionId{2}, {.entitlement = {20}, .procs = 1, .sharing_mode = kCap});
    const BurstId first = exact.bursts()->add_burst(at({}), PartitionId{1}, 0, milliseconds{7});
    const BurstId second = exact.bursts()->add_burst(at({}), PartitionId{2}, 0, milliseconds{5});
    EXPECT_EQ(exact.bursts()->status(at(milliseconds{10}), first).when, at(milliseconds{7}));
    EXPECT_DOUBLE_EQ(exact.consumed(at(milliseconds{10}), PartitionId{2}).total.core_seconds(), 0.002);
    EXPECT_DOUBLE_EQ(exact.physical_pool(at(milliseconds{10})).used.core_seconds(), 0.009) << "1 ms is idle";
    const BurstStatus end = exact.bursts()->status(at(milliseconds{40}), second);
    EXPECT_TRUE(end.is_done);
    EXPECT_EQ(end.when, at(milliseconds{21}));
}

/// The longest wait of a virtual processor that takes its slice first in one window and last in the next.
TEST(ValidationCases, v15_dispatch_latency_is_twice_the_window_without_the_slice) {
    struct Latency {
        std::int32_t units;
        std::int64_t want_ms;
    };
    for (const Latency one : {Latency{10, 18}, Latency{20, 16}, Latency{50, 10}}) {
        ExactDispatcher exact({}, {});
        exact.set_cores(1);
        exact.add(at({}), PartitionId{1}, {.entitlement = {100 - one.units}, .procs = 1, .sharing_mode = kCap});
        exact.add(at({}), PartitionId{2}, {.entitlement = {one.units}, .procs = 1, .sharing_mode = kCap});
        exact.set_demand(at({}), PartitionId{2}, CoreRate::cores(1));
        exact.set_demand(at(milliseconds{5}), PartitionId{1}, CoreRate::cores(1));
        EXPECT_EQ(exact.latency_max(at(milliseconds{200}), PartitionId{2}), milliseconds{one.want_ms}) << one.units;
    }
}

TEST(ValidationCases, bursts_pool_moves_and_fewer_processors_keep_the_counts) {
    ExactDispatcher exact({}, {});
    exact.set_cores(4);
    exact.set_pool(at({}), PoolId{1}, {.max = CoreRate::cores(1), .reserved = {}});
    DispatchConfig config{.entitlement = {50}, .procs = 2, .sharing_mode = kUncap};
    exact.add(at({}), PartitionId{1}, config);
    exact.set_demand(at({}), PartitionId{1}, CoreRate::cores(2));
    const DispatchCounts whole = exact.counts(at(milliseconds{15}), PartitionId{1});
    EXPECT_EQ(whole.dispatches, 4u);
    const BurstId burst = exact.bursts()->add_burst(at(milliseconds{15}), PartitionId{1}, 1, milliseconds{1});
    EXPECT_FALSE(exact.bursts()->status(at(milliseconds{18}), burst).is_done) << "the first one begins at 20 ms";
    EXPECT_TRUE(exact.bursts()->status(at(milliseconds{22}), burst).is_done);
    EXPECT_DOUBLE_EQ(exact.consumed(at(milliseconds{30}), PartitionId{1}).total.core_seconds(), 0.06);
    config.pool = PoolId{1};
    config.procs = 1;
    exact.change(at(milliseconds{35}), PartitionId{1}, config);
    EXPECT_DOUBLE_EQ(exact.consumed(at(milliseconds{60}), PartitionId{1}).total.core_seconds(), 0.08 + 0.02);
    EXPECT_DOUBLE_EQ(exact.pool_use(at(milliseconds{60}), kDefaultPool).used.core_seconds(), 0.08);
    EXPECT_DOUBLE_EQ(exact.pool_use(at(milliseconds{60}), PoolId{1}).used.core_seconds(), 0.02);
    EXPECT_DOUBLE_EQ(exact.physical_pool(at(milliseconds{60})).capacity.core_seconds(), 0.24);
    EXPECT_GT(exact.counts(at(milliseconds{60}), PartitionId{1}).dispatches, whole.dispatches);
    EXPECT_EQ(exact.capacity(PartitionId{1}), CoreRate::cores(1));
}

TEST(ValidationCases, idle_dedicated_processors_are_lent_and_accounted_for) {
    ExactDispatcher exact({}, {});
    exact.set_cores(3);
    exact.add(at({}), PartitionId{1},
              {.proc_mode = ProcessorMode::kDedicated,
               .entitlement = {200},
               .procs = 2,
               .sharing_mode = SharingMode::kShareIdleProcsAlways});
    exact.add(at({}), PartitionId{2}, {.entitlement = {100}, .procs = 4, .sharing_mode = kUncap});
    exact.set_demand(at({}), PartitionId{1}, CoreRate{500'000'000});
    exact.set_demand(at({}), PartitionId{2}, CoreRate::cores(4));
    const Consumption owner = exact.consumed(at(milliseconds{100}), PartitionId{1});
    EXPECT_DOUBLE_EQ(owner.total.core_seconds(), 0.05);
    EXPECT_DOUBLE_EQ(owner.donated.core_seconds(), 0.15);
    EXPECT_DOUBLE_EQ(exact.consumed(at(milliseconds{100}), PartitionId{2}).total.core_seconds(), 0.25);
    EXPECT_EQ(exact.granted(PartitionId{2}), (CoreRate{2'500'000'000}));
    EXPECT_EQ(exact.pool_idle(), CoreRate{});
}

}  // namespace
}  // namespace pvmsim::hypervisor
