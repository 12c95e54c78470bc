// Fields between slashes. A field that is empty leaves its value to the HMC, as in life. The allowed OS MAC addresses
// of a virtual Ethernet adapter are accepted and not modelled.
#include "scenarios/schema/hmc_strings.hpp"

#include <algorithm>
#include <vector>

#include "scenarios/schema/quantities.hpp"

namespace pvmsim::scenarios {

namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (std::size_t at = 0;;) {
        const auto end = text.find(separator, at);
        parts.push_back(text.substr(at, end - at));
        if (end == std::string_view::npos) return parts;
        at = end + 1;
    }
}

std::int64_t number(std::string_view text) { return parse_integer(text).value_or(INT64_MAX); }

std::expected<hypervisor::SlotNumber, std::string> slot_number(std::string_view text) {
    const auto value = number(text);
    if (value > 65535) return std::unexpected("slot " + std::string(text) + " is above 65535");
    return hypervisor::SlotNumber{static_cast<std::uint16_t>(value)};
}

std::expected<wire::VlanId, std::string> vlan_id(std::string_view text) {
    const auto value = number(text);
    if (value < 1 || value > 4094) return std::unexpected("VLAN " + std::string(text) + " is not from 1 to 4094");
    return wire::VlanId{static_cast<std::uint16_t>(value)};
}

std::expected<RemotePartition, std::string> remote(std::string_view id, std::string_view name) {
    RemotePartition partner;
    partner.name = std::string(name);
    partner.any = id == "any" || (id.empty() && name.empty());
    if (id == "any" && !name.empty())
        return std::unexpected("the remote partition is both 'any' and '" + partner.name + "'");
    if (id.empty() || id == "any") return partner;
    const auto value = number(id);
    if (value < 1 || value > 1000)
        return std::unexpected("remote partition " + std::string(id) + " is not from 1 to 1000");
    partner.id = static_cast<std::uint16_t>(value);
    return partner;
}

hypervisor::AdapterRole role(std::string_view text) {
    return text == "server" ? hypervisor::AdapterRole::kServer : hypervisor::AdapterRole::kClient;
}

}  // namespace

std::expected<hypervisor::VirtualEthernetAdapter, std::string> parse_ethernet_adapter(std::string_view text) {
    const auto fields = split(text, '/');
    hypervisor::VirtualEthernetAdapter adapter;
    PVMSIM_TRY_ASSIGN(adapter.slot_num, slot_number(fields[0]));
    adapter.ieee_virtual_eth = fields[1] == "1";
    PVMSIM_TRY_ASSIGN(adapter.port_vlan_id, vlan_id(fields[2]));
    if (!fields[3].empty()) {
        for (auto one : split(fields[3], ',')) {
            PVMSIM_TRY_ASSIGN(const auto vlan, vlan_id(one));
            if (vlan == adapter.port_vlan_id ||
                std::ranges::find(adapter.addl_vlan_ids, vlan) != adapter.addl_vlan_ids.end())
                return std::unexpected("VLAN " + std::string(one) + " is here twice");
            adapter.addl_vlan_ids.push_back(vlan);
        }
    }
    if (number(fields[4]) > 15) return std::unexpected("trunk priority " + std::string(fields[4]) + " is above 15");
    adapter.trunk_priority = static_cast<std::uint8_t>(number(fields[4]));
    adapter.is_required = fields[5] == "1";
    if (fields.size() > 6) adapter.vswitch = std::string(fields[6]);
    if (fields.size() > 7 && !fields[7].empty()) {
        adapter.mac_addr = wire::MacAddress::parse(fields[7]);
        if (adapter.mac_addr && adapter.mac_addr->is_group())
            return std::unexpected("MAC address " + std::string(fields[7]) + " is a group address");
    }
    if (fields.size() > 9 && !fields[9].empty() && fields[9] != "none") {
        if (fields[9].size() != 1 || fields[9][0] < '0' || fields[9][0] > '7')
            return std::unexpected("QoS priority " + std::string(fields[9]) + " is not none or 0 to 7");
        adapter.qos_priority = static_cast<std::uint8_t>(fields[9][0] - '0');
    }
    return adapter;
}

std::expected<ScsiAdapterText, std::string> parse_scsi_adapter(std::string_view text) {
    const auto fields = split(text, '/');
    ScsiAdapterText result;
    PVMSIM_TRY_ASSIGN(result.adapter.slot_num, slot_number(fields[0]));
    result.adapter.adapter_type = role(fields[1]);
    PVMSIM_TRY_ASSIGN(result.remote, remote(fields[2], fields[3]));
    if (!fields[4].empty() && fields[4] != "any") {
        PVMSIM_TRY_ASSIGN(const auto slot, slot_number(fields[4]));
        result.adapter.remote_slot_num = slot;
    }
    result.adapter.is_required = fields[5] == "1";
    return result;
}

std::expected<FcAdapterText, std::string> parse_fc_adapter(std::string_view text) {
    while (text.starts_with('"')) text.remove_prefix(1);
    while (text.ends_with('"')) text.remove_suffix(1);
    const auto fields = split(text, '/');
    FcAdapterText result;
    PVMSIM_TRY_ASSIGN(result.adapter.slot_num, slot_number(fields[0]));
    result.adapter.adapter_type = role(fields[1]);
    PVMSIM_TRY_ASSIGN(result.remote, remote(fields[2], fields[3]));
    PVMSIM_TRY_ASSIGN(result.adapter.remote_slot_num, slot_number(fields[4]));
    if (!fields[5].empty()) {
        const auto names = split(fields[5], ',');
        result.adapter.wwpns = wire::WwpnPair{*wire::parse_wwpn(names[0]), *wire::parse_wwpn(names[1])};
    }
    result.adapter.is_required = fields[6] == "1";
    return result;
}

IoSlotText parse_io_slot(std::string_view text) {
    const auto fields = split(text, '/');
    return {std::string(fields[0]), fields[2] == "1"};
}

}  // namespace pvmsim::scenarios
