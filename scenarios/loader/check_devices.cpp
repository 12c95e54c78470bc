// Ethernet devices of a partition seen together: names that the system gives itself, what stands on an adapter, VLANs
// of a SEA (R-NET-02, R-NET-04). AIX and the VIOS refuse these mistakes, so they are told here, at their place.
// What only a running system knows, such as the number of a disk, is left to the run.
#include <algorithm>
#include <array>
#include <map>

#include "scenarios/loader/reading.hpp"

namespace pvmsim::scenarios {

namespace {

using VirtualAdapters = std::vector<hypervisor::VirtualEthernetAdapter>;

std::string slot_name(hypervisor::SlotNumber slot) { return "V" + std::to_string(slot.value()); }

std::string device_name(std::size_t number) { return "ent" + std::to_string(number); }

const hypervisor::VirtualEthernetAdapter* adapter_in(const VirtualAdapters& adapters, std::string_view name) {
    const auto found = std::ranges::find(
        adapters, name, [](const hypervisor::VirtualEthernetAdapter& one) { return slot_name(one.slot_num); });
    return found == adapters.end() ? nullptr : &*found;
}

std::vector<wire::VlanId> vlans_of(const hypervisor::VirtualEthernetAdapter& adapter) {
    std::vector<wire::VlanId> vlans{adapter.port_vlan_id};
    if (adapter.ieee_virtual_eth) vlans.insert(vlans.end(), adapter.addl_vlan_ids.begin(), adapter.addl_vlan_ids.end());
    return vlans;
}

/// Virtual target devices may have any name but one that drivers give.
bool is_name_of_other_kind(std::string_view name) {
    static constexpr std::array<std::string_view, 8> kPrefixes{"ent",   "en",      "fcs",   "fscsi",
                                                               "vhost", "vfchost", "vscsi", "hdisk"};
    return std::ranges::any_of(kPrefixes, [&](std::string_view prefix) {
        return name.size() > prefix.size() && name.starts_with(prefix) &&
               name.find_first_not_of("0123456789", prefix.size()) == std::string_view::npos;
    });
}

/// Who uses which adapter before interfaces come: SEAs and link aggregations.
std::map<std::string, std::string> users_of_adapters(const PartitionDescription& partition) {
    std::map<std::string, std::string> users;
    const auto add = [&](const std::vector<LinkAggregationDescription>& groups) {
        for (const auto& group : groups) {
            for (const auto& member : group.adapter_names) users.emplace(member, group.name);
            if (!group.backup_adapter.empty()) users.emplace(group.backup_adapter, group.name);
        }
    };
    add(partition.link_aggregations);
    if (!partition.vios) return users;
    add(partition.vios->link_aggregations);
    for (const auto& sea : partition.vios->shared_ethernet_adapters) {
        for (const auto& trunk : sea.virt_adapters) users.emplace(trunk, sea.name);
        if (!sea.ctl_chan.empty()) users.emplace(sea.ctl_chan, sea.name);
        users.emplace(sea.real_adapter, sea.name);
    }
    return users;
}

}  // namespace

/// ent0, ent1, ...: virtual adapters and the ports of adapters that it owns.
std::size_t Reading::count_found_adapters(const PartitionDescription& partition) const {
    std::size_t found = partition.config.profile.virtual_eth_adapters.size();
    const auto* system = find_system(partition.system);
    if (!system) return found;
    for (const auto& request : partition.config.profile.io_slots)
        for (const auto& adapter : system->adapters)
            if (adapter.slot.drc_index == request.drc_index && adapter.slot.kind == hypervisor::AdapterKind::kEthernet)
                found += adapter.ports.size();
    return found;
}

std::vector<std::string> Reading::ethernet_devices(const PartitionDescription& partition) const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count_found_adapters(partition); ++i) names.push_back(device_name(i));
    for (const auto& group : partition.link_aggregations) names.push_back(group.name);
    if (!partition.vios) return names;
    for (const auto& group : partition.vios->link_aggregations) names.push_back(group.name);
    for (const auto& sea : partition.vios->shared_ethernet_adapters) names.push_back(sea.name);
    return names;
}

