// I/O entitled memory: how much of a shared-memory partition may be mapped for I/O at once, which is guaranteed.
//
// With I/O entitled memory mode auto it follows from the virtual adapters, as Linux asks for it: what each driver
// desires, at least a minimum for each, and one minimum spare for hotplug (behaviour 2.2, Linux vio.c). AIX asks for
// its own amounts, which are not published; these stand for them. Numbers by adapter: docs/model/memory-paging-vios.md.
#pragma once

#include <cstdint>

#include "hypervisor/partition/profile.hpp"

namespace pvmsim::hypervisor {

/// VIO_CMO_MIN_ENT: every device's least, and the spare (Linux vio.h).
inline constexpr std::uint64_t kIoEntitledDeviceMinBytes = 1'562'624;
/// Above the minimum, entitlement is given in such pieces (Linux vio.c).
inline constexpr std::uint64_t kIoEntitledChunkBytes = 128 * 1024;
/// ibmveth at MTU 1500 (Linux ibmveth.h).
inline constexpr std::uint64_t kIoEntitledEthernetBytes = 4'243'456;
/// [PARAM] ibmvscsi: 16 requests of 256 sectors, and its queue of 102 information units of 256 bytes.
inline constexpr std::uint64_t kIoEntitledScsiBytes = 16 * 256 * 512 + 102 * 256;
/// [PARAM] ibmvfc: 16 requests of 512 KiB, and its queue of 102 information units of 256 bytes.
inline constexpr std::uint64_t kIoEntitledFcBytes = 16 * 512 * 1024 + 102 * 256;

/// Without less than this its devices do not work, in whole MiB.
[[nodiscard]] std::uint64_t io_entitled_min_mib(const PartitionProfile& profile);
/// Mode auto, in whole MiB.
[[nodiscard]] std::uint64_t io_entitled_auto_mib(const PartitionProfile& profile);

}  // namespace pvmsim::hypervisor
