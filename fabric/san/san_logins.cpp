// Logins of the fabric: addresses, refusals, and who is told when one comes or goes.
// Rules of FC-LS as far as an initiator notices them; refusals are listed in docs/model/san.md.
#include <algorithm>

#include "fabric/san/san_state.hpp"

namespace pvmsim::fabric {

bool San::State::is_known(SanFabricId fabric, wire::Wwpn wwpn) const {
    bool known = false;
    for_each_login(fabric, [&](const Login& login) { known |= login.wwpn == wwpn; });
    return known;
}

wire::FcId San::State::reserve(const FcPort& port, wire::Wwpn wwpn) {
    const auto& cable = cables.at(ports.at(port.id().value()).cable->value());
    Switch& at_switch = switches.at(cable.far_switch.value());
    Area& area = at_switch.areas.at(cable.area);
    const auto& config = fabrics.at(at_switch.fabric.value()).config;
    const bool own = wwpn == port.wwpn();

    // The first login keeps a name (the usual "enforce login: first takes precedence" of switches).
    if (wwpn == wire::kNoWwpn || is_known(at_switch.fabric, wwpn)) return wire::kNoFcId;
    if (!own && (!config.npiv || area.slots.empty() || area.slots.front().serial == 0)) return wire::kNoFcId;
    const auto used = std::ranges::count_if(area.slots, [](const Login& login) { return login.serial != 0; });
    const auto allowed = std::min<std::size_t>(config.logins_per_port_max, kSlotsMax);
    if (static_cast<std::size_t>(used) >= allowed) return wire::kNoFcId;

    std::uint32_t slot = 0;
    if (!own) {
        // Slot 0 is taken by the port itself, so that fewer than `allowed` used ones leave a free slot to find.
        slot = area.next_slot;
        while (slot >= allowed || (slot < area.slots.size() && area.slots[slot].serial != 0)) {
            slot = slot + 1 >= allowed ? 1 : slot + 1;
        }
        area.next_slot = slot + 1;
    }
    if (slot >= area.slots.size()) area.slots.resize(slot + 1);
    const wire::FcId address{(cable.far_switch.value() + 1) << 16 | cable.area << 8 | slot};
    area.slots[slot] = {.wwpn = wwpn,
                        .address = address,
                        .port = port.id(),
                        .entity = port.entity(),
                        .at_switch = cable.far_switch,
                        .fabric = at_switch.fabric,
                        .serial = ++login_serial,
                        .member = fabrics[at_switch.fabric.value()].zoning.member_of(wwpn)};
    return address;
}

void San::State::activate(wire::FcId address) {
    auto& login =
        switches.at((address.value() >> 16) - 1).areas.at(address.value() >> 8 & 0xff).slots.at(address.value() & 0xff);
    if (login.active) return;
    login.active = true;
    notify_partners(login);
}

void San::State::release(wire::FcId address) {
    auto& login =
        switches.at((address.value() >> 16) - 1).areas.at(address.value() >> 8 & 0xff).slots.at(address.value() & 0xff);
    const Login gone = login;
    login = {};
    if (gone.active) notify_partners(gone);
}

void San::State::notify_partners(const Login& changed) const {
    const auto delay = fabrics.at(changed.fabric.value()).config.notice_delay;
    for_each_login(changed.fabric, [&](const Login& partner) {
        if (!partner.active || partner.address == changed.address || way(changed, partner) == kNoRoute) return;
        engine.schedule_in(delay, partner.entity, StateChangeNotice{partner.address, changed.address});
    });
}

}  // namespace pvmsim::fabric
