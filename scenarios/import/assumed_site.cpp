// Rules for what the listings do not tell; see assumed_site.hpp and docs/import.md, which lists them for the reader of
// a generated scenario.
#include "scenarios/import/assumed_site.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "scenarios/import/sea_grouping.hpp"
#include "scenarios/recordings/recorded_text.hpp"

namespace pvmsim::scenarios {

namespace {

using hypervisor::AdapterKind;
using hypervisor::AdapterRole;
using hypervisor::PartitionEnvironment;
using hypervisor::PartitionId;
using hypervisor::SlotNumber;

constexpr std::uint32_t kEthernetPortsDefault = 2;      ///< [PARAM] our choice; what a description tells goes first
constexpr std::uint32_t kBridgePortsDefault = 4;        ///< [PARAM] four-port Ethernet adapters sit behind a bridge
constexpr std::uint32_t kFibreChannelPortsDefault = 2;  ///< [PARAM]
/// Indices of slots that we add: none of the listed ones begins so.
constexpr std::uint32_t kAssumedDrcIndex = 0x21ff0000;

class SiteBuilder {
  public:
    explicit SiteBuilder(const RecordedMachine& machine) : machine_(machine) {}

    AssumedSite build() {
        take_slots();
        build_network();
        build_storage();
        name_seas();
        return std::move(site_);
    }

  private:
    void take_slots();
    AssumedSlot& add_slot(PartitionId owner, AdapterKind kind, std::uint32_t ports, std::string note);

    void build_network();
    void build_group(const SeaGroup& group);
    SlotNumber control_channel_of(const SeaGroup& group, PartitionId vios, wire::VlanId vlan) const;
    void assume_control_channel(const SeaGroup& group);
    wire::VlanId unused_vlan() const;
    SlotNumber unused_slot(PartitionId vios) const;
    std::string take_ethernet_port(PartitionId vios, std::size_t sea);
    void name_seas();

    void build_storage();
    void build_scsi_disks(const RecordedPartition& client);
    void build_fibre_channel_disk(const RecordedPartition& client);
    bool is_served(const RecordedPartition& client, const hypervisor::VirtualScsiAdapter& adapter);
    bool map_fibre_channel(const RecordedPartition& client, const hypervisor::VirtualFcAdapter& adapter);
    std::vector<std::string> fibre_channel_ports(PartitionId vios);

    const RecordedPartition* find(PartitionId id) const;
    std::string lun_name(const std::string& client, std::string_view what);

