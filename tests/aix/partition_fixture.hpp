// One running AIX partition on a small system, for tests of what lives in an operating system.
// Devices may be added before start(); everything is owned here.
#pragma once

#include <memory>

#include "aix/os/operating_system.hpp"
#include "hypervisor/managed_system.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::aix::test {

struct RunningPartition {
    sim::Engine engine{7};
    std::unique_ptr<hypervisor::ManagedSystem> system;
    std::unique_ptr<OperatingSystem> os;
    hypervisor::PartitionId id{1};

    RunningPartition() {
        system = std::move(*hypervisor::ManagedSystem::create(
            engine, {.name = "cec", .type_model = "8205-E6C", .cores = 4, .memory_bytes = 64 * hypervisor::kGibibyte}));
        hypervisor::PartitionConfig config{.lpar_id = id, .name = "lpar"};
        config.profile.desired_proc_units = {50};
        const auto defined = system->define_partition(config);
        if (!defined) throw std::runtime_error(defined.error().text);
        os = std::make_unique<OperatingSystem>(engine, *system, id, OperatingSystemConfig{});
    }

    void start() {
        const auto started = system->start_settled(id);
        if (!started) throw std::runtime_error(started.error().text);
    }

    void run_for(sim::Duration span) { engine.run_until(engine.now() + span); }
};

}  // namespace pvmsim::aix::test
