// MemoryMeter: reads the site's memory counters at a fixed interval: the rows of lparstat -m and -c for partitions
// whose memory is shared or expanded, and of every shared memory pool.
//
// Like the meter of processors it reads between events: whether and how often it reads does not change the run.
#pragma once

#include <string>
#include <vector>

#include "aix/memory/memory_stat.hpp"
#include "scenarios/play/site.hpp"

namespace pvmsim::scenarios {

/// One partition in one interval.
struct MemorySample {
    double end_s = 0;
    bool running = false;  ///< all the interval; else what follows is empty
    bool is_shared = false;
    bool is_expanded = false;
    std::string configuration;  ///< lparstat's line, as at the beginning of the interval
    aix::MemoryStatRow row;
    double loaned_gib = 0;  ///< at its end
    double stolen_gib = 0;
    double stall_s = 0;  ///< in the interval: all threads of its programs waited
};

/// One shared memory pool in one interval; at its end but for page_ins_per_s. GiB.
struct MemoryPoolSample {
    double end_s = 0;
    double size = 0;
    double used = 0;
    double free = 0;
    double coalesced = 0;
    double overage = 0;
    double page_ins_per_s = 0;
};

class MemoryMeter {
  public:
    /// `every` 0: reads nothing.
    MemoryMeter(Site& site, sim::Duration every);

    [[nodiscard]] sim::SimTime next() const { return next_; }
    /// At next().
    void read(sim::SimTime now);

    [[nodiscard]] const std::vector<std::vector<MemorySample>>& partitions() const { return partitions_; }
    [[nodiscard]] const std::vector<std::vector<MemoryPoolSample>>& systems() const { return systems_; }

  private:
    struct Reading {
        bool running = false;
        aix::MemoryReading figures;
        std::string configuration;
        sim::Duration stalled{0};
    };
    [[nodiscard]] Reading read_partition(const PartitionSite& partition, sim::SimTime now) const;
    [[nodiscard]] MemorySample sample_of(const Reading& before, const Reading& after, sim::SimTime now) const;
    void read_system(std::size_t index, sim::SimTime now);

    Site& site_;
    sim::Duration every_;
    sim::SimTime next_;
    std::vector<Reading> last_;
    std::vector<std::uint64_t> page_ins_;                ///< of each system's pool
    std::vector<std::vector<MemorySample>> partitions_;  ///< in the order of the site
    std::vector<std::vector<MemoryPoolSample>> systems_;
};

}  // namespace pvmsim::scenarios
