// RandomStream: one entity's own random numbers for one purpose, and portable samplers.
//
// The generator is PCG64 (pcg-cpp). std::*_distribution is never used: its results differ between standard libraries.
// The samplers use integers and IEEE basic operations only, so a seed gives the same run everywhere.
#pragma once

#include <cstdint>
#include <pcg_random.hpp>
#include <string_view>

#include "sim/base/time.hpp"

namespace pvmsim::sim {

class RandomStream {
  public:
    /// The stream of (root seed, entity path, purpose).
    RandomStream(std::uint64_t root_seed, std::string_view path, std::string_view purpose);

    /// 64 uniform bits.
    std::uint64_t bits() { return generator_(); }
    /// Uniform in [0, bound), unbiased; bound > 0.
    std::uint64_t below(std::uint64_t bound);
    /// Uniform in [low, high], both included.
    std::int64_t between(std::int64_t low, std::int64_t high);
    /// True with probability `numerator` / `denominator`.
    bool chance(std::uint64_t numerator, std::uint64_t denominator);
    /// Exponential with the given mean (> 0), rounded to nanoseconds.
    Duration exponential(Duration mean);
    /// Uniform in [low, high].
    Duration uniform(Duration low, Duration high);

  private:
    pcg64 generator_;
};

}  // namespace pvmsim::sim
