// Pages: the units in which shared memory is kept. Logical pages belong to a partition, frames to the pool.
//
// Sources: behaviour 2.2 (page states of the CMO option: Active, Unused, Loaned, the modifier Critical, I/O-mapped).
#pragma once

#include <cstdint>

#include "sim/base/strong_id.hpp"

namespace pvmsim::hypervisor {

inline constexpr std::uint64_t kPageBytes = 4096;
inline constexpr std::uint64_t kPagesInMib = (1u << 20) / kPageBytes;
/// Pages are kept in words of so many: one bit each.
inline constexpr std::uint32_t kPagesInWord = 64;

/// Number of a page in its partition's logical memory, from 0: logical address / 4 KiB.
using PageNumber = std::uint32_t;

struct FrameTag;
/// A physical page of the shared memory pool.
using Frame = sim::StrongId<FrameTag>;

struct MemberIdTag;
/// A partition in the shared memory pool, by the order of joining; ids of those who left are used again.
using MemberId = sim::StrongId<MemberIdTag, std::uint16_t>;

/// A logical page of one member.
struct LogicalPage {
    MemberId member;
    PageNumber page = 0;
    friend bool operator==(const LogicalPage&, const LogicalPage&) = default;
};

/// What the operating system says of its page (H_PAGE_INIT, flags of H_ENTER). Critical is a modifier of Active.
enum class PageState : std::uint8_t { kActive, kActiveCritical, kUnused, kLoaned };

}  // namespace pvmsim::hypervisor
