// What each operating system has: adapters in the order a real one finds them, then what is built on them. See
// site.hpp.
//
// Names follow the order of discovery: physical ports by slot, virtual adapters by slot number; so "ent4" here is what
// "ent4" would be on the machine. Devices that an administrator makes (SEA, link aggregation) bear the names given to
// them.
#include <algorithm>
#include <utility>

#include "aix/fc/fscsi.hpp"
#include "aix/fc/virtual_fc_client.hpp"
#include "aix/network/internet_extension.hpp"
#include "aix/network/link_aggregation.hpp"
#include "aix/network/physical_ethernet_adapter.hpp"
#include "aix/network/virtual_ethernet_adapter.hpp"
#include "aix/vscsi/client_adapter.hpp"
#include "scenarios/description/paging_units.hpp"
#include "scenarios/play/site.hpp"
#include "scenarios/recordings/nmon.hpp"
#include "sim/base/assert.hpp"
#include "vios/npiv/vfc_host.hpp"
#include "vios/paging/paging_space_server.hpp"
#include "vios/vscsi/host_adapter.hpp"

namespace pvmsim::scenarios {
namespace {

using hypervisor::AdapterRole;
using hypervisor::SlotNumber;

template <class Adapter>
std::vector<Adapter> by_slot(std::vector<Adapter> adapters) {
    std::ranges::sort(adapters, {}, &Adapter::slot_num);
    return adapters;
}

const hypervisor::PartitionProfile& profile_of(const PartitionSite& partition) {
    return partition.system->partition(partition.id()).profile;
}

void set_attributes(aix::Device& device, const AttributeValues& values) {
    for (const auto& [name, value] : values) device.attributes().set(name, value);
}

/// "V10" -> 10.
SlotNumber virtual_slot(const std::string& text) {
    return SlotNumber{static_cast<std::uint16_t>(std::stoul(text.substr(1)))};
}

}  // namespace

/// The devices of one partition under construction, by the places a scenario names.
struct Site::DeviceMap {
    std::map<std::string, aix::EthernetDevice*, std::less<>>
        ethernet_ports;  ///< "C2-T1", and link aggregations by name
    std::map<SlotNumber, aix::VirtualEthernetAdapterDevice*> virtual_ethernet;
    std::map<std::string, aix::FcAdapter*, std::less<>> fc_ports;  ///< "C5-T1"

