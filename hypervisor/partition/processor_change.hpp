// ProcessorChange: a dynamic change of a running partition's processors (R-LP-10). What is not given stays.
// Shared: all of these; dedicated: procs and sharing_mode.
#pragma once

#include <cstdint>
#include <optional>

#include "hypervisor/ids.hpp"
#include "hypervisor/partition/profile.hpp"
#include "hypervisor/units.hpp"

namespace pvmsim::hypervisor {

struct ProcessorChange {
    std::optional<ProcUnits> proc_units{};
    std::optional<std::uint32_t> procs{};
    std::optional<SharingMode> sharing_mode{};
    std::optional<std::uint8_t> uncap_weight{};
    std::optional<PoolId> shared_proc_pool_id{};
};

}  // namespace pvmsim::hypervisor
