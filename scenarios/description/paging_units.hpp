// Which paging VIOS reaches which paging device of a shared memory pool: by the masks of the logical units.
// Loader and site ask the same question here.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/description/scenario.hpp"

namespace pvmsim::scenarios {

struct PagingUnit {
    const PartitionDescription* vios = nullptr;
    std::string unit;  ///< "array.lun"
    std::uint64_t size_bytes = 0;
};

/// A mask by port or WWPN is taken at its word: which port it is on is known only when logins happen.
[[nodiscard]] bool is_masked_to(const LunDescription& lun, const PartitionDescription& partition);

/// Of the system's pool, in the order of the file; one that both paging VIOSes reach is there twice.
[[nodiscard]] std::vector<PagingUnit> paging_units(const Scenario& scenario, const SystemDescription& system);

}  // namespace pvmsim::scenarios
