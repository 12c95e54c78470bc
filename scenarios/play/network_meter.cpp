// Reading what flows did; see network_meter.hpp.
// Their sums run from the start of the run, whatever restarts: differences are exact.
#include "scenarios/play/network_meter.hpp"

#include <algorithm>

#include "aix/workload/flow_costs.hpp"

namespace pvmsim::scenarios {

NetworkMeter::NetworkMeter(Site& site, sim::Duration every)
    : site_(site),
      every_(every),
      next_(every.count() > 0 ? sim::kStartOfRun + every : sim::kEndOfTime),
      last_(site.partitions().size()),
      partitions_(site.partitions().size()) {}

void NetworkMeter::read_partition(std::size_t index, const std::vector<aix::FlowBridgeFigures>& bridges,
                                  sim::SimTime now) {
    const auto& partition = site_.partitions()[index];
    NetworkSample sample{.end_s = sim::to_seconds(now)};
    Reading reading;
    for (const auto& load : partition.workload->flow_loads()) {
        const auto result = load->result(now);
        sample.has_flows = true;
        reading.offered += static_cast<double>(result.bytes_offered);
        reading.delivered += static_cast<double>(result.bytes_delivered);
        reading.lost += static_cast<double>(result.bytes_lost);
        if (!result.outages.empty() && result.outages.back().ongoing) ++sample.stalled;
    }
    const auto cycles_per_s = static_cast<double>(aix::send_cycles_per_second(partition.system->model()));
    for (const auto& figures : bridges) {
        if (std::ranges::none_of(partition.seas, [&](const auto* sea) { return sea == &figures.bridge->device(); }))
            continue;
        sample.is_bridge = true;
        reading.out += static_cast<double>(figures.bytes_out);
        reading.in += static_cast<double>(figures.bytes_in);
        reading.core_seconds += static_cast<double>(figures.cycles) / cycles_per_s;
    }
    const auto seconds = sim::to_seconds(every_);
    const auto& before = last_[index];
    sample.offered = (reading.offered - before.offered) / seconds;
    sample.delivered = (reading.delivered - before.delivered) / seconds;
    sample.lost = (reading.lost - before.lost) / seconds;
    sample.out = (reading.out - before.out) / seconds;
    sample.in = (reading.in - before.in) / seconds;
    sample.cores = (reading.core_seconds - before.core_seconds) / seconds;
    last_[index] = reading;
    partitions_[index].push_back(sample);
}

void NetworkMeter::read(sim::SimTime now) {
    const auto bridges =
        site_.flows() != nullptr ? site_.flows()->bridge_figures() : std::vector<aix::FlowBridgeFigures>{};
    for (std::size_t index = 0; index < partitions_.size(); ++index) read_partition(index, bridges, now);
    next_ += every_;
}

}  // namespace pvmsim::scenarios
