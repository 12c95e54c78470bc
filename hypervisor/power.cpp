// Power operations of partitions (R-LP-12) and what they tell the log book.
//
// When a partition ends, whoever waits for it learns it in this order: its processors are gone, partners of its CRQs
// get their transport event, its virtual Ethernet adapters are closed, its events are forgotten, its software is told.
// A crashed partition keeps memory and slots until it is powered off or activated again.
#include <fmt/format.h>

#include <array>

#include "hypervisor/events.hpp"
#include "hypervisor/managed_system_state.hpp"
#include "hypervisor/units_text.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

namespace {

bool is_executing(PartitionState state) {
    return state == PartitionState::kStarting || state == PartitionState::kRunning ||
           state == PartitionState::kShuttingDown;
}

std::unexpected<Error> wrong_state(const Partition& partition, std::string_view operation, std::string_view wanted) {
    return sim::fail(ErrorCode::kWrongState,
                     fmt::format("partition {}: cannot {}: its state is {}{}; it must be {}", partition.name, operation,
                                 to_string(partition.state), partition.hung ? " and it does not respond" : "", wanted));
}

std::string resources_text(const Partition& partition) {
    const GivenResources& given = partition.given;
    return fmt::format("profile {}: {} MB, {} processing units, {} processor{}, {} I/O slot{}", partition.profile.name,
                       given.memory_mib, units_text(given.proc_units), given.procs, given.procs == 1 ? "" : "s",
                       given.io_slots.size(), given.io_slots.size() == 1 ? "" : "s");
}

}  // namespace

Result<ManagedSystem::State::Record*> ManagedSystem::State::find_record(PartitionId id) {
    Record* const record = record_of(id);
    if (record == nullptr)
        return sim::fail(ErrorCode::kNotFound,
                         fmt::format("{} has no partition with lpar_id {}", config.name, id.value()));
    return record;
}

void ManagedSystem::State::tell(const Record& record, std::string_view name, std::string_view text) const {
    engine.trace().milestone(engine.now(), record.path, name, text, {{"state", to_string(record.partition.state)}});
}

Result<void> ManagedSystem::start_settled(PartitionId id) {
    PVMSIM_TRY_ASSIGN(State::Record* const record, state_->find_record(id));
    Partition& partition = record->partition;
    if (partition.state != PartitionState::kNotActivated) return wrong_state(partition, "start", "Not Activated");
    PVMSIM_TRY_ASSIGN(GivenResources given, state_->plan(*record, State::StartKind::kSettled));
    state_->give(*record, std::move(given));
    partition.state = PartitionState::kRunning;
    state_->engine.trace().detail(state_->engine.now(), record->path, "lpar-settled",
                                  {{"state", to_string(partition.state)}});
    if (partition.software != nullptr) partition.software->on_settled_start();
    return {};
}

Result<void> ManagedSystem::activate(PartitionId id) {
    PVMSIM_TRY_ASSIGN(State::Record* const record, state_->find_record(id));
    Partition& partition = record->partition;
    if (partition.state != PartitionState::kNotActivated && partition.state != PartitionState::kError)
        return wrong_state(partition, "activate", "Not Activated or Error");
    PVMSIM_TRY_ASSIGN(GivenResources given, state_->plan(*record, State::StartKind::kActivation));
    state_->give(*record, std::move(given));
    partition.state = PartitionState::kStarting;
    state_->tell(*record, "lpar-activate", "Activating with " + resources_text(partition));
    record->firmware =
        state_->engine.schedule_in(state_->config.firmware_boot_time, state_->entity, FirmwareReady{.lpar_id = id});
    return {};
}

void ManagedSystem::on_event(const sim::Event& event) {
    if (const MemoryStep* const step = event.as<MemoryStep>()) {
        State::Record* const changed = state_->record_of(step->lpar_id);
        PVMSIM_ASSERT(changed != nullptr);
        state_->advance_memory(*changed);
        return;
    }
    if (const PagingViosSilent* const silent = event.as<PagingViosSilent>()) {
        state_->give_up_silent(silent->lpar_id);
        return;
    }
    const FirmwareReady* const ready = event.as<FirmwareReady>();
    PVMSIM_ASSERT(ready != nullptr);
    State::Record* const record = state_->record_of(ready->lpar_id);
    PVMSIM_ASSERT(record != nullptr);
    PVMSIM_ASSERT(record->partition.state == PartitionState::kStarting);
    record->firmware = {};
    state_->hand_over_to_software(*record);
}

/// A partition without software (tests, reserved partitions) runs as soon as its firmware is done.
void ManagedSystem::State::hand_over_to_software(Record& record) {
    if (record.partition.software != nullptr) {
        record.partition.software->on_boot();
        return;
    }
    record.partition.state = PartitionState::kRunning;
    tell(record, "lpar-running", "Running");
}

