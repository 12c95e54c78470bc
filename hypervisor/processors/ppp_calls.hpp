// Hypervisor calls about processors that a partition makes itself (PAPR, behaviour 1.3): H_SET_PPP, H_GET_PPP, H_PIC.
//
// Called by the software of a running partition. Capacities are in percent of a processor: 100 is one. Left out: the
// partition groups of workload managers, and frequencies other than nominal (SPURR runs like PURR).
#pragma once

#include <cstdint>

#include "hypervisor/ids.hpp"
#include "hypervisor/managed_system.hpp"
#include "sim/base/time.hpp"

namespace pvmsim::hypervisor {

inline constexpr std::uint16_t kPoolIdOfDedicated = 0xFFFF;
inline constexpr std::int64_t kTimebaseHz = 512'000'000;
inline constexpr std::uint32_t kPartitionGroupBase = 32'768;  ///< group of partition 6: 32774, as recorded

/// Sets entitlement and weight. What the partition may not have, or nobody has, is cut to what it can have
/// (kConstrained); kParameter: no weight of 0..255, or dedicated processors (the latter a choice of ours).
HcallStatus h_set_ppp(ManagedSystem& system, PartitionId caller, std::uint64_t entitlement_percent,
                      std::uint64_t weight);

/// Registers of H_GET_PPP.
struct PartitionPerformance {
    std::uint32_t entitlement_percent = 0;             ///< R4; dedicated: 100 a processor
    std::uint32_t unallocated_percent = 0;             ///< R5: of the whole machine
    std::uint32_t group = 0;                           ///< R6 bytes 4-5
    std::uint16_t pool_id = 0;                         ///< R6 bytes 6-7; dedicated: kPoolIdOfDedicated
    bool is_capped = false;                            ///< R7 byte 1
    std::uint8_t weight = 0;                           ///< R7 byte 2; dedicated: 0
    std::uint8_t unallocated_weight = 0;               ///< R7 byte 3; nobody keeps weights in stock here: 0
    std::uint32_t active_procs_in_pool = 0;            ///< R7 bytes 4-5
    std::uint32_t active_procs_on_platform = 0;        ///< R7 bytes 6-7
    std::uint32_t procs_in_virtualization = 0;         ///< R8 bytes 0-1: in the physical shared pool
    std::uint32_t max_pool_capacity_percent = 0;       ///< R8 bytes 2-4; dedicated: 0
    std::uint32_t entitled_pool_capacity_percent = 0;  ///< R8 bytes 5-7; dedicated: 0
};
[[nodiscard]] PartitionPerformance h_get_ppp(const ManagedSystem& system, PartitionId caller);

/// Registers of H_PIC. Ticks count from the start of the run.
struct PoolIdleCount {
    std::int64_t pool_idle_ticks = 0;       ///< R4: idle processors of the physical shared pool
    std::int64_t procs_in_pool = 0;         ///< R5: of the physical shared pool
    std::int64_t pool_ticks = 0;            ///< R6: of the partition's own pool, as R7 and R8
    std::int64_t pool_purr = 0;             ///< R7: dispatched
    std::int64_t pool_spurr = 0;            ///< R8
    std::int64_t pool_id = 0;               ///< R9
    std::int64_t platform_pool_ticks = -1;  ///< R10: of the physical shared pool, as R11 and R12
    std::int64_t platform_pool_purr = -1;   ///< R11
    std::int64_t platform_pool_spurr = -1;  ///< R12
};
struct PoolIdleAnswer {
    HcallStatus status = HcallStatus::kAuthority;
    PoolIdleCount count;  ///< of kSuccess
};
/// kAuthority without allow_perf_collection. A dedicated partition reads the physical shared pool as its own.
[[nodiscard]] PoolIdleAnswer h_pic(const ManagedSystem& system, sim::SimTime at, PartitionId caller);

}  // namespace pvmsim::hypervisor
