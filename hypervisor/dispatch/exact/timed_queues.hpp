// TimedQueues: the virtual processors that wait for a core, by claim and by the core they ran on last, so that a core
// that falls free finds the best one (same core, chip, node, any) without looking at all of them. First come, first
// served in each queue.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "hypervisor/dispatch/exact/timed_processor.hpp"

namespace pvmsim::hypervisor {

class TimedQueues {
  public:
    void set_topology(const ExactTopology& topology, std::uint32_t cores);
    [[nodiscard]] bool is_empty(TimedClaim claim) const { return claims_[index_of(claim)].count == 0; }
    void push(std::vector<TimedProcessor>& processors, std::uint32_t which, TimedClaim claim);
    void remove(std::vector<TimedProcessor>& processors, std::uint32_t which);
    /// The best one for a core; kNone when nobody waits.
    [[nodiscard]] std::uint32_t best_for(std::uint32_t core, TimedClaim claim) const;
    /// The first of those that ran on this core last.
    [[nodiscard]] std::uint32_t first_at(std::uint32_t core, TimedClaim claim) const {
        return claims_[index_of(claim)].by_core[core].first;
    }
    /// The order in which a core looks for work, and a virtual processor for a core: 0 is the same.
    template <class Found>
    [[nodiscard]] std::uint32_t nearest(std::uint32_t core, const Found& found) const;

  private:
    struct Queue {
        std::uint32_t first = kNone;
        std::uint32_t last = kNone;
    };
    struct Claim {
        std::vector<Queue> by_core;
        std::uint32_t count = 0;
    };
    static std::size_t index_of(TimedClaim claim) { return static_cast<std::size_t>(claim); }

    std::uint32_t cores_ = 0;
    std::uint32_t chip_ = 1;  ///< cores
    std::uint32_t node_ = 1;  ///< cores
    std::array<Claim, kQueuedClaims> claims_;
};

/// The nearest core for which found(core) is true: same core, chip, node, any; the lowest number first.
template <class Found>
std::uint32_t TimedQueues::nearest(std::uint32_t core, const Found& found) const {
    if (core < cores_ && found(core)) return core;
    for (const std::uint32_t group : {chip_, node_}) {
        const std::uint32_t first = core / group * group;
        for (std::uint32_t other = first; other < first + group && other < cores_; ++other)
            if (found(other)) return other;
    }
    for (std::uint32_t other = 0; other < cores_; ++other)
        if (found(other)) return other;
    return kNone;
}

}  // namespace pvmsim::hypervisor
