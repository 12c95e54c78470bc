// Dynamic changes of a running partition's memory: add, remove, set, move; LMB by LMB over simulated time.
//
// What can be known at once is refused at once (check_change.cpp). After that each LMB takes its time, at whose end the
// operating system is asked for it or a free one is taken; the first that cannot be had ends the operation, which keeps
// what it has reached. Removal takes the last logical LMB, so a partition's logical memory has no holes: simplified, a
// real one has them where the freed LMBs lay. Source: behaviour 2.1.
#include <fmt/format.h>

#include <array>

#include "hypervisor/events.hpp"
#include "hypervisor/managed_system_state.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

namespace {

constexpr std::uint64_t kChangeTimeMib = 256;  ///< memory_change_time is of so much

std::string blocks_text(const MemoryOperation& operation) {
    return fmt::format("{} LMB{} ({} MB)", operation.blocks_asked, operation.blocks_asked == 1 ? "" : "s",
                       operation.blocks_asked * operation.lmb_mib);
}

}  // namespace

Result<void> ManagedSystem::change_memory(PartitionId id, const MemoryChange& change) {
    State& state = *state_;
    PVMSIM_TRY_ASSIGN(State::Record* const record, state.find_record(id));
    PVMSIM_TRY(state.check_can_change(*record));
    PVMSIM_TRY(state.check_blocks(*record, change.mib));
    const std::uint64_t now = record->partition.given.memory_mib;
    std::uint64_t target = change.mib;
    if (change.action == MemoryAction::kAdd) target = now + change.mib;
    if (change.action == MemoryAction::kRemove) target = change.mib < now ? now - change.mib : 0;
    PVMSIM_TRY(state.check_memory_range(*record, target));
    if (target == now) return {};  // as it is already
    const bool grows = target > now;
    const std::uint64_t mib = grows ? target - now : now - target;
    if (grows) PVMSIM_TRY(state.check_memory_is_there(*record, mib));
    const MemoryOperation operation{.action = grows ? MemoryAction::kAdd : MemoryAction::kRemove,
                                    .blocks_asked = static_cast<std::uint32_t>(mib / state.physical_memory.lmb_mib())};
    state.begin_memory_operation(*record, operation);
    state.tell(*record, "lpar-memory-change",
               fmt::format("{} of memory to {}", blocks_text(*record->memory_operation), grows ? "add" : "remove"));
    state.schedule_memory_step(*record);
    return {};
}

Result<void> ManagedSystem::move_memory(PartitionId from, PartitionId to, std::uint64_t mib) {
    State& state = *state_;
    PVMSIM_TRY_ASSIGN(State::Record* const giver, state.find_record(from));
    PVMSIM_TRY_ASSIGN(State::Record* const taker, state.find_record(to));
    if (from == to)
        return sim::fail(ErrorCode::kInvalidChange,
                         fmt::format("partition {}: its memory cannot move to itself", giver->partition.name));
    for (const State::Record* const record : {giver, taker}) {
        if (record->partition.profile.mem_mode == MemoryMode::kShared)
            return sim::fail(ErrorCode::kInvalidChange,
                             fmt::format("partition {}: its memory is shared and cannot move; add or remove it",
                                         record->partition.name));
        PVMSIM_TRY(state.check_can_change(*record));
    }
    PVMSIM_TRY(state.check_blocks(*giver, mib));
    const std::uint64_t has = giver->partition.given.memory_mib;
    PVMSIM_TRY(state.check_memory_range(*giver, mib < has ? has - mib : 0));
    PVMSIM_TRY(state.check_memory_range(*taker, taker->partition.given.memory_mib + mib));
    const auto blocks = static_cast<std::uint32_t>(mib / state.physical_memory.lmb_mib());
    state.begin_memory_operation(*giver, {.action = MemoryAction::kRemove, .partner = to, .blocks_asked = blocks});
    state.begin_memory_operation(*taker, {.action = MemoryAction::kAdd, .partner = from, .blocks_asked = blocks});
    const std::string text = blocks_text(*giver->memory_operation);
    state.tell(*giver, "lpar-memory-change", fmt::format("{} of memory to move to {}", text, taker->partition.name));
    state.tell(*taker, "lpar-memory-change", fmt::format("{} of memory to come from {}", text, giver->partition.name));
    state.schedule_memory_step(*giver);
    return {};
}

