// Charging, waiting and reporting; what is modelled: io_processor.hpp.
//
// Two books are kept. The virtual finish time decides waits at once, from the capacity the partition could have. The
// cycles pending decide the demand: each period asks for what is left and takes off what the partition consumed, so
// that nothing is lost or counted twice whatever the dispatcher gives.
#include "vios/processor/io_processor.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "aix/odm/predefined.hpp"
#include "aix/os/operating_system.hpp"
#include "sim/base/assert.hpp"
#include "vios/processor/events.hpp"
#include "vios/processor/io_costs.hpp"

namespace pvmsim::vios {
namespace {

using hypervisor::CoreRate;
using hypervisor::CoreTime;
using Wide = CoreTime::Wide;

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
/// More than any single command; keeps the arithmetic inside 64 bits.
constexpr std::int64_t kCyclesMax = 10'000'000'000;

Wide divide_up(Wide dividend, Wide divisor) { return (dividend + divisor - 1) / divisor; }

}  // namespace

IoProcessor& IoProcessor::of(aix::OperatingSystem& os) {
    auto* const there = dynamic_cast<IoProcessor*>(os.find_device(kName));
    return there != nullptr ? *there : os.add_device<IoProcessor>();
}

const IoProcessor* IoProcessor::find(const aix::OperatingSystem& os) {
    for (const auto& device : os.devices())
        if (device->name() == kName) return dynamic_cast<const IoProcessor*>(device.get());
    return nullptr;
}

IoProcessor::IoProcessor(aix::OperatingSystem& os)
    : Device(os, std::string(kName), aix::no_attributes()),
      cycles_per_second_(io_cycles_per_second(os.system().model())) {}

sim::Duration IoProcessor::work_time(std::int64_t cycles) const {
    PVMSIM_ASSERT(cycles <= kCyclesMax);
    return sim::Duration{cycles * (kNanosPerSecond / 1000) / (cycles_per_second_ / 1000)};
}

sim::Duration IoProcessor::core_time() const {
    return sim::Duration{static_cast<std::int64_t>(Wide{counters_.cycles} * kNanosPerSecond / cycles_per_second_)};
}

/// What the dispatcher would give at most; entitled demand of the processors in use is always granted, so never less
/// than that. The question is dear with many partitions, and the answer is good for a window.
CoreRate IoProcessor::capacity() {
    if (capacity_.nanocores > 0 && now() - capacity_from_ < kWindow) return capacity_;
    auto& system = os().system();
    const auto entitled = std::min(CoreRate::from(system.partition(os().partition_id()).given.proc_units),
                                   CoreRate::cores(os().processors().unfolded()));
    capacity_ = std::max(system.dispatcher().capacity(os().partition_id()), entitled);
    capacity_from_ = now();
    PVMSIM_ASSERT(capacity_.nanocores > 0);
    return capacity_;
}

/// Of the capacity, when somebody else takes so much of it.
CoreRate IoProcessor::capacity_left(CoreRate taken) {
    const auto all = capacity();
    const CoreRate least{std::max<std::int64_t>(all.nanocores * kShareLeastPermille / 1000, 1)};
    return std::max(all - taken, least);
}

CoreRate IoProcessor::flow_rate() const {
    return {static_cast<std::int64_t>(Wide{flow_cycles_} * kNanosPerSecond / cycles_per_second_)};
}

std::int64_t IoProcessor::flow_cycles_max() {
    if (!available()) return 0;
    const auto left = capacity_left(std::max(demand_ - background_rate_, CoreRate{}));
    return static_cast<std::int64_t>(Wide{left.nanocores} * cycles_per_second_ / kNanosPerSecond);
}

void IoProcessor::book_flows() {
    flow_time_.add(flow_rate(), now() - flows_since_);
    flows_since_ = now();
}

void IoProcessor::set_flow_cycles(std::int64_t cycles_per_second) {
    PVMSIM_ASSERT(cycles_per_second >= 0);
    if (!available() || cycles_per_second == flow_cycles_) return;
    book_flows();
    flow_cycles_ = cycles_per_second;
    os().processors().set_io_demand(demand_ + flow_rate());
}

sim::Duration IoProcessor::backlog() { return std::max(sim::Duration{0}, finish_ - kWindow - now()); }

sim::Duration IoProcessor::book(std::int64_t cycles, sim::Duration work) {
    cycles_pending_ += cycles;
    counters_.cycles += cycles;
    ++counters_.works;
    const auto span = sim::Duration{work.count() * kNanosPerSecond / capacity_left(flow_rate()).nanocores};
    finish_ = std::max(finish_, now()) + span;
    arm();
    return span;
}

/// Inside a window nobody waits: a partition uses its capacity at full speed there.
sim::Duration IoProcessor::note_wait(sim::SimTime finish, sim::Duration work) {
    const auto wait = std::max(sim::Duration{0}, finish - kWindow - now() - work) + dispatch_wait_;
    counters_.backlog_max = std::max(counters_.backlog_max, wait);
    counters_.wait_total += wait;
    if (wait > sim::Duration{0}) ++counters_.works_late;
    return wait;
}

sim::Duration IoProcessor::charge(std::int64_t cycles) {
    PVMSIM_ASSERT(cycles >= 0);
    const auto work = work_time(cycles);
    if (!available()) return work;
    book(cycles, work);
    return work + note_wait(finish_, work);
}

void IoProcessor::charge_background(std::int64_t cycles) {
    PVMSIM_ASSERT(cycles >= 0);
    if (!available() || cycles == 0) return;
    background_pending_ += cycles;
    counters_.cycles += cycles;
    arm();
}

CoreRate IoProcessor::rate_of(std::int64_t cycles) const {
    const auto rate =
        divide_up(Wide{cycles} * kNanosPerSecond * kNanosPerSecond, Wide{cycles_per_second_} * kPeriod.count());
    return CoreRate{static_cast<std::int64_t>(rate)};
}

sim::Duration IoProcessor::charge_for_wait(std::int64_t cycles) { return charge(cycles) - work_time(cycles); }

std::optional<sim::Duration> IoProcessor::charge_frame(std::int64_t cycles) {
    if (backlog() > kFrameBacklogMax) {
        ++counters_.frames_dropped;
        return std::nullopt;
    }
    return charge_for_wait(cycles);
}

std::optional<sim::Duration> IoProcessor::charge_interrupt_frame(std::int64_t cycles) {
    PVMSIM_ASSERT(cycles >= 0);
    if (!available()) return sim::Duration{0};
    if (interrupt_finish_ - kWindow - now() > kFrameBacklogMax) {
        ++counters_.frames_dropped;
        return std::nullopt;
    }
    const auto work = work_time(cycles);
    interrupt_finish_ = std::max(interrupt_finish_, now()) + book(cycles, work);
    return note_wait(interrupt_finish_, work);
}

void IoProcessor::arm() {
    if (armed_) return;
    armed_ = true;
    period_start_ = now();
    counts_start_ = os().system().dispatcher().counts(now(), os().partition_id());
    book_flows();
    flow_time_start_ = flow_time_;
    period_over_ = engine().schedule_in(kPeriod, entity(), IoPeriodOver{});
}

void IoProcessor::on_event(const sim::Event& event) {
    PVMSIM_ASSERT(event.is<IoPeriodOver>());
    armed_ = false;
    if (now() > period_start_ + kPeriod) return forget_work();  // It hung meanwhile.
    account_period();
    const CoreRate demand = rate_of(cycles_pending_);
    background_rate_ = rate_of(background_pending_);
    if (demand > capacity() && backlog() > sim::Duration{0} && !told_) {
        told_ = true;
        milestone("io-processor", fmt::format("work for virtual I/O waits: it wants {:.2f} processors and gets {:.2f}",
                                              static_cast<double>(demand.nanocores) / 1e9,
                                              static_cast<double>(capacity().nanocores) / 1e9));
    }
    report(demand + background_rate_);
    if (cycles_pending_ > 0 || background_pending_ > 0) arm();
}

/// Takes off what was consumed of what this period was asked for.
void IoProcessor::account_period() {
    const auto consumed = os().system().dispatcher().consumed(now(), os().partition_id()).total;
    CoreTime asked;
    asked.add(demand_, now() - period_start_);
    book_flows();
    const auto flows = flow_time_.nanocore_ns - flow_time_start_.nanocore_ns;
    // A restart begins at 0.
    const auto all = std::max(Wide{0}, consumed.nanocore_ns - consumed_start_.nanocore_ns - flows);
    const auto got = std::min(asked.nanocore_ns, all);
    const auto cycles = divide_up(got * cycles_per_second_, Wide{kNanosPerSecond} * kNanosPerSecond);
    const auto done = std::min(cycles_pending_, static_cast<std::int64_t>(cycles));
    cycles_pending_ -= done;
    background_pending_ -= std::min(background_pending_, static_cast<std::int64_t>(cycles) - done);
    consumed_start_ = consumed;
    measure_dispatch_wait();
}

/// Without windows (fluid mode) there are no dispatches, and the wait stays 0.
void IoProcessor::measure_dispatch_wait() {
    auto counts = os().system().dispatcher().counts(now(), os().partition_id());
    counts -= counts_start_;
    if (counts.dispatches == 0) return;
    const bool suffices = demand_ + flow_rate() < capacity();
    const auto wait_ns = counts.wait_processor_ns + counts.wait_capacity_ns;
    dispatch_wait_ =
        suffices ? sim::Duration{wait_ns / static_cast<std::int64_t>(counts.dispatches)} : sim::Duration{0};
}

void IoProcessor::report(CoreRate demand) {
    counters_.demand_max = std::max(counters_.demand_max, demand);
    if (demand == demand_) return;
    demand_ = demand;
    os().processors().set_io_demand(demand + flow_rate());
}

void IoProcessor::forget_work() {
    engine().cancel(period_over_);
    armed_ = false;
    cycles_pending_ = 0;
    background_pending_ = 0;
    background_rate_ = {};
    finish_ = now();
    interrupt_finish_ = now();
    capacity_ = {};
    dispatch_wait_ = {};
    told_ = false;
    book_flows();
    flow_cycles_ = 0;
    report({});
}

void IoProcessor::digest(sim::Digest& digest) const {
    Device::digest(digest);
    digest.add(finish_);
    digest.add(interrupt_finish_);
    digest.add(capacity_.nanocores);
    digest.add(capacity_from_);
    digest.add(dispatch_wait_);
    digest.add(armed_);
    digest.add(period_start_);
    digest.add(cycles_pending_);
    digest.add(demand_.nanocores);
    if (background_pending_ != 0 || background_rate_ > CoreRate{}) {
        digest.add(background_pending_);
        digest.add(background_rate_.nanocores);
    }
    if (flow_cycles_ != 0) digest.add(flow_cycles_);
    digest.add(static_cast<std::int64_t>(consumed_start_.nanocore_ns >> 64));
    digest.add(static_cast<std::uint64_t>(consumed_start_.nanocore_ns));
    digest.add(counts_start_.dispatches);
    digest.add(counts_start_.wait_processor_ns);
    digest.add(counts_start_.wait_capacity_ns);
    digest.add(told_);
    digest.add(counters_.cycles);
    digest.add(counters_.works);
    digest.add(counters_.frames_dropped);
}

}  // namespace pvmsim::vios
