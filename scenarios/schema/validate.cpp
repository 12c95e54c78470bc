// Walking tree and spec side by side. Each mistake is marked with whether the JSON Schema sees it as well: it does not
// see values of quantities (only their written form), nor into texts that a range or an {expression} made.
#include "scenarios/schema/validate.hpp"

#include <algorithm>
#include <map>
#include <regex>

#include "scenarios/loader/suggest.hpp"
#include "scenarios/schema/quantities.hpp"
#include "scenarios/schema/scalar_forms.hpp"

namespace pvmsim::scenarios {

namespace {

constexpr std::size_t kKeysListedMax = 12;

std::string in_quotes(std::string_view text) { return "'" + std::string(text.substr(0, 60)) + "'"; }

std::string listed(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& one : words) text += (text.empty() ? "" : ", ") + one;
    return text;
}

class Validator {
  public:
    explicit Validator(Errors& errors) : errors_(errors) {}

    /// Where a node is: its path, what to call it, and where a mistake about it as a whole is shown.
    struct Spot {
        std::string path;
        std::string name;
        Place place;
    };

    void value(const Node& node, const Spec& spec, const Spot& spot) {
        switch (spec.type) {
            case Type::kMap:
                return map(node, spec, spot);
            case Type::kNamed:
                return named_map(node, spec, spot);
            case Type::kList:
                return list(node, spec, spot);
            case Type::kChoice:
                return alternatives(node, spec, spot);
            default:
                return scalar(node, spec, spot);
        }
    }

  private:
    void say(const Spot& spot, Place place, std::string message, SeenBySchema seen = SeenBySchema::kYes) {
        errors_.add({place, std::move(message), spot.path, seen});
    }

    void wrong_form(const Node& node, const Spot& spot, std::string_view wanted) {
        say(spot, node.kind == Node::Kind::kNull ? spot.place : node.place,
            (spot.name.empty() ? std::string("a scenario file") : in_quotes(spot.name)) + " takes " +
                std::string(wanted) + ", not " + std::string(describe(node)));
    }

    // --- maps ---

    void map(const Node& node, const Spec& spec, const Spot& spot) {
        if (!node.is_map()) return wrong_form(node, spot, "a map (key: value)");
        for (const auto& entry : node.entries) {
            const auto key = std::ranges::find(spec.keys, entry.key, &Key::name);
            if (key == spec.keys.end()) {
                unknown_key(entry, spec, spot);
                continue;
            }
            value(entry.value, key->spec, {join(spot.path, entry.key), entry.key, entry.key_place});
            for (const auto& other : key->needs)
                if (!node.find(other))
                    say(spot, entry.key_place, in_quotes(entry.key) + " needs '" + other + "' beside it");
        }
        for (const auto& key : spec.keys)
            if (key.required && !node.find(key.name))
                say(spot, spot.place, "key '" + key.name + "' is missing" + in_what(spot) + ": " + key.description);
        groups(node, spec, spot);
    }

    static std::string in_what(const Spot& spot) {
        return spot.name.empty() ? std::string() : " in " + in_quotes(spot.name);
    }

    static std::string join(const std::string& path, const std::string& key) {
        return path.empty() ? key : path + "." + key;
    }

    void unknown_key(const Entry& entry, const Spec& spec, const Spot& spot) {
        std::vector<std::string> names;
        for (const auto& key : spec.keys) names.push_back(key.name);
        auto hint = suggestion(entry.key, names);
        const auto colon = entry.key.find(':');
        if (colon != std::string::npos && entry.value.kind == Node::Kind::kNull)
            hint = "; a blank is missing after the ':'";
        if (hint.empty() && names.size() <= kKeysListedMax) hint = "; known here: " + listed(names);
        say(spot, entry.key_place, "unknown key " + in_quotes(entry.key) + hint);
    }

    void groups(const Node& node, const Spec& spec, const Spot& spot) {
        for (const auto& group : spec.exactly_one) {
            const auto there = present(node, group);
            if (there.empty()) say(spot, spot.place, "one of " + listed(group) + " is missing" + in_what(spot));
            if (there.size() > 1) too_many(node, there, spot);
        }
        if (const auto there = present(node, spec.at_most_one); there.size() > 1) too_many(node, there, spot);
        if (!spec.at_least_one.empty() && present(node, spec.at_least_one).empty())
            say(spot, spot.place, "nothing is said here: at least one of " + listed(spec.at_least_one));
    }

    void too_many(const Node& node, const std::vector<std::string>& there, const Spot& spot) {
        say(spot, node.find_entry(there[1])->key_place, "only one of " + listed(there) + " may be there");
    }

    static std::vector<std::string> present(const Node& node, const std::vector<std::string>& keys) {
        std::vector<std::string> there;
        for (const auto& entry : node.entries)
            if (std::ranges::find(keys, entry.key) != keys.end()) there.push_back(entry.key);
        return there;
    }

