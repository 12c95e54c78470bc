// Accounting over the steady allocation: before anything changes, the time since the last change is settled at the
// rates that held meanwhile. Both cost one pass over the active partitions.
#include "hypervisor/dispatch/steady_dispatcher.hpp"

#include <algorithm>

#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

namespace {

/// Lends idle processors while it runs.
bool is_donating(const DispatchConfig& config) {
    return config.sharing_mode == SharingMode::kShareIdleProcsActive ||
           config.sharing_mode == SharingMode::kShareIdleProcsAlways;
}

void account(Consumption& consumption, const DispatchConfig& config, CoreRate rate, sim::Duration span) {
    const CoreRate entitlement = CoreRate::from(config.entitlement);
    const CoreRate entitled = config.proc_mode == ProcessorMode::kDedicated ? rate : std::min(rate, entitlement);
    consumption.total.add(rate, span);
    consumption.entitled.add(entitled, span);
    consumption.beyond.add(rate - entitled, span);
    consumption.highest = std::max(consumption.highest, rate);
}

}  // namespace

SteadyDispatcher::Account& SteadyDispatcher::active_account(PartitionId id) {
    PVMSIM_ASSERT(id.value() < accounts_.size());
    PVMSIM_ASSERT(accounts_[id.value()].is_active);
    return accounts_[id.value()];
}

void SteadyDispatcher::settle(sim::SimTime at) {
    PVMSIM_ASSERT(at >= settled_);
    if (at > settled_) {
        const std::vector<CoreRate>& by_id = rates().by_id;
        for (const std::uint16_t id : active_)
            account(accounts_[id].consumption, accounts_[id].config, by_id[id], at - settled_);
        settled_ = at;
    }
}

void SteadyDispatcher::set_pool(sim::SimTime at, PoolId id, SteadyPool pool) {
    PVMSIM_ASSERT(id != kDefaultPool);
    settle(at);
    if (id.value() >= pools_.size()) pools_.resize(std::size_t{id.value()} + 1);
    pools_[id.value()] = pool;
    rates_.are_current = false;
}

void SteadyDispatcher::set_cores(std::uint32_t configurable) {
    cores_ = configurable;
    rates_.are_current = false;
}

void SteadyDispatcher::add(sim::SimTime at, PartitionId id, const DispatchConfig& config) {
    settle(at);
    if (id.value() >= accounts_.size()) accounts_.resize(std::size_t{id.value()} + 1);
    PVMSIM_ASSERT(!accounts_[id.value()].is_active);
    PVMSIM_ASSERT(config.pool.value() < pools_.size());
    accounts_[id.value()] = {.config = config, .demand = {}, .is_active = true, .consumption = {}};
    active_.insert(std::ranges::lower_bound(active_, id.value()), id.value());
    rates_.are_current = false;
}

void SteadyDispatcher::change(sim::SimTime at, PartitionId id, const DispatchConfig& config) {
    settle(at);
    PVMSIM_ASSERT(config.pool.value() < pools_.size());
    active_account(id).config = config;
    rates_.are_current = false;
}

void SteadyDispatcher::remove(sim::SimTime at, PartitionId id) {
    settle(at);
    Account& account = active_account(id);
    account.is_active = false;
    account.demand = {};
    std::erase(active_, id.value());
    rates_.are_current = false;
}

void SteadyDispatcher::set_demand(sim::SimTime at, PartitionId id, CoreRate demand) {
    PVMSIM_ASSERT(demand >= CoreRate{});
    if (id.value() >= accounts_.size() || !accounts_[id.value()].is_active) return;
    if (accounts_[id.value()].demand == demand) return;
    settle(at);
    accounts_[id.value()].demand = demand;
    rates_.are_current = false;
}

/// Gives dedicated partitions what they want of their own, and returns the processors that are left to share.
CoreRate SteadyDispatcher::serve_dedicated(Rates& rates) const {
    CoreRate shared = CoreRate::cores(cores_);
    for (const std::uint16_t id : active_) {
        const Account& account = accounts_[id];
        if (account.config.proc_mode != ProcessorMode::kDedicated) continue;
        const CoreRate own = CoreRate::cores(account.config.procs);
        rates.by_id[id] = std::min(account.demand, own);
        shared = shared - (is_donating(account.config) ? rates.by_id[id] : own);
    }
    return shared;
}

const SteadyDispatcher::Rates& SteadyDispatcher::rates() const {
    if (rates_.are_current) return rates_;
    rates_.by_id.assign(accounts_.size(), {});
    rates_.shares.clear();
    rates_.ids.clear();
    const CoreRate shared = serve_dedicated(rates_);
    for (const std::uint16_t id : active_) {
        const Account& account = accounts_[id];
        if (account.config.proc_mode != ProcessorMode::kShared) continue;
        const bool is_uncapped = account.config.sharing_mode == SharingMode::kUncapped;
        rates_.shares.push_back({.demand = account.demand,
                                 .entitlement = CoreRate::from(account.config.entitlement),
                                 .procs = account.config.procs,
                                 .weight = is_uncapped ? account.config.uncap_weight : 0u,
                                 .pool = account.config.pool.value()});
        rates_.ids.push_back(id);
    }
    rates_.pools = pools_;
    rates_.pools[kDefaultPool.value()] = {.max = shared, .reserved = {}};
    rates_.allocation.compute(shared, rates_.pools, rates_.shares);
    for (std::size_t i = 0; i < rates_.ids.size(); ++i) rates_.by_id[rates_.ids[i]] = rates_.allocation.granted()[i];
    rates_.idle = shared - rates_.allocation.sum();
    rates_.are_current = true;
    return rates_;
}

CoreRate SteadyDispatcher::granted(PartitionId id) const {
    return id.value() < accounts_.size() ? rates().by_id[id.value()] : CoreRate{};
}

Consumption SteadyDispatcher::consumed(sim::SimTime at, PartitionId id) const {
    PVMSIM_ASSERT(at >= settled_);
    if (id.value() >= accounts_.size()) return {};
    const Account& of = accounts_[id.value()];
    Consumption consumption = of.consumption;
    if (of.is_active && at > settled_) account(consumption, of.config, rates().by_id[id.value()], at - settled_);
    return consumption;
}

CoreRate SteadyDispatcher::pool_idle() const { return rates().idle; }

void SteadyDispatcher::digest(sim::Digest& digest) const {
    digest.add(cores_);
    digest.add(settled_);
    for (const SteadyPool& pool : pools_) {
        digest.add(pool.max.nanocores);
        digest.add(pool.reserved.nanocores);
    }
    for (const Account& of : accounts_) {
        digest.add(of.is_active);
        digest.add(of.demand.nanocores);
        digest.add(of.config.proc_mode);
        digest.add(of.config.entitlement.hundredths);
        digest.add(of.config.procs);
        digest.add(of.config.sharing_mode);
        digest.add(of.config.uncap_weight);
        digest.add(of.config.pool);
        digest.add(static_cast<std::uint64_t>(of.consumption.total.nanocore_ns));
        digest.add(static_cast<std::uint64_t>(of.consumption.total.nanocore_ns >> 64));
    }
}

}  // namespace pvmsim::hypervisor
