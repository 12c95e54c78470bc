// Reading what the network did into results. Changes nothing.
// Every list is in the order of the scenario file, switches' ports in the order of their numbers.
#pragma once

#include <optional>

#include "scenarios/play/site.hpp"
#include "scenarios/results/run_result.hpp"

namespace pvmsim::scenarios {

void collect_network(const Site& site, const PartitionSite& partition, sim::SimTime now, PartitionResult& result);
[[nodiscard]] NetworkResult network_of(const Site& site);

}  // namespace pvmsim::scenarios
