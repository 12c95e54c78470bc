// Counting who is mapped where. The mapping is kept by the virtual adapters alone (R-NPIV-01), so that no table can
// disagree with them.
#include "vios/npiv/npiv_port.hpp"

#include <algorithm>

#include "aix/os/operating_system.hpp"
#include "vios/npiv/vfc_host.hpp"

namespace pvmsim::vios {

std::vector<const VfcHostAdapter*> hosts_mapped_to(const aix::OperatingSystem& vios, const aix::FcAdapter& port) {
    std::vector<const VfcHostAdapter*> mapped;
    for (const auto& device : vios.devices()) {
        const auto* host = dynamic_cast<const VfcHostAdapter*>(device.get());
        if (host != nullptr && host->port() == &port) mapped.push_back(host);
    }
    return mapped;
}

NpivPortFacts npiv_port_facts(const aix::OperatingSystem& vios, const aix::FcAdapter& port) {
    const auto mapped = hosts_mapped_to(vios, port);
    std::uint32_t wwpns = 1;
    for (const auto* host : mapped) wwpns += host->logged_in() ? 1 + host->ports_logged_in() : 0;
    return {.fabric = port.npiv_capable(),
            .ports_total = kNpivPortsMax,
            .ports_available = kNpivPortsMax - static_cast<std::uint32_t>(mapped.size()),
            .wwpns_total = kNpivWwpnsMax,
            .wwpns_available = kNpivWwpnsMax - std::min(wwpns, kNpivWwpnsMax)};
}

}  // namespace pvmsim::vios
