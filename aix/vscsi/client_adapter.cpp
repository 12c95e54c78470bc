// Commands and their answers, the watchdog, and the end of a session. The login is in client_login.cpp.
//
// Order where several things happen at one instant: waiting commands take a freed credit before the user of the
// finished command hears of it, so that newcomers queue behind them; and a lost session is written down (state, log)
// before the commands are answered, so that whatever the disks send next meets the new state.
#include "aix/vscsi/client_adapter.hpp"

#include <utility>

#include "aix/odm/predefined.hpp"
#include "aix/os/operating_system.hpp"
#include "aix/vscsi/events.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::aix {

using hypervisor::HcallStatus;
using wire::ScsiStatus;

namespace {

/// What a disk is told when the hypervisor did not take a command.
ScsiStatus refusal_of(HcallStatus status) {
    return status == HcallStatus::kDropped ? ScsiStatus::kBusy : ScsiStatus::kTransportError;
}

std::string counted(std::size_t number, std::string_view noun) {
    return std::to_string(number) + " " + std::string(noun) + (number == 1 ? "" : "s");
}

}  // namespace

VscsiClientAdapter::VscsiClientAdapter(OperatingSystem& os, std::string name, hypervisor::SlotNumber slot)
    : Device(os, std::move(name), vscsi_attributes()), slot_(slot) {}

hypervisor::CrqTransport& VscsiClientAdapter::crq() { return os().system().crq(); }

/// As it was at the handshake: a partition that is powered off has no adapters any more.
std::string VscsiClientAdapter::server_name() { return "server partition " + os().system().partition(server_).name; }

bool VscsiClientAdapter::holds_when_alone() const { return attributes().is("vscsi_err_recov", "delayed_fail"); }

// --- commands ---

ScsiStatus VscsiClientAdapter::submit(const PathCommand& command) {
    PVMSIM_ASSERT(command.user != nullptr);
    if (!logged_in()) return ScsiStatus::kTransportError;
    const bool was_idle = outstanding() == 0;
    if (free_slots_.empty() || !waiting_.empty()) {
        if (waiting_.size() >= kWaitingMax) return ScsiStatus::kBusy;
        waiting_.push_back(command);
    } else if (const HcallStatus sent = send_command(command); sent != HcallStatus::kSuccess) {
        return refusal_of(sent);
    }
    ++counters_.commands;
    if (was_idle) served_last_ = now();
    if (path_timeout_.count() > 0 && !watchdog_armed_) arm_watchdog(served_last_ + path_timeout_);
    return ScsiStatus::kGood;
}

HcallStatus VscsiClientAdapter::send_command(const PathCommand& command) {
    const std::uint32_t index = free_slots_.back();
    auto& slot = slots_[index];
    const HcallStatus sent = crq().send(crq_id_, vscsi::command({.lun = command.unit.lun,
                                                                 .block = command.block,
                                                                 .size_bytes = command.size_bytes,
                                                                 .tag = std::uint32_t{slot.generation} << 16 | index,
                                                                 .operation = command.operation}));
    if (sent != HcallStatus::kSuccess) return sent;
    free_slots_.pop_back();
    slot.user = command.user;
    slot.request = command.request;
    slot.path = command.path;
    slot.use = SlotUse::kSent;
    ++sent_;
    return sent;
}

void VscsiClientAdapter::send_waiting() {
    while (!waiting_.empty() && !free_slots_.empty()) {
        const PathCommand command = waiting_.front();
        waiting_.pop_front();
        if (const HcallStatus sent = send_command(command); sent != HcallStatus::kSuccess)
            command.user->on_command_done(command.request, command.path, refusal_of(sent));
    }
}

void VscsiClientAdapter::on_answer(const wire::ScsiResponse& response) {
    const std::uint32_t index = response.tag & 0xffff;
    if (index >= slots_.size()) return;
    const Slot slot = slots_[index];
    if (slot.use == SlotUse::kFree || slot.generation != response.tag >> 16) return;
    on_served();
    release_slot(index);
    send_waiting();
    if (slot.use == SlotUse::kSent) slot.user->on_command_done(slot.request, slot.path, response.status);
}

void VscsiClientAdapter::release_slot(std::uint32_t index) {
    auto& slot = slots_[index];
    if (slot.use == SlotUse::kSent) --sent_;
    slot.use = SlotUse::kFree;
    ++slot.generation;
    free_slots_.push_back(index);
}

/// What the disks are still owed, in order of slots, then of waiting. Sent commands keep their slots as given up.
std::vector<PathCommand> VscsiClientAdapter::take_outstanding() {
    std::vector<PathCommand> commands;
    for (auto& slot : slots_) {
        if (slot.use != SlotUse::kSent) continue;
        commands.push_back({.user = slot.user, .request = slot.request, .path = slot.path, .unit = {}});
        slot.use = SlotUse::kGivenUp;
    }
    sent_ = 0;
    commands.insert(commands.end(), waiting_.begin(), waiting_.end());
    waiting_.clear();
    return commands;
}

void VscsiClientAdapter::answer_all(const std::vector<PathCommand>& commands, ScsiStatus status) {
    for (const auto& command : commands) command.user->on_command_done(command.request, command.path, status);
}

void VscsiClientAdapter::forget_session() {
    for (std::uint32_t index = 0; index < slots_.size(); ++index)
        if (slots_[index].use != SlotUse::kFree) release_slot(index);
    waiting_.clear();
    pinging_ = given_up_ = false;
    disarm_watchdog();
    engine().cancel(login_retry_);
}

