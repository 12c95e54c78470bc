// Making the view: resolving the names of a scenario into what they stand for; see view.hpp.
// Names that lead nowhere (only possible in scenarios made in code) are left out.
#include "scenarios/audit/view.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <span>
#include <utility>

#include "aix/odm/predefined.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::scenarios::audit {
namespace {

using hypervisor::AdapterRole;
using hypervisor::SlotNumber;
using hypervisor::VirtualEthernetAdapter;

template <class Adapter>
const Adapter* find_slot(const std::vector<Adapter>& adapters, SlotNumber slot) {
    const auto found = std::ranges::find(adapters, slot, &Adapter::slot_num);
    return found == adapters.end() ? nullptr : &*found;
}

/// "V10".
const VirtualEthernetAdapter* find_ethernet(const PartitionDescription& partition, std::string_view name) {
    std::uint16_t slot = 0;
    if (name.size() < 2 || std::from_chars(name.data() + 1, name.data() + name.size(), slot).ec != std::errc{})
        return nullptr;
    return find_slot(partition.config.profile.virtual_eth_adapters, SlotNumber{slot});
}

std::string value_of(const AttributeValues& values, std::span<const aix::AttributeDefinition> table,
                     std::string_view name) {
    for (const auto& [key, value] : values)
        if (key == name) return value;
    for (const auto& row : table)
        if (row.name == name) return std::string(row.default_value);
    PVMSIM_ASSERT(false);  // a rule asks for an attribute that the device does not have
    return {};
}

template <class Adapter>
Path path_in(const PartitionDescription& partition, std::string_view list, const std::vector<Adapter>& adapters,
             const Adapter& adapter) {
    const auto index = std::ranges::find(adapters, adapter.slot_num, &Adapter::slot_num) - adapters.begin();
    return partition_path(partition, {"profile", list, std::to_string(index)});
}

template <class Paths>
std::size_t count_different_vioses(const Paths& paths) {
    std::set<std::string_view> names;
    for (const auto& path : paths)
        if (path.vios) names.insert(path.vios->config.name);
    return names.size();
}

}  // namespace

// --- names and places ---

bool is_vios(const PartitionDescription& partition) {
    return partition.config.lpar_env == hypervisor::PartitionEnvironment::kVioServer;
}

std::string hdisk_attribute(const PartitionDescription& partition, std::string_view name) {
    return value_of(partition.devices.hdisk, aix::hdisk_attributes(), name);
}

std::string vscsi_attribute(const PartitionDescription& partition, std::string_view name) {
    return value_of(partition.devices.vscsi, aix::vscsi_attributes(), name);
}

std::string fscsi_attribute(const PartitionDescription& partition, std::string_view name) {
    return value_of(partition.devices.fscsi, aix::fscsi_attributes(), name);
}

std::string aggregation_attribute(const LinkAggregationDescription& group, std::string_view name) {
    return value_of(group.attributes, aix::etherchannel_attributes(), name);
}

std::vector<wire::VlanId> vlans_of(const VirtualEthernetAdapter& adapter) {
    std::vector vlans{adapter.port_vlan_id};
    vlans.insert(vlans.end(), adapter.addl_vlan_ids.begin(), adapter.addl_vlan_ids.end());
    return vlans;
}

std::size_t count_vioses(const std::vector<ScsiPath>& paths) { return count_different_vioses(paths); }
std::size_t count_vioses(const std::vector<FcPath>& paths) { return count_different_vioses(paths); }

PhysicalPort find_port(const SystemDescription& system, std::string_view name) {
    for (const auto& adapter : system.adapters)
        for (const auto& port : adapter.ports)
            if (adapter.slot.location + "-" + port.name == name) return {std::string(name), &system, &adapter, &port};
    return {std::string(name), &system, nullptr, nullptr};
}

Path PhysicalPort::path(std::string_view key) const {
    if (!port) return {"systems", system->config.name};
    return {"systems", system->config.name, "slots", adapter->slot.location, "ports", port->name, std::string(key)};
}

Path partition_path(const PartitionDescription& partition, std::initializer_list<std::string_view> keys) {
    Path path{"partitions", partition.config.name};
    for (const auto key : keys) path.emplace_back(key);
    return path;
}

Path adapter_path(const PartitionDescription& partition, const VirtualEthernetAdapter& adapter) {
    return path_in(partition, "virtual_eth_adapters", partition.config.profile.virtual_eth_adapters, adapter);
}

Path adapter_path(const PartitionDescription& partition, const hypervisor::VirtualScsiAdapter& adapter) {
    return path_in(partition, "virtual_scsi_adapters", partition.config.profile.virtual_scsi_adapters, adapter);
}

Path adapter_path(const PartitionDescription& partition, const hypervisor::VirtualFcAdapter& adapter) {
    return path_in(partition, "virtual_fc_adapters", partition.config.profile.virtual_fc_adapters, adapter);
}

std::string slot_text(SlotNumber slot) { return "V" + std::to_string(slot.value()); }
std::string vlan_text(wire::VlanId vlan) { return "VLAN " + std::to_string(vlan.value()); }

