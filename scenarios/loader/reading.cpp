// The order of reading, and the look-ups that all sections share.
// References point backwards in this order: fabric, systems, partitions, what serves them, what happens to them.
#include "scenarios/loader/reading.hpp"

#include <algorithm>
#include <utility>

#include "scenarios/loader/suggest.hpp"

namespace pvmsim::scenarios {

Reading::Reading(const Node& root, Errors& errors, std::filesystem::path directory)
    : root_(root), errors_(errors), directory_(std::move(directory)) {
    for (const auto& finding : errors.all()) flaws_.insert(finding.path);
}

Scenario Reading::run() {
    const Fields top(&root_);
    scenario_.name = top.text("name");
    scenario_.description = top.text("description");
    scenario_.explain = top.text("explain");
    scenario_.seed = static_cast<std::uint64_t>(top.number("seed").value_or(1));
    scenario_.duration = top.duration("duration").value_or(sim::Duration{0});

    const auto fabric = top.inner("fabric");
    read_lan(fabric.inner("lan"));
    for (const auto& entry : fabric.entries("san")) read_san(entry);
    for (const auto& entry : fabric.entries("storage")) read_array(entry);
    for (const auto& entry : top.entries("systems")) read_system(entry);
    for (const auto& entry : top.entries("partitions")) read_partition(entry);
    check_members();

    const auto count = scenario_.partitions.size();
    for (std::size_t i = 0; i < count; ++i) resolve_remotes(i);
    for (std::size_t i = 0; i < count; ++i) check_pairs(i);
    for (auto& system : scenario_.systems) resolve_memory_pool(system);
    for (std::size_t i = 0; i < count; ++i) resolve_partition_memory(i);
    for (std::size_t i = 0; i < count; ++i) check_profile_rules(i);
    for (std::size_t i = 0; i < count; ++i) read_vios(i);
    for (const auto& system : scenario_.systems) check_paging_devices(system);
    read_interfaces();
    for (std::size_t i = 0; i < count; ++i) check_devices(i);
    check_remote_addresses();
    for (std::size_t i = 0; i < count; ++i) read_routes(i);
    for (std::size_t i = 0; i < count; ++i) read_workload(i);
    choose_dispatch();
    for (const auto& step : top.items("timeline")) read_timeline(step);
    std::ranges::stable_sort(scenario_.timeline, {}, &TimelineStep::at);
    read_watch(top.inner("watch"));
    for (const auto& line : top.items("expect")) read_expect(line);
    check_machines();
    return std::move(scenario_);
}

bool is_virtual_slot(std::string_view name) {
    return name.size() > 1 && name.front() == 'V' && name.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

bool Reading::trusted(const std::string& path) const {
    if (flaws_.contains("") || flaws_.contains(path)) return false;
    for (auto dot = path.find('.'); dot != std::string::npos; dot = path.find('.', dot + 1))
        if (flaws_.contains(path.substr(0, dot))) return false;
    return true;
}

bool Reading::flawless(const std::string& path) const {
    const auto below = flaws_.lower_bound(path + ".");
    return trusted(path) && (below == flaws_.end() || !below->starts_with(path + "."));
}

void Reading::unknown_name(Place place, std::string_view what, const std::string& name,
                           const std::vector<std::string>& known) {
    auto message = "there is no " + std::string(what) + " '" + name + "'";
    auto hint = suggestion(name, known);
    if (hint.empty() && !known.empty() && known.size() <= 6) {
        hint = "; there is ";
        for (const auto& one : known) hint += (&one == &known.front() ? "" : ", ") + one;
    }
    say(place, message + hint);
}

const fabric::SwitchConfig* Reading::find_switch(std::string_view name) const {
    for (const auto& one : scenario_.fabric.lan.switches)
        if (one.name == name) return &one;
    return nullptr;
}

const SanFabricDescription* Reading::find_fabric_of(std::string_view fc_switch) const {
    for (const auto& one : scenario_.fabric.san)
        if (std::ranges::find(one.switches, fc_switch) != one.switches.end()) return &one;
    return nullptr;
}

const HostDescription* Reading::find_host(std::string_view name) const {
    for (const auto& one : scenario_.fabric.lan.hosts)
        if (one.config.name == name) return &one;
    return nullptr;
}

const ArrayDescription* Reading::find_array(std::string_view name) const {
    for (const auto& one : scenario_.fabric.arrays)
        if (one.config.name == name) return &one;
    return nullptr;
}

const SystemDescription* Reading::find_system(std::string_view name) const {
    for (const auto& one : scenario_.systems)
        if (one.config.name == name) return &one;
    return nullptr;
}

const PartitionDescription* Reading::find_partition(std::string_view name) const {
    for (const auto& one : scenario_.partitions)
        if (one.config.name == name) return &one;
    return nullptr;
}

const PartitionDescription* Reading::find_partition(std::string_view system, hypervisor::PartitionId id) const {
    for (const auto& one : scenario_.partitions)
        if (one.config.lpar_id == id && one.system == system) return &one;
    return nullptr;
}

std::vector<std::string> Reading::switch_names() const {
    std::vector<std::string> names;
    for (const auto& one : scenario_.fabric.lan.switches) names.push_back(one.name);
    return names;
}

std::vector<std::string> Reading::fc_switch_names() const {
    std::vector<std::string> names;
    for (const auto& one : scenario_.fabric.san) names.insert(names.end(), one.switches.begin(), one.switches.end());
    return names;
}

std::vector<std::string> Reading::host_names() const {
    std::vector<std::string> names;
    for (const auto& one : scenario_.fabric.lan.hosts) names.push_back(one.config.name);
    return names;
}

std::vector<std::string> Reading::array_names() const {
    std::vector<std::string> names;
    for (const auto& one : scenario_.fabric.arrays) names.push_back(one.config.name);
    return names;
}

std::vector<std::string> Reading::system_names() const {
    std::vector<std::string> names;
    for (const auto& one : scenario_.systems) names.push_back(one.config.name);
    return names;
}

std::vector<std::string> Reading::partition_names() const {
    std::vector<std::string> names;
    for (const auto& one : scenario_.partitions) names.push_back(one.config.name);
    return names;
}

const AdapterPortDescription* Reading::find_port(const SystemDescription& system, std::string_view name,
                                                 const AdapterDescription** adapter) {
    const auto dash = name.rfind('-');
    if (dash == std::string_view::npos) return nullptr;
    for (const auto& candidate : system.adapters) {
        if (candidate.slot.location != name.substr(0, dash)) continue;
        for (const auto& port : candidate.ports) {
            if (port.name != name.substr(dash + 1)) continue;
            if (adapter) *adapter = &candidate;
            return &port;
        }
    }
    return nullptr;
}

const AdapterPortDescription* Reading::find_port(std::string_view path, hypervisor::AdapterKind* kind) const {
    const auto slash = path.find('/');
    const auto* system = find_system(path.substr(0, slash));
    if (slash == std::string_view::npos || !system) return nullptr;
    const AdapterDescription* adapter = nullptr;
    const auto* port = find_port(*system, path.substr(slash + 1), &adapter);
    if (port && kind) *kind = adapter->slot.kind;
    return port;
}

}  // namespace pvmsim::scenarios
