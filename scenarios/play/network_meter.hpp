// NetworkMeter: what flows offered and got through in each interval, of every partition that has some, and what bridged
// them.
//
// Like the meter of processors it reads between events: whether and how often it reads does not change the run.
#pragma once

#include <cstdint>
#include <vector>

#include "scenarios/play/site.hpp"

namespace pvmsim::scenarios {

/// One partition in one interval: its flows together, or what its SEAs bridged. Bytes a second.
struct NetworkSample {
    double end_s = 0;
    bool has_flows = false;
    bool is_bridge = false;
    double offered = 0;
    double delivered = 0;
    double lost = 0;          ///< of the offered: there was no path
    std::size_t stalled = 0;  ///< flows without a path, at its end
    double out = 0;
    double in = 0;
    double cores = 0;  ///< for flows
};

class NetworkMeter {
  public:
    /// `every` 0: reads nothing.
    NetworkMeter(Site& site, sim::Duration every);

    [[nodiscard]] sim::SimTime next() const { return next_; }
    /// At next().
    void read(sim::SimTime now);

    /// In the order of the site.
    [[nodiscard]] const std::vector<std::vector<NetworkSample>>& partitions() const { return partitions_; }

  private:
    /// Sums since the start.
    struct Reading {
        double offered = 0;
        double delivered = 0;
        double lost = 0;
        double out = 0;
        double in = 0;
        double core_seconds = 0;
    };
    void read_partition(std::size_t index, const std::vector<aix::FlowBridgeFigures>& bridges, sim::SimTime now);

    Site& site_;
    sim::Duration every_;
    sim::SimTime next_;
    std::vector<Reading> last_;
    std::vector<std::vector<NetworkSample>> partitions_;
};

}  // namespace pvmsim::scenarios
