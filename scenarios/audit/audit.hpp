// audit: all rules over one scenario (R-NET-10). Nothing is run: a finding says what would happen, a run shows it.
// What a rule cannot see in a scenario file is listed in docs/audit.md.
#pragma once

#include <cstddef>
#include <vector>

#include "scenarios/audit/rule.hpp"
#include "scenarios/description/scenario.hpp"

namespace pvmsim::scenarios::audit {

struct RuleFindings {
    Rule rule;
    Findings findings;  ///< not empty
};

/// Rules that found something: critical ones first, then by id.
[[nodiscard]] std::vector<RuleFindings> audit(const Scenario& scenario);
[[nodiscard]] std::size_t count(const std::vector<RuleFindings>& found, Severity severity);

}  // namespace pvmsim::scenarios::audit
