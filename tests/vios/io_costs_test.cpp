// What virtual I/O costs in processor cycles: IBM's tables, and the cases that follow from them (behaviour 7.1, 7.2,
// V43 to V45). All at the reference clock unless said otherwise.
#include "vios/processor/io_costs.hpp"

#include <gtest/gtest.h>

namespace pvmsim::vios {
namespace {

constexpr double kReferenceHz = kIoReferenceClockMhz * 1e6;
constexpr double kMebibytes = 1 << 20;

constexpr SeaCostMode kThreaded1500{SeaThreading::kThreaded, SeaMtu::k1500};
constexpr SeaCostMode kInterrupt1500{SeaThreading::kInterrupt, SeaMtu::k1500};
constexpr SeaCostMode kThreaded9000{SeaThreading::kThreaded, SeaMtu::k9000};
constexpr SeaCostMode kInterrupt9000{SeaThreading::kInterrupt, SeaMtu::k9000};

TEST(IoCosts, virtual_scsi_follows_the_published_table_and_its_slopes) {
    struct Row {
        std::uint32_t size_bytes;
        std::int64_t physical_volume;
        std::int64_t logical_volume;
    };
    const Row table[] = {{0, 45'000, 49'000},      {512, 45'000, 49'000},      {4096, 45'000, 49'000},
                         {6144, 46'000, 50'000},   {8192, 47'000, 51'000},     {20480, 52'500, 55'000},
                         {32768, 58'000, 59'000},  {49152, 69'500, 66'500},    {65536, 81'000, 74'000},
                         {98304, 100'500, 89'500}, {131072, 120'000, 105'000}, {262144, 198'000, 167'000}};
    for (const auto& row : table) {
        EXPECT_EQ(vscsi_cycles(row.size_bytes, VscsiBacking::kPhysicalVolume), row.physical_volume) << row.size_bytes;
        EXPECT_EQ(vscsi_cycles(row.size_bytes, VscsiBacking::kLogicalVolume), row.logical_volume) << row.size_bytes;
    }
}

TEST(IoCosts, v43_three_clients_need_085_core) {
    const auto cycles = 7000 * vscsi_cycles(8192, VscsiBacking::kPhysicalVolume) +
                        10000 * vscsi_cycles(8192, VscsiBacking::kPhysicalVolume) +
                        5000 * vscsi_cycles(131072, VscsiBacking::kPhysicalVolume);
    EXPECT_NEAR(static_cast<double>(cycles) / kReferenceHz, 0.85, 0.005);
}

TEST(IoCosts, v44_gigabit_stream_of_mtu_1500_uses_most_of_a_core) {
    const auto utilization = [](SeaCostMode mode) {
        constexpr std::uint32_t kFrameBytes = 1500;
        const double frames = 112.8 * kMebibytes / kFrameBytes;
        return frames * static_cast<double>(sea_frame_cycles(mode, kFrameBytes)) / kReferenceHz;
    };
    EXPECT_EQ(sea_stream_tenths_per_byte(kThreaded1500), 112);
    EXPECT_EQ(sea_stream_tenths_per_byte(kInterrupt1500), 93);
    EXPECT_NEAR(utilization(kThreaded1500), 0.806, 0.004);
    EXPECT_NEAR(utilization(kInterrupt1500), 0.668, 0.004);
}

TEST(IoCosts, v45_threads_cost_a_fifth_more_and_with_jumbo_frames_a_third) {
    const auto overhead_percent = [](SeaCostMode threaded, SeaCostMode interrupt) {
        return 100.0 * static_cast<double>(sea_stream_tenths_per_byte(threaded)) /
                   static_cast<double>(sea_stream_tenths_per_byte(interrupt)) -
               100.0;
    };
    EXPECT_GE(overhead_percent(kThreaded1500, kInterrupt1500), 16.0);
    EXPECT_LT(overhead_percent(kThreaded1500, kInterrupt1500), 21.0);
    EXPECT_GE(overhead_percent(kThreaded9000, kInterrupt9000), 31.0);
    EXPECT_LT(overhead_percent(kThreaded9000, kInterrupt9000), 39.0);
}

TEST(IoCosts, published_transaction_rates_follow_from_their_cycles) {
    struct Row {
        SeaThreading threading;
        std::uint32_t size_bytes;
        double transactions;
        double utilization;
    };
    const Row table[] = {{SeaThreading::kThreaded, 64, 59'722, 0.834},
                         {SeaThreading::kThreaded, 1024, 51'956, 0.80},
                         {SeaThreading::kInterrupt, 64, 60'249, 0.656},
                         {SeaThreading::kInterrupt, 1024, 53'104, 0.65}};
    for (const auto& row : table) {
        const auto cycles = sea_transaction_cycles(row.threading, row.size_bytes);
        EXPECT_NEAR(row.transactions * static_cast<double>(cycles) / kReferenceHz, row.utilization, 0.002);
        EXPECT_EQ(sea_frame_cycles({row.threading, SeaMtu::k1500}, row.size_bytes), cycles / 2) << row.size_bytes;
    }
}

TEST(IoCosts, large_frames_cost_by_the_byte_and_small_ones_by_the_frame) {
    EXPECT_EQ(sea_frame_cycles(kThreaded1500, 1500), 16'800);
    EXPECT_EQ(sea_frame_cycles(kThreaded9000, 9000), 45'000);
    EXPECT_EQ(sea_frame_cycles(kInterrupt9000, 9000), 32'400);
    EXPECT_EQ(sea_frame_cycles(kThreaded1500, 20), 11'511);
    for (const auto mode : {kThreaded1500, kInterrupt1500, kThreaded9000, kInterrupt9000})
        for (std::uint32_t size = 0; size < 9000; ++size)
            ASSERT_LE(sea_frame_cycles(mode, size), sea_frame_cycles(mode, size + 1)) << size;
}

TEST(IoCosts, npiv_needs_between_a_third_and_half_of_virtual_scsi) {
    for (const std::uint32_t size : {4096u, 32768u, 131072u}) {
        const auto scsi = vscsi_cycles(size, VscsiBacking::kPhysicalVolume);
        EXPECT_GT(3 * npiv_cycles(size), scsi);
        EXPECT_LT(2 * npiv_cycles(size), scsi);
    }
}

TEST(IoCosts, power7_does_the_work_of_its_clock_and_a_factor) {
    EXPECT_EQ(io_cycles_per_second(*hypervisor::find_system_model("9131-52A")), 1'900'000'000);
    EXPECT_EQ(io_cycles_per_second(*hypervisor::find_system_model("8205-E6C")), 6'475'000'000);
    EXPECT_EQ(io_cycles_per_second(*hypervisor::find_system_model("8408-E8D")), 7'000'000'000);
}

}  // namespace
}  // namespace pvmsim::vios
