// The written form of each scalar type: one regular expression that the loader and the JSON Schema share, and the words
// in which a mistake is told.
#pragma once

#include <string>
#include <string_view>

#include "scenarios/schema/spec.hpp"

namespace pvmsim::scenarios {

struct ScalarForm {
    std::string pattern;    ///< ECMAScript, anchored; empty: any text
    std::string_view what;  ///< "takes <what>": "a duration such as 10ms, 5s or 2min"
};

/// Of types that are written as text; asserts on others.
ScalarForm scalar_form(Type type);
ScalarForm key_form(KeyForm form);

/// Longest scalar that is held against a pattern.
inline constexpr std::size_t kScalarLengthMax = 1000;

}  // namespace pvmsim::scenarios
