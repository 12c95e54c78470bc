// ManagedSystem: one CEC with its hypervisor: hardware, partitions, processors, memory, virtual Ethernet and CRQs.
//
// It is a table of parts, not their code: each part lives in its own folder. Operations that an operator can get wrong
// return a Result; a refused operation changes nothing.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hypervisor/crq/crq_transport.hpp"
#include "hypervisor/dispatch/dispatcher.hpp"
#include "hypervisor/errors.hpp"
#include "hypervisor/hardware/physical_slot.hpp"
#include "hypervisor/hardware/system_model.hpp"
#include "hypervisor/memory/memory_change.hpp"
#include "hypervisor/memory/paging/paging_spaces.hpp"
#include "hypervisor/memory/physical_memory.hpp"
#include "hypervisor/memory/sharing/memory_pool.hpp"
#include "hypervisor/memory/sharing/memory_sharing.hpp"
#include "hypervisor/partition/partition.hpp"
#include "hypervisor/partition/processor_change.hpp"
#include "hypervisor/partition/processor_pool.hpp"
#include "hypervisor/partition/software.hpp"
#include "hypervisor/vswitch/virtual_ethernet.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::hypervisor {

/// How processor time is given out: steady shares between changes, or window by window (docs/model/dispatch.md).
enum class DispatchMode : std::uint8_t { kFluid, kExact };
[[nodiscard]] std::string_view to_string(DispatchMode mode);

enum class Edition : std::uint8_t { kExpress, kStandard, kEnterprise };

struct SystemConfig {
    std::string name{};                     ///< the HMC's name of it ("p740a")
    std::string type_model{};               ///< "8205-E6C"; see system_model.hpp
    std::string serial_num = "06ABCDE";     ///< 7 characters
    std::uint32_t cores = 0;                ///< activated, configurable cores; 0: all installed
    std::uint32_t cores_installed = 0;      ///< 0: = cores, or the model's maximum
    bool turbo_core = false;                ///< half of the installed cores at most (780, 795)
    std::uint64_t memory_bytes = 0;         ///< installed; 0: the model's maximum
    std::uint64_t mem_region_size_mib = 0;  ///< LMB; 0: by configured memory (V28)
    Edition edition = Edition::kEnterprise;
    DispatchMode dispatch = DispatchMode::kFluid;
    std::string firmware_level{};  ///< "AL740_156"; empty: the model's
    std::vector<PhysicalSlotConfig> slots{};
    std::vector<ProcessorPoolConfig> shared_proc_pools{};  ///< those that are not as they come; never DefaultPool
    HypervisorMemoryParameters hypervisor_memory{};
    std::optional<MemoryPoolConfig> memory_pool{};  ///< the shared memory pool; nullopt: none
    bool active_mem_expansion_capable = false;      ///< the activation code of Active Memory Expansion is entered

