// The steps of loading, in order; see load.hpp.
// Errors carry a source number inside; here it becomes the file's name or the override's text.
#include "scenarios/loader/load.hpp"

#include <utility>

#include "scenarios/loader/document.hpp"
#include "scenarios/loader/judge.hpp"
#include "scenarios/loader/overrides.hpp"
#include "scenarios/loader/ranges.hpp"
#include "scenarios/loader/reading.hpp"
#include "scenarios/loader/text_check.hpp"
#include "scenarios/schema/spec.hpp"
#include "scenarios/schema/validate.hpp"

namespace pvmsim::scenarios {

namespace {

std::vector<LoadError> named_errors(const Errors& errors, const std::string& file,
                                    std::span<const std::string> overrides) {
    std::vector<LoadError> result;
    for (const auto& finding : errors.folded()) {
        const auto& place = finding.place;
        const auto name = place.source == 0 ? file : override_name(overrides[place.source - 1]);
        result.push_back({name, place.line, place.column, finding.message});
    }
    return result;
}

}  // namespace

std::string format_error(const LoadError& error) {
    return to_string({0, error.line, error.column}, error.file) + ": error: " + error.message;
}

Loaded load_scenario_text(std::string_view text, const std::string& file, const std::filesystem::path& directory,
                          std::span<const std::string> overrides) {
    Errors errors;
    auto root = expanded_document(text, overrides, errors);
    if (!errors.empty()) return std::unexpected(named_errors(errors, file, overrides));

    const auto spec = scenario_spec();
    validate(root, spec, errors);
    drop_malformed(root, errors);
    fill_defaults(root, spec);
    auto scenario = Reading(root, errors, directory).run();
    if (!errors.empty()) return std::unexpected(named_errors(errors, file, overrides));
    return scenario;
}

Loaded load_scenario(const std::filesystem::path& path, std::span<const std::string> overrides) {
    const auto text = read_whole_file(path);
    if (!text) return std::unexpected(std::vector{LoadError{path.string(), 0, 0, text.error()}});
    return load_scenario_text(*text, path.string(), path.parent_path(), overrides);
}

Node expanded_document(std::string_view text, std::span<const std::string> overrides, Errors& errors) {
    auto root = parse_document(text, 0, errors);
    if (!errors.empty()) return root;
    expand_ranges(root, errors);
    apply_overrides(root, overrides, errors);
    return root;
}

}  // namespace pvmsim::scenarios
