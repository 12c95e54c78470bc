// Finding conflicts before anything is built; see site_checks.hpp.
//
// A physical slot named in two profiles is legal on an HMC as long as only one of the partitions runs; here every
// partition's drivers exist from the start, so it is refused (docs/model/devices.md).
#include "scenarios/play/site_checks.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "scenarios/play/names.hpp"

namespace pvmsim::scenarios {
namespace {

/// Remembers who has a name; says who had it before.
template <class Key>
class Register {
  public:
    std::optional<std::string> enter(const Key& key, const std::string& owner) {
        const auto [place, fresh] = owners_.emplace(key, owner);
        return fresh ? std::nullopt : std::optional(place->second);
    }

  private:
    std::map<Key, std::string> owners_;
};

std::optional<std::string> find_port_name_conflict(const Scenario& scenario) {
    Register<wire::Wwpn> wwpns;
    Register<wire::MacAddress> macs;
    const auto enter_wwpn = [&](wire::Wwpn wwpn, const std::string& owner) -> std::optional<std::string> {
        const auto before = wwpns.enter(wwpn, owner);
        return before ? std::optional(owner + ": WWPN " + wire::to_string(wwpn) + " is that of " + *before)
                      : std::nullopt;
    };
    for (const auto& array : scenario.fabric.arrays)
        for (const auto& port : array.ports) {
            const auto path = array.config.name + "/" + port.name;
            if (auto conflict = enter_wwpn(array_wwpn(path), path)) return conflict;
        }
    for (const auto& system : scenario.systems)
        for (const auto& adapter : system.adapters)
            for (const auto& port : adapter.ports) {
                const auto path = system.config.name + "/" + adapter.slot.location + "-" + port.name;
                if (adapter.slot.kind == hypervisor::AdapterKind::kFibreChannel) {
                    if (auto conflict = enter_wwpn(port.wwpn.value_or(adapter_wwpn(path)), path)) return conflict;
                } else if (adapter.slot.kind == hypervisor::AdapterKind::kEthernet) {
                    const auto mac = port.mac.value_or(adapter_mac(path));
                    if (const auto before = macs.enter(mac, path))
                        return path + ": MAC address " + mac.to_string() + " is that of " + *before;
                }
            }
    for (const auto& partition : scenario.partitions)
        for (const auto& adapter : partition.config.profile.virtual_fc_adapters)
            if (adapter.wwpns)
                for (const auto wwpn : {adapter.wwpns->first, adapter.wwpns->second})
                    if (auto conflict = enter_wwpn(wwpn, partition.config.name)) return conflict;
    return std::nullopt;
}

std::optional<std::string> find_slot_conflict(const Scenario& scenario) {
    Register<std::pair<std::string, hypervisor::DrcIndex>> slots;
    for (const auto& partition : scenario.partitions)
        for (const auto& request : partition.config.profile.io_slots)
            if (const auto before = slots.enter({partition.system, request.drc_index}, partition.config.name))
                return "partition " + partition.config.name + ": io_slots: a slot of this profile is in that of " +
                       *before + " too; give each physical slot to one partition";
    return std::nullopt;
}

/// Devices that the system finds by itself are ent0, ent1, ...; those that an administrator makes come after them.
std::optional<std::string> find_device_name_conflict(const Scenario& scenario, const PartitionDescription& partition) {
    std::size_t found = partition.config.profile.virtual_eth_adapters.size();
    for (const auto& system : scenario.systems) {
        if (system.config.name != partition.system) continue;
        for (const auto& adapter : system.adapters)
            for (const auto& request : partition.config.profile.io_slots)
                if (adapter.slot.drc_index == request.drc_index &&
                    adapter.slot.kind == hypervisor::AdapterKind::kEthernet)
                    found += adapter.ports.size();
    }
    std::vector<std::string> made;
    std::vector<std::string> targets;
    for (const auto& aggregation : partition.link_aggregations) made.push_back(aggregation.name);
    if (partition.vios) {
        for (const auto& aggregation : partition.vios->link_aggregations) made.push_back(aggregation.name);
        for (const auto& sea : partition.vios->shared_ethernet_adapters) made.push_back(sea.name);
        for (const auto& target : partition.vios->virtual_targets) targets.push_back(target.device);
    }
    for (std::size_t index = 0; index < made.size(); ++index) {
        const auto who = "partition " + partition.config.name + ": " + made[index];
        if (std::count(made.begin(), made.end(), made[index]) > 1) return who + " is made twice";
        for (std::size_t taken = 0; taken < found; ++taken)
            if (made[index] == "ent" + std::to_string(taken))
                return who + " is the name of an adapter that the system finds by itself; the first free one is ent" +
                       std::to_string(found);
    }
    for (const auto& target : targets)
        for (const std::string prefix : {"ent", "en", "fcs", "fscsi", "vhost", "vfchost", "vscsi", "hdisk"})
            if (target.starts_with(prefix) && target.size() > prefix.size() &&
                std::all_of(target.begin() + static_cast<std::ptrdiff_t>(prefix.size()), target.end(),
                            [](char letter) { return letter >= '0' && letter <= '9'; }))
                return "partition " + partition.config.name + ": virtual target " + target +
                       " would have the name of another kind of device";
    return std::nullopt;
}

/// One thing stands on a virtual Ethernet adapter: an interface, a SEA as its trunk, or a SEA's control channel.
std::optional<std::string> find_adapter_conflict(const PartitionDescription& partition) {
    Register<std::string> users;
    const auto enter = [&](const std::string& adapter, const std::string& user) -> std::optional<std::string> {
        const auto before = users.enter(adapter, user);
        if (!before) return std::nullopt;
        return "partition " + partition.config.name + ": " + user + " cannot use adapter " + adapter + ", which " +
               *before + " uses";
    };
    if (partition.vios)
        for (const auto& sea : partition.vios->shared_ethernet_adapters) {
            for (const auto& trunk : sea.virt_adapters)
                if (auto conflict = enter(trunk, sea.name)) return conflict;
            if (!sea.ctl_chan.empty())
                if (auto conflict = enter(sea.ctl_chan, sea.name)) return conflict;
            if (auto conflict = enter(sea.real_adapter, sea.name)) return conflict;
        }
    auto aggregations = partition.link_aggregations;
    if (partition.vios)
        aggregations.insert(aggregations.end(), partition.vios->link_aggregations.begin(),
                            partition.vios->link_aggregations.end());
    for (const auto& aggregation : aggregations) {
        auto members = aggregation.adapter_names;
        if (!aggregation.backup_adapter.empty()) members.push_back(aggregation.backup_adapter);
        for (const auto& member : members)
            if (auto conflict = enter(member, aggregation.name)) return conflict;
    }
    for (std::size_t index = 0; index < partition.interfaces.size(); ++index) {
        const auto& interface = partition.interfaces[index];
        const auto slot = "V" + std::to_string(interface.slot.value());
        if (auto conflict = enter(interface.adapter.empty() ? slot : interface.adapter, "en" + std::to_string(index)))
            return conflict;
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> find_site_conflict(const Scenario& scenario) {
    if (auto conflict = find_port_name_conflict(scenario)) return conflict;
    if (auto conflict = find_slot_conflict(scenario)) return conflict;
    for (const auto& partition : scenario.partitions) {
        if (auto conflict = find_adapter_conflict(partition)) return conflict;
        if (partition.vios || !partition.link_aggregations.empty())
            if (auto conflict = find_device_name_conflict(scenario, partition)) return conflict;
    }
    return std::nullopt;
}

}  // namespace pvmsim::scenarios
