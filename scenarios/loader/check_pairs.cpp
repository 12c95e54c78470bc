// Both sides of virtual adapters: a client names a server adapter that exists and points back (R-LP-08, R-LP-09).
// A server adapter open to any client points to nobody; one that names a client is held to its word.
#include <algorithm>

#include "scenarios/loader/reading.hpp"

namespace pvmsim::scenarios {

namespace {

using hypervisor::AdapterRole;
using hypervisor::PartitionId;
using hypervisor::SlotNumber;

std::string slot_text(SlotNumber slot) { return "slot " + std::to_string(slot.value()); }

std::string_view role_text(AdapterRole role) { return role == AdapterRole::kServer ? "server" : "client"; }

AdapterRole other(AdapterRole role) {
    return role == AdapterRole::kServer ? AdapterRole::kClient : AdapterRole::kServer;
}

template <class Adapter>
const Adapter* find_slot(const std::vector<Adapter>& adapters, SlotNumber slot) {
    const auto found = std::ranges::find(adapters, slot, &Adapter::slot_num);
    return found == adapters.end() ? nullptr : &*found;
}

}  // namespace

/// What was written does not name one partition: it is reported here, and nothing else is said about the adapter.
std::optional<PartitionId> Reading::resolve_remote(const PartitionDescription& from, const RemotePartition& remote,
                                                   Place place) {
    if (remote.any) return hypervisor::kNoPartition;
    if (remote.name.empty()) {
        const PartitionId id{*remote.id};
        if (find_partition(from.system, id)) return id;
        if (trusted("partitions") && flawless("partitions." + from.config.name + ".system"))
            say(place,
                "there is no partition with lpar_id " + std::to_string(*remote.id) + " on '" + from.system + "'");
        return std::nullopt;
    }
    const auto* by_name = find_partition(remote.name);
    if (!by_name) {
        if (trusted("partitions")) unknown_name(place, "partition", remote.name, partition_names());
        return std::nullopt;
    }
    const auto path = "partitions." + remote.name;
    if (!flawless(path + ".lpar_id") || !flawless(path + ".system")) return std::nullopt;
    if (!flawless("partitions." + from.config.name + ".system")) return std::nullopt;
    if (by_name->system != from.system) {
        say(place, "'" + remote.name + "' is on system '" + by_name->system + "', not on '" + from.system + "'");
        return std::nullopt;
    }
    if (remote.id && by_name->config.lpar_id != PartitionId{*remote.id}) {
        say(place, "'" + remote.name + "' has lpar_id " + std::to_string(by_name->config.lpar_id.value()) + ", not " +
                       std::to_string(*remote.id));
        return std::nullopt;
    }
    return by_name->config.lpar_id;
}

void Reading::resolve_remotes(std::size_t index) {
    auto& partition = scenario_.partitions[index];
    auto& notes = notes_[index];
    const auto profile = "partitions." + partition.config.name + ".profile.";
    auto& scsi = partition.config.profile.virtual_scsi_adapters;
    for (std::size_t i = 0; i < scsi.size(); ++i) {
        const auto remote = resolve_remote(partition, notes.scsi_remotes[i], notes.scsi[i]);
        scsi[i].remote_lpar_id = remote.value_or(hypervisor::kNoPartition);
        if (!remote) flaws_.insert(profile + "virtual_scsi_adapters.0");
    }
    auto& fc = partition.config.profile.virtual_fc_adapters;
    for (std::size_t i = 0; i < fc.size(); ++i) {
        const auto remote = resolve_remote(partition, notes.fc_remotes[i], notes.fc[i]);
        fc[i].remote_lpar_id = remote.value_or(hypervisor::kNoPartition);
        if (!remote) flaws_.insert(profile + "virtual_fc_adapters.0");
    }
}

void Reading::check_pairs(std::size_t index) {
    const auto& partition = scenario_.partitions[index];
    const auto& notes = notes_[index];
    const auto& scsi = partition.config.profile.virtual_scsi_adapters;
    for (std::size_t i = 0; i < scsi.size(); ++i) check_scsi_pair(partition, scsi[i], notes.scsi[i]);
    const auto& fc = partition.config.profile.virtual_fc_adapters;
    for (std::size_t i = 0; i < fc.size(); ++i) check_fc_pair(partition, fc[i], notes.fc[i]);
}

void Reading::check_scsi_pair(const PartitionDescription& partition, const hypervisor::VirtualScsiAdapter& adapter,
                              Place place) {
    const auto* remote = find_partition(partition.system, adapter.remote_lpar_id);
    if (!remote || !adapter.remote_slot_num) return;
    if (!flawless("partitions." + remote->config.name + ".profile.virtual_scsi_adapters")) return;
    const auto* partner = find_slot(remote->config.profile.virtual_scsi_adapters, *adapter.remote_slot_num);
    const auto where = slot_text(*adapter.remote_slot_num) + " of '" + remote->config.name + "'";
    if (!partner) return say(place, "there is no virtual SCSI adapter in " + where);
    if (partner->adapter_type == adapter.adapter_type)
        return say(place, "the virtual SCSI adapter in " + where + " is a " +
                              std::string(role_text(partner->adapter_type)) + " adapter; a " +
                              std::string(role_text(other(adapter.adapter_type))) + " is needed");
    const bool partition_fits =
        partner->remote_lpar_id == hypervisor::kNoPartition || partner->remote_lpar_id == partition.config.lpar_id;
    const bool slot_fits = !partner->remote_slot_num || *partner->remote_slot_num == adapter.slot_num;
    if (!partition_fits || !slot_fits)
        say(place, "the virtual SCSI adapter in " + where + " does not point back to " + slot_text(adapter.slot_num) +
                       " of '" + partition.config.name + "'");
}

void Reading::check_fc_pair(const PartitionDescription& partition, const hypervisor::VirtualFcAdapter& adapter,
                            Place place) {
    const auto* remote = find_partition(partition.system, adapter.remote_lpar_id);
    if (!remote || !flawless("partitions." + remote->config.name + ".profile.virtual_fc_adapters")) return;
    const auto* partner = find_slot(remote->config.profile.virtual_fc_adapters, adapter.remote_slot_num);
    const auto where = slot_text(adapter.remote_slot_num) + " of '" + remote->config.name + "'";
    if (!partner) return say(place, "there is no virtual Fibre Channel adapter in " + where);
    if (partner->adapter_type == adapter.adapter_type)
        return say(place, "the virtual Fibre Channel adapter in " + where + " is a " +
                              std::string(role_text(partner->adapter_type)) + " adapter; a " +
                              std::string(role_text(other(adapter.adapter_type))) + " is needed");
    if (partner->remote_lpar_id != partition.config.lpar_id || partner->remote_slot_num != adapter.slot_num)
        say(place, "the virtual Fibre Channel adapter in " + where + " does not point back to " +
                       slot_text(adapter.slot_num) + " of '" + partition.config.name + "'");
}

}  // namespace pvmsim::scenarios