    sim::Duration virtual_ethernet_latency{10'000};  ///< [PARAM]
    sim::Duration crq_latency{10'000};               ///< [PARAM]
    sim::Duration memory_change_time{200'000'000};   ///< [PARAM] of each 256 MB that come or go while a partition runs
    sim::Duration paging_vios_timeout{10'000'000'000};  ///< [PARAM] a paging VIOS that hangs so long is given up
    sim::Duration firmware_boot_time{15'000'000'000};   ///< [PARAM] activation until the OS loader runs
};

struct PartitionConfig {
    PartitionId lpar_id{};
    std::string name{};
    PartitionEnvironment lpar_env = PartitionEnvironment::kAixLinux;
    PartitionProfile profile{};
    bool auto_start = false;
    bool allow_perf_collection = false;  ///< may see the use of the whole shared pool (H_PIC, lparstat's app)
};

class ManagedSystem : public sim::Entity {
  public:
    static Result<std::unique_ptr<ManagedSystem>> create(sim::Engine& engine, SystemConfig config);
    ~ManagedSystem() override;

    /// Checks the profile against the rules and defines the partition (Not Activated). Generates missing WWPN pairs and
    /// MAC addresses.
    Result<Partition*> define_partition(PartitionConfig config);
    /// Once for each partition, before it is started.
    void install_software(PartitionId id, PartitionSoftware& software);
    /// An entity that lives in the partition: its events are forgotten at power-off and held while it hangs.
    void adopt_entity(PartitionId id, sim::EntityId entity);

    // --- power (R-LP-12) ---
    /// As if activated long ago: gives resources and is Running at once. For time 0.
    Result<void> start_settled(PartitionId id);
    /// Gives resources (desired, or down to minimum) and starts: firmware, then the software's on_boot.
    Result<void> activate(PartitionId id);
    Result<void> shutdown(PartitionId id);   ///< orderly, by the operating system
    Result<void> power_off(PartitionId id);  ///< immediate
    Result<void> crash(PartitionId id);      ///< the operating system dies; state Error until activated again
    Result<void> hang(PartitionId id);
    Result<void> resume(PartitionId id);
    /// The software's reports.
    void report_running(PartitionId id);
    void report_stopped(PartitionId id);

    // --- processors (R-LP-03, R-LP-10, R-ED-03) ---
    /// Sets maximum, reserve and name (empty: as it was) of a shared processor pool, at any time.
    Result<void> configure_pool(const ProcessorPoolConfig& pool);
    /// Changes a running partition, not its profile: all of it or, with a reason, nothing.
    Result<void> change_processors(PartitionId id, const ProcessorChange& change);
    /// All 64, in the order of their ids.
    [[nodiscard]] const std::vector<ProcessorPoolConfig>& processor_pools() const;
    /// Entitlements of the pool's activated partitions and its reserve.
    [[nodiscard]] ProcUnits entitled_pool_capacity(PoolId id) const;
    /// What neither activated partitions nor reserves of pools hold.
    [[nodiscard]] ProcUnits unallocated_proc_units() const;
    /// The activated cores, or fewer in TurboCore mode.
    [[nodiscard]] std::uint32_t usable_cores() const;

    // --- memory (R-LP-04, R-LP-10) ---
    /// Adds or removes memory of a running partition, LMB by LMB over time; not its profile. Refuses at once what
    /// cannot begin; what goes wrong later ends the operation with what it has reached. One at a time for each
    /// partition.
    Result<void> change_memory(PartitionId id, const MemoryChange& change);
    /// Removes LMBs of one running partition and adds the same ones to another.
    Result<void> move_memory(PartitionId from, PartitionId to, std::uint64_t mib);
    /// The partition's last change, under way or ended; nullptr: none yet.
    [[nodiscard]] const MemoryOperation* memory_operation(PartitionId id) const;

    // --- shared memory (R-MEM-02, R-ED-04) ---
    /// Creates the shared memory pool, or changes its size, deduplication and table ratio at any time; maximum and
    /// paging VIOSes while no partition uses it. All of it or, with a reason, nothing.
    Result<void> configure_memory_pool(const MemoryPoolConfig& pool);
    /// Only while no partition is in it.
    Result<void> remove_memory_pool();
    /// Whether the paging VIOSes of the pool in SystemConfig are there: for when all partitions are defined.
    [[nodiscard]] Result<void> check_memory_pool() const;
    [[nodiscard]] bool has_memory_pool() const;
    /// Weight and I/O entitled memory of a running partition in mem_mode shared; all of it or, with a reason, nothing.
    Result<void> change_shared_memory(PartitionId id, const SharedMemoryChange& change);
    /// A disk of a paging VIOS, for partitions in mem_mode shared. Once for each VIOS that reaches it.
    Result<void> add_paging_device(PagingDevice device);
    [[nodiscard]] const PagingSpaces& paging_spaces() const;
    /// The paging service of a VIOS comes, goes, reaches a device or loses it, answers (vios/paging).
    void attach_paging_server(PartitionId vios, PagingServer& server);
    void detach_paging_server(PartitionId vios);
    void set_paging_device_usable(PartitionId vios, std::uint64_t unit, bool usable);
    void paging_done(PartitionId vios, std::uint32_t tag, bool succeeded);

    // --- parts ---
    [[nodiscard]] MemorySharing& memory_sharing();  ///< asserts that there is a pool
    [[nodiscard]] const MemorySharing& memory_sharing() const;
    [[nodiscard]] CrqTransport& crq();
    [[nodiscard]] VirtualEthernet& virtual_ethernet();
    [[nodiscard]] Dispatcher& dispatcher();
    [[nodiscard]] const Dispatcher& dispatcher() const;
    [[nodiscard]] const PhysicalMemory& memory() const;
    [[nodiscard]] const SystemConfig& config() const;
    [[nodiscard]] const SystemModel& model() const;
    [[nodiscard]] sim::EntityId entity() const;

    // --- finding things ---
    [[nodiscard]] Partition* find_partition(std::string_view name);
    [[nodiscard]] const Partition* find_partition(std::string_view name) const;
    [[nodiscard]] Partition& partition(PartitionId id);  ///< asserts that it exists
    [[nodiscard]] const Partition& partition(PartitionId id) const;
    [[nodiscard]] bool has_partition(PartitionId id) const;
    /// In the order of definition.
    [[nodiscard]] std::vector<const Partition*> partitions() const;
    [[nodiscard]] const PhysicalSlot* find_slot(DrcIndex index) const;
    [[nodiscard]] const PhysicalSlot* find_slot(
        std::string_view location) const;  ///< "C2", "P1-C2" or the full drc_name
    [[nodiscard]] const std::vector<PhysicalSlot>& slots() const;

    /// "U8205.E6C.06ABCDE-V3-C10" (formats B.3): the location code of a virtual slot.
    [[nodiscard]] std::string virtual_location(PartitionId id, SlotNumber slot) const;

    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

  private:
    struct State;
    explicit ManagedSystem(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace pvmsim::hypervisor
