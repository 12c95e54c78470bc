// Rules for pairs of Shared Ethernet Adapters: load sharing, what a side pings, attributes that both sides need alike
// (R-NET-06, R-NET-08). Sources: IBM's load sharing pages, SG24-7940 and others as behaviour 3.3 and 3.4 quote them.
#include <algorithm>
#include <iterator>

#include "scenarios/audit/rules.hpp"
#include "scenarios/audit/view.hpp"
#include "vios/level/vios_level.hpp"

namespace pvmsim::scenarios::audit {
namespace {

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

Findings check_differs(const View& view, std::string_view name) {
    Findings found;
    const std::string key(name);
    for (const auto& pair : view.pairs()) {
        const auto &one = *pair.first, &other = *pair.second;
        if (one.attribute(key) == other.attribute(key)) continue;
        found.push_back({key + " is " + one.attribute(key) + " on " + one.name() + " and " + other.attribute(key) +
                             " on " + other.name(),
                         {one.path(key), other.path(key)}});
    }
    return found;
}

Findings check_jumbo_differs(const View& view) { return check_differs(view, "jumbo_frames"); }
Findings check_qos_differs(const View& view) { return check_differs(view, "qos_mode"); }

Findings check_jumbo_aggregation(const View& view) {
    Findings found;
    for (const auto& sea : view.seas()) {
        if (!sea.aggregation || sea.attribute("jumbo_frames") != "yes") continue;
        if (aggregation_attribute(*sea.aggregation, "use_jumbo_frame") == "yes") continue;
        found.push_back(
            {sea.name() + " has jumbo_frames=yes, and " + sea.aggregation->name + " below it does not",
             {partition_path(*sea.vios, {"vios", "link_aggregations", sea.aggregation->name, "use_jumbo_frame"}),
              sea.path("jumbo_frames")}});
    }
    return found;
}

Findings check_same_ping(const View& view) {
    Findings found;
    for (const auto& pair : view.pairs()) {
        const auto &one = *pair.first, &other = *pair.second;
        if (!pair.failover() || !pings(one) || one.attribute("netaddr") != other.attribute("netaddr")) continue;
        found.push_back(
            {pair.name() + " both ping " + one.attribute("netaddr"), {other.path("netaddr"), one.path("netaddr")}});
    }
    return found;
}

Findings check_sharing_level(const View& view) {
    Findings found;
    for (const auto& sea : view.seas())
        if (sea.sharing() && sea.vios->vios->level < vios::kViosLevelSharing)
            found.push_back(
                {sea.name() + " has ha_mode=sharing, and the level of " + sea.vios->config.name + " is below 2.2.1.0",
                 {sea.path("ha_mode"), partition_path(*sea.vios, {"vios", "level"})}});
    return found;
}

std::vector<Rule> sharing_rules() {
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
        {"NET-019", kWarning, "Load sharing below level 2.2.1.0",
         "Such a VIOS does not know ha_mode=sharing: the pair works as with ha_mode=auto, and one side idles.",
         "Update both VIOSes, or set ha_mode=auto.", "R-NET-06; IBM, SEA load sharing", check_sharing_level},
    };
}

std::vector<Rule> health_rules() {
    using enum Severity;
    return {
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
        {"NET-018", kAdvice, "Both sides of a SEA pair ping the same address",
         "When what they ping dies, the paths of both look broken: both go LIMBO and nobody bridges, though everything "
         "else works.",
         "Let each side ping a machine of its own, or an address that moves between two routers.",
         "behaviour 3.3; IBM node/681251", check_same_ping},
        {"NET-036", kAdvice, "qos_mode differs within a SEA pair",
         "After a failover the priorities of frames count for something else than before.",
         "Set qos_mode alike on both sides.", "R-NET-08", check_qos_differs},
        {"NET-037", kWarning, "jumbo_frames over a link aggregation without them",
         "The SEA announces frames that its real adapter cannot send: large packets are lost, small ones pass.",
         "Set use_jumbo_frame=yes on the link aggregation.", "R-NET-08", check_jumbo_aggregation},
    };
}

}  // namespace

std::vector<Rule> sharing_and_health_rules() {
    auto all = sharing_rules();
    std::ranges::move(health_rules(), std::back_inserter(all));
    return all;
}

}  // namespace pvmsim::scenarios::audit
