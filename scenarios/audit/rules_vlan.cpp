// Rules for VLANs: what the virtual switch, the trunk adapters and the outside switch ports make of each number
// (R-NET-01, R-NET-04, R-NET-10, R-LP-07). A VLAN is in use when an adapter that is neither trunk nor control channel
// has it.
#include <algorithm>
#include <map>
#include <set>

#include "hypervisor/partition/address_allocator.hpp"
#include "hypervisor/partition/check_profile.hpp"
#include "scenarios/audit/rules.hpp"
#include "scenarios/audit/view.hpp"
#include "scenarios/play/names.hpp"

namespace pvmsim::scenarios::audit {
namespace {

constexpr std::size_t kTrunksMax = 16;  ///< R-NET-04

/// Does the port's switch know the VLAN, and does the port let it through with a tag?
bool lets_through(const View& view, const LanPortDescription& port, wire::VlanId vlan) {
    const auto* lan_switch = view.lan_switch(port.switch_name);
    if (lan_switch && !lan_switch->vlans.empty() && !contains(lan_switch->vlans, vlan)) return false;
    if (port.config.native_vlan == vlan) return true;
    return port.config.trunk && (port.config.allowed_vlans.empty() || contains(port.config.allowed_vlans, vlan));
}

std::vector<std::string> user_names(const SegmentUse& use) {
    std::vector<std::string> names;
    for (const auto& user : use.users)
        if (names.empty() || names.back() != user.partition->config.name) names.push_back(user.partition->config.name);
    return names;
}

/// Only the port VLANs of trunk adapters leave without a tag; NET-023 and NET-024 look at them.
bool leaves_untagged(const Sea& sea, const Segment& segment) {
    return sea.trunk_of(segment)->port_vlan_id == segment.vlan;
}

Findings blocked_outside(const View& view, bool in_use) {
    Findings found;
    for (const auto& [segment, use] : view.segments()) {
        if (use.users.empty() == in_use) continue;
        for (const auto* sea : use.seas) {
            if (leaves_untagged(*sea, segment)) continue;
            for (const auto& port : sea->ports) {
                if (!port.port || port.port->lan.switch_name.empty()) continue;
                if (lets_through(view, port.port->lan, segment.vlan)) continue;
                auto message = port.port->lan.switch_name + " does not let " + vlan_text(segment.vlan) +
                               " through at " + port.system->config.name + "/" + port.name + " (" + sea->name() + ")";
                if (in_use) message += "; used by " + list_text(user_names(use));
                found.push_back({std::move(message),
                                 {port.path("vlans"),
                                  adapter_path(*sea->vios, *sea->trunk_of(segment)),
                                  {"fabric", "lan", "switches", port.port->lan.switch_name, "vlans"}}});
            }
        }
    }
    return found;
}

Findings check_blocked_outside(const View& view) { return blocked_outside(view, true); }
Findings check_blocked_unused(const View& view) { return blocked_outside(view, false); }

Findings check_missing_on_one_side(const View& view) {
    Findings found;
    for (const auto& pair : view.pairs()) {
        const auto common = view.common(pair);
        for (const auto& [with, without] : {std::pair{pair.first, pair.second}, std::pair{pair.second, pair.first}})
            for (const auto& segment : with->segments()) {
                const auto use = view.segments().find(segment);
                const bool carried_elsewhere = use->second.seas.size() > 1;
                if (use->second.users.empty() || carried_elsewhere || without->trunk_of(segment)) continue;
                found.push_back({vlan_text(segment.vlan) + " is on " + with->name() + " and not on " + without->name() +
                                     "; used by " + list_text(user_names(use->second)),
                                 {adapter_path(*without->vios, *without->trunk_of(common.front())),
                                  adapter_path(*with->vios, *with->trunk_of(segment))}});
            }
    }
    return found;
}

Findings check_untagged_leak(const View& view) {
    Findings found;
    for (const auto& [segment, use] : view.segments())
        for (const auto* sea : use.seas) {
            const auto* trunk = sea->trunk_of(segment);
            if (use.users.empty() || trunk == sea->default_trunk || !leaves_untagged(*sea, segment)) continue;
            found.push_back({vlan_text(segment.vlan) + " is the port VLAN of " + slot_text(trunk->slot_num) + " of " +
                                 sea->name() + ", which is not its pvid_adapter; used by " + list_text(user_names(use)),
                             {adapter_path(*sea->vios, *trunk),
                              adapter_path(*use.users.front().partition, *use.users.front().adapter)}});
        }
    return found;
}

Findings check_native_vlan(const View& view) {
    Findings found;
    for (const auto& [segment, use] : view.segments())
        for (const auto* sea : use.seas) {
            if (use.users.empty() || sea->trunk_of(segment) != sea->default_trunk || !leaves_untagged(*sea, segment))
                continue;
            for (const auto& port : sea->ports) {
                if (!port.port || port.port->lan.switch_name.empty()) continue;
                const auto native = port.port->lan.config.native_vlan;
                if (native == segment.vlan && lets_through(view, port.port->lan, native)) continue;
                const bool unknown = native == segment.vlan;
                found.push_back({vlan_text(segment.vlan) + " leaves " + sea->name() + " untagged, and " +
                                     port.port->lan.switch_name +
                                     (unknown ? " does not know it" : " takes that for " + vlan_text(native)) +
                                     "; used by " + list_text(user_names(use)),
                                 {port.path(port.port->lan.config.trunk ? "native_vlan" : "vlan"),
                                  adapter_path(*sea->vios, *sea->default_trunk)}});
            }
        }
    return found;
}

Findings check_reserved_vlan(const View& view) {
    Findings found;
    for (const auto& partition : view.scenario().partitions)
        for (const auto& adapter : partition.config.profile.virtual_eth_adapters)
            if (contains(vlans_of(adapter), wire::kVlanIdFirmware))
                found.push_back({slot_text(adapter.slot_num) + " of " + partition.config.name + " is in VLAN 3358",
                                 {adapter_path(partition, adapter)}});
    for (const auto& host : view.scenario().fabric.lan.hosts)
        for (const auto& [vlan, address] : host.config.addresses)
            if (vlan == wire::kVlanIdFirmware)
                found.push_back({"host " + host.config.name + " is in VLAN 3358, which no partition can reach",
                                 {{"fabric", "lan", "hosts", host.config.name}}});
    return found;
}

Findings check_trunk_count(const View& view) {
    Findings found;
    for (const auto& sea : view.seas())
        if (sea.trunks.size() > kTrunksMax)
            found.push_back({sea.name() + " has " + std::to_string(sea.trunks.size()) + " trunk adapters",
                             {sea.path("virt_adapters")}});
    return found;
}

Findings check_vlan_count(const View& view) {
    Findings found;
    for (const auto& partition : view.scenario().partitions)
        for (const auto& adapter : partition.config.profile.virtual_eth_adapters)
            if (adapter.addl_vlan_ids.size() > hypervisor::kAdditionalVlanIdsMax)
                found.push_back({slot_text(adapter.slot_num) + " of " + partition.config.name + " has " +
                                     std::to_string(adapter.addl_vlan_ids.size()) + " additional VLANs",
                                 {adapter_path(partition, adapter)}});
    return found;
}

/// VLANs that one side of a pair lacks are NET-022's.
Findings check_single_bridge(const View& view) {
    Findings found;
    for (const auto& [segment, use] : view.segments()) {
        if (use.users.empty() || use.seas.size() != 1 || view.vioses(segment.system).size() < 2) continue;
        const auto* sea = use.seas.front();
        const bool paired = std::ranges::any_of(
            view.pairs(), [&](const SeaPair& pair) { return pair.first == sea || pair.second == sea; });
        auto alone = use;
        std::erase_if(alone.users, [&](const AdapterUse& user) { return view.backed_up(user); });
        if (paired || alone.users.empty()) continue;
        found.push_back(
            {segment.text() + " is bridged by " + sea->name() + " alone; used by " + list_text(user_names(alone)),
             {adapter_path(*sea->vios, *sea->trunk_of(segment))}});
    }
    return found;
}

Findings check_no_bridge(const View& view) {
    Findings found;
    for (const auto& [segment, use] : view.segments()) {
        if (use.users.empty() || !use.seas.empty()) continue;
        for (const auto& host : view.scenario().fabric.lan.hosts) {
            const auto& addresses = host.config.addresses;
            if (std::ranges::find(addresses, segment.vlan, &std::pair<wire::VlanId, wire::Ipv4Address>::first) ==
                addresses.end())
                continue;
            found.push_back({segment.text() + " is used by " + list_text(user_names(use)) + " and outside by host " +
                                 host.config.name + ", and no SEA bridges it",
                             {adapter_path(*use.users.front().partition, *use.users.front().adapter)}});
            break;
        }
    }
    return found;
}

Findings check_idle_trunk(const View& view) {
    Findings found;
    std::vector<const hypervisor::VirtualEthernetAdapter*> bridged;
    for (const auto& sea : view.seas()) bridged.insert(bridged.end(), sea.trunks.begin(), sea.trunks.end());
    for (const auto& partition : view.scenario().partitions)
        for (const auto& adapter : partition.config.profile.virtual_eth_adapters)
            if (adapter.is_trunk() && !contains(bridged, &adapter))
                found.push_back({"trunk adapter " + slot_text(adapter.slot_num) + " of " + partition.config.name +
                                     " belongs to no SEA",
                                 {adapter_path(partition, adapter)}});
    return found;
}

/// Switches that frames of a VLAN can reach from a switch.
std::set<std::string> reachable(const View& view, const std::string& from, wire::VlanId vlan) {
    const auto knows = [&](const std::string& name) {
        const auto* config = view.lan_switch(name);
        return config && (config->vlans.empty() || contains(config->vlans, vlan));
    };
    std::set<std::string> reached{from};
    for (bool more = true; more;) {
        more = false;
        for (const auto& link : view.scenario().fabric.lan.links) {
            const auto& config = link.config;
            const bool carried =
                config.native_vlan == vlan || config.allowed_vlans.empty() || contains(config.allowed_vlans, vlan);
            if (!carried || !knows(link.a) || !knows(link.b)) continue;
            if (reached.contains(link.a) != reached.contains(link.b)) {
                reached.insert({link.a, link.b});
                more = true;
            }
        }
    }
    return reached;
}

Findings check_switches_apart(const View& view) {
    Findings found;
    for (const auto& pair : view.pairs()) {
        const auto &one = pair.first->ports.front(), &other = pair.second->ports.front();
        if (!one.port || !other.port || one.port->lan.switch_name.empty() || other.port->lan.switch_name.empty())
            continue;
        for (const auto& segment : view.common(pair)) {
            if (!view.used(segment)) continue;
            if (reachable(view, one.port->lan.switch_name, segment.vlan).contains(other.port->lan.switch_name))
                continue;
            found.push_back({"no cable carries " + vlan_text(segment.vlan) + " between " + one.port->lan.switch_name +
                                 " and " + other.port->lan.switch_name + ", where " + pair.name() + " end",
                             {{"fabric", "lan", "links"}, one.path("switch"), other.path("switch")}});
        }
    }
    return found;
}

/// Who had an address first, and where that is written.
class MacRegister {
  public:
    explicit MacRegister(Findings& found) : found_(found) {}
    void enter(wire::MacAddress mac, std::string owner, Path place) {
        const auto [first, fresh] = owners_.try_emplace(mac, owner, place);
        if (fresh) return;
        found_.push_back({owner + " has the MAC address " + mac.to_string() + ", as has " + first->second.first,
                          {std::move(place), first->second.second}});
    }

