// Max-min fair shares against water-filling as textbooks tell it: raise everybody together until a resource is full or
// somebody has enough, then go on with the others. In floating point, one bottleneck at a time.
#include "aix/workload/flow_shares.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

namespace pvmsim::aix::test {
namespace {

struct NaiveFlow {
    double demand = 0;
    std::vector<FlowUse> uses;
};

std::vector<double> fill(const std::vector<NaiveFlow>& flows, const std::vector<double>& capacities) {
    std::vector<double> rates(flows.size(), 0);
    std::vector<bool> fixed(flows.size(), false);
    for (double level = 0;;) {
        double step = -1;
        const auto at_most = [&step](double room) { step = step < 0 ? room : std::min(step, room); };
        std::vector<double> left = capacities;
        std::vector<double> weight(capacities.size(), 0);
        for (std::size_t f = 0; f < flows.size(); ++f) {
            for (const auto& use : flows[f].uses) {
                left[use.resource] -= rates[f] * static_cast<double>(use.milli_per_byte);
                if (!fixed[f]) weight[use.resource] += static_cast<double>(use.milli_per_byte);
            }
            if (!fixed[f]) at_most(flows[f].demand - level);
        }
        if (step < 0) return rates;
        for (std::size_t r = 0; r < capacities.size(); ++r)
            if (weight[r] > 0) at_most(std::max(0.0, left[r]) / weight[r]);
        level += step;
        for (std::size_t f = 0; f < flows.size(); ++f) {
            if (fixed[f]) continue;
            rates[f] = level;
            bool is_full = level >= flows[f].demand * (1 - 1e-12);
            for (const auto& use : flows[f].uses)
                is_full =
                    is_full || left[use.resource] - step * weight[use.resource] <= 1e-9 * capacities[use.resource];
            fixed[f] = is_full;
        }
    }
}

std::vector<FlowUse> draw_uses(std::size_t resources) {
    std::vector<FlowUse> uses;
    for (std::uint32_t r = 0; r < resources; ++r)
        if (*rc::gen::inRange(0, 3) == 0) uses.push_back({r, *rc::gen::inRange(1, 20) * 1000});
    return uses;
}

void expect_as_filled(const FlowShares& shares, const std::vector<NaiveFlow>& flows,
                      const std::vector<double>& capacities) {
    const auto want = fill(flows, capacities);
    for (std::uint32_t f = 0; f < flows.size(); ++f) {
        const auto got = static_cast<double>(shares.rate(f));
        RC_ASSERT(got <= flows[f].demand);
        RC_ASSERT(std::abs(got - want[f]) <= 64 + want[f] * 1e-6);
    }
    for (std::uint32_t r = 0; r < capacities.size(); ++r) {
        std::int64_t used = 0;
        for (std::uint32_t f = 0; f < flows.size(); ++f)
            for (const auto& use : flows[f].uses)
                if (use.resource == r) used += use.milli_per_byte * shares.rate(f);
        RC_ASSERT(used == shares.used_milli(r));
        RC_ASSERT(used <= shares.capacity_milli(r));
    }
}

RC_GTEST_PROP(FlowShares, are_those_of_water_filling_after_any_changes, ()) {
    FlowShares shares;
    std::vector<double> capacities;
    std::vector<NaiveFlow> flows(*rc::gen::inRange<std::size_t>(1, 12));
    const auto resources = *rc::gen::inRange<std::size_t>(1, 7);
    const auto draw_capacity = [] { return std::int64_t{*rc::gen::inRange(0, 400)} * 1'000'000'000; };
    for (std::size_t r = 0; r < resources; ++r) {
        const auto capacity = draw_capacity();
        capacities.push_back(static_cast<double>(capacity));
        shares.add_resource(capacity);
    }
    for (std::size_t f = 0; f < flows.size(); ++f) shares.add_flow();
    const auto change = [&] {
        const auto f = *rc::gen::inRange<std::uint32_t>(0, static_cast<std::uint32_t>(flows.size()));
        const auto kind = *rc::gen::inRange(0, 4);
        if (kind == 0) {
            flows[f].uses = draw_uses(resources);
            shares.set_uses(f, flows[f].uses);
        } else if (kind == 1) {
            const auto r = *rc::gen::inRange<std::uint32_t>(0, static_cast<std::uint32_t>(resources));
            const auto capacity = draw_capacity();
            capacities[r] = static_cast<double>(capacity);
            shares.set_capacity(r, capacity);
        } else {
            const auto demand = std::int64_t{*rc::gen::inRange(0, 200)} * 1'000'000;
            flows[f].demand = static_cast<double>(demand);
            shares.set_demand(f, demand);
        }
    };
    for (std::size_t f = 0; f < flows.size(); ++f) {
        flows[f].uses = draw_uses(resources);
        shares.set_uses(static_cast<std::uint32_t>(f), flows[f].uses);
    }
    for (int round = 0; round < 20; ++round) {
        for (int i = *rc::gen::inRange(1, 6); i > 0; --i) change();
        shares.settle();
        expect_as_filled(shares, flows, capacities);
    }
}

TEST(FlowShares, small_demands_are_served_and_the_rest_shared_evenly) {
    FlowShares shares;
    const auto link = shares.add_resource(100'000);  // 100 bytes a second
    for (const std::int64_t demand : {10, 80, 80, 0}) {
        const auto flow = shares.add_flow();
        shares.set_uses(flow, std::vector<FlowUse>{{link, 1000}});
        shares.set_demand(flow, demand);
    }
    shares.settle();
    EXPECT_EQ(shares.rate(0), 10);
    EXPECT_EQ(shares.rate(1), 45);
    EXPECT_EQ(shares.rate(2), 45);
    EXPECT_EQ(shares.rate(3), 0);
    EXPECT_EQ(shares.used_milli(link), 100'000);
    EXPECT_EQ(shares.wanted_milli(link), 170'000);
}

TEST(FlowShares, who_shares_nothing_scarce_is_left_alone) {
    FlowShares shares;
    const auto wide = shares.add_resource(1'000'000);
    std::vector<std::uint32_t> flows;
    for (int i = 0; i < 3; ++i) {
        flows.push_back(shares.add_flow());
        shares.set_uses(flows.back(), std::vector<FlowUse>{{wide, 1000}});
        shares.set_demand(flows.back(), 100);
    }
    shares.settle();
    EXPECT_TRUE(shares.set_demand(flows[1], 200));
    EXPECT_TRUE(shares.is_settled());
    EXPECT_EQ(shares.rate(flows[1]), 200);
    EXPECT_EQ(shares.used_milli(wide), 400'000);
    // Scarce, and no longer: both times everybody hears of it.
    EXPECT_FALSE(shares.set_demand(flows[1], 900));
    EXPECT_EQ(shares.rate(flows[1]), 200);
    shares.settle();
    EXPECT_EQ(shares.rate(flows[1]), 800);
    shares.set_demand(flows[0], 600);
    shares.settle();
    EXPECT_EQ(shares.rate(flows[0]), 450);
    EXPECT_EQ(shares.rate(flows[2]), 100);
    shares.set_demand(flows[1], 100);
    shares.settle();
    EXPECT_EQ(shares.rate(flows[0]), 600);
}

}  // namespace
}  // namespace pvmsim::aix::test
