// Sending requests over an interface and judging the answers; see network_load.hpp.
// Serials count up, so a request is found by its distance from the oldest that waits.
#include "aix/workload/network_load.hpp"

#include <algorithm>
#include <utility>

#include "aix/workload/events.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::aix {

NetworkLoad::NetworkLoad(sim::Engine& engine, NetworkInterface& interface, std::string path, std::uint32_t number,
                         const NetworkLoadConfig& config)
    : engine_(engine),
      interface_(interface),
      config_(config),
      entity_(engine.add(*this, path)),
      arrivals_(engine.random_stream(path, "arrivals")),
      serial_base_(number << kSerialBits) {
    interface_.add_user(*this);
}

void NetworkLoad::start(sim::SimTime at) {
    const auto phase = arrivals_.uniform(sim::Duration{0}, config_.interval);
    due_ = engine_.schedule_at(std::max(at, engine_.now()) + phase, entity_, NetworkRequestDue{});
}

void NetworkLoad::stop() {
    engine_.cancel(due_);
    for (auto& request : waiting_) {
        engine_.cancel(request.timeout);
        if (request.open) give_up(request.serial);
    }
    waiting_.clear();
    noted_ = 0;
    lost_since_.reset();
}

void NetworkLoad::send() {
    const std::uint32_t serial = serial_base_ | next_serial_;
    next_serial_ = (next_serial_ + 1) & kSerialMask;
    ++result_.requests;
    waiting_.push_back({serial,
                        engine_.now(),
                        engine_.schedule_in(config_.timeout, entity_, NetworkRequestTimeout{serial}),
                        true,
                        {}});
    interface_.send(wire::FrameType::kRequest, config_.to, serial, config_.size_bytes);
}

NetworkLoad::Waiting* NetworkLoad::find(std::uint32_t serial) {
    if (waiting_.empty()) return nullptr;
    const std::uint32_t distance = (serial - waiting_.front().serial) & kSerialMask;
    if (distance >= waiting_.size() || waiting_[distance].serial != serial || !waiting_[distance].open) return nullptr;
    return &waiting_[distance];
}

std::uint64_t NetworkLoad::number_of(std::uint32_t serial) const {
    const auto back = (next_serial_ - serial) & kSerialMask;
    return result_.requests - std::min<std::uint64_t>(back, result_.requests);
}

void NetworkLoad::give_up(std::uint32_t serial) {
    given_up_.insert(number_of(serial));
    if (given_up_.size() > kGivenUpMax) given_up_.erase(given_up_.begin());
}

void NetworkLoad::note_order(std::uint64_t number) {
    if (number < next_expected_)
        ++result_.reordered;
    else
        next_expected_ = number + 1;
}

/// Nobody waits for it any more: late, or here before.
void NetworkLoad::on_unexpected(std::uint64_t number) {
    if (given_up_.erase(number) == 0) {
        ++result_.duplicates;
        return;
    }
    ++result_.late;
    note_order(number);
}

void NetworkLoad::on_answer(const wire::Frame& frame) {
    if (frame.type != wire::FrameType::kResponse || frame.source_ip != config_.to) return;
    if ((frame.serial & ~kSerialMask) != serial_base_) return;
    auto* request = find(frame.serial);
    const auto number = number_of(frame.serial);
    if (request == nullptr) return on_unexpected(number);
    note_order(number);
    const auto waited = engine_.now() - request->since;
    engine_.cancel(request->timeout);
    request->open = false;
    for (; noted_ < waiting_.size(); ++noted_) waiting_[noted_].service_again = engine_.now();
    drop_closed();
    ++result_.answered;
    result_.latency_total += waited;
    result_.latency_max = std::max(result_.latency_max, waited);
    if (lost_since_) {
        meter_.waited(*lost_since_, engine_.now());
        lost_since_.reset();
    }
}

void NetworkLoad::on_timeout(std::uint32_t serial) {
    auto* request = find(serial);
    PVMSIM_ASSERT(request != nullptr);
    if (request->service_again)
        meter_.waited(request->since, *request->service_again);
    else if (!lost_since_)
        lost_since_ = request->since;
    give_up(serial);
    request->open = false;
    drop_closed();
    ++result_.lost;
}

void NetworkLoad::drop_closed() {
    while (!waiting_.empty() && !waiting_.front().open) {
        waiting_.pop_front();
        if (noted_ > 0) --noted_;
    }
}

void NetworkLoad::on_event(const sim::Event& event) {
    if (event.is<NetworkRequestDue>()) {
        const auto gap =
            config_.arrival == Arrival::kConstant ? config_.interval : arrivals_.exponential(config_.interval);
        due_ = engine_.schedule_in(gap, entity_, NetworkRequestDue{});
        send();
    } else if (const auto* timeout = event.as<NetworkRequestTimeout>()) {
        on_timeout(timeout->serial);
    }
}

NetworkLoadResult NetworkLoad::result(sim::SimTime now) const {
    auto result = result_;
    result.outages = meter_.outages(now, lost_since_ ? &*lost_since_ : nullptr);
    return result;
}

void NetworkLoad::digest(sim::Digest& digest) const {
    digest.add(next_serial_);
    digest.add(result_.requests);
    digest.add(result_.answered);
    digest.add(result_.lost);
    digest.add(result_.duplicates + result_.late);
    digest.add(result_.latency_total);
    digest.add(result_.latency_max);
    meter_.digest(digest);
}

}  // namespace pvmsim::aix
