// The books of a VIOS's I/O work: how long work waits, what the partition is seen to consume, and what ends it all.
// One VIOS on a Power 740 of 3.7 GHz, where 6475 reference cycles are a microsecond.
#include "vios/processor/io_processor.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "aix/os/operating_system.hpp"
#include "hypervisor/managed_system.hpp"

namespace pvmsim::vios {
namespace {

using namespace std::chrono_literals;
using hypervisor::CoreRate;
using hypervisor::PartitionId;

constexpr std::int64_t kCyclesPerUs = 6475;
constexpr PartitionId kNeighbour{1};  // Before the VIOS in the order of dispatch.
constexpr PartitionId kVios{2};

struct ProcessorOptions {
    std::int32_t hundredths = 10;
    hypervisor::DispatchMode dispatch = hypervisor::DispatchMode::kFluid;
    std::uint32_t cores = 1;
    bool busy_neighbour = false;
};

class ProcessorSite {
  public:
    explicit ProcessorSite(const ProcessorOptions& options = {}) : engine(1) {
        system = std::move(*hypervisor::ManagedSystem::create(
            engine, {.name = "cec", .type_model = "8205-E6C", .cores = options.cores, .dispatch = options.dispatch}));
        neighbour = define(kNeighbour, "app1", 90);
        EXPECT_TRUE(system->start_settled(kNeighbour));
        if (options.busy_neighbour) neighbour->processors().set_application_demand(CoreRate::cores(1));
        vios = define(kVios, "vios1", options.hundredths);
        processor = &IoProcessor::of(*vios);
        EXPECT_TRUE(system->start_settled(kVios));
    }

    void run(sim::Duration span) { engine.run_until(engine.now() + span); }
    sim::Duration charge_us(std::int64_t microseconds) { return processor->charge(microseconds * kCyclesPerUs); }
    /// `microseconds` of work every millisecond; the longest time it took beyond itself.
    sim::Duration load(sim::Duration span, std::int64_t microseconds) {
        sim::Duration wait_max{0};
        for (const auto end = engine.now() + span; engine.now() < end; run(1ms))
            wait_max = std::max(wait_max, processor->charge_for_wait(microseconds * kCyclesPerUs));
        return wait_max;
    }
    [[nodiscard]] double consumed_s() const {
        return system->dispatcher().consumed(engine.now(), kVios).total.core_seconds();
    }
    [[nodiscard]] double core_s() const { return sim::to_seconds(processor->core_time()); }

    sim::Engine engine;
    std::unique_ptr<hypervisor::ManagedSystem> system;
    std::unique_ptr<aix::OperatingSystem> vios;
    std::unique_ptr<aix::OperatingSystem> neighbour;
    IoProcessor* processor = nullptr;

