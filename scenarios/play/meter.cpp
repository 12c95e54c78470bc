// Reading counters; see meter.hpp. Cumulative counters begin anew when a partition is activated or its system boots:
// what is smaller than the reading before is a new beginning.
#include "scenarios/play/meter.hpp"

#include <algorithm>

namespace pvmsim::scenarios {
namespace {

double mean(hypervisor::CoreTime before, hypervisor::CoreTime after, double seconds) {
    const auto from = after.nanocore_ns < before.nanocore_ns ? hypervisor::CoreTime{} : before;
    return hypervisor::CoreTime{after.nanocore_ns - from.nanocore_ns}.core_seconds() / seconds;
}

double units(hypervisor::ProcUnits value) { return static_cast<double>(value.hundredths) / 100.0; }

}  // namespace

Meter::Meter(Site& site, sim::Duration every)
    : site_(site),
      every_(every),
      next_(every.count() > 0 ? sim::kStartOfRun + every : sim::kEndOfTime),
      pools_last_(site.systems().size()),
      partitions_(site.partitions().size()),
      systems_(site.systems().size()) {
    if (every.count() == 0) return;
    for (const auto& partition : site.partitions()) last_.push_back(read_partition(partition, sim::kStartOfRun));
    for (auto& pools : pools_last_) pools.resize(hypervisor::kProcessorPools + 1);
}

Meter::PartitionReading Meter::read_partition(const PartitionSite& partition, sim::SimTime now) const {
    PartitionReading reading{.consumed = partition.system->dispatcher().consumed(now, partition.id()),
                             .counters = partition.os->processors().counters(now),
                             .running = partition.os->running(),
                             .configuration = {}};
    if (!reading.running) return reading;
    reading.configuration = aix::lparstat_configuration(*partition.os);
    reading.form = aix::lparstat_form(partition.system->partition(partition.id()));
    return reading;
}

ProcessorSample Meter::sample_of(const PartitionSite& partition, const PartitionReading& before,
                                 const PartitionReading& after) const {
    const double seconds = sim::to_seconds(every_);
    ProcessorSample sample;
    sample.end_s = sim::to_seconds(after.counters.at);
    sample.physc = mean(before.consumed.total, after.consumed.total, seconds);
    sample.donated = mean(before.consumed.donated, after.consumed.donated, seconds);
    const bool same_start = after.counters.entitled.nanocore_ns >= before.counters.entitled.nanocore_ns;
    sample.running = before.running && after.running && same_start;
    if (!sample.running) return sample;
    sample.configuration = before.configuration;
    sample.form = before.form;
    sample.row = aix::lparstat_row(before.counters, after.counters);
    for (auto* percent : {&sample.row.user, &sample.row.sys, &sample.row.wait, &sample.row.idle})
        *percent = std::max(0.0, *percent);  // differences of sums, and "-0.0" puzzles readers
    sample.counts = after.counters.dispatch;
    sample.counts -= before.counters.dispatch;
    sample.latency_max_s =
        sim::to_seconds(partition.system->dispatcher().latency_max(after.counters.at, partition.id()));
    return sample;
}

void Meter::read_system(std::size_t index, sim::SimTime now) {
    const auto& system = *site_.systems()[index];
    const double seconds = sim::to_seconds(every_);
    auto& last = pools_last_[index];
    const auto add = [&](std::size_t place, std::string name, hypervisor::ProcUnits entitled,
                         const hypervisor::PoolUse& use) {
        systems_[index].push_back({.end_s = sim::to_seconds(now),
                                   .pool = std::move(name),
                                   .entitled = units(entitled),
                                   .capacity = mean(last[place].capacity, use.capacity, seconds),
                                   .used = mean(last[place].used, use.used, seconds)});
        last[place] = use;
    };
    const auto& pools = system.processor_pools();
    const auto all = hypervisor::ProcUnits{static_cast<std::int32_t>(system.usable_cores()) * 100};
    add(hypervisor::kProcessorPools, "physical", all - system.unallocated_proc_units(),
        system.dispatcher().physical_pool(now));
    for (const auto& pool : pools) {
        const auto use = system.dispatcher().pool_use(now, pool.id);
        if (pool.id != hypervisor::kDefaultPool && pool.max_pool_proc_units == 0)
            last[pool.id.value()] = use;
        else
            add(pool.id.value(), pool.name, system.entitled_pool_capacity(pool.id), use);
    }
}

void Meter::read(sim::SimTime now) {
    const auto& partitions = site_.partitions();
    for (std::size_t index = 0; index < partitions.size(); ++index) {
        auto reading = read_partition(partitions[index], now);
        partitions_[index].push_back(sample_of(partitions[index], last_[index], reading));
        last_[index] = std::move(reading);
    }
    for (std::size_t index = 0; index < systems_.size(); ++index) read_system(index, now);
    next_ += every_;
}

}  // namespace pvmsim::scenarios
