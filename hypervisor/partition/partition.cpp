// The words the HMC prints for the states of a partition (formats C.1).
// Suspended and migrating states come with their operations.
#include "hypervisor/partition/partition.hpp"

namespace pvmsim::hypervisor {

std::string_view to_string(PartitionState state) {
    switch (state) {
        case PartitionState::kNotActivated:
            return "Not Activated";
        case PartitionState::kStarting:
            return "Starting";
        case PartitionState::kRunning:
            return "Running";
        case PartitionState::kShuttingDown:
            return "Shutting Down";
        case PartitionState::kError:
            return "Error";
    }
    return "";
}

}  // namespace pvmsim::hypervisor
