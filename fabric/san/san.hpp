// San: Fibre Channel fabrics of switches, the cables to ports, name server, soft zoning by WWPN, state change notices.
//
// Soft zoning: the name server shows a login only its zone partners, and a command to anyone else is refused here too.
// Routing between switches of one fabric follows the inter-switch links that are up (fabric/topology).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fabric/san/fc_port.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::fabric {

struct SanFabricConfig {
    std::string name;
    bool npiv = true;                         ///< the switches accept FDISC
    bool default_zone_all_access = false;     ///< without zones: everybody sees everybody
    std::uint32_t logins_per_port_max = 255;  ///< [PARAM] switch default; the 64 VFC limit is the VIOS's (R-NPIV-01)
    sim::Duration login_time{2'000'000};      ///< [PARAM] 2 ms FLOGI/FDISC with name server registration
    sim::Duration transit_latency{10'000};    ///< [PARAM] 10 us a command or answer, host to target
    sim::Duration notice_delay{5'000'000};    ///< [PARAM] 5 ms until a state change notice arrives
};

struct FcCableIdTag;
using FcCableId = sim::StrongId<FcCableIdTag>;

class San {
  public:
    explicit San(sim::Engine& engine);
    ~San();

    SanFabricId add_fabric(SanFabricConfig config);
    FcSwitchId add_switch(SanFabricId fabric, std::string name);
    /// Inter-switch link between two switches of one fabric.
    FcCableId connect(FcSwitchId a, FcSwitchId b);
    /// `path` names the entity ("p740a/C5-T1", "ds1/A-P0").
    FcPort& add_port(std::string path, wire::Wwpn wwpn, bool target);
    FcCableId connect(FcPort& port, FcSwitchId to);
    /// Members see each other. A port may be in any number of zones.
    void add_zone(SanFabricId fabric, std::string name, std::vector<wire::Wwpn> members);

    // --- faults and repair; each may be repeated harmlessly ---
    void power_off(FcSwitchId id);
    void power_on(FcSwitchId id);
    void cut(FcCableId id);
    void mend(FcCableId id);
    void shut_port(FcCableId id);
    void open_port(FcCableId id);
    void set_extra_latency(FcSwitchId id, sim::Duration extra);

    // --- finding things ---
    [[nodiscard]] bool has_switch(std::string_view name) const;
    [[nodiscard]] FcSwitchId find_switch(std::string_view name) const;  ///< asserts that it exists
    [[nodiscard]] std::string_view name_of(FcSwitchId id) const;
    [[nodiscard]] SanFabricId fabric_of(FcSwitchId id) const;
    [[nodiscard]] bool is_cabled(const FcPort& port) const;
    [[nodiscard]] FcCableId cable_of(const FcPort& port) const;  ///< asserts that it is cabled
    /// True when the port's switch accepts further logins on a port (lsnports: fabric).
    [[nodiscard]] bool npiv_capable(const FcPort& port) const;
    /// The FcPort that carries a login now, or nullptr.
    [[nodiscard]] const FcPort* port_of(wire::FcId address) const;

    [[nodiscard]] std::size_t switch_count() const;
    [[nodiscard]] bool powered(FcSwitchId id) const;
    /// Any link between the two switches (first found); asserts that there is one.
    [[nodiscard]] FcCableId cable_between(FcSwitchId a, FcSwitchId b) const;
    [[nodiscard]] bool are_cabled(FcSwitchId a, FcSwitchId b) const;
    /// The switch of a cabled port.
    [[nodiscard]] FcSwitchId switch_of(const FcPort& port) const;

  private:
    friend class FcPort;
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace pvmsim::fabric
