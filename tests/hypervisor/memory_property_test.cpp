// Whatever an operator does to partitions and their memory, in whatever order and at whatever time: no LMB has two
// owners, all together are what is installed, logical and physical addresses go with one another both ways, partitions
// stay within their limits, and what was refused left no trace (behaviour 9).
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "tests/hypervisor/memory_change_fixture.hpp"

namespace pvmsim::hypervisor {
namespace {

constexpr std::uint16_t kPartitions = 5;

struct Site {
    Site() : system(std::move(ManagedSystem::create(engine, machine_of_32_blocks())).value()) {
        for (std::uint16_t id = 1; id <= kPartitions; ++id) {
            RC_ASSERT(system->define_partition(partition_with(id, {.desired = id * 512u, .max = 4096})).has_value());
            system->install_software(PartitionId{id}, os[id]);
        }
    }
    [[nodiscard]] std::uint64_t fingerprint() const {
        sim::Digest digest;
        system->digest(digest);
        return digest.value();
    }
    sim::Engine engine{1};
    std::map<std::uint16_t, MemoryOs> os;
    std::unique_ptr<ManagedSystem> system;
};

std::uint16_t any_partition() { return *rc::gen::inRange<std::uint16_t>(1, kPartitions + 1); }

Result<void> any_power_operation(ManagedSystem& system, PartitionId id) {
    switch (*rc::gen::inRange(0, 6)) {
        case 0:
            return system.power_off(id);
        case 1:
            return system.crash(id);
        case 2:
            return system.hang(id);
        case 3:
            return system.resume(id);
        case 4:
            return system.shutdown(id);
        default:
            return system.activate(id);
    }
}

Result<void> any_operation(Site& site) {
    const PartitionId id{any_partition()};
    const std::uint64_t mib = *rc::gen::inRange<std::uint64_t>(0, 14) * 256;
    switch (*rc::gen::inRange(0, 8)) {
        case 0:
            return any_power_operation(*site.system, id);
        case 1:
        case 2:
            return site.system->start_settled(id);
        case 3:
        case 4:
            return site.system->move_memory(id, PartitionId{any_partition()}, mib);
        default:
            return site.system->change_memory(id, {.action = static_cast<MemoryAction>(*rc::gen::inRange(0, 3)),
                                                   .mib = *rc::gen::inRange(0, 10) == 0 ? mib + 16 : mib});
    }
}

/// Time goes on, and operating systems change their minds.
void let_pass(Site& site) {
    for (auto& [id, os] : site.os) {
        const int choice = *rc::gen::inRange(0, 6);
        os.freeable = choice < 3 ? std::optional{choice} : std::nullopt;
    }
    site.engine.run_until(site.engine.now() + std::chrono::milliseconds{*rc::gen::inRange(0, 900)});
}

void check_translation(const Site& site) {
    const PhysicalMemory& memory = site.system->memory();
    const std::uint64_t lmb_bytes = memory.lmb_mib() * kMebibyte;
    std::set<std::uint64_t> taken;
    for (const Partition* const partition : site.system->partitions()) {
        const std::uint64_t bytes = partition->given.memory_mib * kMebibyte;
        for (std::uint64_t logical = 0; logical < bytes; logical += lmb_bytes) {
            const auto first = memory.translate(partition->id, logical);
            const auto last = memory.translate(partition->id, logical + lmb_bytes - 1);
            RC_ASSERT(first.has_value());
            RC_ASSERT(last == *first + lmb_bytes - 1);
            RC_ASSERT(taken.insert(*first).second);
            const Lmb block{static_cast<std::uint32_t>(*first / lmb_bytes)};
            RC_ASSERT(memory.table().owner(block) == LmbOwner::memory(partition->id));
            RC_ASSERT(memory.table().logical_block(block) == static_cast<std::uint32_t>(logical / lmb_bytes));
        }
        RC_ASSERT(!memory.translate(partition->id, bytes));
    }
}

void check_site(const Site& site) {
    const PhysicalMemory& memory = site.system->memory();
    std::uint64_t given = 0;
    for (const Partition* const partition : site.system->partitions()) {
        RC_ASSERT(partition->given.memory_mib == memory.given_mib(partition->id));
        given += partition->given.memory_mib;
        const bool is_active = partition->state != PartitionState::kNotActivated;
        RC_ASSERT((memory.page_table_mib(partition->id) == 256) == is_active);
        if (!is_active) continue;
        RC_ASSERT(partition->given.memory_mib >= partition->profile.min_mem_mib);
        RC_ASSERT(partition->given.memory_mib <= partition->profile.max_mem_mib);
    }
    RC_ASSERT(given == memory.given_mib());
    RC_ASSERT(given + memory.hypervisor_mib() + memory.available_mib() == 8192u);
    RC_ASSERT(memory.table().free_blocks() * 256 == memory.available_mib());
    check_translation(site);
}

/// Both sides of a move tell the same, and what is under way has an event that carries it on.
void check_operations(const Site& site) {
    for (const Partition* const partition : site.system->partitions()) {
        const MemoryOperation* const operation = site.system->memory_operation(partition->id);
        if (operation == nullptr) continue;
        RC_ASSERT(operation->blocks_done <= operation->blocks_asked);
        if (operation->is_finished) {
            RC_ASSERT(operation->refused.empty() == (operation->blocks_done == operation->blocks_asked));
            continue;
        }
        RC_ASSERT(site.engine.pending() > 0);
        if (operation->partner == kNoPartition) continue;
        const MemoryOperation* const other = site.system->memory_operation(operation->partner);
        RC_ASSERT(other->partner == partition->id);
        RC_ASSERT(other->blocks_done == operation->blocks_done);
        RC_ASSERT(!other->is_finished);
    }
}

RC_GTEST_PROP(MemoryProperty, no_block_has_two_owners_and_refusals_leave_no_trace, ()) {
    Site site;
    for (int step = 0; step < 40; ++step) {
        const std::uint64_t before = site.fingerprint();
        if (!any_operation(site)) RC_ASSERT(site.fingerprint() == before);
        check_site(site);
        let_pass(site);
        check_site(site);
        check_operations(site);
    }
    // Nothing is left under way when nobody asks for more.
    site.engine.run_until(site.engine.now() + std::chrono::minutes{1});
    for (std::uint16_t id = 1; id <= kPartitions; ++id)
        if (const auto* const last = site.system->memory_operation(PartitionId{id})) RC_ASSERT(last->is_finished);
}

}  // namespace
}  // namespace pvmsim::hypervisor
