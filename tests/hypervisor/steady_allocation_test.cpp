// The steady allocation against published examples (V5, V6, V9, V11, V12, V14, V16),
// and its invariants for any input.
#include "hypervisor/dispatch/steady_allocation.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace pvmsim::hypervisor {
namespace {

CoreRate thousandths(std::int64_t value) { return {value * 1'000'000}; }

/// Rates in thousandths of a core.
struct Row {
    std::int64_t demand;
    std::int64_t entitlement;
    std::uint32_t procs;
    std::uint32_t weight;
    std::int64_t want;
    std::uint32_t pool = 0;
};

struct Case {
    std::string name;
    std::int64_t cores;
    std::vector<Row> rows;
    std::vector<SteadyPool> pools = {};  ///< beyond the default pool
    std::int64_t tolerance_nanocores = 500'000;
};

void check(const Case& one) {
    std::vector<SteadyPool> pools{{.max = thousandths(one.cores), .reserved = {}}};
    pools.insert(pools.end(), one.pools.begin(), one.pools.end());
    std::vector<SteadyShare> shares;
    for (const Row& row : one.rows)
        shares.push_back({thousandths(row.demand), thousandths(row.entitlement), row.procs, row.weight, row.pool});
    SteadyAllocation allocation;
    allocation.compute(thousandths(one.cores), pools, shares);
    for (std::size_t i = 0; i < one.rows.size(); ++i)
        EXPECT_NEAR(static_cast<double>(allocation.granted()[i].nanocores),
                    static_cast<double>(thousandths(one.rows[i].want).nanocores),
                    static_cast<double>(one.tolerance_nanocores))
            << one.name << ", partition " << i;
}

TEST(SteadyAllocation, published_examples) {
    check({"V5: weights 200 and 100 share 0.75", 1750, {{2000, 500, 4, 200, 1000}, {2000, 500, 4, 100, 750}}});
    check({"V6: weights 90 and 180 share one third to two thirds",
           4000,
           {{4000, 500, 4, 90, 1500}, {4000, 500, 4, 180, 2500}}});
    check({"V9: capped 1.0; 0.25 used of 0.5; the third gets the rest",
           2000,
           {{1000, 1000, 1, 0, 1000}, {250, 500, 1, 128, 250}, {1000, 500, 1, 128, 750}}});
    check({"V11: one virtual processor reaches one core", 8000, {{8000, 500, 1, 128, 1000}}});
    check({"V11: two reach two", 8000, {{8000, 500, 2, 128, 2000}}});
    check({"V12: capped at 0.60", 4000, {{1000, 600, 1, 0, 600}}});
    check({"V14: weight 0 is as capped", 4500, {{4000, 500, 4, 0, 500}}});
    check({"V16: five partitions on ten cores",
           10'000,
           {{10'000, 1000, 10, 255, 3024},
            {10'000, 1000, 10, 200, 2587},
            {10'000, 1000, 10, 100, 1794},
            {10'000, 1000, 10, 50, 1397},
            {10'000, 1000, 10, 25, 1198}}});
}

TEST(SteadyAllocation, v16_to_four_decimals) {
    std::vector<SteadyShare> shares;
    for (const std::uint32_t weight : {255u, 200u, 100u, 50u, 25u})
        shares.push_back({CoreRate::cores(10), CoreRate::cores(1), 10, weight, 0});
    const std::vector<SteadyPool> pools{{.max = CoreRate::cores(10), .reserved = {}}};
    SteadyAllocation allocation;
    allocation.compute(CoreRate::cores(10), pools, shares);
    const std::vector<double> want{3.0238, 2.5873, 1.7937, 1.3968, 1.1984};
    for (std::size_t i = 0; i < want.size(); ++i)
        EXPECT_NEAR(static_cast<double>(allocation.granted()[i].nanocores) / 1e9, want[i], 0.00005);
    EXPECT_EQ(allocation.sum(), CoreRate::cores(10)) << "nothing is lost by rounding";
}

TEST(SteadyAllocation, pools) {
    const SteadyPool two_cores{.max = CoreRate::cores(2), .reserved = {}};
    check({"what its own pool leaves comes first",
           8000,
           {{0, 1000, 4, 128, 0, 1}, {4000, 500, 4, 128, 2000, 1}, {8000, 1000, 8, 128, 6000, 0}},
           {two_cores}});
    check({"a pool stops at its maximum, the rest goes elsewhere",
           8000,
           {{8000, 500, 8, 255, 1000, 1}, {8000, 500, 8, 255, 1000, 1}, {8000, 500, 8, 1, 6000, 0}},
           {two_cores}});
    check({"a reserve serves its own pool first",
           4000,
           {{4000, 500, 4, 100, 1500, 1}, {4000, 2500, 4, 100, 2500, 0}},
           {{.max = CoreRate::cores(2), .reserved = CoreRate::cores(1)}}});
    check({"an unused reserve goes to everybody",
           4000,
           {{100, 500, 4, 100, 100, 1}, {4000, 2500, 4, 100, 3900, 0}},
           {{.max = CoreRate::cores(2), .reserved = CoreRate::cores(1)}}});
    check({"weights count across pools",
           6000,
           {{8000, 500, 8, 200, 500 + 3333, 1}, {8000, 500, 8, 100, 500 + 1667, 0}},
           {{.max = CoreRate::cores(6), .reserved = {}}}});
}

struct Input {
    CoreRate shared;
    std::vector<SteadyPool> pools;
    std::vector<SteadyShare> shares;
};

/// Any configuration that the rules allow: entitlements fit the machine and their pools.
Input any_input() {
    Input input;
    const auto pool_count = *rc::gen::inRange<std::uint32_t>(1, 4);
    input.pools.resize(pool_count);
    std::vector<std::int64_t> entitled(pool_count, 0);
    const auto share_count = *rc::gen::inRange<std::size_t>(1, 12);
    for (std::size_t i = 0; i < share_count; ++i) {
        const auto procs = *rc::gen::inRange<std::uint32_t>(1, 9);
        const auto entitlement = *rc::gen::inRange<std::int64_t>(10, 100 * procs + 1) * 10'000'000;
        const auto pool = *rc::gen::inRange<std::uint32_t>(0, pool_count);
        input.shares.push_back({.demand = {*rc::gen::inRange<std::int64_t>(0, 10'000'000'000)},
                                .entitlement = {entitlement},
                                .procs = procs,
                                .weight = *rc::gen::element(0u, 1u, 25u, 128u, 255u),
                                .pool = pool});
        entitled[pool] += entitlement;
    }
    std::int64_t all = 0;
    for (std::uint32_t i = 0; i < pool_count; ++i) {
        input.pools[i].reserved = {*rc::gen::inRange<std::int64_t>(0, 3'000'000'000)};
        entitled[i] += input.pools[i].reserved.nanocores;
        input.pools[i].max = {entitled[i] + *rc::gen::inRange<std::int64_t>(0, 5'000'000'000)};
        all += entitled[i];
    }
    input.shared = {all + *rc::gen::inRange<std::int64_t>(0, 8'000'000'000)};
    return input;
}

RC_GTEST_PROP(SteadyAllocation, nobody_gets_more_than_allowed_and_entitled_demand_is_met, ()) {
    const Input input = any_input();
    SteadyAllocation allocation;
    allocation.compute(input.shared, input.pools, input.shares);
    std::vector<std::int64_t> by_pool(input.pools.size(), 0);
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < input.shares.size(); ++i) {
        const SteadyShare& share = input.shares[i];
        const CoreRate granted = allocation.granted()[i];
        RC_ASSERT(granted <= share.demand);
        RC_ASSERT(granted <= CoreRate::cores(share.procs));
        RC_ASSERT(granted >= std::min({share.demand, share.entitlement, CoreRate::cores(share.procs)}));
        if (share.weight == 0) RC_ASSERT(granted <= share.entitlement);
        by_pool[share.pool] += granted.nanocores;
        sum += granted.nanocores;
    }
    for (std::size_t i = 0; i < input.pools.size(); ++i) RC_ASSERT(by_pool[i] <= input.pools[i].max.nanocores);
    RC_ASSERT(sum == allocation.sum().nanocores);
    RC_ASSERT(sum <= input.shared.nanocores);
}

RC_GTEST_PROP(SteadyAllocation, rounding_carries_no_pool_over_its_maximum, ()) {
    const auto few = [] { return CoreRate{*rc::gen::inRange<std::int64_t>(0, 40)}; };
    std::vector<SteadyShare> shares;
    for (int i = 0; i < 6; ++i)
        shares.push_back({.demand = few(),
                          .entitlement = {},
                          .weight = *rc::gen::inRange(1u, 8u),
                          .pool = *rc::gen::inRange(0u, 2u)});
    const std::vector<SteadyPool> pools{{.max = CoreRate{100}, .reserved = {}}, {.max = few(), .reserved = {}}};
    SteadyAllocation allocation;
    allocation.compute({*rc::gen::inRange<std::int64_t>(0, 100)}, pools, shares);
    std::int64_t in_pool = 0;
    for (std::size_t i = 0; i < shares.size(); ++i)
        if (shares[i].pool == 1) in_pool += allocation.granted()[i].nanocores;
    RC_ASSERT(in_pool <= pools[1].max.nanocores);
}

RC_GTEST_PROP(SteadyAllocation, no_processor_idles_while_somebody_may_have_it, ()) {
    const Input input = any_input();
    SteadyAllocation allocation;
    allocation.compute(input.shared, input.pools, input.shares);
    std::vector<std::int64_t> room(input.pools.size());
    for (std::size_t i = 0; i < room.size(); ++i) room[i] = input.pools[i].max.nanocores;
    for (std::size_t i = 0; i < input.shares.size(); ++i)
        room[input.shares[i].pool] -= allocation.granted()[i].nanocores;
    for (std::size_t i = 0; i < input.shares.size(); ++i) {
        const SteadyShare& share = input.shares[i];
        const CoreRate most = std::min(share.demand, CoreRate::cores(share.procs));
        const bool is_hungry = share.weight > 0 && allocation.granted()[i] < most && room[share.pool] > 0;
        if (is_hungry) RC_ASSERT(allocation.sum() == input.shared);
    }
}

RC_GTEST_PROP(SteadyAllocation, equal_partitions_get_the_same_up_to_rounding, ()) {
    Input input = any_input();
    input.pools.resize(1);
    for (SteadyShare& share : input.shares) share.pool = 0;
    input.shares.push_back(input.shares.front());
    std::int64_t entitled = 0;
    for (const SteadyShare& share : input.shares) entitled += share.entitlement.nanocores;
    input.pools[0] = {.max = {entitled + 3'000'000'000}, .reserved = {}};
    SteadyAllocation allocation;
    allocation.compute(input.pools[0].max, input.pools, input.shares);
    const auto gap = allocation.granted().front() - allocation.granted().back();
    RC_ASSERT(gap.nanocores >= -2 && gap.nanocores <= 2);  // one of rounding on each of the two levels
}

}  // namespace
}  // namespace pvmsim::hypervisor
