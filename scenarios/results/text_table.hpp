// Rows of text with aligned columns, for people.
// Shared by the files that print results.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace pvmsim::scenarios {

using TextRow = std::vector<std::string>;

/// Left-aligned first columns, right-aligned numbers from `first_number` on.
[[nodiscard]] std::string text_table(const std::vector<TextRow>& rows, std::size_t first_number);
/// Joins neighbouring rows that differ in their first column only: "app01..app20 (20)".
[[nodiscard]] std::vector<TextRow> join_equal(const std::vector<TextRow>& rows);

}  // namespace pvmsim::scenarios
