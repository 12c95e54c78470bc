// Reading the site's counters into a RunResult; see collect.hpp.
// The order is that of the scenario file throughout, so two runs of one file line up.
#include "scenarios/results/collect.hpp"

#include <algorithm>

#include "scenarios/results/collect_memory.hpp"
#include "scenarios/results/collect_network.hpp"

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
    const auto counters = partition.os->processors().counters(engine.now());
    result.online = counters.online;
    result.unfolded = counters.unfolded;
    result.consumed = consumed;
    result.entitled_time = counters.entitled;
    result.idle_time = counters.idle;
    result.counts = partition.system->dispatcher().counts(engine.now(), partition.id());
    result.latency_max = partition.system->dispatcher().latency_max(engine.now(), partition.id());
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
                           .memory = memory_of(partition, engine.now()),
                           .bursts = {},
                           .interfaces = {},
                           .disks = {},
                           .seas = {},
                           .error_log_entries = partition.os->errlog().written()};
    for (const auto& bursts : partition.workload->burst_loads()) result.bursts = bursts->result();
    for (const auto& load : partition.workload->network_loads()) {
        const auto& interface = load->interface();
        const auto vlan = std::ranges::find(partition.interfaces, &interface, &InterfaceSite::device)->vlan;
        result.interfaces.push_back(
            {interface.name(), vlan.value(), wire::to_string(load->config().to), load->result(engine.now())});
    }
    add_disks(engine, site, partition, result);
    for (const auto* sea : partition.seas)
        result.seas.push_back({sea->name(), std::string(sea->available() ? to_string(sea->state()) : "Unknown"),
                               sea->failover().counters().times_primary, sea->failover().counters().times_backup});
    collect_network(site, partition, engine.now(), result);
    return result;
}

double units(hypervisor::ProcUnits value) { return static_cast<double>(value.hundredths) / 100.0; }

PoolResult pool_of(std::uint32_t id, std::string name, const hypervisor::PoolUse& use, double seconds) {
    return {.id = id,
            .name = std::move(name),
            .use = use,
            .capacity_mean = seconds > 0 ? use.capacity.core_seconds() / seconds : 0.0,
            .used_mean = seconds > 0 ? use.used.core_seconds() / seconds : 0.0};
}

void add_pools(sim::Engine& engine, const hypervisor::ManagedSystem& system, SystemResult& result) {
    const double seconds = sim::to_seconds(engine.now());
    const auto& dispatcher = system.dispatcher();
    result.physical_pool = pool_of(0, "physical", dispatcher.physical_pool(engine.now()), seconds);
    result.physical_pool.cores = system.processor_pools().front().max_pool_proc_units;
    result.physical_pool.entitled = system.usable_cores() - units(system.unallocated_proc_units());
    for (const auto& pool : system.processor_pools()) {
        if (pool.id != hypervisor::kDefaultPool && pool.max_pool_proc_units == 0) continue;
        auto entry = pool_of(pool.id.value(), pool.name, dispatcher.pool_use(engine.now(), pool.id), seconds);
        entry.cores = pool.max_pool_proc_units;
        entry.reserved = units(pool.reserved_pool_proc_units);
        entry.entitled = units(system.entitled_pool_capacity(pool.id));
        result.pools.push_back(std::move(entry));
    }
}

SystemResult system_of(sim::Engine& engine, const Site& site, const SystemDescription& described,
                       const hypervisor::ManagedSystem& system) {
    SystemResult result{.name = system.config().name,
                        .type_model = std::string(system.model().type_model),
                        .serial_num = system.config().serial_num,
                        .dispatch = std::string(hypervisor::to_string(system.config().dispatch)),
                        .dispatch_auto = described.dispatch_auto,
                        .cores = static_cast<double>(system.config().cores),
                        .memory_mib = system.config().memory_bytes / hypervisor::kMebibyte,
                        .memory_available_mib = system.memory().available_mib(),
                        .memory = memory_of(site, system),
                        .physical_pool = {},
                        .pools = {}};
    add_pools(engine, system, result);
    return result;
}

}  // namespace

RunResult collect(sim::Engine& engine, Site& site, const Scenario& scenario, Player& player) {
    RunResult result;
    result.seed = engine.seed();
    result.fingerprint = engine.fingerprint();
    result.events = engine.counters().delivered;
    result.simulated = engine.now() - sim::kStartOfRun;
    for (std::size_t index = 0; index < site.systems().size(); ++index)
        result.systems.push_back(system_of(engine, site, scenario.systems[index], *site.systems()[index]));
    for (auto& partition : site.partitions()) result.partitions.push_back(partition_of(engine, site, partition));
    result.network = network_of(site);
    result.timeline = player.played();
    return result;
}

}  // namespace pvmsim::scenarios
