// Dispatcher: who gets how much processor. The interface behind which the steady allocation and the exact dispatcher
// stand.
//
// Contract. Times handed in never go back. A partition's granted rate never exceeds its demand, its virtual processors
// or (capped, or weight 0) its entitlement; entitled demand is always granted; the sum never exceeds the pool.
#pragma once

#include "hypervisor/dispatch/bursts.hpp"
#include "hypervisor/dispatch/dispatch_counts.hpp"
#include "hypervisor/dispatch/steady_allocation.hpp"
#include "hypervisor/ids.hpp"
#include "hypervisor/partition/profile.hpp"
#include "hypervisor/units.hpp"
#include "sim/base/time.hpp"
#include "sim/engine/digest.hpp"

namespace pvmsim::hypervisor {

/// What the dispatcher needs to know of an active partition.
struct DispatchConfig {
    ProcessorMode proc_mode = ProcessorMode::kShared;
    ProcUnits entitlement;    ///< shared: proc units; dedicated: whole processors
    std::uint32_t procs = 1;  ///< virtual (or dedicated) processors
    SharingMode sharing_mode = SharingMode::kUncapped;
    std::uint8_t uncap_weight = 128;
    PoolId pool = kDefaultPool;
};

/// What a partition consumed from the start of its activation.
struct Consumption {
    CoreTime total;
    CoreTime entitled;  ///< inside its entitlement
    CoreTime beyond;    ///< uncapped share
    CoreTime donated;   ///< dedicated: idle time lent to the shared pools
    CoreRate highest;   ///< highest granted rate so far
};

/// What the physical shared pool, or one of the shared processor pools, went through from the start of the run.
struct PoolUse {
    CoreTime capacity;  ///< physical pool: its processors and donated ones; another pool: its maximum
    CoreTime used;      ///< by its partitions
};

class Dispatcher {
  public:
    virtual ~Dispatcher() = default;
    /// Cores that are not dedicated to an active partition serve the shared pools.
    virtual void set_cores(std::uint32_t configurable) = 0;
    virtual void add(sim::SimTime at, PartitionId id, const DispatchConfig& config) = 0;
    virtual void change(sim::SimTime at, PartitionId id, const DispatchConfig& config) = 0;
    virtual void remove(sim::SimTime at, PartitionId id) = 0;
    /// Maximum and reserve of a pool other than the default one, which always has all shared processors and no reserve.
    /// Entitlements of its partitions and the reserve fit the maximum.
    virtual void set_pool(sim::SimTime at, PoolId id, SteadyPool pool) = 0;
    /// How much the partition would use if it got it; clipped to its unfolded virtual processors.
    virtual void set_demand(sim::SimTime at, PartitionId id, CoreRate demand) = 0;
    /// The operating system uses this many of its virtual processors (folding); at least 1. All, after add().
    virtual void set_unfolded(sim::SimTime at, PartitionId id, std::uint32_t procs) = 0;

    [[nodiscard]] virtual CoreRate granted(PartitionId id) const = 0;
    /// Consumption up to `at`. Zeros for a partition that was never added; kept after remove until it is added again.
    [[nodiscard]] virtual Consumption consumed(sim::SimTime at, PartitionId id) const = 0;
    /// What it would be granted now if its demand were without limit.
    [[nodiscard]] virtual CoreRate capacity(PartitionId id) const = 0;
    /// Idle rate of the shared pool now (lparstat's app).
    [[nodiscard]] virtual CoreRate pool_idle() const = 0;
    /// Use of the physical shared pool (lparstat's app is the mean of capacity - used in an interval).
    [[nodiscard]] virtual PoolUse physical_pool(sim::SimTime at) const = 0;
    /// Use of one shared processor pool; kDefaultPool: the partitions in DefaultPool.
    [[nodiscard]] virtual PoolUse pool_use(sim::SimTime at, PoolId id) const = 0;
    /// Waits, switches and calls since the start of the activation; zeros in fluid mode, which has no windows.
    [[nodiscard]] virtual DispatchCounts counts(sim::SimTime /*at*/, PartitionId /*id*/) const { return {}; }
    /// Longest time one of its virtual processors was ready before it was dispatched; 0 in fluid mode.
    [[nodiscard]] virtual sim::Duration latency_max(sim::SimTime /*at*/, PartitionId /*id*/) const { return {}; }
    /// nullptr in fluid mode.
    [[nodiscard]] virtual BurstService* bursts() { return nullptr; }
    virtual void digest(sim::Digest& digest) const = 0;
};

}  // namespace pvmsim::hypervisor
