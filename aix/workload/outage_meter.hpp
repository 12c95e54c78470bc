// OutageMeter: the gaps in a service as its user sees them. Intervals of unanswered waiting are merged into outages.
//
// An outage begins when the first request that was left waiting was made and ends when service was had again. What is
// shorter than the threshold is not an outage, only a slow answer.
#pragma once

#include <vector>

#include "sim/base/time.hpp"
#include "sim/engine/digest.hpp"

namespace pvmsim::aix {

struct Outage {
    sim::SimTime start;
    sim::SimTime end;
    bool ongoing = false;  ///< the run ended first

    [[nodiscard]] sim::Duration length() const { return end - start; }
};

class OutageMeter {
  public:
    /// Somebody waited from `start` to `end`. Ends never go back; overlapping waits are one outage.
    void waited(sim::SimTime start, sim::SimTime end);
    /// Outages so far; with `waiting_since` (somebody still waits) the last one goes on to `now`.
    [[nodiscard]] std::vector<Outage> outages(sim::SimTime now, const sim::SimTime* waiting_since) const;

    void digest(sim::Digest& digest) const;

  private:
    std::vector<Outage> outages_;
};

[[nodiscard]] sim::Duration longest(const std::vector<Outage>& outages);
[[nodiscard]] sim::Duration total(const std::vector<Outage>& outages);

}  // namespace pvmsim::aix
