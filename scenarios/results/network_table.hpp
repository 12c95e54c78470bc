// The network's figures as tables for people: flows, VLANs where something came twice or in disorder, what carried the
// flows and where it was short. Empty where there is nothing to tell.
#pragma once

#include <string>

#include "scenarios/results/run_result.hpp"

namespace pvmsim::scenarios {

/// With titles.
[[nodiscard]] std::string network_tables(const RunResult& result);

}  // namespace pvmsim::scenarios
