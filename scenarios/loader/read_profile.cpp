// `profile:` - what a partition asks for, in the HMC's words. Rules about values belong to hypervisor::check_profile,
// which is asked here and answers at the attribute's place.
#include "hypervisor/hardware/system_model.hpp"
#include "hypervisor/memory/physical_memory.hpp"
#include "hypervisor/partition/check_profile.hpp"
#include "scenarios/loader/reading.hpp"
#include "scenarios/schema/quantities.hpp"

namespace pvmsim::scenarios {

namespace {

using hypervisor::ProcessorMode;
using hypervisor::SharingMode;

SharingMode sharing_mode(std::string_view word, ProcessorMode mode) {
    if (word == "cap") return SharingMode::kCapped;
    if (word == "uncap") return SharingMode::kUncapped;
    if (word == "keep_idle_procs") return SharingMode::kKeepIdleProcs;
    if (word == "share_idle_procs") return SharingMode::kShareIdleProcs;
    if (word == "share_idle_procs_active") return SharingMode::kShareIdleProcsActive;
    if (word == "share_idle_procs_always") return SharingMode::kShareIdleProcsAlways;
    return mode == ProcessorMode::kShared ? SharingMode::kUncapped : SharingMode::kKeepIdleProcs;
}

hypervisor::ProcUnits units(const Fields& fields, std::string_view key) {
    return {static_cast<std::int32_t>(fields.decimal(key, 2).value_or(0))};
}

std::uint32_t count(const Fields& fields, std::string_view key) {
    return static_cast<std::uint32_t>(fields.number(key).value_or(0));
}

}  // namespace

void Reading::read_profile(const Fields& fields, PartitionDescription& partition, PartitionNotes& notes) {
    auto& profile = partition.config.profile;
    if (!fields.node()) return;
    profile.name = fields.text("name");
    read_profile_memory(fields, profile);
    read_profile_sharing(fields, partition);
    profile.proc_mode = fields.text("proc_mode") == "ded" ? ProcessorMode::kDedicated : ProcessorMode::kShared;
    profile.min_proc_units = units(fields, "min_proc_units");
    profile.desired_proc_units = units(fields, "desired_proc_units");
    profile.max_proc_units = units(fields, "max_proc_units");
    profile.min_procs = count(fields, "min_procs");
    profile.desired_procs = count(fields, "desired_procs");
    profile.max_procs = count(fields, "max_procs");
    profile.sharing_mode = sharing_mode(fields.text("sharing_mode"), profile.proc_mode);
    profile.uncap_weight = static_cast<std::uint8_t>(count(fields, "uncap_weight"));
    profile.shared_proc_pool_id = hypervisor::PoolId{static_cast<std::uint8_t>(count(fields, "shared_proc_pool_id"))};
    if (const auto* name = fields.scalar("shared_proc_pool_name"))
        if (const auto pool = check_pool(*name, partition.system)) profile.shared_proc_pool_id = *pool;
    profile.max_virtual_slots = count(fields, "max_virtual_slots");
    read_io_slots(fields, partition);
    read_virtual_adapters(fields, partition, notes);
}

void Reading::read_profile_memory(const Fields& fields, hypervisor::PartitionProfile& profile) {
    const auto mib = [&](std::string_view key, std::uint64_t& value) {
        const auto bytes = static_cast<std::uint64_t>(fields.bytes(key).value_or(0));
        value = bytes / hypervisor::kMebibyte;
        if (bytes % hypervisor::kMebibyte != 0)
            say(fields.scalar(key)->place, "'" + std::string(key) + "' is no whole number of MB");
    };
    mib("min_mem", profile.min_mem_mib);
    mib("desired_mem", profile.desired_mem_mib);
    mib("max_mem", profile.max_mem_mib);
    profile.mem_mode =
        fields.text("mem_mode") == "shared" ? hypervisor::MemoryMode::kShared : hypervisor::MemoryMode::kDedicated;
    if (const auto* ratio = fields.scalar("hpt_ratio"))
        profile.hpt_ratio = static_cast<std::uint32_t>(parse_integer(ratio->text.substr(2)).value_or(64));
}

void Reading::read_io_slots(const Fields& fields, PartitionDescription& partition) {
    const auto* system = find_system(partition.system);
    for (const auto& item : fields.items("io_slots")) {
        if (!item.is_scalar() || !system) continue;
        const auto wanted = parse_io_slot(item.text);
        const AdapterDescription* found = nullptr;
        std::vector<std::string> known;
        for (const auto& adapter : system->adapters) {
            static constexpr std::string_view kDigits = "0123456789abcdef";
            std::string hex;
            for (int shift = 28; shift >= 0; shift -= 4) hex += kDigits[adapter.slot.drc_index.value() >> shift & 15];
            std::string lower;
            for (char c : wanted.slot) lower += c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
            if (adapter.slot.location == wanted.slot || hex == lower) found = &adapter;
            known.push_back(adapter.slot.location);
        }
        if (found) {
            partition.config.profile.io_slots.push_back({found->slot.drc_index, wanted.is_required});
            const auto [first, is_new] =
                slot_owners_.try_emplace({partition.system, found->slot.drc_index}, partition.config.name);
            if (!is_new)
                say(item.place, "slot " + found->slot.location + " is in the profile of '" + first->second +
                                    "' already; a physical slot belongs to one partition");
        } else if (trusted("systems." + partition.system + ".slots")) {
            unknown_name(item.place, "slot on '" + partition.system + "' called", wanted.slot, known);
            flaws_.insert("partitions." + partition.config.name + ".profile.io_slots.0");
        }
    }
}

void Reading::read_virtual_adapters(const Fields& fields, PartitionDescription& partition, PartitionNotes& notes) {
    auto& profile = partition.config.profile;
    for (const auto& item : fields.items("virtual_eth_adapters")) {
        if (!item.is_scalar()) continue;
        auto adapter = parse_ethernet_adapter(item.text);
        if (!adapter) {
            say(item.place, adapter.error());
            flaws_.insert("partitions." + partition.config.name + ".profile.virtual_eth_adapters.0");
            continue;
        }
        check_vswitch(item.place, partition, adapter->vswitch);
        profile.virtual_eth_adapters.push_back(std::move(*adapter));
        notes.ethernet.push_back(item.place);
    }
    for (const auto& item : fields.items("virtual_scsi_adapters")) {
        if (!item.is_scalar()) continue;
        auto adapter = parse_scsi_adapter(item.text);
        if (!adapter) {
            say(item.place, adapter.error());
            flaws_.insert("partitions." + partition.config.name + ".profile.virtual_scsi_adapters.0");
            continue;
        }
        profile.virtual_scsi_adapters.push_back(adapter->adapter);
        notes.scsi_remotes.push_back(std::move(adapter->remote));
        notes.scsi.push_back(item.place);
    }
    for (const auto& item : fields.items("virtual_fc_adapters")) {
        if (!item.is_scalar()) continue;
        auto adapter = parse_fc_adapter(item.text);
        if (!adapter) {
            say(item.place, adapter.error());
            flaws_.insert("partitions." + partition.config.name + ".profile.virtual_fc_adapters.0");
            continue;
        }
        profile.virtual_fc_adapters.push_back(std::move(adapter->adapter));
        notes.fc_remotes.push_back(std::move(adapter->remote));
        notes.fc.push_back(item.place);
    }
}

void Reading::check_profile_rules(std::size_t index) {
    const auto& partition = scenario_.partitions[index];
    const auto& entry = *notes_[index].entry;
    const auto* system = find_system(partition.system);
    const auto* model = system ? hypervisor::find_system_model(system->config.type_model) : nullptr;
    if (!model || !flawless("partitions." + partition.config.name)) return;

    hypervisor::ProfileContext context;
    context.lpar_id = partition.config.lpar_id;
    context.lpar_env = partition.config.lpar_env;
    const auto installed_mib = system->config.memory_bytes != 0 ? system->config.memory_bytes / hypervisor::kMebibyte
                                                                : model->memory_max_gib * 1024;
    context.lmb_mib = system->config.mem_region_size_mib != 0 ? system->config.mem_region_size_mib
                                                              : hypervisor::default_lmb_mib(installed_mib);
    context.proc_units_min_hundredths = model->proc_units_min_hundredths;
    context.memory_pool = system->config.memory_pool ? &*system->config.memory_pool : nullptr;
    context.mem_expansion_capable =
        system->config.active_mem_expansion_capable && model->processor.starts_with("POWER7");

    const Fields fields(&entry.value);
    const auto profile = fields.inner("profile");
    bool expands = partition.config.profile.mem_expansion_hundredths != 0;
    for (const auto& problem : hypervisor::find_profile_problems(partition.config.profile, context)) {
        expands = expands && problem.attribute != "mem_expansion";
        const bool written =
            profile.has(problem.attribute) && profile.place_of(problem.attribute) != profile.node()->place;
        const auto place = written                 ? profile.place_of(problem.attribute)
                           : fields.has("profile") ? fields.place_of("profile")
                                                   : entry.key_place;
        say(place, problem.attribute + " of '" + partition.config.name + "': " + problem.text);
    }
    if (expands) check_expansion(index);
}

}  // namespace pvmsim::scenarios
