// PVMSIM_ASSERT: a mistake that only we can make. On in every build, release included.
//
// User input never reaches an assertion: what an operator can cause is a Result (result.hpp). A failed assertion calls
// the handler, which by default prints the condition and aborts; apps/ installs one that adds the seed and exits
// with 3.
#pragma once

#include <string_view>

namespace pvmsim::sim {

using AssertionHandler = void (*)(std::string_view condition, std::string_view file, int line);

/// Replaces what happens before the process ends. Returns the handler that was there.
AssertionHandler set_assertion_handler(AssertionHandler handler) noexcept;

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace pvmsim::sim

#define PVMSIM_ASSERT(condition)                                             \
    do {                                                                     \
        if (!(condition)) [[unlikely]]                                       \
            ::pvmsim::sim::assertion_failed(#condition, __FILE__, __LINE__); \
    } while (false)
