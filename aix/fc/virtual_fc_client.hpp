// VirtualFcClientAdapter: the client's end of NPIV ("fcs0" in an AIX client): a Fibre Channel port that a VIOS lends
// it.
//
// It talks to the virtual FC host adapter in the VIOS over a CRQ: introduces itself, logs in with its own world wide
// port name (the first of its pair), has the fabric searched, sends commands. When the VIOS dies the CRQ tells at once.
// Left out: partition mobility (second name of the pair), PING, several requests for discovery at a time. Source:
// behaviour 5.
#pragma once

#include <string>

#include "aix/fc/fc_transport.hpp"
#include "aix/fc/vfc_protocol.hpp"
#include "aix/os/device.hpp"
#include "hypervisor/crq/crq_transport.hpp"

namespace pvmsim::aix {

/// How far the connection is.
enum class VfcClientPhase : std::uint8_t {
    kNoServer,      ///< the VIOS is not there
    kInitializing,  ///< queues are linked, the server has been greeted
    kLoggingIn,     ///< NPIV login asked for
    kLinkDown,      ///< no light at the server's port, or it is not mapped
    kRefused,       ///< the fabric does not take the login
    kLoggedIn,
};
[[nodiscard]] std::string_view to_string(VfcClientPhase phase);

class VirtualFcClientAdapter final : public Device, public FcTransport {
  public:
    /// The virtual slot must be defined in the partition's profile as a client adapter with its WWPNs.
    VirtualFcClientAdapter(OperatingSystem& os, std::string name, hypervisor::SlotNumber slot);

    [[nodiscard]] VfcClientPhase phase() const { return phase_; }
    [[nodiscard]] hypervisor::SlotNumber slot() const { return slot_; }
    /// The address the fabric gave; kNoFcId unless logged in.
    [[nodiscard]] wire::FcId address() const { return address_; }

    // FcTransport
    void attach(FcTransportUser& user) override { user_ = &user; }
    [[nodiscard]] const std::string& transport_name() const override { return name(); }
    [[nodiscard]] bool connected() const override { return phase_ != VfcClientPhase::kNoServer; }
    [[nodiscard]] bool ready() const override { return phase_ == VfcClientPhase::kLoggedIn; }
    [[nodiscard]] wire::Wwpn wwpn() const override { return wwpn_; }
    [[nodiscard]] std::uint32_t commands_max() const override { return commands_max_; }
    void discover() override;
    [[nodiscard]] bool send(wire::FcId target, const wire::ScsiCommand& command) override;

    [[nodiscard]] std::string_view description() const override { return "Virtual Fibre Channel Client Adapter"; }
    void on_attribute_changed(std::string_view name) override;
    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

  protected:
    void on_configure() override;
    void on_unconfigure() override;

  private:
    void on_message(const hypervisor::CrqMessage& message);
    void on_initialization(std::uint8_t code);
    void on_said(const hypervisor::CrqMessage& message);
    void log_in();
    void login_answered(const vfc::LoginAnswer& answer);
    void server_lost();
    void link_lost();
    void discovery_done();
    void forget_session();
    [[nodiscard]] bool tell(const hypervisor::CrqMessage& message);

    hypervisor::SlotNumber slot_;
    hypervisor::CrqTransport& crq_;
    wire::Wwpn wwpn_;
    FcTransportUser* user_ = nullptr;
    hypervisor::CrqAdapterId queue_;
    VfcClientPhase phase_ = VfcClientPhase::kNoServer;
    wire::FcId address_ = wire::kNoFcId;
    bool discovering_ = false;
    bool lost_ = false;  ///< server or link, since the system came up: their return is news
    std::uint32_t commands_max_ = 0;
    FcDiscovery found_;  ///< records of the discovery under way
};

}  // namespace pvmsim::aix