std::string list_text(const std::vector<std::string>& names) {
    constexpr std::size_t kShown = 5;
    const bool all = names.size() <= kShown + 1;
    std::string text;
    for (std::size_t i = 0; i < (all ? names.size() : kShown); ++i) {
        const bool last = all && i + 1 == names.size();
        text += (i == 0 ? "" : last ? " and " : ", ") + names[i];
    }
    if (!all) text += " and " + std::to_string(names.size() - kShown) + " more";
    return text;
}

// --- SEAs ---

std::string Segment::text() const { return vlan_text(vlan) + " of " + vswitch + " (" + system + ")"; }

std::string Sea::name() const { return vios->config.name + " " + description->name; }

std::string Sea::attribute(std::string_view name) const {
    return value_of(description->attributes, aix::sea_attributes(), name);
}

std::uint8_t Sea::priority() const {
    return trunks.empty()
               ? 0
               : (*std::ranges::min_element(trunks, {}, &VirtualEthernetAdapter::trunk_priority))->trunk_priority;
}

std::vector<Segment> Sea::segments() const {
    std::set<Segment> segments;
    for (const auto* trunk : trunks)
        for (const auto vlan : vlans_of(*trunk)) segments.insert({vios->system, trunk->vswitch, vlan});
    return {segments.begin(), segments.end()};
}

const VirtualEthernetAdapter* Sea::trunk_of(const Segment& segment) const {
    for (const auto* trunk : trunks) {
        const auto vlans = vlans_of(*trunk);
        if (trunk->vswitch == segment.vswitch && std::ranges::find(vlans, segment.vlan) != vlans.end()) return trunk;
    }
    return nullptr;
}

Path Sea::path(std::string_view key) const {
    return partition_path(*vios, {"vios", "shared_ethernet_adapters", description->name, key});
}

std::string SeaPair::name() const { return first->name() + " and " + second->name(); }

// --- the view ---

View::View(const Scenario& scenario) : scenario_(scenario) {
    for (const auto& partition : scenario.partitions)
        partitions_.try_emplace({partition.system, partition.config.lpar_id}, &partition);
    for (const auto& partition : scenario.partitions)
        if (partition.vios) add_seas(partition);
    add_pairs();
    add_segments();
    add_interface_backups();
}

void View::add_seas(const PartitionDescription& vios) {
    const auto& described = system(vios.system);
    for (const auto& one : vios.vios->shared_ethernet_adapters) {
        Sea sea;
        sea.vios = &vios;
        sea.description = &one;
        for (const auto& name : one.virt_adapters)
            if (const auto* trunk = find_ethernet(vios, name)) sea.trunks.push_back(trunk);
        sea.default_trunk = find_ethernet(vios, one.pvid_adapter);
        sea.channel = find_ethernet(vios, one.ctl_chan);
        const auto& groups = vios.vios->link_aggregations;
        const auto group = std::ranges::find(groups, one.real_adapter, &LinkAggregationDescription::name);
        if (group == groups.end()) {
            sea.ports.push_back(find_port(described, one.real_adapter));
        } else {
            sea.aggregation = &*group;
            for (const auto& member : group->adapter_names) sea.ports.push_back(find_port(described, member));
            if (!group->backup_adapter.empty()) sea.ports.push_back(find_port(described, group->backup_adapter));
        }
        seas_.push_back(std::move(sea));
    }
}

void View::add_pairs() {
    for (std::size_t i = 0; i < seas_.size(); ++i)
        for (std::size_t k = i + 1; k < seas_.size(); ++k) {
            const SeaPair pair{&seas_[i], &seas_[k]};
            if (pair.first->vios != pair.second->vios && !common(pair).empty()) pairs_.push_back(pair);
        }
}

void View::add_segments() {
    std::vector<const VirtualEthernetAdapter*> channels;
    for (const auto& sea : seas_) {
        for (auto& segment : sea.segments()) segments_[segment].seas.push_back(&sea);
        if (!sea.channel) continue;
        channels.push_back(sea.channel);
        segments_[{sea.vios->system, sea.channel->vswitch, sea.channel->port_vlan_id}].channels.push_back(&sea);
    }
    for (const auto& partition : scenario_.partitions)
        for (const auto& adapter : partition.config.profile.virtual_eth_adapters) {
            if (adapter.is_trunk() || contains(channels, &adapter)) continue;
            for (const auto vlan : vlans_of(adapter))
                segments_[{partition.system, adapter.vswitch, vlan}].users.push_back({&partition, &adapter});
        }
}

void View::add_interface_backups() {
    for (const auto& partition : scenario_.partitions)
        for (const auto& group : partition.link_aggregations) {
            const auto* first =
                group.adapter_names.empty() ? nullptr : find_ethernet(partition, group.adapter_names[0]);
            const auto* second = find_ethernet(partition, group.backup_adapter);
            if (first && second) interface_backups_.push_back({&partition, &group, first, second});
        }
}

