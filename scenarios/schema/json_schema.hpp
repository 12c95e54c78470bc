// The scenario file's form as JSON Schema (draft-07), for editors and other programs.
// What it cannot say (values behind units, names, arithmetic) is the loader's alone; docs/scenario-file.md lists it.
#pragma once

#include <string>

namespace pvmsim::scenarios {

/// The text of schema/scenario.schema.json, generated from scenario_spec().
std::string scenario_schema_json();

}  // namespace pvmsim::scenarios
