// Walks a range of pages word by word: for_each_word(first, count, [](std::uint32_t word, std::uint64_t mask) {..}).
// The mask has the bits of the range's pages in that word.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "hypervisor/memory/page.hpp"

namespace pvmsim::hypervisor {

template <class Visit>
void for_each_word(PageNumber first, std::uint32_t count, Visit visit) {
    const std::uint64_t end = std::uint64_t{first} + count;
    for (std::uint64_t page = first; page < end;) {
        const auto bit = static_cast<std::uint32_t>(page % kPagesInWord);
        const std::uint64_t span = std::min<std::uint64_t>(kPagesInWord - bit, end - page);
        const std::uint64_t mask = (span == kPagesInWord ? ~std::uint64_t{0} : (std::uint64_t{1} << span) - 1) << bit;
        visit(static_cast<std::uint32_t>(page / kPagesInWord), mask);
        page += span;
    }
}

/// Every set bit, lowest first, as the number of a page of that word.
template <class Visit>
void for_each_page(std::uint32_t word, std::uint64_t mask, Visit visit) {
    for (; mask != 0; mask &= mask - 1) visit(word * kPagesInWord + static_cast<std::uint32_t>(std::countr_zero(mask)));
}

[[nodiscard]] inline std::uint64_t bit_of(PageNumber page) { return std::uint64_t{1} << (page % kPagesInWord); }

}  // namespace pvmsim::hypervisor
