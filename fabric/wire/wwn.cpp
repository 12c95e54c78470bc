// Text forms of world wide port names.
// Printed as lsmap and lsnports do: 16 lower-case digits without separators.
#include "fabric/wire/wwn.hpp"

#include <charconv>

#include "fabric/wire/hex.hpp"

namespace pvmsim::wire {

std::optional<Wwpn> parse_wwpn(std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
    const auto digits = hex_digits(text, ':');
    if (!digits || digits->size() != 16) return std::nullopt;
    std::uint64_t value = 0;
    std::from_chars(digits->data(), digits->data() + digits->size(), value, 16);
    return Wwpn{value};
}

std::string to_string(Wwpn name) {
    std::string text;
    append_hex(text, name.value(), 16);
    return text;
}

}  // namespace pvmsim::wire
