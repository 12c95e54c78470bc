// Hexadecimal text shared by MAC addresses and world wide names.
// Separators stand after every second digit or nowhere; anything else is refused.
#include "fabric/wire/hex.hpp"

namespace pvmsim::wire {
namespace {

bool is_hex_digit(char letter) {
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f') || (letter >= 'A' && letter <= 'F');
}

}  // namespace

std::optional<std::string> hex_digits(std::string_view text, char separator) {
    const bool separated = text.find(separator) != std::string_view::npos;
    if (separated && text.size() % 3 != 2) return std::nullopt;
    std::string digits;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (separated && i % 3 == 2) {
            if (text[i] != separator) return std::nullopt;
            continue;
        }
        if (!is_hex_digit(text[i])) return std::nullopt;
        digits += text[i];
    }
    return digits;
}

void append_hex(std::string& text, std::uint64_t value, int digits) {
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) text += "0123456789abcdef"[value >> shift & 0xf];
}

}  // namespace pvmsim::wire
