// What an audit is made of: rules, and what they find in a scenario. Plain data.
//
// A rule is one small function with a stable id; what it says about itself (why it matters, what to do, where the rule
// comes from) is shared by all its findings. Ids are never given to another rule.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pvmsim::scenarios::audit {

class View;

/// Critical: an outage now or at the next failover, or a configuration that is refused. Warning: an outage longer or
/// likelier than it need be. Advice: good practice.
enum class Severity : std::uint8_t { kCritical, kWarning, kAdvice };
[[nodiscard]] std::string_view to_string(Severity severity);

/// A place in the scenario: keys from the root, positions in lists as numbers from 0.
using Path = std::vector<std::string>;

struct Finding {
    std::string message;         ///< one line, with the names and the values
    std::vector<Path> evidence;  ///< at least one; the first is what to look at
};
using Findings = std::vector<Finding>;

struct Rule {
    std::string_view id;  ///< "NET-003"
    Severity severity;
    std::string_view title;
    std::string_view explanation;  ///< what happens, in a sentence or two
    std::string_view remedy;
    std::string_view source;
    Findings (*check)(const View& view);
};

}  // namespace pvmsim::scenarios::audit
