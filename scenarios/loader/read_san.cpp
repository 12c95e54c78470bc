// `fabric: san:` and `fabric: storage:` - fabrics, zones, arrays, logical units and who may see them.
// Zone members and masks name partitions and ports, which are read later: they are checked at the end.
#include <algorithm>
#include <set>

#include "scenarios/loader/reading.hpp"
#include "scenarios/schema/quantities.hpp"

namespace pvmsim::scenarios {

void Reading::read_san(const Entry& entry) {
    const Fields fields(&entry.value);
    SanFabricDescription fabric;
    fabric.config.name = entry.key;
    fabric.config.npiv = fields.boolean("npiv").value_or(true);
    fabric.config.default_zone_all_access = fields.text("default_zone") == "all_access";
    fabric.config.logins_per_port_max =
        static_cast<std::uint32_t>(fields.number("logins_per_port_max").value_or(fabric.config.logins_per_port_max));
    fabric.config.login_time = fields.duration("login_time").value_or(fabric.config.login_time);
    fabric.config.transit_latency = fields.duration("transit_latency").value_or(fabric.config.transit_latency);
    fabric.config.notice_delay = fields.duration("notice_delay").value_or(fabric.config.notice_delay);

    for (const auto& item : fields.items("switches")) {
        if (!item.is_scalar()) continue;
        const bool twice = std::ranges::find(fabric.switches, item.text) != fabric.switches.end();
        if (find_switch(item.text) || find_fabric_of(item.text) || twice)
            say(item.place, "there is another switch '" + item.text + "': names are unique over LAN and SAN");
        else
            fabric.switches.push_back(item.text);
    }
    for (const auto& item : fields.items("links")) {
        const Fields link(&item);
        const auto *a = link.scalar("a"), *b = link.scalar("b");
        for (const auto* end : {a, b})
            if (end && std::ranges::find(fabric.switches, end->text) == fabric.switches.end() &&
                flawless("fabric.san." + entry.key + ".switches"))
                unknown_name(end->place, "switch in fabric '" + entry.key + "' called", end->text, fabric.switches);
        if (!a || !b) continue;
        if (a->text == b->text) say(b->place, "a cable from switch '" + a->text + "' to itself");
        fabric.links.emplace_back(a->text, b->text);
    }
    for (const auto& zone : fields.entries("zones")) {
        ZoneDescription description;
        description.name = zone.key;
        for (const auto* member : scalars_of(&zone.value)) description.members.push_back(member->text);
        fabric.zones.push_back(std::move(description));
    }
    scenario_.fabric.san.push_back(std::move(fabric));
}

bool Reading::check_fc_switch(const Node* name) {
    if (!name || find_fabric_of(name->text)) return name != nullptr;
    if (!trusted("fabric.san")) return false;
    for (const auto& one : scenario_.fabric.san)
        if (!flawless("fabric.san." + one.config.name + ".switches")) return false;
    if (find_switch(name->text))
        say(name->place,
            "'" + name->text + "' is an Ethernet switch; a Fibre Channel port needs a switch of fabric.san");
    else
        unknown_name(name->place, "Fibre Channel switch", name->text, fc_switch_names());
    return false;
}

void Reading::read_array(const Entry& entry) {
    const Fields fields(&entry.value);
    ArrayDescription array;
    array.config.name = entry.key;
    if (entry.key.find('.') != std::string::npos)
        say(entry.key_place, "an array's name has no dot: its logical units are called array.lun");
    if (find_switch(entry.key) || find_fabric_of(entry.key))
        say(entry.key_place, "array '" + entry.key + "' has the name of a switch");
    array.config.controllers = static_cast<std::uint32_t>(fields.number("controllers").value_or(2));
    array.config.service_time = fields.duration("service_time").value_or(array.config.service_time);
    array.config.service_time_exponential = fields.text("service_time_distribution") == "exponential";
    array.config.concurrency =
        static_cast<std::uint32_t>(fields.number("concurrency").value_or(array.config.concurrency));

    for (const auto& port : fields.entries("ports")) {
        ArrayPortDescription description;
        description.name = port.key;
        description.controller = port.key.substr(0, 1);
        if (static_cast<std::uint32_t>(description.controller[0] - 'A') >= array.config.controllers)
            say(port.key_place, "array '" + entry.key + "' has " + std::to_string(array.config.controllers) +
                                    " controllers; there is no " + description.controller);
        if (check_fc_switch(port.value.is_scalar() ? &port.value : nullptr)) description.switch_name = port.value.text;
        array.ports.push_back(std::move(description));
    }
    for (const auto& lun : fields.entries("luns")) {
        const Fields lun_fields(&lun.value);
        LunDescription description;
        description.name = lun.key;
        description.size_bytes = static_cast<std::uint64_t>(lun_fields.bytes("size").value_or(0));
        for (const auto* host : scalars_of(lun.value.is_map() ? lun.value.find("hosts") : nullptr))
            description.hosts.push_back(host->text);
        array.luns.push_back(std::move(description));
    }
    scenario_.fabric.arrays.push_back(std::move(array));
}

void Reading::check_member(const Node& node, bool storage_too) {
    const auto& text = node.text;
    if (find_partition(text) || (storage_too && find_array(text)) || wire::parse_wwpn(text)) return;
    if (const auto slash = text.find('/'); slash != std::string::npos) {
        hypervisor::AdapterKind kind{};
        if (find_port(text, &kind)) {
            if (kind != hypervisor::AdapterKind::kFibreChannel)
                say(node.place, "'" + text + "' is no Fibre Channel port");
            return;
        }
        if (const auto* array = find_array(text.substr(0, slash)); array && storage_too) {
            for (const auto& port : array->ports)
                if (port.name == text.substr(slash + 1)) return;
        }
        if (trusted("systems") && trusted("fabric.storage")) say(node.place, "there is no port '" + text + "'");
        return;
    }
    if (!trusted("partitions") || !trusted("fabric.storage")) return;
    auto known = partition_names();
    if (storage_too)
        for (auto& name : array_names()) known.push_back(std::move(name));
    unknown_name(node.place, storage_too ? "partition or array" : "partition", text, known);
}

void Reading::check_members() {
    const auto fabric = Fields(&root_).inner("fabric");
    for (const auto& san : fabric.entries("san"))
        for (const auto& zone : Fields(&san.value).entries("zones"))
            for (const auto* member : scalars_of(&zone.value)) check_member(*member, true);
    // Storage is looked up in names that are unique over partitions and arrays, as zones write both.
    for (const auto& array : fabric.entries("storage")) {
        if (find_partition(array.key)) say(array.key_place, "array '" + array.key + "' has the name of a partition");
        for (const auto& lun : Fields(&array.value).entries("luns"))
            for (const auto* host : scalars_of(lun.value.is_map() ? lun.value.find("hosts") : nullptr))
                check_member(*host, false);
    }
}

}  // namespace pvmsim::scenarios
