// Sending transactions and waiting for their ends; see burst_load.hpp.
//
// A user's slot is its number; an open load takes free slots. One event is pending for each slot: its arrival, or the
// instant at which asking for its end is worth it. Users start at different instants, so that equal ones do not march
// in step.
#include "aix/workload/burst_load.hpp"

#include <algorithm>
#include <utility>

#include "aix/workload/events.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::aix {
namespace {

sim::Duration draw(const SpreadTime& time, sim::RandomStream& random) {
    if (time.spread == Spread::kConstant || time.mean.count() == 0) return time.mean;
    return random.exponential(time.mean);
}

}  // namespace

BurstLoad::BurstLoad(sim::Engine& engine, hypervisor::ManagedSystem& system, hypervisor::PartitionId partition,
                     Processors& processors, std::string path, const BurstLoadConfig& config)
    : engine_(engine),
      system_(system),
      partition_(partition),
      processors_(processors),
      config_(config),
      entity_(engine.add(*this, path)),
      gaps_(engine.random_stream(path, "gaps")),
      works_(engine.random_stream(path, "works")) {
    PVMSIM_ASSERT(config_.work.mean.count() > 0);
    PVMSIM_ASSERT(!is_open() || config_.every.mean.count() > 0);
}

void BurstLoad::start(sim::SimTime at) {
    running_ = true;
    transactions_.assign(config_.threads, {});
    free_.clear();
    due_.assign(is_open() ? 1 : config_.threads, {});
    if (is_open()) {
        due_[0] = engine_.schedule_at(at + gaps_.uniform(sim::Duration{0}, config_.every.mean), entity_,
                                      TransactionArrives{TransactionArrives::kNone});
        return;
    }
    const auto cycle = config_.think.mean + config_.work.mean;
    for (std::uint32_t user = 0; user < config_.threads; ++user)
        due_[user] =
            engine_.schedule_at(at + gaps_.uniform(sim::Duration{0}, cycle), entity_, TransactionArrives{user});
}

void BurstLoad::stop() {
    running_ = false;
    for (auto& due : due_) engine_.cancel(due);
    due_.clear();
    transactions_.clear();
    free_.clear();
    processors_.adjust_transaction_demand({-demand_.nanocores});
    demand_ = {};
}

/// A closed loop cannot ask for more than its users' time allows; how much less it does follows from its responses.
hypervisor::CoreRate BurstLoad::mean_demand() const {
    using Wide = hypervisor::CoreTime::Wide;
    const Wide work = Wide{config_.work.mean.count()} * hypervisor::CoreRate::cores(1).nanocores;
    if (is_open()) return {static_cast<std::int64_t>(work / config_.every.mean.count())};
    return {static_cast<std::int64_t>(work * config_.threads / (config_.think.mean + config_.work.mean).count())};
}

void BurstLoad::announce_demand() {
    if (demand_ > hypervisor::CoreRate{}) return;
    demand_ = mean_demand();
    processors_.adjust_transaction_demand(demand_);
}

void BurstLoad::arrive_open() {
    const std::size_t next_slot = transactions_.size();
    due_[0] = engine_.schedule_in(draw(config_.every, gaps_), entity_, TransactionArrives{TransactionArrives::kNone});
    if (free_.empty() && next_slot == kOutstandingMax) {
        ++refused_;
        return;
    }
    if (free_.empty()) {
        transactions_.emplace_back();
        due_.emplace_back();
        free_.push_back(static_cast<std::uint32_t>(next_slot));
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    arrive(slot);
}

void BurstLoad::arrive(std::uint32_t slot) {
    auto& transaction = transactions_[slot];
    const auto now = engine_.now();
    const auto work = std::max(draw(config_.work, works_), sim::Duration{1});
    transaction = {.since = now, .work = work};
    auto* bursts = system_.dispatcher().bursts();
    if (bursts == nullptr) return ask_again_at(slot, now + processors_.queue_transaction(work));
    transaction.proc = processors_.take_burst_processor();
    transaction.burst = bursts->add_burst(now, partition_, transaction.proc, work);
    ask(slot);
}

void BurstLoad::ask_again_at(std::uint32_t slot, sim::SimTime at) {
    due_[slot + (is_open() ? 1 : 0)] = engine_.schedule_at(at, entity_, TransactionAsked{slot});
}

void BurstLoad::ask(std::uint32_t slot) {
    const auto& transaction = transactions_[slot];
    const auto now = engine_.now();
    auto* bursts = system_.dispatcher().bursts();
    if (bursts == nullptr) return answered(slot, now);
    const auto status = bursts->status(now, transaction.burst);
    if (!status.is_done) return ask_again_at(slot, std::max(status.when, now + sim::Duration{1}));
    processors_.give_back_burst_processor(transaction.proc);
    answered(slot, status.when);
}

void BurstLoad::answered(std::uint32_t slot, sim::SimTime end) {
    const auto response = end - transactions_[slot].since;
    PVMSIM_ASSERT(response >= transactions_[slot].work);
    responses_.add(response);
    wait_total_ += response - transactions_[slot].work;
    if (is_open()) return free_.push_back(slot);
    const auto next = std::max(end + draw(config_.think, gaps_), engine_.now());
    due_[slot] = engine_.schedule_at(next, entity_, TransactionArrives{slot});
}

void BurstLoad::on_event(const sim::Event& event) {
    if (!running_) return;
    if (const auto* asked = event.as<TransactionAsked>()) return ask(asked->slot);
    const auto slot = event.as<TransactionArrives>()->slot;
    announce_demand();
    if (slot == TransactionArrives::kNone)
        arrive_open();
    else
        arrive(slot);
}

BurstLoadResult BurstLoad::result() const {
    const auto count = static_cast<std::int64_t>(responses_.count());
    return {.transactions = responses_.count(),
            .refused = refused_,
            .response_mean = responses_.mean(),
            .response_p50 = responses_.quantile(500),
            .response_p95 = responses_.quantile(950),
            .response_p99 = responses_.quantile(990),
            .response_max = responses_.max(),
            .wait_mean = count == 0 ? sim::Duration{0} : wait_total_ / count};
}

void BurstLoad::digest(sim::Digest& digest) const {
    digest.add(running_);
    digest.add(responses_.count());
    digest.add(responses_.max());
    digest.add(wait_total_);
    digest.add(refused_);
}

}  // namespace pvmsim::aix
