// Rules for virtual Fibre Channel (R-NPIV-01..05, R-LP-09): paths, limits of ports, names in zones.
// Zones that name a partition hold both of its names; only zones that write WWPNs can forget the second.
#include <algorithm>
#include <map>
#include <set>

#include "scenarios/audit/rules.hpp"
#include "scenarios/audit/view.hpp"

namespace pvmsim::scenarios::audit {
namespace {

constexpr std::size_t kClientsOfPortMax = 64;  ///< R-NPIV-01

template <class Check>
void for_each_client(const View& view, Check check) {
    for (const auto& partition : view.scenario().partitions)
        if (const auto paths = view.fc_paths(partition); !paths.empty()) check(partition, paths);
}

Path mapping_path(const FcPath& path) {
    return partition_path(*path.vios, {"vios", "vfc_mappings", slot_text(path.adapter->remote_slot_num)});
}

Findings check_one_vios(const View& view) {
    Findings found;
    for_each_client(view, [&](const PartitionDescription& client, const std::vector<FcPath>& paths) {
        if (count_vioses(paths) != 1 || view.vioses(client.system).size() < 2) return;
        found.push_back(
            {client.config.name + " has virtual Fibre Channel from " + paths.front().vios->config.name + " only",
             {adapter_path(client, *paths.front().adapter)}});
    });
    return found;
}

Findings check_one_fabric(const View& view) {
    Findings found;
    for_each_client(view, [&](const PartitionDescription& client, const std::vector<FcPath>& paths) {
        std::set<std::string> fabrics;
        for (const auto& path : paths)
            if (path.port.port)
                if (const auto* fabric = view.fabric_of(path.port.port->fc_switch)) fabrics.insert(fabric->config.name);
        if (fabrics.size() == 1)
            found.push_back({"all paths of " + client.config.name + " lie in " + *fabrics.begin(),
                             {adapter_path(client, *paths.front().adapter)}});
    });
    return found;
}

Findings check_one_adapter(const View& view) {
    Findings found;
    for_each_client(view, [&](const PartitionDescription& client, const std::vector<FcPath>& paths) {
        std::set<std::string> adapters;
        for (const auto& path : paths)
            if (path.port.adapter) adapters.insert(path.port.adapter->slot.location);
        if (adapters.size() == 1)
            found.push_back({"all paths of " + client.config.name + " go through adapter " + client.system + "/" +
                                 *adapters.begin(),
                             {adapter_path(client, *paths.front().adapter)}});
    });
    return found;
}

Findings check_port_limit(const View& view) {
    Findings found;
    for (const auto& partition : view.scenario().partitions) {
        if (!partition.vios) continue;
        std::map<std::string, std::size_t> clients;
        for (const auto& mapping : partition.vios->vfc_mappings) ++clients[mapping.port];
        for (const auto& [port, count] : clients)
            if (count > kClientsOfPortMax)
                found.push_back(
                    {partition.config.name + " maps " + std::to_string(count) + " virtual adapters to " + port,
                     {partition_path(partition, {"vios", "vfc_mappings"})}});
    }
    return found;
}

Findings check_not_mapped(const View& view) {
    Findings found;
    for_each_client(view, [&](const PartitionDescription& client, const std::vector<FcPath>& paths) {
        for (const auto& path : paths)
            if (path.vios && !path.mapping)
                found.push_back({slot_text(path.adapter->slot_num) + " of " + client.config.name + " leads to " +
                                     slot_text(path.adapter->remote_slot_num) + " of " + path.vios->config.name +
                                     ", which is mapped to no port",
                                 {adapter_path(client, *path.adapter), mapping_path(path)}});
    });
    return found;
}

Findings check_wwpn_twice(const View& view) {
    Findings found;
    std::map<wire::Wwpn, std::pair<std::string, Path>> owners;
    const auto enter = [&](wire::Wwpn wwpn, const std::string& owner, const Path& place) {
        const auto [first, fresh] = owners.try_emplace(wwpn, owner, place);
        if (!fresh)
            found.push_back({owner + " has the WWPN " + wire::to_string(wwpn) + ", as has " + first->second.first,
                             {place, first->second.second}});
    };
    for (const auto& system : view.scenario().systems)
        for (const auto& adapter : system.adapters)
            for (const auto& port : adapter.ports)
                if (port.wwpn) {
                    const PhysicalPort physical{adapter.slot.location + "-" + port.name, &system, &adapter, &port};
                    enter(*port.wwpn, system.config.name + "/" + physical.name, physical.path("wwpn"));
                }
    for (const auto& partition : view.scenario().partitions)
        for (const auto& adapter : partition.config.profile.virtual_fc_adapters)
            if (adapter.wwpns)
                for (const auto wwpn : {adapter.wwpns->first, adapter.wwpns->second})
                    enter(wwpn, slot_text(adapter.slot_num) + " of " + partition.config.name,
                          adapter_path(partition, adapter));
    return found;
}

Findings check_fabric_without_npiv(const View& view) {
    Findings found;
    for_each_client(view, [&](const PartitionDescription& client, const std::vector<FcPath>& paths) {
        for (const auto& path : paths) {
            const auto* fabric = path.port.port ? view.fabric_of(path.port.port->fc_switch) : nullptr;
            if (fabric && !fabric->config.npiv)
                found.push_back({slot_text(path.adapter->slot_num) + " of " + client.config.name + " ends in " +
                                     fabric->config.name + ", whose switches do not take several logins on a port",
                                 {{"fabric", "san", fabric->config.name, "npiv"}, mapping_path(path)}});
        }
    });
    return found;
}

Findings check_second_name(const View& view) {
    Findings found;
    for_each_client(view, [&](const PartitionDescription& client, const std::vector<FcPath>& paths) {
        for (const auto& path : paths) {
            if (!path.adapter->wwpns) continue;
            for (const auto& fabric : view.scenario().fabric.san)
                for (const auto& zone : fabric.zones) {
                    const auto has = [&](wire::Wwpn name) {
                        return std::ranges::any_of(
                            zone.members, [&](const std::string& member) { return wire::parse_wwpn(member) == name; });
                    };
                    const auto& names = *path.adapter->wwpns;
                    const bool by_name = std::ranges::find(zone.members, client.config.name) != zone.members.end();
                    if (by_name || has(names.first) == has(names.second)) continue;
                    const auto missing = has(names.first) ? names.second : names.first;
                    found.push_back({"zone " + zone.name + " has one WWPN of " + slot_text(path.adapter->slot_num) +
                                         " of " + client.config.name + " and not " + wire::to_string(missing),
                                     {{"fabric", "san", fabric.config.name, "zones", zone.name},
                                      adapter_path(client, *path.adapter)}});
                }
        }
    });
    return found;
}

Findings check_port_not_cabled(const View& view) {
    Findings found;
    for_each_client(view, [&](const PartitionDescription&, const std::vector<FcPath>& paths) {
        for (const auto& path : paths)
            if (path.mapping && path.port.port && path.port.port->fc_switch.empty())
                found.push_back({slot_text(path.adapter->remote_slot_num) + " of " + path.vios->config.name +
                                     " is mapped to " + path.port.name + ", which has no cable",
                                 {path.port.path("switch"), mapping_path(path)}});
    });
    return found;
}

}  // namespace

std::vector<Rule> npiv_rules() {
    using enum Severity;
    return {
        {"NPV-001", kWarning, "Client with virtual Fibre Channel from one VIOS although there are two",
         "When that VIOS stops, or is updated, the client loses its disks.",
         "Add a virtual adapter from the other VIOS.", "R-NPIV-05, R-VI-03", check_one_vios},
        {"NPV-002", kWarning, "All virtual Fibre Channel adapters of a client in one fabric",
         "The failure of one Fibre Channel switch, or a zoning mistake, takes all disks away.",
         "Map the adapters to ports in two fabrics.", "R-NPIV-05", check_one_fabric},
        {"NPV-003", kWarning, "All virtual Fibre Channel adapters of a client on one physical adapter",
         "The physical adapter is a single point of failure.", "Map them to ports of different adapters.", "R-NPIV-05",
         check_one_adapter},
        {"NPV-004", kCritical, "More than 64 virtual Fibre Channel adapters on one port",
         "The VIOS refuses the next mapping.", "Spread the mappings over more ports.", "R-NPIV-01", check_port_limit},
        {"NPV-005", kWarning, "Virtual Fibre Channel adapter without a physical port",
         "The client's adapter sees no fabric: NOT_LOGGED_IN, one path fewer.", "vfcmap -vadapter vfchostN -fcp fcsN",
         "R-NPIV-02", check_not_mapped},
        {"NPV-006", kCritical, "The same WWPN twice",
         "The fabric refuses the second login, or gives both the same disks.",
         "Let the HMC generate the names, and never copy them to another partition.", "R-LP-09", check_wwpn_twice},
        {"NPV-007", kCritical, "NPIV into a fabric that does not support it",
         "The switch takes one login on a port; clients stay NOT_LOGGED_IN.",
         "Turn NPIV on at the switch ports, or use vSCSI.", "R-NPIV-01", check_fabric_without_npiv},
        {"NPV-008", kWarning, "Zone with one WWPN of a pair",
         "After a move to another server the client comes with its second name, which the zone does not know.",
         "Put both WWPNs of the adapter into the zone and into the host entry of the array.", "R-NPIV-04",
         check_second_name},
        {"NPV-009", kCritical, "Virtual Fibre Channel adapter on a port without a cable", "The path does not exist.",
         "Cable the port, or map the adapter to another.", "R-NPIV-02", check_port_not_cabled},
    };
}

}  // namespace pvmsim::scenarios::audit
