// PageNumbering: numbers of pages to identities, one to one within a numbering, and as if drawn at random between two
// of them. None is the zero page.
//
// A bijection of 64 bits: two numbers of one numbering never coincide, those of two do with a chance of 2^-64 a pair.
// The mixing function is the finaliser of splitmix64 (Steele, Lea, Flood 2014).
#pragma once

#include <cstdint>

#include "hypervisor/memory/content/page_content.hpp"

namespace pvmsim::hypervisor {

inline constexpr std::uint64_t kNumberingStep = 0x9e37'79b9'7f4a'7c15u;

constexpr std::uint64_t mix_bits(std::uint64_t value) {
    value = (value ^ (value >> 30)) * 0xbf58'476d'1ce4'e5b9u;
    value = (value ^ (value >> 27)) * 0x94d0'49bb'1331'11ebu;
    return value ^ (value >> 31);
}

class PageNumbering {
  public:
    /// What is numbered: pages of common and own sources, the choice among few contents, these, pages that were
    /// written.
    enum class Domain : std::uint64_t { kCommon = 1, kOwn, kChoice, kLowEntropy, kWritten };

    PageNumbering(Domain domain, std::uint64_t seed)
        : start_(mix_bits(seed * kNumberingStep + static_cast<std::uint64_t>(domain))),
          mask_(mix_bits(start_ + kNumberingStep)) {}
    [[nodiscard]] std::uint64_t operator()(std::uint64_t number) const {
        const std::uint64_t value = mix_bits(start_ + number * kNumberingStep) ^ mask_;
        return value == kZeroPage.value ? mask_ : value;
    }

  private:
    std::uint64_t start_;
    std::uint64_t mask_;
};

}  // namespace pvmsim::hypervisor
