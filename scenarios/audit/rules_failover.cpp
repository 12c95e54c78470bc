// Rules for pairs of Shared Ethernet Adapters: control channel, trunk priorities, ha_mode (R-NET-05).
// Sources: IBM's SEA failover pages as behaviour 3.3 quotes them. Load sharing and health are in rules_sharing.cpp.
#include <algorithm>

#include "scenarios/audit/rules.hpp"
#include "scenarios/audit/view.hpp"
#include "vios/level/vios_level.hpp"

namespace pvmsim::scenarios::audit {
namespace {

std::string channel_text(const Sea& sea) {
    if (!sea.channel) return sea.name() + " has none";
    return sea.name() + " has " + vlan_text(sea.channel->port_vlan_id) + " of " + sea.channel->vswitch;
}

Path channel_path(const Sea& sea) { return sea.channel ? adapter_path(*sea.vios, *sea.channel) : sea.path("ha_mode"); }

bool same_channel(const Sea& one, const Sea& other) {
    return one.channel && other.channel && one.channel->port_vlan_id == other.channel->port_vlan_id &&
           one.channel->vswitch == other.channel->vswitch;
}

std::string level_text(const vios::ViosLevel& level) {
    std::string text;
    for (const auto part : {level.version, level.release, level.modification, level.fix})
        text += (text.empty() ? "" : ".") + std::to_string(part);
    return text;
}

bool without_channels(const SeaPair& pair) { return pair.failover() && !pair.first->channel && !pair.second->channel; }

bool knows_simplified_channel(const Sea& sea) { return sea.vios->vios->level >= vios::kViosLevelSimplifiedChannel; }

Findings check_no_channel(const View& view) {
    Findings found;
    for (const auto& pair : view.pairs()) {
        if (!without_channels(pair)) continue;
        for (const auto* sea : {pair.first, pair.second}) {
            if (knows_simplified_channel(*sea)) continue;
            found.push_back({pair.name() + " have no ctl_chan, and " + sea->vios->config.name + " is at level " +
                                 level_text(sea->vios->vios->level),
                             {sea->path("ha_mode"), partition_path(*sea->vios, {"vios", "level"})}});
            break;
        }
    }
    return found;
}

Findings check_simplified_channel(const View& view) {
    Findings found;
    for (const auto& pair : view.pairs()) {
        const auto &one = *pair.first, &other = *pair.second;
        if (!without_channels(pair) || !knows_simplified_channel(one) || !knows_simplified_channel(other)) continue;
        if (!one.default_trunk || !other.default_trunk) continue;
        if (one.default_trunk->port_vlan_id == other.default_trunk->port_vlan_id) continue;
        found.push_back(
            {pair.name() + " have no ctl_chan, and their default trunk adapters are in " +
                 vlan_text(one.default_trunk->port_vlan_id) + " and " + vlan_text(other.default_trunk->port_vlan_id),
             {adapter_path(*other.vios, *other.default_trunk), adapter_path(*one.vios, *one.default_trunk)}});
    }
    return found;
}

Findings check_different_channels(const View& view) {
    Findings found;
    for (const auto& pair : view.pairs()) {
        const auto &one = *pair.first, &other = *pair.second;
        if (!pair.failover() || (!one.channel && !other.channel) || same_channel(one, other)) continue;
        found.push_back({"control channels: " + channel_text(one) + ", " + channel_text(other),
                         {channel_path(one), channel_path(other)}});
    }
    return found;
}

Findings check_channel_vlan_used(const View& view) {
    Findings found;
    for (const auto& [segment, use] : view.segments()) {
        if (use.channels.empty()) continue;
        for (const auto& user : use.users)
            found.push_back({segment.text() + " is the control channel of " + use.channels.front()->name() + ", but " +
                                 slot_text(user.adapter->slot_num) + " of " + user.partition->config.name + " is in it",
                             {adapter_path(*user.partition, *user.adapter), channel_path(*use.channels.front())}});
        for (const auto* sea : use.seas)
            found.push_back({segment.text() + " is the control channel of " + use.channels.front()->name() +
                                 ", but trunk adapter " + slot_text(sea->trunk_of(segment)->slot_num) + " of " +
                                 sea->name() + " carries it outside",
                             {adapter_path(*sea->vios, *sea->trunk_of(segment)), channel_path(*use.channels.front())}});
    }
    return found;
}

Findings check_channel_shared(const View& view) {
    Findings found;
    for (const auto& [segment, use] : view.segments()) {
        if (use.channels.size() <= 2) continue;
        std::vector<std::string> names;
        std::vector<Path> places;
        for (const auto* sea : use.channels) {
            names.push_back(sea->name());
            places.push_back(channel_path(*sea));
        }
        found.push_back({segment.text() + " is the control channel of " + list_text(names), std::move(places)});
    }
    return found;
}

Findings check_equal_priorities(const View& view) {
    Findings found;
    for (const auto& pair : view.pairs()) {
        if (!pair.failover()) continue;
        const auto &one = *pair.first, &other = *pair.second;
        const auto common = view.common(pair);
        const auto equal = std::ranges::find_if(common, [&](const Segment& segment) {
            return one.trunk_of(segment)->trunk_priority == other.trunk_of(segment)->trunk_priority;
        });
        const auto& segment = equal == common.end() ? common.front() : *equal;
        if (equal == common.end() && one.priority() != other.priority()) continue;
        found.push_back(
            {pair.name() + " both have trunk priority " + std::to_string(one.priority()),
             {adapter_path(*one.vios, *one.trunk_of(segment)), adapter_path(*other.vios, *other.trunk_of(segment))}});
    }
    return found;
}

Findings check_mixed_priorities(const View& view) {
    Findings found;
    for (const auto& sea : view.seas()) {
        if (!sea.failover()) continue;
        for (const auto* trunk : sea.trunks) {
            if (trunk->trunk_priority == sea.trunks.front()->trunk_priority) continue;
            found.push_back({sea.name() + ": trunk adapter " + slot_text(sea.trunks.front()->slot_num) +
                                 " has priority " + std::to_string(sea.trunks.front()->trunk_priority) + ", " +
                                 slot_text(trunk->slot_num) + " has " + std::to_string(trunk->trunk_priority),
                             {adapter_path(*sea.vios, *trunk), adapter_path(*sea.vios, *sea.trunks.front())}});
            break;
        }
    }
    return found;
}

Findings check_without_failover(const View& view) {
    Findings found;
    for (const auto& pair : view.pairs()) {
        if (pair.failover()) continue;
        const auto& loose = pair.first->failover() ? *pair.second : *pair.first;
        const auto& other = pair.first->failover() ? *pair.first : *pair.second;
        const auto common = view.common(pair);
        const auto used = std::ranges::find_if(common, [&](const Segment& segment) { return view.used(segment); });
        const auto& segment = used == common.end() ? common.front() : *used;
        found.push_back(
            {pair.name() + " bridge " + segment.text() + ", and ha_mode of " + loose.name() + " is disabled",
             {loose.path("ha_mode"), other.path("ha_mode")}});
    }
    return found;
}

Findings check_too_many_seas(const View& view) {
    Findings found;
    for (const auto& [segment, use] : view.segments()) {
        const bool same_vios = use.seas.size() == 2 && use.seas[0]->vios == use.seas[1]->vios;
        if (use.seas.size() <= 2 && !same_vios) continue;
        std::vector<std::string> names;
        std::vector<Path> places;
        for (const auto* sea : use.seas) {
            names.push_back(sea->name());
            places.push_back(adapter_path(*sea->vios, *sea->trunk_of(segment)));
        }
        found.push_back({segment.text() + " is bridged by " + list_text(names), std::move(places)});
    }
    return found;
}

}  // namespace

std::vector<Rule> failover_rules() {
    using enum Severity;
    return {
        {"NET-001", kCritical, "SEA pair without a control channel, below level 2.2.3.0",
         "From 2.2.3.0 on the two sides find each other over VLAN 4095 of their trunk adapters. Before that neither "
         "hears the other: both bridge, and the network loops.",
         "Give each side a virtual Ethernet adapter without trunk priority, in a VLAN that nobody else uses, and set "
         "ctl_chan; or update both VIOSes.",
         "R-NET-05, R-NET-10; IBM, SEA failover", check_no_channel},
        {"NET-002", kCritical, "Control channels of a SEA pair do not meet",
         "Neither side hears the other's keep-alives, so both become PRIMARY and bridge the same VLANs: a loop, a "
         "broadcast "
         "storm, perhaps ports that the switch disables.",
         "Give the control channel adapters of both sides the same port VLAN on the same virtual switch.",
         "R-NET-05, R-NET-10; IBM node/681251", check_different_channels},
        {"NET-003", kWarning, "VLAN of a control channel is used by something else",
         "A control channel needs a VLAN of its own that does not reach outside: what else is in it can disturb it, "
         "and a "
         "trunk adapter carries keep-alives to other servers.",
         "Choose a VLAN for the control channel that no other adapter and no trunk adapter has.",
         "R-NET-05; IBM, SEA failover", check_channel_vlan_used},
        {"NET-004", kCritical, "Two SEA pairs share a control channel",
         "A control channel joins exactly two SEAs. With more in one VLAN a side takes keep-alives of a stranger for "
         "its "
         "partner's, and does not take over when that dies.",
         "Give each pair a control channel VLAN of its own.", "R-NET-05; IBM, SEA failover", check_channel_shared},
        {"NET-005", kCritical, "Equal trunk priorities on both sides of a SEA pair",
         "The lower number decides who bridges. With equal numbers both sides become PRIMARY and the network loops.",
         "Give the trunk adapters of one VIOS priority 1 and those of the other priority 2.",
         "R-NET-05, R-NET-10; IBM, SEA failover", check_equal_priorities},
        {"NET-006", kWarning, "Different trunk priorities within one SEA",
         "A SEA fails over as a whole and takes the lowest of its numbers for its own. Mixed numbers hide which side "
         "is "
         "preferred, and can make both sides believe it.",
         "Give all trunk adapters of a SEA the same priority.", "R-NET-05, R-NET-10; IBM, SEA failover",
         check_mixed_priorities},
        {"NET-007", kCritical, "Two SEAs bridge a VLAN, and not both know of failover",
         "A SEA with ha_mode=disabled always bridges. Two bridges between the virtual and the outside switch are a "
         "loop: a "
         "broadcast storm, perhaps ports that the switch disables.",
         "Set ha_mode=auto and a control channel on both, or take the VLAN away from one of them.",
         "R-NET-05, R-NET-10; behaviour 3.3", check_without_failover},
        {"NET-008", kCritical, "A VLAN is bridged by more than one pair of SEAs",
         "Failover keeps one of two SEAs silent. A third SEA, or two in one VIOS, bridge the VLAN as well: a loop.",
         "Let each VLAN of a virtual switch be carried by one SEA in each of two VIOSes.",
         "R-NET-05; IBM, SEA failover", check_too_many_seas},
        {"NET-017", kCritical, "Default trunk adapters of a pair without ctl_chan in different VLANs",
         "Without ctl_chan the port VLAN of the default trunk adapter tells which SEAs are a pair. Sides with "
         "different "
         "ones take each other for strangers: both become PRIMARY, and the network loops.",
         "Give the default trunk adapters (pvid_adapter) of both sides the same port VLAN, or both sides a ctl_chan.",
         "R-NET-05; behaviour 3.3", check_simplified_channel},
    };
}

}  // namespace pvmsim::scenarios::audit
