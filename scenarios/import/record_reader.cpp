// Typed attributes of listings; see record_reader.hpp. Processing units are read to the hundredth, which is the finest
// that any POWER system grants.
#include "scenarios/import/record_reader.hpp"

#include <algorithm>
#include <limits>

#include "fabric/wire/hex.hpp"

namespace pvmsim::scenarios {

std::string RecordReader::text(std::string_view attribute) {
    if (const auto* value = record_.find(attribute)) return *value;
    refuse("attribute " + std::string(attribute) + " is missing");
    return {};
}

std::string RecordReader::text_or_empty(std::string_view attribute) const {
    const auto* value = record_.find(attribute);
    return value == nullptr ? std::string() : *value;
}

void RecordReader::refuse_value(std::string_view attribute, std::string_view value, std::string_view expected) {
    refuse(std::string(attribute) + "=" + std::string(value.substr(0, 60)) + ": expected " + std::string(expected));
}

std::uint64_t RecordReader::whole(std::string_view attribute, std::uint64_t max) {
    if (!has(attribute)) {
        refuse("attribute " + std::string(attribute) + " is missing");
        return 0;
    }
    const auto written = text_or_empty(attribute);
    if (const auto value = whole_number(written, max)) return *value;
    refuse_value(attribute, written, "a whole number up to " + std::to_string(max));
    return 0;
}

std::uint32_t RecordReader::count(std::string_view attribute) {
    return static_cast<std::uint32_t>(whole(attribute, std::numeric_limits<std::uint32_t>::max()));
}

hypervisor::ProcUnits RecordReader::proc_units(std::string_view attribute) {
    constexpr std::int64_t kHundredthsMax = 1'000'00;
    if (!has(attribute)) {
        refuse("attribute " + std::string(attribute) + " is missing");
        return {};
    }
    const auto written = text_or_empty(attribute);
    const auto value = exact_decimal(written, 2);
    if (value && *value >= 0 && *value <= kHundredthsMax) return {static_cast<std::int32_t>(*value)};
    refuse_value(attribute, written, "processing units in hundredths at the finest");
    return {};
}

bool RecordReader::flag(std::string_view attribute) { return whole(attribute, 1) == 1; }

hypervisor::PartitionId RecordReader::partition_id(std::string_view attribute) {
    return hypervisor::PartitionId(static_cast<std::uint16_t>(whole(attribute, 1000)));
}

std::vector<std::string> RecordReader::list(std::string_view attribute) {
    const auto written = text_or_empty(attribute);
    if (auto items = split_hmc_list(written)) return *std::move(items);
    refuse_value(attribute, written, "a list with closed quotes");
    return {};
}

hypervisor::DrcIndex RecordReader::drc_index(std::string_view attribute) {
    const auto written = text(attribute);
    if (const auto index = parse_drc_index(written)) return *index;
    if (has(attribute)) refuse_value(attribute, written, "eight hexadecimal digits");
    return {};
}

std::optional<hypervisor::DrcIndex> parse_drc_index(std::string_view text) {
    std::uint32_t value = 0;
    if (text.size() != 8) return std::nullopt;
    for (const char c : text) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
        const auto digit = kDigits.find(lower);
        if (digit == std::string_view::npos) return std::nullopt;
        value = value << 4 | static_cast<std::uint32_t>(digit);
    }
    return hypervisor::DrcIndex(value);
}

std::string units_text(hypervisor::ProcUnits units) {
    std::string fraction = std::to_string(100 + units.hundredths % 100).substr(1);
    if (fraction.ends_with('0')) fraction.pop_back();
    return std::to_string(units.hundredths / 100) + '.' + fraction;
}

std::string drc_index_text(hypervisor::DrcIndex index) {
    std::string text;
    wire::append_hex(text, index.value(), 8);
    return text;
}

}  // namespace pvmsim::scenarios
