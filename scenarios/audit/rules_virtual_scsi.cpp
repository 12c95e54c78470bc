// Rules for virtual SCSI and what is behind it: paths, and the attributes that decide how soon one is left
// (R-STO-02..09, behaviour 4.3). Paths of one disk are counted from the client to fabrics and adapters of the VIOSes.
#include <algorithm>
#include <map>
#include <set>

#include "scenarios/audit/rules.hpp"
#include "scenarios/audit/view.hpp"

namespace pvmsim::scenarios::audit {
namespace {

/// A client's disk, and the VIOSes that offer it.
struct Disk {
    const PartitionDescription* client;
    const hypervisor::VirtualScsiAdapter* adapter;  ///< the first that leads to it
    const PartitionDescription* first_vios;
    const VirtualTargetDescription* target;
    std::vector<const PartitionDescription*> vioses;  ///< different ones
};

Path target_path(const Disk& disk) {
    return partition_path(*disk.first_vios, {"vios", "virtual_targets", disk.target->device});
}

std::vector<Disk> disks_of(const View& view, const PartitionDescription& client) {
    std::map<std::string, Disk> by_lun;
    for (const auto& path : view.scsi_paths(client))
        for (const auto* target : path.targets) {
            auto& disk =
                by_lun.try_emplace(target->lun, Disk{&client, path.adapter, path.vios, target, {}}).first->second;
            if (std::ranges::find(disk.vioses, path.vios) == disk.vioses.end()) disk.vioses.push_back(path.vios);
        }
    std::vector<Disk> disks;
    for (auto& [lun, disk] : by_lun) disks.push_back(std::move(disk));
    return disks;
}

template <class Check>
void for_each_client(const View& view, Check check) {
    for (const auto& partition : view.scenario().partitions)
        if (!is_vios(partition)) check(partition);
}

std::string_view array_of(const Disk& disk) {
    return std::string_view(disk.target->lun).substr(0, disk.target->lun.find('.'));
}

Findings check_one_vios(const View& view) {
    Findings found;
    for_each_client(view, [&](const PartitionDescription& client) {
        const auto paths = view.scsi_paths(client);
        if (paths.empty() || count_vioses(paths) != 1 || view.vioses(client.system).size() < 2) return;
        found.push_back({client.config.name + " has virtual SCSI from " + paths.front().vios->config.name + " only",
                         {adapter_path(client, *paths.front().adapter)}});
    });
    return found;
}

Findings check_unit_on_one_vios(const View& view) {
    Findings found;
    for_each_client(view, [&](const PartitionDescription& client) {
        if (count_vioses(view.scsi_paths(client)) < 2) return;
        for (const auto& disk : disks_of(view, client))
            if (disk.vioses.size() == 1)
                found.push_back({disk.target->lun + " reaches " + client.config.name + " through " +
                                     disk.first_vios->config.name + " only",
                                 {target_path(disk)}});
    });
    return found;
}

Findings check_one_fabric(const View& view) {
    Findings found;
    for_each_client(view, [&](const PartitionDescription& client) {
        for (const auto& disk : disks_of(view, client)) {
            std::set<std::string> of_array, fabrics;
            for (const auto& array : view.scenario().fabric.arrays)
                for (const auto& port : array.ports)
                    if (const auto* fabric = view.fabric_of(port.switch_name);
                        fabric && array.config.name == array_of(disk))
                        of_array.insert(fabric->config.name);
            for (const auto* vios : disk.vioses)
                for (const auto& port : view.fc_ports(*vios))
                    if (const auto* fabric = view.fabric_of(port.port->fc_switch);
                        fabric && of_array.contains(fabric->config.name))
                        fabrics.insert(fabric->config.name);
            if (fabrics.size() == 1)
                found.push_back(
                    {"all paths from " + client.config.name + " to " + disk.target->lun + " lie in " + *fabrics.begin(),
                     {target_path(disk)}});
        }
    });
    return found;
}

Findings check_one_adapter(const View& view) {
    Findings found;
    for_each_client(view, [&](const PartitionDescription& client) {
        for (const auto& disk : disks_of(view, client)) {
            if (disk.vioses.size() == 1 && view.vioses(client.system).size() > 1) continue;  // STO-001, STO-002
            std::set<std::string> adapters;
            for (const auto* vios : disk.vioses)
                for (const auto& port : view.fc_ports(*vios)) adapters.insert(port.adapter->slot.location);
            if (adapters.size() == 1)
                found.push_back({"all paths from " + client.config.name + " to " + disk.target->lun +
                                     " go through adapter " + client.system + "/" + *adapters.begin(),
                                 {target_path(disk), {"systems", client.system, "slots", *adapters.begin()}}});
        }
    });
    return found;
}

Findings check_one_controller(const View& view) {
    Findings found;
    for (const auto& array : view.scenario().fabric.arrays) {
        std::set<std::string> controllers;
        for (const auto& port : array.ports) controllers.insert(port.controller);
        if (controllers.size() == 1 && !array.luns.empty())
            found.push_back({"all ports of " + array.config.name + " are on controller " + *controllers.begin(),
                             {{"fabric", "storage", array.config.name, "ports"}}});
    }
    return found;
}

/// Calls `check(client)` for clients whose disks come through two VIOSes.
template <class Check>
void for_each_dual_client(const View& view, Check check) {
    for_each_client(view, [&](const PartitionDescription& client) {
        if (count_vioses(view.scsi_paths(client)) >= 2) check(client);
    });
}

Findings check_path_timeout(const View& view) {
    Findings found;
    for_each_dual_client(view, [&](const PartitionDescription& client) {
        if (vscsi_attribute(client, "vscsi_path_to") == "0")
            found.push_back({client.config.name + " has vscsi_path_to=0",
                             {partition_path(client, {"devices", "vscsi", "vscsi_path_to"})}});
    });
    return found;
}

Findings check_health_check(const View& view) {
    Findings found;
    for (const auto& partition : view.scenario().partitions) {
        const bool several_scsi = count_vioses(view.scsi_paths(partition)) >= 2;
        const bool several_fc = view.fc_paths(partition).size() >= 2;
        const bool serves =
            partition.vios && !partition.vios->virtual_targets.empty() && view.fc_ports(partition).size() >= 2;
        if ((several_scsi || several_fc || serves) && hdisk_attribute(partition, "hcheck_interval") == "0")
            found.push_back({partition.config.name + " has several paths and hcheck_interval=0",
                             {partition_path(partition, {"devices", "hdisk", "hcheck_interval"})}});
    }
    return found;
}

/// Partitions that send I/O through Fibre Channel: VIOSes with disks, and NPIV clients.
template <class Check>
void for_each_fc_user(const View& view, Check check) {
    for (const auto& partition : view.scenario().partitions) {
        const bool serves =
            partition.vios && !partition.vios->virtual_targets.empty() && !view.fc_ports(partition).empty();
        if (serves || !view.fc_paths(partition).empty()) check(partition);
    }
}

Findings check_fc_recovery(const View& view) {
    Findings found;
    for_each_fc_user(view, [&](const PartitionDescription& partition) {
        if (fscsi_attribute(partition, "fc_err_recov") == "delayed_fail")
            found.push_back({partition.config.name + " has fc_err_recov=delayed_fail",
                             {partition_path(partition, {"devices", "fscsi", "fc_err_recov"})}});
    });
    return found;
}

Findings check_dynamic_tracking(const View& view) {
    Findings found;
    for_each_fc_user(view, [&](const PartitionDescription& partition) {
        if (fscsi_attribute(partition, "dyntrk") == "no")
            found.push_back({partition.config.name + " has dyntrk=no",
                             {partition_path(partition, {"devices", "fscsi", "dyntrk"})}});
    });
    return found;
}

Findings check_reserve(const View& view) {
    Findings found;
    std::vector<const PartitionDescription*> sharers;
    for_each_dual_client(view, [&](const PartitionDescription& client) {
        for (const auto& disk : disks_of(view, client))
            if (disk.vioses.size() >= 2) {
                sharers.push_back(&client);
                sharers.insert(sharers.end(), disk.vioses.begin(), disk.vioses.end());
            }
    });
    for (const auto& partition : view.scenario().partitions) {
        const auto policy = hdisk_attribute(partition, "reserve_policy");
        if (contains(sharers, &partition) && policy != "no_reserve")
            found.push_back({partition.config.name + " has reserve_policy=" + policy,
                             {partition_path(partition, {"devices", "hdisk", "reserve_policy"})}});
    }
    return found;
}

Findings check_scsi_recovery(const View& view) {
    Findings found;
    for_each_client(view, [&](const PartitionDescription& client) {
        const auto vioses = count_vioses(view.scsi_paths(client));
        if (vioses == 0) return;
        const std::string wanted = vioses >= 2 ? "fast_fail" : "delayed_fail";
        const auto value = vscsi_attribute(client, "vscsi_err_recov");
        if (value != wanted)
            found.push_back({client.config.name + " has vscsi_err_recov=" + value + " with " +
                                 (vioses >= 2 ? "two VIOSes" : "one VIOS"),
                             {partition_path(client, {"devices", "vscsi", "vscsi_err_recov"})}});
    });
    return found;
}

Findings check_queue_depth(const View& view) {
    Findings found;
    for_each_client(view, [&](const PartitionDescription& client) {
        const auto depth = hdisk_attribute(client, "queue_depth");
        for (const auto& path : view.scsi_paths(client)) {
            if (path.targets.empty() || hdisk_attribute(*path.vios, "queue_depth") == depth) continue;
            found.push_back({client.config.name + " has queue_depth=" + depth + ", " + path.vios->config.name +
                                 " has " + hdisk_attribute(*path.vios, "queue_depth"),
                             {partition_path(client, {"devices", "hdisk", "queue_depth"}),
                              partition_path(*path.vios, {"devices", "hdisk", "queue_depth"})}});
            break;
        }
    });
    return found;
}

/// The VIOS that a client with several uses as long as all is well: the lowest path priority, else the first adapter.
const PartitionDescription* preferred_vios(const View& view, const PartitionDescription& client) {
    const PartitionDescription* preferred = nullptr;
    std::uint32_t best = 0;
    const auto paths = view.scsi_paths(client);
    for (std::size_t i = 0; i < paths.size(); ++i) {
        const auto& priorities = client.devices.path_priority;
        const auto written = priorities.find("vscsi" + std::to_string(i));
        const auto priority = written == priorities.end() ? 1 : written->second;
        if (paths[i].vios && (!preferred || priority < best)) {
            preferred = paths[i].vios;
            best = priority;
        }
    }
    return preferred;
}

Findings check_path_balance(const View& view) {
    Findings found;
    for (const auto& system : view.scenario().systems) {
        std::vector<std::string> names;
        std::set<std::string> preferred;
        const PartitionDescription* first = nullptr;
        for_each_dual_client(view, [&](const PartitionDescription& client) {
            if (client.system != system.config.name || hdisk_attribute(client, "algorithm") != "fail_over") return;
            if (!first) first = &client;
            names.push_back(client.config.name);
            if (const auto* vios = preferred_vios(view, client)) preferred.insert(vios->config.name);
        });
        if (names.size() >= 2 && preferred.size() == 1)
            found.push_back({list_text(names) + " all prefer " + *preferred.begin(),
                             {partition_path(*first, {"devices", "path_priority"})}});
    }
    return found;
}

Findings check_no_disk(const View& view) {
    Findings found;
    for_each_client(view, [&](const PartitionDescription& client) {
        for (const auto& path : view.scsi_paths(client))
            if (path.vios && path.adapter->remote_slot_num && path.targets.empty())
                found.push_back({slot_text(path.adapter->slot_num) + " of " + client.config.name + " leads to " +
                                     slot_text(*path.adapter->remote_slot_num) + " of " + path.vios->config.name +
                                     ", which offers nothing",
                                 {adapter_path(client, *path.adapter)}});
    });
    return found;
}

}  // namespace

std::vector<Rule> virtual_scsi_rules() {
    using enum Severity;
    return {
        {"STO-001", kWarning, "Client with virtual SCSI from one VIOS although there are two",
         "When that VIOS stops, or is updated, the client stops with it.",
         "Add a virtual SCSI adapter from the other VIOS and map the same units to it.", "R-STO-02, R-VI-03",
         check_one_vios},
        {"STO-002", kWarning, "Unit offered by one of the client's two VIOSes only",
         "The client has adapters to both, but this disk has one path.",
         "Map the unit on the other VIOS too, with reserve_policy=no_reserve.", "R-STO-02", check_unit_on_one_vios},
        {"STO-003", kWarning, "All paths of a disk in one SAN fabric",
         "The failure of one Fibre Channel switch, or a zoning mistake, takes the disk away from the client.",
         "Cable the VIOSes and the array to two fabrics.", "R-STO-03, R-NPIV-05", check_one_fabric},
        {"STO-004", kWarning, "All paths of a disk through one Fibre Channel adapter",
         "The adapter is a single point of failure.", "Use ports of two adapters, or a second VIOS with its own.",
         "R-STO-03", check_one_adapter},
        {"STO-005", kAdvice, "Array cabled on one controller", "The failure of the controller takes all units away.",
         "Cable ports of both controllers.", "R-STO-03", check_one_controller},
        {"STO-006", kWarning, "vscsi_path_to=0 on a client of two VIOSes",
         "A VIOS that hangs without dying is never given up: the client's I/O waits as long as it hangs.",
         "chdev -l vscsi0 -a vscsi_path_to=30 -P, for each adapter, and restart the client.", "R-STO-04; behaviour 4.3",
         check_path_timeout},
        {"STO-007", kWarning, "hcheck_interval=0 with several paths",
         "A path that has failed is not tested again and stays failed: the next failure finds no path left.",
         "chdev -l hdisk0 -a hcheck_interval=60 -P, for each disk.", "R-STO-04; behaviour 4.3", check_health_check},
        {"STO-008", kWarning, "fc_err_recov=delayed_fail",
         "When a switch or a port fails, I/O is retried on the dead path for minutes instead of failing over in some "
         "15 s.",
         "chdev -l fscsi0 -a fc_err_recov=fast_fail -P, for each adapter.", "R-STO-09", check_fc_recovery},
        {"STO-009", kAdvice, "dyntrk=no",
         "A port that gets another address in the fabric is lost until it is configured again.",
         "chdev -l fscsi0 -a dyntrk=yes -P, for each adapter.", "R-STO-09", check_dynamic_tracking},
        {"STO-010", kCritical, "Reserved disk shared by two VIOSes",
         "The first VIOS that opens the disk reserves it; the path through the other one fails when it is needed.",
         "chdev -dev hdiskN -attr reserve_policy=no_reserve on both VIOSes and in the client.", "R-STO-02",
         check_reserve},
        {"STO-011", kAdvice, "vscsi_err_recov does not fit the number of VIOSes",
         "With two VIOSes fast_fail lets I/O go to the other path at once; with one, delayed_fail waits for its "
         "return.",
         "chdev -l vscsi0 -a vscsi_err_recov=fast_fail (one VIOS: delayed_fail) -P.", "R-STO-04", check_scsi_recovery},
        {"STO-012", kAdvice, "queue_depth differs between client and VIOS",
         "The smaller of the two limits the disk; a larger one in the client only moves the queue into the VIOS.",
         "Set the same queue_depth on the VIOS's disk and in the client.", "R-STO-04; behaviour 4.2",
         check_queue_depth},
        {"STO-013", kAdvice, "All clients prefer the same VIOS for their disks",
         "One VIOS does all the disk I/O, the other none, until a failover.",
         "chpath -l hdisk0 -p vscsi0 -a priority=2 in half of the clients.", "R-STO-03", check_path_balance},
        {"STO-014", kAdvice, "Virtual SCSI adapter without a disk",
         "The adapter takes memory and slots and serves nothing.", "Map a device to it, or remove it on both ends.",
         "R-LP-08", check_no_disk},
    };
}

}  // namespace pvmsim::scenarios::audit
