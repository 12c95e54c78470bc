// Adapters and trunks of the virtual switches: who is there, in which VLANs, and which trunk adapter is active. How
// frames go is in forwarding.cpp. Source: behaviour 3.1 (PAPR ILLAN).
#include "hypervisor/vswitch/virtual_ethernet.hpp"

#include <algorithm>
#include <span>

#include "hypervisor/vswitch/switch_state.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

namespace {

std::uint32_t place(PartitionId owner, SlotNumber slot) { return std::uint32_t{owner.value()} << 16 | slot.value(); }

}  // namespace

VirtualEthernet::VirtualEthernet(sim::Engine& engine, std::string system_name, sim::Duration latency)
    : engine_(engine), system_name_(std::move(system_name)), latency_(latency) {}

VirtualEthernet::~VirtualEthernet() = default;

VirtualEthernet::Adapter& VirtualEthernet::defined_adapter(LogicalLanId id) {
    PVMSIM_ASSERT(id.value() < adapters_.size());
    PVMSIM_ASSERT(adapters_[id.value()].defined);
    return adapters_[id.value()];
}

const VirtualEthernet::Adapter& VirtualEthernet::defined_adapter(LogicalLanId id) const {
    PVMSIM_ASSERT(id.value() < adapters_.size());
    PVMSIM_ASSERT(adapters_[id.value()].defined);
    return adapters_[id.value()];
}

std::uint32_t VirtualEthernet::switch_named(std::string_view name) {
    const auto found = std::ranges::find(switches_, name, &Switch::name);
    const auto index = static_cast<std::uint32_t>(found - switches_.begin());
    if (found == switches_.end()) switches_.emplace_back(name);
    return index;
}

LogicalLanId VirtualEthernet::define(PartitionId owner, const VirtualEthernetAdapter& config) {
    PVMSIM_ASSERT(config.mac_addr.has_value());
    PVMSIM_ASSERT(config.addl_vlan_ids.size() <= kAdditionalVlansMax);
    const auto next = static_cast<std::uint32_t>(adapters_.size());
    const auto [entry, is_new] = index_by_place_.try_emplace(place(owner, config.slot_num), next);
    if (is_new) adapters_.emplace_back();
    Adapter& adapter = adapters_[entry->second];
    PVMSIM_ASSERT(!adapter.defined);
    adapter = Adapter{};
    adapter.switch_index = switch_named(config.vswitch);
    adapter.defined = true;
    adapter.slot = config.slot_num;
    adapter.mac = *config.mac_addr;
    adapter.owner = owner;
    adapter.config = config;
    adapter.take_vlans_of_config();
    switches_[adapter.switch_index].note_uplinks(adapter);
    return LogicalLanId{entry->second};
}

void VirtualEthernet::undefine(LogicalLanId id) {
    free_adapter(id);
    defined_adapter(id).defined = false;
}

LogicalLanId VirtualEthernet::find(PartitionId owner, SlotNumber slot) const {
    const auto found = index_by_place_.find(place(owner, slot));
    PVMSIM_ASSERT(found != index_by_place_.end());
    PVMSIM_ASSERT(adapters_[found->second].defined);
    return LogicalLanId{found->second};
}

bool VirtualEthernet::is_defined(PartitionId owner, SlotNumber slot) const {
    const auto found = index_by_place_.find(place(owner, slot));
    return found != index_by_place_.end() && adapters_[found->second].defined;
}

void VirtualEthernet::join(std::uint32_t index) {
    ++routes_version_;
    const Adapter& adapter = adapters_[index];
    Switch& vswitch = switches_[adapter.switch_index];
    for (const wire::VlanId vlan : std::span(adapter.vlans).first(adapter.vlan_count)) {
        auto& ports = vswitch.ports[vlan.value()];
        ports.insert(std::ranges::lower_bound(ports, index), index);
    }
}

void VirtualEthernet::leave(std::uint32_t index) {
    ++routes_version_;
    const Adapter& adapter = adapters_[index];
    Switch& vswitch = switches_[adapter.switch_index];
    for (const wire::VlanId vlan : std::span(adapter.vlans).first(adapter.vlan_count))
        std::erase(vswitch.ports[vlan.value()], index);
}

