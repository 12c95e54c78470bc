// RunResult: what a run found, as plain data; printed as tables (report.hpp) or JSON (results_json.hpp,
// docs/results.md). No pointers into the site: it outlives the run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "aix/workload/burst_load.hpp"
#include "aix/workload/disk_load.hpp"
#include "aix/workload/network_load.hpp"
#include "hypervisor/units.hpp"
#include "scenarios/description/play_description.hpp"
#include "scenarios/play/memory_meter.hpp"
#include "scenarios/play/meter.hpp"
#include "scenarios/play/network_meter.hpp"
#include "scenarios/play/player.hpp"
#include "scenarios/results/memory_result.hpp"
#include "scenarios/results/network_result.hpp"
#include "sim/base/time.hpp"

namespace pvmsim::scenarios {

struct ProcessorResult {
    hypervisor::ProcUnits entitled;       ///< of the running configuration; of the profile when not running
    double physc_mean = 0;                ///< over the whole run
    double physc_max = 0;                 ///< highest rate granted
    std::uint32_t online = 0;             ///< virtual processors, at the end
    std::uint32_t unfolded = 0;           ///< likewise
    hypervisor::Consumption consumed;     ///< since its activation
    hypervisor::CoreTime entitled_time;   ///< entitlement times time, since its activation
    hypervisor::CoreTime idle_time;       ///< idle threads on dispatched cores
    hypervisor::DispatchCounts counts;    ///< exact mode
    sim::Duration latency_max{0};         ///< exact mode: longest dispatch latency
    std::vector<ProcessorSample> series;  ///< on request
};

struct InterfaceResult {
    std::string name;  ///< "en0"
    std::uint16_t vlan = 0;
    std::string to;  ///< the host asked
    aix::NetworkLoadResult load;
};

struct PathResult {
    std::string adapter;
    std::string state;
};

struct DiskResult {
    std::string name;  ///< "hdisk0"
    std::string unit;  ///< "ds1.app01_root"
    std::uint64_t path_failures = 0;
    std::vector<PathResult> paths;
    aix::DiskLoadResult load;
};

struct SeaResult {
    std::string name;
    std::string state;  ///< at the end
    std::uint64_t times_primary = 0;
    std::uint64_t times_backup = 0;
    SeaTraffic traffic{};
};

struct PartitionResult {
    std::string name;
    std::string system;
    std::uint16_t lpar_id = 0;
    std::string environment;
    std::string state;
    std::uint64_t memory_mib = 0;
    sim::Duration own_downtime{0};  ///< the partition itself was down this long
    ProcessorResult processor;
    MemoryMeasures memory;
    std::optional<aix::BurstLoadResult> bursts;
    std::vector<InterfaceResult> interfaces;
    std::vector<DiskResult> disks;
    std::vector<SeaResult> seas;
    std::vector<FlowResult> flows{};
    sim::Duration sender_scarce{0};   ///< its flows wanted more of its processors for sending than it could have
    std::vector<VlanResult> vlans{};  ///< in which it has load
    std::vector<NetworkSample> network_series{};  ///< on request
    std::optional<ServerTraffic> server{};        ///< of a VIOS that bridges, when the site has flows
    std::uint64_t error_log_entries = 0;
};

struct PoolResult {
    std::uint32_t id = 0;
    std::string name;
    double cores = 0;     ///< pool 0: processors that are not dedicated; else the maximum
    double reserved = 0;  ///< processing units
    double entitled = 0;  ///< of its partitions, and the reserve
    hypervisor::PoolUse use;
    double capacity_mean = 0;
    double used_mean = 0;
};

struct SystemResult {
    std::string name;
    std::string type_model;
    std::string serial_num;
    std::string dispatch;  ///< "fluid" or "exact"
    bool dispatch_auto = false;
    double cores = 0;
    std::uint64_t memory_mib = 0;
    std::uint64_t memory_available_mib = 0;
    SystemMemoryMeasures memory;
    PoolResult physical_pool;
    std::vector<PoolResult> pools;  ///< those that are active
};

/// What `watch:` asks for, to be printed as rows over time.
struct WatchResult {
    struct Partition {
        std::string name;
        bool exact = false;
        std::vector<ProcessorSample> samples;
        std::vector<MemorySample> memory;
        std::vector<NetworkSample> network{};
    };
    struct System {
        std::string name;
        std::vector<PoolSample> samples;
        std::vector<MemoryPoolSample> memory;
    };
    std::vector<Partition> partitions;
    std::vector<System> systems;
    bool memory = false;
    std::vector<std::pair<std::string, std::string>> amepat;  ///< partition, its report
};

struct Verdict {
    std::string subject;   ///< "app01", "vios2/ent8"
    std::string measure;   ///< "network_outage"
    std::string expected;  ///< "< 5s"
    std::string found;     ///< "3.002 s"
    bool holds = false;
};

struct RunResult {
    std::string scenario;
    std::uint64_t seed = 0;
    std::uint64_t fingerprint = 0;
    std::uint64_t events = 0;
    sim::Duration simulated{0};
    std::vector<SystemResult> systems;
    std::vector<PartitionResult> partitions;
    NetworkResult network;
    std::vector<PlayedStep> timeline;
    std::vector<Verdict> expectations;
    WatchResult watch;
    std::string explain;

    [[nodiscard]] bool all_hold() const {
        for (const auto& verdict : expectations)
            if (!verdict.holds) return false;
        return true;
    }
};

}  // namespace pvmsim::scenarios
