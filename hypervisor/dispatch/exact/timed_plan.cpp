// The beginning and the end of a window: what everybody wants, what the steady allocation gives, and what must hold.
// Behaviour 1.2, 1.4; what happens in between is in timed_run.cpp and timed_slices.cpp.
#include <algorithm>
#include <utility>

#include "hypervisor/dispatch/exact/timed_dispatch.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

namespace {

CoreRate rate_of(std::int64_t window_ns) { return {window_ns * kNanocoresPerWindowNs}; }
std::int64_t window_ns_of(CoreRate rate) { return rate.nanocores / kNanocoresPerWindowNs; }

}  // namespace

TimedDispatch::TimedDispatch(const ExactTopology& topology, const ExactCosts& costs, sim::SimTime start)
    : topology_(topology),
      costs_(costs),
      next_cores_(topology.cores),
      pools_(1),
      now_ns_(start.time_since_epoch().count()),
      window_end_ns_(start.time_since_epoch().count()) {
    PVMSIM_ASSERT(now_ns_ % kWindowNs == 0);
}

void TimedDispatch::set_cores(std::uint32_t shared) {
    next_cores_ = shared;
    is_laid_out_ = false;
}

void TimedDispatch::set_pools(std::span<const SteadyPool> others) {
    next_pools_.assign(others.begin(), others.end());
    is_laid_out_ = false;
}

std::uint32_t TimedDispatch::add_partition(const TimedPartition& partition) {
    accounts_.push_back({});
    const auto number = static_cast<std::uint32_t>(accounts_.size() - 1);
    change_partition(number, partition);
    return number;
}

void TimedDispatch::change_partition(std::uint32_t partition, const TimedPartition& to) {
    TimedAccount& account = accounts_[partition];
    account.next = to;
    while (account.processors.size() < to.share.procs) {
        processors_.push_back({});
        processors_.back().partition = partition;
        processors_.back().index = static_cast<std::uint32_t>(account.processors.size());
        account.processors.push_back(static_cast<std::uint32_t>(processors_.size() - 1));
    }
    is_laid_out_ = false;
}

void TimedDispatch::stop_partition(std::uint32_t partition) {
    TimedAccount& account = accounts_[partition];
    for (const std::uint32_t which : account.processors) {
        TimedProcessor& one = processors_[which];
        const std::uint32_t core = one.core;
        if (one.state == TimedState::kRunning) {
            stop(core, PreemptReason::kFirmware, TimedState::kCeded);
        } else if (one.state != TimedState::kCeded) {
            account_wait(one);
            leave_queue(which);
            one.state = TimedState::kCeded;
        }
        std::erase(awaiting_, which);
        one.rate_ns = one.constant_ns = one.later_ns = 0;
        for (const TimedBurst& burst : one.bursts) finish(burst.id, which);
        one.bursts.clear();
        one.latency_max_ns = 0;
        one.is_placed = false;
        release(which);
        if (core != kNone) fill_core(core);
    }
    account.highest_ns = 0;
    account.next.share = {.entitlement = {}, .procs = 0, .weight = 0, .pool = 0};
    is_laid_out_ = false;
}

void TimedDispatch::set_demand(VirtualProcessor of, CoreRate demand) {
    processors_[number_of(of)].rate_ns = std::min<std::int64_t>(window_ns_of(demand), kWindowNs);
}

std::span<const std::uint32_t> TimedDispatch::placed(const TimedAccount& account) const {
    return std::span(account.processors).first(account.config.share.procs);
}

void TimedDispatch::start_window() {
    PVMSIM_ASSERT(now_ns_ == window_end_ns_);
    window_end_ns_ = now_ns_ + kWindowNs;
    is_in_window_ = true;
    is_disturbed_ = false;
    guard_ns_ = window_end_ns_;
    latest_ = {};
    later_.clear();
    next_later_ = 0;
    lenders_end_ns_ = 0;
    if (!is_laid_out_) lay_out();
    for (TimedPool& pool : pools_) pool.used_ns = pool.reserved_ns = pool.planned_share_ns = 0;
    for (TimedAccount& account : accounts_) {
        account.spent_ns = account.share_used_ns = 0;
        account.at_start = account.time;
        for (const std::uint32_t which : placed(account)) begin(which);
    }
    std::ranges::sort(later_);
    plan();
    start_all();
}

