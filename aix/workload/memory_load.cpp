// Sweeps over the working set, and waiting; see memory_load.hpp.
//
// One sweep stands for all threads: it goes on while one of them is not waiting. Hot and cold words of the working set
// alternate in their proportion, so that a slice holds as much of each as the tick. The hot part is the one that drift
// brings anew; it cools down on its way through the working set.
#include "aix/workload/memory_load.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "aix/workload/bernoulli_mask.hpp"
#include "aix/workload/events.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::aix {

using hypervisor::kPagesInWord;

namespace {

HeapWord words_of(std::uint64_t bytes) {
    return static_cast<HeapWord>(std::max<std::uint64_t>((bytes + kWordBytes - 1) / kWordBytes, 1));
}

std::uint64_t count(std::uint64_t pages) { return static_cast<std::uint64_t>(std::popcount(pages)); }

std::uint64_t largest_working_set(const MemoryLoadConfig& config) {
    std::uint64_t bytes = config.working_set_bytes;
    for (const auto& step : config.steps) bytes = std::max(bytes, step.working_set_bytes);
    return bytes;
}

}  // namespace

MemoryLoad::MemoryLoad(sim::Engine& engine, Memory& memory, Processors& processors, std::string path,
                       MemoryLoadConfig config)
    : engine_(engine),
      memory_(memory),
      processors_(processors),
      config_(std::move(config)),
      entity_(engine.add(*this, path)),
      random_(engine.random_stream(path, "references")) {
    PVMSIM_ASSERT(config_.threads > 0);
    PVMSIM_ASSERT(config_.slices > 0);
    PVMSIM_ASSERT(config_.tick >= sim::Duration{config_.slices});
    PVMSIM_ASSERT(config_.locality_percent >= 1 && config_.locality_percent <= 100);
    PVMSIM_ASSERT(config_.hot_percent <= 100 && config_.writes_percent <= 100);
    memory_.set_user(this);
    const auto largest = largest_working_set(config_);
    const auto needed = config_.drift_bytes_per_s > 0 ? 2 * largest : largest;
    heap_ = words_of(config_.heap_bytes == 0 ? needed : std::max(config_.heap_bytes, largest));
}

void MemoryLoad::start(sim::SimTime at) {
    running_ = true;
    start_at_ = at;
    step_ = slice_ = 0;
    drifted_bytes_ = 0;
    waiting_ = 0;
    missing_ = {};
    position_ = allowed_ = size_ = 0;
    is_warming_ = false;
    working_set_ = words_of(config_.working_set_bytes);
    waiting_since_ = at;
    thread_wait_ = {};
    memory_.grow_heap(heap_);
    next_slice_ = engine_.schedule_at(at, entity_, MemorySliceDue{});
}

void MemoryLoad::stop() {
    if (!running_) return;
    if (is_stalled()) stall_total_ += engine_.now() - stalled_since_;
    running_ = false;
    waiting_ = 0;
    engine_.cancel(next_slice_);
}

void MemoryLoad::set_working_set(std::uint64_t bytes) {
    working_set_ = words_of(bytes);
    heap_ = std::max(heap_, working_set_);
    if (running_) memory_.grow_heap(heap_);
}

std::uint64_t MemoryLoad::working_set_bytes() const { return std::uint64_t{working_set_} * kWordBytes; }

// --- ticks and slices ---

void MemoryLoad::on_event(const sim::Event&) {
    if (!running_) return;
    begin_slice();
    next_slice_ = engine_.schedule_in(config_.tick / config_.slices, entity_, MemorySliceDue{});
}

void MemoryLoad::begin_slice() {
    account_waiting();
    announce_share();
    if (slice_ == 0) {
        lose_rest_of_tick();
        begin_tick();
    }
    ++slice_;
    allowed_ = static_cast<std::uint32_t>(std::uint64_t{size_} * slice_ / config_.slices);
    if (slice_ == config_.slices) slice_ = 0;
    sweep();
}

