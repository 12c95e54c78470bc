// Memory: the shared memory pool of a server, how a partition's operating system uses what it has, and what its
// programs do with it. Rules that need the whole machine are the hypervisor's: check_machine asks it.
//
// Names of paging VIOSes are resolved when all partitions are read: the pool is declared before them.
#include <algorithm>

#include "aix/memory/expansion_licence.hpp"
#include "hypervisor/hardware/system_model.hpp"
#include "scenarios/description/paging_units.hpp"
#include "scenarios/loader/reading.hpp"
#include "scenarios/schema/quantities.hpp"

namespace pvmsim::scenarios {

namespace {

constexpr std::size_t kPagingVioses = 2;

std::uint32_t percent(const Fields& fields, std::string_view key, std::uint32_t otherwise) {
    const auto* written = fields.scalar(key);
    if (!written) return otherwise;
    return static_cast<std::uint32_t>(parse_integer(written->text.substr(0, written->text.size() - 1)).value_or(0));
}

}  // namespace

std::uint64_t Reading::whole_mib(const Fields& fields, std::string_view key, std::uint64_t otherwise) {
    const auto* written = fields.scalar(key);
    const auto bytes = fields.bytes(key);
    if (!written || !bytes) return otherwise;
    const auto size = static_cast<std::uint64_t>(*bytes);
    if (size % hypervisor::kMebibyte != 0) say(written->place, "'" + std::string(key) + "' is no whole number of MB");
    return size / hypervisor::kMebibyte;
}

std::uint32_t Reading::table_ratio(std::string_view text) {
    return static_cast<std::uint32_t>(parse_integer(text.substr(text.find(':') + 1)).value_or(1024));
}

void Reading::read_memory_pool(const Fields& fields, SystemDescription& system) {
    if (!fields.node()) return;
    hypervisor::MemoryPoolConfig pool;
    pool.pool_mem_mib = whole_mib(fields, "pool_mem", 0);
    pool.max_pool_mem_mib = whole_mib(fields, "max_pool_mem", pool.pool_mem_mib);
    pool.mem_dedup = fields.boolean("mem_dedup").value_or(false);
    if (const auto* ratio = fields.scalar("dedup_table_ratio")) pool.dedup_table_ratio = table_ratio(ratio->text);
    pool.sampling_interval = fields.duration("sampling_interval").value_or(pool.sampling_interval);
    pool.low_water_per_mille =
        static_cast<std::uint32_t>(fields.number("low_water_per_mille").value_or(pool.low_water_per_mille));
    pool.high_water_per_mille =
        static_cast<std::uint32_t>(fields.number("high_water_per_mille").value_or(pool.high_water_per_mille));
    if (pool.high_water_per_mille <= pool.low_water_per_mille)
        say(fields.place_of("high_water_per_mille"), "high_water_per_mille is above low_water_per_mille");
    pool.paging_latency = fields.duration("paging_latency").value_or(pool.paging_latency);
    const auto& vioses = fields.items("paging_vios_names");
    if (vioses.size() > kPagingVioses)
        say(fields.place_of("paging_vios_names"), "a shared memory pool has one or two paging VIOSes");
    system.config.memory_pool = pool;
    for (const auto* device : scalars_of(fields.node()->find("paging_devices"))) {
        const auto& before = system.paging_devices;
        if (std::ranges::find(before, device->text) != before.end())
            say(device->place, "'" + device->text + "' is listed twice");
        system.paging_devices.push_back(device->text);
    }
}

/// The Virtual I/O Server of this name on the system; says why it is none.
std::optional<hypervisor::PartitionId> Reading::paging_vios(const Node& name, const std::string& system) {
    const auto* vios = find_partition(name.text);
    if (!vios) {
        if (trusted("partitions")) unknown_name(name.place, "partition", name.text, partition_names());
        return std::nullopt;
    }
    if (!flawless("partitions." + name.text)) return std::nullopt;
    if (vios->config.lpar_env != hypervisor::PartitionEnvironment::kVioServer) {
        say(name.place, "'" + name.text + "' is no Virtual I/O Server: it cannot page for a pool");
        return std::nullopt;
    }
    if (vios->system != system) {
        say(name.place, "'" + name.text + "' is on system '" + vios->system + "', not on '" + system + "'");
        return std::nullopt;
    }
    return vios->config.lpar_id;
}

void Reading::resolve_memory_pool(SystemDescription& system) {
    if (!system.config.memory_pool) return;
    const auto fields = Fields(&root_).inner("systems").inner(system.config.name).inner("mempool");
    auto& pool = *system.config.memory_pool;
    for (const auto& item : fields.items("paging_vios_names")) {
        const auto id = item.is_scalar() ? paging_vios(item, system.config.name) : std::nullopt;
        if (!id) continue;
        if (pool.primary_paging_vios == hypervisor::kNoPartition)
            pool.primary_paging_vios = *id;
        else if (*id == pool.primary_paging_vios)
            say(item.place, "the two paging VIOSes are one and the same");
        else
            pool.secondary_paging_vios = *id;
    }
}

void Reading::check_paging_devices(const SystemDescription& system) {
    if (!system.config.memory_pool) return;
    const auto fields = Fields(&root_).inner("systems").inner(system.config.name).inner("mempool");
    std::vector<const PartitionDescription*> vioses;
    for (const auto id :
         {system.config.memory_pool->primary_paging_vios, system.config.memory_pool->secondary_paging_vios})
        if (const auto* vios = find_partition(system.config.name, id)) vioses.push_back(vios);
    if (vioses.size() != std::min(kPagingVioses, fields.items("paging_vios_names").size())) return;  // told already
    for (const auto* device : scalars_of(fields.node() ? fields.node()->find("paging_devices") : nullptr))
        check_paging_device(*device, vioses);
}

/// A logical unit, masked to one paging VIOS at least, and nobody's disk.
void Reading::check_paging_device(const Node& device, const std::vector<const PartitionDescription*>& vioses) {
    if (!trusted("fabric")) return;
    if (const auto* lun = find_lun(device); lun != nullptr) {
        const auto sees = [&](const PartitionDescription* vios) { return is_masked_to(*lun, *vios); };
        if (std::ranges::none_of(vioses, sees))
            say(device.place, "'" + device.text + "' is masked to no paging VIOS: add one to its hosts");
        for (const auto* vios : vioses)
            if (vios->vios)
                for (const auto& target : vios->vios->virtual_targets)
                    if (target.lun == device.text)
                        say(device.place, "'" + device.text + "' is behind virtual target '" + target.device +
                                              "' of '" + vios->config.name + "'");
    }
}

void Reading::resolve_partition_memory(std::size_t index) {
    auto& partition = scenario_.partitions[index];
    const auto profile = Fields(&notes_[index].entry->value).inner("profile");
    auto& shared = partition.config.profile.shared_memory;
    for (const bool primary : {true, false}) {
        const auto* name = profile.scalar(primary ? "primary_paging_vios_name" : "secondary_paging_vios_name");
        if (!name || !flawless("partitions." + partition.config.name + ".system")) continue;
        const auto id = paging_vios(*name, partition.system);
        if (id) (primary ? shared.primary_paging_vios : shared.secondary_paging_vios) = *id;
    }
}

/// Expansion is AIX's: what the hypervisor cannot know (behaviour 2.4, R-ED-05).
void Reading::check_expansion(std::size_t index) {
    const auto& partition = scenario_.partitions[index];
    const auto* system = find_system(partition.system);
    const auto factor = aix::ExpansionFactor::create(partition.config.profile.mem_expansion_hundredths);
    if (!system || !factor || !flawless("partitions." + partition.config.name)) return;
    const auto* model = hypervisor::find_system_model(system->config.type_model);
    if (!model) return;
    const auto done =
        aix::check_expansion_licence({.system = system->config.name,
                                      .partition = partition.config.name,
                                      .active_mem_expansion_capable = system->config.active_mem_expansion_capable,
                                      .processor = std::string(model->processor),
                                      .firmware_level = system->config.firmware_level,
                                      .os = partition.is_linux ? aix::GuestSystem::kLinux : aix::GuestSystem::kAix,
                                      .aix_level = aix::parse_aix_level(partition.memory.os_level)},
                                     *factor);
    if (!done) say(Fields(&notes_[index].entry->value).inner("profile").place_of("mem_expansion"), done.error().text);
}

void Reading::read_profile_sharing(const Fields& fields, PartitionDescription& partition) {
    auto& profile = partition.config.profile;
    profile.shared_memory.mem_weight = static_cast<std::uint8_t>(fields.number("mem_weight").value_or(128));
    profile.shared_memory.desired_io_entitled_mem_mib = whole_mib(fields, "desired_io_entitled_mem", 0);
    profile.mem_expansion_hundredths = static_cast<std::uint32_t>(fields.decimal("mem_expansion", 2).value_or(0));
}

void Reading::read_operating_system_memory(const Fields& partition_fields, PartitionDescription& partition) {
    partition.is_linux = partition_fields.text("os") == "linux";
    auto& memory = partition.memory;
    const auto fields = partition_fields.inner("memory");
    if (!fields.node()) return;
    const auto size = [&](std::string_view key, std::uint64_t& bytes) {
        if (const auto value = fields.bytes(key)) bytes = static_cast<std::uint64_t>(*value);
    };
    if (fields.has("os_level")) memory.os_level = fields.text("os_level");
    size("kernel", memory.kernel_bytes);
    size("os_text", memory.os_text_bytes);
    if (fields.has("file_cache")) size("file_cache", memory.file_cache_bytes.emplace(0));
    memory.file_set = fields.text("file_set");
    memory.heap_distinct = static_cast<std::uint64_t>(fields.number("heap_distinct").value_or(0));
    memory.ams_loan_policy = static_cast<aix::AmsLoanPolicy>(fields.number("ams_loan_policy").value_or(1));
    size("os_paging_space", memory.os_paging_space_bytes);
    memory.os_paging_latency = fields.duration("os_paging_latency").value_or(memory.os_paging_latency);
    memory.os_update_time = fields.duration("os_update_time").value_or(memory.os_update_time);
    if (const auto ratio = fields.decimal("compression_ratio", 2))
        memory.expansion.ratio_hundredths = static_cast<std::uint32_t>(*ratio);
    if (const auto cost = fields.decimal("compression_cores_per_gb", 9)) memory.expansion.cost_per_gib = {*cost};
    memory.expansion.accelerated = fields.boolean("compression_accelerated").value_or(false);
}

void Reading::read_memory_workload(const Fields& fields, const PartitionDescription& partition,
                                   aix::MemoryLoadConfig& memory) {
    const auto size = [&](const Fields& of, std::string_view key, std::uint64_t& bytes) {
        if (const auto value = of.bytes(key)) bytes = static_cast<std::uint64_t>(*value);
    };
    const auto count = [&](std::string_view key, std::uint32_t& value) {
        if (const auto number = fields.number(key)) value = static_cast<std::uint32_t>(*number);
    };
    size(fields, "working_set", memory.working_set_bytes);
    for (const auto& item : fields.items("steps")) {
        const Fields step(&item);
        aix::WorkingSetStep one{.at = sim::kStartOfRun + step.duration("at").value_or(sim::Duration{0})};
        size(step, "working_set", one.working_set_bytes);
        if (!memory.steps.empty() && one.at <= memory.steps.back().at)
            say(step.place_of("at"), "steps run forwards in time");
        memory.steps.push_back(one);
    }
    size(fields, "heap", memory.heap_bytes);
    if (memory.heap_bytes != 0 && memory.heap_bytes < memory.working_set_bytes)
        say(fields.place_of("heap"), "the heap is smaller than the working set in it");
    size(fields, "drift", memory.drift_bytes_per_s);
    memory.hot_percent = percent(fields, "hot", memory.hot_percent);
    memory.locality_percent = percent(fields, "locality", memory.locality_percent);
    if (memory.locality_percent == 0) say(fields.place_of("locality"), "'locality' is from 1% to 100%");
    memory.writes_percent = percent(fields, "writes", memory.writes_percent);
    count("threads", memory.threads);
    memory.tick = fields.duration("tick").value_or(memory.tick);
    count("slices", memory.slices);
    memory.starts_warm = fields.boolean("starts_warm").value_or(true);
    memory.start = sim::kStartOfRun + fields.duration("start").value_or(sim::Duration{0});
    if (partition.config.lpar_env != hypervisor::PartitionEnvironment::kAixLinux)
        say(fields.place_of("working_set"), "programs that use memory run in AIX and Linux partitions only");
}

}  // namespace pvmsim::scenarios
