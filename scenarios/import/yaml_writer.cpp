// YAML out of any text; see yaml_writer.hpp.
// UTF-8 is checked by RFC 3629: overlong forms and surrogates are refused.
#include "scenarios/import/yaml_writer.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace pvmsim::scenarios {

namespace {

constexpr std::size_t kPageColumns = 120;

/// Length of the UTF-8 character that the text begins with; 0 when it is none.
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const auto lead = byte(0);
    std::size_t length = 1;
    std::uint32_t code = lead;
    if (lead >= 0xF0 && lead < 0xF5)
        length = 4, code = lead & 0x07u;
    else if (lead >= 0xE0)
        length = 3, code = lead & 0x0Fu;
    else if (lead >= 0xC2)
        length = 2, code = lead & 0x1Fu;
    else if (lead >= 0x80)
        return 0;
    if (lead >= 0xF5 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0u) != 0x80u) return 0;
        code = code << 6 | (byte(i) & 0x3Fu);
    }
    constexpr std::array<std::uint32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code >= 0xD800 && code < 0xE000;
    // U+0080..9F, the byte order mark and the two non-characters are no printable text for YAML either.
    const bool control = (code >= 0x80 && code < 0xA0) || code == 0xFEFF || code == 0xFFFE || code == 0xFFFF;
    return code < kLeast[length] || surrogate || control || code > 0x10FFFF ? 0 : length;
}

bool is_plain_word(std::string_view text) {
    constexpr std::array<std::string_view, 9> kSpecial = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto is_word_char = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
    if (text.empty() || !is_letter(text.front()) || !std::ranges::all_of(text, is_word_char)) return false;
    std::string lower(text);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return std::ranges::find(kSpecial, lower) == kSpecial.end();
}

}  // namespace

void YamlWriter::line(std::string_view text, std::string_view comment) {
    text_.append(depth_ * 2, ' ');
    text_ += text;
    if (!comment.empty()) text_ += "  # " + printable(comment);
    text_ += '\n';
}

void YamlWriter::pair(std::string_view key, std::string_view value, std::string_view comment) {
    std::string text(key);
    text += ':';
    if (!value.empty()) text += ' ' + std::string(value);
    line(text, comment);
}

void YamlWriter::item(std::string_view value, std::string_view comment) { line("- " + std::string(value), comment); }

void YamlWriter::comment(std::string_view text) {
    std::string rest = printable(text);
    const std::size_t width = kPageColumns - depth_ * 2 - 2;
    while (rest.size() > width) {
        auto at = rest.rfind(' ', width);
        if (at == std::string::npos || at == 0) at = rest.find(' ', width);
        if (at == std::string::npos) break;
        line("# " + rest.substr(0, at), {});
        rest = rest.substr(at + 1);
    }
    line("# " + rest, {});
}

std::string printable(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const auto length = utf8_length(text);
        const auto first = static_cast<std::uint8_t>(text.front());
        if (length == 0)
            result += '?';
        else if (first < 0x20 || first == 0x7F)
            result += ' ';
        else
            result += text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return result;
}

std::string yaml_quoted(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : printable(text)) {
        if (c == '"' || c == '\\') quoted += '\\';
        if (c == '{' || c == '}') quoted += c;
        quoted += c;
    }
    return quoted + '"';
}

std::string yaml_text(std::string_view text) { return is_plain_word(text) ? std::string(text) : yaml_quoted(text); }

}  // namespace pvmsim::scenarios
