// Doing what an administrator types; see changes.hpp.
// A device's or the operating system's tunables need a system that runs; the HMC's commands ask the hypervisor.
#include "scenarios/play/changes.hpp"

#include <algorithm>

#include "aix/odm/attribute.hpp"
#include "scenarios/play/network_changes.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::scenarios {
namespace {

using Done = std::expected<void, std::string>;

std::string text_of(const AttributeValues& attributes) {
    std::string text;
    for (const auto& [name, value] : attributes) text += (text.empty() ? "" : ",") + name + "=" + value;
    return text;
}

Done from(hypervisor::Result<void> result) {
    if (!result) return std::unexpected(result.error().text);
    return {};
}

}  // namespace

Done apply_chdev(Site& site, const ChdevStep& step) {
    auto* partition = site.find_partition(step.partition);
    PVMSIM_ASSERT(partition != nullptr);
    if (!partition->os->running()) return std::unexpected(step.partition + " is not running");
    auto* device = partition->os->find_device(step.device);
    if (device == nullptr) return std::unexpected(step.partition + " has no device " + step.device);
    for (const auto& [name, value] : step.attributes) {
        const auto* definition = device->attributes().definition(name);
        if (definition == nullptr) return std::unexpected(step.device + " has no attribute " + name);
        if (auto wrong = aix::check_attribute_value(*definition, value)) return std::unexpected(*wrong);
    }
    auto* sea = dynamic_cast<vios::SharedEthernetAdapter*>(device);
    auto* interface = dynamic_cast<aix::NetworkInterface*>(device);
    for (const auto& [name, value] : step.attributes) {
        if (sea != nullptr && name == "virt_adapters") {
            if (auto done = change_sea_adapters(*partition, *sea, value); !done) return done;
            continue;
        }
        if (interface != nullptr && name == "mtu")
            if (auto refusal = interface->why_mtu_refused(static_cast<std::uint32_t>(std::stoul(value))))
                return std::unexpected(*refusal);
        device->attributes().set(name, value);
        device->on_attribute_changed(name);
    }
    return {};
}

Done apply_processor_change(Site& site, const ProcessorChangeStep& step) {
    auto* partition = site.find_partition(step.partition);
    PVMSIM_ASSERT(partition != nullptr);
    return from(partition->system->change_processors(partition->id(), step.change));
}

Done apply_pool_change(Site& site, const PoolChangeStep& step) {
    const auto system =
        std::ranges::find_if(site.systems(), [&](const auto& one) { return one->config().name == step.system; });
    PVMSIM_ASSERT(system != site.systems().end());
    auto pool = (*system)->processor_pools().at(step.pool.value());
    pool.max_pool_proc_units = step.max_pool_proc_units.value_or(pool.max_pool_proc_units);
    pool.reserved_pool_proc_units = step.reserved_pool_proc_units.value_or(pool.reserved_pool_proc_units);
    return from((*system)->configure_pool(pool));
}

Done apply_tuning(Site& site, const ProcessorsStep& step) {
    auto* partition = site.find_partition(step.partition);
    PVMSIM_ASSERT(partition != nullptr);
    if (!partition->os->running()) return std::unexpected(step.partition + " is not running");
    if (step.vpm_xvcpus) partition->os->processors().set_vpm_xvcpus(*step.vpm_xvcpus);
    if (step.smt) partition->os->processors().set_smt(*step.smt);
    return {};
}

std::string describe(const ChdevStep& step) {
    std::string text = step.partition + ": chdev -dev " + step.device + " -attr";
    for (const auto& [name, value] : step.attributes) text += " " + name + "=" + value;
    return text;
}

std::string describe(const ProcessorChangeStep& step) {
    return "hmc: processors of " + step.partition + ": " + text_of(step.attributes);
}

std::string describe(const PoolChangeStep& step) {
    return "hmc: shared processor pool " + step.system + "/" + step.pool_name + ": " + text_of(step.attributes);
}

std::string describe(const ProcessorsStep& step) {
    std::string text = step.partition + ":";
    if (step.vpm_xvcpus) text += " schedo -o vpm_xvcpus=" + std::to_string(*step.vpm_xvcpus);
    if (step.smt) text += " smtctl -t " + std::to_string(*step.smt);
    return text;
}

}  // namespace pvmsim::scenarios
