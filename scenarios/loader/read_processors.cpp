// Processors: shared processor pools of a server, how a partition's AIX uses what it has, which dispatch mode `auto`
// is, and whether every machine can start what is to run at time 0.
//
// The last is asked of the hypervisor itself: a machine is made for the question, and what it refuses is told with its
// own words at the attribute that they name.
#include <algorithm>
#include <charconv>

#include "aix/storage/initiator.hpp"
#include "hypervisor/hardware/system_model.hpp"
#include "scenarios/description/paging_units.hpp"
#include "scenarios/loader/reading.hpp"

namespace pvmsim::scenarios {

namespace {

constexpr std::string_view kNumberedPool = "SharedPool";
constexpr sim::Duration kWindow = std::chrono::milliseconds(10);
/// [PARAM] Our choice: `auto` takes windows when they are likely to cost less wall time than this ...
constexpr double kExactBudgetNs = 2e9;
/// [PARAM] ... at this much for one virtual processor in one window (bench/exact).
constexpr double kExactCostNs = 6;
/// [PARAM] ... or at this much where something happens inside windows: bursts, lent dedicated processors.
constexpr double kTimedCostNs = 500;

/// 7 for "SharedPool07".
std::optional<std::uint8_t> number_in(std::string_view name) {
    if (!name.starts_with(kNumberedPool) || name.size() != kNumberedPool.size() + 2) return std::nullopt;
    unsigned number = 0;
    const auto digits = name.substr(kNumberedPool.size());
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    if (number == 0 || number >= hypervisor::kProcessorPools) return std::nullopt;
    return static_cast<std::uint8_t>(number);
}

bool happens_inside_windows(const PartitionDescription& partition) {
    const auto mode = partition.config.profile.sharing_mode;
    return partition.workload.bursts || mode == hypervisor::SharingMode::kShareIdleProcsActive ||
           mode == hypervisor::SharingMode::kShareIdleProcsAlways;
}

/// The key that a refusal names first, of those written; else where the map is.
Place place_named_in(std::string_view text, const Fields& fields, Place otherwise) {
    std::size_t first = std::string_view::npos;
    for (const auto& entry : fields.entries()) {
        // A pool is refused by its number, although it may be written by name.
        const auto key = entry.key == "shared_proc_pool_name" ? std::string("shared_proc_pool_id") : entry.key;
        const auto at = std::min(text.find(key + " "), text.find(key + ": "));
        if (at >= first) continue;  // a default stands behind what is written
        first = at;
        otherwise = entry.value.is_scalar() ? entry.value.place : entry.key_place;
    }
    return otherwise;
}

}  // namespace

void Reading::read_pools(const Fields& fields, SystemDescription& system) {
    for (const auto& entry : fields.entries("shared_proc_pools")) {
        const Fields inner(&entry.value);
        hypervisor::ProcessorPoolConfig pool;
        pool.name = entry.key;
        const auto numbered = number_in(entry.key);
        const auto written = inner.number("shared_proc_pool_id");
        if (!written && !numbered) {
            say(entry.key_place, "'" + entry.key +
                                     "' has no number in its name, as SharedPool01 has: it needs "
                                     "shared_proc_pool_id, 1 to 63");
            continue;
        }
        pool.id = hypervisor::PoolId{written ? static_cast<std::uint8_t>(*written) : *numbered};
        for (const auto& other : system.config.shared_proc_pools)
            if (other.id == pool.id)
                say(inner.has("shared_proc_pool_id") ? inner.place_of("shared_proc_pool_id") : entry.key_place,
                    "shared_proc_pool_id " + std::to_string(pool.id.value()) + " is that of '" + other.name + "'");
        pool.max_pool_proc_units = static_cast<std::uint32_t>(inner.number("max_pool_proc_units").value_or(0));
        pool.reserved_pool_proc_units = {
            static_cast<std::int32_t>(inner.decimal("reserved_pool_proc_units", 2).value_or(0))};
        system.config.shared_proc_pools.push_back(std::move(pool));
    }
}

std::optional<hypervisor::PoolId> Reading::find_pool(const SystemDescription& system, std::string_view name) {
    if (name == "DefaultPool") return hypervisor::kDefaultPool;
    const auto numbered = number_in(name);
    for (const auto& pool : system.config.shared_proc_pools) {
        if (pool.name == name) return pool.id;
        if (numbered && pool.id.value() == *numbered) return std::nullopt;  // it has another name
    }
    return numbered ? std::optional(hypervisor::PoolId{*numbered}) : std::nullopt;
}

std::optional<hypervisor::PoolId> Reading::check_pool(const Node& name, const std::string& system_name) {
    const auto* system = find_system(system_name);
    if (!system || !trusted("systems." + system_name + ".shared_proc_pools")) return std::nullopt;
    const auto pool = find_pool(*system, name.text);
    if (pool) return pool;
    std::vector<std::string> known{"DefaultPool"};
    for (const auto& one : system->config.shared_proc_pools) known.push_back(one.name);
    unknown_name(name.place, "shared processor pool on '" + system_name + "' called", name.text, known);
    return std::nullopt;
}

void Reading::read_processors_section(const Fields& fields, PartitionDescription& partition) {
    if (const auto smt = fields.number("smt")) {
        partition.processors.smt = static_cast<std::uint32_t>(*smt);
        check_smt(*smt, fields.place_of("smt"));
    }
    partition.processors.vpm_xvcpus = static_cast<std::int32_t>(fields.number("vpm_xvcpus").value_or(0));
}

void Reading::check_smt(std::int64_t threads, Place place) {
    if (threads == 3) say(place, "POWER7 processors run 1, 2 or 4 threads, not 3");
}

void Reading::choose_dispatch() {
    const double windows = static_cast<double>(scenario_.duration / kWindow);
    for (auto& system : scenario_.systems) {
        double virtual_processors = 0;
        double cost_ns = kExactCostNs;
        for (const auto& partition : scenario_.partitions) {
            if (partition.system != system.config.name) continue;
            virtual_processors += partition.config.profile.desired_procs;
            if (happens_inside_windows(partition)) cost_ns = kTimedCostNs;
        }
        if (!system.dispatch_auto) continue;
        const bool affordable = windows * virtual_processors * cost_ns < kExactBudgetNs;
        system.config.dispatch = affordable ? hypervisor::DispatchMode::kExact : hypervisor::DispatchMode::kFluid;
    }
}

void Reading::check_machines() {
    if (!errors_.empty()) return;
    sim::Engine engine(scenario_.seed);
    for (const auto& described : scenario_.systems) check_machine(engine, described);
}

void Reading::check_machine(sim::Engine& engine, const SystemDescription& described) {
    const auto top = Fields(&root_);
    const auto fields = top.inner("systems").inner(described.config.name);
    auto config = described.config;
    config.dispatch = hypervisor::DispatchMode::kFluid;  // cheaper, and the rules are the same
    config.shared_proc_pools.clear();
    auto machine = hypervisor::ManagedSystem::create(engine, config);
    if (!machine) {
        const auto& text = machine.error().text;
        const bool of_pool = text.starts_with("shared memory pool") && fields.inner("mempool").node();
        const auto inner = of_pool ? fields.inner("mempool") : fields;
        return say(place_named_in(text, inner, inner.node()->place), text);
    }
    for (const auto& pool : described.config.shared_proc_pools) {
        const auto done = (*machine)->configure_pool(pool);
        if (done) continue;
        const auto inner = fields.inner("shared_proc_pools").inner(pool.name);
        return say(place_named_in(done.error().text, inner, inner.node()->place), done.error().text);
    }
    const auto refuse = [&](const PartitionDescription& partition, const std::string& text) {
        const auto inner = top.inner("partitions").inner(partition.config.name);
        const auto profile = inner.inner("profile");
        const auto place = place_named_in(text, inner, inner.node()->place);
        say(profile.node() ? place_named_in(text, profile, place) : place, text);
    };
    for (const auto& partition : scenario_.partitions) {
        if (partition.system != described.config.name) continue;
        const auto defined = (*machine)->define_partition(partition.config);
        if (!defined) return refuse(partition, defined.error().text);
    }
    if (described.config.memory_pool && !add_paging_devices(**machine, described)) return;
    for (const bool vios_first : {true, false})
        for (const auto& partition : scenario_.partitions) {
            const bool is_vios = partition.config.lpar_env == hypervisor::PartitionEnvironment::kVioServer;
            if (partition.system != described.config.name || !partition.running || is_vios != vios_first) continue;
            const auto started = (*machine)->start_settled(partition.config.lpar_id);
            if (!started) return refuse(partition, started.error().text);
        }
}

/// As the site has them: each logical unit through every paging VIOS that it is masked to. False: refused, and said.
bool Reading::add_paging_devices(hypervisor::ManagedSystem& machine, const SystemDescription& described) {
    const auto fields = Fields(&root_).inner("systems").inner(described.config.name).inner("mempool");
    if (const auto done = machine.check_memory_pool(); !done) {
        say(place_named_in(done.error().text, fields, fields.node()->place), done.error().text);
        return false;
    }
    for (const auto& unit : paging_units(scenario_, described)) {
        const auto added = machine.add_paging_device({.vios = unit.vios->config.lpar_id,
                                                      .name = unit.unit,
                                                      .unit = aix::identity_of(unit.unit).value,
                                                      .size_mib = unit.size_bytes / hypervisor::kMebibyte,
                                                      .usable = true});
        if (added) continue;
        say(fields.place_of("paging_devices"), added.error().text);
        return false;
    }
    return true;
}

}  // namespace pvmsim::scenarios
