// The managed system as a whole: type and serial number, processors, memory, slots, and the list of partitions. What is
// in a slot is told by its PCI class first: descriptions are in the language of whoever asked.
#include "scenarios/import/recorded_machine.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "scenarios/import/record_reader.hpp"
#include "scenarios/import/recorded_partition.hpp"

namespace pvmsim::scenarios {

namespace {

using hypervisor::AdapterKind;

/// Machine type and serial number out of a name: "9131-52A-6535CCG", "Server-8205-E6C-SN06A1B2C", "8205-E6C*06A1B2C".
bool take_identity(RecordedMachine& machine, std::string_view name) {
    constexpr std::size_t kSerialSize = 7;
    constexpr std::size_t kTypeModelSize = 8;
    if (name.size() < kTypeModelSize + 1 + kSerialSize) return false;
    const auto serial = name.substr(name.size() - kSerialSize);
    auto rest = name.substr(0, name.size() - kSerialSize);
    if (rest.ends_with("-SN")) rest.remove_suffix(2);
    if (!rest.ends_with('-') && !rest.ends_with('*')) return false;
    rest.remove_suffix(1);
    if (rest.size() < kTypeModelSize) return false;
    const auto type_model = rest.substr(rest.size() - kTypeModelSize);
    const auto is_word_char = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); };
    const bool is_type = whole_number(type_model.substr(0, 4), 9999) && type_model[4] == '-' &&
                         std::ranges::all_of(type_model.substr(5), is_word_char);
    if (!is_type || !std::ranges::all_of(serial, is_word_char)) return false;
    machine.type_model = type_model;
    machine.serial_num = serial;
    return true;
}

void read_identity(RecordedMachine& machine, const ListingSet& listings, std::vector<RecordingError>& errors) {
    machine.name = listings.system_name;
    if (const auto* systems = listings.find(ListingKind::kSystem)) {
        for (const auto& record : systems->records) {
            RecordReader reader(*systems, record, errors);
            const auto name = reader.text_or_empty("name");
            if (systems->records.size() > 1 && name != machine.name) continue;
            machine.name = name.empty() ? machine.name : name;
            machine.type_model = reader.text("type_model");
            machine.serial_num = reader.text("serial_num");
            return;
        }
    }
    if (take_identity(machine, machine.name)) return;
    const auto& file = listings.find(ListingKind::kPartitions)->file;
    errors.push_back({file, 0,
                      "the machine type and serial number are unknown: add the output of 'lssyscfg -r sys' as "
                      "NAME_sys.txt, or begin the file names with TYPE-MODEL-SERIAL as in 8205-E6C-06A1B2C_prof.txt"});
}

void read_totals(RecordedMachine& machine, const ListingSet& listings, std::vector<RecordingError>& errors) {
    const auto* processors = listings.find(ListingKind::kProcessorsOfSystem);
    RecordReader of_processors(*processors, processors->records.front(), errors);
    const auto units = of_processors.proc_units("configurable_sys_proc_units");
    machine.cores = static_cast<std::uint32_t>(units.hundredths / 100);
    if (units.hundredths % 100 != 0) {
        machine.notes.push_back("configurable_sys_proc_units is not whole: rounded down to cores");
    }
    const auto* memory = listings.find(ListingKind::kMemoryOfSystem);
    RecordReader of_memory(*memory, memory->records.front(), errors);
    machine.memory_mib = of_memory.whole("configurable_sys_mem", std::uint64_t{1} << 32);
    machine.mem_region_size_mib = of_memory.whole("mem_region_size", 1024);
    if (machine.cores == 0) of_processors.refuse("configurable_sys_proc_units: a machine without processors");
    if (machine.memory_mib == 0) of_memory.refuse("configurable_sys_mem: a machine without memory");
}

bool mentions(std::string_view text, std::string_view word) { return text.find(word) != std::string_view::npos; }

/// PCI class codes first, because descriptions are in the language of whoever asked.
AdapterKind adapter_kind(std::string_view pci_class, std::string_view description) {
    if (pci_class == "FFFF" || description == "Empty slot") return AdapterKind::kEmpty;
    if (pci_class.starts_with("02")) return AdapterKind::kEthernet;
    if (pci_class == "0C04") return AdapterKind::kFibreChannel;
    if (pci_class.starts_with("01")) return AdapterKind::kStorage;
    if (mentions(description, "Fibre Channel")) return AdapterKind::kFibreChannel;
    if (mentions(description, "Ethernet")) return AdapterKind::kEthernet;
    return AdapterKind::kOther;
}

/// 2 of "10/100/1000 Base-TX PCI-X 2-Port Adapter", whatever the language; 0 when the text does not tell.
std::uint32_t ports_told(std::string_view description) {
    for (std::size_t dash = description.find('-'); dash != std::string_view::npos;
         dash = description.find('-', dash + 1)) {
        const auto after = description.substr(dash + 1);
        const bool is_port = after.starts_with("port") || after.starts_with("Port") || after.starts_with("PORT");
        if (!is_port || dash == 0 || (dash > 1 && description[dash - 2] != ' ')) continue;
        const char digit = description[dash - 1];
        if (digit >= '1' && digit <= '8') return static_cast<std::uint32_t>(digit - '0');
    }
    if (mentions(description, "Quad") || mentions(description, "Four")) return 4;
    if (mentions(description, "Dual")) return 2;
    return 0;
}

