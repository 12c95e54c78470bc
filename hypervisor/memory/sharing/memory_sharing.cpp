// Active Memory Sharing as the HMC sees it: the pool, who is in it, and the figures.
// What partitions and paging VIOSes do is in memory_sharing_use.cpp and memory_sharing_paging.cpp.
#include "hypervisor/memory/sharing/memory_sharing.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "hypervisor/memory/sharing/memory_sharing_state.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {
namespace {

constexpr std::uint64_t kPoolMinMib = 256;
/// The pages of all members are numbered together.
constexpr std::uint64_t kLogicalMaxMib = 0xffff'ff00u / kPagesInMib;

std::unexpected<Error> refuse(ErrorCode code, std::string text) {
    return std::unexpected(Error{code, std::move(text)});
}

std::string mib(std::uint64_t value) { return std::to_string(value) + " MB"; }

Result<void> check(const MemoryPoolConfig& config) {
    if (config.pool_mem_mib < kPoolMinMib || config.pool_mem_mib > config.max_pool_mem_mib)
        return refuse(ErrorCode::kInvalidPool, "The shared memory pool would have " + mib(config.pool_mem_mib) +
                                                   "; it can have from " + mib(kPoolMinMib) + " to its maximum of " +
                                                   mib(config.max_pool_mem_mib));
    if (config.max_pool_mem_mib > kLogicalMaxMib)
        return refuse(ErrorCode::kInvalidPool, "A shared memory pool has at most " + mib(kLogicalMaxMib));
    if (config.low_water_per_mille > config.high_water_per_mille || config.high_water_per_mille > 1000)
        return refuse(ErrorCode::kInvalidPool, "The free list's low-water mark is above its high-water mark");
    const std::uint32_t ratio = config.dedup_table_ratio;
    if (!std::has_single_bit(ratio) || ratio < 256 || ratio > 8192)
        return refuse(ErrorCode::kInvalidPool,
                      "The deduplication table ratio is one of 1:256, 1:512, 1:1024, 1:2048, 1:4096, 1:8192");
    return {};
}

}  // namespace

MemorySharing::State::State(sim::Engine& its_engine, std::string its_path)
    : engine(its_engine),
      path(std::move(its_path)),
      pool(0, {}),
      member_by_id(kPartitionIdLimit, kNoMember),
      random(its_engine.random_stream(path, "memory-sampling")),
      steal_again_in(kStealPauseMin) {}

MemorySharing::MemorySharing(sim::Engine& engine, std::string path)
    : state_(std::make_unique<State>(engine, std::move(path))) {
    state_->entity = engine.add(*this, state_->path);
}

MemorySharing::~MemorySharing() { state_->engine.remove(state_->entity); }

MemberId MemorySharing::State::member_of(PartitionId id) const {
    PVMSIM_ASSERT(id.value() < kPartitionIdLimit);
    const std::uint16_t member = member_by_id[id.value()];
    PVMSIM_ASSERT(member != kNoMember);
    return MemberId{member};
}

FreeListMarks MemorySharing::State::marks_of(const MemoryPoolConfig& one) const {
    const std::uint64_t frames = one.pool_mem_mib * kPagesInMib;
    return {static_cast<std::uint32_t>(frames * one.low_water_per_mille / 1000),
            static_cast<std::uint32_t>(frames * one.high_water_per_mille / 1000)};
}

std::string MemorySharing::State::name_of(PartitionId id) const { return "Partition " + std::to_string(id.value()); }

bool MemorySharing::has_pool() const { return state_->has_pool; }
const MemoryPoolConfig& MemorySharing::pool() const { return state_->config; }

Result<void> MemorySharing::configure(const MemoryPoolConfig& config) {
    if (auto checked = check(config); !checked) return checked;
    const std::uint64_t entitled = state_->pool.io_entitled_of_all();
    if (config.pool_mem_mib * kPagesInMib < entitled)
        return refuse(ErrorCode::kNotEnoughMemory, "The I/O entitled memory of the partitions in the pool is " +
                                                       mib(entitled / kPagesInMib) + ", more than " +
                                                       mib(config.pool_mem_mib));
    const MemoryPoolConfig before = std::exchange(state_->config, config);
    state_->has_pool = true;
    state_->pool.set_size(pages_of_mib(config.pool_mem_mib), state_->marks_of(config));
    state_->set_deduplication(before);
    state_->start_timers();
    state_->balance();
    state_->wake();
    return {};
}

void MemorySharing::remove_pool() {
    PVMSIM_ASSERT(state_->member_count == 0);
    state_->has_pool = false;
    state_->config = {};
    state_->deduplicator.reset();
    state_->pool.set_size(0, {});
}

