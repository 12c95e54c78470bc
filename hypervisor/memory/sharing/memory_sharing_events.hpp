// Events of memory sharing, all from MemorySharing to itself.
// What a paging VIOS answers is a call, MemorySharing::paging_done: the way there and back is the VIOS's to time.
#pragma once

#include <string_view>

namespace pvmsim::hypervisor {

/// Ends a sampling interval and begins the next.
struct MemorySamplingDue {
    static constexpr std::string_view kName = "memory-sampling-due";
};
/// Frames are at hand for who waits, or pages that are ready can be told of.
struct MemoryFramesAtHand {
    static constexpr std::string_view kName = "memory-frames-at-hand";
};
/// Nothing could be stolen a while ago: again.
struct MemoryStealAgain {
    static constexpr std::string_view kName = "memory-steal-again";
};
/// The paging VIOSes' idle time of the last interval goes into deduplication.
struct MemoryDeduplicationDue {
    static constexpr std::string_view kName = "memory-deduplication-due";
};

}  // namespace pvmsim::hypervisor
