// A window is two steps: who gets how much (only when somebody wants something else than before), then where and when
// (every window, CorePlacement). Consumption is the grant times the windows it held.
#include "hypervisor/dispatch/exact/exact_window.hpp"

#include <algorithm>
#include <utility>

#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

namespace {

CoreRate rate_of(std::int64_t window_ns) { return {window_ns * kNanocoresPerWindowNs}; }
std::int64_t window_ns_of(CoreRate rate) { return rate.nanocores / kNanocoresPerWindowNs; }

DispatchCounts counts_of(const CorePlacement::Record& record) {
    return {.wait_processor_ns = record.wait_processor_ns,
            .wait_capacity_ns = record.wait_capacity_ns,
            .overhead_ns = record.overhead_ns,
            .dispatches = record.dispatches,
            .switches = record.switches,
            .dispersions = record.dispersions,
            .dispersions_chip = record.dispersions_chip,
            .dispersions_node = record.dispersions_node};
}

}  // namespace

ExactWindow::ExactWindow(const ExactTopology& topology, const ExactCosts& costs)
    : topology_(topology),
      costs_(costs),
      placement_(topology, costs),
      pools_{{.max = CoreRate::cores(topology.cores), .reserved = {}}} {}

void ExactWindow::set_cores(std::uint32_t cores) {
    topology_.cores = cores;
    pools_[0].max = CoreRate::cores(cores);
    placement_.set_cores(cores);
    is_laid_out_ = false;
}

void ExactWindow::set_pools(std::span<const SteadyPool> others) {
    pools_.resize(1);
    pools_.insert(pools_.end(), others.begin(), others.end());
    are_grants_current_ = false;
}

std::uint32_t ExactWindow::add_partition(const ExactPartition& partition) {
    partitions_.push_back({});
    partitions_.back().config = partition;
    is_laid_out_ = false;
    return static_cast<std::uint32_t>(partitions_.size() - 1);
}

void ExactWindow::change_partition(std::uint32_t partition, const ExactPartition& to) {
    PVMSIM_ASSERT(partition < partitions_.size());
    partitions_[partition].config = to;
    is_laid_out_ = false;
}

void ExactWindow::stop_partition(std::uint32_t partition) {
    change_partition(partition, {.entitlement = {}, .procs = 0, .weight = 0, .pool = 0});
}

void ExactWindow::set_demand(VirtualProcessor of, CoreRate demand) {
    PVMSIM_ASSERT(demand >= CoreRate{});
    const std::uint32_t position = laid_position_of(of);
    const auto rate_ns = static_cast<std::int32_t>(std::min<std::int64_t>(window_ns_of(demand), kWindowNs));
    if (rate_ns_[position] == rate_ns) return;
    rate_ns_[position] = rate_ns;
    wanted_ns_[position] = rate_ns;
    are_grants_current_ = false;
}

void ExactWindow::add_work(VirtualProcessor of, sim::Duration work) {
    PVMSIM_ASSERT(work.count() >= 0);
    const std::uint32_t position = laid_position_of(of);
    const auto found = std::ranges::find(backlogs_, position, &Backlog::position);
    if (found != backlogs_.end()) {
        found->work_ns += work.count();
    } else if (work.count() > 0) {
        backlogs_.push_back({.position = position,
                             .work_ns = work.count(),
                             .overhead_before_ns = 0,
                             .overhead_expected_ns = costs_.switch_ns + costs_.refill_same_core_ns});
    }
}

sim::Duration ExactWindow::work_left(VirtualProcessor of) const {
    const std::uint32_t position = position_of(of);
    const auto found = std::ranges::find(backlogs_, position, &Backlog::position);
    return sim::Duration{found == backlogs_.end() ? 0 : found->work_ns};
}

std::span<const std::uint32_t> ExactWindow::positions_of(const Partition& partition) const {
    return std::span(positions_).subspan(partition.first, partition.procs);
}

/// kNowhere before it has been laid out.
std::uint32_t ExactWindow::position_of(VirtualProcessor of) const {
    PVMSIM_ASSERT(of.partition < partitions_.size());
    const Partition& partition = partitions_[of.partition];
    return of.index < partition.procs ? positions_[partition.first + of.index] : kNowhere;
}

