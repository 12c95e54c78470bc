// Grouping trunk adapters; see sea_grouping.hpp. Everything is ordered by VIOS and slot, so the same listings always
// give the same groups.
#include "scenarios/import/sea_grouping.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace pvmsim::scenarios {

namespace {

using hypervisor::PartitionEnvironment;
using hypervisor::PartitionId;

bool share_vlan(const TrunkAdapter& a, const TrunkAdapter& b) {
    if (a.adapter.vswitch != b.adapter.vswitch) return false;
    const auto vlans = vlans_of(b.adapter);
    return std::ranges::any_of(vlans_of(a.adapter),
                               [&](wire::VlanId vlan) { return std::ranges::find(vlans, vlan) != vlans.end(); });
}

std::vector<TrunkAdapter> trunks_of(const RecordedMachine& machine) {
    std::vector<TrunkAdapter> trunks;
    for (const auto& partition : machine.partitions) {
        if (partition.lpar_env != PartitionEnvironment::kVioServer) continue;
        for (const auto& adapter : partition.profile.virtual_eth_adapters) {
            if (adapter.is_trunk()) trunks.push_back({partition.lpar_id, adapter});
        }
    }
    return trunks;
}

/// Connected sets of trunk adapters with common VLANs.
std::vector<SeaGroup> connected(const std::vector<TrunkAdapter>& trunks) {
    std::vector<SeaGroup> groups;
    for (const auto& trunk : trunks) {
        SeaGroup joined;
        std::vector<SeaGroup> others;
        for (auto& group : groups) {
            const bool linked = std::ranges::any_of(
                group.trunks, [&](const TrunkAdapter& member) { return share_vlan(member, trunk); });
            if (linked)
                std::ranges::move(group.trunks, std::back_inserter(joined.trunks));
            else
                others.push_back(std::move(group));
        }
        joined.trunks.push_back(trunk);
        groups = std::move(others);
        groups.push_back(std::move(joined));
    }
    return groups;
}

void order(std::vector<SeaGroup>& groups) {
    const auto key = [](const TrunkAdapter& trunk) { return std::tuple(trunk.vios, trunk.adapter.slot_num); };
    for (auto& group : groups) std::ranges::sort(group.trunks, {}, key);
    std::ranges::sort(groups, {}, [&](const SeaGroup& group) { return key(group.trunks.front()); });
}

/// Who bridges with which priority on which switch: partner sets with the same answer may be one SEA.
std::set<std::tuple<PartitionId, std::uint8_t, std::string>> signature(const SeaGroup& group) {
    std::set<std::tuple<PartitionId, std::uint8_t, std::string>> parts;
    for (const auto& trunk : group.trunks) {
        parts.emplace(trunk.vios, trunk.adapter.trunk_priority, trunk.adapter.vswitch);
    }
    return parts;
}

/// VLANs that a non-trunk adapter has on every VIOS of the group, and nobody else: what a control channel looks like.
std::vector<wire::VlanId> control_candidates(const RecordedMachine& machine, const SeaGroup& group) {
    const auto vioses = group.vioses();
    std::map<wire::VlanId, std::set<PartitionId>> users;
    std::set<wire::VlanId> spoiled;
    for (const auto& partition : machine.partitions) {
        const bool member = std::ranges::find(vioses, partition.lpar_id) != vioses.end();
        for (const auto& adapter : partition.profile.virtual_eth_adapters) {
            const bool plain = member && !adapter.is_trunk() && adapter.vswitch == group.trunks.front().adapter.vswitch;
            for (const auto vlan : vlans_of(adapter)) {
                if (plain && vlan == adapter.port_vlan_id)
                    users[vlan].insert(partition.lpar_id);
                else
                    spoiled.insert(vlan);
            }
        }
    }
    std::vector<wire::VlanId> candidates;
    for (const auto& [vlan, partitions] : users) {
        if (partitions.size() == vioses.size() && !spoiled.contains(vlan)) candidates.push_back(vlan);
    }
    return candidates;
}

/// Gives each partner set its control channel, and merges sets that look alike where there are too few.
std::vector<SeaGroup> with_control_channels(const RecordedMachine& machine, std::vector<SeaGroup> groups) {
    std::vector<SeaGroup> result;
    std::vector<bool> done(groups.size(), false);
    std::set<wire::VlanId> taken;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        if (done[i]) continue;
        if (groups[i].vioses().size() < 2) {
            result.push_back(groups[i]);
            continue;
        }
        std::vector<SeaGroup> alike;
        for (std::size_t k = i; k < groups.size(); ++k) {
            if (done[k] || signature(groups[k]) != signature(groups[i])) continue;
            done[k] = true;
            alike.push_back(groups[k]);
        }
        auto candidates = control_candidates(machine, alike.front());
        std::erase_if(candidates, [&](wire::VlanId vlan) { return taken.contains(vlan); });
        if (candidates.size() < alike.size()) {
            for (std::size_t k = 1; k < alike.size(); ++k) {
                std::ranges::copy(alike[k].trunks, std::back_inserter(alike.front().trunks));
            }
            alike.resize(1);
        }
        for (std::size_t k = 0; k < std::min(alike.size(), candidates.size()); ++k) {
            alike[k].control_vlan = candidates[k];
            taken.insert(candidates[k]);
        }
        std::ranges::move(alike, std::back_inserter(result));
    }
    return result;
}

}  // namespace

std::vector<PartitionId> SeaGroup::vioses() const {
    std::set<PartitionId> ids;
    for (const auto& trunk : trunks) ids.insert(trunk.vios);
    return {ids.begin(), ids.end()};
}

std::vector<wire::VlanId> vlans_of(const hypervisor::VirtualEthernetAdapter& adapter) {
    std::vector<wire::VlanId> vlans{adapter.port_vlan_id};
    std::ranges::copy(adapter.addl_vlan_ids, std::back_inserter(vlans));
    return vlans;
}

std::vector<SeaGroup> group_trunks(const RecordedMachine& machine) {
    auto groups = connected(trunks_of(machine));
    order(groups);
    groups = with_control_channels(machine, std::move(groups));
    order(groups);
    return groups;
}

}  // namespace pvmsim::scenarios
