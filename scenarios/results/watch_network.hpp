// Rows over time of what flows offered and got through, and of what bridged them: `watch: { network: true }`.
// For reading; programs read the JSON.
#pragma once

#include <string>

#include "scenarios/results/run_result.hpp"

namespace pvmsim::scenarios {

/// With titles; empty when nothing of the network is watched.
[[nodiscard]] std::string network_watch_tables(const RunResult& result);

}  // namespace pvmsim::scenarios
