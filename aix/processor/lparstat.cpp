// Arithmetic and columns of lparstat; see lparstat.hpp.
//
// While a partition consumes less than its entitlement the percentages are of the entitlement and what it did not use
// is idle; beyond, they are of what it consumed. Idle time splits into idle and wait by the part of the interval in
// which disk requests were outstanding.
#include "aix/processor/lparstat.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "aix/os/operating_system.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::aix {

using hypervisor::CoreTime;

namespace {

double difference(CoreTime before, CoreTime after) {
    return static_cast<double>(after.nanocore_ns - before.nanocore_ns);
}

double percent(double part, double whole) { return whole > 0 ? part / whole * 100 : 0; }

bool is_shared(const hypervisor::Partition& partition) {
    return partition.profile.proc_mode == hypervisor::ProcessorMode::kShared;
}

/// Cores of the shared processor pool: all that no active partition has for itself, or the pool's maximum.
std::uint32_t pool_processors(const hypervisor::ManagedSystem& system, hypervisor::PoolId pool) {
    std::uint32_t shared = system.usable_cores();
    for (const auto* partition : system.partitions())
        if (!is_shared(*partition) && partition->state != hypervisor::PartitionState::kNotActivated)
            shared -= std::min(shared, partition->given.procs);
    if (pool == hypervisor::kDefaultPool) return shared;
    for (const auto& config : system.processor_pools())
        if (config.id == pool) return std::min(shared, config.max_pool_proc_units);
    return shared;
}

}  // namespace

LparstatRow lparstat_row(const ProcessorCounters& before, const ProcessorCounters& after) {
    const auto span = after.at - before.at;
    PVMSIM_ASSERT(span > sim::Duration::zero());
    const double consumed = difference(before.consumed, after.consumed);
    const double entitled = difference(before.entitled, after.entitled);
    const double user = difference(before.user, after.user);
    const double sys = difference(before.sys, after.sys);
    const double whole = std::max(consumed, entitled);
    const double unused = whole - user - sys;
    const double waiting =
        static_cast<double>((after.disk_wait - before.disk_wait).count()) / static_cast<double>(span.count());
    const double core_ns = static_cast<double>(span.count()) * 1e9;

    hypervisor::DispatchCounts counts = after.dispatch;
    counts -= before.dispatch;
    LparstatRow row{.user = percent(user, whole),
                    .sys = percent(sys, whole),
                    .wait = percent(unused * waiting, whole),
                    .idle = percent(unused * (1 - waiting), whole),
                    .physc = consumed / core_ns,
                    .entc = percent(consumed, entitled),
                    .lbusy = percent(difference(before.logical_busy, after.logical_busy),
                                     difference(before.logical, after.logical)),
                    .vcsw = counts.switches,
                    .phint = counts.phantom_interrupts,
                    .hypv = percent(static_cast<double>(counts.overhead_ns) * 1e9, consumed),
                    .hcalls = counts.calls(),
                    .online = after.online,
                    .unfolded = after.unfolded};
    if (before.pool_idle && after.pool_idle) row.app = difference(*before.pool_idle, *after.pool_idle) / core_ns;
    return row;
}

LparstatForm lparstat_form(const hypervisor::Partition& partition) {
    if (!is_shared(partition)) return LparstatForm::kDedicated;
    return partition.allow_perf_collection ? LparstatForm::kSharedWithPool : LparstatForm::kShared;
}

std::string lparstat_configuration(const OperatingSystem& os) {
    const auto& partition = os.system().partition(os.partition_id());
    const auto& processors = os.processors();
    const auto& given = partition.given;
    const bool is_uncapped = is_shared(partition) && given.sharing_mode == hypervisor::SharingMode::kUncapped;
    auto line = fmt::format("System configuration: type={} mode={} smt={} lcpu={} mem={}MB ",
                            is_shared(partition) ? "Shared" : "Dedicated", is_uncapped ? "Uncapped" : "Capped",
                            processors.smt(), processors.online() * processors.smt(), given.memory_mib);
    if (!is_shared(partition)) return line;
    const auto units = static_cast<double>(given.proc_units.hundredths) / 100;
    return line + fmt::format("psize={} ent={:.2f} ", pool_processors(os.system(), given.shared_proc_pool_id), units);
}

std::string lparstat_header(LparstatForm form) {
    switch (form) {
        case LparstatForm::kDedicated:
            return "%user  %sys  %wait  %idle\n"
                   "----- ----- ------ ------";
        case LparstatForm::kShared:
            return "%user  %sys  %wait  %idle physc %entc  lbusy  vcsw phint\n"
                   "----- ----- ------ ------ ----- ----- ------ ----- -----";
        case LparstatForm::kSharedWithPool:
            return "%user  %sys  %wait  %idle physc %entc  lbusy   app  vcsw phint\n"
                   "----- ----- ------ ------ ----- ----- ------   --- ----- -----";
    }
    return {};
}

std::string lparstat_line(LparstatForm form, const LparstatRow& row) {
    auto line = fmt::format("{:5.1f} {:5.1f} {:6.1f} {:6.1f}", row.user, row.sys, row.wait, row.idle);
    if (form == LparstatForm::kDedicated) return line;
    line += fmt::format(" {:5.2f} {:5.1f} {:6.1f}", row.physc, row.entc, row.lbusy);
    if (form == LparstatForm::kSharedWithPool) line += fmt::format(" {:5.2f}", row.app.value_or(0));
    return line + fmt::format(" {:5} {:5}", row.vcsw, row.phint);
}

}  // namespace pvmsim::aix