std::uint32_t ExactWindow::laid_position_of(VirtualProcessor of) {
    if (!is_laid_out_) lay_out();
    const std::uint32_t position = position_of(of);
    PVMSIM_ASSERT(position != kNowhere);
    return position;
}

/// First virtual processors first, then the second ones: those of one partition do not wait for each other.
void ExactWindow::lay_out() {
    Laid laid;
    laid.moved.assign(rate_ns_.size(), kNowhere);
    std::uint32_t procs_max = 0;
    std::uint32_t procs_all = 0;
    for (Partition& partition : partitions_) {
        retire(partition);
        procs_max = std::max(procs_max, partition.config.procs);
        procs_all += partition.config.procs;
    }
    laid.positions.resize(procs_all);
    for (std::uint32_t index = 0; index < procs_max; ++index) {
        std::uint32_t first = 0;
        for (const Partition& partition : partitions_) {
            if (index < partition.config.procs) {
                laid.positions[first + index] = static_cast<std::uint32_t>(laid.records.size());
                lay(partition, index, laid);
            }
            first += partition.config.procs;
        }
    }
    std::uint32_t first = 0;
    for (Partition& partition : partitions_) {
        partition.first = std::exchange(first, first + partition.config.procs);
        partition.procs = partition.config.procs;
    }
    move_backlogs(laid);
    rate_ns_ = std::move(laid.rates_ns);
    slice_ns_ = std::move(laid.slices_ns);
    positions_ = std::move(laid.positions);
    wanted_ns_ = rate_ns_;
    granted_ns_.assign(rate_ns_.size(), 0);
    placement_.assign(std::move(laid.records), homes(slice_ns_));
    is_laid_out_ = true;
    are_grants_current_ = false;
}

void ExactWindow::lay(const Partition& partition, std::uint32_t index, Laid& laid) const {
    const std::int64_t entitled_ns = window_ns_of(CoreRate::from(partition.config.entitlement));
    const std::int64_t procs = partition.config.procs;
    const std::int64_t slice_ns = entitled_ns / procs + (index < entitled_ns % procs ? 1 : 0);
    PVMSIM_ASSERT(slice_ns > 0);
    PVMSIM_ASSERT(slice_ns <= kWindowNs);
    laid.slices_ns.push_back(static_cast<std::int32_t>(slice_ns));
    if (index < partition.procs) {
        const std::uint32_t old = positions_[partition.first + index];
        laid.moved[old] = static_cast<std::uint32_t>(laid.records.size());
        laid.records.push_back(placement_.record(old));
        laid.rates_ns.push_back(rate_ns_[old]);
    } else {
        laid.records.push_back({});
        laid.rates_ns.push_back(0);
    }
}

void ExactWindow::retire(Partition& partition) const {
    const auto positions = positions_of(partition);
    for (std::size_t index = partition.config.procs; index < positions.size(); ++index) {
        const CorePlacement::Record& record = placement_.record(positions[index]);
        partition.retired += counts_of(record);
        partition.retired_latency_max_ns = std::max(partition.retired_latency_max_ns, record.latency_max_ns);
    }
    if (partition.config.procs == 0) partition.retired_latency_max_ns = 0;
}

void ExactWindow::move_backlogs(const Laid& laid) {
    for (Backlog& backlog : backlogs_) backlog.position = laid.moved[backlog.position];
    std::erase_if(backlogs_, [](const Backlog& backlog) { return backlog.position == kNowhere; });
}

/// Entitlement is spread evenly over the cores: whose slice has its middle on a core is at home there.
std::vector<std::uint16_t> ExactWindow::homes(std::span<const std::int32_t> slices_ns) const {
    std::int64_t sum = 0;
    for (const std::int32_t slice : slices_ns) sum += slice;
    std::vector<std::uint16_t> homes;
    std::int64_t before = 0;
    for (const std::int32_t slice : slices_ns) {
        homes.push_back(static_cast<std::uint16_t>((before + slice / 2) * topology_.cores / sum));
        before += slice;
    }
    return homes;
}

void ExactWindow::decide() {
    if (!is_laid_out_) lay_out();
    want();
    if (!are_grants_current_) grant();
}

