// The target of lending, step by step as cmm.c computes it; see cooperative_memory.hpp.
// What was taken back for want of memory stays taken back: the target is lower by it from then on.
#include "aix/memory/cooperative_memory.hpp"

#include <algorithm>

namespace pvmsim::aix {

std::int64_t loan_target(const LoanSituation& now) {
    std::int64_t target = now.loan_request + now.loaned;
    if (target < 0 || now.total < kActivePagesMin) target = 0;
    target = std::max<std::int64_t>(target - now.oom_freed, 0);
    const std::int64_t lendable = std::max<std::int64_t>(now.total - kActivePagesMin, 0);
    return std::min(target, lendable);
}

}  // namespace pvmsim::aix
