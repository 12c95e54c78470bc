// The tree as JSON, so that any JSON Schema validator can judge what the loader judges.
//
// Types follow YAML 1.2's core schema, as editors do. Numbers that YAML versions read differently (010, 1e400, .inf)
// are null: neither judge accepts them.
#include <boost/json.hpp>

#include "scenarios/loader/document.hpp"

namespace pvmsim::scenarios {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t skip_digits(std::string_view text, std::size_t at) {
    while (at < text.size() && is_digit(text[at])) ++at;
    return at;
}

/// "[+-]digits[.digits][e[+-]digits]" and nothing else; also ".5" and "5.".
bool looks_like_number(std::string_view text) {
    std::size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    const auto whole = skip_digits(text, at);
    std::size_t digits = whole - at;
    at = whole;
    if (at < text.size() && text[at] == '.') {
        const auto end = skip_digits(text, at + 1);
        digits += end - at - 1;
        at = end;
    }
    if (digits == 0) return false;
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
        const auto end = skip_digits(text, at);
        if (end == at) return false;
        at = end;
    }
    return at == text.size();
}

bool is_prefixed_number(std::string_view text, std::string_view prefix, std::string_view digits) {
    return text.size() > prefix.size() && text.starts_with(prefix) &&
           text.find_first_not_of(digits, prefix.size()) == std::string_view::npos;
}

PlainType number_type(std::string_view text) {
    if (text[0] == '+') return PlainType::kAmbiguous;
    const auto digits = text.substr(text[0] == '-' ? 1 : 0);
    if (digits.find_first_of("eE") != std::string_view::npos) return PlainType::kAmbiguous;
    const auto dot = digits.find('.');
    const bool padded = digits.size() > 1 && digits[0] == '0' && is_digit(digits[1]);
    if (padded || dot == 0 || dot == digits.size() - 1) return PlainType::kAmbiguous;
    if (digits.size() > 18) return PlainType::kAmbiguous;  // more than a 64-bit integer or a double holds
    return dot == std::string_view::npos ? PlainType::kInteger : PlainType::kDecimal;
}

boost::json::value scalar_to_json(const Node& node) {
    if (node.quoted) return boost::json::string(node.text);
    switch (plain_type(node.text)) {
        case PlainType::kInteger:
            return std::stoll(node.text);
        case PlainType::kDecimal:
            return std::stod(node.text);
        case PlainType::kBoolean:
            return node.text == "true";
        case PlainType::kAmbiguous:
            return nullptr;
        case PlainType::kHexadecimal:
        case PlainType::kText:
            break;
    }
    return boost::json::string(node.text);
}

boost::json::value to_json(const Node& node) {
    switch (node.kind) {
        case Node::Kind::kNull:
            return nullptr;
        case Node::Kind::kScalar:
            return scalar_to_json(node);
        case Node::Kind::kList: {
            boost::json::array list;
            for (const auto& item : node.items) list.push_back(to_json(item));
            return list;
        }
        case Node::Kind::kMap:
            break;
    }
    boost::json::object map;
    for (const auto& entry : node.entries) map.emplace(entry.key, to_json(entry.value));
    return map;
}

}  // namespace

PlainType plain_type(std::string_view text) {
    if (text.empty()) return PlainType::kText;
    if (text == "true" || text == "false") return PlainType::kBoolean;
    for (std::string_view word : {"True", "TRUE", "False", "FALSE", ".inf", ".Inf", ".INF", "-.inf", "-.Inf", "-.INF",
                                  "+.inf", ".nan", ".NaN", ".NAN"})
        if (text == word) return PlainType::kAmbiguous;
    if (is_prefixed_number(text, "0x", "0123456789abcdefABCDEF")) return PlainType::kHexadecimal;
    if (is_prefixed_number(text, "0o", "01234567")) return PlainType::kAmbiguous;
    return looks_like_number(text) ? number_type(text) : PlainType::kText;
}

std::string document_to_json(const Node& root) { return boost::json::serialize(to_json(root)); }

}  // namespace pvmsim::scenarios
