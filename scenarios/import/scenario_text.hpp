// Writes an imported site as the YAML text of a scenario: what was recorded, and beside it, marked in comments, what
// was assumed. The text is what a person would write: it is meant to be read, corrected and kept.
#pragma once

#include <string>

#include "scenarios/import/assumed_site.hpp"
#include "scenarios/import/recorded_machine.hpp"

namespace pvmsim::scenarios {

std::string write_scenario(const RecordedMachine& machine, const AssumedSite& site);

}  // namespace pvmsim::scenarios
