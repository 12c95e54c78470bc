// Host: a machine on the LAN that answers ARP, echo requests and application requests (a gateway, a server).
//
// It has an address in one or more VLANs and answers each request after its response time, to the MAC address that
// asked; it keeps no ARP table, forwards nothing and starts nothing by itself. A host that does not answer keeps its
// light on: the death of a netaddr target, which only a ping notices. A request in parts is answered in parts of the
// same size.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "fabric/lan/nic_port.hpp"
#include "fabric/wire/message_assembly.hpp"

namespace pvmsim::fabric {

struct HostConfig {
    std::string name;
    std::vector<std::pair<wire::VlanId, wire::Ipv4Address>> addresses;  ///< one per VLAN; several: its port is a trunk
    bool tagged = false;                           ///< true: the port is a trunk and frames carry tags
    sim::Duration response_time{100'000};          ///< [PARAM] 100 us from request to answer
    std::uint32_t mtu_bytes = wire::kStandardMtu;  ///< what its adapter takes; longer frames are lost
};

/// host -> itself: the answer to a request is ready.
struct HostAnswer {
    static constexpr std::string_view kName = "host-answer";
    wire::Frame frame;
    std::uint32_t segment_bytes = 0;  ///< in frames of at most so many bytes; 0: in one
    std::uint32_t reserved = 0;
};

class Host : public sim::Entity, public NicPortOwner {
  public:
    /// Created by Lan::add_host. Untagged frames on its port belong to `native_vlan`.
    Host(sim::Engine& engine, HostConfig config, NicPort& port, wire::VlanId native_vlan);

    /// Fault and repair: a silent host hears everything and answers nothing.
    void set_answering(bool answering);

    [[nodiscard]] bool answering() const { return answering_; }
    [[nodiscard]] const std::string& name() const { return config_.name; }
    [[nodiscard]] const HostConfig& config() const { return config_; }
    [[nodiscard]] NicPort& port() { return port_; }
    [[nodiscard]] wire::MacAddress mac() const { return port_.mac(); }
    [[nodiscard]] sim::EntityId entity() const { return entity_; }
    /// Answers sent so far.
    [[nodiscard]] std::uint64_t answers() const { return answers_; }
    /// Frames above its MTU, which its adapter lost.
    [[nodiscard]] std::uint64_t too_long() const { return too_long_; }

    void on_frame(NicPort& port, const wire::Frame& frame) override;
    void on_carrier(NicPort& port, bool up) override;
    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

  private:
    void answer(const wire::Frame& request, wire::FrameType type, std::uint32_t segment_bytes);
    [[nodiscard]] bool has_address(wire::VlanId vlan, wire::Ipv4Address address) const;

    sim::Engine& engine_;
    HostConfig config_;
    NicPort& port_;
    wire::VlanId native_vlan_;
    std::string path_;
    sim::EntityId entity_;
    bool answering_ = true;
    std::uint64_t answers_ = 0;
    std::uint64_t too_long_ = 0;
    wire::MessageAssembly assembly_;
};

}  // namespace pvmsim::fabric
