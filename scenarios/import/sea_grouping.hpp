// Which trunk adapters of the VIOSes belong to one Shared Ethernet Adapter, and which SEAs are failover partners.
//
// The listings show trunk adapters, not SEAs. Trunk adapters on different VIOSes that serve a common VLAN of one
// virtual switch can only be failover partners, anything else would be a loop; a trunk adapter without such a partner
// is taken for an SEA of its own. Partner sets that look alike share one SEA when there are not control channels enough
// for more.
#pragma once

#include <vector>

#include "scenarios/import/recorded_machine.hpp"

namespace pvmsim::scenarios {

struct TrunkAdapter {
    hypervisor::PartitionId vios;
    hypervisor::VirtualEthernetAdapter adapter;
};

/// SEAs that bridge the same VLANs: one of them, or failover partners on two or more VIOSes.
struct SeaGroup {
    std::vector<TrunkAdapter> trunks;  ///< by VIOS, then slot
    wire::VlanId control_vlan;         ///< kUntagged: none was found

    /// In ascending order.
    [[nodiscard]] std::vector<hypervisor::PartitionId> vioses() const;
};

std::vector<SeaGroup> group_trunks(const RecordedMachine& machine);

/// PVID and additional VLANs.
std::vector<wire::VlanId> vlans_of(const hypervisor::VirtualEthernetAdapter& adapter);

}  // namespace pvmsim::scenarios
