// Reading: from a well-formed tree to a Scenario, checking every reference on the way. Shared by the read_*.cpp files,
// one for each section of the file; nobody else includes this.
//
// Values whose form is wrong were reported by validate and are blanked out before reading, so a getter finds either a
// good value or none. Names are not looked up in a table that was itself declared wrongly (`trusted`): one mistake is
// one message.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "aix/network/link_aggregation_plan.hpp"
#include "scenarios/description/scenario.hpp"
#include "scenarios/loader/document.hpp"
#include "scenarios/schema/hmc_strings.hpp"

namespace pvmsim::scenarios {

/// One map of the tree, read key by key. Absent keys leave the destination as it is.
class Fields {
  public:
    explicit Fields(const Node* node) : node_(node && node->is_map() ? node : nullptr) {}

    [[nodiscard]] bool has(std::string_view key) const { return node_ && node_->find(key); }
    [[nodiscard]] const Node* scalar(std::string_view key) const;
    /// The elements below a key; none when it is absent or of another form.
    [[nodiscard]] const std::vector<Entry>& entries(std::string_view key) const;
    [[nodiscard]] const std::vector<Entry>& entries() const;
    [[nodiscard]] const std::vector<Node>& items(std::string_view key) const;
    [[nodiscard]] Fields inner(std::string_view key) const;
    [[nodiscard]] const Node* node() const { return node_; }
    /// Where the key was written, or the map when it was not.
    [[nodiscard]] Place place_of(std::string_view key) const;

    [[nodiscard]] std::string text(std::string_view key) const;
    [[nodiscard]] std::optional<std::int64_t> number(std::string_view key) const;
    [[nodiscard]] std::optional<sim::Duration> duration(std::string_view key) const;
    [[nodiscard]] std::optional<std::int64_t> bytes(std::string_view key) const;
    [[nodiscard]] std::optional<std::int64_t> decimal(std::string_view key, int digits) const;
    [[nodiscard]] std::optional<bool> boolean(std::string_view key) const;
    [[nodiscard]] std::optional<wire::Ipv4Address> address(std::string_view key) const;
    [[nodiscard]] std::optional<wire::VlanId> vlan(std::string_view key) const;
    [[nodiscard]] std::vector<wire::VlanId> vlans(std::string_view key) const;

  private:
    const Node* node_;
};

/// Scalars of a list, or the one scalar in its place.
std::vector<const Node*> scalars_of(const Node* node);

/// What reading remembers of a partition beside its description: where things were written.
struct PartitionNotes {
    const Entry* entry = nullptr;
    std::vector<Place> ethernet;
    std::vector<Place> scsi;
    std::vector<RemotePartition> scsi_remotes;
    std::vector<Place> fc;
    std::vector<RemotePartition> fc_remotes;
};

struct Spec;

/// "V10"
[[nodiscard]] bool is_virtual_slot(std::string_view name);

/// What an IP interface stands on.
struct InterfaceCarrier {
    const hypervisor::VirtualEthernetAdapter* adapter =
        nullptr;  ///< its own, or the aggregation's first; nullptr: none
    wire::VlanId port_vlan{1};
    std::string name{};  ///< InterfaceDescription::adapter
    bool may_tag = true;
};

class Reading {
  public:
    Reading(const Node& root, Errors& errors, std::filesystem::path directory);

    Scenario run();

  private:
    // --- saying and looking up ---
    void say(Place place, std::string message) { errors_.add(place, std::move(message)); }
    /// Nothing is wrong with the declaration of the names in the map at `path`.
    [[nodiscard]] bool trusted(const std::string& path) const;
    /// Nothing is wrong anywhere in or above `path`.
    [[nodiscard]] bool flawless(const std::string& path) const;
    void unknown_name(Place place, std::string_view what, const std::string& name,
                      const std::vector<std::string>& known);

