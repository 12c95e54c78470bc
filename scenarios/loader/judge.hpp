// The first half of loading, for those who judge a file by other means (the JSON Schema's tests).
// Same steps, same limits as load_scenario; only the judgement is left to the caller.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "scenarios/loader/document.hpp"

namespace pvmsim::scenarios {

/// The tree with overrides applied and ranges expanded; its form is not judged yet.
Node expanded_document(std::string_view text, std::span<const std::string> overrides, Errors& errors);

}  // namespace pvmsim::scenarios
