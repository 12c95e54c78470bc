// `workload:` - rates become intervals between two events, demand becomes nanocores.
// A recording must be there when the scenario is read, not only when it is played.
#include <algorithm>
#include <fstream>

#include "scenarios/loader/reading.hpp"
#include "scenarios/schema/quantities.hpp"

namespace pvmsim::scenarios {

namespace {

constexpr int kNanocoreDigits = 9;

hypervisor::CoreRate cores(const Fields& fields, std::string_view key) {
    return {fields.decimal(key, kNanocoreDigits).value_or(0)};
}

sim::SimTime at_time(const Fields& fields, std::string_view key) {
    return sim::kStartOfRun + fields.duration(key).value_or(sim::Duration{0});
}

Arrival arrival(const Fields& fields) {
    return fields.text("arrival") == "random" ? Arrival::kRandom : Arrival::kConstant;
}

std::uint64_t interval(const Fields& fields) {
    const auto* rate = fields.scalar("rate");
    return rate ? static_cast<std::uint64_t>(parse_rate_interval_ns(rate->text).value_or(0)) : 0;
}

}  // namespace

void Reading::read_workload(std::size_t index) {
    auto& partition = scenario_.partitions[index];
    const auto fields = Fields(&notes_[index].entry->value).inner("workload");
    if (!fields.node()) return;
    const auto mistakes = errors_.all().size();
    auto& workload = partition.workload;
    workload.start = at_time(fields, "start");
    read_processor(fields, workload.processor);
    if (fields.inner("bursts").node()) read_bursts(fields.inner("bursts"), workload.bursts.emplace());
    if (fields.inner("memory").node())
        read_memory_workload(fields.inner("memory"), partition, workload.memory.emplace());
    if (fields.inner("disk").node()) read_disk_workload(fields.inner("disk"), workload.disk.emplace());

    const auto* network = fields.node()->find("network");
    if (network && network->is_map()) read_network_workload(*network, partition);
    if (network && network->is_list())
        for (const auto& item : network->items) read_network_workload(item, partition);
    const auto* flows = fields.node()->find("flows");
    if (flows && flows->is_map()) read_flows(*flows, partition);
    if (flows && flows->is_list())
        for (const auto& item : flows->items) read_flows(item, partition);
    // What is expected of a load that was not understood is not judged.
    if (errors_.all().size() != mistakes) flaws_.insert("partitions." + partition.config.name + ".workload.0");
}

void Reading::read_processor(const Fields& workload, ProcessorWorkload& processor) {
    if (const auto* file = workload.scalar("nmon")) {
        const auto path = (directory_ / file->text).lexically_normal();
        if (!std::ifstream(path) || std::filesystem::is_directory(path))
            say(file->place, "cannot read the recording " + path.string());
        processor.nmon_file = path.string();
    }
    const auto fields = workload.inner("processor");
    if (workload.scalar("processor")) processor.steps.push_back({sim::kStartOfRun, cores(workload, "processor")});
    if (fields.scalar("demand")) processor.steps.push_back({sim::kStartOfRun, cores(fields, "demand")});
    processor.threads = static_cast<std::uint32_t>(fields.number("threads").value_or(0));
    for (const auto& item : fields.items("steps")) {
        const Fields step(&item);
        const auto at = at_time(step, "at");
        if (!processor.steps.empty() && at <= processor.steps.back().at)
            say(step.place_of("at"), "steps run forwards in time");
        processor.steps.push_back({at, cores(step, "demand")});
    }
    const auto random = fields.inner("random");
    if (!random.node()) return;
    processor.random_mean = cores(random, "mean");
    processor.random_spread = cores(random, "spread");
    processor.random_every = random.duration("every").value_or(sim::Duration{0});
    if (processor.random_spread > processor.random_mean)
        say(random.place_of("spread"), "the spread is larger than the mean: demand would be negative");
}

void Reading::read_bursts(const Fields& fields, BurstWorkload& bursts) {
    bursts.threads = static_cast<std::uint32_t>(fields.number("threads").value_or(0));
    bursts.think = fields.duration("think").value_or(sim::Duration{0});
    bursts.interval_ns = interval(fields);
    bursts.work = fields.duration("work").value_or(sim::Duration{0});
    bursts.arrival = arrival(fields);
}

void Reading::read_disk_workload(const Fields& fields, DiskWorkload& disk) {
    disk.interval_ns = interval(fields);
    disk.size_bytes = static_cast<std::uint32_t>(fields.bytes("size").value_or(disk.size_bytes));
    if (const auto* read = fields.scalar("read"))
        disk.read_percent =
            static_cast<std::uint32_t>(parse_integer(read->text.substr(0, read->text.size() - 1)).value_or(70));
    disk.arrival = arrival(fields);
    disk.stall_threshold = fields.duration("stall_threshold").value_or(disk.stall_threshold);
    disk.disk = fields.text("disk");
}

void Reading::read_network_workload(const Node& node, PartitionDescription& partition) {
    const Fields fields(&node);
    NetworkWorkload network;
    network.interval_ns = interval(fields);
    network.size_bytes = static_cast<std::uint32_t>(fields.bytes("size").value_or(network.size_bytes));
    network.timeout = fields.duration("timeout").value_or(network.timeout);
    network.arrival = arrival(fields);
    if (const auto* to = fields.scalar("to")) {
        network.to = to->text;
        check_network_target(*to, partition);
    }
    partition.workload.network.push_back(std::move(network));
}

void Reading::check_network_target(const Node& to, const PartitionDescription& partition) {
    const auto& remote_hosts = scenario_.fabric.lan.remote_hosts;
    if (std::ranges::find(remote_hosts, to.text, &RemoteHostDescription::name) != remote_hosts.end()) {
        if ((partition.routes.empty() || partition.interfaces.empty()) &&
            flawless("partitions." + partition.config.name))
            say(to.place,
                "host '" + to.text + "' is behind gateways, and '" + partition.config.name + "' has no routes");
        return;
    }
    const auto* host = find_host(to.text);
    if (!host && trusted("fabric.lan.hosts")) unknown_name(to.place, "host", to.text, host_names());
    const bool reachable = host && std::ranges::any_of(partition.interfaces, [&](const InterfaceDescription& one) {
                               const auto vlan = vlan_of(partition, one);
                               return std::ranges::any_of(host->config.addresses,
                                                          [&](const auto& address) { return address.first == vlan; });
                           });
    if (host && !reachable && flawless("partitions." + partition.config.name) &&
        flawless("fabric.lan.hosts." + to.text))
        say(to.place, "host '" + to.text + "' has no address in any VLAN of '" + partition.config.name + "'");
}

}  // namespace pvmsim::scenarios
