// Processing units as operators read them: "0.50".
// Two decimals always: a unit is given in hundredths.
#pragma once

#include <fmt/format.h>

#include <cstdlib>
#include <string>

#include "hypervisor/units.hpp"

namespace pvmsim::hypervisor {

[[nodiscard]] inline std::string units_text(ProcUnits units) {
    const std::int32_t size = std::abs(units.hundredths);
    return fmt::format("{}{}.{:02}", units.hundredths < 0 ? "-" : "", size / 100, size % 100);
}

}  // namespace pvmsim::hypervisor
