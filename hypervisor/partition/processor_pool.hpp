// ProcessorPoolConfig: one of the 64 shared processor pools as the HMC describes it (lshwres -r procpool).
// A pool is active if its maximum is above 0. DefaultPool (id 0) has all shared processors and cannot be changed.
#pragma once

#include <cstdint>
#include <string>

#include "hypervisor/ids.hpp"
#include "hypervisor/units.hpp"

namespace pvmsim::hypervisor {

inline constexpr std::uint8_t kProcessorPools = 64;  ///< ids 0..63 (behaviour 1.4)

struct ProcessorPoolConfig {
    PoolId id{};
    std::string name{};                     ///< empty: "DefaultPool", "SharedPool01" to "SharedPool63"
    std::uint32_t max_pool_proc_units = 0;  ///< whole; 0: not active
    ProcUnits reserved_pool_proc_units{};   ///< for the pool's uncapped partitions, beside their entitlements
};

}  // namespace pvmsim::hypervisor
