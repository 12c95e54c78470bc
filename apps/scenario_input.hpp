// Loading the scenario that a command names: a file, or "-" for standard input. Complains about every mistake in it.
// Paths inside a scenario from standard input are taken from the current directory.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenarios/description/scenario.hpp"

namespace pvmsim::apps {

/// nullopt after the complaints.
[[nodiscard]] std::optional<scenarios::Scenario> load_or_complain(const std::string& file,
                                                                  const std::vector<std::string>& overrides);

}  // namespace pvmsim::apps
