// Gathers the failover figures of a Shared Ethernet Adapter from where they are kept.
// Nothing is computed here that entstat would not read from the driver; names after formats A.8.
#include "vios/network/sea_ha_figures.hpp"

#include <algorithm>

#include "sim/base/assert.hpp"

namespace pvmsim::vios {

std::string_view to_string(SeaBridgeMode mode) {
    switch (mode) {
        case SeaBridgeMode::kUnknown:
            return "Unknown";
        case SeaBridgeMode::kNone:
            return "None";
        case SeaBridgeMode::kPartial:
            return "Partial";
        case SeaBridgeMode::kAll:
            return "All";
    }
    PVMSIM_ASSERT(!"a bridge mode without a name");
    return {};
}

SeaHaFigures ha_figures(const SharedEthernetAdapter& sea) {
    SeaHaFigures figures{.control_channel_pvid = {},
                         .counters = sea.failover().counters(),
                         .state = sea.state(),
                         .bridge_mode = sea.bridge_mode(),
                         .vids_shared = {},
                         .ha_mode = std::string(sea.attributes().get("ha_mode")),
                         .priority = sea.priority(),
                         .trunks = {}};
    if (!figures.ha_mode.empty()) figures.ha_mode.front() = static_cast<char>(figures.ha_mode.front() - 'a' + 'A');
    if (const auto* channel = sea.control_channel()) figures.control_channel_pvid = channel->port_vlan_id();
    if (sea.uses_simplified_channel() && !sea.attributes().is("ha_mode", "disabled"))
        figures.control_channel_pvid = wire::kVlanIdSeaDiscovery;
    for (const auto* trunk : sea.trunks()) {
        figures.trunks.push_back(
            {trunk->name(), trunk->vlans(), trunk->priority(), trunk->trunk_active(), sea.bridges(*trunk)});
        const auto& one = figures.trunks.back();
        if (figures.bridge_mode == SeaBridgeMode::kPartial && one.bridged)
            figures.vids_shared.insert(figures.vids_shared.end(), one.vlans.begin(), one.vlans.end());
    }
    std::ranges::sort(figures.vids_shared);
    return figures;
}

}  // namespace pvmsim::vios
