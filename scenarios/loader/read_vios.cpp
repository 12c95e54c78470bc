// `vios:` - what a Virtual I/O Server makes of its adapters. Every device it names must exist, be of the right kind,
// and be used once (R-NET-02, R-NET-04, R-NET-05). Mistakes that a real VIOS accepts, such as equal trunk priorities on
// both sides, pass: a run shows what they do.
#include <algorithm>

#include "scenarios/description/paging_units.hpp"
#include "scenarios/loader/reading.hpp"
#include "scenarios/loader/suggest.hpp"
#include "scenarios/schema/quantities.hpp"

namespace pvmsim::scenarios {

namespace {

constexpr std::size_t kAggregatedPortsMax = 8;  // R-NET-02
constexpr std::size_t kTrunkAdaptersMax = 16;   // R-NET-04

hypervisor::SlotNumber slot_of(std::string_view name) {
    return hypervisor::SlotNumber{static_cast<std::uint16_t>(parse_integer(name.substr(1)).value_or(0))};
}

std::string owner(const PartitionDescription& partition) { return "'" + partition.config.name + "'"; }

}  // namespace

void Reading::read_vios(std::size_t index) {
    auto& partition = scenario_.partitions[index];
    const Fields fields(&notes_[index].entry->value);
    const bool is_vios = partition.config.lpar_env == hypervisor::PartitionEnvironment::kVioServer;
    if (!fields.has("vios")) {
        if (is_vios) partition.vios.emplace();
        return;
    }
    if (!is_vios) {
        if (flawless("partitions." + partition.config.name + ".lpar_env"))
            say(fields.place_of("vios"), owner(partition) + " is no Virtual I/O Server: its lpar_env is not vioserver");
        return;
    }
    partition.vios.emplace();
    devices_.clear();
    const auto vios = fields.inner("vios");
    for (const auto& entry : vios.entries("link_aggregations")) read_link_aggregation(entry, partition);
    for (const auto& entry : vios.entries("shared_ethernet_adapters")) read_sea(entry, partition);
    for (const auto& entry : vios.entries("virtual_targets")) read_virtual_target(entry, partition);
    for (const auto& entry : vios.entries("vfc_mappings")) read_vfc_mapping(entry, partition);
}

void Reading::claim_device(Place place, const std::string& device) {
    const auto [first, is_new] = devices_.try_emplace(device, place);
    if (!is_new) say(place, "'" + device + "' is in use already, in line " + std::to_string(first->second.line));
}

void Reading::check_owned_port(const Node& name, const PartitionDescription& partition, hypervisor::AdapterKind kind) {
    const auto* system = find_system(partition.system);
    if (!system || !flawless("systems." + partition.system + ".slots")) return;
    const AdapterDescription* adapter = nullptr;
    if (!find_port(*system, name.text, &adapter)) {
        std::vector<std::string> known;
        for (const auto& one : system->adapters)
            for (const auto& port : one.ports) known.push_back(one.slot.location + "-" + port.name);
        return unknown_name(name.place, "port on '" + partition.system + "' called", name.text, known);
    }
    const bool ethernet = kind == hypervisor::AdapterKind::kEthernet;
    if (adapter->slot.kind != kind)
        return say(name.place, "'" + name.text + "' is no " + (ethernet ? "Ethernet" : "Fibre Channel") + " port");
    const auto& slots = partition.config.profile.io_slots;
    const bool owned =
        std::ranges::find(slots, adapter->slot.drc_index, &hypervisor::IoSlotRequest::drc_index) != slots.end();
    if (!owned && flawless("partitions." + partition.config.name + ".profile.io_slots"))
        say(name.place, "slot " + adapter->slot.location + " is not in the io_slots of " + owner(partition));
}

const hypervisor::VirtualEthernetAdapter* Reading::check_virtual_ethernet(const Node& name,
                                                                          const PartitionDescription& partition) {
    const auto& adapters = partition.config.profile.virtual_eth_adapters;
    const auto found = std::ranges::find(adapters, slot_of(name.text), &hypervisor::VirtualEthernetAdapter::slot_num);
    if (found != adapters.end()) return &*found;
    if (flawless("partitions." + partition.config.name + ".profile.virtual_eth_adapters")) {
        std::vector<std::string> known;
        for (const auto& one : adapters) known.push_back("V" + std::to_string(one.slot_num.value()));
        unknown_name(name.place, "virtual Ethernet adapter in " + owner(partition) + " in slot", name.text, known);
    }
    return nullptr;
}

void Reading::read_link_aggregation(const Entry& entry, PartitionDescription& partition) {
    const Fields fields(&entry.value);
    LinkAggregationDescription aggregation;
    aggregation.name = entry.key;
    if (!entry.key.starts_with("ent"))
        say(entry.key_place, "a link aggregation is a device entN, not '" + entry.key + "'");
    claim_device(entry.key_place, entry.key);
    for (const auto& item : fields.items("adapter_names")) {
        if (!item.is_scalar()) continue;
        check_owned_port(item, partition, hypervisor::AdapterKind::kEthernet);
        claim_device(item.place, item.text);
        aggregation.adapter_names.push_back(item.text);
    }
    if (aggregation.adapter_names.size() > kAggregatedPortsMax)
        say(fields.place_of("adapter_names"), "a link aggregation has at most 8 primary ports");
    if (const auto* backup = fields.scalar("backup_adapter")) {
        check_owned_port(*backup, partition, hypervisor::AdapterKind::kEthernet);
        claim_device(backup->place, backup->text);
        aggregation.backup_adapter = backup->text;
    }
    for (const auto& attribute : fields.entries())
        if (attribute.key != "adapter_names" && attribute.key != "backup_adapter" && attribute.value.is_scalar())
            aggregation.attributes.emplace_back(attribute.key, attribute.value.text);
    partition.vios->link_aggregations.push_back(std::move(aggregation));
}

void Reading::read_sea(const Entry& entry, PartitionDescription& partition) {
    const Fields fields(&entry.value);
    SeaDescription sea;
    sea.name = entry.key;
    if (!entry.key.starts_with("ent"))
        say(entry.key_place, "a Shared Ethernet Adapter is a device entN, not '" + entry.key + "'");
    claim_device(entry.key_place, entry.key);
    if (const auto* real = fields.scalar("real_adapter")) {
        const auto& groups = partition.vios->link_aggregations;
        const bool group = std::ranges::find(groups, real->text, &LinkAggregationDescription::name) != groups.end();
        if (!group) check_owned_port(*real, partition, hypervisor::AdapterKind::kEthernet);
        claim_device(real->place, group ? "the ports of " + real->text : real->text);
        sea.real_adapter = real->text;
    }
    for (const auto& item : fields.items("virt_adapters")) {
        if (!item.is_scalar()) continue;
        const auto* adapter = check_virtual_ethernet(item, partition);
        if (adapter && !adapter->is_trunk())
            say(item.place, item.text + " of " + owner(partition) + " is no trunk adapter: its trunk priority is 0");
        claim_device(item.place, item.text);
        sea.virt_adapters.push_back(item.text);
    }
    if (sea.virt_adapters.size() > kTrunkAdaptersMax)
        say(fields.place_of("virt_adapters"), "a Shared Ethernet Adapter bridges at most 16 trunk adapters");
    const auto* pvid_adapter = fields.scalar("pvid_adapter");
    sea.pvid_adapter = pvid_adapter ? pvid_adapter->text : sea.virt_adapters.empty() ? "" : sea.virt_adapters.front();
    if (pvid_adapter && std::ranges::find(sea.virt_adapters, sea.pvid_adapter) == sea.virt_adapters.end())
        say(pvid_adapter->place, "pvid_adapter " + sea.pvid_adapter + " is not one of virt_adapters");
    read_sea_channel(entry, partition, sea);

    static constexpr std::string_view kOwnKeys[] = {"real_adapter", "virt_adapters", "pvid_adapter", "ctl_chan",
                                                    "ip",           "ip_vlan"};
    for (const auto& attribute : fields.entries())
        if (std::ranges::find(kOwnKeys, attribute.key) == std::end(kOwnKeys) && attribute.value.is_scalar())
            sea.attributes.emplace_back(attribute.key, attribute.value.text);
    const auto& adapters = partition.config.profile.virtual_eth_adapters;
    const auto default_adapter =
        std::ranges::find(adapters, slot_of(sea.pvid_adapter.empty() ? "V0" : sea.pvid_adapter),
                          &hypervisor::VirtualEthernetAdapter::slot_num);
    if (!fields.has("pvid") && default_adapter != adapters.end())
        sea.attributes.emplace_back("pvid", std::to_string(default_adapter->port_vlan_id.value()));
    sea.ip = fields.address("ip");
    const auto pvid = std::ranges::find(sea.attributes, std::string("pvid"), &AttributeValues::value_type::first);
    const auto pvid_value = pvid != sea.attributes.end() ? parse_integer(pvid->second).value_or(1) : 1;
    sea.ip_vlan = fields.vlan("ip_vlan").value_or(wire::VlanId{static_cast<std::uint16_t>(pvid_value)});
    partition.vios->shared_ethernet_adapters.push_back(std::move(sea));
}

/// mkvdev wants ha_mode and ctl_chan together (formats A.2); the channel must not reach the outside (R-NET-05).
void Reading::read_sea_channel(const Entry& entry, PartitionDescription& partition, SeaDescription& sea) {
    const Fields fields(&entry.value);
    const auto mode = fields.text("ha_mode");
    const bool failover = !mode.empty() && mode != "disabled";
    const auto* channel = fields.scalar("ctl_chan");
    if (failover && !fields.has("ctl_chan"))
        say(fields.place_of("ha_mode"), "ha_mode and ctl_chan belong together: '" + entry.key + "' has no ctl_chan");
    if (channel && !failover && !fields.has("ha_mode"))
        say(fields.place_of("ctl_chan"), "ha_mode and ctl_chan belong together: '" + entry.key + "' has no ha_mode");
    if (!channel) return;
    const auto* adapter = check_virtual_ethernet(*channel, partition);
    if (adapter && adapter->is_trunk())
        say(channel->place, "control channel " + channel->text + " of " + owner(partition) +
                                " is a trunk adapter: its trunk priority must be 0");
    claim_device(channel->place, channel->text);
    sea.ctl_chan = channel->text;
}

/// "array.lun"; says what there is instead.
const LunDescription* Reading::find_lun(const Node& lun) {
    const auto dot = lun.text.find('.');
    const auto* array = find_array(lun.text.substr(0, dot));
    if (!array) {
        if (trusted("fabric.storage")) unknown_name(lun.place, "array", lun.text.substr(0, dot), array_names());
        return nullptr;
    }
    const auto name = lun.text.substr(dot + 1);
    const auto found = std::ranges::find(array->luns, name, &LunDescription::name);
    if (found != array->luns.end()) return &*found;
    std::vector<std::string> known;
    for (const auto& one : array->luns) known.push_back(one.name);
    if (trusted("fabric.storage." + array->config.name + ".luns"))
        unknown_name(lun.place, "logical unit in '" + array->config.name + "' called", name, known);
    return nullptr;
}

void Reading::check_masked(const Node& lun, const PartitionDescription& partition) {
    const auto* found = find_lun(lun);
    if (!found) return;
    const auto dot = lun.text.find('.');
    const auto path = "fabric.storage." + lun.text.substr(0, dot) + ".luns." + found->name;
    if (!is_masked_to(*found, partition) && flawless(path))
        say(lun.place,
            "'" + lun.text + "' is not masked to " + owner(partition) + ": add it to the hosts of the logical unit");
}

void Reading::read_virtual_target(const Entry& entry, PartitionDescription& partition) {
    const Fields fields(&entry.value);
    VirtualTargetDescription target;
    target.device = entry.key;
    if (const auto* lun = fields.scalar("vdev")) {
        check_masked(*lun, partition);
        claim_device(lun->place, lun->text);
        target.lun = lun->text;
    }
    if (const auto* slot = fields.scalar("vadapter")) {
        target.vadapter = slot_of(slot->text);
        const auto& adapters = partition.config.profile.virtual_scsi_adapters;
        const auto adapter = std::ranges::find(adapters, target.vadapter, &hypervisor::VirtualScsiAdapter::slot_num);
        const bool server = adapter != adapters.end() && adapter->adapter_type == hypervisor::AdapterRole::kServer;
        if (!server && flawless("partitions." + partition.config.name + ".profile.virtual_scsi_adapters")) {
            std::vector<std::string> known;
            for (const auto& one : adapters) known.push_back("V" + std::to_string(one.slot_num.value()));
            unknown_name(slot->place, "virtual SCSI server adapter in " + owner(partition) + " in slot", slot->text,
                         known);
        }
    }
    partition.vios->virtual_targets.push_back(std::move(target));
}

void Reading::read_vfc_mapping(const Entry& entry, PartitionDescription& partition) {
    VfcMappingDescription mapping;
    mapping.vadapter = slot_of(entry.key);
    const auto& adapters = partition.config.profile.virtual_fc_adapters;
    const auto adapter = std::ranges::find(adapters, mapping.vadapter, &hypervisor::VirtualFcAdapter::slot_num);
    const bool server = adapter != adapters.end() && adapter->adapter_type == hypervisor::AdapterRole::kServer;
    if (!server && flawless("partitions." + partition.config.name + ".profile.virtual_fc_adapters")) {
        std::vector<std::string> known;
        for (const auto& one : adapters) known.push_back("V" + std::to_string(one.slot_num.value()));
        unknown_name(entry.key_place, "virtual Fibre Channel server adapter in " + owner(partition) + " in slot",
                     entry.key, known);
    }
    if (!entry.value.is_scalar()) return;
    check_owned_port(entry.value, partition, hypervisor::AdapterKind::kFibreChannel);
    mapping.port = entry.value.text;
    partition.vios->vfc_mappings.push_back(std::move(mapping));
}

}  // namespace pvmsim::scenarios
