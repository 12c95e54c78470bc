// Both dispatch modes give every partition the same where demand is constant, within 1 % (architecture, section 4):
// over random machines, pools, shared and dedicated partitions in all sharing modes, in whole and in timed windows.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <memory>
#include <vector>

#include "hypervisor/dispatch/exact/exact_dispatcher.hpp"
#include "hypervisor/dispatch/steady_dispatcher.hpp"

namespace pvmsim::hypervisor {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Machine {
    std::uint32_t cores = 0;
    std::uint32_t pool_max = 0;  ///< of pool 1; 0: there is none
    std::vector<DispatchConfig> partitions;
    std::vector<CoreRate> demands;
};

PartitionId id_of(std::size_t index) { return PartitionId{static_cast<std::uint16_t>(index + 1)}; }

/// Units in hundredths that still fit; dedicated partitions take whole processors.
Machine any_machine(bool has_lenders) {
    Machine machine;
    machine.cores = static_cast<std::uint32_t>(*rc::gen::inRange(2, 17));
    machine.pool_max = static_cast<std::uint32_t>(*rc::gen::inRange(0, 4));
    auto left = static_cast<std::int32_t>(machine.cores) * 100;
    auto left_in_pool = static_cast<std::int32_t>(machine.pool_max) * 100;
    const int count = *rc::gen::inRange(1, 12);
    for (int i = 0; i < count; ++i) {
        DispatchConfig config;
        const bool is_dedicated = has_lenders && left >= 200 && *rc::gen::inRange(0, 4) == 0;
        if (is_dedicated) {
            config.proc_mode = ProcessorMode::kDedicated;
            config.procs = static_cast<std::uint32_t>(*rc::gen::inRange(1, left / 100));
            config.entitlement = {static_cast<std::int32_t>(config.procs) * 100};
            config.sharing_mode =
                *rc::gen::element(SharingMode::kKeepIdleProcs, SharingMode::kShareIdleProcs,
                                  SharingMode::kShareIdleProcsActive, SharingMode::kShareIdleProcsAlways);
        } else {
            if (machine.pool_max > 0 && left_in_pool >= 10 && *rc::gen::arbitrary<bool>()) config.pool = PoolId{1};
            const std::int32_t room = config.pool == kDefaultPool ? left : std::min(left, left_in_pool);
            if (room < 10) break;
            config.entitlement = {*rc::gen::inRange(10, std::min(room, 400) + 1)};
            const int least = (config.entitlement.hundredths + 99) / 100;
            config.procs = static_cast<std::uint32_t>(
                *rc::gen::inRange(least, std::min(config.entitlement.hundredths / 10, 16) + 1));
            config.sharing_mode = *rc::gen::element(SharingMode::kCapped, SharingMode::kUncapped);
            config.uncap_weight = static_cast<std::uint8_t>(*rc::gen::inRange(0, 256));
            if (config.pool != kDefaultPool) left_in_pool -= config.entitlement.hundredths;
        }
        left -= config.entitlement.hundredths;
        machine.partitions.push_back(config);
        machine.demands.push_back({*rc::gen::inRange<std::int64_t>(0, 6000) * 1'000'000});
    }
    return machine;
}

/// Nothing is lent in the first window: the system turns to timed windows at its end.
constexpr sim::Duration kSettled = milliseconds{20};

void start(Dispatcher& dispatcher, const Machine& machine) {
    dispatcher.set_cores(machine.cores);
    if (machine.pool_max > 0)
        dispatcher.set_pool(sim::kStartOfRun, PoolId{1}, {.max = CoreRate::cores(machine.pool_max), .reserved = {}});
    for (std::size_t i = 0; i < machine.partitions.size(); ++i)
        dispatcher.add(sim::kStartOfRun, id_of(i), machine.partitions[i]);
    for (std::size_t i = 0; i < machine.partitions.size(); ++i)
        dispatcher.set_demand(sim::kStartOfRun, id_of(i), machine.demands[i]);
}

/// `has_lenders`: uncapped shares of lent processors are left out. On the mean they can be less than in fluid mode, as
/// entitled capacity must not depend on cores that come and go within a window.
void compare(const Machine& machine, bool has_lenders) {
    ExactDispatcher exact({}, {});
    SteadyDispatcher fluid;
    start(exact, machine);
    start(fluid, machine);
    std::vector<CoreTime> exact_had;
    std::vector<CoreTime> fluid_had;
    for (std::size_t i = 0; i < machine.partitions.size(); ++i) {
        exact_had.push_back(exact.consumed(sim::kStartOfRun + kSettled, id_of(i)).total);
        fluid_had.push_back(fluid.consumed(sim::kStartOfRun + kSettled, id_of(i)).total);
    }
    const auto mean = [](const Dispatcher& dispatcher, std::size_t i, CoreTime had) {
        const auto has = dispatcher.consumed(sim::kStartOfRun + kSettled + seconds{1}, id_of(i)).total;
        return CoreTime{has.nanocore_ns - had.nanocore_ns}.core_seconds();
    };
    for (std::size_t i = 0; i < machine.partitions.size(); ++i) {
        const double want = mean(fluid, i, fluid_had[i]);
        const DispatchConfig& one = machine.partitions[i];
        RC_LOG() << "partition " << i << (one.proc_mode == ProcessorMode::kDedicated ? " dedicated" : " shared")
                 << ", sharing mode " << static_cast<int>(one.sharing_mode) << ", units " << one.entitlement.hundredths
                 << ", procs " << one.procs << ", weight " << int{one.uncap_weight} << ", pool "
                 << int{one.pool.value()} << " (max " << machine.pool_max << "), demand "
                 << machine.demands[i].nanocores / 1'000'000 << ", fluid " << want << ", exact "
                 << mean(exact, i, exact_had[i]) << ", cores " << machine.cores << "\n";
        const double got = mean(exact, i, exact_had[i]);
        const double entitled = std::min(want, one.entitlement.hundredths / 100.0);
        RC_ASSERT(got >= entitled - 0.01 * want - 1e-4);
        if (has_lenders && want > entitled + 1e-4) continue;
        RC_ASSERT(std::abs(got - want) <= 0.01 * want + 1e-4);
    }
}

RC_GTEST_PROP(ModeAgreement, of_shared_partitions, ()) { compare(any_machine(false), false); }
RC_GTEST_PROP(ModeAgreement, with_dedicated_partitions_that_lend, ()) { compare(any_machine(true), true); }

}  // namespace
}  // namespace pvmsim::hypervisor
