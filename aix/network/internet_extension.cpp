// Default routes and active dead gateway detection; see internet_extension.hpp. "Pinged more rapidly" is one ping every
// kPingWait: a gateway that dies is noticed between three waits, and those and one dgd_ping_time, later.
#include "aix/network/internet_extension.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "aix/network/events.hpp"
#include "aix/odm/predefined.hpp"
#include "aix/os/operating_system.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::aix {
namespace {

constexpr std::uint32_t kSerialTag = 0xd000'0000;  ///< tells these pings from others of the same interface
constexpr std::uint32_t kTagMask = 0xff00'0000;
constexpr std::uint32_t kRouteShift = 16;
constexpr std::uint32_t kCountMask = 0xffff;
constexpr std::uint32_t kPingBytes = 64;

}  // namespace

InternetExtension::InternetExtension(OperatingSystem& os, std::string name)
    : Device(os, std::move(name), network_options()) {}

void InternetExtension::add_interface(NetworkInterface& interface) {
    PVMSIM_ASSERT(interface_of(interface.ip()) == nullptr);
    interfaces_.push_back(&interface);
    interface.set_routes(*this);
    interface.add_user(*this);
}

void InternetExtension::add_route(const DefaultRoute& route) {
    PVMSIM_ASSERT(!available());
    PVMSIM_ASSERT(routes_.size() < kRoutesMax);
    PVMSIM_ASSERT(std::ranges::find(interfaces_, route.interface) != interfaces_.end());
    routes_.push_back({.config = route});
}

NetworkInterface* InternetExtension::interface_of(wire::Ipv4Address address) const {
    const auto found = std::ranges::find(interfaces_, address, &NetworkInterface::ip);
    return found == interfaces_.end() ? nullptr : *found;
}

/// Dead routes have the highest cost, but are better than none.
std::size_t InternetExtension::best_index() const {
    std::size_t best = 0;
    const auto rank = [](const Route& route) { return std::pair(route.dead, route.dead ? 0u : route.config.cost); };
    for (std::size_t i = 1; i < routes_.size(); ++i)
        if (rank(routes_[i]) < rank(routes_[best])) best = i;
    return best;
}

const DefaultRoute* InternetExtension::best_route() const {
    return routes_.empty() ? nullptr : &routes_[best_index()].config;
}

void InternetExtension::forward(const wire::Frame& packet) {
    if (!available() || routes_.empty()) {
        ++unroutable_;
        return;
    }
    auto& route = routes_[best_index()];
    ++route.counters.packets;
    route.config.interface->send_by(route.config.gateway, packet);
}

void InternetExtension::on_configure() {
    unroutable_ = 0;
    for (std::uint32_t i = 0; i < routes_.size(); ++i) {
        routes_[i] = {.config = routes_[i].config};
        if (routes_[i].config.active_dgd) ask(i);
    }
}

void InternetExtension::on_unconfigure() {
    for (auto& route : routes_) engine().cancel(route.timer);
}

void InternetExtension::ask(std::uint32_t index) {
    auto& route = routes_[index];
    route.serial = (route.serial + 1) & kCountMask;
    route.awaited = true;
    route.waits = true;
    ++route.counters.pings_sent;
    route.timer = engine().schedule_in(kPingWait, entity(), GatewayPingDue{index});
    wire::Frame ping;
    ping.type = wire::FrameType::kEchoRequest;
    ping.source_ip = route.config.interface->ip();
    ping.destination_ip = route.config.gateway;
    ping.serial = kSerialTag | index << kRouteShift | route.serial;
    ping.size_bytes = kPingBytes;
    route.config.interface->send_by(route.config.gateway, ping);
}

void InternetExtension::look(std::uint32_t index) {
    auto& route = routes_[index];
    if (!std::exchange(route.waits, false)) return ask(index);
    if (route.awaited) {
        ++route.counters.pings_lost;
        ++route.missed;
        if (!route.dead && route.missed >= static_cast<std::uint64_t>(attributes().integer("dgd_packets_lost"))) {
            route.dead = true;
            ++route.counters.deaths;
            milestone("gateway-dead", wire::to_string(route.config.gateway) + " over " +
                                          route.config.interface->name() + ": no answer, its route is avoided");
        }
        if (!route.dead) return ask(index);
    }
    const std::chrono::seconds ping_time{attributes().integer("dgd_ping_time")};
    const auto rest = std::max(sim::Duration::zero(), sim::Duration{ping_time} - kPingWait);
    route.timer = engine().schedule_in(rest, entity(), GatewayPingDue{index});
}

void InternetExtension::revive(Route& route) {
    route.dead = false;
    milestone("gateway-alive", wire::to_string(route.config.gateway) + " over " + route.config.interface->name() +
                                   ": answers again, its route is used as before");
}

void InternetExtension::on_answer(const wire::Frame& frame) {
    if (!available() || frame.type != wire::FrameType::kEchoReply || (frame.serial & kTagMask) != kSerialTag) return;
    const auto index = (frame.serial & ~kTagMask) >> kRouteShift;
    if (index >= routes_.size()) return;
    auto& route = routes_[index];
    if (frame.source_ip != route.config.gateway) return;
    route.awaited = false;
    route.missed = 0;
    if (route.dead) revive(route);
}

void InternetExtension::on_event(const sim::Event& event) {
    const auto* due = event.as<GatewayPingDue>();
    PVMSIM_ASSERT(due != nullptr);
    look(due->route);
}

void InternetExtension::digest(sim::Digest& digest) const {
    Device::digest(digest);
    for (const auto& route : routes_) {
        digest.add(route.dead);
        digest.add(route.awaited);
        digest.add(route.waits);
        digest.add(route.missed);
        digest.add(route.serial);
        digest.add(route.counters.packets);
    }
    digest.add(unroutable_);
}

}  // namespace pvmsim::aix
