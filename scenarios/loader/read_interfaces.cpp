// IP interfaces of partitions, and the addresses that the file leaves open (hosts included).
//
// An address that is left open is 10.<VLAN's upper 8 bits>.<lower 4 bits, index / 256>.<index mod 256>, the index
// running over partitions in the order of the file, then hosts; one that is taken gives way to the next. So an address
// tells its VLAN, and adding a partition at the end changes no other's.
#include <algorithm>

#include "scenarios/loader/reading.hpp"
#include "scenarios/schema/quantities.hpp"

namespace pvmsim::scenarios {

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
    for (auto& partition : scenario_.partitions) {
        for (auto& interface : partition.interfaces) {
            const auto& adapters = partition.config.profile.virtual_eth_adapters;
            const auto adapter =
                std::ranges::find(adapters, interface.slot, &hypervisor::VirtualEthernetAdapter::slot_num);
            if (adapter != adapters.end() && adapter->port_vlan_id == interface.vlan) interface.vlan = wire::kUntagged;
        }
    }
}

void Reading::read_interfaces_of(std::size_t index) {
    auto& partition = scenario_.partitions[index];
    const Fields fields(&notes_[index].entry->value);
    if (!fields.has("interfaces")) {
        if (partition.config.lpar_env == hypervisor::PartitionEnvironment::kVioServer) return;
        auto adapters = partition.config.profile.virtual_eth_adapters;
        std::ranges::stable_sort(adapters, {}, &hypervisor::VirtualEthernetAdapter::slot_num);
        for (const auto& adapter : adapters)
            if (!adapter.is_trunk())
                partition.interfaces.push_back({adapter.slot_num, adapter.port_vlan_id, wire::kNoIpv4});
        return;
    }
    std::size_t expected = 0;
    for (const auto& entry : fields.entries("interfaces")) {
        const Fields interface(&entry.value);
        // The n-th interface of a partition is en<n>: the description holds them in order, without names.
        if (entry.key != "en" + std::to_string(expected))
            say(entry.key_place,
                "interfaces are en0, en1, ... in this order; 'en" + std::to_string(expected) + "' is due here");
        ++expected;
        const auto* name = interface.scalar("adapter");
        const auto* adapter = name ? check_virtual_ethernet(*name, partition) : nullptr;
        if (!adapter) {
            flaws_.insert("partitions." + partition.config.name + ".interfaces." + entry.key);
            continue;
        }
        const auto vlan = interface.vlan("vlan").value_or(adapter->port_vlan_id);
        const bool carried = vlan == adapter->port_vlan_id ||
                             std::ranges::find(adapter->addl_vlan_ids, vlan) != adapter->addl_vlan_ids.end();
        if (!carried) {
            flaws_.insert("partitions." + partition.config.name + ".interfaces." + entry.key);
            say(interface.scalar("vlan")->place, "adapter " + name->text + " of '" + partition.config.name +
                                                     "' does not carry VLAN " + std::to_string(vlan.value()));
        }
        const auto ip = interface.address("ip");
        if (ip)
            claim(vlan, *ip, interface.scalar("ip")->place, "'" + entry.key + "' of '" + partition.config.name + "'");
        partition.interfaces.push_back({adapter->slot_num, vlan, ip.value_or(wire::kNoIpv4)});
    }
}

}  // namespace pvmsim::scenarios
