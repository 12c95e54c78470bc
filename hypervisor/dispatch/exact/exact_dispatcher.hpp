// ExactDispatcher: the Dispatcher that goes on window by window.
//
// Windows of 10 ms run when somebody asks or changes something, never by events. What changes inside a window holds
// from the next one on, the last demand of a window counts. A partition's demand is spread evenly over its virtual
// processors. Inside a window consumption is taken as even. Dedicated partitions have their processors to themselves.
// Left out: idle dedicated processors lent to the pool, and a demand shorter than what is left of its window.
#pragma once

#include <optional>
#include <vector>

#include "hypervisor/dispatch/dispatcher.hpp"
#include "hypervisor/dispatch/exact/exact_window.hpp"

namespace pvmsim::hypervisor {

class ExactDispatcher final : public Dispatcher {
  public:
    /// The number of cores comes with set_cores().
    ExactDispatcher(const ExactTopology& topology, const ExactCosts& costs);

    /// Maximum and reserve of a pool other than the default one, which always has all shared processors and no reserve.
    void set_pool(sim::SimTime at, PoolId id, SteadyPool pool) override;

    /// Holds for all windows that have not run; so to be called before time goes on.
    void set_cores(std::uint32_t configurable) override;
    void add(sim::SimTime at, PartitionId id, const DispatchConfig& config) override;
    /// The processing mode stays.
    void change(sim::SimTime at, PartitionId id, const DispatchConfig& config) override;
    void remove(sim::SimTime at, PartitionId id) override;
    /// Demand of a partition that is not active is ignored.
    void set_demand(sim::SimTime at, PartitionId id, CoreRate demand) override;

    /// From the next window on, as things are now.
    [[nodiscard]] CoreRate granted(PartitionId id) const override;
    [[nodiscard]] Consumption consumed(sim::SimTime at, PartitionId id) const override;
    [[nodiscard]] CoreRate pool_idle() const override;
    /// Everything follows from what was changed and when; who looked, and how far windows have run, does not matter.
    void digest(sim::Digest& digest) const override;

    /// Waits, switches and dispersion of a shared partition since the start of its activation, all windows up to the
    /// one that `at` lies in included. Zeros for a dedicated one and one that is not active.
    [[nodiscard]] DispatchCounts counts(sim::SimTime at, PartitionId id) const override;

  private:
    struct Account {
        DispatchConfig config;
        CoreRate demand;
        bool is_active = false;
        std::optional<std::uint32_t> number;  ///< in the windows, once it was shared
        PartitionOutcome start;               ///< when it was added
        ProcessorTime last;                   ///< in the last window that ran
        CoreRate highest;                     ///< in windows that ran
        Consumption settled;                  ///< dedicated: up to settled_at; not active: all
        sim::SimTime settled_at;
    };
    /// What follows from the changes; it moves on when somebody looks.
    struct Progress {
        ExactWindow window;
        std::vector<Account> accounts;  ///< by partition id
    };
    void advance(sim::SimTime at) const;
    [[nodiscard]] Account& active_account(PartitionId id);
    [[nodiscard]] Consumption shared_consumption(sim::SimTime at, const Account& account) const;
    void settle_dedicated(sim::SimTime at, Account& account) const;
    void share_cores();
    void spread(const Account& account);
    void note(sim::SimTime at, PartitionId id, const DispatchConfig& config);

    mutable Progress progress_;
    std::uint32_t cores_ = 0;
    std::vector<SteadyPool> pools_;  ///< besides the default one
    sim::Digest history_;            ///< of all changes
};

}  // namespace pvmsim::hypervisor
