// How a frame goes through a virtual switch, exactly as behaviour 3.1 (PAPR ILLAN) tells: by the VLAN it is in, to the
// adapter that owns or is known to lead to the destination, else to the VLAN's active trunk adapter.
//
// In VEPA mode (802.1Qbg) a partition's frame leaves by the active trunk adapter, whoever it is for. The outside switch
// must send it back (reflective relay); then it goes to the partitions it is for, never to the one that sent it.
//
// Simplified: a multicast reaches every port of its VLAN (the real one filters); a tagged frame from an adapter that
// may not tag is lost, where the real one tags it twice. Addresses are learned behind a trunk adapter while it is
// active. VLAN 4095, in which trunk adapters hear each other, is ours as far as forwarding goes: IBM publishes its
// number.
#include "hypervisor/vswitch/switch_state.hpp"
#include "hypervisor/vswitch/virtual_ethernet.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

/// The VLAN a frame is in when it enters at an adapter; nullopt when the adapter may not send into it.
std::optional<wire::VlanId> VirtualEthernet::vlan_of(const Adapter& from, const wire::Frame& frame) {
    if (frame.vlan == wire::kUntagged) return from.config.port_vlan_id;
    if (!from.config.ieee_virtual_eth || !from.carries(frame.vlan)) return std::nullopt;
    return frame.vlan;
}

HcallStatus VirtualEthernet::send(LogicalLanId from, const wire::Frame& frame) {
    Adapter& sender = defined_adapter(from);
    if (!sender.registered || wire::bytes_with_tag(frame) > wire::kVirtualFrameBytesMax) {
        ++sender.counters.send_failures;
        return HcallStatus::kParameter;
    }
    const std::optional<wire::VlanId> vlan = vlan_of(sender, frame);
    if (!vlan) {
        if (frame.vlan == wire::kVlanIdSeaDiscovery && sender.config.is_trunk())
            return send_to_trunks(from.value(), frame);
        ++sender.counters.invalid_vlan;
        ++sender.counters.send_failures;
        return HcallStatus::kDropped;
    }
    if (frame.source != sender.mac) learn(from.value(), frame.source, *vlan);
    const HcallStatus status = frame.destination.is_group() ? send_to_group(from.value(), frame, *vlan)
                                                            : send_to_one(from.value(), frame, *vlan);
    ++(status == HcallStatus::kSuccess ? sender.counters.sent : sender.counters.send_failures);
    return status;
}

void VirtualEthernet::learn(std::uint32_t from, wire::MacAddress source, wire::VlanId vlan) {
    const Adapter& sender = adapters_[from];
    if (source.is_group() || (sender.config.is_trunk() && !sender.trunk_active)) return;
    Switch& vswitch = switches_[sender.switch_index];
    // What comes back from outside was sent inside; a VEPA never learns from its uplink (802.1Qbg).
    if (sender.config.is_trunk() && vswitch.mode == SwitchMode::kVepa) return;
    const std::uint32_t owner = vswitch.own.find(MacTable::key(source, wire::kUntagged));
    if (owner != MacTable::kNowhere && adapters_[owner].carries(vlan)) return;
    if (vswitch.learned.put(MacTable::key(source, vlan), from)) ++routes_version_;
}

/// The adapter an address is behind in a VLAN; kNowhere: not known. In a VLAN its owner has no part in, the address may
/// live elsewhere: a client's backup adapter.
std::uint32_t VirtualEthernet::home_of(const Switch& vswitch, wire::MacAddress mac, wire::VlanId vlan) const {
    const std::uint32_t owner = vswitch.own.find(MacTable::key(mac, wire::kUntagged));
    if (owner != MacTable::kNowhere && adapters_[owner].carries(vlan)) return owner;
    const std::uint32_t learned = vswitch.learned.find(MacTable::key(mac, vlan));
    return learned != MacTable::kNowhere ? learned : owner;
}

