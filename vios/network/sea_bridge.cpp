// How frames cross a Shared Ethernet Adapter (behaviour 3.2): between the real adapter and the trunk adapters, and to
// and from the interface that may stand on the SEA. A frame never goes back to the side it came from.
//
// The SEA learns no addresses: a frame from outside for a station that is not on the virtual switch is refused by the
// hypervisor and counts as dropped.
#include "vios/network/sea.hpp"

namespace pvmsim::vios {

void SharedEthernetAdapter::on_frame(aix::EthernetDevice& device, const wire::Frame& frame) {
    if (!available() || closed_) return;
    failover_.check_awake();
    if (&device == &real_) return from_real(frame);
    if (&device != control_) return from_virtual(frame);
    if (frame.type == wire::FrameType::kSeaControl) failover_.on_packet(SeaPacket::decode(frame.data));
}

void SharedEthernetAdapter::from_real(const wire::Frame& frame) {
    ++real_side_.received;
    if (frame.source == mac()) {  // Our own, come back through a loop outside.
        ++real_side_.dropped;
        return;
    }
    if (frame.destination == mac()) {
        ++real_side_.consumed;
        return pass_up(frame);
    }
    if (frame.destination.is_group()) pass_up(frame);
    if (!bridging()) return;
    if (trunk_of(frame.vlan) == nullptr) {
        ++real_side_.filtered_vlan;
        return;
    }
    ++(send_to_virtual(frame) ? real_side_.bridged : real_side_.dropped);
}

void SharedEthernetAdapter::from_virtual(const wire::Frame& frame) {
    ++virtual_side_.received;
    if (frame.destination == mac()) {
        ++virtual_side_.consumed;
        return pass_up(frame);
    }
    if (frame.destination.is_group()) pass_up(frame);
    if (!bridging()) return;
    // The port VLAN of any trunk adapter leaves untagged, the default one's or not: a known trap.
    ++(send_to_real(frame) ? virtual_side_.bridged : virtual_side_.dropped);
}

void SharedEthernetAdapter::pass_up(const wire::Frame& frame) {
    if (user_ != nullptr) user_->on_frame(*this, frame);
}

bool SharedEthernetAdapter::send(const wire::Frame& frame) {
    if (!available() || closed_) return false;
    const bool reached_client = bridging() && trunk_of(frame.vlan) != nullptr && send_to_virtual(frame);
    if (reached_client && !frame.destination.is_group()) return true;
    return send_to_real(frame);
}

aix::VirtualEthernetAdapterDevice* SharedEthernetAdapter::trunk_of(wire::VlanId tag) const {
    if (tag == wire::kUntagged) return default_trunk_;
    const auto index = trunk_by_vlan_[tag.value()];
    return index == 0 ? nullptr : trunks_[index - 1u];
}

bool SharedEthernetAdapter::send_to_virtual(const wire::Frame& frame) {
    auto* trunk = trunk_of(frame.vlan);
    auto inside = frame;
    if (frame.vlan == trunk->port_vlan_id()) inside.vlan = wire::kUntagged;
    if (!trunk->send(inside)) return false;
    ++virtual_side_.transmitted;
    return true;
}

bool SharedEthernetAdapter::send_to_real(const wire::Frame& frame) {
    if (!real_.send(frame)) return false;
    ++real_side_.transmitted;
    return true;
}

bool SharedEthernetAdapter::holds_trunks() const {
    for (const auto* trunk : trunks_)
        if (!trunk->trunk_active()) return false;
    return true;
}

void SharedEthernetAdapter::activate_trunks() {
    for (auto* trunk : trunks_) trunk->activate_trunk();
}

void SharedEthernetAdapter::send_control(const SeaPacket& packet) {
    if (control_ == nullptr) return;
    wire::Frame frame;
    frame.destination = wire::MacAddress::broadcast();
    frame.source = control_->mac();
    frame.type = wire::FrameType::kSeaControl;
    frame.data = packet.encode();
    control_->send(frame);
}

}  // namespace pvmsim::vios
