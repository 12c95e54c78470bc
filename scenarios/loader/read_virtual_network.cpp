// Virtual switches of a server and changes of virtual Ethernet from its HMC: chhwres -r virtualio --rsubtype eth and
// vswitch (formats C.6). Whether levels and the adapter's SEA allow a change (R-NET-09) is known when it is made.
#include <algorithm>
#include <charconv>

#include "scenarios/loader/reading.hpp"

namespace pvmsim::scenarios {

namespace {

constexpr std::string_view kDefaultSwitch = "ETHERNET0";

/// "V7R7.2.0", as lshmc -V tells it in two words.
std::optional<vios::ConsoleLevel> parse_console_level(std::string_view text) {
    vios::ConsoleLevel level{0, 0, 0, 0};
    const std::pair<char, std::uint16_t*> parts[] = {
        {'V', &level.version}, {'R', &level.release}, {'.', &level.modification}, {'.', &level.fix}};
    for (const auto& [sign, value] : parts) {
        if (!text.starts_with(sign)) return std::nullopt;
        const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), *value);
        if (error != std::errc{}) return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    }
    return text.empty() ? std::optional(level) : std::nullopt;
}

hypervisor::SwitchMode switch_mode(std::string_view word) {
    return word == "VEPA" ? hypervisor::SwitchMode::kVepa : hypervisor::SwitchMode::kVeb;
}

std::vector<std::string> switches_of(const SystemDescription& system) {
    std::vector<std::string> names{std::string(kDefaultSwitch)};
    for (const auto& one : system.vswitches)
        if (one.name != kDefaultSwitch) names.push_back(one.name);
    return names;
}

}  // namespace

void Reading::read_management(const Fields& fields, SystemDescription& system) {
    for (const auto& entry : fields.entries("vswitches"))
        system.vswitches.push_back({entry.key, switch_mode(Fields(&entry.value).text("switch_mode"))});
    const auto* level = fields.scalar("hmc_level");
    if (!level) return;
    if (const auto parsed = parse_console_level(level->text))
        system.hmc_level = *parsed;
    else
        say(level->place, "'" + level->text + "' is no level of an HMC, which is written like V7R7.2.0");
}

void Reading::check_vswitch(Place place, const PartitionDescription& partition, const std::string& name) {
    const auto* system = find_system(partition.system);
    if (!system || system->vswitches.empty() || !trusted("systems." + partition.system + ".vswitches")) return;
    const auto known = switches_of(*system);
    if (std::ranges::find(known, name) == known.end())
        unknown_name(place, "virtual switch on '" + partition.system + "' called", name, known);
}

/// "100,200", in quotes or not when it is one; "none" or "" for an empty list.
std::optional<std::vector<wire::VlanId>> Reading::attr_vlans(const Entry& entry) {
    std::vector<wire::VlanId> vlans;
    std::string_view rest = entry.value.text;
    if (rest == "none" || rest.empty()) return vlans;
    for (bool more = true; more;) {
        const auto comma = rest.find(',');
        const auto part = rest.substr(0, comma);
        std::uint16_t vlan = 0;
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), vlan);
        if (error != std::errc{} || end != part.data() + part.size() || vlan < 1 || vlan > wire::kVlanIdMax.value()) {
            say(entry.value.place,
                "'" + entry.key + "' takes VLANs from 1 to 4094, like \"100,200\", not '" + entry.value.text + "'");
            return std::nullopt;
        }
        vlans.push_back(wire::VlanId{vlan});
        more = comma != std::string_view::npos;
        if (more) rest.remove_prefix(comma + 1);
    }
    return vlans;
}

void Reading::read_chhwres_eth(const Fields& fields, sim::SimTime at) {
    for (const std::string_view key : {"partition", "slot", "attr"})
        if (!fields.has(key)) return say(fields.place_of("chhwres"), "chhwres: eth needs " + std::string(key));
    const auto* partition = known_partition(fields, "partition");
    const auto* slot = fields.scalar("slot");
    if (!partition || !slot) return;
    const auto* adapter = check_virtual_ethernet(*slot, *partition);
    if (!adapter) return;
    VirtualEthernetStep step{.partition = partition->config.name, .slot = adapter->slot_num};
    for (const auto& entry : fields.entries("attr")) {
        if (!entry.value.is_scalar()) continue;
        step.attributes.emplace_back(entry.key, entry.value.text);
        if (entry.key != "addl_vlan_ids" && entry.key != "addl_vlan_ids+" && entry.key != "addl_vlan_ids-") {
            unknown_attribute(entry, {"addl_vlan_ids", "addl_vlan_ids+", "addl_vlan_ids-"});
            continue;
        }
        const auto vlans = attr_vlans(entry);
        if (!vlans) continue;
        if (entry.key.ends_with('+'))
            step.add = *vlans;
        else if (entry.key.ends_with('-'))
            step.remove = *vlans;
        else
            step.vlans = *vlans;
    }
    if (step.vlans && !(step.add.empty() && step.remove.empty()))
        return say(fields.place_of("attr"), "addl_vlan_ids is the whole list: nothing to add or remove beside it");
    scenario_.timeline.push_back({.at = at, .ethernet = std::move(step)});
}

void Reading::read_chhwres_vswitch(const Fields& fields, sim::SimTime at) {
    for (const std::string_view key : {"system", "vswitch", "attr"})
        if (!fields.has(key)) return say(fields.place_of("chhwres"), "chhwres: vswitch needs " + std::string(key));
    const auto *name = fields.scalar("system"), *vswitch = fields.scalar("vswitch");
    if (!name || !vswitch) return;
    const auto* system = find_system(name->text);
    if (!system) {
        if (trusted("systems")) unknown_name(name->place, "system", name->text, system_names());
        return;
    }
    auto known = switches_of(*system);
    for (const auto& partition : scenario_.partitions)
        if (partition.system == name->text)
            for (const auto& adapter : partition.config.profile.virtual_eth_adapters) known.push_back(adapter.vswitch);
    if (std::ranges::find(known, vswitch->text) == known.end())
        return unknown_name(vswitch->place, "virtual switch on '" + name->text + "' called", vswitch->text, known);
    VirtualSwitchStep step{.system = name->text, .vswitch = vswitch->text};
    for (const auto& entry : fields.entries("attr")) {
        if (!entry.value.is_scalar()) continue;
        step.attributes.emplace_back(entry.key, entry.value.text);
        if (entry.key != "switch_mode")
            unknown_attribute(entry, {"switch_mode"});
        else if (entry.value.text != "VEB" && entry.value.text != "VEPA")
            say(entry.value.place, "'switch_mode' is VEB or VEPA, not '" + entry.value.text + "'");
        else
            step.mode = switch_mode(entry.value.text);
    }
    scenario_.timeline.push_back({.at = at, .vswitch = std::move(step)});
}

}  // namespace pvmsim::scenarios
