// The calls in terms of what an operator could do and see: H_SET_PPP is a dynamic change within its limits.
// A call of a partition that does not run is a mistake of ours.
#include "hypervisor/processors/ppp_calls.hpp"

#include <algorithm>
#include <limits>

#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

namespace {

constexpr std::uint64_t kWeightMax = 255;

const Partition& running(const ManagedSystem& system, PartitionId caller) {
    const Partition& partition = system.partition(caller);
    PVMSIM_ASSERT(partition.state == PartitionState::kRunning && !partition.hung);
    return partition;
}

bool is_dedicated(const Partition& partition) { return partition.profile.proc_mode == ProcessorMode::kDedicated; }

std::uint32_t percent(ProcUnits units) { return static_cast<std::uint32_t>(units.hundredths); }

const ProcessorPoolConfig& pool_of(const ManagedSystem& system, PoolId id) {
    return system.processor_pools()[id.value()];
}

std::uint32_t shared_cores(const ManagedSystem& system) { return pool_of(system, kDefaultPool).max_pool_proc_units; }

/// The most the partition could be entitled to now, with the virtual processors it has.
std::int32_t entitlement_limit(const ManagedSystem& system, const Partition& partition) {
    const GivenResources& given = partition.given;
    const std::int32_t own = given.proc_units.hundredths;
    std::int32_t limit =
        std::min({partition.profile.max_proc_units.hundredths, static_cast<std::int32_t>(given.procs) * 100,
                  own + system.unallocated_proc_units().hundredths});
    if (given.shared_proc_pool_id != kDefaultPool) {
        const auto max = static_cast<std::int32_t>(pool_of(system, given.shared_proc_pool_id).max_pool_proc_units);
        limit = std::min(limit, own + max * 100 - system.entitled_pool_capacity(given.shared_proc_pool_id).hundredths);
    }
    return limit;
}

std::int64_t ticks(CoreTime time) {
    constexpr CoreTime::Wide kNanocoreNsPerCoreSecond = 1'000'000'000'000'000'000;
    return static_cast<std::int64_t>(time.nanocore_ns * kTimebaseHz / kNanocoreNsPerCoreSecond);
}

}  // namespace

HcallStatus h_set_ppp(ManagedSystem& system, PartitionId caller, std::uint64_t entitlement_percent,
                      std::uint64_t weight) {
    const Partition& partition = running(system, caller);
    if (weight > kWeightMax || is_dedicated(partition)) return HcallStatus::kParameter;
    const auto smallest_share = static_cast<std::int32_t>(system.model().proc_units_min_hundredths);
    const std::int32_t least = std::max(partition.profile.min_proc_units.hundredths,
                                        static_cast<std::int32_t>(partition.given.procs) * smallest_share);
    const std::int32_t most = entitlement_limit(system, partition);
    const auto asked = static_cast<std::int32_t>(
        std::min<std::uint64_t>(entitlement_percent, std::numeric_limits<std::int32_t>::max()));
    const ProcUnits possible{std::clamp(asked, least, most)};
    const auto done =
        system.change_processors(caller, {.proc_units = possible, .uncap_weight = static_cast<std::uint8_t>(weight)});
    PVMSIM_ASSERT(done.has_value());
    return possible.hundredths == asked ? HcallStatus::kSuccess : HcallStatus::kConstrained;
}

PartitionPerformance h_get_ppp(const ManagedSystem& system, PartitionId caller) {
    const Partition& partition = running(system, caller);
    const GivenResources& given = partition.given;
    PartitionPerformance answer{.entitlement_percent = percent(given.proc_units),
                                .unallocated_percent = percent(system.unallocated_proc_units()),
                                .group = kPartitionGroupBase + caller.value(),
                                .pool_id = kPoolIdOfDedicated,
                                .is_capped = given.sharing_mode != SharingMode::kUncapped,
                                .active_procs_on_platform = system.usable_cores(),
                                .procs_in_virtualization = shared_cores(system)};
    if (is_dedicated(partition)) return answer;
    const ProcessorPoolConfig& pool = pool_of(system, given.shared_proc_pool_id);
    answer.pool_id = given.shared_proc_pool_id.value();
    answer.weight = given.uncap_weight;
    answer.active_procs_in_pool = std::min(pool.max_pool_proc_units, shared_cores(system));
    answer.max_pool_capacity_percent = pool.max_pool_proc_units * 100;
    answer.entitled_pool_capacity_percent = percent(system.entitled_pool_capacity(pool.id));
    return answer;
}

PoolIdleAnswer h_pic(const ManagedSystem& system, sim::SimTime at, PartitionId caller) {
    const Partition& partition = running(system, caller);
    if (!partition.allow_perf_collection) return {};
    const PoolUse physical = system.dispatcher().physical_pool(at);
    const PoolUse own =
        is_dedicated(partition) ? physical : system.dispatcher().pool_use(at, partition.given.shared_proc_pool_id);
    PoolIdleAnswer answer{.status = HcallStatus::kSuccess, .count = {}};
    PoolIdleCount& count = answer.count;
    count.pool_idle_ticks = ticks({physical.capacity.nanocore_ns - physical.used.nanocore_ns});
    count.procs_in_pool = shared_cores(system);
    count.pool_ticks = ticks(own.capacity);
    count.pool_purr = count.pool_spurr = ticks(own.used);
    count.pool_id = is_dedicated(partition) ? kPoolIdOfDedicated : partition.given.shared_proc_pool_id.value();
    count.platform_pool_ticks = ticks(physical.capacity);
    count.platform_pool_purr = count.platform_pool_spurr = ticks(physical.used);
    return answer;
}

}  // namespace pvmsim::hypervisor
