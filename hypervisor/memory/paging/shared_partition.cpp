// A partition in mem_mode shared: what its activation gets, its way into the pool and out of it, and what of it can be
// changed while it runs.
//
// Its logical memory is what the profile desires: it need not be there physically. What must be there: room for its
// page table, I/O entitled memory inside the pool, and a paging space device of at least its maximum (behaviour 2.2).
#include <fmt/format.h>

#include <algorithm>

#include "hypervisor/managed_system_state.hpp"
#include "hypervisor/memory/paging/io_entitlement.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

namespace {

std::unexpected<Error> refused(ErrorCode code, const Partition& partition, std::string_view why) {
    return sim::fail(code, fmt::format("partition {}: {}", partition.name, why));
}

}  // namespace

std::uint64_t ManagedSystem::State::io_entitled_mib(const Record* except) const {
    std::uint64_t sum = 0;
    for (const auto& record : records)
        if (record.get() != except) sum += record->partition.given.shared_memory.io_entitled_mib;
    return sum;
}

/// The profile's paging VIOSes; the pool's where it names none.
GivenSharedMemory ManagedSystem::State::shared_memory_wish(const PartitionProfile& profile) const {
    const SharedMemoryProfile& wanted = profile.shared_memory;
    const MemoryPoolConfig& pool = sharing->pool();
    const bool names_none = wanted.primary_paging_vios == kNoPartition;
    return {.mem_weight = wanted.mem_weight,
            .io_entitled_mib = wanted.desired_io_entitled_mem_mib != 0 ? wanted.desired_io_entitled_mem_mib
                                                                       : io_entitled_auto_mib(profile),
            .primary_paging_vios = names_none ? pool.primary_paging_vios : wanted.primary_paging_vios,
            .secondary_paging_vios = names_none ? pool.secondary_paging_vios : wanted.secondary_paging_vios};
}

Result<void> ManagedSystem::State::check_entitlement(const Record& record, std::uint64_t entitled_mib,
                                                     std::uint64_t memory_mib) const {
    const Partition& partition = record.partition;
    if (entitled_mib > memory_mib)
        return refused(ErrorCode::kNotEnoughMemory, partition,
                       fmt::format("its virtual adapters need {} MB of I/O entitled memory, and it has {} MB",
                                   entitled_mib, memory_mib));
    const std::uint64_t others = io_entitled_mib(&record);
    const std::uint64_t pool = sharing->pool().pool_mem_mib;
    if (others + entitled_mib > pool)
        return refused(ErrorCode::kNotEnoughMemory, partition,
                       fmt::format("{} MB of I/O entitled memory are more than what the shared memory pool has left to "
                                   "guarantee, {} MB",
                                   entitled_mib, pool - std::min(others, pool)));
    return {};
}

Result<void> ManagedSystem::State::choose_paging_space(const Record& record, StartKind kind,
                                                       GivenSharedMemory& given) const {
    const Partition& partition = record.partition;
    for (const PartitionId vios : {given.primary_paging_vios, given.secondary_paging_vios})
        if (vios != kNoPartition && record_of(vios) == nullptr)
            return refused(ErrorCode::kNotFound, partition,
                           fmt::format("paging VIOS {} of the shared memory pool is not defined", vios.value()));
    PagingSpaceWish wish{.user = partition.id,
                         .min_size_mib = paging_space_needed_mib(partition.environment, partition.profile.max_mem_mib),
                         .primary = given.primary_paging_vios,
                         .secondary = given.secondary_paging_vios,
                         .usable_now = kind == StartKind::kActivation};
    if (const PagingSpace* const space = paging_spaces.choose(wish)) {
        given.paging_unit = space->unit;
        return {};
    }
    const std::string where =
        given.secondary_paging_vios == kNoPartition
            ? "paging VIOS " + record_of(given.primary_paging_vios)->partition.name
            : fmt::format("paging VIOSes {} and {}", record_of(given.primary_paging_vios)->partition.name,
                          record_of(given.secondary_paging_vios)->partition.name);
    wish.usable_now = false;
    if (paging_spaces.choose(wish) != nullptr)
        return refused(ErrorCode::kNoPagingSpace, partition,
                       fmt::format("no paging space device of {} MB or more can be reached now through {}; start the "
                                   "VIOS first",
                                   wish.min_size_mib, where));
    return refused(ErrorCode::kNoPagingSpace, partition,
                   fmt::format("max_mem {} MB needs an inactive paging space device of {} MB or more; {} {} none",
                               partition.profile.max_mem_mib, wish.min_size_mib, where,
                               given.secondary_paging_vios == kNoPartition ? "has" : "have"));
}