    [[nodiscard]] const fabric::SwitchConfig* find_switch(std::string_view name) const;
    [[nodiscard]] const SanFabricDescription* find_fabric_of(std::string_view fc_switch) const;
    [[nodiscard]] const HostDescription* find_host(std::string_view name) const;
    [[nodiscard]] const ArrayDescription* find_array(std::string_view name) const;
    [[nodiscard]] const SystemDescription* find_system(std::string_view name) const;
    [[nodiscard]] const PartitionDescription* find_partition(std::string_view name) const;
    [[nodiscard]] const PartitionDescription* find_partition(std::string_view system, hypervisor::PartitionId id) const;
    [[nodiscard]] std::vector<std::string> switch_names() const;
    [[nodiscard]] std::vector<std::string> fc_switch_names() const;
    [[nodiscard]] std::vector<std::string> host_names() const;
    [[nodiscard]] std::vector<std::string> array_names() const;
    [[nodiscard]] std::vector<std::string> partition_names() const;
    [[nodiscard]] std::vector<std::string> system_names() const;
    /// "p740a/C5-T1"; nullptr when there is no such port.
    [[nodiscard]] const AdapterPortDescription* find_port(std::string_view path, hypervisor::AdapterKind* kind) const;
    [[nodiscard]] static const AdapterPortDescription* find_port(const SystemDescription& system, std::string_view name,
                                                                 const AdapterDescription** adapter);

    // --- fabric (read_lan.cpp, read_san.cpp) ---
    void read_lan(Fields lan);
    void read_switch(const Entry& entry);
    void read_link(const Node& node);
    void read_host(const Entry& entry);
    static void read_switch_guards(const Fields& fields, fabric::SwitchConfig& config);
    bool check_switch(const Node* name);
    void check_vlan(Place place, const std::string& switch_name, wire::VlanId vlan);
    std::vector<wire::VlanId> read_vlans(const Fields& fields);
    LanPortDescription read_lan_port(const Fields& fields);
    void read_san(const Entry& entry);
    void read_array(const Entry& entry);
    bool check_fc_switch(const Node* name);
    void check_members();
    void check_member(const Node& node, bool storage_too);

    // --- systems (read_systems.cpp) ---
    void read_system(const Entry& entry);
    void read_slot(const Entry& entry, SystemDescription& system);
    void read_adapter_port(const Entry& entry, AdapterDescription& adapter);
    std::optional<wire::MacAddress> read_port_mac(const Node& written);
    void number_slots(const Entry& entry, SystemDescription& system);

    // --- processors (read_processors.cpp) ---
    void read_pools(const Fields& fields, SystemDescription& system);
    /// DefaultPool, one of those declared, or one of SharedPool01 to SharedPool63 that has kept its name.
    static std::optional<hypervisor::PoolId> find_pool(const SystemDescription& system, std::string_view name);
    std::optional<hypervisor::PoolId> check_pool(const Node& name, const std::string& system_name);
    void read_processors_section(const Fields& fields, PartitionDescription& partition);
    void check_smt(std::int64_t threads, Place place);
    void choose_dispatch();
    void check_machines();
    bool add_paging_devices(hypervisor::ManagedSystem& machine, const SystemDescription& described);
    void check_machine(sim::Engine& engine, const SystemDescription& described);

    // --- memory (read_memory.cpp, read_memory_load.cpp) ---
    std::uint64_t whole_mib(const Fields& fields, std::string_view key, std::uint64_t otherwise);
    static std::uint32_t table_ratio(std::string_view text);
    void read_memory_pool(const Fields& fields, SystemDescription& system);
    void read_management(const Fields& fields, SystemDescription& system);
    void check_vswitch(Place place, const PartitionDescription& partition, const std::string& name);
    void resolve_memory_pool(SystemDescription& system);
    std::optional<hypervisor::PartitionId> paging_vios(const Node& name, const std::string& system);
    void check_paging_devices(const SystemDescription& system);
    void check_paging_device(const Node& device, const std::vector<const PartitionDescription*>& vioses);
    void resolve_partition_memory(std::size_t index);
    void read_profile_sharing(const Fields& fields, PartitionDescription& partition);
    void read_operating_system_memory(const Fields& fields, PartitionDescription& partition);
    void read_memory_workload(const Fields& fields, const PartitionDescription& partition,
                              aix::MemoryLoadConfig& memory);