void MemoryLoad::begin_tick() {
    const auto now = engine_.now();
    while (step_ < config_.steps.size() && config_.steps[step_].at <= now)
        set_working_set(config_.steps[step_++].working_set_bytes);
    const bool is_first = size_ == 0;
    is_warming_ = is_first && config_.starts_warm;
    size_ = working_set_;
    hot_ = static_cast<std::uint32_t>(std::uint64_t{size_} * config_.hot_percent / 100);
    if (config_.hot_percent > 0) hot_ = std::max(hot_, 1u);
    const std::uint64_t cold = size_ - hot_;
    const std::uint64_t cold_references =
        std::uint64_t{hot_} * (100 - config_.locality_percent) * kChanceOne / config_.locality_percent;
    cold_chance_ =
        cold == 0 ? 0 : static_cast<std::uint32_t>(std::min<std::uint64_t>(cold_references / cold, kChanceOne));
    if (hot_ == 0) cold_chance_ = kChanceOne;
    if (!is_first)
        drifted_bytes_ += static_cast<std::uint64_t>(hypervisor::CoreTime::Wide{config_.drift_bytes_per_s} *
                                                     config_.tick.count() / 1'000'000'000);
    first_ = static_cast<HeapWord>(drifted_bytes_ / kWordBytes % heap_);
    position_ = 0;
    memory_.set_hot_pages((hot_ * std::uint64_t{kChanceOne} + cold * cold_chance_) * kPagesInWord / kChanceOne);
}

void MemoryLoad::lose_rest_of_tick() {
    lost_4096ths_ += count(std::exchange(missing_, {}).pages) * kChanceOne;
    for (; position_ < size_; ++position_) lost_4096ths_ += expected_4096ths(position_);
}

/// References of all the tick's threads to this word.
std::uint32_t MemoryLoad::expected_4096ths(std::uint32_t position) const {
    return kPagesInWord * (is_warming_ || is_hot(position) ? kChanceOne : cold_chance_);
}

bool MemoryLoad::is_hot(std::uint32_t position) const {
    const auto hot_before = std::uint64_t{position} * hot_ / size_;
    return (std::uint64_t{position} + 1) * hot_ / size_ > hot_before;
}

HeapWord MemoryLoad::word_at(std::uint32_t position) const {
    const auto hot_before = static_cast<std::uint32_t>(std::uint64_t{position} * hot_ / size_);
    const std::uint32_t place = is_hot(position) ? size_ - hot_ + hot_before : position - hot_before;
    return static_cast<HeapWord>((std::uint64_t{first_} + place) % heap_);
}

// --- references ---

void MemoryLoad::sweep() {
    wait_for_missing();
    while (position_ < allowed_ && !is_stalled()) refer_to(position_++);
}

void MemoryLoad::refer_to(std::uint32_t position) {
    const bool is_whole = is_warming_ || is_hot(position);
    const auto touched = is_whole ? ~std::uint64_t{0} : bernoulli_mask(random_, cold_chance_);
    if (touched == 0) return;
    const auto chance = is_warming_ ? kChanceOne : config_.writes_percent * kChanceOne / 100;
    const auto written = touched & bernoulli_mask(random_, chance);
    const auto word = word_at(position);
    const auto result = memory_.touch(word, touched, written);
    refused_ += count(result.refused);
    done_ += count(touched & ~result.refused & ~result.waits);
    missing_ = {.word = word, .pages = result.waits, .written = written};
    wait_for_missing();
}

void MemoryLoad::wait_for_missing() {
    while (missing_.pages != 0 && !is_stalled()) {
        const auto bit = static_cast<std::uint32_t>(std::countr_zero(missing_.pages));
        missing_.pages &= missing_.pages - 1;
        const bool is_write = (missing_.written >> bit & 1) != 0;
        if (!memory_.wait_for(missing_.word * kPagesInWord + bit, is_write)) {
            ++done_;
            continue;
        }
        account_waiting();
        ++waiting_;
        if (is_stalled()) stalled_since_ = engine_.now();
    }
}

void MemoryLoad::on_page_ready(HeapPage, sim::Duration waited) {
    if (!running_) return;
    PVMSIM_ASSERT(waiting_ > 0);
    account_waiting();
    if (is_stalled()) {
        const auto stall = engine_.now() - stalled_since_;
        stall_longest_ = std::max(stall_longest_, stall);
        stall_total_ += stall;
    }
    --waiting_;
    ++done_;
    waits_.add(waited);
    wait_total_ += waited;
    sweep();
}

// --- what waiting does to the processors ---

void MemoryLoad::account_waiting() {
    const auto now = engine_.now();
    thread_wait_ += waiting_ * (now - waiting_since_);
    waiting_since_ = now;
}

/// The applications' threads want processors in the coming slice as much as they did not wait in the last one.
void MemoryLoad::announce_share() {
    const auto whole = config_.threads * (config_.tick / config_.slices);
    const auto waited = std::min(std::exchange(thread_wait_, {}), whole);
    const auto share = static_cast<std::uint32_t>((whole - waited).count() * 100 / whole.count());
    processors_.set_application_share(share * 10);
}

// --- figures ---

MemoryLoadResult MemoryLoad::result(sim::SimTime now) const {
    const bool is_stalled_now = running_ && is_stalled();
    const auto stall_now = is_stalled_now ? now - stalled_since_ : sim::Duration{0};
    MemoryLoadResult result{.references_done = done_,
                            .references_refused = refused_,
                            .page_waits = waits_.count(),
                            .wait_p50 = waits_.quantile(500),
                            .wait_p95 = waits_.quantile(950),
                            .wait_max = waits_.max(),
                            .wait_total = wait_total_,
                            .stall_longest = std::max(stall_longest_, stall_now),
                            .stall_total = stall_total_ + stall_now};
    result.references_wanted = done_ + refused_ + lost_4096ths_ / kChanceOne;
    if (done_ > 0) result.slowdown = static_cast<double>(result.references_wanted) / static_cast<double>(done_);
    return result;
}

void MemoryLoad::digest(sim::Digest& digest) const {
    digest.add(running_);
    digest.add(working_set_);
    digest.add(drifted_bytes_);
    digest.add(position_);
    digest.add(allowed_);
    digest.add(waiting_);
    digest.add(done_);
    digest.add(refused_);
    digest.add(lost_4096ths_);
    digest.add(waits_.count());
    digest.add(wait_total_);
    digest.add(stall_total_);
}

}  // namespace pvmsim::aix
