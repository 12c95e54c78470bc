// Expansion walks the tree once, outermost ranges first, so that inner ones see the outer variables.
// Copies keep the place of their original, so that an error in any of them points into the file.
#include "scenarios/loader/ranges.hpp"

#include <map>
#include <optional>

#include "scenarios/loader/expression.hpp"

namespace pvmsim::scenarios {

namespace {

/// "[01-20]" or "[v=1-2]" inside a text.
struct Range {
    std::size_t begin = 0;  ///< of '['
    std::size_t end = 0;    ///< past ']'
    std::string variable = "n";
    std::int64_t first = 0;
    std::int64_t last = 0;
    std::size_t width = 1;
};

std::optional<std::int64_t> small_number(std::string_view text) {
    if (text.empty() || text.size() > 9) return std::nullopt;
    std::int64_t value = 0;
    for (char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return value;
}

bool is_variable_name(std::string_view text) {
    return !text.empty() &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") == std::string_view::npos;
}

/// The first well-formed range at or after `from`; brackets that are no range stay text.
std::optional<Range> find_range(std::string_view text, std::size_t from) {
    for (auto open = text.find('[', from); open != std::string_view::npos; open = text.find('[', open + 1)) {
        const auto close = text.find(']', open);
        if (close == std::string_view::npos) return std::nullopt;
        auto inside = text.substr(open + 1, close - open - 1);
        Range range{open, close + 1};
        if (const auto equals = inside.find('='); equals != std::string_view::npos) {
            range.variable = std::string(inside.substr(0, equals));
            inside.remove_prefix(equals + 1);
        }
        const auto dash = inside.find('-');
        if (dash == std::string_view::npos || !is_variable_name(range.variable)) continue;
        const auto first = small_number(inside.substr(0, dash));
        const auto last = small_number(inside.substr(dash + 1));
        if (!first || !last) continue;
        range.first = *first;
        range.last = *last;
        range.width = dash;
        return range;
    }
    return std::nullopt;
}

std::string padded(std::int64_t value, std::size_t width) {
    auto text = std::to_string(value);
    return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

/// One copy of a text with ranges: what it reads, and the variables in force.
struct Copy {
    std::string text;
    Variables variables;
};

/// All copies of a text; several ranges in it give every combination, the last one running fastest.
std::expected<std::vector<Copy>, std::string> copies_of(std::string_view text, const Variables& outer) {
    std::vector<Copy> copies{{std::string(), outer}};
    std::size_t from = 0;
    while (const auto range = find_range(text, from)) {
        if (range->last < range->first) return std::unexpected("a range runs upwards: [first-last]");
        for (const auto& variable : copies.front().variables)
            if (variable.name == range->variable)
                return std::unexpected("the variable '" + range->variable +
                                       "' is taken by another range here: name this one, like [m=1-2]");
        const auto count = static_cast<std::size_t>(range->last - range->first + 1) * copies.size();
        if (count > kRangeCopiesMax) return std::unexpected("a range of more than 10,000 copies");

        std::vector<Copy> next;
        next.reserve(count);
        for (const auto& copy : copies) {
            for (auto value = range->first; value <= range->last; ++value) {
                Copy extended = copy;
                const auto written = padded(value, range->width);
                extended.text += std::string(text.substr(from, range->begin - from)) + written;
                extended.variables.push_back({range->variable, value, written});
                next.push_back(std::move(extended));
            }
        }
        copies = std::move(next);
        from = range->end;
    }
    for (auto& copy : copies) copy.text += text.substr(from);
    return copies;
}

class Expander {
  public:
    explicit Expander(Errors& errors) : errors_(errors) {}

    Node expand(const Node& node, const Variables& variables) {
        Node result;
        result.kind = node.kind;
        result.quoted = node.quoted;
        result.place = node.place;
        if (++nodes_ > kDocumentNodesMax) {
            if (nodes_ == kDocumentNodesMax + 1) errors_.add(node.place, "the ranges make more than 1,000,000 values");
            return result;
        }
        switch (node.kind) {
            case Node::Kind::kNull:
                break;
            case Node::Kind::kScalar:
                expand_scalar(node, variables, result);
                break;
            case Node::Kind::kList:
                expand_items(node, variables, result);
                break;
            case Node::Kind::kMap:
                expand_entries(node, variables, result);
                break;
        }
        return result;
    }

  private:
    void expand_scalar(const Node& node, const Variables& variables, Node& result) {
        if (node.text.find_first_of("{}") == std::string::npos) {
            result.text = node.text;
            return;
        }
        auto text = substitute(node.text, variables);
        if (!text) {
            errors_.add(node.place, text.error());
            result.text = "0";  // keeps the judges silent about what is reported already
            result.quoted = false;
            return;
        }
        result.text = std::move(*text);
        // "{n+10}" needs its quotes only for YAML; what it becomes is a number again.
        result.quoted = false;
    }

    void expand_items(const Node& node, const Variables& variables, Node& result) {
        for (const auto& item : node.items) {
            if (!item.is_scalar()) {
                result.items.push_back(expand(item, variables));
                continue;
            }
            for_copies(item.text, item.place, variables, [&](const Copy& copy) {
                Node written = item;
                written.text = copy.text;
                result.items.push_back(expand(written, copy.variables));
            });
        }
    }

    void expand_entries(const Node& node, const Variables& variables, Node& result) {
        std::map<std::string, Place, std::less<>> keys;
        for (const auto& entry : node.entries) {
            for_copies(entry.key, entry.key_place, variables, [&](const Copy& copy) {
                const auto key = substitute(copy.text, copy.variables);
                if (!key) return errors_.add(entry.key_place, key.error());
                const auto [first, is_new] = keys.try_emplace(*key, entry.key_place);
                if (!is_new) {
                    return errors_.add(entry.key_place, "key '" + *key +
                                                            "' is here a second time; the first is in line " +
                                                            std::to_string(first->second.line));
                }
                result.entries.push_back({*key, entry.key_place, expand(entry.value, copy.variables)});
            });
        }
    }

    template <class Action>
    void for_copies(const std::string& text, Place place, const Variables& variables, Action action) {
        const auto copies = copies_of(text, variables);
        if (!copies) return errors_.add(place, copies.error());
        for (const auto& copy : *copies) {
            if (nodes_ > kDocumentNodesMax) return;
            action(copy);
        }
    }

    Errors& errors_;
    std::size_t nodes_ = 0;
};

}  // namespace

void expand_ranges(Node& root, Errors& errors) {
    Expander expander(errors);
    for (std::string_view section : {"fabric", "systems", "partitions"})
        if (auto* node = root.find(section)) *node = expander.expand(*node, {});
}

void expand_ranges_in(Node& value, Errors& errors) { value = Expander(errors).expand(value, {}); }

std::expected<std::vector<std::string>, std::string> expand_text(std::string_view text) {
    auto copies = copies_of(text, {});
    if (!copies) return std::unexpected(copies.error());
    std::vector<std::string> result;
    for (auto& copy : *copies) result.push_back(std::move(copy.text));
    return result;
}

}  // namespace pvmsim::scenarios
