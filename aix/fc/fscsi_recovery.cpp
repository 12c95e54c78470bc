// Targets of fscsi that go, come back or stay away (rules: fscsi.hpp). One timer serves all waits: it stands at the
// earliest end of one. Every discovery reports the units it saw, as if cfgmgr ran.
#include <algorithm>
#include <string>
#include <utility>

#include "aix/fc/events.hpp"
#include "aix/fc/fscsi.hpp"
#include "aix/fc/text.hpp"
#include "aix/os/operating_system.hpp"

namespace pvmsim::aix {

namespace {

std::string seconds_text(sim::Duration span) {
    const auto tenths = (span.count() + 50'000'000) / 100'000'000;
    auto text = std::to_string(tenths / 10);
    if (tenths % 10 != 0) text += '.' + std::to_string(tenths % 10);
    return text + " s";
}

}  // namespace

sim::Duration FcScsiProtocol::recovery_time() const {
    return attributes().is("fc_err_recov", "fast_fail") ? kFastFailTime : kDelayedFailTime;
}

void FcScsiProtocol::on_ready() {
    if (available()) transport_.discover();
}

void FcScsiProtocol::on_state_change() {
    if (available()) transport_.discover();
}

/// The target is out of reach: what is under way to it is lost and waits with what comes from now on.
void FcScsiProtocol::begin_wait(std::uint32_t target) {
    auto& gone = targets_[target];
    gone.state = FcTargetState::kMissing;
    gone.missing_since = now();
    gone.deadline = now() + recovery_time();
    lose_commands(target);
}

void FcScsiProtocol::lose_commands(std::uint32_t target) {
    for (std::uint32_t slot = 0; slot < commands_.size(); ++slot)
        if (commands_[slot].state == FcCommandState::kSent && commands_[slot].target == target)
            commands_.mark_waiting(slot, now() + recovery_time());
}

void FcScsiProtocol::announce_wait(std::uint32_t count, const std::string& reason) {
    if (count == 0) return;
    os().errlog().add(now(), errors::kLinkError, name(), reason);
    milestone("fc-target", reason + ", waiting " + seconds_text(recovery_time()));
    arm_recovery();
}

void FcScsiProtocol::on_link_lost() {
    if (!available()) return;
    std::uint32_t count = 0;
    for (std::uint32_t target = 0; target < targets_.size(); ++target) {
        if (!is_present(targets_[target])) continue;
        begin_wait(target);
        ++count;
    }
    announce_wait(count, counted(count, "target") + " gone with the link");
}

void FcScsiProtocol::on_server_lost() {
    if (!available()) return;
    std::vector<std::uint32_t> lost;
    for (std::uint32_t target = 0; target < targets_.size(); ++target)
        if (targets_[target].state != FcTargetState::kFailed) lost.push_back(target);
    give_up(lost, "with the server");
}

/// Fails targets and everything that is outstanding for them.
void FcScsiProtocol::give_up(const std::vector<std::uint32_t>& targets, const std::string& reason) {
    if (targets.empty()) return;
    std::uint32_t commands = 0;
    for (const auto target : targets) {
        targets_[target].state = FcTargetState::kFailed;
        commands += commands_.count_for(target);
    }
    milestone("fc-target", counted(targets.size(), "target") + " failed " + reason + ": " +
                               counted(commands, "command") + " failed");
    for (const auto target : targets)
        if (targets_[target].state == FcTargetState::kFailed) fail_commands(target);
    arm_recovery();
}

void FcScsiProtocol::arm_recovery() {
    engine().cancel(recovery_timer_);
    auto next = sim::kEndOfTime;
    for (const auto& target : targets_)
        if (target.state == FcTargetState::kMissing) next = std::min(next, target.deadline);
    if (next == sim::kEndOfTime) return;
    // A system that hung may be late.
    recovery_timer_ = engine().schedule_at(std::max(next, now()), entity(), FcRecoveryOver{});
}

void FcScsiProtocol::on_recovery_over() {
    std::vector<std::uint32_t> lost;
    sim::Duration waited{0};
    for (std::uint32_t target = 0; target < targets_.size(); ++target) {
        const auto& one = targets_[target];
        if (one.state != FcTargetState::kMissing || one.deadline > now()) continue;
        lost.push_back(target);
        waited = std::max(waited, now() - one.missing_since);
    }
    give_up(lost, "after " + seconds_text(waited));
    arm_recovery();
}

/// A discovery found the target. True when it was gone, or is new.
bool FcScsiProtocol::arrive(std::uint32_t target, const FcTarget& found) {
    auto& here = targets_[target];
    const bool was_present = is_present(here);
    if (was_present && here.login_serial == found.login_serial) {
        here.state = FcTargetState::kOnline;
        return false;
    }
    // It has logged in anew: what it was working on for the old login is gone.
    const bool moved = here.address != wire::kNoFcId && here.address != found.address;
    if (moved && attributes().is("dyntrk", "no")) {
        here.state = FcTargetState::kFailed;
        fail_commands(target);
    } else {
        lose_commands(target);
    }
    here.address = found.address;
    here.login_serial = found.login_serial;
    here.state = FcTargetState::kOnline;
    for (const auto slot : commands_.waiting())
        if (commands_[slot].target == target) commands_[slot].deadline = now() + recovery_time();
    return !was_present;
}

void FcScsiProtocol::find_targets(const FcDiscovery& found) {
    std::uint32_t count = 0;
    std::uint32_t commands = 0;
    std::string names;
    for (const auto& one : found.targets) {
        auto target = find_target(one.wwpn);
        if (target == FcCommandTable::kNone) {
            if (targets_.size() == kTargetsMax) continue;
            target = static_cast<std::uint32_t>(targets_.size());
            targets_.push_back({.wwpn = one.wwpn});
        }
        if (!arrive(target, one)) continue;
        ++count;
        commands += commands_.count_for(target);
        names += " " + wire::to_string(one.wwpn);
    }
    // What a boot finds is no news.
    if (count == 0 || !found_once_) return;
    auto text = counted(count, "target") + " back:" + names;
    if (commands > 0) text += "; " + counted(commands, "command") + " sent";
    milestone("fc-target", text);
}

void FcScsiProtocol::miss_targets(const FcDiscovery& found) {
    std::uint32_t gone = 0;
    std::string names;
    std::vector<std::uint32_t> absent;
    for (std::uint32_t target = 0; target < targets_.size(); ++target) {
        const auto& one = targets_[target];
        if (std::ranges::find(found.targets, one.wwpn, &FcTarget::wwpn) != found.targets.end()) continue;
        if (is_present(one)) {
            names += " " + wire::to_string(one.wwpn);
            begin_wait(target);
            ++gone;
        } else if (one.state == FcTargetState::kMissing && !found_once_) {
            absent.push_back(target);
        }
    }
    announce_wait(gone, counted(gone, "target") + " gone:" + names);
    give_up(absent, "to appear after the boot");
}

void FcScsiProtocol::on_discovered(const FcDiscovery& found) {
    if (!available()) return;
    find_targets(found);
    miss_targets(found);
    found_once_ = true;
    arm_recovery();
    send_waiting();
    os().disks().report_units(*this, found.units);
}

}  // namespace pvmsim::aix
