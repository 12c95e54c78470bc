// FcTransport: how fscsi reaches targets: over the port's own login (FcAdapter) or over a VIOS (VirtualFcClient).
//
// Both find targets and units, carry commands to an address and bring responses back by tag. Neither retries, waits or
// times out: that is fscsi's job (fscsi.hpp). All news arrives in events of the adapter, never inside a call of fscsi.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "aix/storage/initiator.hpp"
#include "fabric/wire/scsi.hpp"
#include "fabric/wire/wwn.hpp"

namespace pvmsim::aix {

/// A target port that can be reached now.
struct FcTarget {
    wire::Wwpn wwpn;
    wire::FcId address;
    std::uint32_t login_serial = 0;  ///< differs after the target has logged in anew
};

/// What a discovery found, complete: a target that is not in it cannot be reached.
struct FcDiscovery {
    std::vector<FcTarget> targets;
    std::vector<DiscoveredUnit> units;
};

/// Who sits on a transport: fscsi.
class FcTransportUser {
  public:
    virtual ~FcTransportUser() = default;
    /// Logged in to the fabric: time to discover.
    virtual void on_ready() = 0;
    /// The fabric is out of reach; it may come back. Commands under way are lost.
    virtual void on_link_lost() = 0;
    /// The adapter's other half is gone (a VIOS that died). Commands under way are lost.
    virtual void on_server_lost() = 0;
    /// Some partner came, went or moved: discover again.
    virtual void on_state_change() = 0;
    virtual void on_discovered(const FcDiscovery& found) = 0;
    /// kTransportError: the command did not get as far as the target.
    virtual void on_response(std::uint32_t tag, wire::ScsiStatus status) = 0;
};

class FcTransport {
  public:
    virtual ~FcTransport() = default;
    virtual void attach(FcTransportUser& user) = 0;
    [[nodiscard]] virtual const std::string& transport_name() const = 0;
    /// There is light, or a server: a login is to be expected soon, if it is not there yet.
    [[nodiscard]] virtual bool connected() const = 0;
    /// Logged in to the fabric.
    [[nodiscard]] virtual bool ready() const = 0;
    [[nodiscard]] virtual wire::Wwpn wwpn() const = 0;
    /// Commands the adapter takes at once (num_cmd_elems).
    [[nodiscard]] virtual std::uint32_t commands_max() const = 0;
    /// Looks for targets and units; the answer is on_discovered, or on_link_lost or on_server_lost if it comes to that.
    /// While one is under way a second call changes nothing. Needs ready(), else does nothing.
    virtual void discover() = 0;
    /// False when the command could not even leave.
    [[nodiscard]] virtual bool send(wire::FcId target, const wire::ScsiCommand& command) = 0;
};

}  // namespace pvmsim::aix
