// A switch's port channels: who is a member, what LACP's silence means, and what a mismatch costs.
//
// The switch answers each LACP frame of its station and asks nothing by itself. Of 802.1AX's machines the coupled
// control of the mux: a port is in its channel while its station says that it is in synchronisation, so nothing is sent
// to one that still waits; the switch's own wait lies within the station's. A port whose station is silent is suspended
// or stands alone, as configured; its light stays on, which is why a station that speaks no LACP loses frames there
// without knowing. Sources: IEEE 802.1AX; docs/model/network-outside.md.
#include <algorithm>
#include <string>
#include <utility>

#include "fabric/lan/ethernet_switch.hpp"
#include "fabric/lan/lan_parameters.hpp"
#include "fabric/wire/lacp.hpp"

namespace pvmsim::fabric {

bool EthernetSwitch::carries_frames(const Port& port) const {
    if (port.state != PortState::kForwarding) return false;
    return port.lacp == LacpState::kNone || port.lacp == LacpState::kBundled || port.lacp == LacpState::kIndividual;
}

SwitchPort EthernetSwitch::leader_of(SwitchPort id) const {
    return at(id).lacp == LacpState::kIndividual ? id : at(id).leader;
}

void EthernetSwitch::begin_lacp(SwitchPort id) {
    Port& port = at(id);
    if (!port.config.lacp || port.config.channel_group == 0 || port.lacp == LacpState::kMismatched) return;
    engine_.cancel(port.lacp_timer);
    if (!port.link) {
        port.lacp = LacpState::kNone;
        return;
    }
    // What was up before time 0 had its partner; if that is silent, it shows at once.
    port.lacp = engine_.now() == sim::kStartOfRun ? LacpState::kBundled : LacpState::kWaiting;
    expect_partner(id, kLacpShortTimeout);
}

void EthernetSwitch::expect_partner(SwitchPort id, sim::Duration within) {
    Port& port = at(id);
    port.lacp_deadline = engine_.now() + within;
    engine_.cancel(port.lacp_timer);
    port.lacp_timer = engine_.schedule_in(within, entity_, LacpPartnerDue{id});
}

void EthernetSwitch::hear_lacp(SwitchPort id, const wire::Frame& frame) {
    Port& port = at(id);
    if (!port.config.lacp || port.config.channel_group == 0) {
        port.counters.drop(LanDrop::kLacpIgnored);
        if (std::exchange(port.told_lacp_ignored, true)) return;
        engine_.trace().milestone(engine_.now(), path_, "lacp-ignored",
                                  "port to " + port.peer.name + " does not speak LACP: its station gets no answer",
                                  {{"port", static_cast<std::int64_t>(id.value())}});
        return;
    }
    wire::Frame answer = frame;
    answer.destination = frame.source;
    answer.source = wire::MacAddress::from_integer(kSwitchMacBase + id_.value());
    answer.data = answer.source.to_integer();  // the system that answers: links to two of them are no aggregate
    answer.priority = port.config.lacp_fast ? kLacpWantsFast : 0;
    answer.serial = wire::kLacpInSync;
    put_on_wire(port, answer);
    if (port.lacp == LacpState::kMismatched) return;
    expect_partner(id, port.config.lacp_fast ? kLacpShortTimeout : kLacpLongTimeout);
    const bool in_sync = (frame.serial & wire::kLacpInSync) != 0;
    const auto before = std::exchange(port.lacp, in_sync ? LacpState::kBundled : LacpState::kWaiting);
    if (before == port.lacp) return;
    if (before == LacpState::kIndividual) mac_table_.forget(id);
    if (!in_sync) forget_unless_reachable(port.leader);
    engine_.trace().milestone(engine_.now(), path_, "lacp-partner",
                              "port to " + port.peer.name +
                                  (in_sync ? " is in its channel: its partner uses the link"
                                           : " is not in its channel: its partner speaks, but does not use it yet"),
                              {{"port", static_cast<std::int64_t>(id.value())}});
}

void EthernetSwitch::on_partner_due(SwitchPort id) {
    Port& port = at(id);
    port.lacp_timer = {};
    PVMSIM_ASSERT(engine_.now() >= port.lacp_deadline);
    const bool alone = port.config.lacp_silent == LacpSilent::kIndividual;
    const auto group = port.leader;
    port.lacp = alone ? LacpState::kIndividual : LacpState::kSuspended;
    forget_unless_reachable(group);
    engine_.trace().milestone(engine_.now(), path_, "lacp-partner",
                              "port to " + port.peer.name + " hears no LACP: " +
                                  (alone ? "it stands alone, out of its channel" : "suspended, its light stays on"),
                              {{"port", static_cast<std::int64_t>(id.value())}});
}

void EthernetSwitch::forget_unless_reachable(SwitchPort leader) {
    const auto reaches = [&](const Port& port) {
        return port.leader == leader && port.link &&
               (port.lacp == LacpState::kNone || port.lacp == LacpState::kBundled);
    };
    if (std::ranges::none_of(ports_, reaches)) mac_table_.forget(leader);
}

}  // namespace pvmsim::fabric