/// The adapter a unicast frame goes to; kNowhere: none.
std::uint32_t VirtualEthernet::destination_of(std::uint32_t from, wire::MacAddress destination,
                                              wire::VlanId vlan) const {
    const Switch& vswitch = switches_[adapters_[from].switch_index];
    const std::uint32_t trunk = vswitch.active_trunk[vlan.value()];
    if (from != trunk && vswitch.leaves_to_outside(vlan)) return trunk;
    const std::uint32_t home = home_of(vswitch, destination, vlan);
    return home != MacTable::kNowhere ? home : trunk;
}

HcallStatus VirtualEthernet::send_to_one(std::uint32_t from, const wire::Frame& frame, wire::VlanId vlan) {
    Adapter& sender = adapters_[from];
    const std::uint32_t to = destination_of(from, frame.destination, vlan);
    if (to == MacTable::kNowhere || to == from) return HcallStatus::kDropped;
    if (!adapters_[to].carries(vlan)) {
        ++adapters_[to].counters.invalid_vlan;
        return HcallStatus::kDropped;
    }
    const HcallStatus status = deliver(from, to, frame, vlan);
    if (status == HcallStatus::kDropped) ++sender.counters.receiver_failures;
    return status;
}

HcallStatus VirtualEthernet::send_to_group(std::uint32_t from, const wire::Frame& frame, wire::VlanId vlan) {
    Adapter& sender = adapters_[from];
    const Switch& vswitch = switches_[sender.switch_index];
    // In VEPA mode the outside switch sends a client's broadcast back in; the client itself must not see it again.
    std::uint32_t origin = from;
    if (vswitch.leaves_to_outside(vlan)) {
        const std::uint32_t trunk = vswitch.active_trunk[vlan.value()];
        if (from != trunk)
            return trunk == MacTable::kNowhere ? HcallStatus::kDropped : deliver(from, trunk, frame, vlan);
        origin = home_of(vswitch, frame.source, vlan);
    }
    HcallStatus status = HcallStatus::kSuccess;
    for (const std::uint32_t to : vswitch.ports[vlan.value()]) {
        if (to == from || to == origin) continue;
        const Adapter& receiver = adapters_[to];
        if (receiver.config.is_trunk() && !receiver.trunk_active && !receiver.inactive_reception) continue;
        if (deliver(from, to, frame, vlan) == HcallStatus::kDropped) status = HcallStatus::kDropped;
    }
    if (status == HcallStatus::kDropped) ++sender.counters.receiver_failures;
    return status;
}

/// VLAN 4095: from a trunk adapter to the trunk adapters of other partitions on its switch, active or not.
HcallStatus VirtualEthernet::send_to_trunks(std::uint32_t from, const wire::Frame& frame) {
    const Adapter& sender = adapters_[from];
    for (std::uint32_t to = 0; to < adapters_.size(); ++to) {
        const Adapter& other = adapters_[to];
        if (!other.defined || !other.registered || !other.config.is_trunk()) continue;
        if (other.switch_index != sender.switch_index || other.owner == sender.owner) continue;
        deliver(from, to, frame, wire::kVlanIdSeaDiscovery);
    }
    ++adapters_[from].counters.sent;
    return HcallStatus::kSuccess;
}

/// The copy is made by the processor that makes the hypervisor call, so it is the sender's.
HcallStatus VirtualEthernet::deliver(std::uint32_t from, std::uint32_t to, const wire::Frame& frame,
                                     wire::VlanId vlan) {
    Adapter& receiver = adapters_[to];
    PVMSIM_ASSERT(receiver.registered);
    if (!receiver.buffers.take(frame.size_bytes)) {
        ++receiver.counters.no_buffer;
        return HcallStatus::kDropped;
    }
    ++receiver.counters.received;
    ++adapters_[from].counters.copies;
    adapters_[from].counters.copied_bytes += frame.size_bytes;
    VirtualFrameArrived arrived{.frame = frame, .slot = receiver.slot};
    arrived.frame.vlan = vlan == receiver.config.port_vlan_id ? wire::kUntagged : vlan;
    engine_.schedule_in(latency_, receiver.receiver, arrived);
    return HcallStatus::kSuccess;
}

}  // namespace pvmsim::hypervisor