void ExactWindow::run_window() {
    decide();
    placement_.run_window({.granted = granted_ns_,
                           .wanted = wanted_ns_,
                           .slice = slice_ns_,
                           .total_ns = total_ns_,
                           .longest_ns = longest_ns_});
    ++windows_;
    idle_ns_ += std::int64_t{topology_.cores} * kWindowNs - total_ns_;
    if (pool_windows_.size() < pools_.size()) pool_windows_.resize(pools_.size());
    for (std::size_t pool = 0; pool < pools_.size(); ++pool) {
        pool_windows_[pool].capacity_ns += window_ns_of(pools_[pool].max);
        pool_windows_[pool].used_ns += pool_granted_ns_[pool];
    }
    work_off();
}

void ExactWindow::want() {
    for (Backlog& backlog : backlogs_) {
        const std::int64_t all = rate_ns_[backlog.position] + backlog.work_ns + backlog.overhead_expected_ns;
        wanted_ns_[backlog.position] = static_cast<std::int32_t>(std::min<std::int64_t>(all, kWindowNs));
        backlog.overhead_before_ns = placement_.record(backlog.position).overhead_ns;
        are_grants_current_ = false;
    }
}

std::int64_t ExactWindow::wanted_by(const Partition& partition) const {
    std::int64_t sum = 0;
    for (const std::uint32_t position : positions_of(partition)) sum += wanted_ns_[position];
    return sum;
}

void ExactWindow::grant() {
    shares_.clear();
    for (const Partition& partition : partitions_)
        shares_.push_back({.demand = rate_of(wanted_by(partition)),
                           .entitlement = CoreRate::from(partition.config.entitlement),
                           .procs = partition.procs,
                           .weight = partition.config.weight,
                           .pool = partition.config.pool});
    allocation_.compute(CoreRate::cores(topology_.cores), pools_, shares_);
    total_ns_ = 0;
    longest_ns_ = 0;
    pool_granted_ns_.assign(pools_.size(), 0);
    for (std::size_t i = 0; i < partitions_.size(); ++i) {
        Partition& partition = partitions_[i];
        const std::int64_t granted_ns = window_ns_of(allocation_.granted()[i]);
        check(partition, granted_ns, window_ns_of(shares_[i].demand));
        settle(partition);
        const std::int64_t entitled_ns =
            std::min(granted_ns, window_ns_of(CoreRate::from(partition.config.entitlement)));
        partition.granted = {granted_ns, entitled_ns, granted_ns - entitled_ns};
        give(partition, granted_ns);
        total_ns_ += granted_ns;
        pool_granted_ns_[partition.config.pool] += granted_ns;
    }
    check_pools();
    are_grants_current_ = true;
}

void ExactWindow::settle(Partition& partition) const {
    partition.settled += partition.granted * (windows_ - partition.since);
    partition.since = windows_;
}

/// What holds in every window: entitled demand is served, and nobody gets more than it may.
void ExactWindow::check(const Partition& partition, std::int64_t granted_ns, std::int64_t wanted_ns) const {
    const std::int64_t entitled_ns = window_ns_of(CoreRate::from(partition.config.entitlement));
    PVMSIM_ASSERT(granted_ns >= std::min(wanted_ns, entitled_ns));
    PVMSIM_ASSERT(granted_ns <= wanted_ns);
    PVMSIM_ASSERT(granted_ns <= std::int64_t{partition.procs} * kWindowNs);
    PVMSIM_ASSERT(partition.config.weight > 0 || granted_ns <= entitled_ns);
}

void ExactWindow::check_pools() const {
    PVMSIM_ASSERT(total_ns_ <= std::int64_t{topology_.cores} * kWindowNs);
    for (std::size_t pool = 0; pool < pools_.size(); ++pool)
        PVMSIM_ASSERT(rate_of(pool_granted_ns_[pool]) <= pools_[pool].max);
}

/// Evenly: who wants no more than an even part gets what it wants, and leaves the rest to the others. As all of them
/// have the same slice, that is each its own slice, then what the others leave, then what comes by weight.
void ExactWindow::give(const Partition& partition, std::int64_t granted_ns) {
    constexpr std::int32_t kOpen = -1;
    const auto positions = positions_of(partition);
    for (const std::uint32_t position : positions) granted_ns_[position] = kOpen;
    std::int64_t left = granted_ns;
    auto open = static_cast<std::int64_t>(positions.size());
    for (bool has_changed = true; has_changed && open > 0;) {
        has_changed = false;
        const std::int64_t even = left / open;
        for (const std::uint32_t position : positions) {
            if (granted_ns_[position] != kOpen || wanted_ns_[position] > even) continue;
            granted_ns_[position] = wanted_ns_[position];
            left -= wanted_ns_[position];
            --open;
            has_changed = true;
        }
    }
    for (const std::uint32_t position : positions) {
        std::int32_t& granted = granted_ns_[position];
        if (granted == kOpen) {
            granted = static_cast<std::int32_t>((left + open - 1) / open);
            left -= granted;
            --open;
        }
        longest_ns_ = std::max(longest_ns_, granted);
    }
    PVMSIM_ASSERT(left == 0);
}

