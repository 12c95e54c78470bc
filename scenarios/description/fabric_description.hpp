// What a scenario file says about the world outside the servers: LAN, SAN, storage. Plain data, checked by the loader.
// Names refer to other parts of the same file; the loader has made sure that they exist.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "fabric/lan/lan.hpp"
#include "fabric/san/san.hpp"
#include "fabric/storage/storage_array.hpp"

namespace pvmsim::scenarios {

/// `{ switch: sw1, mode: trunk, native_vlan: 1, vlans: [100, 200], portfast: true }`
struct LanPortDescription {
    std::string switch_name;
    fabric::SwitchPortConfig config;
};

struct LanLinkDescription {
    std::string a;
    std::string b;
    fabric::SwitchPortConfig config;  ///< always a trunk without portfast
    bool plugged = true;              ///< false: repair link-down plugs it in
};

struct HostDescription {
    fabric::HostConfig config;
    LanPortDescription port;
};

/// A machine that is not on the LAN but behind machines that are: each of these gateways answers for its address.
struct RemoteHostDescription {
    std::string name;
    wire::Ipv4Address address;
    std::vector<std::string> behind;  ///< hosts
};

struct LanDescription {
    std::vector<fabric::SwitchConfig> switches;
    std::vector<LanLinkDescription> links;
    std::vector<HostDescription> hosts;
    std::vector<RemoteHostDescription> remote_hosts;
};

/// Members as written: a partition (all its names, those of moves included), an array (all its ports), "system/C5-T1",
/// "array/A-P0" or a WWPN.
struct ZoneDescription {
    std::string name;
    std::vector<std::string> members;
};

struct SanFabricDescription {
    fabric::SanFabricConfig config;
    std::vector<std::string> switches;
    std::vector<std::pair<std::string, std::string>> links;
    std::vector<ZoneDescription> zones;
};

struct ArrayPortDescription {
    std::string name;        ///< "A-P0": controller, then anything
    std::string controller;  ///< "A"
    std::string switch_name;
};

struct LunDescription {
    std::string name;  ///< unique in its array; referred to as "array.lun"
    std::uint64_t size_bytes = 0;
    std::vector<std::string> hosts;  ///< as zone members
};

struct ArrayDescription {
    fabric::StorageArrayConfig config;
    std::vector<ArrayPortDescription> ports;
    std::vector<LunDescription> luns;
};

struct FabricDescription {
    LanDescription lan;
    std::vector<SanFabricDescription> san;
    std::vector<ArrayDescription> arrays;
};

}  // namespace pvmsim::scenarios
