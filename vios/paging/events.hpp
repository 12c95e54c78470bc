// Events of the paging service of a Virtual I/O Server.
// Both are from the service to itself.
#pragma once

#include <cstdint>
#include <string_view>

namespace pvmsim::vios {

/// pager -> itself: the server's own work on a request is done, the hypervisor may have its answer.
struct PagingAnswerDue {
    static constexpr std::string_view kName = "paging-answer-due";
    std::uint32_t cookie;
};

/// pager -> itself: time to see whether a device that was lost answers again.
struct PagingDeviceCheckDue {
    static constexpr std::string_view kName = "paging-device-check-due";
    std::uint32_t device;
};

}  // namespace pvmsim::vios
