// lparstat -m, lparstat -c and vmstat: the figures of memory in an interval out of two readings, and their lines as AIX
// prints them.
//
// Columns and meanings: formats B.1 and B.4; widths are not pinned by a recording there. hpit is the time that all
// virtual processors together waited, in milliseconds a second. Left out: -m -e (I/O memory pools), vmstat -v and -s.
#pragma once

#include <cstdint>
#include <string>

#include "aix/memory/memory.hpp"
#include "aix/processor/processors.hpp"

namespace pvmsim::aix {

class OperatingSystem;

struct MemoryReading {
    MemoryFigures memory;
    ProcessorCounters processors;
};
[[nodiscard]] MemoryReading read_memory(const OperatingSystem& os);

/// Both readings since the same start of the system, `after` later.
struct MemoryStatRow {
    double physb = 0;    ///< physical processors busy in user and sys, per cent of one
    double hpi = 0;      ///< hypervisor page-ins a second
    double hpit_ms = 0;  ///< waiting for them, in each second
    double pmem_gib = 0;
    double iomin_mib = 0;     ///< I/O entitled memory
    double iomu_mib = 0;      ///< of it in use
    double iomf_mib = 0;      ///< free
    double iohwm_mib = 0;     ///< most in use so far
    std::uint64_t iomaf = 0;  ///< mappings that failed; AIX retries within the entitlement, so none do
    double entc = 0;
    std::uint64_t vcsw = 0;
    double pgcol_mib = 0;   ///< of the partition, in shared frames
    double mpgcol_mib = 0;  ///< of the whole pool
    double ccol = 0;        ///< processors used to find equal pages, per cent of one
    double loan_mib = 0;
    double xcpu = 0;     ///< compression: per cent of the processor time consumed
    double xphysc = 0;   ///< in processors
    double dxm_mib = 0;  ///< deficit of expanded memory
    double pi = 0;       ///< the system's own paging, pages a second
    double po = 0;
};
[[nodiscard]] MemoryStatRow memory_stat_row(const MemoryReading& before, const MemoryReading& after);

enum class MemoryStatForm : std::uint8_t {
    kShared,           ///< lparstat -m
    kSharedCoalesced,  ///< lparstat -mp, -mpw
};
[[nodiscard]] std::string memory_stat_configuration(const OperatingSystem& os);
/// Two lines joined by a newline: names and dashes.
[[nodiscard]] std::string memory_stat_header(MemoryStatForm form);
[[nodiscard]] std::string memory_stat_line(MemoryStatForm form, const MemoryStatRow& row);

/// lparstat -c: what the columns of lparstat are followed by.
[[nodiscard]] std::string expansion_stat_header();
[[nodiscard]] std::string expansion_stat_columns(const MemoryStatRow& row);
/// vmstat -h: the group hypv-page.
[[nodiscard]] std::string hypervisor_page_header();
[[nodiscard]] std::string hypervisor_page_columns(const MemoryStatRow& row, const MemoryFigures& now);

}  // namespace pvmsim::aix
