// Reading what is about memory from the site, after the last event or in the middle of a run. Changes nothing.
// Only collect.cpp includes this.
#pragma once

#include <string>

#include "scenarios/play/site.hpp"
#include "scenarios/results/memory_result.hpp"

namespace pvmsim::scenarios {

[[nodiscard]] MemoryMeasures memory_of(const PartitionSite& partition, sim::SimTime now);
[[nodiscard]] SystemMemoryMeasures memory_of(const Site& site, const hypervisor::ManagedSystem& system);

/// amepat in a running partition, for the time from the start of the run.
[[nodiscard]] std::string amepat_report(const PartitionSite& partition, sim::SimTime now);

}  // namespace pvmsim::scenarios
