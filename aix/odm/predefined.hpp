// The predefined attribute tables of the device types modelled (formats A.3, B.3; behaviour 4.2, 4.3).
// One function a type; the scenario loader and the consoles read the same tables.
#pragma once

#include <span>

#include "aix/odm/attribute.hpp"

namespace pvmsim::aix {

/// hdisk over virtual SCSI or Fibre Channel.
[[nodiscard]] std::span<const AttributeDefinition> hdisk_attributes();
[[nodiscard]] std::span<const AttributeDefinition> vscsi_attributes();
[[nodiscard]] std::span<const AttributeDefinition> fscsi_attributes();
[[nodiscard]] std::span<const AttributeDefinition> fcs_attributes();
[[nodiscard]] std::span<const AttributeDefinition> ethernet_attributes();
/// enN.
[[nodiscard]] std::span<const AttributeDefinition> interface_attributes();
/// EtherChannel / IEEE 802.3ad link aggregation.
[[nodiscard]] std::span<const AttributeDefinition> etherchannel_attributes();
[[nodiscard]] std::span<const AttributeDefinition> sea_attributes();
/// inet0's options of the no command that matter for gateways.
[[nodiscard]] std::span<const AttributeDefinition> network_options();
/// Devices without attributes of their own.
[[nodiscard]] std::span<const AttributeDefinition> no_attributes();

}  // namespace pvmsim::aix
