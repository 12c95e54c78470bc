// A disk's requests on their way over its paths; see disk.hpp. Path states and health checks are in disk_paths.cpp.
// Left out: elevator ordering and coalescing of requests; they leave in the order they came.
#include "aix/storage/disk.hpp"

#include <algorithm>
#include <utility>

#include "aix/odm/predefined.hpp"
#include "aix/os/operating_system.hpp"
#include "aix/storage/events.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::aix {

using wire::ScsiStatus;

Disk::Disk(OperatingSystem& os, std::string name, DiskIdentity identity, std::uint64_t size_bytes)
    : Device(os, std::move(name), hdisk_attributes()), identity_(identity), size_bytes_(size_bytes) {}

void Disk::read_attributes() {
    queue_depth_ = static_cast<std::uint32_t>(attributes().integer("queue_depth"));
    rw_timeout_s_ = static_cast<std::uint32_t>(attributes().integer("rw_timeout"));
    hcheck_interval_ = std::chrono::seconds(attributes().integer("hcheck_interval"));
    hcheck_mode_ = attributes().is("hcheck_mode", "failed")    ? HealthCheckMode::kFailed
                   : attributes().is("hcheck_mode", "enabled") ? HealthCheckMode::kEnabled
                                                               : HealthCheckMode::kNonActive;
    round_robin_ = attributes().is("algorithm", "round_robin");
    single_path_reserve_ = attributes().is("reserve_policy", "single_path");
}

void Disk::on_configure() {
    read_attributes();
    active_.assign(queue_depth_, Active{});
    free_slots_.clear();
    for (std::uint32_t slot = queue_depth_; slot-- > 0;) free_slots_.push_back(slot);
    if (hcheck_interval_.count() > 0) {
        // Every disk has its own phase: a machine's health checks do not all fall into one instant.
        auto random = engine().random_stream(engine().path_of(entity()), "health-check-phase");
        arm_health_timer(random.uniform(sim::Duration{1}, hcheck_interval_));
    }
}

void Disk::on_unconfigure() {
    active_.clear();
    free_slots_.clear();
    waiting_.clear();
    health_timer_ = {};
    failing_ = false;
    next_round_robin_ = 0;
    for (auto& path : paths_) {
        path.check_under_way = path.reserved = false;
        if (path.state == PathState::kFailed) path.state = PathState::kEnabled;
    }
}

void Disk::on_attribute_changed(std::string_view name) {
    const auto interval = hcheck_interval_;
    read_attributes();
    if (name == "queue_depth") {
        // Slots in use stay; the new depth holds for what starts from now on.
        while (active_.size() < queue_depth_) {
            free_slots_.push_back(static_cast<std::uint32_t>(active_.size()));
            active_.emplace_back();
        }
        start_next();
    }
    if (hcheck_interval_ != interval) {
        engine().cancel(health_timer_);
        if (hcheck_interval_.count() > 0) arm_health_timer(hcheck_interval_);
    }
}

void Disk::submit(const DiskRequest& request) {
    PVMSIM_ASSERT(available());
    PVMSIM_ASSERT(request.user != nullptr);
    ++counters_.requests;
    os().processors().disk_request_begins();
    waiting_.push_back({request, now()});
    start_next();
}

void Disk::start_next() {
    while (!waiting_.empty() && !free_slots_.empty() && active_.size() - free_slots_.size() < queue_depth_) {
        const std::uint32_t index = free_slots_.back();
        free_slots_.pop_back();
        auto& active = active_[index];
        const auto& next = waiting_.front();
        active =
            Active{.request = next.request, .since = next.since, .generation = active.generation + 1, .in_use = true};
        waiting_.pop_front();
        try_paths(index);
    }
}

PathCommand Disk::command_for(const Active& active, std::uint32_t index, std::uint32_t path) {
    return {.user = this,
            .request = index,
            .path = path,
            .unit = paths_[path].address,
            .operation = active.request.operation,
            .block = active.request.block,
            .size_bytes = active.request.size_bytes,
            .timeout_s = rw_timeout_s_};
}

void Disk::try_paths(std::uint32_t index) {
    auto& active = active_[index];
    for (;;) {
        const std::int32_t chosen = choose_path(active.tried);
        if (chosen < 0) return no_path_left(index);
        const auto path = static_cast<std::uint32_t>(chosen);
        if (single_path_reserve_) reserve_first(path);
        const ScsiStatus refusal = paths_[path].initiator->submit(command_for(active, index, path));
        if (refusal == ScsiStatus::kGood) return;
        fail_path(path, refusal);
        active.tried |= 1u << path;
        ++active.retries;
    }
}

