// JSON text, as far as a trace needs it: escaped strings and numbers, appended to a string.
// No objects and arrays: who writes a line knows its structure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pvmsim::sim {

/// The text in quotes, escaped; bytes that are not well-formed UTF-8 become U+FFFD each.
void append_json_string(std::string& out, std::string_view text);
void append_json_integer(std::string& out, std::int64_t value);
/// The shortest decimal that reads back as the same value; null when there is none.
void append_json_double(std::string& out, double value);

}  // namespace pvmsim::sim
