// What a managed system consists of, and the steps its operations share. Private to the files beside it and in
// processors/ and memory/.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hypervisor/dispatch/dispatcher.hpp"
#include "hypervisor/managed_system.hpp"
#include "hypervisor/partition/address_allocator.hpp"
#include "hypervisor/processors/pool_table.hpp"

namespace pvmsim::hypervisor {

// --- cores (processors/usable_cores.cpp) ---
[[nodiscard]] Result<void> check_cores(const SystemConfig& config, const SystemModel& model);
void complete_cores(SystemConfig& config, const SystemModel& model);
[[nodiscard]] std::uint32_t usable_cores_of(const SystemConfig& config);  ///< of a completed one

/// What a profile asks of the machine's physical memory (activation.cpp).
[[nodiscard]] MemoryRequest memory_request(const PartitionProfile& profile);

/// As the partition is now (processors/plan_processors.cpp).
[[nodiscard]] DispatchConfig dispatch_config(const Partition& partition);

struct ManagedSystem::State {
    struct Record {
        Partition partition;
        std::string path;  ///< "p740a/vios1"
        sim::EventHandle firmware;
        std::uint64_t activated_mib = 0;                  ///< memory at the last activation: limits growth
        std::optional<MemoryOperation> memory_operation;  ///< the last one
        sim::EventHandle memory_step;                     ///< of one under way; of a move, at the one who gives
        bool is_dispatched = false;
        bool has_adapters = false;  ///< of the running configuration: defined in crq and virtual_ethernet
    };

    /// The paging service of a VIOS that is up.
    struct PagingPeer {
        PartitionId vios;
        PagingServer* server = nullptr;
        sim::EventHandle silence{};  ///< it hangs; the hypervisor waits for it
        bool is_silent = false;      ///< given up until it goes on
        bool is_attached = false;    ///< the pool's, and in use
    };
    /// Processor time in core-nanoseconds, for the sampling of shared memory.
    class Meter final : public ProcessorMeter {
      public:
        explicit Meter(const State& state) : state_(state) {}
        [[nodiscard]] std::uint64_t processor_used(PartitionId id) override;

      private:
        const State& state_;
    };
    enum class StartKind : std::uint8_t { kActivation, kSettled };

    State(sim::Engine& engine_used, SystemConfig config_used, const SystemModel& model_used, PoolTable pools_used);

    // --- definition (definition.cpp) ---
    Result<void> check_identity(const PartitionConfig& candidate) const;
    Result<void> check_paging_role(const PartitionConfig& candidate) const;
    Result<void> check_slots_exist(const PartitionProfile& profile) const;
    Result<void> check_addresses(const PartitionConfig& candidate) const;
    void complete_addresses(PartitionId id, PartitionProfile& profile);

    // --- activation (activation.cpp) ---
    /// What the partition would get now. What it holds itself counts as free.
    Result<GivenResources> plan(const Record& record, StartKind kind) const;
    Result<void> plan_own_memory(const Record& record, GivenResources& given) const;
    void give(Record& record, GivenResources given);
    void take_back(Record& record);
    void define_adapters(Record& record);
    void undefine_adapters(Record& record);

    // --- processors (processors/) ---
    static Result<PoolTable> first_pools(const SystemConfig& config, const SystemModel& model);
    void tell_dispatcher(const ProcessorPoolConfig& pool);
    Result<void> plan_processors(const Record& record, GivenResources& given) const;
    Result<void> plan_dedicated(const Record& record, GivenResources& given) const;
    Result<void> plan_shared(const Record& record, GivenResources& given) const;
    /// Whether the machine and the pool have what the partition shall hold instead of what it holds.
    Result<void> check_capacity(const Record& record, const GivenResources& target) const;
    /// What partitions of the pool hold, all but one of them.
    [[nodiscard]] ProcUnits entitlements(PoolId pool, const Record* except) const;
    /// What nobody holds, all but one partition.
    [[nodiscard]] ProcUnits unallocated(const Record* except) const;
    /// What the partition could hold in the pool before its maximum is reached.
    [[nodiscard]] ProcUnits room_below_max(PoolId pool, const Record& record) const;
    [[nodiscard]] PoolContext pool_context(PoolId pool) const;
    [[nodiscard]] std::string inactive_text(PoolId pool) const;
    void count_shared_cores();

    // --- memory (memory/change_memory.cpp, memory/check_change.cpp) ---
    [[nodiscard]] Result<void> check_can_change(const Record& record) const;
    /// Whether the partition may have so much, by its profile and by what it was activated with.
    [[nodiscard]] Result<void> check_memory_range(const Record& record, std::uint64_t target_mib) const;
    [[nodiscard]] Result<void> check_blocks(const Record& record, std::uint64_t mib) const;
    [[nodiscard]] Result<void> check_memory_is_there(const Record& record, std::uint64_t more_mib) const;
    void begin_memory_operation(Record& record, MemoryOperation operation);
    void schedule_memory_step(Record& record);
    void advance_memory(Record& record);
    /// Why the next LMB cannot go on its way; empty if it can.
    [[nodiscard]] std::string memory_obstacle(const Record& record) const;
    /// Makes one LMB come or go.
    void change_block(Record& record);
    /// The same for logical memory; the operation ends if the pool refuses.
    void change_shared_block(Record& record);
    /// Ends what is under way, of both partitions of a move; nothing if nothing is.
    void end_memory_operation(Record& record, std::string refused);

    // --- shared memory pool (memory/paging/) ---
    [[nodiscard]] std::string sharing_path() const;
    [[nodiscard]] Result<void> check_pool_alone(const MemoryPoolConfig& pool) const;
    [[nodiscard]] Result<void> check_pool_vioses(const MemoryPoolConfig& pool) const;
    [[nodiscard]] Result<void> check_pool_members(const MemoryPoolConfig& pool) const;
    /// Of SystemConfig. Its paging VIOSes are not defined yet.
    Result<void> create_first_pool();
    Result<void> set_pool(const MemoryPoolConfig& pool);
    Result<void> plan_shared_memory(const Record& record, StartKind kind, GivenResources& given) const;
    Result<void> choose_paging_space(const Record& record, StartKind kind, GivenSharedMemory& given) const;
    [[nodiscard]] Result<void> check_entitlement(const Record& record, std::uint64_t entitled_mib,
                                                 std::uint64_t memory_mib) const;
    [[nodiscard]] GivenSharedMemory shared_memory_wish(const PartitionProfile& profile) const;
    /// I/O entitled memory of all active partitions but one.
    [[nodiscard]] std::uint64_t io_entitled_mib(const Record* except) const;
    void join_pool(Record& record);
    void leave_pool(Record& record);
    [[nodiscard]] PagingPeer* peer_of(PartitionId vios);
    void connect_paging_peers();
    void watch_silence(PartitionId vios);
    void give_up_silent(PartitionId vios);
    void heard_again(PartitionId vios);

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

    std::uint32_t usable_cores;
    PoolTable pools;

    std::vector<std::unique_ptr<Record>> records;  ///< in the order of definition
    std::vector<Record*> records_by_id;
    std::vector<PhysicalSlot> physical_slots;
    PhysicalMemory physical_memory;
    PagingSpaces paging_spaces;
    Meter meter{*this};
    std::unique_ptr<MemorySharing> sharing;  ///< nullptr: no shared memory pool
    std::vector<PagingPeer> paging_peers;    ///< in the order of coming up
    CrqTransport crq_transport;
    VirtualEthernet ethernet;
    std::unique_ptr<Dispatcher> processors;
    WwpnAllocator wwpns;
};

}  // namespace pvmsim::hypervisor
