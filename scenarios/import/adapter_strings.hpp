// The HMC's one-line forms of virtual adapters and physical slots in profiles, read and written.
//
//   virtual_eth_adapters   slot/ieee/pvid/[vlans]/trunk priority/required[/vswitch/[mac]/[allowed macs]/[qos]]
//   virtual_scsi_adapters  slot/role/[remote id]/[remote name]/[remote slot]/required
//   virtual_fc_adapters    slot/role/[remote id]/[remote name]/remote slot/[wwpn,wwpn]/required
//   io_slots               drc index/[pool]/required
//
// Left out: allowed MAC addresses and quality of service. Remote names are redundant: the id counts. Source: profiles
// of HMC V7R7.9.0 and later ones.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "hypervisor/partition/profile.hpp"

namespace pvmsim::scenarios::adapter_strings {

template <class T>
using Parsed = std::expected<T, std::string>;  ///< the error says what was expected

Parsed<hypervisor::VirtualEthernetAdapter> parse_ethernet(std::string_view text);
Parsed<hypervisor::VirtualScsiAdapter> parse_scsi(std::string_view text);
Parsed<hypervisor::VirtualFcAdapter> parse_fibre_channel(std::string_view text);
Parsed<hypervisor::IoSlotRequest> parse_io_slot(std::string_view text);

Parsed<hypervisor::AdapterRole> parse_role(std::string_view text);
/// "1,2,3", "none" or nothing.
Parsed<std::vector<wire::VlanId>> parse_vlans(std::string_view text);
Parsed<wire::WwpnPair> parse_wwpns(std::string_view text);

std::string write(const hypervisor::VirtualEthernetAdapter& adapter);
std::string write(const hypervisor::VirtualScsiAdapter& adapter, std::string_view remote_name);
std::string write(const hypervisor::VirtualFcAdapter& adapter, std::string_view remote_name);

}  // namespace pvmsim::scenarios::adapter_strings
