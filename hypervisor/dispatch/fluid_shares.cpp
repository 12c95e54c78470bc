// The common level is found like a pool's (share_index.cpp): what all pools have at a common level is concave, too,
// as each pool's part is cut off at its maximum.
#include "hypervisor/dispatch/fluid_shares.hpp"

#include <algorithm>

#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

namespace {

using Wide = CoreTime::Wide;

Wide widen(std::int64_t nanocores) { return Wide{nanocores} << kLevelBits; }

}  // namespace

FluidShare FluidShare::of(const SteadyShare& share) {
    const CoreRate most = std::min(share.demand, CoreRate::cores(share.procs));
    FluidShare fluid{.base = std::min(most, share.entitlement), .want = {}, .level = 0, .weight = share.weight};
    if (share.weight == 0) return fluid;
    fluid.want = most - fluid.base;
    if (fluid.want > CoreRate{}) fluid.level = ShareIndex::level_for(fluid.want.nanocores, share.weight);
    return fluid;
}

CoreRate FluidShare::at(std::int64_t water) const {
    return base + (level <= water ? want : CoreRate{(water * weight) >> kLevelBits});
}

void FluidShares::reset(std::span<const SteadyPool> pools) {
    pools_.resize(pools.size());
    for (std::size_t i = 0; i < pools.size(); ++i) {
        Pool& pool = pools_[i];
        pool.limits = pools[i];
        pool.entitled = pools[i].reserved.nanocores;
        pool.base = 0;
        pool.index.clear();
    }
}

void FluidShares::put(std::uint32_t pool, std::uint32_t id, CoreRate entitlement, const FluidShare& share) {
    PVMSIM_ASSERT(pool < pools_.size());
    pools_[pool].entitled += entitlement.nanocores;
    pools_[pool].base += share.base.nanocores;
    if (share.level > 0) pools_[pool].index.append(share.claim(id));
}

void FluidShares::order() {
    for (Pool& pool : pools_) pool.index.sort();
}

void FluidShares::replace(std::uint32_t pool, std::uint32_t id, const FluidShare& before, const FluidShare& after) {
    Pool& of = pools_[pool];
    of.base += (after.base - before.base).nanocores;
    if (after.level == before.level && after.want == before.want && after.weight == before.weight) return;
    if (before.level > 0) of.index.erase(before.claim(id));
    if (after.level > 0) of.index.insert(after.claim(id));
}

void FluidShares::solve(CoreRate shared) {
    pools_[0].limits.max = shared;
    std::int64_t left = shared.nanocores;
    std::int64_t entitled = 0;
    for (const Pool& pool : pools_) {
        PVMSIM_ASSERT(pool.entitled <= pool.limits.max.nanocores);
        PVMSIM_ASSERT(pool.base <= pool.entitled);
        entitled += pool.entitled;
        left -= pool.base;
    }
    PVMSIM_ASSERT(entitled <= shared.nanocores);
    for (Pool& pool : pools_) {
        const std::int64_t room = pool.limits.max.nanocores - pool.base;
        pool.own = pool.index.fill(LevelMark::kOwn, pool.entitled - pool.base);
        pool.full = room < left ? pool.index.fill(LevelMark::kFull, room) : kNoLevel;
    }
    find_common(left);
}

std::int64_t FluidShares::level_at(const Pool& pool, std::int64_t common) {
    if (pool.own == kNoLevel || common == kNoLevel) return pool.full;
    return std::min(pool.own + common, pool.full);
}

std::int64_t FluidShares::level(std::size_t pool) const { return level_at(pools_[pool], common_); }

void FluidShares::find_common(std::int64_t left) {
    Wide most = 0;
    for (const Pool& pool : pools_) {
        const ShareIndex::Mark& full = pool.index.mark(LevelMark::kFull);
        most += pool.full == kNoLevel ? widen(pool.index.wants()) : widen(full.wants) + Wide{pool.full} * full.weights;
    }
    const Wide target = widen(left);
    if (most < target) {
        common_ = kNoLevel;
        for (Pool& pool : pools_) pool.index.move(LevelMark::kCommon, level_at(pool, common_));
        return;
    }
    bool is_from_below = common_ == kNoLevel;
    std::int64_t level = is_from_below ? 0 : common_;
    while (true) {
        Wide fixed = 0;
        std::int64_t weights = 0;
        for (Pool& pool : pools_) {
            const ShareIndex::Mark& mark = pool.index.move(LevelMark::kCommon, level_at(pool, level));
            const bool is_open = mark.level < pool.full;
            fixed += widen(mark.wants) + Wide{is_open ? pool.own : mark.level} * mark.weights;
            weights += is_open ? mark.weights : 0;
        }
        Wide next = weights == 0 ? (is_from_below ? level : 0) : (target - fixed + weights - 1) / weights;
        next = std::max<Wide>(next, 0);
        is_from_below = true;
        if (next == level) break;
        level = static_cast<std::int64_t>(next);
    }
    common_ = level;
}

}  // namespace pvmsim::hypervisor
