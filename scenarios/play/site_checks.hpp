// What only the whole site can tell and neither the loader nor the hypervisor refuses: names and slots used twice.
// Found before building, so that a scenario never meets an assertion.
#pragma once

#include <optional>
#include <string>

#include "scenarios/description/scenario.hpp"

namespace pvmsim::scenarios {

/// The first conflict, in words; nullopt when there is none.
[[nodiscard]] std::optional<std::string> find_site_conflict(const Scenario& scenario);

}  // namespace pvmsim::scenarios
