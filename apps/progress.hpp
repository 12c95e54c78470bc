// Progress of a long run, on a terminal only: one line on standard error that appears after two seconds and goes at the
// end. The wall clock is read here and nowhere below apps/.
#pragma once

#include <chrono>
#include <string>

#include "sim/base/time.hpp"

namespace pvmsim::apps {

class Progress {
  public:
    Progress();
    explicit Progress(sim::Duration simulated_total);
    ~Progress();

    /// The run has come this far.
    void update(sim::SimTime now);
    /// The work has come this far: 0 to 1, and in words.
    void update(double done, const std::string& words);
    /// Takes the line away.
    void finish();
    [[nodiscard]] double wall_seconds() const;

  private:
    using WallClock = std::chrono::steady_clock;

    [[nodiscard]] bool is_due(WallClock::time_point wall) const;

    sim::Duration total_{0};
    WallClock::time_point started_ = WallClock::now();
    WallClock::time_point shown_at_ = started_;
    bool terminal_;
    bool shown_ = false;
};

}  // namespace pvmsim::apps
