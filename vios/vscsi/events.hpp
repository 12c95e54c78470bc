// Events of the virtual SCSI server adapter. Entries of its queue arrive as hypervisor::CrqArrived.
// All are from the adapter to itself: answers whose added latency is over, and waits of the login.
#pragma once

#include <cstdint>
#include <string_view>

namespace pvmsim::vios {

/// vhost -> itself: the server's own work on a command is done, the client may have its answer.
struct VscsiAnswerDue {
    static constexpr std::string_view kName = "vscsi-answer-due";
    std::uint32_t cookie;
};

/// vhost -> itself: the login has waited long enough for the backing devices that are still missing.
struct VscsiLoginGraceOver {
    static constexpr std::string_view kName = "vscsi-login-grace-over";
    std::uint32_t session;
};

}  // namespace pvmsim::vios