void read_slots(RecordedMachine& machine, const ListingSet& listings, std::vector<RecordingError>& errors) {
    const auto* listing = listings.find(ListingKind::kPhysicalSlots);
    std::map<std::string, std::uint32_t> locations;
    for (const auto& record : listing->records) {
        RecordReader reader(*listing, record, errors);
        RecordedSlot slot;
        slot.config.unit_phys_loc = reader.text("unit_phys_loc");
        slot.config.location = reader.text("phys_loc");
        slot.config.drc_index = reader.drc_index("drc_index");
        slot.config.description = reader.text_or_empty("description");
        if (const auto bus = reader.text_or_empty("bus_id"); !bus.empty() && bus != "null")
            slot.config.bus_id = reader.count("bus_id");
        slot.drc_name = reader.text_or_empty("drc_name");
        slot.pci_class = reader.text_or_empty("pci_class");
        slot.config.kind = adapter_kind(slot.pci_class, slot.config.description);
        slot.config.ports = ports_told(slot.config.description);
        ++locations[slot.config.location];
        machine.slots.push_back(std::move(slot));
    }
    // The same slot label exists in each enclosure; the scenario names slots by label, so the enclosure goes in front.
    for (auto& slot : machine.slots) {
        if (locations[slot.config.location] == 1) continue;
        slot.config.location =
            slot.drc_name.empty() ? slot.config.unit_phys_loc + "-" + slot.config.location : slot.drc_name;
    }
}

void read_partitions(RecordedMachine& machine, const ListingSet& listings, std::vector<RecordingError>& errors) {
    const auto* partitions = listings.find(ListingKind::kPartitions);
    std::map<hypervisor::PartitionId, std::string> known;
    std::vector<std::string> names;
    for (const auto& record : partitions->records) {
        RecordReader reader(*partitions, record, errors);
        const auto id = reader.partition_id("lpar_id");
        const auto name = reader.text("name");
        const bool is_new = known.emplace(id, name).second && std::ranges::find(names, name) == names.end();
        names.push_back(name);
        if (!is_new) reader.refuse("partition " + name + " (id " + std::to_string(id.value()) + ") is listed twice");
    }
    const auto rows_of = [&](ListingKind kind) { return RowsByPartition(listings.find(kind), known, errors); };
    const auto profiles = rows_of(ListingKind::kProfiles);
    const auto processors = rows_of(ListingKind::kProcessorsOfPartitions);
    const auto memory = rows_of(ListingKind::kMemoryOfPartitions);
    const auto ethernet = rows_of(ListingKind::kVirtualEthernet);
    const auto scsi = rows_of(ListingKind::kVirtualScsi);
    const auto fibre_channel = rows_of(ListingKind::kVirtualFibreChannel);
    const auto virtual_slots = rows_of(ListingKind::kVirtualSlots);
    const auto physical_slots = rows_of(ListingKind::kPhysicalSlots);
    const PartitionRows rows{profiles, processors,    memory,        ethernet,
                             scsi,     fibre_channel, virtual_slots, physical_slots};
    for (const auto& record : partitions->records) {
        machine.partitions.push_back(read_partition(*partitions, record, rows, errors));
    }
    std::ranges::stable_sort(machine.partitions, {}, &RecordedPartition::lpar_id);
}

/// Names in scenarios have letters, digits and _ . + - only; the HMC takes more.
std::string scenario_name(std::string_view name) {
    std::string result;
    for (const char c : name) {
        const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        const bool mark = c == '.' || c == '+' || c == '-';
        result += word || (mark && !result.empty()) ? c : '_';
    }
    return result.empty() ? "_" : result;
}

void adapt_names(RecordedMachine& machine) {
    const auto changed = [](const std::string& before, const std::string& after) {
        return "the HMC's name is '" + before + "'; here it is " + after;
    };
    if (const auto name = scenario_name(machine.name); name != machine.name) {
        machine.notes.push_back("system: " + changed(machine.name, name));
        machine.name = name;
    }
    std::set<std::string> taken;
    for (auto& partition : machine.partitions) {
        auto name = scenario_name(partition.name);
        if (!taken.insert(name).second) name += "_" + std::to_string(partition.lpar_id.value());
        taken.insert(name);
        if (name != partition.name) partition.notes.insert(partition.notes.begin(), changed(partition.name, name));
        partition.name = name;
        for (auto& adapter : partition.profile.virtual_eth_adapters) adapter.vswitch = scenario_name(adapter.vswitch);
    }
}

}  // namespace

std::expected<RecordedMachine, std::vector<RecordingError>> read_machine(const ListingSet& listings) {
    RecordedMachine machine;
    std::vector<RecordingError> errors;
    read_identity(machine, listings, errors);
    read_totals(machine, listings, errors);
    read_slots(machine, listings, errors);
    read_partitions(machine, listings, errors);
    // A row may be read for the system and again for its partition: one mistake is reported once.
    std::vector<RecordingError> distinct;
    for (auto& error : errors) {
        if (std::ranges::find(distinct, error) == distinct.end()) distinct.push_back(std::move(error));
    }
    std::ranges::stable_sort(distinct, {},
                             [](const RecordingError& error) { return std::tie(error.file, error.line); });
    if (!distinct.empty()) return std::unexpected(std::move(distinct));
    adapt_names(machine);
    return machine;
}

}  // namespace pvmsim::scenarios