    void named_map(const Node& node, const Spec& spec, const Spot& spot) {
        if (!node.is_map()) return wrong_form(node, spot, "a map (name: ...)");
        if (node.entries.size() < spec.items_min) say(spot, spot.place, in_quotes(spot.name) + " is empty");
        const auto form = key_form(spec.key_form);
        for (const auto& entry : node.entries) {
            const Spot inner{join(spot.path, entry.key), entry.key, entry.key_place};
            if (!matches(entry.key, form.pattern))
                say(spot, entry.key_place, in_quotes(entry.key) + " is not " + std::string(form.what), seen(entry.key));
            else if (spec.key_form == KeyForm::kVlan && parse_integer(entry.key).value_or(4095) > 4094)
                say(spot, entry.key_place, in_quotes(entry.key) + " is not " + std::string(form.what),
                    SeenBySchema::kNo);
            value(entry.value, spec.of[0], inner);
        }
    }

    // --- lists and alternatives ---

    void list(const Node& node, const Spec& spec, const Spot& spot) {
        if (spec.none_is_empty && node.is_scalar() && node.text == "none") return;
        if (!node.is_list())
            return wrong_form(node, spot, spec.none_is_empty ? "a list [...] or none" : "a list [...]");
        if (node.items.size() < spec.items_min) say(spot, node.place, in_quotes(spot.name) + " is an empty list");
        std::size_t index = 0;
        for (const auto& item : node.items)
            value(item, spec.of[0], {join(spot.path, std::to_string(index++)), spot.name, item.place});
    }

    void alternatives(const Node& node, const Spec& spec, const Spot& spot) {
        for (const auto& alternative : spec.of)
            if (form_of(alternative) == node.kind) return value(node, alternative, spot);
        std::string wanted;
        for (const auto& alternative : spec.of) {
            const auto form = form_of(alternative);
            wanted += wanted.empty() ? "" : " or ";
            wanted += form == Node::Kind::kMap ? "a map" : form == Node::Kind::kList ? "a list" : "a single value";
        }
        wrong_form(node, spot, wanted);
    }

    static Node::Kind form_of(const Spec& spec) {
        if (spec.type == Type::kMap || spec.type == Type::kNamed) return Node::Kind::kMap;
        return spec.type == Type::kList ? Node::Kind::kList : Node::Kind::kScalar;
    }

    // --- scalars ---

    void scalar(const Node& node, const Spec& spec, const Spot& spot) {
        if (!node.is_scalar()) return wrong_form(node, spot, what(spec));
        const auto plain = node.quoted ? PlainType::kText : plain_type(node.text);
        switch (spec.type) {
            case Type::kInteger:
                return integer_value(node, spec, spot, plain);
            case Type::kDecimal:
                return decimal_value(node, spec, spot, plain);
            case Type::kBoolean:
                if (plain != PlainType::kBoolean)
                    say(spot, node.place, wrong(node, spec, spot) + boolean_hint(node.text), seen(node));
                return;
            case Type::kAttributeWord:
            case Type::kAttributeInteger:
            case Type::kAttributeText:
                return attribute(node, spec, spot, plain);
            default:
                return text_value(node, spec, spot, plain);
        }
    }

    static std::string wrong(const Node& node, const Spec& spec, const Spot& spot) {
        return in_quotes(spot.name) + " takes " + what(spec) + ", not " + in_quotes(node.text);
    }

    static std::string boolean_hint(std::string_view text) {
        for (std::string_view yes : {"yes", "Yes", "YES", "on", "On", "ON", "True", "TRUE", "1"})
            if (text == yes) return ": write true";
        for (std::string_view no : {"no", "No", "NO", "off", "Off", "OFF", "False", "FALSE", "0"})
            if (text == no) return ": write false";
        return {};
    }

    static std::string what(const Spec& spec) {
        switch (spec.type) {
            case Type::kInteger:
                return "a whole number";
            case Type::kDecimal:
                return "a number such as 0.5";
            case Type::kBoolean:
                return "true or false";
            case Type::kWord:
            case Type::kAttributeWord:
                return "one of " + listed(spec.words);
            case Type::kAttributeInteger:
                return "a whole number from " + std::to_string(spec.low) + " to " + std::to_string(spec.high);
            case Type::kAttributeText:
                return "a single value";
            default:
                return std::string(scalar_form(spec.type).what);
        }
    }

    /// Texts with brackets or braces may be ranges to the JSON Schema, so it lets them pass.
    static SeenBySchema seen(std::string_view text) {
        return text.find_first_of("[{") == std::string_view::npos ? SeenBySchema::kYes : SeenBySchema::kNo;
    }
    static SeenBySchema seen(const Node& node) { return seen(node.text); }

