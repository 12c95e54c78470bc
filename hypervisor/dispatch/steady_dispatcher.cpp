// Accounts are settled when their own rate changes: base and a satisfied partition's rate are constant in between, an
// unsatisfied one's is read from its pool's meter. Queries that change nothing settle nothing.
#include "hypervisor/dispatch/steady_dispatcher.hpp"

#include <algorithm>

#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

namespace {

/// Keeps rates, shifted to levels, inside 64 bits.
constexpr std::uint32_t kProcsMax = 4096;
/// Of the active partitions: if more of them change at one instant, one pass over all is cheaper.
constexpr std::size_t kRebuildFraction = 16;

/// Lends idle processors while it runs.
bool is_donating(const DispatchConfig& config) {
    return config.sharing_mode == SharingMode::kShareIdleProcsActive ||
           config.sharing_mode == SharingMode::kShareIdleProcsAlways;
}

std::uint32_t weight_of(const DispatchConfig& config) {
    return config.sharing_mode == SharingMode::kUncapped ? config.uncap_weight : 0u;
}

FluidShare share_of(const DispatchConfig& config, CoreRate demand, std::uint32_t unfolded) {
    return FluidShare::of({.demand = demand,
                           .entitlement = CoreRate::from(config.entitlement),
                           .procs = std::min(config.procs, unfolded),
                           .weight = weight_of(config)});
}

}  // namespace

bool SteadyDispatcher::is_active(PartitionId id) const {
    return id.value() < accounts_.size() && accounts_[id.value()].is_active;
}

SteadyDispatcher::Account& SteadyDispatcher::active_account(PartitionId id) {
    PVMSIM_ASSERT(is_active(id));
    return accounts_[id.value()];
}

PoolMeter::WeightClass& SteadyDispatcher::weight_class(const Account& account) const {
    return meters_[account.pool].of_weight(account.share.weight);
}

void SteadyDispatcher::advance(sim::SimTime at) {
    PVMSIM_ASSERT(at >= settled_);
    if (at == settled_) return;
    flush();
    const sim::Duration span = at - settled_;
    capacity_.add(shared_, span);
    used_time_.add(used_, span);
    for (PoolMeter& meter : meters_) meter.run(settled_, span);
    settled_ = at;
    for (std::uint32_t pool = 0; pool < meters_.size(); ++pool)
        if (meters_[pool].has_many_peaks()) settle_unsatisfied(pool);
}

void SteadyDispatcher::set_pool(sim::SimTime at, PoolId id, SteadyPool pool) {
    PVMSIM_ASSERT(id != kDefaultPool);
    advance(at);
    if (id.value() >= pools_.size()) pools_.resize(std::size_t{id.value()} + 1);
    pools_[id.value()] = pool;
    needs_regroup_ = true;
}

void SteadyDispatcher::set_cores(std::uint32_t configurable) {
    PVMSIM_ASSERT(configurable <= kProcsMax);
    cores_ = configurable;
    needs_regroup_ = true;
}

void SteadyDispatcher::add(sim::SimTime at, PartitionId id, const DispatchConfig& config) {
    advance(at);
    if (id.value() >= accounts_.size()) accounts_.resize(std::size_t{id.value()} + 1);
    PVMSIM_ASSERT(!is_active(id));
    PVMSIM_ASSERT(config.pool.value() < pools_.size());
    PVMSIM_ASSERT(config.procs > 0 && config.procs <= kProcsMax);
    Account& account = accounts_[id.value()];
    account = {};
    account.config = config;
    account.is_active = true;
    account.since = settled_;
    active_.insert(std::ranges::lower_bound(active_, id.value()), id.value());
    needs_regroup_ = true;
}

void SteadyDispatcher::change(sim::SimTime at, PartitionId id, const DispatchConfig& config) {
    advance(at);
    PVMSIM_ASSERT(config.pool.value() < pools_.size());
    PVMSIM_ASSERT(config.procs > 0 && config.procs <= kProcsMax);
    active_account(id).config = config;
    needs_regroup_ = true;
}

void SteadyDispatcher::remove(sim::SimTime at, PartitionId id) {
    advance(at);
    Account& account = active_account(id);
    settle(account);
    account.is_active = false;
    account.demand = {};
    account.unfolded = kAllProcs;
    std::erase(active_, id.value());
    needs_regroup_ = true;
}

void SteadyDispatcher::wait_for_flush(PartitionId id) {
    if (accounts_[id.value()].is_pending) return;
    accounts_[id.value()].is_pending = true;
    pending_.push_back(id.value());
}

void SteadyDispatcher::set_demand(sim::SimTime at, PartitionId id, CoreRate demand) {
    PVMSIM_ASSERT(demand >= CoreRate{});
    if (!is_active(id) || accounts_[id.value()].demand == demand) return;
    advance(at);
    accounts_[id.value()].demand = demand;
    wait_for_flush(id);
}

