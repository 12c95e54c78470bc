// FcAdapter: a physical Fibre Channel port with its driver ("fcs0"): logs in to the fabric and shares the port.
//
// The port's own name logs in first (FLOGI) and serves this system's fscsi; names of NPIV clients follow (FDISC), each
// with its own address, and the fabric's answers, responses and notices go to whom that address belongs. What takes the
// port down takes every login with it; when light returns all log in again by themselves. Left out: target mode (tme),
// several ports on one card sharing anything, fabric logins by hand (chnportlogin). Sources: behaviour 4.3, 5.
#pragma once

#include <string>
#include <vector>

#include "aix/fc/fc_transport.hpp"
#include "aix/os/device.hpp"
#include "fabric/san/fc_port.hpp"
#include "fabric/san/san.hpp"

namespace pvmsim::aix {

/// Somebody with a name of his own on a shared port: the virtual FC host adapter of a VIOS.
class FcLoginUser {
  public:
    virtual ~FcLoginUser() = default;
    /// The fabric's answer; kNoFcId: refused (no NPIV, too many logins, name in use).
    virtual void on_fc_login(wire::FcId address) = 0;
    /// The login is gone with the light, or there was none when light went.
    virtual void on_fc_link_lost() = 0;
    virtual void on_fc_state_change(wire::FcId changed) = 0;
    virtual void on_fc_response(const fabric::FcpResponse& response) = 0;
};

class FcAdapter final : public Device, public FcTransport, public fabric::FcPortOwner {
  public:
    /// [PARAM] name server query, port and process logins, REPORT LUNS and INQUIRY: about six exchanges with switch and
    /// target.
    static constexpr sim::Duration kDiscoveryTime{5'000'000};

    FcAdapter(OperatingSystem& os, std::string name, fabric::FcPort& port, const fabric::San& san);

    // --- further names on the port (NPIV) ---
    /// Logs the name in now, or as soon as there is light. The answer is on_fc_login, each time it logs in.
    void add_login(FcLoginUser& user, wire::Wwpn wwpn);
    /// Logs out and forgets. Harmless for a user that has no login.
    void remove_login(const FcLoginUser& user);
    [[nodiscard]] fabric::FcSendOutcome send_as(wire::FcId self, wire::FcId target, const wire::ScsiCommand& command);
    /// What a login sees now.
    [[nodiscard]] FcDiscovery discover_as(wire::FcId self) const;

    /// Light, as far as the driver has noticed.
    [[nodiscard]] bool link() const { return link_; }
    /// False once the fabric has refused the port itself: further names need not hope.
    [[nodiscard]] bool accepted() const { return link_ && !refused_; }
    /// The switch at the other end takes further logins (lsnports: fabric).
    [[nodiscard]] bool npiv_capable() const { return san_.npiv_capable(port_); }
    [[nodiscard]] const fabric::FcPort& port() const { return port_; }

    // FcTransport: the port's own login
    void attach(FcTransportUser& user) override { user_ = &user; }
    [[nodiscard]] const std::string& transport_name() const override { return name(); }
    [[nodiscard]] bool connected() const override { return enabled_ && port_.link(); }
    [[nodiscard]] bool ready() const override { return address_ != wire::kNoFcId; }
    [[nodiscard]] wire::Wwpn wwpn() const override { return port_.wwpn(); }
    [[nodiscard]] std::uint32_t commands_max() const override { return commands_max_; }
    void discover() override;
    [[nodiscard]] bool send(wire::FcId target, const wire::ScsiCommand& command) override;

    // fabric::FcPortOwner
    void on_link(fabric::FcPort& port, bool up) override;
    void on_login(fabric::FcPort& port, wire::Wwpn wwpn, wire::FcId address) override;
    void on_state_change(fabric::FcPort& port, wire::FcId to, wire::FcId changed) override;
    void on_command(fabric::FcPort&, const fabric::FcpCommand&) override {}
    void on_response(fabric::FcPort& port, const fabric::FcpResponse& response) override;

    [[nodiscard]] std::string_view description() const override { return "8Gb PCI Express Dual Port FC Adapter"; }
    void on_event(const sim::Event& event) override;
    void on_attribute_changed(std::string_view name) override;
    void digest(sim::Digest& digest) const override;

  protected:
    void on_configure() override;
    void on_unconfigure() override;

  private:
    struct Login {
        wire::FcId address = wire::kNoFcId;
        wire::Wwpn wwpn;
        FcLoginUser* user = nullptr;
    };

    void link_came();
    void link_went();
    void own_login_answered(wire::FcId address);
    void discovery_done();
    [[nodiscard]] Login* login_of(wire::FcId address);

    fabric::FcPort& port_;
    const fabric::San& san_;
    FcTransportUser* user_ = nullptr;
    bool enabled_ = false;
    bool link_ = false;
    bool refused_ = false;
    bool discovering_ = false;
    bool lost_ = false;  ///< the link, since the system came up: its return is news
    std::uint32_t commands_max_ = 0;
    wire::FcId address_ = wire::kNoFcId;
    std::vector<Login> logins_;  ///< further ones, in the order they were added
    sim::EventHandle discovery_;
};

}  // namespace pvmsim::aix
