// Hexadecimal text shared by MAC addresses and world wide names.
// Reading is strict and takes both cases; printing is lower case, as the consoles print.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pvmsim::wire {

/// The hex digits of "26e6b0002007" or "26:e6:b0:00:20:07": separators stand after every second digit or nowhere.
/// nullopt for anything else.
std::optional<std::string> hex_digits(std::string_view text, char separator);

/// Appends exactly `digits` lower-case hex digits of `value`.
void append_hex(std::string& text, std::uint64_t value, int digits);

}  // namespace pvmsim::wire
