// Ranges: "app[01-20]" as a key or list item stands for twenty entries; "{n+10}" beneath it differs in each.
//
// Only under fabric, systems and partitions: a timeline and its expectations say what they mean.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/loader/document.hpp"

namespace pvmsim::scenarios {

inline constexpr std::size_t kRangeCopiesMax = 10'000;

/// Replaces ranges and expressions in the sections that may have them.
void expand_ranges(Node& root, Errors& errors);

/// The same for one value that was read from elsewhere.
void expand_ranges_in(Node& value, Errors& errors);

/// "app[01-03]" -> app01, app02, app03; a text without a range gives itself. For references to expanded names.
std::expected<std::vector<std::string>, std::string> expand_text(std::string_view text);

}  // namespace pvmsim::scenarios
