// Claims lie sorted in one array: a thousand are 24 KB, and moving them up by one costs less than a tree's cache
// misses. Levels are found by Newton's method. What the claims have is a concave function of the level, made of
// straight pieces: from above one step leads to or below the level sought, from below every step passes a claim or is
// the last.
#include "hypervisor/dispatch/share_index.hpp"

#include <algorithm>

#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

namespace {

bool is_before(const ShareIndex::Claim& left, const ShareIndex::Claim& right) {
    return left.level != right.level ? left.level < right.level : left.share < right.share;
}

/// A level below the one sought, or this one. Without weights nobody is left unsatisfied: too high, so from the start.
std::int64_t next_level(const ShareIndex::Mark& mark, std::int64_t available) {
    if (mark.weights == 0 || available <= mark.wants) return 0;
    return (((available - mark.wants) << kLevelBits) + mark.weights - 1) / mark.weights;
}

}  // namespace

std::int64_t ShareIndex::level_for(std::int64_t want, std::uint32_t weight) {
    return ((want << kLevelBits) + weight - 1) / weight;
}

void ShareIndex::sort() {
    std::ranges::sort(claims_, is_before);
    wants_ = 0;
    weights_ = 0;
    for (const Claim& claim : claims_) {
        wants_ += claim.want;
        weights_ += claim.weight;
    }
    PVMSIM_ASSERT(weights_ <= kWeightsMax);
    for (Mark& at : marks_) {
        const std::int64_t level = at.level;
        at = {.weights = weights_};
        for (; at.satisfied < claims_.size() && claims_[at.satisfied].level <= level; ++at.satisfied) {
            at.wants += claims_[at.satisfied].want;
            at.weights -= claims_[at.satisfied].weight;
        }
        at.level = level;
    }
}

void ShareIndex::insert(const Claim& claim) {
    claims_.insert(std::ranges::lower_bound(claims_, claim, is_before), claim);
    wants_ += claim.want;
    weights_ += claim.weight;
    PVMSIM_ASSERT(weights_ <= kWeightsMax);
    for (Mark& at : marks_) {
        const bool is_satisfied = claim.level <= at.level;
        at.satisfied += is_satisfied ? 1 : 0;
        at.wants += is_satisfied ? claim.want : 0;
        at.weights += is_satisfied ? 0 : claim.weight;
    }
}

void ShareIndex::erase(const Claim& claim) {
    const auto found = std::ranges::lower_bound(claims_, claim, is_before);
    PVMSIM_ASSERT(found != claims_.end() && found->share == claim.share);
    claims_.erase(found);
    wants_ -= claim.want;
    weights_ -= claim.weight;
    for (Mark& at : marks_) {
        const bool is_satisfied = claim.level <= at.level;
        at.satisfied -= is_satisfied ? 1 : 0;
        at.wants -= is_satisfied ? claim.want : 0;
        at.weights -= is_satisfied ? 0 : claim.weight;
    }
}

std::int64_t ShareIndex::fill(LevelMark which, std::int64_t available) {
    PVMSIM_ASSERT(available >= 0);
    if (wants_ <= available) return move(which, kNoLevel).level;
    std::int64_t level = mark(which).level;
    for (std::int64_t next = next_level(mark(which), available); next != level;
         next = next_level(mark(which), available))
        level = move(which, next).level;
    return level;
}

const ShareIndex::Mark& ShareIndex::move(LevelMark which, std::int64_t level) {
    Mark& mark = at(which);
    for (; mark.satisfied < claims_.size() && claims_[mark.satisfied].level <= level; ++mark.satisfied) {
        mark.wants += claims_[mark.satisfied].want;
        mark.weights -= claims_[mark.satisfied].weight;
    }
    for (; mark.satisfied > 0 && claims_[mark.satisfied - 1].level > level; --mark.satisfied) {
        mark.wants -= claims_[mark.satisfied - 1].want;
        mark.weights += claims_[mark.satisfied - 1].weight;
    }
    mark.level = level;
    return mark;
}

}  // namespace pvmsim::hypervisor
