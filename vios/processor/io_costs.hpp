// What virtual I/O costs the Virtual I/O Server in processor cycles. Pure functions of integers.
//
// Cycles are those of the machine IBM measured on, a POWER5 of 1.65 GHz with SMT; io_cycles_per_second() says how many
// of them another machine does. Sources: behaviour 7.1 (virtual SCSI, by size and backing) and 7.2 (Shared Ethernet
// Adapter, by MTU and thread mode), which recall IBM's tables and check them against IBM's examples (V43 to V45).
// Frames above the standard size, trains of largesend and large_receive among them, lie on the line through the table's
// two sizes. Left out: what QoS and accounting cost, files and optical media as backing.
#pragma once

#include <cstdint>

#include "hypervisor/hardware/system_model.hpp"

namespace pvmsim::vios {

/// The machine of the tables.
inline constexpr std::uint32_t kIoReferenceClockMhz = 1650;
/// [PARAM] Per cycle a POWER7 does 1.75 times as much of this work as a POWER5 (behaviour 7.2: 1.5 to 2).
inline constexpr std::int64_t kIoWorkPermillePower7 = 1750;

/// Reference cycles that one core of the machine does in a second.
[[nodiscard]] std::int64_t io_cycles_per_second(const hypervisor::SystemModel& model);

enum class VscsiBacking : std::uint8_t { kPhysicalVolume, kLogicalVolume };

/// One virtual SCSI I/O. Linear between the published sizes, the last slope beyond; smaller ones cost what 4 KiB costs.
[[nodiscard]] std::int64_t vscsi_cycles(std::uint32_t size_bytes, VscsiBacking backing);

/// [PARAM] An NPIV command, which is only passed on, of what virtual SCSI needs (behaviour 7.1: a third to a half).
inline constexpr std::int64_t kNpivPercentOfVscsi = 40;
[[nodiscard]] std::int64_t npiv_cycles(std::uint32_t size_bytes);

/// Attributes of a Shared Ethernet Adapter that decide what a frame costs: `thread` and `jumbo_frames`.
enum class SeaThreading : std::uint8_t { kInterrupt, kThreaded };
enum class SeaMtu : std::uint8_t { k1500, k9000 };
struct SeaCostMode {
    SeaThreading threading = SeaThreading::kThreaded;
    SeaMtu mtu = SeaMtu::k1500;
};

/// Streaming in one direction, in tenths of a cycle for each byte.
[[nodiscard]] std::int64_t sea_stream_tenths_per_byte(SeaCostMode mode);
/// A request and its answer of so many bytes each, both through the adapter: interpolated between 64 and 1024 bytes.
[[nodiscard]] std::int64_t sea_transaction_cycles(SeaThreading threading, std::uint32_t size_bytes);
/// One frame above the standard size: so much for a frame and so much for a byte, as 1500 and 9000 bytes tell.
[[nodiscard]] std::int64_t sea_large_frame_cycles(SeaThreading threading, std::uint32_t size_bytes);
/// One bridged frame: half a transaction of its size, or its bytes at the streaming cost, whichever is more; above the
/// standard size sea_large_frame_cycles.
[[nodiscard]] std::int64_t sea_frame_cycles(SeaCostMode mode, std::uint32_t size_bytes);

}  // namespace pvmsim::vios
