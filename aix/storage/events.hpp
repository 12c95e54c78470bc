// Events of disks.
// All are from a disk to itself; those about a request carry its generation, so that a late one finds nothing.
#pragma once

#include <cstdint>
#include <string_view>

#include "sim/engine/event.hpp"

namespace pvmsim::aix {

/// disk -> itself: test the paths (hcheck_interval).
struct HealthCheckDue {
    static constexpr std::string_view kName = "health-check-due";
};

/// disk -> itself: try a request again on the path that was busy or in trouble.
struct RetryDue {
    static constexpr std::string_view kName = "disk-retry-due";
    std::uint32_t request;
    std::uint32_t generation;
};

/// disk -> itself: a request held without paths has waited long enough.
struct HoldOver {
    static constexpr std::string_view kName = "disk-hold-over";
    std::uint32_t request;
    std::uint32_t generation;
};

/// disk -> itself: a request found no path and ends, at the same instant but not inside submit().
struct RequestRefused {
    static constexpr std::string_view kName = "disk-request-refused";
    std::uint32_t request;
    std::uint32_t generation;
};

}  // namespace pvmsim::aix
