// The shared memory pool of a managed system: as it is when the system is created, and created or changed while it
// runs. A refusal changes nothing.
//
// Simplified: its paging VIOSes and its maximum stay as they are while a shared-memory partition is active; the LMBs of
// a pool that shrinks are free at once, though its frames become free one by one. Sources: R-MEM-02,
// behaviour 2.2, 2.3.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "hypervisor/managed_system_state.hpp"
#include "hypervisor/memory/paging/pool_rules.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

namespace {

std::unexpected<Error> refused(ErrorCode code, std::string_view system, std::string_view why) {
    return sim::fail(code, fmt::format("shared memory pool of {}: {}", system, why));
}

PoolRequest pool_request(const MemoryPoolConfig& pool) {
    const std::uint64_t table =
        pool.mem_dedup ? (pool.max_pool_mem_mib + pool.dedup_table_ratio - 1) / pool.dedup_table_ratio : 0;
    return {.pool_mib = pool.pool_mem_mib, .max_pool_mib = pool.max_pool_mem_mib, .table_mib = table};
}

std::string pool_text(const MemoryPoolConfig& pool) {
    return fmt::format(
        "{} MB of at most {} MB, {}", pool.pool_mem_mib, pool.max_pool_mem_mib,
        pool.mem_dedup ? fmt::format("deduplication with table 1:{}", pool.dedup_table_ratio) : "no deduplication");
}

}  // namespace

std::string ManagedSystem::State::sharing_path() const { return config.name + ":mempool"; }

Result<void> ManagedSystem::State::check_pool_alone(const MemoryPoolConfig& pool) const {
    PVMSIM_TRY(check_pool_rules(pool, {.system = config.name,
                                       .model = &model,
                                       .firmware_level = config.firmware_level,
                                       .has_edition = config.edition == Edition::kEnterprise,
                                       .lmb_mib = physical_memory.lmb_mib()}));
    const PoolRequest request = pool_request(pool);
    if (physical_memory.can_give_pool(request)) return {};
    const auto most = physical_memory.grantable_pool_mib(request);
    return refused(
        ErrorCode::kNotEnoughMemory, config.name,
        most ? fmt::format("pool_mem {} MB is more than what is available; at most {} MB", pool.pool_mem_mib, *most)
             : fmt::format("the hypervisor has not enough memory to manage a pool of max_pool_mem {} MB; "
                           "take a smaller one",
                           pool.max_pool_mem_mib));
}

Result<void> ManagedSystem::State::check_pool_vioses(const MemoryPoolConfig& pool) const {
    for (const PartitionId id : {pool.primary_paging_vios, pool.secondary_paging_vios}) {
        if (id == kNoPartition) continue;
        const Record* const record = record_of(id);
        if (record == nullptr)
            return refused(ErrorCode::kNotFound, config.name, fmt::format("paging VIOS {} is not defined", id.value()));
        if (record->partition.environment != PartitionEnvironment::kVioServer)
            return refused(ErrorCode::kInvalidPool, config.name,
                           fmt::format("paging VIOS {} is not a Virtual I/O Server", record->partition.name));
    }
    return {};
}

/// What partitions there say to a change.
Result<void> ManagedSystem::State::check_pool_members(const MemoryPoolConfig& pool) const {
    if (sharing == nullptr) return {};
    const MemoryPoolConfig& before = sharing->pool();
    const bool same_vioses = pool.primary_paging_vios == before.primary_paging_vios &&
                             pool.secondary_paging_vios == before.secondary_paging_vios;
    const auto is_one_of = [&pool](PartitionId vios) {
        return vios == kNoPartition || vios == pool.primary_paging_vios || vios == pool.secondary_paging_vios;
    };
    for (const auto& record : records) {
        const Partition& partition = record->partition;
        if (partition.profile.mem_mode != MemoryMode::kShared) continue;
        const SharedMemoryProfile& wanted = partition.profile.shared_memory;
        if (!is_one_of(wanted.primary_paging_vios) || !is_one_of(wanted.secondary_paging_vios))
            return refused(ErrorCode::kInvalidPool, config.name,
                           fmt::format("profile {} of partition {} names a paging VIOS that would not be the pool's",
                                       partition.profile.name, partition.name));
        if (!sharing->is_member(partition.id)) continue;
        if (!same_vioses)
            return refused(ErrorCode::kInvalidPool, config.name,
                           fmt::format("its paging VIOSes cannot change while partition {} uses them", partition.name));
        if (pool.max_pool_mem_mib != before.max_pool_mem_mib)
            return refused(ErrorCode::kInvalidPool, config.name,
                           fmt::format("max_pool_mem cannot change while partition {} is active", partition.name));
    }
    const std::uint64_t entitled = io_entitled_mib(nullptr);
    if (pool.pool_mem_mib < entitled)
        return refused(ErrorCode::kInvalidPool, config.name,
                       fmt::format("pool_mem {} MB is less than the I/O entitled memory of its partitions, {} MB",
                                   pool.pool_mem_mib, entitled));
    return {};
}

Result<void> ManagedSystem::State::set_pool(const MemoryPoolConfig& pool) {
    if (sharing == nullptr) {
        sharing = std::make_unique<MemorySharing>(engine, sharing_path());
        const Result<void> configured = sharing->configure(pool);
        if (!configured) {
            sharing.reset();
            return configured;
        }
        sharing->set_processor_meter(&meter);
    } else {
        PVMSIM_TRY(sharing->configure(pool));
    }
    physical_memory.give_pool(pool_request(pool));
    config.memory_pool = pool;
    connect_paging_peers();
    return {};
}

Result<void> ManagedSystem::State::create_first_pool() {
    if (!config.memory_pool) return {};
    PVMSIM_TRY(check_pool_alone(*config.memory_pool));
    return set_pool(*config.memory_pool);
}

Result<void> ManagedSystem::configure_memory_pool(const MemoryPoolConfig& pool) {
    State& state = *state_;
    PVMSIM_TRY(state.check_pool_alone(pool));
    PVMSIM_TRY(state.check_pool_vioses(pool));
    PVMSIM_TRY(state.check_pool_members(pool));
    const std::string before = state.sharing == nullptr ? "none" : pool_text(state.sharing->pool());
    PVMSIM_TRY(state.set_pool(pool));
    const std::string after = pool_text(pool);
    if (after != before)
        state.engine.trace().milestone(state.engine.now(), state.config.name, "mempool-change",
                                       fmt::format("Shared memory pool: {}; was {}", after, before));
    return {};
}

Result<void> ManagedSystem::remove_memory_pool() {
    State& state = *state_;
    if (state.sharing == nullptr)
        return sim::fail(ErrorCode::kNotFound, fmt::format("{} has no shared memory pool", state.config.name));
    for (const auto& record : state.records)
        if (state.sharing->is_member(record->partition.id))
            return refused(ErrorCode::kInvalidPool, state.config.name,
                           fmt::format("it cannot be removed while partition {} is active", record->partition.name));
    for (State::PagingPeer& peer : state.paging_peers) {
        state.engine.cancel(peer.silence);
        peer.server->forget_requests();
        peer = {.vios = peer.vios, .server = peer.server};
    }
    state.sharing.reset();
    state.physical_memory.take_back_pool();
    state.config.memory_pool.reset();
    state.engine.trace().milestone(state.engine.now(), state.config.name, "mempool-change",
                                   "Shared memory pool: removed");
    return {};
}

Result<void> ManagedSystem::check_memory_pool() const {
    if (!state_->config.memory_pool) return {};
    return state_->check_pool_vioses(*state_->config.memory_pool);
}

}  // namespace pvmsim::hypervisor
