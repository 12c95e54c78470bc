// Adapter strings of profiles; see adapter_strings.hpp. The fields are told apart by their number: an empty one is one
// that the HMC chooses.
#include "scenarios/import/adapter_strings.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "scenarios/import/record_reader.hpp"
#include "scenarios/recordings/recorded_text.hpp"
#include "sim/base/result.hpp"

namespace pvmsim::scenarios::adapter_strings {

namespace {

constexpr std::uint64_t kSlotMax = 65'535;
constexpr std::uint64_t kPartitionMax = 1000;
constexpr std::uint64_t kTrunkPriorityMax = 15;

std::unexpected<std::string> expected(std::string_view what, std::string_view found) {
    return std::unexpected("expected " + std::string(what) + ", found '" + std::string(found.substr(0, 60)) + "'");
}

Parsed<std::uint16_t> number(std::string_view text, std::uint64_t max, std::string_view what) {
    const auto value = whole_number(text, max);
    if (!value) return expected(what, text);
    return static_cast<std::uint16_t>(*value);
}

Parsed<bool> flag(std::string_view text) {
    if (text == "0" || text == "1") return text == "1";
    return expected("0 or 1 for required", text);
}

/// "any" and nothing mean that the partner is not fixed.
bool is_any(std::string_view text) { return text.empty() || text == "any"; }

Parsed<hypervisor::PartitionId> partner(std::string_view text) {
    if (is_any(text)) return hypervisor::kNoPartition;
    PVMSIM_TRY_ASSIGN(const auto id, number(text, kPartitionMax, "a partition id or any"));
    return hypervisor::PartitionId(id);
}

std::string to_text(hypervisor::AdapterRole role) {
    return role == hypervisor::AdapterRole::kServer ? "server" : "client";
}

std::string to_text(hypervisor::PartitionId id) {
    return id == hypervisor::kNoPartition ? "any" : std::to_string(id.value());
}

}  // namespace

Parsed<hypervisor::AdapterRole> parse_role(std::string_view text) {
    if (text == "server") return hypervisor::AdapterRole::kServer;
    if (text == "client") return hypervisor::AdapterRole::kClient;
    return expected("client or server", text);
}

Parsed<std::vector<wire::VlanId>> parse_vlans(std::string_view text) {
    std::vector<wire::VlanId> vlans;
    if (text.empty() || text == "none") return vlans;
    for (const auto part : split_at(text, ',')) {
        PVMSIM_TRY_ASSIGN(const auto vlan, number(part, wire::kVlanIdMax.value(), "VLAN ids from 1 to 4094"));
        if (vlan == 0) return expected("VLAN ids from 1 to 4094", part);
        vlans.emplace_back(vlan);
    }
    return vlans;
}

Parsed<wire::WwpnPair> parse_wwpns(std::string_view text) {
    const auto parts = split_at(text, ',');
    const auto first = wire::parse_wwpn(parts.front());
    const auto second = wire::parse_wwpn(parts.back());
    if (parts.size() != 2 || !first || !second) return expected("a pair of WWPNs", text);
    return wire::WwpnPair{*first, *second};
}

Parsed<hypervisor::VirtualEthernetAdapter> parse_ethernet(std::string_view text) {
    const auto parts = split_at(text, '/');
    if (parts.size() < 6) return expected("slot/ieee/pvid/vlans/trunk priority/required", text);
    hypervisor::VirtualEthernetAdapter adapter;
    PVMSIM_TRY_ASSIGN(const auto slot, number(parts[0], kSlotMax, "a virtual slot"));
    PVMSIM_TRY_ASSIGN(adapter.ieee_virtual_eth, flag(parts[1]));
    PVMSIM_TRY_ASSIGN(const auto pvid, number(parts[2], wire::kVlanIdMax.value(), "a port VLAN id"));
    PVMSIM_TRY_ASSIGN(adapter.addl_vlan_ids, parse_vlans(parts[3]));
    PVMSIM_TRY_ASSIGN(const auto priority, number(parts[4], kTrunkPriorityMax, "a trunk priority from 0 to 15"));
    PVMSIM_TRY_ASSIGN(adapter.is_required, flag(parts[5]));
    adapter.slot_num = hypervisor::SlotNumber(slot);
    adapter.port_vlan_id = wire::VlanId(pvid);
    adapter.trunk_priority = static_cast<std::uint8_t>(priority);
    if (parts.size() > 6 && !parts[6].empty()) adapter.vswitch = parts[6];
    if (parts.size() > 7 && !parts[7].empty()) {
        adapter.mac_addr = wire::MacAddress::parse(parts[7]);
        if (!adapter.mac_addr) return expected("a MAC address", parts[7]);
    }
    return adapter;
}

Parsed<hypervisor::VirtualScsiAdapter> parse_scsi(std::string_view text) {
    const auto parts = split_at(text, '/');
    if (parts.size() != 6) return expected("slot/role/remote id/remote name/remote slot/required", text);
    hypervisor::VirtualScsiAdapter adapter;
    PVMSIM_TRY_ASSIGN(const auto slot, number(parts[0], kSlotMax, "a virtual slot"));
    PVMSIM_TRY_ASSIGN(adapter.adapter_type, parse_role(parts[1]));
    PVMSIM_TRY_ASSIGN(adapter.remote_lpar_id, partner(parts[2]));
    if (!is_any(parts[4])) {
        PVMSIM_TRY_ASSIGN(const auto remote, number(parts[4], kSlotMax, "a virtual slot or any"));
        adapter.remote_slot_num = hypervisor::SlotNumber(remote);
    }
    PVMSIM_TRY_ASSIGN(adapter.is_required, flag(parts[5]));
    adapter.slot_num = hypervisor::SlotNumber(slot);
    return adapter;
}

Parsed<hypervisor::VirtualFcAdapter> parse_fibre_channel(std::string_view text) {
    const auto parts = split_at(text, '/');
    if (parts.size() != 7) return expected("slot/role/remote id/remote name/remote slot/wwpns/required", text);
    hypervisor::VirtualFcAdapter adapter;
    PVMSIM_TRY_ASSIGN(const auto slot, number(parts[0], kSlotMax, "a virtual slot"));
    PVMSIM_TRY_ASSIGN(adapter.adapter_type, parse_role(parts[1]));
    PVMSIM_TRY_ASSIGN(adapter.remote_lpar_id, partner(parts[2]));
    PVMSIM_TRY_ASSIGN(const auto remote, number(parts[4], kSlotMax, "a virtual slot"));
    if (!parts[5].empty()) {
        PVMSIM_TRY_ASSIGN(adapter.wwpns, parse_wwpns(parts[5]));
    }
    PVMSIM_TRY_ASSIGN(adapter.is_required, flag(parts[6]));
    adapter.slot_num = hypervisor::SlotNumber(slot);
    adapter.remote_slot_num = hypervisor::SlotNumber(remote);
    return adapter;
}

Parsed<hypervisor::IoSlotRequest> parse_io_slot(std::string_view text) {
    const auto parts = split_at(text, '/');
    if (parts.size() != 3) return expected("drc index/pool/required", text);
    const auto index = parse_drc_index(parts[0]);
    if (!index) return expected("a drc index of eight hexadecimal digits", parts[0]);
    hypervisor::IoSlotRequest slot{*index};
    PVMSIM_TRY_ASSIGN(slot.is_required, flag(parts[2]));
    return slot;
}

std::string write(const hypervisor::VirtualEthernetAdapter& adapter) {
    std::string vlans;
    for (const auto vlan : adapter.addl_vlan_ids) vlans += (vlans.empty() ? "" : ",") + std::to_string(vlan.value());
    std::string text = std::to_string(adapter.slot_num.value()) + (adapter.ieee_virtual_eth ? "/1/" : "/0/") +
                       std::to_string(adapter.port_vlan_id.value()) + '/' + vlans + '/' +
                       std::to_string(adapter.trunk_priority) + (adapter.is_required ? "/1" : "/0");
    if (!adapter.mac_addr && adapter.vswitch == "ETHERNET0") return text;
    text += '/' + adapter.vswitch;
    if (adapter.mac_addr) {
        auto mac = adapter.mac_addr->to_string();
        std::erase(mac, ':');
        text += '/' + mac;
    }
    return text;
}

std::string write(const hypervisor::VirtualScsiAdapter& adapter, std::string_view remote_name) {
    const auto slot = adapter.remote_slot_num ? std::to_string(adapter.remote_slot_num->value()) : std::string("any");
    return std::to_string(adapter.slot_num.value()) + '/' + to_text(adapter.adapter_type) + '/' +
           to_text(adapter.remote_lpar_id) + '/' + std::string(remote_name) + '/' + slot +
           (adapter.is_required ? "/1" : "/0");
}

std::string write(const hypervisor::VirtualFcAdapter& adapter, std::string_view remote_name) {
    std::string wwpns;
    if (adapter.wwpns) wwpns = to_string(adapter.wwpns->first) + ',' + to_string(adapter.wwpns->second);
    return std::to_string(adapter.slot_num.value()) + '/' + to_text(adapter.adapter_type) + '/' +
           to_text(adapter.remote_lpar_id) + '/' + std::string(remote_name) + '/' +
           std::to_string(adapter.remote_slot_num.value()) + '/' + wwpns + (adapter.is_required ? "/1" : "/0");
}

}  // namespace pvmsim::scenarios::adapter_strings
