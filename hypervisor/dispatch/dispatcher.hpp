// Dispatcher: who gets how much processor. The interface behind which the steady allocation stands now and the exact
// dispatcher will stand.
//
// Contract. Times handed in never go back. A partition's granted rate never exceeds its demand, its virtual processors
// or (capped, or weight 0) its entitlement; entitled demand is always granted; the sum never exceeds the pool.
#pragma once

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
    CoreRate highest;   ///< highest granted rate so far
};

class Dispatcher {
  public:
    virtual ~Dispatcher() = default;
    /// Cores that are not dedicated to an active partition serve the shared pools.
    virtual void set_cores(std::uint32_t configurable) = 0;
    virtual void add(sim::SimTime at, PartitionId id, const DispatchConfig& config) = 0;
    virtual void change(sim::SimTime at, PartitionId id, const DispatchConfig& config) = 0;
    virtual void remove(sim::SimTime at, PartitionId id) = 0;
    /// How much the partition would use if it got it; clipped to its virtual processors.
    virtual void set_demand(sim::SimTime at, PartitionId id, CoreRate demand) = 0;

    [[nodiscard]] virtual CoreRate granted(PartitionId id) const = 0;
    /// Consumption up to `at`. Zeros for a partition that was never added; kept after remove until it is added again.
    [[nodiscard]] virtual Consumption consumed(sim::SimTime at, PartitionId id) const = 0;
    /// Idle rate of the shared pool now (lparstat's app).
    [[nodiscard]] virtual CoreRate pool_idle() const = 0;
    virtual void digest(sim::Digest& digest) const = 0;
};

}  // namespace pvmsim::hypervisor
