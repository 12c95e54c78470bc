// Bernoulli masks: 64 independent draws at once, each with the same probability, from a few random words.
//
// The probability is a binary fraction; going through its digits from the last one, a 1 is an or with a random word and
// a 0 an and. A resolution of 1/4096 takes twelve words at most.
#pragma once

#include <bit>
#include <cstdint>

#include "sim/random/random_stream.hpp"

namespace pvmsim::aix {

inline constexpr std::uint32_t kChanceDigits = 12;
inline constexpr std::uint32_t kChanceOne = 1u << kChanceDigits;

/// Each bit is set with probability `chance` / 4096.
[[nodiscard]] inline std::uint64_t bernoulli_mask(sim::RandomStream& random, std::uint32_t chance) {
    if (chance >= kChanceOne) return ~std::uint64_t{0};
    std::uint64_t mask = 0;
    if (chance == 0) return mask;
    for (auto digit = static_cast<std::uint32_t>(std::countr_zero(chance)); digit < kChanceDigits; ++digit)
        mask = (chance >> digit & 1) != 0 ? mask | random.bits() : mask & random.bits();
    return mask;
}

}  // namespace pvmsim::aix
