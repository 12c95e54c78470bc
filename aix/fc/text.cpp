// Log words of the Fibre Channel drivers. Addresses are printed as switches print them: domain, area, port in six
// hexadecimal digits.
#include "aix/fc/text.hpp"

#include "fabric/wire/hex.hpp"

namespace pvmsim::aix {

std::string address_text(wire::FcId address) {
    std::string text = "0x";
    wire::append_hex(text, address.value(), 6);
    return text;
}

std::string counted(std::uint64_t count, std::string_view noun) {
    auto text = std::to_string(count) + " ";
    text += noun;
    if (count != 1) text += 's';
    return text;
}

}  // namespace pvmsim::aix