/// All processors stay all when there are more of them later.
void SteadyDispatcher::set_unfolded(sim::SimTime at, PartitionId id, std::uint32_t procs) {
    PVMSIM_ASSERT(procs > 0);
    if (!is_active(id)) return;
    const std::uint32_t unfolded = procs < accounts_[id.value()].config.procs ? procs : kAllProcs;
    if (accounts_[id.value()].unfolded == unfolded) return;
    advance(at);
    accounts_[id.value()].unfolded = unfolded;
    wait_for_flush(id);
}

void SteadyDispatcher::flush() const {
    if (!needs_regroup_ && pending_.empty()) return;
    if (needs_regroup_)
        regroup();
    else if (pending_.size() > active_.size() / kRebuildFraction)
        rebuild();
    else
        for (const std::uint16_t id : pending_) apply(id);
    for (const std::uint16_t id : pending_) accounts_[id].is_pending = false;
    pending_.clear();
    needs_regroup_ = false;
    shares_.solve(shared_);
    commit();
}

/// After a change of configuration: pools and weight classes anew.
void SteadyDispatcher::regroup() const {
    meters_.resize(pools_.size());
    for (const std::uint16_t id : active_) settle(accounts_[id]);
    for (PoolMeter& meter : meters_) meter.reset();
    std::vector<std::size_t> claims(pools_.size());
    for (const std::uint16_t id : active_) {
        Account& account = accounts_[id];
        account.pool = account.config.pool.value();
        account.is_satisfied = true;
        if (account.config.proc_mode != ProcessorMode::kShared || weight_of(account.config) == 0) continue;
        meters_[account.pool].take_part(weight_of(account.config));
        ++claims[account.pool];
    }
    rebuild();
    for (std::size_t pool = 0; pool < claims.size(); ++pool) shares_.pools()[pool].index.reserve(claims[pool]);
}

/// All shares in one pass.
void SteadyDispatcher::rebuild() const {
    shares_.reset(pools_);
    shared_ = CoreRate::cores(cores_);
    for (const std::uint16_t id : active_) {
        Account& account = accounts_[id];
        settle(account);
        account.is_satisfied = true;
        if (account.config.proc_mode == ProcessorMode::kDedicated) {
            account.taken = {};
            serve_dedicated(account);
            continue;
        }
        account.taken = {};
        account.lent = {};
        account.share = share_of(account.config, account.demand, account.unfolded);
        shares_.put(account.pool, id, CoreRate::from(account.config.entitlement), account.share);
    }
    shares_.order();
    for (std::size_t pool = 0; pool < meters_.size(); ++pool) {
        meters_[pool].clear_counts();
        const ShareIndex& index = shares_.pools()[pool].index;
        for (const ShareIndex::Claim& claim : index.claims().subspan(index.mark(LevelMark::kAccounted).satisfied))
            set_satisfied(accounts_[claim.share], false);
    }
}

/// Demand or folding of one partition has changed.
void SteadyDispatcher::apply(std::uint16_t id) const {
    Account& account = accounts_[id];
    settle(account);
    if (account.config.proc_mode == ProcessorMode::kDedicated) return serve_dedicated(account);
    set_satisfied(account, true);
    const FluidShare share = share_of(account.config, account.demand, account.unfolded);
    shares_.replace(account.pool, id, account.share, share);
    account.share = share;
    set_satisfied(account, share.level <= shares_.pools()[account.pool].index.mark(LevelMark::kAccounted).level);
}

/// Its own processors are its own at once; `taken` so far goes back first.
void SteadyDispatcher::serve_dedicated(Account& account) const {
    const CoreRate own = CoreRate::cores(account.config.procs);
    account.share = {.base = std::min({account.demand, own, CoreRate::cores(account.unfolded)}), .want = {}};
    account.lent = is_donating(account.config) ? own - account.share.base : CoreRate{};
    shared_ = shared_ + account.taken;
    account.taken = own - account.lent;
    shared_ = shared_ - account.taken;
}

/// Settles the accounts of those, and only those, whom the new levels satisfy or leave unsatisfied.
void SteadyDispatcher::commit() const {
    used_ = {};
    for (std::size_t i = 0; i < meters_.size(); ++i) {
        FluidShares::Pool& pool = shares_.pools()[i];
        const ShareIndex::Mark& now = pool.index.mark(LevelMark::kCommon);
        const std::size_t before = pool.index.mark(LevelMark::kAccounted).satisfied;
        const bool is_rising = before < now.satisfied;
        const auto [first, last] = std::minmax(before, now.satisfied);
        for (const ShareIndex::Claim& claim : pool.index.claims().subspan(first, last - first)) {
            settle(accounts_[claim.share]);
            set_satisfied(accounts_[claim.share], is_rising);
        }
        pool.index.move(LevelMark::kAccounted, now.level);
        meters_[i].set_level(now.level, {pool.base + now.wants}, pool.limits.max);
        used_ = used_ + meters_[i].used();
    }
    PVMSIM_ASSERT(used_ <= shared_);
}

void SteadyDispatcher::set_satisfied(Account& account, bool is_satisfied) const {
    if (account.is_satisfied == is_satisfied) return;
    account.is_satisfied = is_satisfied;
    PoolMeter::WeightClass& of = weight_class(account);
    of.count += is_satisfied ? -1 : 1;
    account.had_before = of.had;
}

