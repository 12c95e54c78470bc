// H_CEDE, H_PROD and H_CONFER (behaviour 1.3, from PAPR), and what is asked of the timed dispatcher from outside.
// An interrupt is a burst that arrives, or constant demand at the start of a window (the decrementer).
#include <algorithm>

#include "hypervisor/dispatch/exact/timed_dispatch.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

namespace {

CoreTime core_time(std::int64_t ns) {
    CoreTime time;
    time.add(CoreRate::cores(1), sim::Duration{ns});
    return time;
}

}  // namespace

std::uint32_t TimedDispatch::number_of(VirtualProcessor of) const {
    PVMSIM_ASSERT(of.partition < accounts_.size());
    PVMSIM_ASSERT(of.index < accounts_[of.partition].processors.size());
    return accounts_[of.partition].processors[of.index];
}

/// Off its core, although there is work. What it leaves goes to its partition.
void TimedDispatch::block(std::uint32_t which, PreemptReason reason) {
    const std::uint32_t core = processors_[which].core;
    stop(core, reason, TimedState::kBlocked);
    release(which);
    fill_core(core);
}

bool TimedDispatch::cede(VirtualProcessor caller) {
    const std::uint32_t which = number_of(caller);
    TimedProcessor& one = processors_[which];
    PVMSIM_ASSERT(one.state == TimedState::kRunning);
    ++one.counts.cedes;
    if (one.is_prodded) {
        one.is_prodded = false;
        return false;
    }
    block(which, PreemptReason::kCede);
    return true;
}

/// Counted where the other virtual processor of its partition would be charged: with the target.
void TimedDispatch::prod(VirtualProcessor target) {
    const std::uint32_t which = number_of(target);
    TimedProcessor& one = processors_[which];
    ++one.counts.prods;
    one.is_prodded = true;
    if (one.state == TimedState::kBlocked) wake(which, DispatchReason::kProd);
}

bool TimedDispatch::confer(VirtualProcessor caller, std::uint32_t target, std::uint64_t dispatch_count) {
    const std::uint32_t which = number_of(caller);
    TimedProcessor& one = processors_[which];
    PVMSIM_ASSERT(one.state == TimedState::kRunning);
    ++one.counts.confers;
    if (target == caller.index) {
        block(which, PreemptReason::kConfer);
        return true;
    }
    const std::uint32_t to = number_of({caller.partition, target});
    TimedProcessor& other = processors_[to];
    const bool is_stale = other.dispatch_count != dispatch_count || dispatch_count % 2 == 0;
    // One that has nothing to do uses no opportunity to run: its turn is over at once.
    if (is_stale || other.is_conferred_to_all || other.state != TimedState::kWaiting) return false;
    const std::uint32_t core = one.core;
    settle(core);
    const std::int64_t entitled_ns = one.entitled_left_ns();
    one.planned_ns = one.late_ns = 0;
    other.late_ns += entitled_ns;
    disturb();
    stop(core, PreemptReason::kConfer, TimedState::kBlocked);
    one.awaited = to;
    awaiting_.push_back(which);
    release(which);
    other.dispatch_reason = DispatchReason::kConferred;
    reconsider(to);
    fill_core(core);
    return true;
}

bool TimedDispatch::confer_to_all(VirtualProcessor caller) {
    const std::uint32_t which = number_of(caller);
    TimedProcessor& one = processors_[which];
    PVMSIM_ASSERT(one.state == TimedState::kRunning);
    ++one.counts.confers;
    one.is_conferred_to_all = true;
    awaiting_.push_back(which);
    block(which, PreemptReason::kConfer);
    return true;
}

/// Whoever conferred to it becomes ready: it has had its opportunity.
void TimedDispatch::end_turn_of(std::uint32_t which) {
    if (awaiting_.empty()) return;
    const std::vector<std::uint32_t> callers = awaiting_;
    for (const std::uint32_t caller : callers) {
        const TimedProcessor& one = processors_[caller];
        const bool is_sibling = one.is_conferred_to_all && one.partition == processors_[which].partition;
        if (caller != which && (one.awaited == which || is_sibling)) make_ready(caller, DispatchReason::kEntitledSlice);
    }
}

void TimedDispatch::enable_log(VirtualProcessor of, TraceMask mask, std::size_t entries_max) {
    processors_[number_of(of)].log.enable(mask, entries_max);
}

