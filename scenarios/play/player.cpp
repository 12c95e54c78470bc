// Carrying out the timeline; see player.hpp.
// A step that the present state refuses is noted and the play goes on, as in a rehearsal room.
#include "scenarios/play/player.hpp"

#include <tuple>
#include <utility>

#include "scenarios/play/changes.hpp"
#include "scenarios/play/faults.hpp"
#include "scenarios/play/memory_changes.hpp"
#include "scenarios/play/network_changes.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::scenarios {

std::string_view to_string(FaultKind kind) {
    switch (kind) {
        case FaultKind::kPowerOff:
            return "power-off";
        case FaultKind::kShutdown:
            return "shutdown";
        case FaultKind::kCrash:
            return "crash";
        case FaultKind::kHang:
            return "hang";
        case FaultKind::kLinkDown:
            return "link-down";
        case FaultKind::kCableHalfOpen:
            return "cable-half-open";
        case FaultKind::kPortDown:
            return "port-down";
        case FaultKind::kSwitchDown:
            return "switch-down";
        case FaultKind::kControllerDown:
            return "controller-down";
        case FaultKind::kHostDown:
            return "host-down";
        case FaultKind::kSlow:
            return "slow";
    }
    return "";
}

std::string describe(const TimelineStep& step) {
    if (step.fault) {
        const auto verb = step.fault->repair ? "repair: " : "fault: ";
        return verb + std::string(to_string(step.fault->kind)) + " " + step.fault->target;
    }
    if (step.processors) return describe(*step.processors);
    if (step.pool) return describe(*step.pool);
    if (step.tuning) return describe(*step.tuning);
    if (step.memory) return describe(*step.memory);
    if (step.ethernet) return describe(*step.ethernet);
    if (step.vswitch) return describe(*step.vswitch);
    if (step.memory_pool) return describe(*step.memory_pool);
    if (step.operating_system) return describe(*step.operating_system);
    if (step.workload) return describe(*step.workload);
    PVMSIM_ASSERT(step.chdev.has_value());
    return describe(*step.chdev);
}

Player::Player(sim::Engine& engine, Site& site, const Scenario& scenario)
    : engine_(engine), site_(site), scenario_(scenario), entity_(engine.add(*this, "timeline")) {
    for (std::uint32_t step = 0; step < scenario_.timeline.size(); ++step)
        engine_.schedule_at(scenario_.timeline[step].at, entity_, TimelineStepDue{step});
}

void Player::on_event(const sim::Event& event) { play(scenario_.timeline[event.as<TimelineStepDue>()->step]); }

std::expected<void, std::string> Player::apply(const TimelineStep& step) {
    if (step.fault) return apply_fault(site_, *step.fault);
    if (step.processors) return apply_processor_change(site_, *step.processors);
    if (step.pool) return apply_pool_change(site_, *step.pool);
    if (step.tuning) return apply_tuning(site_, *step.tuning);
    if (step.memory) return apply_memory_change(site_, *step.memory);
    if (step.memory_pool) return apply_memory_pool_change(site_, *step.memory_pool);
    if (step.ethernet) return apply_virtual_ethernet(site_, *step.ethernet);
    if (step.vswitch) return apply_virtual_switch(site_, *step.vswitch);
    if (step.operating_system) return apply_operating_system(site_, *step.operating_system);
    if (step.workload) return apply_workload(site_, *step.workload);
    return apply_chdev(site_, *step.chdev);
}

void Player::note_memory_change(std::size_t index) {
    if (index >= memory_changes_.size()) return;
    auto& played = played_[memory_changes_[index].played];
    const auto* operation = memory_operation_of(site_, memory_changes_[index].partition);
    if (operation == nullptr || operation->started != played.at) return;
    played.outcome = operation->text();
    if (!operation->is_finished) played.outcome += ", not finished";
}

const std::vector<PlayedStep>& Player::played() {
    for (std::size_t index = 0; index < memory_changes_.size(); ++index) note_memory_change(index);
    return played_;
}

void Player::play(const TimelineStep& step) {
    // The hypervisor remembers a partition's last change only: what became of those before is noted now.
    if (step.memory) std::ignore = played();
    PlayedStep played{.at = engine_.now(), .what = describe(step), .refused = {}, .outcome = {}};
    engine_.trace().milestone(engine_.now(), "timeline", "step", played.what);
    const auto done = apply(step);
    if (!done) {
        played.refused = done.error();
        engine_.trace().milestone(engine_.now(), "timeline", "step-refused", "not done: " + played.refused);
    } else if (step.memory && !step.memory->op.empty())
        memory_changes_.push_back({played_.size(), step.memory->partition});
    played_.push_back(std::move(played));
}

void Player::digest(sim::Digest& digest) const { digest.add(played_.size()); }

}  // namespace pvmsim::scenarios
