// Steady allocation: who gets how much of the shared processors when all demands stay as they are (behaviour 1.4).
//
// Two levels. Inside each shared pool, what its own entitled capacity leaves unused goes to the pool's uncapped
// partitions by weight; then what no pool used goes to any uncapped partition below its pool's maximum, by weight
// again. A pure function of integers: sums are exact. Left out: what happens inside a 10 ms dispatch window.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "hypervisor/units.hpp"

namespace pvmsim::hypervisor {

/// A partition that competes for shared processors.
struct SteadyShare {
    CoreRate demand;
    CoreRate entitlement;
    std::uint32_t procs = 1;   ///< virtual processors
    std::uint32_t weight = 0;  ///< 0: never more than its entitlement (capped, or weight 0)
    std::uint32_t pool = 0;    ///< index among the pools
};

struct SteadyPool {
    CoreRate max;       ///< max_pool_proc_units; for the default pool all shared processors
    CoreRate reserved;  ///< reserved_pool_proc_units
};

/// The result and what was needed to find it; reused from call to call so that nothing is allocated.
class SteadyAllocation {
  public:
    /// Entitlements and reserves of all pools together fit into `shared`, those of each pool into its maximum.
    void compute(CoreRate shared, std::span<const SteadyPool> pools, std::span<const SteadyShare> shares);

    /// In the order of the shares.
    [[nodiscard]] std::span<const CoreRate> granted() const { return granted_; }
    [[nodiscard]] CoreRate sum() const { return sum_; }

  private:
    /// What a partition still wants beyond what it was granted. `want` 0: satisfied, or nothing left for it.
    struct Claim {
        std::uint32_t share = 0;
        std::int64_t weight = 0;
        std::int64_t want = 0;
    };
    struct Pool {
        std::int64_t entitled = 0;  ///< with its reserve
        std::int64_t granted = 0;
        std::int64_t room = 0;  ///< up to its maximum
        std::size_t claims_begin = 0;
        std::size_t claims_end = 0;
    };
    void grant_entitled(std::span<const SteadyPool> pools, std::span<const SteadyShare> shares);
    void collect_claims(std::span<const SteadyShare> shares);
    [[nodiscard]] std::span<Claim> claims_of(const Pool& pool);
    void grant(Claim& claim, std::int64_t nanocores);
    std::int64_t fill(std::int64_t available, std::span<Claim> claims);
    void fill_across_pools(std::int64_t available);
    bool close_full_pool(std::int64_t& available, std::int64_t weights);
    std::int64_t satisfy_small(std::int64_t available, std::int64_t weights, std::span<Claim> claims);
    std::int64_t divide(std::int64_t available, std::int64_t weights, std::span<Claim> claims);

    std::vector<CoreRate> granted_;
    CoreRate sum_;
    std::vector<Pool> pools_;
    std::vector<Claim> claims_;  ///< grouped by pool
};

}  // namespace pvmsim::hypervisor
