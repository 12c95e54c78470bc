// Load sharing of two Shared Ethernet Adapters (behaviour 3.4): whole trunk adapters are divided, the first half in the
// order of virt_adapters (the greater one if their number is odd) to the PRIMARY_SH, the rest to the BACKUP_SH.
//
// A BACKUP asks at each keep-alive until it is answered; a refusal holds until its ha_mode is set or its state changes,
// which is how we read "set sharing on the primary first, then on the backup". While sharing both say keep-alive, and
// who hears none from its partner takes everything. A BACKUP_SH whose ha_mode is set to auto bridges everything from
// then on, while the PRIMARY_SH bridges its half until it has missed its partner: the loop of the wrong order.
#include <utility>

#include "sim/base/assert.hpp"
#include "vios/network/sea_failover.hpp"

namespace pvmsim::vios {
namespace {

constexpr std::size_t kTrunksToShareMin = 2;

}  // namespace

SeaTrunkSet SeaFailover::trunks_of(SeaState state) const {
    if (state == SeaState::kPrimary) return kAllTrunks;
    const auto first_half = static_cast<SeaTrunkSet>((1u << (side_.trunk_count() + 1) / 2) - 1);
    if (state == SeaState::kPrimarySharing) return first_half;
    if (state == SeaState::kBackupSharing) return static_cast<SeaTrunkSet>(~first_half);
    return kNoTrunks;
}

void SeaFailover::enter_primary_sharing() {
    enter(SeaState::kPrimarySharing, "the other side asked to share");
    arm_silence();
    send(SeaPacketKind::kShareGrant);
}

void SeaFailover::enter_backup_sharing() {
    enter(SeaState::kBackupSharing, "the other side granted a share");
    arm_silence();
    side_.activate_trunks(served_);
    send(SeaPacketKind::kKeepAlive);
    if (engine_.now() > quiet_until_) side_.move_traffic_here();
}

void SeaFailover::ask_again() {
    share_asked_ = false;
    share_refused_ = false;
    if (started_ && state_ == SeaState::kBackup && primary_heard_) ask_to_share(*primary_heard_);
}

/// A side that is about to fail back does not ask: it will be the one that grants.
void SeaFailover::ask_to_share(const SeaPacket& primary) {
    if (!settings_.sharing || share_refused_ || may_fail_back_from(primary)) return;
    if (!std::exchange(share_asked_, true)) send(SeaPacketKind::kShareRequest);
}

/// Only the partner's keep-alive counts: one that shares no more is missed, like one that is gone.
void SeaFailover::keep_alive_while_sharing(const SeaPacket& packet) {
    const bool is_primary = state_ == SeaState::kPrimarySharing;
    if (packet.state == (is_primary ? SeaState::kBackupSharing : SeaState::kPrimarySharing)) return arm_silence();
    if (is_primary || packet.state != SeaState::kPrimary) return;
    become_backup_of(packet, "the other side bridges everything");
}

void SeaFailover::on_share_request(const SeaPacket& packet) {
    if (state_ == SeaState::kPrimarySharing) return send(SeaPacketKind::kShareGrant);  // The last one was lost.
    if (state_ == SeaState::kLimbo) return send(SeaPacketKind::kLimbo);
    if (state_ != SeaState::kPrimary) return;
    const bool same = packet.definitions == side_.trunk_definitions();
    if (settings_.sharing && same) return enter_primary_sharing();
    send(SeaPacketKind::kShareRefusal);
    // Who is told to ask again, and hears a keep-alive at that moment, asks twice.
    if (refusal_told_ && engine_.now() < *refusal_told_ + timing_.keep_alive_interval) return;
    refusal_told_ = engine_.now();
    side_.report(settings_.sharing ? "no load sharing: the other side's trunk adapters have other VLANs"
                                   : "no load sharing: the other side asked, but ha_mode=sharing is not set here");
}

void SeaFailover::on_share_grant() {
    if (state_ == SeaState::kBackup && settings_.sharing && side_.trunk_count() >= kTrunksToShareMin)
        return enter_backup_sharing();
    if (state_ == SeaState::kBackup) return send(SeaPacketKind::kNotify);  // Changed our mind: take it all.
    if (state_ == SeaState::kLimbo) send(SeaPacketKind::kLimbo);
}

void SeaFailover::on_share_refusal() {
    if (state_ != SeaState::kBackup || share_refused_) return;
    share_refused_ = true;
    side_.report("no load sharing: the other side refused; set ha_mode=sharing there, then here again");
}

}  // namespace pvmsim::vios
