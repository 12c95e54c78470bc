// Water filling in whole nanocores. In each round everybody who wants no more than its share by weight gets what it
// wants and leaves; when nobody does, the rest is divided by weight, rounding so that nothing is left over. A pool that
// would take more than its room gets exactly that and leaves as a whole: shares of the others can only grow from then
// on.
#include "hypervisor/dispatch/steady_allocation.hpp"

#include <algorithm>

#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

namespace {

template <class Claims>
std::int64_t sum_of_weights(const Claims& claims) {
    std::int64_t sum = 0;
    for (const auto& claim : claims) sum += claim.want > 0 ? claim.weight : 0;
    return sum;
}

}  // namespace

void SteadyAllocation::compute(CoreRate shared, std::span<const SteadyPool> pools,
                               std::span<const SteadyShare> shares) {
    grant_entitled(pools, shares);
    collect_claims(shares);
    std::int64_t entitled = 0;
    for (Pool& pool : pools_) {
        entitled += pool.entitled;
        pool.granted += fill(pool.entitled - pool.granted, claims_of(pool));
    }
    PVMSIM_ASSERT(entitled <= shared.nanocores);
    std::int64_t left = shared.nanocores;
    for (std::size_t i = 0; i < pools.size(); ++i) {
        left -= pools_[i].granted;
        pools_[i].room = pools[i].max.nanocores - pools_[i].granted;
    }
    fill_across_pools(left);
    sum_ = {};
    for (const CoreRate rate : granted_) sum_ = sum_ + rate;
    PVMSIM_ASSERT(sum_ <= shared);
}

void SteadyAllocation::grant_entitled(std::span<const SteadyPool> pools, std::span<const SteadyShare> shares) {
    pools_.assign(pools.size(), {});
    granted_.assign(shares.size(), {});
    for (std::size_t i = 0; i < pools.size(); ++i) pools_[i].entitled = pools[i].reserved.nanocores;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        const SteadyShare& share = shares[i];
        PVMSIM_ASSERT(share.pool < pools.size());
        granted_[i] = std::min({share.demand, share.entitlement, CoreRate::cores(share.procs)});
        pools_[share.pool].entitled += share.entitlement.nanocores;
        pools_[share.pool].granted += granted_[i].nanocores;
        pools_[share.pool].claims_end += share.weight > 0 ? 1 : 0;
    }
    for (std::size_t i = 0; i < pools.size(); ++i) PVMSIM_ASSERT(pools_[i].entitled <= pools[i].max.nanocores);
}

/// Claims of one pool lie together, in the order of the shares.
void SteadyAllocation::collect_claims(std::span<const SteadyShare> shares) {
    std::size_t next = 0;
    for (Pool& pool : pools_) {
        pool.claims_begin = next;
        next += pool.claims_end;
        pool.claims_end = pool.claims_begin;
    }
    claims_.resize(next);
    for (std::uint32_t i = 0; i < shares.size(); ++i) {
        const SteadyShare& share = shares[i];
        if (share.weight == 0) continue;
        const CoreRate want = std::min(share.demand, CoreRate::cores(share.procs)) - granted_[i];
        claims_[pools_[share.pool].claims_end++] = {i, share.weight, want.nanocores};
    }
}

std::span<SteadyAllocation::Claim> SteadyAllocation::claims_of(const Pool& pool) {
    return std::span(claims_).subspan(pool.claims_begin, pool.claims_end - pool.claims_begin);
}

void SteadyAllocation::grant(Claim& claim, std::int64_t nanocores) {
    granted_[claim.share].nanocores += nanocores;
    claim.want -= nanocores;
}

/// Returns how much was handed out: all of it, or all that is wanted.
std::int64_t SteadyAllocation::fill(std::int64_t available, std::span<Claim> claims) {
    std::int64_t left = available;
    while (left > 0) {
        const std::int64_t weights = sum_of_weights(claims);
        if (weights == 0) break;
        const std::int64_t taken = satisfy_small(left, weights, claims);
        left -= taken > 0 ? taken : divide(left, weights, claims);
    }
    return available - left;
}

void SteadyAllocation::fill_across_pools(std::int64_t available) {
    while (available > 0) {
        const std::int64_t weights = sum_of_weights(claims_);
        if (weights == 0) return;
        if (close_full_pool(available, weights)) continue;
        std::int64_t taken = 0;
        for (Pool& pool : pools_) {
            const std::int64_t here = satisfy_small(available, weights, claims_of(pool));
            pool.room -= here;
            taken += here;
        }
        available -= taken > 0 ? taken : divide(available, weights, claims_);
    }
}

/// A pool whose members would together take at least its room gets its room. Shares are rounded up here, so that no
/// later rounding can carry a pool over its maximum.
bool SteadyAllocation::close_full_pool(std::int64_t& available, std::int64_t weights) {
    for (Pool& pool : pools_) {
        if (pool.room >= available) continue;
        std::int64_t draw = 0;
        bool is_open = false;
        for (const Claim& claim : claims_of(pool)) {
            draw += std::min(claim.want, (available * claim.weight + weights - 1) / weights);
            is_open = is_open || claim.want > 0;
        }
        if (!is_open || draw < pool.room) continue;
        available -= fill(pool.room, claims_of(pool));
        pool.room = 0;
        for (Claim& claim : claims_of(pool)) claim.want = 0;
        return true;
    }
    return false;
}

std::int64_t SteadyAllocation::satisfy_small(std::int64_t available, std::int64_t weights, std::span<Claim> claims) {
    std::int64_t taken = 0;
    for (Claim& claim : claims) {
        if (claim.want == 0 || claim.want > available * claim.weight / weights) continue;
        taken += claim.want;
        grant(claim, claim.want);
    }
    return taken;
}

/// To be called when everybody wants more than its share: each gets it, rounded down or up to the next nanocore.
std::int64_t SteadyAllocation::divide(std::int64_t available, std::int64_t weights, std::span<Claim> claims) {
    std::int64_t weights_so_far = 0;
    std::int64_t given = 0;
    for (Claim& claim : claims) {
        if (claim.want == 0) continue;
        weights_so_far += claim.weight;
        const std::int64_t up_to_here = available * weights_so_far / weights;
        grant(claim, up_to_here - given);
        given = up_to_here;
    }
    return given;
}

}  // namespace pvmsim::hypervisor
