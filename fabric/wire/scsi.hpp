// SCSI vocabulary shared by initiators, virtual targets and arrays: what is asked and what came of it. No behaviour.
// Status words follow SAM; the failures of a transport are set beside them, because an initiator treats both alike.
#pragma once

#include <cstdint>
#include <string_view>

#include "sim/base/strong_id.hpp"

namespace pvmsim::wire {

struct LunNumberTag;
/// The logical unit number as the initiator addresses it ("0x8100000000000000" on vSCSI, "0x1000000000000" on FC).
using LunNumber = sim::StrongId<LunNumberTag, std::uint64_t>;

/// Append only: the numbers go into fingerprints.
enum class ScsiOperation : std::uint8_t { kRead, kWrite, kTestUnitReady, kInquiry, kReserve, kRelease, kReportLuns };

/// Outcome of a command at the level that reports it.
enum class ScsiStatus : std::uint8_t {
    kGood,
    kCheckCondition,
    kBusy,
    kReservationConflict,
    kNoSuchLun,       ///< not mapped or masked away
    kAdapterFailed,   ///< virtual SCSI 0x10 with fast_fail: the server's device is dead (PAPR MAD 0x08)
    kTransportError,  ///< never reached the target or came back: link, path or partner lost
    kTimeout,
    kAborted,
};

[[nodiscard]] std::string_view to_string(ScsiStatus status);

/// A command on any transport.
struct ScsiCommand {
    LunNumber lun;
    std::uint64_t block = 0;
    std::uint32_t size_bytes = 0;
    std::uint32_t tag = 0;  ///< the initiator's own name of it; comes back in the response
    ScsiOperation operation = ScsiOperation::kRead;
    std::uint8_t reserved[7]{};
};
static_assert(sizeof(ScsiCommand) == 32);

struct ScsiResponse {
    std::uint32_t tag = 0;
    ScsiStatus status = ScsiStatus::kGood;
    std::uint8_t reserved[3]{};
};
static_assert(sizeof(ScsiResponse) == 8);

}  // namespace pvmsim::wire
