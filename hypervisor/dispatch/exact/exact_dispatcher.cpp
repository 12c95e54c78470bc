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

bool is_donating(const DispatchConfig& config) {
    return !is_shared(config) && (config.sharing_mode == SharingMode::kShareIdleProcsActive ||
                                  config.sharing_mode == SharingMode::kShareIdleProcsAlways);
}

TimedPartition timed_of(const DispatchConfig& config) {
    TimedPartition timed{
        .share = partition_of(config), .is_dedicated = !is_shared(config), .is_donating = is_donating(config)};
    if (timed.is_dedicated) timed.share = {.entitlement = {}, .procs = config.procs, .weight = 0, .pool = 0};
    return timed;
}

}  // namespace

ExactDispatcher::ExactDispatcher(const ExactTopology& topology, const ExactCosts& costs)
    : progress_{.window = ExactWindow(without_cores(topology), costs), .pools_last = {}, .timed = {}, .accounts = {}},
      topology_(without_cores(topology)),
      costs_(costs) {}

/// Whole windows: to the end of the one that `at` lies in; a window's first instant belongs to the one before.
void ExactDispatcher::advance(sim::SimTime at) const {
    if (progress_.timed) {
        progress_.timed->run_until(at);
        return;
    }
    ExactWindow& window = progress_.window;
    const std::int64_t until = (at.time_since_epoch().count() + kWindowNs - 1) / kWindowNs;
    PVMSIM_ASSERT(until >= window.windows());
    if (until == window.windows()) return;
    while (window.windows() + 1 < until) window.run_window();
    for (Account& account : progress_.accounts)
        if (account.is_active && is_shared(account.config)) account.last = window.time(*account.number);
    const std::vector<PoolWindows> pools_before(window.pool_windows().begin(), window.pool_windows().end());
    window.run_window();
    progress_.pools_last.assign(window.pool_windows().begin(), window.pool_windows().end());
    for (std::size_t i = 0; i < pools_before.size(); ++i) {
        progress_.pools_last[i].capacity_ns -= pools_before[i].capacity_ns;
        progress_.pools_last[i].used_ns -= pools_before[i].used_ns;
    }
    for (Account& account : progress_.accounts) {
        if (!account.is_active || !is_shared(account.config)) continue;
        ProcessorTime now = window.time(*account.number);
        now -= account.last;
        account.last = now;
        account.highest = std::max(account.highest, window.granted(*account.number));
    }
}

/// From the end of this window on; whether somebody looked before makes no difference.
void ExactDispatcher::look_into_windows(sim::SimTime at) {
    if (progress_.timed) return;
    advance(at);
    const sim::SimTime start = sim::kStartOfRun + sim::Duration{progress_.window.windows() * kWindowNs};
    progress_.timed.emplace(topology_, costs_, start);
    progress_.timed->set_pools(pools_);
    for (Account& account : progress_.accounts) {
        if (!account.is_active) continue;
        settle_dedicated(start, account);
        start_timed(account);
    }
    share_cores();
}

void ExactDispatcher::start_timed(Account& account) {
    if (account.timed_number)
        progress_.timed->change_partition(*account.timed_number, timed_of(account.config));
    else
        account.timed_number = progress_.timed->add_partition(timed_of(account.config));
    spread(account);
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
    if (progress_.timed)
        progress_.timed->set_pools(pools_);
    else
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
    if (progress_.timed)
        progress_.timed->set_cores(cores_ - dedicated);
    else
        progress_.window.set_cores(cores_ - dedicated);
}

void ExactDispatcher::add(sim::SimTime at, PartitionId id, const DispatchConfig& config) {
    advance(at);
    if (!is_known(id)) progress_.accounts.resize(std::size_t{id.value()} + 1);
    if (is_donating(config)) look_into_windows(at);
    Account& account = progress_.accounts[id.value()];
    PVMSIM_ASSERT(!account.is_active);
    PVMSIM_ASSERT(config.pool.value() <= pools_.size());
    const Account before = std::move(account);
    account = {};
    account.config = config;
    account.is_active = true;
    // Where windows are timed, the others have nothing to do with this activation.
    if (!progress_.timed) account.number = before.number;
    account.timed_number = before.timed_number;
    account.settled_at = at;
    start(account);
    account.start = outcome(account);
    if (account.timed_number) account.donated_before = progress_.timed->donated(*account.timed_number);
    note(at, id, config);
}

