// Rehearsal: one run of a scenario from its first instant to its verdicts. Owns engine, site and player.
// Several may live in one process, each on a thread of its own.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "scenarios/description/scenario.hpp"
#include "scenarios/play/memory_meter.hpp"
#include "scenarios/play/meter.hpp"
#include "scenarios/play/network_meter.hpp"
#include "scenarios/play/player.hpp"
#include "scenarios/play/site.hpp"
#include "scenarios/results/run_result.hpp"

namespace pvmsim::scenarios {

class Rehearsal {
  public:
    /// Builds the site and brings it up at time 0. `series_every`: measure every partition at this interval; 0: not.
    static std::expected<std::unique_ptr<Rehearsal>, std::string> create(const Scenario& scenario,
                                                                         sim::Duration series_every = sim::Duration{0},
                                                                         std::vector<sim::TraceSink*> sinks = {});
    ~Rehearsal();

    void run_until(sim::SimTime until);
    [[nodiscard]] RunResult result();

    [[nodiscard]] sim::Engine& engine() { return engine_; }
    [[nodiscard]] Site& site() { return *site_; }

  private:
    Rehearsal(const Scenario& scenario, sim::Duration series_every);
    void add_watched(WatchResult& watch) const;

    const Scenario& scenario_;
    sim::Engine engine_;
    std::unique_ptr<Site> site_;
    std::unique_ptr<Player> player_;
    sim::Duration series_every_;
    std::unique_ptr<Meter> series_;  ///< for --series
    std::unique_ptr<Meter> watch_;   ///< for watch:
    std::unique_ptr<MemoryMeter> memory_watch_;
    std::unique_ptr<NetworkMeter> network_series_;
    std::unique_ptr<NetworkMeter> network_watch_;
};

}  // namespace pvmsim::scenarios
