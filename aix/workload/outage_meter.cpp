// Merging waits into outages; see outage_meter.hpp.
// A wait that began before the last outage ended belongs to it: two users stuck in one failure see one outage.
#include "aix/workload/outage_meter.hpp"

#include <algorithm>

#include "sim/base/assert.hpp"

namespace pvmsim::aix {
namespace {

void merge(std::vector<Outage>& outages, Outage wait) {
    while (!outages.empty() && wait.start <= outages.back().end) {
        wait.start = std::min(wait.start, outages.back().start);
        wait.end = std::max(wait.end, outages.back().end);
        outages.pop_back();
    }
    outages.push_back(wait);
}

}  // namespace

void OutageMeter::waited(sim::SimTime start, sim::SimTime end) {
    PVMSIM_ASSERT(start <= end);
    merge(outages_, {start, end});
}

std::vector<Outage> OutageMeter::outages(sim::SimTime now, const sim::SimTime* waiting_since) const {
    auto result = outages_;
    if (waiting_since != nullptr) merge(result, {*waiting_since, now, true});
    return result;
}

void OutageMeter::digest(sim::Digest& digest) const {
    for (const auto& outage : outages_) {
        digest.add(outage.start);
        digest.add(outage.end);
    }
}

sim::Duration longest(const std::vector<Outage>& outages) {
    sim::Duration most{0};
    for (const auto& outage : outages) most = std::max(most, outage.length());
    return most;
}

sim::Duration total(const std::vector<Outage>& outages) {
    sim::Duration sum{0};
    for (const auto& outage : outages) sum += outage.length();
    return sum;
}

}  // namespace pvmsim::aix
