// Commands of a virtual SCSI server adapter and the life of the device. The session is in host_session.cpp.
//
// The added latency contains the two trips through the CRQ, so the server's own share is what remains of it.
#include "vios/vscsi/host_adapter.hpp"

#include <algorithm>
#include <utility>

#include "aix/odm/predefined.hpp"
#include "aix/os/operating_system.hpp"
#include "sim/base/assert.hpp"
#include "vios/processor/io_costs.hpp"
#include "vios/vscsi/added_latency.hpp"
#include "vios/vscsi/events.hpp"

namespace pvmsim::vios {

namespace vscsi = aix::vscsi;
using wire::ScsiOperation;
using wire::ScsiStatus;

ScsiStatus status_for_client(ScsiStatus backing, bool fast_fail) {
    switch (backing) {
        case ScsiStatus::kGood:
        case ScsiStatus::kBusy:
        case ScsiStatus::kReservationConflict:
        case ScsiStatus::kCheckCondition:
            return backing;
        case ScsiStatus::kNoSuchLun:
        case ScsiStatus::kAdapterFailed:
        case ScsiStatus::kTransportError:
        case ScsiStatus::kTimeout:
        case ScsiStatus::kAborted:
            break;
    }
    return fast_fail ? ScsiStatus::kAdapterFailed : ScsiStatus::kCheckCondition;
}

VscsiHostAdapter::VscsiHostAdapter(aix::OperatingSystem& os, std::string name, hypervisor::SlotNumber slot)
    : Device(os, std::move(name), aix::no_attributes()), processor_(IoProcessor::of(os)), slot_(slot) {
    os.disks().observe(*this);
}

VirtualTargetDevice& VscsiHostAdapter::add_target(std::string device_name, aix::DiskIdentity backing) {
    PVMSIM_ASSERT(targets_.size() < vscsi::kUnitsMax);
    const auto lun = vscsi::lun_of_unit(static_cast<std::uint32_t>(targets_.size()));
    auto& target = os().add_device<VirtualTargetDevice>(std::move(device_name), lun, backing);
    targets_.push_back(&target);
    if (available()) target.configure();
    if (auto* disk = os().disks().find(backing); disk != nullptr && disk->available()) on_disk_reported(*disk);
    return target;
}

VirtualTargetDevice* VscsiHostAdapter::find_target(wire::LunNumber lun) const {
    const std::uint64_t unit = (lun.value() >> 56) - 0x81;
    if (unit >= targets_.size() || targets_[unit]->lun() != lun) return nullptr;
    return targets_[unit]->ready() ? targets_[unit] : nullptr;
}

// --- commands ---

void VscsiHostAdapter::execute(const wire::ScsiCommand& command) {
    if (phase_ != VscsiHostPhase::kLoggedIn) return;
    if (command.operation == ScsiOperation::kReportLuns) {
        vscsi::UnitSet units;
        for (std::uint32_t unit = 0; unit < targets_.size(); ++unit)
            if (targets_[unit]->ready()) units.add(unit);
        return reply(vscsi::report_luns_response(command.tag, units));
    }
    auto* target = find_target(command.lun);
    if (target == nullptr) {
        ++counters_.errors;
        return reply(vscsi::response({.tag = command.tag, .status = ScsiStatus::kNoSuchLun}));
    }
    if (command.operation == ScsiOperation::kInquiry && command.block == vscsi::kDeviceIdentificationPage)
        return reply(vscsi::identification_response(command.tag, target->backing(), target->disk()->size_bytes()));
    if (in_service_ == vscsi::kRequestLimit) return punish_violation();
    pass_to_disk(*target, command);
}

void VscsiHostAdapter::pass_to_disk(VirtualTargetDevice& target, const wire::ScsiCommand& command) {
    const auto cookie = commands_.add({.tag = command.tag, .size_bytes = command.size_bytes, .session = session_});
    ++in_service_;
    ++counters_.commands;
    counters_.bytes += command.size_bytes;
    const bool asks_disk = command.operation == ScsiOperation::kInquiry;
    target.disk()->submit({.user = this,
                           .cookie = cookie,
                           .operation = asks_disk ? ScsiOperation::kTestUnitReady : command.operation,
                           .block = asks_disk ? 0 : command.block,
                           .size_bytes = command.size_bytes});
}

void VscsiHostAdapter::on_request_done(std::uint32_t cookie, ScsiStatus status, std::uint32_t) {
    Command* const found = commands_.find(cookie);
    if (found == nullptr) return;
    // All of the command's processor time falls due here; the published latency contains it as it is at full speed.
    const auto wait = processor_.charge_for_wait(vscsi_cycles(found->size_bytes, VscsiBacking::kPhysicalVolume));
    if (found->session != session_) return commands_.remove(cookie);
    found->status = status_for_client(status, fast_fail_);
    const auto transits = 2 * os().system().config().crq_latency;
    const auto own_share = std::max(sim::Duration{0}, vscsi_added_latency(found->size_bytes) - transits);
    engine().schedule_in(own_share + wait, entity(), VscsiAnswerDue{cookie});
}

void VscsiHostAdapter::answer(std::uint32_t cookie) {
    Command* const found = commands_.find(cookie);
    if (found == nullptr) return;
    if (found->session == session_) {
        const auto sent = crq().send(crq_id_, vscsi::response({.tag = found->tag, .status = found->status}));
        if (sent == hypervisor::HcallStatus::kDropped) {
            engine().schedule_in(kAnswerRetryDelay, entity(), VscsiAnswerDue{cookie});
            return;
        }
        --in_service_;
        if (found->status != ScsiStatus::kGood) ++counters_.errors;
    }
    commands_.remove(cookie);
}

/// The adapter's own answers. A client that is gone needs none; one that does not take its entries asks again.
void VscsiHostAdapter::reply(const hypervisor::CrqMessage& message) { (void)crq().send(crq_id_, message); }

void VscsiHostAdapter::Command::digest(sim::Digest& digest) const {
    digest.add(tag);
    digest.add(size_bytes);
    digest.add(session);
    digest.add(status);
}

// --- the device ---

void VscsiHostAdapter::on_configure() { open_queue(); }

void VscsiHostAdapter::close() {
    if (phase_ == VscsiHostPhase::kClosed) return;
    end_session();
    phase_ = VscsiHostPhase::kClosed;
    crq().free_queue(crq_id_);
}

void VscsiHostAdapter::on_unconfigure() {
    end_session();
    phase_ = VscsiHostPhase::kClosed;
    if (os().phase() != aix::SystemPhase::kOff) return;
    // The whole system ended: the disks have forgotten what they had in service, and must be found again.
    commands_.clear();
    for (auto* target : targets_) target->disk_lost();
}

void VscsiHostAdapter::on_disk_reported(aix::Disk& disk) {
    for (auto* target : targets_)
        if (target->backing() == disk.identity()) target->disk_reached(disk);
    try_login();
}

void VscsiHostAdapter::on_event(const sim::Event& event) {
    if (const auto* arrived = event.as<hypervisor::CrqArrived>()) {
        crq().take(crq_id_);
        receive(arrived->message);
    } else if (const auto* due = event.as<VscsiAnswerDue>()) {
        answer(due->cookie);
    } else if (const auto* over = event.as<VscsiLoginGraceOver>()) {
        if (over->session != session_) return;
        grace_over_ = true;
        try_login();
    }
}

void VscsiHostAdapter::digest(sim::Digest& digest) const {
    Device::digest(digest);
    digest.add(slot_);
    digest.add(phase_);
    for (const auto* target : targets_) digest.add(target->lun());
    digest.add(session_);
    digest.add(client_);
    digest.add(fast_fail_);
    digest.add(grace_over_);
    commands_.digest(digest);
    digest.add(in_service_);
    digest.add(counters_.commands);
    digest.add(counters_.bytes);
    digest.add(counters_.errors);
    digest.add(counters_.logins);
    digest.add(counters_.violations);
}

}  // namespace pvmsim::vios
