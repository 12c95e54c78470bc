// ExactDispatcher: the Dispatcher that goes on window by window.
//
// Windows of 10 ms run when somebody asks or changes something, never by events. While all demand is constant and no
// idle dedicated processor is lent, a window is decided as a whole (ExactWindow). The first burst, or the first
// dedicated partition that lends, turns the system for good to the dispatcher that looks into its windows
// (TimedDispatch), from the end of the window in which that happens on.
// What changes inside a window holds from the next one on, the last demand of a window counts. A partition's demand is
// spread evenly over its unfolded virtual processors. Where windows are decided as a whole, consumption is taken as
// even inside them.
#pragma once

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "hypervisor/dispatch/dispatcher.hpp"
#include "hypervisor/dispatch/exact/exact_window.hpp"
#include "hypervisor/dispatch/exact/timed_dispatch.hpp"

namespace pvmsim::hypervisor {

class ExactDispatcher final : public Dispatcher, private BurstService {
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
    void set_unfolded(sim::SimTime at, PartitionId id, std::uint32_t procs) override;

    /// From the next window on, as things are now.
    [[nodiscard]] CoreRate granted(PartitionId id) const override;
    [[nodiscard]] Consumption consumed(sim::SimTime at, PartitionId id) const override;
    [[nodiscard]] CoreRate pool_idle() const override;
    [[nodiscard]] CoreRate capacity(PartitionId id) const override;
    [[nodiscard]] PoolUse physical_pool(sim::SimTime at) const override;
    [[nodiscard]] PoolUse pool_use(sim::SimTime at, PoolId id) const override;
    [[nodiscard]] sim::Duration latency_max(sim::SimTime at, PartitionId id) const override;
    [[nodiscard]] BurstService* bursts() override { return this; }
    /// Everything follows from what was changed and when; who looked, and how far windows have run, does not matter.
    void digest(sim::Digest& digest) const override;

    /// Since the start of its activation. Zeros for one that is not active, and for a dedicated one where windows are
    /// decided as a whole; there all of the window that `at` lies in is included.
    [[nodiscard]] DispatchCounts counts(sim::SimTime at, PartitionId id) const override;

  private:
    struct Account {
        DispatchConfig config;
        CoreRate demand;
        std::uint32_t unfolded = std::numeric_limits<std::uint32_t>::max();
        bool is_active = false;
        std::optional<std::uint32_t> number;        ///< in the windows, once it was shared
        std::optional<std::uint32_t> timed_number;  ///< in the timed windows
        PartitionOutcome start;                     ///< when it was added, both together
        sim::Duration donated_before{0};            ///< before it was added
        ProcessorTime last;                         ///< in the last window that ran as a whole
        CoreRate highest;                           ///< in these windows
        Consumption settled;                        ///< dedicated: up to settled_at; not active: all
        sim::SimTime settled_at;

        [[nodiscard]] std::uint32_t used_procs() const { return std::min(unfolded, config.procs); }
    };
    /// What follows from the changes; it moves on when somebody looks.
    struct Progress {
        ExactWindow window;
        std::vector<PoolWindows> pools_last;  ///< in the last window that ran as a whole
        std::optional<TimedDispatch> timed;   ///< goes on where the window's last one ended
        std::vector<Account> accounts;        ///< by partition id
    };
    /// The steady allocation of constant demands, as things are now.
    struct Steady {
        CoreRate shared;
        CoreRate sum;
        CoreRate granted;  ///< to the partition asked for
    };
    BurstId add_burst(sim::SimTime at, PartitionId id, std::uint32_t proc, sim::Duration work) override;
    BurstStatus status(sim::SimTime at, BurstId burst) override;

    void advance(sim::SimTime at) const;
    void look_into_windows(sim::SimTime at);
    [[nodiscard]] bool is_known(PartitionId id) const { return id.value() < progress_.accounts.size(); }
    [[nodiscard]] Account& active_account(PartitionId id);
    [[nodiscard]] Consumption shared_consumption(sim::SimTime at, const Account& account) const;
    [[nodiscard]] Consumption with_timed(Consumption consumption, const Account& account) const;
    [[nodiscard]] PartitionOutcome outcome(const Account& account) const;
    [[nodiscard]] sim::Duration ahead_of(sim::SimTime at) const;
    void settle_dedicated(sim::SimTime at, Account& account) const;
    [[nodiscard]] Steady steady(std::optional<PartitionId> asked, bool is_greedy) const;
    void start(Account& account);
    void start_timed(Account& account);
    void share_cores();
    void spread(const Account& account);
    void note(sim::SimTime at, PartitionId id, const DispatchConfig& config);

    mutable Progress progress_;
    ExactTopology topology_;
    ExactCosts costs_;
    std::uint32_t cores_ = 0;
    std::vector<SteadyPool> pools_;  ///< besides the default one
    sim::Digest history_;            ///< of all changes
};

}  // namespace pvmsim::hypervisor
