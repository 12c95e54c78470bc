// Numbers as text, the same in tables, verdicts and messages.
// Rounded for reading; nothing parses them.
#pragma once

#include <cstdint>
#include <string>

#include "sim/base/time.hpp"

namespace pvmsim::scenarios {

/// "3.002 s", "45.1 ms", "0".
[[nodiscard]] std::string seconds_text(double seconds);
[[nodiscard]] std::string seconds_text(sim::Duration span);
/// Without needless digits: "3", "0.25".
[[nodiscard]] std::string number_text(double value);
/// "1,234,567"
[[nodiscard]] std::string count_text(std::uint64_t value);

}  // namespace pvmsim::scenarios
