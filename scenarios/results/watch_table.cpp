// Printing rows over time; see watch_table.hpp. The part from %user to phint is what lparstat prints on AIX.
// Behind it: unf, unfolded virtual processors; in exact mode cwait and pwait, ms in each second that its virtual
// processors were ready and waited for capacity (until the next window) or for a processor (VPA wait intervals 2 and
// 3), and latmax, the longest dispatch latency since its activation in ms; for dedicated processors physc and what of
// them was lent.
#include "scenarios/results/watch_table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pvmsim::scenarios {
namespace {

constexpr std::string_view kTimeHeader = "    time ";
constexpr std::string_view kTimeRule = "-------- ";

struct Lines {
    std::string upper;
    std::string lower;
};

std::string trimmed(std::string line) {
    while (!line.empty() && line.back() == ' ') line.pop_back();
    return line + '\n';
}

Lines split(const std::string& two_lines) {
    const auto end = two_lines.find('\n');
    auto lower = end == std::string::npos ? std::string() : two_lines.substr(end + 1);
    while (!lower.empty() && lower.back() == '\n') lower.pop_back();
    return {two_lines.substr(0, end), std::move(lower)};
}

std::string header(const WatchResult::Partition& partition, aix::LparstatForm form) {
    auto [upper, lower] = split(aix::lparstat_header(form));
    if (form == aix::LparstatForm::kDedicated) {
        upper += "  physc donated";
        lower += " ------ -------";
    }
    upper += "  unf";
    lower += " ----";
    if (partition.exact) {
        upper += "   cwait   pwait latmax";
        lower += " ------- ------- ------";
    }
    return trimmed(std::string(kTimeHeader) + upper) + trimmed(std::string(kTimeRule) + lower);
}

double ms_per_second(std::int64_t ns, double interval_s) {
    return interval_s > 0 ? static_cast<double>(ns) / 1e6 / interval_s : 0.0;
}

std::string row(const WatchResult::Partition& partition, const ProcessorSample& sample, double interval_s) {
    auto line = fmt::format("{:>7.6g}s ", sample.end_s) + aix::lparstat_line(sample.form, sample.row);
    while (!line.empty() && line.back() == '\n') line.pop_back();
    if (sample.form == aix::LparstatForm::kDedicated)
        line += fmt::format(" {:>6.2f} {:>7.2f}", sample.physc, sample.donated);
    line += fmt::format(" {:>4}", sample.row.unfolded);
    if (partition.exact)
        line += fmt::format(" {:>7.1f} {:>7.1f} {:>6.2f}", ms_per_second(sample.counts.wait_capacity_ns, interval_s),
                            ms_per_second(sample.counts.wait_processor_ns, interval_s), sample.latency_max_s * 1e3);
    return trimmed(std::move(line));
}

std::string partition_table(const WatchResult::Partition& partition) {
    std::string text = "\n" + partition.name + "\n";
    std::string configuration;
    double before_s = 0;
    for (const auto& sample : partition.samples) {
        const double interval_s = sample.end_s - before_s;
        before_s = sample.end_s;
        if (!sample.running) {
            text += fmt::format("{:>7.6g}s  not running\n", sample.end_s);
            configuration.clear();
            continue;
        }
        if (sample.configuration != configuration) {
            configuration = sample.configuration;
            text += trimmed(configuration) + header(partition, sample.form);
        }
        text += row(partition, sample, interval_s);
    }
    return text;
}

std::string pool_table(const WatchResult::System& system) {
    std::size_t width = 4;
    for (const auto& sample : system.samples) width = std::max(width, sample.pool.size());
    auto text = fmt::format("\nShared processor pools of {}\n{}{:<{}} entitled capacity    used\n", system.name,
                            kTimeHeader, "pool", width);
    text += fmt::format("{}{:-<{}} -------- -------- -------\n", kTimeRule, "", width);
    for (const auto& sample : system.samples)
        text += fmt::format("{:>7.6g}s {:<{}} {:>8.2f} {:>8.2f} {:>7.2f}\n", sample.end_s, sample.pool, width,
                            sample.entitled, sample.capacity, sample.used);
    return text;
}

}  // namespace

std::string watch_tables(const RunResult& result) {
    const auto has_rows = [](const auto& watched) { return !watched.samples.empty(); };
    if (std::ranges::none_of(result.watch.partitions, has_rows) && std::ranges::none_of(result.watch.systems, has_rows))
        return {};
    std::string text = "\nProcessors over time\n";
    if (std::ranges::any_of(result.watch.partitions, &WatchResult::Partition::exact))
        text +=
            "cwait, pwait: ms in a second that virtual processors were ready and waited for capacity, for a "
            "processor;\n"
            "latmax: longest dispatch latency so far, ms; ";
    if (!result.watch.partitions.empty()) text += "unf: unfolded virtual processors\n";
    for (const auto& partition : result.watch.partitions)
        if (has_rows(partition)) text += partition_table(partition);
    for (const auto& system : result.watch.systems)
        if (has_rows(system)) text += pool_table(system);
    return text;
}

}  // namespace pvmsim::scenarios