Result<void> ManagedSystem::State::plan_shared_memory(const Record& record, StartKind kind,
                                                      GivenResources& given) const {
    const Partition& partition = record.partition;
    const PartitionProfile& profile = partition.profile;
    if (sharing == nullptr)  // there was one when the partition was defined
        return refused(ErrorCode::kInvalidPool, partition,
                       fmt::format("profile {} has mem_mode shared, and {} has no shared memory pool any more",
                                   profile.name, config.name));
    if (!physical_memory.grantable_mib(partition.id, memory_request(profile)))
        return refused(ErrorCode::kNotEnoughMemory, partition,
                       fmt::format("its page table for max_mem {} MB does not fit the {} MB that are available outside "
                                   "of the shared memory pool",
                                   profile.max_mem_mib, physical_memory.available_mib()));
    given.memory_mib = profile.desired_mem_mib;
    given.shared_memory = shared_memory_wish(profile);
    PVMSIM_TRY(check_entitlement(record, given.shared_memory.io_entitled_mib, given.memory_mib));
    if (!sharing->is_member(partition.id))
        if (const Result<void> fits = sharing->check_join(0, given.memory_mib); !fits)
            return refused(fits.error().code, partition, fits.error().text);
    return choose_paging_space(record, kind, given.shared_memory);
}

void ManagedSystem::State::join_pool(Record& record) {
    const Partition& partition = record.partition;
    if (partition.profile.mem_mode != MemoryMode::kShared) return;
    const GivenSharedMemory& given = partition.given.shared_memory;
    paging_spaces.assign(given.paging_unit, partition.id);
    sharing->join(partition.id, partition.given.memory_mib,
                  {.mem_weight = given.mem_weight,
                   .desired_io_entitled_mem_mib = partition.profile.shared_memory.desired_io_entitled_mem_mib,
                   .primary_paging_vios = given.primary_paging_vios,
                   .secondary_paging_vios = given.secondary_paging_vios},
                  given.io_entitled_mib);
}

void ManagedSystem::State::leave_pool(Record& record) {
    const PartitionId id = record.partition.id;
    if (sharing == nullptr || !sharing->is_member(id)) return;
    sharing->leave(id);
    paging_spaces.release(id);
}

std::uint64_t ManagedSystem::State::Meter::processor_used(PartitionId id) {
    const Consumption used = state_.processors->consumed(state_.engine.now(), id);
    return static_cast<std::uint64_t>(used.total.nanocore_ns / CoreRate::cores(1).nanocores);
}

/// An LMB of logical memory: it comes without a page behind it, and goes with all it has.
void ManagedSystem::State::change_shared_block(Record& record) {
    Partition& partition = record.partition;
    MemoryOperation& operation = *record.memory_operation;
    const bool grows = operation.action == MemoryAction::kAdd;
    const std::uint64_t target =
        grows ? partition.given.memory_mib + operation.lmb_mib : partition.given.memory_mib - operation.lmb_mib;
    if (const Result<void> resized = sharing->resize(partition.id, target); !resized) {
        end_memory_operation(record, resized.error().text);
        return;
    }
    ++operation.blocks_done;
    partition.given.memory_mib = target;
    if (partition.software != nullptr) partition.software->on_memory_changed(target);
}

}  // namespace pvmsim::hypervisor
