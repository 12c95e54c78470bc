// The l-lan driver; rules: virtual_ethernet_adapter.hpp. Hypervisor calls that can fail only by our mistake are
// asserted; a frame that nobody takes is the sender's loss and counted by the hypervisor.
#include "aix/network/virtual_ethernet_adapter.hpp"

#include <algorithm>
#include <utility>

#include "aix/odm/predefined.hpp"
#include "aix/os/operating_system.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::aix {
namespace {

const hypervisor::VirtualEthernetAdapter& of_profile(const hypervisor::ManagedSystem& system,
                                                     hypervisor::PartitionId partition, hypervisor::SlotNumber slot) {
    const auto& adapters = system.partition(partition).profile.virtual_eth_adapters;
    const auto found = std::ranges::find(adapters, slot, &hypervisor::VirtualEthernetAdapter::slot_num);
    PVMSIM_ASSERT(found != adapters.end());
    return *found;
}

}  // namespace

VirtualEthernetAdapterDevice::VirtualEthernetAdapterDevice(OperatingSystem& os, std::string name,
                                                           hypervisor::SlotNumber slot)
    : EthernetDevice(os, std::move(name), no_attributes()),
      system_(os.system()),
      vswitch_(system_.virtual_ethernet()),
      slot_(slot) {
    const auto& mac = of_profile(system_, os.partition_id(), slot).mac_addr;
    PVMSIM_ASSERT(mac.has_value());
    mac_ = *mac;
}

const hypervisor::VirtualEthernetAdapter& VirtualEthernetAdapterDevice::config() const {
    return registered_ ? vswitch_.config_of(id_) : of_profile(system_, os().partition_id(), slot_);
}

std::vector<wire::VlanId> VirtualEthernetAdapterDevice::vlans() const {
    const auto& adapter = config();
    std::vector<wire::VlanId> vlans{adapter.port_vlan_id};
    if (adapter.ieee_virtual_eth) vlans.insert(vlans.end(), adapter.addl_vlan_ids.begin(), adapter.addl_vlan_ids.end());
    return vlans;
}

void VirtualEthernetAdapterDevice::on_configure() {
    id_ = vswitch_.find(os().partition_id(), slot_);
    const auto status = vswitch_.register_adapter(id_, entity());
    PVMSIM_ASSERT(status == hypervisor::HcallStatus::kSuccess);
    registered_ = true;
    qos_priority_ = is_trunk() ? std::nullopt : config().qos_priority;
    tally_ = {.since = now()};
}

void VirtualEthernetAdapterDevice::release() {
    if (!std::exchange(registered_, false)) return;
    // After a crash the hypervisor has closed, perhaps taken, the adapter already.
    if (vswitch_.is_defined(os().partition_id(), slot_)) vswitch_.free_adapter(id_);
}

bool VirtualEthernetAdapterDevice::send(const wire::Frame& frame) {
    if (!registered_) return false;
    if (qos_priority_ && frame.priority != *qos_priority_) {
        auto marked = frame;
        marked.priority = *qos_priority_;
        return send(marked);
    }
    const bool sent = vswitch_.send(id_, frame) == hypervisor::HcallStatus::kSuccess;
    if (sent)
        tally_.transmitted.count(frame);
    else
        ++tally_.transmit_errors;
    return sent;
}

void VirtualEthernetAdapterDevice::reopen() {
    if (!registered_) return;
    release();
    on_configure();
}

void VirtualEthernetAdapterDevice::activate_trunk() {
    PVMSIM_ASSERT(registered_);
    const auto status = vswitch_.activate_trunk(id_);
    PVMSIM_ASSERT(status == hypervisor::HcallStatus::kSuccess);
}

bool VirtualEthernetAdapterDevice::trunk_active() const { return registered_ && vswitch_.trunk_active(id_); }

hypervisor::LogicalLanCounters VirtualEthernetAdapterDevice::counters() const {
    return registered_ ? vswitch_.counters_of(id_) : hypervisor::LogicalLanCounters{};
}

hypervisor::ReceiveBuffers VirtualEthernetAdapterDevice::receive_buffers() const {
    return registered_ ? vswitch_.receive_buffers_of(id_) : hypervisor::ReceiveBuffers{};
}

void VirtualEthernetAdapterDevice::on_event(const sim::Event& event) {
    const auto* arrived = event.as<hypervisor::VirtualFrameArrived>();
    PVMSIM_ASSERT(arrived != nullptr);
    if (!registered_) return;
    vswitch_.replenish(id_, arrived->frame);
    tally_.received.count(arrived->frame);
    if (user_ != nullptr) user_->on_frame(*this, arrived->frame);
}

void VirtualEthernetAdapterDevice::digest(sim::Digest& digest) const {
    Device::digest(digest);
    digest.add(slot_);
    digest.add(mac_.to_integer());
    digest.add(registered_);
}

}  // namespace pvmsim::aix
