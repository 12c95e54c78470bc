// Memory accounting: see the header. Page tables are whole LMBs each; the rest of the hypervisor's use is rounded up
// once.
#include "hypervisor/memory/physical_memory.hpp"

#include <algorithm>
#include <bit>

#include "hypervisor/memory/page.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

namespace {
constexpr std::uint64_t kMibInGib = 1024;
constexpr std::uint64_t kMibBytes = std::uint64_t{1} << 20;

std::uint64_t in_mib(std::uint64_t bytes) { return (bytes + kMibBytes - 1) / kMibBytes; }
}  // namespace

std::uint64_t default_lmb_mib(std::uint64_t configured_mib) {
    if (configured_mib < 4 * kMibInGib) return 16;
    if (configured_mib <= 8 * kMibInGib) return 32;
    if (configured_mib <= 16 * kMibInGib) return 64;
    if (configured_mib <= 32 * kMibInGib) return 128;
    return 256;
}

std::uint64_t page_table_mib(std::uint64_t max_mem_mib, std::uint32_t hpt_ratio) {
    PVMSIM_ASSERT(hpt_ratio > 0);
    return std::bit_ceil((max_mem_mib + hpt_ratio - 1) / hpt_ratio);
}

std::uint64_t growth_limit_mib(std::uint64_t started_with_mib) {
    return started_with_mib < 256 ? started_with_mib * 16 : started_with_mib * 64;
}

PhysicalMemory::PhysicalMemory(Size size, HypervisorMemoryParameters parameters)
    : size_(size), parameters_(parameters), table_(static_cast<std::uint32_t>(size.installed_mib / size.lmb_mib)) {
    PVMSIM_ASSERT(size.lmb_mib > 0);
    PVMSIM_ASSERT(size.installed_mib % size.lmb_mib == 0);
    resize_hypervisor();
}

std::uint64_t PhysicalMemory::in_lmbs(std::uint64_t mib) const {
    return (mib + size_.lmb_mib - 1) / size_.lmb_mib * size_.lmb_mib;
}

std::uint32_t PhysicalMemory::blocks(std::uint64_t mib) const {
    PVMSIM_ASSERT(mib % size_.lmb_mib == 0);
    return static_cast<std::uint32_t>(mib / size_.lmb_mib);
}

PhysicalMemory::Totals PhysicalMemory::totals(PartitionId except) const {
    Totals totals{.pool = pool_};
    for (const Holding& holding : holdings_) {
        if (holding.id == except) continue;
        totals.given_mib += holding.given_mib;
        totals.page_tables_mib += holding.page_table_mib;
        totals.virtual_slots += holding.virtual_slots;
    }
    return totals;
}

HypervisorUse PhysicalMemory::hypervisor_use(const Totals& totals) const {
    const std::uint64_t frames = totals.pool.max_pool_mib * kPagesInMib;
    HypervisorUse use{.base_mib = parameters_.base_mib + size_.installed_mib * parameters_.installed_per_mille / 1000,
                      .page_tables_mib = totals.page_tables_mib,
                      .virtual_slots_mib = in_mib(totals.virtual_slots * parameters_.virtual_slot_kib * 1024),
                      .shared_pool_mib = in_mib(frames * parameters_.pool_frame_bytes) + totals.pool.table_mib};
    const std::uint64_t together = use.base_mib + use.virtual_slots_mib + use.shared_pool_mib;
    use.rounding_mib = in_lmbs(together) - together;
    return use;
}

HypervisorUse PhysicalMemory::hypervisor_use() const { return hypervisor_use(totals(kNoPartition)); }

std::uint64_t PhysicalMemory::hypervisor_mib() const { return hypervisor_use().total_mib(); }

std::uint64_t PhysicalMemory::given_mib() const { return totals(kNoPartition).given_mib; }

std::optional<std::uint64_t> PhysicalMemory::left_mib(const Totals& totals) const {
    const std::uint64_t used = hypervisor_use(totals).total_mib() + totals.given_mib + totals.pool.pool_mib;
    if (used > size_.installed_mib) return std::nullopt;
    return size_.installed_mib - used;
}

std::uint64_t PhysicalMemory::available_mib() const { return left_mib(totals(kNoPartition)).value_or(0); }

std::optional<std::uint64_t> PhysicalMemory::grantable_mib(PartitionId id, const MemoryRequest& request) const {
    Totals others = totals(id);
    others.page_tables_mib += in_lmbs(hypervisor::page_table_mib(request.max_mib, request.hpt_ratio));
    others.virtual_slots += request.max_virtual_slots;
    const auto left = left_mib(others);
    if (!left) return std::nullopt;
    const std::uint64_t whole = std::min(request.desired_mib, *left) / size_.lmb_mib * size_.lmb_mib;
    if (whole < request.min_mib) return std::nullopt;
    return whole;
}

void PhysicalMemory::give(PartitionId id, const MemoryRequest& request, std::uint64_t mib) {
    take_back(id);
    const std::uint64_t page_table = in_lmbs(hypervisor::page_table_mib(request.max_mib, request.hpt_ratio));
    holdings_.push_back(
        {.id = id, .given_mib = mib, .page_table_mib = page_table, .virtual_slots = request.max_virtual_slots});
    PVMSIM_ASSERT(left_mib(totals(kNoPartition)).has_value());
    resize_hypervisor();
    table_.place_aligned(LmbOwner::page_table(id), blocks(page_table));
    table_.resize(LmbOwner::memory(id), blocks(mib));
}