void ExactDispatcher::start(Account& account) {
    if (progress_.timed) {
        start_timed(account);
    } else if (is_shared(account.config) && account.number) {
        progress_.window.change_partition(*account.number, partition_of(account.config));
        spread(account);
    } else if (is_shared(account.config)) {
        account.number = progress_.window.add_partition(partition_of(account.config));
    }
    if (!is_shared(account.config)) share_cores();
}

void ExactDispatcher::change(sim::SimTime at, PartitionId id, const DispatchConfig& config) {
    Account& account = active_account(id);
    PVMSIM_ASSERT(config.proc_mode == account.config.proc_mode);
    PVMSIM_ASSERT(config.pool.value() <= pools_.size());
    advance(at);
    settle_dedicated(at, account);
    if (is_donating(config)) look_into_windows(at);
    account.config = config;
    start(account);
    note(at, id, config);
}

void ExactDispatcher::remove(sim::SimTime at, PartitionId id) {
    Account& account = active_account(id);
    advance(at);
    account.settled = consumed(at, id);
    account.is_active = false;
    account.demand = {};
    if (progress_.timed)
        progress_.timed->stop_partition(*account.timed_number);
    else if (is_shared(account.config))
        progress_.window.stop_partition(*account.number);
    if (!is_shared(account.config)) share_cores();
    history_.add(at);
    history_.add(id);
}

void ExactDispatcher::set_demand(sim::SimTime at, PartitionId id, CoreRate demand) {
    PVMSIM_ASSERT(demand >= CoreRate{});
    if (!is_known(id)) return;
    Account& account = progress_.accounts[id.value()];
    if (!account.is_active || account.demand == demand) return;
    advance(at);
    settle_dedicated(at, account);
    account.demand = demand;
    spread(account);
    history_.add(at);
    history_.add(id);
    history_.add(demand.nanocores);
}

void ExactDispatcher::set_unfolded(sim::SimTime at, PartitionId id, std::uint32_t procs) {
    PVMSIM_ASSERT(procs > 0);
    if (!is_known(id)) return;
    Account& account = progress_.accounts[id.value()];
    if (!account.is_active || account.unfolded == procs) return;
    advance(at);
    settle_dedicated(at, account);
    account.unfolded = procs;
    spread(account);
    history_.add(at);
    history_.add(id);
    history_.add(procs);
}

void ExactDispatcher::spread(const Account& account) {
    if (!progress_.timed && !is_shared(account.config)) return;
    const std::int64_t procs = account.used_procs();
    for (std::uint32_t i = 0; i < account.config.procs; ++i) {
        const std::int64_t rest = i < account.demand.nanocores % procs ? 1 : 0;
        const CoreRate rate = i < procs ? CoreRate{account.demand.nanocores / procs + rest} : CoreRate{};
        if (progress_.timed)
            progress_.timed->set_demand({*account.timed_number, i}, rate);
        else
            progress_.window.set_demand({*account.number, i}, rate);
    }
}

BurstId ExactDispatcher::add_burst(sim::SimTime at, PartitionId id, std::uint32_t proc, sim::Duration work) {
    Account& account = active_account(id);
    PVMSIM_ASSERT(proc < account.config.procs);
    look_into_windows(at);
    advance(at);
    history_.add(at);
    history_.add(id);
    history_.add(proc);
    history_.add(work);
    return progress_.timed->add_burst(at, {*account.timed_number, proc}, work);
}

BurstStatus ExactDispatcher::status(sim::SimTime at, BurstId burst) {
    PVMSIM_ASSERT(progress_.timed.has_value());
    advance(at);
    return progress_.timed->status(burst);
}