void Reading::check_devices(std::size_t index) {
    const auto& partition = scenario_.partitions[index];
    const auto path = "partitions." + partition.config.name;
    const Fields fields(&notes_[index].entry->value);
    const auto vios = fields.inner("vios");
    const bool is_known = flawless(path + ".profile.virtual_eth_adapters") && flawless(path + ".profile.io_slots") &&
                          flawless("systems." + partition.system);
    if (is_known) {
        for (const auto& entry : fields.entries("link_aggregations")) check_made_name(entry, partition);
        for (const auto& entry : vios.entries("link_aggregations")) check_made_name(entry, partition);
        for (const auto& entry : vios.entries("shared_ethernet_adapters")) {
            check_made_name(entry, partition);
            check_sea_vlans(Fields(&entry.value), entry.key, partition);
        }
    }
    for (const auto& entry : vios.entries("virtual_targets"))
        if (is_name_of_other_kind(entry.key))
            say(entry.key_place, "virtual target '" + entry.key + "' would have the name of another kind of device");
    if (flawless(path + ".interfaces")) check_carriers(fields, partition);
}

void Reading::check_made_name(const Entry& entry, const PartitionDescription& partition) {
    const auto found = count_found_adapters(partition);
    const auto taken = ethernet_devices(partition);
    for (std::size_t number = 0; number < found; ++number) {
        if (entry.key != device_name(number)) continue;
        auto free = found;
        while (std::ranges::find(taken, device_name(free)) != taken.end()) ++free;
        return say(entry.key_place, "'" + entry.key + "' is the name of an adapter that '" + partition.config.name +
                                        "' finds by itself; the first free one is " + device_name(free));
    }
}

void Reading::check_sea_vlans(const Fields& fields, const std::string& name, const PartitionDescription& partition) {
    std::map<wire::VlanId, std::string> trunks;
    const auto& adapters = partition.config.profile.virtual_eth_adapters;
    for (const auto& item : fields.items("virt_adapters")) {
        const auto* adapter = item.is_scalar() ? adapter_in(adapters, item.text) : nullptr;
        if (!adapter) continue;
        for (const auto vlan : vlans_of(*adapter)) {
            const auto [first, is_new] = trunks.try_emplace(vlan, item.text);
            if (!is_new && first->second != item.text)
                say(item.place, "VLAN " + std::to_string(vlan.value()) + " is on two trunk adapters of '" + name +
                                    "', " + first->second + " and " + item.text);
        }
    }
    const auto* written = fields.scalar("ip_vlan");
    const auto vlan = fields.vlan("ip_vlan");
    if (written && vlan && vlan != fields.vlan("pvid") && !trunks.empty() && !trunks.contains(*vlan))
        say(written->place, "'" + name + "' does not carry VLAN " + written->text + ": no trunk adapter of it has it");
}

/// One thing stands on an adapter: an interface, a link aggregation or a SEA.
void Reading::check_carriers(const Fields& fields, const PartitionDescription& partition) {
    auto users = users_of_adapters(partition);
    const auto& written = fields.entries("interfaces");
    for (std::size_t i = 0; i < written.size() && i < partition.interfaces.size(); ++i) {
        const auto& interface = partition.interfaces[i];
        const auto adapter = interface.adapter.empty() ? slot_name(interface.slot) : interface.adapter;
        const auto [first, is_new] = users.try_emplace(adapter, written[i].key);
        const auto* place = Fields(&written[i].value).scalar("adapter");
        if (!is_new && place)
            say(place->place,
                "'" + written[i].key + "' cannot use adapter " + adapter + ", which '" + first->second + "' uses");
    }
}

/// A remote host is behind gateways: its address is nobody's on the LAN.
void Reading::check_remote_addresses() {
    const auto written = Fields(&root_).inner("fabric").inner("lan").inner("remote_hosts");
    for (const auto& entry : written.entries()) {
        const auto* place = Fields(&entry.value).scalar("address");
        const auto address = Fields(&entry.value).address("address");
        if (!address) continue;
        const auto owner = owner_of(*address);
        if (!owner.empty())
            say(place->place, wire::to_string(*address) + " is the address of " + owner +
                                  "; a remote host is in no network of the site");
    }
}

std::string Reading::owner_of(wire::Ipv4Address address) const {
    for (const auto& host : scenario_.fabric.lan.hosts)
        for (const auto& [vlan, ip] : host.config.addresses)
            if (ip == address) return "host '" + host.config.name + "'";
    for (const auto& partition : scenario_.partitions) {
        const auto of = " of '" + partition.config.name + "'";
        for (std::size_t i = 0; i < partition.interfaces.size(); ++i)
            if (partition.interfaces[i].ip == address) return "'en" + std::to_string(i) + "'" + of;
        if (!partition.vios) continue;
        for (const auto& sea : partition.vios->shared_ethernet_adapters)
            if (sea.ip == address) return "'" + sea.name + "'" + of;
    }
    return {};
}

}  // namespace pvmsim::scenarios
