// Site: the built world of a scenario: fabric, servers, partitions with their systems and devices, and the names by
// which a timeline finds them.
//
// Building is in files of its own by layer: site_fabric.cpp (LAN, SAN, arrays), site_systems.cpp (servers, partitions),
// site_devices.cpp (what each operating system has), site_flows.cpp (what is computed as rates). Everything was checked
// by the loader; only the hypervisor can still refuse (rules that need the whole machine), and its refusal is the
// builder's error.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aix/fc/fc_adapter.hpp"
#include "aix/network/interface.hpp"
#include "aix/os/operating_system.hpp"
#include "aix/workload/flow_network.hpp"
#include "aix/workload/workload.hpp"
#include "fabric/lan/lan.hpp"
#include "fabric/san/san.hpp"
#include "fabric/storage/storage_array.hpp"
#include "hypervisor/managed_system.hpp"
#include "scenarios/description/scenario.hpp"
#include "sim/engine/engine.hpp"
#include "vios/network/sea.hpp"
#include "vios/network/sea_flows.hpp"

namespace pvmsim::scenarios {

/// An interface and the VLAN it is in.
struct InterfaceSite {
    aix::NetworkInterface* device = nullptr;
    wire::VlanId vlan;
};

/// One partition with everything that lives in it.
struct PartitionSite {
    const PartitionDescription* description = nullptr;
    hypervisor::ManagedSystem* system = nullptr;
    std::unique_ptr<aix::OperatingSystem> os;
    std::unique_ptr<aix::Workload> workload;
    std::vector<InterfaceSite> interfaces;
    std::vector<vios::SharedEthernetAdapter*> seas;

    [[nodiscard]] const std::string& name() const { return description->config.name; }
    [[nodiscard]] hypervisor::PartitionId id() const { return description->config.lpar_id; }
};

/// The cable at a place in the site: one of the two worlds, or neither when nothing is plugged in.
struct CableAt {
    std::optional<fabric::CableId> lan;
    std::optional<fabric::FcCableId> san;
};

class Site {
  public:
    /// Builds everything; nothing runs yet. The scenario must outlive the site.
    static std::expected<std::unique_ptr<Site>, std::string> build(sim::Engine& engine, const Scenario& scenario);
    ~Site();

    /// Time 0: arrays and LAN settled, running partitions up, VIOSes before their clients (R-LP-12).
    std::expected<void, std::string> start();

    [[nodiscard]] sim::Engine& engine() { return engine_; }
    [[nodiscard]] const Scenario& scenario() const { return scenario_; }
    [[nodiscard]] fabric::Lan& lan() { return lan_; }
    [[nodiscard]] const fabric::Lan& lan() const { return lan_; }
    [[nodiscard]] fabric::San& san() { return san_; }
    [[nodiscard]] const std::vector<std::unique_ptr<hypervisor::ManagedSystem>>& systems() const { return systems_; }
    [[nodiscard]] std::vector<PartitionSite>& partitions() { return partitions_; }
    [[nodiscard]] const std::vector<PartitionSite>& partitions() const { return partitions_; }

    /// The network of flows; nullptr when nobody has any.
    [[nodiscard]] const aix::FlowNetwork* flows() const { return flows_.get(); }
    [[nodiscard]] PartitionSite* find_partition(std::string_view name);
    [[nodiscard]] fabric::StorageArray* find_array(std::string_view name);
    /// "p740a/C2-T1", "ds1/A-P0" or "sw1/sw2".
    [[nodiscard]] CableAt find_cable(std::string_view place) const;
    /// Name of a disk's unit ("ds1.app01_root") by its identity; empty when unknown.
    [[nodiscard]] std::string_view unit_name(aix::DiskIdentity identity) const;

  private:
    Site(sim::Engine& engine, const Scenario& scenario);

    using Built = std::expected<void, std::string>;
    void build_lan();
    void build_san();
    void build_arrays();
    Built build_systems();
    Built build_partitions();
    void build_system_ports(const SystemDescription& system);
    void build_zones_and_luns();
    struct DeviceMap;
    void build_devices(PartitionSite& partition);
    void set_device_defaults(PartitionSite& partition);
    void build_ethernet(PartitionSite& partition, DeviceMap& devices);
    void build_fibre_channel(PartitionSite& partition, DeviceMap& devices);
    void build_virtual_storage(PartitionSite& partition, DeviceMap& devices);
    void build_paging(PartitionSite& partition);
    void build_link_aggregations(PartitionSite& partition, const std::vector<LinkAggregationDescription>& all,
                                 DeviceMap& devices);
    void build_shared_ethernet(PartitionSite& partition, DeviceMap& devices);
    void build_interfaces(PartitionSite& partition, DeviceMap& devices);
    static void build_routes(PartitionSite& partition);
    void build_workload(PartitionSite& partition);
    void build_network_load(PartitionSite& partition, const NetworkWorkload& network);
    void build_flows();
    static aix::BurstLoadConfig bursts_of(const BurstWorkload& described, sim::SimTime start);
    template <class Use>
    void for_each_port(const PartitionSite& partition, Use use) const;
    /// WWPNs that a zone member or a LUN's host stands for.
    [[nodiscard]] std::vector<wire::Wwpn> wwpns_of(std::string_view member) const;

    sim::Engine& engine_;
    const Scenario& scenario_;
    fabric::Lan lan_;
    fabric::San san_;
    std::vector<std::unique_ptr<fabric::StorageArray>> arrays_;
    std::vector<std::unique_ptr<hypervisor::ManagedSystem>> systems_;
    std::vector<PartitionSite> partitions_;
    std::unique_ptr<aix::FlowNetwork> flows_;
    std::vector<std::unique_ptr<vios::SeaFlows>> sea_flows_;
    std::map<std::string, fabric::NicPort*, std::less<>> nic_ports_;  ///< "p740a/C2-T1"
    std::map<std::string, fabric::FcPort*, std::less<>> fc_ports_;    ///< servers' and arrays' ports
    std::map<std::string, CableAt, std::less<>> cables_;
    std::map<aix::DiskIdentity, std::string> unit_names_;
    std::vector<std::string> refusals_;  ///< what a device would not do; ends the building
};

}  // namespace pvmsim::scenarios
