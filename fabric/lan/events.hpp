// Events and ids of the LAN.
// A frame on a cable is one event at its far end; a cable delivers in the order it was given.
#pragma once

#include <cstdint>
#include <string_view>

#include "fabric/wire/ethernet.hpp"
#include "sim/base/strong_id.hpp"
#include "sim/engine/event.hpp"

namespace pvmsim::fabric {

struct NicPortIdTag;
using NicPortId = sim::StrongId<NicPortIdTag>;
struct SwitchIdTag;
using SwitchId = sim::StrongId<SwitchIdTag>;
struct SwitchPortTag;
/// A port of one switch, numbered from 0.
using SwitchPort = sim::StrongId<SwitchPortTag>;

/// cable -> station: a frame reaches a NicPort after the cable's latency. Lost when the station is hung.
struct FrameAtStation {
    static constexpr std::string_view kName = "frame-at-station";
    static constexpr sim::WhenHeld kWhenHeld = sim::WhenHeld::kDrop;
    wire::Frame frame;
};

/// cable -> switch: a frame reaches a switch port.
struct FrameAtSwitch {
    static constexpr std::string_view kName = "frame-at-switch";
    wire::Frame frame;
    SwitchPort port;
    std::uint32_t reserved = 0;
};

/// switch -> itself: a spanning tree timer of a port ran out (listening -> learning -> forwarding).
struct SpanningTreeTimer {
    static constexpr std::string_view kName = "spanning-tree-timer";
    SwitchPort port;
};

/// switch -> itself: time to look whether the frame of a storm still comes back.
struct StormProbe {
    static constexpr std::string_view kName = "storm-probe";
    wire::VlanId vlan;
};

/// switch -> itself: an error-disabled port is tried again.
struct ErrDisableOver {
    static constexpr std::string_view kName = "err-disable-over";
    SwitchPort port;
};

/// switch -> itself: the partner of an LACP port may have been silent for too long.
struct LacpPartnerDue {
    static constexpr std::string_view kName = "lacp-partner-due";
    SwitchPort port;
};

/// switch -> itself, every hello time: BPDUs leave by the ports to stations (only where some port is guarded).
struct BpduHello {
    static constexpr std::string_view kName = "bpdu-hello";
};

}  // namespace pvmsim::fabric
