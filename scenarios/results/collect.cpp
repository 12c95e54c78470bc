// Reading the site's counters into a RunResult; see collect.hpp.
// The order is that of the scenario file throughout, so two runs of one file line up.
#include "scenarios/results/collect.hpp"

#include <algorithm>

namespace pvmsim::scenarios {
namespace {

std::string_view environment_name(hypervisor::PartitionEnvironment environment) {
    switch (environment) {
        case hypervisor::PartitionEnvironment::kAixLinux:
            return "aixlinux";
        case hypervisor::PartitionEnvironment::kOs400:
            return "os400";
        case hypervisor::PartitionEnvironment::kVioServer:
            return "vioserver";
    }
    return "";
}

ProcessorResult processor_of(sim::Engine& engine, const PartitionSite& partition,
                             const hypervisor::Partition& defined) {
    const auto consumed = partition.system->dispatcher().consumed(engine.now(), partition.id());
    const double seconds = sim::to_seconds(engine.now());
    ProcessorResult result;
    const bool given = defined.given.procs > 0;
    result.entitled = given ? defined.given.proc_units : defined.profile.desired_proc_units;
    result.physc_mean = seconds > 0 ? consumed.total.core_seconds() / seconds : 0.0;
    result.physc_max = static_cast<double>(consumed.highest.nanocores) / 1e9;
    return result;
}

void add_disks(sim::Engine& engine, Site& site, PartitionSite& partition, PartitionResult& result) {
    for (const auto* disk : partition.os->disks().disks()) {
        DiskResult entry{.name = disk->name(),
                         .unit = std::string(site.unit_name(disk->identity())),
                         .path_failures = disk->counters().path_failures,
                         .paths = {},
                         .load = {}};
        for (std::size_t path = 0; path < disk->path_count(); ++path)
            entry.paths.push_back(
                {disk->path_initiator(path).initiator_name(), std::string(to_string(disk->path_state(path)))});
        for (const auto& load : partition.workload->disk_loads())
            if (&load->disk() == disk) entry.load = load->result(engine.now());
        result.disks.push_back(std::move(entry));
    }
}

PartitionResult partition_of(sim::Engine& engine, Site& site, PartitionSite& partition) {
    const auto& defined = partition.system->partition(partition.id());
    PartitionResult result{.name = partition.name(),
                           .system = partition.description->system,
                           .lpar_id = partition.id().value(),
                           .environment = std::string(environment_name(defined.environment)),
                           .state = std::string(hypervisor::to_string(defined.state)),
                           .memory_mib = defined.given.memory_mib,
                           .own_downtime = partition.workload->own_downtime(engine.now()),
                           .processor = processor_of(engine, partition, defined),
                           .interfaces = {},
                           .disks = {},
                           .seas = {},
                           .error_log_entries = partition.os->errlog().written()};
    for (const auto& load : partition.workload->network_loads()) {
        const auto& interface = load->interface();
        const auto vlan = std::ranges::find(partition.interfaces, &interface, &InterfaceSite::device)->vlan;
        result.interfaces.push_back(
            {interface.name(), vlan.value(), wire::to_string(load->config().to), load->result(engine.now())});
    }
    add_disks(engine, site, partition, result);
    for (const auto* sea : partition.seas)
        result.seas.push_back({sea->name(), std::string(to_string(sea->state())),
                               sea->failover().counters().times_primary, sea->failover().counters().times_backup});
    return result;
}

SystemResult system_of(sim::Engine& engine, const Site& site, const hypervisor::ManagedSystem& system) {
    SystemResult result{.name = system.config().name,
                        .type_model = std::string(system.model().type_model),
                        .serial_num = system.config().serial_num,
                        .dispatch = std::string(hypervisor::to_string(system.config().dispatch)),
                        .cores = static_cast<double>(system.config().cores),
                        .memory_mib = system.config().memory_bytes / hypervisor::kMebibyte,
                        .memory_available_mib = system.memory().available_mib(),
                        .pools = {}};
    // The shared pool is what dedicated partitions leave; what they consume is not the pool's.
    double pool_cores = result.cores;
    double used = 0;
    for (const auto& partition : site.partitions()) {
        if (partition.system != &system) continue;
        const auto& defined = system.partition(partition.id());
        if (defined.profile.proc_mode == hypervisor::ProcessorMode::kDedicated)
            pool_cores -= defined.given.procs;
        else
            used += system.dispatcher().consumed(engine.now(), partition.id()).total.core_seconds();
    }
    const double seconds = sim::to_seconds(engine.now());
    result.pools.push_back({0, pool_cores, seconds > 0 ? used / seconds : 0.0});
    return result;
}

}  // namespace

RunResult collect(sim::Engine& engine, Site& site, const Player& player) {
    RunResult result;
    result.seed = engine.seed();
    result.fingerprint = engine.fingerprint();
    result.events = engine.counters().delivered;
    result.simulated = engine.now() - sim::kStartOfRun;
    for (const auto& system : site.systems()) result.systems.push_back(system_of(engine, site, *system));
    for (auto& partition : site.partitions()) result.partitions.push_back(partition_of(engine, site, partition));
    result.timeline = player.played();
    return result;
}

}  // namespace pvmsim::scenarios
