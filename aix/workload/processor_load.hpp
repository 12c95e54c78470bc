// ProcessorLoad: how much processor the partition's programs would use: in steps, at random, replayed from a recording,
// or as a number of threads that are always busy. The dispatcher decides how much of it they get.
//
// A replay is steps, the recorded consumption of each interval. It was folded when it was recorded: it is not again.
#pragma once

#include <vector>

#include "aix/processor/processors.hpp"
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
    std::uint32_t busy_threads = 0;  ///< instead of all this: so many threads, from the start to the end
    bool is_recorded = false;        ///< the steps come from a recording: processor folding is off
};

class ProcessorLoad : public sim::Entity {
  public:
    ProcessorLoad(sim::Engine& engine, Processors& processors, std::string path, ProcessorLoadConfig config);

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
    Processors& processors_;
    ProcessorLoadConfig config_;
    sim::EntityId entity_;
    sim::RandomStream random_;
    sim::EventHandle next_;
    hypervisor::CoreRate demand_;
};

}  // namespace pvmsim::aix
