// Printing memory over time; see watch_memory.hpp. Behind the columns of AIX: loan and stolen, GB that the partition
// has lent and that the hypervisor has taken; stall, ms in each second that all threads of its programs waited for
// pages.
#include "scenarios/results/watch_memory.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/results/watch_rows.hpp"

namespace pvmsim::scenarios {
namespace {

std::string without_end(std::string line) {
    while (!line.empty() && line.back() == '\n') line.pop_back();
    return line;
}

bool is_any(const std::vector<MemorySample>& samples, bool MemorySample::*form) {
    return std::ranges::any_of(samples, [&](const MemorySample& sample) { return sample.*form; });
}

std::string shared_rows(const WatchResult::Partition& partition) {
    constexpr auto kForm = aix::MemoryStatForm::kSharedCoalesced;
    const auto header = [](const MemorySample&) {
        return watch_header(aix::memory_stat_header(kForm), "   loan stolen   stall", " ------ ------ -------");
    };
    return configured_rows(partition.memory, header, [](const MemorySample& sample, double interval_s) {
        return fmt::format("{} {:>6.2f} {:>6.2f} {:>7.1f}", without_end(aix::memory_stat_line(kForm, sample.row)),
                           sample.loaned_gib, sample.stolen_gib,
                           interval_s > 0 ? sample.stall_s * 1e3 / interval_s : 0.0);
    });
}

std::string expanded_rows(const WatchResult::Partition& partition) {
    return watch_header(aix::expansion_stat_header()) + watch_rows(partition.memory, [](const MemorySample& sample) {
               return sample.running ? aix::expansion_stat_columns(sample.row) : " not running";
           });
}

std::string pool_table(const WatchResult::System& system) {
    constexpr std::string_view kHeader =
        "   size    used    free coalesced overage page-ins/s\n"
        "------- ------- ------- --------- ------- ----------";
    return fmt::format("\nShared memory pool of {}, GB\n", system.name) + watch_header(kHeader) +
           watch_rows(system.memory, [](const auto& sample) {
               return fmt::format("{:>7.2f} {:>7.2f} {:>7.2f} {:>9.2f} {:>7.2f} {:>10.1f}", sample.size, sample.used,
                                  sample.free, sample.coalesced, sample.overage, sample.page_ins_per_s);
           });
}

}  // namespace

std::string memory_watch_tables(const RunResult& result) {
    std::string text;
    for (const auto& partition : result.watch.partitions) {
        const bool shared = is_any(partition.memory, &MemorySample::is_shared);
        const bool expanded = is_any(partition.memory, &MemorySample::is_expanded);
        if (shared || expanded) text += "\n" + partition.name + "\n";
        if (shared) text += shared_rows(partition);
        if (expanded) text += expanded_rows(partition);
    }
    for (const auto& system : result.watch.systems)
        if (!system.memory.empty()) text += pool_table(system);
    if (!text.empty())
        text =
            "\nMemory over time\n"
            "loan, stolen: GB lent to the pool, GB that the hypervisor has taken; stall: ms in a second that all "
            "threads "
            "waited\n" +
            text;
    for (const auto& [name, report] : result.watch.amepat) text += "\n" + name + "\n" + report;
    return text;
}

}  // namespace pvmsim::scenarios
