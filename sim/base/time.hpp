// Simulated time: signed 64-bit nanoseconds since the start of the run (292 years either way).
//
// The clock has no now(): only an Engine knows what time it is, so no model can read the wall clock by mistake.
// There is no floating-point time; seconds as a double exist in printing and statistics alone.
#pragma once

#include <chrono>
#include <cstdint>

namespace pvmsim::sim {

using Duration = std::chrono::nanoseconds;

/// The clock of simulated time. Deliberately without now(): ask the Engine.
struct SimClock {
    using duration = Duration;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<SimClock, Duration>;
    static constexpr bool is_steady = true;
};

using SimTime = SimClock::time_point;

/// The instant at which every run starts.
inline constexpr SimTime kStartOfRun{};

/// Far beyond any run; "never".
inline constexpr SimTime kEndOfTime = SimTime::max();

/// Seconds for statistics and printing; never feed the result back into a model.
constexpr double to_seconds(Duration span) { return static_cast<double>(span.count()) / 1e9; }
constexpr double to_seconds(SimTime at) { return to_seconds(at.time_since_epoch()); }

}  // namespace pvmsim::sim
