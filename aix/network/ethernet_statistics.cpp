// Putting figures together; see ethernet_statistics.hpp. Counters are integers and so are rates: two runs of the same
// scenario print the same figures.
#include "aix/network/ethernet_statistics.hpp"

#include <algorithm>

#include "aix/network/internet_extension.hpp"
#include "aix/os/operating_system.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::aix {
namespace {

/// AIX's maxima of max_buf_tiny .. max_buf_huge (formats A.8).
constexpr std::array<std::uint32_t, hypervisor::ReceiveBuffers::kPools.size()> kBuffersMax{2048, 2048, 256, 64, 64};

void add_flows(std::span<const FlowCarried> flows, EthernetTraffic& transmit, EthernetTraffic& receive) {
    for (const auto& flow : flows) {
        auto& side = flow.is_transmit ? transmit : receive;
        side.packets += flow.packets;
        side.bytes += flow.bytes;
    }
}

bool is_ip(wire::FrameType type) {
    using enum wire::FrameType;
    switch (type) {
        case kRequest:
        case kResponse:
        case kEchoRequest:
        case kEchoReply:
        case kFragmentationNeeded:
            return true;
        default:
            return false;
    }
}

std::uint64_t count_all(const std::array<std::uint64_t, InterfaceTally::kFrameTypes>& counts) {
    std::uint64_t sum = 0;
    for (const auto count : counts) sum += count;
    return sum;
}

std::uint64_t count_ip(const std::array<std::uint64_t, InterfaceTally::kFrameTypes>& counts) {
    std::uint64_t sum = 0;
    for (std::size_t type = 0; type < counts.size(); ++type)
        if (is_ip(static_cast<wire::FrameType>(type))) sum += counts[type];
    return sum;
}

}  // namespace

EthernetStatistics ethernet_statistics(const EthernetDevice& device, sim::SimTime now,
                                       std::span<const FlowCarried> flows) {
    const auto& tally = device.tally();
    EthernetStatistics figures{.name = device.name(),
                               .device_type = std::string(device.description()),
                               .mac = device.mac(),
                               .elapsed = device.available() ? now - tally.since : sim::Duration{0},
                               .transmit = tally.transmitted,
                               .receive = tally.received,
                               .transmit_errors = tally.transmit_errors,
                               .transmit_dropped = tally.transmit_errors,
                               .link_up = device.link_up()};
    add_flows(flows, figures.transmit, figures.receive);
    if (const auto* physical = dynamic_cast<const PhysicalEthernetAdapter*>(&device)) {
        figures.adapter_resets = physical->counters().resets;
        figures.data_rate_mbps = 2 * physical->port().speed_mbps();
    }
    if (const auto* adapter = dynamic_cast<const VirtualEthernetAdapterDevice*>(&device)) {
        const auto counters = adapter->counters();
        figures.no_resource_errors = counters.no_buffer;
        figures.receive_dropped = counters.no_buffer;
    }
    return figures;
}

VirtualEthernetStatistics virtual_ethernet_statistics(const VirtualEthernetAdapterDevice& adapter) {
    const auto counters = adapter.counters();
    const auto& config = adapter.config();
    VirtualEthernetStatistics figures{
        .is_trunk = config.is_trunk(),
        .priority = config.trunk_priority,
        .active = adapter.trunk_active(),
        .lan_operational = adapter.link_up(),
        .hypervisor_send_failures = counters.send_failures,
        .receiver_failures = counters.receiver_failures,
        .hypervisor_receive_failures = counters.no_buffer,
        .invalid_vlan_packets = counters.invalid_vlan,
        .port_vlan_id = config.port_vlan_id,
        .vlan_tag_ids = config.ieee_virtual_eth ? config.addl_vlan_ids : std::vector<wire::VlanId>{},
        .switch_id = config.vswitch};
    const auto buffers = adapter.receive_buffers();
    for (std::size_t i = 0; i < figures.buffers.size(); ++i) {
        const auto& pool = hypervisor::ReceiveBuffers::kPools[i];
        figures.buffers[i] = {.bytes = pool.buffer_bytes,
                              .min = pool.count,
                              .max = kBuffersMax[i],
                              .allocated = pool.count,
                              .registered = pool.count - buffers.used(i),
                              .max_allocated = pool.count,
                              .lowest_registered = pool.count - buffers.used_max(i)};
    }
    return figures;
}

PhysicalEthernetStatistics physical_ethernet_statistics(const PhysicalEthernetAdapter& adapter) {
    return {.link_up = adapter.link_up(), .media_speed_mbps = adapter.link_up() ? adapter.port().speed_mbps() : 0};
}

EthernetStatistics aggregation_statistics(const LinkAggregation& aggregation, sim::SimTime now,
                                          std::span<const EthernetStatistics> adapters) {
    auto figures = ethernet_statistics(aggregation, now);
    for (const auto& adapter : adapters) {
        figures.elapsed = std::max(figures.elapsed, adapter.elapsed);
        figures.transmit += adapter.transmit;
        figures.receive += adapter.receive;
        figures.transmit_errors += adapter.transmit_errors;
        figures.transmit_dropped += adapter.transmit_dropped;
        figures.receive_dropped += adapter.receive_dropped;
        figures.no_resource_errors += adapter.no_resource_errors;
        figures.adapter_resets += adapter.adapter_resets;
        figures.data_rate_mbps += adapter.link_up ? adapter.data_rate_mbps : 0;
    }
    return figures;
}

