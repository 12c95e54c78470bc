// Printing memory over time; see watch_memory.hpp. Behind the columns of AIX: loan and stolen, GB that the partition
// has lent and that the hypervisor has taken; stall, ms in each second that all threads of its programs waited for
// pages.
#include "scenarios/results/watch_memory.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pvmsim::scenarios {
namespace {

constexpr std::string_view kTimeHeader = "    time ";
constexpr std::string_view kTimeRule = "-------- ";

std::string trimmed(std::string line) {
    while (!line.empty() && (line.back() == ' ' || line.back() == '\n')) line.pop_back();
    return line + '\n';
}

/// Two lines of names and dashes with the time before them and more columns behind.
std::string header(const std::string& two_lines, std::string_view names, std::string_view rule) {
    const auto end = two_lines.find('\n');
    auto lower = end == std::string::npos ? std::string() : two_lines.substr(end + 1);
    while (!lower.empty() && lower.back() == '\n') lower.pop_back();
    return trimmed(fmt::format("{}{}{}", kTimeHeader, two_lines.substr(0, end), names)) +
           trimmed(fmt::format("{}{}{}", kTimeRule, lower, rule));
}

std::string without_end(std::string line) {
    while (!line.empty() && line.back() == '\n') line.pop_back();
    return line;
}

bool is_any(const std::vector<MemorySample>& samples, bool MemorySample::*form) {
    return std::ranges::any_of(samples, [&](const MemorySample& sample) { return sample.*form; });
}

std::string shared_rows(const WatchResult::Partition& partition) {
    constexpr auto kForm = aix::MemoryStatForm::kSharedCoalesced;
    std::string text;
    std::string configuration;
    double before_s = 0;
    for (const auto& sample : partition.memory) {
        const double interval_s = sample.end_s - before_s;
        before_s = sample.end_s;
        if (!sample.running) {
            text += fmt::format("{:>7.6g}s  not running\n", sample.end_s);
            configuration.clear();
            continue;
        }
        if (sample.configuration != configuration) {
            configuration = sample.configuration;
            text += trimmed(configuration) +
                    header(aix::memory_stat_header(kForm), "   loan stolen   stall", " ------ ------ -------");
        }
        text += trimmed(fmt::format("{:>7.6g}s {} {:>6.2f} {:>6.2f} {:>7.1f}", sample.end_s,
                                    without_end(aix::memory_stat_line(kForm, sample.row)), sample.loaned_gib,
                                    sample.stolen_gib, interval_s > 0 ? sample.stall_s * 1e3 / interval_s : 0.0));
    }
    return text;
}

std::string expanded_rows(const WatchResult::Partition& partition) {
    auto text = header(aix::expansion_stat_header(), {}, {});
    for (const auto& sample : partition.memory)
        text += sample.running ? trimmed(fmt::format("{:>7.6g}s {}", sample.end_s,
                                                     without_end(aix::expansion_stat_columns(sample.row))))
                               : fmt::format("{:>7.6g}s  not running\n", sample.end_s);
    return text;
}

std::string pool_table(const WatchResult::System& system) {
    auto text = fmt::format("\nShared memory pool of {}, GB\n{}   size    used    free coalesced overage page-ins/s\n",
                            system.name, kTimeHeader);
    text += fmt::format("{}------- ------- ------- --------- ------- ----------\n", kTimeRule);
    for (const auto& sample : system.memory)
        text +=
            fmt::format("{:>7.6g}s {:>7.2f} {:>7.2f} {:>7.2f} {:>9.2f} {:>7.2f} {:>10.1f}\n", sample.end_s, sample.size,
                        sample.used, sample.free, sample.coalesced, sample.overage, sample.page_ins_per_s);
    return text;
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
