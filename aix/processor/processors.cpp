// Demand, folding and the split of consumed time; see processors.hpp.
//
// The dispatcher is asked for consumption only where it matters: when the division of consumed time changes, and once
// a second while folding is watched. A partition with a constant mix of work and enough virtual processors costs one
// call for each change of demand.
#include "aix/processor/processors.hpp"

#include <algorithm>
#include <utility>

#include "aix/processor/events.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::aix {

using hypervisor::CoreRate;
using hypervisor::CoreTime;

namespace {

constexpr std::int64_t kMillion = 1'000'000;
constexpr std::int64_t kNanocores = CoreRate::cores(1).nanocores;

bool has_two_threads_at_most(const hypervisor::SystemModel& model) {
    return model.processor.starts_with("POWER5") || model.processor.starts_with("POWER6");
}

std::uint32_t usable_smt(const hypervisor::ManagedSystem& system, std::uint32_t threads) {
    PVMSIM_ASSERT(threads == 1 || threads == 2 || threads == 4);
    return has_two_threads_at_most(system.model()) ? std::min(threads, 2u) : threads;
}

bool is_limited_to_entitlement(const hypervisor::GivenResources& given) {
    return given.sharing_mode == hypervisor::SharingMode::kCapped || given.uncap_weight == 0;
}

CoreTime part(CoreTime whole, std::int64_t ppm) { return {whole.nanocore_ns * ppm / kMillion}; }

}  // namespace

Processors::Processors(sim::Engine& engine, hypervisor::ManagedSystem& system, hypervisor::PartitionId partition,
                       std::string path, const ProcessorsConfig& config)
    : engine_(engine),
      system_(system),
      partition_(partition),
      config_(config),
      entity_(engine.add(*this, std::move(path))),
      smt_(usable_smt(system, config.smt)),
      vpm_xvcpus_(config.vpm_xvcpus) {}

// --- life ---

void Processors::start() {
    begin();
    watch_folding();
}

void Processors::start_settled() {
    begin();
    settled_start_ = true;
    settle_folding();
    watch_folding();
}

void Processors::begin() {
    running_ = true;
    settled_start_ = false;
    start_at_ = engine_.now();
    remember_given();
    unfolded_ = online_;
    books_ = {};
    books_.at = start_at_;
    consumed_at_start_ = system_.dispatcher().consumed(start_at_, partition_).total;
    disk_requests_ = 0;
    disk_wait_ = {};
    queue_empty_at_ = start_at_;
    bursts_.clear();
    mix_ = present_mix();
}

void Processors::stop() {
    if (!running_) return;
    settle_books();
    if (disk_requests_ > 0) disk_wait_ += engine_.now() - disk_since_;
    disk_requests_ = 0;
    running_ = false;
    threads_.reset();
    application_ = transactions_ = io_ = compression_ = {};
    application_permille_ = 1000;
    engine_.cancel(evaluation_);
    is_watching_ = false;
}

void Processors::remember_given() {
    const auto& partition = system_.partition(partition_);
    online_ = std::max(partition.given.procs, 1u);
    entitlement_ = CoreRate::from(partition.given.proc_units);
    is_shared_ = partition.profile.proc_mode == hypervisor::ProcessorMode::kShared;
}

void Processors::on_processors_changed() {
    if (!running_) return;
    settle_books();
    remember_given();
    unfold(is_folding() ? std::min(unfolded_, online_) : online_);
    demand_changed();
}

// --- demand ---

void Processors::set_application_demand(CoreRate demand) {
    if (!running_) return;
    threads_.reset();
    application_ = demand;
    demand_changed();
}

void Processors::set_application_threads(std::uint32_t busy_threads) {
    if (!running_) return;
    application_ = {};
    threads_ = busy_threads;
    demand_changed();
}

void Processors::set_io_demand(CoreRate demand) {
    if (!running_) return;
    io_ = demand;
    demand_changed();
}

void Processors::set_compression_demand(CoreRate demand) {
    if (!running_ || demand == compression_) return;
    compression_ = demand;
    demand_changed();
}

void Processors::set_application_share(std::uint32_t permille) {
    if (!running_ || permille == application_permille_) return;
    application_permille_ = permille;
    demand_changed();
}

