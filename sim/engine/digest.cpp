// The variable-length inputs of a digest. Bytes and text go in with their length first, so that ("ab", "c") and
// ("a", "bc") differ.
#include "sim/engine/digest.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace pvmsim::sim {

static_assert(std::endian::native == std::endian::little, "fingerprints are defined over little-endian words");

void Digest::bytes(std::span<const std::byte> data) {
    word(data.size());
    while (!data.empty()) {
        const std::size_t taken = std::min<std::size_t>(data.size(), sizeof(std::uint64_t));
        std::uint64_t value = 0;
        std::memcpy(&value, data.data(), taken);
        word(value);
        data = data.subspan(taken);
    }
}

void Digest::add(std::string_view text) { bytes(std::as_bytes(std::span{text})); }

}  // namespace pvmsim::sim
