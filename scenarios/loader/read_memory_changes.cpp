// `timeline:` - changes of memory: chhwres: mem and mempool, vmo, update_os, workload. Form and names are checked here;
// whether the machine allows a change is known when it is made, and a refusal is part of the run.
#include <algorithm>
#include <array>
#include <regex>

#include "scenarios/loader/reading.hpp"
#include "scenarios/schema/quantities.hpp"
#include "scenarios/schema/scalar_forms.hpp"
#include "scenarios/schema/spec.hpp"

namespace pvmsim::scenarios {

namespace {

bool has_form(const std::string& text, Type type) {
    if (text.size() > kScalarLengthMax) return false;
    return std::regex_match(text, std::regex(scalar_form(type).pattern)) ||
           (!text.empty() && text.size() < 10 && text.find_first_not_of("0123456789") == std::string::npos);
}

}  // namespace

/// Memory in attr, whole MB; says what is wrong with it.
std::optional<std::uint64_t> Reading::attr_mib(const Entry& entry) {
    const auto& text = entry.value.text;
    const auto bytes = has_form(text, Type::kMemory) ? parse_memory_bytes(text) : std::unexpected(std::string());
    if (bytes && *bytes > 0 && *bytes % std::int64_t{hypervisor::kMebibyte} == 0)
        return static_cast<std::uint64_t>(*bytes) / hypervisor::kMebibyte;
    say(entry.value.place,
        "'" + entry.key + "' takes memory with its unit, such as 4GB, or a whole number of MB, not '" + text + "'");
    return std::nullopt;
}

const PartitionDescription* Reading::known_partition(const Fields& fields, std::string_view key) {
    const auto* name = fields.scalar(key);
    if (!name) return nullptr;
    const auto* partition = find_partition(name->text);
    if (!partition && trusted("partitions")) unknown_name(name->place, "partition", name->text, partition_names());
    return partition;
}

void Reading::read_chhwres_mem(const Fields& fields, sim::SimTime at) {
    const auto place = fields.place_of("chhwres");
    if (!fields.has("partition")) return say(place, "chhwres: mem needs partition");
    const auto* partition = known_partition(fields, "partition");
    if (!partition) return;
    MemoryChangeStep step{
        .partition = partition->config.name, .op = fields.text("op"), .quantity_mib = whole_mib(fields, "quantity", 0)};
    if (!fields.has("op") && !fields.has("attr")) return say(place, "chhwres: mem needs op or attr");
    if (fields.has("op") && !fields.has("quantity")) return say(fields.place_of("op"), "op needs quantity beside it");
    if (step.op == "move" && !fields.has("to")) return say(fields.place_of("op"), "op: move needs to");
    if (step.op != "move" && fields.has("to")) return say(fields.place_of("to"), "'to' belongs to op: move");
    if (const auto* to = known_partition(fields, "to")) {
        if (to->system != partition->system)
            return say(fields.scalar("to")->place, "'" + to->config.name + "' is on system '" + to->system +
                                                       "', not on '" + partition->system + "'");
        if (to == partition) return say(fields.scalar("to")->place, "memory is moved to another partition");
        step.to = to->config.name;
    } else if (fields.has("to")) {
        return;
    }
    for (const auto& entry : fields.entries("attr")) {
        if (!entry.value.is_scalar()) continue;
        step.attributes.emplace_back(entry.key, entry.value.text);
        if (entry.key == "mem_weight") {
            if (const auto value = attr_number(entry, integer(0, 255)))
                step.mem_weight = static_cast<std::uint8_t>(*value);
        } else if (entry.key == "desired_io_entitled_mem") {
            step.desired_io_entitled_mem_mib = attr_mib(entry);
        } else {
            unknown_attribute(entry, {"mem_weight", "desired_io_entitled_mem"});
        }
    }
    scenario_.timeline.push_back({.at = at, .memory = std::move(step)});
}

void Reading::read_pool_attribute(const Entry& entry, MemoryPoolChangeStep& step) {
    const auto& text = entry.value.text;
    if (entry.key == "pool_mem") {
        step.pool_mem_mib = attr_mib(entry);
    } else if (entry.key == "max_pool_mem") {
        step.max_pool_mem_mib = attr_mib(entry);
    } else if (entry.key == "mem_dedup") {
        if (text == "0" || text == "1" || text == "true" || text == "false")
            step.mem_dedup = text == "1" || text == "true";
        else
            say(entry.value.place, "'mem_dedup' is 0 or 1, not '" + text + "'");
    } else if (entry.key == "dedup_table_ratio") {
        const auto words = dedup_table_ratio_spec().words;
        if (std::ranges::find(words, text) != words.end())
            step.dedup_table_ratio = table_ratio(text);
        else
            unknown_name(entry.value.place, "dedup_table_ratio", text, words);
    } else {
        unknown_attribute(entry, {"pool_mem", "max_pool_mem", "mem_dedup", "dedup_table_ratio"});
    }
}

void Reading::read_chhwres_mempool(const Fields& fields, sim::SimTime at) {
    for (const auto* key : {"system", "attr"})
        if (!fields.has(key)) return say(fields.place_of("chhwres"), "chhwres: mempool needs " + std::string(key));
    const auto* name = fields.scalar("system");
    if (!name) return;
    const auto* system = find_system(name->text);
    if (!system) {
        if (trusted("systems")) unknown_name(name->place, "system", name->text, system_names());
        return;
    }
    if (!system->config.memory_pool) return say(name->place, "'" + name->text + "' has no mempool");
    MemoryPoolChangeStep step{.system = name->text};
    for (const auto& entry : fields.entries("attr")) {
        if (!entry.value.is_scalar()) continue;
        step.attributes.emplace_back(entry.key, entry.value.text);
        read_pool_attribute(entry, step);
    }
    scenario_.timeline.push_back({.at = at, .memory_pool = std::move(step)});
}

/// vmo, update_os, workload.
void Reading::read_memory_use(const Fields& fields, sim::SimTime at) {
    const auto* partition = known_partition(fields, "on");
    if (!partition) return;
    const auto& name = partition->config.name;
    if (partition->config.lpar_env != hypervisor::PartitionEnvironment::kAixLinux)
        return say(fields.scalar("on")->place, "'" + name + "' is no AIX or Linux partition");
    if (fields.inner("workload").node()) {
        const auto memory = fields.inner("workload").inner("memory");
        if (!partition->workload.memory && flawless("partitions." + name))
            return say(fields.place_of("workload"), "'" + name + "' has no workload.memory that could change");
        WorkloadStep step{.partition = name,
                          .working_set_bytes = static_cast<std::uint64_t>(memory.bytes("working_set").value_or(0))};
        scenario_.timeline.push_back({.at = at, .workload = std::move(step)});
        return;
    }
    OperatingSystemStep step{.partition = name, .update_os = fields.text("update_os")};
    if (const auto policy = fields.inner("vmo").number("ams_loan_policy"))
        step.ams_loan_policy = static_cast<std::uint32_t>(*policy);
    scenario_.timeline.push_back({.at = at, .operating_system = std::move(step)});
}

}  // namespace pvmsim::scenarios
