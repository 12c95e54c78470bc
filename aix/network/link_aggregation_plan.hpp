// LinkAggregationPlan: an EtherChannel that somebody wants to make, told without its devices, so that a scenario file
// can be judged before anything is built. The rules are those of link_aggregation_rules.cpp (R-NET-02, R-NET-03).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pvmsim::aix {

struct PlannedAdapter {
    std::string name;
    bool is_virtual = false;
    bool is_aggregation = false;
    bool is_in_use = false;
};

struct LinkAggregationPlan {
    std::vector<PlannedAdapter> members{};
    std::vector<PlannedAdapter> backups{};
    std::vector<std::pair<std::string, std::string>> attributes{};  ///< each good by its own (check_attribute_value)
};

/// Why an operator may not make this aggregation; nullopt when it is good. A reason that is about an attribute begins
/// with its name and a colon.
[[nodiscard]] std::optional<std::string> why_refused(const LinkAggregationPlan& plan);

}  // namespace pvmsim::aix
