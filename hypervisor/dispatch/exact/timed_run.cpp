// Who gets which core, and when somebody has to leave one.
//
// Why planned capacity is always served: all of it is ready when the window starts and is due when it ends. While more
// wait than there are cores, all cores work on it, so what is left never exceeds what the cores have left; hence at
// most as many as there are cores can be without laxity at a time. Work that came later, and uncapped shares once the
// plan is disturbed, give way to it.
#include <algorithm>
#include <utility>

#include "hypervisor/dispatch/exact/timed_dispatch.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

namespace {
constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();
/// Looking again sooner than this is not worth it.
constexpr std::int64_t kGuardStepNs = 10'000;
}  // namespace

void TimedDispatch::run_until(sim::SimTime at) {
    const std::int64_t until_ns = at.time_since_epoch().count();
    while (now_ns_ < until_ns) {
        if (!is_in_window_) start_window();
        const std::int64_t next_ns = next_event();
        now_ns_ = std::min(next_ns, until_ns);
        if (next_ns > until_ns) break;
        if (now_ns_ == window_end_ns_) {
            close_window();
            continue;
        }
        happen();
    }
    // What a call of this instant set off, and slices that end in this instant.
    while (is_in_window_ && next_event() <= now_ns_) happen();
    settle_all();
}

/// All that is due now.
void TimedDispatch::happen() {
    for (std::uint32_t core = 0; core < cores_.size(); ++core)
        if (cores_[core].end_ns <= now_ns_) end_slice(core);
    start_later();
    guard_entitled();
    meet_latest();
}

/// All planned entitled capacity that is left still fits the shared cores if it begins then.
std::int64_t TimedDispatch::latest_start_of_plan() const {
    if (shared_cores_ == 0) return window_end_ns_;
    std::int64_t planned_ns = 0;
    for (const TimedProcessor& one : processors_) planned_ns += is_dedicated(one) ? 0 : one.planned_ns;
    return window_end_ns_ - (planned_ns + shared_cores_ - 1) / shared_cores_;
}

/// The plan of uncapped shares does not hold to the letter any more: entitled capacity that waits takes its turn now.
void TimedDispatch::disturb() {
    if (!is_disturbed_) guard_ns_ = now_ns_;
    is_disturbed_ = true;
}

/// On lent cores more is planned than is sure to fit. While there is time it goes on as planned; then entitled capacity
/// comes before uncapped shares.
void TimedDispatch::guard_entitled() {
    if (now_ns_ < guard_ns_) return;
    if (!is_disturbed_) {
        settle_all();
        guard_ns_ = latest_start_of_plan();
        if (guard_ns_ >= now_ns_ + kGuardStepNs) return;
        is_disturbed_ = true;
    }
    guard_ns_ = window_end_ns_;
    for (std::uint32_t which = 0; which < processors_.size(); ++which) {
        const TimedProcessor& one = processors_[which];
        if (one.state != TimedState::kWaiting || one.claim != TimedClaim::kPlanned) continue;
        const std::uint32_t core = share_core_for(one);
        if (core == kNone) return;
        take_over(core, which, TimedClaim::kPlanned);
    }
}

void TimedDispatch::start_later() {
    while (next_later_ < later_.size() && later_[next_later_].at_ns <= now_ns_) {
        const std::uint32_t which = later_[next_later_++].processor;
        TimedProcessor& one = processors_[which];
        const std::int64_t due_ns = std::exchange(one.later_ns, 0);
        if (due_ns == 0) continue;
        one.constant_ns += due_ns;
        wake(which, DispatchReason::kDecrementer);
    }
}

std::int64_t TimedDispatch::next_event() const {
    std::int64_t next_ns = window_end_ns_;
    for (const TimedRunner& runner : cores_) next_ns = std::min(next_ns, runner.end_ns);
    if (!latest_.empty()) next_ns = std::min(next_ns, latest_.top().at_ns);
    next_ns = std::min(next_ns, guard_ns_);
    if (next_later_ < later_.size()) next_ns = std::min(next_ns, later_[next_later_].at_ns);
    return std::max(next_ns, now_ns_);
}

