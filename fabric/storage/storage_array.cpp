// Building an array, its ports and logins, its controllers' faults. The way of a command is in storage_service.cpp.
// Every working controller serves every unit (active/active); no preferred paths. Rules: docs/model/storage.md.
#include "fabric/storage/storage_array.hpp"

#include <algorithm>
#include <utility>

#include "fabric/storage/events.hpp"
#include "fabric/storage/storage_state.hpp"

namespace pvmsim::fabric {
namespace {

/// Peripheral addressing up to 255, flat space addressing beyond (SAM-3 4.9).
wire::LunNumber number_of(LunId id) {
    const std::uint64_t method = id.value() < 256 ? 0 : 0x4000;
    return wire::LunNumber{(method | id.value()) << 48};
}

}  // namespace

StorageArray::State::State(sim::Engine& simulator, StorageArrayConfig settings)
    : engine(simulator),
      config(std::move(settings)),
      service_random(engine.random_stream(config.name, "service-time")) {
    PVMSIM_ASSERT(config.controllers >= 1 && config.controllers <= kControllersMax);
    PVMSIM_ASSERT(config.concurrency >= 1);
    for (std::uint32_t i = 0; i < config.controllers; ++i) {
        controllers.push_back({.name = std::string(1, static_cast<char>('A' + i)), .ports = {}});
    }
    places.resize(config.concurrency);
    for (std::uint32_t i = config.concurrency; i > 0; --i) free_places.push_back(i - 1);
}

StorageArray::State::Controller& StorageArray::State::controller(std::string_view name) {
    const auto found = std::ranges::find(controllers, name, &Controller::name);
    PVMSIM_ASSERT(found != controllers.end());
    return *found;
}

StorageArray::State::Initiator StorageArray::State::initiator(wire::Wwpn wwpn) const {
    const auto at = std::ranges::lower_bound(initiators, wwpn);
    if (at == initiators.end() || *at != wwpn) return kNoInitiator;
    return static_cast<Initiator>(at - initiators.begin());
}

StorageArray::StorageArray(sim::Engine& engine, StorageArrayConfig config)
    : state_(std::make_unique<State>(engine, std::move(config))) {
    state_->entity = engine.add(*this, state_->config.name);
}

StorageArray::~StorageArray() { state_->engine.remove(state_->entity); }

void StorageArray::add_port(std::string_view controller, FcPort& port) {
    PVMSIM_ASSERT(port.is_target());
    auto& one = state_->controller(controller);
    one.ports.push_back(&port);
    port.attach(this);
    if (state_->started && one.working) port.enable();
}

LunId StorageArray::add_lun(LunConfig config) {
    PVMSIM_ASSERT(!has_lun(config.name));
    PVMSIM_ASSERT(state_->luns.size() < State::kLunsMax);
    PVMSIM_ASSERT(!state_->started);  // Initiators are numbered while the array is built.
    const LunId id{static_cast<std::uint32_t>(state_->luns.size())};
    auto& initiators = state_->initiators;
    initiators.insert(initiators.end(), config.hosts.begin(), config.hosts.end());
    std::ranges::sort(initiators);
    const auto repeated = std::ranges::unique(initiators);
    initiators.erase(repeated.begin(), repeated.end());
    state_->luns.push_back({.config = std::move(config), .visible_to = {}, .reservation = {}});
    return id;
}

void StorageArray::start() {
    if (std::exchange(state_->started, true)) return;
    for (auto& lun : state_->luns) {
        lun.visible_to.assign(state_->initiators.size(), false);
        for (auto host : lun.config.hosts) lun.visible_to[state_->initiator(host)] = true;
    }
    for (auto& controller : state_->controllers) {
        if (!controller.working) continue;
        for (auto* port : controller.ports) port->enable();
    }
}

std::vector<VisibleLun> StorageArray::report_luns(wire::Wwpn initiator) const {
    std::vector<VisibleLun> visible;
    for (std::uint32_t i = 0; i < state_->luns.size(); ++i) {
        const auto& config = state_->luns[i].config;
        if (std::ranges::find(config.hosts, initiator) == config.hosts.end()) continue;
        visible.push_back({number_of(LunId{i}), LunId{i}, state_->config.name + "." + config.name, config.size_bytes});
    }
    return visible;
}

void StorageArray::State::set_working(std::string_view name, bool working) {
    auto& one = controller(name);
    if (one.working == working) return;
    one.working = working;
    engine.trace().milestone(engine.now(), config.name, "controller",
                             "controller " + one.name + (working ? " works again" : " failed"),
                             {{"controller", std::string_view(one.name)}, {"working", working}});
    if (!started) return;
    for (auto* port : one.ports) {
        if (working) {
            port->enable();
        } else {
            port->disable();
        }
    }
}

void StorageArray::fail_controller(std::string_view controller) { state_->set_working(controller, false); }
void StorageArray::repair_controller(std::string_view controller) { state_->set_working(controller, true); }

void StorageArray::set_extra_latency(sim::Duration extra) {
    if (state_->extra_latency == extra) return;
    state_->extra_latency = extra;
    state_->engine.trace().milestone(state_->engine.now(), state_->config.name, "extra-latency",
                                     extra.count() > 0 ? "array serves more slowly" : "array serves as it should",
                                     {{"extra", extra}});
}

const std::string& StorageArray::name() const { return state_->config.name; }

bool StorageArray::has_controller(std::string_view controller) const {
    return std::ranges::find(state_->controllers, controller, &State::Controller::name) != state_->controllers.end();
}

LunId StorageArray::find_lun(std::string_view name) const {
    PVMSIM_ASSERT(has_lun(name));
    const auto found = std::ranges::find_if(state_->luns, [&](const auto& lun) { return lun.config.name == name; });
    return LunId{static_cast<std::uint32_t>(found - state_->luns.begin())};
}

bool StorageArray::has_lun(std::string_view name) const {
    return std::ranges::any_of(state_->luns, [&](const auto& lun) { return lun.config.name == name; });
}

bool StorageArray::owns(const FcPort& port) const {
    return std::ranges::any_of(state_->controllers, [&](const State::Controller& one) {
        return std::ranges::find(one.ports, &port) != one.ports.end();
    });
}

wire::Wwpn StorageArray::reservation_of(LunId lun) const {
    const auto holder = state_->luns.at(lun.value()).reservation.holder;
    return holder == State::kNoInitiator ? wire::kNoWwpn : state_->initiators[holder];
}

StorageArrayCounters StorageArray::counters() const {
    auto counters = state_->counters;
    counters.in_service = static_cast<std::uint32_t>(state_->places.size() - state_->free_places.size());
    counters.waiting = static_cast<std::uint32_t>(state_->waiting.size());
    return counters;
}

void StorageArray::on_link(FcPort& port, bool up) {
    if (up) port.login(port.wwpn());
}

void StorageArray::on_login(FcPort& port, wire::Wwpn, wire::FcId address) {
    if (address != wire::kNoFcId) return;
    state_->engine.trace().milestone(state_->engine.now(), state_->config.name, "login-refused",
                                     "the fabric refused port " + port.path());
}

void StorageArray::on_state_change(FcPort& port, wire::FcId, wire::FcId changed) {
    for (auto& lun : state_->luns) {
        auto& reservation = lun.reservation;
        if (reservation.holder == State::kNoInitiator || reservation.address != changed) continue;
        // SCSI-2: the reservation ends with the login of who made it.
        if (port.login_serial(changed) != reservation.serial) reservation = {};
    }
}

void StorageArray::on_response(FcPort&, const FcpResponse&) {
    PVMSIM_ASSERT(!"an array sends no commands and so gets no responses");
}

void StorageArray::digest(sim::Digest& digest) const {
    digest.add(state_->extra_latency);
    for (const auto& controller : state_->controllers) digest.add(controller.working);
    for (const auto& lun : state_->luns) {
        digest.add(lun.reservation.holder);
        digest.add(lun.reservation.serial);
    }
    const auto now = counters();
    digest.add(now.served);
    digest.add(now.lost);
    digest.add(now.refused_busy);
    digest.add(now.in_service);
    digest.add(now.waiting);
    for (const auto& task : state_->waiting) digest.add(task.command.command.tag);
}

}  // namespace pvmsim::fabric
