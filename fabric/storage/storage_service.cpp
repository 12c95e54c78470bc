// The way of a command through an array: accepted, in order into service, performed, answered through the same port.
//
// Reservations follow SCSI-2: while one initiator holds a unit, others get a conflict for everything but INQUIRY,
// REPORT LUNS and RELEASE (which does nothing for them).
#include "fabric/storage/events.hpp"
#include "fabric/storage/storage_state.hpp"

namespace pvmsim::fabric {
namespace {

bool passes_reservation(wire::ScsiOperation operation) {
    return operation == wire::ScsiOperation::kInquiry || operation == wire::ScsiOperation::kReportLuns ||
           operation == wire::ScsiOperation::kRelease;
}

bool moves_data(wire::ScsiOperation operation) {
    return operation == wire::ScsiOperation::kRead || operation == wire::ScsiOperation::kWrite;
}

}  // namespace

void StorageArray::on_command(FcPort& port, const FcpCommand& command) {
    state_->accept({&port, command, port.login_serial(command.source), port.login_serial(command.destination)});
}

void StorageArray::on_event(const sim::Event& event) {
    const auto* served = event.as<CommandServed>();
    PVMSIM_ASSERT(served != nullptr);
    state_->finish(served->place);
}

void StorageArray::State::accept(const Task& task) {
    if (!free_places.empty()) return start_service(task);
    if (waiting.size() < config.queue_max) return waiting.push_back(task);
    ++counters.refused_busy;
    answer(task, wire::ScsiStatus::kBusy);
}

void StorageArray::State::start_service(const Task& task) {
    const auto place = free_places.back();
    free_places.pop_back();
    places[place] = task;
    engine.schedule_in(service_time(task.command.command.operation), entity, CommandServed{place});
}

sim::Duration StorageArray::State::service_time(wire::ScsiOperation operation) {
    if (!moves_data(operation)) return config.control_time + extra_latency;
    if (!config.service_time_exponential) return config.service_time + extra_latency;
    return service_random.exponential(config.service_time) + extra_latency;
}

void StorageArray::State::finish(std::uint32_t place) {
    const Task task = places[place];
    free_places.push_back(place);
    // A task whose initiator or port has gone meanwhile went with it: nothing is performed, nobody is answered.
    if (logins_unchanged(task)) {
        answer(task, perform(task));
    } else {
        ++counters.lost;
    }
    while (!free_places.empty() && !waiting.empty()) {
        const Task next = waiting.front();
        waiting.pop_front();
        if (logins_unchanged(next)) {
            start_service(next);
        } else {
            ++counters.lost;
        }
    }
}

bool StorageArray::State::logins_unchanged(const Task& task) const {
    return task.source_serial != 0 && task.port->login_serial(task.command.source) == task.source_serial &&
           task.port->login_serial(task.command.destination) == task.port_serial;
}

StorageArray::State::Lun* StorageArray::State::visible_lun(wire::LunNumber number, Initiator who) {
    const auto index = number.value() >> 48 & (kLunsMax - 1);
    if (who == kNoInitiator || index >= luns.size() || !luns[index].visible_to[who]) return nullptr;
    return &luns[index];
}

wire::ScsiStatus StorageArray::State::perform(const Task& task) {
    const auto& command = task.command.command;
    const auto who = initiator(task.port->wwpn_of(task.command.source));
    Lun* lun = visible_lun(command.lun, who);
    // REPORT LUNS asks the target, not a unit.
    if (command.operation == wire::ScsiOperation::kReportLuns) return wire::ScsiStatus::kGood;
    if (lun == nullptr) return wire::ScsiStatus::kNoSuchLun;

    auto& reservation = lun->reservation;
    const bool conflict = reservation.holder != kNoInitiator && reservation.holder != who;
    if (conflict && !passes_reservation(command.operation)) return wire::ScsiStatus::kReservationConflict;
    if (command.operation == wire::ScsiOperation::kReserve) {
        reservation = {who, task.command.source, task.source_serial};
    } else if (command.operation == wire::ScsiOperation::kRelease && !conflict) {
        reservation = {};
    }
    return wire::ScsiStatus::kGood;
}

void StorageArray::State::answer(const Task& task, wire::ScsiStatus status) {
    FcpResponse response{};
    response.source = task.command.destination;
    response.destination = task.command.source;
    response.response.tag = task.command.command.tag;
    response.response.status = status;
    if (task.port->send(response) == FcSendOutcome::kSent) {
        ++counters.served;
    } else {
        ++counters.lost;
    }
}

}  // namespace pvmsim::fabric
