// What the timed dispatcher keeps of a virtual processor, a partition, a pool and a core (timed_dispatch.hpp has the
// rules). Data only; all times are nanoseconds since the start of the run, all lengths nanoseconds of processor time.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <vector>

#include "hypervisor/dispatch/bursts.hpp"
#include "hypervisor/dispatch/exact/exact_config.hpp"
#include "hypervisor/dispatch/exact/trace_log.hpp"
#include "hypervisor/dispatch/steady_allocation.hpp"

namespace pvmsim::hypervisor {

/// A partition as the timed dispatcher is told.
struct TimedPartition {
    ExactPartition share;
    bool is_dedicated = false;  ///< its processors are its own; `share` but the number of processors does not matter
    bool is_donating = false;   ///< lends them while they are idle
};

/// In no queue, but among those that take slack.
inline constexpr std::uint32_t kSlackQueue = std::numeric_limits<std::uint32_t>::max() - 1;
inline constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

enum class TimedState : std::uint8_t {
    kCeded,    ///< nothing to do
    kBlocked,  ///< ceded or conferred although there is work: until an interrupt, a prod or the other's turn
    kWaiting,  ///< ready, for a core or for capacity
    kRunning,
};

/// On whose account a virtual processor runs, in the order in which cores are given.
enum class TimedClaim : std::uint8_t {
    kPlanned,  ///< entitled, known at the start of the window: guaranteed
    kLate,     ///< entitled, ready since later
    kShare,    ///< uncapped share, as planned
    kSlack,    ///< uncapped share of what the plan did not foresee
    kOwn,      ///< dedicated: on its own core
    kNothing,  ///< no capacity until the next window
};
inline constexpr std::size_t kQueuedClaims = 3;  ///< the first ones have queues

struct TimedBurst {
    BurstId id;
    std::int64_t left_ns = 0;
};

struct TimedProcessor {
    std::uint32_t partition = 0;
    std::uint32_t index = 0;
    bool is_placed = false;  ///< takes part in this window

    TimedState state = TimedState::kCeded;
    TimedClaim claim = TimedClaim::kNothing;  ///< waiting: where it is queued; running: as what
    std::uint32_t core = kNone;               ///< running: where
    std::uint32_t last_core = kNone;
    std::uint32_t home = 0;        ///< before it ran anywhere
    std::uint32_t before = kNone;  ///< in its queue
    std::uint32_t after = kNone;
    std::uint32_t queue = kNone;

    std::int64_t rate_ns = 0;          ///< constant demand in a window
    std::int64_t later_ns = 0;         ///< constant demand of this window that is not ready yet
    std::int64_t constant_ns = 0;      ///< of it, left in this window
    std::int64_t overhead_max_ns = 0;  ///< most that a switch has cost it
    std::int64_t overhead_ns = 0;      ///< switch and refill to be paid before work goes on
    std::deque<TimedBurst> bursts;

    std::int64_t planned_ns = 0;  ///< capacity of each claim, still to be used
    std::int64_t late_ns = 0;
    std::int64_t share_ns = 0;
    std::int64_t held_ns = 0;  ///< of the uncapped share: what this run may take
    std::int64_t own_ns = 0;   ///< of its slice of the entitlement, not used

    bool is_prodded = false;
    bool is_conferred_to_all = false;
    std::uint32_t awaited = kNone;  ///< conferred: whose turn it awaits

    std::int64_t since_ns = 0;        ///< in this state, as far as it is accounted for
    std::int64_t ready_since_ns = 0;  ///< waiting
    std::int64_t waits_ns[3] = {};    ///< since it was stopped: intervals 1, 2, 3
    std::int64_t latency_max_ns = 0;
    std::int64_t ran_ns = 0;
    std::uint64_t dispatch_count = 1;  ///< VPA 0x100: even while running
    DispatchReason dispatch_reason = DispatchReason::kBoot;
    PreemptReason preempt_reason = PreemptReason::kCede;
    DispatchCounts counts;
    TraceLog log;

    [[nodiscard]] std::int64_t entitled_left_ns() const { return planned_ns + late_ns; }
    [[nodiscard]] bool has_work() const { return constant_ns > 0 || !bursts.empty(); }
};

struct TimedAccount {
    TimedPartition config;
    TimedPartition next;                    ///< from the next window on
    std::vector<std::uint32_t> processors;  ///< also those it has no more, for their counts
    std::uint32_t first_core = kNone;       ///< dedicated
    std::int64_t entitled_ns = 0;           ///< in a window
    std::int64_t spent_ns = 0;              ///< of it, in this window
    std::int64_t share_used_ns = 0;         ///< beyond, in this window, used or given out
    std::int64_t waiting_for_slack = 0;
    ProcessorTime time;
    ProcessorTime at_start;  ///< of this window
    std::int64_t donated_ns = 0;
    std::int64_t highest_ns = 0;  ///< in a window
};

struct TimedPool {
    SteadyPool limits;
    std::int64_t max_ns = 0;            ///< in a window
    std::int64_t used_ns = 0;           ///< in this window
    std::int64_t reserved_ns = 0;       ///< capacity given out and not used yet
    std::int64_t planned_share_ns = 0;  ///< uncapped shares of the plan, not given out yet
    std::int64_t total_ns = 0;          ///< of all windows
    CoreTime capacity;

    [[nodiscard]] std::int64_t room_ns() const { return max_ns - used_ns - reserved_ns; }
};

struct TimedRunner {
    std::uint32_t processor = kNone;
    std::uint32_t occupant = kNone;  ///< who ran here last
    std::uint32_t owner = kNone;     ///< dedicated
    bool is_lent = false;
    std::int64_t settled_ns = 0;
    std::int64_t end_ns = std::numeric_limits<std::int64_t>::max();
};

}  // namespace pvmsim::hypervisor
