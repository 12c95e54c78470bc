// What a San holds, laid out for the send path: an FcId leads by three array steps to its login, zoning is one bit of a
// matrix, a route is one entry of a table. Private to fabric/san/*.cpp.
//
// An FcId is domain (switch number + 1, unique in the whole San, so that an address names one login), area (port of the
// switch) and port byte (slot of the login on that port; 0 is the port's own).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fabric/san/san.hpp"
#include "fabric/san/zoning.hpp"
#include "fabric/topology/graph.hpp"

namespace pvmsim::fabric {

struct San::State final : public sim::Entity {
    static constexpr std::size_t kSwitchesMax = 239;        ///< domains 1..239 (FC-SW)
    static constexpr std::size_t kPortsPerSwitchMax = 256;  ///< an area is one byte
    static constexpr std::size_t kSlotsMax = 256;           ///< a port byte is one byte

    struct Login {
        wire::Wwpn wwpn;
        wire::FcId address;
        FcPortId port;
        sim::EntityId entity;  ///< of the port
        FcSwitchId at_switch;
        SanFabricId fabric;
        std::uint32_t serial = 0;  ///< 0: the slot is free
        Zoning::Member member = Zoning::kNoMember;
        bool active = false;  ///< answered; before that the address is only kept
    };
    struct Area {
        std::vector<Login> slots;
        std::uint32_t next_slot = 1;  ///< addresses go round, so that a new login rarely gets a recent one
    };
    struct Switch {
        std::string name;
        std::string path;
        SanFabricId fabric;
        bool powered = true;
        sim::Duration extra_latency{0};
        std::vector<Area> areas;
    };
    struct Cable {
        std::optional<FcPortId> port;
        FcSwitchId near_switch;  ///< without a port
        FcSwitchId far_switch;
        std::uint32_t area = 0;  ///< port: on the far switch
        Edge edge;               ///< without a port
        bool whole = true;
        bool open = true;
    };
    struct Fabric {
        SanFabricConfig config;
        Zoning zoning;
    };
    struct Port {
        std::unique_ptr<FcPort> port;
        std::optional<FcCableId> cable;
    };

    explicit State(sim::Engine& simulator);
    ~State() override;

    sim::Engine& engine;
    sim::EntityId entity;
    std::vector<Fabric> fabrics;
    std::vector<Switch> switches;
    std::vector<Cable> cables;
    std::vector<Port> ports;
    Graph graph;  ///< vertex n is switch n
    /// From switch to switch: what a frame takes; kNoRoute when there is no way.
    std::vector<sim::Duration> routes;
    std::uint32_t login_serial = 0;

    static constexpr sim::Duration kNoRoute{-1};

    // --- the send path ---
    [[nodiscard]] const Login* find(wire::FcId address) const;
    [[nodiscard]] sim::Duration route(FcSwitchId from, FcSwitchId to) const {
        return routes[from.value() * switches.size() + to.value()];
    }
    /// May frames pass between the two logins: zoned and connected? The time they take, or kNoRoute.
    [[nodiscard]] sim::Duration way(const Login& from, const Login& to) const;

    // --- logins ---
    /// Keeps an address for a login; kNoFcId when the switch refuses.
    wire::FcId reserve(const FcPort& port, wire::Wwpn wwpn);
    void activate(wire::FcId address);
    /// Ends a login (or a kept address) and tells its partners.
    void release(wire::FcId address);
    void notify_partners(const Login& changed) const;
    [[nodiscard]] bool is_known(SanFabricId fabric, wire::Wwpn wwpn) const;

    // --- links and routes ---
    void refresh_link(FcCableId id);
    void refresh_routes();
    void notify_rerouted(const std::vector<sim::Duration>& before) const;
    [[nodiscard]] std::vector<sim::Duration> compute_routes() const;
    [[nodiscard]] std::string ends_of(const Cable& cable) const;
    void set_power(FcSwitchId id, bool powered);
    void set_cable(FcCableId id, bool whole, bool open, const std::string& what);

    template <class Visit>
    void for_each_login(SanFabricId fabric, Visit visit) const {
        for (const auto& one : switches) {
            if (one.fabric != fabric) continue;
            for (const auto& area : one.areas) {
                for (const auto& login : area.slots) {
                    if (login.serial != 0) visit(login);
                }
            }
        }
    }

    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;
};

inline const San::State::Login* San::State::find(wire::FcId address) const {
    const std::uint32_t domain = address.value() >> 16;
    if (domain - 1 >= switches.size()) return nullptr;
    const auto& areas = switches[domain - 1].areas;
    const std::uint32_t area = address.value() >> 8 & 0xff;
    if (area >= areas.size()) return nullptr;
    const auto& slots = areas[area].slots;
    const std::uint32_t slot = address.value() & 0xff;
    if (slot >= slots.size() || !slots[slot].active) return nullptr;
    return &slots[slot];
}

inline sim::Duration San::State::way(const Login& from, const Login& to) const {
    if (from.fabric != to.fabric) return kNoRoute;
    if (!fabrics[from.fabric.value()].zoning.together(from.member, to.member)) return kNoRoute;
    return route(from.at_switch, to.at_switch);
}

}  // namespace pvmsim::fabric
