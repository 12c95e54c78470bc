// Names of SCSI outcomes, for traces and results.
// The words are ours; consoles print their own.
#include "fabric/wire/scsi.hpp"

#include "sim/base/assert.hpp"

namespace pvmsim::wire {

std::string_view to_string(ScsiStatus status) {
    switch (status) {
        case ScsiStatus::kGood:
            return "good";
        case ScsiStatus::kCheckCondition:
            return "check condition";
        case ScsiStatus::kBusy:
            return "busy";
        case ScsiStatus::kReservationConflict:
            return "reservation conflict";
        case ScsiStatus::kNoSuchLun:
            return "no such LUN";
        case ScsiStatus::kAdapterFailed:
            return "adapter failed";
        case ScsiStatus::kTransportError:
            return "transport error";
        case ScsiStatus::kTimeout:
            return "timeout";
        case ScsiStatus::kAborted:
            return "aborted";
    }
    PVMSIM_ASSERT(!"a SCSI status without a name");
    return {};
}

}  // namespace pvmsim::wire
