// The processor parts of the JSON result: measures, cycles, pools, transactions. See docs/results.md.
// Apart from results_json.cpp because they are many; only that file includes this one.
#pragma once

#include <boost/json.hpp>

#include "scenarios/results/run_result.hpp"

namespace pvmsim::scenarios {

[[nodiscard]] boost::json::object processor_json(const ProcessorResult& processor);
[[nodiscard]] boost::json::object bursts_json(const aix::BurstLoadResult& bursts);
[[nodiscard]] boost::json::object pool_json(const PoolResult& pool);

}  // namespace pvmsim::scenarios
