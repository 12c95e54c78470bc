// SteadyDispatcher: the fluid mode's Dispatcher. Everybody has its steady allocation from one change of demand or
// configuration to the next, and what was consumed is added up, exactly.
//
// A change costs a look at the partitions it satisfies or leaves unsatisfied, not at all of them. Changes at one
// instant count as one: they wait until somebody asks, or time goes on, and many of them are worked in by one pass.
// Dedicated partitions have their processors to themselves; while they run, share_idle_procs_active and
// share_idle_procs_always lend what they do not use, keep_idle_procs and share_idle_procs do not. Left out: dispatch
// windows and waiting times; that keep_idle_procs and share_idle_procs_active of a partition that is off keep its
// processors out of the shared pool: they join it.
#pragma once

#include <limits>
#include <vector>

#include "hypervisor/dispatch/dispatcher.hpp"
#include "hypervisor/dispatch/fluid_shares.hpp"
#include "hypervisor/dispatch/pool_meter.hpp"

namespace pvmsim::hypervisor {

class SteadyDispatcher final : public Dispatcher {
  public:
    void set_pool(sim::SimTime at, PoolId id, SteadyPool pool) override;
    /// Holds from the last change on: to change the number while the clock runs, change something at that instant
    /// first.
    void set_cores(std::uint32_t configurable) override;
    void add(sim::SimTime at, PartitionId id, const DispatchConfig& config) override;
    void change(sim::SimTime at, PartitionId id, const DispatchConfig& config) override;
    void remove(sim::SimTime at, PartitionId id) override;
    /// Demand and folding of a partition that is not active are ignored.
    void set_demand(sim::SimTime at, PartitionId id, CoreRate demand) override;
    void set_unfolded(sim::SimTime at, PartitionId id, std::uint32_t procs) override;

    [[nodiscard]] CoreRate granted(PartitionId id) const override;
    [[nodiscard]] Consumption consumed(sim::SimTime at, PartitionId id) const override;
    /// With the virtual processors that are unfolded now.
    [[nodiscard]] CoreRate capacity(PartitionId id) const override;
    [[nodiscard]] CoreRate pool_idle() const override;
    [[nodiscard]] PoolUse physical_pool(sim::SimTime at) const override;
    [[nodiscard]] PoolUse pool_use(sim::SimTime at, PoolId id) const override;
    void digest(sim::Digest& digest) const override;

  private:
    static constexpr std::uint32_t kAllProcs = std::numeric_limits<std::uint32_t>::max();
    struct Account {
        DispatchConfig config;
        CoreRate demand;
        std::uint32_t unfolded = kAllProcs;
        bool is_active = false;
        bool is_pending = false;

        // What holds from `since` on. A dedicated partition has a base only.
        FluidShare share;
        std::uint32_t pool = 0;
        bool is_satisfied = true;
        CoreRate taken;  ///< dedicated: out of the processors to share
        CoreRate lent;   ///< dedicated: own processors that are not used and lent
        sim::SimTime since = sim::kStartOfRun;
        CoreTime had_before;  ///< by its weight class at `since`
        Consumption consumption;
    };
    [[nodiscard]] Account& active_account(PartitionId id);
    [[nodiscard]] bool is_active(PartitionId id) const;
    void advance(sim::SimTime at);
    void wait_for_flush(PartitionId id);
    [[nodiscard]] Consumption consumption_until(sim::SimTime at, const Account& account) const;

    void flush() const;
    void regroup() const;
    void rebuild() const;
    void apply(std::uint16_t id) const;
    void commit() const;
    void settle(Account& account) const;
    void settle_unsatisfied(std::uint32_t pool) const;
    void set_satisfied(Account& account, bool is_satisfied) const;
    void serve_dedicated(Account& account) const;
    [[nodiscard]] PoolMeter::WeightClass& weight_class(const Account& account) const;

    std::uint32_t cores_ = 0;
    sim::SimTime settled_ = sim::kStartOfRun;  ///< of the pools; each account has its own
    std::vector<SteadyPool> pools_{1};
    std::vector<std::uint16_t> active_;  ///< ids, ascending
    CoreTime capacity_;                  ///< of the physical pool, up to settled_
    CoreTime used_time_;

    // What the demands and configurations determine, worked in when somebody asks.
    mutable std::vector<Account> accounts_;  ///< by partition id
    mutable std::vector<std::uint16_t> pending_;
    mutable bool needs_regroup_ = true;
    mutable FluidShares shares_;
    mutable std::vector<PoolMeter> meters_;  ///< by pool
    mutable CoreRate shared_;                ///< processors to share, lent ones included
    mutable CoreRate used_;
};

}  // namespace pvmsim::hypervisor
