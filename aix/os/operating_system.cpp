// Boot, shutdown and the end of a system; see operating_system.hpp.
// Boot and shutdown take their time as one event each; what happens inside them (rc scripts, daemons) is left out.
#include "aix/os/operating_system.hpp"

#include <algorithm>
#include <utility>

#include "aix/os/events.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::aix {

OperatingSystem::OperatingSystem(sim::Engine& engine, hypervisor::ManagedSystem& system,
                                 hypervisor::PartitionId partition, OperatingSystemConfig config)
    : engine_(engine),
      system_(system),
      partition_(partition),
      config_(config),
      name_(system.partition(partition).name),
      path_(system.config().name + "/" + name_),
      entity_(engine.add(*this, path_)),
      processors_(engine, system, partition, path_ + "/processors", config.processors),
      memory_(engine, system, partition, processors_, path_ + "/memory", config.memory),
      disks_(std::make_unique<DiskManager>(*this)) {
    system_.install_software(partition_, *this);
    system_.adopt_entity(partition_, entity_);
    system_.adopt_entity(partition_, processors_.entity());
    system_.adopt_entity(partition_, memory_.entity());
}

OperatingSystem::~OperatingSystem() = default;

void OperatingSystem::adopt(std::unique_ptr<Device> device) {
    PVMSIM_ASSERT(find_device(device->name()) == nullptr);
    devices_.push_back(std::move(device));
}

Device* OperatingSystem::find_device(std::string_view name) {
    const auto found = std::ranges::find_if(devices_, [&](const auto& device) { return device->name() == name; });
    return found == devices_.end() ? nullptr : found->get();
}

std::string OperatingSystem::next_name(std::string_view prefix) const {
    for (std::uint32_t number = 0;; ++number) {
        auto name = std::string(prefix) + std::to_string(number);
        if (std::ranges::none_of(devices_, [&](const auto& device) { return device->name() == name; })) return name;
    }
}

void OperatingSystem::on_boot() {
    phase_ = SystemPhase::kBooting;
    engine_.schedule_in(config_.boot_time, entity_, BootFinished{});
}

void OperatingSystem::on_settled_start() {
    settled_start_ = true;
    processors_.start_settled();
    memory_.start();
    configure_all();
    phase_ = SystemPhase::kRunning;
    for (auto* observer : observers_) observer->on_system_up();
    settled_start_ = false;
}

void OperatingSystem::configure_all() {
    // By index: configuring an adapter may discover disks, which are appended and configured by the disk manager.
    for (std::size_t index = 0; index < devices_.size(); ++index)
        if (!devices_[index]->available()) devices_[index]->configure();
}

void OperatingSystem::on_shutdown() {
    phase_ = SystemPhase::kShuttingDown;
    for (auto* observer : observers_) observer->on_system_down();
    for (auto device = devices_.rbegin(); device != devices_.rend(); ++device)
        if ((*device)->available()) (*device)->close();
    engine_.schedule_in(config_.shutdown_time, entity_, ShutdownFinished{});
}

void OperatingSystem::on_stopped(hypervisor::StopReason) {
    const bool was_up = phase_ == SystemPhase::kRunning;
    phase_ = SystemPhase::kOff;
    processors_.stop();
    if (was_up)
        for (auto* observer : observers_) observer->on_system_down();
    memory_.stop();
    for (auto device = devices_.rbegin(); device != devices_.rend(); ++device) (*device)->unconfigure();
}

void OperatingSystem::on_event(const sim::Event& event) {
    if (event.is<BootFinished>()) {
        processors_.start();
        memory_.start();
        configure_all();
        phase_ = SystemPhase::kRunning;
        system_.report_running(partition_);
        for (auto* observer : observers_) observer->on_system_up();
    } else if (event.is<ShutdownFinished>()) {
        system_.report_stopped(partition_);
    }
}

void OperatingSystem::digest(sim::Digest& digest) const {
    digest.add(phase_);
    digest.add(errlog_.written());
}

}  // namespace pvmsim::aix