/// Constant demand is there anew, and is an interrupt for who yielded.
void TimedDispatch::begin(std::uint32_t which) {
    TimedProcessor& one = processors_[which];
    one.constant_ns = one.rate_ns;
    one.later_ns = 0;
    if (accounts_[one.partition].config.is_donating) spread_lender(which);
    one.planned_ns = one.late_ns = one.share_ns = 0;
    account_wait(one);
    const bool is_blocked = one.state == TimedState::kBlocked && one.constant_ns == 0 && one.has_work();
    if (is_blocked) return;
    if (one.state == TimedState::kBlocked) {
        std::erase(awaiting_, which);
        one.awaited = kNone;
        one.is_conferred_to_all = false;
    }
    if (!one.has_work()) {
        one.state = TimedState::kCeded;
    } else if (one.state != TimedState::kWaiting) {
        one.state = TimedState::kWaiting;
        one.ready_since_ns = now_ns_;
        one.dispatch_reason = DispatchReason::kDecrementer;
    }
}

/// Lenders' constant demand comes one after another through the window, around its end if need be: so what they lend at
/// each instant is what they lend on the mean, to a core.
void TimedDispatch::spread_lender(std::uint32_t which) {
    TimedProcessor& one = processors_[which];
    const std::int64_t from_ns = std::exchange(lenders_end_ns_, (lenders_end_ns_ + one.rate_ns) % kWindowNs);
    if (from_ns == 0 || one.rate_ns == 0 || one.rate_ns == kWindowNs) return;
    one.constant_ns = std::max<std::int64_t>(0, from_ns + one.rate_ns - kWindowNs);
    one.later_ns = one.rate_ns - one.constant_ns;
    later_.push_back({now_ns_ + from_ns, which});
}

void TimedDispatch::lay_out() {
    for (const TimedRunner& runner : cores_) PVMSIM_ASSERT(runner.processor == kNone);
    pools_.resize(1 + next_pools_.size());
    for (std::size_t i = 0; i < next_pools_.size(); ++i) {
        pools_[i + 1].limits = next_pools_[i];
        pools_[i + 1].max_ns = window_ns_of(next_pools_[i].max);
    }
    pools_[0].limits = {.max = CoreRate::cores(next_cores_), .reserved = {}};
    // The default pool has what there is; what is lent to it is not known before.
    pools_[0].max_ns = std::numeric_limits<std::int64_t>::max() / 4;
    for (TimedProcessor& one : processors_)
        if (one.last_core >= std::min(shared_cores_, next_cores_)) one.last_core = kNone;
    shared_cores_ = next_cores_;
    cores_.assign(shared_cores_, {});
    std::uint32_t core = shared_cores_;
    std::uint32_t home = 0;
    for (TimedAccount& account : accounts_) {
        account.config = account.next;
        account.entitled_ns = window_ns_of(CoreRate::from(account.config.share.entitlement));
        move_bursts(account);
        place_cores(account, core);
        for (const std::uint32_t which : account.processors) {
            TimedProcessor& one = processors_[which];
            one.is_placed = one.index < account.config.share.procs;
            if (!one.is_placed) one.state = TimedState::kCeded;
            if (!one.is_placed) one.rate_ns = one.constant_ns = 0;
            if (one.is_placed && !account.config.is_dedicated) one.home = home++ % std::max(1u, shared_cores_);
        }
    }
    for (TimedRunner& runner : cores_) runner.settled_ns = now_ns_;
    queues_.set_topology(topology_, static_cast<std::uint32_t>(cores_.size()));
    is_laid_out_ = true;
}

void TimedDispatch::place_cores(TimedAccount& account, std::uint32_t& core) {
    account.first_core = core;
    if (!account.config.is_dedicated) return;
    for (const std::uint32_t which : placed(account)) {
        cores_.push_back({.owner = which, .is_lent = account.config.is_donating});
        processors_[which].home = processors_[which].last_core = core++;
    }
}

