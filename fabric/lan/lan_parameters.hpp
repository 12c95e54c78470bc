// Constants of the LAN model that no configuration changes. Listed in docs/model/lan.md.
// They are our choices, with no effect on outage times of seconds.
#pragma once

#include <cstdint>

#include "sim/base/time.hpp"

namespace pvmsim::fabric {

/// [PARAM] Latency of any cable with its transceivers: 1 us.
inline constexpr sim::Duration kCableLatency{1'000};

/// [PARAM] Locally administered addresses of hosts and of switches; the number of the host or switch is added.
inline constexpr std::uint64_t kHostMacBase = 0x02'00'00'00'00'00;
inline constexpr std::uint64_t kSwitchMacBase = 0x02'00'01'00'00'00;

/// A frame that was flooded so often within the window goes round in a loop: nobody sends the very same frame so often.
inline constexpr std::uint32_t kLoopRepetitions = 64;     ///< [PARAM] our choice
inline constexpr sim::Duration kLoopWindow{100'000'000};  ///< [PARAM] our choice
/// A storm is carried as a rate; one copy of its frame is sent each interval to see whether the loop is still there.
inline constexpr sim::Duration kStormProbeInterval{500'000'000};  ///< [PARAM] our choice
inline constexpr std::uint32_t kStormSilentProbesMax = 3;         ///< [PARAM] so many did not come back: it is open
/// Preamble, start delimiter, check sequence and gap beside a frame on the wire (IEEE 802.3).
inline constexpr std::uint32_t kWireOverheadBytes = 24;

inline constexpr sim::Duration kHelloTime{2'000'000'000};  ///< IEEE 802.1D
/// Per-VLAN BPDUs of a trunk port go to so many of its allowed VLANs.
inline constexpr std::size_t kBpduVlansMax = 64;

/// IEEE 802.1AX: three intervals of 1 s or 30 s without a word.
inline constexpr sim::Duration kLacpShortTimeout{3'000'000'000};
inline constexpr sim::Duration kLacpLongTimeout{90'000'000'000};
/// In an LACP frame's priority: the sender wants to hear its partner each second.
inline constexpr std::uint8_t kLacpWantsFast = 1;

/// An address is told to flap once, until it was quiet in its VLAN for so long.
inline constexpr sim::Duration kFlapQuiet{300'000'000'000};  ///< [PARAM] the default ageing time
/// What a switch remembers for reports; beyond, only the totals grow.
inline constexpr std::size_t kStormReportsMax = 256;
inline constexpr std::size_t kFlapReportsMax = 1'024;
inline constexpr std::size_t kVlanDropRowsMax = 4'096;

}  // namespace pvmsim::fabric
