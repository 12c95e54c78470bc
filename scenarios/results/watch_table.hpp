// What `watch:` asked for as rows over time: for each partition the lines of its lparstat with the time before them,
// and behind them what lparstat does not show; for each server the use of its shared processor pools.
#pragma once

#include <string>

#include "scenarios/results/run_result.hpp"

namespace pvmsim::scenarios {

/// Empty when nothing was watched.
[[nodiscard]] std::string watch_tables(const RunResult& result);

}  // namespace pvmsim::scenarios
