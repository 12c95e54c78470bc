// Showing progress; see progress.hpp.
// No animation where standard error is no terminal, or the terminal is dumb.
#include "apps/progress.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace pvmsim::apps {
namespace {

constexpr std::chrono::seconds kQuietAtFirst{2};
constexpr std::chrono::milliseconds kBetweenUpdates{200};

bool is_terminal() {
    const char* term = std::getenv("TERM");
    return ::isatty(STDERR_FILENO) != 0 && term != nullptr && std::strcmp(term, "dumb") != 0;
}

}  // namespace

Progress::Progress(sim::Duration simulated_total) : total_(simulated_total), terminal_(is_terminal()) {}

Progress::~Progress() {
    if (shown_) std::fputs("\r\033[K", stderr);
}

void Progress::update(sim::SimTime now) {
    if (!terminal_) return;
    const auto wall = WallClock::now();
    if (wall - started_ < kQuietAtFirst || (shown_ && wall - shown_at_ < kBetweenUpdates)) return;
    const double done = sim::to_seconds(now) / sim::to_seconds(total_);
    std::fprintf(stderr, "\r\033[K%3.0f %%  %.0f of %.0f simulated seconds", 100 * done, sim::to_seconds(now),
                 sim::to_seconds(total_));
    std::fflush(stderr);
    shown_ = true;
    shown_at_ = wall;
}

double Progress::wall_seconds() const { return std::chrono::duration<double>(WallClock::now() - started_).count(); }

}  // namespace pvmsim::apps
