// `workload: flows:` - each flow over each interface that can carry it. Destinations become addresses here.
// A destination in no VLAN of the partition would be a flow that never gets through: it is refused.
#include <algorithm>
#include <charconv>

#include "aix/workload/flow_shares.hpp"
#include "scenarios/loader/ranges.hpp"
#include "scenarios/loader/reading.hpp"
#include "scenarios/schema/quantities.hpp"

namespace pvmsim::scenarios {

namespace {

std::int64_t bytes_per_second(const Fields& fields, std::string_view key) {
    const auto* written = fields.scalar(key);
    return written ? parse_bandwidth(written->text).value_or(0) : 0;
}

std::optional<std::size_t> number_of(const Node* interface) {
    if (!interface) return std::nullopt;
    std::size_t number = 0;
    const auto digits = std::string_view(interface->text).substr(2);
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
}

}  // namespace

wire::VlanId Reading::vlan_of(const PartitionDescription& /*partition*/, const InterfaceDescription& interface) {
    return interface.vlan == wire::kUntagged ? interface.port_vlan : interface.vlan;
}

std::optional<std::vector<std::pair<wire::VlanId, wire::Ipv4Address>>> Reading::addresses_of(
    const std::string& name) const {
    std::vector<std::pair<wire::VlanId, wire::Ipv4Address>> addresses;
    if (const auto* host = find_host(name)) {
        for (const auto& [vlan, address] : host->config.addresses) addresses.emplace_back(vlan, address);
        return addresses;
    }
    const auto* partition = find_partition(name);
    if (!partition) return std::nullopt;
    for (const auto& interface : partition->interfaces)
        addresses.emplace_back(vlan_of(*partition, interface), interface.ip);
    return addresses;
}

std::int64_t Reading::transactions_per_second(const Fields& fields) {
    const auto* written = fields.scalar("transactions");
    if (!written) return 0;
    const auto rate = parse_rate_per_second(written->text);
    if (!rate) say(written->place, "'transactions': " + rate.error() + "; 'network' has such rates");
    return rate.value_or(0);
}

void Reading::read_flow_steps(const Fields& fields, FlowWorkload& flow) {
    const bool is_stream = flow.config.kind == wire::FlowKind::kStream;
    for (const auto& item : fields.items("steps")) {
        const Fields step(&item);
        const auto* wrong = step.scalar(is_stream ? "transactions" : "stream");
        if (wrong) {
            say(wrong->place, is_stream ? "a stream's steps have stream" : "steps of transactions have transactions");
            continue;
        }
        const auto at = sim::kStartOfRun + step.duration("at").value_or(sim::Duration{0});
        if (!flow.config.steps.empty() && at <= flow.config.steps.back().at)
            say(step.place_of("at"), "steps run forwards in time");
        if (at > sim::kStartOfRun + scenario_.duration && flawless("duration"))
            say(step.place_of("at"), "'at' is after the end of the run (duration)");
        flow.config.steps.push_back({at, is_stream ? bytes_per_second(step, "stream") : transactions_per_second(step)});
    }
}

FlowWorkload Reading::read_flow(const Fields& fields) {
    FlowWorkload flow;
    auto& config = flow.config;
    config.kind = fields.has("transactions") ? wire::FlowKind::kTransactions : wire::FlowKind::kStream;
    config.bytes_per_s = bytes_per_second(fields, "stream");
    config.transactions_per_s = transactions_per_second(fields);
    const auto direction = fields.text("direction");
    if (direction == "receive") config.direction = wire::FlowDirection::kReceive;
    if (direction == "both") config.direction = wire::FlowDirection::kBoth;
    config.transaction_bytes = static_cast<std::uint32_t>(fields.bytes("size").value_or(config.transaction_bytes));
    config.burst_on = fields.inner("bursts").duration("on").value_or(sim::Duration{0});
    config.burst_off = fields.inner("bursts").duration("off").value_or(sim::Duration{0});
    if (config.burst_on.count() == 0 || config.burst_off.count() == 0) config.burst_on = config.burst_off = {};
    config.change_every = fields.duration("varies").value_or(sim::Duration{0});
    if (config.burst_on.count() > 0) config.change_every = {};
    read_flow_steps(fields, flow);
    if (config.kind == wire::FlowKind::kTransactions &&
        config.transactions_per_s * config.transaction_bytes > aix::FlowShares::kRateMax)
        say(fields.place_of("transactions"), "more than 10 GB a second");
    return flow;
}

void Reading::add_flows_to(const Fields& fields, const Node& to, const FlowWorkload& flow,
                           PartitionDescription& partition) {
    const auto addresses = addresses_of(flow.to);
    const auto& remote_hosts = scenario_.fabric.lan.remote_hosts;
    const auto remote = std::ranges::find(remote_hosts, flow.to, &RemoteHostDescription::name);
    if (remote != remote_hosts.end() && !remote->behind.empty())
        return say(to.place, "'" + flow.to +
                                 "' is a remote host, and a flow ends in a network of the partition: name " +
                                 "the gateway it goes through, '" + remote->behind.front() + "'");
    if (!addresses) {
        auto known = host_names();
        const auto partitions = partition_names();
        known.insert(known.end(), partitions.begin(), partitions.end());
        if (trusted("fabric.lan.hosts") && trusted("partitions"))
            unknown_name(to.place, "host or partition", flow.to, known);
        return;
    }
    if (flow.to == partition.config.name) return say(to.place, "a flow goes to somebody else");
    const auto* written = fields.scalar("interface");
    const auto only = number_of(written);
    const bool is_sound = flawless("partitions." + partition.config.name) && flawless("partitions." + flow.to) &&
                          flawless("fabric.lan.hosts." + flow.to);
    if (only && *only >= partition.interfaces.size()) {
        if (is_sound) say(written->place, "'" + partition.config.name + "' has no interface " + written->text);
        return;
    }
    bool is_reachable = false;
    for (std::size_t i = 0; i < partition.interfaces.size(); ++i) {
        if (only && i != *only) continue;
        const auto vlan = vlan_of(partition, partition.interfaces[i]);
        const auto address =
            std::ranges::find(*addresses, vlan, [](const auto& vlan_and_address) { return vlan_and_address.first; });
        if (address == addresses->end()) continue;
        is_reachable = true;
        auto one = flow;
        one.interface = i;
        one.vlan = vlan;
        one.config.to = address->second;
        partition.workload.flows.push_back(std::move(one));
    }
    if (is_reachable || !is_sound) return;
    say(to.place, "'" + flow.to + "' has no address in " +
                      (only ? "the VLAN of " + written->text : std::string("any VLAN")) + " of '" +
                      partition.config.name + "'");
}

void Reading::read_flows(const Node& node, PartitionDescription& partition) {
    const Fields fields(&node);
    auto flow = read_flow(fields);
    for (const auto* to : scalars_of(node.find("to"))) {
        const auto names = expand_text(to->text);
        if (!names) {
            say(to->place, names.error());
            continue;
        }
        for (const auto& name : *names) {
            flow.to = name;
            flow.name = fields.has("name") ? fields.text("name") : name;
            add_flows_to(fields, *to, flow, partition);
        }
    }
}

}  // namespace pvmsim::scenarios
