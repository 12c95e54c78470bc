// Host: a machine on the LAN that answers ARP, echo requests and application requests (a gateway, a server).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "fabric/lan/nic_port.hpp"

namespace pvmsim::fabric {

struct HostConfig {
    std::string name;
    std::vector<std::pair<wire::VlanId, wire::Ipv4Address>> addresses;  ///< one per VLAN; several: its port is a trunk
    bool tagged = false;                     ///< true: the port is a trunk and frames carry tags
    sim::Duration response_time{100'000};    ///< [PARAM] 100 us from request to answer
};

}  // namespace pvmsim::fabric
