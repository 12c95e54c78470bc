// The names of states and causes, as switches print them.
// A value without a name is our own mistake.
#include "fabric/lan/port_report.hpp"

#include "sim/base/assert.hpp"

namespace pvmsim::fabric {

std::string_view to_string(PortState state) {
    switch (state) {
        case PortState::kDisabled:
            return "disabled";
        case PortState::kBlocking:
            return "blocking";
        case PortState::kListening:
            return "listening";
        case PortState::kLearning:
            return "learning";
        case PortState::kForwarding:
            return "forwarding";
    }
    PVMSIM_ASSERT(!"a port state without a name");
    return {};
}

std::string_view to_string(ErrorCause cause) {
    switch (cause) {
        case ErrorCause::kNone:
            return "";
        case ErrorCause::kBpduGuard:
            return "bpduguard";
        case ErrorCause::kMacFlap:
            return "mac-flap";
        case ErrorCause::kStormControl:
            return "storm-control";
    }
    PVMSIM_ASSERT(!"a cause without a name");
    return {};
}

std::string_view to_string(LacpState state) {
    switch (state) {
        case LacpState::kNone:
            return "";
        case LacpState::kWaiting:
            return "waiting";
        case LacpState::kBundled:
            return "bundled";
        case LacpState::kSuspended:
            return "suspended";
        case LacpState::kIndividual:
            return "individual";
        case LacpState::kMismatched:
            return "mismatched";
    }
    PVMSIM_ASSERT(!"a state of a channel's port without a name");
    return {};
}

std::string_view to_string(LanDrop reason) {
    switch (reason) {
        case LanDrop::kNotForwarding:
            return "not forwarding";
        case LanDrop::kNotBundled:
            return "not in its channel";
        case LanDrop::kTaggedOnAccess:
            return "tag on an access port";
        case LanDrop::kVlanUnknown:
            return "VLAN unknown to the switch";
        case LanDrop::kVlanNotAllowed:
            return "VLAN not allowed on the trunk";
        case LanDrop::kStorm:
            return "storm";
        case LanDrop::kLacpIgnored:
            return "LACP ignored";
        case LanDrop::kTooLong:
            return "too long";
    }
    PVMSIM_ASSERT(!"a reason without a name");
    return {};
}

}  // namespace pvmsim::fabric
