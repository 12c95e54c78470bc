// Digest: a running 64-bit hash over plain values. The same on every build; no pointers, no padding, no floats.
// Made to notice differences, not to resist who looks for collisions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

#include "sim/base/strong_id.hpp"
#include "sim/base/time.hpp"

namespace pvmsim::sim {

class Digest {
  public:
    /// Mixes one 64-bit word: a folded 64x64 -> 128 bit multiplication.
    constexpr void word(std::uint64_t value) {
        const Wide mixed = product(state_ ^ value, 0x9e37'79b9'7f4a'7c15u);
        state_ = (static_cast<std::uint64_t>(mixed) ^ static_cast<std::uint64_t>(mixed >> 64)) + kStep;
    }
    /// Mixes two words and `bytes` (at most 48) of a payload that is padded with zeros to a multiple of 16. One sum of
    /// products of pairs (NH of UMAC, RFC 4418, on 64-bit words) goes into the state, so the multiplications do not
    /// wait for one another. The number of bytes is not mixed in.
    void block(std::uint64_t first, std::uint64_t second, const std::byte* payload, std::size_t bytes) {
        Wide sum = product(first + kPairKeys[0], second + kPairKeys[1]);
        if (bytes > 0) sum += pair<0>(payload);
        if (bytes > 16) sum += pair<1>(payload);
        if (bytes > 32) sum += pair<2>(payload);
        word(static_cast<std::uint64_t>(sum));
        state_ += static_cast<std::uint64_t>(sum >> 64);
    }
    template <class T>
    requires std::is_integral_v<T> || std::is_enum_v<T>
    constexpr void add(T value) { word(static_cast<std::uint64_t>(value)); }
    constexpr void add(Duration span) { word(static_cast<std::uint64_t>(span.count())); }
    constexpr void add(SimTime at) { add(at.time_since_epoch()); }
    template <class Tag, class Rep>
    constexpr void add(StrongId<Tag, Rep> id) {
        word(static_cast<std::uint64_t>(id.value()));
    }
    /// Length and bytes.
    void add(std::string_view text);
    /// Length and bytes, taken eight at a time in memory order.
    void bytes(std::span<const std::byte> data);

    [[nodiscard]] constexpr std::uint64_t value() const { return state_; }

  private:
    __extension__ using Wide = unsigned __int128;

    static constexpr std::uint64_t kPairKeys[] = {
        0xa076'1d64'78bd'642fu, 0xe703'7ed1'a0b4'28dbu, 0x8ebc'6af0'9c88'c6e3u, 0x5899'65cc'7537'4cc3u,
        0x1d8e'4e27'c47d'124fu, 0xeb44'acca'b455'd165u, 0x9c6e'6877'736c'46e3u, 0x2f66'1c8b'1b5c'8f27u};
    static constexpr std::uint64_t kStep = 0xd6e8'feb8'6659'fd93u;

    static constexpr Wide product(std::uint64_t left, std::uint64_t right) { return static_cast<Wide>(left) * right; }

    template <std::size_t kIndex>
    static Wide pair(const std::byte* payload) {
        std::uint64_t words[2];
        std::memcpy(words, payload + kIndex * sizeof words, sizeof words);
        return product(words[0] + kPairKeys[2 + 2 * kIndex], words[1] + kPairKeys[3 + 2 * kIndex]);
    }

    std::uint64_t state_ = 0x2545'f491'4f6c'dd1du;
};

}  // namespace pvmsim::sim
