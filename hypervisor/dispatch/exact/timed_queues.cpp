// Doubly linked through the virtual processors themselves: nothing is allocated while windows run.
// Which core serves whom first: behaviour 1.2, affinity.
#include "hypervisor/dispatch/exact/timed_queues.hpp"

#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

void TimedQueues::set_topology(const ExactTopology& topology, std::uint32_t cores) {
    cores_ = cores;
    chip_ = topology.cores_per_chip;
    node_ = topology.cores_per_chip * topology.chips_per_node;
    for (Claim& claim : claims_) {
        PVMSIM_ASSERT(claim.count == 0);
        claim.by_core.assign(std::size_t{cores} + 1, {});
    }
}

void TimedQueues::push(std::vector<TimedProcessor>& processors, std::uint32_t which, TimedClaim claim) {
    TimedProcessor& one = processors[which];
    PVMSIM_ASSERT(one.queue == kNone);
    const std::uint32_t core = one.last_core == kNone ? one.home : one.last_core;
    one.claim = claim;
    one.queue = core < cores_ ? core : cores_;
    Claim& claims = claims_[index_of(claim)];
    Queue& queue = claims.by_core[one.queue];
    one.before = queue.last;
    one.after = kNone;
    (queue.last == kNone ? queue.first : processors[queue.last].after) = which;
    queue.last = which;
    ++claims.count;
}

void TimedQueues::remove(std::vector<TimedProcessor>& processors, std::uint32_t which) {
    TimedProcessor& one = processors[which];
    PVMSIM_ASSERT(one.queue != kNone);
    Claim& claims = claims_[index_of(one.claim)];
    Queue& queue = claims.by_core[one.queue];
    (one.before == kNone ? queue.first : processors[one.before].after) = one.after;
    (one.after == kNone ? queue.last : processors[one.after].before) = one.before;
    one.queue = kNone;
    --claims.count;
}

std::uint32_t TimedQueues::best_for(std::uint32_t core, TimedClaim claim) const {
    const Claim& claims = claims_[index_of(claim)];
    if (claims.count == 0) return kNone;
    const std::uint32_t found =
        nearest(core, [&](std::uint32_t other) { return claims.by_core[other].first != kNone; });
    return claims.by_core[found == kNone ? cores_ : found].first;
}

}  // namespace pvmsim::hypervisor
