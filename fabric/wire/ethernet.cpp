// Text forms of MAC and IPv4 addresses, as entstat prints them and as HMC attributes take them.
// Strict: what is not exactly an address is refused, with no attempt to guess.
#include "fabric/wire/ethernet.hpp"

#include <charconv>

#include "fabric/wire/hex.hpp"

namespace pvmsim::wire {

std::optional<MacAddress> MacAddress::parse(std::string_view text) {
    const auto digits = hex_digits(text, ':');
    if (!digits || digits->size() != 12) return std::nullopt;
    std::uint64_t value = 0;
    std::from_chars(digits->data(), digits->data() + digits->size(), value, 16);
    return from_integer(value);
}

std::string MacAddress::to_string() const {
    std::string text;
    for (auto octet : octets) {
        if (!text.empty()) text += ':';
        append_hex(text, octet, 2);
    }
    return text;
}

std::optional<Ipv4Address> parse_ipv4(std::string_view text) {
    std::uint32_t value = 0;
    const char* at = text.data();
    const char* const end = at + text.size();
    for (int part = 0; part < 4; ++part) {
        if (part > 0) {
            if (at == end || *at != '.') return std::nullopt;
            ++at;
        }
        // A leading zero would be octal to some readers and decimal to others: refused.
        if (end - at >= 2 && at[0] == '0' && at[1] >= '0' && at[1] <= '9') return std::nullopt;
        std::uint8_t octet = 0;
        const auto [next, error] = std::from_chars(at, end, octet);
        if (error != std::errc{}) return std::nullopt;
        value = value << 8 | octet;
        at = next;
    }
    if (at != end) return std::nullopt;
    return Ipv4Address{value};
}

std::string to_string(Ipv4Address address) {
    std::string text;
    for (int shift = 24; shift >= 0; shift -= 8) {
        if (!text.empty()) text += '.';
        text += std::to_string(address.value() >> shift & 0xff);
    }
    return text;
}

}  // namespace pvmsim::wire
