// Changing a partition's processor demand over time; see processor_load.hpp.
// One event is pending at a time: the next change.
#include "aix/workload/processor_load.hpp"

#include <utility>

#include "aix/workload/events.hpp"

namespace pvmsim::aix {

ProcessorLoad::ProcessorLoad(sim::Engine& engine, Processors& processors, std::string path, ProcessorLoadConfig config)
    : engine_(engine),
      processors_(processors),
      config_(std::move(config)),
      entity_(engine.add(*this, path)),
      random_(engine.random_stream(path, "demand")) {}

void ProcessorLoad::start() {
    if (config_.is_recorded) processors_.set_vpm_xvcpus(-1);
    if (config_.busy_threads > 0) return processors_.set_application_threads(config_.busy_threads);
    if (config_.random_every.count() > 0) return draw();
    std::uint32_t current = 0;
    if (config_.steps.empty()) return;
    while (current + 1 < config_.steps.size() && config_.steps[current + 1].at <= engine_.now()) ++current;
    if (config_.steps[current].at > engine_.now())
        next_ = engine_.schedule_at(config_.steps[current].at, entity_, DemandChange{current});
    else
        apply_step_and_arm(current);
}

void ProcessorLoad::stop() {
    engine_.cancel(next_);
    demand_ = {};
}

void ProcessorLoad::apply(hypervisor::CoreRate demand) {
    demand_ = demand;
    processors_.set_application_demand(demand);
}

void ProcessorLoad::apply_step_and_arm(std::uint32_t step) {
    apply(config_.steps[step].demand);
    if (step + 1 < config_.steps.size())
        next_ = engine_.schedule_at(config_.steps[step + 1].at, entity_, DemandChange{step + 1});
}

void ProcessorLoad::draw() {
    const auto spread = config_.random_spread.nanocores;
    const auto drawn = config_.random_mean.nanocores + random_.between(-spread, spread);
    apply({drawn < 0 ? 0 : drawn});
    next_ = engine_.schedule_in(config_.random_every, entity_, DemandChange{0});
}

void ProcessorLoad::on_event(const sim::Event& event) {
    const auto* change = event.as<DemandChange>();
    if (config_.random_every.count() > 0)
        draw();
    else
        apply_step_and_arm(change->step);
}

void ProcessorLoad::digest(sim::Digest& digest) const { digest.add(demand_.nanocores); }

}  // namespace pvmsim::aix
