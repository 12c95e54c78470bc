// The managed system's own events.
// Those of the virtual switch and of the CRQ transport are in their headers.
#pragma once

#include <string_view>

#include "hypervisor/ids.hpp"

namespace pvmsim::hypervisor {

/// managed system -> itself: the firmware of an activated partition is done and hands over to the operating system.
struct FirmwareReady {
    static constexpr std::string_view kName = "firmware-ready";
    PartitionId lpar_id;
};

/// managed system -> itself: the time of one LMB of a dynamic change of memory is over.
struct MemoryStep {
    static constexpr std::string_view kName = "memory-step";
    PartitionId lpar_id;
};

/// managed system -> itself: a paging VIOS has hung for so long that the hypervisor gives it up.
struct PagingViosSilent {
    static constexpr std::string_view kName = "paging-vios-silent";
    PartitionId lpar_id;
};

}  // namespace pvmsim::hypervisor
