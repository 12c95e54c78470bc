// The HMC's words for sharing modes (formats C.2).
// Those of adapters and of environments are not printed by the hypervisor.
#include "hypervisor/partition/profile.hpp"

namespace pvmsim::hypervisor {

std::string_view to_string(SharingMode mode) {
    switch (mode) {
        case SharingMode::kCapped:
            return "cap";
        case SharingMode::kUncapped:
            return "uncap";
        case SharingMode::kKeepIdleProcs:
            return "keep_idle_procs";
        case SharingMode::kShareIdleProcs:
            return "share_idle_procs";
        case SharingMode::kShareIdleProcsActive:
            return "share_idle_procs_active";
        case SharingMode::kShareIdleProcsAlways:
            return "share_idle_procs_always";
    }
    return "";
}

}  // namespace pvmsim::hypervisor
