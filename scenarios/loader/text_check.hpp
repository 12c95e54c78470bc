// What must hold of the bytes of a scenario file before any parser sees them, and reading it within bounds.
// The limits are those of ecosystem tests for hostile files: 4 MiB, no endless inputs, one clear message.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <string_view>

#include "scenarios/loader/place.hpp"

namespace pvmsim::scenarios {

/// The whole file, or why it cannot be read. Never reads more than the limit.
std::expected<std::string, std::string> read_whole_file(const std::filesystem::path& path);

/// Size, UTF-8, control characters, tabs in the indentation. A byte order mark is taken off. True: fit to be parsed.
bool check_text(std::string_view& text, std::uint32_t source, Errors& errors);

}  // namespace pvmsim::scenarios
