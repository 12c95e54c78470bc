// Judging a run: each expectation of the scenario against what was measured.
// Counts and durations are compared as they were measured, before any rounding for print.
#pragma once

#include <vector>

#include "scenarios/results/run_result.hpp"

namespace pvmsim::scenarios {

[[nodiscard]] std::vector<Verdict> judge(const std::vector<Expectation>& expectations, const RunResult& result);

}  // namespace pvmsim::scenarios
