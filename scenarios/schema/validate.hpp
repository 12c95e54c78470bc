// validate: holds a tree against its spec and reports everything that is wrong with its form, at once.
// References between parts of the file are not judged here but in loader/reading.
#pragma once

#include "scenarios/loader/document.hpp"
#include "scenarios/schema/spec.hpp"

namespace pvmsim::scenarios {

void validate(const Node& root, const Spec& spec, Errors& errors);

/// Adds the keys that are missing and have a default, so that reading finds every key in its place.
void fill_defaults(Node& node, const Spec& spec);

}  // namespace pvmsim::scenarios
