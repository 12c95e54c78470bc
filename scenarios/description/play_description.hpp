// What a scenario file says will happen, and what is expected of it. Plain data, checked by the loader.
// Steps are in the order of their times; steps of the same time in the order of the file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenarios/description/system_description.hpp"

namespace pvmsim::scenarios {

enum class FaultKind : std::uint8_t {
    kPowerOff,        ///< partition: immediate power off; repair activates it
    kShutdown,        ///< partition: orderly; repair activates it
    kCrash,           ///< partition: its operating system dies; repair activates it
    kHang,            ///< partition: stops executing; repair lets it go on
    kLinkDown,        ///< cable of "system/C2-T1", "array/A-P0" or "sw1/sw2" broken in both directions
    kCableHalfOpen,   ///< Ethernet cable broken in one direction (side: near hears nothing, or far)
    kPortDown,        ///< the switch port at the end of that cable is shut
    kSwitchDown,      ///< Ethernet or FC switch without power
    kControllerDown,  ///< "array/A"
    kHostDown,        ///< a LAN host stops answering
    kSlow,            ///< switch or array: extra latency
};

struct FaultStep {
    FaultKind kind;
    bool repair = false;
    std::string target;
    fabric::CableSide side = fabric::CableSide::kNearHearsNothing;
    sim::Duration latency{0};
};

/// `{ at: 60s, on: vios1, chdev: ent8, attr: { ha_mode: standby } }`
struct ChdevStep {
    std::string partition;
    std::string device;
    AttributeValues attributes;
};

/// `{ at: 60s, on: hmc, chhwres: proc, partition: app1, attr: { proc_units: 1.5, procs: 2 } }`
struct ProcessorChangeStep {
    std::string partition;
    hypervisor::ProcessorChange change{};
    AttributeValues attributes{};  ///< as written
};

/// `{ at: 60s, on: hmc, chhwres: procpool, system: p740, pool: SharedPool01, attr: { max_pool_proc_units: 2 } }`
struct PoolChangeStep {
    std::string system;
    hypervisor::PoolId pool{};
    std::optional<std::uint32_t> max_pool_proc_units{};
    std::optional<hypervisor::ProcUnits> reserved_pool_proc_units{};
    std::string pool_name{};       ///< as written
    AttributeValues attributes{};  ///< as written
};

/// `{ at: 60s, on: app1, schedo: { vpm_xvcpus: -1 } }` and `{ at: 60s, on: app1, smtctl: 2 }`
struct ProcessorsStep {
    std::string partition;
    std::optional<std::int32_t> vpm_xvcpus{};
    std::optional<std::uint32_t> smt{};
};

/// `{ at: 60s, on: hmc, chhwres: mem, partition: app1, op: add, quantity: 2GB, attr: { mem_weight: 200 } }`
struct MemoryChangeStep {
    std::string partition;
    std::string op{};  ///< add, remove, move, set; empty: attributes only
    std::uint64_t quantity_mib = 0;
    std::string to{};  ///< of a move
    std::optional<std::uint8_t> mem_weight{};
    std::optional<std::uint64_t> desired_io_entitled_mem_mib{};
    AttributeValues attributes{};  ///< as written
};

/// `{ at: 60s, on: hmc, chhwres: mempool, system: p740, attr: { pool_mem: 24GB, mem_dedup: 1 } }`
struct MemoryPoolChangeStep {
    std::string system;
    std::optional<std::uint64_t> pool_mem_mib{};
    std::optional<std::uint64_t> max_pool_mem_mib{};
    std::optional<bool> mem_dedup{};
    std::optional<std::uint32_t> dedup_table_ratio{};
    AttributeValues attributes{};  ///< as written
};

/// `{ at: 60s, on: hmc, chhwres: eth, partition: vios1, slot: V10, attr: { "addl_vlan_ids+": 300 } }`
struct VirtualEthernetStep {
    std::string partition;
    hypervisor::SlotNumber slot{};
    std::optional<std::vector<wire::VlanId>> vlans{};  ///< addl_vlan_ids: the whole list
    std::vector<wire::VlanId> add{};                   ///< addl_vlan_ids+
    std::vector<wire::VlanId> remove{};                ///< addl_vlan_ids-
    AttributeValues attributes{};                      ///< as written
};

/// `{ at: 60s, on: hmc, chhwres: vswitch, system: p740, vswitch: ETHERNET1, attr: { switch_mode: VEPA } }`
struct VirtualSwitchStep {
    std::string system;
    std::string vswitch{};
    hypervisor::SwitchMode mode = hypervisor::SwitchMode::kVeb;
    AttributeValues attributes{};  ///< as written
};

/// `{ at: 60s, on: app1, vmo: { ams_loan_policy: 0 } }` and `{ at: 60s, on: app1, update_os: "7100-04" }`
struct OperatingSystemStep {
    std::string partition;
    std::optional<std::uint32_t> ams_loan_policy{};
    std::string update_os{};
};

/// `{ at: 60s, on: app1, workload: { memory: { working_set: 8GB } } }`
struct WorkloadStep {
    std::string partition;
    std::uint64_t working_set_bytes = 0;
};

/// One of these.
struct TimelineStep {
    sim::SimTime at;
    std::optional<FaultStep> fault{};
    std::optional<ChdevStep> chdev{};
    std::optional<ProcessorChangeStep> processors{};
    std::optional<PoolChangeStep> pool{};
    std::optional<ProcessorsStep> tuning{};
    std::optional<MemoryChangeStep> memory{};
    std::optional<MemoryPoolChangeStep> memory_pool{};
    std::optional<VirtualEthernetStep> ethernet{};
    std::optional<VirtualSwitchStep> vswitch{};
    std::optional<OperatingSystemStep> operating_system{};
    std::optional<WorkloadStep> workload{};
};

/// `watch: { every: 5s, partitions: [app1], pools: true }`: rows over time, printed after the run.
struct WatchDescription {
    sim::Duration every{0};  ///< 0: nothing is watched
    std::vector<std::string> partitions;
    bool processors = true;
    bool pools = false;
    bool memory = false;
    bool network = false;
    std::vector<std::string> amepat;  ///< partitions in which it is called at the end
};

/// "< 5s", "<= 3", "0", "30s..90s": what a measured value is compared with. Durations in seconds, memory in bytes.
struct Bound {
    std::string text;  ///< as written
    double low = 0;
    double high = 0;
    bool low_included = true;
    bool high_included = true;

