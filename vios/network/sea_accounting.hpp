// SeaAccounting: what a Shared Ethernet Adapter with accounting=enabled counts for each client, as seastat prints it
// (formats A.9, R-MON-03): packets and bytes both ways for each client's MAC address, VLAN, 802.1p priority and IP.
//
// The client is who is on the virtual side: the source of what goes out, the destination of what comes in. Broadcasts
// and multicasts from outside are nobody's and are counted apart. Transmit is the client's transmit [our reading of
// the layout, which is from memory]. Flows, which send no frames, are added when somebody asks (rows_with). Left out:
// host names. An adapter without accounting has no such object and pays nothing.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "aix/workload/flow_passages.hpp"
#include "fabric/wire/ethernet.hpp"
#include "sim/engine/digest.hpp"

namespace pvmsim::vios {

/// Who is told apart. Ordered for listings.
struct SeaClientKey {
    wire::MacAddress mac;
    wire::VlanId vlan = wire::kUntagged;  ///< the tag on the SEA; kUntagged prints "None"
    std::uint8_t priority = 0;            ///< 0 prints "None"
    wire::Ipv4Address ip = wire::kNoIpv4;
    friend constexpr auto operator<=>(const SeaClientKey&, const SeaClientKey&) = default;
};

struct SeaClientCounts {
    std::uint64_t packets_transmitted = 0;  ///< by the client
    std::uint64_t bytes_transmitted = 0;
    std::uint64_t packets_received = 0;  ///< by the client
    std::uint64_t bytes_received = 0;
    friend bool operator==(const SeaClientCounts&, const SeaClientCounts&) = default;
};

struct SeaClientRow {
    SeaClientKey client;
    SeaClientCounts counts;
    friend bool operator==(const SeaClientRow&, const SeaClientRow&) = default;
};

class SeaAccounting {
  public:
    static constexpr std::size_t kClientsMax = 16'384;  ///< [PARAM] no published number

    /// A frame was bridged from the virtual side to the real one.
    void transmitted(const wire::Frame& frame) {
        SeaClientCounts* counts = find({frame.source, frame.vlan, frame.priority, frame.source_ip});
        if (counts == nullptr) return;
        ++counts->packets_transmitted;
        counts->bytes_transmitted += frame.size_bytes;
    }
    /// The other way.
    void received(const wire::Frame& frame) {
        if (frame.destination.is_group()) {
            ++group_packets_;
            return;
        }
        SeaClientCounts* counts = find({frame.destination, frame.vlan, frame.priority, frame.destination_ip});
        if (counts == nullptr) return;
        ++counts->packets_received;
        counts->bytes_received += frame.size_bytes;
    }

    /// By MAC, VLAN, priority and IP.
    [[nodiscard]] std::vector<SeaClientRow> rows() const;
    /// And what flows have carried through the adapter since accounting began.
    [[nodiscard]] std::vector<SeaClientRow> rows_with(std::span<const aix::FlowCarried> flows) const;
    /// Broadcasts and multicasts from outside.
    [[nodiscard]] std::uint64_t group_packets() const { return group_packets_; }
    /// Frames of clients beyond kClientsMax.
    [[nodiscard]] std::uint64_t uncounted_packets() const { return uncounted_packets_; }
    /// seastat -c.
    void clear();

    void digest(sim::Digest& digest) const;

  private:
    /// nullptr: there is no room for another client.
    SeaClientCounts* find(const SeaClientKey& key);
    [[nodiscard]] std::size_t slot_of(const SeaClientKey& key) const;
    void grow();

    std::vector<SeaClientRow> rows_;    ///< in the order they were seen first
    std::vector<std::uint32_t> slots_;  ///< index + 1 into rows_; a power of two, at most half full
    std::uint64_t group_packets_ = 0;
    std::uint64_t uncounted_packets_ = 0;
};

}  // namespace pvmsim::vios
