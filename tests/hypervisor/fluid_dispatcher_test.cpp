// The incremental fluid dispatcher against the pure steady allocation: same grants within a few nanocores whatever
// happened before, sums that fit exactly, and consumption that is the integral of the grants.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "hypervisor/dispatch/steady_dispatcher.hpp"

namespace pvmsim::hypervisor {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

sim::SimTime at(sim::Duration since_start) { return sim::kStartOfRun + since_start; }

CoreRate thousandths(std::int64_t value) { return {value * 1'000'000}; }

/// Rates in thousandths of a core.
struct Row {
    std::int64_t demand;
    std::int32_t entitlement_hundredths;
    std::uint32_t procs;
    std::uint8_t weight;
    std::int64_t want;
    SharingMode mode = SharingMode::kUncapped;
};

struct Case {
    std::string name;
    std::uint32_t cores;
    std::vector<Row> rows;
};

void check(const Case& one) {
    SteadyDispatcher dispatcher;
    dispatcher.set_cores(one.cores);
    for (std::uint16_t i = 0; i < one.rows.size(); ++i) {
        const Row& row = one.rows[i];
        dispatcher.add(at(seconds{0}), PartitionId{i},
                       {.entitlement = {row.entitlement_hundredths},
                        .procs = row.procs,
                        .sharing_mode = row.mode,
                        .uncap_weight = row.weight});
        dispatcher.set_demand(at(seconds{0}), PartitionId{i}, thousandths(row.demand));
    }
    for (std::uint16_t i = 0; i < one.rows.size(); ++i)
        EXPECT_NEAR(static_cast<double>(dispatcher.granted(PartitionId{i}).nanocores),
                    static_cast<double>(thousandths(one.rows[i].want).nanocores), 500'000)
            << one.name << ", partition " << i;
}

TEST(FluidDispatcher, published_examples) {
    constexpr SharingMode kCapped = SharingMode::kCapped;
    check({"V5: weights 200 and 100 share 0.75",
           2,
           {{2000, 50, 4, 200, 1000}, {2000, 50, 4, 100, 750}, {250, 25, 1, 0, 250, kCapped}}});
    check({"V6: weights 90 and 180 share one third to two thirds",
           4,
           {{4000, 50, 4, 90, 1500}, {4000, 50, 4, 180, 2500}}});
    check({"V9: capped 1.0; 0.25 used of 0.5; the third gets the rest",
           2,
           {{1000, 100, 1, 0, 1000, kCapped}, {250, 50, 1, 128, 250}, {1000, 50, 1, 128, 750}}});
    check({"V11: one virtual processor reaches one core", 8, {{8000, 50, 1, 128, 1000}}});
    check({"V11: two reach two", 8, {{8000, 50, 2, 128, 2000}}});
    check({"V12: capped at 0.60", 4, {{1000, 60, 1, 128, 600, kCapped}}});
    check({"V14: weight 0 is as capped", 5, {{4000, 50, 4, 0, 500}}});
    check({"V16: five partitions on ten cores",
           10,
           {{10'000, 100, 10, 255, 3024},
            {10'000, 100, 10, 200, 2587},
            {10'000, 100, 10, 100, 1794},
            {10'000, 100, 10, 50, 1397},
            {10'000, 100, 10, 25, 1198}}});
}

/// Everything that determines who gets what.
struct Model {
    struct Partition {
        DispatchConfig config;
        CoreRate demand;
        std::uint32_t unfolded = 1000;
        bool is_active = false;
    };
    std::uint32_t cores = 0;
    std::vector<SteadyPool> pools{1};
    std::vector<Partition> partitions;

    [[nodiscard]] static bool lends(const DispatchConfig& config) {
        return config.sharing_mode == SharingMode::kShareIdleProcsActive ||
               config.sharing_mode == SharingMode::kShareIdleProcsAlways;
    }
    /// Dedicated processors, entitlements and reserves fit the machine and the pools.
    [[nodiscard]] bool fits() const {
        std::vector<CoreRate> entitled(pools.size());
        CoreRate all{};
        for (const Partition& of : partitions) {
            if (!of.is_active) continue;
            if (of.config.proc_mode == ProcessorMode::kDedicated)
                all = all + CoreRate::cores(of.config.procs);
            else
                entitled[of.config.pool.value()] =
                    entitled[of.config.pool.value()] + CoreRate::from(of.config.entitlement);
        }
        for (std::size_t i = 0; i < pools.size(); ++i) {
            const CoreRate here = entitled[i] + pools[i].reserved;
            if (i > 0 && here > pools[i].max) return false;
            all = all + here;
        }
        return all <= CoreRate::cores(cores);
    }
};

struct Oracle {
    CoreRate shared;
    std::vector<CoreRate> granted;  ///< by partition
};

Oracle compute(const Model& model) {
    Oracle oracle{.shared = CoreRate::cores(model.cores), .granted = {}};
    oracle.granted.resize(model.partitions.size());
    std::vector<SteadyShare> shares;
    std::vector<std::size_t> owners;
    for (std::size_t i = 0; i < model.partitions.size(); ++i) {
        const Model::Partition& of = model.partitions[i];
        if (!of.is_active) continue;
        const std::uint32_t procs = std::min(of.config.procs, of.unfolded);
        if (of.config.proc_mode == ProcessorMode::kDedicated) {
            oracle.granted[i] = std::min(of.demand, CoreRate::cores(procs));
            oracle.shared =
                oracle.shared - (Model::lends(of.config) ? oracle.granted[i] : CoreRate::cores(of.config.procs));
            continue;
        }
        const std::uint32_t weight =
            of.config.sharing_mode == SharingMode::kUncapped ? of.config.uncap_weight : std::uint8_t{0};
        shares.push_back({of.demand, CoreRate::from(of.config.entitlement), procs, weight, of.config.pool.value()});
        owners.push_back(i);
    }
    std::vector<SteadyPool> pools = model.pools;
    pools[0].max = oracle.shared;
    SteadyAllocation allocation;
    allocation.compute(oracle.shared, pools, shares);
    for (std::size_t i = 0; i < owners.size(); ++i) oracle.granted[owners[i]] = allocation.granted()[i];
    return oracle;
}

/// Over the whole range from the first case on.
template <class T>
T between(T least, T end) {
    return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<T>(least, end));
}

DispatchConfig any_config(const Model& model) {
    DispatchConfig config;
    config.procs = between(1u, 9u);
    if (between(0, 6) == 0) {
        config.procs = between(1u, 4u);
        config.proc_mode = ProcessorMode::kDedicated;
        config.entitlement = {static_cast<std::int32_t>(config.procs) * 100};
        config.sharing_mode = *rc::gen::element(SharingMode::kKeepIdleProcs, SharingMode::kShareIdleProcs,
                                                SharingMode::kShareIdleProcsActive, SharingMode::kShareIdleProcsAlways);
        return config;
    }
    config.entitlement = {between(10, 10 + 40 * static_cast<std::int32_t>(config.procs))};
    config.sharing_mode = between(0, 4) == 0 ? SharingMode::kCapped : SharingMode::kUncapped;
    config.uncap_weight = *rc::gen::element<std::uint8_t>(0, 1, 3, 64, 128, 128, 200, 255);
    config.pool = PoolId{between<std::uint8_t>(0, static_cast<std::uint8_t>(model.pools.size()))};
    return config;
}

CoreRate any_demand() {
    return *rc::gen::oneOf(
        rc::gen::just(CoreRate{}), rc::gen::just(CoreRate::cores(100)),
        rc::gen::map(rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::int64_t>(0, 10'000'000'000)),
                     [](std::int64_t nanocores) { return CoreRate{nanocores}; }));
}

/// One random change of the model that the rules allow, made to the dispatcher as well.
void change_something(Model& model, SteadyDispatcher& dispatcher, sim::SimTime now) {
    const auto i = between<std::uint16_t>(0, static_cast<std::uint16_t>(model.partitions.size()));
    Model next = model;
    Model::Partition& of = next.partitions[i];
    const int what = between(0, 12);
    if (what == 0) {
        const auto pool = between<std::size_t>(0, model.pools.size());
        if (pool == 0) return;
        next.pools[pool] = {CoreRate::cores(between(0, 12)), thousandths(between(0, 2000))};
        if (!next.fits()) return;
        dispatcher.set_pool(now, PoolId{static_cast<std::uint8_t>(pool)}, next.pools[pool]);
    } else if (!of.is_active || what == 1) {
        of.config = any_config(model);
        const bool was_active = of.is_active;
        of.is_active = true;
        if (!next.fits()) return;
        was_active ? dispatcher.change(now, PartitionId{i}, of.config) : dispatcher.add(now, PartitionId{i}, of.config);
        if (!was_active) of.unfolded = of.config.procs;
        dispatcher.set_unfolded(now, PartitionId{i}, std::min(of.unfolded, of.config.procs));
    } else if (what == 2) {
        dispatcher.remove(now, PartitionId{i});
        of = {};
    } else if (what == 3) {
        of.unfolded = between(1u, of.config.procs + 1);
        dispatcher.set_unfolded(now, PartitionId{i}, of.unfolded);
    } else {
        of.demand = any_demand();
        dispatcher.set_demand(now, PartitionId{i}, of.demand);
    }
    model = next;
}

Model any_model(SteadyDispatcher& dispatcher) {
    Model model;
    model.cores = between(2u, 40u);
    model.pools.resize(between<std::size_t>(1, 5));
    model.partitions.resize(between<std::size_t>(1, 40));
    dispatcher.set_cores(model.cores);
    for (std::uint8_t i = 1; i < model.pools.size(); ++i) {
        model.pools[i] = {CoreRate::cores(between(1, 12)), {}};
        dispatcher.set_pool(at(seconds{0}), PoolId{i}, model.pools[i]);
    }
    return model;
}

/// The same state, reached at once.
void make_anew(const Model& model, SteadyDispatcher& dispatcher) {
    dispatcher.set_cores(model.cores);
    for (std::uint8_t i = 1; i < model.pools.size(); ++i)
        dispatcher.set_pool(at(seconds{0}), PoolId{i}, model.pools[i]);
    for (std::uint16_t i = 0; i < model.partitions.size(); ++i) {
        const Model::Partition& of = model.partitions[i];
        if (!of.is_active) continue;
        dispatcher.add(at(seconds{0}), PartitionId{i}, of.config);
        dispatcher.set_unfolded(at(seconds{0}), PartitionId{i}, of.unfolded);
        dispatcher.set_demand(at(seconds{0}), PartitionId{i}, of.demand);
    }
}

/// A nanocore for each partition and level: what rounding moves from one to all others.
constexpr std::int64_t kRoundingNanocores = 8;

void check_grants(const Model& model, const SteadyDispatcher& dispatcher) {
    const Oracle oracle = compute(model);
    SteadyDispatcher anew;
    make_anew(model, anew);
    CoreRate sum{};
    std::vector<CoreRate> by_pool(model.pools.size());
    for (std::uint16_t i = 0; i < model.partitions.size(); ++i) {
        const Model::Partition& of = model.partitions[i];
        const CoreRate granted = dispatcher.granted(PartitionId{i});
        RC_ASSERT(std::abs((granted - oracle.granted[i]).nanocores) <= kRoundingNanocores);
        RC_ASSERT(granted == anew.granted(PartitionId{i}));
        if (!of.is_active || of.config.proc_mode == ProcessorMode::kDedicated) continue;
        const CoreRate most = std::min(of.demand, CoreRate::cores(std::min(of.config.procs, of.unfolded)));
        RC_ASSERT(granted <= most);
        RC_ASSERT(granted >= std::min(most, CoreRate::from(of.config.entitlement)));
        if (of.config.sharing_mode == SharingMode::kCapped || of.config.uncap_weight == 0)
            RC_ASSERT(granted <= CoreRate::from(of.config.entitlement));
        sum = sum + granted;
        by_pool[of.config.pool.value()] = by_pool[of.config.pool.value()] + granted;
    }
    RC_ASSERT(sum + dispatcher.pool_idle() == oracle.shared);
    for (std::size_t i = 1; i < by_pool.size(); ++i) RC_ASSERT(by_pool[i] <= model.pools[i].max);
}

RC_GTEST_PROP(FluidDispatcher, grants_are_the_oracles_and_do_not_depend_on_the_past, ()) {
    SteadyDispatcher dispatcher;
    Model model = any_model(dispatcher);
    sim::Duration now{0};
    for (int step = 0; step < 60; ++step) {
        now += milliseconds{between(0, 3)};
        change_something(model, dispatcher, at(now));
        if (between(0, 3) > 0) check_grants(model, dispatcher);
    }
    check_grants(model, dispatcher);
}

struct Expected {
    Consumption consumption;
    CoreTime oracle;
};

RC_GTEST_PROP(FluidDispatcher, consumption_is_the_integral_of_what_is_granted, ()) {
    SteadyDispatcher dispatcher;
    Model model = any_model(dispatcher);
    std::vector<Expected> expected(model.partitions.size());
    std::vector<PoolUse> uses(model.pools.size());
    PoolUse physical;
    sim::Duration now{0};
    for (int step = 0; step < 60; ++step) {
        const int changes = *rc::gen::element(1, 1, 2, 12);
        for (int i = 0; i < changes; ++i) {
            const std::vector<Model::Partition> before = model.partitions;
            change_something(model, dispatcher, at(now));
            for (std::size_t k = 0; k < before.size(); ++k)
                if (model.partitions[k].is_active && !before[k].is_active) expected[k] = {};
        }
        const sim::Duration span = milliseconds{between(0, 100)};
        const Oracle oracle = compute(model);
        physical.capacity.add(oracle.shared, span);
        for (std::uint16_t i = 0; i < model.partitions.size(); ++i) {
            const DispatchConfig& config = model.partitions[i].config;
            if (!model.partitions[i].is_active || span == sim::Duration{0}) continue;
            const CoreRate granted = dispatcher.granted(PartitionId{i});
            const bool is_dedicated = config.proc_mode == ProcessorMode::kDedicated;
            const CoreRate entitled = is_dedicated ? granted : std::min(granted, CoreRate::from(config.entitlement));
            Consumption& of = expected[i].consumption;
            of.total.add(granted, span);
            of.entitled.add(entitled, span);
            of.beyond.add(granted - entitled, span);
            if (is_dedicated && Model::lends(config)) of.donated.add(CoreRate::cores(config.procs) - granted, span);
            of.highest = std::max(of.highest, granted);
            expected[i].oracle.add(oracle.granted[i], span);
            if (is_dedicated) continue;
            uses[config.pool.value()].used.add(granted, span);
            physical.used.add(granted, span);
        }
        for (std::size_t i = 0; i < uses.size(); ++i)
            uses[i].capacity.add(i == 0 ? oracle.shared : model.pools[i].max, span);
        now += span;
    }
    for (std::uint16_t i = 0; i < model.partitions.size(); ++i) {
        const Consumption consumption = dispatcher.consumed(at(now), PartitionId{i});
        const Consumption& want = expected[i].consumption;
        RC_ASSERT(consumption.total.nanocore_ns == want.total.nanocore_ns);
        RC_ASSERT(consumption.entitled.nanocore_ns == want.entitled.nanocore_ns);
        RC_ASSERT(consumption.beyond.nanocore_ns == want.beyond.nanocore_ns);
        RC_ASSERT(consumption.donated.nanocore_ns == want.donated.nanocore_ns);
        RC_ASSERT(consumption.highest == want.highest);
        const auto apart = consumption.total.nanocore_ns - expected[i].oracle.nanocore_ns;
        const auto rounding = CoreTime::Wide{kRoundingNanocores} * now.count();
        RC_ASSERT(apart <= rounding && -apart <= rounding);
    }
    RC_ASSERT(dispatcher.physical_pool(at(now)).used.nanocore_ns == physical.used.nanocore_ns);
    RC_ASSERT(dispatcher.physical_pool(at(now)).capacity.nanocore_ns == physical.capacity.nanocore_ns);
    for (std::uint8_t i = 0; i < uses.size(); ++i) {
        RC_ASSERT(dispatcher.pool_use(at(now), PoolId{i}).used.nanocore_ns == uses[i].used.nanocore_ns);
        RC_ASSERT(dispatcher.pool_use(at(now), PoolId{i}).capacity.nanocore_ns == uses[i].capacity.nanocore_ns);
    }
}

RC_GTEST_PROP(FluidDispatcher, capacity_is_what_unlimited_demand_is_granted, ()) {
    SteadyDispatcher dispatcher;
    Model model = any_model(dispatcher);
    for (int step = 0; step < 40; ++step) change_something(model, dispatcher, at(milliseconds{step}));
    sim::Digest before;
    dispatcher.digest(before);
    for (std::uint16_t i = 0; i < model.partitions.size(); ++i) {
        const CoreRate granted = dispatcher.granted(PartitionId{i});
        const CoreRate capacity = dispatcher.capacity(PartitionId{i});
        RC_ASSERT(capacity >= granted);
        RC_ASSERT(dispatcher.granted(PartitionId{i}) == granted);
        Model greedy = model;
        greedy.partitions[i].demand = CoreRate::cores(1000);
        SteadyDispatcher anew;
        make_anew(greedy, anew);
        RC_ASSERT(capacity == anew.granted(PartitionId{i}));
    }
    sim::Digest after;
    dispatcher.digest(after);
    RC_ASSERT(before.value() == after.value());
}

TEST(FluidDispatcher, asking_in_between_changes_nothing) {
    SteadyDispatcher asked;
    SteadyDispatcher silent;
    for (SteadyDispatcher* dispatcher : {&asked, &silent}) {
        dispatcher->set_cores(4);
        for (std::uint16_t i = 0; i < 10; ++i)
            dispatcher->add(at(seconds{0}), PartitionId{i},
                            {.entitlement = {30}, .procs = 3, .uncap_weight = static_cast<std::uint8_t>(20 * i + 1)});
    }
    for (int step = 0; step < 3000; ++step) {
        const sim::SimTime now = at(milliseconds{10 * step});
        const PartitionId id{static_cast<std::uint16_t>(step * 7 % 10)};
        // Ever more demand, so that levels fall for a long time.
        const CoreRate demand{step * std::int64_t{700'000} + id.value() * 1'000};
        asked.set_demand(now, id, demand);
        silent.set_demand(now, id, demand);
        EXPECT_EQ(asked.consumed(now, id).total.nanocore_ns, asked.consumed(now, id).total.nanocore_ns);
        (void)asked.granted(id);
        (void)asked.physical_pool(now);
        (void)asked.capacity(PartitionId{3});
    }
    sim::Digest left;
    sim::Digest right;
    asked.digest(left);
    silent.digest(right);
    EXPECT_EQ(left.value(), right.value());
    for (std::uint16_t i = 0; i < 10; ++i)
        EXPECT_EQ(asked.consumed(at(seconds{31}), PartitionId{i}).highest,
                  silent.consumed(at(seconds{31}), PartitionId{i}).highest);
}

TEST(FluidDispatcher, an_account_that_shrinks_thousands_of_times_remembers_its_highest_rate) {
    SteadyDispatcher dispatcher;
    dispatcher.set_cores(8);
    dispatcher.add(at(seconds{0}), PartitionId{1}, {.entitlement = {50}, .procs = 16, .uncap_weight = 100});
    dispatcher.add(at(seconds{0}), PartitionId{2},
                   {.entitlement = {300}, .procs = 3, .sharing_mode = SharingMode::kCapped});
    dispatcher.set_demand(at(seconds{0}), PartitionId{1}, CoreRate::cores(16));
    // Idle ones, so that one change is a small part of all partitions.
    for (std::uint16_t id = 3; id < 43; ++id) dispatcher.add(at(seconds{0}), PartitionId{id}, {.entitlement = {10}});
    CoreTime expected;
    for (int step = 0; step < 3000; ++step) {
        const CoreRate demand{step * std::int64_t{1'000'000}};
        dispatcher.set_demand(at(milliseconds{step}), PartitionId{2}, demand);
        expected.add(CoreRate::cores(8) - demand, milliseconds{1});
    }
    const Consumption consumption = dispatcher.consumed(at(seconds{3}), PartitionId{1});
    EXPECT_EQ(consumption.total.nanocore_ns, expected.nanocore_ns);
    EXPECT_EQ(consumption.highest, CoreRate::cores(8));
}

TEST(FluidDispatcher, one_who_competes_alone_gets_all_of_it) {
    for (const std::uint8_t weight : {std::uint8_t{1}, std::uint8_t{7}, std::uint8_t{100}, std::uint8_t{255}}) {
        SteadyDispatcher dispatcher;
        dispatcher.set_cores(3);
        dispatcher.add(at(seconds{0}), PartitionId{1}, {.entitlement = {33}, .procs = 8, .uncap_weight = weight});
        dispatcher.set_demand(at(seconds{0}), PartitionId{1}, CoreRate::cores(8));
        EXPECT_EQ(dispatcher.granted(PartitionId{1}), CoreRate::cores(3));
        EXPECT_EQ(dispatcher.pool_idle(), CoreRate{});
    }
}

}  // namespace
}  // namespace pvmsim::hypervisor
