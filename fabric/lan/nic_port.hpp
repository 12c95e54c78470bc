// NicPort: an Ethernet port at the end of a cable, seen from the station that owns it (a server's adapter port, a
// host).
//
// The driver enables the port (light on); the LAN decides whether there is carrier: cable whole in both directions,
// peer port on, switch powered. Frames sent without carrier are lost, as on a real wire. Its speed is told by it and
// limits flows; frames that are sent as such take no time on the wire (docs/model/lan.md).
#pragma once

#include <cstdint>
#include <string>

#include "fabric/lan/events.hpp"
#include "fabric/wire/ethernet.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::fabric {

class Lan;
class NicPort;

inline constexpr std::uint32_t kGigabitMbps = 1000;

/// What the owner of a port implements.
class NicPortOwner {
  public:
    virtual ~NicPortOwner() = default;
    /// A frame arrived. The tag is as on the wire.
    virtual void on_frame(NicPort& port, const wire::Frame& frame) = 0;
    /// Carrier came or went. Called only while the port is enabled, and once at enabling if there is carrier.
    virtual void on_carrier(NicPort& port, bool up) = 0;
};

class NicPort : public sim::Entity {
  public:
    /// Created by Lan::add_nic_port.
    NicPort(sim::Engine& engine, Lan& lan, NicPortId id, std::string path, wire::MacAddress mac);

    void attach(NicPortOwner* owner) { owner_ = owner; }
    /// The driver turns the port on or off; off takes the carrier from both ends. Both may be repeated.
    void enable();
    void disable();
    /// Off and on again, as a driver does at a reset: the switch sees the link go down and come back.
    void reset();

    [[nodiscard]] NicPortId id() const { return id_; }
    [[nodiscard]] bool enabled() const { return enabled_; }
    [[nodiscard]] bool carrier() const { return carrier_; }
    [[nodiscard]] wire::MacAddress mac() const { return mac_; }
    [[nodiscard]] sim::EntityId entity() const { return entity_; }
    [[nodiscard]] const std::string& path() const { return path_; }
    /// Of the link, while there is one; before the run.
    void set_speed_mbps(std::uint32_t mbps) { speed_mbps_ = mbps; }
    [[nodiscard]] std::uint32_t speed_mbps() const { return speed_mbps_; }

    /// Puts a frame on the wire; false (and lost) without carrier.
    bool send(const wire::Frame& frame);

    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

    /// The LAN's word on the carrier; tells the owner when it changed.
    void set_carrier(bool up);

  private:
    sim::Engine& engine_;
    Lan& lan_;
    NicPortId id_;
    std::string path_;
    wire::MacAddress mac_;
    sim::EntityId entity_;
    NicPortOwner* owner_ = nullptr;
    std::uint32_t speed_mbps_ = kGigabitMbps;
    bool enabled_ = false;
    bool carrier_ = false;
};

}  // namespace pvmsim::fabric
