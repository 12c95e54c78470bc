// VscsiClientAdapter: "vscsiN", the driver of a virtual SCSI client adapter (behaviour 4.1-4.3; R-STO-04).
//
// Logs in to its server (CRQ initialization, MADs one at a time, SRP login, REPORT LUNS, INQUIRY of each unit), sends
// commands within the credits the server gave, and finds out that the server is gone: at once from a transport event,
// or after vscsi_path_to seconds without any answer and a ping that nobody answers.
//
// A command that timed out keeps its credit until its late answer comes or the server is gone: the server still has it.
// Left out: rw_timeout per command (0, off, is the default over virtual SCSI), task management, client migration.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "aix/os/device.hpp"
#include "aix/storage/initiator.hpp"
#include "aix/vscsi/protocol.hpp"
#include "hypervisor/crq/crq_transport.hpp"

namespace pvmsim::aix {

/// Steps of the way to a working adapter, in order.
enum class VscsiClientPhase : std::uint8_t {
    kClosed,            ///< not configured
    kWaitingForServer,  ///< queue registered; no initialization handshake yet
    kAdapterInfo,
    kCapabilities,
    kEnableFastFail,  ///< with vscsi_err_recov=fast_fail
    kLogin,           ///< the server may delay its answer
    kReportLuns,      ///< from here on commands are taken
    kInquiry,
    kReady,
};

struct VscsiClientCounters {
    std::uint64_t commands = 0;  ///< taken by submit()
    std::uint64_t logins = 0;    ///< completed, discovery included
    std::uint64_t losses = 0;    ///< transport events that ended a session
    std::uint64_t timeouts = 0;  ///< vscsi_path_to and the ping's wait passed without an answer
};

class VscsiClientAdapter : public Device, public ScsiInitiator {
  public:
    /// [PARAM] How long a ping's answer is waited for; the source says at most 60 s.
    static constexpr sim::Duration kPingWait{59'000'000'000};
    /// [PARAM] our choice: pause before a login step is sent again to a server whose queue was full.
    static constexpr sim::Duration kLoginRetryDelay{1'000'000'000};
    /// [PARAM] our choice: commands that wait for credits; beyond it disks are told to come again (busy).
    static constexpr std::size_t kWaitingMax = 8192;

    VscsiClientAdapter(OperatingSystem& os, std::string name, hypervisor::SlotNumber slot);

    /// Looks for units again, as cfgmgr does. Does nothing unless the adapter is ready.
    void rescan();

    [[nodiscard]] hypervisor::SlotNumber slot() const { return slot_; }
    [[nodiscard]] VscsiClientPhase phase() const { return phase_; }
    [[nodiscard]] bool logged_in() const { return phase_ >= VscsiClientPhase::kReportLuns; }
    [[nodiscard]] const VscsiClientCounters& counters() const { return counters_; }
    /// Sent and not given up, and waiting for credits.
    [[nodiscard]] std::size_t outstanding() const { return sent_ + waiting_.size(); }
    [[nodiscard]] std::size_t free_credits() const { return free_slots_.size(); }

    // ScsiInitiator
    [[nodiscard]] const std::string& initiator_name() const override { return name(); }
    wire::ScsiStatus submit(const PathCommand& command) override;
    [[nodiscard]] bool holds_when_alone() const override;

    // Device
    [[nodiscard]] std::string_view description() const override { return "Virtual SCSI Client Adapter"; }
    void close() override;
    void on_attribute_changed(std::string_view name) override;
    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

  protected:
    void on_configure() override;
    void on_unconfigure() override;

  private:
    enum class SlotUse : std::uint8_t { kFree, kSent, kGivenUp };
    /// One credit: a command the server has. The tag names slot and generation, so that an answer from an earlier life
    /// of the slot is recognised.
    struct Slot {
        DiskPathUser* user = nullptr;
        std::uint32_t request = 0;
        std::uint32_t path = 0;
        std::uint16_t generation = 0;
        SlotUse use = SlotUse::kFree;
    };
    static constexpr std::uint32_t kDiscoverySlot = 0xffff;  ///< slot number in the tags of the adapter's own commands

    [[nodiscard]] hypervisor::CrqTransport& crq();
    [[nodiscard]] std::string server_name();

    // Login and discovery (client_login.cpp).
    void receive(const hypervisor::CrqMessage& message);
    void on_initialization(std::uint8_t code);
    void on_mad_answer(const hypervisor::CrqMessage& message);
    void on_srp(const hypervisor::CrqMessage& message);
    void on_discovery_answer(const hypervisor::CrqMessage& message, const wire::ScsiResponse& response);
    void enter(VscsiClientPhase phase);
    void send_login_step();
    void give_credits(std::uint32_t request_limit);
    void inquire_next();
    void finish_discovery();

    // Commands.
    [[nodiscard]] hypervisor::HcallStatus send_command(const PathCommand& command);
    void send_waiting();
    void on_answer(const wire::ScsiResponse& response);
    void release_slot(std::uint32_t index);
    void forget_session();
    [[nodiscard]] std::vector<PathCommand> take_outstanding();
    void lose_server(std::string_view how);
    void give_up_on_server();
    static void answer_all(const std::vector<PathCommand>& commands, wire::ScsiStatus status);

    // The watchdog behind vscsi_path_to.
    void read_attributes();
    void on_served();
    void on_watchdog();
    void arm_watchdog(sim::SimTime at);
    void disarm_watchdog();

    hypervisor::SlotNumber slot_;
    hypervisor::CrqAdapterId crq_id_;
    VscsiClientPhase phase_ = VscsiClientPhase::kClosed;
    hypervisor::PartitionId server_;  ///< of the present session or the last
    VscsiClientCounters counters_;

    std::vector<Slot> slots_;                ///< as many as the server gave credits
    std::vector<std::uint32_t> free_slots_;  ///< a stack
    std::deque<PathCommand> waiting_;        ///< for credits, in order
    std::size_t sent_ = 0;                   ///< slots in use kSent

    std::uint16_t discovery_serial_ = 0;
    vscsi::UnitSet units_reported_;
    std::uint32_t unit_inquired_ = 0;
    std::vector<DiscoveredUnit> units_found_;

    sim::Duration path_timeout_{0};                ///< vscsi_path_to; zero is off
    sim::SimTime served_last_ = sim::kStartOfRun;  ///< last answer, or when there began to be something to wait for
    bool watchdog_armed_ = false;
    bool pinging_ = false;
    bool given_up_ = false;     ///< timed out, and nothing heard since
    bool quiet_login_ = false;  ///< the login that a settled start implies is no news
    sim::EventHandle watchdog_;
    sim::EventHandle login_retry_;
};

}  // namespace pvmsim::aix
