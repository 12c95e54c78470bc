// Names may contain dots, paths are joined by dots: at each map the longest key that fits wins.
// Nothing is judged here but the path; the value is judged with the whole tree afterwards.
#include "scenarios/loader/overrides.hpp"

#include <optional>
#include <vector>

#include "scenarios/loader/ranges.hpp"
#include "scenarios/schema/spec.hpp"

namespace pvmsim::scenarios {

namespace {

/// The child of that name; a map makes it, a list must have it.
Node* child_of(Node& node, const std::string& key, Place place, Errors& errors, const std::string& where) {
    if (node.kind == Node::Kind::kNull) node.kind = Node::Kind::kMap;
    if (node.is_map()) {
        if (auto* found = node.find(key)) return found;
        node.entries.push_back({key, place, Node{}});
        node.entries.back().value.place = place;
        return &node.entries.back().value;
    }
    if (node.is_list()) {
        const bool numeric = !key.empty() && key.size() < 7 && key.find_first_not_of("0123456789") == std::string::npos;
        const auto index = numeric ? std::stoul(key) : node.items.size();
        if (index < node.items.size()) return &node.items[index];
        errors.add(place, "'" + where + "' is a list of " + std::to_string(node.items.size()) + ": '" + key +
                              "' is no position in it (the first is 0)");
        return nullptr;
    }
    errors.add(place, "'" + where + "' is " + std::string(describe(node)) + ": there is no '" + key + "' in it");
    return nullptr;
}

/// How many of the path's parts, joined by dots, name an existing key of the map; at least 1.
std::size_t parts_of_key(const Node& node, const std::vector<std::string>& parts, std::size_t from, std::string& key) {
    key = parts[from];
    std::size_t best = 1;
    std::string joined = parts[from];
    for (std::size_t i = from + 1; i < parts.size(); ++i) {
        joined += '.' + parts[i];
        if (node.is_map() && node.find(joined)) {
            best = i - from + 1;
            key = joined;
        }
    }
    return best;
}

void set_path(Node& root, const std::string& path, const Node& value, Place place, Errors& errors) {
    std::vector<std::string> parts(1);
    for (char c : path) {
        if (c == '.') {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    for (const auto& part : parts)
        if (part.empty()) return errors.add(place, "the path '" + path + "' has an empty part");

    Node* node = &root;
    std::string where;
    for (std::size_t at = 0; at < parts.size();) {
        std::string key;
        at += parts_of_key(*node, parts, at, key);
        node = child_of(*node, key, place, errors, where.empty() ? "the file" : where);
        if (!node) return;
        where += (where.empty() ? "" : ".") + key;
    }
    *node = value;
}

void apply_override(Node& root, const std::string& text, std::uint32_t source, Errors& errors) {
    const Place place{source, 0, 0};
    const auto equals = text.find('=');
    // A range with a named variable has an equals sign of its own: "vios[v=1-2].lpar_id=3".
    const auto bracket = text.find('[');
    const auto split = bracket < equals ? text.find('=', text.find(']', bracket)) : equals;
    if (split == std::string::npos || split == 0) return errors.add(place, "an override is written path=value");

    Errors value_errors;
    auto value = parse_document(text.substr(split + 1), source, value_errors);
    if (!value_errors.empty()) {
        return errors.add(place, "the value '" + text.substr(split + 1) + "': " + value_errors.all().front().message);
    }
    const auto paths = expand_text(text.substr(0, split));
    if (!paths) return errors.add(place, paths.error());
    if (has_ranges(text.substr(0, text.find_first_of(".=")))) expand_ranges_in(value, errors);
    for (const auto& path : *paths) set_path(root, path, value, place, errors);
}

}  // namespace

std::string override_name(const std::string& override_text) {
    const auto bracket = override_text.find('[');
    const auto equals = override_text.find('=');
    const auto split = bracket < equals ? override_text.find('=', override_text.find(']', bracket)) : equals;
    return "--set " + override_text.substr(0, split);
}

void apply_overrides(Node& root, std::span<const std::string> overrides, Errors& errors) {
    std::uint32_t source = 0;
    for (const auto& text : overrides) apply_override(root, text, ++source, errors);
}

}  // namespace pvmsim::scenarios
