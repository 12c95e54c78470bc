// Stations that write down what they hear, and a LAN to plug them into.
// A frame takes 7 us from station to station through one switch.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "fabric/lan/lan.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::fabric {

class Listener : public NicPortOwner {
  public:
    void on_frame(NicPort&, const wire::Frame& frame) override { heard.push_back(frame); }
    void on_carrier(NicPort&, bool up) override { carrier.push_back(up); }

    std::vector<wire::Frame> heard;
    std::vector<bool> carrier;
};

struct Station {
    NicPort* port = nullptr;
    Listener* ears = nullptr;
    CableId cable{};

    [[nodiscard]] const std::vector<wire::Frame>& heard() const { return ears->heard; }
    [[nodiscard]] wire::MacAddress mac() const { return port->mac(); }
};

inline SwitchPortConfig access(std::uint16_t vlan) { return {.native_vlan = wire::VlanId{vlan}, .allowed_vlans = {}}; }
inline SwitchPortConfig trunk(std::vector<std::uint16_t> allowed, std::uint16_t native = 1) {
    SwitchPortConfig config{.trunk = true, .native_vlan = wire::VlanId{native}, .allowed_vlans = {}};
    for (auto vlan : allowed) config.allowed_vlans.push_back(wire::VlanId{vlan});
    return config;
}
inline SwitchPortConfig slow(SwitchPortConfig config) {
    config.portfast = false;
    return config;
}

inline wire::Frame frame_to(wire::MacAddress destination, std::uint16_t tag = 0) {
    wire::Frame frame;
    frame.destination = destination;
    frame.vlan = wire::VlanId{tag};
    return frame;
}
inline wire::Frame broadcast(std::uint16_t tag = 0) { return frame_to(wire::MacAddress::broadcast(), tag); }

class LanTest : public testing::Test {
  protected:
    SwitchId add_switch(const std::string& name, bool spanning_tree = true) {
        SwitchConfig config;
        config.name = name;
        config.spanning_tree = spanning_tree;
        return lan.add_switch(config);
    }
    /// An enabled station; the n-th has the MAC address 0x26...n.
    Station plug(SwitchId to, SwitchPortConfig config = {}) {
        ++stations_;
        listeners_.push_back(std::make_unique<Listener>());
        Station station;
        station.ears = listeners_.back().get();
        station.port = &lan.add_nic_port("station" + std::to_string(stations_),
                                         wire::MacAddress::from_integer(0x26'00'00'00'00'00 + stations_));
        station.port->attach(station.ears);
        station.cable = lan.connect(*station.port, to, std::move(config));
        station.port->enable();
        return station;
    }
    bool send(Station& from, wire::Frame frame) {
        frame.source = from.mac();
        return from.port->send(frame);
    }
    void run(sim::Duration span) { engine.run_until(engine.now() + span); }
    /// Sends and lets everything arrive.
    bool deliver(Station& from, const wire::Frame& frame) {
        const bool sent = send(from, frame);
        run(std::chrono::milliseconds(1));
        return sent;
    }
    [[nodiscard]] SwitchPort port(std::uint32_t number) const { return SwitchPort{number}; }

    sim::Engine engine{1};
    Lan lan{engine};

  private:
    std::uint64_t stations_ = 0;
    std::vector<std::unique_ptr<Listener>> listeners_;
};

}  // namespace pvmsim::fabric
