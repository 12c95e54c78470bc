// Quantities as they are written in a file: exact, in integers, with their unit. The form was checked before
// (scalar_forms); what is left to go wrong is a value too large or finer than we count.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "scenarios/description/play_description.hpp"

namespace pvmsim::scenarios {

using Quantity = std::expected<std::int64_t, std::string>;

Quantity parse_integer(std::string_view text);
/// "0.35" in 10^-digits units: parse_decimal("0.35", 2) is 35; more decimals than that are refused.
Quantity parse_decimal(std::string_view text, int digits);
Quantity parse_duration_ns(std::string_view text);
/// KB, MB, ... are powers of 1024, as the HMC counts.
Quantity parse_size_bytes(std::string_view text);
/// A bare number is MB.
Quantity parse_memory_bytes(std::string_view text);
/// "100/s" -> 10'000'000 ns between two.
Quantity parse_rate_interval_ns(std::string_view text);

/// "20MB/s" (2^20 bytes) or "1Gbit/s" (10^9 bits) -> bytes a second, rounded.
Quantity parse_bandwidth(std::string_view text);
/// "500/s" -> 500; rounded, at least 1.
Quantity parse_rate_per_second(std::string_view text);

enum class BoundOf : std::uint8_t { kDuration, kCount, kDecimal, kMemory, kBandwidth };
std::expected<Bound, std::string> parse_bound(std::string_view text, BoundOf of);

/// For messages: "5min", "16MB", "0.05".
std::string duration_text(std::int64_t ns);
std::string size_text(std::int64_t bytes);
std::string bandwidth_text(std::int64_t bytes_per_s);
std::string hundredths_text(std::int64_t hundredths);

}  // namespace pvmsim::scenarios
