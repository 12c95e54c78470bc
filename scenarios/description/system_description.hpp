// What a scenario file says about servers and the partitions in them. Plain data, checked by the loader.
// Where the product has a name for something, the field has it (HMC, VIOS and AIX attribute names).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aix/memory/memory_config.hpp"
#include "aix/workload/disk_load.hpp"
#include "aix/workload/flow_load.hpp"
#include "aix/workload/memory_load.hpp"
#include "aix/workload/processor_load.hpp"
#include "hypervisor/managed_system.hpp"
#include "scenarios/description/fabric_description.hpp"
#include "vios/level/vios_level.hpp"
#include "vios/network/sea_vlans.hpp"

namespace pvmsim::scenarios {

/// One port of a physical adapter and where its cable goes; no switch: not cabled.
struct AdapterPortDescription {
    std::string name;                                 ///< "T1"
    LanPortDescription lan;                           ///< Ethernet adapters
    std::string fc_switch;                            ///< Fibre Channel adapters
    std::optional<wire::Wwpn> wwpn;                   ///< default: generated from system, slot and port
    std::optional<wire::MacAddress> mac;              ///< likewise
    std::uint32_t speed_mbps = fabric::kGigabitMbps;  ///< of the link; Ethernet adapters
};

struct AdapterDescription {
    hypervisor::PhysicalSlotConfig slot;
    std::vector<AdapterPortDescription> ports;
};

/// `ETHERNET1: { switch_mode: VEPA }`
struct VirtualSwitchDescription {
    std::string name;
    hypervisor::SwitchMode mode = hypervisor::SwitchMode::kVeb;
};

struct SystemDescription {
    hypervisor::SystemConfig config;  ///< config.slots is filled from `adapters`
    std::vector<VirtualSwitchDescription> vswitches;
    vios::ConsoleLevel hmc_level = vios::kConsoleLevelDefault;  ///< of the HMC that manages it
    std::vector<AdapterDescription> adapters;
    std::vector<std::string> paging_devices;  ///< of config.memory_pool: logical units "array.lun"
    bool dispatch_auto = false;               ///< config.dispatch was chosen by the length and size of the run
};

/// Attributes of devices as AIX and the VIOS name them; each applies to all devices of its type in the partition.
/// Values are the attribute's own text, checked against the attribute table of aix/.
using AttributeValues = std::vector<std::pair<std::string, std::string>>;

struct DeviceAttributesDescription {
    AttributeValues hdisk;  ///< algorithm, hcheck_interval, hcheck_mode, queue_depth, reserve_policy, rw_timeout
    AttributeValues vscsi;  ///< vscsi_err_recov, vscsi_path_to
    AttributeValues fscsi;  ///< fc_err_recov, dyntrk
    AttributeValues ent;    ///< of physical Ethernet ports: jumbo_frames, large_send, flow_ctrl
    std::map<std::string, std::uint32_t> path_priority;  ///< adapter name ("vscsi0") -> priority of its paths, 1 best
};

/// `ent9: { adapter_names: [C2-T1, C2-T2], backup_adapter: C3-T1, mode: 8023ad, hash_mode: src_dst_port }`
struct LinkAggregationDescription {
    std::string name;                        ///< the device's name
    std::vector<std::string> adapter_names;  ///< physical ports "C2-T1"; of a client virtual slots "V10", too
    std::string backup_adapter;              ///< may be empty
    AttributeValues attributes;              ///< mode, hash_mode, interval, ...
};

/// `ent8: { real_adapter: C2-T1, virt_adapters: [V10, V11], pvid_adapter: V10, pvid: 1, ctl_chan: V99, ha_mode: auto }`
struct SeaDescription {
    std::string name;
    std::string real_adapter;                ///< physical port, or the name of a link aggregation
    std::vector<std::string> virt_adapters;  ///< virtual slots "V10"
    std::string pvid_adapter;
    std::string ctl_chan;                 ///< may be empty: VLAN 4095, if the level knows it
    AttributeValues attributes;           ///< pvid, ha_mode, netaddr, health_time, ...
    std::optional<wire::Ipv4Address> ip;  ///< address of the interface on the SEA (needed for netaddr)
    wire::VlanId ip_vlan;                 ///< its VLAN; default: the SEA's pvid
    std::uint8_t prefix_length = 0;       ///< of its netmask; 0: every address is in its network
};

/// `{ vdev: ds1.app1_root, vadapter: V30, dev: app1_root }`: mkvdev in words.
struct VirtualTargetDescription {
    std::string lun;                  ///< "array.lun"
    hypervisor::SlotNumber vadapter;  ///< a virtual SCSI server adapter's slot
    std::string device;               ///< the virtual target device's name
};

/// `{ vadapter: V70, fcp: C5-T1 }`: vfcmap in words.
struct VfcMappingDescription {
    hypervisor::SlotNumber vadapter;
    std::string port;  ///< "C5-T1"
};

struct VirtualIoServerDescription {
    vios::ViosLevel level = vios::kViosLevelDefault;
    std::vector<LinkAggregationDescription> link_aggregations;
    std::vector<SeaDescription> shared_ethernet_adapters;
    std::vector<VirtualTargetDescription> virtual_targets;
    std::vector<VfcMappingDescription> vfc_mappings;
};

struct InterfaceDescription {
    hypervisor::SlotNumber slot;  ///< the virtual Ethernet adapter it is on; without `adapter`
    wire::VlanId vlan;            ///< kUntagged: the adapter's port VLAN
    wire::Ipv4Address ip;
    std::string adapter{};           ///< a physical port "C2-T1" or link aggregation "ent2"; empty: `slot`
    wire::VlanId port_vlan{};        ///< of untagged frames
    std::uint8_t prefix_length = 0;  ///< of netmask; 0: every address is in its network
    AttributeValues attributes{};    ///< mtu, mtu_bypass
};

/// `{ gateway: 10.1.100.1, interface: en0, cost: 1, active_dgd: true }`: route add 0 10.1.100.1 -hopcount 1 -active_dgd
struct RouteDescription {
    wire::Ipv4Address gateway;
    std::string interface;
    std::uint32_t cost = 0;
    bool active_dgd = false;
};

// --- workload ---

using aix::Arrival;
using aix::DemandStep;

/// Processor demand; what is not given is empty.
struct ProcessorWorkload {
    std::vector<DemandStep> steps;  ///< constant demand: one step at 0
    hypervisor::CoreRate random_mean;
    hypervisor::CoreRate random_spread;  ///< uniform in mean +- spread
    sim::Duration random_every{0};       ///< 0: not random
    std::uint32_t threads = 0;           ///< programs that always want to run
    std::string nmon_file;               ///< replay of the LPAR section, path resolved against the scenario file
};

/// Requests that take processor time: of `threads` users who think in between, or one every `interval`.
struct BurstWorkload {
    std::uint32_t threads = 0;
    sim::Duration think{0};
    std::uint64_t interval_ns = 0;  ///< open: mean time between two requests
    sim::Duration work{0};
    Arrival arrival = Arrival::kRandom;
};

/// Disk I/O on each of the partition's disks, or on one.
struct DiskWorkload {
    std::uint64_t interval_ns = 0;  ///< mean time between two I/Os of a disk
    std::uint32_t size_bytes = 4096;
    std::uint32_t read_percent = 70;
    Arrival arrival = Arrival::kConstant;
    sim::Duration stall_threshold{1'000'000'000};  ///< an I/O unanswered for longer is an outage
    std::string disk;                              ///< "hdisk1": on this disk only; empty: on each
};

/// Requests to a host over each of the partition's interfaces in whose VLAN the host has an address.
struct NetworkWorkload {
    std::string to;
    std::uint64_t interval_ns = 0;
    std::uint32_t size_bytes = 128;
    sim::Duration timeout{1'000'000'000};
    Arrival arrival = Arrival::kConstant;
};

/// One flow over one interface.
struct FlowWorkload {
    std::string name;           ///< the destination's, unless it was given one
    std::string to;             ///< host or partition
    std::size_t interface = 0;  ///< of the partition's
    wire::VlanId vlan;
    aix::FlowLoadConfig config;  ///< with the destination's address
};

struct WorkloadDescription {
    sim::SimTime start{std::chrono::seconds{10}};  ///< disk and network load begins here, when the site has settled
    ProcessorWorkload processor;
    std::optional<BurstWorkload> bursts;
    std::optional<aix::MemoryLoadConfig> memory;
    std::optional<DiskWorkload> disk;
    std::vector<NetworkWorkload> network;
    std::vector<FlowWorkload> flows;
};

/// How AIX uses the processors it has.
struct ProcessorsDescription {
    std::uint32_t smt = 4;
    std::int32_t vpm_xvcpus = 0;
};

struct PartitionDescription {
    std::string system;
    hypervisor::PartitionConfig config;
    bool running = true;             ///< up at time 0 (state: running), or not activated
    sim::Duration boot_time{0};      ///< 0: the default of its environment
    sim::Duration shutdown_time{0};  ///< likewise
    bool is_linux = false;           ///< os: linux
    ProcessorsDescription processors;
    aix::MemoryConfig memory;
    DeviceAttributesDescription devices;
    std::vector<LinkAggregationDescription> link_aggregations;  ///< of a client; a VIOS has its own in `vios`
    std::vector<InterfaceDescription> interfaces;  ///< default: one per virtual adapter without trunk, on its PVID
    std::vector<RouteDescription> routes;          ///< default routes
    AttributeValues network_options;               ///< as the command no sets them
    std::optional<VirtualIoServerDescription> vios;
    WorkloadDescription workload;
};

}  // namespace pvmsim::scenarios
