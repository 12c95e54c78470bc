// What the dispatchers' benchmarks share: the line that reports a promise, the wall clock, and the draws of the work.
// The line is what ./dev bench gathers (bench/CMakeLists.txt).
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>

namespace pvmsim::bench {

using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Promise {
    const char* name;
    double value;
    const char* unit;
    double target;
    bool holds;
};

inline void report(const Promise& promise, const char* baseline) {
    std::printf(
        "{\"name\": \"%s\", \"value\": %.6g, \"unit\": \"%s\", \"target\": %.6g, \"holds\": %s, \"baseline\": "
        "\"%s\"}\n",
        promise.name, promise.value, promise.unit, promise.target, promise.holds ? "true" : "false", baseline);
}

/// splitmix64: the same work in every run.
class Draw {
  public:
    std::int64_t below(std::int64_t limit) {
        std::uint64_t z = state_ += 0x9e37'79b9'7f4a'7c15u;
        z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9u;
        z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11ebu;
        return static_cast<std::int64_t>((z ^ (z >> 31)) % static_cast<std::uint64_t>(limit));
    }

  private:
    std::uint64_t state_ = 42;
};

}  // namespace pvmsim::bench