    bool ambiguous_number(const Node& node, const Spot& spot, PlainType plain) {
        if (plain != PlainType::kAmbiguous) return false;
        const bool padded = node.text.find_first_of("eE.xo+") == std::string::npos;
        const bool long_number = padded && node.text[0] != '0' && node.text.size() > 18;
        say(spot, node.place,
            long_number ? in_quotes(node.text) + " has more digits than a number here can have"
            : padded    ? in_quotes(node.text) +
                           " has leading zeros, which YAML may read as octal: write it without them, or in "
                           "quotes if it is text"
                     : in_quotes(node.text) +
                           " is a number in a form that YAML readers take differently: write it out, or in "
                           "quotes if it is text");
        return true;
    }

    void integer_value(const Node& node, const Spec& spec, const Spot& spot, PlainType plain) {
        if (ambiguous_number(node, spot, plain)) return;
        if (plain != PlainType::kInteger) {
            const bool in_vain = node.quoted && plain_type(node.text) == PlainType::kInteger;
            return say(spot, node.place, wrong(node, spec, spot) + (in_vain ? ": take off the quotes" : ""),
                       seen(node));
        }
        const auto number = parse_integer(node.text);
        if (!number || *number < spec.low || *number > spec.high)
            say(spot, node.place,
                in_quotes(spot.name) + " is from " + std::to_string(spec.low) + " to " + std::to_string(spec.high) +
                    ", not " + node.text);
    }

    void decimal_value(const Node& node, const Spec& spec, const Spot& spot, PlainType plain) {
        if (ambiguous_number(node, spot, plain)) return;
        if (plain != PlainType::kInteger && plain != PlainType::kDecimal)
            return say(spot, node.place, wrong(node, spec, spot), seen(node));
        const auto scaled = parse_decimal(node.text, spec.decimals);
        if (!scaled) return say(spot, node.place, in_quotes(spot.name) + ": " + scaled.error(), SeenBySchema::kNo);
        std::int64_t hundredth = 1;
        for (int digit = 2; digit < spec.decimals; ++digit) hundredth *= 10;
        if (*scaled < spec.low * hundredth || *scaled > spec.high * hundredth)
            say(spot, node.place,
                in_quotes(spot.name) + " is from " + hundredths_text(spec.low) + " to " + hundredths_text(spec.high) +
                    ", not " + node.text);
    }

    void attribute(const Node& node, const Spec& spec, const Spot& spot, PlainType plain) {
        if (ambiguous_number(node, spot, plain) || spec.type == Type::kAttributeText) return;
        if (spec.type == Type::kAttributeWord) {
            if (std::ranges::find(spec.words, node.text) == spec.words.end())
                say(spot, node.place, wrong(node, spec, spot) + suggestion(node.text, spec.words), seen(node));
            return;
        }
        const bool digits = !node.text.empty() && node.text.find_first_not_of("0123456789") == std::string::npos;
        const auto number = digits ? parse_integer(node.text) : std::unexpected(std::string());
        if (number && *number >= spec.low && *number <= spec.high) return;
        say(spot, node.place, wrong(node, spec, spot),
            digits && plain == PlainType::kText ? SeenBySchema::kNo : seen(node));
    }

    void text_value(const Node& node, const Spec& spec, const Spot& spot, PlainType plain) {
        const bool may_be_number = spec.type == Type::kMemory || spec.type == Type::kCountBound ||
                                   spec.type == Type::kDecimalBound || spec.type == Type::kDurationBound ||
                                   spec.type == Type::kMemoryBound || spec.type == Type::kBandwidthBound;
        if (may_be_number && bare_number(node, spec, spot, plain)) return;
        if (ambiguous_number(node, spot, plain)) return;
        if (plain == PlainType::kInteger || plain == PlainType::kDecimal || plain == PlainType::kBoolean) {
            const bool unit = spec.type == Type::kDuration || spec.type == Type::kSize || spec.type == Type::kRate ||
                              spec.type == Type::kPercent || spec.type == Type::kDurationBound ||
                              spec.type == Type::kMemory || spec.type == Type::kMemoryBound ||
                              spec.type == Type::kBandwidth || spec.type == Type::kBandwidthBound;
            const auto hint = unit ? std::string() : ": text that looks like a number needs quotes";
            return say(spot, node.place, wrong(node, spec, spot) + hint);
        }
        if (spec.type == Type::kWord) {
            if (std::ranges::find(spec.words, node.text) == spec.words.end())
                say(spot, node.place, wrong(node, spec, spot) + suggestion(node.text, spec.words), seen(node));
            return;
        }
        if (spec.type == Type::kText) {
            if (node.text.empty()) say(spot, node.place, in_quotes(spot.name) + " is empty");
            return;
        }
        if (!matches(node.text, scalar_form(spec.type).pattern))
            return say(spot, node.place, wrong(node, spec, spot), seen(node));
        quantity(node, spec, spot);
    }