void TimedDispatch::move_bursts(TimedAccount& account) {
    const std::uint32_t procs = account.config.share.procs;
    for (std::size_t i = procs; procs > 0 && i < account.processors.size(); ++i) {
        const std::uint32_t to = account.processors[i % procs];
        for (const TimedBurst& burst : processors_[account.processors[i]].bursts) {
            Burst& moved = bursts_.at(burst.id.value);
            const std::int64_t ran_ns = processors_[account.processors[i]].ran_ns - moved.ran_before_ns;
            moved.processor = to;
            moved.ran_before_ns = processors_[to].ran_ns - ran_ns;
            processors_[to].bursts.push_back(burst);
        }
        processors_[account.processors[i]].bursts.clear();
    }
}

std::int64_t TimedDispatch::wanted_by(const TimedProcessor& one) const {
    if (one.state != TimedState::kWaiting) return 0;
    std::int64_t wanted_ns = one.constant_ns;
    for (const TimedBurst& burst : one.bursts) wanted_ns += burst.left_ns;
    // Who asked for less than a switch costs there would do nothing but switch, window after window.
    if (!one.bursts.empty())
        wanted_ns += std::max<std::int64_t>(costs_.switch_ns + costs_.refill_same_core_ns, one.overhead_max_ns);
    return std::min<std::int64_t>(wanted_ns, kWindowNs);
}

/// What donating partitions are going to lend, as far as it is known now.
std::int64_t TimedDispatch::lent_ns() const {
    std::int64_t lent_ns = 0;
    for (const TimedAccount& account : accounts_) {
        if (!account.config.is_dedicated || !account.config.is_donating) continue;
        for (const std::uint32_t which : placed(account)) {
            const TimedProcessor& one = processors_[which];
            lent_ns += kWindowNs - std::min<std::int64_t>(kWindowNs, wanted_by(one) + one.later_ns);
        }
    }
    return lent_ns;
}

void TimedDispatch::plan() {
    shares_.clear();
    limits_.clear();
    for (const TimedAccount& account : accounts_) {
        const ExactPartition& share = account.config.share;
        std::int64_t wanted_ns = 0;
        if (!account.config.is_dedicated)
            for (const std::uint32_t which : placed(account)) wanted_ns += wanted_by(processors_[which]);
        const bool is_shared = !account.config.is_dedicated;
        shares_.push_back({.demand = rate_of(wanted_ns),
                           .entitlement = is_shared ? CoreRate::from(share.entitlement) : CoreRate{},
                           .procs = share.procs,
                           .weight = is_shared ? share.weight : 0,
                           .pool = is_shared ? share.pool : 0});
    }
    for (const TimedPool& pool : pools_) limits_.push_back(pool.limits);
    const std::int64_t lent = lent_ns();
    is_lent_ = lent > 0;
    const CoreRate all = rate_of(std::int64_t{shared_cores_} * kWindowNs + lent);
    limits_[0].max = all;
    allocation_.compute(all, limits_, shares_);
    for (std::size_t i = 0; i < accounts_.size(); ++i)
        if (!accounts_[i].config.is_dedicated) give(accounts_[i], window_ns_of(allocation_.granted()[i]));
    if (is_lent_) guard_ns_ = latest_start_of_plan();
}

/// Each has its part of the entitlement, and its part of all; the difference is its uncapped share.
void TimedDispatch::give(TimedAccount& account, std::int64_t granted_ns) {
    const auto processors = placed(account);
    const std::int64_t planned_ns = std::min(granted_ns, account.entitled_ns);
    spread(account, granted_ns, parts_);
    spread(account, planned_ns, entitled_parts_);
    TimedPool& pool = pools_[account.config.share.pool];
    const auto procs = static_cast<std::int64_t>(processors.size());
    for (std::size_t i = 0; i < processors.size(); ++i) {
        TimedProcessor& one = processors_[processors[i]];
        one.planned_ns = entitled_parts_[i];
        one.share_ns = parts_[i] - entitled_parts_[i];
        PVMSIM_ASSERT(one.share_ns >= 0);
        const bool has_more = static_cast<std::int64_t>(i) < account.entitled_ns % procs;
        one.own_ns = account.entitled_ns / procs + (has_more ? 1 : 0);
        pool.reserved_ns += one.planned_ns;
        pool.planned_share_ns += one.share_ns;
    }
}

