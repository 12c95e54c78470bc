// ShareIndex: what the uncapped partitions of one shared processor pool want beyond their entitlements, in the order
// in which rising water satisfies them.
//
// The water's level is a rate for a weight of 1. At a level each claim has min(want, level x weight), so water filling
// by weight (behaviour 1.4) is to find the level at which the claims together have what there is. Marks stand at levels
// and know their sums; they stay right when a claim comes or goes, so a level near the last one is found in a few
// steps. The level found depends on the claims and on what there is, not on where the mark stood. Levels are whole
// 2^-20 nanocores. Rounding the level up and each claim down never hands out more than there is, and leaves less than a
// nanocore for each claim.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "hypervisor/units.hpp"

namespace pvmsim::hypervisor {

inline constexpr int kLevelBits = 20;
/// Everybody has what it wants.
inline constexpr std::int64_t kNoLevel = std::numeric_limits<std::int64_t>::max();
/// Sum of weights for which the rounding above holds: 4,000 partitions of weight 255.
inline constexpr std::int64_t kWeightsMax = (std::int64_t{1} << kLevelBits) - 1;

/// Which mark: the level inside the pool, the one at which the pool is full, the one that holds with all pools, and the
/// one whose accounts are kept.
enum class LevelMark : std::uint8_t { kOwn, kFull, kCommon, kAccounted };

class ShareIndex {
  public:
    struct Claim {
        std::int64_t level = 0;  ///< the lowest that satisfies it
        std::int64_t want = 0;   ///< nanocores, more than 0
        std::uint32_t weight = 0;
        std::uint32_t share = 0;
    };
    struct Mark {
        std::int64_t level = 0;
        std::size_t satisfied = 0;  ///< this many claims, the first ones
        std::int64_t wants = 0;     ///< of these
        std::int64_t weights = 0;   ///< of the others
    };
    /// The lowest level at which this weight has this much.
    [[nodiscard]] static std::int64_t level_for(std::int64_t want, std::uint32_t weight);

    void clear() { claims_.clear(); }
    /// Several claims in any order, then sort().
    void append(const Claim& claim) { claims_.push_back(claim); }
    void sort();
    void reserve(std::size_t claims) { claims_.reserve(claims); }
    void insert(const Claim& claim);
    void erase(const Claim& claim);

    /// The lowest level at which the claims have at least `available`; kNoLevel when that satisfies all of them.
    std::int64_t fill(LevelMark which, std::int64_t available);
    const Mark& move(LevelMark which, std::int64_t level);

    [[nodiscard]] const Mark& mark(LevelMark which) const { return marks_[static_cast<std::size_t>(which)]; }
    [[nodiscard]] std::span<const Claim> claims() const { return claims_; }
    [[nodiscard]] std::int64_t wants() const { return wants_; }
    [[nodiscard]] std::int64_t weights() const { return weights_; }

  private:
    [[nodiscard]] Mark& at(LevelMark which) { return marks_[static_cast<std::size_t>(which)]; }
    std::vector<Claim> claims_;  ///< by level, then share
    std::int64_t wants_ = 0;
    std::int64_t weights_ = 0;
    std::array<Mark, 4> marks_;
};

}  // namespace pvmsim::hypervisor
