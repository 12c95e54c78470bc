// What a flow offers as time passes: always the same, drawn anew, or in bursts; see flow_load.hpp.
// A burst begins at a phase of its own, so that equal flows do not march in step.
#include "aix/workload/flow_load.hpp"

#include <algorithm>
#include <utility>

#include "aix/workload/events.hpp"
#include "aix/workload/flow_network.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::aix {

FlowLoad::FlowLoad(sim::Engine& engine, FlowNetwork& network, NetworkInterface& interface, std::string path,
                   const FlowLoadConfig& config)
    : engine_(engine),
      network_(network),
      interface_(interface),
      config_(config),
      entity_(engine.add(*this, path)),
      changes_(engine.random_stream(path, "changes")),
      flow_(network.add_flow(interface, config)) {
    PVMSIM_ASSERT((config_.burst_on.count() > 0) == (config_.burst_off.count() > 0));
    PVMSIM_ASSERT(config_.burst_on.count() == 0 || config_.change_every.count() == 0);
}

/// In each direction it goes.
std::int64_t FlowLoad::full_rate() const {
    return config_.kind == wire::FlowKind::kStream ? rate_ : rate_ * config_.transaction_bytes;
}

/// Those whose time has come; the next one is waited for.
void FlowLoad::take_steps() {
    while (steps_taken_ < config_.steps.size() && config_.steps[steps_taken_].at <= engine_.now())
        rate_ = config_.steps[steps_taken_++].rate;
    if (steps_taken_ < config_.steps.size())
        step_due_ = engine_.schedule_at(config_.steps[steps_taken_].at, entity_, FlowStepDue{});
}

void FlowLoad::step() {
    take_steps();
    const bool is_drawn = config_.change_every.count() > 0;  // takes effect with the next draw
    const bool is_quiet = config_.burst_on.count() > 0 && !in_burst_;
    if (!is_drawn && !is_quiet) network_.set_demand(flow_, full_rate());
}

void FlowLoad::start(sim::SimTime at) {
    next_ = engine_.schedule_at(std::max(at, engine_.now()), entity_, FlowStarts{});
}

void FlowLoad::stop() {
    engine_.cancel(next_);
    engine_.cancel(step_due_);
    running_ = false;
    network_.stop(flow_);
}

void FlowLoad::begin() {
    running_ = true;
    network_.start(flow_);
    rate_ = config_.kind == wire::FlowKind::kStream ? config_.bytes_per_s : config_.transactions_per_s;
    steps_taken_ = 0;
    take_steps();
    if (config_.burst_on.count() > 0) {
        in_burst_ = false;
        next_ = engine_.schedule_in(changes_.uniform(sim::Duration{0}, config_.burst_off), entity_, FlowChanges{});
        return;
    }
    network_.set_demand(flow_, full_rate());
    if (config_.change_every.count() == 0) return;
    next_ = engine_.schedule_in(changes_.uniform(sim::Duration{0}, config_.change_every), entity_, FlowChanges{});
}

void FlowLoad::change() {
    if (config_.burst_on.count() > 0) {
        in_burst_ = !in_burst_;
        network_.set_demand(flow_, in_burst_ ? full_rate() : 0);
        next_ = engine_.schedule_in(in_burst_ ? config_.burst_on : config_.burst_off, entity_, FlowChanges{});
        return;
    }
    const auto drawn = changes_.uniform(sim::Duration{0}, sim::Duration{2 * full_rate()});
    network_.set_demand(flow_, drawn.count());
    next_ = engine_.schedule_in(config_.change_every, entity_, FlowChanges{});
}

void FlowLoad::on_event(const sim::Event& event) {
    if (event.is<FlowStarts>()) return begin();
    if (event.is<FlowStepDue>()) {
        if (running_) step();
        return;
    }
    PVMSIM_ASSERT(event.is<FlowChanges>());
    if (running_) change();
}

FlowLoadResult FlowLoad::result(sim::SimTime now) const { return network_.result(flow_, now); }

void FlowLoad::digest(sim::Digest& digest) const {
    digest.add(running_);
    digest.add(in_burst_);
}

}  // namespace pvmsim::aix
