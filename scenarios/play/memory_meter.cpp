// Reading memory counters; see memory_meter.hpp. Counters begin anew when a system boots: an interval with a start in
// it has no row.
#include "scenarios/play/memory_meter.hpp"

#include <algorithm>

#include "hypervisor/memory/page.hpp"

namespace pvmsim::scenarios {
namespace {

double gib(std::uint64_t pages) {
    return static_cast<double>(pages * hypervisor::kPageBytes) / static_cast<double>(hypervisor::kGibibyte);
}

std::uint64_t pool_page_ins(const Site& site, const hypervisor::ManagedSystem& system) {
    std::uint64_t sum = 0;
    for (const auto& partition : site.partitions())
        if (partition.system == &system && system.memory_sharing().is_member(partition.id()))
            sum += system.memory_sharing().counters(partition.id()).page_ins;
    return sum;
}

}  // namespace

MemoryMeter::MemoryMeter(Site& site, sim::Duration every)
    : site_(site),
      every_(every),
      next_(every.count() > 0 ? sim::kStartOfRun + every : sim::kEndOfTime),
      page_ins_(site.systems().size()),
      partitions_(site.partitions().size()),
      systems_(site.systems().size()) {
    if (every.count() == 0) return;
    for (const auto& partition : site.partitions()) last_.push_back(read_partition(partition, sim::kStartOfRun));
}

MemoryMeter::Reading MemoryMeter::read_partition(const PartitionSite& partition, sim::SimTime now) const {
    Reading reading{.running = partition.os->running(), .figures = {}, .configuration = {}};
    if (!reading.running) return reading;
    reading.figures = aix::read_memory(*partition.os);
    reading.configuration = aix::memory_stat_configuration(*partition.os);
    if (const auto* load = partition.workload->memory_load(); load != nullptr)
        reading.stalled = load->result(now).stall_total;
    return reading;
}

MemorySample MemoryMeter::sample_of(const Reading& before, const Reading& after, sim::SimTime now) const {
    MemorySample sample{.end_s = sim::to_seconds(now), .configuration = {}, .row = {}};
    const bool same_start =
        after.figures.processors.entitled.nanocore_ns >= before.figures.processors.entitled.nanocore_ns;
    sample.running = before.running && after.running && same_start;
    if (!sample.running) return sample;
    const auto& memory = after.figures.memory;
    sample.is_shared = memory.is_shared;
    sample.is_expanded = memory.is_expanded;
    sample.configuration = before.configuration;
    sample.row = aix::memory_stat_row(before.figures, after.figures);
    sample.loaned_gib = gib(memory.hypervisor.loaned);
    sample.stolen_gib = gib(memory.hypervisor.expropriated);
    sample.stall_s = std::max(0.0, sim::to_seconds(after.stalled - before.stalled));
    return sample;
}

void MemoryMeter::read_system(std::size_t index, sim::SimTime now) {
    const auto& system = *site_.systems()[index];
    if (!system.has_memory_pool()) return;
    const auto counters = system.memory_sharing().pool_counters();
    const auto page_ins = pool_page_ins(site_, system);
    const auto before = std::min(page_ins_[index], page_ins);
    page_ins_[index] = page_ins;
    systems_[index].push_back({.end_s = sim::to_seconds(now),
                               .size = gib(counters.size),
                               .used = gib(counters.used),
                               .free = gib(counters.free),
                               .coalesced = gib(counters.coalesced),
                               .overage = gib(counters.overage),
                               .page_ins_per_s = static_cast<double>(page_ins - before) / sim::to_seconds(every_)});
}

void MemoryMeter::read(sim::SimTime now) {
    const auto& partitions = site_.partitions();
    for (std::size_t index = 0; index < partitions.size(); ++index) {
        auto reading = read_partition(partitions[index], now);
        partitions_[index].push_back(sample_of(last_[index], reading, now));
        last_[index] = std::move(reading);
    }
    for (std::size_t index = 0; index < systems_.size(); ++index) read_system(index, now);
    next_ += every_;
}

}  // namespace pvmsim::scenarios
