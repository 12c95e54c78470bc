// A core is settled when something happens on it, or when somebody looks: charging a slice in pieces comes to the same
// as charging it at once, so looking changes nothing. What a run on an uncapped share may take is counted when it
// begins.
#include <algorithm>

#include "hypervisor/dispatch/exact/timed_dispatch.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

namespace {
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
}

TimedPool& TimedDispatch::pool_of(const TimedProcessor& one) {
    return pools_[accounts_[one.partition].config.share.pool];
}

bool TimedDispatch::is_dedicated(const TimedProcessor& one) const {
    return accounts_[one.partition].config.is_dedicated;
}

void TimedDispatch::dispatch(std::uint32_t which, std::uint32_t core, TimedClaim claim) {
    TimedRunner& runner = cores_[core];
    PVMSIM_ASSERT(runner.processor == kNone);
    settle(core);
    leave_queue(which);
    TimedProcessor& one = processors_[which];
    PVMSIM_ASSERT(one.state == TimedState::kWaiting);
    PVMSIM_ASSERT(one.core == kNone);
    account_wait(one);
    one.latency_max_ns = std::max(one.latency_max_ns, now_ns_ - one.ready_since_ns);
    one.state = TimedState::kRunning;
    one.core = core;
    one.is_prodded = false;
    ++one.dispatch_count;
    PVMSIM_ASSERT(one.dispatch_count % 2 == 0);
    runner.processor = which;
    // A dedicated virtual processor that nobody disturbed goes on; the window's start is none of its business.
    if (!is_dedicated(one) || runner.occupant != which || one.dispatch_reason != DispatchReason::kEntitledSlice) {
        ++one.counts.dispatches;
        ++slices_;
        log(one, core);
    }
    pay_switch(which, core);
    one.last_core = core;
    go_on(core, claim);
    end_turn_of(which);
}

void TimedDispatch::log(TimedProcessor& one, std::uint32_t core) const {
    const auto ticks = [](std::int64_t ns) { return static_cast<std::uint32_t>(timebase_ticks(ns)); };
    one.log.write({.dispatch_reason = one.dispatch_reason,
                   .preempt_reason = one.preempt_reason,
                   .processor = static_cast<std::uint16_t>(core),
                   .enqueue_to_dispatch = ticks(one.waits_ns[2]),
                   .ready_to_enqueue = ticks(one.waits_ns[1]),
                   .waiting_to_ready = ticks(one.waits_ns[0]),
                   .timebase = timebase_ticks(now_ns_)});
}

/// Moves and costs as in CorePlacement. What is left of an earlier refill is gone when the caches are somebody else's.
void TimedDispatch::pay_switch(std::uint32_t which, std::uint32_t core) {
    TimedProcessor& one = processors_[which];
    std::int64_t refill_ns = costs_.refill_same_core_ns;
    if (one.last_core != core && one.last_core != kNone) {
        ++one.counts.dispersions;
        const std::uint32_t chip = core / topology_.cores_per_chip;
        const std::uint32_t last_chip = one.last_core / topology_.cores_per_chip;
        if (chip == last_chip) {
            refill_ns = costs_.refill_same_chip_ns;
        } else if (chip / topology_.chips_per_node == last_chip / topology_.chips_per_node) {
            ++one.counts.dispersions_chip;
            refill_ns = costs_.refill_same_node_ns;
        } else {
            ++one.counts.dispersions_node;
            refill_ns = costs_.refill_other_node_ns;
        }
    }
    if (cores_[core].occupant == which) return;
    cores_[core].occupant = which;
    ++one.counts.switches;
    one.overhead_ns = costs_.switch_ns + refill_ns;
    one.overhead_max_ns = std::max(one.overhead_max_ns, one.overhead_ns);
}

/// Begins a run on this account, or continues on it.
void TimedDispatch::go_on(std::uint32_t core, TimedClaim claim) {
    TimedProcessor& one = processors_[cores_[core].processor];
    PVMSIM_ASSERT(claim != TimedClaim::kNothing);
    PVMSIM_ASSERT(one.held_ns == 0);
    one.claim = claim;
    TimedPool& pool = pool_of(one);
    if (claim == TimedClaim::kShare) {
        const bool is_limited = &pool != pools_.data();
        one.held_ns = std::min(one.share_ns, pool.room_ns());
        if (is_limited) one.held_ns = std::min(one.held_ns, kQuantumNs);
        pool.planned_share_ns -= one.held_ns;
    } else if (claim == TimedClaim::kSlack) {
        one.held_ns = std::min({kQuantumNs, left_in_window(), pool.room_ns() - pool.planned_share_ns});
    }
    PVMSIM_ASSERT(one.held_ns >= 0);
    pool.reserved_ns += one.held_ns;
    accounts_[one.partition].share_used_ns += one.held_ns;
    set_end(core);
}

