// Which adapter of an EtherChannel carries a frame: the hash modes of standard and 8023ad mode (behaviour 3.5).
//
// Only arithmetic; the number is taken modulo the adapters in use. AIX falls back from the port modes to the address
// when a frame is neither TCP nor UDP, and from the IP address to the MAC address when it is not IP.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "fabric/wire/ethernet.hpp"

namespace pvmsim::aix {

enum class HashMode : std::uint8_t { kDefault, kSourcePort, kDestinationPort, kSourceAndDestinationPort };

/// The attribute's value ("src_port"); nullopt when there is no such mode.
[[nodiscard]] std::optional<HashMode> parse_hash_mode(std::string_view text);
/// As entstat names it ("Destination IP address").
[[nodiscard]] std::string_view to_string(HashMode mode);

/// `default`: last byte of the destination's IP address, or of its MAC address when the frame has no IP.
[[nodiscard]] std::uint32_t aggregation_hash(HashMode mode, const wire::Frame& frame);

}  // namespace pvmsim::aix
