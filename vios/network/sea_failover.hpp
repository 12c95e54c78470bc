// SeaFailover: who of two Shared Ethernet Adapters bridges: states, control packets, election (behaviour 3.3, formats
// A.8).
//
// States and packets are IBM's; when exactly which packet is sent is not published, so the protocol below is ours,
// built to give the documented outcomes (docs/model/sea.md has the table). In short: the PRIMARY says so every
// interval; a BACKUP that hears nothing takes over; a PRIMARY that lost its network says "limbo" and the BACKUP takes
// over at once; a better side that is healthy again asks with "recovery", and the acting PRIMARY stops and answers
// "notify". Absent: load sharing (PRIMARY_SH, BACKUP_SH), the simplified control channel on VLAN 4095.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/engine/engine.hpp"

namespace pvmsim::vios {

enum class SeaState : std::uint8_t { kInit, kPrimary, kBackup, kRecovery, kNotify, kLimbo, kUnhealthy };
/// "PRIMARY", as entstat prints it.
[[nodiscard]] std::string_view to_string(SeaState state);

/// Smaller is better: an auto side comes before a standby side, then the lower trunk priority.
struct SeaRank {
    bool standby = false;
    std::uint8_t priority = 1;

    friend auto operator<=>(const SeaRank&, const SeaRank&) = default;
};

enum class SeaPacketKind : std::uint8_t { kKeepAlive, kRecovery, kNotify, kLimbo };

struct SeaPacket {
    SeaPacketKind kind = SeaPacketKind::kKeepAlive;
    SeaState state = SeaState::kInit;  ///< the sender's
    SeaRank rank;                      ///< the sender's

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

/// What the attributes of the SEA say about failover.
struct SeaSettings {
    bool enabled = false;  ///< ha_mode is not disabled
    SeaRank rank;
    sim::Duration link_time{};
    sim::Duration health_time{};
    sim::Duration fb_delay{};
    bool noauto_failback = false;
};

struct SeaFailoverCounters {
    std::uint64_t control_in = 0;
    std::uint64_t control_out = 0;
    std::uint64_t keep_alive_in = 0;
    std::uint64_t recovery_in = 0;
    std::uint64_t notify_in = 0;
    std::uint64_t limbo_in = 0;
    std::uint64_t times_primary = 0;
    std::uint64_t times_backup = 0;
};

/// The adapter whose failover this is.
class SeaFailoverSide {
  public:
    virtual ~SeaFailoverSide() = default;
    /// The real adapter has a link and the address to ping answers.
    [[nodiscard]] virtual bool healthy() const = 0;
    /// All trunk adapters have their Active bit.
    [[nodiscard]] virtual bool holds_trunks() const = 0;
    virtual void activate_trunks() = 0;
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

    void on_packet(const SeaPacket& packet);
    void on_health_changed();
    void on_tick();
    void on_silence();
    void on_phase_over();
    /// Call before anything else at every sign of life: notices that the system was hung.
    void check_awake() {
        if (started_ && engine_.now() > tick_due_ + timing_.keep_alive_interval) wake_up();
    }

    [[nodiscard]] bool bridging() const { return state_ == SeaState::kPrimary; }
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
    void wait_for_failback(const SeaPacket& primary);

    void on_keep_alive(const SeaPacket& packet);
    void on_recovery(const SeaPacket& packet);
    void on_notify();
    void on_limbo();
    void meet_other_primary(const SeaPacket& packet);
    void wake_up();

    [[nodiscard]] bool may_fail_back_from(const SeaPacket& primary) const {
        return settings_.rank < primary.rank && !settings_.noauto_failback;
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
    bool fresh_boot_ = false;        ///< health_time has not passed yet
    bool failback_pending_ = false;  ///< BACKUP: waits fb_delay
    bool rivalry_told_ = false;
    std::optional<SeaPacket> primary_heard_;  ///< the last keep-alive
    sim::SimTime tick_due_;
    std::optional<sim::SimTime> woke_at_;
    sim::EventHandle tick_;
    sim::EventHandle silence_;
    sim::EventHandle phase_;
};

}  // namespace pvmsim::vios
