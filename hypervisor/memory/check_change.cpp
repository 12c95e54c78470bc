// What must hold before a dynamic change of memory begins. Nothing is changed here.
//
// Sources: behaviour 2.1 (whole LMBs, minimum and maximum of the profile, growth limit 16 or 64 times what the
// partition started with, add needs free LMBs).
#include <fmt/format.h>

#include "hypervisor/managed_system_state.hpp"

namespace pvmsim::hypervisor {

namespace {

std::unexpected<Error> refused(ErrorCode code, const Partition& partition, std::string_view why) {
    return sim::fail(code, fmt::format("partition {}: {}", partition.name, why));
}

}  // namespace

Result<void> ManagedSystem::State::check_can_change(const Record& record) const {
    const Partition& partition = record.partition;
    if (partition.state != PartitionState::kRunning || partition.hung)
        return refused(ErrorCode::kWrongState, partition,
                       fmt::format("cannot change its memory: its state is {}{}; it must be Running and responding",
                                   to_string(partition.state), partition.hung ? " and it does not respond" : ""));
    if (record.memory_operation && !record.memory_operation->is_finished)
        return refused(ErrorCode::kWrongState, partition,
                       fmt::format("cannot change its memory: a change is under way, {}; wait until it has ended",
                                   record.memory_operation->text()));
    return {};
}

Result<void> ManagedSystem::State::check_blocks(const Record& record, std::uint64_t mib) const {
    const std::uint64_t lmb = physical_memory.lmb_mib();
    if (mib == 0 || mib % lmb != 0)
        return refused(ErrorCode::kInvalidChange, record.partition,
                       fmt::format("{} MB is not a multiple of the {} MB logical memory block, or is none", mib, lmb));
    if (mib > physical_memory.configurable_mib())
        return refused(
            ErrorCode::kInvalidChange, record.partition,
            fmt::format("{} MB are more than the {} MB of {}", mib, physical_memory.configurable_mib(), config.name));
    return {};
}

Result<void> ManagedSystem::State::check_memory_range(const Record& record, std::uint64_t target_mib) const {
    const Partition& partition = record.partition;
    const PartitionProfile& profile = partition.profile;
    if (target_mib < profile.min_mem_mib || target_mib > profile.max_mem_mib)
        return refused(ErrorCode::kInvalidChange, partition,
                       fmt::format("{} MB of memory is outside of min_mem and max_mem of profile {}; {} to {}",
                                   target_mib, profile.name, profile.min_mem_mib, profile.max_mem_mib));
    const std::uint64_t entitled = partition.given.shared_memory.io_entitled_mib;
    if (target_mib < entitled)
        return refused(
            ErrorCode::kInvalidChange, partition,
            fmt::format("{} MB of memory is less than its I/O entitled memory, {} MB", target_mib, entitled));
    const std::uint64_t limit = growth_limit_mib(record.activated_mib);
    if (target_mib > partition.given.memory_mib && target_mib > limit)
        return refused(ErrorCode::kInvalidChange, partition,
                       fmt::format("{} MB of memory is more than it can grow to by what it was activated with; {} MB "
                                   "at most until it is activated with more",
                                   target_mib, limit));
    return {};
}

Result<void> ManagedSystem::State::check_memory_is_there(const Record& record, std::uint64_t more_mib) const {
    if (record.partition.profile.mem_mode == MemoryMode::kShared) return {};  // more logical memory takes none
    if (more_mib <= physical_memory.available_mib()) return {};
    return refused(ErrorCode::kNotEnoughMemory, record.partition,
                   fmt::format("{} MB more are not available; at most {}", more_mib, physical_memory.available_mib()));
}

}  // namespace pvmsim::hypervisor
