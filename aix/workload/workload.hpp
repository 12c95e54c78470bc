// Workload: what runs in a partition: processor demand, transactions, I/O on its disks, requests over its interfaces;
// and what its user sees of failures. It starts with the system and stops with it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aix/os/operating_system.hpp"
#include "aix/workload/burst_load.hpp"
#include "aix/workload/disk_load.hpp"
#include "aix/workload/flow_load.hpp"
#include "aix/workload/memory_load.hpp"
#include "aix/workload/network_load.hpp"
#include "aix/workload/processor_load.hpp"

namespace pvmsim::aix {

struct WorkloadConfig {
    sim::SimTime start{std::chrono::seconds{10}};             ///< I/O and requests begin here at the earliest
    sim::Duration start_after_boot{std::chrono::seconds{5}};  ///< [PARAM] applications start after the system
    ProcessorLoadConfig processor;
    std::vector<BurstLoadConfig> bursts{};
    std::optional<MemoryLoadConfig> memory{};
    std::optional<DiskLoadConfig> disk;
    std::string only_disk;  ///< "hdisk1": `disk` is for this one alone; empty: for every disk of the system
};

class Workload : public SystemObserver, public DiskObserver {
  public:
    Workload(OperatingSystem& os, WorkloadConfig config);

    /// Before the run: requests over one interface.
    void add_network_load(NetworkInterface& interface, const NetworkLoadConfig& config);
    /// Before the run: a flow over one interface. The network knows this system already.
    void add_flow_load(FlowNetwork& network, NetworkInterface& interface, const FlowLoadConfig& config);
    /// Before the run: transactions besides those of the description.
    void add_burst_load(const BurstLoadConfig& config);

    [[nodiscard]] const std::vector<std::unique_ptr<DiskLoad>>& disk_loads() const { return disk_loads_; }
    [[nodiscard]] const std::vector<std::unique_ptr<NetworkLoad>>& network_loads() const { return network_loads_; }
    [[nodiscard]] const std::vector<std::unique_ptr<FlowLoad>>& flow_loads() const { return flow_loads_; }
    [[nodiscard]] const std::vector<std::unique_ptr<BurstLoad>>& burst_loads() const { return burst_loads_; }
    [[nodiscard]] MemoryLoad* memory_load() { return memory_load_.get(); }  ///< nullptr: none
    [[nodiscard]] const MemoryLoad* memory_load() const { return memory_load_.get(); }
    /// How long the partition itself was down, up to now.
    [[nodiscard]] sim::Duration own_downtime(sim::SimTime now) const;

    void on_system_up() override;
    void on_system_down() override;
    void on_disk_found(Disk& disk) override;

  private:
    OperatingSystem& os_;
    WorkloadConfig config_;
    ProcessorLoad processor_;
    std::unique_ptr<MemoryLoad> memory_load_;
    std::vector<std::unique_ptr<DiskLoad>> disk_loads_;
    std::vector<std::unique_ptr<NetworkLoad>> network_loads_;
    std::vector<std::unique_ptr<FlowLoad>> flow_loads_;
    std::vector<std::unique_ptr<BurstLoad>> burst_loads_;
    bool up_ = false;
    bool was_up_ = false;
    sim::SimTime start_at_;
    sim::SimTime down_since_;
    sim::Duration downtime_{0};
};

}  // namespace pvmsim::aix
