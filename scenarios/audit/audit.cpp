// Running the rules over a scenario; see audit.hpp.
// Every rule sees the same view, which is made once.
#include "scenarios/audit/audit.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "scenarios/audit/rules.hpp"
#include "scenarios/audit/view.hpp"

namespace pvmsim::scenarios::audit {

std::string_view to_string(Severity severity) {
    switch (severity) {
        case Severity::kCritical:
            return "critical";
        case Severity::kWarning:
            return "warning";
        case Severity::kAdvice:
            break;
    }
    return "advice";
}

std::vector<Rule> rules() {
    std::vector<Rule> all;
    for (const auto family :
         {failover_rules, sharing_and_health_rules, vlan_rules, client_network_rules, outside_rules})
        std::ranges::move(family(), std::back_inserter(all));
    std::ranges::sort(all, {}, &Rule::id);
    for (const auto family : {virtual_scsi_rules, npiv_rules, partition_rules})
        std::ranges::move(family(), std::back_inserter(all));
    return all;
}

std::optional<Rule> find_rule(std::string_view id) {
    const auto upper = [](char letter) {
        return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 32) : letter;
    };
    for (const auto& rule : rules())
        if (std::ranges::equal(rule.id, id, {}, upper, upper)) return rule;
    return std::nullopt;
}

std::vector<RuleFindings> audit(const Scenario& scenario) {
    const View view(scenario);
    std::vector<RuleFindings> found;
    for (const auto& rule : rules())
        if (auto findings = rule.check(view); !findings.empty()) found.push_back({rule, std::move(findings)});
    std::ranges::stable_sort(found, {}, [](const RuleFindings& one) { return one.rule.severity; });
    return found;
}

std::size_t count(const std::vector<RuleFindings>& found, Severity severity) {
    std::size_t total = 0;
    for (const auto& one : found)
        if (one.rule.severity == severity) total += one.findings.size();
    return total;
}

}  // namespace pvmsim::scenarios::audit
