// Player: carries out a scenario's timeline: faults, repairs, attribute changes, each at its time.
//
// It is an entity, so that what was done and when is part of the run's fingerprint.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/play/site.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::scenarios {

/// player -> itself: a step of the timeline is due.
struct TimelineStepDue {
    static constexpr std::string_view kName = "timeline-step-due";
    std::uint32_t step;
};

/// A step as it went.
struct PlayedStep {
    sim::SimTime at;
    std::string what;     ///< "fault: crash vios1"
    std::string refused;  ///< why it could not be done; empty when it was
    std::string outcome;  ///< of what took time: how it went
};

class Player : public sim::Entity {
  public:
    Player(sim::Engine& engine, Site& site, const Scenario& scenario);

    /// Up to now; outcomes of what takes time as they are now.
    [[nodiscard]] const std::vector<PlayedStep>& played();

    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

  private:
    struct MemoryChangePlayed {
        std::size_t played;
        std::string partition;
    };
    void note_memory_change(std::size_t index);
    void play(const TimelineStep& step);
    [[nodiscard]] std::expected<void, std::string> apply(const TimelineStep& step);

    sim::Engine& engine_;
    Site& site_;
    const Scenario& scenario_;
    sim::EntityId entity_;
    std::vector<PlayedStep> played_;
    std::vector<MemoryChangePlayed> memory_changes_;
};

/// "fault: crash vios1", "repair: link-down p740a/C2-T1", "vios1: chdev -dev ent8 -attr ha_mode=standby".
[[nodiscard]] std::string describe(const TimelineStep& step);
[[nodiscard]] std::string_view to_string(FaultKind kind);

}  // namespace pvmsim::scenarios
