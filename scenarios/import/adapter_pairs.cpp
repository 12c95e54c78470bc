// Both sides of virtual SCSI and virtual Fibre Channel adapters; see adapter_pairs.hpp. Whether two adapters fit is the
// same question from either side, so all are judged by the listings as they were.
#include "scenarios/import/adapter_pairs.hpp"

#include <algorithm>
#include <string_view>

#include "scenarios/import/adapter_strings.hpp"

namespace pvmsim::scenarios {

namespace {

using hypervisor::AdapterRole;

const RecordedPartition* find(const RecordedMachine& machine, hypervisor::PartitionId id) {
    const auto found = std::ranges::find(machine.partitions, id, &RecordedPartition::lpar_id);
    return found == machine.partitions.end() ? nullptr : &*found;
}

template <class Adapter>
const Adapter* find_adapter(const std::vector<Adapter>& adapters, hypervisor::SlotNumber slot) {
    const auto found = std::ranges::find(adapters, slot, &Adapter::slot_num);
    return found == adapters.end() ? nullptr : &*found;
}

bool has_partner(const RecordedMachine& machine, const RecordedPartition& partition,
                 const hypervisor::VirtualScsiAdapter& adapter) {
    const bool open = adapter.remote_lpar_id == hypervisor::kNoPartition && !adapter.remote_slot_num;
    if (open) return adapter.adapter_type == AdapterRole::kServer;
    const auto* remote = find(machine, adapter.remote_lpar_id);
    if (remote == nullptr) return false;
    if (!adapter.remote_slot_num) return adapter.adapter_type == AdapterRole::kServer;
    const auto* partner = find_adapter(remote->profile.virtual_scsi_adapters, *adapter.remote_slot_num);
    if (partner == nullptr || partner->adapter_type == adapter.adapter_type) return false;
    const bool partition_fits =
        partner->remote_lpar_id == hypervisor::kNoPartition || partner->remote_lpar_id == partition.lpar_id;
    return partition_fits && (!partner->remote_slot_num || *partner->remote_slot_num == adapter.slot_num);
}

bool has_partner(const RecordedMachine& machine, const RecordedPartition& partition,
                 const hypervisor::VirtualFcAdapter& adapter) {
    const auto* remote = find(machine, adapter.remote_lpar_id);
    if (remote == nullptr) return false;
    const auto* partner = find_adapter(remote->profile.virtual_fc_adapters, adapter.remote_slot_num);
    return partner != nullptr && partner->adapter_type != adapter.adapter_type &&
           partner->remote_lpar_id == partition.lpar_id && partner->remote_slot_num == adapter.slot_num;
}

void mend_scsi(const RecordedMachine& listed, RecordedPartition& partition) {
    std::vector<hypervisor::VirtualScsiAdapter> kept;
    for (auto adapter : partition.profile.virtual_scsi_adapters) {
        if (!has_partner(listed, partition, adapter)) {
            const bool server = adapter.adapter_type == AdapterRole::kServer;
            partition.notes.push_back("virtual_scsi_adapters: " + adapter_strings::write(adapter, "") +
                                      " has no partner in the listings: it is " +
                                      (server ? "opened to any client" : "left out"));
            if (!server) continue;
            adapter.remote_lpar_id = hypervisor::kNoPartition;
            adapter.remote_slot_num.reset();
        }
        kept.push_back(adapter);
    }
    partition.profile.virtual_scsi_adapters = std::move(kept);
}

void mend_fibre_channel(const RecordedMachine& listed, RecordedPartition& partition) {
    std::vector<hypervisor::VirtualFcAdapter> kept;
    for (const auto& adapter : partition.profile.virtual_fc_adapters) {
        if (has_partner(listed, partition, adapter)) {
            kept.push_back(adapter);
            continue;
        }
        partition.notes.push_back("virtual_fc_adapters: " + adapter_strings::write(adapter, "") +
                                  " has no partner in the listings: it is left out");
    }
    partition.profile.virtual_fc_adapters = std::move(kept);
}

}  // namespace

void mend_adapter_pairs(RecordedMachine& machine) {
    const RecordedMachine listed = machine;
    for (auto& partition : machine.partitions) {
        mend_scsi(listed, partition);
        mend_fibre_channel(listed, partition);
    }
}

}  // namespace pvmsim::scenarios
