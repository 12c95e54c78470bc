// Printing findings; see audit_report.hpp.
// Findings of the copies of a range share their place: one line stands for all of them.
#include "apps/audit_report.hpp"

#include <map>
#include <string_view>
#include <utility>

#include "apps/json_text.hpp"
#include "scenarios/audit/rules.hpp"
#include "scenarios/results/text_table.hpp"

namespace pvmsim::apps {
namespace {

using scenarios::audit::Finding;
using scenarios::audit::Rule;
using scenarios::audit::RuleFindings;
using scenarios::audit::Severity;

constexpr std::size_t kWidth = 100;
constexpr std::size_t kPlacesShown = 5;  ///< of one rule; JSON has them all
constexpr std::uint64_t kFormat = 1;

/// Words broken into lines, each indented; the first line begins with `head`.
std::string wrapped(std::string_view head, std::string_view text) {
    const std::string indent = "  ";
    std::string out = indent + std::string(head);
    std::size_t column = out.size();
    while (!text.empty()) {
        const auto word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        if (column + word.size() > kWidth) {
            while (out.back() == ' ') out.pop_back();
            out += "\n" + indent;
            column = indent.size();
        }
        out += std::string(word) + (text.empty() ? "" : " ");
        column += word.size() + 1;
    }
    return out + "\n";
}

std::string headline(const Rule& rule, bool colour) {
    const auto severity = std::string(to_string(rule.severity));
    if (!colour) return std::string(rule.id) + " " + severity + ": " + std::string(rule.title) + "\n";
    const std::string_view paint = rule.severity == Severity::kCritical  ? "\033[1;31m"
                                   : rule.severity == Severity::kWarning ? "\033[1;33m"
                                                                         : "\033[1;36m";
    return std::string(rule.id) + " " + std::string(paint) + severity + "\033[0m: \033[1m" + std::string(rule.title) +
           "\033[0m\n";
}

std::string body(const Rule& rule) {
    return wrapped("", rule.explanation) + wrapped("Remedy: ", rule.remedy) + wrapped("Source: ", rule.source);
}

std::string finding_lines(const RuleFindings& one, const scenarios::audit::SourcePlaces& places) {
    std::vector<std::pair<std::string, const Finding*>> lines;
    std::map<std::string, std::size_t> copies;
    for (const auto& finding : one.findings) {
        auto place = places.text(finding.evidence.front());
        if (++copies[place] == 1) lines.emplace_back(std::move(place), &finding);
    }
    std::string text;
    std::size_t shown = 0, told = 0;
    for (const auto& [place, finding] : lines) {
        if (shown++ == kPlacesShown) break;
        const auto more = copies[place] - 1;
        told += copies[place];
        text += "  " + place + ": " + finding->message +
                (more ? " (and " + std::to_string(more) + " more like it)" : "") + "\n";
    }
    if (told < one.findings.size())
        text += "  ... and " + std::to_string(one.findings.size() - told) + " more; --output json has them all\n";
    return text;
}

std::string counted(std::size_t number, std::string_view word, std::string_view plural) {
    return std::to_string(number) + " " + std::string(number == 1 ? word : plural);
}

std::string summary(const std::vector<RuleFindings>& found) {
    using scenarios::audit::count;
    return std::to_string(count(found, Severity::kCritical)) + " critical, " +
           counted(count(found, Severity::kWarning), "warning", "warnings") + ", " +
           std::to_string(count(found, Severity::kAdvice)) + " advice";
}

void write_finding(JsonText& json, const Rule& rule, const Finding& finding, const AuditedFile& file) {
    json.begin_object();
    json.text("id", rule.id);
    json.text("severity", to_string(rule.severity));
    json.text("title", rule.title);
    json.text("message", finding.message);
    json.begin_array("evidence");
    for (const auto& path : finding.evidence) {
        json.begin_object();
        json.text("path", scenarios::audit::dotted(path));
        if (const auto spot = file.places.find(path)) {
            json.text("file", spot->source);
            json.number("line", spot->line);
            json.number("column", spot->column);
        }
        json.end_object();
    }
    json.end_array();
    json.text("explanation", rule.explanation);
    json.text("remedy", rule.remedy);
    json.text("source", rule.source);
    json.end_object();
}

}  // namespace

std::string audit_text(const AuditedFile& file, bool colour) {
    const auto head = file.name + ": ";
    if (file.found.empty())
        return head + "none of " + std::to_string(scenarios::audit::rules().size()) +
               " rules finds anything: " + file.scenario + "\n";
    auto text = head + summary(file.found) + ": " + file.scenario + "\n";
    for (const auto& one : file.found)
        text += "\n" + headline(one.rule, colour) + finding_lines(one, file.places) + body(one.rule);
    return text;
}

std::string audit_json(const AuditedFile& file) {
    using scenarios::audit::count;
    JsonText json;
    json.begin_object();
    json.number("format", kFormat);
    json.text("file", file.name);
    json.text("scenario", file.scenario);
    json.number("rules", scenarios::audit::rules().size());
    for (const auto severity : {Severity::kCritical, Severity::kWarning, Severity::kAdvice})
        json.number(to_string(severity), count(file.found, severity));
    json.begin_array("findings");
    for (const auto& one : file.found)
        for (const auto& finding : one.findings) write_finding(json, one.rule, finding, file);
    json.end_array();
    json.end_object();
    return std::move(json).finish();
}

std::string rule_list() {
    std::vector<scenarios::TextRow> rows{{"ID", "SEVERITY", "TITLE"}};
    for (const auto& rule : scenarios::audit::rules())
        rows.push_back({std::string(rule.id), std::string(to_string(rule.severity)), std::string(rule.title)});
    return scenarios::text_table(rows, rows.front().size());
}

std::string rule_text(const Rule& rule, bool colour) { return headline(rule, colour) + body(rule); }

}  // namespace pvmsim::apps
