// What an administrator changes of the virtual network while it runs: VLANs of virtual Ethernet adapters and modes of
// virtual switches from the HMC, trunk adapters of a SEA by chdev (R-NET-09). Asked of the hypervisor and the SEA,
// which refuse with a reason; a refusal is part of the run.
#pragma once

#include <expected>
#include <string>

#include "scenarios/play/site.hpp"

namespace pvmsim::scenarios {

/// chhwres -r virtualio --rsubtype eth -o s.
[[nodiscard]] std::expected<void, std::string> apply_virtual_ethernet(Site& site, const VirtualEthernetStep& step);
/// chhwres -r virtualio --rsubtype vswitch -o s.
[[nodiscard]] std::expected<void, std::string> apply_virtual_switch(Site& site, const VirtualSwitchStep& step);
/// chdev -dev SEA -attr virt_adapters=ent4,ent5; adapters may be named by slot, too (V10).
[[nodiscard]] std::expected<void, std::string> change_sea_adapters(PartitionSite& partition,
                                                                   vios::SharedEthernetAdapter& sea,
                                                                   std::string_view names);

/// As the timeline prints them.
[[nodiscard]] std::string describe(const VirtualEthernetStep& step);
[[nodiscard]] std::string describe(const VirtualSwitchStep& step);

}  // namespace pvmsim::scenarios
