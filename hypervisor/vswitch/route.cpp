// Where a frame would go, without sending it: the rules of forwarding.cpp for one unicast frame. Nothing is counted,
// learned or copied, and receive buffers are not looked at. For traffic that is computed as a rate.
#include "hypervisor/vswitch/switch_state.hpp"
#include "hypervisor/vswitch/virtual_ethernet.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

std::optional<VirtualEthernet::Route> VirtualEthernet::route(LogicalLanId from, const wire::Frame& frame) const {
    const Adapter& sender = defined_adapter(from);
    PVMSIM_ASSERT(!frame.destination.is_group());
    if (!sender.registered) return std::nullopt;
    const auto vlan = vlan_of(sender, frame);
    if (!vlan) return std::nullopt;
    const std::uint32_t to = destination_of(from.value(), frame.destination, *vlan);
    if (to == MacTable::kNowhere || to == from.value() || !adapters_[to].carries(*vlan)) return std::nullopt;
    const Adapter& receiver = adapters_[to];
    Route route{.receiver = receiver.receiver, .frame = frame};
    route.frame.vlan = *vlan == receiver.config.port_vlan_id ? wire::kUntagged : *vlan;
    return route;
}

}  // namespace pvmsim::hypervisor
