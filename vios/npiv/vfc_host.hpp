// VfcHostAdapter ("vfchost0"): the VIOS's end of NPIV. Lends a physical port to one client under the client's own name.
//
// It holds no command: what the client sends goes to the port at once, what the fabric answers goes back, and only the
// two passes over the CRQ (10 us each) take time; a VIOS that is short of processor sends commands on later. Link loss,
// its return and state changes are passed on; recovery is the client's business. A client that goes is logged out. Left
// out: bandwidth shared among clients of a port, mobility. Sources: behaviour 5, formats A.1 (lsmap -npiv), A.4;
// docs/model/fc-and-npiv.md.
#pragma once

#include <deque>
#include <string>

#include "aix/fc/fc_adapter.hpp"
#include "aix/fc/vfc_protocol.hpp"
#include "aix/os/device.hpp"
#include "hypervisor/crq/crq_transport.hpp"
#include "vios/npiv/errors.hpp"
#include "vios/processor/io_processor.hpp"

namespace pvmsim::vios {

class VfcHostAdapter final : public aix::Device, public aix::FcLoginUser {
  public:
    /// [PARAM] control entries sent in one go before commands' answers get their turn in the client's queue.
    static constexpr std::uint32_t kOutboxBatch = 256;
    static constexpr sim::Duration kOutboxPause{1'000'000};
    /// [PARAM] between attempts while the client's queue is full (it hangs).
    static constexpr sim::Duration kOutboxRetry{100'000'000};

    /// The virtual slot must be defined in the VIOS's profile as a server adapter.
    VfcHostAdapter(aix::OperatingSystem& os, std::string name, hypervisor::SlotNumber slot);

    // --- vfcmap ---
    /// Refused for a full port and, while the VIOS runs and can see it, for a switch without NPIV. A mapping that was
    /// made before the VIOS came up always stands; without NPIV its client just never gets logged in. Replaces another
    /// mapping.
    NpivResult<void> map_to(aix::FcAdapter& port);
    void unmap();

    // --- lsmap -npiv ---
    [[nodiscard]] const aix::FcAdapter* port() const { return port_; }
    [[nodiscard]] hypervisor::SlotNumber slot() const { return slot_; }
    /// LOGGED_IN or NOT_LOGGED_IN.
    [[nodiscard]] bool logged_in() const { return address_ != wire::kNoFcId; }
    /// Target ports the client has found. Approximate: the real count's exact meaning is unverified.
    [[nodiscard]] std::uint32_t ports_logged_in() const { return ports_logged_in_; }
    /// The client is up and has introduced itself.
    [[nodiscard]] bool client_connected() const { return wanted_; }
    /// What it calls its adapter ("fcs0"); empty unless connected.
    [[nodiscard]] const std::string& client_device() const { return client_.client_device; }
    [[nodiscard]] wire::Wwpn client_wwpn() const { return client_.wwpn; }
    /// Whom the profile names as the client.
    [[nodiscard]] hypervisor::PartitionId client_partition() const { return client_partition_; }
    [[nodiscard]] hypervisor::SlotNumber client_slot() const { return client_slot_; }

    // aix::FcLoginUser
    void on_fc_login(wire::FcId address) override;
    void on_fc_link_lost() override;
    void on_fc_state_change(wire::FcId changed) override;
    void on_fc_response(const fabric::FcpResponse& response) override;

    [[nodiscard]] std::string_view description() const override { return "Virtual FC Server Adapter"; }
    void close() override;
    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

  protected:
    void on_configure() override;
    void on_unconfigure() override;

  private:
    void on_message(const hypervisor::CrqMessage& message);
    void on_asked(const hypervisor::CrqMessage& message);
    /// Charges a command's processor time and sends it on, at once or when its turn comes.
    void forward(const hypervisor::CrqMessage& message);
    void send_to_port(const hypervisor::CrqMessage& message);
    void forward_due();
    void log_in();
    void answer_login(aix::vfc::LoginStatus status);
    void log_out();
    void client_lost();
    void discovery_done();
    /// Says something that must not get lost: in order, later if the client's queue is full.
    void say(const hypervisor::CrqMessage& message);
    void flush();

    /// A command that waits for the processor.
    struct Waiting {
        sim::SimTime due;
        hypervisor::CrqMessage message;
    };

    IoProcessor& processor_;
    hypervisor::SlotNumber slot_;
    hypervisor::PartitionId client_partition_;
    hypervisor::SlotNumber client_slot_;
    hypervisor::CrqTransport& crq_;
    hypervisor::CrqAdapterId queue_;
    aix::FcAdapter* port_ = nullptr;
    bool wanted_ = false;          ///< the client has asked for its login
    bool answer_pending_ = false;  ///< and waits for the answer
    bool registered_ = false;      ///< the port knows the client's name
    aix::vfc::NpivLogin client_;
    wire::FcId address_ = wire::kNoFcId;
    std::uint32_t ports_logged_in_ = 0;
    bool discovering_ = false;
    sim::EventHandle discovery_;
    std::deque<hypervisor::CrqMessage> outbox_;
    bool outbox_timer_set_ = false;
    sim::EventHandle outbox_timer_;
    std::uint64_t responses_dropped_ = 0;
    std::deque<Waiting> waiting_;  ///< in order of time
    sim::EventHandle waiting_timer_;
};

}  // namespace pvmsim::vios
