// View: a scenario looked at as the rules ask for it: SEAs with their adapters and ports, pairs of them, VLANs with who
// bridges and who uses them, clients' disks with their paths. Refers to the scenario, which must outlive it.
//
// A pair is two SEAs of different VIOSes of one server with a VLAN of one virtual switch in common.
#pragma once

#include <algorithm>
#include <compare>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "scenarios/audit/rule.hpp"
#include "scenarios/description/scenario.hpp"

namespace pvmsim::scenarios::audit {

template <class T>
[[nodiscard]] bool contains(const std::vector<T>& values, const std::type_identity_t<T>& value) {
    return std::ranges::find(values, value) != values.end();
}

/// A port of a physical adapter that a partition uses. `port` is nullptr when the server has no such port.
struct PhysicalPort {
    std::string name;  ///< "C2-T1"
    const SystemDescription* system = nullptr;
    const AdapterDescription* adapter = nullptr;
    const AdapterPortDescription* port = nullptr;

    [[nodiscard]] Path path(std::string_view key) const;
};

/// A VLAN of a virtual switch of a server.
struct Segment {
    std::string system;
    std::string vswitch;
    wire::VlanId vlan;

    friend auto operator<=>(const Segment&, const Segment&) = default;
    [[nodiscard]] std::string text() const;  ///< "VLAN 100 of ETHERNET0 (p740a)"
};

struct Sea {
    const PartitionDescription* vios = nullptr;
    const SeaDescription* description = nullptr;
    std::vector<const hypervisor::VirtualEthernetAdapter*> trunks;      ///< in the order of virt_adapters
    const hypervisor::VirtualEthernetAdapter* default_trunk = nullptr;  ///< pvid_adapter
    const hypervisor::VirtualEthernetAdapter* channel = nullptr;        ///< ctl_chan
    const LinkAggregationDescription* aggregation = nullptr;            ///< if real_adapter is one
    std::vector<PhysicalPort> ports;                                    ///< primary ones, then the backup

    [[nodiscard]] std::string name() const;  ///< "vios1 ent8"
    [[nodiscard]] std::string attribute(std::string_view name) const;
    [[nodiscard]] bool failover() const { return attribute("ha_mode") != "disabled"; }
    [[nodiscard]] bool sharing() const { return attribute("ha_mode") == "sharing"; }
    [[nodiscard]] std::uint8_t priority() const;  ///< the lowest of its trunk adapters
    [[nodiscard]] std::vector<Segment> segments() const;
    /// The trunk adapter that carries it; nullptr: none.
    [[nodiscard]] const hypervisor::VirtualEthernetAdapter* trunk_of(const Segment& segment) const;
    [[nodiscard]] Path path(std::string_view key) const;
};

struct SeaPair {
    const Sea* first = nullptr;
    const Sea* second = nullptr;

    [[nodiscard]] std::string name() const;  ///< "vios1 ent8 and vios2 ent8"
    [[nodiscard]] bool failover() const { return first->failover() && second->failover(); }
};

/// A virtual Ethernet adapter that is neither trunk nor control channel.
struct AdapterUse {
    const PartitionDescription* partition = nullptr;
    const hypervisor::VirtualEthernetAdapter* adapter = nullptr;
};

/// Network Interface Backup of a client: a link aggregation of two virtual adapters.
struct InterfaceBackup {
    const PartitionDescription* partition = nullptr;
    const LinkAggregationDescription* group = nullptr;
    const hypervisor::VirtualEthernetAdapter* first = nullptr;
    const hypervisor::VirtualEthernetAdapter* second = nullptr;
};

struct SegmentUse {
    std::vector<const Sea*> seas;
    std::vector<const Sea*> channels;  ///< SEAs whose control channel is in it
    std::vector<AdapterUse> users;
};

/// A virtual SCSI client adapter with what serves it. `vios` is nullptr when nobody does.
struct ScsiPath {
    const hypervisor::VirtualScsiAdapter* adapter = nullptr;
    const PartitionDescription* vios = nullptr;
    std::vector<const VirtualTargetDescription*> targets;
};

/// A virtual Fibre Channel client adapter with the physical port behind it.
struct FcPath {
    const hypervisor::VirtualFcAdapter* adapter = nullptr;
    const PartitionDescription* vios = nullptr;
    const VfcMappingDescription* mapping = nullptr;  ///< nullptr: the server adapter has no port
    PhysicalPort port;
};

class View {
  public:
    explicit View(const Scenario& scenario);
    View(const View&) = delete;
    View& operator=(const View&) = delete;

