// Building servers and partitions, and bringing the site up at time 0. See site.hpp.
// The order is that of the file; what is up at time 0 starts VIOSes first, as R-LP-12 asks of an administrator.
#include <algorithm>
#include <utility>

#include "scenarios/play/site.hpp"
#include "scenarios/play/site_checks.hpp"

namespace pvmsim::scenarios {

Site::Site(sim::Engine& engine, const Scenario& scenario)
    : engine_(engine), scenario_(scenario), lan_(engine), san_(engine) {}

Site::~Site() = default;

std::expected<std::unique_ptr<Site>, std::string> Site::build(sim::Engine& engine, const Scenario& scenario) {
    if (auto conflict = find_site_conflict(scenario)) return std::unexpected(std::move(*conflict));
    std::unique_ptr<Site> site(new Site(engine, scenario));
    site->build_lan();
    site->build_san();
    site->build_arrays();
    if (auto built = site->build_systems(); !built) return std::unexpected(built.error());
    if (auto built = site->build_partitions(); !built) return std::unexpected(built.error());
    site->build_zones_and_luns();
    for (auto& partition : site->partitions_) site->build_devices(partition);
    site->build_flows();
    if (!site->refusals_.empty()) return std::unexpected(site->refusals_.front());
    return site;
}

Site::Built Site::build_systems() {
    for (const auto& described : scenario_.systems) {
        auto system = hypervisor::ManagedSystem::create(engine_, described.config);
        if (!system) return std::unexpected("system " + described.config.name + ": " + system.error().text);
        for (const auto& vswitch : described.vswitches)
            (*system)->virtual_ethernet().set_switch_mode(vswitch.name, vswitch.mode);
        systems_.push_back(std::move(*system));
        build_system_ports(described);
    }
    return {};
}

static aix::GuestSystem guest_of(const PartitionDescription& described) {
    using enum hypervisor::PartitionEnvironment;
    if (described.config.lpar_env == kVioServer) return aix::GuestSystem::kVios;
    if (described.config.lpar_env == kOs400) return aix::GuestSystem::kIbmI;
    return described.is_linux ? aix::GuestSystem::kLinux : aix::GuestSystem::kAix;
}

Site::Built Site::build_partitions() {
    for (const auto& described : scenario_.partitions) {
        const auto system =
            std::ranges::find_if(systems_, [&](const auto& s) { return s->config().name == described.system; });
        const auto defined = (*system)->define_partition(described.config);
        if (!defined) return std::unexpected("partition " + described.config.name + ": " + defined.error().text);
        auto& partition = partitions_.emplace_back();
        partition.description = &described;
        partition.system = system->get();
        aix::OperatingSystemConfig config;
        if (described.config.lpar_env == hypervisor::PartitionEnvironment::kVioServer)
            config.boot_time = aix::kViosBootTime;
        if (described.boot_time.count() > 0) config.boot_time = described.boot_time;
        if (described.shutdown_time.count() > 0) config.shutdown_time = described.shutdown_time;
        config.processors.smt = described.processors.smt;
        config.processors.vpm_xvcpus = described.processors.vpm_xvcpus;
        config.memory = described.memory;
        config.guest = guest_of(described);
        partition.os = std::make_unique<aix::OperatingSystem>(engine_, **system, described.config.lpar_id, config);
    }
    for (const auto& system : systems_)
        if (const auto checked = system->check_memory_pool(); !checked)
            return std::unexpected("system " + system->config().name + ": " + checked.error().text);
    return {};
}

std::expected<void, std::string> Site::start() {
    for (auto& array : arrays_) array->start();
    for (const bool vios_first : {true, false}) {
        for (auto& partition : partitions_) {
            const bool is_vios = partition.description->config.lpar_env == hypervisor::PartitionEnvironment::kVioServer;
            if (!partition.description->running || is_vios != vios_first) continue;
            if (const auto started = partition.system->start_settled(partition.id()); !started)
                return std::unexpected("partition " + partition.name() + ": " + started.error().text);
        }
    }
    // Last: ports that came on just now are to forward as if they had been on for long.
    lan_.settle();
    return {};
}

PartitionSite* Site::find_partition(std::string_view name) {
    const auto found =
        std::ranges::find_if(partitions_, [&](const auto& partition) { return partition.name() == name; });
    return found == partitions_.end() ? nullptr : &*found;
}

}  // namespace pvmsim::scenarios