/// While windows are decided as a whole; TimedDispatch accounts for what comes later.
void ExactDispatcher::settle_dedicated(sim::SimTime at, Account& account) const {
    if (is_shared(account.config) || account.timed_number) return;
    const CoreRate rate = std::min(account.demand, CoreRate::cores(account.used_procs()));
    account.settled.total.add(rate, at - account.settled_at);
    account.settled.entitled.add(rate, at - account.settled_at);
    if (at > account.settled_at) account.settled.highest = std::max(account.settled.highest, rate);
    account.settled_at = at;
}

CoreRate ExactDispatcher::granted(PartitionId id) const {
    if (!is_known(id)) return {};
    const Account& account = progress_.accounts[id.value()];
    if (!account.is_active) return {};
    if (!is_shared(account.config)) return std::min(account.demand, CoreRate::cores(account.used_procs()));
    if (progress_.timed) return steady(id, false).granted;
    progress_.window.decide();
    return progress_.window.granted(*account.number);
}

CoreRate ExactDispatcher::capacity(PartitionId id) const {
    if (!is_known(id) || !progress_.accounts[id.value()].is_active) return {};
    const Account& account = progress_.accounts[id.value()];
    if (!is_shared(account.config)) return CoreRate::cores(account.used_procs());
    return steady(id, true).granted;
}

CoreRate ExactDispatcher::pool_idle() const {
    if (progress_.timed) {
        const Steady now = steady({}, false);
        return now.shared - now.sum;
    }
    progress_.window.decide();
    return CoreRate::cores(progress_.window.cores()) - progress_.window.granted_all();
}

/// With a demand without limit of the partition asked for, if it is greedy.
ExactDispatcher::Steady ExactDispatcher::steady(std::optional<PartitionId> asked, bool is_greedy) const {
    Steady result{.shared = CoreRate::cores(cores_), .sum = {}, .granted = {}};
    std::vector<SteadyShare> shares;
    std::size_t position = 0;
    for (std::size_t id = 0; id < progress_.accounts.size(); ++id) {
        const Account& account = progress_.accounts[id];
        if (!account.is_active) continue;
        const CoreRate most = CoreRate::cores(account.used_procs());
        if (!is_shared(account.config)) {
            const CoreRate own = CoreRate::cores(account.config.procs);
            result.shared = result.shared - (is_donating(account.config) ? std::min(account.demand, most) : own);
            continue;
        }
        const bool is_asked = asked && asked->value() == id;
        if (is_asked) position = shares.size();
        const ExactPartition share = partition_of(account.config);
        shares.push_back({.demand = is_asked && is_greedy ? most : std::min(account.demand, most),
                          .entitlement = CoreRate::from(share.entitlement),
                          .procs = account.used_procs(),
                          .weight = share.weight,
                          .pool = share.pool});
    }
    std::vector<SteadyPool> pools{{.max = result.shared, .reserved = {}}};
    pools.insert(pools.end(), pools_.begin(), pools_.end());
    SteadyAllocation allocation;
    allocation.compute(result.shared, pools, shares);
    result.sum = allocation.sum();
    if (asked) result.granted = allocation.granted()[position];
    return result;
}

Consumption ExactDispatcher::consumed(sim::SimTime at, PartitionId id) const {
    if (!is_known(id)) return {};
    advance(at);
    Account& account = progress_.accounts[id.value()];
    if (!account.is_active) return account.settled;
    if (!is_shared(account.config)) {
        settle_dedicated(at, account);
        return with_timed(account.settled, account);
    }
    return with_timed(shared_consumption(at, account), account);
}

/// How far windows decided as a whole lie ahead; 0 where timed ones have begun.
sim::Duration ExactDispatcher::ahead_of(sim::SimTime at) const {
    const sim::Duration ahead{progress_.window.windows() * kWindowNs - at.time_since_epoch().count()};
    PVMSIM_ASSERT(ahead.count() < kWindowNs);
    PVMSIM_ASSERT(ahead.count() >= 0 || progress_.timed.has_value());
    return std::max(ahead, sim::Duration{0});
}