void Processors::adjust_transaction_demand(CoreRate delta) {
    if (!running_) return;
    transactions_ = transactions_ + delta;
    PVMSIM_ASSERT(transactions_ >= CoreRate{});
    demand_changed();
}

void Processors::demand_changed() {
    refresh_mix();
    report();
    if (settled_start_ && engine_.now() == start_at_) settle_folding();
    watch_folding();
}

void Processors::report() {
    auto demand = wanted(unfolded_);
    if (has_bursts()) demand = demand - transactions_;
    system_.dispatcher().set_demand(engine_.now(), partition_, demand);
}

bool Processors::has_bursts() const { return transactions_ > CoreRate{} && system_.dispatcher().bursts() != nullptr; }

SmtSpread Processors::spread(std::uint32_t procs) const { return spread_threads(threads_.value_or(0), procs, smt_); }

std::uint32_t Processors::busy_threads() const {
    const auto configured = config_.busy_threads_per_core;
    return configured == 0 ? smt_ : std::min(configured, smt_);
}

CoreRate Processors::application_wanted(std::uint32_t procs) const {
    const auto application = threads_ ? CoreRate::cores(spread(procs).busy_procs()) : application_;
    const auto left = CoreTime::Wide{application.nanocores} * application_permille_ / 1000;
    return {static_cast<std::int64_t>(left)};
}

CoreRate Processors::wanted(std::uint32_t procs) const {
    return application_wanted(procs) + transactions_ + system_work();
}

// --- SMT and the division of processor time ---

void Processors::set_smt(std::uint32_t threads) {
    if (running_) settle_books();
    smt_ = usable_smt(system_, threads);
    if (running_) demand_changed();
}

/// Weights are nanocores, so that a few hundred cores times a million fit 64 bits.
Processors::Mix Processors::present_mix() const {
    const std::int64_t total = wanted(unfolded_).nanocores;
    if (total == 0) return mix_;
    const std::int64_t rest = total - system_work().nanocores;  // of the applications
    std::int64_t used = smt_used_ppm(busy_threads(), smt_);
    std::int64_t threads = std::int64_t{busy_threads()} * kMillion;
    if (threads_ && *threads_ > 0) {
        const auto placed = spread(unfolded_);
        used = placed.used_ppm(smt_) / placed.busy_procs();
        threads = std::int64_t{placed.busy_threads()} * kMillion / placed.busy_procs();
    }
    const std::int64_t sys = used * config_.sys_percent / 100;
    const auto of_total = [&](std::int64_t application_ppm, std::int64_t io_ppm) {
        const CoreTime::Wide sum =
            CoreTime::Wide{rest} * application_ppm + CoreTime::Wide{system_work().nanocores} * io_ppm;
        return static_cast<std::int64_t>(sum / total);
    };
    return {.user_ppm = of_total(used - sys, 0),
            .sys_ppm = of_total(sys, kMillion),
            .compression_ppm = static_cast<std::int64_t>(CoreTime::Wide{compression_.nanocores} * kMillion / total),
            .logical_ppm = of_total(threads, std::int64_t{smt_} * kMillion)};
}

void Processors::refresh_mix() {
    const Mix mix = present_mix();
    if (mix == mix_) return;
    settle_books();
    mix_ = mix;
}

Processors::Books Processors::books_at(sim::SimTime at) const {
    Books books = books_;
    if (!running_) return books;
    PVMSIM_ASSERT(at >= books.at);
    const auto total = system_.dispatcher().consumed(at, partition_).total;
    const CoreTime more{total.nanocore_ns - consumed_at_start_.nanocore_ns - books.consumed.nanocore_ns};
    books.consumed.nanocore_ns += more.nanocore_ns;
    books.user.nanocore_ns += part(more, mix_.user_ppm).nanocore_ns;
    books.sys.nanocore_ns += part(more, mix_.sys_ppm).nanocore_ns;
    books.compression.nanocore_ns += part(more, mix_.compression_ppm).nanocore_ns;
    books.logical_busy.nanocore_ns += part(more, mix_.logical_ppm).nanocore_ns;
    books.entitled.add(entitlement_, at - books.at);
    books.logical.add(CoreRate::cores(std::int64_t{online_} * smt_), at - books.at);
    books.at = at;
    return books;
}

