// Reading one partition. The profile comes first; what the hypervisor says the running partition has replaces it value
// by value, and each difference becomes a note. For a partition that is not activated only the MAC addresses, which no
// profile of an older HMC has, are taken from the hardware listings.
#include "scenarios/import/recorded_partition.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

#include "scenarios/import/adapter_strings.hpp"
#include "scenarios/import/record_reader.hpp"

namespace pvmsim::scenarios {

namespace {

using hypervisor::PartitionProfile;
using hypervisor::SharingMode;
using hypervisor::SlotNumber;

constexpr std::uint64_t kMemoryMibMax = std::uint64_t{1} << 32;

template <class T>
using Words = std::vector<std::pair<std::string_view, T>>;

/// The value that a word of the HMC's vocabulary stands for.
template <class T>
T read_word(RecordReader& reader, std::string_view attribute, const Words<T>& words) {
    const auto written = reader.text(attribute);
    std::string choice;
    for (const auto& [word, value] : words) {
        if (written == word) return value;
        choice += (choice.empty() ? "" : ", ") + std::string(word);
    }
    if (reader.has(attribute)) reader.refuse_value(attribute, written, "one of " + choice);
    return words.front().second;
}

const Words<hypervisor::ProcessorMode>& processor_modes() {
    using enum hypervisor::ProcessorMode;
    static const Words<hypervisor::ProcessorMode> words = {{"shared", kShared}, {"ded", kDedicated}};
    return words;
}

const Words<SharingMode>& sharing_modes() {
    using enum SharingMode;
    static const Words<SharingMode> words = {{"cap", kCapped},
                                             {"uncap", kUncapped},
                                             {"keep_idle_procs", kKeepIdleProcs},
                                             {"share_idle_procs", kShareIdleProcs},
                                             {"share_idle_procs_active", kShareIdleProcsActive},
                                             {"share_idle_procs_always", kShareIdleProcsAlways}};
    return words;
}

const Words<hypervisor::MemoryMode>& memory_modes() {
    using enum hypervisor::MemoryMode;
    static const Words<hypervisor::MemoryMode> words = {{"ded", kDedicated}, {"shared", kShared}};
    return words;
}

/// Attribute names of the same value in a profile and in a running configuration.
struct ProcessorNames {
    std::string_view mode, min_units, units, max_units, min_procs, procs, max_procs, sharing, weight, pool;
};
constexpr ProcessorNames kProfileProcessor = {
    "proc_mode",     "min_proc_units", "desired_proc_units", "max_proc_units", "min_procs",
    "desired_procs", "max_procs",      "sharing_mode",       "uncap_weight",   "shared_proc_pool_id"};
constexpr ProcessorNames kRunningProcessor = {
    "curr_proc_mode", "curr_min_proc_units", "curr_proc_units",   "curr_max_proc_units", "curr_min_procs",
    "curr_procs",     "curr_max_procs",      "curr_sharing_mode", "curr_uncap_weight",   "curr_shared_proc_pool_id"};

void read_processors(RecordReader& reader, const ProcessorNames& names, PartitionProfile& profile) {
    profile.proc_mode = read_word(reader, names.mode, processor_modes());
    profile.min_procs = reader.count(names.min_procs);
    profile.desired_procs = reader.count(names.procs);
    profile.max_procs = reader.count(names.max_procs);
    profile.sharing_mode = read_word(reader, names.sharing, sharing_modes());
    if (profile.proc_mode == hypervisor::ProcessorMode::kDedicated) return;
    profile.min_proc_units = reader.proc_units(names.min_units);
    profile.desired_proc_units = reader.proc_units(names.units);
    profile.max_proc_units = reader.proc_units(names.max_units);
    const auto weight = reader.has(names.weight) ? reader.whole(names.weight, 255) : 0;
    profile.uncap_weight = static_cast<std::uint8_t>(weight);
    const auto pool = reader.has(names.pool) ? reader.whole(names.pool, 63) : 0;
    profile.shared_proc_pool_id = hypervisor::PoolId(static_cast<std::uint8_t>(pool));
}

/// 64 of "1:64".
std::uint32_t read_hpt_ratio(RecordReader& reader, std::string_view attribute, std::uint32_t otherwise) {
    const auto written = reader.text_or_empty(attribute);
    if (written.empty() || written == "none") return otherwise;
    const auto ratio =
        written.starts_with("1:") ? whole_number(std::string_view(written).substr(2), 4096) : std::nullopt;
    if (ratio) return static_cast<std::uint32_t>(*ratio);
    reader.refuse_value(attribute, written, "a ratio like 1:64");
    return otherwise;
}

struct MemoryNames {
    std::string_view min, desired, max, hpt_ratio;
};
constexpr MemoryNames kProfileMemory = {"min_mem", "desired_mem", "max_mem", "hpt_ratio"};
constexpr MemoryNames kRunningMemory = {"curr_min_mem", "curr_mem", "curr_max_mem", "curr_hpt_ratio"};

void read_memory(RecordReader& reader, const MemoryNames& names, PartitionProfile& profile) {
    profile.min_mem_mib = reader.whole(names.min, kMemoryMibMax);
    profile.desired_mem_mib = reader.whole(names.desired, kMemoryMibMax);
    profile.max_mem_mib = reader.whole(names.max, kMemoryMibMax);
    profile.hpt_ratio = read_hpt_ratio(reader, names.hpt_ratio, profile.hpt_ratio);
    if (reader.has("mem_mode")) profile.mem_mode = read_word(reader, "mem_mode", memory_modes());
}

template <class T>
std::vector<T> read_adapters(RecordReader& reader, std::string_view attribute,
                             adapter_strings::Parsed<T> (*parse)(std::string_view)) {
    std::vector<T> adapters;
    for (const auto& item : reader.list(attribute)) {
        auto adapter = parse(item);
        if (adapter)
            adapters.push_back(*std::move(adapter));
        else
            reader.refuse(std::string(attribute) + ": " + adapter.error());
    }
    return adapters;
}

PartitionProfile read_profile(RecordReader reader) {
    PartitionProfile profile;
    profile.name = reader.text("name");
    read_memory(reader, kProfileMemory, profile);
    read_processors(reader, kProfileProcessor, profile);
    profile.max_virtual_slots = reader.count("max_virtual_slots");
    profile.io_slots = read_adapters(reader, "io_slots", adapter_strings::parse_io_slot);
    profile.virtual_eth_adapters = read_adapters(reader, "virtual_eth_adapters", adapter_strings::parse_ethernet);
    profile.virtual_scsi_adapters = read_adapters(reader, "virtual_scsi_adapters", adapter_strings::parse_scsi);
    profile.virtual_fc_adapters = read_adapters(reader, "virtual_fc_adapters", adapter_strings::parse_fibre_channel);
    return profile;
}

SlotNumber read_slot(RecordReader& reader, std::string_view attribute) {
    return SlotNumber(static_cast<std::uint16_t>(reader.whole(attribute, std::numeric_limits<std::uint16_t>::max())));
}

/// The value of a text that a parser of adapter_strings understands.
template <class T>
T read_parsed(RecordReader& reader, std::string_view attribute, adapter_strings::Parsed<T> (*parse)(std::string_view)) {
    auto value = parse(reader.text(attribute));
    if (value) return *std::move(value);
    if (reader.has(attribute)) reader.refuse(std::string(attribute) + ": " + value.error());
    return T{};
}

hypervisor::VirtualEthernetAdapter read_ethernet_row(RecordReader reader) {
    hypervisor::VirtualEthernetAdapter adapter;
    adapter.slot_num = read_slot(reader, "slot_num");
    adapter.is_required = reader.flag("is_required");
    adapter.ieee_virtual_eth = reader.flag("ieee_virtual_eth");
    adapter.port_vlan_id =
        wire::VlanId(static_cast<std::uint16_t>(reader.whole("port_vlan_id", wire::kVlanIdMax.value())));
    if (reader.has("addl_vlan_ids")) {
        adapter.addl_vlan_ids = read_parsed(reader, "addl_vlan_ids", adapter_strings::parse_vlans);
    }
    if (reader.flag("is_trunk")) adapter.trunk_priority = static_cast<std::uint8_t>(reader.whole("trunk_priority", 15));
    if (const auto vswitch = reader.text_or_empty("vswitch"); !vswitch.empty()) adapter.vswitch = vswitch;
    const auto mac = reader.text_or_empty("mac_addr");
    adapter.mac_addr = wire::MacAddress::parse(mac);
    if (!adapter.mac_addr && !mac.empty()) reader.refuse_value("mac_addr", mac, "twelve hexadecimal digits");
    return adapter;
}

hypervisor::PartitionId read_partner(RecordReader& reader) {
    const auto written = reader.text_or_empty("remote_lpar_id");
    return written.empty() || written == "any" ? hypervisor::kNoPartition : reader.partition_id("remote_lpar_id");
}

hypervisor::VirtualScsiAdapter read_scsi_row(RecordReader reader) {
    hypervisor::VirtualScsiAdapter adapter;
    adapter.slot_num = read_slot(reader, "slot_num");
    adapter.is_required = reader.flag("is_required");
    adapter.adapter_type = read_parsed(reader, "adapter_type", adapter_strings::parse_role);
    adapter.remote_lpar_id = read_partner(reader);
    const auto remote = reader.text_or_empty("remote_slot_num");
    if (!remote.empty() && remote != "any") adapter.remote_slot_num = read_slot(reader, "remote_slot_num");
    return adapter;
}

hypervisor::VirtualFcAdapter read_fibre_channel_row(RecordReader reader) {
    hypervisor::VirtualFcAdapter adapter;
    adapter.slot_num = read_slot(reader, "slot_num");
    adapter.is_required = reader.flag("is_required");
    adapter.adapter_type = read_parsed(reader, "adapter_type", adapter_strings::parse_role);
    adapter.remote_lpar_id = read_partner(reader);
    adapter.remote_slot_num = read_slot(reader, "remote_slot_num");
    const bool has_wwpns = !reader.text_or_empty("wwpns").empty() && reader.text_or_empty("wwpns") != "null";
    if (has_wwpns) adapter.wwpns = read_parsed(reader, "wwpns", adapter_strings::parse_wwpns);
    return adapter;
}

template <class Adapter>
std::vector<Adapter> read_rows(const RowsByPartition& rows, hypervisor::PartitionId id, Adapter (*read)(RecordReader),
                               std::vector<RecordingError>& errors) {
    std::vector<Adapter> adapters;
    for (const auto* row : rows.of(id)) adapters.push_back(read(RecordReader(*rows.listing(), *row, errors)));
    std::ranges::stable_sort(adapters, {}, &Adapter::slot_num);
    return adapters;
}

/// The adapters as texts, by slot: what two lists are compared by.
template <class Adapter, class Write>
std::string text_of(std::vector<Adapter> adapters, Write write) {
    std::ranges::stable_sort(adapters, {}, &Adapter::slot_num);
    std::string text;
    for (const auto& adapter : adapters) text += (text.empty() ? "" : ", ") + write(adapter);
    return text.empty() ? "none" : text;
}

/// Lays the running configuration over a profile and writes down each difference.
class RunningConfiguration {
  public:
    RunningConfiguration(RecordedPartition& partition, bool has_profile, const PartitionRows& rows,
                         std::vector<RecordingError>& errors)
        : partition_(partition), profile_(partition.profile), has_profile_(has_profile), rows_(rows), errors_(errors) {}

