// The hash modes; see aggregation_hash.hpp. Sums of ports are halved before the modulo, as documented: two neighbouring
// ports of one side can share an adapter.
#include "aix/network/aggregation_hash.hpp"

#include "fabric/wire/transport_ports.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::aix {
namespace {

std::uint32_t address_hash(const wire::Frame& frame) {
    const bool is_ip = frame.destination_ip != wire::kNoIpv4;
    return is_ip ? frame.destination_ip.value() & 0xff : frame.destination.octets[5];
}

}  // namespace

std::optional<HashMode> parse_hash_mode(std::string_view text) {
    if (text == "default") return HashMode::kDefault;
    if (text == "src_port") return HashMode::kSourcePort;
    if (text == "dst_port") return HashMode::kDestinationPort;
    if (text == "src_dst_port") return HashMode::kSourceAndDestinationPort;
    return std::nullopt;
}

std::string_view to_string(HashMode mode) {
    switch (mode) {
        case HashMode::kDefault:
            return "Destination IP address";
        case HashMode::kSourcePort:
            return "Source Port";
        case HashMode::kDestinationPort:
            return "Destination Port";
        case HashMode::kSourceAndDestinationPort:
            return "Source and destination TCP/UDP ports";
    }
    PVMSIM_ASSERT(!"a hash mode without a name");
    return {};
}

std::uint32_t aggregation_hash(HashMode mode, const wire::Frame& frame) {
    const auto ports = mode == HashMode::kDefault ? std::nullopt : wire::transport_ports(frame);
    if (!ports) return address_hash(frame);
    const std::uint32_t source = ports->source;
    const std::uint32_t destination = ports->destination;
    if (mode == HashMode::kSourcePort) return source;
    if (mode == HashMode::kDestinationPort) return destination;
    return (source + destination) / 2;
}

}  // namespace pvmsim::aix
