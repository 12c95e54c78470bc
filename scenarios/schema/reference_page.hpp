// The reference tables of docs/scenario-file.md, from the same spec that judges the file.
// The hand-written rest of the page stays outside the two marks that enclose this part.
#pragma once

#include <string>

namespace pvmsim::scenarios {

/// Markdown: one table for each map of the file, outermost first.
std::string scenario_reference();

}  // namespace pvmsim::scenarios
