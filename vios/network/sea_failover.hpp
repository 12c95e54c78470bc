// SeaFailover: who of two Shared Ethernet Adapters bridges what: states, control packets, election, load sharing
// (behaviour 3.3, 3.4, formats A.8).
//
// States and packets are IBM's; when exactly which packet is sent is not published, so the protocol below is ours,
// built to give the documented outcomes (docs/model/sea.md has the table). In short: the PRIMARY says so every
// interval; a BACKUP that hears nothing takes over; a PRIMARY that lost its network says "limbo" and the BACKUP takes
// over at once; a better side that is healthy again asks with "recovery", and the acting PRIMARY stops and answers
// "notify". With ha_mode=sharing a BACKUP asks the PRIMARY for half the trunk adapters and is granted the second half.
// sea_failover.cpp has the states, sea_failover_packets.cpp the packets, sea_sharing.cpp load sharing.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/engine/engine.hpp"

namespace pvmsim::vios {

enum class SeaState : std::uint8_t {
    kInit,
    kPrimary,
    kBackup,
    kRecovery,
    kNotify,
    kLimbo,
    kUnhealthy,
    kPrimarySharing,
    kBackupSharing,
};
/// "PRIMARY_SH", as entstat prints it.
[[nodiscard]] std::string_view to_string(SeaState state);

/// Trunk adapters of a SEA by their place in virt_adapters, one bit each.
using SeaTrunkSet = std::uint16_t;
inline constexpr SeaTrunkSet kNoTrunks = 0;
inline constexpr SeaTrunkSet kAllTrunks = 0xffff;

/// Smaller is better: an auto side comes before a standby side, then the lower trunk priority.
struct SeaRank {
    bool standby = false;
    std::uint8_t priority = 1;

    friend auto operator<=>(const SeaRank&, const SeaRank&) = default;
};

/// The first four are IBM's; it names none for load sharing, so these three are ours.
enum class SeaPacketKind : std::uint8_t {
    kKeepAlive,
    kRecovery,
    kNotify,
    kLimbo,
    kShareRequest,
    kShareGrant,
    kShareRefusal,
};

struct SeaPacket {
    SeaPacketKind kind = SeaPacketKind::kKeepAlive;
    SeaState state = SeaState::kInit;  ///< the sender's
    SeaRank rank;                      ///< the sender's
    std::uint32_t definitions = 0;     ///< digest of the sender's trunk adapters, for load sharing

    [[nodiscard]] std::uint64_t encode() const;
    [[nodiscard]] static SeaPacket decode(std::uint64_t word);
};

/// Our choices of time; IBM publishes only that a lost VIOS is noticed within 3 to 5 s.
struct SeaTiming {
    sim::Duration keep_alive_interval{1'000'000'000};  ///< [PARAM]
    std::int64_t keep_alives_missed_max = 3;           ///< [PARAM] so many missed, and the next is due: silence
    sim::Duration settled_wait{10'000'000};            ///< [PARAM] INIT's wait for others at a settled start

    [[nodiscard]] sim::Duration silence() const { return (keep_alives_missed_max + 1) * keep_alive_interval; }
    [[nodiscard]] sim::Duration init_wait() const { return keep_alives_missed_max * keep_alive_interval; }
};

/// What the attributes and the level of the SEA say about failover.
struct SeaSettings {
    bool enabled = false;  ///< ha_mode is not disabled
    bool sharing = false;  ///< ha_mode=sharing, and this SEA can
    SeaRank rank;
    sim::Duration link_time{};
    sim::Duration health_time{};
    sim::Duration fb_delay{};
    bool noauto_failback = false;
    bool has_unhealthy = true;                ///< the level knows UNHEALTHY
    bool unhealthy_never_takes_over = false;  ///< the defect that IV97991 repairs
};

/// Received, by kind, and how often the role changed.
struct SeaFailoverCounters {
    std::uint64_t control_in = 0;
    std::uint64_t control_out = 0;
    std::uint64_t keep_alive_in = 0;
    std::uint64_t recovery_in = 0;
    std::uint64_t notify_in = 0;
    std::uint64_t limbo_in = 0;
    std::uint64_t share_request_in = 0;
    std::uint64_t share_grant_in = 0;
    std::uint64_t share_refusal_in = 0;
    std::uint64_t times_primary = 0;
    std::uint64_t times_backup = 0;
};

/// The adapter whose failover this is.
class SeaFailoverSide {
  public:
    virtual ~SeaFailoverSide() = default;
    /// The real adapter has a link and the address to ping answers.
    [[nodiscard]] virtual bool healthy() const = 0;
    [[nodiscard]] virtual std::size_t trunk_count() const = 0;
    /// Equal on two SEAs whose trunk adapters have the same VLANs in the same order.
    [[nodiscard]] virtual std::uint32_t trunk_definitions() const = 0;
    /// Trunk adapters that have the SEA's priority while others of it have a worse one; none if all are equal.
    [[nodiscard]] virtual SeaTrunkSet trunks_ahead_of_others() const = 0;
    /// All of these trunk adapters have their Active bit.
    [[nodiscard]] virtual bool holds_trunks(SeaTrunkSet trunks) const = 0;
    virtual void activate_trunks(SeaTrunkSet trunks) = 0;
    /// Those of them whose VLANs have no active trunk adapter anywhere.
    virtual void activate_orphaned_trunks(SeaTrunkSet trunks) = 0;
    /// The outside must learn that the way leads through here now; it led elsewhere before.
    virtual void move_traffic_here() = 0;
    virtual void send_control(const SeaPacket& packet) = 0;
    /// Log book and error log.
    virtual void report_state(SeaState state, std::string_view why) = 0;
    /// Something strange that is not a change of state.
    virtual void report(std::string_view what) = 0;
};

class SeaFailover {
  public:
    /// Timers are events to `owner`, which hands them to on_tick, on_silence and on_phase_over.
    SeaFailover(sim::Engine& engine, sim::EntityId owner, SeaFailoverSide& side, SeaTiming timing);

