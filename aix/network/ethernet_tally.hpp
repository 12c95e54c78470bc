// What an Ethernet device and an interface have carried since they were configured: the running counts behind entstat,
// netstat and nmon. Only what costs next to nothing for each frame is counted here; the figures themselves are put
// together when somebody asks (ethernet_statistics.hpp). Field by field: docs/model/network-statistics.md
#pragma once

#include <array>
#include <cstdint>

#include "fabric/wire/ethernet.hpp"
#include "sim/base/time.hpp"

namespace pvmsim::aix {

/// One direction of a device.
struct EthernetTraffic {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
    std::uint64_t broadcast_packets = 0;
    std::uint64_t multicast_packets = 0;

    void count(const wire::Frame& frame) {
        ++packets;
        bytes += frame.size_bytes;
        if (!frame.destination.is_group()) return;
        ++(frame.destination == wire::MacAddress::broadcast() ? broadcast_packets : multicast_packets);
    }
    EthernetTraffic& operator+=(const EthernetTraffic& other) {
        packets += other.packets;
        bytes += other.bytes;
        broadcast_packets += other.broadcast_packets;
        multicast_packets += other.multicast_packets;
        return *this;
    }
};

struct EthernetTally {
    EthernetTraffic transmitted{};
    EthernetTraffic received{};
    std::uint64_t transmit_errors = 0;  ///< no link, or nobody who took it
    sim::SimTime since{};               ///< configured
};

/// What an interface has sent and taken, by the protocol the frame is of.
struct InterfaceTally {
    static constexpr std::size_t kFrameTypes = 16;  ///< room for each wire::FrameType
    std::array<std::uint64_t, kFrameTypes> transmitted{};
    std::array<std::uint64_t, kFrameTypes> received{};
    std::uint64_t bytes_transmitted = 0;
    std::uint64_t bytes_received = 0;
    std::uint64_t transmit_errors = 0;
    std::uint64_t unresolved = 0;  ///< packets given up because nobody answered for their next hop

    [[nodiscard]] std::uint64_t sent(wire::FrameType type) const { return transmitted[static_cast<std::size_t>(type)]; }
    [[nodiscard]] std::uint64_t got(wire::FrameType type) const { return received[static_cast<std::size_t>(type)]; }
};

}  // namespace pvmsim::aix
