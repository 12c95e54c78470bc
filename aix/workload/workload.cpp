// Starting and stopping the loads with their system; see workload.hpp.
// A disk found while the system runs (a path came late) gets its load at once.
#include "aix/workload/workload.hpp"

#include <algorithm>
#include <utility>

namespace pvmsim::aix {

Workload::Workload(OperatingSystem& os, WorkloadConfig config)
    : os_(os),
      config_(std::move(config)),
      processor_(os.engine(), os.processors(), os.path() + "/workload/processor", config_.processor) {
    os.system().adopt_entity(os.partition_id(), processor_.entity());
    os.observe(*this);
    os.disks().observe(*this);
    for (const auto& bursts : config_.bursts) add_burst_load(bursts);
    if (!config_.memory) return;
    memory_load_ = std::make_unique<MemoryLoad>(os.engine(), os.memory(), os.processors(),
                                                os.path() + "/workload/memory", *config_.memory);
    os.system().adopt_entity(os.partition_id(), memory_load_->entity());
}

void Workload::add_burst_load(const BurstLoadConfig& config) {
    const auto path = os_.path() + "/workload/transactions-" + std::to_string(burst_loads_.size());
    burst_loads_.push_back(
        std::make_unique<BurstLoad>(os_.engine(), os_.system(), os_.partition_id(), os_.processors(), path, config));
    os_.system().adopt_entity(os_.partition_id(), burst_loads_.back()->entity());
}

void Workload::add_network_load(NetworkInterface& interface, const NetworkLoadConfig& config) {
    const auto number = static_cast<std::uint32_t>(network_loads_.size());
    const auto path = os_.path() + "/workload/" + interface.name() + "-" + std::to_string(number);
    network_loads_.push_back(std::make_unique<NetworkLoad>(os_.engine(), interface, path, number, config));
    os_.system().adopt_entity(os_.partition_id(), network_loads_.back()->entity());
}

void Workload::add_flow_load(FlowNetwork& network, NetworkInterface& interface, const FlowLoadConfig& config) {
    const auto path = os_.path() + "/workload/flow-" + std::to_string(flow_loads_.size());
    flow_loads_.push_back(std::make_unique<FlowLoad>(os_.engine(), network, interface, path, config));
    os_.system().adopt_entity(os_.partition_id(), flow_loads_.back()->entity());
}

void Workload::on_disk_found(Disk& disk) {
    if (!config_.disk || (!config_.only_disk.empty() && disk.name() != config_.only_disk)) return;
    const auto path = os_.path() + "/workload/" + disk.name();
    disk_loads_.push_back(std::make_unique<DiskLoad>(os_.engine(), disk, path, *config_.disk));
    os_.system().adopt_entity(os_.partition_id(), disk_loads_.back()->entity());
    if (up_) disk_loads_.back()->start(start_at_);
}

void Workload::on_system_up() {
    const auto now = os_.engine().now();
    // The first start waits for the site to settle; after a boot the applications need their time.
    start_at_ = was_up_ ? now + config_.start_after_boot : std::max(config_.start, now);
    if (was_up_) downtime_ += now - down_since_;
    up_ = was_up_ = true;
    processor_.start();
    if (memory_load_) memory_load_->start(std::max(config_.memory->start, now));
    for (auto& load : disk_loads_) load->start(start_at_);
    for (auto& load : network_loads_) load->start(start_at_);
    for (auto& load : flow_loads_) load->start(start_at_);
    for (auto& load : burst_loads_) load->start(std::max(load->config().start, start_at_));
}

void Workload::on_system_down() {
    up_ = false;
    down_since_ = os_.engine().now();
    processor_.stop();
    if (memory_load_) memory_load_->stop();
    for (auto& load : disk_loads_) load->stop();
    for (auto& load : network_loads_) load->stop();
    for (auto& load : flow_loads_) load->stop();
    for (auto& load : burst_loads_) load->stop();
}

sim::Duration Workload::own_downtime(sim::SimTime now) const {
    return downtime_ + (was_up_ && !up_ ? now - down_since_ : sim::Duration{0});
}

}  // namespace pvmsim::aix
