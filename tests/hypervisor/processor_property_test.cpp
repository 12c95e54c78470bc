// Whatever an operator does to pools and partitions, in whatever order: nobody holds more than there is, every pool's
// maximum covers what is entitled in it, every partition stays within its profile, and what was refused left no trace.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/hypervisor/processor_fixture.hpp"

namespace pvmsim::hypervisor {
namespace {

constexpr std::uint16_t kPartitions = 8;
constexpr std::uint8_t kPoolsUsed = 4;

struct Site {
    explicit Site(DispatchMode mode) : system(std::move(ManagedSystem::create(engine, machine_of_16(mode))).value()) {
        for (std::uint16_t id = 1; id <= kPartitions; ++id) {
            const bool is_dedicated = id % 4 == 0;
            const PoolId pool{static_cast<std::uint8_t>(id % 3)};
            const auto defined = system->define_partition(
                is_dedicated ? dedicated_partition(id, 1, id / 2u, 8)
                             : shared_partition(id, {.min = 10 * id, .desired = 80 * id, .max = 700}, id, pool));
            RC_ASSERT(defined.has_value());
        }
    }
    [[nodiscard]] std::uint64_t fingerprint() const {
        sim::Digest digest;
        system->digest(digest);
        return digest.value();
    }
    sim::Engine engine{1};
    std::unique_ptr<ManagedSystem> system;
};

template <class T>
std::optional<T> maybe(T value) {
    return *rc::gen::arbitrary<bool>() ? std::optional<T>{value} : std::nullopt;
}

ProcessorChange any_change() {
    const auto mode = static_cast<SharingMode>(*rc::gen::inRange(0, 6));
    return {.proc_units = maybe(ProcUnits{*rc::gen::inRange(-10, 800)}),
            .procs = maybe(static_cast<std::uint32_t>(*rc::gen::inRange(0, 18))),
            .sharing_mode = *rc::gen::inRange(0, 4) == 0 ? std::optional{mode} : std::nullopt,
            .uncap_weight = maybe(static_cast<std::uint8_t>(*rc::gen::inRange(0, 256))),
            .shared_proc_pool_id = maybe(PoolId{static_cast<std::uint8_t>(*rc::gen::inRange(0, int{kPoolsUsed}))})};
}

Result<void> any_operation(Site& site) {
    ManagedSystem& system = *site.system;
    const PartitionId id{static_cast<std::uint16_t>(*rc::gen::inRange(1, kPartitions + 1))};
    switch (*rc::gen::inRange(0, 7)) {
        case 0:
        case 1:
            return system.configure_pool(
                {.id = PoolId{static_cast<std::uint8_t>(*rc::gen::inRange(0, int{kPoolsUsed}))},
                 .max_pool_proc_units = static_cast<std::uint32_t>(*rc::gen::inRange(0, 18)),
                 .reserved_pool_proc_units = {*rc::gen::inRange(-1, 400)}});
        case 2:
            return system.start_settled(id);
        case 3:
            return *rc::gen::arbitrary<bool>() ? system.power_off(id) : system.crash(id);
        default:
            return system.change_processors(id, any_change());
    }
}

void check_partition(const ManagedSystem& system, const Partition& partition) {
    const GivenResources& given = partition.given;
    const PartitionProfile& profile = partition.profile;
    if (given.procs == 0) return;
    RC_ASSERT(given.procs >= profile.min_procs && given.procs <= profile.max_procs);
    if (profile.proc_mode == ProcessorMode::kDedicated) {
        RC_ASSERT(given.proc_units.hundredths == static_cast<std::int32_t>(given.procs) * 100);
        return;
    }
    RC_ASSERT(given.proc_units >= profile.min_proc_units && given.proc_units <= profile.max_proc_units);
    RC_ASSERT(given.proc_units.hundredths <= static_cast<std::int32_t>(given.procs) * 100);
    RC_ASSERT(given.proc_units.hundredths >= static_cast<std::int32_t>(given.procs) * 10);
    RC_ASSERT(system.processor_pools()[given.shared_proc_pool_id.value()].max_pool_proc_units > 0);
}

void check_site(const Site& site) {
    const ManagedSystem& system = *site.system;
    std::int32_t held = 0;
    std::int32_t dedicated_active = 0;
    for (const Partition* const partition : system.partitions()) {
        check_partition(system, *partition);
        if (partition->profile.proc_mode != ProcessorMode::kDedicated) continue;
        held += partition->given.proc_units.hundredths;
        if (partition->state == PartitionState::kRunning) dedicated_active += partition->given.proc_units.hundredths;
    }
    for (const ProcessorPoolConfig& pool : system.processor_pools()) {
        const ProcUnits entitled = system.entitled_pool_capacity(pool.id);
        held += entitled.hundredths;
        RC_ASSERT(entitled.hundredths <= static_cast<std::int32_t>(pool.max_pool_proc_units) * 100);
    }
    RC_ASSERT(held + system.unallocated_proc_units().hundredths == 1600);
    RC_ASSERT(system.unallocated_proc_units() >= ProcUnits{});
    RC_ASSERT(static_cast<std::int32_t>(system.processor_pools()[0].max_pool_proc_units) * 100 ==
              1600 - dedicated_active);
}

void check_any_course(DispatchMode mode) {
    Site site(mode);
    int done = 0;
    for (int i = 0; i < 60; ++i) {
        const std::uint64_t before = site.fingerprint();
        if (any_operation(site)) {
            ++done;
        } else {
            RC_ASSERT(site.fingerprint() == before);
        }
        check_site(site);
        const PartitionId busy{static_cast<std::uint16_t>(*rc::gen::inRange(1, kPartitions + 1))};
        if (site.system->partition(busy).state == PartitionState::kRunning)
            site.system->dispatcher().set_demand(site.engine.now(), busy,
                                                 CoreRate{*rc::gen::inRange(0, 8) * 700'000'000LL});
        site.engine.run_until(site.engine.now() + std::chrono::milliseconds{35});
    }
    RC_CLASSIFY(done > 10);
}

RC_GTEST_PROP(ProcessorProperty, any_course_in_fluid_mode_keeps_what_there_is, ()) {
    check_any_course(DispatchMode::kFluid);
}

RC_GTEST_PROP(ProcessorProperty, any_course_in_exact_mode_keeps_what_there_is, ()) {
    check_any_course(DispatchMode::kExact);
}

}  // namespace
}  // namespace pvmsim::hypervisor