BurstId TimedDispatch::add_burst(sim::SimTime arrived, VirtualProcessor of, sim::Duration work) {
    PVMSIM_ASSERT(work.count() > 0);
    PVMSIM_ASSERT(of.index < accounts_[of.partition].next.share.procs);
    const std::uint32_t which = number_of(of);
    TimedProcessor& one = processors_[which];
    if (one.core != kNone) settle(one.core);
    const BurstId id{next_burst_++};
    bursts_.emplace(id.value, Burst{.processor = which,
                                    .arrived_ns = arrived.time_since_epoch().count(),
                                    .ran_before_ns = one.ran_ns,
                                    .is_done = false,
                                    .end_ns = 0,
                                    .ran_ns = 0});
    one.bursts.push_back({id, work.count()});
    if (one.state != TimedState::kRunning && one.last_core < cores_.size()) {
        const std::uint32_t there = cores_[one.last_core].processor;
        if (there != kNone && processors_[there].partition != one.partition)
            ++processors_[there].counts.phantom_interrupts;
    }
    wake(which, DispatchReason::kExternalInterrupt);
    return id;
}

/// Nobody's state changes before the next event, and no capacity comes to who has none and no siblings before the next
/// window.
BurstStatus TimedDispatch::status(BurstId id) {
    const auto found = bursts_.find(id.value);
    PVMSIM_ASSERT(found != bursts_.end());
    const Burst burst = found->second;
    if (burst.is_done) {
        bursts_.erase(found);
        const std::int64_t waited_ns = burst.end_ns - burst.arrived_ns - burst.ran_ns;
        return {.is_done = true,
                .when = sim::kStartOfRun + sim::Duration{burst.end_ns},
                .waited = sim::Duration{std::max<std::int64_t>(0, waited_ns)}};
    }
    const TimedProcessor& one = processors_[burst.processor];
    std::int64_t earliest_ns = now_ns_;
    if (one.state == TimedState::kRunning) {
        earliest_ns += one.overhead_ns;
    } else if (is_in_window_) {
        const TimedAccount& account = accounts_[one.partition];
        const bool is_out = one.state == TimedState::kWaiting && one.claim == TimedClaim::kNothing &&
                            account.config.share.weight == 0 && placed(account).size() == 1;
        earliest_ns = is_out || !one.is_placed ? window_end_ns_ : next_event();
    }
    for (const TimedBurst& ahead : one.bursts) {
        earliest_ns += ahead.left_ns;
        if (ahead.id == id) break;
    }
    return {.is_done = false,
            .when = sim::kStartOfRun + sim::Duration{std::max(earliest_ns, now_ns_ + 1)},
            .waited = sim::Duration{0}};
}

const TimedProcessor& TimedDispatch::processor(VirtualProcessor of) const { return processors_[number_of(of)]; }

CoreRate TimedDispatch::highest(std::uint32_t partition) const {
    return {accounts_[partition].highest_ns * kNanocoresPerWindowNs};
}

sim::Duration TimedDispatch::donated(std::uint32_t partition) const {
    return sim::Duration{accounts_[partition].donated_ns};
}

DispatchCounts TimedDispatch::counts(std::uint32_t partition) const {
    DispatchCounts sum;
    for (const std::uint32_t which : accounts_[partition].processors) {
        TimedProcessor so_far = processors_[which];
        account_wait(so_far);
        sum += so_far.counts;
    }
    return sum;
}

sim::Duration TimedDispatch::latency_max(std::uint32_t partition) const {
    std::int64_t latency_max_ns = 0;
    for (const std::uint32_t which : accounts_[partition].processors)
        latency_max_ns = std::max(latency_max_ns, processors_[which].latency_max_ns);
    return sim::Duration{latency_max_ns};
}

PoolUse TimedDispatch::physical_pool() const {
    return {.capacity = core_time(capacity_ns_), .used = core_time(used_ns_)};
}

PoolUse TimedDispatch::pool_use(std::uint32_t pool) const {
    if (pool >= pools_.size()) return {};  // its first window has not begun
    PoolUse use{.capacity = pools_[pool].capacity, .used = core_time(pools_[pool].total_ns)};
    if (is_in_window_) use.capacity.add(pools_[pool].limits.max, sim::Duration{now_ns_ - window_end_ns_ + kWindowNs});
    return use;
}

}  // namespace pvmsim::hypervisor