void TimedDispatch::end_slice(std::uint32_t core) {
    settle(core);
    const std::uint32_t which = cores_[core].processor;
    TimedProcessor& one = processors_[which];
    if (!one.has_work()) {
        ++one.counts.cedes;
        stop(core, PreemptReason::kCede, TimedState::kCeded);
        release(which);
        fill_core(core);
        return;
    }
    take_back_held(one);
    const TimedClaim claim = claim_of(which);
    if (claim != TimedClaim::kNothing && !must_yield(one, claim)) {
        go_on(core, claim);
        return;
    }
    stop(core, PreemptReason::kEndOfSlice, TimedState::kWaiting);
    wait(which);
    fill_core(core);
}

bool TimedDispatch::must_yield(const TimedProcessor& one, TimedClaim claim) const {
    if (claim == TimedClaim::kOwn || claim == TimedClaim::kPlanned) return false;
    if (!is_disturbed_ && one.planned_ns + one.share_ns >= left_in_window()) return false;
    for (std::size_t i = 0; i < static_cast<std::size_t>(claim) && i < kQueuedClaims; ++i)
        if (!queues_.is_empty(static_cast<TimedClaim>(i))) return true;
    if (claim != TimedClaim::kSlack) return false;
    const std::uint32_t other = least_served_for_slack();
    if (other == kNone || other == one.partition) return false;
    const TimedAccount& mine = accounts_[one.partition];
    const TimedAccount& theirs = accounts_[other];
    return theirs.share_used_ns * mine.config.share.weight < mine.share_used_ns * theirs.config.share.weight;
}

/// Who has no laxity left takes over the core of who has most.
void TimedDispatch::meet_latest() {
    while (!latest_.empty() && latest_.top().at_ns <= now_ns_) {
        const Latest latest = latest_.top();
        latest_.pop();
        const TimedProcessor& one = processors_[latest.processor];
        if (one.state != TimedState::kWaiting || (is_disturbed_ && !latest.is_entitled)) continue;
        const std::int64_t due_ns = one.planned_ns + (latest.is_entitled ? 0 : one.share_ns);
        if (due_ns == 0 || due_ns != left_in_window()) continue;
        std::uint32_t core = core_with_most_laxity();
        if (core == kNone && is_lent_ && !is_disturbed_) {
            disturb();
            if (!latest.is_entitled) continue;
            core = core_with_most_laxity();
        }
        PVMSIM_ASSERT(core != kNone);
        take_over(core, latest.processor, one.claim);
    }
}

std::uint32_t TimedDispatch::core_with_most_laxity() const {
    std::uint32_t best = kNone;
    std::int64_t most_ns = 0;
    for (std::uint32_t core = 0; core < cores_.size(); ++core) {
        if (cores_[core].processor == kNone) continue;
        const TimedProcessor& one = processors_[cores_[core].processor];
        std::int64_t laxity_ns = kUnlimited;
        // What it ran since it was settled makes no difference: planned capacity and the window shrink alike.
        const std::int64_t left_ns = window_end_ns_ - cores_[core].settled_ns;
        if (one.claim == TimedClaim::kOwn) continue;
        if (!is_disturbed_ && one.claim != TimedClaim::kSlack) laxity_ns = left_ns - one.planned_ns - one.share_ns;
        if (is_disturbed_ && one.claim == TimedClaim::kShare) laxity_ns = kUnlimited - 1;
        if (is_disturbed_ && one.claim == TimedClaim::kLate) laxity_ns = kUnlimited - 2;
        if (is_disturbed_ && one.claim == TimedClaim::kPlanned) laxity_ns = left_ns - one.planned_ns;
        if (laxity_ns <= most_ns) continue;
        most_ns = laxity_ns;
        best = core;
    }
    return best;
}

