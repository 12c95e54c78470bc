// The paths of a disk: choosing one, declaring it failed, testing and recovering it. See disk.hpp.
// Rules: R-STO-03, R-STO-04; what AIX does with its last path is general knowledge (docs/model/devices.md).
#include <string>

#include "aix/os/operating_system.hpp"
#include "aix/storage/disk.hpp"
#include "aix/storage/events.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::aix {

using wire::ScsiStatus;

std::string_view to_string(PathState state) {
    switch (state) {
        case PathState::kEnabled:
            return "Enabled";
        case PathState::kFailed:
            return "Failed";
        case PathState::kDisabled:
            return "Disabled";
    }
    return "";
}

void Disk::add_path(ScsiInitiator& initiator, UnitAddress address, std::uint32_t priority) {
    if (has_path(initiator, address)) {
        // The adapter is back: whoever waits for any path at all may try now.
        release_held();
        return;
    }
    PVMSIM_ASSERT(paths_.size() < kPathsMax);
    paths_.push_back({.initiator = &initiator, .address = address, .priority = priority});
    if (available()) release_held();
}

bool Disk::has_path(const ScsiInitiator& initiator, UnitAddress address) const {
    for (const auto& path : paths_)
        if (path.initiator == &initiator && path.address == address) return true;
    return false;
}

void Disk::set_path_enabled(std::size_t path, bool enabled) {
    paths_[path].state = enabled ? PathState::kEnabled : PathState::kDisabled;
}

std::int32_t Disk::choose_enabled_path(std::uint32_t tried) {
    const auto count = static_cast<std::uint32_t>(paths_.size());
    if (round_robin_) {
        for (std::uint32_t step = 0; step < count; ++step) {
            const std::uint32_t path = (next_round_robin_ + step) % count;
            if ((tried >> path & 1u) != 0 || paths_[path].state != PathState::kEnabled) continue;
            next_round_robin_ = path + 1;
            return static_cast<std::int32_t>(path);
        }
        return -1;
    }
    std::int32_t best = -1;
    for (std::uint32_t path = 0; path < count; ++path) {
        if ((tried >> path & 1u) != 0 || paths_[path].state != PathState::kEnabled) continue;
        if (best < 0 || paths_[path].priority < paths_[static_cast<std::size_t>(best)].priority)
            best = static_cast<std::int32_t>(path);
    }
    return best;
}

std::int32_t Disk::choose_path(std::uint32_t tried) {
    const std::int32_t enabled = choose_enabled_path(tried);
    if (enabled >= 0) return enabled;
    // Nothing is enabled any more: as AIX keeps using its last path, a failed one gets its chance before a request
    // fails.
    for (std::uint32_t path = 0; path < paths_.size(); ++path)
        if ((tried >> path & 1u) == 0 && paths_[path].state == PathState::kFailed)
            return static_cast<std::int32_t>(path);
    return -1;
}

/// As lspath tells paths apart: by number and adapter.
std::string Disk::path_text(std::uint32_t path) const {
    return "path " + std::to_string(path) + " through " + paths_[path].initiator->initiator_name();
}

void Disk::fail_path(std::uint32_t path, ScsiStatus status) {
    auto& failed = paths_[path];
    if (failed.state != PathState::kEnabled) return;
    failed.state = PathState::kFailed;
    ++counters_.path_failures;
    os().errlog().add(now(), errors::kPathFailed, name(), failed.initiator->initiator_name());
    milestone("path-failed", path_text(path) + " failed: " + std::string(wire::to_string(status)));
}

void Disk::recover_path(std::uint32_t path) {
    auto& recovered = paths_[path];
    recovered.state = PathState::kEnabled;
    os().errlog().add(now(), errors::kPathRecovered, name(), recovered.initiator->initiator_name());
    milestone("path-recovered", path_text(path) + " enabled again");
    release_held();
}

void Disk::arm_health_timer(sim::Duration first_delay) {
    health_timer_ = engine().schedule_in(first_delay, entity(), HealthCheckDue{});
}

void Disk::check_health() {
    const std::int32_t active_path = round_robin_ ? -1 : choose_enabled_path(0);
    for (std::uint32_t path = 0; path < paths_.size(); ++path) {
        const bool failed = paths_[path].state == PathState::kFailed;
        const bool enabled = paths_[path].state == PathState::kEnabled;
        const bool idle = static_cast<std::int32_t>(path) != active_path && !round_robin_;
        if (failed || (enabled && hcheck_mode_ == HealthCheckMode::kEnabled) ||
            (enabled && idle && hcheck_mode_ == HealthCheckMode::kNonActive))
            check_path(path);
    }
}

void Disk::check_path(std::uint32_t path) {
    auto& checked = paths_[path];
    if (checked.check_under_way) return;
    const ScsiStatus refusal = checked.initiator->submit({.user = this,
                                                          .request = kHealthCheck,
                                                          .path = path,
                                                          .unit = checked.address,
                                                          .operation = wire::ScsiOperation::kTestUnitReady,
                                                          .timeout_s = rw_timeout_s_});
    if (refusal == ScsiStatus::kGood)
        checked.check_under_way = true;
    else
        fail_path(path, refusal);
}

void Disk::reserve_first(std::uint32_t path) {
    auto& reserving = paths_[path];
    if (reserving.reserved) return;
    reserving.reserved = true;
    // Sent just ahead of the first request on this path; the target handles both in order.
    (void)reserving.initiator->submit({.user = this,
                                       .request = kReservation,
                                       .path = path,
                                       .unit = reserving.address,
                                       .operation = wire::ScsiOperation::kReserve,
                                       .timeout_s = rw_timeout_s_});
}

void Disk::on_internal_done(std::uint32_t request, std::uint32_t path, ScsiStatus status) {
    if (request == kReservation) {
        if (status != ScsiStatus::kGood)
            milestone("reserve-failed", "reserve failed: " + std::string(wire::to_string(status)));
        return;
    }
    paths_[path].check_under_way = false;
    if (status == ScsiStatus::kGood || status == ScsiStatus::kReservationConflict) {
        if (paths_[path].state == PathState::kFailed) recover_path(path);
    } else {
        fail_path(path, status);
    }
}

}  // namespace pvmsim::aix
