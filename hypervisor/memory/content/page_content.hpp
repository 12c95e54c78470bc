// What is in a page: a 64-bit identity that stands for its 4096 bytes. Equal identities are equal bytes.
//
// Contents are described by sources: the text of an operating-system level is equal wherever that level is installed,
// zero pages are equal everywhere, a heap is the process's own. Identities are computed, not stored, until a page is
// written (page_contents.hpp).
#pragma once

#include <compare>
#include <cstdint>

namespace pvmsim::hypervisor {

/// 0 is the zero page.
struct ContentIdentity {
    std::uint64_t value = 0;
    friend auto operator<=>(const ContentIdentity&, const ContentIdentity&) = default;
};
inline constexpr ContentIdentity kZeroPage{0};

enum class ContentKind : std::uint8_t {
    kZero,    ///< every page the zero page
    kCommon,  ///< page n of the source `seed` is equal wherever the source is used: program text, a file
    kOwn,     ///< no two pages equal but by chance of `distinct`: a heap
};

struct ContentSource {
    ContentKind kind = ContentKind::kZero;
    std::uint64_t seed = 0;      ///< same seed, same contents, in any partition
    std::uint64_t first = 0;     ///< page number within the source of the first page described
    std::uint64_t distinct = 0;  ///< kOwn: pages take one of so many contents (low entropy); 0: all different
    friend bool operator==(const ContentSource&, const ContentSource&) = default;
};

}  // namespace pvmsim::hypervisor
