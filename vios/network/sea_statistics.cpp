// Putting the figures of a Shared Ethernet Adapter together; see sea_statistics.hpp. Sources: formats A.8 and A.9,
// whose recorded example the header and "Output packets generated" add up to.
#include "vios/network/sea_statistics.hpp"

#include <algorithm>

#include "aix/os/operating_system.hpp"

namespace pvmsim::vios {
namespace {

/// THREAD, LARGESEND and LARGE_RECEIVE are recorded; the numbers of the others are ours (formats A.8).
constexpr SeaFlag kThread{"THREAD", 0x01};
constexpr SeaFlag kLargesend{"LARGESEND", 0x02};
constexpr SeaFlag kJumboFrames{"JUMBO_FRAMES", 0x04};
constexpr SeaFlag kAccounting{"ACCOUNTING", 0x08};
constexpr SeaFlag kLargeReceive{"LARGE_RECEIVE", 0x10};
constexpr SeaFlag kQos{"QOS", 0x20};

std::vector<aix::FlowCarried> carried_over(const aix::FlowNetwork* flows, const aix::EthernetDevice& device,
                                           sim::SimTime now) {
    return flows == nullptr ? std::vector<aix::FlowCarried>{} : flows->carried_over(device, now);
}

std::vector<SeaFlag> flags_of(const SharedEthernetAdapter& sea) {
    const auto& set = sea.attributes();
    std::vector<SeaFlag> flags;
    if (set.integer("thread") == 1) flags.push_back(kThread);
    if (set.integer("largesend") == 1) flags.push_back(kLargesend);
    if (set.is("jumbo_frames", "yes")) flags.push_back(kJumboFrames);
    if (set.is("accounting", "enabled")) flags.push_back(kAccounting);
    if (set.is("large_receive", "yes")) flags.push_back(kLargeReceive);
    if (!set.is("qos_mode", "disabled")) flags.push_back(kQos);
    return flags;
}

/// A flow's packets were received on one side, bridged, and sent on the other; nothing of it is dropped or kept.
void add_flows(std::span<const aix::FlowCarried> flows, SeaStatistics& figures) {
    for (const auto& flow : flows) {
        auto& from = flow.is_transmit ? figures.virtual_side : figures.real_side;
        auto& to = flow.is_transmit ? figures.real_side : figures.virtual_side;
        from.received += flow.packets;
        from.bridged += flow.packets;
        to.transmitted += flow.packets;
    }
}

/// The header counts what its adapters counted, the control channel aside.
void sum_up(const SharedEthernetAdapter& sea, SeaStatistics& figures, sim::SimTime now) {
    auto& header = figures.ethernet;
    header.elapsed = sea.available() ? now - sea.counting_since() : sim::Duration{0};
    const auto add = [&header](const aix::EthernetStatistics& adapter) {
        header.transmit += adapter.transmit;
        header.receive += adapter.receive;
        header.transmit_errors += adapter.transmit_errors;
        header.transmit_dropped += adapter.transmit_dropped;
        header.receive_dropped += adapter.receive_dropped;
        header.no_resource_errors += adapter.no_resource_errors;
    };
    add(figures.real_adapter.ethernet);
    for (const auto& trunk : figures.trunk_adapters) add(trunk.ethernet);
    header.adapter_resets = figures.real_adapter.ethernet.adapter_resets;
}

std::vector<SeaQueueStatistics> queues_of(const SharedEthernetAdapter& sea) {
    std::vector<SeaQueueStatistics> all;
    const auto& queues = sea.queues();
    const auto& settings = queues.settings();
    const bool has_classes = settings.is_threaded && settings.qos_mode != SeaQosMode::kDisabled;
    for (std::size_t thread = 0; thread < (settings.is_threaded ? settings.thread_count : 1); ++thread)
        for (std::size_t queue = 0; queue < SeaQueues::kQueuesOfThread; ++queue)
            if (has_classes != (queue == SeaQueues::kDefaultQueue))
                all.push_back({.thread = thread, .queue = queue, .counters = queues.counters(thread, queue)});
    return all;
}

}  // namespace

SeaAdapterStatistics adapter_statistics(const aix::EthernetDevice& device, const aix::FlowNetwork* flows,
                                        sim::SimTime now) {
    SeaAdapterStatistics figures;
    figures.ethernet = aix::ethernet_statistics(device, now, carried_over(flows, device, now));
    if (const auto* adapter = dynamic_cast<const aix::VirtualEthernetAdapterDevice*>(&device))
        figures.virtual_ethernet = aix::virtual_ethernet_statistics(*adapter);
    if (const auto* adapter = dynamic_cast<const aix::PhysicalEthernetAdapter*>(&device))
        figures.physical_ethernet = aix::physical_ethernet_statistics(*adapter);
    const auto* aggregation = dynamic_cast<const aix::LinkAggregation*>(&device);
    if (aggregation == nullptr) return figures;
    figures.aggregation = aggregation->statistics();
    std::vector<aix::EthernetStatistics> blocks;
    for (const auto& member : figures.aggregation->adapters) {
        const auto& devices = device.os().devices();
        const auto found = std::ranges::find(devices, member.name, [](const auto& one) { return one->name(); });
        const auto* adapter = found == devices.end() ? nullptr : dynamic_cast<const aix::EthernetDevice*>(found->get());
        if (adapter == nullptr) continue;
        figures.members.push_back(adapter_statistics(*adapter, flows, now));
        blocks.push_back(figures.members.back().ethernet);
    }
    figures.ethernet = aix::aggregation_statistics(*aggregation, now, blocks);
    return figures;
}

SeaStatistics sea_statistics(const SharedEthernetAdapter& sea, const aix::FlowNetwork* flows, sim::SimTime now) {
    SeaStatistics figures;
    figures.ethernet = aix::ethernet_statistics(sea, now);
    figures.flags = flags_of(sea);
    for (const auto& flag : figures.flags) figures.flags_word |= flag.bit;
    figures.real_side = sea.real_side();
    figures.virtual_side = sea.virtual_side();
    add_flows(carried_over(flows, sea, now), figures);
    figures.real_adapter = adapter_statistics(sea.real_adapter(), flows, now);
    for (const auto* trunk : sea.trunks()) {
        figures.vlan_ids.push_back({.adapter = trunk->name(), .vlans = trunk->vlans()});
        figures.trunk_adapters.push_back(adapter_statistics(*trunk, flows, now));
    }
    if (const auto* control = sea.control_channel()) figures.control_channel = adapter_statistics(*control, flows, now);
    figures.adapter_count = 1 + sea.trunks().size() + (figures.control_channel ? 1u : 0u);
    const auto& offload = sea.offload();
    const auto own = [](std::uint64_t sent, std::uint64_t bridged) { return sent > bridged ? sent - bridged : 0; };
    figures.other = {.output_packets_generated = own(figures.real_side.transmitted, figures.virtual_side.bridged),
                     .output_packets_dropped = figures.real_side.dropped + figures.virtual_side.dropped,
                     .device_output_failures = figures.real_adapter.ethernet.transmit_errors,
                     .icmp_errors = offload.icmp_errors,
                     .non_ip_too_large = offload.non_ip_too_large,
                     .queue_overflows = sea.queues().overflows()};
    figures.queues = queues_of(sea);
    figures.high_availability = ha_figures(sea);
    sum_up(sea, figures, now);
    return figures;
}

std::optional<std::vector<SeaClientRow>> seastat(const SharedEthernetAdapter& sea, const aix::FlowNetwork* flows,
                                                 sim::SimTime now) {
    if (sea.accounting() == nullptr) return std::nullopt;
    const auto carried = flows == nullptr ? std::vector<aix::FlowCarried>{} : flows->accounted_over(sea, now);
    return sea.accounting()->rows_with(carried);
}

}  // namespace pvmsim::vios