    [[nodiscard]] const Scenario& scenario() const { return scenario_; }
    [[nodiscard]] const std::vector<Sea>& seas() const { return seas_; }
    [[nodiscard]] const std::vector<SeaPair>& pairs() const { return pairs_; }
    [[nodiscard]] const std::map<Segment, SegmentUse>& segments() const { return segments_; }
    [[nodiscard]] bool used(const Segment& segment) const;
    [[nodiscard]] const std::vector<InterfaceBackup>& interface_backups() const { return interface_backups_; }
    /// SEAs that bridge a VLAN of the adapter.
    [[nodiscard]] std::vector<const Sea*> bridges(const PartitionDescription& partition,
                                                  const hypervisor::VirtualEthernetAdapter& adapter) const;
    /// Does the adapter's partition have another one to go over to, behind another VIOS?
    [[nodiscard]] bool backed_up(const AdapterUse& use) const;
    /// Segments of both SEAs.
    [[nodiscard]] std::vector<Segment> common(const SeaPair& pair) const;

    /// In the order of declaration.
    [[nodiscard]] std::vector<const PartitionDescription*> vioses(std::string_view system) const;
    [[nodiscard]] std::vector<const PartitionDescription*> clients(std::string_view system) const;
    [[nodiscard]] const SystemDescription& system(std::string_view name) const;
    [[nodiscard]] const fabric::SwitchConfig* lan_switch(std::string_view name) const;
    [[nodiscard]] const SanFabricDescription* fabric_of(std::string_view fc_switch) const;
    [[nodiscard]] std::vector<PhysicalPort> fc_ports(const PartitionDescription& partition) const;  ///< cabled ones
    [[nodiscard]] std::vector<ScsiPath> scsi_paths(const PartitionDescription& client) const;
    [[nodiscard]] std::vector<FcPath> fc_paths(const PartitionDescription& client) const;

  private:
    void add_seas(const PartitionDescription& vios);
    void add_pairs();
    void add_segments();
    void add_interface_backups();
    [[nodiscard]] const PartitionDescription* partition(std::string_view system, hypervisor::PartitionId id) const;

    const Scenario& scenario_;
    std::vector<Sea> seas_;
    std::vector<SeaPair> pairs_;
    std::map<Segment, SegmentUse> segments_;
    std::vector<InterfaceBackup> interface_backups_;
    std::map<std::pair<std::string_view, hypervisor::PartitionId>, const PartitionDescription*> partitions_;
};

[[nodiscard]] bool is_vios(const PartitionDescription& partition);
/// The value in effect: what the file says, else the device's default.
[[nodiscard]] std::string hdisk_attribute(const PartitionDescription& partition, std::string_view name);
[[nodiscard]] std::string vscsi_attribute(const PartitionDescription& partition, std::string_view name);
[[nodiscard]] std::string fscsi_attribute(const PartitionDescription& partition, std::string_view name);
[[nodiscard]] std::string aggregation_attribute(const LinkAggregationDescription& group, std::string_view name);
/// The VLANs of an adapter: its port VLAN, then the additional ones.
[[nodiscard]] std::vector<wire::VlanId> vlans_of(const hypervisor::VirtualEthernetAdapter& adapter);
[[nodiscard]] PhysicalPort find_port(const SystemDescription& system, std::string_view name);
/// Partitions of different VIOSes among the paths.
[[nodiscard]] std::size_t count_vioses(const std::vector<ScsiPath>& paths);
[[nodiscard]] std::size_t count_vioses(const std::vector<FcPath>& paths);

[[nodiscard]] Path partition_path(const PartitionDescription& partition, std::initializer_list<std::string_view> keys);
[[nodiscard]] Path adapter_path(const PartitionDescription& partition,
                                const hypervisor::VirtualEthernetAdapter& adapter);
[[nodiscard]] Path adapter_path(const PartitionDescription& partition, const hypervisor::VirtualScsiAdapter& adapter);
[[nodiscard]] Path adapter_path(const PartitionDescription& partition, const hypervisor::VirtualFcAdapter& adapter);
[[nodiscard]] std::string slot_text(hypervisor::SlotNumber slot);  ///< "V10"
[[nodiscard]] std::string vlan_text(wire::VlanId vlan);            ///< "VLAN 100"
/// "a, b and c"; of more than six the first five and how many more.
[[nodiscard]] std::string list_text(const std::vector<std::string>& names);

}  // namespace pvmsim::scenarios::audit
