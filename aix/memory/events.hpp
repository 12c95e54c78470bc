// Events of an operating system's memory, each from it to itself.
// They are forgotten with the system.
#pragma once

#include <cstdint>
#include <string_view>

#include "sim/engine/event.hpp"

namespace pvmsim::aix {

/// A second is over: ask the hypervisor what to lend, and refer to what the system itself needs (shared memory only).
struct MemoryPoll {
    static constexpr std::string_view kName = "memory-poll";
};

/// A page was read from the system's own paging space.
struct OsPageRead {
    static constexpr std::string_view kName = "os-page-read";
    std::uint32_t page;  ///< of the heap
};

/// An update has written the next part of the system's files.
struct UpdateStep {
    static constexpr std::string_view kName = "update-step";
};

}  // namespace pvmsim::aix
