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

Progress::Progress() : terminal_(is_terminal()) {}

Progress::Progress(sim::Duration simulated_total) : total_(simulated_total), terminal_(is_terminal()) {}

Progress::~Progress() { finish(); }

void Progress::finish() {
    if (shown_) std::fputs("\r\033[K", stderr);
    shown_ = false;
}

bool Progress::is_due(WallClock::time_point wall) const {
    return terminal_ && wall - started_ >= kQuietAtFirst && (!shown_ || wall - shown_at_ >= kBetweenUpdates);
}

void Progress::update(sim::SimTime now) {
    if (!terminal_) return;
    char words[64];
    std::snprintf(words, sizeof words, "%.0f of %.0f simulated seconds", sim::to_seconds(now), sim::to_seconds(total_));
    update(sim::to_seconds(now) / sim::to_seconds(total_), words);
}

void Progress::update(double done, const std::string& words) {
    const auto wall = WallClock::now();
    if (!is_due(wall)) return;
    std::fprintf(stderr, "\r\033[K%3.0f %%  %s", 100 * done, words.c_str());
    std::fflush(stderr);
    shown_ = true;
    shown_at_ = wall;
}

double Progress::wall_seconds() const { return std::chrono::duration<double>(WallClock::now() - started_).count(); }

}  // namespace pvmsim::apps
