// StatisticsSink: how often each thing happened, and the range of each counter. Keeps no record.
//
// The mean is over the samples, each counting the same; it is not weighted by time.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "sim/trace/tracer.hpp"

namespace pvmsim::sim {

class StatisticsSink final : public TraceSink {
  public:
    struct Samples {
        std::uint64_t count = 0;
        double min = 0;
        double max = 0;
        double sum = 0;

        [[nodiscard]] double mean() const { return count != 0 ? sum / static_cast<double>(count) : 0; }
    };
    using CountKey = std::pair<std::string, std::string>;                  ///< entity, name
    using SamplesKey = std::tuple<std::string, std::string, std::string>;  ///< entity, name, field

    [[nodiscard]] bool wants_details() const override { return true; }
    void record(const TraceRecord& record) override;

    /// Records of any kind of that entity and name.
    [[nodiscard]] std::uint64_t count(std::string_view entity, std::string_view name) const;
    /// The numeric values (integers, doubles, durations in ns) of one field of a counter; count 0 when there are none.
    [[nodiscard]] Samples samples(std::string_view entity, std::string_view name, std::string_view field) const;

    [[nodiscard]] const std::map<CountKey, std::uint64_t>& counts() const { return counts_; }
    [[nodiscard]] const std::map<SamplesKey, Samples>& all_samples() const { return samples_; }
    /// One line per entity and name, then one per counter field, in alphabetical order.
    void print(std::ostream& out) const;

  private:
    std::map<CountKey, std::uint64_t> counts_;
    std::map<SamplesKey, Samples> samples_;
};

}  // namespace pvmsim::sim
