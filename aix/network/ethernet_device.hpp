// EthernetDevice: any "entN" that can send frames and be stood upon: virtual (l-lan), physical, EtherChannel, SEA.
//
// One user stands on a device: an interface, an EtherChannel or a SEA. Frames carry the tag they have on this device:
// none for the port VLAN, the 802.1Q tag for others.
#pragma once

#include "aix/network/ethernet_tally.hpp"
#include "aix/os/device.hpp"
#include "fabric/wire/ethernet.hpp"

namespace pvmsim::aix {

class EthernetDevice;
class NetworkInterface;

class EthernetUser {
  public:
    virtual ~EthernetUser() = default;
    virtual void on_frame(EthernetDevice& device, const wire::Frame& frame) = 0;
    /// The link below came or went. Virtual adapters never lose theirs. "Up" may be said again when traffic now takes
    /// another way (an EtherChannel's backup adapter): tell the outside where you are.
    virtual void on_link(EthernetDevice& device, bool up) = 0;
};

class EthernetDevice : public Device {
  public:
    using Device::Device;

    /// One user only; nullptr takes it away.
    void attach(EthernetUser* user) { user_ = user; }
    [[nodiscard]] bool attached() const { return user_ != nullptr; }
    /// Who stands on the device; nullptr: nobody.
    [[nodiscard]] const EthernetUser* user() const { return user_; }

    /// False when the frame was lost here (no link, no taker).
    virtual bool send(const wire::Frame& frame) = 0;
    [[nodiscard]] virtual bool link_up() const = 0;
    [[nodiscard]] virtual wire::MacAddress mac() const = 0;
    /// Largest MTU of an interface on the device; `is_tagged`: its frames carry a tag.
    [[nodiscard]] virtual std::uint32_t mtu_max(bool /*is_tagged*/) const { return wire::kStandardMtu; }
    /// True when it cuts trains of TCP segments for the wire itself (largesend).
    [[nodiscard]] virtual bool cuts_segments() const { return false; }
    /// Off and on again (adapter_reset). Nothing for a virtual adapter.
    virtual void reset_link() {}
    /// An interface with an address stands on the device from now on: a device that pings uses it.
    virtual void on_interface(NetworkInterface&) {}
    /// What it carried itself; zeros for a device over others, whose figures are theirs (ethernet_statistics.hpp).
    [[nodiscard]] const EthernetTally& tally() const { return tally_; }

  protected:
    EthernetTally tally_;
    EthernetUser* user_ = nullptr;
};

}  // namespace pvmsim::aix