    /// `settled`: the system has been up for long; waits that guard a fresh boot are skipped.
    void start(const SeaSettings& settings, bool settled);
    void stop();
    /// An orderly end: the other side takes over at once.
    void leave();
    /// Attributes changed on the running adapter.
    void change(const SeaSettings& settings);
    /// ha_mode was set, perhaps to what it was: a BACKUP with ha_mode=sharing asks again.
    void ask_again();

    void on_packet(const SeaPacket& packet);
    void on_health_changed();
    void on_tick();
    void on_silence();
    void on_phase_over();
    /// Call before anything else at every sign of life: notices that the system was hung.
    void check_awake() {
        if (started_ && engine_.now() > tick_due_ + timing_.keep_alive_interval) wake_up();
    }

    /// The trunk adapters bridged here.
    [[nodiscard]] SeaTrunkSet served() const { return served_; }
    [[nodiscard]] bool bridging() const { return served_ != kNoTrunks; }
    [[nodiscard]] SeaState state() const { return state_; }
    [[nodiscard]] const SeaSettings& settings() const { return settings_; }
    [[nodiscard]] const SeaFailoverCounters& counters() const { return counters_; }

    void digest(sim::Digest& digest) const;

  private:
    void enter(SeaState state, std::string_view why);
    void enter_init(sim::Duration wait);
    void enter_primary(std::string_view why);
    void enter_backup(std::string_view why);
    void enter_recovery(std::string_view why);
    void enter_limbo(std::string_view why);
    void step_down(std::string_view why);
    void switch_on(const SeaSettings& settings);
    void switch_off(const SeaSettings& settings);
    void wait_for_failback(const SeaPacket& primary);
    void become_backup_of(const SeaPacket& primary, std::string_view why);

    void on_keep_alive(const SeaPacket& packet);
    void keep_alive_in_init(const SeaPacket& packet);
    void on_recovery(const SeaPacket& packet);
    void on_notify();
    void on_limbo();
    void meet_other_primary(const SeaPacket& packet);
    void wake_up();
    void hand_trunks_over();
    void take_trunks_again();
    /// An Active bit that the acting PRIMARY should have: a driver cannot clear its own.
    [[nodiscard]] bool holds_a_trunk() const;

    // sea_sharing.cpp
    [[nodiscard]] bool shares() const {
        return state_ == SeaState::kPrimarySharing || state_ == SeaState::kBackupSharing;
    }
    [[nodiscard]] SeaTrunkSet trunks_of(SeaState state) const;
    void enter_primary_sharing();
    void enter_backup_sharing();
    void ask_to_share(const SeaPacket& primary);
    void keep_alive_while_sharing(const SeaPacket& packet);
    void on_share_request(const SeaPacket& packet);
    void on_share_grant();
    void on_share_refusal();

    [[nodiscard]] bool may_fail_back_from(const SeaPacket& primary) const {
        return settings_.rank < primary.rank && !settings_.noauto_failback;
    }
    /// IV97991 unrepaired: not even if nobody else bridges.
    [[nodiscard]] bool may_take_over() const {
        return state_ != SeaState::kUnhealthy || !settings_.unhealthy_never_takes_over;
    }
    void send(SeaPacketKind kind);
    void arm_silence();
    void arm_phase(sim::Duration delay);
    void cancel_timers();

    sim::Engine& engine_;
    sim::EntityId owner_;
    SeaFailoverSide& side_;
    SeaTiming timing_;
    SeaSettings settings_;
    SeaFailoverCounters counters_;

    bool started_ = false;  ///< and failover is enabled
    SeaState state_ = SeaState::kInit;
    SeaTrunkSet served_ = kNoTrunks;
    bool fresh_boot_ = false;        ///< health_time has not passed yet
    bool failback_pending_ = false;  ///< BACKUP: waits fb_delay
    bool rivalry_told_ = false;
    std::optional<sim::SimTime> refusal_told_;  ///< of a share, to the log book
    bool handed_over_ = false;                  ///< BACKUP: said so since the last tick
    bool share_asked_ = false;                  ///< BACKUP: since the last tick
    bool share_refused_ = false;                ///< BACKUP: asked, and not granted
    std::optional<SeaPacket> primary_heard_;    ///< the last keep-alive of an acting PRIMARY
    sim::SimTime silent_since_;                 ///< the last packet of the other side, or the start
    sim::SimTime quiet_until_;                  ///< a settled start: nobody need be told of what is as it was
    sim::SimTime tick_due_;
    std::optional<sim::SimTime> woke_at_;
    sim::EventHandle tick_;
    sim::EventHandle silence_;
    sim::EventHandle phase_;
};

}  // namespace pvmsim::vios