void Processors::settle_books() {
    if (running_) books_ = books_at(engine_.now());
}

void Processors::disk_request_begins() {
    if (disk_requests_++ == 0) disk_since_ = engine_.now();
}

void Processors::disk_request_ends() {
    if (disk_requests_ == 0) return;  // it went out before the system was up
    if (--disk_requests_ == 0) disk_wait_ += engine_.now() - disk_since_;
}

// --- transactions ---

/// What the rest of the demand leaves, but not less than the transactions' part of it.
CoreRate Processors::transaction_capacity() const {
    constexpr std::int64_t kLeast = kNanocores / 1000;
    const std::int64_t capacity = system_.dispatcher().capacity(partition_).nanocores;
    const std::int64_t all = wanted(unfolded_).nanocores;
    const std::int64_t left = capacity - (all - transactions_.nanocores);
    if (all == 0) return {std::max(capacity, kLeast)};
    const auto part_of_all = CoreTime::Wide{capacity} * transactions_.nanocores / all;
    return {std::max({left, static_cast<std::int64_t>(part_of_all), kLeast})};
}

/// Less than a processor comes as whole processors for a part of each window: a short transaction that is ahead of its
/// share by no more than the rest of the window does not wait.
sim::Duration Processors::queue_transaction(sim::Duration work) {
    const auto now = engine_.now();
    const std::int64_t capacity = transaction_capacity().nanocores;
    const auto served = CoreTime::Wide{work.count()} * kNanocores / capacity;
    queue_empty_at_ = std::max(queue_empty_at_, now) + sim::Duration{static_cast<std::int64_t>(served)};
    const auto lacking = kNanocores - std::min(capacity, kNanocores);
    const sim::Duration ahead{kDispatchWindow.count() * lacking / kNanocores};
    return std::max(work, queue_empty_at_ - ahead - now);
}

std::uint32_t Processors::take_burst_processor() {
    if (bursts_.size() < online_) bursts_.resize(online_);
    const auto end = bursts_.begin() + unfolded_;
    const auto chosen = std::min_element(bursts_.begin(), end);
    ++*chosen;
    return static_cast<std::uint32_t>(chosen - bursts_.begin());
}

void Processors::give_back_burst_processor(std::uint32_t proc) {
    if (proc < bursts_.size() && bursts_[proc] > 0) --bursts_[proc];
}

// --- folding ---

bool Processors::is_folding() const { return vpm_xvcpus_ >= 0 && is_shared_; }

void Processors::set_vpm_xvcpus(std::int32_t extra) {
    vpm_xvcpus_ = extra;
    if (!running_) return;
    if (!is_folding()) unfold(online_);
    demand_changed();
}

std::uint32_t Processors::needed(CoreRate used) const {
    std::int64_t procs = (used.nanocores + kNanocores - 1) / kNanocores;
    if (used.nanocores * 100 > procs * kNanocores * kFoldingHighPercent) ++procs;
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(procs + vpm_xvcpus_, 1, online_));
}

std::uint32_t Processors::needed_if_granted() const {
    auto used = std::min(wanted(online_), CoreRate::cores(online_));
    if (is_limited_to_entitlement(system_.partition(partition_).given)) used = std::min(used, entitlement_);
    return needed(used);
}

void Processors::unfold(std::uint32_t procs) {
    unfolded_ = procs;
    system_.dispatcher().set_unfolded(engine_.now(), partition_, procs);
    if (!threads_) return;
    refresh_mix();
    report();
}

/// From all unfolded down: a smaller number is taken only if what is used then does not need more.
void Processors::settle_folding() {
    if (!is_folding()) return;
    std::uint32_t procs = online_;
    for (;;) {
        unfold(procs);
        auto used = system_.dispatcher().granted(partition_);
        if (has_bursts()) used = used + transactions_;
        const auto need = needed(used);
        if (need >= procs) return;
        procs = need;
    }
}

