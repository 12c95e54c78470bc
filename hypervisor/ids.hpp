// Identifiers of the hypervisor's world, and the return codes of its calls.
// Partition ids and slots are the HMC's; return codes are PAPR's.
#pragma once

#include <cstdint>

#include "sim/base/strong_id.hpp"

namespace pvmsim::hypervisor {

struct PartitionIdTag;
/// lpar_id, 1..1000; unique within a managed system. 0 is none ("any" where a partner is meant).
using PartitionId = sim::StrongId<PartitionIdTag, std::uint16_t>;
inline constexpr PartitionId kNoPartition{0};

struct SlotNumberTag;
/// Virtual slot number, 0..65535. Slots 0 and 1 are the virtual serial adapters.
using SlotNumber = sim::StrongId<SlotNumberTag, std::uint16_t>;

struct DrcIndexTag;
/// A physical slot as the HMC names it (hex "21010002").
using DrcIndex = sim::StrongId<DrcIndexTag>;

struct PoolIdTag;
/// Shared processor pool, 0..63; 0 is DefaultPool.
using PoolId = sim::StrongId<PoolIdTag, std::uint8_t>;
inline constexpr PoolId kDefaultPool{0};

/// Return codes of hypervisor calls, with PAPR's numbers.
enum class HcallStatus : std::int16_t {
    kSuccess = 0,
    kBusy = 1,
    kClosed = 2,
    kConstrained = 4,
    kParameter = -4,
    kNotFound = -7,
    kAuthority = -10,
    kDropped = -12,
    kResource = -16,
    kLongBusyOrder1Msec = 9900,  ///< try again in about that time
};

}  // namespace pvmsim::hypervisor
