// Document: a YAML text as a small tree in which every key and value knows where it was written.
//
// Built through yaml-cpp's events, not its nodes, because what we refuse is invisible there: duplicate keys, anchors
// and aliases (bombs), tags, several documents. Limits are part of the format: 4 MiB, depth 64, a million nodes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/loader/place.hpp"

namespace pvmsim::scenarios {

inline constexpr std::size_t kDocumentBytesMax = std::size_t{4} << 20;
inline constexpr std::size_t kDocumentDepthMax = 64;
inline constexpr std::size_t kDocumentNodesMax = 1'000'000;

struct Entry;

struct Node {
    enum class Kind : std::uint8_t { kNull, kScalar, kList, kMap };

    Kind kind = Kind::kNull;
    bool quoted = false;  ///< scalar in quotes or as a block: always text, never a number
    Place place;
    std::string text;            ///< scalar
    std::vector<Node> items;     ///< list
    std::vector<Entry> entries;  ///< map, in the order of the file, keys unique

    [[nodiscard]] bool is_map() const { return kind == Kind::kMap; }
    [[nodiscard]] bool is_list() const { return kind == Kind::kList; }
    [[nodiscard]] bool is_scalar() const { return kind == Kind::kScalar; }
    [[nodiscard]] const Node* find(std::string_view key) const;
    [[nodiscard]] Node* find(std::string_view key);
    [[nodiscard]] const Entry* find_entry(std::string_view key) const;
};

struct Entry {
    std::string key;
    Place key_place;
    Node value;
};

/// What a node is, in words: "a map", "a list", "empty", "text", ...
std::string_view describe(const Node& node);

/// Parses one document. The first mistake in the form of the text ends it; the result is then meaningless.
Node parse_document(std::string_view text, std::uint32_t source, Errors& errors);

/// The tree as JSON, for the JSON Schema: scalars get the type that YAML's core schema gives them. What we refuse as
/// ambiguous (leading zeros, exponents, True) becomes null, which no schema of ours accepts.
std::string document_to_json(const Node& root);

/// How YAML's core schema reads a plain scalar.
enum class PlainType : std::uint8_t { kText, kInteger, kDecimal, kBoolean, kHexadecimal, kAmbiguous };
PlainType plain_type(std::string_view text);

}  // namespace pvmsim::scenarios