void ManagedSystem::report_running(PartitionId id) {
    State::Record* const record = state_->record_of(id);
    PVMSIM_ASSERT(record != nullptr);
    Partition& partition = record->partition;
    if (partition.state == PartitionState::kRunning) return;
    PVMSIM_ASSERT(partition.state == PartitionState::kStarting);
    partition.state = PartitionState::kRunning;
    state_->tell(*record, "lpar-running", "Running");
}

void ManagedSystem::report_stopped(PartitionId id) {
    State::Record* const record = state_->record_of(id);
    PVMSIM_ASSERT(record != nullptr);
    PVMSIM_ASSERT(is_executing(record->partition.state));
    state_->power_off(*record, StopReason::kShutdown);
}

void ManagedSystem::State::stop_execution(Record& record) {
    Partition& partition = record.partition;
    engine.cancel(record.firmware);
    end_memory_operation(record, partition.name + " ended");
    PVMSIM_ASSERT(record.is_dispatched);
    processors->remove(engine.now(), partition.id);
    record.is_dispatched = false;
    count_shared_cores();
    crq_transport.fail_partition(partition.id);
    ethernet.fail_partition(partition.id);
    for (const sim::EntityId entity_id : partition.entities) engine.forget_pending(entity_id);
    partition.hung = false;
}

void ManagedSystem::State::power_off(Record& record, StopReason reason) {
    Partition& partition = record.partition;
    const bool was_executing = is_executing(partition.state);
    if (was_executing) stop_execution(record);
    take_back(record);
    partition.state = PartitionState::kNotActivated;
    tell(record, reason == StopReason::kShutdown ? "lpar-shut-down" : "lpar-power-off",
         reason == StopReason::kShutdown ? "Not Activated: shut down" : "Not Activated: powered off immediately");
    if (was_executing && partition.software != nullptr) partition.software->on_stopped(reason);
}

Result<void> ManagedSystem::shutdown(PartitionId id) {
    PVMSIM_TRY_ASSIGN(State::Record* const record, state_->find_record(id));
    Partition& partition = record->partition;
    if (partition.state != PartitionState::kRunning || partition.hung)
        return wrong_state(partition, "shut down", "Running and responding; power it off immediately instead");
    partition.state = PartitionState::kShuttingDown;
    state_->tell(*record, "lpar-shutdown", "Shutting Down: asked the operating system");
    if (partition.software != nullptr) {
        partition.software->on_shutdown();
    } else {
        state_->power_off(*record, StopReason::kShutdown);
    }
    return {};
}

Result<void> ManagedSystem::power_off(PartitionId id) {
    PVMSIM_TRY_ASSIGN(State::Record* const record, state_->find_record(id));
    if (record->partition.state == PartitionState::kNotActivated)
        return wrong_state(record->partition, "power off", "activated");
    state_->power_off(*record, StopReason::kPowerOff);
    return {};
}

Result<void> ManagedSystem::crash(PartitionId id) {
    PVMSIM_TRY_ASSIGN(State::Record* const record, state_->find_record(id));
    Partition& partition = record->partition;
    if (!is_executing(partition.state)) return wrong_state(partition, "crash", "Running");
    state_->stop_execution(*record);
    partition.state = PartitionState::kError;
    state_->tell(*record, "lpar-crash", "Error: the operating system crashed");
    if (partition.software != nullptr) partition.software->on_stopped(StopReason::kCrash);
    return {};
}

Result<void> ManagedSystem::hang(PartitionId id) {
    PVMSIM_TRY_ASSIGN(State::Record* const record, state_->find_record(id));
    Partition& partition = record->partition;
    if (partition.state != PartitionState::kRunning || partition.hung)
        return wrong_state(partition, "hang", "Running and responding");
    partition.hung = true;
    for (const sim::EntityId entity : partition.entities) state_->engine.hold(entity);
    state_->watch_silence(id);
    state_->tell(*record, "lpar-hang", "Running, but the operating system does not respond");
    if (partition.software != nullptr) partition.software->on_hang();
    return {};
}

Result<void> ManagedSystem::resume(PartitionId id) {
    PVMSIM_TRY_ASSIGN(State::Record* const record, state_->find_record(id));
    Partition& partition = record->partition;
    if (!partition.hung) return wrong_state(partition, "resume", "hung");
    partition.hung = false;
    for (const sim::EntityId entity : partition.entities) state_->engine.release(entity);
    state_->heard_again(id);
    state_->tell(*record, "lpar-resume", "Running: the operating system responds again");
    if (partition.software != nullptr) partition.software->on_resume();
    return {};
}

}  // namespace pvmsim::hypervisor
