// Looking up logical units and masks; see paging_units.hpp.
// Names that are not there are left out: the loader has told about them.
#include "scenarios/description/paging_units.hpp"

#include <algorithm>

namespace pvmsim::scenarios {
namespace {

const LunDescription* find_unit(const Scenario& scenario, const std::string& unit) {
    const auto dot = unit.find('.');
    for (const auto& array : scenario.fabric.arrays) {
        if (array.config.name != unit.substr(0, dot)) continue;
        for (const auto& lun : array.luns)
            if (lun.name == unit.substr(dot + 1)) return &lun;
    }
    return nullptr;
}

}  // namespace

bool is_masked_to(const LunDescription& lun, const PartitionDescription& partition) {
    return std::ranges::any_of(lun.hosts, [&](const std::string& host) {
        return host == partition.config.name || host.starts_with(partition.system + "/") ||
               wire::parse_wwpn(host).has_value();
    });
}

std::vector<PagingUnit> paging_units(const Scenario& scenario, const SystemDescription& system) {
    std::vector<PagingUnit> units;
    if (!system.config.memory_pool) return units;
    const auto& pool = *system.config.memory_pool;
    for (const auto& unit : system.paging_devices) {
        const auto* lun = find_unit(scenario, unit);
        if (lun == nullptr) continue;
        for (const auto id : {pool.primary_paging_vios, pool.secondary_paging_vios})
            for (const auto& partition : scenario.partitions)
                if (partition.system == system.config.name && partition.config.lpar_id == id &&
                    is_masked_to(*lun, partition))
                    units.push_back({.vios = &partition, .unit = unit, .size_bytes = lun->size_bytes});
    }
    return units;
}

}  // namespace pvmsim::scenarios