void VscsiClientAdapter::lose_server(std::string_view how) {
    const bool had_session = logged_in();
    const auto commands = take_outstanding();
    forget_session();
    phase_ = VscsiClientPhase::kWaitingForServer;
    if (!had_session) return;
    ++counters_.losses;
    // The log book says the same of every client, the error log what it cost this one.
    const auto text = server_name() + " " + std::string(how);
    os().errlog().add(now(), errors::kVscsiClient, name(),
                      text + ": " + counted(commands.size(), "command") + " failed");
    milestone("vscsi-lost", text);
    answer_all(commands, ScsiStatus::kTransportError);
}

void VscsiClientAdapter::give_up_on_server() {
    pinging_ = false;
    given_up_ = true;
    ++counters_.timeouts;
    const auto commands = take_outstanding();
    const auto text = server_name() + " does not answer";
    os().errlog().add(now(), errors::kVscsiClient, name(),
                      text + ": " + counted(commands.size(), "command") + " failed");
    milestone("vscsi-timeout", text);
    answer_all(commands, ScsiStatus::kTimeout);
}

// --- the watchdog ---

void VscsiClientAdapter::read_attributes() {
    path_timeout_ = std::chrono::seconds(attributes().integer("vscsi_path_to"));
}

void VscsiClientAdapter::arm_watchdog(sim::SimTime at) {
    watchdog_ = engine().schedule_at(at, entity(), VscsiWatchdog{});
    watchdog_armed_ = true;
}

void VscsiClientAdapter::disarm_watchdog() {
    if (watchdog_armed_) engine().cancel(watchdog_);
    watchdog_armed_ = false;
}

/// The server lives. The timer stays where it is and finds out when it rings, except that a ping's short wait is over.
void VscsiClientAdapter::on_served() {
    served_last_ = now();
    if (pinging_) {
        pinging_ = false;
        disarm_watchdog();
        arm_watchdog(served_last_ + path_timeout_);
    }
    if (given_up_) {
        given_up_ = false;
        milestone("vscsi-answers", server_name() + " answers again");
    }
}

void VscsiClientAdapter::on_watchdog() {
    watchdog_armed_ = false;
    if (outstanding() == 0) {
        pinging_ = false;
        return;
    }
    if (pinging_) return give_up_on_server();
    const auto deadline = served_last_ + path_timeout_;
    if (now() < deadline) return arm_watchdog(deadline);
    // Whether the ping could be written or not, only an answer counts.
    (void)crq().send(crq_id_, vscsi::ping(vscsi::Format::kPing));
    engine().trace().detail(now(), engine().path_of(entity()), "vscsi-ping");
    pinging_ = true;
    arm_watchdog(now() + kPingWait);
}

// --- the device ---

void VscsiClientAdapter::on_configure() {
    read_attributes();
    // A slot without a definition has nobody behind it: the adapter just stays closed.
    if (!crq().is_defined(os().partition_id(), slot_)) return;
    phase_ = VscsiClientPhase::kWaitingForServer;
    quiet_login_ = os().settled_start();
    crq_id_ = crq().find(os().partition_id(), slot_);
    const HcallStatus registered = crq().register_queue(crq_id_, entity(), vscsi::kQueueEntriesMax);
    PVMSIM_ASSERT(registered == HcallStatus::kSuccess || registered == HcallStatus::kClosed);
    if (registered == HcallStatus::kSuccess) send_login_step();
}

/// The disks above are being closed too: what is outstanding is forgotten, not answered.
void VscsiClientAdapter::close() {
    if (phase_ == VscsiClientPhase::kClosed) return;
    forget_session();
    phase_ = VscsiClientPhase::kClosed;
    crq().free_queue(crq_id_);
}

void VscsiClientAdapter::on_unconfigure() {
    forget_session();
    phase_ = VscsiClientPhase::kClosed;
}

void VscsiClientAdapter::on_attribute_changed(std::string_view name) {
    if (name != "vscsi_path_to") return;
    read_attributes();
    disarm_watchdog();
    pinging_ = false;
    if (path_timeout_.count() == 0 || outstanding() == 0) return;
    served_last_ = now();
    arm_watchdog(served_last_ + path_timeout_);
}

void VscsiClientAdapter::on_event(const sim::Event& event) {
    if (const auto* arrived = event.as<hypervisor::CrqArrived>()) {
        crq().take(crq_id_);
        receive(arrived->message);
    } else if (event.is<VscsiWatchdog>()) {
        on_watchdog();
    } else if (event.is<VscsiLoginRetry>()) {
        send_login_step();
    }
}

void VscsiClientAdapter::digest(sim::Digest& digest) const {
    Device::digest(digest);
    digest.add(slot_);
    digest.add(phase_);
    digest.add(server_);
    digest.add(counters_.commands);
    digest.add(counters_.logins);
    digest.add(counters_.losses);
    digest.add(counters_.timeouts);
    for (const auto& slot : slots_) {
        digest.add(slot.generation);
        digest.add(slot.use);
        if (slot.use != SlotUse::kSent) continue;
        digest.add(slot.request);
        digest.add(slot.path);
    }
    for (const auto index : free_slots_) digest.add(index);
    for (const auto& command : waiting_) {
        digest.add(command.request);
        digest.add(command.path);
    }
    digest.add(discovery_serial_);
    digest.add(units_reported_.low);
    digest.add(units_reported_.high);
    digest.add(unit_inquired_);
    digest.add(units_found_.size());
    digest.add(path_timeout_);
    digest.add(served_last_);
    digest.add(watchdog_armed_);
    digest.add(pinging_);
    digest.add(given_up_);
    digest.add(quiet_login_);
}

}  // namespace pvmsim::aix
