// The published points of the SMT calibration, and the spreading of threads; see smt.hpp.
// Used time is throughput over that of the full core: 0.625, 0.875, 0.9375, 1 with four threads.
#include "aix/processor/smt.hpp"

#include <array>

#include "sim/base/assert.hpp"

namespace pvmsim::aix {

std::int64_t smt_throughput_permille(std::uint32_t busy_threads) {
    static constexpr std::array<std::int64_t, kSmtThreadsMax + 1> kThroughputPermille{0, 1000, 1400, 1500, 1600};
    PVMSIM_ASSERT(busy_threads <= kSmtThreadsMax);
    return kThroughputPermille[busy_threads];
}

std::int64_t smt_used_ppm(std::uint32_t busy_threads, std::uint32_t smt) {
    PVMSIM_ASSERT(busy_threads <= smt);
    return smt_throughput_permille(busy_threads) * 1'000'000 / smt_throughput_permille(smt);
}

std::int64_t SmtSpread::throughput_permille() const {
    const std::int64_t less = std::int64_t{procs_less} * smt_throughput_permille(threads_less);
    return procs_more == 0 ? less : less + std::int64_t{procs_more} * smt_throughput_permille(threads_less + 1);
}

std::int64_t SmtSpread::used_ppm(std::uint32_t smt) const {
    const std::int64_t less = std::int64_t{procs_less} * smt_used_ppm(threads_less, smt);
    return procs_more == 0 ? less : less + std::int64_t{procs_more} * smt_used_ppm(threads_less + 1, smt);
}

SmtSpread spread_threads(std::uint32_t threads, std::uint32_t procs, std::uint32_t smt) {
    PVMSIM_ASSERT(procs > 0);
    if (threads / procs >= smt) return {.procs_less = procs, .threads_less = smt};
    const std::uint32_t more = threads % procs;
    return {.procs_more = more, .procs_less = procs - more, .threads_less = threads / procs};
}

}  // namespace pvmsim::aix
