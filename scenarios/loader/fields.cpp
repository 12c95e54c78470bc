// Getters over one map of the tree. The form of every scalar that is still there was checked.
// A value that was blanked out reads like one that was never written.
#include "scenarios/loader/reading.hpp"
#include "scenarios/schema/quantities.hpp"

namespace pvmsim::scenarios {

const Node* Fields::scalar(std::string_view key) const {
    const auto* found = node_ ? node_->find(key) : nullptr;
    return found && found->is_scalar() ? found : nullptr;
}

const std::vector<Entry>& Fields::entries(std::string_view key) const { return inner(key).entries(); }

const std::vector<Entry>& Fields::entries() const {
    static const std::vector<Entry> kNone;
    return node_ ? node_->entries : kNone;
}

const std::vector<Node>& Fields::items(std::string_view key) const {
    static const std::vector<Node> kNone;
    const auto* found = node_ ? node_->find(key) : nullptr;
    return found && found->is_list() ? found->items : kNone;
}

Fields Fields::inner(std::string_view key) const { return Fields(node_ ? node_->find(key) : nullptr); }

Place Fields::place_of(std::string_view key) const {
    if (!node_) return {};
    const auto* entry = node_->find_entry(key);
    return entry ? entry->key_place : node_->place;
}

std::string Fields::text(std::string_view key) const {
    const auto* found = scalar(key);
    return found ? found->text : std::string();
}

std::optional<std::int64_t> Fields::number(std::string_view key) const {
    const auto* found = scalar(key);
    if (!found) return std::nullopt;
    const auto value = parse_integer(found->text);
    return value ? std::optional(*value) : std::nullopt;
}

std::optional<sim::Duration> Fields::duration(std::string_view key) const {
    const auto* found = scalar(key);
    if (!found) return std::nullopt;
    const auto ns = parse_duration_ns(found->text);
    return ns ? std::optional(sim::Duration{*ns}) : std::nullopt;
}

std::optional<std::int64_t> Fields::bytes(std::string_view key) const {
    const auto* found = scalar(key);
    if (!found) return std::nullopt;
    const auto size = parse_memory_bytes(found->text);
    return size ? std::optional(*size) : std::nullopt;
}

std::optional<std::int64_t> Fields::decimal(std::string_view key, int digits) const {
    const auto* found = scalar(key);
    if (!found) return std::nullopt;
    const auto value = parse_decimal(found->text, digits);
    return value ? std::optional(*value) : std::nullopt;
}

std::optional<bool> Fields::boolean(std::string_view key) const {
    const auto* found = scalar(key);
    return found ? std::optional(found->text == "true") : std::nullopt;
}

std::optional<wire::Ipv4Address> Fields::address(std::string_view key) const {
    const auto* found = scalar(key);
    return found ? wire::parse_ipv4(found->text) : std::nullopt;
}

std::optional<wire::VlanId> Fields::vlan(std::string_view key) const {
    const auto value = number(key);
    return value ? std::optional(wire::VlanId{static_cast<std::uint16_t>(*value)}) : std::nullopt;
}

std::vector<wire::VlanId> Fields::vlans(std::string_view key) const {
    std::vector<wire::VlanId> result;
    for (const auto& item : items(key)) {
        const auto value = item.is_scalar() ? parse_integer(item.text) : std::unexpected(std::string());
        if (value) result.push_back(wire::VlanId{static_cast<std::uint16_t>(*value)});
    }
    return result;
}

std::vector<const Node*> scalars_of(const Node* node) {
    std::vector<const Node*> result;
    if (node && node->is_scalar()) result.push_back(node);
    if (node && node->is_list())
        for (const auto& item : node->items)
            if (item.is_scalar()) result.push_back(&item);
    return result;
}

namespace {

void drop(Node& node, const std::string& path, const std::set<std::string>& flaws) {
    const auto below = [&](const std::string& key) { return path.empty() ? key : path + "." + key; };
    switch (node.kind) {
        case Node::Kind::kNull:
            return;
        case Node::Kind::kScalar:
            if (flaws.contains(path)) node.kind = Node::Kind::kNull;
            return;
        case Node::Kind::kList:
            for (std::size_t i = 0; i < node.items.size(); ++i) drop(node.items[i], below(std::to_string(i)), flaws);
            return;
        case Node::Kind::kMap:
            for (auto& entry : node.entries) drop(entry.value, below(entry.key), flaws);
            return;
    }
}

}  // namespace

void drop_malformed(Node& root, const Errors& errors) {
    std::set<std::string> flaws;
    for (const auto& finding : errors.all()) flaws.insert(finding.path);
    if (!flaws.empty()) drop(root, "", flaws);
}

}  // namespace pvmsim::scenarios