void Processors::watch_folding() {
    if (is_watching_ || !is_folding()) return;
    if (unfolded_ == needed_if_granted() && !has_bursts()) return;
    consumed_before_ = system_.dispatcher().consumed(engine_.now(), partition_).total;
    arm_evaluation();
}

void Processors::arm_evaluation() {
    evaluated_at_ = engine_.now();
    evaluation_ = engine_.schedule_in(kFoldingInterval, entity_, FoldingDue{});
    is_watching_ = true;
}

void Processors::evaluate_folding() {
    const auto consumed = system_.dispatcher().consumed(engine_.now(), partition_).total;
    const auto span = engine_.now() - evaluated_at_;  // longer than a second after a hang
    const auto used = (consumed.nanocore_ns - consumed_before_.nanocore_ns) / span.count();
    const auto need = needed({static_cast<std::int64_t>(used)});
    if (need > unfolded_) unfold(unfolded_ + 1);
    if (need < unfolded_) unfold(unfolded_ - 1);
    consumed_before_ = consumed;
    if (need != unfolded_ || needed_if_granted() != unfolded_ || has_bursts()) arm_evaluation();
}

void Processors::on_event(const sim::Event&) {
    is_watching_ = false;
    if (is_folding()) evaluate_folding();
}

// --- figures ---

ProcessorCounters Processors::counters(sim::SimTime at) const {
    const Books books = books_at(at);
    const auto busy = books.user.nanocore_ns + books.sys.nanocore_ns;
    ProcessorCounters counters{.at = at,
                               .consumed = books.consumed,
                               .user = books.user,
                               .sys = books.sys,
                               .idle = {books.consumed.nanocore_ns - busy},
                               .entitled = books.entitled,
                               .logical_busy = books.logical_busy,
                               .compression = books.compression,
                               .logical = books.logical,
                               .disk_wait = disk_wait_,
                               .dispatch = system_.dispatcher().counts(at, partition_),
                               .online = online_,
                               .unfolded = unfolded_};
    if (disk_requests_ > 0) counters.disk_wait += at - disk_since_;
    if (is_shared_ && system_.partition(partition_).allow_perf_collection) {
        const auto pool = system_.dispatcher().physical_pool(at);
        counters.pool_idle = CoreTime{pool.capacity.nanocore_ns - pool.used.nanocore_ns};
    }
    return counters;
}

double Processors::throughput_now() const {
    const auto all = wanted(unfolded_);
    if (!running_ || all.nanocores == 0) return 0;
    const auto application = threads_ ? CoreRate{} : application_wanted(unfolded_);
    auto full_permille_ns =
        CoreTime::Wide{(application + transactions_).nanocores} * smt_throughput_permille(busy_threads());
    if (threads_)
        full_permille_ns +=
            CoreTime::Wide{spread(unfolded_).throughput_permille()} * kNanocores * application_permille_ / 1000;
    auto granted = system_.dispatcher().granted(partition_);
    if (has_bursts()) granted = granted + transactions_;
    const auto share = static_cast<double>(granted.nanocores) / static_cast<double>(all.nanocores);
    return static_cast<double>(full_permille_ns) / 1e12 * share;
}

double Processors::response_factor_now() const {
    const auto placed = spread(unfolded_);
    if (threads_ && placed.busy_threads() > 0)
        return static_cast<double>(*threads_) * 1000 / static_cast<double>(placed.throughput_permille());
    return busy_threads() * 1000.0 / static_cast<double>(smt_throughput_permille(busy_threads()));
}

void Processors::digest(sim::Digest& digest) const {
    digest.add(running_);
    digest.add(unfolded_);
    digest.add(smt_);
    digest.add(vpm_xvcpus_);
    digest.add(threads_.value_or(0));
    digest.add(application_.nanocores);
    digest.add(transactions_.nanocores);
    digest.add(io_.nanocores);
    digest.add(compression_.nanocores);
    digest.add(application_permille_);
    digest.add(queue_empty_at_);
    digest.add(evaluated_at_);
    digest.add(disk_requests_);
    digest.add(disk_wait_);
    for (const std::uint32_t outstanding : bursts_) digest.add(outstanding);
}

}  // namespace pvmsim::aix