    /// "V10", "C2-T1" or "ent9".
    [[nodiscard]] aix::EthernetDevice* ethernet(const std::string& name) const {
        const auto port = ethernet_ports.find(name);
        return port != ethernet_ports.end() ? port->second : virtual_ethernet.at(virtual_slot(name));
    }
};

void Site::build_devices(PartitionSite& partition) {
    DeviceMap devices;
    set_device_defaults(partition);
    build_ethernet(partition, devices);
    build_fibre_channel(partition, devices);
    build_virtual_storage(partition, devices);
    if (partition.description->vios) build_shared_ethernet(partition, devices);
    build_interfaces(partition, devices);
    build_workload(partition);
}

void Site::set_device_defaults(PartitionSite& partition) {
    partition.os->disks().set_disk_attributes(partition.description->devices.hdisk);
    partition.os->disks().set_path_priorities(partition.description->devices.path_priority);
}

/// Calls `use(location-port, path)` for every port of the physical slots in the partition's profile, in slot order.
template <class Use>
void Site::for_each_port(const PartitionSite& partition, Use use) const {
    const auto described = std::ranges::find_if(scenario_.systems, [&](const SystemDescription& system) {
        return system.config.name == partition.description->system;
    });
    for (const auto& adapter : described->adapters) {
        const auto* slot = partition.system->find_slot(adapter.slot.location);
        PVMSIM_ASSERT(slot != nullptr);
        const auto& requests = profile_of(partition).io_slots;
        if (std::ranges::find(requests, slot->config.drc_index, &hypervisor::IoSlotRequest::drc_index) ==
            requests.end())
            continue;
        for (const auto& port : adapter.ports) {
            const auto place = adapter.slot.location + "-" + port.name;
            use(place, described->config.name + "/" + place);
        }
    }
}

void Site::build_ethernet(PartitionSite& partition, DeviceMap& devices) {
    auto& os = *partition.os;
    for_each_port(partition, [&](const std::string& place, const std::string& path) {
        const auto nic = nic_ports_.find(path);
        if (nic == nic_ports_.end()) return;
        auto& port = os.add_device<aix::PhysicalEthernetAdapter>(os.next_name("ent"), *nic->second);
        set_attributes(port, partition.description->devices.ent);
        devices.ethernet_ports[place] = &port;
    });
    for (const auto& adapter : by_slot(profile_of(partition).virtual_eth_adapters))
        devices.virtual_ethernet[adapter.slot_num] =
            &os.add_device<aix::VirtualEthernetAdapterDevice>(os.next_name("ent"), adapter.slot_num);
}

void Site::build_fibre_channel(PartitionSite& partition, DeviceMap& devices) {
    auto& os = *partition.os;
    const auto add_protocol = [&](const std::string& adapter, aix::FcTransport& transport) {
        auto& fscsi = os.add_device<aix::FcScsiProtocol>("fscsi" + adapter.substr(3), transport);
        set_attributes(fscsi, partition.description->devices.fscsi);
    };
    for_each_port(partition, [&](const std::string& place, const std::string& path) {
        const auto port = fc_ports_.find(path);
        if (port == fc_ports_.end()) return;
        auto& fcs = os.add_device<aix::FcAdapter>(os.next_name("fcs"), *port->second, san_);
        devices.fc_ports[place] = &fcs;
        add_protocol(fcs.name(), fcs);
    });
    for (const auto& adapter : by_slot(profile_of(partition).virtual_fc_adapters)) {
        if (adapter.adapter_type != AdapterRole::kClient) continue;
        auto& fcs = os.add_device<aix::VirtualFcClientAdapter>(os.next_name("fcs"), adapter.slot_num);
        add_protocol(fcs.name(), fcs);
    }
}

void Site::build_virtual_storage(PartitionSite& partition, DeviceMap& devices) {
    auto& os = *partition.os;
    std::map<SlotNumber, vios::VscsiHostAdapter*> vhosts;
    std::map<SlotNumber, vios::VfcHostAdapter*> vfchosts;
    for (const auto& adapter : by_slot(profile_of(partition).virtual_scsi_adapters)) {
        if (adapter.adapter_type == AdapterRole::kServer) {
            vhosts[adapter.slot_num] = &os.add_device<vios::VscsiHostAdapter>(os.next_name("vhost"), adapter.slot_num);
        } else {
            auto& vscsi = os.add_device<aix::VscsiClientAdapter>(os.next_name("vscsi"), adapter.slot_num);
            set_attributes(vscsi, partition.description->devices.vscsi);
        }
    }
    for (const auto& adapter : by_slot(profile_of(partition).virtual_fc_adapters))
        if (adapter.adapter_type == AdapterRole::kServer)
            vfchosts[adapter.slot_num] =
                &os.add_device<vios::VfcHostAdapter>(os.next_name("vfchost"), adapter.slot_num);
    if (!partition.description->vios) return;
    build_paging(partition);
    for (const auto& target : partition.description->vios->virtual_targets)
        vhosts.at(target.vadapter)->add_target(target.device, aix::identity_of(target.lun));
    for (const auto& mapping : partition.description->vios->vfc_mappings) {
        const auto mapped = vfchosts.at(mapping.vadapter)->map_to(*devices.fc_ports.at(mapping.port));
        if (!mapped) refusals_.push_back(partition.name() + ": " + mapped.error().text);
    }
}

void Site::build_paging(PartitionSite& partition) {
    const auto described = std::ranges::find_if(scenario_.systems, [&](const SystemDescription& system) {
        return system.config.name == partition.description->system;
    });
    for (const auto& unit : paging_units(scenario_, *described)) {
        if (unit.vios != partition.description) continue;
        const auto added = vios::PagingSpaceServer::of(*partition.os).add_device(unit.unit, unit.size_bytes);
        if (!added) refusals_.push_back(partition.name() + ": " + added.error().text);
    }
}

void Site::build_link_aggregations(PartitionSite& partition, const std::vector<LinkAggregationDescription>& all,
                                   DeviceMap& devices) {
    for (const auto& described : all) {
        std::vector<aix::EthernetDevice*> members;
        for (const auto& name : described.adapter_names) members.push_back(devices.ethernet(name));
        auto* backup = described.backup_adapter.empty() ? nullptr : devices.ethernet(described.backup_adapter);
        auto& aggregation = partition.os->add_device<aix::LinkAggregation>(described.name, members, backup);
        set_attributes(aggregation, described.attributes);
        devices.ethernet_ports[described.name] = &aggregation;
    }
}

void Site::build_shared_ethernet(PartitionSite& partition, DeviceMap& devices) {
    auto& os = *partition.os;
    build_link_aggregations(partition, partition.description->vios->link_aggregations, devices);
    for (const auto& described : partition.description->vios->shared_ethernet_adapters) {
        vios::SeaConfig config;
        config.level = partition.description->vios->level;
        config.real_adapter = devices.ethernet_ports.at(described.real_adapter);
        for (const auto& slot : described.virt_adapters)
            config.virt_adapters.push_back(devices.virtual_ethernet.at(virtual_slot(slot)));
        config.pvid_adapter = devices.virtual_ethernet.at(virtual_slot(described.pvid_adapter));
        if (!described.ctl_chan.empty())
            config.ctl_chan = devices.virtual_ethernet.at(virtual_slot(described.ctl_chan));
        if (const auto refusal = vios::why_refused(config)) {
            refusals_.push_back(partition.name() + ": " + described.name + ": " + *refusal);
            continue;
        }
        auto& sea = os.add_device<vios::SharedEthernetAdapter>(described.name, config);
        set_attributes(sea, described.attributes);
        partition.seas.push_back(&sea);
        if (!described.ip) continue;
        const auto vlan =
            described.ip_vlan.value() == sea.attributes().integer("pvid") ? wire::kUntagged : described.ip_vlan;
        auto& interface =
            os.add_device<aix::NetworkInterface>("en" + described.name.substr(3), sea, vlan, *described.ip);
        interface.set_prefix_length(described.prefix_length);
        sea.set_ping_interface(interface);
    }
}

void Site::build_interfaces(PartitionSite& partition, DeviceMap& devices) {
    auto& os = *partition.os;
    build_link_aggregations(partition, partition.description->link_aggregations, devices);
    for (const auto& described : partition.description->interfaces) {
        auto& adapter = described.adapter.empty() ? *devices.virtual_ethernet.at(described.slot)
                                                  : *devices.ethernet(described.adapter);
        const bool untagged = described.vlan == wire::kUntagged;
        auto& interface =
            os.add_device<aix::NetworkInterface>(os.next_name("en"), adapter, described.vlan, described.ip);
        interface.set_prefix_length(described.prefix_length);
        set_attributes(interface, described.attributes);
        if (const auto refusal =
                interface.why_mtu_refused(static_cast<std::uint32_t>(interface.attributes().integer("mtu"))))
            refusals_.push_back(partition.name() + ": " + interface.name() + ": " + *refusal);
        partition.interfaces.push_back({.device = &interface, .vlan = untagged ? described.port_vlan : described.vlan});
    }
    build_routes(partition);
}

void Site::build_routes(PartitionSite& partition) {
    const auto& described = *partition.description;
    if (described.routes.empty()) return;
    auto& os = *partition.os;
    std::vector<std::string> names;
    for (const auto& interface : partition.interfaces) names.push_back(interface.device->name());
    if (described.vios)
        for (const auto& sea : described.vios->shared_ethernet_adapters)
            if (sea.ip) names.push_back("en" + sea.name.substr(3));
    auto& inet = os.add_device<aix::InternetExtension>("inet0");
    set_attributes(inet, described.network_options);
    const auto find = [&](const std::string& name) {
        auto* interface = dynamic_cast<aix::NetworkInterface*>(os.find_device(name));
        PVMSIM_ASSERT(interface != nullptr);
        return interface;
    };
    for (const auto& name : names) inet.add_interface(*find(name));
    for (const auto& route : described.routes)
        inet.add_route({.gateway = route.gateway,
                        .interface = find(route.interface),
                        .cost = route.cost,
                        .active_dgd = route.active_dgd});
}

aix::BurstLoadConfig Site::bursts_of(const BurstWorkload& described, sim::SimTime start) {
    const auto spread = described.arrival == Arrival::kRandom ? aix::Spread::kExponential : aix::Spread::kConstant;
    return {.threads = described.threads,
            .think = {described.think, spread},
            .every = {sim::Duration{static_cast<std::int64_t>(described.interval_ns)}, spread},
            .work = {described.work, aix::Spread::kConstant},
            .start = start};
}

void Site::build_workload(PartitionSite& partition) {
    const auto& described = partition.description->workload;
    aix::WorkloadConfig config;
    config.start = described.start;
    config.processor = {.steps = described.processor.steps,
                        .random_mean = described.processor.random_mean,
                        .random_spread = described.processor.random_spread,
                        .random_every = described.processor.random_every,
                        .busy_threads = described.processor.threads};
    if (described.bursts) config.bursts.push_back(bursts_of(*described.bursts, described.start));
    if (!described.processor.nmon_file.empty()) {
        const auto recording = read_nmon(described.processor.nmon_file);
        config.processor.is_recorded = true;
        if (recording)
            config.processor.steps = demand_steps(*recording);
        else
            refusals_.push_back(partition.name() + ": workload: " + recording.error().to_string());
    }
    if (described.disk)
        config.disk = {.interval = sim::Duration{static_cast<std::int64_t>(described.disk->interval_ns)},
                       .size_bytes = described.disk->size_bytes,
                       .read_percent = described.disk->read_percent,
                       .arrival = described.disk->arrival,
                       .stall_threshold = described.disk->stall_threshold};
    if (described.disk) config.only_disk = described.disk->disk;
    config.memory = described.memory;
    partition.workload = std::make_unique<aix::Workload>(*partition.os, std::move(config));
    for (const auto& network : described.network) build_network_load(partition, network);
}

void Site::build_network_load(PartitionSite& partition, const NetworkWorkload& network) {
    const auto add = [&](aix::NetworkInterface& interface, wire::Ipv4Address to) {
        partition.workload->add_network_load(interface,
                                             {.to = to,
                                              .interval = sim::Duration{static_cast<std::int64_t>(network.interval_ns)},
                                              .size_bytes = network.size_bytes,
                                              .timeout = network.timeout,
                                              .arrival = network.arrival});
    };
    const auto& lan = scenario_.fabric.lan;
    const auto remote = std::ranges::find(lan.remote_hosts, network.to, &RemoteHostDescription::name);
    if (remote != lan.remote_hosts.end()) return add(*partition.interfaces.front().device, remote->address);
    const auto host =
        std::ranges::find_if(lan.hosts, [&](const HostDescription& h) { return h.config.name == network.to; });
    for (const auto& interface : partition.interfaces)
        for (const auto& [vlan, address] : host->config.addresses)
            if (vlan == interface.vlan) add(*interface.device, address);
}

}  // namespace pvmsim::scenarios
