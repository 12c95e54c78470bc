// The published table and its interpolation; see added_latency.hpp. Integers throughout: the same on every build.
// Between two published sizes the latency is linear; beyond the last it goes on with the last slope.
#include "vios/vscsi/added_latency.hpp"

#include <cstddef>
#include <iterator>

namespace pvmsim::vios {
namespace {

struct Row {
    std::int64_t size_bytes;
    std::int64_t latency_ns;
};

constexpr Row kTable[] = {{4096, 32'000}, {8192, 33'000}, {32768, 33'000}, {65536, 40'000}, {131072, 61'000}};

}  // namespace

sim::Duration vscsi_added_latency(std::uint32_t size_bytes) {
    const std::int64_t size = size_bytes;
    if (size <= kTable[0].size_bytes) return sim::Duration{kTable[0].latency_ns};
    std::size_t above = 1;
    while (above + 1 < std::size(kTable) && kTable[above].size_bytes < size) ++above;
    const Row& low = kTable[above - 1];
    const Row& high = kTable[above];
    const std::int64_t rise_ns = high.latency_ns - low.latency_ns;
    return sim::Duration{low.latency_ns + rise_ns * (size - low.size_bytes) / (high.size_bytes - low.size_bytes)};
}

}  // namespace pvmsim::vios
