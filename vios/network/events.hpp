// Events of the Shared Ethernet Adapter, all to itself. Control packets travel as frames
// (wire::FrameType::kSeaControl).
#pragma once

#include <string_view>

#include "sim/engine/event.hpp"

namespace pvmsim::vios {

/// Every keep-alive interval: say what the present state has to say.
struct SeaTick {
    static constexpr std::string_view kName = "sea-tick";
};

/// Nothing was heard of the acting PRIMARY for too long.
struct SeaSilence {
    static constexpr std::string_view kName = "sea-silence";
};

/// The time of the present phase is over (waiting for others, link_time, health_time, fb_delay).
struct SeaPhaseOver {
    static constexpr std::string_view kName = "sea-phase-over";
};

/// Every second while netaddr is set: ping.
struct SeaPingDue {
    static constexpr std::string_view kName = "sea-ping-due";
};

/// The processor has got to the first frame that waits for it.
struct SeaFrameDue {
    static constexpr std::string_view kName = "sea-frame-due";
};

/// large_receive: the oldest segment has waited long enough for the next.
struct SeaTrainDue {
    static constexpr std::string_view kName = "sea-train-due";
};

/// The link should be back after our own reset of the real adapter.
struct SeaResetOver {
    static constexpr std::string_view kName = "sea-reset-over";
};

}  // namespace pvmsim::vios