std::vector<const Sea*> View::bridges(const PartitionDescription& partition,
                                      const VirtualEthernetAdapter& adapter) const {
    std::vector<const Sea*> found;
    for (const auto& sea : seas_) {
        if (sea.vios->system != partition.system) continue;
        const auto bridged = [&](wire::VlanId vlan) {
            return sea.trunk_of({partition.system, adapter.vswitch, vlan}) != nullptr;
        };
        if (std::ranges::any_of(vlans_of(adapter), bridged)) found.push_back(&sea);
    }
    return found;
}

bool View::backed_up(const AdapterUse& use) const {
    return std::ranges::any_of(interface_backups_, [&](const InterfaceBackup& backup) {
        if (backup.first != use.adapter && backup.second != use.adapter) return false;
        const auto here = bridges(*use.partition, *use.adapter);
        const auto there = bridges(*use.partition, use.adapter == backup.first ? *backup.second : *backup.first);
        return std::ranges::any_of(there, [&](const Sea* sea) {
            return std::ranges::none_of(here, [&](const Sea* other) { return other->vios == sea->vios; });
        });
    });
}

bool View::used(const Segment& segment) const {
    const auto found = segments_.find(segment);
    return found != segments_.end() && !found->second.users.empty();
}

std::vector<Segment> View::common(const SeaPair& pair) const {
    const auto first = pair.first->segments(), second = pair.second->segments();
    std::vector<Segment> both;
    std::ranges::set_intersection(first, second, std::back_inserter(both));
    return both;
}

std::vector<const PartitionDescription*> View::vioses(std::string_view system) const {
    std::vector<const PartitionDescription*> found;
    for (const auto& partition : scenario_.partitions)
        if (partition.system == system && is_vios(partition)) found.push_back(&partition);
    return found;
}

std::vector<const PartitionDescription*> View::clients(std::string_view system) const {
    std::vector<const PartitionDescription*> found;
    for (const auto& partition : scenario_.partitions)
        if (partition.system == system && !is_vios(partition)) found.push_back(&partition);
    return found;
}

const SystemDescription& View::system(std::string_view name) const {
    const auto found =
        std::ranges::find_if(scenario_.systems, [&](const SystemDescription& one) { return one.config.name == name; });
    PVMSIM_ASSERT(found != scenario_.systems.end());
    return *found;
}

const fabric::SwitchConfig* View::lan_switch(std::string_view name) const {
    const auto& switches = scenario_.fabric.lan.switches;
    const auto found = std::ranges::find(switches, name, &fabric::SwitchConfig::name);
    return found == switches.end() ? nullptr : &*found;
}

const SanFabricDescription* View::fabric_of(std::string_view fc_switch) const {
    for (const auto& fabric : scenario_.fabric.san)
        if (std::ranges::find(fabric.switches, fc_switch) != fabric.switches.end()) return &fabric;
    return nullptr;
}

std::vector<PhysicalPort> View::fc_ports(const PartitionDescription& partition) const {
    std::vector<PhysicalPort> ports;
    const auto& described = system(partition.system);
    for (const auto& adapter : described.adapters) {
        const auto& requests = partition.config.profile.io_slots;
        const bool owned = std::ranges::find(requests, adapter.slot.drc_index, &hypervisor::IoSlotRequest::drc_index) !=
                           requests.end();
        if (!owned || adapter.slot.kind != hypervisor::AdapterKind::kFibreChannel) continue;
        for (const auto& port : adapter.ports)
            if (!port.fc_switch.empty())
                ports.push_back({adapter.slot.location + "-" + port.name, &described, &adapter, &port});
    }
    return ports;
}

const PartitionDescription* View::partition(std::string_view system, hypervisor::PartitionId id) const {
    const auto found = partitions_.find({system, id});
    return found == partitions_.end() ? nullptr : found->second;
}

std::vector<ScsiPath> View::scsi_paths(const PartitionDescription& client) const {
    std::vector<ScsiPath> paths;
    for (const auto& adapter : client.config.profile.virtual_scsi_adapters) {
        if (adapter.adapter_type != AdapterRole::kClient) continue;
        ScsiPath path{&adapter, partition(client.system, adapter.remote_lpar_id), {}};
        if (path.vios && path.vios->vios && adapter.remote_slot_num)
            for (const auto& target : path.vios->vios->virtual_targets)
                if (target.vadapter == *adapter.remote_slot_num) path.targets.push_back(&target);
        paths.push_back(std::move(path));
    }
    std::ranges::sort(paths, {}, [](const ScsiPath& path) { return path.adapter->slot_num; });
    return paths;
}

std::vector<FcPath> View::fc_paths(const PartitionDescription& client) const {
    std::vector<FcPath> paths;
    for (const auto& adapter : client.config.profile.virtual_fc_adapters) {
        if (adapter.adapter_type != AdapterRole::kClient) continue;
        FcPath path{&adapter, partition(client.system, adapter.remote_lpar_id), nullptr, {}};
        if (path.vios && path.vios->vios)
            for (const auto& mapping : path.vios->vios->vfc_mappings)
                if (mapping.vadapter == adapter.remote_slot_num && !mapping.port.empty()) {
                    path.mapping = &mapping;
                    path.port = find_port(system(client.system), mapping.port);
                }
        paths.push_back(std::move(path));
    }
    return paths;
}

}  // namespace pvmsim::scenarios::audit
