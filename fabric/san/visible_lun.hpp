// What an initiator learns of a logical unit by REPORT LUNS and INQUIRY. Shared by FC ports and arrays.
// The answer of SAM's REPORT LUNS without its bytes; identity stands for INQUIRY page 83h.
#pragma once

#include <cstdint>
#include <string>

#include "fabric/wire/scsi.hpp"
#include "sim/base/strong_id.hpp"

namespace pvmsim::fabric {

struct LunIdTag;
/// A logical unit of one array, in order of declaration.
using LunId = sim::StrongId<LunIdTag>;

/// What an initiator sees of a logical unit.
struct VisibleLun {
    wire::LunNumber number;  ///< as addressed: 0x000n000000000000
    LunId id;
    std::string identity;  ///< the same through every port of every array path: "<array>.<lun>"
    std::uint64_t size_bytes;
};

}  // namespace pvmsim::fabric
