// Formatting numbers; see text.hpp.
// printf-style formatting with the C locale's digits: the same text on every machine.
#include "scenarios/results/text.hpp"

#include <cmath>
#include <cstdio>

namespace pvmsim::scenarios {
namespace {

std::string printed(const char* format, double value) {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, format, value);
    return buffer;
}

}  // namespace

std::string seconds_text(double seconds) {
    if (seconds == 0) return "0";
    if (seconds < 0.001) return printed("%.0f us", seconds * 1e6);
    if (seconds < 1) return printed("%.1f ms", seconds * 1e3);
    return printed("%.2f s", seconds);
}

std::string seconds_text(sim::Duration span) { return seconds_text(sim::to_seconds(span)); }

std::string number_text(double value) { return printed(value == std::floor(value) ? "%.0f" : "%.4g", value); }

std::string count_text(std::uint64_t value) {
    auto digits = std::to_string(value);
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
        digits.insert(static_cast<std::size_t>(at), ",");
    return digits;
}

}  // namespace pvmsim::scenarios
