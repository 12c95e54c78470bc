// Doing changes of the virtual network; see network_changes.hpp. An adapter that belongs to a SEA is changed through
// it, because the levels decide; any other is the hypervisor's alone.
#include "scenarios/play/network_changes.hpp"

#include <algorithm>

#include "hypervisor/partition/check_profile.hpp"
#include "sim/base/assert.hpp"
#include "vios/network/sea_vlans.hpp"

namespace pvmsim::scenarios {
namespace {

using Done = std::expected<void, std::string>;

std::string text_of(const AttributeValues& attributes) {
    std::string text;
    for (const auto& [name, value] : attributes) text += (text.empty() ? "" : ",") + name + "=" + value;
    return text;
}

const SystemDescription& described_system(const Site& site, const std::string& name) {
    const auto& systems = site.scenario().systems;
    const auto found = std::ranges::find_if(systems, [&](const auto& one) { return one.config.name == name; });
    PVMSIM_ASSERT(found != systems.end());
    return *found;
}

aix::VirtualEthernetAdapterDevice* adapter_in(PartitionSite& partition, hypervisor::SlotNumber slot) {
    for (const auto& device : partition.os->devices())
        if (auto* adapter = dynamic_cast<aix::VirtualEthernetAdapterDevice*>(device.get()))
            if (adapter->slot() == slot) return adapter;
    return nullptr;
}

/// The whole list as what is added and what is removed.
vios::TrunkVlanChange change_of(const VirtualEthernetStep& step, const std::vector<wire::VlanId>& now) {
    if (!step.vlans) return {.add = step.add, .remove = step.remove};
    vios::TrunkVlanChange change;
    std::ranges::copy_if(*step.vlans, std::back_inserter(change.add),
                         [&](wire::VlanId vlan) { return std::ranges::count(now, vlan) == 0; });
    std::ranges::copy_if(now, std::back_inserter(change.remove),
                         [&](wire::VlanId vlan) { return std::ranges::count(*step.vlans, vlan) == 0; });
    return change;
}

/// An adapter of no SEA: the rules of its profile hold (check_adapters), nothing else.
Done change_alone(hypervisor::VirtualEthernet& ethernet, hypervisor::LogicalLanId id,
                  const vios::TrunkVlanChange& change) {
    const auto& config = ethernet.config_of(id);
    auto vlans = config.addl_vlan_ids;
    if (!config.ieee_virtual_eth) return std::unexpected("addl_vlan_ids need ieee_virtual_eth=1");
    for (const auto vlan : change.remove)
        if (std::erase(vlans, vlan) == 0)
            return std::unexpected("VLAN " + std::to_string(vlan.value()) + " is none of its additional VLANs");
    for (const auto vlan : change.add) {
        if (vlan == wire::kVlanIdFirmware) return std::unexpected("VLAN 3358 is reserved by the firmware");
        if (vlan == config.port_vlan_id || std::ranges::count(vlans, vlan) != 0)
            return std::unexpected("VLAN " + std::to_string(vlan.value()) + " is on the adapter already");
        vlans.push_back(vlan);
    }
    if (vlans.size() > hypervisor::kAdditionalVlanIdsMax)
        return std::unexpected("at most 20 additional VLANs are on an adapter");
    ethernet.set_additional_vlans(id, std::move(vlans));
    return {};
}

}  // namespace

Done apply_virtual_ethernet(Site& site, const VirtualEthernetStep& step) {
    auto* partition = site.find_partition(step.partition);
    PVMSIM_ASSERT(partition != nullptr);
    auto* adapter = adapter_in(*partition, step.slot);
    PVMSIM_ASSERT(adapter != nullptr);
    auto& ethernet = partition->system->virtual_ethernet();
    if (!ethernet.is_defined(partition->id(), step.slot)) return std::unexpected(step.partition + " is not running");
    const auto change = change_of(step, adapter->config().addl_vlan_ids);
    for (auto* sea : partition->seas) {
        if (std::ranges::count(sea->trunks(), adapter) == 0) continue;
        const auto& level = described_system(site, partition->description->system).hmc_level;
        if (auto done = vios::change_trunk_vlans(*sea, *adapter, change, level); !done)
            return std::unexpected(done.error().text);
        return {};
    }
    return change_alone(ethernet, ethernet.find(partition->id(), step.slot), change);
}

Done apply_virtual_switch(Site& site, const VirtualSwitchStep& step) {
    const auto system =
        std::ranges::find_if(site.systems(), [&](const auto& one) { return one->config().name == step.system; });
    PVMSIM_ASSERT(system != site.systems().end());
    (*system)->virtual_ethernet().set_switch_mode(step.vswitch, step.mode);
    return {};
}

Done change_sea_adapters(PartitionSite& partition, vios::SharedEthernetAdapter& sea, std::string_view names) {
    std::vector<aix::VirtualEthernetAdapterDevice*> adapters;
    for (bool more = true; more;) {
        const auto comma = names.find(',');
        const auto name = std::string(names.substr(0, comma));
        aix::VirtualEthernetAdapterDevice* found = nullptr;
        for (const auto& device : partition.os->devices())
            if (auto* adapter = dynamic_cast<aix::VirtualEthernetAdapterDevice*>(device.get()))
                if (device->name() == name || "V" + std::to_string(adapter->slot().value()) == name) found = adapter;
        if (found == nullptr) return std::unexpected("virt_adapters: there is no virtual adapter " + name);
        adapters.push_back(found);
        more = comma != std::string_view::npos;
        if (more) names.remove_prefix(comma + 1);
    }
    if (auto done = vios::change_virt_adapters(sea, std::move(adapters)); !done)
        return std::unexpected(done.error().text);
    return {};
}

std::string describe(const VirtualEthernetStep& step) {
    return "hmc: virtual Ethernet adapter V" + std::to_string(step.slot.value()) + " of " + step.partition + ": " +
           text_of(step.attributes);
}

std::string describe(const VirtualSwitchStep& step) {
    return "hmc: virtual switch " + step.system + "/" + step.vswitch + ": " + text_of(step.attributes);
}

}  // namespace pvmsim::scenarios
