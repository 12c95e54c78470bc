// Timers of virtual Fibre Channel host adapters: events a device sends itself. What they exchange with their clients is
// in aix/fc/vfc_protocol.hpp.
#pragma once

#include <string_view>

#include "sim/engine/event.hpp"

namespace pvmsim::vios {

/// vfchost -> itself: the search of the fabric that the client asked for has had its time.
struct VfcDiscoveryDue {
    static constexpr std::string_view kName = "vfc-discovery-due";
};

/// vfchost -> itself: go on telling the client what did not fit into its queue.
struct VfcOutboxDue {
    static constexpr std::string_view kName = "vfc-outbox-due";
};

/// vfchost -> itself: the processor has got to the first command that waits for it.
struct VfcCommandDue {
    static constexpr std::string_view kName = "vfc-command-due";
};

}  // namespace pvmsim::vios
