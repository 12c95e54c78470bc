// A RunResult as JSON. The format is a contract: docs/results.md, with its version in "format".
// Within a format number keys are only added.
#pragma once

#include <string>

#include "scenarios/results/run_result.hpp"

namespace pvmsim::scenarios {

inline constexpr int kResultsFormat = 1;

/// Indented, keys in a fixed order, ends with a newline.
[[nodiscard]] std::string to_json(const RunResult& result);

}  // namespace pvmsim::scenarios
