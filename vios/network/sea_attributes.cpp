// netaddr and pvid of a SEA. An address that is none would never be pinged, and the own one never leaves the VIOS. What
// mkvdev calls -defaultid is the VLAN of frames without a tag and must be the default adapter's PVID.
#include "vios/network/sea_attributes.hpp"

namespace pvmsim::vios {

std::optional<std::string> why_refused(std::string_view name, const std::string& value, const SeaSurroundings& around) {
    if (name == "pvid" && around.default_vlan) {
        const auto wanted = std::to_string(around.default_vlan->value());
        if (value == wanted) return std::nullopt;
        return "pvid: '" + value + "' is not the port VLAN of the default trunk adapter " + around.default_adapter +
               ", which is " + wanted;
    }
    if (name != "netaddr" || value.empty() || value == "0") return std::nullopt;
    const auto address = wire::parse_ipv4(value);
    if (!address) return "netaddr: '" + value + "' is not an IPv4 address";
    if (address == around.own_address)
        return "netaddr: '" + value + "' is the VIOS's own address, which tells nothing of the network outside";
    return std::nullopt;
}

}  // namespace pvmsim::vios
