// IP interfaces of partitions, and the addresses that the file leaves open (hosts included).
//
// An address that is left open is 10.<VLAN's upper 8 bits>.<lower 4 bits, index / 256>.<index mod 256>, the index
// running over partitions in the order of the file, then hosts; one that is taken gives way to the next. So an address
// tells its VLAN, and adding a partition at the end changes no other's.
#include <algorithm>
#include <bit>

#include "aix/odm/predefined.hpp"
#include "scenarios/loader/reading.hpp"
#include "scenarios/schema/quantities.hpp"

namespace pvmsim::scenarios {

namespace {

std::string slot_name(const hypervisor::VirtualEthernetAdapter& adapter) {
    return "V" + std::to_string(adapter.slot_num.value());
}

const hypervisor::VirtualEthernetAdapter* adapter_in(const PartitionDescription& partition, const std::string& name) {
    const auto& adapters = partition.config.profile.virtual_eth_adapters;
    const auto found = std::ranges::find(adapters, name, slot_name);
    return found == adapters.end() ? nullptr : &*found;
}

bool is_interface_attribute(std::string_view name) {
    return std::ranges::count(aix::interface_attributes(), name, &aix::AttributeDefinition::name) != 0;
}

/// The link aggregation that has the adapter, if any.
const LinkAggregationDescription* aggregation_of(const PartitionDescription& partition, const std::string& name) {
    for (const auto& group : partition.link_aggregations)
        if (group.backup_adapter == name || std::ranges::find(group.adapter_names, name) != group.adapter_names.end())
            return &group;
    return nullptr;
}

}  // namespace

void Reading::claim(wire::VlanId vlan, wire::Ipv4Address address, Place place, const std::string& owner) {
    const auto [first, is_new] = addresses_.try_emplace({vlan, address}, owner, place);
    if (!is_new)
        say(place, wire::to_string(address) + " in VLAN " + std::to_string(vlan.value()) + " belongs to " +
                       first->second.first + " already");
}

wire::Ipv4Address Reading::choose_address(wire::VlanId vlan, std::size_t index) {
    for (auto candidate = static_cast<std::uint32_t>(index);; ++candidate) {
        const auto last = candidate & 0xff;
        if (last == 0 || last == 0xff) continue;  // look like network and broadcast addresses
        const std::uint32_t third = ((vlan.value() & 15u) << 4) | (candidate >> 8 & 15u);
        const wire::Ipv4Address address{10u << 24 | static_cast<std::uint32_t>(vlan.value() >> 4) << 16 | third << 8 |
                                        last};
        const auto& remote = scenario_.fabric.lan.remote_hosts;
        if (std::ranges::find(remote, address, &RemoteHostDescription::address) != remote.end()) continue;
        if (addresses_.try_emplace({vlan, address}, "another", Place{}).second) return address;
    }
}

void Reading::claim_explicit_addresses() {
    const auto hosts = Fields(&root_).inner("fabric").inner("lan");
    for (const auto& entry : hosts.entries("hosts")) {
        for (const auto& address : Fields(&entry.value).entries("addresses")) {
            const auto vlan = parse_integer(address.key);
            const auto ip = address.value.is_scalar() ? wire::parse_ipv4(address.value.text) : std::nullopt;
            if (vlan && *vlan <= wire::kVlanIdMax.value() && ip)
                claim(wire::VlanId{static_cast<std::uint16_t>(*vlan)}, *ip, address.value.place,
                      "host '" + entry.key + "'");
        }
    }
    for (const auto& partition : scenario_.partitions) {
        if (!partition.vios) continue;
        for (const auto& sea : partition.vios->shared_ethernet_adapters) {
            if (!sea.ip) continue;
            const auto* entry = Fields(&root_)
                                    .inner("partitions")
                                    .inner(partition.config.name)
                                    .inner("vios")
                                    .inner("shared_ethernet_adapters")
                                    .inner(sea.name)
                                    .scalar("ip");
            if (entry)
                claim(sea.ip_vlan, *sea.ip, entry->place, "'" + sea.name + "' of '" + partition.config.name + "'");
        }
    }
}

void Reading::read_interfaces() {
    claim_explicit_addresses();
    for (std::size_t i = 0; i < scenario_.partitions.size(); ++i) read_interfaces_of(i);
    // What is left open comes after everything that is written, so that it never takes a written address.
    std::size_t index = 0;
    for (auto& partition : scenario_.partitions) {
        ++index;
        for (auto& interface : partition.interfaces)
            if (interface.ip == wire::kNoIpv4) interface.ip = choose_address(interface.vlan, index);
    }
    for (auto& host : scenario_.fabric.lan.hosts) {
        ++index;
        for (auto& [vlan, ip] : host.config.addresses)
            if (ip == wire::kNoIpv4) ip = choose_address(vlan, index);
    }
    // Inside the scenario the adapter's own VLAN is "untagged", whatever its number.
    for (auto& partition : scenario_.partitions)
        for (auto& interface : partition.interfaces)
            if (interface.vlan == interface.port_vlan) interface.vlan = wire::kUntagged;
}

void Reading::read_interfaces_of(std::size_t index) {
    auto& partition = scenario_.partitions[index];
    const Fields fields(&notes_[index].entry->value);
    if (!fields.has("interfaces")) return add_usual_interfaces(partition);
    std::size_t expected = 0;
    for (const auto& entry : fields.entries("interfaces")) {
        // The n-th interface of a partition is en<n>: the description holds them in order, without names.
        if (entry.key != "en" + std::to_string(expected))
            say(entry.key_place,
                "interfaces are en0, en1, ... in this order; 'en" + std::to_string(expected) + "' is due here");
        ++expected;
        read_interface(entry, partition);
    }
}

void Reading::add_usual_interfaces(PartitionDescription& partition) {
    if (partition.config.lpar_env == hypervisor::PartitionEnvironment::kVioServer) return;
    auto adapters = partition.config.profile.virtual_eth_adapters;
    std::ranges::stable_sort(adapters, {}, &hypervisor::VirtualEthernetAdapter::slot_num);
    for (const auto& adapter : adapters)
        if (!adapter.is_trunk() && !aggregation_of(partition, slot_name(adapter)))
            partition.interfaces.push_back({.slot = adapter.slot_num,
                                            .vlan = adapter.port_vlan_id,
                                            .ip = wire::kNoIpv4,
                                            .port_vlan = adapter.port_vlan_id});
    for (const auto& group : partition.link_aggregations) {
        const auto carrier = carrier_of(group, partition);
        partition.interfaces.push_back({.slot = {},
                                        .vlan = carrier.port_vlan,
                                        .ip = wire::kNoIpv4,
                                        .adapter = group.name,
                                        .port_vlan = carrier.port_vlan});
    }
}

/// Untagged frames of a physical port are of the switch port's native VLAN.
InterfaceCarrier Reading::carrier_of_port(const std::string& name, const PartitionDescription& partition) const {
    const auto* system = find_system(partition.system);
    const auto* port = system ? find_port(*system, name, nullptr) : nullptr;
    return {.port_vlan = port ? port->lan.config.native_vlan : wire::VlanId{1}, .name = name};
}

InterfaceCarrier Reading::carrier_of(const LinkAggregationDescription& group,
                                     const PartitionDescription& partition) const {
    const auto& first = group.adapter_names.empty() ? group.backup_adapter : group.adapter_names.front();
    auto carrier = carrier_of_port(first, partition);
    carrier.name = group.name;
    carrier.adapter = adapter_in(partition, first);
    if (!carrier.adapter) return carrier;
    carrier.port_vlan = carrier.adapter->port_vlan_id;
    const auto* backup = adapter_in(partition, group.backup_adapter);
    carrier.may_tag = !backup || backup->vswitch != carrier.adapter->vswitch;
    return carrier;
}

std::optional<InterfaceCarrier> Reading::find_carrier(const Node& name, const PartitionDescription& partition) {
    if (const auto* group = aggregation_of(partition, name.text)) {
        say(name.place, "'" + name.text + "' belongs to link aggregation '" + group->name + "'");
        return std::nullopt;
    }
    if (is_virtual_slot(name.text)) {
        const auto* adapter = check_virtual_ethernet(name, partition);
        if (!adapter) return std::nullopt;
        return InterfaceCarrier{.adapter = adapter, .port_vlan = adapter->port_vlan_id};
    }
    const auto& groups = partition.link_aggregations;
    const auto group = std::ranges::find(groups, name.text, &LinkAggregationDescription::name);
    if (group != groups.end()) return carrier_of(*group, partition);
    if (name.text.starts_with("ent")) {
        std::vector<std::string> known;
        for (const auto& one : groups) known.push_back(one.name);
        unknown_name(name.place, "link aggregation in '" + partition.config.name + "' called", name.text, known);
        return std::nullopt;
    }
    const auto mistakes = errors_.all().size();
    check_owned_port(name, partition, hypervisor::AdapterKind::kEthernet);
    if (errors_.all().size() != mistakes) return std::nullopt;
    return carrier_of_port(name.text, partition);
}

void Reading::read_interface(const Entry& entry, PartitionDescription& partition) {
    const Fields interface(&entry.value);
    const auto flaw = [&] { flaws_.insert("partitions." + partition.config.name + ".interfaces." + entry.key); };
    const auto* name = interface.scalar("adapter");
    const auto carrier = name ? find_carrier(*name, partition) : std::nullopt;
    if (!carrier) return flaw();
    const auto vlan = interface.vlan("vlan").value_or(carrier->port_vlan);
    const auto* adapter = carrier->adapter;
    const bool carried = vlan == carrier->port_vlan || !adapter ||
                         std::ranges::find(adapter->addl_vlan_ids, vlan) != adapter->addl_vlan_ids.end();
    if (!carried) {
        flaw();
        say(interface.scalar("vlan")->place, "adapter " + name->text + " of '" + partition.config.name +
                                                 "' does not carry VLAN " + std::to_string(vlan.value()));
    } else if (vlan != carrier->port_vlan && !carrier->may_tag) {
        flaw();
        say(interface.scalar("vlan")->place,
            "Network Interface Backup over one virtual switch carries no VLAN tags: two virtual switches would");
    }
    const auto ip = interface.address("ip");
    if (ip) claim(vlan, *ip, interface.scalar("ip")->place, "'" + entry.key + "' of '" + partition.config.name + "'");
    AttributeValues attributes;
    for (const auto& attribute : interface.entries())
        if (attribute.value.is_scalar() && is_interface_attribute(attribute.key))
            attributes.emplace_back(attribute.key, attribute.value.text);
    partition.interfaces.push_back(
        {.slot = adapter && carrier->name.empty() ? adapter->slot_num : hypervisor::SlotNumber{},
         .vlan = vlan,
         .ip = ip.value_or(wire::kNoIpv4),
         .adapter = carrier->name,
         .port_vlan = carrier->port_vlan,
         .prefix_length = read_netmask(interface),
         .attributes = std::move(attributes)});
}

std::uint8_t Reading::read_netmask(const Fields& fields) {
    const auto mask = fields.address("netmask");
    if (!mask) return 0;
    const auto bits = std::countl_one(mask->value());
    if (bits < 32 && mask->value() << bits != 0)
        say(fields.scalar("netmask")->place, "'" + wire::to_string(*mask) + "' is no netmask: ones, then zeros");
    return static_cast<std::uint8_t>(bits);
}

}  // namespace pvmsim::scenarios
