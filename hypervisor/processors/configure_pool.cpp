// Shared processor pools of a managed system: as they are when it is created, and changed while it runs.
// The dispatcher learns of a pool before any partition can be in it.
#include <fmt/format.h>

#include <set>

#include "hypervisor/managed_system_state.hpp"
#include "hypervisor/units_text.hpp"

namespace pvmsim::hypervisor {

namespace {

SteadyPool dispatch_pool(const ProcessorPoolConfig& pool) {
    return {.max = CoreRate::cores(pool.max_pool_proc_units),
            .reserved = CoreRate::from(pool.reserved_pool_proc_units)};
}

bool is_same(const ProcessorPoolConfig& a, const ProcessorPoolConfig& b) {
    return a.name == b.name && a.max_pool_proc_units == b.max_pool_proc_units &&
           a.reserved_pool_proc_units == b.reserved_pool_proc_units;
}

std::string limits_text(const ProcessorPoolConfig& pool) {
    if (pool.max_pool_proc_units == 0) return "not active";
    return fmt::format("at most {} processor{}, {} processing units reserved", pool.max_pool_proc_units,
                       pool.max_pool_proc_units == 1 ? "" : "s", units_text(pool.reserved_pool_proc_units));
}

}  // namespace

Result<PoolTable> ManagedSystem::State::first_pools(const SystemConfig& config, const SystemModel& model) {
    PoolTable table;
    const std::uint32_t cores = usable_cores_of(config);
    std::set<PoolId> seen;
    for (const ProcessorPoolConfig& pool : config.shared_proc_pools) {
        PoolContext context{.system = config.name,
                            .has_edition = config.edition != Edition::kExpress,
                            .has_hardware = model.processor != "POWER5",
                            .cores = cores};
        context.unallocated = ProcUnits{static_cast<std::int32_t>(cores) * 100} - table.reserved();
        PVMSIM_TRY_ASSIGN(const ProcessorPoolConfig checked, table.check(pool, context));
        if (!seen.insert(pool.id).second)
            return sim::fail(
                ErrorCode::kDuplicate,
                fmt::format("managed system {}: shared processor pool {} is described twice; once is right",
                            config.name, pool.id.value()));
        table.set(checked);
    }
    return table;
}

void ManagedSystem::State::tell_dispatcher(const ProcessorPoolConfig& pool) {
    processors->set_pool(engine.now(), pool.id, dispatch_pool(pool));
}

Result<void> ManagedSystem::configure_pool(const ProcessorPoolConfig& pool) {
    State& state = *state_;
    PVMSIM_TRY_ASSIGN(const ProcessorPoolConfig wanted, state.pools.check(pool, state.pool_context(pool.id)));
    const ProcessorPoolConfig before = state.pools.at(wanted.id);
    if (is_same(wanted, before)) return {};
    state.pools.set(wanted);
    state.tell_dispatcher(wanted);
    state.engine.trace().milestone(
        state.engine.now(), state.config.name, "procpool-change",
        fmt::format("Shared processor pool {} ({}): {}; was {}{}", wanted.id.value(), wanted.name, limits_text(wanted),
                    before.name == wanted.name ? "" : before.name + ", ", limits_text(before)));
    return {};
}

}  // namespace pvmsim::hypervisor
