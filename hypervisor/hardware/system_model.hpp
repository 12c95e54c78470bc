// SystemModel: the machine types of the POWER7 family (behaviour section 8), and older ones that recordings name.
// Sources of the rows: docs/model/hardware.md.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace pvmsim::hypervisor {

struct SystemModel {
    std::string_view type_model;  ///< "8205-E6C"
    std::string_view name;        ///< "Power 740"
    std::string_view processor;   ///< "POWER7", "POWER7+", "POWER5"
    std::uint32_t cores_max;
    std::uint32_t clock_mhz;  ///< nominal, of the fastest processor card
    std::uint64_t memory_max_gib;
    std::string_view firmware_level;          ///< a usual level, e.g. "AL740_156"
    std::uint32_t proc_units_min_hundredths;  ///< per virtual processor: 10, or 5 on POWER7+
    bool verified;                            ///< false: the row is general knowledge (docs/model/hardware.md)
    bool has_turbo_core = false;              ///< can run on half of each chip's cores (behaviour 8)
};

[[nodiscard]] std::span<const SystemModel> system_models();
/// nullptr when the table has no such machine.
[[nodiscard]] const SystemModel* find_system_model(std::string_view type_model);

}  // namespace pvmsim::hypervisor
