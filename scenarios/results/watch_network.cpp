// Printing rows of the network; see watch_network.hpp.
// MB of 2^20 bytes a second, means of the interval; stalled: flows without a path at its end; cores: processors that
// bridging flows took.
#include "scenarios/results/watch_network.hpp"

#include <fmt/format.h>

#include "scenarios/results/watch_rows.hpp"

namespace pvmsim::scenarios {
namespace {

constexpr double kMegabyte = 1 << 20;

std::string client_rows(const std::vector<NetworkSample>& samples) {
    return watch_header(" offered delivered    lost stalled\n-------- --------- ------- -------") +
           watch_rows(samples, [](const NetworkSample& sample) {
               return fmt::format("{:>8.1f} {:>9.1f} {:>7.1f} {:>7}", sample.offered / kMegabyte,
                                  sample.delivered / kMegabyte, sample.lost / kMegabyte, sample.stalled);
           });
}

std::string bridge_rows(const std::vector<NetworkSample>& samples) {
    return watch_header("     out       in  cores\n-------- -------- ------") +
           watch_rows(samples, [](const NetworkSample& sample) {
               return fmt::format("{:>8.1f} {:>8.1f} {:>6.3f}", sample.out / kMegabyte, sample.in / kMegabyte,
                                  sample.cores);
           });
}

}  // namespace

std::string network_watch_tables(const RunResult& result) {
    std::string text;
    for (const auto& partition : result.watch.partitions) {
        if (partition.network.empty()) continue;
        const auto& first = partition.network.front();
        if (first.has_flows) text += "\n" + partition.name + "\n" + client_rows(partition.network);
        if (first.is_bridge) text += "\n" + partition.name + ": bridged\n" + bridge_rows(partition.network);
    }
    return text.empty() ? text : "\nNetwork over time, MB/s\n" + text;
}

}  // namespace pvmsim::scenarios
