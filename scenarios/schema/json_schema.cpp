// Spec to JSON Schema. Under fabric, systems and partitions an editor sees ranges and {expressions} unexpanded: there
// every scalar may also be a text with a bracket or brace, and every name likewise.
#include "scenarios/schema/json_schema.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <utility>

#include "scenarios/loader/document.hpp"
#include "scenarios/schema/scalar_forms.hpp"
#include "scenarios/schema/spec.hpp"

namespace pvmsim::scenarios {

namespace {

namespace json = boost::json;

constexpr std::string_view kTemplate = "[\\[{]";  // what a range or an {expression} is known by

enum class Templates : std::uint8_t { kRefused, kAllowed };

json::array strings(const std::vector<std::string>& words) {
    json::array array;
    for (const auto& one : words) array.emplace_back(one);
    return array;
}

std::string pattern_or_template(const std::string& pattern, Templates templates) {
    return templates == Templates::kAllowed ? "(" + pattern + ")|" + std::string(kTemplate) : pattern;
}

json::object with_template(json::object schema, Templates templates) {
    if (templates == Templates::kRefused) return schema;
    return {{"anyOf", json::array{std::move(schema), json::object{{"type", "string"}, {"pattern", kTemplate}}}}};
}

json::object number_schema(const Spec& spec) {
    if (spec.type == Type::kInteger) return {{"type", "integer"}, {"minimum", spec.low}, {"maximum", spec.high}};
    return {{"type", "number"},
            {"minimum", static_cast<double>(spec.low) / 100.0},
            {"maximum", static_cast<double>(spec.high) / 100.0}};
}

json::object attribute_schema(const Spec& spec) {
    if (spec.type == Type::kAttributeInteger) {
        return {{"anyOf", json::array{json::object{{"type", "integer"}, {"minimum", spec.low}, {"maximum", spec.high}},
                                      json::object{{"type", "string"}, {"pattern", "^[0-9]+$"}}}}};
    }
    if (spec.type == Type::kAttributeText) return {{"type", json::array{"string", "number", "boolean"}}};
    auto words = strings(spec.words);
    for (const auto& one : spec.words)
        if (plain_type(one) == PlainType::kInteger) words.emplace_back(std::stoll(one));
    return {{"enum", std::move(words)}};
}

json::object text_schema(const Spec& spec, Templates templates) {
    if (spec.type == Type::kText) return {{"type", "string"}, {"minLength", 1}};
    const auto pattern = pattern_or_template(scalar_form(spec.type).pattern, templates);
    json::object text{{"type", "string"}, {"pattern", pattern}, {"maxLength", kScalarLengthMax}};
    switch (spec.type) {
        case Type::kMemory:
        case Type::kCountBound:
            return {{"anyOf", json::array{json::object{{"type", "integer"}, {"minimum", 0}}, std::move(text)}}};
        case Type::kDecimalBound:
            return {{"anyOf", json::array{json::object{{"type", "number"}, {"minimum", 0}}, std::move(text)}}};
        case Type::kDurationBound:
        case Type::kMemoryBound:
        case Type::kBandwidthBound:
            return {{"anyOf", json::array{json::object{{"const", 0}}, std::move(text)}}};
        default:
            return text;
    }
}

json::object schema_of(const Spec& spec, Templates templates);

json::object default_of(const Key& key) {
    Errors ignored;
    const auto node = parse_document(key.default_text, 0, ignored);
    return {{"default", json::parse(document_to_json(node))}};
}

std::string described(const Key& key) {
    if (key.default_words.empty()) return key.description;
    return key.description + (key.description.empty() ? "Default: " : " Default: ") + key.default_words + ".";
}

void add_rules(json::object& schema, const Spec& spec) {
    json::array required_keys;
    json::object dependencies;
    for (const auto& key : spec.keys) {
        if (key.required) required_keys.emplace_back(key.name);
        if (!key.needs.empty()) dependencies.emplace(key.name, strings(key.needs));
    }
    if (!required_keys.empty()) schema["required"] = std::move(required_keys);
    if (!dependencies.empty()) schema["dependencies"] = std::move(dependencies);

    json::array all;
    for (const auto& group : spec.exactly_one) {
        json::array one;
        for (const auto& key : group) one.push_back(json::object{{"required", json::array{json::string(key)}}});
        all.push_back(json::object{{"oneOf", std::move(one)}});
    }
    if (!spec.at_least_one.empty()) {
        json::array any;
        for (const auto& key : spec.at_least_one)
            any.push_back(json::object{{"required", json::array{json::string(key)}}});
        all.push_back(json::object{{"anyOf", std::move(any)}});
    }
    if (!spec.at_most_one.empty())
        all.push_back(json::object{{"not", json::object{{"required", strings(spec.at_most_one)}}}});
    if (!all.empty()) schema["allOf"] = std::move(all);
}

json::object map_schema(const Spec& spec, Templates templates) {
    json::object properties;
    for (const auto& key : spec.keys) {
        const auto inner = has_ranges(key.name) ? Templates::kAllowed : templates;
        auto property = schema_of(key.spec, inner);
        if (const auto text = described(key); !text.empty()) property["description"] = text;
        if (!key.default_text.empty())
            for (auto& [name, value] : default_of(key)) property[name] = std::move(value);
        properties[key.name] = std::move(property);
    }
    json::object schema{{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
    add_rules(schema, spec);
    return schema;
}

json::object schema_of(const Spec& spec, Templates templates) {
    switch (spec.type) {
        case Type::kMap:
            return map_schema(spec, templates);
        case Type::kNamed: {
            json::object schema{
                {"type", "object"},
                {"propertyNames",
                 json::object{{"pattern", pattern_or_template(key_form(spec.key_form).pattern, templates)}}},
                {"additionalProperties", schema_of(spec.of[0], templates)}};
            if (spec.items_min != 0) schema["minProperties"] = spec.items_min;
            return schema;
        }
        case Type::kList: {
            json::object schema{{"type", "array"}, {"items", schema_of(spec.of[0], templates)}};
            if (spec.items_min != 0) schema["minItems"] = spec.items_min;
            if (!spec.none_is_empty) return schema;
            return {{"anyOf", json::array{std::move(schema), json::object{{"const", "none"}}}}};
        }
        case Type::kChoice: {
            json::array alternatives;
            for (const auto& alternative : spec.of) alternatives.push_back(schema_of(alternative, templates));
            return {{"anyOf", std::move(alternatives)}};
        }
        case Type::kInteger:
        case Type::kDecimal:
            return with_template(number_schema(spec), templates);
        case Type::kBoolean:
            return with_template({{"type", "boolean"}}, templates);
        case Type::kWord:
            return with_template({{"enum", strings(spec.words)}}, templates);
        case Type::kAttributeWord:
        case Type::kAttributeInteger:
        case Type::kAttributeText:
            return with_template(attribute_schema(spec), templates);
        default:
            return text_schema(spec, templates);
    }
}

/// Two blanks a level; what fits into a line stays in one.
void print(const json::value& value, std::size_t depth, std::string& out) {
    const auto line = json::serialize(value);
    const bool container = value.is_object() || value.is_array();
    if (!container || line.size() + depth * 2 < 100) {
        out += line;
        return;
    }
    const std::string inner((depth + 1) * 2, ' ');
    bool first = true;
    const auto separate = [&] {
        out += first ? "\n" : ",\n";
        out += inner;
        first = false;
    };
    out += value.is_object() ? "{" : "[";
    if (value.is_object()) {
        for (const auto& [name, member] : value.get_object()) {
            separate();
            out += json::serialize(json::string(name)) + ": ";
            print(member, depth + 1, out);
        }
    } else {
        for (const auto& item : value.get_array()) {
            separate();
            print(item, depth + 1, out);
        }
    }
    out += "\n" + std::string(depth * 2, ' ') + (value.is_object() ? "}" : "]");
}

}  // namespace

std::string scenario_schema_json() {
    json::object schema{
        {"$schema", "http://json-schema.org/draft-07/schema#"},
        {"title", "pvmsim scenario"},
        {"description", "A site of POWER7 servers under PowerVM, what happens to it, and what must hold."}};
    for (auto& [name, value] : map_schema(scenario_spec(), Templates::kRefused)) schema[name] = std::move(value);
    std::string text;
    print(schema, 0, text);
    return text + "\n";
}

}  // namespace pvmsim::scenarios
