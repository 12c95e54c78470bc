// LatencyHistogram: durations counted in log-linear classes, so that percentiles of any number of them need little
// room. Integers only: 32 classes for each power of two, an answer is at most 1/32 above the true one.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/time.hpp"

namespace pvmsim::aix {

class LatencyHistogram {
  public:
    static constexpr std::uint32_t kClassesPerOctave = 32;

    void add(sim::Duration value);
    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] sim::Duration max() const { return max_; }
    /// Of all values exactly; 0 without any.
    [[nodiscard]] sim::Duration mean() const;
    /// The smallest value, rounded up to its class, that `permille` of all do not exceed; 0 without any.
    [[nodiscard]] sim::Duration quantile(std::uint32_t permille) const;

  private:
    std::vector<std::uint64_t> classes_;
    std::uint64_t count_ = 0;
    sim::Duration total_{0};
    sim::Duration max_{0};
};

}  // namespace pvmsim::aix
