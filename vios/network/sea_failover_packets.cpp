// What a Shared Ethernet Adapter does on each control packet, by state; the states themselves are in sea_failover.cpp.
// Kinds of packets after formats A.8, their bits are ours.
#include <algorithm>

#include "sim/base/assert.hpp"
#include "vios/network/sea_failover.hpp"

namespace pvmsim::vios {
namespace {

// One byte a field, lowest first: kind, state, standby, priority; then four for the definitions.
constexpr unsigned kStateShift = 8;
constexpr unsigned kStandbyShift = 16;
constexpr unsigned kPriorityShift = 24;
constexpr unsigned kDefinitionsShift = 32;

}  // namespace

std::uint64_t SeaPacket::encode() const {
    return static_cast<std::uint64_t>(kind) | static_cast<std::uint64_t>(state) << kStateShift |
           std::uint64_t{rank.standby} << kStandbyShift | std::uint64_t{rank.priority} << kPriorityShift |
           std::uint64_t{definitions} << kDefinitionsShift;
}

SeaPacket SeaPacket::decode(std::uint64_t word) {
    const auto byte = [word](unsigned shift) { return static_cast<std::uint8_t>(word >> shift & 0xff); };
    return {static_cast<SeaPacketKind>(byte(0)),
            static_cast<SeaState>(byte(kStateShift)),
            {byte(kStandbyShift) != 0, byte(kPriorityShift)},
            static_cast<std::uint32_t>(word >> kDefinitionsShift)};
}

void SeaFailover::on_packet(const SeaPacket& packet) {
    if (!started_) return;
    ++counters_.control_in;
    silent_since_ = engine_.now();
    if (woke_at_ == engine_.now()) return;  // Waited in our buffers while we were hung: old news.
    switch (packet.kind) {
        case SeaPacketKind::kKeepAlive:
            ++counters_.keep_alive_in;
            return on_keep_alive(packet);
        case SeaPacketKind::kRecovery:
            ++counters_.recovery_in;
            return on_recovery(packet);
        case SeaPacketKind::kNotify:
            ++counters_.notify_in;
            return on_notify();
        case SeaPacketKind::kLimbo:
            ++counters_.limbo_in;
            return on_limbo();
        case SeaPacketKind::kShareRequest:
            ++counters_.share_request_in;
            return on_share_request(packet);
        case SeaPacketKind::kShareGrant:
            ++counters_.share_grant_in;
            return on_share_grant();
        case SeaPacketKind::kShareRefusal:
            ++counters_.share_refusal_in;
            return on_share_refusal();
    }
}

void SeaFailover::on_keep_alive(const SeaPacket& packet) {
    const bool from_partner = packet.state == SeaState::kBackupSharing;  // Of somebody who is PRIMARY_SH, it thinks.
    if (!from_partner) primary_heard_ = packet;
    switch (state_) {
        case SeaState::kPrimary:
            if (packet.state == SeaState::kPrimary) return meet_other_primary(packet);
            if (from_partner) send(SeaPacketKind::kKeepAlive);  // It hears that we bridge everything.
            return;
        case SeaState::kPrimarySharing:
        case SeaState::kBackupSharing:
            return keep_alive_while_sharing(packet);
        case SeaState::kLimbo:
            // Nobody bridges our half, or the PRIMARY has not its trunk adapters.
            if (packet.state != SeaState::kPrimary || holds_a_trunk()) send(SeaPacketKind::kLimbo);
            return;
        case SeaState::kNotify:
            if (packet.state == SeaState::kPrimary) enter_backup("the other side is PRIMARY again");
            return;
        case SeaState::kUnhealthy:
            return arm_silence();
        case SeaState::kBackup:
            if (from_partner) return send(SeaPacketKind::kNotify);  // Nobody bridges our half.
            arm_silence();
            if (packet.state == SeaState::kPrimary) hand_trunks_over();
            wait_for_failback(packet);
            return ask_to_share(packet);
        case SeaState::kRecovery:
            arm_silence();
            if (!may_fail_back_from(packet)) become_backup_of(packet, "the other side is PRIMARY, and better now");
            return;
        case SeaState::kInit:
            if (!from_partner) keep_alive_in_init(packet);
            return;
    }
}

void SeaFailover::keep_alive_in_init(const SeaPacket& packet) {
    if (!may_fail_back_from(packet)) return become_backup_of(packet, "the other side is PRIMARY");
    if (!fresh_boot_ || !settings_.has_unhealthy) {
        enter_backup("the other side is PRIMARY for now");
        return wait_for_failback(packet);
    }
    enter(SeaState::kUnhealthy, "the other side is PRIMARY; healthy only after health_time");
    arm_silence();
    arm_phase(std::max(settings_.health_time, settings_.link_time));
}

void SeaFailover::meet_other_primary(const SeaPacket& packet) {
    if (packet.rank < settings_.rank) return step_down("the other side is PRIMARY, and better");
    if (settings_.rank < packet.rank) return send(SeaPacketKind::kKeepAlive);  // It hears that we are better.
    // With unequal priorities within a VIOS each trunk adapter has its own fight in the hypervisor.
    side_.activate_trunks(side_.trunks_ahead_of_others());
    if (!rivalry_told_) side_.report("both sides are PRIMARY with the same priority: a loop");
    rivalry_told_ = true;
}

/// The other side is there and healthy, but does not bridge.
void SeaFailover::on_recovery(const SeaPacket& packet) {
    const bool asks = packet.state == SeaState::kRecovery;
    if (shares()) enter_primary("the other side does not share any more");
    switch (state_) {
        case SeaState::kPrimary:
            if (!asks || settings_.rank <= packet.rank) return send(SeaPacketKind::kKeepAlive);
            enter(SeaState::kNotify, "the other side is healthy again, and better");
            arm_silence();
            return send(SeaPacketKind::kNotify);
        case SeaState::kNotify:
            return send(SeaPacketKind::kNotify);
        case SeaState::kLimbo:
            return send(SeaPacketKind::kLimbo);
        case SeaState::kInit:
            send(SeaPacketKind::kRecovery);  // So that it can decide, too.
            if (packet.rank < settings_.rank) return enter_backup("the other side is better");
            return enter_primary("better than the other side");
        case SeaState::kBackup:
        case SeaState::kRecovery:
        case SeaState::kUnhealthy:
        case SeaState::kPrimarySharing:
        case SeaState::kBackupSharing:
            return;
    }
}

/// The other side gives way.
void SeaFailover::on_notify() {
    if (!may_take_over()) return;
    switch (state_) {
        case SeaState::kPrimary:
            if (!side_.holds_trunks(served_)) side_.activate_trunks(served_);
            return send(SeaPacketKind::kKeepAlive);
        case SeaState::kInit:
        case SeaState::kBackup:
        case SeaState::kRecovery:
        case SeaState::kUnhealthy:
        case SeaState::kPrimarySharing:
        case SeaState::kBackupSharing:
            return enter_primary("the other side hands over");
        case SeaState::kNotify:
        case SeaState::kLimbo:
            return;
    }
}

/// The other side cannot bridge, or leaves.
void SeaFailover::on_limbo() {
    if (state_ == SeaState::kPrimary && !side_.holds_trunks(served_)) side_.activate_trunks(served_);
    if (state_ == SeaState::kPrimary || state_ == SeaState::kLimbo || !may_take_over()) return;
    enter_primary("the other side is in limbo");
}

}  // namespace pvmsim::vios
