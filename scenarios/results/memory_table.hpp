// Memory of shared and expanded partitions and of shared memory pools as tables for people.
// Empty where nobody has any: dedicated memory is in the capacity table.
#pragma once

#include <string>

#include "scenarios/results/run_result.hpp"

namespace pvmsim::scenarios {

/// With titles.
[[nodiscard]] std::string memory_tables(const RunResult& result);

}  // namespace pvmsim::scenarios
