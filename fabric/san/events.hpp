// Events and ids of the SAN.
// Addresses are FcIds; who they belong to is the SAN's knowledge, looked up again at arrival.
#pragma once

#include <cstdint>
#include <string_view>

#include "fabric/wire/scsi.hpp"
#include "fabric/wire/wwn.hpp"
#include "sim/base/strong_id.hpp"
#include "sim/engine/event.hpp"

namespace pvmsim::fabric {

struct FcPortIdTag;
using FcPortId = sim::StrongId<FcPortIdTag>;
struct FcSwitchIdTag;
using FcSwitchId = sim::StrongId<FcSwitchIdTag>;
struct SanFabricIdTag;
using SanFabricId = sim::StrongId<SanFabricIdTag>;

/// fabric -> port: the answer to a FLOGI (first login of a port) or FDISC (further, NPIV). kNoFcId: rejected.
struct LoginAnswered {
    static constexpr std::string_view kName = "fabric-login-answered";
    wire::Wwpn wwpn;
    wire::FcId fc_id;
    std::uint32_t reserved = 0;
};

/// initiator -> target port: a command, already past zoning and routing.
struct FcpCommand {
    static constexpr std::string_view kName = "fcp-command";
    wire::FcId source;
    wire::FcId destination;
    wire::ScsiCommand command;
};

/// target -> initiator port.
struct FcpResponse {
    static constexpr std::string_view kName = "fcp-response";
    wire::FcId source;
    wire::FcId destination;
    wire::ScsiResponse response;
};

/// fabric -> port: a zoned partner of this login came, went or moved (RSCN).
struct StateChangeNotice {
    static constexpr std::string_view kName = "state-change-notice";
    wire::FcId to;       ///< the login that is told
    wire::FcId changed;  ///< whose state changed
};

}  // namespace pvmsim::fabric
