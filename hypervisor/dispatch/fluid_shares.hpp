// FluidShares: the steady allocation (steady_allocation.hpp has the rules, and is the oracle) kept up to date when one
// partition changes, without looking at the others.
//
// Each pool has a level of its own at which its partitions use up its entitled capacity; on top of it comes a level
// common to all pools at which what no pool used is used up, cut off where a pool reaches its maximum. A partition has
// its entitled demand and min(want, level x weight). Levels and results are a function of the present shares only.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "hypervisor/dispatch/share_index.hpp"
#include "hypervisor/dispatch/steady_allocation.hpp"
#include "hypervisor/units.hpp"

namespace pvmsim::hypervisor {

/// What a partition is sure to get, and what it wants besides.
struct FluidShare {
    CoreRate base;           ///< its demand inside its entitlement
    CoreRate want;           ///< beyond, by weight
    std::int64_t level = 0;  ///< the lowest that satisfies it; 0: no claim
    std::uint32_t weight = 0;

    [[nodiscard]] static FluidShare of(const SteadyShare& share);
    [[nodiscard]] CoreRate at(std::int64_t water) const;
    [[nodiscard]] ShareIndex::Claim claim(std::uint32_t id) const { return {level, want.nanocores, weight, id}; }
};

class FluidShares {
  public:
    struct Pool {
        SteadyPool limits;
        std::int64_t entitled = 0;  ///< nanocores, with its reserve
        std::int64_t base = 0;      ///< nanocores, of all its partitions
        std::int64_t own = 0;       ///< level inside the pool
        std::int64_t full = 0;      ///< level at its maximum; kNoLevel: not reached
        ShareIndex index;
    };

    /// Forgets all shares. The first pool is the default one, whose maximum is what solve() is given.
    void reset(std::span<const SteadyPool> pools);
    /// Several shares anew: put() each, then order().
    void put(std::uint32_t pool, std::uint32_t id, CoreRate entitlement, const FluidShare& share);
    void order();
    /// One share for another of the same partition.
    void replace(std::uint32_t pool, std::uint32_t id, const FluidShare& before, const FluidShare& after);

    /// Finds the levels. Entitlements and reserves fit into `shared`, those of each pool into its maximum.
    void solve(CoreRate shared);
    /// The level that holds in a pool.
    [[nodiscard]] std::int64_t level(std::size_t pool) const;
    [[nodiscard]] std::vector<Pool>& pools() { return pools_; }
    [[nodiscard]] const std::vector<Pool>& pools() const { return pools_; }

  private:
    void find_common(std::int64_t left);
    [[nodiscard]] static std::int64_t level_at(const Pool& pool, std::int64_t common);

    std::vector<Pool> pools_;
    std::int64_t common_ = kNoLevel;
};

}  // namespace pvmsim::hypervisor
