// `expect:` - which partitions, which measure, which bound. `all` and ranges become names here.
// A line about something that does not exist would always hold: it is refused.
#include <algorithm>
#include <charconv>

#include "scenarios/loader/ranges.hpp"
#include "scenarios/loader/reading.hpp"
#include "scenarios/schema/quantities.hpp"

namespace pvmsim::scenarios {

namespace {

std::optional<Bound> bound_at(const Fields& fields, std::string_view key, BoundOf of) {
    const auto* written = fields.scalar(key);
    if (!written) return std::nullopt;
    const auto bound = parse_bound(written->text, of);
    return bound ? std::optional(*bound) : std::nullopt;
}

}  // namespace

void Reading::read_watch(const Fields& fields) {
    if (!fields.node()) return;
    auto& watch = scenario_.watch;
    watch.every = fields.duration("every").value_or(sim::Duration{0});
    watch.pools = fields.boolean("pools").value_or(false);
    watch.memory = fields.boolean("memory").value_or(false);
    watch.network = fields.boolean("network").value_or(false);
    watch.processors = fields.boolean("processors").value_or(!watch.memory && !watch.network);
    watch.amepat = read_clients(fields.node()->find("amepat"));
    watch.partitions = fields.has("partitions") ? read_clients(fields.node()->find("partitions")) : partition_names();
}

std::vector<std::string> Reading::read_clients(const Node* node) {
    std::vector<std::string> names;
    for (const auto* written : scalars_of(node)) {
        if (written->text == "all") {
            for (const auto& partition : scenario_.partitions)
                if (partition.config.lpar_env != hypervisor::PartitionEnvironment::kVioServer)
                    names.push_back(partition.config.name);
            if (names.empty() && trusted("partitions"))
                say(written->place, "'all' are all partitions but VIOSes, and there are none");
            continue;
        }
        const auto copies = expand_text(written->text);
        if (!copies) {
            say(written->place, copies.error());
            continue;
        }
        for (const auto& name : *copies) {
            if (find_partition(name))
                names.push_back(name);
            else if (trusted("partitions"))
                unknown_name(written->place, "partition", name, partition_names());
        }
    }
    return names;
}

void Reading::check_expected_interface(const Fields& fields, const PartitionDescription& partition,
                                       std::uint16_t vlan) {
    const auto& name = partition.config.name;
    const auto* interface = fields.scalar("interface");
    const auto* in_vlan = fields.scalar("vlan");
    std::size_t number = 0;
    if (interface) {
        const auto digits = std::string_view(interface->text).substr(2);
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (number >= partition.interfaces.size())
            return say(interface->place, "'" + name + "' has no interface " + interface->text);
    }
    if (!in_vlan) return;
    const auto is_in = [&](const InterfaceDescription& one) { return vlan_of(partition, one).value() == vlan; };
    if (std::ranges::none_of(partition.interfaces, is_in))
        return say(in_vlan->place, "'" + name + "' has no interface in VLAN " + in_vlan->text);
    if (!interface || is_in(partition.interfaces[number])) return;
    say(in_vlan->place, interface->text + " of '" + name + "' is in VLAN " +
                            std::to_string(vlan_of(partition, partition.interfaces[number]).value()) + ", not in " +
                            in_vlan->text);
}

void Reading::check_flows_measured(const Fields& fields, const PartitionDescription& partition,
                                   const Expectation& expectation) {
    const auto is_meant = [&](const FlowWorkload& flow) {
        return (expectation.flows.flow.empty() || flow.name == expectation.flows.flow) &&
               (expectation.interface.empty() || "en" + std::to_string(flow.interface) == expectation.interface) &&
               (expectation.vlan == 0 || flow.vlan.value() == expectation.vlan);
    };
    if (std::ranges::any_of(partition.workload.flows, is_meant)) return;
    for (const std::string_view key : {"flow_outage", "flow_outage_total", "flow_rate", "flow_lost"})
        if (fields.scalar(key))
            return say(fields.place_of(key), "'" + std::string(key) + "' is never measured: '" + partition.config.name +
                                                 "' has no " + (partition.workload.flows.empty() ? "" : "such ") +
                                                 "flow");
}

/// What nothing is ever measured for fails at the end of every run.
void Reading::check_measured(const Fields& fields, const PartitionDescription& partition,
                             const Expectation& expectation) {
    const auto refuse = [&](std::initializer_list<std::string_view> keys, const std::string& lacks) {
        for (const auto key : keys)
            if (fields.scalar(key))
                return say(fields.place_of(key),
                           "'" + std::string(key) + "' is never measured: '" + partition.config.name + "' " + lacks);
    };
    const auto& workload = partition.workload;
    check_flows_measured(fields, partition, expectation);
    if (!partition.vios)
        refuse({"flow_cores"}, "is no Virtual I/O Server");
    else if (partition.vios->shared_ethernet_adapters.empty())
        refuse({"flow_cores"}, "has no Shared Ethernet Adapter");
    if (workload.network.empty())
        refuse({"network_outage", "network_outage_total", "requests_lost", "packets_duplicated", "packets_reordered"},
               "has no network load");
    if (!workload.disk) refuse({"disk_outage", "io_errors", "io_retries"}, "has no disk load");
    if (!workload.bursts) refuse({"response_mean", "response_p99"}, "has no bursts");
}

void Reading::check_expected_names(const Fields& fields, const Expectation& expectation) {
    for (const auto& client : expectation.clients) {
        const auto* partition = find_partition(client);
        if (!partition || !flawless("partitions." + client)) continue;
        const auto mistakes = errors_.all().size();
        check_expected_interface(fields, *partition, expectation.vlan);
        if (const auto* flow = fields.scalar("flow")) {
            std::vector<std::string> known;
            for (const auto& one : partition->workload.flows)
                if (std::ranges::find(known, one.name) == known.end()) known.push_back(one.name);
            if (std::ranges::find(known, flow->text) == known.end())
                unknown_name(flow->place, "flow of '" + client + "' called", flow->text, known);
        }
        if (const auto* sea = fields.scalar("sea")) {
            std::vector<std::string> known;
            if (partition->vios)
                for (const auto& one : partition->vios->shared_ethernet_adapters) known.push_back(one.name);
            if (std::ranges::find(known, sea->text) == known.end())
                unknown_name(sea->place, "Shared Ethernet Adapter on '" + client + "' called", sea->text, known);
        }
        if (errors_.all().size() == mistakes) check_measured(fields, *partition, expectation);
    }
}

void Reading::read_expected_flows(const Fields& fields, FlowExpectation& flows) {
    flows.flow = fields.text("flow");
    flows.outage = bound_at(fields, "flow_outage", BoundOf::kDuration);
    flows.outage_total = bound_at(fields, "flow_outage_total", BoundOf::kDuration);
    flows.rate = bound_at(fields, "flow_rate", BoundOf::kBandwidth);
    flows.lost = bound_at(fields, "flow_lost", BoundOf::kMemory);
    flows.cores = bound_at(fields, "flow_cores", BoundOf::kDecimal);
}

std::vector<std::string> Reading::read_expected_systems(const Node* node) {
    std::vector<std::string> names;
    for (const auto* written : scalars_of(node)) {
        if (find_system(written->text))
            names.push_back(written->text);
        else if (trusted("systems"))
            unknown_name(written->place, "system", written->text, system_names());
    }
    return names;
}

void Reading::read_expected_memory(const Fields& fields, MemoryExpectation& memory) {
    memory.assigned_mem = bound_at(fields, "assigned_mem", BoundOf::kMemory);
    memory.pmem = bound_at(fields, "pmem", BoundOf::kMemory);
    memory.loaned = bound_at(fields, "loaned", BoundOf::kMemory);
    memory.page_ins = bound_at(fields, "page_ins", BoundOf::kCount);
    memory.page_in_mean = bound_at(fields, "page_in_mean", BoundOf::kDuration);
    memory.page_in_max = bound_at(fields, "page_in_max", BoundOf::kDuration);
    memory.memory_stall = bound_at(fields, "memory_stall", BoundOf::kDuration);
    memory.memory_deficit = bound_at(fields, "memory_deficit", BoundOf::kMemory);
    memory.ame_cpu = bound_at(fields, "ame_cpu", BoundOf::kDecimal);
    memory.coalesced = bound_at(fields, "coalesced", BoundOf::kMemory);
    memory.pool_used = bound_at(fields, "pool_used", BoundOf::kMemory);
    memory.hypervisor_mem = bound_at(fields, "hypervisor_mem", BoundOf::kMemory);
    memory.available_mem = bound_at(fields, "available_mem", BoundOf::kMemory);
    memory.overcommitment = fields.text("overcommitment");
    static constexpr std::string_view kOfServers[] = {"pool_used", "overcommitment", "hypervisor_mem", "available_mem"};
    static constexpr std::string_view kOfEither[] = {"coalesced"};
    static constexpr std::string_view kSubjects[] = {"client", "partition", "system"};
    const bool of_system = fields.has("system");
    for (const auto& entry : fields.entries()) {
        const auto is_in = [&](const auto& keys) { return std::ranges::find(keys, entry.key) != std::end(keys); };
        if (is_in(kSubjects) || is_in(kOfEither) || is_in(kOfServers) == of_system) continue;
        say(entry.key_place, "'" + entry.key + "' is expected of a " + (of_system ? "client" : "system"));
    }
}

void Reading::read_expect(const Node& node) {
    const Fields fields(&node);
    Expectation expectation;
    if (fields.node()) {
        expectation.clients = read_clients(fields.node()->find(fields.has("client") ? "client" : "partition"));
        expectation.systems = read_expected_systems(fields.node()->find("system"));
    }
    read_expected_memory(fields, expectation.memory);
    expectation.interface = fields.text("interface");
    expectation.disk = fields.text("disk");
    expectation.network_outage = bound_at(fields, "network_outage", BoundOf::kDuration);
    expectation.vlan = static_cast<std::uint16_t>(fields.number("vlan").value_or(0));
    read_expected_flows(fields, expectation.flows);
    expectation.network_outage_total = bound_at(fields, "network_outage_total", BoundOf::kDuration);
    expectation.packets_duplicated = bound_at(fields, "packets_duplicated", BoundOf::kCount);
    expectation.packets_reordered = bound_at(fields, "packets_reordered", BoundOf::kCount);
    expectation.disk_outage = bound_at(fields, "disk_outage", BoundOf::kDuration);
    expectation.requests_lost = bound_at(fields, "requests_lost", BoundOf::kCount);
    expectation.io_errors = bound_at(fields, "io_errors", BoundOf::kCount);
    expectation.io_retries = bound_at(fields, "io_retries", BoundOf::kCount);
    expectation.physc_mean = bound_at(fields, "physc_mean", BoundOf::kDecimal);
    expectation.dispatch_latency = bound_at(fields, "dispatch_latency", BoundOf::kDuration);
    expectation.response_mean = bound_at(fields, "response_mean", BoundOf::kDuration);
    expectation.response_p99 = bound_at(fields, "response_p99", BoundOf::kDuration);
    expectation.sea = fields.text("sea");
    expectation.state = fields.text("state");
    check_expected_names(fields, expectation);
    scenario_.expect.push_back(std::move(expectation));
}

}  // namespace pvmsim::scenarios
