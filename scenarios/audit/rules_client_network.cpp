// Rules for what clients do themselves about their network: Network Interface Backup over two virtual adapters
// (R-NET-03). Source: IBM's etherchannel_backupconfig as behaviour 3.5 quotes it. Aggregations of physical ports are
// outside_rules'.
#include <algorithm>
#include <set>

#include "scenarios/audit/rules.hpp"
#include "scenarios/audit/view.hpp"

namespace pvmsim::scenarios::audit {
namespace {

std::string name_of(const InterfaceBackup& backup) { return backup.partition->config.name + " " + backup.group->name; }

Path path_of(const InterfaceBackup& backup, std::string_view key) {
    return partition_path(*backup.partition, {"link_aggregations", backup.group->name, key});
}

Findings check_backup_without_ping(const View& view) {
    Findings found;
    for (const auto& backup : view.interface_backups()) {
        const auto address = aggregation_attribute(*backup.group, "netaddr");
        if (address.empty() || address == "0" || address == "0.0.0.0")
            found.push_back({name_of(backup) + " backs up " + slot_text(backup.first->slot_num) + " with " +
                                 slot_text(backup.second->slot_num) + " and has no netaddr",
                             {path_of(backup, "netaddr")}});
    }
    return found;
}

Findings check_backup_on_one_vios(const View& view) {
    Findings found;
    for (const auto& backup : view.interface_backups()) {
        std::set<std::string> vioses;
        bool both_bridged = true;
        for (const auto* adapter : {backup.first, backup.second}) {
            const auto bridges = view.bridges(*backup.partition, *adapter);
            both_bridged &= !bridges.empty();
            for (const auto* sea : bridges) vioses.insert(sea->vios->config.name);
        }
        if (both_bridged && vioses.size() == 1)
            found.push_back({name_of(backup) + ": " + *vioses.begin() + " alone bridges " +
                                 slot_text(backup.first->slot_num) + " and " + slot_text(backup.second->slot_num),
                             {path_of(backup, "backup_adapter")}});
    }
    return found;
}

}  // namespace

std::vector<Rule> client_network_rules() {
    using enum Severity;
    return {
        {"NET-034", kWarning, "Network Interface Backup over virtual adapters without netaddr",
         "The link of a virtual adapter never goes down, whatever happens to the VIOS behind it: only the ping "
         "notices. "
         "Without netaddr the backup adapter is never used.",
         "Set netaddr to an address outside that always answers.", "R-NET-03; behaviour 3.5",
         check_backup_without_ping},
        {"NET-035", kWarning, "Network Interface Backup with both adapters behind one VIOS",
         "When that VIOS stops, both ways are gone.", "Let SEAs of two VIOSes bridge the two adapters.",
         "R-NET-03; behaviour 3.5", check_backup_on_one_vios},
    };
}

}  // namespace pvmsim::scenarios::audit
