// A machine of 16 cores for the tests of pools and dynamic changes: shared and dedicated partitions at hand, the log
// book, and refusals that must leave everything as it was.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hypervisor/managed_system.hpp"

namespace pvmsim::hypervisor {

/// The log book: "path name: text".
class ProcessorLog : public sim::TraceSink {
  public:
    [[nodiscard]] bool wants_details() const override { return false; }
    void record(const sim::TraceRecord& record) override {
        lines.push_back(std::string{record.entity} + " " + std::string{record.name} + ": " + std::string{record.text});
    }
    std::vector<std::string> lines;
};

inline SystemConfig machine_of_16(DispatchMode mode = DispatchMode::kFluid) {
    SystemConfig config;
    config.name = "p740a";
    config.type_model = "8205-E6C";
    config.cores = 16;
    config.memory_bytes = 64 * kGibibyte;
    config.dispatch = mode;
    return config;
}

struct Units {
    std::int32_t min = 10;
    std::int32_t desired = 100;
    std::int32_t max = 400;
};

inline PartitionConfig shared_partition(std::uint16_t id, Units units, std::uint32_t procs,
                                        PoolId pool = kDefaultPool) {
    PartitionConfig config{.lpar_id = PartitionId{id}, .name = "lpar" + std::to_string(id)};
    config.profile.min_proc_units = {units.min};
    config.profile.desired_proc_units = {units.desired};
    config.profile.max_proc_units = {units.max};
    config.profile.min_procs = 1;
    config.profile.desired_procs = procs;
    config.profile.max_procs = 16;
    // The maximum of units goes with the maximum of processors.
    config.profile.max_proc_units = {std::max(units.max, 160)};
    config.profile.shared_proc_pool_id = pool;
    return config;
}

inline PartitionConfig dedicated_partition(std::uint16_t id, std::uint32_t min, std::uint32_t desired,
                                           std::uint32_t max) {
    PartitionConfig config{.lpar_id = PartitionId{id}, .name = "lpar" + std::to_string(id)};
    config.profile.proc_mode = ProcessorMode::kDedicated;
    config.profile.sharing_mode = SharingMode::kKeepIdleProcs;
    config.profile.min_procs = min;
    config.profile.desired_procs = desired;
    config.profile.max_procs = max;
    return config;
}

class ProcessorTest : public testing::TestWithParam<DispatchMode> {
  protected:
    ProcessorTest() {
        system = std::move(ManagedSystem::create(engine, machine_of_16(GetParam()))).value();
        engine.trace().attach(log);
    }

    void start(PartitionConfig config) {
        const PartitionId id = config.lpar_id;
        const auto defined = system->define_partition(std::move(config));
        ASSERT_TRUE(defined) << defined.error().text;
        const auto started = system->start_settled(id);
        ASSERT_TRUE(started) << started.error().text;
        log.lines.clear();
    }
    void pool(std::uint8_t id, std::uint32_t max, std::int32_t reserved = 0) {
        const auto done = system->configure_pool(
            {.id = PoolId{id}, .max_pool_proc_units = max, .reserved_pool_proc_units = {reserved}});
        ASSERT_TRUE(done) << done.error().text;
        log.lines.clear();
    }
    void change(std::uint16_t id, const ProcessorChange& wanted) {
        const auto done = system->change_processors(PartitionId{id}, wanted);
        ASSERT_TRUE(done) << done.error().text;
    }
    [[nodiscard]] const GivenResources& given(std::uint16_t id) const {
        return system->partition(PartitionId{id}).given;
    }
    [[nodiscard]] std::uint64_t fingerprint() const {
        sim::Digest digest;
        system->digest(digest);
        return digest.value();
    }
    /// Refused with this code and text, and nothing is different.
    void refuse(const std::function<Result<void>()>& operation, ErrorCode code, const std::string& text) {
        const std::uint64_t before = fingerprint();
        const std::size_t said = log.lines.size();
        const auto result = operation();
        ASSERT_FALSE(result) << "should say: " << text;
        EXPECT_EQ(result.error().code, code) << result.error().text;
        EXPECT_THAT(result.error().text, testing::HasSubstr(text));
        EXPECT_EQ(fingerprint(), before) << text;
        EXPECT_EQ(log.lines.size(), said) << text;
    }
    void refuse_change(std::uint16_t id, const ProcessorChange& wanted, ErrorCode code, const std::string& text) {
        refuse([&] { return system->change_processors(PartitionId{id}, wanted); }, code, text);
    }
    void refuse_pool(const ProcessorPoolConfig& wanted, ErrorCode code, const std::string& text) {
        refuse([&] { return system->configure_pool(wanted); }, code, text);
    }
    /// What the partition gets if it wants everything.
    CoreRate rate_when_busy(std::uint16_t id) {
        system->dispatcher().set_demand(engine.now(), PartitionId{id}, CoreRate::cores(64));
        const Consumption before = system->dispatcher().consumed(engine.now(), PartitionId{id});
        engine.run_until(engine.now() + std::chrono::seconds{10});
        const Consumption after = system->dispatcher().consumed(engine.now(), PartitionId{id});
        const CoreTime::Wide spent = after.total.nanocore_ns - before.total.nanocore_ns;
        return {static_cast<std::int64_t>(spent / 10'000'000'000)};
    }

    ProcessorLog log;
    sim::Engine engine{1};
    std::unique_ptr<ManagedSystem> system;
};

inline std::string mode_name(const testing::TestParamInfo<DispatchMode>& info) {
    return std::string{to_string(info.param)};
}

inline void expect_cores(CoreRate rate, double cores, double tolerance = 0.01) {
    EXPECT_NEAR(static_cast<double>(rate.nanocores) / 1e9, cores, tolerance * cores);
}

}  // namespace pvmsim::hypervisor