  private:
    std::unique_ptr<aix::OperatingSystem> define(PartitionId id, const std::string& name, std::int32_t hundredths) {
        hypervisor::PartitionConfig config{.lpar_id = id, .name = name};
        config.profile.desired_proc_units = {hundredths};
        config.profile.sharing_mode = hypervisor::SharingMode::kCapped;
        const auto defined = system->define_partition(std::move(config));
        EXPECT_TRUE(defined.has_value()) << defined.error().text;
        return std::make_unique<aix::OperatingSystem>(engine, *system, id, aix::OperatingSystemConfig{});
    }
};

TEST(IoProcessor, is_one_for_each_partition_and_absent_without_io) {
    ProcessorSite site;
    EXPECT_EQ(&IoProcessor::of(*site.vios), site.processor);
    EXPECT_EQ(IoProcessor::find(*site.vios), site.processor);
    EXPECT_EQ(IoProcessor::find(*site.neighbour), nullptr);
}

TEST(IoProcessor, work_of_a_window_runs_at_full_speed_and_more_waits_for_capacity) {
    ProcessorSite site;
    EXPECT_EQ(site.charge_us(400), 400us);
    EXPECT_EQ(site.charge_us(600), 600us);  // With 0.1 units a window has 1 ms.
    EXPECT_EQ(site.processor->backlog(), 0us);
    EXPECT_EQ(site.charge_us(100), 1ms);  // Its 1 ms of windows, beginning when this one is over.
    EXPECT_EQ(site.charge_us(200), 3ms);
    EXPECT_EQ(site.processor->backlog(), 3ms);
    EXPECT_EQ(site.processor->counters().works_late, 2u);
    EXPECT_EQ(site.processor->counters().backlog_max, 2800us);
    site.run(13ms);
    EXPECT_EQ(site.charge_us(1000), 1ms);
}

TEST(IoProcessor, partition_consumes_exactly_the_work_it_was_charged_with) {
    for (const std::int64_t microseconds : {1, 20, 99}) {
        ProcessorSite site;
        EXPECT_EQ(site.load(2s, microseconds), 0us) << microseconds;
        site.run(300ms);
        EXPECT_NEAR(site.core_s(), 2e-3 * static_cast<double>(microseconds), 1e-9);
        EXPECT_NEAR(site.consumed_s(), site.core_s(), 1e-8) << microseconds;
        EXPECT_EQ(site.engine.pending(), 0u) << "nothing happens without work";
    }
}

TEST(IoProcessor, demand_of_a_period_is_its_work) {
    ProcessorSite site;
    site.charge_us(2500);
    EXPECT_EQ(site.system->dispatcher().granted(kVios).nanocores, 0);
    site.run(100ms);
    EXPECT_EQ(site.system->dispatcher().granted(kVios).nanocores, 25'000'000);
    site.run(100ms);
    EXPECT_EQ(site.system->dispatcher().granted(kVios).nanocores, 0);
    EXPECT_EQ(site.processor->counters().demand_max.nanocores, 25'000'000);
}

TEST(IoProcessor, work_for_io_adds_to_what_the_partitions_programs_use) {
    ProcessorSite site;
    site.vios->processors().set_application_demand({30'000'000});
    EXPECT_EQ(site.load(2s, 20), 0us);
    site.run(1s);
    EXPECT_NEAR(site.consumed_s(), 3 * 0.03 + site.core_s(), 1e-8);
    EXPECT_NEAR(site.core_s(), 0.04, 1e-9);
}

TEST(IoProcessor, overload_waits_longer_and_longer_and_is_consumed_at_the_entitlement) {
    ProcessorSite site;
    EXPECT_GT(site.load(1s, 200), 900ms);  // Twice of what 0.1 units do.
    EXPECT_NEAR(site.consumed_s(), 0.09, 1e-6) << "a period late";
    site.run(2s);
    EXPECT_NEAR(site.consumed_s(), site.core_s(), 1e-8);
    EXPECT_NEAR(site.core_s(), 0.2, 1e-9);
}

TEST(IoProcessor, frames_are_dropped_when_too_much_waits) {
    ProcessorSite site;
    std::uint64_t taken = 0;
    while (site.processor->charge_frame(10 * kCyclesPerUs)) ++taken;
    EXPECT_EQ(taken, 601u);  // 10 ms of window and 50 ms of backlog, 100 us each at 0.1; one may exceed it.
    EXPECT_EQ(site.processor->counters().frames_dropped, 1u);
    site.run(1ms);
    EXPECT_TRUE(site.processor->charge_frame(10 * kCyclesPerUs).has_value());
}

TEST(IoProcessor, end_and_hang_of_the_partition_leave_nothing_behind) {
    ProcessorSite site;
    site.charge_us(5000);
    ASSERT_TRUE(site.system->power_off(kVios));
    EXPECT_EQ(site.processor->backlog(), 0us);
    EXPECT_EQ(site.charge_us(10), 10us) << "off: no books are kept";
    site.run(1s);
    EXPECT_EQ(site.consumed_s(), 0.0);
    ASSERT_TRUE(site.system->activate(kVios));
    site.run(100s);
    ASSERT_TRUE(site.vios->running());
    EXPECT_EQ(site.charge_us(1000), 1ms);
    site.run(1s);
    EXPECT_NEAR(site.consumed_s(), 0.001, 1e-8);

    site.charge_us(5000);
    ASSERT_TRUE(site.system->hang(kVios));
    site.run(1s);
    ASSERT_TRUE(site.system->resume(kVios));
    site.run(1s);
    EXPECT_EQ(site.charge_us(1000), 1ms);
    site.run(1s);
    EXPECT_NEAR(site.consumed_s(), 0.002, 1e-8);
}

TEST(IoProcessor, shutdown_forgets_what_waits) {
    ProcessorSite site;
    site.charge_us(5000);
    ASSERT_TRUE(site.system->shutdown(kVios));
    EXPECT_EQ(site.processor->backlog(), 0us);
    site.run(60s);
    EXPECT_EQ(site.consumed_s(), 0.0);
}

TEST(IoProcessor, dispatch_wait_comes_on_top_in_exact_mode) {
    ProcessorSite fluid({.busy_neighbour = true});
    EXPECT_EQ(fluid.load(2s, 50), 0us);
    ProcessorSite exact({.dispatch = hypervisor::DispatchMode::kExact, .busy_neighbour = true});
    const auto wait_max = exact.load(2s, 50);
    EXPECT_GT(wait_max, 1us);
    EXPECT_LT(wait_max, 20ms);
    exact.run(300ms);
    // A demand takes effect with the next window, so up to a window of each change is uncertain.
    EXPECT_NEAR(exact.consumed_s(), exact.core_s(), 0.02 * exact.core_s());
}

}  // namespace
}  // namespace pvmsim::vios
