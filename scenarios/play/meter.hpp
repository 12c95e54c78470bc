// Meter: reads the site's processor counters at a fixed interval and keeps what happened in each: the rows of lparstat
// for every partition, the use of every shared processor pool.
//
// It reads between events, outside the engine: whether and how often it reads does not change the run.
#pragma once

#include <string>
#include <vector>

#include "aix/processor/lparstat.hpp"
#include "scenarios/play/site.hpp"

namespace pvmsim::scenarios {

/// One partition in one interval.
struct ProcessorSample {
    double end_s = 0;
    double physc = 0;           ///< mean of the interval that ends there
    double donated = 0;         ///< dedicated: cores lent to the pool, mean
    bool running = false;       ///< all the interval; else what follows is empty
    std::string configuration;  ///< lparstat's line, as at the beginning of the interval
    aix::LparstatForm form = aix::LparstatForm::kShared;
    aix::LparstatRow row;
    hypervisor::DispatchCounts counts;  ///< waits and calls in the interval
    double latency_max_s = 0;           ///< since its activation
};

/// One shared processor pool in one interval.
struct PoolSample {
    double end_s = 0;
    std::string pool;     ///< "DefaultPool"; "physical" is all of them together
    double entitled = 0;  ///< at its end: entitlements and reserve
    double capacity = 0;  ///< mean: the maximum; of the physical pool its processors and those lent to it
    double used = 0;      ///< mean
};

class Meter {
  public:
    /// `every` 0: reads nothing.
    Meter(Site& site, sim::Duration every);

    [[nodiscard]] sim::SimTime next() const { return next_; }
    /// At next().
    void read(sim::SimTime now);

    [[nodiscard]] const std::vector<std::vector<ProcessorSample>>& partitions() const { return partitions_; }
    [[nodiscard]] const std::vector<std::vector<PoolSample>>& systems() const { return systems_; }

  private:
    struct PartitionReading {
        hypervisor::Consumption consumed;
        aix::ProcessorCounters counters;
        bool running = false;
        std::string configuration;
        aix::LparstatForm form = aix::LparstatForm::kShared;
    };
    [[nodiscard]] PartitionReading read_partition(const PartitionSite& partition, sim::SimTime now) const;
    [[nodiscard]] ProcessorSample sample_of(const PartitionSite& partition, const PartitionReading& before,
                                            const PartitionReading& after) const;
    void read_system(std::size_t index, sim::SimTime now);

    Site& site_;
    sim::Duration every_;
    sim::SimTime next_;
    std::vector<PartitionReading> last_;
    std::vector<std::vector<hypervisor::PoolUse>> pools_last_;  ///< of a system: the pools by id, the physical one last
    std::vector<std::vector<ProcessorSample>> partitions_;      ///< in the order of the site
    std::vector<std::vector<PoolSample>> systems_;
};

}  // namespace pvmsim::scenarios
