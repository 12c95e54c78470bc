// Figures of a Shared Ethernet Adapter: everything that `entstat -all` prints of it, block by block (formats A.8), what
// seastat prints (A.9), and what nmon's SEA sections need. Plain data for consoles, put together when somebody asks;
// what flows carried, which send no frames, is in it.
//
// Counters of the two sides are the SEA's own; packets and bytes of its header are those of its adapters together,
// which is what the recorded example adds up to. Failover: sea_ha_figures.hpp. Field by field, with what is absent:
// docs/model/network-statistics.md
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aix/network/ethernet_statistics.hpp"
#include "aix/workload/flow_network.hpp"
#include "vios/network/sea.hpp"
#include "vios/network/sea_ha_figures.hpp"

namespace pvmsim::vios {

/// One bit of the line "SEA Flags".
struct SeaFlag {
    std::string_view name;
    std::uint32_t bit = 0;
};

/// A line of "VLAN Ids".
struct SeaVlanIds {
    std::string adapter;
    std::vector<wire::VlanId> vlans;  ///< the port VLAN first
};

/// "Other Statistics".
struct SeaOtherStatistics {
    std::uint64_t output_packets_generated = 0;  ///< left outside without having been bridged: the interface's own
    std::uint64_t output_packets_dropped = 0;
    std::uint64_t device_output_failures = 0;  ///< the adapter that should have sent them did not
    std::uint64_t icmp_errors = 0;
    std::uint64_t non_ip_too_large = 0;
    std::uint64_t queue_overflows = 0;  ///< "Thread queue overflow packets"
};

/// A queue of a thread that has seen frames.
struct SeaQueueStatistics {
    std::size_t thread = 0;
    std::size_t queue = 0;
    SeaQueueCounters counters;
};

/// An adapter of the SEA with the block that fits it.
struct SeaAdapterStatistics {
    aix::EthernetStatistics ethernet;
    std::optional<aix::VirtualEthernetStatistics> virtual_ethernet;
    std::optional<aix::PhysicalEthernetStatistics> physical_ethernet;
    std::optional<aix::LinkAggregationStatistics> aggregation;
    std::vector<SeaAdapterStatistics> members;  ///< of an aggregation
};

struct SeaStatistics {
    aix::EthernetStatistics ethernet;  ///< the SEA's header
    std::size_t adapter_count = 0;     ///< "Number of adapters": real, trunk adapters, control channel
    std::uint32_t flags_word = 0;
    std::vector<SeaFlag> flags;
    std::vector<SeaVlanIds> vlan_ids;
    SeaSideCounters real_side;
    SeaSideCounters virtual_side;
    SeaOtherStatistics other;
    std::vector<SeaQueueStatistics> queues;
    SeaHaFigures high_availability;
    SeaAdapterStatistics real_adapter;
    std::vector<SeaAdapterStatistics> trunk_adapters;  ///< in the order of virt_adapters
    std::optional<SeaAdapterStatistics> control_channel;
};

/// `flows`: the site's; nullptr: there are none.
[[nodiscard]] SeaStatistics sea_statistics(const SharedEthernetAdapter& sea, const aix::FlowNetwork* flows,
                                           sim::SimTime now);
/// Of any adapter, with the members of an aggregation.
[[nodiscard]] SeaAdapterStatistics adapter_statistics(const aix::EthernetDevice& device, const aix::FlowNetwork* flows,
                                                      sim::SimTime now);

/// What seastat prints; nullopt: the SEA has accounting disabled.
[[nodiscard]] std::optional<std::vector<SeaClientRow>> seastat(const SharedEthernetAdapter& sea,
                                                               const aix::FlowNetwork* flows, sim::SimTime now);

}  // namespace pvmsim::vios
