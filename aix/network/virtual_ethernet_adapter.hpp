// VirtualEthernetAdapterDevice: "entN", Virtual I/O Ethernet Adapter (l-lan): the driver of one virtual Ethernet slot.
//
// The adapter is registered with the hypervisor while the device is available; received frames come as events and their
// buffer is given back at once. A trunk adapter's Active bit can be set here; only the hypervisor clears it (behaviour
// 3.1). A virtual link never goes down.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "aix/network/ethernet_device.hpp"
#include "hypervisor/vswitch/virtual_ethernet.hpp"

namespace pvmsim::hypervisor {
class ManagedSystem;
}

namespace pvmsim::aix {

class VirtualEthernetAdapterDevice : public EthernetDevice {
  public:
    /// The slot must be a virtual Ethernet slot of the partition's profile.
    VirtualEthernetAdapterDevice(OperatingSystem& os, std::string name, hypervisor::SlotNumber slot);

    bool send(const wire::Frame& frame) override;
    [[nodiscard]] bool link_up() const override { return registered_; }
    [[nodiscard]] wire::MacAddress mac() const override { return mac_; }
    [[nodiscard]] std::uint32_t mtu_max(bool is_tagged) const override {
        return is_tagged ? wire::kVirtualMtuTagged : wire::kVirtualMtuUntagged;
    }

    [[nodiscard]] hypervisor::SlotNumber slot() const { return slot_; }
    /// As the hypervisor has it now; as the profile says while the partition is off.
    [[nodiscard]] const hypervisor::VirtualEthernetAdapter& config() const;
    [[nodiscard]] bool is_trunk() const { return config().is_trunk(); }
    [[nodiscard]] std::uint8_t priority() const { return config().trunk_priority; }
    [[nodiscard]] wire::VlanId port_vlan_id() const { return config().port_vlan_id; }
    /// The port VLAN first, then the additional ones.
    [[nodiscard]] std::vector<wire::VlanId> vlans() const;
    /// Sets the Active bit: this trunk adapter serves its VLANs from now on.
    void activate_trunk();
    [[nodiscard]] bool trunk_active() const;
    /// Closes the adapter and opens it again: the only way for a driver to lose the Active bit.
    void reopen();
    /// The hypervisor's counters; zeros while the adapter does not exist.
    [[nodiscard]] hypervisor::LogicalLanCounters counters() const;
    [[nodiscard]] hypervisor::ReceiveBuffers receive_buffers() const;

    [[nodiscard]] std::string_view description() const override { return "Virtual I/O Ethernet Adapter (l-lan)"; }
    void close() override { release(); }
    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

  protected:
    void on_configure() override;
    void on_unconfigure() override { release(); }

  private:
    void release();

    hypervisor::ManagedSystem& system_;
    hypervisor::VirtualEthernet& vswitch_;
    hypervisor::SlotNumber slot_;
    wire::MacAddress mac_;
    hypervisor::LogicalLanId id_;
    bool registered_ = false;
    std::optional<std::uint8_t> qos_priority_;  ///< what the hypervisor writes into what this adapter sends
};

}  // namespace pvmsim::aix
