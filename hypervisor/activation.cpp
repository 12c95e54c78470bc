// What an activation gives: between minimum and desired of memory, processing units and virtual processors; required
// slots or nothing; desired slots if they are free (R-LP-02, R-LP-04, R-LP-05). Planning changes nothing, giving cannot
// fail.
//
// Simplified: memory and processors are taken from what is free at this instant; nobody gives back for a newcomer.
#include <fmt/format.h>

#include "hypervisor/managed_system_state.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

/// Shared memory is the pool's; the partition's own is its page table.
MemoryRequest memory_request(const PartitionProfile& profile) {
    const bool is_shared = profile.mem_mode == MemoryMode::kShared;
    return {.min_mib = is_shared ? 0 : profile.min_mem_mib,
            .desired_mib = is_shared ? 0 : profile.desired_mem_mib,
            .max_mib = profile.max_mem_mib,
            .hpt_ratio = profile.hpt_ratio,
            .max_virtual_slots = profile.max_virtual_slots};
}

Result<void> ManagedSystem::State::plan_own_memory(const Record& record, GivenResources& given) const {
    const Partition& partition = record.partition;
    const PartitionProfile& profile = partition.profile;
    const auto memory = physical_memory.grantable_mib(partition.id, memory_request(profile));
    if (!memory)
        return sim::fail(
            ErrorCode::kNotEnoughMemory,
            fmt::format("partition {}: min_mem {} MB is more than what is left; {} MB are available, and its page "
                        "table comes on top",
                        partition.name, profile.min_mem_mib, physical_memory.available_mib()));
    given.memory_mib = *memory;
    return {};
}

Result<GivenResources> ManagedSystem::State::plan(const Record& record, StartKind kind) const {
    const Partition& partition = record.partition;
    const PartitionProfile& profile = partition.profile;
    GivenResources given;

    if (profile.mem_mode == MemoryMode::kShared)
        PVMSIM_TRY(plan_shared_memory(record, kind, given));
    else
        PVMSIM_TRY(plan_own_memory(record, given));
    PVMSIM_TRY(plan_processors(record, given));

    for (const IoSlotRequest& request : profile.io_slots) {
        const PhysicalSlot* const slot = slot_of(request.drc_index);
        PVMSIM_ASSERT(slot != nullptr);
        if (slot->owner == kNoPartition || slot->owner == partition.id) {
            given.io_slots.push_back(request.drc_index);
        } else if (request.is_required) {
            return sim::fail(ErrorCode::kSlotUnavailable,
                             fmt::format("partition {}: required slot {} ({:08x}) belongs to the running partition {}",
                                         partition.name, slot->drc_name(), request.drc_index.value(),
                                         record_of(slot->owner)->partition.name));
        }
    }
    return given;
}

void ManagedSystem::State::give(Record& record, GivenResources given) {
    take_back(record);
    Partition& partition = record.partition;
    partition.given = std::move(given);
    record.activated_mib = partition.given.memory_mib;
    const bool is_shared = partition.profile.mem_mode == MemoryMode::kShared;
    physical_memory.give(partition.id, memory_request(partition.profile), is_shared ? 0 : partition.given.memory_mib);
    join_pool(record);
    for (const DrcIndex index : partition.given.io_slots) slot_of(index)->owner = partition.id;
    define_adapters(record);
    processors->add(engine.now(), partition.id, dispatch_config(partition));
    record.is_dispatched = true;
    count_shared_cores();
}

void ManagedSystem::State::take_back(Record& record) {
    PVMSIM_ASSERT(!record.is_dispatched);
    Partition& partition = record.partition;
    undefine_adapters(record);
    leave_pool(record);
    physical_memory.take_back(partition.id);
    for (PhysicalSlot& slot : physical_slots)
        if (slot.owner == partition.id) slot.owner = kNoPartition;
    partition.given = {};
}

void ManagedSystem::State::define_adapters(Record& record) {
    PVMSIM_ASSERT(!record.has_adapters);
    const PartitionId id = record.partition.id;
    const PartitionProfile& profile = record.partition.profile;
    for (const VirtualEthernetAdapter& adapter : profile.virtual_eth_adapters) ethernet.define(id, adapter);
    for (const VirtualScsiAdapter& adapter : profile.virtual_scsi_adapters) {
        const bool is_any = adapter.remote_lpar_id == kNoPartition || !adapter.remote_slot_num;
        crq_transport.define(id, adapter.slot_num, adapter.remote_lpar_id,
                             adapter.remote_slot_num.value_or(SlotNumber{}), is_any);
    }
    for (const VirtualFcAdapter& adapter : profile.virtual_fc_adapters)
        crq_transport.define(id, adapter.slot_num, adapter.remote_lpar_id, adapter.remote_slot_num, false);
    record.has_adapters = true;
}

void ManagedSystem::State::undefine_adapters(Record& record) {
    if (!record.has_adapters) return;
    const PartitionId id = record.partition.id;
    const PartitionProfile& profile = record.partition.profile;
    for (const VirtualEthernetAdapter& adapter : profile.virtual_eth_adapters)
        ethernet.undefine(ethernet.find(id, adapter.slot_num));
    for (const VirtualScsiAdapter& adapter : profile.virtual_scsi_adapters)
        crq_transport.undefine(crq_transport.find(id, adapter.slot_num));
    for (const VirtualFcAdapter& adapter : profile.virtual_fc_adapters)
        crq_transport.undefine(crq_transport.find(id, adapter.slot_num));
    record.has_adapters = false;
}

}  // namespace pvmsim::hypervisor