HcallStatus VirtualEthernet::register_adapter(LogicalLanId id, sim::EntityId receiver) {
    PVMSIM_ASSERT(receiver != sim::kNoEntity);
    PVMSIM_ASSERT(id.value() < adapters_.size());
    Adapter& adapter = adapters_[id.value()];
    if (!adapter.defined) return HcallStatus::kNotFound;
    if (adapter.registered) return HcallStatus::kResource;
    adapter.registered = true;
    adapter.receiver = receiver;
    adapter.inactive_reception = true;
    adapter.buffers.reset();
    Switch& vswitch = switches_[adapter.switch_index];
    const std::uint64_t own = MacTable::key(adapter.mac, wire::kUntagged);
    vswitch.own.put(own, id.value());
    vswitch.learned.erase_if([own](std::uint64_t key, std::uint32_t) { return (key << 16) == (own << 16); });
    join(id.value());
    return HcallStatus::kSuccess;
}

void VirtualEthernet::free_adapter(LogicalLanId id) {
    Adapter& adapter = defined_adapter(id);
    if (!adapter.registered) return;
    deactivate_trunk(id.value());
    leave(id.value());
    const auto is_behind = [id](std::uint64_t, std::uint32_t port) { return port == id.value(); };
    Switch& vswitch = switches_[adapter.switch_index];
    vswitch.own.erase_if(is_behind);
    vswitch.learned.erase_if(is_behind);
    adapter.registered = false;
    adapter.receiver = sim::kNoEntity;
}

void VirtualEthernet::fail_partition(PartitionId owner) {
    for (std::uint32_t i = 0; i < adapters_.size(); ++i)
        if (adapters_[i].defined && adapters_[i].owner == owner) free_adapter(LogicalLanId{i});
}

void VirtualEthernet::replenish(LogicalLanId id, const wire::Frame& frame) {
    defined_adapter(id).buffers.give_back(frame.size_bytes);
}

/// Clears the Active bit. What was learned behind the adapter is there no more: the outside is reached elsewhere now.
void VirtualEthernet::deactivate_trunk(std::uint32_t index) {
    Adapter& adapter = adapters_[index];
    if (!adapter.trunk_active) return;
    adapter.trunk_active = false;
    ++routes_version_;
    Switch& vswitch = switches_[adapter.switch_index];
    for (std::uint32_t& active : vswitch.active_trunk)
        if (active == index) active = MacTable::kNowhere;
    vswitch.learned.erase_if([index](std::uint64_t, std::uint32_t port) { return port == index; });
}

HcallStatus VirtualEthernet::activate_trunk(LogicalLanId id) {
    Adapter& adapter = defined_adapter(id);
    if (!adapter.config.is_trunk() || !adapter.registered) return HcallStatus::kParameter;
    Switch& vswitch = switches_[adapter.switch_index];
    for (const wire::VlanId vlan : std::span(adapter.vlans).first(adapter.vlan_count)) {
        std::uint32_t& active = vswitch.active_trunk[vlan.value()];
        if (active != MacTable::kNowhere && active != id.value()) deactivate_trunk(active);
        active = id.value();
    }
    if (!adapter.trunk_active) {
        engine_.trace().detail(engine_.now(), system_name_, "trunk-active",
                               {{"vswitch", std::string_view{vswitch.name}},
                                {"lpar_id", std::int64_t{adapter.owner.value()}},
                                {"slot_num", std::int64_t{adapter.slot.value()}}});
    }
    adapter.trunk_active = true;
    ++routes_version_;
    return HcallStatus::kSuccess;
}

bool VirtualEthernet::trunk_active(LogicalLanId id) const { return defined_adapter(id).trunk_active; }

void VirtualEthernet::set_inactive_trunk_reception(LogicalLanId id, bool enabled) {
    defined_adapter(id).inactive_reception = enabled;
}

void VirtualEthernet::set_switch_mode(std::string_view vswitch, SwitchMode mode) {
    Switch& one = switches_[switch_named(vswitch)];
    one.mode = mode;
    one.learned.erase_if([this](std::uint64_t, std::uint32_t port) { return adapters_[port].config.is_trunk(); });
    ++routes_version_;
}

