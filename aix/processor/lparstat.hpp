// lparstat: the figures of an interval out of two readings of the counters, and their lines as AIX prints them.
//
// Formulas: behaviour 1.8; format: formats B.1. vcsw, phint and hcalls are numbers in the interval; they are zero in
// fluid mode, which has no windows. Left out: the columns of machines off nominal frequency, -m, -c and -H.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "aix/processor/processors.hpp"

namespace pvmsim::aix {

class OperatingSystem;

struct LparstatRow {
    double user = 0;  ///< these four: per cent
    double sys = 0;
    double wait = 0;
    double idle = 0;
    double physc = 0;             ///< physical processors, not rounded
    double entc = 0;              ///< per cent of the entitlement, of the unrounded physc
    double lbusy = 0;             ///< per cent of logical processors
    std::optional<double> app{};  ///< physical processors idle in the pool; nothing without the authority
    std::uint64_t vcsw = 0;
    std::uint64_t phint = 0;
    double hypv = 0;  ///< per cent of consumed time spent in the hypervisor's dispatcher
    std::uint64_t hcalls = 0;
    std::uint32_t online = 0;    ///< virtual processors
    std::uint32_t unfolded = 0;  ///< at the end of the interval
};
/// `after` later than `before`, both since the same start of the system.
[[nodiscard]] LparstatRow lparstat_row(const ProcessorCounters& before, const ProcessorCounters& after);

enum class LparstatForm : std::uint8_t {
    kDedicated,      ///< the four percentages
    kShared,         ///< without app
    kSharedWithPool  ///< all of `lparstat 1`
};
/// What this partition's lparstat prints.
[[nodiscard]] LparstatForm lparstat_form(const hypervisor::Partition& partition);
/// "System configuration: type=Shared ..." (its trailing blank included).
[[nodiscard]] std::string lparstat_configuration(const OperatingSystem& os);
/// Two lines joined by a newline: names and dashes.
[[nodiscard]] std::string lparstat_header(LparstatForm form);
[[nodiscard]] std::string lparstat_line(LparstatForm form, const LparstatRow& row);

}  // namespace pvmsim::aix
