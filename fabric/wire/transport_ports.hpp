// The TCP or UDP ports of a frame. An event's payload has no room for them (a frame at a switch port fills it), so they
// are derived: a request and its answer carry a serial whose top byte is the number of their connection.
//
// Convention, [PARAM] our choice: connection n asks from port 32768 + n (AIX's first ephemeral port) and the service
// listens at port 80. Everything else (ARP, echo, control packets, LACP) has no ports.
#pragma once

#include <cstdint>
#include <optional>

#include "fabric/wire/ethernet.hpp"

namespace pvmsim::wire {

inline constexpr std::uint32_t kConnectionShift = 24;  ///< the serial's top byte is the connection
inline constexpr std::uint16_t kEphemeralPortFirst = 32768;
inline constexpr std::uint16_t kServicePort = 80;

struct TransportPorts {
    std::uint16_t source;
    std::uint16_t destination;
};

/// nullopt: neither TCP nor UDP.
[[nodiscard]] constexpr std::optional<TransportPorts> transport_ports(const Frame& frame) {
    const auto client = static_cast<std::uint16_t>(kEphemeralPortFirst + (frame.serial >> kConnectionShift));
    if (frame.type == FrameType::kRequest) return TransportPorts{.source = client, .destination = kServicePort};
    if (frame.type == FrameType::kResponse) return TransportPorts{.source = kServicePort, .destination = client};
    return std::nullopt;
}

}  // namespace pvmsim::wire
