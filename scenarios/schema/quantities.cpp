// Exact decimal arithmetic: digits are scaled to the unit as integers; nothing passes through floating point but the
// bounds of expectations, which are compared with statistics.
#include "scenarios/schema/quantities.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace pvmsim::scenarios {

namespace {

struct Unit {
    std::string_view name;
    std::int64_t size;
};

constexpr std::array<Unit, 7> kTimeUnits{{{"ns", 1},
                                          {"us", 1'000},
                                          {"ms", 1'000'000},
                                          {"s", 1'000'000'000},
                                          {"min", 60'000'000'000},
                                          {"h", 3'600'000'000'000},
                                          {"d", 86'400'000'000'000}}};
constexpr std::array<Unit, 5> kSizeUnits{{{"B", 1},
                                          {"KB", std::int64_t{1} << 10},
                                          {"MB", std::int64_t{1} << 20},
                                          {"GB", std::int64_t{1} << 30},
                                          {"TB", std::int64_t{1} << 40}}};

/// Links count bits by tens, programs bytes by 1024.
constexpr std::array<Unit, 7> kBandwidthUnits{{{"B/s", 1},
                                               {"KB/s", std::int64_t{1} << 10},
                                               {"MB/s", std::int64_t{1} << 20},
                                               {"GB/s", std::int64_t{1} << 30},
                                               {"Kbit/s", 125},
                                               {"Mbit/s", 125'000},
                                               {"Gbit/s", 125'000'000}}};

__extension__ using Wide = __int128;

std::unexpected<std::string> refuse(std::string text) { return std::unexpected(std::move(text)); }

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

/// digits[.digits] times `unit`; refused when the result is no integer or does not fit.
Quantity scaled(std::string_view number, std::int64_t unit) {
    const auto dot = number.find('.');
    const auto whole = number.substr(0, dot);
    const auto fraction = dot == std::string_view::npos ? std::string_view() : number.substr(dot + 1);
    if (whole.size() + fraction.size() > 18) return refuse(quoted(number) + " has too many digits");
    Wide digits = 0;
    for (auto part : {whole, fraction})
        for (char c : part) digits = digits * 10 + (c - '0');
    Wide result = digits * unit;
    for (std::size_t i = 0; i < fraction.size(); ++i) {
        if (result % 10 != 0) return refuse(quoted(number) + " is finer than can be counted");
        result /= 10;
    }
    if (result > Wide{INT64_MAX}) return refuse(quoted(number) + " is too large");
    return static_cast<std::int64_t>(result);
}

std::pair<std::string_view, std::string_view> split_unit(std::string_view text) {
    const auto at = text.find_first_not_of("0123456789.");
    return {text.substr(0, at), at == std::string_view::npos ? std::string_view() : text.substr(at)};
}

template <std::size_t N>
Quantity in_units(std::string_view text, const std::array<Unit, N>& units) {
    const auto [number, unit_name] = split_unit(text);
    for (const auto& unit : units)
        if (unit.name == unit_name) return scaled(number, unit.size);
    return refuse(quoted(text) + " has no known unit");
}

template <std::size_t N>
std::string text_in_units(std::int64_t value, const std::array<Unit, N>& units) {
    std::string text = std::to_string(value) + std::string(units[0].name);
    for (const auto& unit : units)
        if (value != 0 && value % unit.size == 0) text = std::to_string(value / unit.size) + std::string(unit.name);
    return text;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

std::expected<double, std::string> bound_value(std::string_view text, BoundOf of) {
    text = trim(text);
    if (of == BoundOf::kDuration && text != "0") {
        const auto ns = parse_duration_ns(text);
        if (!ns) return refuse(ns.error());
        return static_cast<double>(*ns) / 1e9;
    }
    if (of == BoundOf::kMemory && text != "0") {
        // A limit, not an amount: 4.4GB is no whole number of bytes and means what it says.
        const auto [number, unit] = split_unit(text);
        const auto size = parse_size_bytes("1" + std::string(unit));
        const auto value = bound_value(number, BoundOf::kDecimal);
        if (!size || !value) return refuse(size ? value.error() : size.error());
        return *value * static_cast<double>(*size);
    }
    if (of == BoundOf::kBandwidth && text != "0") {
        const auto rate = parse_bandwidth(text);
        if (!rate) return refuse(rate.error());
        return static_cast<double>(*rate);
    }
    double value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{} || end != text.data() + text.size() || value > 1e15)
        return refuse(quoted(text) + " is too large");
    return value;
}

}  // namespace

Quantity parse_integer(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{} || end != text.data() + text.size()) return refuse(quoted(text) + " is not a whole number");
    return value;
}

Quantity parse_decimal(std::string_view text, int digits) {
    const bool negative = text.starts_with('-');
    std::int64_t unit = 1;
    for (int i = 0; i < digits; ++i) unit *= 10;
    auto value = scaled(negative ? text.substr(1) : text, unit);
    if (!value && value.error().ends_with("counted"))
        return refuse(quoted(text) + " has more than " + std::to_string(digits) + " decimals");
    return value && negative ? Quantity(-*value) : value;
}

Quantity parse_duration_ns(std::string_view text) { return in_units(text, kTimeUnits); }

Quantity parse_size_bytes(std::string_view text) { return in_units(text, kSizeUnits); }

Quantity parse_memory_bytes(std::string_view text) {
    if (split_unit(text).second.empty()) return scaled(text, std::int64_t{1} << 20);
    return parse_size_bytes(text);
}

Quantity parse_rate_interval_ns(std::string_view text) {
    const auto slash = text.find('/');
    const auto per = text.substr(slash + 1);
    const std::int64_t span = per == "s" ? 1'000'000'000 : per == "min" ? 60'000'000'000 : 3'600'000'000'000;
    const auto thousandths = scaled(text.substr(0, slash), 1000);
    if (!thousandths) return refuse("a rate has at most 3 decimals and is below 1,000,000/s");
    if (*thousandths == 0) return refuse("a rate of 0: leave the load out instead");
    const auto interval = (Wide{span} * 1000 + *thousandths / 2) / *thousandths;
    if (interval < 1'000) return refuse("'" + std::string(text) + "' is more than 1,000,000/s");
    return static_cast<std::int64_t>(interval);
}

Quantity parse_bandwidth(std::string_view text) {
    const auto [number, unit_name] = split_unit(text);
    for (const auto& unit : kBandwidthUnits) {
        if (unit.name != unit_name) continue;
        // A rate, not an amount: 1.3MB/s is no whole number of bytes and means what it says.
        const auto thousandths = scaled(number, 1000);
        if (!thousandths) return refuse(quoted(text) + " has more than 3 decimals, or is too large");
        const auto rate = (Wide{*thousandths} * unit.size + 500) / 1000;
        if (rate > Wide{INT64_MAX}) return refuse(quoted(text) + " is too large");
        return static_cast<std::int64_t>(rate);
    }
    return refuse(quoted(text) + " has no known unit");
}

Quantity parse_rate_per_second(std::string_view text) {
    const auto slash = text.find('/');
    const auto per = text.substr(slash + 1);
    const std::int64_t seconds = per == "s" ? 1 : per == "min" ? 60 : 3'600;
    const auto thousandths = scaled(text.substr(0, slash), 1000);
    if (!thousandths) return refuse("a rate has at most 3 decimals and is below 1,000,000/s");
    const auto rate = *thousandths / (1000 * seconds);
    if (rate >= 1 && *thousandths % (1000 * seconds) != 0)
        return refuse("'" + std::string(text) + "' is no whole number a second");
    if (rate < 1) return refuse("'" + std::string(text) + "' is less than one a second");
    return rate;
}

std::expected<Bound, std::string> parse_bound(std::string_view text, BoundOf of) {
    Bound bound;
    bound.text = std::string(text);
    constexpr double kInfinity = 1e300;
    if (const auto dots = text.find(".."); dots != std::string_view::npos) {
        const auto low = bound_value(text.substr(0, dots), of);
        const auto high = bound_value(text.substr(dots + 2), of);
        if (!low || !high) return refuse(low ? high.error() : low.error());
        if (*high < *low) return refuse("'" + bound.text + "' runs downwards");
        bound.low = *low;
        bound.high = *high;
        return bound;
    }
    const auto value_at = text.find_first_not_of("<>= ");
    const auto compare = trim(text.substr(0, value_at));
    const auto value = bound_value(text.substr(value_at == std::string_view::npos ? text.size() : value_at), of);
    if (!value) return refuse(value.error());
    const bool below = compare.starts_with('<');
    const bool above = compare.starts_with('>');
    bound.low = below ? -kInfinity : *value;
    bound.high = above ? kInfinity : *value;
    if (compare == "<" && *value == 0) return refuse("no value is below 0: '" + bound.text + "' never holds");
    bound.low_included = compare != ">";
    bound.high_included = compare != "<";
    return bound;
}

std::string duration_text(std::int64_t ns) { return text_in_units(ns, kTimeUnits); }

std::string size_text(std::int64_t bytes) { return text_in_units(bytes, kSizeUnits); }

std::string bandwidth_text(std::int64_t bytes_per_s) { return size_text(bytes_per_s) + "/s"; }

std::string hundredths_text(std::int64_t hundredths) {
    auto text = std::to_string(hundredths / 100);
    if (const auto rest = hundredths % 100; rest != 0) {
        text += rest < 10 ? ".0" : ".";
        text += std::to_string(rest % 10 == 0 ? rest / 10 : rest);
    }
    return text;
}

}  // namespace pvmsim::scenarios
