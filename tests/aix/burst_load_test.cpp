// Transactions: response times against what queueing theory and the dispatch rules say, and the histogram of them.
// In fluid mode; in exact mode wherever the dispatcher offers bursts.
#include "aix/workload/burst_load.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "aix/workload/workload.hpp"
#include "tests/aix/processor_fixture.hpp"

namespace pvmsim::aix::test {
namespace {

using hypervisor::DispatchMode;
using hypervisor::SharingMode;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct Transactions {
    ProcessorSite site;
    std::unique_ptr<BurstLoad> load;

    Transactions(const ProcessorSite::Lpar& lpar, const BurstLoadConfig& config,
                 DispatchMode mode = DispatchMode::kFluid)
        : site({lpar}, mode, 4) {
        site.start();
        auto& os = *site.systems[0];
        load =
            std::make_unique<BurstLoad>(site.engine, *site.system, os.partition_id(), os.processors(), "load", config);
        site.system->adopt_entity(os.partition_id(), load->entity());
        load->start(site.engine.now());
    }
    BurstLoadResult run(sim::Duration span) {
        site.run_for(span);
        return load->result();
    }
};

double ms(sim::Duration span) { return sim::to_seconds(span) * 1000; }

TEST(BurstLoad, one_user_on_an_idle_machine_never_waits) {
    Transactions t({.procs = 1, .hundredths = 100},
                   {.threads = 1, .think = {milliseconds(9)}, .work = {milliseconds(1)}});
    const auto result = t.run(seconds(10));
    EXPECT_EQ(result.response_mean, milliseconds(1));
    EXPECT_EQ(result.response_max, milliseconds(1));
    EXPECT_EQ(result.wait_mean, sim::Duration{0});
    EXPECT_NEAR(static_cast<double>(result.transactions), 1000, 2);
    EXPECT_NEAR(t.site.counters().consumed.core_seconds(), 1.0, 0.01);
}

TEST(BurstLoad, random_arrivals_wait_as_in_a_queue_with_one_server) {
    // M/D/1 at 80 %: mean wait = work * load / (2 (1 - load)) = 2 ms.
    Transactions t({.procs = 1, .hundredths = 100},
                   {.threads = 0, .every = {microseconds(1250), Spread::kExponential}, .work = {milliseconds(1)}});
    const auto result = t.run(seconds(400));
    EXPECT_NEAR(ms(result.wait_mean), 2.0, 0.1);
    EXPECT_NEAR(ms(result.response_mean), 3.0, 0.1);
    EXPECT_LE(result.response_p50, result.response_p95);
    EXPECT_LE(result.response_p95, result.response_p99);
    EXPECT_LE(result.response_p99, result.response_max);
    EXPECT_EQ(result.refused, 0u);
}

TEST(BurstLoad, random_work_waits_twice_as_long_as_constant_work) {
    // M/M/1 at 80 %: mean response = work / (1 - load) = 5 ms; 95 % below 3.0 times that.
    Transactions t({.procs = 1, .hundredths = 100}, {.threads = 0,
                                                     .every = {microseconds(1250), Spread::kExponential},
                                                     .work = {milliseconds(1), Spread::kExponential}});
    const auto result = t.run(seconds(400));
    EXPECT_NEAR(ms(result.response_mean), 5.0, 0.3);
    EXPECT_NEAR(ms(result.response_p95), 15.0, 1.2);
}

TEST(BurstLoad, a_capped_partition_answers_no_more_than_its_entitlement_allows) {
    Transactions t({.procs = 1, .hundredths = 50, .mode = SharingMode::kCapped},
                   {.threads = 8, .think = {milliseconds(1)}, .work = {milliseconds(5)}});
    const auto result = t.run(seconds(20));
    EXPECT_NEAR(static_cast<double>(result.transactions), 20 * 0.5 / 0.005, 15);
    EXPECT_NEAR(ms(result.response_mean), 8 * 10.0, 3);  // eight users share half a processor
}

TEST(BurstLoad, an_overloaded_open_load_refuses_when_too_many_wait) {
    Transactions t({.procs = 1, .hundredths = 50, .mode = SharingMode::kCapped},
                   {.threads = 0, .every = {milliseconds(1)}, .work = {milliseconds(1)}});
    const auto result = t.run(seconds(20));
    EXPECT_NEAR(static_cast<double>(result.refused), 20'000 - 10'000 - BurstLoad::kOutstandingMax, 50);
    EXPECT_NEAR(ms(result.response_max), BurstLoad::kOutstandingMax * 2.0, 50);
}

TEST(BurstLoad, ends_with_its_system_and_its_demand_with_it) {
    Transactions t({.procs = 1, .hundredths = 100},
                   {.threads = 4, .think = {milliseconds(1)}, .work = {milliseconds(1)}});
    const auto before = t.run(seconds(1));
    t.load->stop();
    EXPECT_EQ(t.site.system->dispatcher().granted(hypervisor::PartitionId{1}), hypervisor::CoreRate{});
    const auto after = t.run(seconds(1));
    EXPECT_EQ(before.transactions, after.transactions);
    t.load->start(t.site.engine.now());
    EXPECT_GT(t.run(seconds(1)).transactions, after.transactions);
}

TEST(BurstLoad, exact_bursts_of_an_uncapped_partition_on_an_idle_machine_take_their_work) {
    Transactions t({.procs = 1, .hundredths = 100},
                   {.threads = 1, .think = {milliseconds(9)}, .work = {milliseconds(1)}}, DispatchMode::kExact);
    const auto result = t.run(seconds(10));
    EXPECT_NEAR(static_cast<double>(result.transactions), 1000, 4);
    EXPECT_NEAR(ms(result.response_mean), 1.0, 0.05);
    EXPECT_NEAR(t.site.counters().consumed.core_seconds(), 1.0, 0.03);
}

TEST(BurstLoad, exact_bursts_of_a_capped_partition_wait_for_the_next_window) {
    Transactions t({.procs = 1, .hundredths = 10, .mode = SharingMode::kCapped},
                   {.threads = 1, .think = {milliseconds(40), Spread::kExponential}, .work = {microseconds(1500)}},
                   DispatchMode::kExact);
    const auto result = t.run(seconds(60));
    EXPECT_GT(result.transactions, 800u);
    // 1.5 ms of work at 1 ms a window: the second half waits for the next window, 4.5 ms in the mean, or more.
    EXPECT_GT(result.response_p50, milliseconds(5));
    EXPECT_LT(result.response_max, milliseconds(60));
    EXPECT_NEAR(ms(result.wait_mean), 5.0, 0.6);
}

TEST(BurstLoad, exact_bursts_of_an_open_load_wait_as_in_a_queue_with_one_server) {
    // The processor is the partition's alone, so windows do not matter: M/D/1 at 80 % as in fluid mode.
    Transactions t({.procs = 1, .hundredths = 100},
                   {.threads = 0, .every = {microseconds(1250), Spread::kExponential}, .work = {milliseconds(1)}},
                   DispatchMode::kExact);
    const auto result = t.run(seconds(200));
    EXPECT_NEAR(ms(result.response_mean), 3.0, 0.25);
    EXPECT_NEAR(ms(result.wait_mean), 2.0, 0.25);
}

TEST(BurstLoad, exact_bursts_unfold_processors_when_one_is_not_enough) {
    Transactions t({.procs = 4, .hundredths = 200},
                   {.threads = 8, .think = {milliseconds(5), Spread::kExponential}, .work = {milliseconds(2)}},
                   DispatchMode::kExact);
    EXPECT_EQ(t.site.processors().unfolded(), 1u);
    const auto crowded = t.run(seconds(1));
    EXPECT_NEAR(ms(crowded.response_mean), 8 * 2.0 - 5.0, 1.5);  // eight users, one server: 2 ms each, less thinking
    t.run(seconds(10));
    EXPECT_GE(t.site.processors().unfolded(), 3u);
    EXPECT_LT(t.load->result().response_p50, milliseconds(6));
}

TEST(BurstLoad, runs_as_part_of_a_workload_from_its_start_on) {
    ProcessorSite site({{.procs = 1, .hundredths = 100}});
    BurstLoadConfig bursts{.threads = 1, .think = {milliseconds(9)}, .work = {milliseconds(1)}};
    bursts.start = sim::SimTime{seconds(20)};
    WorkloadConfig config;
    config.processor.busy_threads = 1;
    config.bursts.push_back(bursts);
    Workload workload(*site.systems[0], config);
    site.start();
    site.run_for(seconds(20));
    EXPECT_EQ(workload.burst_loads().front()->result().transactions, 0u);
    site.run_for(seconds(1));
    EXPECT_GT(workload.burst_loads().front()->result().transactions, 30u);
    EXPECT_NEAR(site.counters().consumed.core_seconds(), 21, 1e-6);
}

TEST(LatencyHistogram, knows_small_numbers_exactly) {
    LatencyHistogram histogram;
    for (std::int64_t value = 1; value <= 10; ++value) histogram.add(sim::Duration{value});
    EXPECT_EQ(histogram.quantile(500).count(), 5);
    EXPECT_EQ(histogram.quantile(950).count(), 10);
    EXPECT_EQ(histogram.quantile(0).count(), 1);
    EXPECT_EQ(histogram.mean().count(), 5);
    EXPECT_EQ(LatencyHistogram{}.quantile(500).count(), 0);
}

RC_GTEST_PROP(LatencyHistogram, quantiles_are_at_most_a_thirtysecond_too_high, ()) {
    auto values = *rc::gen::nonEmpty(
        rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 40)));
    LatencyHistogram histogram;
    for (const auto value : values) histogram.add(sim::Duration{value});
    std::sort(values.begin(), values.end());
    const auto permille = *rc::gen::inRange<std::uint32_t>(1, 1001);
    const auto exact = values[(values.size() * permille + 999) / 1000 - 1];
    const auto found = histogram.quantile(permille).count();
    RC_ASSERT(found >= exact);
    RC_ASSERT((found - exact) * 32 <= exact);
    RC_ASSERT(histogram.max().count() == values.back());
}

}  // namespace
}  // namespace pvmsim::aix::test
