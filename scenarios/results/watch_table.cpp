// Printing rows over time; see watch_table.hpp. The part from %user to phint is what lparstat prints on AIX.
// Behind it: unf, unfolded virtual processors; in exact mode cwait and pwait, ms in each second that its virtual
// processors were ready and waited for capacity (until the next window) or for a processor (VPA wait intervals 2 and
// 3), and latmax, the longest dispatch latency since its activation in ms; for dedicated processors physc and what of
// them was lent.
#include "scenarios/results/watch_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/results/watch_rows.hpp"

namespace pvmsim::scenarios {
namespace {

std::string header(const WatchResult::Partition& partition, aix::LparstatForm form) {
    std::string names;
    std::string rule;
    if (form == aix::LparstatForm::kDedicated) {
        names += "  physc donated";
        rule += " ------ -------";
    }
    names += "  unf";
    rule += " ----";
    if (partition.exact) {
        names += "   cwait   pwait latmax";
        rule += " ------- ------- ------";
    }
    return watch_header(aix::lparstat_header(form), names, rule);
}

double ms_per_second(std::int64_t ns, double interval_s) {
    return interval_s > 0 ? static_cast<double>(ns) / 1e6 / interval_s : 0.0;
}

std::string columns(const WatchResult::Partition& partition, const ProcessorSample& sample, double interval_s) {
    auto line = aix::lparstat_line(sample.form, sample.row);
    while (!line.empty() && line.back() == '\n') line.pop_back();
    if (sample.form == aix::LparstatForm::kDedicated)
        line += fmt::format(" {:>6.2f} {:>7.2f}", sample.physc, sample.donated);
    line += fmt::format(" {:>4}", sample.row.unfolded);
    if (partition.exact)
        line += fmt::format(" {:>7.1f} {:>7.1f} {:>6.2f}", ms_per_second(sample.counts.wait_capacity_ns, interval_s),
                            ms_per_second(sample.counts.wait_processor_ns, interval_s), sample.latency_max_s * 1e3);
    return line;
}

std::string partition_table(const WatchResult::Partition& partition) {
    return "\n" + partition.name + "\n" +
           configured_rows(
               partition.samples, [&](const ProcessorSample& sample) { return header(partition, sample.form); },
               [&](const ProcessorSample& sample, double interval_s) {
                   return columns(partition, sample, interval_s);
               });
}

std::string pool_table(const WatchResult::System& system) {
    std::size_t width = 4;
    for (const auto& sample : system.samples) width = std::max(width, sample.pool.size());
    const auto names = fmt::format("{:<{}} entitled capacity    used", "pool", width);
    return fmt::format("\nShared processor pools of {}\n", system.name) +
           watch_header(names + fmt::format("\n{:-<{}} -------- -------- -------", "", width)) +
           watch_rows(system.samples, [width](const auto& sample) {
               return fmt::format("{:<{}} {:>8.2f} {:>8.2f} {:>7.2f}", sample.pool, width, sample.entitled,
                                  sample.capacity, sample.used);
           });
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
