// How frames cross a Shared Ethernet Adapter (behaviour 3.2): between the real adapter and the trunk adapters, and to
// and from the interface that may stand on the SEA. A frame never goes back to the side it came from.
//
// A frame crosses at once, as long as the VIOS has processor enough: the microseconds of its own work are not waited
// for, which saves an event for each frame. When the VIOS is short of it, frames queue in the order they came.
//
// The SEA learns no addresses: a frame from outside for a station that is not on the virtual switch is refused by the
// hypervisor and counts as dropped.
#include "vios/network/sea.hpp"

#include "vios/network/events.hpp"

namespace pvmsim::vios {

void SharedEthernetAdapter::on_frame(aix::EthernetDevice& device, const wire::Frame& frame) {
    if (!available() || closed_) return;
    failover_.check_awake();
    if (&device == &real_) return from_real(frame);
    if (frame.type == wire::FrameType::kSeaControl) return on_control_frame(device, frame);
    if (&device != control_) from_virtual(device, frame);
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
    const auto* trunk = trunk_of(frame.vlan);
    if (trunk == nullptr) {
        ++real_side_.filtered_vlan;
        return;
    }
    if (!bridges(*trunk)) return;
    if (receives_large_) return join_and_bridge(frame);
    bridge(Side::kReal, frame);
}

void SharedEthernetAdapter::from_virtual(const aix::EthernetDevice& trunk, const wire::Frame& frame) {
    ++virtual_side_.received;
    if (frame.destination == mac()) {
        ++virtual_side_.consumed;
        return pass_up(frame);
    }
    if (frame.destination.is_group()) pass_up(frame);
    if (!bridges(trunk)) return;
    // The port VLAN of any trunk adapter leaves untagged, the default one's or not: a known trap.
    bridge(Side::kVirtual, frame);
}

void SharedEthernetAdapter::bridge(Side from, const wire::Frame& frame) {
    if (!queues_.empty() && queues_.overflows(from, frame)) {
        ++counters_of(from).dropped;
        return;
    }
    const auto cycles = sea_frame_cycles(cost_mode_, frame.size_bytes);
    const auto wait = is_threaded_ ? processor_.charge_frame(cycles) : processor_.charge_interrupt_frame(cycles);
    if (wait && wait->count() == 0 && queues_.empty()) return cross(from, frame);
    wait_for_processor(from, frame, wait);
}

void SharedEthernetAdapter::wait_for_processor(Side from, const wire::Frame& frame, std::optional<sim::Duration> wait) {
    if (!wait) {
        ++counters_of(queues_.displace(from, frame).from).dropped;
        return;
    }
    const bool is_first = queues_.empty();
    queues_.push(now() + *wait, from, frame);
    if (is_first) arm_waiting();
}

void SharedEthernetAdapter::cross(Side from, const wire::Frame& frame) {
    const bool sent = bridging() && (from == Side::kReal ? send_to_virtual(frame) : send_to_real(frame));
    auto& counters = counters_of(from);
    ++(sent ? counters.bridged : counters.dropped);
    if (sent && accounting_ != nullptr) account(from, frame);
}

void SharedEthernetAdapter::bridge_due() {
    while (const auto next = queues_.pop(now())) cross(next->from, next->frame);
    if (!queues_.empty()) arm_waiting();
}

void SharedEthernetAdapter::arm_waiting() {
    waiting_timer_ = engine().schedule_at(queues_.next_turn(), entity(), SeaFrameDue{});
}

void SharedEthernetAdapter::forget_waiting() {
    queues_.forget();
    large_receive_.forget();
    engine().cancel(waiting_timer_);
    engine().cancel(trains_timer_);
}

void SharedEthernetAdapter::pass_up(const wire::Frame& frame) {
    if (user_ != nullptr) user_->on_frame(*this, frame);
}

bool SharedEthernetAdapter::send(const wire::Frame& frame) {
    if (!available() || closed_) return false;
    const auto* trunk = trunk_of(frame.vlan);
    const bool reached_client = trunk != nullptr && bridges(*trunk) && send_to_virtual(frame);
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
    if (trunk == nullptr) return false;  // Its VLAN was taken away while the frame waited.
    auto inside = frame;
    if (frame.vlan == trunk->port_vlan_id()) inside.vlan = wire::kUntagged;
    if (!trunk->send(inside)) return false;
    ++virtual_side_.transmitted;
    return true;
}

bool SharedEthernetAdapter::send_to_real(const wire::Frame& frame) {
    if (frame.size_bytes > real_frame_bytes_max_) return send_large_to_real(frame);
    if (!real_.send(frame)) return false;
    ++real_side_.transmitted;
    return true;
}

}  // namespace pvmsim::vios
