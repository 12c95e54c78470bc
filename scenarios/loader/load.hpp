// Loading a scenario: YAML text in, a checked Scenario out, or every mistake in it at once with its place.
//
// The steps, each in its own file: bytes (text_check), tree (document), overrides (overrides), ranges (ranges), form
// (schema/validate), meaning (reading). A file whose bytes or tree are broken ends there; form and meaning are judged
// together.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/description/scenario.hpp"

namespace pvmsim::scenarios {

struct LoadError {
    std::string file;        ///< or "--set partitions.app01.lpar_id" for an override
    std::uint32_t line = 0;  ///< 0: the file as a whole
    std::uint32_t column = 0;
    std::string message;
};

/// "site.yaml:12:5: error: unknown key 'vlan_ids', did you mean 'vlans'?"
std::string format_error(const LoadError& error);

using Loaded = std::expected<Scenario, std::vector<LoadError>>;

Loaded load_scenario(const std::filesystem::path& path, std::span<const std::string> overrides = {});

/// From a text; `file` names it in errors, paths in it are resolved against `directory`.
Loaded load_scenario_text(std::string_view text, const std::string& file, const std::filesystem::path& directory,
                          std::span<const std::string> overrides = {});

}  // namespace pvmsim::scenarios
