// VscsiHostAdapter: "vhostN", the server end of virtual SCSI, with its virtual target devices (behaviour 4.1, 7.1).
//
// Answers the client's login once the backing disks are there, passes each command to the backing disk (with the VIOS's
// own multipath), and answers after the published added latency, and later when the VIOS is short of processor
// (processor/io_processor.hpp). Knows one client. A command in service when its client goes is finished by the disk,
// but nobody is told.
//
// Left out: LUNs hidden because of their maximum transfer, redirected DMA as such.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aix/os/device.hpp"
#include "aix/storage/disk.hpp"
#include "aix/storage/disk_manager.hpp"
#include "aix/vscsi/protocol.hpp"
#include "hypervisor/crq/crq_transport.hpp"
#include "vios/processor/io_processor.hpp"
#include "vios/requests/cookie_table.hpp"
#include "vios/vscsi/virtual_target.hpp"

namespace pvmsim::vios {

enum class VscsiHostPhase : std::uint8_t {
    kClosed,            ///< not configured
    kWaitingForClient,  ///< queue registered
    kNegotiating,       ///< handshake done; MADs
    kLoginPending,      ///< asked for, not answered: backing disks are missing
    kLoggedIn,
};

struct VscsiHostCounters {
    std::uint64_t commands = 0;  ///< passed to backing disks
    std::uint64_t bytes = 0;
    std::uint64_t errors = 0;  ///< answered with anything but good
    std::uint64_t logins = 0;
    std::uint64_t violations = 0;  ///< sessions ended because the client sent more than its credits
};

/// What the client is told of a backing disk's outcome. With fast_fail a dead disk is an adapter failure, which makes
/// the client change paths at once; else a check condition, which it retries first (behaviour 4.1, 4.3).
[[nodiscard]] wire::ScsiStatus status_for_client(wire::ScsiStatus backing, bool fast_fail);

class VscsiHostAdapter : public aix::Device, public aix::DiskUser, public aix::DiskObserver {
  public:
    /// [PARAM] our choice: with some backing disks there and others missing, a login waits this long for the rest.
    static constexpr sim::Duration kLoginGrace{10'000'000'000};
    /// [PARAM] our choice: pause before an answer is sent again to a client whose queue was full.
    static constexpr sim::Duration kAnswerRetryDelay{1'000'000};

    VscsiHostAdapter(aix::OperatingSystem& os, std::string name, hypervisor::SlotNumber slot);

    /// mkvdev: a further unit, numbered in order of creation. A client that is logged in sees it at its next login or
    /// cfgmgr. At most vscsi::kUnitsMax.
    VirtualTargetDevice& add_target(std::string device_name, aix::DiskIdentity backing);

    [[nodiscard]] const std::vector<VirtualTargetDevice*>& targets() const { return targets_; }
    [[nodiscard]] hypervisor::SlotNumber slot() const { return slot_; }
    [[nodiscard]] VscsiHostPhase phase() const { return phase_; }
    [[nodiscard]] bool logged_in() const { return phase_ == VscsiHostPhase::kLoggedIn; }
    /// As the client told in its adapter info (lsmap); kNoPartition when none is connected.
    [[nodiscard]] hypervisor::PartitionId client_partition() const { return client_; }
    [[nodiscard]] const VscsiHostCounters& counters() const { return counters_; }
    /// Commands of the present session that are not answered yet.
    [[nodiscard]] std::uint32_t in_service() const { return in_service_; }

    [[nodiscard]] std::string_view description() const override { return "Virtual SCSI Server Adapter"; }
    void close() override;
    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

    void on_request_done(std::uint32_t cookie, wire::ScsiStatus status, std::uint32_t retries) override;
    void on_disk_found(aix::Disk&) override {}
    void on_disk_reported(aix::Disk& disk) override;

  protected:
    void on_configure() override;
    void on_unconfigure() override;

  private:
    /// A command with a backing disk, or waiting for its answer's time.
    struct Command {
        std::uint32_t tag = 0;
        std::uint32_t size_bytes = 0;
        std::uint32_t session = 0;
        wire::ScsiStatus status = wire::ScsiStatus::kGood;
        void digest(sim::Digest& digest) const;
    };

    [[nodiscard]] hypervisor::CrqTransport& crq();
    [[nodiscard]] std::string client_name();
    void open_queue();

    // The session.
    void receive(const hypervisor::CrqMessage& message);
    void on_mad(const hypervisor::CrqMessage& message);
    void on_srp(const hypervisor::CrqMessage& message);
    void end_session();
    void ask_login();
    void try_login();
    void punish_violation();

    // Commands.
    void execute(const wire::ScsiCommand& command);
    void pass_to_disk(VirtualTargetDevice& target, const wire::ScsiCommand& command);
    void answer(std::uint32_t cookie);
    void reply(const hypervisor::CrqMessage& message);
    [[nodiscard]] VirtualTargetDevice* find_target(wire::LunNumber lun) const;

    IoProcessor& processor_;
    hypervisor::SlotNumber slot_;
    hypervisor::CrqAdapterId crq_id_;
    VscsiHostPhase phase_ = VscsiHostPhase::kClosed;
    std::vector<VirtualTargetDevice*> targets_;  ///< by unit number

    std::uint32_t session_ = 0;  ///< counts sessions; commands of an earlier one are nobody's
    hypervisor::PartitionId client_ = hypervisor::kNoPartition;
    bool fast_fail_ = false;
    bool grace_over_ = false;
    sim::EventHandle grace_timer_;

    CookieTable<Command> commands_;
    std::uint32_t in_service_ = 0;
    VscsiHostCounters counters_;
};

}  // namespace pvmsim::vios
