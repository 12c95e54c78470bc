// Names that a scenario leaves open, made from what it says: world wide names and MAC addresses of physical ports.
// The same description always gives the same names; they look like the vendors' but belong to no real device.
#pragma once

#include <string_view>

#include "fabric/wire/ethernet.hpp"
#include "fabric/wire/wwn.hpp"

namespace pvmsim::scenarios {

/// Of an adapter port in a server, from its path ("p740a/C5-T1"): 10000000c9xxxxxx.
[[nodiscard]] wire::Wwpn adapter_wwpn(std::string_view path);
/// Of a port of an array: 500507680xxxxxxx.
[[nodiscard]] wire::Wwpn array_wwpn(std::string_view path);
/// Of an Ethernet port: 00215exxxxxx.
[[nodiscard]] wire::MacAddress adapter_mac(std::string_view path);

}  // namespace pvmsim::scenarios
