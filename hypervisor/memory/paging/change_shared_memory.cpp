// Weight and I/O entitled memory of a running partition in mem_mode shared; they take no time. Its logical memory
// changes as dedicated memory does, LMB by LMB (memory/change_memory.cpp).
//
// Entitlement cannot sink below what is mapped at this instant, nor below what its devices need at least.
#include <fmt/format.h>

#include "hypervisor/managed_system_state.hpp"
#include "hypervisor/memory/paging/io_entitlement.hpp"

namespace pvmsim::hypervisor {

namespace {

std::unexpected<Error> refused(const Partition& partition, std::string_view why) {
    return sim::fail(ErrorCode::kInvalidChange, fmt::format("partition {}: {}", partition.name, why));
}

Result<void> check_kind(const Partition& partition, const SharedMemoryChange& change) {
    if (partition.profile.mem_mode != MemoryMode::kShared)
        return refused(partition, "its memory is dedicated; only shared memory has a weight and I/O entitled memory");
    if (!change.mem_weight && !change.io_entitled_mib)
        return refused(partition, "a change of shared memory without any value; give at least one");
    return {};
}

/// Nothing if nothing is different.
std::string change_text(const GivenSharedMemory& before, const GivenSharedMemory& after) {
    std::string text;
    if (after.mem_weight != before.mem_weight)
        text += fmt::format(" mem_weight {} (was {})", after.mem_weight, before.mem_weight);
    if (after.io_entitled_mib != before.io_entitled_mib)
        text += fmt::format("{} I/O entitled memory {} MB (was {} MB)", text.empty() ? "" : ",", after.io_entitled_mib,
                            before.io_entitled_mib);
    return text;
}

}  // namespace

Result<void> ManagedSystem::change_shared_memory(PartitionId id, const SharedMemoryChange& change) {
    State& state = *state_;
    PVMSIM_TRY_ASSIGN(State::Record* const record, state.find_record(id));
    Partition& partition = record->partition;
    PVMSIM_TRY(check_kind(partition, change));
    PVMSIM_TRY(state.check_can_change(*record));
    GivenSharedMemory target = partition.given.shared_memory;
    target.mem_weight = change.mem_weight.value_or(target.mem_weight);
    if (change.io_entitled_mib) {
        const std::uint64_t least = io_entitled_min_mib(partition.profile);
        target.io_entitled_mib =
            *change.io_entitled_mib == 0 ? io_entitled_auto_mib(partition.profile) : *change.io_entitled_mib;
        if (target.io_entitled_mib < least)
            return refused(partition,
                           fmt::format("{} MB of I/O entitled memory are too little for its virtual adapters; at least "
                                       "{} MB",
                                       target.io_entitled_mib, least));
        PVMSIM_TRY(state.check_entitlement(*record, target.io_entitled_mib, partition.given.memory_mib));
    }
    const std::string text = change_text(partition.given.shared_memory, target);
    if (text.empty()) return {};  // as it is already
    if (target.io_entitled_mib != partition.given.shared_memory.io_entitled_mib)
        PVMSIM_TRY(state.sharing->change_io_entitled(id, target.io_entitled_mib));
    state.sharing->change_weight(id, target.mem_weight);
    partition.given.shared_memory = target;
    state.tell(*record, "lpar-shared-memory", "Shared memory changed:" + text);
    return {};
}

}  // namespace pvmsim::hypervisor
