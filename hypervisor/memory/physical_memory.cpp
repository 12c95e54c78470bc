// Memory accounting: see the header. Page tables are whole LMBs each; the rest of the hypervisor's use is rounded up
// once.
#include "hypervisor/memory/physical_memory.hpp"

#include <algorithm>
#include <bit>

#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

namespace {
constexpr std::uint64_t kMibInGib = 1024;
}

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
    : size_(size), parameters_(parameters) {
    PVMSIM_ASSERT(size.lmb_mib > 0);
    PVMSIM_ASSERT(size.installed_mib % size.lmb_mib == 0);
}

std::uint64_t PhysicalMemory::in_lmbs(std::uint64_t mib) const {
    return (mib + size_.lmb_mib - 1) / size_.lmb_mib * size_.lmb_mib;
}

std::uint64_t PhysicalMemory::overhead_mib(std::uint64_t page_tables_mib, std::uint64_t virtual_slots) const {
    const std::uint64_t installed_share = size_.installed_mib * parameters_.installed_per_mille / 1000;
    const std::uint64_t slots_mib = (virtual_slots * parameters_.virtual_slot_kib + 1023) / 1024;
    return page_tables_mib + in_lmbs(parameters_.base_mib + installed_share + slots_mib);
}

std::uint64_t PhysicalMemory::hypervisor_mib() const {
    std::uint64_t page_tables = 0;
    std::uint64_t slots = 0;
    for (const Holding& holding : holdings_) {
        page_tables += holding.page_table_mib;
        slots += holding.virtual_slots;
    }
    return overhead_mib(page_tables, slots);
}

std::uint64_t PhysicalMemory::given_mib() const {
    std::uint64_t sum = 0;
    for (const Holding& holding : holdings_) sum += holding.given_mib;
    return sum;
}

std::uint64_t PhysicalMemory::available_mib() const {
    const std::uint64_t used = hypervisor_mib() + given_mib();
    return used < size_.installed_mib ? size_.installed_mib - used : 0;
}

std::optional<std::uint64_t> PhysicalMemory::grantable_mib(PartitionId id, const MemoryRequest& request) const {
    std::uint64_t page_tables = in_lmbs(page_table_mib(request.max_mib, request.hpt_ratio));
    std::uint64_t slots = request.max_virtual_slots;
    std::uint64_t given = 0;
    for (const Holding& holding : holdings_) {
        if (holding.id == id) continue;
        page_tables += holding.page_table_mib;
        slots += holding.virtual_slots;
        given += holding.given_mib;
    }
    const std::uint64_t used = overhead_mib(page_tables, slots) + given;
    const std::uint64_t free = used < size_.installed_mib ? size_.installed_mib - used : 0;
    const std::uint64_t whole = std::min(request.desired_mib, free) / size_.lmb_mib * size_.lmb_mib;
    if (whole < request.min_mib) return std::nullopt;
    return whole;
}

void PhysicalMemory::give(PartitionId id, const MemoryRequest& request, std::uint64_t mib) {
    PVMSIM_ASSERT(mib % size_.lmb_mib == 0);
    take_back(id);
    holdings_.push_back({.id = id,
                         .given_mib = mib,
                         .page_table_mib = in_lmbs(page_table_mib(request.max_mib, request.hpt_ratio)),
                         .virtual_slots = request.max_virtual_slots});
    PVMSIM_ASSERT(hypervisor_mib() + given_mib() <= size_.installed_mib);
}

void PhysicalMemory::take_back(PartitionId id) {
    std::erase_if(holdings_, [id](const Holding& holding) { return holding.id == id; });
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
}

}  // namespace pvmsim::hypervisor
