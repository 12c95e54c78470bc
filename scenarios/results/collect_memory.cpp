// Reading memory; see collect_memory.hpp. What the operating system sees is asked of it, the rest of the hypervisor.
// The class of a pool's overcommitment is judged by what is used at the end, as its definition has it (behaviour 2.2).
#include "scenarios/results/collect_memory.hpp"

#include <algorithm>

#include "aix/memory/amepat.hpp"
#include "hypervisor/memory/page.hpp"

namespace pvmsim::scenarios {
namespace {

std::uint64_t bytes(std::uint64_t pages) { return pages * hypervisor::kPageBytes; }

ExpansionMeasures expansion_of(const PartitionSite& partition, const aix::MemoryFigures& figures, sim::SimTime now) {
    const auto& pools = figures.expansion_in_use;
    const auto& asked = figures.expansion;
    const auto& defined = partition.system->partition(partition.id());
    ExpansionMeasures measures{
        .factor = static_cast<double>(defined.profile.mem_expansion_hundredths) / 100.0,
        .true_bytes = bytes(pools.true_pages),
        .expanded_bytes = bytes(asked.expanded_pages),
        .uncompressed_bytes = bytes(pools.uncompressed_pages),
        .compressed_bytes = bytes(pools.compressed_pages),
        .in_use_bytes = bytes(pools.expanded_pages),
        .deficit_bytes = bytes(asked.deficit_pages),
    };
    const double seconds = sim::to_seconds(now);
    const auto compression = partition.os->processors().counters(now).compression;
    measures.cpu_mean = seconds > 0 ? compression.core_seconds() / seconds : 0.0;
    return measures;
}

}  // namespace

std::string_view to_string(Overcommitment overcommitment) {
    switch (overcommitment) {
        case Overcommitment::kNone:
            return "none";
        case Overcommitment::kLogically:
            return "logically";
        case Overcommitment::kPhysically:
            return "physically";
    }
    return "";
}

MemoryMeasures memory_of(const PartitionSite& partition, sim::SimTime now) {
    const auto& system = *partition.system;
    const auto id = partition.id();
    const auto& defined = system.partition(id);
    MemoryMeasures measures;
    measures.is_shared = defined.profile.mem_mode == hypervisor::MemoryMode::kShared;
    measures.assigned_mib = defined.given.memory_mib;
    measures.min_mib = defined.profile.min_mem_mib;
    measures.max_mib = defined.profile.max_mem_mib;
    measures.page_table_mib = system.memory().page_table_mib(id);
    if (!measures.is_shared) measures.scatter = system.memory().table().scatter(hypervisor::LmbOwner::memory(id));
    if (measures.is_shared && system.has_memory_pool() && system.memory_sharing().is_member(id)) {
        const auto& sharing = system.memory_sharing();
        const auto performance = sharing.performance(id);
        measures.shared = SharedMemoryMeasures{.weight = performance.weight,
                                               .pmem_bytes = performance.backing,
                                               .io_entitled_bytes = performance.io_entitlement,
                                               .counters = sharing.counters(id)};
    }
    if (partition.os->running()) {
        const auto figures = partition.os->memory().figures();
        if (figures.is_expanded) measures.expansion = expansion_of(partition, figures, now);
    }
    if (const auto* load = partition.workload->memory_load(); load != nullptr) measures.load = load->result(now);
    return measures;
}

SystemMemoryMeasures memory_of(const Site& site, const hypervisor::ManagedSystem& system) {
    SystemMemoryMeasures measures;
    const auto& memory = system.memory();
    measures.installed_mib = memory.configurable_mib();
    measures.available_mib = memory.available_mib();
    measures.lmb_mib = memory.lmb_mib();
    measures.hypervisor = memory.hypervisor_use();
    if (!system.has_memory_pool()) return measures;
    const auto& sharing = system.memory_sharing();
    const auto& config = sharing.pool();
    auto& pool = measures.pool.emplace();
    pool.counters = sharing.pool_counters();
    pool.size_mib = bytes(pool.counters.size) / hypervisor::kMebibyte;
    pool.max_mib = config.max_pool_mem_mib;
    pool.mem_dedup = config.mem_dedup;
    pool.dedup_table_ratio = config.dedup_table_ratio;
    std::uint64_t logical = 0;
    std::uint64_t used = 0;
    for (const auto& partition : site.partitions()) {
        if (partition.system != &system || !sharing.is_member(partition.id())) continue;
        const auto counters = sharing.counters(partition.id());
        logical += counters.logical;
        used += counters.backed + counters.expropriated;
        pool.page_ins += counters.page_ins;
    }
    pool.logical_mib = bytes(logical) / hypervisor::kMebibyte;
    const auto saved = pool.counters.coalesced;
    if (logical > pool.counters.size)
        pool.overcommitment =
            used > pool.counters.size + saved ? Overcommitment::kPhysically : Overcommitment::kLogically;
    return measures;
}

std::string amepat_report(const PartitionSite& partition, sim::SimTime now) {
    const auto& defined = partition.system->partition(partition.id());
    const auto figures = partition.os->memory().figures();
    const auto* load = partition.workload->memory_load();
    const auto consumed = partition.system->dispatcher().consumed(now, partition.id());
    const auto compression = partition.os->processors().counters(now).compression;
    const double seconds = std::max(1.0, sim::to_seconds(now));

    aix::AmepatQuestion question;
    question.model = partition.description->memory.expansion;
    question.expanded_mib = figures.seen_bytes / hypervisor::kMebibyte;
    question.lmb_mib = partition.system->memory().lmb_mib();
    if (load != nullptr)
        question.model.hot_pages =
            load->working_set_bytes() * load->config().hot_percent / 100 / hypervisor::kPageBytes;
    if (figures.seen_bytes > 0)
        question.model.compressible_permille = static_cast<std::uint32_t>(
            (figures.seen_bytes - figures.pinned_bytes - figures.text_bytes - figures.file_cache_bytes) * 1000 /
            figures.seen_bytes);
    question.capacity_max = {std::int64_t{defined.given.procs} * 1'000'000'000};
    question.base_peak = {consumed.highest.nanocores -
                          static_cast<std::int64_t>(compression.core_seconds() / seconds * 1e9)};

    const bool shared = defined.profile.proc_mode == hypervisor::ProcessorMode::kShared;
    const bool capped = defined.profile.sharing_mode == hypervisor::SharingMode::kCapped;
    const auto mib = [](std::uint64_t size) { return aix::ObservedMean{size >> 20, size >> 20, size >> 20}; };
    const auto used = static_cast<std::uint64_t>(consumed.total.core_seconds() / seconds * 1000);
    aix::AmepatSystem system{
        .invoked_at = std::to_string(static_cast<std::uint64_t>(seconds)) + " s after the start of the run",
        .monitored_s = static_cast<std::uint64_t>(seconds),
        .samples = 1,
        .partition_name = partition.name(),
        .logical_cpus = defined.given.procs * partition.os->processors().smt(),
        .entitled = {std::int64_t{defined.given.proc_units.hundredths} * 10'000'000},
        .true_mib = figures.true_bytes / hypervisor::kMebibyte,
        .smt_threads = partition.os->processors().smt(),
        .shared_processor_mode = !shared  ? "Disabled"
                                 : capped ? "Enabled-Capped"
                                          : "Enabled-Uncapped",
        .memory_sharing = figures.is_shared,
        .memory_expansion = figures.is_expanded};
    system.cpu_millicores = {used, used, used};
    system.virtual_mib = mib(figures.heap_bytes + figures.pinned_bytes + figures.text_bytes);
    system.in_use_mib = mib(figures.used_bytes());
    system.pinned_mib = mib(figures.pinned_bytes);
    system.file_cache_mib = mib(figures.file_cache_bytes);
    system.available_mib = mib(figures.free_bytes);
    return aix::amepat_text(system, question, aix::estimates(question, aix::default_factors(question)));
}

}  // namespace pvmsim::scenarios