    // --- partitions (read_partitions.cpp, read_profile.cpp, check_pairs.cpp) ---
    void read_partition(const Entry& entry);
    void read_profile(const Fields& fields, PartitionDescription& partition, PartitionNotes& notes);
    void read_profile_memory(const Fields& fields, hypervisor::PartitionProfile& profile);
    void read_io_slots(const Fields& fields, PartitionDescription& partition);
    void read_virtual_adapters(const Fields& fields, PartitionDescription& partition, PartitionNotes& notes);
    void read_devices(const Fields& fields, PartitionDescription& partition);
    void resolve_remotes(std::size_t index);
    std::optional<hypervisor::PartitionId> resolve_remote(const PartitionDescription& from,
                                                          const RemotePartition& remote, Place place);
    void check_pairs(std::size_t index);
    void check_scsi_pair(const PartitionDescription& partition, const hypervisor::VirtualScsiAdapter& adapter,
                         Place place);
    void check_fc_pair(const PartitionDescription& partition, const hypervisor::VirtualFcAdapter& adapter, Place place);
    void check_profile_rules(std::size_t index);
    void check_expansion(std::size_t index);

    // --- addresses (read_interfaces.cpp) ---
    void read_interfaces();
    void claim_explicit_addresses();
    void read_interfaces_of(std::size_t index);
    void claim(wire::VlanId vlan, wire::Ipv4Address address, Place place, const std::string& owner);
    wire::Ipv4Address choose_address(wire::VlanId vlan, std::size_t index);
    void add_usual_interfaces(PartitionDescription& partition);
    InterfaceCarrier carrier_of_port(const std::string& name, const PartitionDescription& partition) const;
    InterfaceCarrier carrier_of(const LinkAggregationDescription& group, const PartitionDescription& partition) const;
    void read_interface(const Entry& entry, PartitionDescription& partition);
    std::optional<InterfaceCarrier> find_carrier(const Node& name, const PartitionDescription& partition);
    std::uint8_t read_netmask(const Fields& fields);

    // --- Ethernet devices together (check_devices.cpp) ---
    void check_devices(std::size_t index);
    [[nodiscard]] std::size_t count_found_adapters(const PartitionDescription& partition) const;
    /// Names of adapters, found by the system or made: ent0, ent1, ...
    [[nodiscard]] std::vector<std::string> ethernet_devices(const PartitionDescription& partition) const;
    void check_made_name(const Entry& entry, const PartitionDescription& partition);
    void check_sea_vlans(const Fields& fields, const std::string& name, const PartitionDescription& partition);
    void check_carriers(const Fields& fields, const PartitionDescription& partition);
    void check_remote_addresses();
    [[nodiscard]] std::string owner_of(wire::Ipv4Address address) const;

    // --- routes (read_routes.cpp) ---
    void read_routes(std::size_t index);
    void read_route(const Fields& fields, PartitionDescription& partition);
    void read_remote_host(const Entry& entry);

    // --- vios (read_vios.cpp) ---
    void read_vios(std::size_t index);
    void read_client_aggregations(const Fields& fields, PartitionDescription& partition);
    void read_link_aggregation(const Entry& entry, PartitionDescription& partition,
                               std::vector<LinkAggregationDescription>& into);
    aix::PlannedAdapter read_aggregated_adapter(const Node& name, const PartitionDescription& partition);
    void read_sea(const Entry& entry, PartitionDescription& partition);
    void read_sea_channel(const Entry& entry, PartitionDescription& partition, SeaDescription& sea);
    void read_virtual_target(const Entry& entry, PartitionDescription& partition);
    void read_vfc_mapping(const Entry& entry, PartitionDescription& partition);
    void check_owned_port(const Node& name, const PartitionDescription& partition, hypervisor::AdapterKind kind);
    const hypervisor::VirtualEthernetAdapter* check_virtual_ethernet(const Node& name,
                                                                     const PartitionDescription& partition);
    const LunDescription* find_lun(const Node& lun);
    void check_masked(const Node& lun, const PartitionDescription& partition);
    void claim_device(Place place, const std::string& device);

