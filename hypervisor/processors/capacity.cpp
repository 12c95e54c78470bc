// Who holds how much of the processors, and what is left for whom (behaviour 1.1, 1.4).
//
// A partition holds its entitlement from activation until it is powered off, even after a crash; a pool holds its
// reserve while it has one. The physical shared pool is what is not dedicated to a partition that executes: the
// processors of a dedicated partition that is off or crashed serve the pool, whatever its sharing mode (simplified).
#include <algorithm>

#include "hypervisor/managed_system_state.hpp"

namespace pvmsim::hypervisor {

ProcUnits ManagedSystem::State::entitlements(PoolId pool, const Record* except) const {
    ProcUnits sum;
    for (const auto& record : records) {
        const Partition& partition = record->partition;
        if (record.get() != except && partition.profile.proc_mode == ProcessorMode::kShared &&
            partition.given.shared_proc_pool_id == pool)
            sum = sum + partition.given.proc_units;
    }
    return sum;
}

ProcUnits ManagedSystem::State::unallocated(const Record* except) const {
    ProcUnits free = ProcUnits{static_cast<std::int32_t>(usable_cores) * 100} - pools.reserved();
    for (const auto& record : records)
        if (record.get() != except) free = free - record->partition.given.proc_units;
    return free;
}

ProcUnits ManagedSystem::State::room_below_max(PoolId pool, const Record& record) const {
    const ProcessorPoolConfig& limits = pools.at(pool);
    return ProcUnits{static_cast<std::int32_t>(limits.max_pool_proc_units) * 100} - limits.reserved_pool_proc_units -
           entitlements(pool, &record);
}

PoolContext ManagedSystem::State::pool_context(PoolId pool) const {
    PoolContext context{.system = config.name,
                        .has_edition = config.edition != Edition::kExpress,
                        .has_hardware = model.processor != "POWER5",
                        .cores = usable_cores,
                        .entitlements = entitlements(pool, nullptr),
                        .unallocated = unallocated(nullptr)};
    for (const auto& record : records) {
        const Partition& partition = record->partition;
        const bool is_member = partition.profile.proc_mode == ProcessorMode::kShared && partition.given.procs > 0 &&
                               partition.given.shared_proc_pool_id == pool;
        if (is_member) ++context.members;
    }
    return context;
}

void ManagedSystem::State::count_shared_cores() {
    std::uint32_t dedicated = 0;
    for (const auto& record : records)
        if (record->is_dispatched && record->partition.profile.proc_mode == ProcessorMode::kDedicated)
            dedicated += record->partition.given.procs;
    pools.set_shared_cores(usable_cores - dedicated);
}

const std::vector<ProcessorPoolConfig>& ManagedSystem::processor_pools() const { return state_->pools.all(); }

ProcUnits ManagedSystem::entitled_pool_capacity(PoolId id) const {
    return state_->entitlements(id, nullptr) + state_->pools.at(id).reserved_pool_proc_units;
}

ProcUnits ManagedSystem::unallocated_proc_units() const { return state_->unallocated(nullptr); }

std::uint32_t ManagedSystem::usable_cores() const { return state_->usable_cores; }

}  // namespace pvmsim::hypervisor
