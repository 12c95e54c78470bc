// Byte-level checks of a scenario file. UTF-8 as in RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
// One pass over the bytes each; the first mistake ends the reading, since nothing after it can be trusted.
#include "scenarios/loader/text_check.hpp"

#include <fstream>
#include <system_error>

#include "scenarios/loader/document.hpp"

namespace pvmsim::scenarios {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

unsigned byte_at(std::string_view text, std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u;
}

/// Length of the character at `at`, 0 when it is not UTF-8.
std::size_t character_length(std::string_view text, std::size_t at) {
    const unsigned first = byte_at(text, at);
    if (first < 0x80) return 1;
    if (first < 0xC2 || first > 0xF4) return 0;
    const std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte_at(text, at + i) & 0xC0) != 0x80) return 0;
    const unsigned second = byte_at(text, at + 1);
    const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
    const bool outside = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
    return overlong || outside ? 0 : length;
}

bool is_control(unsigned c) { return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F; }

std::string hex_byte(unsigned value) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    return {'0', 'x', kDigits[value >> 4 & 15], kDigits[value & 15]};
}

/// Walks the characters; reports the first one that does not belong into a text file.
bool check_characters(std::string_view text, std::uint32_t source, Errors& errors) {
    Place place{source, 1, 1};
    bool in_indentation = true;
    for (std::size_t at = 0; at < text.size();) {
        const auto length = character_length(text, at);
        const unsigned first = byte_at(text, at);
        if (length == 0) {
            errors.add(place, "not UTF-8: byte " + hex_byte(first) + "; save the file as UTF-8");
            return false;
        }
        if (first == 0) {
            errors.add(place, "a NUL byte: this is not a text file");
            return false;
        }
        if (is_control(first)) {
            errors.add(place, "control character " + hex_byte(first) + " in the file");
            return false;
        }
        if (first == '\t' && in_indentation) {
            errors.add(place, "a tab in the indentation: YAML indents with blanks");
            return false;
        }
        in_indentation = first == '\n' || (in_indentation && first == ' ');
        place = first == '\n' ? Place{source, place.line + 1, 1} : Place{source, place.line, place.column + 1};
        at += length;
    }
    return true;
}

/// Brackets where YAML may open a list or map, deeper than any file of ours: yaml-cpp would first run through them all.
bool check_nesting(std::string_view text, std::uint32_t source, Errors& errors) {
    Place place{source, 1, 1};
    std::size_t depth = 0;
    char before = '\n';
    for (char c : text) {
        const bool opens =
            (c == '[' || c == '{') && std::string_view("\n[{,:-?").find(before) != std::string_view::npos;
        if (opens && ++depth > kDocumentDepthMax) {
            errors.add(place, "nested deeper than 64 levels");
            return false;
        }
        if ((c == ']' || c == '}') && depth > 0) --depth;
        if (c != ' ' && c != '\r') before = c;
        const bool continues = (static_cast<unsigned char>(c) & 0xC0) == 0x80;
        place = c == '\n' ? Place{source, place.line + 1, 1}
                          : Place{source, place.line, place.column + (continues ? 0u : 1u)};
    }
    return true;
}

}  // namespace

std::expected<std::string, std::string> read_whole_file(const std::filesystem::path& path) {
    std::error_code code;
    const auto status = std::filesystem::status(path, code);
    if (!std::filesystem::exists(status)) return std::unexpected("no such file");
    if (std::filesystem::is_directory(status)) return std::unexpected("is a directory, not a scenario file");
    std::ifstream in(path, std::ios::binary);
    if (!in) return std::unexpected("cannot be read (no permission?)");

    // One byte beyond the limit is enough to know; a pipe or a device may be endless.
    std::string text(kDocumentBytesMax + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (in.bad()) return std::unexpected("cannot be read");
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
}

bool check_text(std::string_view& text, std::uint32_t source, Errors& errors) {
    if (text.size() > kDocumentBytesMax) {
        errors.add({source, 0, 0}, "larger than 4 MiB, the limit of a scenario file");
        return false;
    }
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
        errors.add({source, 1, 1}, "UTF-16 text: save the file as UTF-8");
        return false;
    }
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    return check_characters(text, source, errors) && check_nesting(text, source, errors);
}

}  // namespace pvmsim::scenarios