void MemorySharing::State::set_deduplication(const MemoryPoolConfig& before) {
    if (!config.mem_dedup) {
        deduplicator.reset();
        return;
    }
    const std::uint64_t bytes =
        deduplication_table_bytes(config.max_pool_mem_mib * kMebibyte, config.dedup_table_ratio);
    if (deduplicator != nullptr) {
        if (before.max_pool_mem_mib != config.max_pool_mem_mib || before.dedup_table_ratio != config.dedup_table_ratio)
            deduplicator->resize(bytes);
        return;
    }
    for (std::uint16_t i = 0; i < members.size(); ++i)
        if (members[i].id != kNoPartition) keep_contents(MemberId{i}, true);
    deduplicator = std::make_unique<Deduplicator>(pool.pages(), contents, bytes);
}

/// From now on it is known what is in the member's pages. What was there before nobody described counts as its own.
void MemorySharing::State::keep_contents(MemberId member, bool was_unknown) {
    if (members[member.value()].has_contents) return;
    const PartitionId id = members[member.value()].id;
    const std::uint32_t pages = pool.pages().pages(member);
    members[member.value()].has_contents = true;
    contents.add(member, pages, id.value());
    if (was_unknown)
        contents.of(member).describe(0, pages,
                                     {.kind = ContentKind::kOwn, .seed = id.value(), .first = 0, .distinct = 0});
}

Result<void> MemorySharing::check_join(std::uint64_t io_entitled_mib, std::uint64_t logical_mib) const {
    const std::uint64_t entitled = state_->pool.io_entitled_of_all() / kPagesInMib;
    if (entitled + io_entitled_mib > state_->config.pool_mem_mib)
        return refuse(ErrorCode::kNotEnoughMemory, "I/O entitled memory of " + mib(io_entitled_mib) + " beside " +
                                                       mib(entitled) + " of other partitions does not fit into " +
                                                       mib(state_->config.pool_mem_mib) + " of shared memory");
    std::uint64_t logical = logical_mib;
    for (const State::Member& member : state_->members)
        if (member.id != kNoPartition)
            logical += state_->pool.terms(state_->member_of(member.id)).logical / kPagesInMib + 1;
    if (logical > kLogicalMaxMib)
        return refuse(ErrorCode::kNotEnoughMemory,
                      "The partitions of a shared memory pool have at most " + mib(kLogicalMaxMib) + " together");
    return {};
}

void MemorySharing::join(PartitionId id, std::uint64_t logical_mib, const SharedMemoryProfile& profile,
                         std::uint64_t io_entitled_mib) {
    PVMSIM_ASSERT(state_->has_pool);
    PVMSIM_ASSERT(!is_member(id));
    const MemberId member = state_->pool.join({.logical = pages_of_mib(logical_mib),
                                               .io_entitled = pages_of_mib(io_entitled_mib),
                                               .weight = profile.mem_weight});
    if (member.value() >= state_->members.size()) state_->members.resize(member.value() + std::size_t{1});
    state_->member_by_id[id.value()] = member.value();
    ++state_->member_count;
    State::Member& joined = state_->members[member.value()];
    joined = {};
    joined.id = id;
    const bool has_own = profile.primary_paging_vios != kNoPartition;
    joined.primary = has_own ? profile.primary_paging_vios : state_->config.primary_paging_vios;
    joined.secondary = has_own ? profile.secondary_paging_vios : state_->config.secondary_paging_vios;
    joined.vios = state_->choose_vios(joined);
    if (state_->meter != nullptr) joined.processor_used = state_->meter->processor_used(id);
    if (state_->config.mem_dedup) state_->keep_contents(member, false);
    state_->pool.begin_interval(member, state_->random);
    state_->start_timers();
    state_->balance();
}

void MemorySharing::leave(PartitionId id) {
    const MemberId member = state_->member_of(id);
    state_->forget_requests(member);
    state_->copies_of_left += state_->pool.use(member).copies;
    if (state_->members[member.value()].has_contents) state_->contents.remove(member);
    state_->pool.leave(member);
    state_->members[member.value()] = {};
    state_->member_by_id[id.value()] = kNoMember;
    --state_->member_count;
    state_->balance();
    state_->wake();
}

void MemorySharing::change_weight(PartitionId id, std::uint8_t mem_weight) {
    state_->pool.set_weight(state_->member_of(id), mem_weight);
}

bool MemorySharing::is_member(PartitionId id) const {
    return id.value() < kPartitionIdLimit && state_->member_by_id[id.value()] != kNoMember;
}

Result<void> MemorySharing::resize(PartitionId id, std::uint64_t logical_mib) {
    const MemberId member = state_->member_of(id);
    const std::uint32_t before = state_->pool.terms(member).logical;
    const std::uint32_t after = pages_of_mib(logical_mib);
    if (after < before) {
        const std::uint32_t mapped = before - after - state_->pool.unmapped(member, after, before - after);
        const bool is_waited_for = !state_->requests
                                        .select([&](const PageRequest& request) {
                                            return request.kind != RequestKind::kPageOut &&
                                                   request.page.member == member && request.page.page >= after;
                                        })
                                        .empty();
        if (mapped > 0 || is_waited_for)
            return refuse(ErrorCode::kInvalidChange,
                          state_->name_of(id) + " uses pages of the memory that would be removed for I/O");
        state_->cancel_page_outs(member, after, before - after);
    } else if (auto checked = check_join(0, logical_mib - before / kPagesInMib); !checked) {
        return checked;
    }
    state_->pool.resize(member, after);
    if (state_->members[member.value()].has_contents) state_->contents.of(member).resize(after);
    state_->balance();
    state_->wake();
    return {};
}

