// Sending requests to a disk and judging the answers; see disk_load.hpp.
// The arrival times and the kinds of requests have streams of their own, so that a changed mix shifts no arrival.
#include "aix/workload/disk_load.hpp"

#include <algorithm>
#include <utility>

#include "aix/workload/events.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::aix {

DiskLoad::DiskLoad(sim::Engine& engine, Disk& disk, std::string path, const DiskLoadConfig& config)
    : engine_(engine),
      disk_(disk),
      config_(config),
      entity_(engine.add(*this, path)),
      arrivals_(engine.random_stream(path, "arrivals")),
      kinds_(engine.random_stream(path, "kinds")),
      in_flight_(kInFlightMax) {
    for (std::uint32_t slot = kInFlightMax; slot-- > 0;) free_.push_back(slot);
}

void DiskLoad::start(sim::SimTime at) {
    const auto phase = arrivals_.uniform(sim::Duration{0}, config_.interval);
    due_ = engine_.schedule_at(std::max(at, engine_.now()) + phase, entity_, DiskRequestDue{});
}

void DiskLoad::stop() {
    engine_.cancel(due_);
    free_.clear();
    for (std::uint32_t slot = kInFlightMax; slot-- > 0;) {
        in_flight_[slot].in_use = false;
        free_.push_back(slot);
    }
}

sim::Duration DiskLoad::next_gap() {
    return config_.arrival == Arrival::kConstant ? config_.interval : arrivals_.exponential(config_.interval);
}

void DiskLoad::send() {
    if (free_.empty()) {
        ++result_.postponed;
        return;
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    in_flight_[slot] = {engine_.now(), true};
    ++result_.requests;
    const bool read = kinds_.chance(config_.read_percent, 100);
    disk_.submit({.user = this,
                  .cookie = slot,
                  .operation = read ? wire::ScsiOperation::kRead : wire::ScsiOperation::kWrite,
                  .block = next_block_++,
                  .size_bytes = config_.size_bytes});
}

void DiskLoad::on_request_done(std::uint32_t cookie, wire::ScsiStatus status, std::uint32_t retries) {
    auto& request = in_flight_[cookie];
    PVMSIM_ASSERT(request.in_use);
    request.in_use = false;
    free_.push_back(cookie);
    const auto waited = engine_.now() - request.since;
    result_.retries += retries;
    if (status == wire::ScsiStatus::kGood) {
        ++result_.answered;
        result_.latency_total += waited;
        result_.latency_max = std::max(result_.latency_max, waited);
    } else {
        ++result_.errors;
    }
    if (waited > config_.stall_threshold) meter_.waited(request.since, engine_.now());
}

void DiskLoad::on_event(const sim::Event& event) {
    PVMSIM_ASSERT(event.is<DiskRequestDue>());
    due_ = engine_.schedule_in(next_gap(), entity_, DiskRequestDue{});
    send();
}

DiskLoadResult DiskLoad::result(sim::SimTime now) const {
    auto result = result_;
    sim::SimTime oldest = sim::kEndOfTime;
    for (const auto& request : in_flight_)
        if (request.in_use) oldest = std::min(oldest, request.since);
    const bool stuck = oldest != sim::kEndOfTime && now - oldest > config_.stall_threshold;
    result.outages = meter_.outages(now, stuck ? &oldest : nullptr);
    return result;
}

void DiskLoad::digest(sim::Digest& digest) const {
    digest.add(result_.requests);
    digest.add(result_.answered);
    digest.add(result_.errors);
    digest.add(result_.retries);
    digest.add(result_.postponed);
    digest.add(result_.latency_total);
    digest.add(result_.latency_max);
    meter_.digest(digest);
}

}  // namespace pvmsim::aix
