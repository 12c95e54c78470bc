// `systems:` - servers, slots, adapters and their cables.
// Slots without a DRC index of their own are numbered here, so that profiles can name slots by location.
#include <algorithm>
#include <charconv>
#include <set>
#include <span>

#include "hypervisor/hardware/system_model.hpp"
#include "scenarios/description/link_speed.hpp"
#include "scenarios/loader/reading.hpp"
#include "scenarios/schema/quantities.hpp"

namespace pvmsim::scenarios {

namespace {

constexpr std::uint32_t kFirstDrcIndex = 0x21010001;

constexpr std::string_view kEthernetPortKeys[] = {
    "mode",      "vlan",       "native_vlan",      "vlans", "portfast", "channel_group", "lacp", "lacp_silent",
    "lacp_fast", "bpdu_guard", "reflective_relay", "mac",   "speed"};
constexpr std::uint32_t kLinkSpeedsMbps[] = {100, fabric::kGigabitMbps, kTenGigabitMbps, 40'000};
constexpr std::string_view kFcPortKeys[] = {"wwpn"};
constexpr std::string_view kPortKeys[] = {"switch", "wwpn"};

hypervisor::AdapterKind adapter_kind(std::string_view word) {
    if (word == "ethernet") return hypervisor::AdapterKind::kEthernet;
    if (word == "fc") return hypervisor::AdapterKind::kFibreChannel;
    if (word == "sas") return hypervisor::AdapterKind::kStorage;
    return word == "empty" ? hypervisor::AdapterKind::kEmpty : hypervisor::AdapterKind::kOther;
}

std::string usual_description(hypervisor::AdapterKind kind) {
    switch (kind) {
        case hypervisor::AdapterKind::kEthernet:
            return "PCI-E 4-Port 1Gb Ethernet Adapter";
        case hypervisor::AdapterKind::kFibreChannel:
            return "8 Gigabit PCI Express Dual Port Fibre Channel Adapter";
        case hypervisor::AdapterKind::kStorage:
            return "PCIe SAS RAID Adapter";
        case hypervisor::AdapterKind::kOther:
            return "PCI Adapter";
        case hypervisor::AdapterKind::kEmpty:
            break;
    }
    return "Empty slot";
}

hypervisor::Edition edition(std::string_view word) {
    if (word == "express") return hypervisor::Edition::kExpress;
    return word == "standard" ? hypervisor::Edition::kStandard : hypervisor::Edition::kEnterprise;
}

/// Of a port that says nothing: its adapter's. What stands there must be a speed that Ethernet has.
std::expected<std::uint32_t, std::string> link_speed_mbps(const Node* written, const AdapterDescription& adapter) {
    if (!written) return described_speed_mbps(adapter.slot.description);
    const auto bytes_per_s = parse_bandwidth(written->text).value_or(0);
    for (const std::uint32_t mbps : kLinkSpeedsMbps)
        if (bytes_per_s == std::int64_t{mbps} * 1'000'000 / 8) return mbps;
    return std::unexpected("an Ethernet link runs at 100Mbit/s, 1Gbit/s, 10Gbit/s or 40Gbit/s, not at " +
                           written->text);
}

std::uint32_t parse_hex(std::string_view text) {
    std::uint32_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value, 16);
    return value;
}

}  // namespace

void Reading::read_system(const Entry& entry) {
    const Fields fields(&entry.value);
    SystemDescription system;
    auto& config = system.config;
    config.name = entry.key;
    config.type_model = fields.text("type_model");
    if (const auto* written = fields.scalar("type_model"); written && !hypervisor::find_system_model(written->text)) {
        std::vector<std::string> known;
        for (const auto& model : hypervisor::system_models()) known.emplace_back(model.type_model);
        unknown_name(written->place, "machine type", written->text, known);
    }
    config.serial_num = fields.text("serial_num");
    config.cores = static_cast<std::uint32_t>(fields.number("cores").value_or(0));
    config.memory_bytes = static_cast<std::uint64_t>(fields.bytes("memory").value_or(0));
    config.mem_region_size_mib =
        static_cast<std::uint64_t>(fields.bytes("mem_region_size").value_or(0)) / hypervisor::kMebibyte;
    config.edition = edition(fields.text("edition"));
    config.cores_installed = static_cast<std::uint32_t>(fields.number("cores_installed").value_or(0));
    config.turbo_core = fields.boolean("turbo_core").value_or(false);
    if (fields.text("dispatch") == "exact") config.dispatch = hypervisor::DispatchMode::kExact;
    system.dispatch_auto = fields.text("dispatch") == "auto";
    config.firmware_level = fields.text("firmware_level");
    config.virtual_ethernet_latency =
        fields.duration("virtual_ethernet_latency").value_or(config.virtual_ethernet_latency);
    config.crq_latency = fields.duration("crq_latency").value_or(config.crq_latency);
    config.firmware_boot_time = fields.duration("firmware_boot_time").value_or(config.firmware_boot_time);

    const auto* model = hypervisor::find_system_model(config.type_model);
    if (model && config.cores > model->cores_max)
        say(fields.scalar("cores")->place,
            config.type_model + " has at most " + std::to_string(model->cores_max) + " cores");
    if (model && config.memory_bytes > model->memory_max_gib * hypervisor::kGibibyte)
        say(fields.scalar("memory")->place,
            config.type_model + " takes at most " + std::to_string(model->memory_max_gib) + "GB");

    read_management(fields, system);
    read_pools(fields, system);
    read_memory_pool(fields.inner("mempool"), system);
    config.active_mem_expansion_capable = fields.boolean("active_mem_expansion_capable").value_or(false);
    for (const auto& slot : fields.entries("slots")) read_slot(slot, system);
    number_slots(entry, system);
    for (const auto& adapter : system.adapters) config.slots.push_back(adapter.slot);
    scenario_.systems.push_back(std::move(system));
}

void Reading::read_slot(const Entry& entry, SystemDescription& system) {
    const Fields fields(&entry.value);
    AdapterDescription adapter;
    adapter.slot.location = entry.key;
    adapter.slot.kind = adapter_kind(fields.text("adapter"));
    adapter.slot.description =
        fields.has("description") ? fields.text("description") : usual_description(adapter.slot.kind);
    adapter.slot.unit_phys_loc = fields.text("unit_phys_loc");
    adapter.slot.bus_id = static_cast<std::uint32_t>(fields.number("bus_id").value_or(0));
    if (const auto* index = fields.scalar("drc_index"))
        adapter.slot.drc_index = hypervisor::DrcIndex{parse_hex(index->text)};
    if (adapter.slot.kind == hypervisor::AdapterKind::kEmpty && !fields.entries("ports").empty())
        say(fields.place_of("ports"), "an empty slot has no ports");
    for (const auto& port : fields.entries("ports")) read_adapter_port(port, adapter);
    adapter.slot.ports = static_cast<std::uint32_t>(adapter.ports.size());
    system.adapters.push_back(std::move(adapter));
}

std::optional<wire::MacAddress> Reading::read_port_mac(const Node& written) {
    const auto mac = wire::MacAddress::parse(written.text);
    if (!mac) return mac;
    if (mac->is_group()) say(written.place, "'" + written.text + "' is a group address; an adapter has one of its own");
    const auto [first, is_new] = macs_.try_emplace(*mac, written.place);
    if (!is_new)
        say(written.place, "this MAC address belongs to a port already, in line " + std::to_string(first->second.line));
    return mac;
}

void Reading::read_adapter_port(const Entry& entry, AdapterDescription& adapter) {
    const Fields fields(&entry.value);
    AdapterPortDescription port;
    port.name = entry.key;
    const auto refuse = [&](std::span<const std::string_view> keys, const std::string& why) {
        for (auto key : keys)
            if (fields.has(key)) say(fields.place_of(key), "'" + std::string(key) + "' " + why);
    };
    if (adapter.slot.kind == hypervisor::AdapterKind::kEthernet) {
        refuse(kFcPortKeys, "belongs to a Fibre Channel port, and this is Ethernet");
        port.lan = read_lan_port(fields);
        const auto speed = link_speed_mbps(fields.scalar("speed"), adapter);
        if (speed)
            port.speed_mbps = *speed;
        else
            say(fields.scalar("speed")->place, speed.error());
        if (const auto* mac = fields.scalar("mac")) port.mac = read_port_mac(*mac);
    } else if (adapter.slot.kind == hypervisor::AdapterKind::kFibreChannel) {
        refuse(kEthernetPortKeys, "belongs to an Ethernet port, and this is Fibre Channel");
        if (fields.has("switch") && check_fc_switch(fields.scalar("switch"))) port.fc_switch = fields.text("switch");
        if (const auto* wwpn = fields.scalar("wwpn")) {
            port.wwpn = wire::parse_wwpn(wwpn->text);
            const auto [first, is_new] = wwpns_.try_emplace(*port.wwpn, wwpn->place);
            if (!is_new)
                say(wwpn->place, "this WWPN belongs to a port already, in line " + std::to_string(first->second.line));
        }
    } else {
        refuse(kEthernetPortKeys, "belongs to an Ethernet or Fibre Channel port");
        refuse(kPortKeys, "belongs to an Ethernet or Fibre Channel port");
    }
    adapter.ports.push_back(std::move(port));
}

void Reading::number_slots(const Entry& entry, SystemDescription& system) {
    std::set<std::uint32_t> taken;
    for (const auto& adapter : system.adapters) {
        const auto index = adapter.slot.drc_index.value();
        if (index != 0 && !taken.insert(index).second)
            say(entry.key_place,
                "two slots of '" + entry.key + "' have the same drc_index (slot " + adapter.slot.location + ")");
    }
    auto next = kFirstDrcIndex;
    for (auto& adapter : system.adapters) {
        if (adapter.slot.drc_index.value() != 0) continue;
        while (!taken.insert(next).second) ++next;
        adapter.slot.drc_index = hypervisor::DrcIndex{next};
    }
}

}  // namespace pvmsim::scenarios
