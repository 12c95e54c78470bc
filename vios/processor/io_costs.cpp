// The published tables and what lies between their points; see io_costs.hpp. Integers throughout: the same on every
// build.
//
// Streaming has a column for one direction and one for both at once, which is a fifth cheaper a byte (more frames per
// interrupt). A single frame does not know which it belongs to, so each direction pays the dearer one.
#include "vios/processor/io_costs.hpp"

#include <algorithm>
#include <cstddef>
#include <span>

#include "fabric/wire/ethernet.hpp"

namespace pvmsim::vios {
namespace {

struct Point {
    std::int64_t size_bytes;
    std::int64_t cycles;
};

constexpr Point kVscsiPhysicalVolume[] = {
    {4096, 45'000}, {8192, 47'000}, {32768, 58'000}, {65536, 81'000}, {131072, 120'000}};
constexpr Point kVscsiLogicalVolume[] = {
    {4096, 49'000}, {8192, 51'000}, {32768, 59'000}, {65536, 74'000}, {131072, 105'000}};
constexpr Point kSeaTransactionThreaded[] = {{64, 23'022}, {1024, 25'406}};
constexpr Point kSeaTransactionInterrupt[] = {{64, 17'956}, {1024, 20'196}};

/// Flat below the first point, then from point to point, and on with the last slope.
std::int64_t interpolate(std::span<const Point> points, std::uint32_t size_bytes) {
    const std::int64_t size = size_bytes;
    if (size <= points.front().size_bytes) return points.front().cycles;
    std::size_t above = 1;
    while (above + 1 < points.size() && points[above].size_bytes < size) ++above;
    const Point& low = points[above - 1];
    const Point& high = points[above];
    return low.cycles + (high.cycles - low.cycles) * (size - low.size_bytes) / (high.size_bytes - low.size_bytes);
}

}  // namespace

std::int64_t io_cycles_per_second(const hypervisor::SystemModel& model) {
    const std::int64_t work_permille = model.processor == "POWER5" ? 1000 : kIoWorkPermillePower7;
    return std::int64_t{model.clock_mhz} * 1000 * work_permille;
}

std::int64_t vscsi_cycles(std::uint32_t size_bytes, VscsiBacking backing) {
    return backing == VscsiBacking::kPhysicalVolume ? interpolate(kVscsiPhysicalVolume, size_bytes)
                                                    : interpolate(kVscsiLogicalVolume, size_bytes);
}

std::int64_t npiv_cycles(std::uint32_t size_bytes) {
    return vscsi_cycles(size_bytes, VscsiBacking::kPhysicalVolume) * kNpivPercentOfVscsi / 100;
}

std::int64_t sea_stream_tenths_per_byte(SeaCostMode mode) {
    const bool threaded = mode.threading == SeaThreading::kThreaded;
    if (mode.mtu == SeaMtu::k1500) return threaded ? 112 : 93;
    return threaded ? 50 : 36;
}

std::int64_t sea_transaction_cycles(SeaThreading threading, std::uint32_t size_bytes) {
    return threading == SeaThreading::kThreaded ? interpolate(kSeaTransactionThreaded, size_bytes)
                                                : interpolate(kSeaTransactionInterrupt, size_bytes);
}

std::int64_t sea_large_frame_cycles(SeaThreading threading, std::uint32_t size_bytes) {
    const auto tenths_1500 = sea_stream_tenths_per_byte({threading, SeaMtu::k1500});
    const auto tenths_9000 = sea_stream_tenths_per_byte({threading, SeaMtu::k9000});
    // c(size) = frame / size + byte, and 1/1500 - 1/9000 is 1/1800.
    const auto per_frame = (tenths_1500 - tenths_9000) * 180;
    const auto millicycles_per_byte = tenths_9000 * 100 - per_frame * 1000 / 9000;
    return per_frame + millicycles_per_byte * size_bytes / 1000;
}

std::int64_t sea_frame_cycles(SeaCostMode mode, std::uint32_t size_bytes) {
    constexpr auto kStandardFrame = wire::kStandardMtu + wire::kEthernetHeaderBytes;
    if (size_bytes > kStandardFrame)
        return std::max(sea_large_frame_cycles(mode.threading, size_bytes), sea_frame_cycles(mode, kStandardFrame));
    const std::int64_t streaming = sea_stream_tenths_per_byte(mode) * std::int64_t{size_bytes} / 10;
    return std::max(sea_transaction_cycles(mode.threading, size_bytes) / 2, streaming);
}

}  // namespace pvmsim::vios
