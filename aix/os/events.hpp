// Events of an operating system.
// Both lie in the future for as long as the system takes; a power-off forgets them with everything else.
#pragma once

#include <string_view>

#include "sim/engine/event.hpp"

namespace pvmsim::aix {

/// operating system -> itself: the boot's time is over.
struct BootFinished {
    static constexpr std::string_view kName = "boot-finished";
};

/// operating system -> itself: everything is closed.
struct ShutdownFinished {
    static constexpr std::string_view kName = "shutdown-finished";
};

}  // namespace pvmsim::aix
