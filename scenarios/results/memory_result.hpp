// What a run found about memory, as plain data: of a partition, of a server, of its shared memory pool.
// Sizes are bytes, or MiB where whole logical memory blocks are meant.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "aix/workload/memory_load.hpp"
#include "hypervisor/memory/blocks/lmb.hpp"
#include "hypervisor/memory/physical_memory.hpp"
#include "hypervisor/memory/sharing/memory_pool.hpp"

namespace pvmsim::scenarios {

/// Active Memory Expansion of a partition, at the end.
struct ExpansionMeasures {
    double factor = 1;
    std::uint64_t true_bytes = 0;
    std::uint64_t expanded_bytes = 0;      ///< true memory times the factor
    std::uint64_t uncompressed_bytes = 0;  ///< true memory in each pool, as it is used
    std::uint64_t compressed_bytes = 0;
    std::uint64_t in_use_bytes = 0;   ///< of expanded memory
    std::uint64_t deficit_bytes = 0;  ///< of expanded memory: what compression cannot provide
    double cpu_mean = 0;              ///< cores, since its activation
};

/// Active Memory Sharing of a partition; since its activation, sizes at the end.
struct SharedMemoryMeasures {
    std::uint8_t weight = 0;
    std::uint64_t pmem_bytes = 0;  ///< physical memory behind it
    std::uint64_t io_entitled_bytes = 0;
    hypervisor::SharedMemoryCounters counters;  ///< pages

    [[nodiscard]] double page_in_mean_s() const {
        return counters.page_ins == 0 ? 0.0
                                      : sim::to_seconds(counters.page_in_time) / static_cast<double>(counters.page_ins);
    }
};

struct MemoryMeasures {
    bool is_shared = false;
    std::uint64_t assigned_mib = 0;
    std::uint64_t min_mib = 0;
    std::uint64_t max_mib = 0;
    std::uint64_t page_table_mib = 0;
    hypervisor::Scatter scatter;  ///< dedicated memory
    std::optional<SharedMemoryMeasures> shared;
    std::optional<ExpansionMeasures> expansion;
    std::optional<aix::MemoryLoadResult> load;
};

/// How much more is asked of a pool than it has (behaviour 2.2).
enum class Overcommitment : std::uint8_t {
    kNone,        ///< all logical memory fits
    kLogically,   ///< it does not, but what is used does: no paging
    kPhysically,  ///< what is used does not: pages come from paging space
};
[[nodiscard]] std::string_view to_string(Overcommitment overcommitment);

struct MemoryPoolMeasures {
    std::uint64_t size_mib = 0;
    std::uint64_t max_mib = 0;
    std::uint64_t logical_mib = 0;  ///< of its partitions together
    std::uint64_t page_ins = 0;     ///< likewise
    bool mem_dedup = false;
    std::uint32_t dedup_table_ratio = 0;
    Overcommitment overcommitment = Overcommitment::kNone;
    hypervisor::MemoryPoolCounters counters;  ///< pages
};

struct SystemMemoryMeasures {
    std::uint64_t installed_mib = 0;
    std::uint64_t available_mib = 0;
    std::uint64_t lmb_mib = 0;
    hypervisor::HypervisorUse hypervisor;
    std::optional<MemoryPoolMeasures> pool;
};

}  // namespace pvmsim::scenarios
