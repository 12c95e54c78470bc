// Arithmetic and columns of lparstat -m, -c and vmstat -h; see memory_stat.hpp.
// Rates are of the interval, sizes as they are at its end.
#include "aix/memory/memory_stat.hpp"

#include <fmt/format.h>

#include "aix/os/operating_system.hpp"
#include "aix/processor/lparstat.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::aix {
namespace {

double mib(std::uint64_t bytes) { return static_cast<double>(bytes) / static_cast<double>(hypervisor::kMebibyte); }
double gib(std::uint64_t bytes) { return static_cast<double>(bytes) / static_cast<double>(hypervisor::kGibibyte); }
double pages_mib(std::uint64_t pages) { return mib(pages * hypervisor::kPageBytes); }

double grown(std::uint64_t before, std::uint64_t after) { return static_cast<double>(after - before); }
double cores_used(hypervisor::CoreTime before, hypervisor::CoreTime after, double seconds) {
    return static_cast<double>(after.nanocore_ns - before.nanocore_ns) / 1e18 / seconds;
}

/// [PARAM] Nominal clock of a POWER7 processor, to turn cycles into processors.
constexpr double kCyclesPerSecond = 3.55e9;

}  // namespace

MemoryReading read_memory(const OperatingSystem& os) {
    const auto figures = os.memory().figures();
    return {.memory = figures, .processors = os.processors().counters(figures.at)};
}

MemoryStatRow memory_stat_row(const MemoryReading& before, const MemoryReading& after) {
    const auto span = after.memory.at - before.memory.at;
    PVMSIM_ASSERT(span > sim::Duration::zero());
    const double seconds = static_cast<double>(span.count()) / 1e9;
    const auto processors = lparstat_row(before.processors, after.processors);
    const auto& then = before.memory;
    const auto& now = after.memory;
    const double waited = static_cast<double>((now.hypervisor.page_in_time - then.hypervisor.page_in_time).count());
    const double cycles = static_cast<double>(now.pool.coalescing_cycles - then.pool.coalescing_cycles);
    MemoryStatRow row{.physb = 100 * (cores_used(before.processors.user, after.processors.user, seconds) +
                                      cores_used(before.processors.sys, after.processors.sys, seconds)),
                      .hpi = grown(then.hypervisor.page_ins, now.hypervisor.page_ins) / seconds,
                      .hpit_ms = waited / 1e6 / seconds,
                      .pmem_gib = gib(now.is_shared ? now.performance.backing : now.true_bytes),
                      .iomin_mib = mib(now.performance.io_entitlement),
                      .iomu_mib = mib(now.performance.io_mapped),
                      .iohwm_mib = pages_mib(now.hypervisor.io_mapped_max),
                      .entc = processors.entc,
                      .vcsw = processors.vcsw,
                      .pgcol_mib = mib(now.performance.coalesced),
                      .mpgcol_mib = mib(now.performance.pool_coalesced),
                      .ccol = 100 * cycles / kCyclesPerSecond / seconds,
                      .loan_mib = mib(now.loaned_bytes),
                      .xphysc = cores_used(before.processors.compression, after.processors.compression, seconds),
                      .dxm_mib = pages_mib(now.expansion.deficit_pages),
                      .pi = grown(then.os_page_ins, now.os_page_ins) / seconds,
                      .po = grown(then.os_page_outs, now.os_page_outs) / seconds};
    row.iomf_mib = row.iomin_mib - row.iomu_mib;
    if (processors.physc > 0) row.xcpu = 100 * row.xphysc / processors.physc;
    return row;
}

std::string memory_stat_configuration(const OperatingSystem& os) {
    const auto now = os.memory().figures();
    auto line = lparstat_configuration(os);
    if (now.is_shared)
        line += fmt::format("mpsz={:.2f}GB iome={:.2f}MB iomp={} ", gib(now.performance.pool_size),
                            mib(now.performance.io_entitlement), 1);
    if (now.is_expanded)
        line += fmt::format("mmode={} tmem={:.0f}MB ", now.is_shared ? "Shar-E" : "Ded-E", mib(now.true_bytes));
    return line;
}

std::string memory_stat_header(MemoryStatForm form) {
    if (form == MemoryStatForm::kShared)
        return "physb   hpi  hpit  pmem  iomin   iomu   iomf  iohwm iomaf %entc  vcsw\n"
               "----- ----- ----- ----- ------ ------ ------ ------ ----- ----- -----";
    return "physb   hpi  hpit  pmem  iomin   iomu   iomf  iohwm iomaf  pgcol mpgcol ccol %entc  vcsw\n"
           "----- ----- ----- ----- ------ ------ ------ ------ ----- ------ ------ ---- ----- -----";
}

std::string memory_stat_line(MemoryStatForm form, const MemoryStatRow& row) {
    auto line =
        fmt::format("{:5.2f} {:5.0f} {:5.0f} {:5.2f} {:6.1f} {:6.1f} {:6.1f} {:6.1f} {:5}", row.physb, row.hpi,
                    row.hpit_ms, row.pmem_gib, row.iomin_mib, row.iomu_mib, row.iomf_mib, row.iohwm_mib, row.iomaf);
    if (form == MemoryStatForm::kSharedCoalesced)
        line += fmt::format(" {:6.1f} {:6.1f} {:4.1f}", row.pgcol_mib, row.mpgcol_mib, row.ccol);
    return line + fmt::format(" {:5.1f} {:5}", row.entc, row.vcsw);
}

std::string expansion_stat_header() {
    return " %xcpu xphysc    dxm\n"
           "------ ------ ------";
}

std::string expansion_stat_columns(const MemoryStatRow& row) {
    return fmt::format("{:6.1f} {:6.4f} {:6.0f}", row.xcpu, row.xphysc, row.dxm_mib);
}

std::string hypervisor_page_header() {
    return "        hypv-page\n"
           "-------------------------\n"
           "   hpi   hpit  pmem  loan";
}

std::string hypervisor_page_columns(const MemoryStatRow& row, const MemoryFigures& now) {
    return fmt::format("{:6.0f} {:6.0f} {:5.2f} {:5.2f}", row.hpi, row.hpit_ms, row.pmem_gib, gib(now.loaned_bytes));
}

}  // namespace pvmsim::aix