Result<void> MemorySharing::change_io_entitled(PartitionId id, std::uint64_t io_entitled_mib) {
    const MemberId member = state_->member_of(id);
    const std::uint32_t before = state_->pool.terms(member).io_entitled;
    const std::uint32_t after = pages_of_mib(io_entitled_mib);
    if (after < state_->pool.use(member).io_mapped)
        return refuse(ErrorCode::kInvalidChange,
                      state_->name_of(id) + " has more than " + mib(io_entitled_mib) + " mapped for I/O");
    if (after > before)
        if (auto checked = check_join((after - before) / kPagesInMib); !checked) return checked;
    state_->pool.set_io_entitled(member, after);
    return {};
}

void MemorySharing::set_processor_meter(ProcessorMeter* meter) {
    state_->meter = meter;
    for (State::Member& member : state_->members)
        member.processor_used = meter != nullptr && member.id != kNoPartition ? meter->processor_used(member.id) : 0;
}

MemoryPerformance MemorySharing::performance(PartitionId id) const {
    const MemberId member = state_->member_of(id);
    const SharedPool& pool = state_->pool;
    const SharedPages& pages = pool.pages();
    return {.io_entitlement = pool.terms(member).io_entitled * kPageBytes,
            .io_mapped = pool.use(member).io_mapped * kPageBytes,
            .pool_id = 0,
            .weight = pool.terms(member).weight,
            .pool_size = pool.size() * kPageBytes,
            .loan_request = pool.loan_request(member) * static_cast<std::int64_t>(kPageBytes),
            .backing = pages.backed(member) * kPageBytes,
            .coalesced = pages.coalesced(member) * kPageBytes,
            .pool_coalesced = pages.saved_frames() * kPageBytes,
            .pool_coalescing_cycles = state_->deduplicated.cycles,
            .pool_used = (pages.frame_count() - pages.free_frames()) * kPageBytes};
}

SharedMemoryCounters MemorySharing::counters(PartitionId id) const {
    const MemberId member = state_->member_of(id);
    const MemberUse use = state_->pool.use(member);
    const SharedPages& pages = state_->pool.pages();
    return {.logical = pages.pages(member),
            .backed = pages.backed(member),
            .loaned = use.loaned,
            .expropriated = use.expropriated,
            .donation = use.donation,
            .coalesced = pages.coalesced(member),
            .io_mapped = use.io_mapped,
            .io_mapped_max = use.io_mapped_max,
            .page_ins = use.page_ins,
            .page_outs = use.page_outs,
            .zero_filled = use.zero_filled,
            .copies = use.copies,
            .page_in_time = state_->members[member.value()].page_in_time,
            .page_in_max = state_->members[member.value()].page_in_max};
}

MemoryPoolCounters MemorySharing::pool_counters() const {
    const SharedPool& pool = state_->pool;
    const SharedPages& pages = pool.pages();
    std::uint64_t copies = state_->copies_of_left;
    for (const State::Member& member : state_->members)
        if (member.id != kNoPartition) copies += pool.use(state_->member_of(member.id)).copies;
    return {.size = pool.size(),
            .used = pages.frame_count() - pages.free_frames(),
            .free = pages.free_frames(),
            .coalesced = pages.saved_frames(),
            .overage = static_cast<std::uint64_t>(std::max<std::int64_t>(0, pool.overage())),
            .merges = state_->deduplicated.merged,
            .copies = copies,
            .scanned = state_->deduplicated.scanned,
            .coalescing_cycles = state_->deduplicated.cycles,
            .waiting = state_->requests.waiting()};
}

void MemorySharing::digest(sim::Digest& digest) const {
    const State& state = *state_;
    digest.add(state.has_pool);
    state.pool.digest(digest);
    state.requests.digest(digest);
    state.contents.digest(digest);
    if (state.deduplicator != nullptr) state.deduplicator->digest(digest);
    for (const State::Slot slot : state.queue) digest.add(slot);
    for (const State::Member& member : state.members) {
        digest.add(member.id);
        digest.add(member.primary);
        digest.add(member.secondary);
        digest.add(member.vios);
        digest.add(member.is_stalled);
        digest.add(member.has_contents);
        digest.add(member.processor_used);
        digest.add(member.page_in_time);
        digest.add(member.page_in_max);
    }
    for (const State::Vios& vios : state.vioses) {
        digest.add(vios.id);
        digest.add(vios.page_outs);
    }
    for (const bool flag : {state.is_sampling, state.is_deduplicating, state.is_serving_due, state.is_steal_due})
        digest.add(flag);
    digest.add(state.deduplicated.cycles);
    digest.add(state.steal_again_in);
}

}  // namespace pvmsim::hypervisor
