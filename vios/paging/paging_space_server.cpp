// Requests of the hypervisor, devices that come and go, and the life of the service.
//
// What a request takes beyond the disk: virtual SCSI's added latency at 4 KiB, with MemoryPoolConfig::paging_latency in
// place of the two trips through the CRQ that it contains.
#include "vios/paging/paging_space_server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "aix/odm/predefined.hpp"
#include "aix/os/operating_system.hpp"
#include "hypervisor/memory/page.hpp"
#include "sim/base/assert.hpp"
#include "vios/paging/events.hpp"
#include "vios/processor/io_costs.hpp"
#include "vios/vscsi/added_latency.hpp"

namespace pvmsim::vios {

using hypervisor::CoreRate;
using hypervisor::PartitionId;
using wire::ScsiOperation;
using wire::ScsiStatus;

namespace {

constexpr std::uint64_t kBlockBytes = 512;
constexpr std::uint64_t kBlocksInPage = hypervisor::kPageBytes / kBlockBytes;
constexpr std::string_view kVasiName = "vasi0";
constexpr std::string_view kVbsdName = "vbsd0";
/// [PARAM] our choice after one recorded stream id, 0x2000010000000000: the client's lpar_id inside of it.
constexpr std::uint64_t kStreamIdBase = 0x2000'0000'0000'0000;
constexpr std::uint32_t kStreamIdShift = 40;

/// Whether the disk was reached, whatever it said.
bool is_reached(ScsiStatus status) {
    switch (status) {
        case ScsiStatus::kGood:
        case ScsiStatus::kCheckCondition:
        case ScsiStatus::kBusy:
        case ScsiStatus::kReservationConflict:
            return true;
        case ScsiStatus::kNoSuchLun:
        case ScsiStatus::kAdapterFailed:
        case ScsiStatus::kTransportError:
        case ScsiStatus::kTimeout:
        case ScsiStatus::kAborted:
            break;
    }
    return false;
}

}  // namespace

PagingSpaceServer& PagingSpaceServer::of(aix::OperatingSystem& os) {
    if (auto* const there = find(os)) return *there;
    os.add_device<PagingAdapter>(std::string(kVasiName), PagingAdapter::Kind::kVasi);
    os.add_device<PagingAdapter>(std::string(kVbsdName), PagingAdapter::Kind::kVbsd);
    return os.add_device<PagingSpaceServer>();
}

PagingSpaceServer* PagingSpaceServer::find(aix::OperatingSystem& os) {
    return dynamic_cast<PagingSpaceServer*>(os.find_device(kName));
}

PagingSpaceServer::PagingSpaceServer(aix::OperatingSystem& os)
    : Device(os, std::string(kName), aix::no_attributes()), processor_(IoProcessor::of(os)) {
    os.disks().observe(*this);
}

hypervisor::Result<PagingSpaceDevice*> PagingSpaceServer::add_device(const std::string& unit_name,
                                                                     std::uint64_t size_bytes) {
    const auto identity = aix::identity_of(unit_name);
    const std::uint64_t size_mib = size_bytes / hypervisor::kMebibyte;
    PVMSIM_TRY(os().system().add_paging_device(
        {.vios = os().partition_id(), .name = unit_name, .unit = identity.value, .size_mib = size_mib}));
    auto& device = os().add_device<PagingSpaceDevice>(os().next_name("vrmpage"), identity, size_mib);
    devices_.push_back(&device);
    if (available()) device.configure();
    if (auto* disk = os().disks().find(identity); disk != nullptr && disk->available()) on_disk_reported(*disk);
    return &device;
}

// --- requests ---

std::uint32_t PagingSpaceServer::device_of(PartitionId id) const {
    const hypervisor::PagingSpace* const space = os().system().paging_spaces().space_of(id);
    if (space == nullptr) return kNoDevice;
    for (std::uint32_t index = 0; index < devices_.size(); ++index)
        if (devices_[index]->backing().value == space->unit) return index;
    return kNoDevice;
}

bool PagingSpaceServer::serves(PartitionId id) const {
    const std::uint32_t device = device_of(id);
    return attached_ && device != kNoDevice && devices_[device]->usable();
}

void PagingSpaceServer::submit(const hypervisor::PagingRequest& request) {
    PVMSIM_ASSERT(attached_);
    const std::uint32_t device = device_of(request.lpar_id);
    const auto cookie = requests_.add({.tag = request.tag, .device = device, .is_page_out = request.is_page_out});
    ++in_service_;
    if (device == kNoDevice || !devices_[device]->usable()) {
        engine().schedule_in(sim::Duration{0}, entity(), PagingAnswerDue{cookie});
        return;
    }
    devices_[device]->disk()->submit({.user = this,
                                      .cookie = cookie,
                                      .operation = request.is_page_out ? ScsiOperation::kWrite : ScsiOperation::kRead,
                                      .block = request.page * kBlocksInPage,
                                      .size_bytes = kRequestBytes});
}

void PagingSpaceServer::on_request_done(std::uint32_t cookie, ScsiStatus status, std::uint32_t) {
    Request* const request = requests_.find(cookie);
    if (request == nullptr) return;
    if (request->is_check) {
        const std::uint32_t device = request->device;
        requests_.remove(cookie);
        return on_check_done(device, status);
    }
    const auto wait = processor_.charge_for_wait(vscsi_cycles(kRequestBytes, VscsiBacking::kPhysicalVolume));
    if (request->is_forgotten) return requests_.remove(cookie);
    request->succeeded = status == ScsiStatus::kGood;
    if (!is_reached(status)) lose(request->device);
    const auto& system = os().system();
    const auto transits = 2 * system.config().crq_latency;
    const auto own_share = std::max(sim::Duration{0}, vscsi_added_latency(kRequestBytes) - transits);
    const auto way = system.memory_sharing().pool().paging_latency;
    engine().schedule_in(own_share + way + wait, entity(), PagingAnswerDue{cookie});
}

void PagingSpaceServer::answer(std::uint32_t cookie) {
    const Request* const found = requests_.find(cookie);
    if (found == nullptr) return;
    const Request request = *found;
    requests_.remove(cookie);
    if (request.is_forgotten) return;
    --in_service_;
    if (!request.succeeded) {
        ++counters_.errors;
    } else if (request.is_page_out) {
        ++counters_.page_outs;
    } else {
        ++counters_.page_ins;
    }
    os().system().paging_done(os().partition_id(), request.tag, request.succeeded);
}

void PagingSpaceServer::forget_requests() {
    requests_.for_each([](Request& request) { request.is_forgotten = !request.is_check; });
    in_service_ = 0;
}

void PagingSpaceServer::Request::digest(sim::Digest& digest) const {
    digest.add(tag);
    digest.add(device);
    digest.add(is_check);
    digest.add(is_page_out);
    digest.add(is_forgotten);
    digest.add(succeeded);
}

// --- devices ---

void PagingSpaceServer::set_usable(PagingSpaceDevice& device, bool before) {
    if (device.usable() == before) return;
    os().system().set_paging_device_usable(os().partition_id(), device.backing().value, device.usable());
}

void PagingSpaceServer::on_disk_reported(aix::Disk& disk) {
    for (PagingSpaceDevice* const device : devices_) {
        if (device->backing() != disk.identity()) continue;
        const bool before = device->usable();
        device->reach(disk);
        if (!device->usable())
            milestone("paging-device-too-small",
                      fmt::format("{} ({}) has {} MB and not the {} MB that the shared memory pool was told; it cannot "
                                  "be used",
                                  device->name(), disk.name(), disk.size_bytes() / hypervisor::kMebibyte,
                                  device->size_mib()));
        if (attached_) set_usable(*device, before);
    }
}

void PagingSpaceServer::lose(std::uint32_t device) {
    PagingSpaceDevice& lost = *devices_[device];
    if (!lost.usable()) return;
    lost.lose();
    ++counters_.devices_lost;
    milestone("paging-device-lost", fmt::format("{} ({}) cannot be reached", lost.name(), lost.disk()->name()));
    set_usable(lost, true);
    engine().schedule_in(kDeviceCheckInterval, entity(), PagingDeviceCheckDue{device});
}

void PagingSpaceServer::check_device(std::uint32_t device) {
    if (!devices_[device]->lost()) return;
    devices_[device]->disk()->submit({.user = this,
                                      .cookie = requests_.add({.device = device, .is_check = true}),
                                      .operation = ScsiOperation::kTestUnitReady});
}

void PagingSpaceServer::on_check_done(std::uint32_t device, ScsiStatus status) {
    PagingSpaceDevice& lost = *devices_[device];
    if (!lost.lost() || !attached_) return;
    if (status != ScsiStatus::kGood) {
        engine().schedule_in(kDeviceCheckInterval, entity(), PagingDeviceCheckDue{device});
        return;
    }
    lost.reach(*lost.disk());
    milestone("paging-device-back", fmt::format("{} ({}) is reached again", lost.name(), lost.disk()->name()));
    set_usable(lost, false);
}

// --- deduplication ---

CoreRate PagingSpaceServer::spare_capacity() {
    if (!attached_ || !available()) return {};
    const auto id = os().partition_id();
    const hypervisor::Dispatcher& dispatcher = os().system().dispatcher();
    const CoreRate entitled = CoreRate::from(os().system().partition(id).given.proc_units);
    const CoreRate granted = dispatcher.granted(id);
    const CoreRate own = granted - std::min(granted, processor_.background_rate());
    const CoreRate limit = std::min(entitled, dispatcher.capacity(id));
    return limit - std::min(limit, own);
}

void PagingSpaceServer::charge_deduplication(std::int64_t cycles) {
    PVMSIM_ASSERT(cycles >= 0);
    counters_.deduplication_cycles += static_cast<std::uint64_t>(cycles);
    const hypervisor::SystemModel& model = os().system().model();
    const std::int64_t permille = io_cycles_per_second(model) / (std::int64_t{model.clock_mhz} * 1000);
    processor_.charge_background(cycles * permille / 1000);
}

// --- the device ---

void PagingSpaceServer::on_configure() {
    attached_ = true;
    os().system().attach_paging_server(os().partition_id(), *this);
}

/// Its devices are not usable before it is gone, so that nobody tries them once more.
void PagingSpaceServer::leave() {
    if (!attached_) return;
    attached_ = false;
    forget_requests();
    os().system().detach_paging_server(os().partition_id());
    for (PagingSpaceDevice* const device : devices_) {
        const bool before = device->usable();
        device->forget();
        set_usable(*device, before);
    }
}

void PagingSpaceServer::close() { leave(); }

void PagingSpaceServer::on_unconfigure() {
    leave();
    if (os().phase() != aix::SystemPhase::kOff) return;
    // The whole system ended: the disks have forgotten what they had in service.
    requests_.clear();
}

void PagingSpaceServer::on_event(const sim::Event& event) {
    if (const auto* due = event.as<PagingAnswerDue>()) {
        answer(due->cookie);
    } else if (const auto* check = event.as<PagingDeviceCheckDue>()) {
        check_device(check->device);
    }
}

std::vector<PagingMapping> PagingSpaceServer::mappings() const {
    const auto& system = os().system();
    std::vector<PagingMapping> lines;
    for (const PagingSpaceDevice* const device : devices_) {
        PagingMapping line{.paging = device->name(),
                           .backing = device->disk() == nullptr ? std::string{} : device->disk()->name(),
                           .vasi = std::string(kVasiName),
                           .pager = name(),
                           .vbsd = std::string(kVbsdName)};
        const hypervisor::PagingSpace* const space = system.paging_spaces().find(device->backing().value);
        if (space != nullptr && space->user != hypervisor::kNoPartition) {
            const bool is_ours =
                system.has_memory_pool() && system.memory_sharing().paging_vios(space->user) == os().partition_id();
            line.client_id = space->user;
            line.stream_id = kStreamIdBase + (std::uint64_t{space->user.value()} << kStreamIdShift);
            line.status = is_ours ? PagingMapping::Status::kActive : PagingMapping::Status::kRedundant;
            line.redundancy = space->is_redundant();
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

void PagingSpaceServer::digest(sim::Digest& digest) const {
    Device::digest(digest);
    digest.add(attached_);
    for (const auto* device : devices_) digest.add(device->backing().value);
    requests_.digest(digest);
    digest.add(in_service_);
    digest.add(counters_.page_ins);
    digest.add(counters_.page_outs);
    digest.add(counters_.errors);
    digest.add(counters_.devices_lost);
    digest.add(counters_.deduplication_cycles);
}

}  // namespace pvmsim::vios
