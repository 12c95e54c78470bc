// MemorySharing: Active Memory Sharing of one managed system as an entity of the simulation: the pool, its members, the
// timers of sampling and stealing, page-ins and page-outs through one or two paging VIOSes.
//
// It gives time to what shared_pool.hpp does in no time. Rules: behaviour 2.2, 2.3; docs/model/memory.md.
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

    // --- members (ManagedSystem, at activation and power-off) ---
    void join(PartitionId id, std::uint64_t logical_mib, const SharedMemoryProfile& profile,
              std::uint64_t io_entitled_mib);
    void leave(PartitionId id);
    void change_weight(PartitionId id, std::uint8_t mem_weight);
    [[nodiscard]] bool is_member(PartitionId id) const;

    // --- paging VIOSes (vios/paging) ---
    void attach(PartitionId vios, PagingServer& server);
    void detach(PartitionId vios);
    /// Something about what the VIOS serves changed: up, down, a device lost or back.
    void paging_state_changed(PartitionId vios);
    void paging_done(PartitionId vios, std::uint32_t tag, bool succeeded);

    // --- the partition's own use of its memory (aix/memory) ---
    void set_client(PartitionId id, SharedMemoryClient* client);
    /// References pages of word `word` (64 pages): bits of `touched`, `written` a subset. Pages that are backed, and
    /// pages never used whose frame is at hand, are done. Returned: those that need fault(); they are not touched yet.
    [[nodiscard]] std::uint64_t touch(PartitionId id, std::uint32_t word, std::uint64_t touched, std::uint64_t written);
    /// A virtual processor stops at the page until on_page_restored, never from inside this call. One fault a page.
    void fault(PartitionId id, PageNumber page, bool is_write);
    void set_state(PartitionId id, PageNumber first, std::uint32_t count, PageState state);
    /// Maps or unmaps pages for I/O; kResource when the entitlement does not suffice, and nothing is mapped.
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

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace pvmsim::hypervisor
