// Words in which IBM's adapter descriptions tell the speed (formats A.8: "10 Gb Ethernet-SR PCI Express Dual Port
// Adapter"; "10/100/1000" and "1Gb" are Gigabit). See link_speed.hpp.
#include "scenarios/description/link_speed.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "fabric/lan/nic_port.hpp"

namespace pvmsim::scenarios {

std::uint32_t described_speed_mbps(std::string_view description) {
    static constexpr std::array<std::pair<std::string_view, std::uint32_t>, 6> kWords{
        {{"40 Gb", 40'000},
         {"40Gb", 40'000},
         {"40 Gigabit", 40'000},
         {"10 Gb", kTenGigabitMbps},
         {"10Gb", kTenGigabitMbps},
         {"10 Gigabit", kTenGigabitMbps}}};
    for (const auto& [word, mbps] : kWords)
        if (description.find(word) != std::string_view::npos) return mbps;
    return fabric::kGigabitMbps;
}

std::uint32_t highest_speed_mbps(const AdapterDescription& adapter) {
    if (adapter.slot.kind != hypervisor::AdapterKind::kEthernet || adapter.ports.empty())
        return described_speed_mbps(adapter.slot.description);
    return std::ranges::max(adapter.ports, {}, &AdapterPortDescription::speed_mbps).speed_mbps;
}

}  // namespace pvmsim::scenarios
