// ProcessorLoad: how much processor the partition's programs would use: in steps, at random, or replayed from a
// recording. The dispatcher decides how much of it they get. (A replay is steps: the recorded consumption of each
// interval.)
#pragma once

#include <vector>

#include "hypervisor/managed_system.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::aix {

struct DemandStep {
    sim::SimTime at;
    hypervisor::CoreRate demand;
};

struct ProcessorLoadConfig {
    std::vector<DemandStep> steps;     ///< in order of time
    hypervisor::CoreRate random_mean;  ///< with random_every > 0: uniform in mean +- spread, drawn anew each time
    hypervisor::CoreRate random_spread;
    sim::Duration random_every{0};
};

class ProcessorLoad : public sim::Entity {
  public:
    ProcessorLoad(sim::Engine& engine, hypervisor::ManagedSystem& system, hypervisor::PartitionId partition,
                  std::string path, ProcessorLoadConfig config);

    void start();
    void stop();
    [[nodiscard]] sim::EntityId entity() const { return entity_; }

    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

  private:
    void apply(hypervisor::CoreRate demand);
    void apply_step_and_arm(std::uint32_t step);
    void draw();

    sim::Engine& engine_;
    hypervisor::ManagedSystem& system_;
    hypervisor::PartitionId partition_;
    ProcessorLoadConfig config_;
    sim::EntityId entity_;
    sim::RandomStream random_;
    sim::EventHandle next_;
    hypervisor::CoreRate demand_;
};

}  // namespace pvmsim::aix
