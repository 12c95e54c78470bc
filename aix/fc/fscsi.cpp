// Commands of fscsi: submitting, sending, ending (rules: fscsi.hpp). What happens to targets is in fscsi_recovery.cpp.
//
// The end of a command calls its user, who may submit the next one: every loop here goes by slot number and looks anew.
#include "aix/fc/fscsi.hpp"

#include <algorithm>
#include <utility>

#include "aix/fc/events.hpp"
#include "aix/fc/text.hpp"
#include "aix/odm/predefined.hpp"
#include "aix/os/operating_system.hpp"

namespace pvmsim::aix {

using wire::ScsiStatus;

FcScsiProtocol::FcScsiProtocol(OperatingSystem& os, std::string name, FcTransport& transport)
    : Device(os, std::move(name), fscsi_attributes()), transport_(transport) {
    transport_.attach(*this);
}

void FcScsiProtocol::on_configure() {
    found_once_ = false;
    // Disks from before the boot may be asked for at once: what their targets are now is not known before discovery.
    if (transport_.connected())
        for (std::uint32_t target = 0; target < targets_.size(); ++target) begin_wait(target);
    arm_recovery();
    if (transport_.ready()) transport_.discover();
}

void FcScsiProtocol::on_unconfigure() {
    commands_.clear();
    for (auto& target : targets_) target.state = FcTargetState::kFailed;
    engine().cancel(sweep_timer_);
    engine().cancel(recovery_timer_);
    sweeping_ = false;
}

std::uint32_t FcScsiProtocol::find_target(wire::Wwpn wwpn) const {
    for (std::uint32_t index = 0; index < targets_.size(); ++index)
        if (targets_[index].wwpn == wwpn) return index;
    return FcCommandTable::kNone;
}

ScsiStatus FcScsiProtocol::submit(const PathCommand& command) {
    PVMSIM_ASSERT(command.user != nullptr);
    const auto target = find_target(wire::Wwpn{command.unit.target});
    if (!available() || target == FcCommandTable::kNone || targets_[target].state == FcTargetState::kFailed)
        return ScsiStatus::kTransportError;
    const auto slot = commands_.open(command, target);
    if (slot == FcCommandTable::kNone) return ScsiStatus::kBusy;
    ++counters_.commands;
    if (targets_[target].state == FcTargetState::kOnline && commands_.sent() < transport_.commands_max())
        send(slot);
    else
        commands_[slot].deadline = now() + recovery_time();
    arm_sweep();
    return ScsiStatus::kGood;
}

void FcScsiProtocol::send(std::uint32_t slot) {
    const auto tag = commands_.mark_sent(slot);
    auto& sent = commands_[slot];
    if (sent.sendings > 1) ++counters_.sent_again;
    const auto& wanted = sent.command;
    sent.deadline = wanted.timeout_s == 0 ? sim::kEndOfTime : now() + std::chrono::seconds(wanted.timeout_s);
    const wire::ScsiCommand scsi{.lun = wanted.unit.lun,
                                 .block = wanted.block,
                                 .size_bytes = wanted.size_bytes,
                                 .tag = tag,
                                 .operation = wanted.operation};
    if (!transport_.send(targets_[sent.target].address, scsi)) lose(slot);
}

/// A command did not reach its target although that counts as present: find out what is the matter.
void FcScsiProtocol::lose(std::uint32_t slot) {
    commands_.mark_waiting(slot, now() + recovery_time());
    auto& target = targets_[commands_[slot].target];
    if (target.state == FcTargetState::kOnline) target.state = FcTargetState::kSuspect;
    transport_.discover();
}

/// Sends what waits, in order, as far as targets and adapter allow. Ends those that were lost too often.
void FcScsiProtocol::send_waiting() {
    const auto line = std::vector(commands_.waiting().begin(), commands_.waiting().end());
    for (const auto slot : line) {
        if (commands_.sent() >= transport_.commands_max()) return;
        auto& command = commands_[slot];
        // The answer to one may have ended others.
        if (command.state != FcCommandState::kWaiting) continue;
        if (targets_[command.target].state != FcTargetState::kOnline) continue;
        if (command.sendings >= kSendingsMax)
            finish(slot, ScsiStatus::kTransportError);
        else
            send(slot);
    }
}

void FcScsiProtocol::on_response(std::uint32_t tag, ScsiStatus status) {
    if (!available()) return;
    const auto slot = commands_.sent_with(tag);
    if (slot == FcCommandTable::kNone) return;
    if (status == ScsiStatus::kTransportError)
        lose(slot);
    else
        finish(slot, status);
    if (!commands_.waiting().empty()) send_waiting();
}

void FcScsiProtocol::finish(std::uint32_t slot, ScsiStatus status) {
    const auto& over = commands_[slot].command;
    auto* const user = over.user;
    const auto request = over.request;
    const auto path = over.path;
    commands_.close(slot);
    if (status == ScsiStatus::kTransportError) ++counters_.failed;
    if (status == ScsiStatus::kTimeout) ++counters_.timed_out;
    user->on_command_done(request, path, status);
}

/// Ends every command for a target. The target is not online, so that what its end sets off cannot be sent there.
void FcScsiProtocol::fail_commands(std::uint32_t target) {
    PVMSIM_ASSERT(targets_[target].state == FcTargetState::kFailed);
    for (std::uint32_t slot = 0; slot < commands_.size(); ++slot)
        if (commands_[slot].state != FcCommandState::kFree && commands_[slot].target == target)
            finish(slot, ScsiStatus::kTransportError);
}

void FcScsiProtocol::arm_sweep() {
    if (std::exchange(sweeping_, true)) return;
    sweep_timer_ = engine().schedule_in(kSweepInterval, entity(), FcTimeoutSweep{});
}

void FcScsiProtocol::sweep() {
    sweeping_ = false;
    const auto before = counters_.timed_out;
    for (std::uint32_t slot = 0; slot < commands_.size(); ++slot) {
        const auto& command = commands_[slot];
        if (command.state == FcCommandState::kFree || command.deadline > now()) continue;
        // While a target is missing its own timer decides for all of its commands together.
        if (!is_present(targets_[command.target])) continue;
        finish(slot, ScsiStatus::kTimeout);
    }
    // The adapter may not have been able to ask when it should have.
    if (std::ranges::find(targets_, FcTargetState::kSuspect, &Target::state) != targets_.end()) transport_.discover();
    if (counters_.timed_out != before) {
        const auto count = counters_.timed_out - before;
        os().errlog().add(now(), errors::kLinkError, name(), counted(count, "command") + " timed out");
        milestone("fc-timeout", counted(count, "command") + " timed out");
        send_waiting();
    }
    if (!commands_.empty()) arm_sweep();
}

void FcScsiProtocol::on_event(const sim::Event& event) {
    if (event.is<FcTimeoutSweep>()) {
        sweep();
    } else if (event.is<FcRecoveryOver>()) {
        on_recovery_over();
    }
}

void FcScsiProtocol::digest(sim::Digest& digest) const {
    Device::digest(digest);
    for (const auto& target : targets_) {
        digest.add(target.wwpn);
        digest.add(target.address);
        digest.add(target.login_serial);
        digest.add(target.state);
        digest.add(target.missing_since);
        digest.add(target.deadline);
    }
    commands_.digest(digest);
    digest.add(found_once_);
    digest.add(sweeping_);
    digest.add(counters_.commands);
    digest.add(counters_.failed);
    digest.add(counters_.timed_out);
    digest.add(counters_.sent_again);
}

}  // namespace pvmsim::aix