/// It ceded, conferred or was done, and something is to be done now.
void TimedDispatch::wake(std::uint32_t which, DispatchReason reason) {
    TimedProcessor& one = processors_[which];
    if (!one.is_placed || !is_in_window_) {
        if (one.state == TimedState::kBlocked) {
            account_wait(one);
            std::erase(awaiting_, which);
            one.state = TimedState::kCeded;
        }
        return;
    }
    switch (one.state) {
        case TimedState::kRunning:
            settle(one.core);
            set_end(one.core);
            return;
        case TimedState::kWaiting:
            reconsider(which);
            return;
        case TimedState::kBlocked:
        case TimedState::kCeded:
            make_ready(which, reason);
    }
}

void TimedDispatch::make_ready(std::uint32_t which, DispatchReason reason) {
    TimedProcessor& one = processors_[which];
    account_wait(one);
    std::erase(awaiting_, which);
    one.awaited = kNone;
    one.is_conferred_to_all = false;
    one.since_ns = now_ns_;
    if (!one.has_work()) {
        one.state = TimedState::kCeded;
        return;
    }
    one.state = TimedState::kWaiting;
    one.claim = TimedClaim::kNothing;
    one.ready_since_ns = now_ns_;
    one.dispatch_reason = reason;
    place(which);
}

/// Where it runs at once, or how it waits.
void TimedDispatch::place(std::uint32_t which) {
    TimedProcessor& one = processors_[which];
    if (is_dedicated(one)) {
        take_over(accounts_[one.partition].first_core + one.index, which, TimedClaim::kOwn);
        return;
    }
    const TimedClaim claim = claim_of(which);
    if (claim != TimedClaim::kNothing) {
        const std::uint32_t idle = idle_core_for(one);
        if (idle != kNone) {
            dispatch(which, idle, claim);
            return;
        }
    }
    if (claim == TimedClaim::kPlanned || claim == TimedClaim::kLate) {
        const std::uint32_t core = share_core_for(one);
        if (core != kNone) {
            take_over(core, which, claim);
            return;
        }
    }
    wait(which);
}

void TimedDispatch::wait(std::uint32_t which) {
    TimedProcessor& one = processors_[which];
    PVMSIM_ASSERT(one.queue == kNone);
    const TimedClaim claim = claim_of(which);
    account_wait(one);
    one.claim = claim;
    if (claim == TimedClaim::kSlack) {
        one.queue = kSlackQueue;
        ++accounts_[one.partition].waiting_for_slack;
    } else if (claim != TimedClaim::kNothing) {
        queues_.push(processors_, which, claim);
    }
    if (one.planned_ns > 0) latest_.push({window_end_ns_ - one.planned_ns, which, true});
    if (!is_disturbed_ && one.planned_ns + one.share_ns > 0)
        latest_.push({window_end_ns_ - one.planned_ns - one.share_ns, which, false});
}

void TimedDispatch::leave_queue(std::uint32_t which) {
    TimedProcessor& one = processors_[which];
    if (one.queue == kNone) return;
    if (one.queue == kSlackQueue) {
        one.queue = kNone;
        --accounts_[one.partition].waiting_for_slack;
    } else {
        queues_.remove(processors_, which);
    }
}

/// Capacity came free that it may take.
void TimedDispatch::reconsider(std::uint32_t which) {
    TimedProcessor& one = processors_[which];
    if (one.state != TimedState::kWaiting || !one.is_placed) return;
    if (one.claim == TimedClaim::kPlanned || one.claim == TimedClaim::kLate) return;
    leave_queue(which);
    account_wait(one);
    place(which);
}

TimedClaim TimedDispatch::claim_of(std::uint32_t which) {
    const TimedProcessor& one = processors_[which];
    if (is_dedicated(one)) return TimedClaim::kOwn;
    if (one.planned_ns > 0) return TimedClaim::kPlanned;
    if (one.late_ns == 0) reserve(which);
    if (one.late_ns > 0) return TimedClaim::kLate;
    const TimedPool& pool = pool_of(one);
    if (one.share_ns > 0 && pool.room_ns() > 0) return TimedClaim::kShare;
    const bool has_room = pool.room_ns() > pool.planned_share_ns && left_in_window() > 0;
    if (accounts_[one.partition].config.share.weight > 0 && has_room) return TimedClaim::kSlack;
    return TimedClaim::kNothing;
}