    [[nodiscard]] bool holds(double value) const {
        return (low_included ? value >= low : value > low) && (high_included ? value <= high : value < high);
    }
};

/// What is expected of memory; the first of a partition, then of a server.
struct MemoryExpectation {
    std::optional<Bound> assigned_mem;
    std::optional<Bound> pmem;
    std::optional<Bound> loaned;
    std::optional<Bound> page_ins;
    std::optional<Bound> page_in_mean;
    std::optional<Bound> page_in_max;
    std::optional<Bound> memory_stall;
    std::optional<Bound> memory_deficit;
    std::optional<Bound> ame_cpu;
    std::optional<Bound> coalesced;  ///< of either
    std::optional<Bound> pool_used;
    std::optional<Bound> hypervisor_mem;
    std::optional<Bound> available_mem;
    std::string overcommitment;  ///< "none", "logically", "physically"
};

/// What is expected of flows, and of who bridges them.
struct FlowExpectation {
    std::string flow;             ///< of this name; empty: the worst of all
    std::optional<Bound> outage;  ///< longest
    std::optional<Bound> outage_total;
    std::optional<Bound> rate;   ///< bytes a second
    std::optional<Bound> lost;   ///< bytes
    std::optional<Bound> cores;  ///< of a VIOS
};

/// One line under `expect:`. `clients` names partitions; a range "app[01-20]" and `all` are resolved by the loader.
struct Expectation {
    std::vector<std::string> clients;
    std::vector<std::string> systems;     ///< instead of clients
    std::string interface;                ///< "en0", or empty: the worst of all
    std::uint16_t vlan = 0;               ///< 0: the worst of all
    std::string disk;                     ///< "hdisk0", or empty: the worst of all
    std::optional<Bound> network_outage;  ///< longest
    std::optional<Bound> network_outage_total;
    std::optional<Bound> disk_outage;  ///< longest
    std::optional<Bound> requests_lost;
    std::optional<Bound> packets_duplicated;
    std::optional<Bound> packets_reordered;
    std::optional<Bound> io_errors;
    std::optional<Bound> io_retries;
    std::optional<Bound> physc_mean;
    std::optional<Bound> dispatch_latency;  ///< longest
    std::optional<Bound> response_mean;     ///< of bursts
    std::optional<Bound> response_p99;
    MemoryExpectation memory;
    FlowExpectation flows;
    std::string sea;    ///< of `clients` (VIOSes): the SEA whose final state is judged
    std::string state;  ///< "PRIMARY", "BACKUP", ...
};

}  // namespace pvmsim::scenarios
