// SMT: what the threads of a POWER7 core do together, and how their number shows in the PURR.
//
// Published calibration (behaviour 1.7): 1, 2, 4 busy threads do 1.0, 1.4, 1.6 times the work of one alone; three are
// interpolated. PURR time of a core counts as used in proportion to its throughput, so SMT4 shows 62.5, 87.5, 100 %.
// [PARAM] Older processors and modes with fewer threads use the same throughputs.
#pragma once

#include <cstdint>

namespace pvmsim::aix {

inline constexpr std::uint32_t kSmtThreadsMax = 4;

/// Throughput of a core with so many busy threads (at most 4), in thousandths of that of one thread alone.
[[nodiscard]] std::int64_t smt_throughput_permille(std::uint32_t busy_threads);
/// Part of its PURR time that a core in this SMT mode counts as used.
[[nodiscard]] std::int64_t smt_used_ppm(std::uint32_t busy_threads, std::uint32_t smt);

/// Busy threads on virtual processors: first one on each, then a second on each, and so on (AIX, raw throughput mode).
struct SmtSpread {
    std::uint32_t procs_more = 0;    ///< virtual processors with threads_less + 1 busy threads
    std::uint32_t procs_less = 0;    ///< virtual processors with threads_less
    std::uint32_t threads_less = 0;  ///< at most smt - 1 unless procs_more is 0

    [[nodiscard]] std::uint32_t busy_procs() const { return procs_more + (threads_less > 0 ? procs_less : 0); }
    [[nodiscard]] std::uint32_t busy_threads() const {
        return procs_more * (threads_less + 1) + procs_less * threads_less;
    }
    [[nodiscard]] std::int64_t throughput_permille() const;
    /// Sum over the virtual processors.
    [[nodiscard]] std::int64_t used_ppm(std::uint32_t smt) const;
};
/// More threads than logical processors take turns: busy_threads() is then the number of logical processors.
[[nodiscard]] SmtSpread spread_threads(std::uint32_t threads, std::uint32_t procs, std::uint32_t smt);

}  // namespace pvmsim::aix
