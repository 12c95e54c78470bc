// A port's end of the cable: logins, the name server's answers, commands and responses.
// PLOGI and PRLI are left out: being logged in, zoned and connected is enough. Rules: docs/model/san.md.
#include "fabric/san/fc_port.hpp"

#include <algorithm>
#include <utility>

#include "fabric/san/san_state.hpp"

namespace pvmsim::fabric {

std::vector<VisibleLun> FcPortOwner::report_luns(wire::Wwpn) const { return {}; }

FcPort::FcPort(sim::Engine& engine, San& san, FcPortId id, std::string path, wire::Wwpn wwpn, bool target)
    : engine_(engine), san_(san), id_(id), path_(std::move(path)), wwpn_(wwpn), target_(target) {
    entity_ = engine_.add(*this, path_);
}

void FcPort::enable() {
    if (enabled_) return;
    enabled_ = true;
    if (san_.is_cabled(*this)) san_.state_->refresh_link(san_.cable_of(*this));
}

void FcPort::disable() {
    if (!enabled_) return;
    enabled_ = false;
    set_link(false);
}

void FcPort::set_link(bool up) {
    if (link_ == up) return;
    link_ = up;
    if (!up) {
        for (auto& pending : std::exchange(pending_, {})) {
            engine_.cancel(pending.answer);
            if (pending.address != wire::kNoFcId) san_.state_->release(pending.address);
        }
        for (const auto& login : std::exchange(logins_, {})) san_.state_->release(login.address);
    }
    engine_.trace().detail(engine_.now(), path_, "fc-link", {{"up", up}});
    if (owner_ != nullptr) owner_->on_link(*this, up);
}

bool FcPort::is_pending(wire::Wwpn wwpn) const {
    return std::ranges::find(pending_, wwpn, &PendingLogin::wwpn) != pending_.end();
}

bool FcPort::has_login(wire::FcId address) const {
    const auto* login = san_.state_->find(address);
    return login != nullptr && login->port == id_;
}

void FcPort::login(wire::Wwpn wwpn) {
    if (!link_ || is_pending(wwpn)) return;
    auto& state = *san_.state_;
    auto address = address_of(wwpn);
    const bool again = address != wire::kNoFcId;
    if (!again) address = state.reserve(*this, wwpn);
    const auto delay = state.fabrics.at(san_.fabric_of(san_.switch_of(*this)).value()).config.login_time;
    auto handle = engine_.schedule_in(delay, entity_, LoginAnswered{wwpn, address});
    pending_.push_back({wwpn, again ? wire::kNoFcId : address, handle});
}

void FcPort::on_login_answered(const LoginAnswered& answer) {
    std::erase_if(pending_, [&](const PendingLogin& pending) { return pending.wwpn == answer.wwpn; });
    if (answer.fc_id != wire::kNoFcId && address_of(answer.wwpn) == wire::kNoFcId) {
        logins_.push_back({answer.wwpn, answer.fc_id});
        san_.state_->activate(answer.fc_id);
    }
    engine_.trace().detail(engine_.now(), path_, "fabric-login",
                           {{"wwpn", static_cast<std::int64_t>(answer.wwpn.value())},
                            {"fc_id", static_cast<std::int64_t>(answer.fc_id.value())}});
    if (owner_ != nullptr) owner_->on_login(*this, answer.wwpn, answer.fc_id);
}

void FcPort::logout(wire::Wwpn wwpn) {
    if (const auto at = std::ranges::find(pending_, wwpn, &PendingLogin::wwpn); at != pending_.end()) {
        engine_.cancel(at->answer);
        const auto address = at->address;
        pending_.erase(at);
        if (address != wire::kNoFcId) san_.state_->release(address);
    }
    if (const auto at = std::ranges::find(logins_, wwpn, &Login::wwpn); at != logins_.end()) {
        const auto address = at->address;
        logins_.erase(at);
        san_.state_->release(address);
    }
}

wire::FcId FcPort::address_of(wire::Wwpn wwpn) const {
    const auto at = std::ranges::find(logins_, wwpn, &Login::wwpn);
    return at == logins_.end() ? wire::kNoFcId : at->address;
}

std::vector<NameServerEntry> FcPort::query_name_server(wire::FcId self) const {
    std::vector<NameServerEntry> entries;
    if (!link_ || !has_login(self)) return entries;
    const auto& state = *san_.state_;
    const auto& asker = *state.find(self);
    state.for_each_login(asker.fabric, [&](const San::State::Login& login) {
        if (!login.active || login.address == self || state.way(asker, login) == San::State::kNoRoute) return;
        entries.push_back({login.wwpn, login.address, state.ports[login.port.value()].port->is_target()});
    });
    std::ranges::sort(entries, {}, &NameServerEntry::wwpn);
    return entries;
}

std::vector<VisibleLun> FcPort::report_luns(wire::FcId self, wire::FcId target) const {
    if (!link_ || !has_login(self)) return {};
    const auto& state = *san_.state_;
    const auto& asker = *state.find(self);
    const auto* partner = state.find(target);
    if (partner == nullptr || state.way(asker, *partner) == San::State::kNoRoute) return {};
    const auto* owner = state.ports[partner->port.value()].port->owner_;
    return owner == nullptr ? std::vector<VisibleLun>{} : owner->report_luns(asker.wwpn);
}

wire::Wwpn FcPort::wwpn_of(wire::FcId address) const {
    const auto* login = san_.state_->find(address);
    return login == nullptr ? wire::kNoWwpn : login->wwpn;
}

std::uint32_t FcPort::login_serial(wire::FcId address) const {
    const auto* login = san_.state_->find(address);
    return login == nullptr ? 0 : login->serial;
}

namespace {

/// Commands and responses pass alike: both ends logged in, zoned and connected.
template <class Message, class State>
FcSendOutcome pass(const State& state, sim::Engine& engine, FcPortId from, const Message& message) {
    const auto* source = state.find(message.source);
    if (source == nullptr || source->port != from) return FcSendOutcome::kNotLoggedIn;
    const auto* destination = state.find(message.destination);
    if (destination == nullptr) return FcSendOutcome::kNoRoute;
    const auto latency = state.way(*source, *destination);
    if (latency == State::kNoRoute) return FcSendOutcome::kNoRoute;
    engine.schedule_in(latency, destination->entity, message);
    return FcSendOutcome::kSent;
}

}  // namespace

FcSendOutcome FcPort::send(const FcpCommand& command) {
    return link_ ? pass(*san_.state_, engine_, id_, command) : FcSendOutcome::kLinkDown;
}

FcSendOutcome FcPort::send(const FcpResponse& response) {
    return link_ ? pass(*san_.state_, engine_, id_, response) : FcSendOutcome::kLinkDown;
}

void FcPort::on_event(const sim::Event& event) {
    if (const auto* answer = event.as<LoginAnswered>()) return on_login_answered(*answer);
    if (owner_ == nullptr) return;
    // What was under way to a login that has ended meanwhile is lost.
    if (const auto* command = event.as<FcpCommand>()) {
        if (has_login(command->destination)) owner_->on_command(*this, *command);
    } else if (const auto* response = event.as<FcpResponse>()) {
        if (has_login(response->destination)) owner_->on_response(*this, *response);
    } else {
        const auto* notice = event.as<StateChangeNotice>();
        PVMSIM_ASSERT(notice != nullptr);
        if (has_login(notice->to)) owner_->on_state_change(*this, notice->to, notice->changed);
    }
}

void FcPort::digest(sim::Digest& digest) const {
    digest.add(enabled_);
    digest.add(link_);
    for (const auto& login : logins_) {
        digest.add(login.wwpn);
        digest.add(login.address);
    }
    for (const auto& pending : pending_) digest.add(pending.wwpn);
}

}  // namespace pvmsim::fabric
