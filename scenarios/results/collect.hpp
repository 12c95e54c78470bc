// Collecting a run's results from the site, after the last event. Changes nothing.
// May be called in the middle of a run too: outages under way end "now".
#pragma once

#include "scenarios/play/player.hpp"
#include "scenarios/play/site.hpp"
#include "scenarios/results/run_result.hpp"

namespace pvmsim::scenarios {

[[nodiscard]] RunResult collect(sim::Engine& engine, Site& site, const Scenario& scenario, Player& player);

}  // namespace pvmsim::scenarios
