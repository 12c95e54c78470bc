// Timers of Fibre Channel adapters and protocol drivers: events a device sends itself. What they exchange with the SAN
// is in fabric/san/events.hpp, with a VIOS in vfc_protocol.hpp.
#pragma once

#include <cstdint>
#include <string_view>

#include "sim/engine/event.hpp"

namespace pvmsim::aix {

/// fcs -> itself: light came or went, at the instant it did. An event and not a call, so that a hung system learns of
/// it when it runs again, in order with everything else it missed.
struct FcLinkChanged {
    static constexpr std::string_view kName = "fc-link-changed";
    std::uint32_t up;
};

/// fcs -> itself: name server, port logins and REPORT LUNS have had their time.
struct FcDiscoveryDue {
    static constexpr std::string_view kName = "fc-discovery-due";
};

/// fscsi -> itself: the wait for a target that went away is over (fc_err_recov).
struct FcRecoveryOver {
    static constexpr std::string_view kName = "fc-recovery-over";
};

/// fscsi -> itself, every second while commands are outstanding: look for those whose time is up (rw_timeout).
struct FcTimeoutSweep {
    static constexpr std::string_view kName = "fc-timeout-sweep";
};

}  // namespace pvmsim::aix