std::uint32_t TimedDispatch::idle_core_for(const TimedProcessor& one) const {
    const std::uint32_t core = one.last_core == kNone ? one.home : one.last_core;
    return queues_.nearest(core, [&](std::uint32_t other) {
        const TimedRunner& runner = cores_[other];
        return runner.processor == kNone && (runner.owner == kNone || runner.is_lent);
    });
}

/// A core that works on an uncapped share.
std::uint32_t TimedDispatch::share_core_for(const TimedProcessor& one) const {
    const std::uint32_t core = one.last_core == kNone ? one.home : one.last_core;
    for (const TimedClaim claim : {TimedClaim::kSlack, TimedClaim::kShare, TimedClaim::kLate}) {
        // Only what was planned is guaranteed.
        if (claim == TimedClaim::kLate && one.planned_ns == 0) break;
        const std::uint32_t found = queues_.nearest(core, [&](std::uint32_t other) {
            const TimedRunner& runner = cores_[other];
            if (runner.processor == kNone || processors_[runner.processor].claim != claim) return false;
            const TimedProcessor& there = processors_[runner.processor];
            // While the plan holds to the letter, who has no laxity left stays.
            return is_disturbed_ || claim != TimedClaim::kShare ||
                   there.planned_ns + there.share_ns < window_end_ns_ - runner.settled_ns;
        });
        if (found != kNone) return found;
    }
    return kNone;
}

std::uint32_t TimedDispatch::next_for(std::uint32_t core) {
    for (const TimedClaim claim : {TimedClaim::kPlanned, TimedClaim::kLate, TimedClaim::kShare}) {
        for (std::uint32_t which = queues_.best_for(core, claim); which != kNone;
             which = queues_.best_for(core, claim)) {
            if (claim_of(which) == claim) return which;
            leave_queue(which);
            wait(which);
            if (processors_[which].claim < claim) return which;
        }
    }
    return slack_for(core);
}

std::uint32_t TimedDispatch::least_served_for_slack() const {
    std::uint32_t best = kNone;
    for (std::uint32_t i = 0; i < accounts_.size(); ++i) {
        const TimedAccount& account = accounts_[i];
        if (account.waiting_for_slack == 0) continue;
        const TimedPool& pool = pools_[account.config.share.pool];
        if (pool.room_ns() <= pool.planned_share_ns) continue;
        if (best == kNone || account.share_used_ns * accounts_[best].config.share.weight <
                                 accounts_[best].share_used_ns * account.config.share.weight)
            best = i;
    }
    return best;
}

std::uint32_t TimedDispatch::slack_for(std::uint32_t core) const {
    const std::uint32_t partition = least_served_for_slack();
    if (partition == kNone) return kNone;
    std::uint32_t found = kNone;
    for (const std::uint32_t which : placed(accounts_[partition])) {
        if (processors_[which].queue != kSlackQueue) continue;
        if (found == kNone || processors_[which].last_core == core) found = which;
    }
    return found;
}

void TimedDispatch::fill_core(std::uint32_t core) {
    const TimedRunner& runner = cores_[core];
    if (runner.processor != kNone || (runner.owner != kNone && !runner.is_lent)) return;
    const std::uint32_t which = next_for(core);
    if (which != kNone) dispatch(which, core, processors_[which].claim);
}

void TimedDispatch::take_over(std::uint32_t core, std::uint32_t which, TimedClaim claim) {
    const std::uint32_t loser = cores_[core].processor;
    if (loser == kNone) {
        dispatch(which, core, claim);
        return;
    }
    // What the slice was worth until now may be all there was to do.
    settle(core);
    const bool is_done = !processors_[loser].has_work();
    if (is_done) ++processors_[loser].counts.cedes;
    stop(core, is_done ? PreemptReason::kCede : PreemptReason::kEndOfSlice,
         is_done ? TimedState::kCeded : TimedState::kWaiting);
    dispatch(which, core, claim);
    if (is_done)
        release(loser);
    else
        place(loser);
}

}  // namespace pvmsim::hypervisor
