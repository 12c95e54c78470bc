// RecordedMachine: what the HMC listings tell of a managed system, as plain data.
//
// A partition that runs is described by its running configuration (curr_ values, virtual adapters with state=1); one
// that does not, by the profile that its next activation would use. Where the two differ a note says so.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "hypervisor/hardware/physical_slot.hpp"
#include "hypervisor/partition/profile.hpp"
#include "scenarios/import/listing_set.hpp"

namespace pvmsim::scenarios {

struct RecordedSlot {
    hypervisor::PhysicalSlotConfig config;
    std::string drc_name;
    std::string pci_class;
};

struct RecordedPartition {
    hypervisor::PartitionId lpar_id;
    std::string name;
    hypervisor::PartitionEnvironment lpar_env = hypervisor::PartitionEnvironment::kAixLinux;
    std::string state;  ///< as listed: "Running", "Not Activated"
    bool running = false;
    hypervisor::PartitionProfile profile;
    std::vector<std::string> notes;  ///< one sentence each
};

struct RecordedMachine {
    std::string name;
    std::string type_model;
    std::string serial_num;
    std::uint32_t cores = 0;
    std::uint64_t memory_mib = 0;
    std::uint64_t mem_region_size_mib = 0;
    std::vector<RecordedSlot> slots;            ///< as listed
    std::vector<RecordedPartition> partitions;  ///< by lpar_id
    std::vector<std::string> notes;
};

std::expected<RecordedMachine, std::vector<RecordingError>> read_machine(const ListingSet& listings);

}  // namespace pvmsim::scenarios
