// What a switch does against those who connect what should not be connected: addresses that flap, BPDUs where no switch
// should be, and the err-disable state of a port.
//
// BPDUs say only that a switch is at the other end: the tree itself is the Lan's. They leave by the ports to stations,
// untagged and tagged with the VLANs of the allowed list (per-VLAN spanning tree), and only where some port of the LAN
// is guarded, since nobody else listens. Sources: the usual switch documentation; docs/model/network-outside.md.
#include <algorithm>
#include <string>
#include <tuple>

#include "fabric/lan/ethernet_switch.hpp"
#include "fabric/lan/lan.hpp"
#include "fabric/lan/lan_parameters.hpp"

namespace pvmsim::fabric {
namespace {

constexpr std::uint64_t kBridgeGroupAddress = 0x01'80'c2'00'00'00;

}  // namespace

void EthernetSwitch::note_move(SwitchPort to, wire::VlanId vlan, wire::MacAddress mac, const MacTable::Move& move) {
    ++at(to).counters.moves_here;
    if (move.moves < config_.mac_flap_moves_max) return;
    report_flap(to, vlan, mac, move.from);
    if (!config_.mac_flap_err_disable) return;
    // Cutting off a switch would take many down with the one at fault.
    const bool other_end = at(to).peer.is_switch && !at(move.from).peer.is_switch;
    err_disable(other_end ? move.from : to, ErrorCause::kMacFlap);
}

void EthernetSwitch::report_flap(SwitchPort to, wire::VlanId vlan, wire::MacAddress mac, SwitchPort from) {
    const auto now = engine_.now();
    const auto key_of = [](const FlapReport& flap) { return std::tuple(flap.vlan, flap.mac); };
    auto flap = std::ranges::lower_bound(flaps_, std::tuple(vlan, mac), {}, key_of);
    const bool known = flap != flaps_.end() && key_of(*flap) == std::tuple(vlan, mac);
    if (!known && flaps_.size() < kFlapReportsMax)
        flap = flaps_.insert(flap, {.vlan = vlan, .mac = mac, .from = from, .to = to, .first = now, .last = now});
    if (known || (flap != flaps_.end() && key_of(*flap) == std::tuple(vlan, mac))) {
        flap->from = from;
        flap->to = to;
        flap->last = now;
        ++flap->moves;
    }
    auto told = std::ranges::find(flaps_told_, vlan, &FlapTold::vlan);
    const bool quiet_before = told == flaps_told_.end() || now - told->last >= kFlapQuiet;
    if (told == flaps_told_.end()) told = flaps_told_.insert(told, {vlan, now});
    told->last = now;
    if (!quiet_before) return;
    engine_.trace().milestone(engine_.now(), path_, "mac-flapping",
                              "address " + mac.to_string() + " flaps in VLAN " + std::to_string(vlan.value()) +
                                  " between the ports to " + at(from).peer.name + " and " + at(to).peer.name,
                              {{"vlan", static_cast<std::int64_t>(vlan.value())},
                               {"from", static_cast<std::int64_t>(from.value())},
                               {"to", static_cast<std::int64_t>(to.value())}});
}

void EthernetSwitch::start_hello() {
    if (hello_ || !config_.spanning_tree) return;
    hello_ = true;
    engine_.schedule_in(kHelloTime, entity_, BpduHello{});
}

void EthernetSwitch::send_bpdus() {
    engine_.schedule_in(kHelloTime, entity_, BpduHello{});
    if (!powered_) return;
    wire::Frame bpdu;
    bpdu.destination = wire::MacAddress::from_integer(kBridgeGroupAddress);
    bpdu.source = wire::MacAddress::from_integer(kSwitchMacBase + id_.value());
    bpdu.type = wire::FrameType::kBpdu;
    bpdu.data = id_.value();
    for (auto& port : ports_) {
        if (!port.link || port.peer.is_switch) continue;
        bpdu.vlan = wire::kUntagged;
        put_on_wire(port, bpdu);
        if (!port.config.trunk) continue;
        const auto count = std::min(port.config.allowed_vlans.size(), kBpduVlansMax);
        for (std::size_t i = 0; i < count; ++i) {
            bpdu.vlan = port.config.allowed_vlans[i];
            if (bpdu.vlan != port.config.native_vlan && vlans_[bpdu.vlan.value()]) put_on_wire(port, bpdu);
        }
    }
}

void EthernetSwitch::hear_bpdu(SwitchPort id) {
    Port& port = at(id);
    ++port.counters.bpdus_in;
    if (port.config.bpdu_guard && is_edge(port)) err_disable(id, ErrorCause::kBpduGuard);
}

void EthernetSwitch::err_disable(SwitchPort id, ErrorCause cause) {
    Port& port = at(id);
    if (port.error != ErrorCause::kNone) return;
    port.error = cause;
    ++port.counters.err_disables;
    if (config_.err_disable_recovery)
        port.error_timer = engine_.schedule_in(*config_.err_disable_recovery, entity_, ErrDisableOver{id});
    engine_.trace().milestone(engine_.now(), path_, "err-disabled",
                              "port to " + port.peer.name + " error-disabled: " + std::string(to_string(cause)),
                              {{"port", static_cast<std::int64_t>(id.value())}, {"cause", to_string(cause)}});
    lan_.port_error_changed(id_, id);
}

void EthernetSwitch::clear_error(SwitchPort id) {
    engine_.cancel(at(id).error_timer);
    at(id).error = ErrorCause::kNone;
}

void EthernetSwitch::on_err_disable_over(SwitchPort id) {
    Port& port = at(id);
    port.error_timer = {};
    const auto cause = std::exchange(port.error, ErrorCause::kNone);
    engine_.trace().milestone(engine_.now(), path_, "err-disable-over",
                              "port to " + port.peer.name + " is tried again after " + std::string(to_string(cause)),
                              {{"port", static_cast<std::int64_t>(id.value())}});
    lan_.port_error_changed(id_, id);
}

}  // namespace pvmsim::fabric
