// PoolTable: the 64 shared processor pools and the rules for changing one (behaviour 1.4, R-ED-03).
//
// A pool is active if its maximum is above 0. The maximum is whole and covers the entitlements of the pool's partitions
// and its reserve; reserves come out of capacity that nobody holds. Left out: membership, which partitions know.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hypervisor/errors.hpp"
#include "hypervisor/ids.hpp"
#include "hypervisor/partition/processor_pool.hpp"
#include "hypervisor/units.hpp"
#include "sim/engine/digest.hpp"

namespace pvmsim::hypervisor {

/// What the rules take from the machine and its partitions.
struct PoolContext {
    std::string_view system;    ///< its name
    bool has_edition = true;    ///< Standard or Enterprise
    bool has_hardware = true;   ///< POWER6 or later
    std::uint32_t cores = 0;    ///< the most a pool may have
    ProcUnits entitlements{};   ///< of the pool's activated partitions
    ProcUnits unallocated{};    ///< neither a partition's nor in a pool's reserve
    std::uint32_t members = 0;  ///< activated partitions in the pool
};

class PoolTable {
  public:
    PoolTable();

    /// With the name filled in; the reason if the pool cannot become so.
    [[nodiscard]] Result<ProcessorPoolConfig> check(ProcessorPoolConfig wanted, const PoolContext& context) const;
    void set(const ProcessorPoolConfig& pool);
    /// DefaultPool has as many processors as are not dedicated to somebody now.
    void set_shared_cores(std::uint32_t cores) { pools_.front().max_pool_proc_units = cores; }

    [[nodiscard]] const std::vector<ProcessorPoolConfig>& all() const { return pools_; }
    [[nodiscard]] const ProcessorPoolConfig& at(PoolId id) const;
    /// DefaultPool always is.
    [[nodiscard]] bool is_active(PoolId id) const;
    /// Of all pools.
    [[nodiscard]] ProcUnits reserved() const;
    /// Of the pools that are not as they come; DefaultPool follows from the partitions.
    void digest(sim::Digest& digest) const;

  private:
    [[nodiscard]] Result<void> check_limits(const ProcessorPoolConfig& wanted, std::string_view title,
                                            const PoolContext& context) const;
    std::vector<ProcessorPoolConfig> pools_;  ///< by id
};

}  // namespace pvmsim::hypervisor
