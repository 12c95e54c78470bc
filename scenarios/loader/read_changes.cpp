// `timeline:` - what an administrator types: chdev, chhwres, schedo, smtctl; what is about
// memory is in read_memory_changes.cpp. Values are checked for their form and for
// names; whether the machine allows a change is known when it is made, and a refusal is part of the run.
#include <algorithm>
#include <array>
#include <cctype>
#include <regex>

#include "aix/odm/predefined.hpp"
#include "scenarios/loader/reading.hpp"
#include "scenarios/loader/suggest.hpp"
#include "scenarios/schema/quantities.hpp"
#include "scenarios/schema/spec.hpp"
#include "vios/network/sea_attributes.hpp"

namespace pvmsim::scenarios {

namespace {

using hypervisor::SharingMode;

constexpr std::array<std::pair<std::string_view, SharingMode>, 6> kSharingModes{{
    {"cap", SharingMode::kCapped},
    {"uncap", SharingMode::kUncapped},
    {"keep_idle_procs", SharingMode::kKeepIdleProcs},
    {"share_idle_procs", SharingMode::kShareIdleProcs},
    {"share_idle_procs_active", SharingMode::kShareIdleProcsActive},
    {"share_idle_procs_always", SharingMode::kShareIdleProcsAlways},
}};

bool is_device(std::string_view name, std::string_view type) {
    return name.starts_with(type) && name.size() > type.size() &&
           std::ranges::all_of(name.substr(type.size()), [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// The attribute table of a device, by what it is in this VIOS or else by its name.
std::span<const aix::AttributeDefinition> table_of(const PartitionDescription& partition, std::string_view device) {
    if (partition.vios) {
        for (const auto& sea : partition.vios->shared_ethernet_adapters)
            if (sea.name == device) return aix::sea_attributes();
        for (const auto& group : partition.vios->link_aggregations)
            if (group.name == device) return aix::etherchannel_attributes();
    }
    if (is_device(device, "hdisk")) return aix::hdisk_attributes();
    if (is_device(device, "vscsi")) return aix::vscsi_attributes();
    if (is_device(device, "fscsi")) return aix::fscsi_attributes();
    if (is_device(device, "fcs")) return aix::fcs_attributes();
    for (const auto& group : partition.link_aggregations)
        if (group.name == device) return aix::etherchannel_attributes();
    if (is_device(device, "ent")) return aix::ethernet_attributes();
    if (is_device(device, "en")) return aix::interface_attributes();
    if (device == "inet0" && !partition.routes.empty()) return aix::network_options();
    return {};
}

vios::SeaSurroundings surroundings_of(const PartitionDescription& partition, std::string_view device) {
    if (!partition.vios) return {};
    const auto& seas = partition.vios->shared_ethernet_adapters;
    const auto sea = std::ranges::find(seas, device, &SeaDescription::name);
    if (sea == seas.end()) return {};
    const auto pvid = std::ranges::find(sea->attributes, "pvid", &AttributeValues::value_type::first);
    vios::SeaSurroundings around{.default_adapter = sea->pvid_adapter, .default_vlan = {}, .own_address = sea->ip};
    if (pvid != sea->attributes.end())
        around.default_vlan = wire::VlanId{static_cast<std::uint16_t>(parse_integer(pvid->second).value_or(0))};
    return around;
}

AttributeValues written_attributes(const Fields& fields) {
    AttributeValues values;
    for (const auto& entry : fields.entries("attr"))
        if (entry.value.is_scalar()) values.emplace_back(entry.key, entry.value.text);
    return values;
}

}  // namespace

void Reading::read_change(const Fields& fields, sim::SimTime at) {
    const auto only_for = [&](std::initializer_list<std::string_view> keys, bool allowed, const std::string& owner) {
        for (const auto key : keys)
            if (fields.has(key) && !allowed)
                say(fields.place_of(key), "'" + std::string(key) + "' belongs to " + owner);
    };
    const auto resource = fields.text("chhwres");
    const bool typed = !fields.has("fault") && !fields.has("repair");
    only_for({"on"}, typed, "what is typed (chdev, chhwres, schedo, ...)");
    only_for({"attr"}, fields.has("chdev") || fields.has("chhwres"), "chdev and chhwres");
    const bool of_partition = resource == "proc" || resource == "mem" || resource == "eth";
    const bool of_system = !resource.empty() && !of_partition;
    only_for({"partition"}, !of_system, "chhwres: proc, mem and eth");
    only_for({"system"}, !of_partition, "chhwres: procpool, mempool and vswitch");
    only_for({"slot"}, resource == "eth" || resource.empty(), "chhwres: eth");
    only_for({"vswitch"}, resource == "vswitch" || resource.empty(), "chhwres: vswitch");
    only_for({"pool"}, resource == "procpool" || resource.empty(), "chhwres: procpool");
    only_for({"op", "quantity", "to"}, resource == "mem" || resource.empty(), "chhwres: mem");
    if ((resource == "proc" || resource == "procpool") && !fields.has("attr"))
        say(fields.place_of("chhwres"), "chhwres: " + resource + " needs attr");
    if (fields.scalar("chdev")) read_chdev(fields, at);
    if (fields.has("chhwres") && fields.has("on") && fields.text("on") != "hmc")
        return say(fields.place_of("on"), "chhwres is typed on: hmc");
    if (resource == "proc") read_chhwres_proc(fields, at);
    if (resource == "procpool") read_chhwres_procpool(fields, at);
    if (resource == "mem") read_chhwres_mem(fields, at);
    if (resource == "mempool") read_chhwres_mempool(fields, at);
    if (resource == "eth") read_chhwres_eth(fields, at);
    if (resource == "vswitch") read_chhwres_vswitch(fields, at);
    if (fields.has("schedo") || fields.has("smtctl")) read_tuning(fields, at);
    if (fields.has("vmo") || fields.has("update_os") || fields.has("workload")) read_memory_use(fields, at);
}

void Reading::read_chdev(const Fields& fields, sim::SimTime at) {
    ChdevStep step{
        .partition = fields.text("on"), .device = fields.text("chdev"), .attributes = written_attributes(fields)};
    if (const auto* on = fields.scalar("on")) {
        const auto* partition = find_partition(on->text);
        if (partition)
            check_chdev(fields, *partition, step.device);
        else if (trusted("partitions"))
            unknown_name(on->place, "partition", on->text, partition_names());
    }
    scenario_.timeline.push_back({.at = at, .chdev = std::move(step)});
}

void Reading::check_chdev(const Fields& fields, const PartitionDescription& partition, const std::string& device) {
    if (!flawless("partitions." + partition.config.name)) return;
    const auto adapters = ethernet_devices(partition);
    if (is_device(device, "ent") && std::ranges::find(adapters, device) == adapters.end())
        return unknown_name(fields.scalar("chdev")->place, "device on '" + partition.config.name + "' called", device,
                            adapters);
    const auto table = table_of(partition, device);
    if (table.empty()) {
        std::vector<std::string> known;
        if (partition.vios)
            for (const auto& sea : partition.vios->shared_ethernet_adapters) known.push_back(sea.name);
        return unknown_name(fields.scalar("chdev")->place, "device on '" + partition.config.name + "' called", device,
                            known);
    }
    for (const auto& entry : fields.entries("attr")) {
        const auto row = std::ranges::find(table, entry.key, &aix::AttributeDefinition::name);
        if (row == table.end()) {
            std::vector<std::string_view> known;
            for (const auto& one : table) known.push_back(one.name);
            say(entry.key_place,
                "'" + device + "' has no attribute '" + entry.key + "'" + suggestion(entry.key, known));
            continue;
        }
        static constexpr std::string_view kFixed[] = {"real_adapter", "pvid_adapter", "ctl_chan", "adapter_names",
                                                      "backup_adapter"};
        if (std::ranges::find(kFixed, entry.key) != std::end(kFixed))
            say(entry.key_place, "'" + entry.key + "' of '" + device + "' stays as it is while the run goes on");
        if (!entry.value.is_scalar()) continue;
        auto wrong = aix::check_attribute_value(*row, entry.value.text);
        if (!wrong) wrong = vios::why_refused(entry.key, entry.value.text, surroundings_of(partition, device));
        if (wrong) say(entry.value.place, *wrong);
    }
}

/// A number in attr: of this type and range (hundredths for decimals); says what is wrong with it.
std::optional<std::int64_t> Reading::attr_number(const Entry& entry, const Spec& spec) {
    const bool decimal = spec.type == Type::kDecimal;
    const std::regex form(decimal ? "(0|[1-9][0-9]{0,8})(\\.[0-9]{1,8})?" : "0|[1-9][0-9]{0,8}");
    const auto text = [&](std::int64_t value) { return decimal ? hundredths_text(value) : std::to_string(value); };
    if (std::regex_match(entry.value.text, form)) {
        const auto value = decimal ? parse_decimal(entry.value.text, 2) : parse_integer(entry.value.text);
        if (value && *value >= spec.low && *value <= spec.high) return *value;
    }
    say(entry.value.place, "'" + entry.key + "' is " + (decimal ? "a number" : "a whole number") + " from " +
                               text(spec.low) + " to " + text(spec.high) + ", not '" + entry.value.text + "'");
    return std::nullopt;
}

void Reading::unknown_attribute(const Entry& entry, const std::vector<std::string>& known) {
    auto message = "unknown attribute '" + entry.key + "'";
    auto hint = suggestion(entry.key, known);
    if (hint.empty()) {
        hint = "; known here: ";
        for (const auto& one : known) hint += (&one == &known.front() ? "" : ", ") + one;
    }
    say(entry.key_place, message + hint);
}

void Reading::read_chhwres_proc(const Fields& fields, sim::SimTime at) {
    const auto* name = fields.scalar("partition");
    if (!name) {
        if (!fields.has("partition")) say(fields.place_of("chhwres"), "chhwres: proc needs partition");
        return;
    }
    const auto* partition = find_partition(name->text);
    if (!partition) {
        if (trusted("partitions")) unknown_name(name->place, "partition", name->text, partition_names());
        return;
    }
    ProcessorChangeStep step{.partition = name->text, .attributes = written_attributes(fields)};
    for (const auto& entry : fields.entries("attr"))
        if (entry.value.is_scalar()) read_processor_attribute(entry, *partition, step.change);
    scenario_.timeline.push_back({.at = at, .processors = std::move(step)});
}

void Reading::read_processor_attribute(const Entry& entry, const PartitionDescription& partition,
                                       hypervisor::ProcessorChange& change) {
    if (entry.key == "proc_units") {
        if (const auto value = attr_number(entry, decimal(5, 102400)))
            change.proc_units = hypervisor::ProcUnits{static_cast<std::int32_t>(*value)};
    } else if (entry.key == "procs") {
        if (const auto value = attr_number(entry, integer(1, 256))) change.procs = static_cast<std::uint32_t>(*value);
    } else if (entry.key == "uncap_weight") {
        if (const auto value = attr_number(entry, integer(0, 255)))
            change.uncap_weight = static_cast<std::uint8_t>(*value);
    } else if (entry.key == "sharing_mode") {
        const auto mode =
            std::ranges::find(kSharingModes, entry.value.text, &std::pair<std::string_view, SharingMode>::first);
        if (mode != kSharingModes.end()) {
            change.sharing_mode = mode->second;
            return;
        }
        std::vector<std::string> known;
        for (const auto& [word, value] : kSharingModes) known.emplace_back(word);
        unknown_name(entry.value.place, "sharing_mode", entry.value.text, known);
    } else if (entry.key == "shared_proc_pool_name") {
        change.shared_proc_pool_id = check_pool(entry.value, partition.system);
    } else {
        unknown_attribute(entry, {"proc_units", "procs", "sharing_mode", "uncap_weight", "shared_proc_pool_name"});
    }
}

void Reading::read_chhwres_procpool(const Fields& fields, sim::SimTime at) {
    for (const auto* key : {"system", "pool"})
        if (!fields.has(key)) return say(fields.place_of("chhwres"), "chhwres: procpool needs " + std::string(key));
    const auto* system = fields.scalar("system");
    const auto* pool = fields.scalar("pool");
    if (!system || !pool) return;
    if (!find_system(system->text)) {
        if (trusted("systems")) unknown_name(system->place, "system", system->text, system_names());
        return;
    }
    const auto id = check_pool(*pool, system->text);
    if (!id) return;
    PoolChangeStep step{
        .system = system->text, .pool = *id, .pool_name = pool->text, .attributes = written_attributes(fields)};
    for (const auto& entry : fields.entries("attr")) {
        if (!entry.value.is_scalar()) continue;
        if (entry.key == "max_pool_proc_units") {
            if (const auto value = attr_number(entry, integer(0, 1024)))
                step.max_pool_proc_units = static_cast<std::uint32_t>(*value);
        } else if (entry.key == "reserved_pool_proc_units") {
            if (const auto value = attr_number(entry, decimal(0, 102400)))
                step.reserved_pool_proc_units = hypervisor::ProcUnits{static_cast<std::int32_t>(*value)};
        } else {
            unknown_attribute(entry, {"max_pool_proc_units", "reserved_pool_proc_units"});
        }
    }
    scenario_.timeline.push_back({.at = at, .pool = std::move(step)});
}

void Reading::read_tuning(const Fields& fields, sim::SimTime at) {
    ProcessorsStep step{.partition = fields.text("on")};
    if (const auto* on = fields.scalar("on"); on && !find_partition(on->text) && trusted("partitions"))
        unknown_name(on->place, "partition", on->text, partition_names());
    if (const auto value = fields.inner("schedo").number("vpm_xvcpus"))
        step.vpm_xvcpus = static_cast<std::int32_t>(*value);
    if (const auto smt = fields.number("smtctl")) {
        step.smt = static_cast<std::uint32_t>(*smt);
        check_smt(*smt, fields.place_of("smtctl"));
    }
    scenario_.timeline.push_back({.at = at, .tuning = std::move(step)});
}

}  // namespace pvmsim::scenarios
