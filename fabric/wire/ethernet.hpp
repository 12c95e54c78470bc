// Ethernet vocabulary: MAC addresses, VLAN ids and the frame as this simulator sees it. No behaviour.
//
// A frame is its header and what the simulated protocols need to know; bytes of a payload exist only as a size. Source:
// IEEE 802.3/802.1Q; VLAN 3358 is reserved by POWER firmware (R-NET-01).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/base/strong_id.hpp"

namespace pvmsim::wire {

/// A 48-bit station address in network order.
struct MacAddress {
    std::array<std::uint8_t, 6> octets{};

    static constexpr MacAddress broadcast() { return {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}; }
    static constexpr MacAddress from_integer(std::uint64_t value) {
        MacAddress mac;
        for (int i = 5; i >= 0; --i, value >>= 8)
            mac.octets[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(value);
        return mac;
    }
    /// "26e6b0002007" or "26:e6:b0:00:20:07", upper or lower case.
    static std::optional<MacAddress> parse(std::string_view text);

    [[nodiscard]] constexpr std::uint64_t to_integer() const {
        std::uint64_t value = 0;
        for (auto octet : octets) value = value << 8 | octet;
        return value;
    }
    [[nodiscard]] constexpr bool is_group() const { return (octets[0] & 1) != 0; }
    /// "26:e6:b0:00:20:07", as entstat prints it.
    [[nodiscard]] std::string to_string() const;

    friend constexpr auto operator<=>(const MacAddress&, const MacAddress&) = default;
};

struct VlanIdTag;
/// 1..4094; 0 means "no tag" where a frame's tag is meant.
using VlanId = sim::StrongId<VlanIdTag, std::uint16_t>;

inline constexpr VlanId kUntagged{0};
inline constexpr VlanId kVlanIdMax{4094};
/// Reserved by the firmware for itself; refused everywhere (R-NET-01).
inline constexpr VlanId kVlanIdFirmware{3358};
/// No VLAN of anybody: trunk adapters of one virtual switch reach each other in it (SEA failover without ctl_chan).
inline constexpr VlanId kVlanIdSeaDiscovery{4095};

struct Ipv4AddressTag;
using Ipv4Address = sim::StrongId<Ipv4AddressTag, std::uint32_t>;
inline constexpr Ipv4Address kNoIpv4{0};
std::optional<Ipv4Address> parse_ipv4(std::string_view text);
std::string to_string(Ipv4Address address);

/// What a frame is for. The numbers are ours; they go into fingerprints, so append only.
enum class FrameType : std::uint8_t {
    kArpRequest,
    kArpReply,
    kArpAnnouncement,  ///< gratuitous ARP: "this address is here now"
    kRequest,          ///< an application asks
    kResponse,
    kEchoRequest,  ///< ICMP echo
    kEchoReply,
    kSeaControl,  ///< control channel of Shared Ethernet Adapters
    kLacp,
    kReverseArp,
    kBpdu,                 ///< spanning tree's word, of a switch
    kFragmentationNeeded,  ///< ICMP error: the packet was too large for what comes next; data: see message_part.hpp
};

struct Frame {
    MacAddress destination;
    MacAddress source;
    VlanId vlan = kUntagged;  ///< the 802.1Q tag the frame carries now; kUntagged without
    FrameType type = FrameType::kRequest;
    std::uint8_t priority = 0;  ///< 802.1p, 0..7
    Ipv4Address source_ip;
    Ipv4Address destination_ip;
    std::uint32_t size_bytes = 64;  ///< header and payload; a tag's four bytes do not count
    std::uint32_t serial = 0;       ///< request number; protocol's own word
    std::uint64_t data = 0;         ///< protocol's own word (control packets); of an interface's traffic: MessagePart
};
static_assert(sizeof(Frame) == 40);

inline constexpr std::uint32_t kEthernetHeaderBytes = 14;
inline constexpr std::uint32_t kVlanTagBytes = 4;

/// Largest frame of virtual Ethernet, its tag included, and the MTUs that follow (V39).
inline constexpr std::uint32_t kVirtualFrameBytesMax = 65408;
inline constexpr std::uint32_t kVirtualMtuUntagged = kVirtualFrameBytesMax - kEthernetHeaderBytes;
inline constexpr std::uint32_t kVirtualMtuTagged = kVirtualMtuUntagged - kVlanTagBytes;
/// MTUs of real Ethernet: the standard's, and with jumbo frames.
inline constexpr std::uint32_t kStandardMtu = 1500;
inline constexpr std::uint32_t kJumboMtu = 9000;

/// What counts against the largest frame.
[[nodiscard]] constexpr std::uint32_t bytes_with_tag(const Frame& frame) {
    return frame.size_bytes + (frame.vlan == kUntagged ? 0 : kVlanTagBytes);
}

}  // namespace pvmsim::wire
