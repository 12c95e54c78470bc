// PoolMeter: what the partitions of one shared processor pool that are not satisfied have got beyond their
// entitlements, added up for all partitions of a weight together.
//
// At any time all of them that have the same weight get the same rate, so a partition's part is the difference of two
// readings. Nobody is visited while time goes on, yet everything adds up to the nanocore.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "hypervisor/dispatch/dispatcher.hpp"
#include "hypervisor/units.hpp"
#include "sim/base/time.hpp"

namespace pvmsim::hypervisor {

class PoolMeter {
  public:
    struct WeightClass {
        std::uint32_t weight = 0;
        std::int64_t count = 0;  ///< of unsatisfied claims
        CoreRate rate;           ///< of each
        CoreTime had;            ///< by each that was there all the time
    };

    /// Weight classes anew, for weights that take part(). All accounts are settled before.
    void reset();
    void take_part(std::uint32_t weight);
    /// Sets all counts to 0.
    void clear_counts();
    [[nodiscard]] WeightClass& of_weight(std::uint32_t weight) { return classes_[class_of_weight_[weight]]; }
    [[nodiscard]] const WeightClass& of_weight(std::uint32_t weight) const {
        return classes_[class_of_weight_[weight]];
    }

    /// The level that holds from now on; `settled`: what all others of the pool have together.
    void set_level(std::int64_t level, CoreRate settled, CoreRate capacity);
    void run(sim::SimTime from, sim::Duration span);

    [[nodiscard]] CoreRate used() const { return used_; }
    [[nodiscard]] PoolUse use(sim::Duration more) const;
    /// The highest level that held since `since`, a time at which an unsatisfied account was settled.
    [[nodiscard]] std::int64_t peak_level(sim::SimTime since) const;
    /// There are many peaks to remember: whoever reads settles the accounts, then calls forget_peaks().
    [[nodiscard]] bool has_many_peaks() const { return peaks_.size() >= kPeaksMax; }
    void forget_peaks() { peaks_.clear(); }

  private:
    static constexpr std::size_t kPeaksMax = 1024;
    struct Peak {
        sim::SimTime from;
        std::int64_t level = 0;
    };
    std::vector<WeightClass> classes_;
    std::array<std::uint8_t, 256> class_of_weight_{};
    std::vector<Peak> peaks_;  ///< ever later and lower: what later and higher ones hide is gone
    std::int64_t level_ = 0;
    std::int64_t unsatisfied_ = 0;
    CoreRate used_;
    CoreRate capacity_;
    PoolUse use_;
};

}  // namespace pvmsim::hypervisor
