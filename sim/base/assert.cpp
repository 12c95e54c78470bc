// The assertion handler is the one piece of process-wide state in the simulator: a failed assertion ends the process,
// so there is nothing for two engines to disagree about.
#include "sim/base/assert.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace pvmsim::sim {

namespace {

void print_and_return(std::string_view condition, std::string_view file, int line) {
    std::fprintf(stderr, "pvmsim: assertion failed: %.*s (%.*s:%d)\n", static_cast<int>(condition.size()),
                 condition.data(), static_cast<int>(file.size()), file.data(), line);
}

std::atomic<AssertionHandler>& handler_in_place() noexcept {
    static std::atomic<AssertionHandler> handler{&print_and_return};
    return handler;
}

}  // namespace

AssertionHandler set_assertion_handler(AssertionHandler handler) noexcept {
    return handler_in_place().exchange(handler != nullptr ? handler : &print_and_return);
}

void assertion_failed(const char* condition, const char* file, int line) noexcept {
    handler_in_place().load()(condition, file, line);
    std::abort();
}

}  // namespace pvmsim::sim
