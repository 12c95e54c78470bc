// What the exact dispatcher is told: the cores, what a switch costs, and the partitions that share the cores.
//
// One rotation of the dispatch wheel is 10 ms (behaviour 1.1). The costs are named parameters of ours: IBM publishes
// none (behaviour 1.5). Left out: the minimum entitlement of a virtual processor, which the check of the profile holds.
#pragma once

#include <cstdint>

#include "hypervisor/dispatch/dispatch_counts.hpp"
#include "hypervisor/units.hpp"

namespace pvmsim::hypervisor {

/// One rotation of the dispatch wheel; the timebase counts 5'120'000 ticks meanwhile (DisWheRotPer).
inline constexpr std::int32_t kWindowNs = 10'000'000;
/// One nanosecond of a processor in every window, as a rate.
inline constexpr std::int64_t kNanocoresPerWindowNs = 1'000'000'000 / kWindowNs;

/// The cores of the physical shared pool, numbered through chip by chip and node by node.
struct ExactTopology {
    std::uint32_t cores = 1;
    std::uint32_t cores_per_chip = 8;
    std::uint32_t chips_per_node = 4;
};

/// What a virtual processor pays, out of its own processor time, when a core turns to it. [PARAM] our choice.
struct ExactCosts {
    std::int32_t switch_ns = 5'000;
    std::int32_t refill_same_core_ns = 20'000;  ///< another virtual processor ran on the core meanwhile
    std::int32_t refill_same_chip_ns = 40'000;
    std::int32_t refill_same_node_ns = 80'000;
    std::int32_t refill_other_node_ns = 150'000;
    /// How much longer than perfectly spread a core is filled before work leaves its home core. [PARAM] our choice.
    std::int32_t home_preference_percent = 25;

    static constexpr ExactCosts none() { return {0, 0, 0, 0, 0, 25}; }
};

/// A partition that shares processors.
struct ExactPartition {
    ProcUnits entitlement;
    std::uint32_t procs = 1;   ///< virtual processors
    std::uint32_t weight = 0;  ///< 0: never more than its entitlement (capped, or weight 0)
    std::uint32_t pool = 0;    ///< index among the pools
};

/// A virtual processor of the partition with this number.
struct VirtualProcessor {
    std::uint32_t partition = 0;
    std::uint32_t index = 0;
};

/// Processor time of a partition. Overheads are part of it.
struct ProcessorTime {
    std::int64_t consumed_ns = 0;
    std::int64_t entitled_ns = 0;  ///< inside its entitlement
    std::int64_t beyond_ns = 0;    ///< uncapped share

    friend constexpr bool operator==(const ProcessorTime&, const ProcessorTime&) = default;
    constexpr ProcessorTime& operator+=(const ProcessorTime& more) {
        consumed_ns += more.consumed_ns;
        entitled_ns += more.entitled_ns;
        beyond_ns += more.beyond_ns;
        return *this;
    }
    constexpr ProcessorTime& operator-=(const ProcessorTime& less) {
        consumed_ns -= less.consumed_ns;
        entitled_ns -= less.entitled_ns;
        beyond_ns -= less.beyond_ns;
        return *this;
    }
    friend constexpr ProcessorTime operator*(const ProcessorTime& time, std::int64_t windows) {
        return {time.consumed_ns * windows, time.entitled_ns * windows, time.beyond_ns * windows};
    }
};

/// Outcome of all windows so far for a partition; that of a window, or any interval, is the difference of two.
struct PartitionOutcome {
    ProcessorTime time;
    DispatchCounts counts;

    friend constexpr bool operator==(const PartitionOutcome&, const PartitionOutcome&) = default;
    friend constexpr PartitionOutcome operator-(PartitionOutcome later, const PartitionOutcome& earlier) {
        later.time -= earlier.time;
        later.counts -= earlier.counts;
        return later;
    }
};

}  // namespace pvmsim::hypervisor
