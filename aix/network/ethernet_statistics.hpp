// Figures of Ethernet devices and interfaces, as entstat, netstat and nmon need them (formats A.8, B.6, part D). Plain
// data, put together when somebody asks: from what devices count themselves (ethernet_tally.hpp), from the hypervisor's
// counters, and from what flows carried, which the caller passes in (FlowNetwork::carried_over). Nobody prints here.
//
// What has no counterpart in the model (collisions, CRC errors, DMA overruns) is not a field: it prints as 0. Field by
// field: docs/model/network-statistics.md
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "aix/network/interface.hpp"
#include "aix/network/link_aggregation.hpp"
#include "aix/network/physical_ethernet_adapter.hpp"
#include "aix/network/virtual_ethernet_adapter.hpp"
#include "aix/workload/flow_passages.hpp"

namespace pvmsim::aix {

/// The header of every block of entstat.
struct EthernetStatistics {
    std::string name;
    std::string device_type;
    wire::MacAddress mac;
    sim::Duration elapsed{};   ///< since it was configured
    EthernetTraffic transmit;  ///< flows included
    EthernetTraffic receive;
    std::uint64_t transmit_errors = 0;
    std::uint64_t transmit_dropped = 0;
    std::uint64_t receive_dropped = 0;
    std::uint64_t no_resource_errors = 0;  ///< no receive buffer was free
    std::uint64_t adapter_resets = 0;
    std::uint32_t data_rate_mbps = 0;  ///< 0 for virtual adapters
    bool link_up = false;
};

/// "Virtual I/O Ethernet Adapter (l-lan) Specific Statistics".
struct VirtualEthernetStatistics {
    /// Of one size of receive buffers.
    struct Buffers {
        std::uint32_t bytes = 0;
        std::uint32_t min = 0;
        std::uint32_t max = 0;
        std::uint32_t allocated = 0;
        std::uint32_t registered = 0;         ///< free now
        std::uint32_t max_allocated = 0;      ///< ever
        std::uint32_t lowest_registered = 0;  ///< ever
    };
    bool is_trunk = false;
    std::uint8_t priority = 0;  ///< of a trunk adapter
    bool active = false;        ///< of a trunk adapter: the hypervisor's bit
    bool lan_operational = false;
    std::uint64_t hypervisor_send_failures = 0;
    std::uint64_t receiver_failures = 0;  ///< of the send failures
    std::uint64_t hypervisor_receive_failures = 0;
    std::uint64_t invalid_vlan_packets = 0;
    wire::VlanId port_vlan_id;
    std::vector<wire::VlanId> vlan_tag_ids;
    std::string switch_id;
    std::array<Buffers, hypervisor::ReceiveBuffers::kPools.size()> buffers{};  ///< tiny, small, medium, large, huge
};

/// The physical adapter's block.
struct PhysicalEthernetStatistics {
    bool link_up = false;
    std::uint32_t media_speed_mbps = 0;
};

/// A line of netstat -i.
struct InterfaceStatistics {
    std::string name;
    std::uint32_t mtu = 0;
    wire::MacAddress mac;
    wire::Ipv4Address ip;
    std::uint64_t input_packets = 0;  ///< flows included
    std::uint64_t input_bytes = 0;
    std::uint64_t input_errors = 0;
    std::uint64_t output_packets = 0;
    std::uint64_t output_bytes = 0;
    std::uint64_t output_errors = 0;
};

/// netstat -s of one system: what its interfaces did, together. Flows are in the IP totals.
struct ProtocolStatistics {
    std::uint64_t ip_received = 0;
    std::uint64_t ip_sent = 0;
    std::uint64_t ip_no_route = 0;  ///< "packets discarded due to no route"
    std::uint64_t icmp_echo_received = 0;
    std::uint64_t icmp_echo_sent = 0;
    std::uint64_t icmp_echo_replies_received = 0;
    std::uint64_t icmp_echo_replies_sent = 0;
    std::uint64_t icmp_unreachable_received = 0;  ///< "destination unreachable": fragmentation needed
    std::uint64_t arp_requests_sent = 0;
    std::uint64_t arp_replies_sent = 0;
    std::uint64_t arp_packets_purged = 0;  ///< waited for an answer that never came
};

/// `flows`: what they carried over this very device.
[[nodiscard]] EthernetStatistics ethernet_statistics(const EthernetDevice& device, sim::SimTime now,
                                                     std::span<const FlowCarried> flows = {});
[[nodiscard]] VirtualEthernetStatistics virtual_ethernet_statistics(const VirtualEthernetAdapterDevice& adapter);
[[nodiscard]] PhysicalEthernetStatistics physical_ethernet_statistics(const PhysicalEthernetAdapter& adapter);
/// The header of an aggregation: the sum of its adapters' blocks.
[[nodiscard]] EthernetStatistics aggregation_statistics(const LinkAggregation& aggregation, sim::SimTime now,
                                                        std::span<const EthernetStatistics> adapters);

/// `flows`: what they carried over the adapters under the interface.
[[nodiscard]] InterfaceStatistics interface_statistics(const NetworkInterface& interface,
                                                       std::span<const FlowCarried> flows = {});
[[nodiscard]] ProtocolStatistics protocol_statistics(const OperatingSystem& os,
                                                     std::span<const InterfaceStatistics> interfaces);

/// What nmon prints of one interface or adapter for an interval: NET, NETPACKET, NETSIZE, NETERROR, and of a VIOS SEA,
/// SEAPACKET, SEACHPHY. Tenths, rounded down.
struct TrafficRates {
    std::uint64_t read_tenths_kb_per_s = 0;
    std::uint64_t write_tenths_kb_per_s = 0;
    std::uint64_t reads_tenths_per_s = 0;
    std::uint64_t writes_tenths_per_s = 0;
    std::uint64_t read_size_tenths_bytes = 0;
    std::uint64_t write_size_tenths_bytes = 0;
    std::uint64_t input_errors_tenths_per_s = 0;
    std::uint64_t output_errors_tenths_per_s = 0;
};
/// Counters of one snapshot; read is in.
struct TrafficSnapshot {
    std::uint64_t packets_in = 0;
    std::uint64_t bytes_in = 0;
    std::uint64_t errors_in = 0;
    std::uint64_t packets_out = 0;
    std::uint64_t bytes_out = 0;
    std::uint64_t errors_out = 0;
};
[[nodiscard]] TrafficSnapshot snapshot(const InterfaceStatistics& interface);
[[nodiscard]] TrafficSnapshot snapshot(const EthernetStatistics& device);
/// A counter that began anew in between counts from 0.
[[nodiscard]] TrafficRates rates_between(const TrafficSnapshot& before, const TrafficSnapshot& after,
                                         sim::Duration interval);

}  // namespace pvmsim::aix
