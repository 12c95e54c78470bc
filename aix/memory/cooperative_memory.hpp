// Cooperative memory: how much an operating system lends to the hypervisor, by the hypervisor's wish.
//
// The rule of Linux' cmm.c, which is published; AIX is taken to do the same within its ams_loan_policy (behaviour 2.2,
// V33). Pure functions; who lends what is in memory_loans.cpp.
#pragma once

#include <cstdint>

#include "sim/base/time.hpp"

namespace pvmsim::aix {

inline constexpr sim::Duration kLoanPollInterval{1'000'000'000};
/// After memory was added or removed.
inline constexpr sim::Duration kLoanHotplugPause{5'000'000'000};
/// The system keeps so much for itself.
inline constexpr std::int64_t kActivePagesMin = 256 * 256;
/// Out of memory: so much is taken back at once.
inline constexpr std::int64_t kOutOfMemoryPages = 256;

/// Pages.
struct LoanSituation {
    std::int64_t loan_request = 0;  ///< H_GET_MPP: lend so many more, or (negative) take back
    std::int64_t loaned = 0;
    std::int64_t total = 0;      ///< logical memory, lent or not
    std::int64_t oom_freed = 0;  ///< taken back so far because memory had run out
};
/// Pages that shall be lent.
[[nodiscard]] std::int64_t loan_target(const LoanSituation& now);

}  // namespace pvmsim::aix