/// All windows that ran as a whole, without what of the last one lies behind `at`.
Consumption ExactDispatcher::shared_consumption(sim::SimTime at, const Account& account) const {
    if (!account.number) return {};
    const sim::Duration ahead = ahead_of(at);
    ProcessorTime time = progress_.window.time(*account.number);
    if (!account.timed_number) time -= account.start.time;
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

Consumption ExactDispatcher::with_timed(Consumption consumption, const Account& account) const {
    if (!account.timed_number) return consumption;
    const TimedDispatch& timed = *progress_.timed;
    ProcessorTime time = timed.time(*account.timed_number);
    // Started with whole windows: these are part of what was before the start, too.
    time -= account.start.time;
    const CoreRate one = CoreRate::cores(1);
    consumption.total.add(one, sim::Duration{time.consumed_ns});
    consumption.entitled.add(one, sim::Duration{time.entitled_ns});
    consumption.beyond.add(one, sim::Duration{time.beyond_ns});
    consumption.donated.add(one, timed.donated(*account.timed_number) - account.donated_before);
    consumption.highest = std::max(consumption.highest, timed.highest(*account.timed_number));
    return consumption;
}

PartitionOutcome ExactDispatcher::outcome(const Account& account) const {
    PartitionOutcome sum;
    if (account.number) sum = progress_.window.outcome(*account.number);
    if (!account.timed_number) return sum;
    sum.time += progress_.timed->time(*account.timed_number);
    sum.counts += progress_.timed->counts(*account.timed_number);
    return sum;
}

DispatchCounts ExactDispatcher::counts(sim::SimTime at, PartitionId id) const {
    advance(at);
    if (!is_known(id) || !progress_.accounts[id.value()].is_active) return {};
    const Account& account = progress_.accounts[id.value()];
    return (outcome(account) - account.start).counts;
}

sim::Duration ExactDispatcher::latency_max(sim::SimTime at, PartitionId id) const {
    advance(at);
    if (!is_known(id) || !progress_.accounts[id.value()].is_active) return {};
    const Account& account = progress_.accounts[id.value()];
    sim::Duration latency_max{0};
    if (account.timed_number) latency_max = progress_.timed->latency_max(*account.timed_number);
    if (account.number && is_shared(account.config))
        latency_max = std::max(latency_max, progress_.window.latency_max(*account.number));
    return latency_max;
}

PoolUse ExactDispatcher::physical_pool(sim::SimTime at) const {
    advance(at);
    PoolUse use = progress_.timed ? progress_.timed->physical_pool() : PoolUse{};
    const auto pools = progress_.window.pool_windows();
    const sim::Duration ahead = ahead_of(at);
    for (std::size_t i = 0; i < pools.size(); ++i) {
        const PoolWindows& last = progress_.pools_last[i];
        if (i == 0) use.capacity.add(CoreRate::cores(1), sim::Duration{pools[i].capacity_ns});
        if (i == 0) use.capacity.add({-last.capacity_ns * kNanocoresPerWindowNs}, ahead);
        use.used.add(CoreRate::cores(1), sim::Duration{pools[i].used_ns});
        use.used.add({-last.used_ns * kNanocoresPerWindowNs}, ahead);
    }
    return use;
}

PoolUse ExactDispatcher::pool_use(sim::SimTime at, PoolId id) const {
    advance(at);
    PoolUse use = progress_.timed ? progress_.timed->pool_use(id.value()) : PoolUse{};
    const auto pools = progress_.window.pool_windows();
    if (id.value() >= pools.size()) return use;
    const PoolWindows& last = progress_.pools_last[id.value()];
    const sim::Duration ahead = ahead_of(at);
    use.capacity.add(CoreRate::cores(1), sim::Duration{pools[id.value()].capacity_ns});
    use.capacity.add({-last.capacity_ns * kNanocoresPerWindowNs}, ahead);
    use.used.add(CoreRate::cores(1), sim::Duration{pools[id.value()].used_ns});
    use.used.add({-last.used_ns * kNanocoresPerWindowNs}, ahead);
    return use;
}

void ExactDispatcher::digest(sim::Digest& digest) const { digest.add(history_.value()); }

}  // namespace pvmsim::hypervisor