void TimedDispatch::take_back_held(TimedProcessor& one) {
    TimedPool& pool = pool_of(one);
    pool.reserved_ns -= one.held_ns;
    accounts_[one.partition].share_used_ns -= one.held_ns;
    if (one.claim == TimedClaim::kShare) pool.planned_share_ns += one.held_ns;
    one.held_ns = 0;
}

void TimedDispatch::set_end(std::uint32_t core) {
    TimedRunner& runner = cores_[core];
    const TimedProcessor& one = processors_[runner.processor];
    PVMSIM_ASSERT(runner.settled_ns == now_ns_);
    std::int64_t capacity_ns = one.held_ns;
    if (one.claim == TimedClaim::kPlanned) capacity_ns = one.planned_ns;
    if (one.claim == TimedClaim::kLate) capacity_ns = one.late_ns;
    if (one.claim == TimedClaim::kOwn) capacity_ns = left_in_window();
    const std::int64_t work_ns = one.bursts.empty() ? one.constant_ns : one.overhead_ns + one.bursts.front().left_ns;
    runner.end_ns = now_ns_ + std::min(capacity_ns, work_ns);
}

void TimedDispatch::stop(std::uint32_t core, PreemptReason reason, TimedState state) {
    settle(core);
    TimedRunner& runner = cores_[core];
    TimedProcessor& one = processors_[runner.processor];
    take_back_held(one);
    ++one.dispatch_count;
    PVMSIM_ASSERT(one.dispatch_count % 2 == 1);
    one.state = state;
    one.core = kNone;
    one.claim = TimedClaim::kNothing;
    one.preempt_reason = reason;
    one.dispatch_reason = DispatchReason::kEntitledSlice;
    one.since_ns = now_ns_;
    one.ready_since_ns = now_ns_;
    std::ranges::fill(one.waits_ns, 0);
    runner.processor = kNone;
    runner.end_ns = kNever;
}

void TimedDispatch::settle(std::uint32_t core) {
    TimedRunner& runner = cores_[core];
    const std::int64_t span_ns = now_ns_ - runner.settled_ns;
    PVMSIM_ASSERT(span_ns >= 0);
    if (span_ns == 0) return;
    runner.settled_ns = now_ns_;
    const bool is_with_owner = runner.owner != kNone && runner.processor == runner.owner;
    const bool is_in_pool = runner.owner == kNone || (runner.is_lent && !is_with_owner);
    if (is_in_pool) {
        capacity_ns_ += span_ns;
        (runner.processor == kNone ? idle_ns_ : used_ns_) += span_ns;
    }
    if (runner.is_lent && !is_with_owner) accounts_[processors_[runner.owner].partition].donated_ns += span_ns;
    if (runner.processor == kNone) return;
    charge(processors_[runner.processor], span_ns);
    work(runner.processor, span_ns);
}

void TimedDispatch::settle_all() {
    for (std::uint32_t core = 0; core < cores_.size(); ++core) settle(core);
}

void TimedDispatch::charge(TimedProcessor& one, std::int64_t span_ns) {
    TimedAccount& account = accounts_[one.partition];
    one.ran_ns += span_ns;
    account.time.consumed_ns += span_ns;
    const bool is_beyond = one.claim == TimedClaim::kShare || one.claim == TimedClaim::kSlack;
    (is_beyond ? account.time.beyond_ns : account.time.entitled_ns) += span_ns;
    if (one.claim == TimedClaim::kOwn) return;
    TimedPool& pool = pool_of(one);
    pool.used_ns += span_ns;
    pool.total_ns += span_ns;
    pool.reserved_ns -= span_ns;
    PVMSIM_ASSERT(pool.used_ns <= pool.max_ns);
    if (is_beyond) {
        one.held_ns -= span_ns;
        if (one.claim == TimedClaim::kShare) one.share_ns -= span_ns;
        PVMSIM_ASSERT(one.held_ns >= 0);
        PVMSIM_ASSERT(account.config.share.weight > 0);
        return;
    }
    (one.claim == TimedClaim::kPlanned ? one.planned_ns : one.late_ns) -= span_ns;
    one.own_ns = std::max<std::int64_t>(0, one.own_ns - span_ns);
    account.spent_ns += span_ns;
    PVMSIM_ASSERT(one.planned_ns >= 0);
    PVMSIM_ASSERT(one.late_ns >= 0);
    PVMSIM_ASSERT(account.spent_ns <= account.entitled_ns);
}

