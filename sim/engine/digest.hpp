// Digest: a running 64-bit hash over plain values. The same on every build; no pointers, no padding, no floats.
#pragma once

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
    constexpr void word(std::uint64_t value) {
        const auto product = static_cast<unsigned __int128>(state_ ^ value) * 0x9e37'79b9'7f4a'7c15ull;
        state_ = (static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64)) + 0xd6e8'feb8'6659'fd93ull;
    }
    template <class T>
        requires std::is_integral_v<T> || std::is_enum_v<T>
    constexpr void add(T value) {
        word(static_cast<std::uint64_t>(value));
    }
    constexpr void add(Duration span) { word(static_cast<std::uint64_t>(span.count())); }
    constexpr void add(SimTime at) { add(at.time_since_epoch()); }
    template <class Tag, class Rep>
    constexpr void add(StrongId<Tag, Rep> id) {
        word(static_cast<std::uint64_t>(id.value()));
    }
    void add(std::string_view text);
    void bytes(std::span<const std::byte> data);

    [[nodiscard]] constexpr std::uint64_t value() const { return state_; }

  private:
    std::uint64_t state_ = 0x2545'f491'4f6c'dd1dull;
};

}  // namespace pvmsim::sim