void PhysicalMemory::take_back(PartitionId id) {
    std::erase_if(holdings_, [id](const Holding& holding) { return holding.id == id; });
    table_.resize(LmbOwner::page_table(id), 0);
    table_.resize(LmbOwner::memory(id), 0);
    resize_hypervisor();
}

void PhysicalMemory::give_block(PartitionId id) {
    PVMSIM_ASSERT(has_free_block());
    Holding& taker = holding(id);
    taker.given_mib += size_.lmb_mib;
    table_.resize(LmbOwner::memory(id), blocks(taker.given_mib));
}

void PhysicalMemory::take_block(PartitionId id) {
    Holding& giver = holding(id);
    PVMSIM_ASSERT(giver.given_mib >= size_.lmb_mib);
    giver.given_mib -= size_.lmb_mib;
    table_.resize(LmbOwner::memory(id), blocks(giver.given_mib));
}

void PhysicalMemory::move_block(PartitionId from, PartitionId to) {
    Holding& giver = holding(from);
    PVMSIM_ASSERT(giver.given_mib >= size_.lmb_mib);
    giver.given_mib -= size_.lmb_mib;
    holding(to).given_mib += size_.lmb_mib;
    table_.hand_over(LmbOwner::memory(from), LmbOwner::memory(to));
}

bool PhysicalMemory::can_give_pool(const PoolRequest& request) const {
    Totals wanted = totals(kNoPartition);
    wanted.pool = request;
    return request.pool_mib % size_.lmb_mib == 0 && left_mib(wanted).has_value();
}

std::optional<std::uint64_t> PhysicalMemory::grantable_pool_mib(const PoolRequest& request) const {
    Totals wanted = totals(kNoPartition);
    wanted.pool = request;
    wanted.pool.pool_mib = 0;
    return left_mib(wanted);
}

void PhysicalMemory::give_pool(const PoolRequest& request) {
    PVMSIM_ASSERT(can_give_pool(request));
    const bool grows = request.pool_mib > pool_.pool_mib;
    pool_ = request;
    // What is given back first makes room for what grows.
    if (!grows) table_.resize(LmbOwner::shared_pool(), blocks(request.pool_mib));
    resize_hypervisor();
    table_.resize(LmbOwner::shared_pool(), blocks(request.pool_mib));
}

void PhysicalMemory::take_back_pool() { give_pool({}); }

std::uint64_t PhysicalMemory::page_table_mib(PartitionId id) const {
    const Holding* const found = find(id);
    return found == nullptr ? 0 : found->page_table_mib;
}

std::uint64_t PhysicalMemory::given_mib(PartitionId id) const {
    const Holding* const found = find(id);
    return found == nullptr ? 0 : found->given_mib;
}

std::optional<std::uint64_t> PhysicalMemory::translate(const LmbOwner& owner, std::uint64_t logical_byte) const {
    const std::uint64_t lmb_bytes = size_.lmb_mib * kMibBytes;
    const auto held = table_.of(owner);
    const std::uint64_t block = logical_byte / lmb_bytes;
    if (block >= held.size()) return std::nullopt;
    return held[static_cast<std::size_t>(block)].value() * lmb_bytes + logical_byte % lmb_bytes;
}

std::optional<std::uint64_t> PhysicalMemory::translate(PartitionId id, std::uint64_t logical_byte) const {
    return translate(LmbOwner::memory(id), logical_byte);
}

std::optional<std::uint64_t> PhysicalMemory::translate_pool(std::uint64_t pool_byte) const {
    return translate(LmbOwner::shared_pool(), pool_byte);
}

const PhysicalMemory::Holding* PhysicalMemory::find(PartitionId id) const {
    const auto found = std::ranges::find(holdings_, id, &Holding::id);
    return found == holdings_.end() ? nullptr : &*found;
}

PhysicalMemory::Holding& PhysicalMemory::holding(PartitionId id) {
    const auto found = std::ranges::find(holdings_, id, &Holding::id);
    PVMSIM_ASSERT(found != holdings_.end());
    return *found;
}

void PhysicalMemory::resize_hypervisor() {
    const HypervisorUse use = hypervisor_use();
    const std::uint64_t besides_tables = std::min(use.total_mib() - use.page_tables_mib, size_.installed_mib);
    table_.resize(LmbOwner::hypervisor(), blocks(besides_tables));
}

void PhysicalMemory::digest(sim::Digest& digest) const {
    digest.add(size_.installed_mib);
    digest.add(size_.lmb_mib);
    for (const Holding& holding : holdings_) {
        digest.add(holding.id);
        digest.add(holding.given_mib);
        digest.add(holding.page_table_mib);
        digest.add(holding.virtual_slots);
    }
    digest.add(pool_.pool_mib);
    digest.add(pool_.max_pool_mib);
    digest.add(pool_.table_mib);
    table_.digest(digest);
}

}  // namespace pvmsim::hypervisor
