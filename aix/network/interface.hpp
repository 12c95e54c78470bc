// NetworkInterface: "enN", an IP address on an Ethernet device: ARP, echo, and requests of applications.
//
// Modelled: ARP cache (20 minutes, AIX's arpt_killc), resolution with retry once a second, answers to ARP, echo and
// requests (every system has some service listening), announcements. A frame to an address not yet resolved waits (up
// to a limit) for the answer. An address that is not in the interface's network goes to the gateway that inet0 names,
// and a frame for another address of this system is taken, too (weak end system, RFC 1122 3.3.4.2). Messages larger
// than the MTU go in parts, or as trains with mtu_bypass=on; a path's smaller MTU is learned (interface_messages.cpp).
// Absent: TCP itself, so what is lost is not sent again.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aix/network/ethernet_device.hpp"
#include "fabric/wire/message_assembly.hpp"

namespace pvmsim::aix {

/// Who sends over an interface and wants the answers (a workload, a SEA's ping).
class InterfaceUser {
  public:
    virtual ~InterfaceUser() = default;
    /// kResponse or kEchoReply addressed to this interface.
    virtual void on_answer(const wire::Frame& frame) = 0;
};

/// Whether TCP takes trains of segments above the MTU from below: AIX's does, Linux and IBM i drop them (R-NET-08).
[[nodiscard]] bool takes_trains(const OperatingSystem& os);

class InternetExtension;

struct InterfaceCounters {
    std::uint64_t too_large = 0;     ///< trains this operating system cannot take (Linux, IBM i): dropped
    std::uint64_t icmp_too_big = 0;  ///< "fragmentation needed" heard
};

class NetworkInterface : public Device, public EthernetUser {
  public:
    static constexpr std::size_t kWaitingFramesMax = 64;  ///< [PARAM] frames kept while an address is being resolved
    static constexpr std::size_t kArpEntriesMax = 1024;   ///< [PARAM] about AIX's arptab_nb x arptab_bsiz
    static constexpr std::uint32_t kArpTriesMax = 5;      ///< [PARAM] questions, then what waits is dropped
    static constexpr sim::Duration kArpRetry{1'000'000'000};
    static constexpr sim::Duration kArpLife{1'200'000'000'000};    ///< arpt_killc, 20 minutes
    static constexpr sim::Duration kPathMtuLife{600'000'000'000};  ///< pmtu_default_age, 10 minutes
    static constexpr std::size_t kPathMtusMax = 1024;              ///< [PARAM] our choice; then the lowest address goes

    /// `vlan`: kUntagged sends without a tag (the device's port VLAN).
    NetworkInterface(OperatingSystem& os, std::string name, EthernetDevice& device, wire::VlanId vlan,
                     wire::Ipv4Address ip);

    void add_user(InterfaceUser& user) { users_.push_back(&user); }
    /// Sends a request (kRequest) or echo (kEchoRequest): in the interface's VLAN, or by the default routes when there
    /// are some and the address is not in the interface's network.
    /// What does not fit the MTU goes in parts; larger than wire::kMessageBytesMax it is cut short to that.
    void send(wire::FrameType type, wire::Ipv4Address to, std::uint32_t serial, std::uint32_t size_bytes);
    /// Hands a packet of this system to a neighbour in the interface's VLAN; its addresses are in it already.
    void send_by(wire::Ipv4Address next_hop, wire::Frame packet);
    /// Gratuitous ARP.
    void announce();

    /// Why this MTU cannot be set (V39); nullopt when it can.
    [[nodiscard]] std::optional<std::string> why_mtu_refused(std::uint32_t mtu_bytes) const;
    /// In effect: the attribute, or what the device can if that is less.
    [[nodiscard]] std::uint32_t mtu() const { return frame_bytes_max_ - wire::kEthernetHeaderBytes; }
    /// Towards one address: less where the way there was found to be narrower.
    [[nodiscard]] std::uint32_t path_mtu(wire::Ipv4Address to);
    [[nodiscard]] const InterfaceCounters& counters() const { return counters_; }
    [[nodiscard]] wire::Ipv4Address ip() const { return ip_; }
    [[nodiscard]] wire::VlanId vlan() const { return vlan_; }
    /// The netmask's length; 0: every address is in the interface's network.
    void set_prefix_length(std::uint8_t bits);
    [[nodiscard]] bool in_network(wire::Ipv4Address address) const;
    void set_routes(InternetExtension& routes) { routes_ = &routes; }
    /// An answer that came in over another interface of this system.
    void take_answer(const wire::Frame& frame);
    [[nodiscard]] EthernetDevice& device() { return device_; }
    [[nodiscard]] const EthernetDevice& device() const { return device_; }
    [[nodiscard]] const InterfaceTally& tally() const { return tally_; }
    [[nodiscard]] std::string_view description() const override { return "Standard Ethernet Network Interface"; }

    void on_frame(EthernetDevice& device, const wire::Frame& frame) override;
    void on_link(EthernetDevice& device, bool up) override;
    void on_attribute_changed(std::string_view name) override;
    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

  protected:
    void on_configure() override;
    void on_unconfigure() override;

  private:
    struct ArpEntry {
        wire::MacAddress mac;
        sim::SimTime learned;  ///< when resolved; else when first asked for
        bool resolved = false;
        std::uint32_t tries = 0;  ///< questions asked since
        sim::EventHandle timer;
        std::vector<wire::Frame> waiting;
    };

    struct PathMtu {
        std::uint32_t mtu_bytes;
        bool no_trains;  ///< largesend is refused on the way
        sim::SimTime learned;
    };

    // --- messages and their parts: interface_messages.cpp ---
    void take_attributes();
    /// Sends it in one frame or in parts. `segment_bytes_max`: what the other end sends, so can take; 0: not known.
    void send_message(const wire::Frame& message, std::uint32_t segment_bytes_max);
    void send_parts(const wire::Frame& message, std::uint32_t segment_bytes_max);
    [[nodiscard]] const PathMtu* path_to(wire::Ipv4Address address);
    void learn_path_mtu(const wire::Frame& error);
    [[nodiscard]] bool can_take(const wire::Frame& frame) const;
    void take_message_part(const wire::Frame& frame);
    void take_message(const wire::Frame& frame, std::uint32_t segment_bytes);

    [[nodiscard]] bool is_for_us(wire::Ipv4Address address) const;
    void transmit(const wire::Frame& frame);
    [[nodiscard]] wire::Frame frame_to(wire::MacAddress mac, wire::FrameType type) const;
    void resolve(wire::Ipv4Address to, const wire::Frame& frame);
    void ask(wire::Ipv4Address to, ArpEntry& entry);
    void make_room();
    void learn(wire::Ipv4Address from, wire::MacAddress mac);
    void refresh(wire::Ipv4Address from, wire::MacAddress mac);
    void answer(const wire::Frame& request, wire::FrameType type, std::uint32_t segment_bytes);

    EthernetDevice& device_;
    wire::VlanId vlan_;
    wire::Ipv4Address ip_;
    std::uint8_t prefix_length_ = 0;
    InternetExtension* routes_ = nullptr;
    std::map<wire::Ipv4Address, ArpEntry> arp_;
    std::vector<InterfaceUser*> users_;

    std::uint32_t frame_bytes_max_ = wire::kStandardMtu + wire::kEthernetHeaderBytes;
    std::uint32_t cut_above_bytes_ = frame_bytes_max_;  ///< no frame up to this one is too large for any path
    bool mtu_bypass_ = false;
    std::map<wire::Ipv4Address, PathMtu> path_mtus_;
    wire::MessageAssembly assembly_;
    InterfaceCounters counters_;
    InterfaceTally tally_;
};

}  // namespace pvmsim::aix
