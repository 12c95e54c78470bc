// Printing the network's figures; see network_table.hpp.
// MB are 2^20 bytes. Means are of the run, those of a flow of the time it was used.
#include "scenarios/results/network_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/results/text.hpp"
#include "scenarios/results/text_table.hpp"

namespace pvmsim::scenarios {
namespace {

constexpr double kMegabyte = 1 << 20;

std::string megabytes(double bytes) { return fmt::format("{:.1f}", bytes / kMegabyte); }

std::string mean_rate(std::uint64_t bytes, sim::Duration span) {
    return megabytes(span.count() > 0 ? static_cast<double>(bytes) / sim::to_seconds(span) : 0.0);
}

/// What is slower than ten a second deserves its tenths.
std::string rate_text(double per_s) { return fmt::format("{:.{}f}", per_s, per_s < 9.95 ? 1 : 0); }

TextRow flow_row(const PartitionResult& partition, const FlowResult& flow) {
    auto what = flow.interface + " vlan " + std::to_string(flow.vlan) + " ";
    what += flow.kind == "transactions"   ? "<=> "
            : flow.direction == "send"    ? "-> "
            : flow.direction == "receive" ? "<- "
                                          : "<-> ";
    what += flow.to;
    if (flow.name != flow.to) what += " (" + flow.name + ")";
    const auto per_s = flow.load.used.count() > 0
                           ? static_cast<double>(flow.load.transactions) / sim::to_seconds(flow.load.used)
                           : 0.0;
    return {partition.name,
            std::move(what),
            megabytes(flow.offered_per_s()),
            megabytes(flow.delivered_per_s()),
            flow.kind == "transactions" ? rate_text(per_s) : "-",
            std::to_string(flow.load.outages.size()),
            seconds_text(aix::longest(flow.load.outages)),
            seconds_text(aix::total(flow.load.outages)),
            megabytes(static_cast<double>(flow.load.bytes_lost))};
}

std::string flow_table(const RunResult& result) {
    std::vector<TextRow> rows;
    std::size_t most = 0;
    for (const auto& partition : result.partitions) most = std::max(most, partition.flows.size());
    // The first flow of every client, then the second: equal rows of different clients become neighbours.
    for (std::size_t index = 0; index < most; ++index)
        for (const auto& partition : result.partitions)
            if (index < partition.flows.size()) rows.push_back(flow_row(partition, partition.flows[index]));
    if (rows.empty()) return {};
    rows = join_equal(rows);
    rows.insert(rows.begin(),
                {"CLIENT", "FLOW", "OFFERED MB/S", "DELIVERED", "TRANS/S", "OUTAGES", "LONGEST", "TOTAL", "LOST MB"});
    return "\nFlows\n" + text_table(rows, 2);
}

std::string vlan_table(const RunResult& result) {
    std::vector<TextRow> rows;
    std::size_t most = 0;
    for (const auto& partition : result.partitions) most = std::max(most, partition.vlans.size());
    bool is_notable = false;
    for (std::size_t index = 0; index < most; ++index)
        for (const auto& partition : result.partitions) {
            if (index >= partition.vlans.size()) continue;
            const auto& vlan = partition.vlans[index];
            is_notable = is_notable || vlan.duplicated + vlan.reordered + vlan.late > 0;
            rows.push_back({partition.name, std::to_string(vlan.vlan), seconds_text(aix::longest(vlan.outages)),
                            seconds_text(aix::total(vlan.outages)), count_text(vlan.requests), count_text(vlan.lost),
                            count_text(vlan.late), count_text(vlan.duplicated), count_text(vlan.reordered)});
        }
    if (!is_notable) return {};
    rows = join_equal(rows);
    rows.insert(rows.begin(),
                {"CLIENT", "VLAN", "LONGEST", "TOTAL", "REQUESTS", "LOST", "LATE", "DUPLICATED", "REORDERED"});
    return "\nPackets by VLAN\n" + text_table(rows, 1);
}

std::string sea_table(const RunResult& result) {
    std::vector<TextRow> rows;
    for (const auto& partition : result.partitions) {
        if (!partition.server) continue;
        for (const auto& sea : partition.seas)
            rows.push_back(
                {partition.name, sea.name, sea.state, mean_rate(sea.traffic.bytes_out, result.simulated),
                 mean_rate(sea.traffic.bytes_in, result.simulated), fmt::format("{:.3f}", sea.traffic.cores_mean),
                 fmt::format("{:.3f}", partition.server->flow_cores_max), seconds_text(partition.server->scarce),
                 count_text(sea.traffic.frames_bridged), count_text(sea.traffic.frames_dropped)});
    }
    if (rows.empty()) return {};
    rows.insert(rows.begin(), {"VIOS", "SEA", "STATE", "OUT MB/S", "IN MB/S", "CORES MEAN", "VIOS MAX", "SHORT FOR",
                               "FRAMES", "DROPPED"});
    return "\nBridges: what flows took of them\n" + text_table(rows, 3);
}

std::string link_table(const NetworkResult& network, sim::Duration span) {
    if (network.links.empty()) return {};
    std::vector<TextRow> rows{
        {"PORT", "OF", "OUT MB/S", "IN MB/S", "OUT MAX", "IN MAX", "CARRIES", "BOTH WAYS", "SHORT FOR"}};
    for (const auto& link : network.links)
        rows.push_back({link.port, link.owner, mean_rate(link.bytes_out, span), mean_rate(link.bytes_in, span),
                        megabytes(static_cast<double>(link.peak_out)), megabytes(static_cast<double>(link.peak_in)),
                        megabytes(static_cast<double>(link.limit_one_way)),
                        megabytes(static_cast<double>(link.limit_both_ways)), seconds_text(link.scarce)});
    return "\nLinks: what flows took of them\n" + text_table(rows, 2);
}

std::string drop_table(const NetworkResult& network) {
    if (network.switch_drops.empty()) return {};
    std::vector<TextRow> rows{{"SWITCH", "PORT", "TO", "WHY", "FRAMES IN", "DROPPED"}};
    for (const auto& port : network.switch_drops) {
        std::string why;
        for (const auto& [reason, frames] : port.reasons) why += (why.empty() ? "" : ", ") + reason;
        rows.push_back({port.switch_name, std::to_string(port.port), port.peer, why, count_text(port.frames_in),
                        count_text(port.dropped)});
    }
    return "\nFrames that switches did not let in\n" + text_table(rows, 4);
}

}  // namespace

std::string network_tables(const RunResult& result) {
    auto text = vlan_table(result);
    const auto flows = flow_table(result);
    if (flows.empty()) return text;
    return text + flows + sea_table(result) + link_table(result.network, result.simulated) + drop_table(result.network);
}

}  // namespace pvmsim::scenarios