InterfaceStatistics interface_statistics(const NetworkInterface& interface, std::span<const FlowCarried> flows) {
    const auto& tally = interface.tally();
    EthernetTraffic out{.packets = count_all(tally.transmitted), .bytes = tally.bytes_transmitted};
    EthernetTraffic in{.packets = count_all(tally.received), .bytes = tally.bytes_received};
    add_flows(flows, out, in);
    return {.name = interface.name(),
            .mtu = interface.mtu(),
            .mac = interface.device().mac(),
            .ip = interface.ip(),
            .input_packets = in.packets,
            .input_bytes = in.bytes,
            .input_errors = interface.counters().too_large,
            .output_packets = out.packets,
            .output_bytes = out.bytes,
            .output_errors = tally.transmit_errors};
}

ProtocolStatistics protocol_statistics(const OperatingSystem& os, std::span<const InterfaceStatistics> interfaces) {
    using enum wire::FrameType;
    ProtocolStatistics all;
    for (const auto& device : os.devices()) {
        if (const auto* inet = dynamic_cast<const InternetExtension*>(device.get()))
            all.ip_no_route += inet->unroutable();
        const auto* interface = dynamic_cast<const NetworkInterface*>(device.get());
        if (interface == nullptr) continue;
        const auto& tally = interface->tally();
        all.ip_received += count_ip(tally.received);
        all.ip_sent += count_ip(tally.transmitted);
        all.icmp_echo_received += tally.got(kEchoRequest);
        all.icmp_echo_sent += tally.sent(kEchoRequest);
        all.icmp_echo_replies_received += tally.got(kEchoReply);
        all.icmp_echo_replies_sent += tally.sent(kEchoReply);
        all.icmp_unreachable_received += tally.got(kFragmentationNeeded);
        all.arp_requests_sent += tally.sent(kArpRequest) + tally.sent(kArpAnnouncement);
        all.arp_replies_sent += tally.sent(kArpReply);
        all.arp_packets_purged += tally.unresolved;
        // What flows carried is in the interface's figures, and IP all of it.
        const auto figures = std::ranges::find(interfaces, interface->name(), &InterfaceStatistics::name);
        if (figures == interfaces.end()) continue;
        all.ip_received += figures->input_packets - count_all(tally.received);
        all.ip_sent += figures->output_packets - count_all(tally.transmitted);
    }
    return all;
}

TrafficSnapshot snapshot(const InterfaceStatistics& interface) {
    return {.packets_in = interface.input_packets,
            .bytes_in = interface.input_bytes,
            .errors_in = interface.input_errors,
            .packets_out = interface.output_packets,
            .bytes_out = interface.output_bytes,
            .errors_out = interface.output_errors};
}

TrafficSnapshot snapshot(const EthernetStatistics& device) {
    return {.packets_in = device.receive.packets,
            .bytes_in = device.receive.bytes,
            .errors_in = device.receive_dropped,
            .packets_out = device.transmit.packets,
            .bytes_out = device.transmit.bytes,
            .errors_out = device.transmit_errors};
}

TrafficRates rates_between(const TrafficSnapshot& before, const TrafficSnapshot& after, sim::Duration interval) {
    PVMSIM_ASSERT(interval.count() > 0);
    __extension__ using Wide = unsigned __int128;
    const auto grown = [](std::uint64_t from, std::uint64_t to) { return to >= from ? to - from : to; };
    const auto tenths_per_s = [interval](std::uint64_t count, std::uint64_t unit) {
        return static_cast<std::uint64_t>(Wide{count} * 10 * 1'000'000'000u /
                                          (Wide{unit} * static_cast<std::uint64_t>(interval.count())));
    };
    const auto bytes_in = grown(before.bytes_in, after.bytes_in);
    const auto bytes_out = grown(before.bytes_out, after.bytes_out);
    const auto packets_in = grown(before.packets_in, after.packets_in);
    const auto packets_out = grown(before.packets_out, after.packets_out);
    return {.read_tenths_kb_per_s = tenths_per_s(bytes_in, 1024),
            .write_tenths_kb_per_s = tenths_per_s(bytes_out, 1024),
            .reads_tenths_per_s = tenths_per_s(packets_in, 1),
            .writes_tenths_per_s = tenths_per_s(packets_out, 1),
            .read_size_tenths_bytes = packets_in == 0 ? 0 : bytes_in * 10 / packets_in,
            .write_size_tenths_bytes = packets_out == 0 ? 0 : bytes_out * 10 / packets_out,
            .input_errors_tenths_per_s = tenths_per_s(grown(before.errors_in, after.errors_in), 1),
            .output_errors_tenths_per_s = tenths_per_s(grown(before.errors_out, after.errors_out), 1)};
}

}  // namespace pvmsim::aix
