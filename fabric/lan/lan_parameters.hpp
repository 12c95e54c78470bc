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

}  // namespace pvmsim::fabric
