// Writing results as JSON; see results_json.hpp and docs/results.md. Processors: processor_json.cpp.
// Built as a Boost.JSON value and printed with indentation here, because the library prints on one line only.
#include "scenarios/results/results_json.hpp"

#include <boost/json.hpp>
#include <cstdio>

#include "scenarios/results/memory_json.hpp"
#include "scenarios/results/network_json.hpp"
#include "scenarios/results/processor_json.hpp"

namespace pvmsim::scenarios {
namespace {

namespace json = boost::json;

json::object interface_of(const InterfaceResult& interface) {
    json::object object{{"vlan", interface.vlan}, {"to", interface.to}};
    const auto& load = interface.load;
    object["requests"] = load.requests;
    object["answered"] = load.answered;
    object["lost"] = load.lost;
    object["late"] = load.late;
    object["duplicates"] = load.duplicates;
    object["reordered"] = load.reordered;
    object["latency_max_s"] = sim::to_seconds(load.latency_max);
    object["latency_mean_s"] =
        load.answered == 0 ? 0.0 : sim::to_seconds(load.latency_total) / static_cast<double>(load.answered);
    add_outages(object, load.outages);
    return object;
}

json::object disk_of(const DiskResult& disk) {
    json::object object{{"unit", disk.unit}, {"path_failures", disk.path_failures}};
    json::array paths;
    for (const auto& path : disk.paths) paths.push_back({{"adapter", path.adapter}, {"state", path.state}});
    object["paths"] = std::move(paths);
    const auto& load = disk.load;
    object["requests"] = load.requests;
    object["answered"] = load.answered;
    object["errors"] = load.errors;
    object["retries"] = load.retries;
    object["postponed"] = load.postponed;
    object["latency_mean_s"] = load.latency_mean_s();
    object["latency_max_s"] = sim::to_seconds(load.latency_max);
    add_outages(object, load.outages);
    return object;
}

json::object partition_of(const PartitionResult& partition) {
    json::object object{{"system", partition.system},
                        {"lpar_id", partition.lpar_id},
                        {"lpar_env", partition.environment},
                        {"state", partition.state},
                        {"memory_mib", partition.memory_mib},
                        {"own_downtime_s", sim::to_seconds(partition.own_downtime)},
                        {"error_log_entries", partition.error_log_entries}};
    object["processor"] = processor_json(partition.processor);
    object["memory"] = memory_json(partition.memory);
    if (partition.bursts) object["bursts"] = bursts_json(*partition.bursts);
    json::object interfaces;
    for (const auto& interface : partition.interfaces) {
        auto key = interface.name;
        for (int again = 2; interfaces.contains(key); ++again) key = interface.name + "#" + std::to_string(again);
        interfaces[key] = interface_of(interface);
    }
    object["interfaces"] = std::move(interfaces);
    json::object disks;
    for (const auto& disk : partition.disks) disks[disk.name] = disk_of(disk);
    object["disks"] = std::move(disks);
    json::object seas;
    for (const auto& sea : partition.seas) seas[sea.name] = sea_json(sea);
    object["shared_ethernet_adapters"] = std::move(seas);
    if (!partition.vlans.empty()) object["vlans"] = vlans_json(partition);
    if (!partition.flows.empty()) {
        object["flows"] = flows_json(partition);
        object["flow_sender_short_s"] = sim::to_seconds(partition.sender_scarce);
    }
    if (auto rows = network_series_json(partition); !rows.empty()) object["network_series"] = std::move(rows);
    if (partition.server) object["virtual_io"] = server_json(*partition.server);
    return object;
}

json::object system_of(const SystemResult& system) {
    json::object pools;
    for (const auto& pool : system.pools) pools[std::to_string(pool.id)] = pool_json(pool);
    json::object object{{"type_model", system.type_model},
                        {"serial_num", system.serial_num},
                        {"dispatch", system.dispatch},
                        {"cores", system.cores},
                        {"memory_mib", system.memory_mib},
                        {"memory_available_mib", system.memory_available_mib},
                        {"memory", memory_json(system.memory)},
                        {"physical_pool", pool_json(system.physical_pool)},
                        {"pools", std::move(pools)}};
    if (system.memory.pool) object["memory_pool"] = memory_pool_json(*system.memory.pool);
    return object;
}

json::object document_of(const RunResult& result) {
    char fingerprint[24];
    std::snprintf(fingerprint, sizeof fingerprint, "%016llx", static_cast<unsigned long long>(result.fingerprint));
    json::object document{{"format", kResultsFormat}, {"scenario", result.scenario},
                          {"seed", result.seed},      {"fingerprint", fingerprint},
                          {"events", result.events},  {"simulated_seconds", sim::to_seconds(result.simulated)}};
    json::object systems;
    for (const auto& system : result.systems) systems[system.name] = system_of(system);
    document["systems"] = std::move(systems);
    json::object partitions;
    for (const auto& partition : result.partitions) partitions[partition.name] = partition_of(partition);
    document["partitions"] = std::move(partitions);
    document["network"] = network_json(result.network);
    json::array timeline;
    for (const auto& step : result.timeline) {
        json::object entry{{"at", sim::to_seconds(step.at)}, {"step", step.what}};
        if (!step.refused.empty()) entry["refused"] = step.refused;
        if (!step.outcome.empty()) entry["outcome"] = step.outcome;
        timeline.push_back(std::move(entry));
    }
    document["timeline"] = std::move(timeline);
    json::array expectations;
    for (const auto& verdict : result.expectations)
        expectations.push_back({{"subject", verdict.subject},
                                {"measure", verdict.measure},
                                {"expected", verdict.expected},
                                {"found", verdict.found},
                                {"holds", verdict.holds}});
    document["expectations"] = std::move(expectations);
    return document;
}

void print(const json::value& value, std::string& out, std::size_t depth) {
    const auto new_line = [&](std::size_t to) { out += '\n' + std::string(2 * to, ' '); };
    if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
        out += '{';
        for (bool first = true; const auto& [key, item] : *object) {
            out += first ? "" : ",";
            first = false;
            new_line(depth + 1);
            out += json::serialize(json::value(key)) + ": ";
            print(item, out, depth + 1);
        }
        new_line(depth);
        out += '}';
    } else if (const auto* array = value.if_array(); array != nullptr && !array->empty()) {
        out += '[';
        for (bool first = true; const auto& item : *array) {
            out += first ? "" : ",";
            first = false;
            new_line(depth + 1);
            print(item, out, depth + 1);
        }
        new_line(depth);
        out += ']';
    } else if (const auto* number = value.if_double()) {
        char buffer[32];
        std::snprintf(buffer, sizeof buffer, "%.9g", *number);
        out += buffer;
    } else {
        out += json::serialize(value);
    }
}

}  // namespace

std::string to_json(const RunResult& result) {
    std::string out;
    print(document_of(result), out, 0);
    out += '\n';
    return out;
}

}  // namespace pvmsim::scenarios
