// The driver's work on the port: the order of logins, whom each piece of news concerns. Rules: fc_adapter.hpp.
//
// Light comes and goes as an event to the driver itself, so that a hung system learns of it in its turn.
#include "aix/fc/fc_adapter.hpp"

#include <algorithm>
#include <utility>

#include "aix/fc/events.hpp"
#include "aix/fc/text.hpp"
#include "aix/odm/predefined.hpp"
#include "aix/os/operating_system.hpp"

namespace pvmsim::aix {

using fabric::FcPort;
using wire::FcId;
using wire::kNoFcId;
using wire::Wwpn;

FcAdapter::FcAdapter(OperatingSystem& os, std::string name, FcPort& port, const fabric::San& san)
    : Device(os, std::move(name), fcs_attributes()), port_(port), san_(san) {
    PVMSIM_ASSERT(!port.is_target());
    // What arrives at the port is handled by the partition's processors: it waits while they hang.
    os.system().adopt_entity(os.partition_id(), port.entity());
    port_.attach(this);
}

void FcAdapter::on_configure() {
    on_attribute_changed("num_cmd_elems");
    enabled_ = true;
    lost_ = false;
    port_.enable();
}

void FcAdapter::on_unconfigure() {
    enabled_ = link_ = refused_ = discovering_ = false;
    address_ = kNoFcId;
    logins_.clear();
    engine().cancel(discovery_);
    port_.disable();
}

void FcAdapter::on_attribute_changed(std::string_view) {
    commands_max_ = static_cast<std::uint32_t>(attributes().integer("num_cmd_elems"));
}

void FcAdapter::on_link(FcPort&, bool up) {
    if (enabled_) engine().schedule_in(sim::Duration{0}, entity(), FcLinkChanged{up ? 1u : 0u});
}

void FcAdapter::link_came() {
    if (std::exchange(link_, true)) return;
    port_.login(port_.wwpn());
}

void FcAdapter::link_went() {
    if (!std::exchange(link_, false)) return;
    refused_ = discovering_ = false;
    lost_ = true;
    address_ = kNoFcId;
    engine().cancel(discovery_);
    for (auto& login : logins_) login.address = kNoFcId;
    milestone("fc-link", "link lost");
    if (user_ != nullptr) user_->on_link_lost();
    for (std::size_t index = 0; index < logins_.size(); ++index) logins_[index].user->on_fc_link_lost();
}

void FcAdapter::on_login(FcPort&, Wwpn wwpn, FcId address) {
    if (!enabled_) return;
    if (wwpn == port_.wwpn()) return own_login_answered(address);
    const auto login = std::ranges::find(logins_, wwpn, &Login::wwpn);
    if (login == logins_.end()) return;
    login->address = address;
    login->user->on_fc_login(address);
}

void FcAdapter::own_login_answered(FcId address) {
    address_ = address;
    refused_ = address == kNoFcId;
    if (refused_) {
        milestone("fc-login", "login refused by the fabric");
        os().errlog().add(now(), errors::kLinkError, name(), "fabric login refused");
        for (std::size_t index = 0; index < logins_.size(); ++index) logins_[index].user->on_fc_login(kNoFcId);
        return;
    }
    if (std::exchange(lost_, false)) milestone("fc-login", "link back, logged in as " + address_text(address));
    for (const auto& login : logins_) port_.login(login.wwpn);
    if (user_ != nullptr) user_->on_ready();
}

void FcAdapter::add_login(FcLoginUser& user, Wwpn wwpn) {
    PVMSIM_ASSERT(wwpn != wire::kNoWwpn);
    PVMSIM_ASSERT(std::ranges::find(logins_, &user, &Login::user) == logins_.end());
    logins_.push_back({.wwpn = wwpn, .user = &user});
    if (ready()) port_.login(wwpn);
}

void FcAdapter::remove_login(const FcLoginUser& user) {
    const auto login = std::ranges::find(logins_, &user, &Login::user);
    if (login == logins_.end()) return;
    const Wwpn wwpn = login->wwpn;
    logins_.erase(login);
    port_.logout(wwpn);
}

FcAdapter::Login* FcAdapter::login_of(FcId address) {
    for (auto& login : logins_)
        if (login.address == address) return &login;
    return nullptr;
}

fabric::FcSendOutcome FcAdapter::send_as(FcId self, FcId target, const wire::ScsiCommand& command) {
    return port_.send(fabric::FcpCommand{.source = self, .destination = target, .command = command});
}

FcDiscovery FcAdapter::discover_as(FcId self) const {
    FcDiscovery found;
    for (const auto& entry : port_.query_name_server(self)) {
        if (!entry.target) continue;
        found.targets.push_back({entry.wwpn, entry.address, port_.login_serial(entry.address)});
        for (const auto& unit : port_.report_luns(self, entry.address)) {
            found.units.push_back({.address = {.target = entry.wwpn.value(), .lun = unit.number},
                                   .identity = identity_of(unit.identity),
                                   .size_bytes = unit.size_bytes});
        }
    }
    return found;
}

void FcAdapter::discover() {
    if (!ready() || std::exchange(discovering_, true)) return;
    discovery_ = engine().schedule_in(kDiscoveryTime, entity(), FcDiscoveryDue{});
}

void FcAdapter::discovery_done() {
    discovering_ = false;
    if (ready() && user_ != nullptr) user_->on_discovered(discover_as(address_));
}

bool FcAdapter::send(FcId target, const wire::ScsiCommand& command) {
    return ready() && send_as(address_, target, command) == fabric::FcSendOutcome::kSent;
}

void FcAdapter::on_state_change(FcPort&, FcId to, FcId changed) {
    if (to == address_) {
        if (user_ != nullptr) user_->on_state_change();
    } else if (auto* login = login_of(to)) {
        login->user->on_fc_state_change(changed);
    }
}

void FcAdapter::on_response(FcPort&, const fabric::FcpResponse& response) {
    if (response.destination == address_) {
        if (user_ != nullptr) user_->on_response(response.response.tag, response.response.status);
    } else if (auto* login = login_of(response.destination)) {
        login->user->on_fc_response(response);
    }
}

void FcAdapter::on_event(const sim::Event& event) {
    if (const auto* changed = event.as<FcLinkChanged>()) {
        if (!enabled_) return;
        if (changed->up == 0) link_went();
        // After a hang the news may be older than the light.
        if (port_.link()) link_came();
    } else if (event.is<FcDiscoveryDue>()) {
        discovery_done();
    }
}

void FcAdapter::digest(sim::Digest& digest) const {
    Device::digest(digest);
    digest.add(enabled_);
    digest.add(link_);
    digest.add(refused_);
    digest.add(discovering_);
    digest.add(lost_);
    digest.add(commands_max_);
    digest.add(address_);
    for (const auto& login : logins_) {
        digest.add(login.wwpn);
        digest.add(login.address);
    }
}

}  // namespace pvmsim::aix
