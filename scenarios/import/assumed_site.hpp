// AssumedSite: what the listings of one managed system do not tell, filled in by fixed rules (docs/import.md).
//
// The HMC knows the CEC: it sees neither the VIOS's own configuration (Shared Ethernet Adapters, virtual targets) nor
// the LAN, SAN and storage outside. Each rule is the plainest site that fits what is listed, and each choice carries a
// note that the scenario shows as a comment.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "scenarios/import/recorded_machine.hpp"

namespace pvmsim::scenarios {

/// An adapter in a physical slot as the scenario will have it.
struct AssumedSlot {
    RecordedSlot slot;  ///< kind and ports possibly assumed
    hypervisor::PartitionId owner = hypervisor::kNoPartition;
    bool listed = true;                                ///< false: the slot itself is an assumption
    std::string note;                                  ///< empty: as listed
    std::map<std::uint32_t, std::size_t> sea_of_port;  ///< Ethernet port number -> index into AssumedSite::seas
    std::map<std::uint32_t, std::string> fc_switch_of_port;
};

struct AssumedSea {
    hypervisor::PartitionId vios;
    std::string name;                                        ///< "ent5"
    std::string real_adapter;                                ///< "C4-T1"
    std::vector<hypervisor::VirtualEthernetAdapter> trunks;  ///< the first gives the PVID
    hypervisor::SlotNumber control_channel;                  ///< 0: none
    std::string note;
};

/// A disk of a client: through every VIOS it has the next adapter to, or over virtual Fibre Channel.
struct AssumedLun {
    std::string name;
    std::vector<hypervisor::PartitionId> hosts;  ///< VIOSes, or the client itself
};

struct AssumedTarget {
    hypervisor::PartitionId vios;
    std::string name;
    std::string lun;
    hypervisor::SlotNumber vadapter;
};

struct AssumedMapping {
    hypervisor::PartitionId vios;
    hypervisor::SlotNumber vadapter;
    std::string port;  ///< "C1-T1"
};

struct AssumedSite {
    std::vector<AssumedSlot> slots;
    std::vector<AssumedSea> seas;
    std::vector<wire::VlanId> vlans;  ///< that a trunk adapter serves, ascending
    std::vector<AssumedLun> luns;
    std::vector<AssumedTarget> targets;
    std::vector<AssumedMapping> mappings;
    /// Control channel adapters that the listings do not have, by VIOS.
    std::map<hypervisor::PartitionId, std::vector<hypervisor::VirtualEthernetAdapter>> control_channels;
    std::vector<std::string> notes;
};

/// SAN switches of the assumed site, one in each of two fabrics.
inline constexpr std::string_view kAssumedFcSwitches[] = {"fcsw1", "fcsw2"};

AssumedSite assume_site(const RecordedMachine& machine);

}  // namespace pvmsim::scenarios
