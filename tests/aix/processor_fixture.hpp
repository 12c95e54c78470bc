// Partitions with given processors on one system, for tests of what an operating system does with them.
// No workload: tests set demand themselves.
#pragma once

#include <memory>
#include <vector>

#include "aix/os/operating_system.hpp"
#include "hypervisor/managed_system.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::aix::test {

struct ProcessorSite {
    struct Lpar {
        std::uint32_t procs = 1;
        std::int32_t hundredths = 100;
        hypervisor::SharingMode mode = hypervisor::SharingMode::kUncapped;
        ProcessorsConfig config{};
        bool allow_perf_collection = false;
        std::uint8_t weight = 128;
    };
    sim::Engine engine{7};
    std::unique_ptr<hypervisor::ManagedSystem> system;
    std::vector<std::unique_ptr<OperatingSystem>> systems;

    explicit ProcessorSite(std::vector<Lpar> lpars, hypervisor::DispatchMode mode = hypervisor::DispatchMode::kFluid,
                           std::uint32_t cores = 16, std::string type_model = "8205-E6C") {
        auto created = hypervisor::ManagedSystem::create(engine, {.name = "cec",
                                                                  .type_model = std::move(type_model),
                                                                  .cores = cores,
                                                                  .memory_bytes = 32 * hypervisor::kGibibyte,
                                                                  .dispatch = mode});
        if (!created) throw std::runtime_error(created.error().text);
        system = std::move(*created);
        for (const auto& lpar : lpars) define(lpar);
    }
    void define(const Lpar& lpar) {
        const auto number = static_cast<std::uint16_t>(systems.size() + 1);
        hypervisor::PartitionConfig config{.lpar_id = hypervisor::PartitionId{number},
                                           .name = "lpar" + std::to_string(number),
                                           .allow_perf_collection = lpar.allow_perf_collection};
        auto& profile = config.profile;
        profile.sharing_mode = lpar.mode;
        profile.uncap_weight = lpar.weight;
        profile.desired_proc_units = profile.max_proc_units = {lpar.hundredths};
        profile.min_proc_units = {10};
        profile.desired_procs = profile.max_procs = lpar.procs;
        const bool is_dedicated = lpar.mode >= hypervisor::SharingMode::kKeepIdleProcs;
        if (is_dedicated) profile.proc_mode = hypervisor::ProcessorMode::kDedicated;
        const auto defined = system->define_partition(config);
        if (!defined) throw std::runtime_error(defined.error().text);
        systems.push_back(std::make_unique<OperatingSystem>(engine, *system, config.lpar_id,
                                                            OperatingSystemConfig{.processors = lpar.config}));
    }
    void start(std::size_t index = 0) {
        const auto started = system->start_settled(systems[index]->partition_id());
        if (!started) throw std::runtime_error(started.error().text);
    }
    Processors& processors(std::size_t index = 0) { return systems[index]->processors(); }
    void run_for(sim::Duration span) { engine.run_until(engine.now() + span); }
    ProcessorCounters counters(std::size_t index = 0) { return processors(index).counters(engine.now()); }
};

inline constexpr hypervisor::CoreRate thousandths(std::int64_t value) { return {value * 1'000'000}; }

}  // namespace pvmsim::aix::test