    void lay_over() {
        const PartitionProfile before = profile_;
        processors(before);
        memory(before);
        virtual_adapters(before);
        slots(before);
    }

  private:
    void note(std::string_view attribute, const std::string& profile, const std::string& running) {
        if (!has_profile_ || profile == running) return;
        partition_.notes.push_back(std::string(attribute) + ": profile " + profile_.name + " says " + profile +
                                   ", the running partition has " + running);
    }
    void note(std::string_view attribute, std::uint64_t profile, std::uint64_t running) {
        note(attribute, std::to_string(profile), std::to_string(running));
    }
    void note(std::string_view attribute, hypervisor::ProcUnits profile, hypervisor::ProcUnits running) {
        note(attribute, units_text(profile), units_text(running));
    }

    void processors(const PartitionProfile& before);
    void memory(const PartitionProfile& before);
    void virtual_adapters(const PartitionProfile& before);
    void slots(const PartitionProfile& before);

    RecordedPartition& partition_;
    PartitionProfile& profile_;
    bool has_profile_;
    const PartitionRows& rows_;
    std::vector<RecordingError>& errors_;
};

void RunningConfiguration::processors(const PartitionProfile& before) {
    const auto* row = rows_.processors.one(partition_.lpar_id);
    if (row == nullptr) return;
    RecordReader reader(*rows_.processors.listing(), *row, errors_);
    read_processors(reader, kRunningProcessor, profile_);
    const auto word = [](const auto& words, auto value) {
        for (const auto& [text, meaning] : words) {
            if (meaning == value) return std::string(text);
        }
        return std::string();
    };
    note("proc_mode", word(processor_modes(), before.proc_mode), word(processor_modes(), profile_.proc_mode));
    note("sharing_mode", word(sharing_modes(), before.sharing_mode), word(sharing_modes(), profile_.sharing_mode));
    note("min_procs", before.min_procs, profile_.min_procs);
    note("desired_procs", before.desired_procs, profile_.desired_procs);
    note("max_procs", before.max_procs, profile_.max_procs);
    if (profile_.proc_mode == hypervisor::ProcessorMode::kDedicated) return;
    note("min_proc_units", before.min_proc_units, profile_.min_proc_units);
    note("desired_proc_units", before.desired_proc_units, profile_.desired_proc_units);
    note("max_proc_units", before.max_proc_units, profile_.max_proc_units);
    note("uncap_weight", std::uint64_t{before.uncap_weight}, std::uint64_t{profile_.uncap_weight});
    note("shared_proc_pool_id", before.shared_proc_pool_id.value(), profile_.shared_proc_pool_id.value());
}

void RunningConfiguration::memory(const PartitionProfile& before) {
    const auto* row = rows_.memory.one(partition_.lpar_id);
    if (row == nullptr) return;
    RecordReader reader(*rows_.memory.listing(), *row, errors_);
    read_memory(reader, kRunningMemory, profile_);
    note("min_mem", before.min_mem_mib, profile_.min_mem_mib);
    note("desired_mem", before.desired_mem_mib, profile_.desired_mem_mib);
    note("max_mem", before.max_mem_mib, profile_.max_mem_mib);
    note("hpt_ratio", before.hpt_ratio, profile_.hpt_ratio);
}

void RunningConfiguration::virtual_adapters(const PartitionProfile& before) {
    const auto id = partition_.lpar_id;
    if (rows_.ethernet.listing() != nullptr) {
        profile_.virtual_eth_adapters = read_rows(rows_.ethernet, id, read_ethernet_row, errors_);
        const auto write = [](hypervisor::VirtualEthernetAdapter adapter) {
            adapter.mac_addr.reset();
            return adapter_strings::write(adapter);
        };
        note("virtual_eth_adapters", text_of(before.virtual_eth_adapters, write),
             text_of(profile_.virtual_eth_adapters, write));
    }
    if (rows_.scsi.listing() != nullptr) {
        profile_.virtual_scsi_adapters = read_rows(rows_.scsi, id, read_scsi_row, errors_);
        const auto write = [](const hypervisor::VirtualScsiAdapter& adapter) {
            return adapter_strings::write(adapter, "");
        };
        note("virtual_scsi_adapters", text_of(before.virtual_scsi_adapters, write),
             text_of(profile_.virtual_scsi_adapters, write));
    }
    if (rows_.fibre_channel.listing() != nullptr) {
        profile_.virtual_fc_adapters = read_rows(rows_.fibre_channel, id, read_fibre_channel_row, errors_);
        const auto write = [](const hypervisor::VirtualFcAdapter& adapter) {
            return adapter_strings::write(adapter, "");
        };
        note("virtual_fc_adapters", text_of(before.virtual_fc_adapters, write),
             text_of(profile_.virtual_fc_adapters, write));
    }
}

void RunningConfiguration::slots(const PartitionProfile& before) {
    const auto id = partition_.lpar_id;
    if (const auto* row = rows_.virtual_slots.one(id)) {
        RecordReader reader(*rows_.virtual_slots.listing(), *row, errors_);
        profile_.max_virtual_slots = reader.count("curr_max_virtual_slots");
        note("max_virtual_slots", before.max_virtual_slots, profile_.max_virtual_slots);
    }
    profile_.io_slots.clear();
    for (const auto* row : rows_.physical_slots.of(id)) {
        RecordReader reader(*rows_.physical_slots.listing(), *row, errors_);
        const auto index = reader.drc_index("drc_index");
        const auto asked = std::ranges::find(before.io_slots, index, &hypervisor::IoSlotRequest::drc_index);
        if (asked != before.io_slots.end())
            profile_.io_slots.push_back(*asked);
        else
            profile_.io_slots.push_back({index, false});
    }
    const auto write = [](const std::vector<hypervisor::IoSlotRequest>& slots) {
        std::vector<std::uint32_t> indices;
        for (const auto& slot : slots) indices.push_back(slot.drc_index.value());
        std::ranges::sort(indices);
        std::string text;
        for (const auto index : indices)
            text += (text.empty() ? "" : ", ") + drc_index_text(hypervisor::DrcIndex(index));
        return text.empty() ? std::string("none") : text;
    };
    note("io_slots", write(before.io_slots), write(profile_.io_slots));
}

/// The hardware listings of a partition that does not run still know the MAC addresses of its adapters.
void take_mac_addresses(RecordedPartition& partition, const PartitionRows& rows, std::vector<RecordingError>& errors) {
    for (auto& row : read_rows(rows.ethernet, partition.lpar_id, read_ethernet_row, errors)) {
        auto& adapters = partition.profile.virtual_eth_adapters;
        const auto same = std::ranges::find(adapters, row.slot_num, &hypervisor::VirtualEthernetAdapter::slot_num);
        if (same == adapters.end()) continue;
        same->mac_addr = row.mac_addr;
        row.mac_addr.reset();
        auto without_mac = *same;
        without_mac.mac_addr.reset();
        const auto profile = adapter_strings::write(without_mac);
        const auto listed = adapter_strings::write(row);
        if (profile != listed) {
            partition.notes.push_back("virtual_eth_adapters: the inactive adapter is listed as " + listed +
                                      ", profile " + partition.profile.name + " asks for " + profile +
                                      ", which its next activation gets");
        }
    }
}

/// The record of the profile that the partition runs with, or would be activated with.
const HmcRecord* find_profile(const RowsByPartition& profiles, hypervisor::PartitionId id, RecordReader& reader) {
    for (const auto* attribute : {"curr_profile", "default_profile"}) {
        const auto wanted = reader.text_or_empty(attribute);
        for (const auto* row : profiles.of(id)) {
            const auto* name = row->find("name");
            if (name != nullptr && *name == wanted) return row;
        }
    }
    return nullptr;
}

void read_configuration(RecordedPartition& partition, RecordReader& reader, const PartitionRows& rows,
                        std::vector<RecordingError>& errors) {
    const auto* profile = find_profile(rows.profiles, partition.lpar_id, reader);
    const bool described =
        rows.processors.one(partition.lpar_id) != nullptr && rows.memory.one(partition.lpar_id) != nullptr;
    if (profile != nullptr) {
        partition.profile = read_profile(RecordReader(*rows.profiles.listing(), *profile, errors));
    } else if (!partition.running || !described) {
        reader.refuse("neither the profile '" + reader.text_or_empty("curr_profile") + "' nor '" +
                      reader.text_or_empty("default_profile") + "' of this partition is in the listing of profiles");
        return;
    } else {
        partition.notes.push_back(
            "its profile is not in the listing of profiles: the running configuration alone is used");
    }
    if (partition.running) {
        RunningConfiguration(partition, profile != nullptr, rows, errors).lay_over();
    } else {
        take_mac_addresses(partition, rows, errors);
    }
}

bool is_running(RecordedPartition& partition) {
    if (partition.state == "Running") return true;
    if (partition.state == "Not Activated") return false;
    const bool has_resources = partition.state != "Error" && partition.state != "Not Available";
    partition.notes.push_back("the listing says state=" + partition.state + ", which is taken for " +
                              (has_resources ? "Running" : "Not Activated"));
    return has_resources;
}

}  // namespace

RowsByPartition::RowsByPartition(const HmcListing* listing, const std::map<hypervisor::PartitionId, std::string>& known,
                                 std::vector<RecordingError>& errors)
    : listing_(listing) {
    if (listing == nullptr) return;
    for (const auto& record : listing->records) {
        RecordReader reader(*listing, record, errors);
        if (reader.text_or_empty("lpar_id") == "none") continue;
        const auto id = reader.partition_id("lpar_id");
        if (known.contains(id))
            rows_[id].push_back(&record);
        else if (id != hypervisor::kNoPartition)
            reader.refuse("partition " + std::to_string(id.value()) + " is not in the listing of partitions");
    }
}

const std::vector<const HmcRecord*>& RowsByPartition::of(hypervisor::PartitionId id) const {
    static const std::vector<const HmcRecord*> none;
    const auto found = rows_.find(id);
    return found == rows_.end() ? none : found->second;
}

const HmcRecord* RowsByPartition::one(hypervisor::PartitionId id) const {
    const auto& rows = of(id);
    return rows.empty() ? nullptr : rows.front();
}

RecordedPartition read_partition(const HmcListing& partitions, const HmcRecord& record, const PartitionRows& rows,
                                 std::vector<RecordingError>& errors) {
    RecordReader reader(partitions, record, errors);
    RecordedPartition partition;
    partition.name = reader.text("name");
    partition.lpar_id = reader.partition_id("lpar_id");
    using enum hypervisor::PartitionEnvironment;
    const Words<hypervisor::PartitionEnvironment> environments = {
        {"aixlinux", kAixLinux}, {"vioserver", kVioServer}, {"os400", kOs400}};
    partition.lpar_env = read_word(reader, "lpar_env", environments);
    partition.state = reader.text("state");
    partition.running = is_running(partition);
    read_configuration(partition, reader, rows, errors);
    return partition;
}

}  // namespace pvmsim::scenarios
