// FcScsiProtocol ("fscsi0"): SCSI over Fibre Channel: targets by name, their units, commands and error recovery.
//
// When a target goes away its commands wait, those under way counted as lost, and are sent (again) if it comes back in
// time. How long: about 15 s with fc_err_recov=fast_fail (IBM, fast_io_failure; V49), else 60 s; then all of them fail
// and new ones are refused until the target is back. dyntrk=yes follows a target to another address, dyntrk=no fails
// what was under way to the old one. A command without answer ends after its rw_timeout. When the server of a virtual
// adapter dies there is nothing to wait for: everything fails at once. Each return of a target reports its units, as if
// cfgmgr ran; the disks' health checks enable the paths. Sources: behaviour 4.3, 5; docs/model/fc-and-npiv.md.
#pragma once

#include <string>
#include <vector>

#include "aix/fc/command_table.hpp"
#include "aix/fc/fc_transport.hpp"
#include "aix/os/device.hpp"
#include "aix/storage/initiator.hpp"

namespace pvmsim::aix {

enum class FcTargetState : std::uint8_t {
    kOnline,
    kSuspect,  ///< a command did not get through: commands wait until a discovery has told why
    kMissing,  ///< gone; commands wait for it
    kFailed,   ///< gone for too long; commands are refused
};

struct FcScsiCounters {
    std::uint64_t commands = 0;
    std::uint64_t failed = 0;      ///< ended with kTransportError
    std::uint64_t timed_out = 0;   ///< ended by rw_timeout
    std::uint64_t sent_again = 0;  ///< second and later sendings
};

class FcScsiProtocol final : public Device, public ScsiInitiator, public FcTransportUser {
  public:
    /// [source: IBM fast_io_failure] "about 15 s" after the fabric's event.
    static constexpr sim::Duration kFastFailTime{15'000'000'000};
    /// [PARAM] delayed_fail: the source says "longer"; two unit time-outs of 30 s.
    static constexpr sim::Duration kDelayedFailTime{60'000'000'000};
    /// [PARAM] how often time-outs are looked for: a command may live that much longer than its rw_timeout.
    static constexpr sim::Duration kSweepInterval{1'000'000'000};
    /// [PARAM] sendings of one command that the fabric loses before it fails.
    static constexpr std::uint8_t kSendingsMax = 8;
    /// Linux ibmvfc's limit; AIX names none.
    static constexpr std::size_t kTargetsMax = 1024;

    /// `transport` is the parent, fcsN; it was added to the system before.
    FcScsiProtocol(OperatingSystem& os, std::string name, FcTransport& transport);

    struct Target {
        wire::Wwpn wwpn;
        wire::FcId address{};
        std::uint32_t login_serial = 0;
        FcTargetState state = FcTargetState::kFailed;
        sim::SimTime missing_since{};
        sim::SimTime deadline = sim::kEndOfTime;  ///< of the wait, while missing
    };
    /// Every target seen so far, in order of discovery.
    [[nodiscard]] const std::vector<Target>& targets() const { return targets_; }
    [[nodiscard]] const FcScsiCounters& counters() const { return counters_; }
    [[nodiscard]] std::uint32_t outstanding() const { return commands_.sent(); }
    [[nodiscard]] std::size_t waiting() const { return commands_.waiting().size(); }
    [[nodiscard]] const FcTransport& transport() const { return transport_; }

    // ScsiInitiator
    [[nodiscard]] const std::string& initiator_name() const override { return name(); }
    wire::ScsiStatus submit(const PathCommand& command) override;

    // FcTransportUser
    void on_ready() override;
    void on_link_lost() override;
    void on_server_lost() override;
    void on_state_change() override;
    void on_discovered(const FcDiscovery& found) override;
    void on_response(std::uint32_t tag, wire::ScsiStatus status) override;

    [[nodiscard]] std::string_view description() const override { return "FC SCSI I/O Controller Protocol Device"; }
    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

  protected:
    void on_configure() override;
    void on_unconfigure() override;

  private:
    // commands (fscsi.cpp)
    void send(std::uint32_t slot);
    void send_waiting();
    void lose(std::uint32_t slot);
    void finish(std::uint32_t slot, wire::ScsiStatus status);
    void fail_commands(std::uint32_t target);
    void sweep();
    void arm_sweep();
    [[nodiscard]] std::uint32_t find_target(wire::Wwpn wwpn) const;
    [[nodiscard]] static bool is_present(const Target& target) {
        return target.state == FcTargetState::kOnline || target.state == FcTargetState::kSuspect;
    }

    // targets (fscsi_recovery.cpp)
    [[nodiscard]] sim::Duration recovery_time() const;
    void begin_wait(std::uint32_t target);
    void announce_wait(std::uint32_t count, const std::string& reason);
    void lose_commands(std::uint32_t target);
    [[nodiscard]] bool arrive(std::uint32_t target, const FcTarget& found);
    void find_targets(const FcDiscovery& found);
    void miss_targets(const FcDiscovery& found);
    void give_up(const std::vector<std::uint32_t>& targets, const std::string& reason);
    void on_recovery_over();
    void arm_recovery();

    FcTransport& transport_;
    std::vector<Target> targets_;
    FcCommandTable commands_;
    bool found_once_ = false;  ///< a discovery has ended since the device was configured
    bool sweeping_ = false;
    sim::EventHandle sweep_timer_;
    sim::EventHandle recovery_timer_;
    FcScsiCounters counters_;
};

}  // namespace pvmsim::aix
