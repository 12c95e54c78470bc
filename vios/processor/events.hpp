// Events of the processor time of virtual I/O.
// One is pending only while there is work whose processor time was not reported or consumed yet.
#pragma once

#include <string_view>

#include "sim/engine/event.hpp"

namespace pvmsim::vios {

/// io processor -> itself: a period is over; report the demand of its work.
struct IoPeriodOver {
    static constexpr std::string_view kName = "io-period-over";
};

}  // namespace pvmsim::vios
