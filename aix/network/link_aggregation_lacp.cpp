// LACP as an aggregation speaks it (behaviour 3.5): it talks every interval, 30 s or 1 s, and a partner silent for
// three intervals is out. A link joins aggregate_wait_time (IEEE 802.1AX) after its partner's first word. Only the
// links to one partner system aggregate: that of the first joined adapter. A partner is told at once whether its link
// is in the aggregate (synchronisation), as it sends on it only then. Left out: keys, priorities, marker protocol.
#include "aix/network/events.hpp"
#include "aix/network/link_aggregation.hpp"
#include "aix/os/operating_system.hpp"
#include "fabric/wire/lacp.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::aix {
namespace {

constexpr auto kSlowProtocols = wire::MacAddress::from_integer(0x0180'c200'0002);

}  // namespace

void LinkAggregation::start_lacp() {
    lacp_timer_ = engine().schedule_in(lacp_interval_, entity(), LacpTimer{});
    for (auto& member : members_) {
        member.joined = os().settled_start() && member.device->link_up();
        member.partner = 0;
        member.last_heard = now();
        greet(member);
    }
    select_partner();
}

void LinkAggregation::select_partner() {
    for (const auto& member : members_) {
        if (!member.joined || !member.device->link_up() || member.partner == 0) continue;
        partner_ = member.partner;
        return;
    }
}

void LinkAggregation::greet(Member& member) {
    if (!member.device->link_up()) return;
    wire::Frame frame;
    frame.destination = kSlowProtocols;
    frame.source = member.device->mac();
    frame.type = wire::FrameType::kLacp;
    frame.serial = usable(member) ? wire::kLacpInSync : 0;
    if (member.device->send(frame)) ++lacp_counters_.transmitted;
}

void LinkAggregation::hear_partner(Member& member, const wire::Frame& frame) {
    if (mode_ != Mode::k8023ad) return;
    ++lacp_counters_.received;
    member.last_heard = now();
    const bool is_other_partner = member.partner != frame.data;
    member.partner = frame.data;
    if (member.joined) return is_other_partner ? advance() : void();
    if (member.is_joining) return;
    const auto index = static_cast<std::uint32_t>(&member - members_.data());
    member.is_joining = true;
    member.join_timer = engine().schedule_in(kLacpJoinWait, entity(), LacpAttach{index});
}

void LinkAggregation::leave(Member& member) {
    engine().cancel(member.join_timer);
    member.is_joining = false;
    member.joined = false;
}

void LinkAggregation::look_for_silent_partners() {
    lacp_timer_ = engine().schedule_in(lacp_interval_, entity(), LacpTimer{});
    for (auto& member : members_) {
        if (member.joined && now() - member.last_heard >= kLacpIntervalsMax * lacp_interval_) {
            leave(member);
            milestone("lacp-partner-lost", member.device->name() + ": no word from the switch, out of the aggregate");
        }
        // Whose part in the aggregate has changed, advance() greets.
        if (member.was_usable == usable(member)) greet(member);
    }
    advance();
}

void LinkAggregation::on_event(const sim::Event& event) {
    if (event.is<LacpTimer>()) return look_for_silent_partners();
    if (event.is<AggregationPingDue>()) return ping();
    const auto* attach = event.as<LacpAttach>();
    PVMSIM_ASSERT(attach != nullptr);
    auto& member = members_.at(attach->member);
    member.is_joining = false;
    member.joined = member.device->link_up();
    advance();
    if (!member.joined || usable(member)) return;
    milestone("lacp-other-partner",
              member.device->name() + ": leads to another switch than the others, not aggregated");
}

}  // namespace pvmsim::aix
