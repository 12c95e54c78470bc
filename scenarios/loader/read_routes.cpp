// `routes:` - default routes of a partition, and `remote_hosts:`, what they lead to. A gateway must be in the network
// of the interface that reaches it: without a netmask every address is a neighbour and no route is ever asked.
#include <algorithm>

#include "aix/network/internet_extension.hpp"
#include "scenarios/loader/reading.hpp"

namespace pvmsim::scenarios {

namespace {

/// An interface that a route may name.
struct Reachable {
    std::string name;
    wire::Ipv4Address ip;
    std::uint8_t prefix_length;

    [[nodiscard]] bool has(wire::Ipv4Address address) const {
        const auto shift = 32u - prefix_length;
        return prefix_length != 0 && address.value() >> shift == ip.value() >> shift;
    }
};

std::vector<Reachable> interfaces_of(const PartitionDescription& partition) {
    std::vector<Reachable> interfaces;
    for (std::size_t i = 0; i < partition.interfaces.size(); ++i)
        interfaces.push_back(
            {"en" + std::to_string(i), partition.interfaces[i].ip, partition.interfaces[i].prefix_length});
    if (partition.vios)
        for (const auto& sea : partition.vios->shared_ethernet_adapters)
            if (sea.ip) interfaces.push_back({"en" + sea.name.substr(3), *sea.ip, sea.prefix_length});
    return interfaces;
}

}  // namespace

void Reading::read_routes(std::size_t index) {
    auto& partition = scenario_.partitions[index];
    const Fields fields(&notes_[index].entry->value);
    for (const auto& entry : fields.inner("network_options").entries())
        if (entry.value.is_scalar()) partition.network_options.emplace_back(entry.key, entry.value.text);
    const auto path = "partitions." + partition.config.name;
    if (fields.items("routes").empty() || !flawless(path)) return;
    if (fields.items("routes").size() > aix::InternetExtension::kRoutesMax)
        return say(fields.place_of("routes"), "a partition has at most 32 routes");
    const auto interfaces = interfaces_of(partition);
    for (std::size_t i = 0; i < interfaces.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (interfaces[i].ip == interfaces[j].ip)
                return say(fields.place_of("routes"),
                           "a partition with routes has different addresses: " + interfaces[j].name + " and " +
                               interfaces[i].name + " are both " + wire::to_string(interfaces[i].ip));
    for (const auto& item : fields.items("routes")) read_route(Fields(&item), partition);
}

void Reading::read_route(const Fields& fields, PartitionDescription& partition) {
    const auto gateway = fields.address("gateway");
    if (!gateway) return;
    const auto interfaces = interfaces_of(partition);
    RouteDescription route{.gateway = *gateway,
                           .interface = fields.text("interface"),
                           .cost = static_cast<std::uint32_t>(fields.number("cost").value_or(0)),
                           .active_dgd = fields.boolean("active_dgd").value_or(false)};
    const auto place = fields.scalar("gateway")->place;
    if (const auto own = std::ranges::find(interfaces, *gateway, &Reachable::ip); own != interfaces.end())
        return say(place, wire::to_string(*gateway) + " is the address of '" + own->name + "' of '" +
                              partition.config.name + "' itself; a gateway is somebody else");
    if (const auto* name = fields.scalar("interface")) {
        const auto found = std::ranges::find(interfaces, name->text, &Reachable::name);
        if (found == interfaces.end()) {
            std::vector<std::string> known;
            for (const auto& one : interfaces) known.push_back(one.name);
            return unknown_name(name->place, "interface in '" + partition.config.name + "' called", name->text, known);
        }
        if (!found->has(*gateway))
            return say(place, wire::to_string(*gateway) + " is not in the network of '" + name->text +
                                  "'; its ip and netmask tell that");
    } else {
        const auto found = std::ranges::find_if(interfaces, [&](const Reachable& one) { return one.has(*gateway); });
        if (found == interfaces.end())
            return say(place, wire::to_string(*gateway) + " is in the network of no interface of '" +
                                  partition.config.name + "'; their ip and netmask tell that");
        route.interface = found->name;
    }
    partition.routes.push_back(std::move(route));
}

void Reading::read_remote_host(const Entry& entry) {
    const Fields fields(&entry.value);
    RemoteHostDescription host;
    host.name = entry.key;
    host.address = fields.address("address").value_or(wire::kNoIpv4);
    if (find_host(entry.key)) return say(entry.key_place, "'" + entry.key + "' is a host of the LAN already");
    for (const auto& item : fields.items("behind")) {
        if (!item.is_scalar()) continue;
        if (!find_host(item.text)) {
            if (trusted("fabric.lan.hosts")) unknown_name(item.place, "host", item.text, host_names());
            continue;
        }
        if (std::ranges::find(host.behind, item.text) != host.behind.end())
            say(item.place, "'" + item.text + "' is here twice");
        host.behind.push_back(item.text);
    }
    const auto& others = scenario_.fabric.lan.remote_hosts;
    const auto other = std::ranges::find(others, host.address, &RemoteHostDescription::address);
    if (other != others.end() && fields.address("address"))
        say(fields.scalar("address")->place,
            wire::to_string(host.address) + " is the address of '" + other->name + "' already");
    scenario_.fabric.lan.remote_hosts.push_back(std::move(host));
}

}  // namespace pvmsim::scenarios
