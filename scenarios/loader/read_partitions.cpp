// `partitions:` - identity, state and device attributes. The profile is read in read_profile.cpp.
// Attribute values stay the raw text that chdev would take; their form and range were checked against aix/'s tables.
#include "scenarios/loader/reading.hpp"
#include "scenarios/schema/quantities.hpp"

namespace pvmsim::scenarios {

namespace {

hypervisor::PartitionEnvironment environment(std::string_view word) {
    if (word == "vioserver") return hypervisor::PartitionEnvironment::kVioServer;
    return word == "os400" ? hypervisor::PartitionEnvironment::kOs400 : hypervisor::PartitionEnvironment::kAixLinux;
}

AttributeValues raw_values(const Fields& fields) {
    AttributeValues values;
    for (const auto& entry : fields.entries())
        if (entry.value.is_scalar()) values.emplace_back(entry.key, entry.value.text);
    return values;
}

}  // namespace

void Reading::read_partition(const Entry& entry) {
    const Fields fields(&entry.value);
    PartitionDescription partition;
    PartitionNotes notes;
    notes.entry = &entry;
    partition.config.name = entry.key;
    partition.config.lpar_env = environment(fields.text("lpar_env"));
    partition.config.auto_start = fields.boolean("auto_start").value_or(false);
    partition.config.allow_perf_collection = fields.boolean("allow_perf_collection").value_or(false);
    partition.running = fields.text("state") != "not_activated";
    partition.boot_time = fields.duration("boot_time").value_or(sim::Duration{0});
    partition.shutdown_time = fields.duration("shutdown_time").value_or(sim::Duration{0});

    if (const auto* system = fields.scalar("system")) {
        partition.system = system->text;
        if (!find_system(system->text)) {
            if (trusted("systems")) unknown_name(system->place, "system", system->text, system_names());
            flaws_.insert("partitions." + entry.key + ".system");
        }
    }
    if (const auto id = fields.number("lpar_id")) {
        partition.config.lpar_id = hypervisor::PartitionId{static_cast<std::uint16_t>(*id)};
        if (const auto* other = find_partition(partition.system, partition.config.lpar_id)) {
            flaws_.insert("partitions." + entry.key + ".lpar_id");
            say(fields.scalar("lpar_id")->place, "lpar_id " + std::to_string(*id) + " of '" + entry.key +
                                                     "' is that of '" + other->config.name + "' on the same system");
        }
    }
    read_profile(fields.inner("profile"), partition, notes);
    read_processors_section(fields.inner("processors"), partition);
    read_operating_system_memory(fields, partition);
    read_devices(fields.inner("devices"), partition);
    scenario_.partitions.push_back(std::move(partition));
    notes_.push_back(std::move(notes));
}

void Reading::read_devices(const Fields& fields, PartitionDescription& partition) {
    partition.devices.hdisk = raw_values(fields.inner("hdisk"));
    partition.devices.vscsi = raw_values(fields.inner("vscsi"));
    partition.devices.fscsi = raw_values(fields.inner("fscsi"));
    partition.devices.ent = raw_values(fields.inner("ent"));
    for (const auto& entry : fields.entries("path_priority")) {
        const auto priority =
            entry.value.is_scalar() ? parse_integer(entry.value.text) : std::unexpected(std::string());
        if (!priority) continue;
        if (!entry.key.starts_with("vscsi") && !entry.key.starts_with("fscsi"))
            say(entry.key_place, "'" + entry.key + "' has no paths to disks; path_priority takes vscsi0, fscsi0, ...");
        partition.devices.path_priority[entry.key] = static_cast<std::uint32_t>(*priority);
    }
}

}  // namespace pvmsim::scenarios
