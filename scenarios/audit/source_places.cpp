// Walking the document's tree along a path; see source_places.hpp.
// Copies of a range have their range's place, so equal findings of copies have equal places.
#include "scenarios/audit/source_places.hpp"

#include <charconv>
#include <utility>

#include "scenarios/loader/judge.hpp"
#include "scenarios/loader/overrides.hpp"

namespace pvmsim::scenarios::audit {
namespace {

/// The child under a key or list position, with its place; nullptr when there is none.
const Node* child(const Node& node, const std::string& key, Place& place) {
    if (node.is_map()) {
        const auto* entry = node.find_entry(key);
        if (!entry) return nullptr;
        // An override that changes a value leaves the key where it was.
        place = entry->value.place.source == 0 ? entry->key_place : entry->value.place;
        return &entry->value;
    }
    std::size_t index = 0;
    const bool number = std::from_chars(key.data(), key.data() + key.size(), index).ec == std::errc{};
    if (!node.is_list() || !number || index >= node.items.size()) return nullptr;
    place = node.items[index].place;
    return &node.items[index];
}

}  // namespace

std::string dotted(const Path& path) {
    std::string text;
    for (const auto& key : path) text += (text.empty() ? "" : ".") + key;
    return text;
}

SourcePlaces::SourcePlaces(std::string_view text, std::string file, std::span<const std::string> overrides)
    : file_(std::move(file)) {
    for (const auto& one : overrides) override_names_.push_back(override_name(one));
    Errors errors;
    auto root = expanded_document(text, overrides, errors);
    if (errors.empty()) root_ = std::move(root);
}

std::optional<SourcePlaces::Spot> SourcePlaces::find(const Path& path) const {
    const Node* node = &root_;
    std::optional<Place> place;
    for (const auto& key : path) {
        Place next;
        node = child(*node, key, next);
        if (!node) break;
        place = next;
    }
    if (!place) return std::nullopt;
    const auto& source = place->source == 0 ? file_ : override_names_[place->source - 1];
    return Spot{source, place->line, place->column};
}

std::string SourcePlaces::text(const Path& path) const {
    const auto spot = find(path);
    return spot ? to_string(Place{0, spot->line, spot->column}, spot->source) : dotted(path);
}

}  // namespace pvmsim::scenarios::audit
