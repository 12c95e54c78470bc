// Events of the virtual SCSI client adapter. Entries of its queue arrive as hypervisor::CrqArrived.
// All are from the adapter to itself: timers of the watchdog, the ping and the login.
#pragma once

#include <string_view>

namespace pvmsim::aix {

/// vscsi -> itself: vscsi_path_to, or the wait for a ping's answer, may be over.
struct VscsiWatchdog {
    static constexpr std::string_view kName = "vscsi-watchdog";
};

/// vscsi -> itself: the server's queue was full when a step of the login was sent; send it again.
struct VscsiLoginRetry {
    static constexpr std::string_view kName = "vscsi-login-retry";
};

}  // namespace pvmsim::aix
