// Progress of a long run, on a terminal only: one line on standard error that appears after two seconds and goes at the
// end. The wall clock is read here and nowhere below apps/.
#pragma once

#include <chrono>

#include "sim/base/time.hpp"

namespace pvmsim::apps {

class Progress {
  public:
    explicit Progress(sim::Duration simulated_total);
    ~Progress();

    /// The run has come this far.
    void update(sim::SimTime now);
    [[nodiscard]] double wall_seconds() const;

  private:
    using WallClock = std::chrono::steady_clock;

    sim::Duration total_;
    WallClock::time_point started_ = WallClock::now();
    WallClock::time_point shown_at_ = started_;
    bool terminal_;
    bool shown_ = false;
};

}  // namespace pvmsim::apps