void Disk::on_command_done(std::uint32_t request, std::uint32_t path, ScsiStatus status) {
    if (request == kHealthCheck || request == kReservation) return on_internal_done(request, path, status);
    auto& active = active_[request];
    PVMSIM_ASSERT(active.in_use);
    switch (status) {
        case ScsiStatus::kGood:
            if (paths_[path].state == PathState::kFailed) recover_path(path);
            return finish(request, status);
        case ScsiStatus::kReservationConflict:
            return finish(request, status);
        case ScsiStatus::kBusy:
        case ScsiStatus::kCheckCondition:
            if (active.busy_retries < kSamePathRetries) {
                ++active.busy_retries;
                ++active.retries;
                engine().schedule_in(kSamePathRetryDelay, entity(), RetryDue{request, active.generation});
                return;
            }
            return on_path_error(request, path, status);
        default:
            return on_path_error(request, path, status);
    }
}

void Disk::on_path_error(std::uint32_t index, std::uint32_t path, ScsiStatus status) {
    fail_path(path, status);
    auto& active = active_[index];
    active.tried |= 1u << path;
    ++active.retries;
    try_paths(index);
}

void Disk::no_path_left(std::uint32_t index) {
    auto& active = active_[index];
    bool holds = false;
    for (const auto& path : paths_) holds |= path.initiator->holds_when_alone();
    if (holds) {
        active.held = true;
        engine().schedule_at(std::max(now(), active.since + kHoldTime), entity(), HoldOver{index, active.generation});
    } else {
        engine().schedule_in(sim::Duration{0}, entity(), RequestRefused{index, active.generation});
    }
}

void Disk::release_held() {
    for (std::uint32_t index = 0; index < active_.size(); ++index) {
        auto& active = active_[index];
        if (!active.in_use || !active.held) continue;
        active.held = false;
        active.tried = 0;
        // The pending hold timer belongs to the old generation now.
        ++active.generation;
        try_paths(index);
    }
}

void Disk::finish(std::uint32_t index, ScsiStatus status) {
    auto& active = active_[index];
    counters_.retries += active.retries;
    if (status != ScsiStatus::kGood) {
        ++counters_.errors;
        os().errlog().add(now(), errors::kDiskOperation, name(), std::string(wire::to_string(status)));
        if (!failing_)
            milestone("disk-failing", "I/O fails: no path works (" + std::string(wire::to_string(status)) + ")");
    } else if (failing_) {
        milestone("disk-works", "I/O works again");
    }
    failing_ = status != ScsiStatus::kGood;
    const DiskRequest request = active.request;
    const std::uint32_t retries = active.retries;
    active.in_use = false;
    ++active.generation;
    free_slots_.push_back(index);
    os().processors().disk_request_ends();
    request.user->on_request_done(request.cookie, status, retries);
    start_next();
}

bool Disk::is_current(std::uint32_t index, std::uint32_t generation) const {
    return index < active_.size() && active_[index].in_use && active_[index].generation == generation;
}

void Disk::on_event(const sim::Event& event) {
    if (event.is<HealthCheckDue>()) {
        arm_health_timer(hcheck_interval_);
        check_health();
    } else if (const auto* retry = event.as<RetryDue>()) {
        if (is_current(retry->request, retry->generation)) try_paths(retry->request);
    } else if (const auto* over = event.as<HoldOver>()) {
        if (is_current(over->request, over->generation)) finish(over->request, ScsiStatus::kTimeout);
    } else if (const auto* refused = event.as<RequestRefused>()) {
        if (is_current(refused->request, refused->generation)) finish(refused->request, ScsiStatus::kTransportError);
    }
}

void Disk::digest(sim::Digest& digest) const {
    Device::digest(digest);
    digest.add(identity_.value);
    for (const auto& path : paths_) {
        digest.add(path.address.target);
        digest.add(path.address.lun);
        digest.add(path.priority);
        digest.add(path.state);
        digest.add(path.check_under_way);
    }
    digest.add(active_.size() - free_slots_.size());
    digest.add(waiting_.size());
    digest.add(next_round_robin_);
    digest.add(counters_.requests);
    digest.add(counters_.errors);
    digest.add(counters_.retries);
    digest.add(counters_.path_failures);
}

}  // namespace pvmsim::aix
