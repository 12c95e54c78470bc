// PhysicalEthernetAdapter: "entN" over a port of a physical card: the only way out of the machine.
//
// The port belongs to the partition: while that hangs its light stays on and arriving frames are lost; when it ends the
// light goes off. The driver learns of carrier changes by interrupt, so a hung system does not notice them. Every frame
// on the wire is passed on (a bridge listens to all). Left out: queues, bandwidth, offloads. Source:
// behaviour 3.2, 3.3.
#pragma once

#include <cstdint>
#include <string>

#include "aix/network/ethernet_device.hpp"
#include "fabric/lan/nic_port.hpp"

namespace pvmsim::aix {

struct EthernetCounters {
    std::uint64_t transmitted = 0;
    std::uint64_t received = 0;
    std::uint64_t transmit_errors = 0;  ///< no carrier
    std::uint64_t resets = 0;           ///< "Adapter Reset Count"
    std::uint64_t too_long = 0;         ///< "Packet Too Long Errors": arrived, or were to be sent, above the MTU
    std::uint64_t trains_sent = 0;      ///< segments of largesend that were cut here
};

class PhysicalEthernetAdapter : public EthernetDevice, public fabric::NicPortOwner {
  public:
    PhysicalEthernetAdapter(OperatingSystem& os, std::string name, fabric::NicPort& port);

    bool send(const wire::Frame& frame) override;
    [[nodiscard]] bool link_up() const override { return link_; }
    [[nodiscard]] wire::MacAddress mac() const override { return port_.mac(); }
    [[nodiscard]] std::uint32_t mtu_max(bool is_tagged) const override;
    [[nodiscard]] bool cuts_segments() const override;
    void on_attribute_changed(std::string_view name) override;
    void reset_link() override;

    [[nodiscard]] fabric::NicPort& port() { return port_; }
    [[nodiscard]] const fabric::NicPort& port() const { return port_; }
    [[nodiscard]] const EthernetCounters& counters() const { return counters_; }
    [[nodiscard]] std::string_view description() const override {
        return "2-Port 10/100/1000 Base-TX PCI-Express Adapter";
    }

    void close() override { switch_off(); }
    void on_frame(fabric::NicPort& port, const wire::Frame& frame) override;
    void on_carrier(fabric::NicPort& port, bool up) override;
    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

  protected:
    void on_configure() override;
    void on_unconfigure() override { switch_off(); }

  private:
    void switch_off();
    [[nodiscard]] bool send_large(const wire::Frame& frame);

    fabric::NicPort& port_;
    bool link_ = false;  ///< as the driver knows it
    std::uint32_t frame_bytes_max_ = wire::kStandardMtu + wire::kEthernetHeaderBytes;
    EthernetCounters counters_;
};

}  // namespace pvmsim::aix
