// Classes of the histogram: below 32 ns one for each value, then 32 for each power of two; see latency_histogram.hpp.
// The class of a value is its exponent and the five bits below its leading one.
#include "aix/workload/latency_histogram.hpp"

#include <algorithm>
#include <bit>

#include "sim/base/assert.hpp"

namespace pvmsim::aix {
namespace {

constexpr std::uint32_t kClassBits = 5;
static_assert(1u << kClassBits == LatencyHistogram::kClassesPerOctave);

std::size_t class_of(std::uint64_t value) {
    if (value < LatencyHistogram::kClassesPerOctave) return value;
    const auto shift = static_cast<std::uint32_t>(std::bit_width(value)) - kClassBits - 1;
    return (std::size_t{shift} << kClassBits) + static_cast<std::size_t>(value >> shift);
}

/// The largest value of a class.
std::uint64_t top_of(std::size_t number) {
    if (number < 2 * LatencyHistogram::kClassesPerOctave) return number;
    const auto shift = static_cast<std::uint32_t>(number >> kClassBits) - 1;
    const std::uint64_t leading = number - (std::uint64_t{shift} << kClassBits);
    return ((leading + 1) << shift) - 1;
}

}  // namespace

void LatencyHistogram::add(sim::Duration value) {
    PVMSIM_ASSERT(value >= sim::Duration::zero());
    const auto number = class_of(static_cast<std::uint64_t>(value.count()));
    if (number >= classes_.size()) classes_.resize(number + 1);
    ++classes_[number];
    ++count_;
    total_ += value;
    max_ = std::max(max_, value);
}

sim::Duration LatencyHistogram::mean() const {
    return count_ == 0 ? sim::Duration{0} : sim::Duration{total_.count() / static_cast<std::int64_t>(count_)};
}

sim::Duration LatencyHistogram::quantile(std::uint32_t permille) const {
    PVMSIM_ASSERT(permille <= 1000);
    const std::uint64_t rank = std::max<std::uint64_t>(1, (count_ * permille + 999) / 1000);
    std::uint64_t passed = 0;
    for (std::size_t number = 0; number < classes_.size(); ++number) {
        passed += classes_[number];
        if (passed >= rank) return std::min(max_, sim::Duration{static_cast<std::int64_t>(top_of(number))});
    }
    return {};
}

}  // namespace pvmsim::aix
