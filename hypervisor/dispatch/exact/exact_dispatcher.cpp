// Before anything changes, all windows run up to the end of the one in which it changes. So windows that have not run
// are under what holds now, and running them sooner or later makes no difference.
#include "hypervisor/dispatch/exact/exact_dispatcher.hpp"

#include <algorithm>

#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

namespace {

ExactTopology without_cores(ExactTopology topology) {
    topology.cores = 0;
    return topology;
}

bool is_shared(const DispatchConfig& config) { return config.proc_mode == ProcessorMode::kShared; }

ExactPartition partition_of(const DispatchConfig& config) {
    const bool is_uncapped = config.sharing_mode == SharingMode::kUncapped;
    return {.entitlement = config.entitlement,
            .procs = config.procs,
            .weight = is_uncapped ? config.uncap_weight : 0u,
            .pool = config.pool.value()};
}

}  // namespace

ExactDispatcher::ExactDispatcher(const ExactTopology& topology, const ExactCosts& costs)
    : progress_{.window = ExactWindow(without_cores(topology), costs), .accounts = {}} {}

/// To the end of the window that `at` lies in; a window's first instant belongs to the one before.
void ExactDispatcher::advance(sim::SimTime at) const {
    ExactWindow& window = progress_.window;
    const std::int64_t until = (at.time_since_epoch().count() + kWindowNs - 1) / kWindowNs;
    PVMSIM_ASSERT(until >= window.windows());
    if (until == window.windows()) return;
    while (window.windows() + 1 < until) window.run_window();
    for (Account& account : progress_.accounts)
        if (account.is_active && is_shared(account.config)) account.last = window.time(*account.number);
    window.run_window();
    for (Account& account : progress_.accounts) {
        if (!account.is_active || !is_shared(account.config)) continue;
        ProcessorTime now = window.time(*account.number);
        now -= account.last;
        account.last = now;
        account.highest = std::max(account.highest, window.granted(*account.number));
    }
}

ExactDispatcher::Account& ExactDispatcher::active_account(PartitionId id) {
    PVMSIM_ASSERT(id.value() < progress_.accounts.size());
    PVMSIM_ASSERT(progress_.accounts[id.value()].is_active);
    return progress_.accounts[id.value()];
}

void ExactDispatcher::note(sim::SimTime at, PartitionId id, const DispatchConfig& config) {
    history_.add(at);
    history_.add(id);
    history_.add(config.proc_mode);
    history_.add(config.entitlement.hundredths);
    history_.add(config.procs);
    history_.add(config.sharing_mode);
    history_.add(config.uncap_weight);
    history_.add(config.pool);
}

void ExactDispatcher::set_pool(sim::SimTime at, PoolId id, SteadyPool pool) {
    PVMSIM_ASSERT(id != kDefaultPool);
    advance(at);
    if (id.value() > pools_.size()) pools_.resize(id.value());
    pools_[std::size_t{id.value()} - 1] = pool;
    progress_.window.set_pools(pools_);
    history_.add(at);
    history_.add(id);
    history_.add(pool.max.nanocores);
    history_.add(pool.reserved.nanocores);
}

void ExactDispatcher::set_cores(std::uint32_t configurable) {
    cores_ = configurable;
    share_cores();
    history_.add(configurable);
}

/// Processors of dedicated partitions that are active are not shared.
void ExactDispatcher::share_cores() {
    std::uint32_t dedicated = 0;
    for (const Account& account : progress_.accounts)
        if (account.is_active && !is_shared(account.config)) dedicated += account.config.procs;
    PVMSIM_ASSERT(dedicated <= cores_);
    progress_.window.set_cores(cores_ - dedicated);
}

void ExactDispatcher::add(sim::SimTime at, PartitionId id, const DispatchConfig& config) {
    advance(at);
    if (id.value() >= progress_.accounts.size()) progress_.accounts.resize(std::size_t{id.value()} + 1);
    Account& account = progress_.accounts[id.value()];
    PVMSIM_ASSERT(!account.is_active);
    PVMSIM_ASSERT(config.pool.value() <= pools_.size());
    account = {.config = config,
               .demand = {},
               .is_active = true,
               .number = account.number,
               .start = {},
               .last = {},
               .highest = {},
               .settled = {},
               .settled_at = at};
    if (!is_shared(config)) {
        share_cores();
    } else if (account.number) {
        progress_.window.change_partition(*account.number, partition_of(config));
        spread(account);
    } else {
        account.number = progress_.window.add_partition(partition_of(config));
    }
    if (account.number) account.start = progress_.window.outcome(*account.number);
    note(at, id, config);
}

