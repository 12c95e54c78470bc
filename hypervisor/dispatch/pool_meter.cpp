// There are at most 255 weights, so a change of the level costs at most as many multiplications, however many
// partitions there are.
#include "hypervisor/dispatch/pool_meter.hpp"

#include <algorithm>

#include "hypervisor/dispatch/share_index.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

namespace {

constexpr std::uint8_t kNoClass = 255;  ///< weights are 1..255, so classes are 0..254

}  // namespace

void PoolMeter::reset() {
    classes_.clear();
    class_of_weight_.fill(kNoClass);
    peaks_.clear();
}

void PoolMeter::take_part(std::uint32_t weight) {
    PVMSIM_ASSERT(weight > 0 && weight < class_of_weight_.size());
    if (class_of_weight_[weight] != kNoClass) return;
    class_of_weight_[weight] = static_cast<std::uint8_t>(classes_.size());
    classes_.push_back({.weight = weight, .count = 0, .rate = {}, .had = {}});
}

void PoolMeter::clear_counts() {
    for (WeightClass& of : classes_) of.count = 0;
}

void PoolMeter::set_level(std::int64_t level, CoreRate settled, CoreRate capacity) {
    level_ = level;
    unsatisfied_ = 0;
    std::int64_t sum = 0;
    for (WeightClass& of : classes_) {
        of.rate = {of.count > 0 ? (level * of.weight) >> kLevelBits : 0};
        sum += of.rate.nanocores * of.count;
        unsatisfied_ += of.count;
    }
    used_ = settled + CoreRate{sum};
    capacity_ = capacity;
    PVMSIM_ASSERT(used_ <= capacity_);
}

void PoolMeter::run(sim::SimTime from, sim::Duration span) {
    use_.used.add(used_, span);
    use_.capacity.add(capacity_, span);
    if (unsatisfied_ == 0) return;
    for (WeightClass& of : classes_) of.had.add(of.rate, span);
    while (!peaks_.empty() && peaks_.back().level <= level_) peaks_.pop_back();
    peaks_.push_back({from, level_});
}

PoolUse PoolMeter::use(sim::Duration more) const {
    PoolUse use = use_;
    use.used.add(used_, more);
    use.capacity.add(capacity_, more);
    return use;
}

std::int64_t PoolMeter::peak_level(sim::SimTime since) const {
    const auto found = std::ranges::lower_bound(peaks_, since, {}, &Peak::from);
    return found == peaks_.end() ? 0 : found->level;
}

}  // namespace pvmsim::hypervisor
