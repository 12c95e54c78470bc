// MemoryPoolConfig and the figures of Active Memory Sharing, as the HMC and the hypervisor calls show them.
// Sources: behaviour 2.2 (H_GET_MPP, H_GET_MPP_X), 2.3 (table ratio); HMC attribute names (formats C).
#pragma once

#include <cstdint>
#include <vector>

#include "hypervisor/ids.hpp"
#include "sim/base/time.hpp"

namespace pvmsim::hypervisor {

/// The one shared memory pool of a server. Pool sizes are multiples of the LMB, at least 256 MB.
struct MemoryPoolConfig {
    std::uint64_t pool_mem_mib = 0;
    std::uint64_t max_pool_mem_mib = 0;  ///< the pool can grow so far while it is in use
    PartitionId primary_paging_vios = kNoPartition;
    PartitionId secondary_paging_vios = kNoPartition;  ///< kNoPartition: one paging VIOS
    bool mem_dedup = false;                            ///< Active Memory Deduplication, for the pool as a whole
    std::uint32_t dedup_table_ratio = 1024;            ///< table = max_pool_mem / this: 256, 512, .. 8192

    sim::Duration sampling_interval{5'000'000'000};  ///< [PARAM] single-digit seconds
    std::uint32_t low_water_per_mille = 5;           ///< [PARAM] free list: stealing begins below
    std::uint32_t high_water_per_mille = 10;         ///< [PARAM] and goes on until
    sim::Duration paging_latency{20'000};            ///< [PARAM] hypervisor to paging VIOS and back, without its work
    std::uint32_t page_outs_max = 64;                ///< [PARAM] under way at one paging VIOS
    sim::Duration dedup_interval{100'000'000};       ///< [PARAM] deduplication runs so often
    std::uint32_t dedup_core_percent = 20;           ///< [PARAM] of one core, at most, however idle the paging VIOSes
    std::int64_t core_hz = 3'000'000'000;            ///< [PARAM] cycles of a core, to count what deduplication used
};

/// What a partition in mem_mode shared brings along.
struct SharedMemoryProfile {
    std::uint8_t mem_weight = 128;                  ///< 0..255
    std::uint64_t desired_io_entitled_mem_mib = 0;  ///< 0: auto, by its virtual adapters
    /// Paging VIOSes of this partition, of the pool's; kNoPartition: the pool's first.
    PartitionId primary_paging_vios = kNoPartition;
    PartitionId secondary_paging_vios = kNoPartition;
};

/// H_GET_MPP and H_GET_MPP_X of one partition. Bytes.
struct MemoryPerformance {
    std::uint64_t io_entitlement = 0;
    std::uint64_t io_mapped = 0;
    std::uint16_t pool_id = 0;
    std::uint8_t weight = 0;
    std::uint64_t pool_size = 0;
    std::int64_t loan_request = 0;  ///< positive: lend so much more; negative: take back
    std::uint64_t backing = 0;      ///< physical memory behind the partition's pages
    std::uint64_t coalesced = 0;    ///< of these, the partition's pages that share a frame with others
    std::uint64_t pool_coalesced = 0;
    std::int64_t pool_coalescing_cycles = 0;
    std::uint64_t pool_used = 0;
};

/// Cumulative since the partition was activated; pages unless said otherwise.
struct SharedMemoryCounters {
    std::uint64_t logical = 0;        ///< now
    std::uint64_t backed = 0;         ///< now
    std::uint64_t loaned = 0;         ///< now
    std::uint64_t expropriated = 0;   ///< now: taken by the hypervisor, contents in paging space
    std::uint64_t donation = 0;       ///< now: what it shall do without
    std::uint64_t coalesced = 0;      ///< now
    std::uint64_t io_mapped = 0;      ///< now
    std::uint64_t io_mapped_max = 0;  ///< high-water mark
    std::uint64_t page_ins = 0;
    std::uint64_t page_outs = 0;
    std::uint64_t zero_filled = 0;  ///< first touches
    std::uint64_t copies = 0;       ///< writes to a coalesced page
    sim::Duration page_in_time{0};  ///< VPA 0x110: waits for page-ins together
    sim::Duration page_in_max{0};
};

struct MemoryPoolCounters {
    std::uint64_t size = 0;       ///< pages
    std::uint64_t used = 0;       ///< sum of backing less what coalescing saves
    std::uint64_t free = 0;       ///< on the free list
    std::uint64_t coalesced = 0;  ///< pages saved
    std::uint64_t overage = 0;    ///< donations must cover it
    std::uint64_t merges = 0;
    std::uint64_t copies = 0;
    std::uint64_t scanned = 0;           ///< pages visited by deduplication
    std::int64_t coalescing_cycles = 0;  ///< donated by the paging VIOSes
    std::uint64_t waiting = 0;           ///< page-ins under way or held
};

}  // namespace pvmsim::hypervisor
