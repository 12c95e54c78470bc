// SteadyDispatcher: the Dispatcher that gives everybody its steady allocation from one change of demand or
// configuration to the next, and adds up what was consumed, exactly.
//
// Changes at one instant cost one computation: rates are computed when somebody asks, or when time goes on. Dedicated
// partitions have their processors to themselves; those that share idle processors while active lend what they do not
// use to the shared pools. Left out: dispatch windows and waiting times, idle processors kept by a partition that is
// off.
#pragma once

#include <vector>

#include "hypervisor/dispatch/dispatcher.hpp"
#include "hypervisor/dispatch/steady_allocation.hpp"

namespace pvmsim::hypervisor {

class SteadyDispatcher final : public Dispatcher {
  public:
    /// Maximum and reserve of a pool other than the default one, which always has all shared processors and no reserve.
    void set_pool(sim::SimTime at, PoolId id, SteadyPool pool) override;

    void set_cores(std::uint32_t configurable) override;
    void add(sim::SimTime at, PartitionId id, const DispatchConfig& config) override;
    void change(sim::SimTime at, PartitionId id, const DispatchConfig& config) override;
    void remove(sim::SimTime at, PartitionId id) override;
    /// Demand of a partition that is not active is ignored.
    void set_demand(sim::SimTime at, PartitionId id, CoreRate demand) override;

    [[nodiscard]] CoreRate granted(PartitionId id) const override;
    [[nodiscard]] Consumption consumed(sim::SimTime at, PartitionId id) const override;
    [[nodiscard]] CoreRate pool_idle() const override;
    void digest(sim::Digest& digest) const override;

  private:
    struct Account {
        DispatchConfig config;
        CoreRate demand;
        bool is_active = false;
        Consumption consumption;  ///< up to settled_
    };
    /// The rates that hold from settled_ on.
    struct Rates {
        std::vector<CoreRate> by_id;
        std::vector<SteadyShare> shares;
        std::vector<std::uint16_t> ids;  ///< of the shares
        std::vector<SteadyPool> pools;
        SteadyAllocation allocation;
        CoreRate idle;
        bool are_current = false;
    };
    [[nodiscard]] Account& active_account(PartitionId id);
    void settle(sim::SimTime at);
    const Rates& rates() const;
    [[nodiscard]] CoreRate serve_dedicated(Rates& rates) const;

    std::uint32_t cores_ = 0;
    sim::SimTime settled_ = sim::kStartOfRun;
    std::vector<SteadyPool> pools_{1};
    std::vector<Account> accounts_;      ///< by partition id
    std::vector<std::uint16_t> active_;  ///< ids, ascending
    mutable Rates rates_;                ///< a cache of what the rest determines
};

}  // namespace pvmsim::hypervisor
