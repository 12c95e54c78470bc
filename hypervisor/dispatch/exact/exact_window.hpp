// ExactWindow: the exact dispatcher's core. It goes on in windows of 10 ms, without any event of the engine, and
// accounts for every virtual processor: processor time, waits, switches, dispersion.
//
// A virtual processor wants its constant rate, and work it was given until it is done. Its slice is its share of the
// entitlement; what it leaves goes first to the other virtual processors of its partition, then by weight to who
// competes (behaviour 1.2). Nothing is carried over. What partitions get together is the steady allocation of what they
// want in this window, so both modes follow one rule; grants change only when somebody wants something else.
// Left out: arrivals inside a window (work given now counts from the next window on), confer and prod, dedicated
// processors.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "hypervisor/dispatch/exact/core_placement.hpp"
#include "hypervisor/dispatch/exact/exact_config.hpp"
#include "hypervisor/dispatch/steady_allocation.hpp"
#include "sim/base/time.hpp"
#include "sim/engine/digest.hpp"

namespace pvmsim::hypervisor {

/// What a pool went through in all windows so far.
struct PoolWindows {
    std::int64_t capacity_ns = 0;
    std::int64_t used_ns = 0;
};

class ExactWindow {
  public:
    ExactWindow(const ExactTopology& topology, const ExactCosts& costs);

    /// Cores of the physical shared pool from the next window on.
    void set_cores(std::uint32_t cores);
    /// Pools besides the default one, which has index 0, all cores and no reserve.
    void set_pools(std::span<const SteadyPool> others);
    /// Returns its number: 0, 1, ... Entitlements fit the cores and the pools when the next window runs.
    std::uint32_t add_partition(const ExactPartition& partition);
    /// Virtual processors that stay keep their demand and their counts.
    void change_partition(std::uint32_t partition, const ExactPartition& to);
    /// Its outcome stays; its number is not used again.
    void stop_partition(std::uint32_t partition);

    /// What it would use all the time if it got it; at most one core. Parts of a nanosecond a window are dropped.
    void set_demand(VirtualProcessor of, CoreRate demand);
    /// Processor time it needs besides, once; switches and cache refills come on top.
    void add_work(VirtualProcessor of, sim::Duration work);
    [[nodiscard]] sim::Duration work_left(VirtualProcessor of) const;

    void run_window();
    /// Decides what everybody gets in the next window, as things are now; run_window() does it if need be.
    void decide();

    [[nodiscard]] std::uint32_t cores() const { return topology_.cores; }
    [[nodiscard]] std::int64_t windows() const { return windows_; }
    /// In all windows so far, all cores together.
    [[nodiscard]] sim::Duration idle() const { return sim::Duration{idle_ns_}; }
    [[nodiscard]] PartitionOutcome outcome(std::uint32_t partition) const;
    [[nodiscard]] ProcessorTime time(std::uint32_t partition) const;
    [[nodiscard]] DispatchCounts counts(VirtualProcessor of) const;
    /// Longest time it was ready before it was dispatched.
    [[nodiscard]] sim::Duration latency_max(VirtualProcessor of) const;
    [[nodiscard]] sim::Duration latency_max(std::uint32_t partition) const;
    /// By pool; the default one, which is first, has all cores.
    [[nodiscard]] std::span<const PoolWindows> pool_windows() const { return pool_windows_; }
    /// VPA 0x100: odd while not running, as always between two windows.
    [[nodiscard]] std::uint64_t dispatch_count(VirtualProcessor of) const { return 1 + 2 * counts(of).dispatches; }
    /// What was decided last for a window.
    [[nodiscard]] sim::Duration granted(VirtualProcessor of) const;
    [[nodiscard]] CoreRate granted(std::uint32_t partition) const;
    [[nodiscard]] CoreRate granted_all() const { return {total_ns_ * kNanocoresPerWindowNs}; }
    /// Of everything that decides how it goes on.
    void digest(sim::Digest& digest) const;

  private:
    struct Partition {
        ExactPartition config;
        std::uint32_t first = 0;  ///< in positions_
        std::uint32_t procs = 0;  ///< that have positions
        ProcessorTime granted;    ///< in every window since since_
        std::int64_t since = 0;
        ProcessorTime settled;   ///< before since_
        DispatchCounts retired;  ///< of virtual processors that are gone
        std::int32_t retired_latency_max_ns = 0;
    };
    /// One that was given work; in the order of giving.
    struct Backlog {
        std::uint32_t position = 0;
        std::int64_t work_ns = 0;
        std::int64_t overhead_before_ns = 0;
        std::int64_t overhead_expected_ns = 0;  ///< asked for on top of the work
    };
    /// A layout in the making.
    struct Laid {
        std::vector<CorePlacement::Record> records;
        std::vector<std::int32_t> rates_ns;
        std::vector<std::int32_t> slices_ns;
        std::vector<std::uint32_t> positions;
        std::vector<std::uint32_t> moved;  ///< by old position
    };
    static constexpr std::uint32_t kNowhere = std::numeric_limits<std::uint32_t>::max();

    [[nodiscard]] std::uint32_t position_of(VirtualProcessor of) const;
    [[nodiscard]] std::uint32_t laid_position_of(VirtualProcessor of);
    void settle(Partition& partition) const;
    [[nodiscard]] std::span<const std::uint32_t> positions_of(const Partition& partition) const;
    void lay_out();
    void lay(const Partition& partition, std::uint32_t index, Laid& laid) const;
    void retire(Partition& partition) const;
    void move_backlogs(const Laid& laid);
    [[nodiscard]] std::vector<std::uint16_t> homes(std::span<const std::int32_t> slices_ns) const;
    void want();
    void grant();
    [[nodiscard]] std::int64_t wanted_by(const Partition& partition) const;
    void check(const Partition& partition, std::int64_t granted_ns, std::int64_t wanted_ns) const;
    void check_pools() const;
    void give(const Partition& partition, std::int64_t granted_ns);
    void work_off();

    ExactTopology topology_;
    ExactCosts costs_;
    CorePlacement placement_;
    std::vector<SteadyPool> pools_;
    std::vector<Partition> partitions_;
    bool is_laid_out_ = true;
    bool are_grants_current_ = false;

    // By virtual processor, in the order of the homes.
    std::vector<std::int32_t> rate_ns_;  ///< a window
    std::vector<std::int32_t> wanted_ns_;
    std::vector<std::int32_t> granted_ns_;
    std::vector<std::int32_t> slice_ns_;
    std::vector<std::uint32_t> positions_;  ///< of the virtual processors, partition by partition
    std::vector<Backlog> backlogs_;

    SteadyAllocation allocation_;
    std::vector<SteadyShare> shares_;
    std::vector<std::int64_t> pool_granted_ns_;
    std::vector<PoolWindows> pool_windows_;
    std::int64_t total_ns_ = 0;
    std::int32_t longest_ns_ = 0;
    std::int64_t windows_ = 0;
    std::int64_t idle_ns_ = 0;
};

}  // namespace pvmsim::hypervisor
