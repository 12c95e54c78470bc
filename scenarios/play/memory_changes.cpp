// Doing changes of memory; see memory_changes.hpp. The HMC's commands ask the hypervisor; what is typed in a partition
// needs a system that runs.
#include "scenarios/play/memory_changes.hpp"

#include <algorithm>

#include "sim/base/assert.hpp"

namespace pvmsim::scenarios {
namespace {

using Done = std::expected<void, std::string>;

Done from(hypervisor::Result<void> result) {
    if (!result) return std::unexpected(result.error().text);
    return {};
}

PartitionSite& partition_at(Site& site, const std::string& name) {
    auto* partition = site.find_partition(name);
    PVMSIM_ASSERT(partition != nullptr);
    return *partition;
}

std::string text_of(const AttributeValues& attributes) {
    std::string text;
    for (const auto& [name, value] : attributes) text += (text.empty() ? "" : ",") + name + "=" + value;
    return text;
}

Done change_size(Site& site, PartitionSite& partition, const MemoryChangeStep& step) {
    auto& system = *partition.system;
    if (step.op == "move")
        return from(system.move_memory(partition.id(), partition_at(site, step.to).id(), step.quantity_mib));
    auto action = hypervisor::MemoryAction::kSet;
    if (step.op == "add") action = hypervisor::MemoryAction::kAdd;
    if (step.op == "remove") action = hypervisor::MemoryAction::kRemove;
    return from(system.change_memory(partition.id(), {.action = action, .mib = step.quantity_mib}));
}

}  // namespace

Done apply_memory_change(Site& site, const MemoryChangeStep& step) {
    auto& partition = partition_at(site, step.partition);
    if (step.mem_weight || step.desired_io_entitled_mem_mib) {
        const auto done = partition.system->change_shared_memory(
            partition.id(), {.mem_weight = step.mem_weight, .io_entitled_mib = step.desired_io_entitled_mem_mib});
        if (!done) return std::unexpected(done.error().text);
    }
    return step.op.empty() ? Done{} : change_size(site, partition, step);
}

Done apply_memory_pool_change(Site& site, const MemoryPoolChangeStep& step) {
    const auto system =
        std::ranges::find_if(site.systems(), [&](const auto& one) { return one->config().name == step.system; });
    PVMSIM_ASSERT(system != site.systems().end());
    PVMSIM_ASSERT((*system)->has_memory_pool());
    auto pool = (*system)->memory_sharing().pool();
    pool.pool_mem_mib = step.pool_mem_mib.value_or(pool.pool_mem_mib);
    pool.max_pool_mem_mib = step.max_pool_mem_mib.value_or(pool.max_pool_mem_mib);
    pool.mem_dedup = step.mem_dedup.value_or(pool.mem_dedup);
    pool.dedup_table_ratio = step.dedup_table_ratio.value_or(pool.dedup_table_ratio);
    return from((*system)->configure_memory_pool(pool));
}

Done apply_operating_system(Site& site, const OperatingSystemStep& step) {
    auto& os = *partition_at(site, step.partition).os;
    if (!os.running()) return std::unexpected(step.partition + " is not running");
    if (step.ams_loan_policy) os.memory().set_loan_policy(static_cast<aix::AmsLoanPolicy>(*step.ams_loan_policy));
    if (!step.update_os.empty()) os.memory().update_os(step.update_os);
    return {};
}

Done apply_workload(Site& site, const WorkloadStep& step) {
    auto& partition = partition_at(site, step.partition);
    if (!partition.os->running()) return std::unexpected(step.partition + " is not running");
    auto* load = partition.workload->memory_load();
    PVMSIM_ASSERT(load != nullptr);
    load->set_working_set(step.working_set_bytes);
    return {};
}

const hypervisor::MemoryOperation* memory_operation_of(Site& site, const std::string& partition) {
    const auto& at = partition_at(site, partition);
    return at.system->memory_operation(at.id());
}

std::string describe(const MemoryChangeStep& step) {
    std::string text = "hmc: memory of " + step.partition + ":";
    if (!step.op.empty()) text += " " + step.op + " " + std::to_string(step.quantity_mib) + " MB";
    if (!step.to.empty()) text += " to " + step.to;
    if (!step.attributes.empty()) text += " " + text_of(step.attributes);
    return text;
}

std::string describe(const MemoryPoolChangeStep& step) {
    return "hmc: shared memory pool of " + step.system + ": " + text_of(step.attributes);
}

std::string describe(const OperatingSystemStep& step) {
    std::string text = step.partition + ":";
    if (step.ams_loan_policy) text += " vmo -o ams_loan_policy=" + std::to_string(*step.ams_loan_policy);
    if (!step.update_os.empty()) text += " operating system updated to " + step.update_os;
    return text;
}

std::string describe(const WorkloadStep& step) {
    return step.partition + ": working set of " + std::to_string(step.working_set_bytes / hypervisor::kMebibyte) +
           " MB from now on";
}

}  // namespace pvmsim::scenarios