/// Its constant rate is served first. Who was moved, and so had no time left for its work, asks for more next time.
void ExactWindow::work_off() {
    for (Backlog& backlog : backlogs_) {
        const std::int32_t rate_ns = rate_ns_[backlog.position];
        const std::int64_t overhead_ns = placement_.record(backlog.position).overhead_ns - backlog.overhead_before_ns;
        const std::int64_t done = granted_ns_[backlog.position] - rate_ns - overhead_ns;
        backlog.work_ns -= std::clamp<std::int64_t>(done, 0, backlog.work_ns);
        backlog.overhead_expected_ns = std::max(backlog.overhead_expected_ns, overhead_ns);
        if (backlog.work_ns > 0) continue;
        wanted_ns_[backlog.position] = rate_ns;
        are_grants_current_ = false;
    }
    std::erase_if(backlogs_, [](const Backlog& backlog) { return backlog.work_ns == 0; });
}

ProcessorTime ExactWindow::time(std::uint32_t partition) const {
    PVMSIM_ASSERT(partition < partitions_.size());
    const Partition& of = partitions_[partition];
    ProcessorTime time = of.settled;
    time += of.granted * (windows_ - of.since);
    return time;
}

PartitionOutcome ExactWindow::outcome(std::uint32_t partition) const {
    PartitionOutcome outcome{.time = time(partition), .counts = partitions_[partition].retired};
    for (const std::uint32_t position : positions_of(partitions_[partition]))
        outcome.counts += counts_of(placement_.record(position));
    return outcome;
}

CoreRate ExactWindow::granted(std::uint32_t partition) const {
    PVMSIM_ASSERT(partition < partitions_.size());
    return rate_of(partitions_[partition].granted.consumed_ns);
}

DispatchCounts ExactWindow::counts(VirtualProcessor of) const {
    const std::uint32_t position = position_of(of);
    return position == kNowhere ? DispatchCounts{} : counts_of(placement_.record(position));
}

sim::Duration ExactWindow::latency_max(VirtualProcessor of) const {
    const std::uint32_t position = position_of(of);
    return sim::Duration{position == kNowhere ? 0 : placement_.record(position).latency_max_ns};
}

sim::Duration ExactWindow::latency_max(std::uint32_t partition) const {
    std::int32_t latency_max_ns = partitions_[partition].retired_latency_max_ns;
    for (const std::uint32_t position : positions_of(partitions_[partition]))
        latency_max_ns = std::max(latency_max_ns, placement_.record(position).latency_max_ns);
    return sim::Duration{latency_max_ns};
}

sim::Duration ExactWindow::granted(VirtualProcessor of) const {
    const std::uint32_t position = position_of(of);
    return sim::Duration{position == kNowhere ? 0 : granted_ns_[position]};
}

void ExactWindow::digest(sim::Digest& digest) const {
    digest.add(windows_);
    digest.add(idle_ns_);
    for (const SteadyPool& pool : pools_) {
        digest.add(pool.max.nanocores);
        digest.add(pool.reserved.nanocores);
    }
    for (std::uint32_t i = 0; i < partitions_.size(); ++i) {
        const ExactPartition& config = partitions_[i].config;
        digest.add(config.entitlement.hundredths);
        digest.add(config.procs);
        digest.add(config.weight);
        digest.add(config.pool);
        digest.add(outcome(i).time.consumed_ns);
    }
    for (const std::int32_t rate : rate_ns_) digest.add(rate);
    for (const Backlog& backlog : backlogs_) {
        digest.add(backlog.position);
        digest.add(backlog.work_ns);
        digest.add(backlog.overhead_expected_ns);
    }
    placement_.digest(digest);
}

}  // namespace pvmsim::hypervisor
