// What an audit says: for people, grouped by rule, and as JSON (docs/audit.md).
// Colour is for terminals only and never carries meaning.
#pragma once

#include <string>
#include <vector>

#include "scenarios/audit/audit.hpp"
#include "scenarios/audit/source_places.hpp"

namespace pvmsim::apps {

struct AuditedFile {
    std::string name;      ///< as the user named it
    std::string scenario;  ///< the scenario's own name
    std::vector<scenarios::audit::RuleFindings> found;
    const scenarios::audit::SourcePlaces& places;
};

[[nodiscard]] std::string audit_text(const AuditedFile& file, bool colour);
[[nodiscard]] std::string audit_json(const AuditedFile& file);
/// One line for each rule.
[[nodiscard]] std::string rule_list();
/// One rule in full.
[[nodiscard]] std::string rule_text(const scenarios::audit::Rule& rule, bool colour);

}  // namespace pvmsim::apps
