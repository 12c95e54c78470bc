// InternetExtension: "inet0", what the interfaces of one system have in common: default routes and active dead gateway
// detection (route -active_dgd; IBM "Dead gateway detection").
//
// A packet for no interface's network goes by the living default route of lowest cost, then the one added first. A
// gateway with detection is pinged every dgd_ping_time seconds; one that does not answer is pinged faster, and after
// dgd_packets_lost in a row its routes' cost is raised to the maximum, until it answers again. Absent: passive
// detection (it needs TCP), routes to single networks, multipath routing over routes of equal cost.
// docs/model/network-client.md
#pragma once

#include <cstdint>
#include <vector>

#include "aix/network/interface.hpp"

namespace pvmsim::aix {

struct DefaultRoute {
    wire::Ipv4Address gateway;
    NetworkInterface* interface = nullptr;
    std::uint32_t cost = 0;   ///< route -hopcount
    bool active_dgd = false;  ///< route -active_dgd
};

struct GatewayCounters {
    std::uint64_t packets = 0;  ///< forwarded by this route
    std::uint64_t pings_sent = 0;
    std::uint64_t pings_lost = 0;
    std::uint64_t deaths = 0;
};

class InternetExtension : public Device, public InterfaceUser {
  public:
    static constexpr std::size_t kRoutesMax = 32;  ///< [PARAM]
    /// [PARAM] how long an answer is waited for, and the pace of pings while it does not come.
    static constexpr sim::Duration kPingWait{1'000'000'000};

    InternetExtension(OperatingSystem& os, std::string name);

    /// Interfaces and routes are given before the system boots. A route's interface must have been added.
    void add_interface(NetworkInterface& interface);
    void add_route(const DefaultRoute& route);

    /// By the best default route; lost when there is none.
    void forward(const wire::Frame& packet);
    /// The interface that has the address; nullptr: not ours.
    [[nodiscard]] NetworkInterface* interface_of(wire::Ipv4Address address) const;

    [[nodiscard]] std::size_t route_count() const { return routes_.size(); }
    [[nodiscard]] const DefaultRoute& route(std::size_t index) const { return routes_.at(index).config; }
    [[nodiscard]] bool is_dead(std::size_t index) const { return routes_.at(index).dead; }
    [[nodiscard]] const GatewayCounters& counters(std::size_t index) const { return routes_.at(index).counters; }
    /// The route that packets take now; nullptr: none.
    [[nodiscard]] const DefaultRoute* best_route() const;
    [[nodiscard]] std::uint64_t unroutable() const { return unroutable_; }
    [[nodiscard]] std::string_view description() const override { return "Internet Network Extension"; }

    void on_answer(const wire::Frame& frame) override;
    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

  protected:
    void on_configure() override;
    void on_unconfigure() override;

  private:
    struct Route {
        DefaultRoute config;
        bool dead = false;
        bool awaited = false;      ///< the last ping has no answer yet
        std::uint32_t missed = 0;  ///< in a row
        std::uint32_t serial = 0;
        bool waits = false;  ///< the timer is the end of kPingWait, not the next round
        sim::EventHandle timer{};
        GatewayCounters counters{};
    };
    [[nodiscard]] std::size_t best_index() const;
    void ask(std::uint32_t index);
    void look(std::uint32_t index);
    void revive(Route& route);

    std::vector<NetworkInterface*> interfaces_;
    std::vector<Route> routes_;
    std::uint64_t unroutable_ = 0;
};

}  // namespace pvmsim::aix
