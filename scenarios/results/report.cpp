// Printing results as tables; see report.hpp.
// Twenty clients that lost the same thing are one line to read, not twenty: equal rows of neighbours are joined.
#include "scenarios/results/report.hpp"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "scenarios/results/text.hpp"
#include "scenarios/results/text_table.hpp"

namespace pvmsim::scenarios {
namespace {

using Row = TextRow;

/// What one client lost on one service. The slowest answer is told for all clients of a joined row together: it differs
/// by chance (who had a request under way), and would keep equal losses apart.
struct LossRow {
    Row cells;
    sim::Duration slowest;
};

std::vector<Row> join_losses(const std::vector<LossRow>& losses) {
    std::vector<Row> rows;
    for (std::size_t index = 0; index < losses.size();) {
        auto slowest = losses[index].slowest;
        std::size_t end = index + 1;
        for (; end < losses.size() && std::equal(losses[index].cells.begin() + 1, losses[index].cells.end(),
                                                 losses[end].cells.begin() + 1, losses[end].cells.end());
             ++end)
            slowest = std::max(slowest, losses[end].slowest);
        for (; index < end; ++index) {
            rows.push_back(losses[index].cells);
            rows.back().push_back(seconds_text(slowest));
        }
    }
    return join_equal(rows);
}

LossRow interface_row(const PartitionResult& partition, const InterfaceResult& interface) {
    const auto& load = interface.load;
    return {{partition.name, interface.name + " vlan " + std::to_string(interface.vlan),
             std::to_string(load.outages.size()), seconds_text(aix::longest(load.outages)),
             seconds_text(aix::total(load.outages)), count_text(load.requests), count_text(load.lost), "-"},
            load.latency_max};
}

LossRow disk_row(const PartitionResult& partition, const DiskResult& disk) {
    const auto& load = disk.load;
    return {{partition.name, disk.name, std::to_string(load.outages.size()), seconds_text(aix::longest(load.outages)),
             seconds_text(aix::total(load.outages)), count_text(load.requests), count_text(load.errors),
             count_text(load.retries)},
            load.latency_max};
}

}  // namespace

std::string outage_table(const RunResult& result) {
    std::vector<LossRow> losses;
    // Interfaces of all clients first, then disks: equal rows of different clients become neighbours.
    std::size_t most_interfaces = 0;
    std::size_t most_disks = 0;
    for (const auto& partition : result.partitions) {
        most_interfaces = std::max(most_interfaces, partition.interfaces.size());
        most_disks = std::max(most_disks, partition.disks.size());
    }
    for (std::size_t index = 0; index < most_interfaces; ++index)
        for (const auto& partition : result.partitions)
            if (index < partition.interfaces.size())
                losses.push_back(interface_row(partition, partition.interfaces[index]));
    for (std::size_t index = 0; index < most_disks; ++index)
        for (const auto& partition : result.partitions)
            if (index < partition.disks.size() && partition.disks[index].load.requests > 0)
                losses.push_back(disk_row(partition, partition.disks[index]));
    const std::string title = "\nWhat every client lost\n";
    if (losses.empty()) {
        const auto is_measured = [](const PartitionResult& one) { return one.bursts || !one.flows.empty(); };
        if (std::ranges::any_of(result.partitions, is_measured)) return {};
        return title + "No client has disk or network load: nothing to lose.\n";
    }
    auto rows = join_losses(losses);
    rows.insert(rows.begin(),
                {"CLIENT", "SERVICE", "OUTAGES", "LONGEST", "TOTAL", "REQUESTS", "LOST", "RETRIES", "SLOWEST"});
    return title + text_table(rows, 2);
}

std::string capacity_table(const RunResult& result) {
    std::vector<Row> rows;
    for (const auto& partition : result.partitions) {
        char entitled[16];
        std::snprintf(entitled, sizeof entitled, "%.2f",
                      static_cast<double>(partition.processor.entitled.hundredths) / 100.0);
        char mean[16];
        std::snprintf(mean, sizeof mean, "%.3f", partition.processor.physc_mean);
        char highest[16];
        std::snprintf(highest, sizeof highest, "%.3f", partition.processor.physc_max);
        rows.push_back({partition.name, partition.state, entitled, mean, highest, count_text(partition.memory_mib)});
    }
    rows = join_equal(rows);
    rows.insert(rows.begin(), {"PARTITION", "STATE", "ENTITLED", "PHYSC MEAN", "PHYSC MAX", "MEMORY MIB"});
    return text_table(rows, 2);
}

std::string burst_table(const RunResult& result) {
    std::vector<Row> rows;
    for (const auto& partition : result.partitions) {
        if (!partition.bursts) continue;
        const auto& bursts = *partition.bursts;
        Row row{partition.name, count_text(bursts.transactions), count_text(bursts.refused)};
        for (const auto time : {bursts.response_mean, bursts.response_p50, bursts.response_p95, bursts.response_p99,
                                bursts.response_max, bursts.wait_mean})
            row.push_back(seconds_text(time));
        rows.push_back(std::move(row));
    }
    if (rows.empty()) return {};
    rows.insert(rows.begin(), {"PARTITION", "ANSWERED", "REFUSED", "MEAN", "P50", "P95", "P99", "MAX", "WAIT MEAN"});
    return "\nTransactions: response times\n" + text_table(rows, 1);
}

std::string verdict_table(const RunResult& result) {
    if (result.expectations.empty()) return "No expectations.\n";
    const auto met = std::ranges::count_if(result.expectations, &Verdict::holds);
    std::string text =
        "Expectations: " + std::to_string(met) + " of " + std::to_string(result.expectations.size()) + " hold\n";
    std::vector<Row> rows;
    for (const auto& verdict : result.expectations)
        if (!verdict.holds)
            rows.push_back({"  FAILED", verdict.subject, verdict.measure, "expected " + verdict.expected,
                            "found " + verdict.found});
    return text + text_table(rows, 5);
}

std::string closing_line(const RunResult& result) {
    char line[160];
    std::snprintf(line, sizeof line, "seed=%llu fingerprint=%016llx events=%llu simtime=%.3fs",
                  static_cast<unsigned long long>(result.seed), static_cast<unsigned long long>(result.fingerprint),
                  static_cast<unsigned long long>(result.events), sim::to_seconds(result.simulated));
    return line;
}

}  // namespace pvmsim::scenarios