/// Evenly; who wants less than an even part leaves the rest to the others.
void TimedDispatch::spread(const TimedAccount& account, std::int64_t all_ns, std::vector<std::int64_t>& parts) const {
    const auto processors = placed(account);
    constexpr std::int64_t kOpen = -1;
    parts.assign(processors.size(), kOpen);
    auto open = static_cast<std::int64_t>(processors.size());
    std::int64_t left_ns = all_ns;
    for (bool has_changed = true; has_changed && open > 0;) {
        has_changed = false;
        const std::int64_t even = left_ns / open;
        for (std::size_t i = 0; i < processors.size(); ++i) {
            const std::int64_t wanted_ns = wanted_by(processors_[processors[i]]);
            if (parts[i] != kOpen || wanted_ns > even) continue;
            parts[i] = wanted_ns;
            left_ns -= wanted_ns;
            --open;
            has_changed = true;
        }
    }
    for (std::int64_t& part : parts) {
        if (part != kOpen) continue;
        part = (left_ns + open - 1) / open;
        left_ns -= part;
        --open;
    }
    PVMSIM_ASSERT(left_ns == 0);
}

/// Who had a core at the end of the last window goes first there; then every core takes its own before it looks
/// elsewhere.
void TimedDispatch::start_all() {
    for (const bool had_core : {true, false}) {
        for (std::uint32_t which = 0; which < processors_.size(); ++which) {
            const TimedProcessor& one = processors_[which];
            if (!one.is_placed || one.state != TimedState::kWaiting || one.queue != kNone) continue;
            const bool has_core = one.last_core < cores_.size() && cores_[one.last_core].occupant == which;
            if (has_core != had_core) continue;
            if (is_dedicated(one))
                take_over(accounts_[one.partition].first_core + one.index, which, TimedClaim::kOwn);
            else
                wait(which);
        }
    }
    for (std::uint32_t core = 0; core < shared_cores_; ++core) {
        const std::uint32_t which = queues_.first_at(core, TimedClaim::kPlanned);
        if (which != kNone && cores_[core].processor == kNone) dispatch(which, core, TimedClaim::kPlanned);
    }
    for (std::uint32_t core = 0; core < cores_.size(); ++core) fill_core(core);
}

void TimedDispatch::close_window() {
    settle_all();
    for (std::uint32_t core = 0; core < cores_.size(); ++core) {
        const std::uint32_t which = cores_[core].processor;
        if (which == kNone) continue;
        const bool is_done = !processors_[which].has_work();
        if (is_done) ++processors_[which].counts.cedes;
        stop(core, is_done ? PreemptReason::kCede : PreemptReason::kEndOfSlice,
             is_done ? TimedState::kCeded : TimedState::kWaiting);
        if (is_done) processors_[which].planned_ns = 0;
    }
    for (std::uint32_t which = 0; which < processors_.size(); ++which) {
        TimedProcessor& one = processors_[which];
        account_wait(one);
        leave_queue(which);
        one.claim = TimedClaim::kNothing;
    }
    is_in_window_ = false;
    for (TimedAccount& account : accounts_) {
        check(account);
        account.highest_ns = std::max(account.highest_ns, account.time.consumed_ns - account.at_start.consumed_ns);
    }
    for (TimedPool& pool : pools_) pool.capacity.add(pool.limits.max, sim::Duration{kWindowNs});
    // Properties 1 and 8: used and idle are all cores, lent ones only while they were lent.
    PVMSIM_ASSERT(capacity_ns_ == used_ns_ + idle_ns_);
}

/// Properties 2, 3 and 4; charge() holds 5, dispatch() and stop() hold 7. Served at its latest moment at the latest,
/// planned capacity bounds the wait (6).
void TimedDispatch::check(const TimedAccount& account) const {
    const std::int64_t had_ns = account.time.consumed_ns - account.at_start.consumed_ns;
    PVMSIM_ASSERT(had_ns <= static_cast<std::int64_t>(account.processors.size()) * kWindowNs);
    for (const std::uint32_t which : placed(account)) PVMSIM_ASSERT(processors_[which].planned_ns == 0);
    if (account.config.is_dedicated) return;
    PVMSIM_ASSERT(account.spent_ns <= account.entitled_ns);
    PVMSIM_ASSERT(account.config.share.weight > 0 || had_ns <= account.entitled_ns);
}

}  // namespace pvmsim::hypervisor
