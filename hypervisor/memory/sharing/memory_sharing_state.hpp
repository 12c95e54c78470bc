// MemorySharing's insides: members, paging VIOSes, requests, and the steps between them. memory_sharing.cpp has the
// figures and what the HMC does, memory_sharing_paging.cpp the way of a request, memory_sharing_use.cpp what partitions
// do with their pages, memory_sharing_background.cpp the timers.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "hypervisor/memory/content/pool_contents.hpp"
#include "hypervisor/memory/deduplication/deduplicator.hpp"
#include "hypervisor/memory/sharing/memory_sharing.hpp"
#include "hypervisor/memory/sharing/paging_requests.hpp"
#include "hypervisor/memory/sharing/shared_pool.hpp"

namespace pvmsim::hypervisor {

struct MemorySharing::State final : PageOutCarrier {
    using Slot = PagingRequests::Slot;

    struct Member {
        PartitionId id = kNoPartition;
        SharedMemoryClient* client = nullptr;
        PartitionId primary = kNoPartition;
        PartitionId secondary = kNoPartition;
        PartitionId vios = kNoPartition;   ///< that pages for it now
        bool is_stalled = false;           ///< it waits for a VIOS, and that was told
        bool has_contents = false;         ///< what is in its pages is known
        std::uint64_t processor_used = 0;  ///< at the last sample
        sim::Duration page_in_time{0};
        sim::Duration page_in_max{0};
    };
    struct Vios {
        PartitionId id;
        PagingServer* server = nullptr;
        std::uint32_t page_outs = 0;  ///< under way
    };

    State(sim::Engine& its_engine, std::string its_path);

    // memory_sharing.cpp
    [[nodiscard]] MemberId member_of(PartitionId id) const;
    [[nodiscard]] Member& at(PartitionId id) { return members[member_of(id).value()]; }
    [[nodiscard]] FreeListMarks marks_of(const MemoryPoolConfig& one) const;
    [[nodiscard]] std::string name_of(PartitionId id) const;
    void keep_contents(MemberId member, bool was_unknown);
    void set_deduplication(const MemoryPoolConfig& before);

    // memory_sharing_paging.cpp
    [[nodiscard]] Vios* find_vios(PartitionId id);
    [[nodiscard]] const Vios* find_vios(PartitionId id) const;
    [[nodiscard]] bool serves(PartitionId vios, PartitionId id) const;
    [[nodiscard]] PartitionId choose_vios(const Member& member) const;
    [[nodiscard]] PartitionId other_vios(const PageRequest& request) const;
    void paging_vioses_changed();
    void reroute(Slot slot);
    void ask(PartitionId id, LogicalPage page, RequestKind kind, bool is_write);
    void place(Slot slot);
    void submit(Slot slot);
    void submit_to(Slot slot, PartitionId vios);
    void note_stall(Member& member);
    void read_failed(Slot slot);
    void finish(Slot slot);
    void cancel_page_outs(MemberId member, PageNumber first, std::uint32_t count);
    void forget_requests(MemberId member);
    void queue_changed();
    void wake();
    void serve_waiting();
    void balance();
    [[nodiscard]] bool has_paging_space(MemberId member) const override;
    [[nodiscard]] std::uint32_t room(MemberId member) const override;
    void page_out(LogicalPage page) override;

    // memory_sharing_background.cpp
    void start_timers();
    void sample();
    void deduplicate();
    [[nodiscard]] std::int64_t deduplication_cycles(std::vector<std::int64_t>& spare);

    sim::Engine& engine;
    std::string path;
    sim::EntityId entity{};
    bool has_pool = false;
    MemoryPoolConfig config;
    SharedPool pool;
    std::vector<std::uint16_t> member_by_id;  ///< by partition id
    std::vector<Member> members;              ///< by MemberId
    std::uint32_t member_count = 0;
    std::vector<Vios> vioses;  ///< in order of attachment
    ProcessorMeter* meter = nullptr;
    PagingRequests requests;
    std::deque<Slot> queue;  ///< wait for frames
    sim::RandomStream random;
    PoolContents contents;
    std::unique_ptr<Deduplicator> deduplicator;
    ScanResult deduplicated;
    std::uint64_t copies_of_left = 0;  ///< copies on write of members that have left

    bool is_sampling = false;
    bool is_deduplicating = false;
    bool is_serving_due = false;
    bool is_steal_due = false;
    sim::Duration steal_again_in;
    sim::SimTime told_low_at;
    bool has_told_low = false;
};

inline constexpr std::uint16_t kNoMember = 0xffff;
inline constexpr std::uint32_t kPartitionIdLimit = 1001;
/// [PARAM] after nothing could be stolen: first pause, doubled up to the longest.
inline constexpr sim::Duration kStealPauseMin{10'000'000};
inline constexpr sim::Duration kStealPauseMax{1'000'000'000};
/// [PARAM] a pool that is short of frames all the time is told of so often.
inline constexpr sim::Duration kLowToldEvery{60'000'000'000};

[[nodiscard]] inline std::uint32_t pages_of_mib(std::uint64_t mib) {
    return static_cast<std::uint32_t>(mib * kPagesInMib);
}

}  // namespace pvmsim::hypervisor
