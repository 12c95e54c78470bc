// Printing measures of memory; see memory_table.hpp. GB are powers of 1024, as the HMC counts.
// What the hypervisor keeps is a line for each server where memory is watched: a too large maximum shows there.
#include "scenarios/results/memory_table.hpp"

#include <fmt/format.h>

#include "hypervisor/memory/page.hpp"
#include "scenarios/results/text.hpp"
#include "scenarios/results/text_table.hpp"

namespace pvmsim::scenarios {
namespace {

std::uint64_t bytes(std::uint64_t pages) { return pages * hypervisor::kPageBytes; }

std::string gb(std::uint64_t size_bytes) { return fmt::format("{:.2f}", static_cast<double>(size_bytes) / (1u << 30)); }

std::string gb_of_mib(std::uint64_t mib) { return gb(mib * hypervisor::kMebibyte); }

std::string shared_table(const RunResult& result) {
    std::vector<TextRow> rows;
    for (const auto& partition : result.partitions) {
        const auto& memory = partition.memory;
        if (!memory.shared) continue;
        const auto& counters = memory.shared->counters;
        rows.push_back({partition.name, gb_of_mib(memory.assigned_mib), std::to_string(memory.shared->weight),
                        gb(memory.shared->pmem_bytes), gb(bytes(counters.loaned)), gb(bytes(counters.expropriated)),
                        gb(bytes(counters.coalesced)), count_text(counters.page_ins),
                        seconds_text(memory.shared->page_in_mean_s()), seconds_text(counters.page_in_max),
                        memory.load ? seconds_text(memory.load->stall_longest) : "-",
                        memory.load ? fmt::format("{:.2f}", memory.load->slowdown) : "-"});
    }
    if (rows.empty()) return {};
    rows = join_equal(rows);
    rows.insert(rows.begin(), {"PARTITION", "LOGICAL GB", "WEIGHT", "PMEM GB", "LOANED", "STOLEN", "COALESCED",
                               "PAGE-INS", "MEAN", "MAX", "STALL", "SLOWDOWN"});
    return "\nShared memory\n" + text_table(rows, 1);
}

std::string pool_table(const RunResult& result) {
    std::vector<TextRow> rows;
    for (const auto& system : result.systems) {
        if (!system.memory.pool) continue;
        const auto& pool = *system.memory.pool;
        rows.push_back({system.name, gb_of_mib(pool.size_mib), gb_of_mib(pool.logical_mib),
                        gb(bytes(pool.counters.used)), gb(bytes(pool.counters.free)),
                        gb(bytes(pool.counters.coalesced)), count_text(pool.counters.merges),
                        count_text(pool.counters.copies), std::string(to_string(pool.overcommitment))});
    }
    if (rows.empty()) return {};
    rows.insert(rows.begin(),
                {"POOL OF", "SIZE GB", "LOGICAL", "USED", "FREE", "COALESCED", "MERGES", "COPIES", "OVERCOMMITTED"});
    return "\nShared memory pools\n" + text_table(rows, 1);
}

std::string expansion_table(const RunResult& result) {
    std::vector<TextRow> rows;
    for (const auto& partition : result.partitions) {
        if (!partition.memory.expansion) continue;
        const auto& expansion = *partition.memory.expansion;
        rows.push_back({partition.name, fmt::format("{:.2f}", expansion.factor), gb(expansion.true_bytes),
                        gb(expansion.expanded_bytes), gb(expansion.in_use_bytes), gb(expansion.uncompressed_bytes),
                        gb(expansion.compressed_bytes), gb(expansion.deficit_bytes),
                        fmt::format("{:.3f}", expansion.cpu_mean)});
    }
    if (rows.empty()) return {};
    rows = join_equal(rows);
    rows.insert(rows.begin(), {"PARTITION", "FACTOR", "TRUE GB", "EXPANDED", "IN USE", "UNCOMPRESSED", "COMPRESSED",
                               "DEFICIT", "CORES"});
    return "\nExpanded memory\n" + text_table(rows, 1);
}

std::string server_table(const RunResult& result) {
    std::vector<TextRow> rows;
    for (const auto& system : result.systems) {
        const auto& memory = system.memory;
        const auto& own = memory.hypervisor;
        const auto pool = memory.pool ? memory.pool->size_mib : 0;
        const auto partitions = memory.installed_mib - own.total_mib() - memory.available_mib - pool;
        rows.push_back({system.name, gb_of_mib(memory.installed_mib), gb_of_mib(own.total_mib()),
                        gb_of_mib(own.page_tables_mib), gb_of_mib(partitions), gb_of_mib(pool),
                        gb_of_mib(memory.available_mib)});
    }
    rows.insert(rows.begin(), {"SERVER", "INSTALLED GB", "HYPERVISOR", "PAGE TABLES IN IT", "PARTITIONS", "SHARED POOL",
                               "AVAILABLE"});
    return "\nMemory of the servers\n" + text_table(rows, 1);
}

}  // namespace

std::string memory_tables(const RunResult& result) {
    return (result.watch.memory ? server_table(result) : std::string()) + shared_table(result) + pool_table(result) +
           expansion_table(result);
}

}  // namespace pvmsim::scenarios