void SteadyDispatcher::settle_unsatisfied(std::uint32_t pool) const {
    const ShareIndex& index = shares_.pools()[pool].index;
    for (const ShareIndex::Claim& claim : index.claims().subspan(index.mark(LevelMark::kAccounted).satisfied))
        settle(accounts_[claim.share]);
    meters_[pool].forget_peaks();
}

void SteadyDispatcher::settle(Account& account) const {
    if (account.since == settled_) return;
    account.consumption = consumption_until(settled_, account);
    account.since = settled_;
    if (!account.is_satisfied) account.had_before = weight_class(account).had;
}

Consumption SteadyDispatcher::consumption_until(sim::SimTime at, const Account& account) const {
    Consumption consumption = account.consumption;
    if (at == account.since) return consumption;
    const sim::Duration span = at - account.since;
    CoreRate beyond = account.share.want;
    if (account.is_satisfied) {
        consumption.beyond.add(beyond, span);
    } else {
        const PoolMeter::WeightClass& of = weight_class(account);
        CoreTime had = of.had;
        had.add(of.rate, at - settled_);
        consumption.beyond.nanocore_ns += had.nanocore_ns - account.had_before.nanocore_ns;
        beyond = {(meters_[account.pool].peak_level(account.since) * account.share.weight) >> kLevelBits};
        if (at > settled_) beyond = std::max(beyond, of.rate);
        PVMSIM_ASSERT(beyond <= account.share.want);
    }
    consumption.entitled.add(account.share.base, span);
    consumption.donated.add(account.lent, span);
    consumption.total.nanocore_ns = consumption.entitled.nanocore_ns + consumption.beyond.nanocore_ns;
    consumption.highest = std::max(consumption.highest, account.share.base + beyond);
    return consumption;
}

CoreRate SteadyDispatcher::granted(PartitionId id) const {
    if (!is_active(id)) return {};
    flush();
    const Account& account = accounts_[id.value()];
    return account.share.base + (account.is_satisfied ? account.share.want : weight_class(account).rate);
}

Consumption SteadyDispatcher::consumed(sim::SimTime at, PartitionId id) const {
    PVMSIM_ASSERT(at >= settled_);
    if (id.value() >= accounts_.size()) return {};
    const Account& account = accounts_[id.value()];
    if (!account.is_active) return account.consumption;
    if (at > settled_) flush();
    return consumption_until(at, account);
}

/// Puts the greater share in its place, looks, and puts the true one back: levels depend on the shares only.
CoreRate SteadyDispatcher::capacity(PartitionId id) const {
    if (!is_active(id)) return {};
    flush();
    const Account& account = accounts_[id.value()];
    const CoreRate procs = CoreRate::cores(std::min(account.config.procs, account.unfolded));
    if (account.config.proc_mode == ProcessorMode::kDedicated) return procs;
    const FluidShare greatest = share_of(account.config, procs, account.unfolded);
    if (greatest.level == 0 || account.demand >= procs) return greatest.level == 0 ? greatest.base : granted(id);
    shares_.replace(account.pool, id.value(), account.share, greatest);
    shares_.solve(shared_);
    const CoreRate rate = greatest.at(shares_.level(account.pool));
    shares_.replace(account.pool, id.value(), greatest, account.share);
    shares_.solve(shared_);
    return rate;
}

CoreRate SteadyDispatcher::pool_idle() const {
    flush();
    return shared_ - used_;
}

PoolUse SteadyDispatcher::physical_pool(sim::SimTime at) const {
    PVMSIM_ASSERT(at >= settled_);
    flush();
    PoolUse use{.capacity = capacity_, .used = used_time_};
    use.capacity.add(shared_, at - settled_);
    use.used.add(used_, at - settled_);
    return use;
}

PoolUse SteadyDispatcher::pool_use(sim::SimTime at, PoolId id) const {
    PVMSIM_ASSERT(at >= settled_);
    if (id.value() >= pools_.size()) return {};
    flush();
    return meters_[id.value()].use(at - settled_);
}

void SteadyDispatcher::digest(sim::Digest& digest) const {
    digest.add(cores_);
    digest.add(settled_);
    for (const SteadyPool& pool : pools_) {
        digest.add(pool.max.nanocores);
        digest.add(pool.reserved.nanocores);
    }
    for (const Account& of : accounts_) {
        const Consumption consumption = of.is_active ? consumption_until(settled_, of) : of.consumption;
        digest.add(of.is_active);
        digest.add(of.demand.nanocores);
        digest.add(of.unfolded);
        digest.add(of.config.proc_mode);
        digest.add(of.config.entitlement.hundredths);
        digest.add(of.config.procs);
        digest.add(of.config.sharing_mode);
        digest.add(of.config.uncap_weight);
        digest.add(of.config.pool);
        digest.add(static_cast<std::uint64_t>(consumption.total.nanocore_ns));
        digest.add(static_cast<std::uint64_t>(consumption.total.nanocore_ns >> 64));
    }
}

}  // namespace pvmsim::hypervisor
