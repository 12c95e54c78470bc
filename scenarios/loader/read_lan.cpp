// `fabric: lan:` - switches, the cables between them, hosts. VLANs must be known to the switch they are used on.
// A ring that no spanning tree can cut open is read as written: a run shows the storm.
#include <algorithm>

#include "scenarios/loader/reading.hpp"
#include "scenarios/schema/quantities.hpp"

namespace pvmsim::scenarios {

void Reading::read_lan(Fields lan) {
    for (const auto& entry : lan.entries("switches")) read_switch(entry);
    for (const auto& node : lan.items("links")) read_link(node);
    for (const auto& entry : lan.entries("hosts")) read_host(entry);
    for (const auto& entry : lan.entries("remote_hosts")) read_remote_host(entry);
}

void Reading::read_switch(const Entry& entry) {
    const Fields fields(&entry.value);
    fabric::SwitchConfig config;
    config.name = entry.key;
    config.vlans = read_vlans(fields);
    config.spanning_tree = fields.boolean("spanning_tree").value_or(true);
    config.bridge_priority =
        static_cast<std::uint16_t>(fields.number("bridge_priority").value_or(config.bridge_priority));
    config.forward_delay = fields.duration("forward_delay").value_or(config.forward_delay);
    config.mac_ageing = fields.duration("mac_ageing").value_or(config.mac_ageing);
    config.forwarding_latency = fields.duration("forwarding_latency").value_or(config.forwarding_latency);
    read_switch_guards(fields, config);
    scenario_.fabric.lan.switches.push_back(std::move(config));
}

void Reading::read_switch_guards(const Fields& fields, fabric::SwitchConfig& config) {
    const auto count = [&](std::string_view key, auto& value) {
        if (const auto written = fields.number(key))
            value = static_cast<std::remove_reference_t<decltype(value)>>(*written);
    };
    count("mtu", config.mtu_bytes);
    count("flooded_copies_max_per_s", config.flooded_copies_max_per_s);
    count("port_bits_per_s", config.port_bits_per_s);
    count("storm_loss_permille", config.storm_loss_permille);
    count("mac_flap_moves_max", config.mac_flap_moves_max);
    if (fields.text("storm_action") == "shutdown") config.storm_action = fabric::StormAction::kShutDown;
    config.mac_flap_interval = fields.duration("mac_flap_interval").value_or(config.mac_flap_interval);
    config.mac_flap_err_disable = fields.boolean("mac_flap_err_disable").value_or(config.mac_flap_err_disable);
    if (const auto recovery = fields.duration("err_disable_recovery")) {
        config.err_disable_recovery = recovery;
        if (recovery->count() == 0) config.err_disable_recovery.reset();
    }
}

bool Reading::check_switch(const Node* name) {
    if (!name || find_switch(name->text)) return name != nullptr;
    if (!trusted("fabric.lan.switches")) return false;
    if (find_fabric_of(name->text))
        say(name->place,
            "'" + name->text + "' is a Fibre Channel switch; an Ethernet port needs one of fabric.lan.switches");
    else
        unknown_name(name->place, "Ethernet switch", name->text, switch_names());
    return false;
}

void Reading::check_vlan(Place place, const std::string& switch_name, wire::VlanId vlan) {
    const auto* config = find_switch(switch_name);
    if (!config || config->vlans.empty() || !flawless("fabric.lan.switches." + switch_name)) return;
    if (std::ranges::find(config->vlans, vlan) == config->vlans.end())
        say(place, "switch '" + switch_name + "' does not know VLAN " + std::to_string(vlan.value()) +
                       "; add it to its vlans");
}

std::vector<wire::VlanId> Reading::read_vlans(const Fields& fields) {
    std::vector<std::string_view> seen;
    for (const auto& item : fields.items("vlans")) {
        if (!item.is_scalar()) continue;
        if (std::ranges::find(seen, item.text) != seen.end()) say(item.place, "VLAN " + item.text + " is here twice");
        seen.push_back(item.text);
    }
    return fields.vlans("vlans");
}

void Reading::read_link(const Node& node) {
    const Fields fields(&node);
    const auto *a = fields.scalar("a"), *b = fields.scalar("b");
    const bool known = check_switch(a) & check_switch(b);
    if (!known) return;
    if (a->text == b->text) return say(b->place, "a cable from switch '" + a->text + "' to itself");
    LanLinkDescription link;
    link.a = a->text;
    link.b = b->text;
    link.config.trunk = true;
    link.config.portfast = false;
    link.config.native_vlan = fields.vlan("native_vlan").value_or(wire::VlanId{1});
    link.config.allowed_vlans = read_vlans(fields);
    for (auto vlan : link.config.allowed_vlans)
        for (const auto& name : {link.a, link.b}) check_vlan(fields.place_of("vlans"), name, vlan);
    link.plugged = fields.boolean("plugged").value_or(true);
    scenario_.fabric.lan.links.push_back(std::move(link));
}

LanPortDescription Reading::read_lan_port(const Fields& fields) {
    LanPortDescription port;
    const bool cabled = fields.has("switch") && check_switch(fields.scalar("switch"));
    port.switch_name = cabled ? fields.text("switch") : std::string();
    port.config.trunk = fields.text("mode") != "access";
    port.config.portfast = fields.boolean("portfast").value_or(true);
    port.config.channel_group = static_cast<std::uint16_t>(fields.number("channel_group").value_or(0));
    port.config.lacp = fields.boolean("lacp").value_or(false);
    if (port.config.lacp && port.config.channel_group == 0)
        say(fields.place_of("lacp"), "'lacp' is for a port of a channel_group");
    for (const std::string_view key : {"lacp_silent", "lacp_fast"})
        if (fields.has(key) && !port.config.lacp)
            say(fields.place_of(key), "'" + std::string(key) + "' is for a port with lacp: true");
    if (fields.text("lacp_silent") == "individual") port.config.lacp_silent = fabric::LacpSilent::kIndividual;
    port.config.lacp_fast = fields.boolean("lacp_fast").value_or(false);
    port.config.bpdu_guard = fields.boolean("bpdu_guard").value_or(false);
    port.config.hairpin = fields.boolean("reflective_relay").value_or(false);
    if (port.config.bpdu_guard && !port.config.portfast)
        say(fields.place_of("bpdu_guard"), "'bpdu_guard' is for a port with portfast: true");
    if (port.config.trunk) {
        if (fields.has("vlan"))
            say(fields.place_of("vlan"), "'vlan' is for mode: access; a trunk has native_vlan and vlans");
        port.config.native_vlan = fields.vlan("native_vlan").value_or(wire::VlanId{1});
        port.config.allowed_vlans = read_vlans(fields);
    } else {
        for (std::string_view key : {"native_vlan", "vlans"})
            if (fields.has(key))
                say(fields.place_of(key), "'" + std::string(key) + "' is for mode: trunk; an access port has vlan");
        port.config.native_vlan = fields.vlan("vlan").value_or(wire::VlanId{1});
    }
    if (!cabled) return port;
    for (std::string_view key : {"vlan", "native_vlan"})
        if (fields.has(key)) check_vlan(fields.place_of(key), port.switch_name, port.config.native_vlan);
    for (auto vlan : port.config.allowed_vlans) check_vlan(fields.place_of("vlans"), port.switch_name, vlan);
    return port;
}

void Reading::read_host(const Entry& entry) {
    const Fields fields(&entry.value);
    HostDescription host;
    host.config.name = entry.key;
    host.config.response_time = fields.duration("response_time").value_or(host.config.response_time);
    if (const auto mtu = fields.number("mtu")) host.config.mtu_bytes = static_cast<std::uint32_t>(*mtu);
    if (check_switch(fields.scalar("switch"))) host.port.switch_name = fields.text("switch");

    for (const auto& address : fields.entries("addresses")) {
        const auto vlan = parse_integer(address.key);
        const auto ip = address.value.is_scalar() ? wire::parse_ipv4(address.value.text) : std::nullopt;
        if (vlan && *vlan <= wire::kVlanIdMax.value() && ip)
            host.config.addresses.emplace_back(wire::VlanId{static_cast<std::uint16_t>(*vlan)}, *ip);
    }
    for (auto vlan : read_vlans(fields)) host.config.addresses.emplace_back(vlan, wire::kNoIpv4);

    const auto where = fields.place_of(fields.has("vlans") ? "vlans" : "addresses");
    if (host.config.addresses.empty() && flawless("fabric.lan.hosts." + entry.key))
        say(where, "host '" + entry.key + "' has no address");
    for (const auto& [vlan, ip] : host.config.addresses) check_vlan(where, host.port.switch_name, vlan);
    host.config.tagged = host.config.addresses.size() > 1;
    host.port.config.trunk = host.config.tagged;
    if (host.config.tagged) {
        for (const auto& [vlan, ip] : host.config.addresses) host.port.config.allowed_vlans.push_back(vlan);
    } else if (!host.config.addresses.empty()) {
        host.port.config.native_vlan = host.config.addresses.front().first;
    }
    scenario_.fabric.lan.hosts.push_back(std::move(host));
}

}  // namespace pvmsim::scenarios