  private:
    Findings& found_;
    std::map<wire::MacAddress, std::pair<std::string, Path>> owners_;
};

Findings check_mac_twice(const View& view) {
    Findings found;
    MacRegister macs(found);
    for (const auto& system : view.scenario().systems)
        for (const auto& adapter : system.adapters) {
            if (adapter.slot.kind != hypervisor::AdapterKind::kEthernet) continue;
            for (const auto& port : adapter.ports) {
                const PhysicalPort physical{adapter.slot.location + "-" + port.name, &system, &adapter, &port};
                const auto name = system.config.name + "/" + physical.name;
                macs.enter(port.mac.value_or(adapter_mac(name)), name, physical.path("mac"));
            }
        }
    for (const auto& partition : view.scenario().partitions) {
        const auto& system = view.system(partition.system).config;
        const auto digits = hypervisor::system_digits(system.type_model, system.serial_num);
        for (const auto& adapter : partition.config.profile.virtual_eth_adapters)
            macs.enter(
                adapter.mac_addr.value_or(hypervisor::default_mac(digits, partition.config.lpar_id, adapter.slot_num)),
                slot_text(adapter.slot_num) + " of " + partition.config.name, adapter_path(partition, adapter));
    }
    return found;
}

/// A VEPA leaves traffic between partitions to the switch outside, which has to send it back by the port it came from.
Findings check_reflective_relay(const View& view) {
    Findings found;
    for (const auto& sea : view.seas()) {
        const auto is_vepa = [&](const hypervisor::VirtualEthernetAdapter* trunk) {
            const auto& switches = view.system(sea.vios->system).vswitches;
            const auto one = std::ranges::find(switches, trunk->vswitch, &VirtualSwitchDescription::name);
            return one != switches.end() && one->mode == hypervisor::SwitchMode::kVepa;
        };
        const auto trunk = std::ranges::find_if(sea.trunks, is_vepa);
        if (trunk == sea.trunks.end()) continue;
        for (const auto& port : sea.ports) {
            if (!port.port || port.port->lan.switch_name.empty() || port.port->lan.config.hairpin) continue;
            found.push_back({(*trunk)->vswitch + " of " + sea.vios->system + " is a VEPA, and " +
                                 port.port->lan.switch_name + " does not reflect at " + port.system->config.name + "/" +
                                 port.name + " (" + sea.name() + ")",
                             {port.path("reflective_relay"), adapter_path(*sea.vios, **trunk)}});
        }
    }
    return found;
}

}  // namespace

std::vector<Rule> vlan_rules() {
    using enum Severity;
    return {
        {"NET-020", kCritical, "VLAN in use is missing on the outside switch port",
         "Frames of the VLAN end at the switch while this SEA bridges. On a backup side nobody notices until it takes "
         "over.",
         "Add the VLAN to the switch and to the allowed VLANs of the ports of both sides.", "R-NET-10",
         check_blocked_outside},
        {"NET-021", kAdvice, "VLAN of a trunk adapter is missing on the outside switch port",
         "Nobody uses the VLAN yet. The first client that does will not reach the outside.",
         "Add the VLAN to the switch port, or take it off the trunk adapter.", "R-NET-10", check_blocked_unused},
        {"NET-022", kCritical, "VLAN in use is on one side of a SEA pair only",
         "When the other side takes over, the clients of the VLAN lose the outside, though everything looks healthy.",
         "Define the VLAN on a trunk adapter of both sides.", "R-NET-05, R-NET-10", check_missing_on_one_side},
        {"NET-023", kWarning, "Clients use the port VLAN of a trunk adapter that is not the default one",
         "Frames of that VLAN leave the SEA untagged, so the outside switch puts them into the native VLAN of its "
         "port, and "
         "answers come back in the default PVID.",
         "Give trunk adapters port VLANs that nobody uses, and carry the clients' VLANs as additional VLANs.",
         "R-NET-04, R-NET-10; behaviour 3.2", check_untagged_leak},
        {"NET-024", kWarning, "Default PVID in use, and the outside switch has another native VLAN",
         "Frames of the default PVID leave untagged and belong to the native VLAN of the switch port from then on: two "
         "VLANs "
         "are joined, or the frames are dropped.",
         "Set the native VLAN of the switch port to the SEA's PVID, or move the clients to a tagged VLAN.",
         "R-NET-04, R-NET-10", check_native_vlan},
        {"NET-025", kCritical, "VLAN 3358 is reserved",
         "The firmware keeps VLAN 3358 for itself; the HMC refuses it, and frames of it are dropped.",
         "Use another VLAN.", "R-NET-01", check_reserved_vlan},
        {"NET-026", kCritical, "SEA with more than 16 trunk adapters", "The VIOS refuses the seventeenth.",
         "Spread the VLANs over two SEAs, or put up to 20 VLANs on each trunk adapter.", "R-NET-04", check_trunk_count},
        {"NET-027", kCritical, "Virtual Ethernet adapter with more than 20 additional VLANs",
         "An adapter has its port VLAN and at most 20 more; the HMC refuses the profile.",
         "Spread the VLANs over several trunk adapters.", "R-LP-07", check_vlan_count},
        {"NET-028", kWarning, "VLAN bridged by one SEA although there are two VIOSes",
         "When this VIOS stops, the users of the VLAN lose the outside until it is back. Clients with Network "
         "Interface "
         "Backup over another VIOS are not named.",
         "Add a SEA for the VLAN on the other VIOS and make the two a failover pair.", "R-NET-05, R-VI-03",
         check_single_bridge},
        {"NET-029", kAdvice, "VLAN inside and outside, and no bridge between",
         "The partitions reach each other, but not the outside host with the same VLAN number.",
         "Add the VLAN to a trunk adapter of a SEA; or rename one of the two.", "R-NET-04", check_no_bridge},
        {"NET-030", kAdvice, "Trunk adapter that no SEA uses",
         "The adapter has access to the external network and nothing bridges it; it can become the target of frames "
         "that "
         "are then lost.",
         "Add it to a SEA, or remove its access to the external network.", "R-NET-04; behaviour 3.1", check_idle_trunk},
        {"NET-031", kWarning, "The outside switches of a SEA pair are not connected in a VLAN",
         "After a failover the clients appear at a switch from which what they talked to cannot be reached.",
         "Connect the switches, and let every VLAN of the pair through on that cable.", "R-NET-05",
         check_switches_apart},
        {"NET-032", kCritical, "The same MAC address twice",
         "Switches learn the address at two places in turn; both stations lose frames to each other.",
         "Leave virtual MAC addresses to the HMC, and never copy them to another server.", "R-NET-01; behaviour 3.1",
         check_mac_twice},
        {"NET-033", kCritical, "VEPA without reflective relay on the outside switch port",
         "A virtual switch with switch_mode VEPA sends everything out. A switch port without reflective relay "
         "(802.1Qbg) "
         "does not send it back, so partitions of the server do not reach each other.",
         "Turn reflective relay on at the ports of both sides, or set switch_mode VEB.", "R-NET-01; behaviour 3.1",
         check_reflective_relay},
    };
}

}  // namespace pvmsim::scenarios::audit
