// Ctrl-C and termination: noticed between two slices of a run, so that nothing half written stays behind.
// The only global of the program: a signal handler can reach nothing else.
#pragma once

namespace pvmsim::apps {

/// From now on SIGINT and SIGTERM are only noted; a third one ends the program as usual.
void watch_for_interrupts();
[[nodiscard]] bool interrupted();

}  // namespace pvmsim::apps
