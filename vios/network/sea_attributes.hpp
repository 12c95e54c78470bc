// What the values of a SEA's attributes must fulfil beyond form and range (aix/odm/predefined.cpp), because they must
// agree with its adapters: asked where a scenario is read, for the file and for what chdev sets later.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fabric/wire/ethernet.hpp"

namespace pvmsim::vios {

/// What the values must agree with.
struct SeaSurroundings {
    std::string default_adapter;                   ///< pvid_adapter, as the user calls it
    std::optional<wire::VlanId> default_vlan;      ///< its port VLAN; absent: not a SEA
    std::optional<wire::Ipv4Address> own_address;  ///< of the interface on the SEA
};

/// Why an attribute may not have this value; nullopt when it may. The form must be good.
[[nodiscard]] std::optional<std::string> why_refused(std::string_view name, const std::string& value,
                                                     const SeaSurroundings& around);

}  // namespace pvmsim::vios
