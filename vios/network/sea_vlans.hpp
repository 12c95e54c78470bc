// Changes of a running Shared Ethernet Adapter's VLANs (R-NET-09): VLANs of one of its trunk adapters, by a dynamic
// change from the management console, and its set of trunk adapters, by chdev -attr virt_adapters on the VIOS.
//
// VLANs of a trunk adapter in use change only where everybody knows how: VIOS 2.2.0.0, POWER7, firmware xx720_064 and
// HMC V7R7.2.0, each of these or later; elsewhere the adapter must leave the SEA first, or a further trunk adapter
// bring the new VLAN, which any level takes. A change is made whole or, with a reason, not at all, and is the running
// partition's only: the profile must be changed, too, or the next activation brings the old VLANs. Left out: the
// minutes people need, RMC as such (a partition that runs and does not hang answers). Port VLAN, trunk priority,
// virtual switch and MAC address have no dynamic change. Source: R-NET-09, behaviour 3.1, formats C.6, C.10;
// docs/model/vswitch.md
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "sim/base/result.hpp"
#include "vios/network/sea.hpp"

namespace pvmsim::vios {

/// Level of a Hardware Management Console: V7R7.2.0 is {7, 7, 2, 0}.
struct ConsoleLevel {
    std::uint16_t version = 7;
    std::uint16_t release = 7;
    std::uint16_t modification = 7;
    std::uint16_t fix = 0;
    friend constexpr auto operator<=>(const ConsoleLevel&, const ConsoleLevel&) = default;
};
inline constexpr ConsoleLevel kConsoleLevelDefault{7, 7, 7, 0};  ///< [PARAM] our choice, as kViosLevelDefault
inline constexpr ConsoleLevel kConsoleLevelDynamicVlans{7, 7, 2, 0};
inline constexpr ViosLevel kViosLevelDynamicVlans{2, 2, 0, 0};
inline constexpr std::uint32_t kFirmwareReleaseDynamicVlans = 720;
inline constexpr std::uint32_t kFirmwarePackDynamicVlans = 64;

enum class SeaVlanError : std::uint8_t {
    kNotSupported,   ///< a level is too old: use another trunk adapter, or stop the SEA
    kNoConnection,   ///< the partition does not run or does not answer: later perhaps
    kInvalidChange,  ///< the change itself is wrong
};
template <class T>
using SeaVlanResult = sim::Result<T, SeaVlanError>;

/// addl_vlan_ids+= and addl_vlan_ids-= of chhwres -r virtualio --rsubtype eth -o s.
struct TrunkVlanChange {
    std::vector<wire::VlanId> add{};
    std::vector<wire::VlanId> remove{};
};

/// At once, without an outage of the VLANs that stay. The trunk adapter may belong to a SEA that is stopped; then the
/// levels do not matter: it stands for removing the adapter and adding another.
SeaVlanResult<void> change_trunk_vlans(SharedEthernetAdapter& sea, aix::VirtualEthernetAdapterDevice& trunk,
                                       const TrunkVlanChange& change, ConsoleLevel console = kConsoleLevelDefault);

/// chdev -dev SEA -attr virt_adapters=...: the SEA's trunk adapters from now on, in this order. At any level; the
/// default adapter stays one of them. Not while it shares load: who bridges what goes by the order of adapters, so
/// ha_mode=auto comes first [our choice].
SeaVlanResult<void> change_virt_adapters(SharedEthernetAdapter& sea,
                                         std::vector<aix::VirtualEthernetAdapterDevice*> virt_adapters);

/// VLANs that one SEA of a pair bridges and the other would not: lost when that one takes over. Ascending.
[[nodiscard]] std::vector<wire::VlanId> vlans_of_one_side_only(const SharedEthernetAdapter& one,
                                                               const SharedEthernetAdapter& other);

}  // namespace pvmsim::vios
