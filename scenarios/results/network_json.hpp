// The network's part of the JSON result; docs/results.md.
// Rates are bytes a second, all directions of a flow together.
#pragma once

#include <boost/json.hpp>

#include "scenarios/results/run_result.hpp"

namespace pvmsim::scenarios {

[[nodiscard]] boost::json::array outages_json(const std::vector<aix::Outage>& outages);
/// outages, longest_outage_s, total_outage_s.
void add_outages(boost::json::object& object, const std::vector<aix::Outage>& outages);
[[nodiscard]] boost::json::array flows_json(const PartitionResult& partition);
[[nodiscard]] boost::json::array network_series_json(const PartitionResult& partition);
[[nodiscard]] boost::json::object vlans_json(const PartitionResult& partition);
[[nodiscard]] boost::json::object sea_json(const SeaResult& sea);
[[nodiscard]] boost::json::object server_json(const ServerTraffic& server);
[[nodiscard]] boost::json::object network_json(const NetworkResult& network);

}  // namespace pvmsim::scenarios
