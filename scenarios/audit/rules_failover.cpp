// Rules for pairs of Shared Ethernet Adapters: control channel, trunk priorities, ha_mode (R-NET-05, R-NET-06).
// Sources: IBM's SEA failover and load sharing pages as behaviour 3.3 and 3.4 quote them.
#include <algorithm>
#include <iterator>

#include "scenarios/audit/rules.hpp"
#include "scenarios/audit/view.hpp"

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

Findings check_no_channel(const View& view) {
    Findings found;
    for (const auto& pair : view.pairs())
        if (pair.failover() && !pair.first->channel && !pair.second->channel)
            found.push_back(
                {pair.name() + " have no ctl_chan", {pair.first->path("ha_mode"), pair.second->path("ha_mode")}});
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
        found.push_back({pair.name() + " bridge " + view.common(pair).front().text() + ", and ha_mode of " +
                             loose.name() + " is disabled",
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

Findings check_sharing_on_one_side(const View& view) {
    Findings found;
    for (const auto& pair : view.pairs()) {
        if (!pair.failover() || pair.first->sharing() == pair.second->sharing()) continue;
        const auto& with = pair.first->sharing() ? *pair.first : *pair.second;
        const auto& without = pair.first->sharing() ? *pair.second : *pair.first;
        found.push_back(
            {with.name() + " has ha_mode=sharing, " + without.name() + " has " + without.attribute("ha_mode"),
             {without.path("ha_mode"), with.path("ha_mode")}});
    }
    return found;
}

Findings check_sharing_trunks(const View& view) {
    Findings found;
    for (const auto& sea : view.seas())
        if (sea.sharing() && sea.trunks.size() < 2)
            found.push_back({sea.name() + " has ha_mode=sharing and one trunk adapter", {sea.path("virt_adapters")}});
    return found;
}

Findings check_sharing_edition(const View& view) {
    Findings found;
    for (const auto& sea : view.seas()) {
        const auto edition = view.system(sea.vios->system).config.edition;
        if (!sea.sharing() || edition == hypervisor::Edition::kEnterprise) continue;
        found.push_back({sea.name() + " has ha_mode=sharing, and " + sea.vios->system + " has the " +
                             (edition == hypervisor::Edition::kExpress ? "Express" : "Standard") + " edition",
                         {sea.path("ha_mode"), {"systems", sea.vios->system, "edition"}}});
    }
    return found;
}

Findings check_sharing_differs(const View& view) {
    Findings found;
    for (const auto& pair : view.pairs()) {
        const auto &one = *pair.first, &other = *pair.second;
        if (!one.sharing() || !other.sharing()) continue;
        const auto same = [](const auto* a, const auto* b) {
            auto first = vlans_of(*a), second = vlans_of(*b);
            std::ranges::sort(first);
            std::ranges::sort(second);
            return a->vswitch == b->vswitch && first == second;
        };
        if (std::ranges::equal(one.trunks, other.trunks, same)) continue;
        found.push_back({"the trunk adapters of " + pair.name() + " do not have the same VLANs in the same order",
                         {one.path("virt_adapters"), other.path("virt_adapters")}});
    }
    return found;
}

Findings check_sharing_reset(const View& view) {
    Findings found;
    for (const auto& sea : view.seas()) {
        const bool lacp = sea.aggregation && aggregation_attribute(*sea.aggregation, "mode") == "8023ad";
        if (sea.sharing() && lacp && sea.attribute("adapter_reset") == "yes")
            found.push_back({sea.name() + " has adapter_reset=yes over the LACP aggregation " + sea.aggregation->name,
                             {sea.path("adapter_reset")}});
    }
    return found;
}

bool pings(const Sea& sea) {
    const auto address = sea.attribute("netaddr");
    return !address.empty() && address != "0" && address != "0.0.0.0";
}

Findings check_ping_without_interface(const View& view) {
    Findings found;
    for (const auto& sea : view.seas())
        if (pings(sea) && !sea.description->ip)
            found.push_back({sea.name() + " has netaddr " + sea.attribute("netaddr") + " and no address of its own",
                             {sea.path("netaddr")}});
    return found;
}

Findings check_no_ping(const View& view) {
    Findings found;
    for (const auto& pair : view.pairs()) {
        if (!pair.failover() || (pings(*pair.first) && pings(*pair.second))) continue;
        const auto& blind = pings(*pair.first) ? *pair.second : *pair.first;
        const auto who = pings(*pair.first) || pings(*pair.second) ? blind.name() + " has" : pair.name() + " have";
        found.push_back({who + " no netaddr", {blind.path("netaddr")}});
    }
    return found;
}

Findings check_jumbo_differs(const View& view) {
    Findings found;
    for (const auto& pair : view.pairs()) {
        const auto &one = *pair.first, &other = *pair.second;
        if (one.attribute("jumbo_frames") == other.attribute("jumbo_frames")) continue;
        found.push_back({"jumbo_frames is " + one.attribute("jumbo_frames") + " on " + one.name() + " and " +
                             other.attribute("jumbo_frames") + " on " + other.name(),
                         {one.path("jumbo_frames"), other.path("jumbo_frames")}});
    }
    return found;
}

std::vector<Rule> pair_rules() {
    using enum Severity;
    return {
        {"NET-001", kWarning, "SEA pair without a control channel of its own",
         "The two sides then talk over VLAN 4095 between their trunk adapters, which VIOS 2.2.3.0 and later know. "
         "Before "
         "that neither hears the other: both bridge, and the network loops.",
         "Give each side a virtual Ethernet adapter without trunk priority, in a VLAN that nobody else uses, and set "
         "ctl_chan.",
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
    };
}

std::vector<Rule> sharing_and_health_rules() {
    using enum Severity;
    return {
        {"NET-009", kWarning, "Load sharing on one side only",
         "Sharing begins when both sides ask for it. Until then the pair works as with ha_mode=auto, and one side "
         "idles.",
         "Set ha_mode=sharing on both, on the acting side first; to leave it set auto on the acting side first.",
         "R-NET-06; IBM, SEA load sharing", check_sharing_on_one_side},
        {"NET-010", kWarning, "Load sharing with one trunk adapter",
         "Whole trunk adapters are divided between the sides, never single VLANs. With one there is nothing to divide.",
         "Spread the VLANs over at least two trunk adapters on each side.", "R-NET-06; IBM, SEA load sharing",
         check_sharing_trunks},
        {"NET-011", kCritical, "Load sharing without the Enterprise edition",
         "The VIOS refuses ha_mode=sharing on a server with the Express or Standard edition.",
         "Use ha_mode=auto, or activate the Enterprise edition.", "R-ED-04", check_sharing_edition},
        {"NET-012", kWarning, "Load sharing with different trunk adapters on the two sides",
         "The sides divide their lists of trunk adapters in order. If the lists differ, the halves do not fit and a "
         "VLAN can "
         "end up on no side.",
         "Define the same trunk adapters with the same VLANs on both sides, and list them in the same order.",
         "R-NET-06; IBM, SEA load sharing", check_sharing_differs},
        {"NET-013", kWarning, "adapter_reset=yes with load sharing over LACP",
         "Each takeover resets the real adapter, LACP negotiates anew, and the VLANs that stayed lose the network for "
         "up to "
         "30 s.",
         "Set adapter_reset=no on both sides.", "R-NET-08; behaviour 3.3", check_sharing_reset},
        {"NET-014", kWarning, "netaddr on a SEA without an interface",
         "The VIOS pings netaddr from an address on the SEA. Without one the attribute has no effect.",
         "Configure an address on the SEA's interface, a different one on each VIOS.", "R-NET-08; SG24-7940",
         check_ping_without_interface},
        {"NET-015", kAdvice, "SEA pair without netaddr",
         "A side notices the loss of its own link, but not of a cable behind the first switch. With netaddr it pings a "
         "host "
         "outside and gives way when no answer comes.",
         "Give both SEAs an address and set netaddr to a router that always answers. If that router dies, both sides "
         "go "
         "LIMBO: choose it well.",
         "behaviour 3.3; SG24-7940", check_no_ping},
        {"NET-016", kWarning, "jumbo_frames differs within a SEA pair",
         "After a failover to the side without jumbo frames, clients with a large MTU lose their large packets while "
         "ping "
         "still works.",
         "Set jumbo_frames alike on both sides, and on the outside switches.", "R-NET-08", check_jumbo_differs},
    };
}

}  // namespace

std::vector<Rule> failover_rules() {
    auto all = pair_rules();
    std::ranges::move(sharing_and_health_rules(), std::back_inserter(all));
    return all;
}

}  // namespace pvmsim::scenarios::audit
