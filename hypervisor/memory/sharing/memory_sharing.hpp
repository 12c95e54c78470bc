// MemorySharing: Active Memory Sharing of one managed system as an entity of the simulation: the pool, its members, the
// timers of sampling and stealing, page-ins and page-outs through one or two paging VIOSes.
//
// It gives time to what shared_pool.hpp does in no time. Rules: behaviour 2.2, 2.3; docs/model/memory-sharing.md.
#pragma once

#include <cstdint>
#include <memory>

#include "hypervisor/errors.hpp"
#include "hypervisor/memory/content/page_content.hpp"
#include "hypervisor/memory/page.hpp"
#include "hypervisor/memory/sharing/memory_pool.hpp"
#include "hypervisor/memory/sharing/paging_server.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::hypervisor {

/// What the hypervisor tells the software of a shared-memory partition. Implemented by aix/memory.
class SharedMemoryClient {
  public:
    virtual ~SharedMemoryClient() = default;
    /// The page asked for with fault() can be used; its virtual processor waited so long.
    virtual void on_page_restored(PageNumber page, sim::Duration waited) = 0;
    /// Neither paging VIOS could read the page asked for with fault(): machine check, "VPM SUE". The page is empty now;
    /// what becomes of who waits for it is the operating system's business.
    virtual void on_page_lost(PageNumber page) { (void)page; }
};

/// How much processor each partition has used, for sampling. Implemented by the managed system.
class ProcessorMeter {
  public:
    virtual ~ProcessorMeter() = default;
    /// Since activation, in any unit; only differences and their ratios count.
    [[nodiscard]] virtual std::uint64_t processor_used(PartitionId id) = 0;
};

class MemorySharing final : public sim::Entity {
  public:
    explicit MemorySharing(sim::Engine& engine, std::string path);
    ~MemorySharing() override;

    // --- the pool (HMC) ---
    [[nodiscard]] bool has_pool() const;
    [[nodiscard]] const MemoryPoolConfig& pool() const;
    /// Creates the pool, or changes it while in use: size up to its maximum, deduplication, table ratio. Checks what
    /// can be checked without the rest of the system; a refusal changes nothing.
    Result<void> configure(const MemoryPoolConfig& config);
    /// Nobody is in it.
    void remove_pool();

    // --- members (ManagedSystem, at activation and power-off) ---
    void join(PartitionId id, std::uint64_t logical_mib, const SharedMemoryProfile& profile,
              std::uint64_t io_entitled_mib);
    void leave(PartitionId id);
    void change_weight(PartitionId id, std::uint8_t mem_weight);
    [[nodiscard]] bool is_member(PartitionId id) const;
    /// What all members may have mapped for I/O at once is guaranteed and must fit: kNotEnoughMemory if one more with
    /// so much would not. All members together can have 16 TB of logical memory.
    [[nodiscard]] Result<void> check_join(std::uint64_t io_entitled_mib, std::uint64_t logical_mib = 0) const;
    /// DLPAR of logical memory: added or removed at the end. kInvalidChange when pages there are mapped for I/O or
    /// being waited for; nothing is changed then.
    Result<void> resize(PartitionId id, std::uint64_t logical_mib);
    /// kInvalidChange below what is mapped now, kNotEnoughMemory beyond the pool.
    Result<void> change_io_entitled(PartitionId id, std::uint64_t io_entitled_mib);
    /// Without one, utilizations are not corrected for processor use.
    void set_processor_meter(ProcessorMeter* meter);

    // --- paging VIOSes (vios/paging) ---
    void attach(PartitionId vios, PagingServer& server);
    void detach(PartitionId vios);
    /// Something about what the VIOS serves changed: up, down, a device lost or back.
    void paging_state_changed(PartitionId vios);
    /// The answer to a request; one that was asked of the other VIOS since, or whose page is gone, does nothing.
    void paging_done(PartitionId vios, std::uint32_t tag, bool succeeded);
    /// The VIOS that pages for the partition now; kNoPartition: none, its faults wait.
    [[nodiscard]] PartitionId paging_vios(PartitionId id) const;

    // --- the partition's own use of its memory (aix/memory) ---
    void set_client(PartitionId id, SharedMemoryClient* client);
    /// References pages of word `word` (64 pages): bits of `touched`, `written` a subset. Pages that are backed, and
    /// pages never used whose frame is at hand, are done. Returned: those that need fault(); they are not touched yet.
    [[nodiscard]] std::uint64_t touch(PartitionId id, std::uint32_t word, std::uint64_t touched, std::uint64_t written);
    /// A virtual processor stops at the page until on_page_restored, never from inside this call. One fault a page.
    void fault(PartitionId id, PageNumber page, bool is_write);
    /// Unused and loaned pages lose their frames at once; touching one makes it active, and zero. Pages mapped for I/O
    /// or being waited for stay active.
    void set_state(PartitionId id, PageNumber first, std::uint32_t count, PageState state);
    /// Page-ins the operating system counted since activation, its own ones from its own paging space (VPA 0x180).
    /// Optional; see docs/model/memory-sharing.md for what it does.
    void report_os_page_ins(PartitionId id, std::uint64_t page_ins);
    /// Maps or unmaps pages for I/O; kResource when the entitlement does not suffice, kLongBusyOrder1Msec when a page
    /// is being restored (the hypervisor sees to that); in both cases nothing is mapped. A page is mapped or not: the
    /// count of its mappings is the caller's.
    HcallStatus map_io(PartitionId id, PageNumber first, std::uint32_t count);
    void unmap_io(PartitionId id, PageNumber first, std::uint32_t count);
    /// What is in these pages from now on (without touching them); written ones become something of their own.
    void describe(PartitionId id, PageNumber first, std::uint32_t count, const ContentSource& source);
    /// The same as a write by the partition: backed pages are rewritten with the source's contents, shared frames are
    /// left to the others.
    void overwrite(PartitionId id, PageNumber first, std::uint32_t count, const ContentSource& source);
    /// CC flag: deduplication looks at these pages first.
    void hint_coalesce(PartitionId id, PageNumber first, std::uint32_t count);

    // --- figures ---
    [[nodiscard]] MemoryPerformance performance(PartitionId id) const;  ///< H_GET_MPP, H_GET_MPP_X
    [[nodiscard]] SharedMemoryCounters counters(PartitionId id) const;
    [[nodiscard]] MemoryPoolCounters pool_counters() const;

    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

    struct State;  ///< memory_sharing_state.hpp

  private:
    std::unique_ptr<State> state_;
};

}  // namespace pvmsim::hypervisor
