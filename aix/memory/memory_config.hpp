// MemoryConfig: what an operating system keeps in its memory and what it does when memory is short.
//
// Sizes are bytes; they are rounded to 256 KiB and cut down where a small partition cannot hold them (docs/model/
// memory-operating-system.md has the table). Sources: behaviour 2.2 (loaning), 2.3 (common program text), 2.4 (AME).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "aix/memory/expansion.hpp"
#include "hypervisor/units.hpp"
#include "sim/base/time.hpp"

namespace pvmsim::aix {

/// vmo -o ams_loan_policy: what may be lent to the hypervisor besides free memory.
enum class AmsLoanPolicy : std::uint8_t {
    kNone = 0,            ///< nothing is lent at all
    kFileCache = 1,       ///< the default: free memory, then file cache
    kWorkingStorage = 2,  ///< then working storage too, written to the system's own paging space
};

struct MemoryConfig {
    std::string os_level = "7100-01-04";  ///< systems of the same level have the same program text in memory
    std::uint64_t kernel_bytes = 192 * hypervisor::kMebibyte;   ///< [PARAM] pinned; at most a quarter of the memory
    std::uint64_t os_text_bytes = 256 * hypervisor::kMebibyte;  ///< [PARAM] program text; at most a quarter
    std::optional<std::uint64_t> file_cache_bytes{};  ///< of a system that ran for long; default 10 % of memory [PARAM]
    std::string file_set{};           ///< systems with the same file set have the same files cached; empty: own files
    std::uint64_t heap_distinct = 0;  ///< working storage takes one of so many contents a page; 0: all different
    AmsLoanPolicy ams_loan_policy = AmsLoanPolicy::kFileCache;
    std::uint64_t os_paging_space_bytes = 512 * hypervisor::kMebibyte;  ///< [PARAM] hd6 of the system itself
    sim::Duration os_paging_latency{std::chrono::milliseconds{5}};      ///< [PARAM] to read a page from it
    sim::Duration os_update_time{std::chrono::minutes{10}};             ///< [PARAM] an update writes its files in this

    /// Active Memory Expansion, when the profile has a factor: what this system's memory is like. Hot pages are those
    /// of the load, the compressible share is what kernel, program text and file cache leave, whatever is said here.
    ExpansionModel expansion{};
};

}  // namespace pvmsim::aix
