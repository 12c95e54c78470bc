// What a managed system consists of, and the steps its operations share. Private to managed_system.cpp, activation.cpp
// and power.cpp.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hypervisor/dispatch/dispatcher.hpp"
#include "hypervisor/managed_system.hpp"
#include "hypervisor/partition/address_allocator.hpp"

namespace pvmsim::hypervisor {

struct ManagedSystem::State {
    struct Record {
        Partition partition;
        std::string path;  ///< "p740a/vios1"
        sim::EventHandle firmware;
        bool is_dispatched = false;
        bool has_adapters = false;  ///< of the running configuration: defined in crq and virtual_ethernet
    };

    State(sim::Engine& engine_used, SystemConfig config_used, const SystemModel& model_used);

    // --- definition (definition.cpp) ---
    Result<void> check_identity(const PartitionConfig& candidate) const;
    Result<void> check_slots_exist(const PartitionProfile& profile) const;
    Result<void> check_addresses(const PartitionConfig& candidate) const;
    void complete_addresses(PartitionId id, PartitionProfile& profile);

    // --- activation (activation.cpp) ---
    /// What the partition would get now. What it holds itself counts as free.
    Result<GivenResources> plan(const Record& record) const;
    void give(Record& record, GivenResources given);
    void take_back(Record& record);
    void define_adapters(Record& record);
    void undefine_adapters(Record& record);

    // --- power (power.cpp) ---
    Result<Record*> find_record(PartitionId id);
    void hand_over_to_software(Record& record);
    /// From one instant to the next nothing of the partition executes any more.
    void stop_execution(Record& record);
    void power_off(Record& record, StopReason reason);
    void tell(const Record& record, std::string_view name, std::string_view text) const;

    [[nodiscard]] Record* record_of(PartitionId id) const;
    [[nodiscard]] PhysicalSlot* slot_of(DrcIndex index);
    [[nodiscard]] const PhysicalSlot* slot_of(DrcIndex index) const;

    sim::Engine& engine;
    SystemConfig config;
    const SystemModel& model;
    sim::EntityId entity = sim::kNoEntity;

    std::vector<std::unique_ptr<Record>> records;  ///< in the order of definition
    std::vector<Record*> records_by_id;
    std::vector<PhysicalSlot> physical_slots;
    PhysicalMemory physical_memory;
    CrqTransport crq_transport;
    VirtualEthernet ethernet;
    std::unique_ptr<Dispatcher> processors;
    WwpnAllocator wwpns;
};

}  // namespace pvmsim::hypervisor