SwitchMode VirtualEthernet::switch_mode(std::string_view vswitch) const {
    const auto found = std::ranges::find(switches_, vswitch, &Switch::name);
    return found == switches_.end() ? SwitchMode::kVeb : found->mode;
}

std::vector<std::string> VirtualEthernet::switch_names() const {
    std::vector<std::string> names;
    for (const Switch& one : switches_) names.push_back(one.name);
    return names;
}

/// An active trunk adapter is active in the VLANs it gains, too, as if it had set its bit again.
void VirtualEthernet::set_additional_vlans(LogicalLanId id, std::vector<wire::VlanId> vlans) {
    PVMSIM_ASSERT(vlans.size() <= kAdditionalVlansMax);
    Adapter& adapter = defined_adapter(id);
    PVMSIM_ASSERT(adapter.config.ieee_virtual_eth || vlans.empty());
    const bool was_active = adapter.trunk_active;
    if (adapter.registered) {
        deactivate_trunk(id.value());
        leave(id.value());
        switches_[adapter.switch_index].learned.erase_if(
            [id](std::uint64_t, std::uint32_t port) { return port == id.value(); });
    }
    adapter.config.addl_vlan_ids = std::move(vlans);
    adapter.take_vlans_of_config();
    switches_[adapter.switch_index].note_uplinks(adapter);
    if (adapter.registered) join(id.value());
    if (was_active) activate_trunk(id);
}

const VirtualEthernetAdapter& VirtualEthernet::config_of(LogicalLanId id) const { return defined_adapter(id).config; }

PartitionId VirtualEthernet::owner_of(LogicalLanId id) const { return defined_adapter(id).owner; }

const ReceiveBuffers& VirtualEthernet::receive_buffers_of(LogicalLanId id) const { return defined_adapter(id).buffers; }

const LogicalLanCounters& VirtualEthernet::counters_of(LogicalLanId id) const { return defined_adapter(id).counters; }

std::optional<LogicalLanId> VirtualEthernet::active_trunk(std::string_view vswitch, wire::VlanId vlan) const {
    PVMSIM_ASSERT(vlan.value() < kVlanTableSize);
    const auto found = std::ranges::find(switches_, vswitch, &Switch::name);
    if (found == switches_.end()) return std::nullopt;
    const std::uint32_t active = found->active_trunk[vlan.value()];
    if (active == MacTable::kNowhere) return std::nullopt;
    return LogicalLanId{active};
}

std::vector<wire::MacAddress> VirtualEthernet::stations_on(std::string_view vswitch, wire::VlanId vlan) const {
    PVMSIM_ASSERT(vlan.value() < kVlanTableSize);
    std::vector<wire::MacAddress> stations;
    const auto found = std::ranges::find(switches_, vswitch, &Switch::name);
    if (found == switches_.end()) return stations;
    for (const std::uint32_t index : found->ports[vlan.value()])
        if (!adapters_[index].config.is_trunk()) stations.push_back(adapters_[index].mac);
    return stations;
}

void VirtualEthernet::digest(sim::Digest& digest) const {
    digest.add(latency_);
    for (const Adapter& adapter : adapters_) {
        digest.add(adapter.switch_index);
        digest.add(adapter.defined);
        digest.add(adapter.registered);
        digest.add(adapter.trunk_active);
        digest.add(adapter.inactive_reception);
        digest.add(adapter.slot);
        digest.add(adapter.owner);
        for (const wire::VlanId vlan : std::span(adapter.vlans).first(adapter.vlan_count)) digest.add(vlan);
        digest.add(adapter.mac.to_integer());
        digest.add(adapter.receiver);
        adapter.buffers.digest(digest);
        digest.add(adapter.counters.sent);
        digest.add(adapter.counters.received);
        digest.add(adapter.counters.send_failures);
    }
    for (const Switch& vswitch : switches_) {
        digest.add(vswitch.mode);
        for (std::uint32_t vlan = 0; vswitch.mode == SwitchMode::kVepa && vlan < kVlanTableSize; ++vlan)
            if (vswitch.uplinked[vlan]) digest.add(vlan);
        vswitch.own.digest(digest);
        vswitch.learned.digest(digest);
    }
}

}  // namespace pvmsim::hypervisor
