// Virtual adapters and I/O slots in the HMC's own strings (formats C.4), taken apart. The form was checked before
// (scalar_forms); numbers may still be out of their range.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "hypervisor/partition/profile.hpp"

namespace pvmsim::scenarios {

/// The other side of an adapter: by number, by name, by both (which must agree), or any.
struct RemotePartition {
    bool any = false;
    std::optional<std::uint16_t> id;
    std::string name;
};

struct ScsiAdapterText {
    hypervisor::VirtualScsiAdapter adapter;  ///< remote_lpar_id still open
    RemotePartition remote;
};

struct FcAdapterText {
    hypervisor::VirtualFcAdapter adapter;  ///< remote_lpar_id still open
    RemotePartition remote;
};

struct IoSlotText {
    std::string slot;  ///< location or DRC index
    bool is_required = false;
};

std::expected<hypervisor::VirtualEthernetAdapter, std::string> parse_ethernet_adapter(std::string_view text);
std::expected<ScsiAdapterText, std::string> parse_scsi_adapter(std::string_view text);
std::expected<FcAdapterText, std::string> parse_fc_adapter(std::string_view text);
IoSlotText parse_io_slot(std::string_view text);

}  // namespace pvmsim::scenarios