    // --- workload (read_workload.cpp, read_flows.cpp) ---
    void read_workload(std::size_t index);
    void read_processor(const Fields& workload, ProcessorWorkload& processor);
    void read_bursts(const Fields& fields, BurstWorkload& bursts);
    void read_disk_workload(const Fields& fields, DiskWorkload& disk);
    void read_network_workload(const Node& node, PartitionDescription& partition);
    void check_network_target(const Node& to, const PartitionDescription& partition);
    /// The VLAN that an interface is in, untagged or not.
    static wire::VlanId vlan_of(const PartitionDescription& partition, const InterfaceDescription& interface);
    void read_flows(const Node& node, PartitionDescription& partition);
    std::int64_t transactions_per_second(const Fields& fields);
    void read_flow_steps(const Fields& fields, FlowWorkload& flow);
    FlowWorkload read_flow(const Fields& fields);
    void add_flows_to(const Fields& fields, const Node& to, const FlowWorkload& flow, PartitionDescription& partition);
    /// Addresses of a host or a partition, by VLAN; nullopt when there is no such name.
    [[nodiscard]] std::optional<std::vector<std::pair<wire::VlanId, wire::Ipv4Address>>> addresses_of(
        const std::string& name) const;

    // --- play (read_timeline.cpp, read_changes.cpp, read_memory_changes.cpp, read_expect.cpp) ---
    void read_timeline(const Node& node);
    void read_fault(const Fields& fields, sim::SimTime at);
    void check_fault_target(FaultKind kind, const Node& target);
    void check_cable(const Node& target, bool ethernet_only);
    void read_change(const Fields& fields, sim::SimTime at);
    void read_chdev(const Fields& fields, sim::SimTime at);
    void check_chdev(const Fields& fields, const PartitionDescription& partition, const std::string& device);
    void read_chhwres_proc(const Fields& fields, sim::SimTime at);
    void read_processor_attribute(const Entry& entry, const PartitionDescription& partition,
                                  hypervisor::ProcessorChange& change);
    void read_chhwres_procpool(const Fields& fields, sim::SimTime at);
    void read_tuning(const Fields& fields, sim::SimTime at);
    void read_chhwres_mem(const Fields& fields, sim::SimTime at);
    void read_chhwres_mempool(const Fields& fields, sim::SimTime at);
    void read_pool_attribute(const Entry& entry, MemoryPoolChangeStep& step);
    void read_memory_use(const Fields& fields, sim::SimTime at);
    void read_chhwres_eth(const Fields& fields, sim::SimTime at);
    void read_chhwres_vswitch(const Fields& fields, sim::SimTime at);
    std::optional<std::vector<wire::VlanId>> attr_vlans(const Entry& entry);
    const PartitionDescription* known_partition(const Fields& fields, std::string_view key);
    std::optional<std::uint64_t> attr_mib(const Entry& entry);
    std::optional<std::int64_t> attr_number(const Entry& entry, const Spec& spec);
    void unknown_attribute(const Entry& entry, const std::vector<std::string>& known);
    void read_watch(const Fields& fields);
    void read_expect(const Node& node);
    /// Names of partitions: `all`, names, ranges, one or a list of them.
    std::vector<std::string> read_clients(const Node* written);
    std::vector<std::string> read_expected_systems(const Node* written);
    static void read_expected_flows(const Fields& fields, FlowExpectation& flows);
    void read_expected_memory(const Fields& fields, MemoryExpectation& memory);
    void check_expected_names(const Fields& fields, const Expectation& expectation);
    void check_expected_interface(const Fields& fields, const PartitionDescription& partition, std::uint16_t vlan);
    void check_measured(const Fields& fields, const PartitionDescription& partition, const Expectation& expectation);
    void check_flows_measured(const Fields& fields, const PartitionDescription& partition,
                              const Expectation& expectation);

    const Node& root_;
    Errors& errors_;
    std::filesystem::path directory_;
    std::set<std::string> flaws_;  ///< paths with a mistake of form
    Scenario scenario_;
    std::vector<PartitionNotes> notes_;
    std::map<std::pair<wire::VlanId, wire::Ipv4Address>, std::pair<std::string, Place>> addresses_;
    std::map<std::string, Place> devices_;                                             ///< of the VIOS being read
    std::map<std::pair<std::string, hypervisor::DrcIndex>, std::string> slot_owners_;  ///< by system and slot
    std::map<wire::MacAddress, Place> macs_;                                           ///< written ones
    std::map<wire::Wwpn, Place> wwpns_;                                                ///< of physical ports, likewise
};

/// Blanks out scalars whose form is wrong, so that reading passes over them.
void drop_malformed(Node& root, const Errors& errors);

}  // namespace pvmsim::scenarios
