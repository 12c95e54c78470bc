// What a VIOS says of its NPIV ports (lsnports), and the limits behind it. Left out: adapters with other numbers than
// the usual 64 ports and 2048 names. Sources: behaviour 5, formats A.4, R-NPIV-01, V55.
#pragma once

#include <cstdint>
#include <vector>

#include "aix/fc/fc_adapter.hpp"

namespace pvmsim::vios {

class VfcHostAdapter;

/// Virtual adapters that can be mapped to one port (R-NPIV-01).
inline constexpr std::uint32_t kNpivPortsMax = 64;
/// World wide port names one port can deal with (R-NPIV-01; some adapters: 2032).
inline constexpr std::uint32_t kNpivWwpnsMax = 2048;

/// One line of lsnports.
struct NpivPortFacts {
    bool fabric = false;                ///< the switch supports NPIV
    std::uint32_t ports_total = 0;      ///< tports
    std::uint32_t ports_available = 0;  ///< aports: not mapped
    std::uint32_t wwpns_total = 0;      ///< swwpns
    /// awwpns. Approximate: recorded listings count the port's own name, its clients' and those of the targets they
    /// reach, roughly; so does this.
    std::uint32_t wwpns_available = 0;
};

/// The virtual FC host adapters of the VIOS that are mapped to the port, in the order of the system's devices.
[[nodiscard]] std::vector<const VfcHostAdapter*> hosts_mapped_to(const aix::OperatingSystem& vios,
                                                                 const aix::FcAdapter& port);

[[nodiscard]] NpivPortFacts npiv_port_facts(const aix::OperatingSystem& vios, const aix::FcAdapter& port);

}  // namespace pvmsim::vios
