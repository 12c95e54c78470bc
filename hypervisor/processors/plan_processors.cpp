// What an activation gets of the processors: between minimum and desired, as far as the machine and the shared
// processor pool have it (R-LP-02, behaviour 1.1).
//
// Reserves of pools are nobody's to take. Virtual processors are as many as desired, unless the units do not suffice
// for their smallest share.
#include <fmt/format.h>

#include <algorithm>

#include "hypervisor/managed_system_state.hpp"
#include "hypervisor/units_text.hpp"

namespace pvmsim::hypervisor {

DispatchConfig dispatch_config(const Partition& partition) {
    return {.proc_mode = partition.profile.proc_mode,
            .entitlement = partition.given.proc_units,
            .procs = partition.given.procs,
            .sharing_mode = partition.given.sharing_mode,
            .uncap_weight = partition.given.uncap_weight,
            .pool = partition.given.shared_proc_pool_id};
}

std::string ManagedSystem::State::inactive_text(PoolId pool) const {
    return fmt::format(
        "shared_proc_pool_id {} is not an active pool of {}; give the pool a max_pool_proc_units first, "
        "or use 0 (DefaultPool)",
        pool.value(), config.name);
}

Result<void> ManagedSystem::State::plan_processors(const Record& record, GivenResources& given) const {
    const PartitionProfile& profile = record.partition.profile;
    given.sharing_mode = profile.sharing_mode;
    given.uncap_weight = profile.uncap_weight;
    return profile.proc_mode == ProcessorMode::kDedicated ? plan_dedicated(record, given) : plan_shared(record, given);
}

/// Whole processors: what is free rounded down.
Result<void> ManagedSystem::State::plan_dedicated(const Record& record, GivenResources& given) const {
    const PartitionProfile& profile = record.partition.profile;
    const ProcUnits free = unallocated(&record);
    given.procs = std::min(profile.desired_procs, static_cast<std::uint32_t>(free.hundredths / 100));
    given.proc_units = {static_cast<std::int32_t>(given.procs) * 100};
    if (given.procs >= profile.min_procs) return {};
    return sim::fail(ErrorCode::kNotEnoughProcessors,
                     fmt::format("partition {}: min_procs {} is more than the {} processing units that are available",
                                 record.partition.name, profile.min_procs, units_text(free)));
}

Result<void> ManagedSystem::State::plan_shared(const Record& record, GivenResources& given) const {
    const Partition& partition = record.partition;
    const PartitionProfile& profile = partition.profile;
    const PoolId pool = profile.shared_proc_pool_id;
    if (!pools.is_active(pool))
        return sim::fail(ErrorCode::kInvalidPool, fmt::format("partition {}: profile {}: {}", partition.name,
                                                              profile.name, inactive_text(pool)));
    const ProcUnits free = unallocated(&record);
    const ProcUnits room = pool == kDefaultPool ? free : room_below_max(pool, record);
    given.shared_proc_pool_id = pool;
    given.proc_units = std::min({profile.desired_proc_units, free, room});
    given.procs = std::min(profile.desired_procs,
                           static_cast<std::uint32_t>(given.proc_units.hundredths) / model.proc_units_min_hundredths);
    if (given.proc_units >= profile.min_proc_units) return {};
    if (room < free)
        return sim::fail(ErrorCode::kNotEnoughProcessors,
                         fmt::format("partition {}: min_proc_units {} is more than the {} that shared processor pool "
                                     "{} ({}) has left below its maximum {}",
                                     partition.name, units_text(profile.min_proc_units), units_text(room), pool.value(),
                                     pools.at(pool).name, pools.at(pool).max_pool_proc_units));
    return sim::fail(ErrorCode::kNotEnoughProcessors,
                     fmt::format("partition {}: min_proc_units {} is more than the {} that are available",
                                 partition.name, units_text(profile.min_proc_units), units_text(free)));
}

}  // namespace pvmsim::hypervisor
