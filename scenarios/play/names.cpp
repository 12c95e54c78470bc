// Hashing paths into names; see names.hpp.
// 24 and 28 bits of hash: collisions within one site are improbable, and the builder asserts that there are none.
#include "scenarios/play/names.hpp"

#include "sim/engine/digest.hpp"

namespace pvmsim::scenarios {
namespace {

std::uint64_t hash_of(std::string_view path) {
    sim::Digest digest;
    digest.add(path);
    return digest.value();
}

}  // namespace

wire::Wwpn adapter_wwpn(std::string_view path) {
    return wire::Wwpn{0x1000'0000'c900'0000ull | (hash_of(path) & 0xff'ffff)};
}

wire::Wwpn array_wwpn(std::string_view path) {
    return wire::Wwpn{0x5005'0768'0000'0000ull | (hash_of(path) & 0xfff'ffff)};
}

wire::MacAddress adapter_mac(std::string_view path) {
    return wire::MacAddress::from_integer(0x0021'5e00'0000ull | (hash_of(path) & 0xff'ffff));
}

}  // namespace pvmsim::scenarios
