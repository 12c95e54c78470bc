// pvmsim audit: what is wrong with a site before anything fails (R-NET-10). Loads the scenario and looks; nothing runs.
//
// Exit code 1 when something critical was found: fit for a check before every change.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <optional>
#include <string_view>

#include "apps/audit_report.hpp"
#include "apps/commands.hpp"
#include "apps/console_output.hpp"
#include "scenarios/audit/rules.hpp"
#include "scenarios/loader/load.hpp"
#include "scenarios/loader/suggest.hpp"
#include "scenarios/loader/text_check.hpp"

namespace pvmsim::apps {
namespace {

bool colour_wanted() {
    const char* term = std::getenv("TERM");
    const char* no_colour = std::getenv("NO_COLOR");
    return ::isatty(STDOUT_FILENO) != 0 && term && std::string_view(term) != "dumb" &&
           (!no_colour || *no_colour == '\0');
}

/// The text is needed twice: for the scenario and for its places. nullopt after a complaint.
std::optional<std::string> read_text(const std::string& file) {
    if (file == "-") return std::string{std::istreambuf_iterator<char>(std::cin), {}};
    auto text = scenarios::read_whole_file(file);
    if (text) return std::move(*text);
    std::cerr << scenarios::format_error({file, 0, 0, text.error()}) << '\n';
    return std::nullopt;
}

int explain(const std::string& id) {
    if (const auto rule = scenarios::audit::find_rule(id))
        return print(rule_text(*rule, colour_wanted())) ? kExitOk : kExitBadInput;
    std::vector<std::string_view> known;
    const auto all = scenarios::audit::rules();
    for (const auto& rule : all) known.push_back(rule.id);
    complain("there is no rule '" + id + "'" + scenarios::suggestion(id, known));
    complain("see: pvmsim audit --list");
    return kExitBadInput;
}

}  // namespace

int audit_command(const AuditOptions& options) {
    if (options.list) return print(rule_list()) ? kExitOk : kExitBadInput;
    if (!options.explain.empty()) return explain(options.explain);
    if (options.scenario.empty()) {
        complain("audit needs FILE, --list or --explain");
        complain("see: pvmsim audit --help");
        return kExitBadInput;
    }
    const auto text = read_text(options.scenario);
    if (!text) return kExitBadInput;
    const bool standard_input = options.scenario == "-";
    const std::string name = standard_input ? "<stdin>" : options.scenario;
    const auto directory = standard_input ? std::filesystem::path(".") : std::filesystem::path(name).parent_path();
    const auto scenario = scenarios::load_scenario_text(*text, name, directory, options.overrides);
    if (!scenario) {
        for (const auto& error : scenario.error()) std::cerr << scenarios::format_error(error) << '\n';
        return kExitBadInput;
    }
    const scenarios::audit::SourcePlaces places(*text, name, options.overrides);
    const AuditedFile file{name, scenario->name, scenarios::audit::audit(*scenario), places};
    if (!print(options.json ? audit_json(file) : audit_text(file, colour_wanted()))) return kExitBadInput;
    return count(file.found, scenarios::audit::Severity::kCritical) > 0 ? kExitExpectationFailed : kExitOk;
}

}  // namespace pvmsim::apps
