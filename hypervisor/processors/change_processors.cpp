// Dynamic changes of a running partition's processors (R-LP-10): units, processors, sharing mode, weight, pool.
//
// A change is put together beside the partition, checked as a whole and only then made. The operating system learns
// of it when it is done; how long it takes to bring a processor online or offline is not modelled.
#include <fmt/format.h>

#include "hypervisor/managed_system_state.hpp"
#include "hypervisor/units_text.hpp"

namespace pvmsim::hypervisor {

namespace {

std::unexpected<Error> refused(const Partition& partition, std::string_view why) {
    return sim::fail(ErrorCode::kInvalidChange, fmt::format("partition {}: {}", partition.name, why));
}

bool is_shared_mode(SharingMode mode) { return mode == SharingMode::kCapped || mode == SharingMode::kUncapped; }

bool is_dedicated(const Partition& partition) { return partition.profile.proc_mode == ProcessorMode::kDedicated; }

/// Whether a partition of its kind can be changed so.
Result<void> check_kind(const Partition& partition, const ProcessorChange& change) {
    if (!change.proc_units && !change.procs && !change.sharing_mode && !change.uncap_weight &&
        !change.shared_proc_pool_id)
        return refused(partition, "a processor change without any value; give at least one");
    const bool dedicated = is_dedicated(partition);
    if (change.sharing_mode && is_shared_mode(*change.sharing_mode) == dedicated)
        return refused(partition, fmt::format("sharing_mode {}: with proc_mode {}", to_string(*change.sharing_mode),
                                              dedicated ? "ded it is keep_idle_procs, share_idle_procs, "
                                                          "share_idle_procs_active or share_idle_procs_always"
                                                        : "shared it is cap or uncap"));
    if (!dedicated) return {};
    if (change.proc_units)
        return refused(partition, fmt::format("proc_units {}: its processors are dedicated; give whole procs",
                                              units_text(*change.proc_units)));
    if (change.uncap_weight)
        return refused(partition, fmt::format("uncap_weight {}: its processors are dedicated; only shared ones have a "
                                              "weight",
                                              *change.uncap_weight));
    if (change.shared_proc_pool_id)
        return refused(partition, fmt::format("shared_proc_pool_id {}: its processors are dedicated; only shared ones "
                                              "are in a pool",
                                              change.shared_proc_pool_id->value()));
    return {};
}

/// The partition's own limits, from the profile it was activated with.
Result<void> check_ranges(const Partition& partition, const ProcessorChange& change) {
    const PartitionProfile& profile = partition.profile;
    if (change.procs && (*change.procs < profile.min_procs || *change.procs > profile.max_procs))
        return refused(partition, fmt::format("procs {} is outside of min_procs and max_procs of profile {}; {} to {}",
                                              *change.procs, profile.name, profile.min_procs, profile.max_procs));
    if (change.proc_units &&
        (*change.proc_units < profile.min_proc_units || *change.proc_units > profile.max_proc_units))
        return refused(
            partition,
            fmt::format("proc_units {} is outside of min_proc_units and max_proc_units of profile {}; {} to {}",
                        units_text(*change.proc_units), profile.name, units_text(profile.min_proc_units),
                        units_text(profile.max_proc_units)));
    return {};
}

/// Units and virtual processors fit one another.
Result<void> check_share(const Partition& partition, const GivenResources& target, std::uint32_t least_hundredths) {
    const auto units = static_cast<std::uint32_t>(target.proc_units.hundredths);
    const std::uint32_t fewest = (units + 99) / 100;
    const std::uint32_t most = units / least_hundredths;
    if (target.procs < fewest || target.procs > most)
        return refused(partition, fmt::format("{} processor{} for {} processing units; {} to {} processors go with "
                                              "them, {} each at least",
                                              target.procs, target.procs == 1 ? "" : "s", units_text(target.proc_units),
                                              fewest, most, units_text({static_cast<std::int32_t>(least_hundredths)})));
    return {};
}

/// What is different; empty if nothing is.
std::string change_text(const GivenResources& before, const GivenResources& after, const PoolTable& pools,
                        bool dedicated) {
    std::string text;
    const auto add = [&text](std::string_view what, std::string_view now, std::string_view was) {
        if (now != was) text += fmt::format("{} {} {} (was {})", text.empty() ? "" : ",", what, now, was);
    };
    if (!dedicated) add("proc_units", units_text(after.proc_units), units_text(before.proc_units));
    add("procs", std::to_string(after.procs), std::to_string(before.procs));
    add("sharing_mode", to_string(after.sharing_mode), to_string(before.sharing_mode));
    add("uncap_weight", std::to_string(after.uncap_weight), std::to_string(before.uncap_weight));
    add("pool", pools.at(after.shared_proc_pool_id).name, pools.at(before.shared_proc_pool_id).name);
    return text;
}

}  // namespace

Result<void> ManagedSystem::State::check_capacity(const Record& record, const GivenResources& target) const {
    const Partition& partition = record.partition;
    const PoolId pool = target.shared_proc_pool_id;
    if (!pools.is_active(pool))
        return sim::fail(ErrorCode::kInvalidPool, fmt::format("partition {}: {}", partition.name, inactive_text(pool)));
    const ProcUnits available = unallocated(&record);
    if (target.proc_units > available)
        return sim::fail(ErrorCode::kNotEnoughProcessors,
                         fmt::format("partition {}: {} processing units are more than what is available; at most {}",
                                     partition.name, units_text(target.proc_units), units_text(available)));
    if (is_dedicated(partition) || pool == kDefaultPool) return {};
    const ProcUnits room = room_below_max(pool, record);
    if (target.proc_units > room)
        return sim::fail(ErrorCode::kInvalidPool,
                         fmt::format("partition {}: {} processing units do not fit the maximum {} of shared processor "
                                     "pool {} ({}); at most {}",
                                     partition.name, units_text(target.proc_units), pools.at(pool).max_pool_proc_units,
                                     pool.value(), pools.at(pool).name, units_text(room)));
    return {};
}

Result<void> ManagedSystem::change_processors(PartitionId id, const ProcessorChange& change) {
    State& state = *state_;
    PVMSIM_TRY_ASSIGN(State::Record* const record, state.find_record(id));
    Partition& partition = record->partition;
    if (partition.state != PartitionState::kRunning || partition.hung)
        return sim::fail(
            ErrorCode::kWrongState,
            fmt::format("partition {}: cannot change its processors: its state is {}{}; it must be "
                        "Running and responding",
                        partition.name, to_string(partition.state), partition.hung ? " and it does not respond" : ""));
    PVMSIM_TRY(check_kind(partition, change));
    PVMSIM_TRY(check_ranges(partition, change));
    GivenResources target = partition.given;
    target.procs = change.procs.value_or(target.procs);
    target.sharing_mode = change.sharing_mode.value_or(target.sharing_mode);
    target.uncap_weight = change.uncap_weight.value_or(target.uncap_weight);
    target.shared_proc_pool_id = change.shared_proc_pool_id.value_or(target.shared_proc_pool_id);
    if (is_dedicated(partition)) {
        target.proc_units = {static_cast<std::int32_t>(target.procs) * 100};
    } else {
        target.proc_units = change.proc_units.value_or(target.proc_units);
        PVMSIM_TRY(check_share(partition, target, state.model.proc_units_min_hundredths));
    }
    PVMSIM_TRY(state.check_capacity(*record, target));
    const std::string text = change_text(partition.given, target, state.pools, is_dedicated(partition));
    if (text.empty()) return {};  // as it is already
    partition.given = std::move(target);
    state.processors->change(state.engine.now(), id, dispatch_config(partition));
    state.count_shared_cores();
    state.tell(*record, "lpar-processors", "Processors changed:" + text);
    if (partition.software != nullptr) partition.software->on_processors_changed();
    return {};
}

}  // namespace pvmsim::hypervisor