    /// True when the value is a bare number that the type takes (or takes and finds wrong).
    bool bare_number(const Node& node, const Spec& spec, const Spot& spot, PlainType plain) {
        const bool whole = plain == PlainType::kInteger && !node.text.starts_with('-');
        const bool number = whole || (plain == PlainType::kDecimal && !node.text.starts_with('-'));
        switch (spec.type) {
            case Type::kMemory:
                if (whole) quantity(node, spec, spot);
                return whole;
            case Type::kCountBound:
                return whole;
            case Type::kDecimalBound:
                return number;
            default:
                return node.text == "0" && whole;
        }
    }

    /// The value behind a well-formed text: range and precision. The JSON Schema cannot see these.
    void quantity(const Node& node, const Spec& spec, const Spot& spot) {
        Quantity amount = 0;
        std::string (*text)(std::int64_t) = &duration_text;
        switch (spec.type) {
            case Type::kDuration:
                amount = parse_duration_ns(node.text);
                break;
            case Type::kSize:
                amount = parse_size_bytes(node.text);
                text = &size_text;
                break;
            case Type::kBandwidth:
                amount = parse_bandwidth(node.text);
                text = &bandwidth_text;
                break;
            case Type::kMemory:
                amount = parse_memory_bytes(node.text);
                text = &size_text;
                break;
            case Type::kRate: {
                const auto interval = parse_rate_interval_ns(node.text);
                if (!interval) say(spot, node.place, in_quotes(spot.name) + ": " + interval.error(), SeenBySchema::kNo);
                return;
            }
            case Type::kDurationBound:
            case Type::kCountBound:
            case Type::kDecimalBound:
            case Type::kMemoryBound:
            case Type::kBandwidthBound:
                return bound(node, spec, spot);
            default:
                return;
        }
        if (!amount) return say(spot, node.place, in_quotes(spot.name) + ": " + amount.error(), SeenBySchema::kNo);
        if (*amount < spec.low || *amount > spec.high)
            say(spot, node.place,
                in_quotes(spot.name) + " is from " + text(spec.low) + " to " + text(spec.high) + ", not " + node.text,
                SeenBySchema::kNo);
    }

    void bound(const Node& node, const Spec& spec, const Spot& spot) {
        const auto of = spec.type == Type::kDurationBound    ? BoundOf::kDuration
                        : spec.type == Type::kCountBound     ? BoundOf::kCount
                        : spec.type == Type::kMemoryBound    ? BoundOf::kMemory
                        : spec.type == Type::kBandwidthBound ? BoundOf::kBandwidth
                                                             : BoundOf::kDecimal;
        const auto parsed = parse_bound(node.text, of);
        if (!parsed) say(spot, node.place, in_quotes(spot.name) + ": " + parsed.error(), SeenBySchema::kNo);
    }

    bool matches(const std::string& text, const std::string& pattern) {
        if (text.size() > kScalarLengthMax) return false;
        auto [known, is_new] = patterns_.try_emplace(pattern);
        if (is_new) known->second.assign(pattern, std::regex::ECMAScript | std::regex::optimize);
        return std::regex_match(text, known->second);
    }

    Errors& errors_;
    std::map<std::string, std::regex, std::less<>> patterns_;
};

}  // namespace

void validate(const Node& root, const Spec& spec, Errors& errors) {
    Validator(errors).value(root, spec, {"", "", {root.place.source, 1, 1}});
}

void fill_defaults(Node& node, const Spec& spec) {
    switch (spec.type) {
        case Type::kMap:
            for (const auto& key : spec.keys) {
                if (auto* found = node.find(key.name)) {
                    fill_defaults(*found, key.spec);
                } else if (node.is_map() && !key.default_text.empty()) {
                    Node value;
                    value.kind = Node::Kind::kScalar;
                    value.place = node.place;
                    value.text = key.default_text;
                    node.entries.push_back({key.name, node.place, std::move(value)});
                }
            }
            return;
        case Type::kNamed:
            for (auto& entry : node.entries) fill_defaults(entry.value, spec.of[0]);
            return;
        case Type::kList:
            for (auto& item : node.items) fill_defaults(item, spec.of[0]);
            return;
        case Type::kChoice:
            for (const auto& alternative : spec.of) {
                const bool map = alternative.type == Type::kMap || alternative.type == Type::kNamed;
                if ((map && node.is_map()) || (alternative.type == Type::kList && node.is_list()))
                    fill_defaults(node, alternative);
            }
            return;
        default:
            return;
    }
}

}  // namespace pvmsim::scenarios
