// PhysicalSlot: an I/O slot of the CEC and the adapter in it. The hypervisor gives it to a partition and looks no
// further: what the adapter's cables lead to is not its business.
#pragma once

#include <cstdint>
#include <string>

#include "hypervisor/ids.hpp"

namespace pvmsim::hypervisor {

enum class AdapterKind : std::uint8_t { kEmpty, kEthernet, kFibreChannel, kStorage, kOther };

struct PhysicalSlotConfig {
    std::string location{};       ///< short: "C2"; the full drc_name is unit_phys_loc + "-P1-" + location
    std::string unit_phys_loc{};  ///< "U78AA.001.WZSG001"; empty: one for the whole system
    DrcIndex drc_index{};         ///< 0: assigned in order
    std::uint32_t bus_id = 0;
    AdapterKind kind = AdapterKind::kEmpty;
    std::string description{};  ///< as lshwres prints it
    std::uint32_t ports = 0;
};

struct PhysicalSlot {
    PhysicalSlotConfig config;
    PartitionId owner = kNoPartition;  ///< who has it now

    [[nodiscard]] std::string drc_name() const;
};

}  // namespace pvmsim::hypervisor
