// How fast the Ethernet ports of an adapter are: what the port says (speed), else what the adapter's description tells.
// Loader and audit ask the same question here. Left out: what the switch's port negotiates.
#pragma once

#include <cstdint>
#include <string_view>

#include "scenarios/description/system_description.hpp"

namespace pvmsim::scenarios {

inline constexpr std::uint32_t kTenGigabitMbps = 10'000;

/// Of an Ethernet adapter whose ports say nothing: "PCIe2 2-Port 10GbE SR Adapter" is a 10 Gb one; Gigabit otherwise.
[[nodiscard]] std::uint32_t described_speed_mbps(std::string_view description);

/// Of its fastest port; without known Ethernet ports what its description tells.
[[nodiscard]] std::uint32_t highest_speed_mbps(const AdapterDescription& adapter);

}  // namespace pvmsim::scenarios
