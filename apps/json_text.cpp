// Writing JSON; see json_text.hpp.
// The check of UTF-8 follows its definition: lengths, continuation bytes, no overlong forms, no surrogates.
#include "apps/json_text.hpp"

#include <array>
#include <cstdio>
#include <utility>

namespace pvmsim::apps {
namespace {

/// Bytes of the well-formed character that the text begins with; 0: there is none.
std::size_t character_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xc2 && first <= 0xdf   ? 2
                               : first >= 0xe0 && first <= 0xef ? 3
                               : first >= 0xf0 && first <= 0xf4 ? 4
                                                                : 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xc0) != 0x80) return 0;
    const bool overlong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
    const bool outside = (first == 0xed && byte(1) > 0x9f) || (first == 0xf4 && byte(1) > 0x8f);
    return overlong || outside ? 0 : length;
}

}  // namespace

std::string json_string(std::string_view bytes) {
    std::string out = "\"";
    while (!bytes.empty()) {
        const auto length = character_length(bytes);
        const auto first = static_cast<unsigned char>(bytes.front());
        if (length == 0) {
            out += "\xef\xbf\xbd";
        } else if (first == '"' || first == '\\') {
            out += '\\';
            out += bytes.front();
        } else if (first < 0x20) {
            std::array<char, 8> escaped{};
            std::snprintf(escaped.data(), escaped.size(), "\\u%04x", unsigned{first});
            out += escaped.data();
        } else {
            out += bytes.substr(0, length);
        }
        bytes.remove_prefix(length == 0 ? 1 : length);
    }
    return out + "\"";
}

void JsonText::start(std::string_view key) {
    if (depth_ > 0) out_ += (first_ ? "\n" : ",\n") + std::string(2 * depth_, ' ');
    first_ = false;
    if (!key.empty()) out_ += json_string(key) + ": ";
}

void JsonText::open(std::string_view key, char bracket) {
    start(key);
    out_ += bracket;
    ++depth_;
    first_ = true;
}

void JsonText::close(char bracket) {
    --depth_;
    if (!first_) out_ += "\n" + std::string(2 * depth_, ' ');
    out_ += bracket;
    first_ = false;
}

void JsonText::number(std::string_view key, std::uint64_t value) { decimal(key, std::to_string(value)); }

void JsonText::decimal(std::string_view key, std::string_view value) {
    start(key);
    out_ += value;
}

void JsonText::text(std::string_view key, std::string_view value) {
    start(key);
    out_ += json_string(value);
}

std::string JsonText::finish() && { return std::move(out_) + "\n"; }

}  // namespace pvmsim::apps
