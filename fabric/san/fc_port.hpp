// FcPort: a Fibre Channel port at the end of a cable; one physical port, one or (NPIV) several logins.
//
// Used by both sides: an adapter port of a server is an initiator with its own WWPN and those of its NPIV clients, a
// controller port of an array is a target. Commands and answers are events; a command that cannot be sent is refused at
// once, one that is under way when something breaks is lost, and the initiator's own timers find out, as in life.
#pragma once

#include <string>
#include <vector>

#include "fabric/san/events.hpp"
#include "fabric/san/visible_lun.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::fabric {

class San;
class FcPort;

/// What the owner of a port implements.
class FcPortOwner {
  public:
    virtual ~FcPortOwner() = default;
    /// Light came or went. When it goes every login of the port is gone too.
    virtual void on_link(FcPort& port, bool up) = 0;
    /// Answer to login(): the address, or kNoFcId when the switch refused (no NPIV, too many logins).
    virtual void on_login(FcPort& port, wire::Wwpn wwpn, wire::FcId address) = 0;
    /// A zoned partner of the login `to` changed state: query the name server again.
    virtual void on_state_change(FcPort& port, wire::FcId to, wire::FcId changed) = 0;
    virtual void on_command(FcPort& port, const FcpCommand& command) = 0;
    virtual void on_response(FcPort& port, const FcpResponse& response) = 0;
    /// Targets: what the initiator would see here.
    [[nodiscard]] virtual std::vector<VisibleLun> report_luns(wire::Wwpn initiator) const;
};

/// A partner found in the name server: logged in, zoned with the asker, reachable now.
struct NameServerEntry {
    wire::Wwpn wwpn;
    wire::FcId address;
    bool target = false;
};

enum class FcSendOutcome : std::uint8_t {
    kSent,
    kLinkDown,     ///< no light on this port
    kNotLoggedIn,  ///< the source address is not logged in (any more)
    kNoRoute,      ///< destination gone, unreachable or not zoned
};

class FcPort : public sim::Entity {
  public:
    /// Created by San::add_port.
    FcPort(sim::Engine& engine, San& san, FcPortId id, std::string path, wire::Wwpn wwpn, bool target);

    void attach(FcPortOwner* owner) { owner_ = owner; }
    /// The driver turns the port on or off. Off ends every login.
    void enable();
    void disable();

    [[nodiscard]] bool enabled() const { return enabled_; }
    [[nodiscard]] bool link() const { return link_; }
    [[nodiscard]] wire::Wwpn wwpn() const { return wwpn_; }
    [[nodiscard]] bool is_target() const { return target_; }
    [[nodiscard]] FcPortId id() const { return id_; }
    [[nodiscard]] sim::EntityId entity() const { return entity_; }
    [[nodiscard]] const std::string& path() const { return path_; }

    /// Asks the switch for an address: FLOGI for the port's own name, FDISC for another. The answer is on_login.
    void login(wire::Wwpn wwpn);
    /// Ends one login; its zoned partners get a state change notice. Harmless when not logged in.
    void logout(wire::Wwpn wwpn);
    /// The address of a login, kNoFcId if there is none.
    [[nodiscard]] wire::FcId address_of(wire::Wwpn wwpn) const;

    /// Name server query for one of the port's logins, in the order of WWPNs.
    [[nodiscard]] std::vector<NameServerEntry> query_name_server(wire::FcId self) const;

    /// What one of the port's logins sees behind a target's address (REPORT LUNS and INQUIRY), in LUN order. Empty when
    /// the target cannot be reached from here or shows nothing.
    [[nodiscard]] std::vector<VisibleLun> report_luns(wire::FcId self, wire::FcId target) const;

    FcSendOutcome send(const FcpCommand& command);
    FcSendOutcome send(const FcpResponse& response);

    /// The name behind an address that is logged in somewhere now; kNoWwpn otherwise.
    [[nodiscard]] wire::Wwpn wwpn_of(wire::FcId address) const;
    /// Number of the login that has the address now, never used again within a run; 0 without a login. Who remembers it
    /// notices that a partner went and came back.
    [[nodiscard]] std::uint32_t login_serial(wire::FcId address) const;

    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

    /// The SAN's word on the light.
    void set_link(bool up);

  private:
    friend class San;
    struct Login {
        wire::Wwpn wwpn;
        wire::FcId address;
    };
    /// A login asked for and not yet answered.
    struct PendingLogin {
        wire::Wwpn wwpn;
        wire::FcId address;
        sim::EventHandle answer;
    };

    void on_login_answered(const LoginAnswered& answer);
    [[nodiscard]] bool has_login(wire::FcId address) const;
    [[nodiscard]] bool is_pending(wire::Wwpn wwpn) const;

    sim::Engine& engine_;
    San& san_;
    FcPortId id_;
    std::string path_;
    wire::Wwpn wwpn_;
    bool target_;
    sim::EntityId entity_;
    FcPortOwner* owner_ = nullptr;
    bool enabled_ = false;
    bool link_ = false;
    std::vector<Login> logins_;  ///< in the order they were answered
    std::vector<PendingLogin> pending_;
};

}  // namespace pvmsim::fabric
