// Customised attributes over a predefined table; see attribute.hpp.
// Lookups are linear: a device has a dozen attributes, and drivers read them at configuration, not per I/O.
#include "aix/odm/attribute.hpp"

#include <charconv>

#include "sim/base/assert.hpp"

namespace pvmsim::aix {
namespace {

bool is_one_of(std::string_view choices, std::string_view value) {
    while (!choices.empty()) {
        const auto comma = choices.find(',');
        if (choices.substr(0, comma) == value) return true;
        if (comma == std::string_view::npos) break;
        choices.remove_prefix(comma + 1);
    }
    return false;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

std::optional<std::string> check_attribute_value(const AttributeDefinition& definition, std::string_view value) {
    const auto named = [&](std::string text) {
        return std::string(definition.name) + ": '" + std::string(value) + "' " + text;
    };
    if (!definition.user_settable) return named("cannot be set; the attribute is read-only");
    if (definition.kind == AttributeKind::kChoice && !is_one_of(definition.choices, value))
        return named("is not one of " + std::string(definition.choices));
    if (definition.kind == AttributeKind::kInteger) {
        const auto number = parse_integer(value);
        if (!number || *number < definition.low || *number > definition.high)
            return named("is not a number from " + std::to_string(definition.low) + " to " +
                         std::to_string(definition.high));
    }
    return std::nullopt;
}

AttributeSet::AttributeSet(std::span<const AttributeDefinition> table) : table_(table) {
    values_.reserve(table.size());
    for (const auto& row : table) values_.push_back({std::string(row.default_value), std::string(row.default_value)});
}

const AttributeDefinition* AttributeSet::definition(std::string_view name) const {
    for (const auto& row : table_)
        if (row.name == name) return &row;
    return nullptr;
}

std::size_t AttributeSet::index_of(std::string_view name) const {
    const auto* row = definition(name);
    PVMSIM_ASSERT(row != nullptr);
    return static_cast<std::size_t>(row - table_.data());
}

const std::string& AttributeSet::get(std::string_view name) const { return values_[index_of(name)].current; }

const std::string& AttributeSet::customised(std::string_view name) const { return values_[index_of(name)].customised; }

std::int64_t AttributeSet::integer(std::string_view name) const {
    const auto value = parse_integer(get(name));
    PVMSIM_ASSERT(value.has_value());
    return *value;
}

void AttributeSet::set(std::string_view name, std::string_view value) {
    auto& slot = values_[index_of(name)];
    slot.current = slot.customised = std::string(value);
}

void AttributeSet::set_at_next_configuration(std::string_view name, std::string_view value) {
    values_[index_of(name)].customised = std::string(value);
}

void AttributeSet::configure() {
    for (auto& value : values_) value.current = value.customised;
}

void AttributeSet::digest(sim::Digest& digest) const {
    for (const auto& value : values_) {
        digest.add(std::string_view(value.current));
        digest.add(std::string_view(value.customised));
    }
}

}  // namespace pvmsim::aix