/// Bursts pay for switches besides; constant demand includes them. A slice ends where a burst does.
void TimedDispatch::work(std::uint32_t which, std::int64_t span_ns) {
    TimedProcessor& one = processors_[which];
    const std::int64_t overhead_ns = std::min(span_ns, one.overhead_ns);
    one.overhead_ns -= overhead_ns;
    one.counts.overhead_ns += overhead_ns;
    if (one.bursts.empty()) {
        one.constant_ns -= span_ns;
        PVMSIM_ASSERT(one.constant_ns >= 0);
        return;
    }
    TimedBurst& burst = one.bursts.front();
    burst.left_ns -= span_ns - overhead_ns;
    PVMSIM_ASSERT(burst.left_ns >= 0);
    if (burst.left_ns > 0) return;
    finish(burst.id, which);
    one.bursts.pop_front();
}

void TimedDispatch::finish(BurstId id, std::uint32_t which) {
    Burst& burst = bursts_.at(id.value);
    burst.is_done = true;
    burst.end_ns = now_ns_;
    burst.ran_ns = processors_[which].ran_ns - burst.ran_before_ns;
}

void TimedDispatch::account_wait(TimedProcessor& one) const {
    const std::int64_t span_ns = now_ns_ - one.since_ns;
    one.since_ns = now_ns_;
    if (one.state == TimedState::kBlocked) {
        one.waits_ns[0] += span_ns;
        one.counts.wait_ready_ns += span_ns;
    } else if (one.state == TimedState::kWaiting && one.claim == TimedClaim::kNothing) {
        one.waits_ns[1] += span_ns;
        one.counts.wait_capacity_ns += span_ns;
    } else if (one.state == TimedState::kWaiting) {
        one.waits_ns[2] += span_ns;
        one.counts.wait_processor_ns += span_ns;
    }
}

std::int64_t TimedDispatch::unspent_ns(const TimedAccount& account) const {
    std::int64_t unspent = account.entitled_ns - account.spent_ns;
    for (const std::uint32_t which : placed(account)) unspent -= processors_[which].entitled_left_ns();
    PVMSIM_ASSERT(unspent >= 0);
    return unspent;
}

/// First what is left of its own slice, then, a quantum at a time, what its siblings ceded.
void TimedDispatch::reserve(std::uint32_t which) {
    TimedProcessor& one = processors_[which];
    std::int64_t amount_ns = one.constant_ns;
    for (const TimedBurst& burst : one.bursts) amount_ns += burst.left_ns;
    if (amount_ns > 0 && !one.bursts.empty()) amount_ns += std::max<std::int64_t>(one.overhead_ns, costs_.switch_ns);
    amount_ns = std::min({amount_ns, left_in_window(), one.own_ns > 0 ? one.own_ns : kQuantumNs,
                          unspent_ns(accounts_[one.partition]), pool_of(one).room_ns()});
    if (amount_ns <= 0) return;
    one.late_ns += amount_ns;
    pool_of(one).reserved_ns += amount_ns;
    disturb();
}

/// Cedes what it has left.
void TimedDispatch::release(std::uint32_t which) {
    TimedProcessor& one = processors_[which];
    if (is_dedicated(one)) return;
    const std::int64_t entitled_ns = one.entitled_left_ns();
    TimedPool& pool = pool_of(one);
    const bool was_full = pool.room_ns() <= 0;
    pool.reserved_ns -= entitled_ns;
    pool.planned_share_ns -= one.share_ns;
    one.planned_ns = one.late_ns = one.share_ns = 0;
    if (entitled_ns > 0) offer_unspent(one);
    if (!was_full || pool.room_ns() <= 0) return;
    for (std::uint32_t other = 0; other < processors_.size(); ++other)
        if (&pool_of(processors_[other]) == &pool) reconsider(other);
}

void TimedDispatch::offer_unspent(const TimedProcessor& by) {
    const std::uint32_t partition = by.partition;
    for (const std::uint32_t sibling : placed(accounts_[partition])) reconsider(sibling);
}

}  // namespace pvmsim::hypervisor
