// States and timers of SEA failover; reactions to packets are in sea_failover_packets.cpp. Outcomes after
// behaviour 3.3, the steps in between are our choice (sea_failover.hpp, docs/model/sea.md).
#include "vios/network/sea_failover.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "sim/base/assert.hpp"
#include "vios/network/events.hpp"

namespace pvmsim::vios {

std::string_view to_string(SeaState state) {
    switch (state) {
        case SeaState::kInit:
            return "INIT";
        case SeaState::kPrimary:
            return "PRIMARY";
        case SeaState::kBackup:
            return "BACKUP";
        case SeaState::kRecovery:
            return "RECOVERY";
        case SeaState::kNotify:
            return "NOTIFY";
        case SeaState::kLimbo:
            return "LIMBO";
        case SeaState::kUnhealthy:
            return "UNHEALTHY";
        case SeaState::kPrimarySharing:
            return "PRIMARY_SH";
        case SeaState::kBackupSharing:
            return "BACKUP_SH";
    }
    PVMSIM_ASSERT(!"a SEA state without a name");
    return {};
}

SeaFailover::SeaFailover(sim::Engine& engine, sim::EntityId owner, SeaFailoverSide& side, SeaTiming timing)
    : engine_(engine), owner_(owner), side_(side), timing_(timing) {}

void SeaFailover::start(const SeaSettings& settings, bool settled) {
    PVMSIM_ASSERT(!started_);
    settings_ = settings;
    started_ = settings.enabled;
    counters_ = {};
    fresh_boot_ = !settled;
    rivalry_told_ = false;
    refusal_told_.reset();
    handed_over_ = false;
    share_asked_ = false;
    share_refused_ = false;
    primary_heard_.reset();
    silent_since_ = engine_.now();
    woke_at_.reset();
    state_ = SeaState::kInit;
    served_ = kNoTrunks;
    quiet_until_ = settled ? engine_.now() + timing_.settled_wait : sim::SimTime{};
    tick_due_ = engine_.now() + timing_.keep_alive_interval;
    tick_ = engine_.schedule_at(tick_due_, owner_, SeaTick{});
    if (!started_) {  // One SEA alone: it bridges, and nobody counts who is what.
        state_ = SeaState::kPrimary;
        served_ = kAllTrunks;
        return side_.activate_trunks(served_);
    }
    if (!side_.healthy()) return enter_limbo("no network behind the real adapter at start");
    enter_init(settled ? timing_.settled_wait : std::max(timing_.init_wait(), settings_.link_time));
}

void SeaFailover::stop() {
    cancel_timers();
    engine_.cancel(tick_);
    started_ = false;
    state_ = SeaState::kInit;
    served_ = kNoTrunks;
}

void SeaFailover::leave() {
    if (started_ && bridging()) send(SeaPacketKind::kLimbo);
    stop();
}

void SeaFailover::change(const SeaSettings& settings) {
    const auto before = settings_;
    refusal_told_.reset();
    if (settings.enabled != before.enabled) return settings.enabled ? switch_on(settings) : switch_off(settings);
    settings_ = settings;
    if (!started_) return;
    if (bridging() && settings.rank.standby && !before.rank.standby) return step_down("ha_mode=standby was set");
    if (shares() && !settings.sharing) return enter_primary("ha_mode=sharing was taken back");
    const bool wants_back = before.rank.standby && !settings.rank.standby;
    if (state_ == SeaState::kBackup && wants_back && primary_heard_ && may_fail_back_from(*primary_heard_))
        enter_recovery(settings.sharing ? "ha_mode=sharing was set" : "ha_mode=auto was set");
}

void SeaFailover::switch_on(const SeaSettings& settings) {
    side_.report("failover was switched on: looking for the other side");
    stop();
    start(settings, true);
}

/// What it did not bridge it takes over, and the outside learns of it: the end is that of a SEA which never had
/// failover, whichever side it was, and both sides bridge unless the other is gone.
void SeaFailover::switch_off(const SeaSettings& settings) {
    const bool bridged_all = served_ == kAllTrunks;
    side_.report("failover was switched off: bridges from now on, whatever the other side does");
    leave();
    start(settings, true);
    if (!bridged_all) side_.move_traffic_here();
}

// --- states ---

void SeaFailover::enter(SeaState state, std::string_view why) {
    cancel_timers();
    const bool is_news = state != state_;
    state_ = state;
    served_ = trunks_of(state);
    share_asked_ = false;
    share_refused_ = false;
    if (is_news) side_.report_state(state, why);
}

void SeaFailover::enter_init(sim::Duration wait) {
    enter(SeaState::kInit, "looking for the other side");
    arm_phase(wait);
    send(SeaPacketKind::kRecovery);
}

void SeaFailover::enter_primary(std::string_view why) {
    const bool takes_over = state_ != SeaState::kInit;
    fresh_boot_ = false;
    ++counters_.times_primary;
    enter(SeaState::kPrimary, why);
    side_.activate_trunks(served_);
    send(SeaPacketKind::kKeepAlive);
    if (takes_over) side_.move_traffic_here();
}

void SeaFailover::enter_backup(std::string_view why) {
    if (state_ != SeaState::kBackup) ++counters_.times_backup;
    enter(SeaState::kBackup, why);
    arm_silence();
}

void SeaFailover::enter_recovery(std::string_view why) {
    enter(SeaState::kRecovery, why);
    arm_silence();
    send(SeaPacketKind::kRecovery);
}

void SeaFailover::enter_limbo(std::string_view why) {
    enter(SeaState::kLimbo, why);
    send(SeaPacketKind::kLimbo);
}

/// PRIMARY gives way; the other side hears of it, and sets the Active bits again if they are here.
void SeaFailover::step_down(std::string_view why) {
    enter_backup(why);
    send(SeaPacketKind::kNotify);
}

void SeaFailover::become_backup_of(const SeaPacket& primary, std::string_view why) {
    enter_backup(why);
    ask_to_share(primary);
}

void SeaFailover::wait_for_failback(const SeaPacket& primary) {
    if (!may_fail_back_from(primary)) {
        failback_pending_ = false;
        engine_.cancel(phase_);
    } else if (!failback_pending_) {
        arm_phase(settings_.fb_delay);
        failback_pending_ = true;
    }
}

// --- what happens ---

void SeaFailover::on_health_changed() {
    if (!started_) return;
    if (!side_.healthy()) {
        if (state_ == SeaState::kLimbo) return engine_.cancel(phase_), void();
        return enter_limbo("the real adapter's network is lost");
    }
    if (state_ == SeaState::kLimbo) arm_phase(settings_.link_time);
}

void SeaFailover::on_tick() {
    tick_due_ = engine_.now() + timing_.keep_alive_interval;
    tick_ = engine_.schedule_at(tick_due_, owner_, SeaTick{});
    if (!started_) {  // A neighbour with the same VLANs may have had the Active bits, and be gone.
        if (!side_.holds_trunks(served_)) side_.activate_orphaned_trunks(served_);
        return;
    }
    handed_over_ = false;
    share_asked_ = false;
    switch (state_) {
        case SeaState::kPrimary:
        case SeaState::kPrimarySharing:
        case SeaState::kBackupSharing:
            if (!side_.holds_trunks(served_)) take_trunks_again();
            return send(SeaPacketKind::kKeepAlive);
        case SeaState::kInit:
        case SeaState::kRecovery:
            return send(SeaPacketKind::kRecovery);
        case SeaState::kNotify:
            return send(SeaPacketKind::kNotify);
        case SeaState::kBackup:
        case SeaState::kLimbo:
        case SeaState::kUnhealthy:
            return;
    }
}

void SeaFailover::on_silence() {
    if (!may_take_over()) return;
    const auto seconds = std::chrono::duration_cast<std::chrono::milliseconds>(timing_.silence()).count() / 1000;
    enter_primary("no keep-alive from the other side for " + std::to_string(seconds) + " s");
}

void SeaFailover::on_phase_over() {
    switch (state_) {
        case SeaState::kInit:
            return enter_primary("no other side heard");
        case SeaState::kLimbo:
            return enter_init(timing_.init_wait());
        case SeaState::kBackup:
            return enter_recovery("healthy, and better than the acting PRIMARY");
        case SeaState::kUnhealthy:
            fresh_boot_ = false;
            enter_backup("healthy for long enough");
            if (primary_heard_) wait_for_failback(*primary_heard_);
            return;
        case SeaState::kPrimary:
        case SeaState::kRecovery:
        case SeaState::kNotify:
        case SeaState::kPrimarySharing:
        case SeaState::kBackupSharing:
            PVMSIM_ASSERT(!"a phase without an end came to it");
    }
}

/// The system was hung. What lies in the buffers is old, and the other side may have taken over.
void SeaFailover::wake_up() {
    woke_at_ = engine_.now();
    tick_due_ = engine_.now();
    if (bridging() && !side_.holds_trunks(served_))
        return step_down("hung for a while, and the other side has taken over");
    const bool waits_for_other = state_ == SeaState::kBackup || state_ == SeaState::kUnhealthy ||
                                 state_ == SeaState::kRecovery || state_ == SeaState::kNotify || shares();
    if (waits_for_other) arm_silence();
}

// --- small things ---

/// The acting PRIMARY missed it, and lacks Active bits that are here: it sets them when it hears "notify".
void SeaFailover::hand_trunks_over() {
    if (holds_a_trunk() && !std::exchange(handed_over_, true)) send(SeaPacketKind::kNotify);
}

/// The other side took our Active bits while neither heard the other. It may be gone, or hung: then nobody bridges.
void SeaFailover::take_trunks_again() {
    const bool is_silent = engine_.now() - silent_since_ >= timing_.silence();
    if (!is_silent) return side_.activate_orphaned_trunks(served_);
    side_.activate_trunks(served_);
    silent_since_ = engine_.now();  // If it lives, it does the same; not each second.
}

bool SeaFailover::holds_a_trunk() const {
    for (std::size_t i = 0; i < side_.trunk_count(); ++i)
        if (side_.holds_trunks(static_cast<SeaTrunkSet>(1u << i))) return true;
    return false;
}

void SeaFailover::send(SeaPacketKind kind) {
    ++counters_.control_out;
    const bool is_about_sharing = kind >= SeaPacketKind::kShareRequest;
    side_.send_control({kind, state_, settings_.rank, is_about_sharing ? side_.trunk_definitions() : 0});
}

void SeaFailover::arm_silence() {
    engine_.cancel(silence_);
    silence_ = engine_.schedule_in(timing_.silence(), owner_, SeaSilence{});
}

void SeaFailover::arm_phase(sim::Duration delay) {
    engine_.cancel(phase_);
    phase_ = engine_.schedule_in(delay, owner_, SeaPhaseOver{});
}

void SeaFailover::cancel_timers() {
    engine_.cancel(silence_);
    engine_.cancel(phase_);
    failback_pending_ = false;
}

void SeaFailover::digest(sim::Digest& digest) const {
    digest.add(settings_.enabled);
    digest.add(settings_.sharing);
    digest.add(settings_.rank.standby);
    digest.add(settings_.rank.priority);
    digest.add(settings_.link_time);
    digest.add(settings_.health_time);
    digest.add(settings_.fb_delay);
    digest.add(settings_.noauto_failback);
    digest.add(counters_.control_in);
    digest.add(counters_.control_out);
    digest.add(counters_.keep_alive_in);
    digest.add(counters_.recovery_in);
    digest.add(counters_.notify_in);
    digest.add(counters_.limbo_in);
    digest.add(counters_.share_request_in);
    digest.add(counters_.share_grant_in);
    digest.add(counters_.share_refusal_in);
    digest.add(counters_.times_primary);
    digest.add(counters_.times_backup);
    digest.add(started_);
    digest.add(state_);
    digest.add(fresh_boot_);
    digest.add(failback_pending_);
    digest.add(rivalry_told_);
    digest.add(handed_over_);
    digest.add(share_asked_);
    digest.add(share_refused_);
    digest.add(served_);
    digest.add(primary_heard_ ? primary_heard_->encode() : 0);
    digest.add(silent_since_);
    digest.add(tick_due_);
    digest.add(woke_at_.value_or(sim::kEndOfTime));
}

}  // namespace pvmsim::vios
