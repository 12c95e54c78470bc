// `shared_ethernet_adapters:` - the SEAs of a VIOS (R-NET-04, R-NET-05). Mistakes that a real VIOS accepts, such as
// equal trunk priorities on both sides or control channels that do not meet, pass: a run shows what they do.
#include <algorithm>

#include "scenarios/loader/reading.hpp"
#include "scenarios/schema/quantities.hpp"
#include "vios/network/sea_attributes.hpp"

namespace pvmsim::scenarios {

namespace {

constexpr std::size_t kTrunkAdaptersMax = 16;  // R-NET-04

hypervisor::SlotNumber slot_of(std::string_view name) {
    return hypervisor::SlotNumber{static_cast<std::uint16_t>(parse_integer(name.substr(1)).value_or(0))};
}

std::string owner(const PartitionDescription& partition) { return "'" + partition.config.name + "'"; }

}  // namespace

void Reading::read_sea(const Entry& entry, PartitionDescription& partition) {
    const Fields fields(&entry.value);
    SeaDescription sea;
    sea.name = entry.key;
    if (!entry.key.starts_with("ent"))
        say(entry.key_place, "a Shared Ethernet Adapter is a device entN, not '" + entry.key + "'");
    claim_device(entry.key_place, entry.key);
    if (const auto* real = fields.scalar("real_adapter")) {
        const auto& groups = partition.vios->link_aggregations;
        const bool group = std::ranges::find(groups, real->text, &LinkAggregationDescription::name) != groups.end();
        if (!group) check_owned_port(*real, partition, hypervisor::AdapterKind::kEthernet);
        claim_device(real->place, group ? "the ports of " + real->text : real->text);
        sea.real_adapter = real->text;
    }
    for (const auto& item : fields.items("virt_adapters")) {
        if (!item.is_scalar()) continue;
        const auto* adapter = check_virtual_ethernet(item, partition);
        if (adapter && !adapter->is_trunk())
            say(item.place, item.text + " of " + owner(partition) + " is no trunk adapter: its trunk priority is 0");
        claim_device(item.place, item.text);
        sea.virt_adapters.push_back(item.text);
    }
    if (sea.virt_adapters.size() > kTrunkAdaptersMax)
        say(fields.place_of("virt_adapters"), "a Shared Ethernet Adapter bridges at most 16 trunk adapters");
    const auto* pvid_adapter = fields.scalar("pvid_adapter");
    sea.pvid_adapter = pvid_adapter ? pvid_adapter->text : sea.virt_adapters.empty() ? "" : sea.virt_adapters.front();
    if (pvid_adapter && std::ranges::find(sea.virt_adapters, sea.pvid_adapter) == sea.virt_adapters.end())
        say(pvid_adapter->place, "pvid_adapter " + sea.pvid_adapter + " is not one of virt_adapters");
    read_sea_channel(entry, partition, sea);

    static constexpr std::string_view kOwnKeys[] = {"real_adapter", "virt_adapters", "pvid_adapter", "ctl_chan",
                                                    "ip",           "ip_vlan",       "netmask"};
    for (const auto& attribute : fields.entries())
        if (std::ranges::find(kOwnKeys, attribute.key) == std::end(kOwnKeys) && attribute.value.is_scalar())
            sea.attributes.emplace_back(attribute.key, attribute.value.text);
    const auto& adapters = partition.config.profile.virtual_eth_adapters;
    const auto default_adapter =
        std::ranges::find(adapters, slot_of(sea.pvid_adapter.empty() ? "V0" : sea.pvid_adapter),
                          &hypervisor::VirtualEthernetAdapter::slot_num);
    sea.ip = fields.address("ip");
    vios::SeaSurroundings around{.default_adapter = sea.pvid_adapter, .default_vlan = {}, .own_address = sea.ip};
    if (default_adapter != adapters.end()) around.default_vlan = default_adapter->port_vlan_id;
    for (const auto& [name, value] : sea.attributes)
        if (const auto refusal = vios::why_refused(name, value, around)) say(fields.place_of(name), *refusal);
    if (!fields.has("pvid") && default_adapter != adapters.end())
        sea.attributes.emplace_back("pvid", std::to_string(default_adapter->port_vlan_id.value()));
    sea.prefix_length = read_netmask(fields);
    const auto pvid = std::ranges::find(sea.attributes, std::string("pvid"), &AttributeValues::value_type::first);
    const auto pvid_value = pvid != sea.attributes.end() ? parse_integer(pvid->second).value_or(1) : 1;
    sea.ip_vlan = fields.vlan("ip_vlan").value_or(wire::VlanId{static_cast<std::uint16_t>(pvid_value)});
    partition.vios->shared_ethernet_adapters.push_back(std::move(sea));
}

/// ha_mode alone is the simplified control channel, or, before level 2.2.3.0, a mistake that a run shows. The channel
/// must not reach the outside (R-NET-05).
void Reading::read_sea_channel(const Entry& entry, PartitionDescription& partition, SeaDescription& sea) {
    const Fields fields(&entry.value);
    const auto* channel = fields.scalar("ctl_chan");
    if (channel && !fields.has("ha_mode"))
        say(fields.place_of("ctl_chan"), "ha_mode and ctl_chan belong together: '" + entry.key + "' has no ha_mode");
    if (!channel) return;
    const auto* adapter = check_virtual_ethernet(*channel, partition);
    if (adapter && adapter->is_trunk())
        say(channel->place, "control channel " + channel->text + " of " + owner(partition) +
                                " is a trunk adapter: its trunk priority must be 0");
    claim_device(channel->place, channel->text);
    sea.ctl_chan = channel->text;
}

}  // namespace pvmsim::scenarios
