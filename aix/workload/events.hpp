// Events of workloads, each from a load to itself.
// They stop with the partition: a machine without power has no applications.
#pragma once

#include <cstdint>
#include <string_view>

#include "sim/engine/event.hpp"

namespace pvmsim::aix {

/// The next disk request is due.
struct DiskRequestDue {
    static constexpr std::string_view kName = "disk-request-due";
};

/// The next network request is due.
struct NetworkRequestDue {
    static constexpr std::string_view kName = "network-request-due";
};

/// No answer to a network request came in time.
struct NetworkRequestTimeout {
    static constexpr std::string_view kName = "network-request-timeout";
    std::uint32_t serial;
};

/// A user's think time is over, or an open load's next transaction comes (slot kNone).
struct TransactionArrives {
    static constexpr std::string_view kName = "transaction-arrives";
    static constexpr std::uint32_t kNone = 0xffff'ffff;
    std::uint32_t slot;
};

/// A transaction may be answered by now: ask.
struct TransactionAsked {
    static constexpr std::string_view kName = "transaction-asked";
    std::uint32_t slot;
};

/// The next part of a tick's references to memory is due.
struct MemorySliceDue {
    static constexpr std::string_view kName = "memory-slice-due";
};

/// A flow is used from now on.
struct FlowStarts {
    static constexpr std::string_view kName = "flow-starts";
};

/// A flow offers another rate.
struct FlowChanges {
    static constexpr std::string_view kName = "flow-changes";
};

/// A flow's rate is another from now on.
struct FlowStepDue {
    static constexpr std::string_view kName = "flow-step-due";
};

/// The network of flows, to itself: look for what changed.
struct FlowWatchDue {
    static constexpr std::string_view kName = "flow-watch-due";
};

/// The processor demand changes.
struct DemandChange {
    static constexpr std::string_view kName = "demand-change";
    std::uint32_t step;
};

}  // namespace pvmsim::aix