const MemoryOperation* ManagedSystem::memory_operation(PartitionId id) const {
    const State::Record* const record = state_->record_of(id);
    PVMSIM_ASSERT(record != nullptr);
    return record->memory_operation ? &*record->memory_operation : nullptr;
}

void ManagedSystem::State::begin_memory_operation(Record& record, MemoryOperation operation) {
    operation.lmb_mib = physical_memory.lmb_mib();
    operation.started = engine.now();
    record.memory_operation = std::move(operation);
}

/// An LMB that moves takes the time of a removal and of an addition.
void ManagedSystem::State::schedule_memory_step(Record& record) {
    const MemoryOperation& operation = *record.memory_operation;
    const auto changes = std::uint64_t{operation.partner == kNoPartition ? 1u : 2u};
    const auto share = static_cast<std::int64_t>(operation.lmb_mib * changes);
    record.memory_step = engine.schedule_in(config.memory_change_time * share / std::int64_t{kChangeTimeMib}, entity,
                                            MemoryStep{.lpar_id = record.partition.id});
}

std::string ManagedSystem::State::memory_obstacle(const Record& record) const {
    const bool is_shared = record.partition.profile.mem_mode == MemoryMode::kShared;
    const Record* const partner = record_of(record.memory_operation->partner);
    for (const Record* const part : {&record, partner}) {
        if (part == nullptr) continue;
        const Partition& partition = part->partition;
        if (partition.state != PartitionState::kRunning)
            return fmt::format("{} is {}", partition.name, to_string(partition.state));
        if (partition.hung) return partition.name + " does not respond";
    }
    if (record.memory_operation->action == MemoryAction::kAdd && !is_shared && !physical_memory.has_free_block())
        return "no LMB is free any more";
    return {};
}

void ManagedSystem::State::advance_memory(Record& record) {
    record.memory_step = {};
    PVMSIM_ASSERT(record.memory_operation.has_value());
    PVMSIM_ASSERT(!record.memory_operation->is_finished);
    if (std::string obstacle = memory_obstacle(record); !obstacle.empty()) {
        end_memory_operation(record, std::move(obstacle));
        return;
    }
    PartitionSoftware* const software = record.partition.software;
    if (record.memory_operation->action == MemoryAction::kRemove && software != nullptr &&
        !software->release_memory_block()) {
        end_memory_operation(record, fmt::format("the operating system of {} frees no more", record.partition.name));
        return;
    }
    // The software may have ended itself over what it was asked or told; then the operation has ended with it.
    if (record.memory_operation->is_finished) return;
    change_block(record);
    if (record.memory_operation->is_finished) return;
    if (record.memory_operation->blocks_done == record.memory_operation->blocks_asked)
        end_memory_operation(record, {});
    else
        schedule_memory_step(record);
}

void ManagedSystem::State::change_block(Record& record) {
    const PartitionId id = record.partition.id;
    const bool is_add = record.memory_operation->action == MemoryAction::kAdd;
    Record* const partner = record_of(record.memory_operation->partner);
    if (record.partition.profile.mem_mode == MemoryMode::kShared) return change_shared_block(record);
    if (partner != nullptr) {
        physical_memory.move_block(id, partner->partition.id);
    } else if (is_add) {
        physical_memory.give_block(id);
    } else {
        physical_memory.take_block(id);
    }
    const std::array<Record*, 2> changed{&record, partner};
    for (Record* const part : changed) {
        if (part == nullptr) continue;
        ++part->memory_operation->blocks_done;
        part->partition.given.memory_mib = physical_memory.given_mib(part->partition.id);
    }
    for (Record* const part : changed)
        if (part != nullptr && part->partition.software != nullptr)
            part->partition.software->on_memory_changed(part->partition.given.memory_mib);
}

void ManagedSystem::State::end_memory_operation(Record& record, std::string refused) {
    if (!record.memory_operation || record.memory_operation->is_finished) return;
    Record* const partner = record_of(record.memory_operation->partner);
    for (Record* const part : {&record, partner}) {
        if (part == nullptr) continue;
        engine.cancel(part->memory_step);
        MemoryOperation& operation = *part->memory_operation;
        PVMSIM_ASSERT(!operation.is_finished);
        operation.is_finished = true;
        operation.ended = engine.now();
        operation.refused = refused;
        tell(*part, "lpar-memory",
             fmt::format("Memory: {}; now {} MB", operation.text(), part->partition.given.memory_mib));
    }
}

}  // namespace pvmsim::hypervisor
