// Digest: a running 64-bit hash over plain values. The same on every build; no pointers, no padding, no floats.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include "sim/base/strong_id.hpp"
#include "sim/base/time.hpp"

namespace pvmsim::sim {

class Digest {
  public:
    /// Mixes one 64-bit word: a folded 64x64 -> 128 bit multiplication.
    constexpr void word(std::uint64_t value) { state_ = fold(state_ ^ value, 0x9e37'79b9'7f4a'7c15u) + kStep; }
    /// Mixes eight words at once: the multiplications do not wait for one another, only the last waits for the state.
    constexpr void block(const std::array<std::uint64_t, 8>& words) {
        word(fold(words[0] ^ 0xa076'1d64'78bd'642fu, words[1] ^ 0xe703'7ed1'a0b4'28dbu) ^
             fold(words[2] ^ 0x8ebc'6af0'9c88'c6e3u, words[3] ^ 0x5899'65cc'7537'4cc3u) ^
             fold(words[4] ^ 0x1d8e'4e27'c47d'124fu, words[5] ^ 0xeb44'acca'b455'd165u) ^
             fold(words[6] ^ 0x9c6e'6877'736c'46e3u, words[7] ^ 0x2f66'1c8b'1b5c'8f27u));
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

    static constexpr std::uint64_t kStep = 0xd6e8'feb8'6659'fd93u;

    static constexpr std::uint64_t fold(std::uint64_t left, std::uint64_t right) {
        const Wide product = static_cast<Wide>(left) * right;
        return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    }

    std::uint64_t state_ = 0x2545'f491'4f6c'dd1du;
};

}  // namespace pvmsim::sim
