// The memory parts of the JSON result. See docs/results.md.
// Apart from results_json.cpp because they are many; only that file includes this one.
#pragma once

#include <boost/json.hpp>

#include "scenarios/results/memory_result.hpp"

namespace pvmsim::scenarios {

[[nodiscard]] boost::json::object memory_json(const MemoryMeasures& memory);
[[nodiscard]] boost::json::object memory_json(const SystemMemoryMeasures& memory);
[[nodiscard]] boost::json::object memory_pool_json(const MemoryPoolMeasures& pool);

}  // namespace pvmsim::scenarios
