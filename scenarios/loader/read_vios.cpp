// `vios:` - what a Virtual I/O Server makes of its adapters. Every device it names must exist, be of the right kind,
// and be used once. Its Ethernet devices are in read_sea.cpp and read_link_aggregation.cpp.
#include <algorithm>

#include "scenarios/description/paging_units.hpp"
#include "scenarios/loader/reading.hpp"
#include "scenarios/loader/suggest.hpp"
#include "scenarios/schema/quantities.hpp"

namespace pvmsim::scenarios {

namespace {

hypervisor::SlotNumber slot_of(std::string_view name) {
    return hypervisor::SlotNumber{static_cast<std::uint16_t>(parse_integer(name.substr(1)).value_or(0))};
}

std::string owner(const PartitionDescription& partition) { return "'" + partition.config.name + "'"; }

}  // namespace

void Reading::read_vios(std::size_t index) {
    auto& partition = scenario_.partitions[index];
    const Fields fields(&notes_[index].entry->value);
    devices_.clear();
    read_client_aggregations(fields, partition);
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
    const auto inner = fields.inner("vios");
    if (const auto* level = inner.scalar("level")) {
        if (const auto parsed = vios::parse_vios_level(level->text))
            partition.vios->level = *parsed;
        else
            say(level->place, "'" + level->text +
                                  "' is no level of a Virtual I/O Server: four numbers, as ioslevel prints it, like "
                                  "2.2.3.0");
    }
    for (const auto& entry : inner.entries("link_aggregations"))
        read_link_aggregation(entry, partition, partition.vios->link_aggregations);
    for (const auto& entry : inner.entries("shared_ethernet_adapters")) read_sea(entry, partition);
    for (const auto& entry : inner.entries("virtual_targets")) read_virtual_target(entry, partition);
    for (const auto& entry : inner.entries("vfc_mappings")) read_vfc_mapping(entry, partition);
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
