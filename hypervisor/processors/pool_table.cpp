// The rules of shared processor pools, each with the sentence that an operator reads who breaks it.
// That no pool is larger than the machine is a choice of ours (docs/model/partition.md).
#include "hypervisor/processors/pool_table.hpp"

#include <fmt/format.h>

#include "hypervisor/units_text.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

namespace {

std::string first_name(PoolId id) {
    return id == kDefaultPool ? "DefaultPool" : fmt::format("SharedPool{:02}", id.value());
}

}  // namespace

PoolTable::PoolTable() {
    for (std::uint8_t i = 0; i < kProcessorPools; ++i)
        pools_.push_back({.id = PoolId{i}, .name = first_name(PoolId{i})});
}

Result<ProcessorPoolConfig> PoolTable::check(ProcessorPoolConfig wanted, const PoolContext& context) const {
    if (!context.has_hardware)
        return sim::fail(ErrorCode::kNotSupported,
                         fmt::format("{}: shared processor pool {}: its processors have DefaultPool only; more pools "
                                     "need POWER6 or later",
                                     context.system, wanted.id.value()));
    if (!context.has_edition)
        return sim::fail(ErrorCode::kNotSupported,
                         fmt::format("{}: shared processor pool {}: PowerVM Express Edition has DefaultPool only; more "
                                     "pools need Standard or Enterprise Edition",
                                     context.system, wanted.id.value()));
    if (wanted.id.value() >= kProcessorPools)
        return sim::fail(ErrorCode::kNotFound, fmt::format("{}: there is no shared processor pool {}; ids are 0..{}",
                                                           context.system, wanted.id.value(), kProcessorPools - 1));
    if (wanted.id == kDefaultPool)
        return sim::fail(ErrorCode::kInvalidPool,
                         fmt::format("{}: shared processor pool 0 (DefaultPool) cannot be changed; it has all shared "
                                     "processors and no reserve; use 1..{}",
                                     context.system, kProcessorPools - 1));
    if (wanted.name.empty()) wanted.name = at(wanted.id).name;
    const std::string title =
        fmt::format("{}: shared processor pool {} ({})", context.system, wanted.id.value(), wanted.name);
    for (const ProcessorPoolConfig& other : pools_)
        if (other.id != wanted.id && other.name == wanted.name)
            return sim::fail(ErrorCode::kDuplicate,
                             fmt::format("{}: the name is that of pool {}; use another", title, other.id.value()));
    PVMSIM_TRY(check_limits(wanted, title, context));
    return wanted;
}

Result<void> PoolTable::check_limits(const ProcessorPoolConfig& wanted, std::string_view title,
                                     const PoolContext& context) const {
    const std::uint32_t max = wanted.max_pool_proc_units;
    const ProcUnits reserve = wanted.reserved_pool_proc_units;
    if (max > context.cores)
        return sim::fail(ErrorCode::kInvalidPool,
                         fmt::format("{}: max_pool_proc_units {} is more than the machine has; at most {}", title, max,
                                     context.cores));
    if (reserve < ProcUnits{})
        return sim::fail(
            ErrorCode::kInvalidPool,
            fmt::format("{}: reserved_pool_proc_units {} is negative; at least 0.00", title, units_text(reserve)));
    if (max == 0 && context.members > 0)
        return sim::fail(ErrorCode::kInvalidPool,
                         fmt::format("{}: max_pool_proc_units 0 would make it inactive while {} activated partition{} "
                                     "in it; move {} to another pool first",
                                     title, context.members, context.members == 1 ? " is" : "s are",
                                     context.members == 1 ? "it" : "them"));
    const ProcUnits entitled = context.entitlements + reserve;
    if (entitled > ProcUnits{static_cast<std::int32_t>(max) * 100})
        return sim::fail(
            ErrorCode::kInvalidPool,
            fmt::format("{}: max_pool_proc_units {} is less than its entitled capacity {} ({} of partitions and "
                        "reserved_pool_proc_units {}); at least {}",
                        title, max, units_text(entitled), units_text(context.entitlements), units_text(reserve),
                        (entitled.hundredths + 99) / 100));
    const ProcUnits before = at(wanted.id).reserved_pool_proc_units;
    if (reserve - before > context.unallocated && reserve > before)
        return sim::fail(ErrorCode::kNotEnoughProcessors,
                         fmt::format("{}: reserved_pool_proc_units {} is more than what is available; at most {}",
                                     title, units_text(reserve), units_text(before + context.unallocated)));
    return {};
}

const ProcessorPoolConfig& PoolTable::at(PoolId id) const {
    PVMSIM_ASSERT(id.value() < kProcessorPools);
    return pools_[id.value()];
}

void PoolTable::set(const ProcessorPoolConfig& pool) {
    PVMSIM_ASSERT(pool.id != kDefaultPool && pool.id.value() < kProcessorPools);
    pools_[pool.id.value()] = pool;
}

bool PoolTable::is_active(PoolId id) const {
    return id == kDefaultPool || (id.value() < kProcessorPools && at(id).max_pool_proc_units > 0);
}

void PoolTable::digest(sim::Digest& digest) const {
    for (const ProcessorPoolConfig& pool : pools_) {
        if (pool.id == kDefaultPool) continue;
        if (pool.max_pool_proc_units == 0 && pool.name == first_name(pool.id)) continue;
        digest.add(pool.id);
        digest.add(pool.name);
        digest.add(pool.max_pool_proc_units);
        digest.add(pool.reserved_pool_proc_units.hundredths);
    }
}

ProcUnits PoolTable::reserved() const {
    ProcUnits sum;
    for (const ProcessorPoolConfig& pool : pools_) sum = sum + pool.reserved_pool_proc_units;
    return sum;
}

}  // namespace pvmsim::hypervisor
