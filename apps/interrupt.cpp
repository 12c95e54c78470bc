// Noting signals; see interrupt.hpp.
// SA_RESETHAND gives the second signal its usual effect: a run that does not come to a slice's end can still be
// stopped.
#include "apps/interrupt.hpp"

#include <signal.h>

namespace pvmsim::apps {
namespace {

volatile sig_atomic_t g_interrupted = 0;

void note(int number) {
    g_interrupted = g_interrupted + 1;
    if (g_interrupted < 3) return;
    signal(number, SIG_DFL);
    raise(number);
}

}  // namespace

void watch_for_interrupts() {
    struct sigaction action {};
    action.sa_handler = note;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() { return g_interrupted != 0; }

}  // namespace pvmsim::apps