void ExactDispatcher::change(sim::SimTime at, PartitionId id, const DispatchConfig& config) {
    Account& account = active_account(id);
    PVMSIM_ASSERT(config.proc_mode == account.config.proc_mode);
    PVMSIM_ASSERT(config.pool.value() <= pools_.size());
    advance(at);
    settle_dedicated(at, account);
    account.config = config;
    if (is_shared(config)) {
        progress_.window.change_partition(*account.number, partition_of(config));
        spread(account);
    } else {
        share_cores();
    }
    note(at, id, config);
}

void ExactDispatcher::remove(sim::SimTime at, PartitionId id) {
    Account& account = active_account(id);
    advance(at);
    account.settled = consumed(at, id);
    account.is_active = false;
    account.demand = {};
    if (is_shared(account.config))
        progress_.window.stop_partition(*account.number);
    else
        share_cores();
    history_.add(at);
    history_.add(id);
}

void ExactDispatcher::set_demand(sim::SimTime at, PartitionId id, CoreRate demand) {
    PVMSIM_ASSERT(demand >= CoreRate{});
    if (id.value() >= progress_.accounts.size()) return;
    Account& account = progress_.accounts[id.value()];
    if (!account.is_active || account.demand == demand) return;
    advance(at);
    settle_dedicated(at, account);
    account.demand = demand;
    if (is_shared(account.config)) spread(account);
    history_.add(at);
    history_.add(id);
    history_.add(demand.nanocores);
}

void ExactDispatcher::spread(const Account& account) {
    const std::int64_t procs = account.config.procs;
    for (std::uint32_t i = 0; i < account.config.procs; ++i) {
        const std::int64_t rest = i < account.demand.nanocores % procs ? 1 : 0;
        progress_.window.set_demand({*account.number, i}, {account.demand.nanocores / procs + rest});
    }
}

void ExactDispatcher::settle_dedicated(sim::SimTime at, Account& account) const {
    if (is_shared(account.config)) return;
    const CoreRate rate = std::min(account.demand, CoreRate::cores(account.config.procs));
    account.settled.total.add(rate, at - account.settled_at);
    account.settled.entitled.add(rate, at - account.settled_at);
    if (at > account.settled_at) account.settled.highest = std::max(account.settled.highest, rate);
    account.settled_at = at;
}

CoreRate ExactDispatcher::granted(PartitionId id) const {
    if (id.value() >= progress_.accounts.size()) return {};
    const Account& account = progress_.accounts[id.value()];
    if (!account.is_active) return {};
    if (!is_shared(account.config)) return std::min(account.demand, CoreRate::cores(account.config.procs));
    progress_.window.decide();
    return progress_.window.granted(*account.number);
}

Consumption ExactDispatcher::consumed(sim::SimTime at, PartitionId id) const {
    if (id.value() >= progress_.accounts.size()) return {};
    advance(at);
    Account& account = progress_.accounts[id.value()];
    if (account.is_active && is_shared(account.config)) return shared_consumption(at, account);
    if (account.is_active) settle_dedicated(at, account);
    return account.settled;
}

/// All windows that ran, without what of the last one lies behind `at`.
Consumption ExactDispatcher::shared_consumption(sim::SimTime at, const Account& account) const {
    const ExactWindow& window = progress_.window;
    const sim::Duration ahead{window.windows() * kWindowNs - at.time_since_epoch().count()};
    PVMSIM_ASSERT(ahead.count() >= 0 && ahead.count() < kWindowNs);
    ProcessorTime time = window.time(*account.number);
    time -= account.start.time;
    const auto so_far = [&](std::int64_t all_ns, std::int64_t last_ns) {
        CoreTime sum;
        sum.add(CoreRate::cores(1), sim::Duration{all_ns});
        sum.add({-last_ns * kNanocoresPerWindowNs}, ahead);
        return sum;
    };
    return {.total = so_far(time.consumed_ns, account.last.consumed_ns),
            .entitled = so_far(time.entitled_ns, account.last.entitled_ns),
            .beyond = so_far(time.beyond_ns, account.last.beyond_ns),
            .donated = {},
            .highest = account.highest};
}

DispatchCounts ExactDispatcher::counts(sim::SimTime at, PartitionId id) const {
    advance(at);
    if (id.value() >= progress_.accounts.size()) return {};
    const Account& account = progress_.accounts[id.value()];
    if (!account.is_active || !is_shared(account.config)) return {};
    return (progress_.window.outcome(*account.number) - account.start).counts;
}

CoreRate ExactDispatcher::pool_idle() const {
    progress_.window.decide();
    return CoreRate::cores(progress_.window.cores()) - progress_.window.granted_all();
}

void ExactDispatcher::digest(sim::Digest& digest) const { digest.add(history_.value()); }

}  // namespace pvmsim::hypervisor
