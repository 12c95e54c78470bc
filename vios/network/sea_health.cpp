// What a Shared Ethernet Adapter knows of the world behind its real adapter: link, ping of netaddr, and what it does to
// turn the outside's traffic towards itself after a takeover: reset of the adapter, reverse ARPs (behaviour 3.3).
#include "aix/os/operating_system.hpp"
#include "vios/network/events.hpp"
#include "vios/network/sea.hpp"

namespace pvmsim::vios {

void SharedEthernetAdapter::on_link(aix::EthernetDevice& device, bool up) {
    if (!available() || closed_ || &device != &real_) return;
    failover_.check_awake();
    if (!up && resetting_) return;
    if (up) resetting_ = false;
    failover_.on_health_changed();
    if (user_ != nullptr) user_->on_link(*this, up);
    if (up && bridging()) send_reverse_arps();
}

void SharedEthernetAdapter::move_traffic_here() {
    if (attributes().is("adapter_reset", "yes")) {
        resetting_ = true;
        pings_excused_ = true;
        engine().cancel(reset_timer_);
        reset_timer_ = engine().schedule_in(kResetPatience, entity(), SeaResetOver{});
        real_.reset_link();
        if (real_.link_up()) resetting_ = false;
    }
    if (real_.link_up()) send_reverse_arps();  // Else when the link is back.
}

/// The outside switches learn where the clients are now.
void SharedEthernetAdapter::send_reverse_arps() {
    if (!attributes().is("send_RARP", "yes")) return;
    const auto& vswitch = os().system().virtual_ethernet();
    for (const auto* trunk : trunks_) {
        if (!bridges(*trunk)) continue;
        for (auto vlan : trunk->vlans()) {
            for (auto station : vswitch.stations_on(trunk->config().vswitch, vlan)) {
                wire::Frame frame;
                frame.destination = wire::MacAddress::broadcast();
                frame.source = station;
                frame.vlan = vlan == trunk->port_vlan_id() ? wire::kUntagged : vlan;
                frame.type = wire::FrameType::kReverseArp;
                send_to_real(frame);
            }
        }
    }
}

// --- netaddr ---

void SharedEthernetAdapter::start_pinging() {
    netaddr_ = ping_interface_ == nullptr ? std::nullopt : wire::parse_ipv4(attributes().get("netaddr"));
    pings_missed_ = 0;
    ping_awaited_ = false;
    ping_answered_ = true;
    if (netaddr_) ping_timer_ = engine().schedule_in(kPingInterval, entity(), SeaPingDue{});
}

void SharedEthernetAdapter::ping() {
    ping_timer_ = engine().schedule_in(kPingInterval, entity(), SeaPingDue{});
    if (!real_.link_up()) {  // The link's loss is known already, and says nothing about netaddr.
        ping_awaited_ = false;
        pings_missed_ = 0;
        return;
    }
    if (ping_awaited_ && !pings_excused_) ++pings_missed_;
    if (pings_missed_ >= kPingsMissedMax && ping_answered_) {
        ping_answered_ = false;
        report("no answer from " + wire::to_string(*netaddr_) + " to " + std::to_string(kPingsMissedMax) + " pings");
        failover_.on_health_changed();
    }
    ping_awaited_ = true;
    ping_interface_->send(wire::FrameType::kEchoRequest, *netaddr_, ++ping_serial_, 64);
}

void SharedEthernetAdapter::on_answer(const wire::Frame& frame) {
    if (!available() || closed_ || !netaddr_) return;
    if (frame.type != wire::FrameType::kEchoReply || frame.source_ip != *netaddr_) return;
    pings_missed_ = 0;
    ping_awaited_ = false;
    pings_excused_ = false;
    if (ping_answered_) return;
    ping_answered_ = true;
    failover_.on_health_changed();
}

}  // namespace pvmsim::vios
