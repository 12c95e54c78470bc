// Events of storage arrays.
// Commands and responses themselves travel as events of the SAN (fabric/san/events.hpp).
#pragma once

#include <cstdint>
#include <string_view>

#include "sim/engine/event.hpp"

namespace pvmsim::fabric {

/// array -> itself: the command in this place of the service table is finished.
struct CommandServed {
    static constexpr std::string_view kName = "array-command-served";
    std::uint32_t place;
};

}  // namespace pvmsim::fabric
