// A RunResult as tables for people: what every client lost, and for how long; the verdicts.
// Tables are for reading and may change; programs read the JSON.
#pragma once

#include <string>

#include "scenarios/results/run_result.hpp"

namespace pvmsim::scenarios {

/// The outage table: one row a client's interface or disk; clients that lost exactly the same share a row.
/// With its title; empty when only other things were measured.
[[nodiscard]] std::string outage_table(const RunResult& result);
/// Processor and memory of each partition.
[[nodiscard]] std::string capacity_table(const RunResult& result);
/// Response times of the partitions' bursts, with a title; empty when there are none.
[[nodiscard]] std::string burst_table(const RunResult& result);
/// Every verdict that does not hold, and how many do.
[[nodiscard]] std::string verdict_table(const RunResult& result);
/// "seed=42 fingerprint=0123456789abcdef events=1,234 simtime=600.000s", without the wall time.
[[nodiscard]] std::string closing_line(const RunResult& result);

}  // namespace pvmsim::scenarios
