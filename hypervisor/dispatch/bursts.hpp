// Bursts: work that arrives inside a dispatch window, is ready at once and is done some time later (an interrupt's
// work, a transaction after think time). Exact mode offers it; in fluid mode there is nothing inside a window.
//
// Whoever gives a burst asks for its end: status() says when it ended, or the earliest instant at which asking again is
// worth it. Asked at that instant until done, the end found is exact, and an undisturbed burst costs one question.
#pragma once

#include <cstdint>

#include "hypervisor/ids.hpp"
#include "sim/base/time.hpp"

namespace pvmsim::hypervisor {

struct BurstId {
    std::uint64_t value = 0;
    friend constexpr bool operator==(BurstId, BurstId) = default;
};

struct BurstStatus {
    bool is_done = false;
    sim::SimTime when;        ///< done: its end; else not before
    sim::Duration waited{0};  ///< done: of its response time, how long it was ready and not running
};

class BurstService {
  public:
    virtual ~BurstService() = default;
    /// `work` of processor time on virtual processor `proc` of a running shared or dedicated partition, behind the
    /// bursts that this virtual processor has already.
    virtual BurstId add_burst(sim::SimTime at, PartitionId id, std::uint32_t proc, sim::Duration work) = 0;
    /// Forgets the burst when it says done. A burst of a partition that was removed is done when that happened.
    virtual BurstStatus status(sim::SimTime at, BurstId burst) = 0;
};

}  // namespace pvmsim::hypervisor