    const RecordedMachine& machine_;
    AssumedSite site_;
    std::map<PartitionId, std::vector<std::string>> fibre_channel_ports_;
    std::map<PartitionId, std::size_t> mappings_;
    std::set<std::string> lun_names_;
};

const RecordedPartition* SiteBuilder::find(PartitionId id) const {
    const auto found = std::ranges::find(machine_.partitions, id, &RecordedPartition::lpar_id);
    return found == machine_.partitions.end() ? nullptr : &*found;
}

// --- slots ---

void SiteBuilder::take_slots() {
    for (const auto& slot : machine_.slots) {
        AssumedSlot assumed{slot, {}, true, {}, {}, {}};
        for (const auto& partition : machine_.partitions) {
            const bool owns =
                std::ranges::find(partition.profile.io_slots, slot.config.drc_index,
                                  &hypervisor::IoSlotRequest::drc_index) != partition.profile.io_slots.end();
            const auto* before = find(assumed.owner);
            if (owns && (before == nullptr || (partition.running && !before->running)))
                assumed.owner = partition.lpar_id;
        }
        auto& config = assumed.slot.config;
        if (config.kind == AdapterKind::kEthernet && config.ports == 0) config.ports = kEthernetPortsDefault;
        if (config.kind == AdapterKind::kFibreChannel && config.ports == 0) config.ports = kFibreChannelPortsDefault;
        site_.slots.push_back(std::move(assumed));
    }
}

AssumedSlot& SiteBuilder::add_slot(PartitionId owner, AdapterKind kind, std::uint32_t ports, std::string note) {
    std::uint64_t number = 0;
    std::uint32_t added = 0;
    for (const auto& slot : site_.slots) {
        const auto& location = slot.slot.config.location;
        if (!slot.listed) ++added;
        if (location.starts_with('C')) number = std::max(number, whole_number(location.substr(1), 10'000).value_or(0));
    }
    AssumedSlot slot;
    slot.slot.config.location = "C" + std::to_string(number + 1);
    slot.slot.config.drc_index = hypervisor::DrcIndex(kAssumedDrcIndex + added + 1);
    slot.slot.config.kind = kind;
    slot.slot.config.ports = ports;
    slot.slot.config.description = "Assumed adapter";
    slot.owner = owner;
    slot.listed = false;
    slot.note = std::move(note);
    return site_.slots.emplace_back(std::move(slot));
}

// --- network ---

void SiteBuilder::build_network() {
    std::set<wire::VlanId> vlans;
    for (const auto& group : group_trunks(machine_)) {
        for (const auto& trunk : group.trunks) {
            for (const auto vlan : vlans_of(trunk.adapter)) vlans.insert(vlan);
        }
        build_group(group);
    }
    site_.vlans.assign(vlans.begin(), vlans.end());
    if (site_.seas.empty()) site_.notes.emplace_back("no VIOS has a trunk adapter: nothing bridges to the outside LAN");
}

std::string vlan_list(const std::vector<TrunkAdapter>& trunks) {
    std::set<wire::VlanId> vlans;
    for (const auto& trunk : trunks) {
        for (const auto vlan : vlans_of(trunk.adapter)) vlans.insert(vlan);
    }
    std::string text;
    for (const auto vlan : vlans) text += (text.empty() ? "" : ", ") + std::to_string(vlan.value());
    return text;
}

void SiteBuilder::build_group(const SeaGroup& group) {
    const auto vioses = group.vioses();
    const bool paired = vioses.size() > 1;
    if (paired && group.control_vlan == wire::kUntagged) assume_control_channel(group);
    for (const auto vios : vioses) {
        AssumedSea sea;
        sea.vios = vios;
        for (const auto& trunk : group.trunks) {
            if (trunk.vios == vios) sea.trunks.push_back(trunk.adapter);
        }
        if (paired) {
            sea.control_channel = control_channel_of(group, vios, group.control_vlan);
            sea.note = "failover partners by their common VLANs (" + vlan_list(group.trunks) + ")";
            if (group.control_vlan == wire::kUntagged) sea.note += "; the control channel is assumed";
        } else {
            sea.note = "no other VIOS has a trunk adapter in VLAN " + vlan_list(group.trunks) +
                       ": no failover, the VLAN is lost with this VIOS";
            site_.notes.push_back(find(vios)->name + ": " + sea.note);
        }
        sea.real_adapter = take_ethernet_port(vios, site_.seas.size());
        site_.seas.push_back(std::move(sea));
    }
}

SlotNumber SiteBuilder::control_channel_of(const SeaGroup& group, PartitionId vios, wire::VlanId vlan) const {
    if (vlan == wire::kUntagged) return site_.control_channels.at(vios).back().slot_num;
    const auto& vswitch = group.trunks.front().adapter.vswitch;
    for (const auto& adapter : find(vios)->profile.virtual_eth_adapters) {
        if (!adapter.is_trunk() && adapter.port_vlan_id == vlan && adapter.vswitch == vswitch) return adapter.slot_num;
    }
    return {};
}

void SiteBuilder::assume_control_channel(const SeaGroup& group) {
    const auto vlan = unused_vlan();
    for (const auto vios : group.vioses()) {
        hypervisor::VirtualEthernetAdapter adapter;
        adapter.slot_num = unused_slot(vios);
        adapter.port_vlan_id = vlan;
        adapter.vswitch = group.trunks.front().adapter.vswitch;
        site_.control_channels[vios].push_back(adapter);
    }
    site_.notes.push_back("no adapter pair of the VIOSes looks like a control channel for VLAN " +
                          vlan_list(group.trunks) + ": one is assumed in VLAN " + std::to_string(vlan.value()));
}

wire::VlanId SiteBuilder::unused_vlan() const {
    std::set<wire::VlanId> used{wire::kVlanIdFirmware};
    for (const auto& partition : machine_.partitions) {
        for (const auto& adapter : partition.profile.virtual_eth_adapters) {
            for (const auto vlan : vlans_of(adapter)) used.insert(vlan);
        }
    }
    for (const auto& [vios, adapters] : site_.control_channels) {
        for (const auto& adapter : adapters) used.insert(adapter.port_vlan_id);
    }
    auto vlan = wire::kVlanIdMax;
    while (used.contains(vlan)) vlan = wire::VlanId(static_cast<std::uint16_t>(vlan.value() - 1));
    return vlan;
}

SlotNumber SiteBuilder::unused_slot(PartitionId vios) const {
    const auto& profile = find(vios)->profile;
    std::set<SlotNumber> used;
    for (const auto& adapter : profile.virtual_eth_adapters) used.insert(adapter.slot_num);
    for (const auto& adapter : profile.virtual_scsi_adapters) used.insert(adapter.slot_num);
    for (const auto& adapter : profile.virtual_fc_adapters) used.insert(adapter.slot_num);
    if (const auto assumed = site_.control_channels.find(vios); assumed != site_.control_channels.end()) {
        for (const auto& adapter : assumed->second) used.insert(adapter.slot_num);
    }
    std::uint16_t slot = 2;  // 0 and 1 are the virtual serial adapters
    while (used.contains(SlotNumber(slot))) ++slot;
    return SlotNumber(slot);
}

/// The next free port of the VIOS: of its Ethernet adapters, then of adapters behind a bridge, then of an added one.
std::string SiteBuilder::take_ethernet_port(PartitionId vios, std::size_t sea) {
    const auto free_port = [&](AssumedSlot& slot) {
        const auto port = static_cast<std::uint32_t>(slot.sea_of_port.size() + 1);
        if (slot.owner != vios || port > slot.slot.config.ports) return std::string();
        slot.sea_of_port.emplace(port, sea);
        return slot.slot.config.location + "-T" + std::to_string(port);
    };
    for (auto& slot : site_.slots) {
        if (slot.slot.config.kind != AdapterKind::kEthernet) continue;
        if (auto port = free_port(slot); !port.empty()) return port;
    }
    for (auto& slot : site_.slots) {
        auto& config = slot.slot.config;
        if (slot.owner != vios || config.kind != AdapterKind::kOther || slot.slot.pci_class != "0604") continue;
        config.kind = AdapterKind::kEthernet;
        if (config.ports == 0) config.ports = kBridgePortsDefault;
        slot.note = "the listing shows only a bridge (PCI class 0604); assumed to be a " +
                    std::to_string(config.ports) + "-port Ethernet adapter";
        return free_port(slot);
    }
    return free_port(add_slot(vios, AdapterKind::kEthernet, kBridgePortsDefault,
                              "not in the listing: the VIOS needs an Ethernet adapter for its SEA"));
}

/// The next free device number, as mkvdev would take it: after the physical ports and the virtual adapters.
void SiteBuilder::name_seas() {
    std::map<PartitionId, std::size_t> next;
    for (auto& sea : site_.seas) {
        if (!next.contains(sea.vios)) {
            auto& number = next[sea.vios];
            number = find(sea.vios)->profile.virtual_eth_adapters.size();
            if (site_.control_channels.contains(sea.vios)) number += site_.control_channels[sea.vios].size();
            for (const auto& slot : site_.slots) {
                const auto& config = slot.slot.config;
                if (slot.owner == sea.vios && config.kind == AdapterKind::kEthernet) number += config.ports;
            }
        }
        sea.name = "ent" + std::to_string(next[sea.vios]++);
    }
}

// --- storage ---

void SiteBuilder::build_storage() {
    for (const auto& partition : machine_.partitions) {
        if (partition.lpar_env == PartitionEnvironment::kVioServer) continue;
        build_scsi_disks(partition);
        build_fibre_channel_disk(partition);
    }
}

std::string SiteBuilder::lun_name(const std::string& client, std::string_view what) {
    std::string name;
    for (const char c : client) {
        const bool plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        name += plain ? c : '_';
    }
    name += '_';
    name += what;
    while (!lun_names_.insert(name).second) name += 'x';
    return name;
}

/// True when the adapter's server is a VIOS's and meant for this client.
bool SiteBuilder::is_served(const RecordedPartition& client, const hypervisor::VirtualScsiAdapter& adapter) {
    const auto* vios = find(adapter.remote_lpar_id);
    if (vios != nullptr && vios->lpar_env == PartitionEnvironment::kVioServer) {
        for (const auto& server : vios->profile.virtual_scsi_adapters) {
            if (server.adapter_type != AdapterRole::kServer || server.slot_num != adapter.remote_slot_num) continue;
            if (server.remote_lpar_id == hypervisor::kNoPartition || server.remote_lpar_id == client.lpar_id)
                return true;
        }
    }
    site_.notes.push_back(client.name + ": the partner of virtual SCSI adapter V" +
                          std::to_string(adapter.slot_num.value()) +
                          " is no VIOS adapter in the listings: no disk behind it");
    return false;
}

void SiteBuilder::build_scsi_disks(const RecordedPartition& client) {
    std::map<PartitionId, std::vector<hypervisor::VirtualScsiAdapter>> by_vios;
    std::size_t disks = 0;
    for (const auto& adapter : client.profile.virtual_scsi_adapters) {
        if (adapter.adapter_type != AdapterRole::kClient || !is_served(client, adapter)) continue;
        auto& adapters = by_vios[adapter.remote_lpar_id];
        adapters.push_back(adapter);
        disks = std::max(disks, adapters.size());
    }
    for (std::size_t disk = 0; disk < disks; ++disk) {
        AssumedLun lun{lun_name(client.name, "disk" + std::to_string(disk)), {}};
        for (const auto& [vios, adapters] : by_vios) {
            if (disk >= adapters.size()) continue;
            const auto target = std::ranges::count(site_.targets, vios, &AssumedTarget::vios);
            site_.targets.push_back(
                {vios, "vtscsi" + std::to_string(target), lun.name, *adapters[disk].remote_slot_num});
            lun.hosts.push_back(vios);
            fibre_channel_ports(vios);
        }
        site_.luns.push_back(std::move(lun));
    }
}

void SiteBuilder::build_fibre_channel_disk(const RecordedPartition& client) {
    bool any = false;
    for (const auto& adapter : client.profile.virtual_fc_adapters) {
        const auto* vios = find(adapter.remote_lpar_id);
        if (adapter.adapter_type != AdapterRole::kClient) continue;
        if (vios == nullptr || vios->lpar_env != PartitionEnvironment::kVioServer) {
            site_.notes.push_back(client.name + ": the partner of virtual Fibre Channel adapter V" +
                                  std::to_string(adapter.slot_num.value()) + " is no VIOS in the listings");
            continue;
        }
        any = map_fibre_channel(client, adapter) || any;
    }
    if (any) site_.luns.push_back({lun_name(client.name, "npiv0"), {client.lpar_id}});
}

/// The VIOS's ports are used in turn. False: there is no server adapter to map.
bool SiteBuilder::map_fibre_channel(const RecordedPartition& client, const hypervisor::VirtualFcAdapter& adapter) {
    const auto vios = adapter.remote_lpar_id;
    const auto& servers = find(vios)->profile.virtual_fc_adapters;
    const auto server = std::ranges::find(servers, adapter.remote_slot_num, &hypervisor::VirtualFcAdapter::slot_num);
    if (server == servers.end() || server->adapter_type != AdapterRole::kServer) {
        site_.notes.push_back(client.name + ": virtual Fibre Channel adapter V" +
                              std::to_string(adapter.slot_num.value()) + " has no server adapter in the listings");
        return false;
    }
    const auto ports = fibre_channel_ports(vios);
    site_.mappings.push_back({vios, server->slot_num, ports[mappings_[vios]++ % ports.size()]});
    return true;
}

/// The Fibre Channel ports of a VIOS, cabled to the two fabrics in turn; an adapter is added where there is none.
std::vector<std::string> SiteBuilder::fibre_channel_ports(PartitionId vios) {
    auto& ports = fibre_channel_ports_[vios];
    if (!ports.empty()) return ports;
    const auto is_usable = [&](const AssumedSlot& slot) {
        return slot.owner == vios && slot.slot.config.kind == AdapterKind::kFibreChannel;
    };
    if (std::ranges::none_of(site_.slots, is_usable)) {
        add_slot(vios, AdapterKind::kFibreChannel, kFibreChannelPortsDefault,
                 "not in the listing: the VIOS needs a Fibre Channel adapter for the disks it serves");
    }
    for (auto& slot : site_.slots) {
        if (!is_usable(slot)) continue;
        for (std::uint32_t port = 1; port <= slot.slot.config.ports; ++port) {
            slot.fc_switch_of_port.emplace(port, kAssumedFcSwitches[ports.size() % std::size(kAssumedFcSwitches)]);
            ports.push_back(slot.slot.config.location + "-T" + std::to_string(port));
        }
    }
    return ports;
}

}  // namespace

AssumedSite assume_site(const RecordedMachine& machine) { return SiteBuilder(machine).build(); }

}  // namespace pvmsim::scenarios
