// Rules for what SEAs stand on: cables, switch ports, link aggregations, offloads (R-NET-02, R-NET-08, R-NET-10).
// A file does not say that two switches are a stack: members on two switches are always a finding.
#include <algorithm>
#include <iterator>
#include <numeric>
#include <set>

#include "scenarios/audit/rules.hpp"
#include "scenarios/audit/view.hpp"
#include "scenarios/results/text.hpp"

namespace pvmsim::scenarios::audit {
namespace {

/// A link aggregation of a VIOS with its ports.
struct Aggregation {
    const PartitionDescription* vios;
    const LinkAggregationDescription* group;
    std::vector<PhysicalPort> primaries;  ///< cabled ones
    PhysicalPort backup;                  ///< port nullptr: none, or not cabled

    [[nodiscard]] std::string name() const { return vios->config.name + " " + group->name; }
    [[nodiscard]] Path path(std::string_view key) const {
        return partition_path(*vios, {"vios", "link_aggregations", group->name, key});
    }
};

bool cabled(const PhysicalPort& port) { return port.port && !port.port->lan.switch_name.empty(); }
const std::string& switch_of(const PhysicalPort& port) { return port.port->lan.switch_name; }
std::string full_name(const PhysicalPort& port) { return port.system->config.name + "/" + port.name; }

std::vector<Aggregation> aggregations(const View& view) {
    std::vector<Aggregation> all;
    for (const auto& partition : view.scenario().partitions) {
        if (!partition.vios) continue;
        const auto& system = view.system(partition.system);
        for (const auto& group : partition.vios->link_aggregations) {
            Aggregation one{&partition, &group, {}, find_port(system, group.backup_adapter)};
            for (const auto& name : group.adapter_names)
                if (auto port = find_port(system, name); cabled(port)) one.primaries.push_back(std::move(port));
            all.push_back(std::move(one));
        }
    }
    return all;
}

Findings check_lacp(const View& view) {
    Findings found;
    for (const auto& one : aggregations(view)) {
        const bool lacp = aggregation_attribute(*one.group, "mode") == "8023ad";
        for (const auto& port : one.primaries) {
            if (port.port->lan.config.lacp == lacp) continue;
            found.push_back({one.name() + (lacp ? " negotiates (mode=8023ad), " : " does not negotiate, ") +
                                 switch_of(port) + (lacp ? " does not at " : " does at ") + full_name(port),
                             {port.path("lacp"), one.path("mode")}});
        }
    }
    return found;
}

Findings check_channel_group(const View& view) {
    Findings found;
    for (const auto& one : aggregations(view)) {
        if (one.primaries.size() < 2) continue;
        std::set<std::string> switches;
        for (const auto& port : one.primaries) switches.insert(switch_of(port));
        const auto group = one.primaries.front().port->lan.config.channel_group;
        const auto stray = std::ranges::find_if(one.primaries, [&](const PhysicalPort& port) {
            return port.port->lan.config.channel_group == 0 || port.port->lan.config.channel_group != group;
        });
        if (switches.size() > 1 || stray == one.primaries.end()) continue;  // two switches: NET-042
        found.push_back({"the ports of " + one.name() + " are not one channel on " + switch_of(*stray) + ": " +
                             full_name(*stray) +
                             (stray->port->lan.config.channel_group == 0
                                  ? " is in no channel_group"
                                  : " is in channel_group " + std::to_string(stray->port->lan.config.channel_group)),
                         {stray->path("channel_group"), one.path("adapter_names")}});
    }
    return found;
}

Findings check_two_switches(const View& view) {
    Findings found;
    for (const auto& one : aggregations(view))
        for (const auto& port : one.primaries) {
            if (switch_of(port) == switch_of(one.primaries.front())) continue;
            found.push_back(
                {one.name() + " has primary ports on " + switch_of(one.primaries.front()) + " and " + switch_of(port),
                 {one.path("adapter_names"), one.primaries.front().path("switch"), port.path("switch")}});
            break;
        }
    return found;
}

Findings check_backup_switch(const View& view) {
    Findings found;
    for (const auto& one : aggregations(view)) {
        if (!cabled(one.backup)) continue;
        const bool same = std::ranges::any_of(
            one.primaries, [&](const PhysicalPort& port) { return switch_of(port) == switch_of(one.backup); });
        if (same)
            found.push_back({"primary and backup ports of " + one.name() + " are on " + switch_of(one.backup),
                             {one.path("backup_adapter"), one.backup.path("switch")}});
    }
    return found;
}

Findings check_same_switch(const View& view) {
    Findings found;
    for (const auto& pair : view.pairs()) {
        std::set<std::string> switches;
        for (const auto* sea : {pair.first, pair.second})
            for (const auto& port : sea->ports)
                if (cabled(port)) switches.insert(switch_of(port));
        if (switches.size() == 1)
            found.push_back({pair.name() + " are both cabled to " + *switches.begin(),
                             {pair.second->ports.front().path("switch"), pair.first->ports.front().path("switch")}});
    }
    return found;
}

Findings check_portfast(const View& view) {
    Findings found;
    for (const auto& sea : view.seas())
        for (const auto& port : sea.ports) {
            if (!cabled(port) || port.port->lan.config.portfast) continue;
            const auto* lan_switch = view.lan_switch(switch_of(port));
            if (!lan_switch || !lan_switch->spanning_tree) continue;
            found.push_back({switch_of(port) + " listens and learns for " +
                                 seconds_text(2 * lan_switch->forward_delay) + " at " + full_name(port) + " (" +
                                 sea.name() + ") before it forwards",
                             {port.path("portfast")}});
        }
    return found;
}

Findings check_no_cable(const View& view) {
    Findings found;
    for (const auto& sea : view.seas())
        for (const auto& port : sea.ports)
            if (!cabled(port))
                found.push_back({sea.name() + " stands on " + full_name(port) + ", which has no cable",
                                 {port.path("switch"), sea.path("real_adapter")}});
    return found;
}

/// Partitions in the SEA's VLANs whose TCP cannot take what large_receive hands over.
std::vector<std::string> sensitive_clients(const View& view, const Sea& sea) {
    std::set<std::string> seen;
    std::vector<std::string> names;
    for (const auto& segment : sea.segments())
        for (const auto& user : view.segments().at(segment).users) {
            const bool ibm_i = user.partition->config.lpar_env == hypervisor::PartitionEnvironment::kOs400;
            if ((ibm_i || user.partition->is_linux) && seen.insert(user.partition->config.name).second)
                names.push_back(user.partition->config.name);
        }
    return names;
}

Findings check_offload(const View& view) {
    Findings found;
    for (const auto& sea : view.seas()) {
        const bool receive = sea.attribute("large_receive") == "yes", send = sea.attribute("largesend") == "1";
        if (!receive && !send) continue;
        const auto names = sensitive_clients(view, sea);
        if (names.empty()) continue;
        found.push_back({sea.name() + " has " + (receive ? "large_receive=yes" : "largesend=1") +
                             " and serves Linux or IBM i: " + list_text(names),
                         {sea.path(receive ? "large_receive" : "largesend")}});
    }
    return found;
}

Findings check_thread(const View& view) {
    Findings found;
    for (const auto& sea : view.seas())
        if (sea.attribute("thread") == "0" && !sea.vios->vios->virtual_targets.empty())
            found.push_back({sea.name() + " has thread=0, and " + sea.vios->config.name + " serves virtual disks too",
                             {sea.path("thread")}});
    return found;
}

bool ends_loops(const View& view, const PhysicalPort& port) {
    if (port.port->lan.config.bpdu_guard) return true;
    const auto* lan_switch = view.lan_switch(switch_of(port));
    return lan_switch &&
           (lan_switch->storm_action == fabric::StormAction::kShutDown || lan_switch->mac_flap_err_disable);
}

Findings check_loop_guard(const View& view) {
    Findings found;
    for (const auto& pair : view.pairs()) {
        std::vector<std::string> switches;
        for (const auto* sea : {pair.first, pair.second})
            for (const auto& port : sea->ports)
                if (cabled(port) && !ends_loops(view, port) && !contains(switches, switch_of(port)))
                    switches.push_back(switch_of(port));
        if (switches.empty()) continue;
        found.push_back({"a loop through " + pair.name() + " would not be ended by " + list_text(switches),
                         {{"fabric", "lan", "switches", switches.front(), "storm_action"}}});
    }
    return found;
}

/// Cables between switches that both run spanning tree can be blocked, so only the others can close a ring for good.
Findings check_cable_loop(const View& view) {
    Findings found;
    const auto& lan = view.scenario().fabric.lan;
    std::vector<std::size_t> root(lan.switches.size());
    std::iota(root.begin(), root.end(), 0);
    const auto find = [&](std::size_t at) {
        while (root[at] != at) at = root[at] = root[root[at]];
        return at;
    };
    for (std::size_t i = 0; i < lan.links.size(); ++i) {
        const auto *a = view.lan_switch(lan.links[i].a), *b = view.lan_switch(lan.links[i].b);
        if (!a || !b || (a->spanning_tree && b->spanning_tree)) continue;
        const auto one = find(static_cast<std::size_t>(a - lan.switches.data()));
        const auto other = find(static_cast<std::size_t>(b - lan.switches.data()));
        if (one == other)
            found.push_back({"the cable between " + a->name + " and " + b->name +
                                 " closes a loop through a switch without spanning_tree",
                             {{"fabric", "lan", "links", std::to_string(i)},
                              {"fabric", "lan", "switches", a->spanning_tree ? b->name : a->name, "spanning_tree"}}});
        root[one] = other;
    }
    return found;
}

std::vector<Rule> loop_rules() {
    using enum Severity;
    return {
        {"NET-049", kAdvice, "Outside switch that does not end a loop through a SEA pair",
         "When both SEAs bridge by mistake, storm control only drops what is too much: the VLAN is dead for everybody "
         "in it "
         "until somebody pulls a cable. A switch that disables the ports keeps the damage to this server.",
         "Let the switch disable a port that loops (storm_action: shutdown), or set bpdu_guard on the ports of SEAs.",
         "R-NET-10; behaviour 3.3", check_loop_guard},
        {"NET-050", kCritical, "Cables between switches that form a loop without spanning tree",
         "The first broadcast goes round for ever: a storm in every VLAN of the cables, without any fault.",
         "Turn spanning tree on, with PortFast on the ports of servers; or take the cable out.", "R-NET-10",
         check_cable_loop},
    };
}

}  // namespace

std::vector<Rule> outside_rules() {
    using enum Severity;
    std::vector<Rule> all{
        {"NET-040", kCritical, "LACP on one side of a link aggregation only",
         "Without an answer to its LACP frames the negotiating side does not aggregate: the switch suspends the ports "
         "or uses "
         "them one by one.",
         "Use mode=8023ad with LACP on the switch ports, or neither.", "R-NET-02, R-NET-10", check_lacp},
        {"NET-041", kCritical, "Ports of a link aggregation are not one channel on the switch",
         "The switch sees one MAC address on several ports in turn and sends broadcasts of the server back to it: "
         "frames are "
         "lost or doubled.",
         "Put all primary ports into one channel group of the switch.", "R-NET-02", check_channel_group},
        {"NET-042", kCritical, "Primary ports of a link aggregation on two switches",
         "Two switches that are not a stack cannot form one channel; the server's address flaps between them.",
         "Cable all primary ports to one switch, and a backup adapter to another.", "R-NET-02, R-NET-10",
         check_two_switches},
        {"NET-043", kAdvice, "Backup port of a link aggregation on the switch of the primary ports",
         "When that switch fails, the backup port fails with it.", "Cable the backup adapter to another switch.",
         "R-NET-02", check_backup_switch},
        {"NET-044", kWarning, "Both sides of a SEA pair on one switch",
         "The switch is a single point of failure: without it no client reaches the outside, whatever the VIOSes do.",
         "Cable the two SEAs to different switches.", "R-NET-10", check_same_switch},
        {"NET-045", kWarning, "Server port without PortFast",
         "Spanning tree holds the port back after every link change and every adapter reset, so that a failover takes "
         "half a "
         "minute instead of a second.",
         "Make the switch ports of servers edge ports (PortFast, on trunks too).", "behaviour 3.3; SG24-7940",
         check_portfast},
        {"NET-046", kCritical, "SEA on a port without a cable",
         "Nothing is bridged; as the backup side it never can take over.", "Cable the port.", "R-NET-04",
         check_no_cable},
        {"NET-047", kWarning, "Large send or receive on a SEA with Linux or IBM i clients",
         "Such clients cannot take segments larger than their MTU from the SEA; their throughput falls.",
         "Turn large_receive and largesend off on this SEA, or give these clients another one.", "R-NET-08",
         check_offload},
        {"NET-048", kWarning, "thread=0 on a VIOS that also serves disks",
         "Without threads network traffic runs at interrupt level and holds up virtual disks. Threads cost 16 to 20 % "
         "more "
         "processor at MTU 1500.",
         "Set thread=1.", "behaviour 3.2; IBM, network attributes", check_thread},
    };
    std::ranges::move(loop_rules(), std::back_inserter(all));
    return all;
}

}  // namespace pvmsim::scenarios::audit
