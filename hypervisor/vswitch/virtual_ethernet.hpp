// VirtualEthernet: the hypervisor's Ethernet switches (PAPR ILLAN), exactly as R-NET-01 and behaviour 3.1 tell.
//
// A frame is copied at once by the sender's processor; the receiver's interrupt follows as an event. Per VLAN of a
// virtual switch at most one trunk adapter is active: the last one that set its Active bit, whereupon the hypervisor
// clears the other's.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fabric/wire/ethernet.hpp"
#include "hypervisor/ids.hpp"
#include "hypervisor/partition/profile.hpp"
#include "hypervisor/vswitch/receive_buffers.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::hypervisor {

/// hypervisor -> device driver: a frame lies in a receive buffer of the adapter in `slot`. The tag is there only on
/// adapters with ieee_virtual_eth, for VLANs other than the port VLAN.
struct VirtualFrameArrived {
    static constexpr std::string_view kName = "virtual-frame-arrived";
    wire::Frame frame;
    SlotNumber slot;
    std::uint16_t reserved[3]{};
};

struct LogicalLanIdTag;
/// One virtual Ethernet adapter, for quick sends.
using LogicalLanId = sim::StrongId<LogicalLanIdTag>;

/// VEB switches between partitions itself; VEPA leaves that to the switch outside.
enum class SwitchMode : std::uint8_t { kVeb, kVepa };

/// Counters of one adapter, as entstat shows them.
struct LogicalLanCounters {
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    std::uint64_t send_failures = 0;      ///< "Hypervisor Send Failures"
    std::uint64_t receiver_failures = 0;  ///< of those: the receiver had no buffer
    std::uint64_t invalid_vlan = 0;       ///< "Invalid VLAN ID Packets"
    std::uint64_t no_buffer = 0;          ///< frames for this adapter that found no buffer
    std::uint64_t copies = 0;             ///< made by its partition's processor: one for each receiver
    std::uint64_t copied_bytes = 0;
};

class VirtualEthernet {
  public:
    /// [PARAM] default latency 10 us from send to the receiver's interrupt.
    VirtualEthernet(sim::Engine& engine, std::string system_name, sim::Duration latency);
    VirtualEthernet(const VirtualEthernet&) = delete;
    VirtualEthernet& operator=(const VirtualEthernet&) = delete;
    ~VirtualEthernet();

    /// An adapter exists (defined in the running partition). The MAC must be set. An adapter that is defined again
    /// after undefine() gets the id it had.
    LogicalLanId define(PartitionId owner, const VirtualEthernetAdapter& adapter);
    void undefine(LogicalLanId id);
    [[nodiscard]] LogicalLanId find(PartitionId owner, SlotNumber slot) const;  ///< asserts that it is defined
    [[nodiscard]] bool is_defined(PartitionId owner, SlotNumber slot) const;

    /// H_REGISTER_LOGICAL_LAN with the driver's receive buffers; frames go to `receiver`. kResource when registered
    /// before.
    HcallStatus register_adapter(LogicalLanId id, sim::EntityId receiver);
    /// H_FREE_LOGICAL_LAN; the trunk's Active bit goes too.
    void free_adapter(LogicalLanId id);
    void fail_partition(PartitionId owner);

    /// H_SEND_LOGICAL_LAN. kDropped: nobody could take it (no trunk for an unknown address, no buffer, wrong VLAN).
    HcallStatus send(LogicalLanId from, const wire::Frame& frame);
    /// The driver gives the buffer of a received frame back. Called once for every VirtualFrameArrived.
    void replenish(LogicalLanId id, const wire::Frame& frame);

    /// H_ILLAN_ATTRIBUTES, Active bit: the adapter becomes the active trunk of its VLANs; others that share one lose
    /// theirs. A driver cannot clear its own bit (kParameter would be its answer); closing the adapter does.
    HcallStatus activate_trunk(LogicalLanId id);
    [[nodiscard]] bool trunk_active(LogicalLanId id) const;
    /// H_VIOCTL DISABLE_INACTIVE_TRUNK_RECEPTION: while inactive, no broadcasts either.
    void set_inactive_trunk_reception(LogicalLanId id, bool enabled);
    /// Also before the first adapter names the switch. A change takes effect for the next frame.
    void set_switch_mode(std::string_view vswitch, SwitchMode mode);
    /// H_VIOCTL 0x12; kVeb for a switch nobody named.
    [[nodiscard]] SwitchMode switch_mode(std::string_view vswitch) const;
    /// In the order they were named first.
    [[nodiscard]] std::vector<std::string> switch_names() const;

    /// addl_vlan_ids of an existing adapter are changed online (R-NET-09).
    void set_additional_vlans(LogicalLanId id, std::vector<wire::VlanId> vlans);

    [[nodiscard]] const VirtualEthernetAdapter& config_of(LogicalLanId id) const;
    [[nodiscard]] PartitionId owner_of(LogicalLanId id) const;
    [[nodiscard]] const LogicalLanCounters& counters_of(LogicalLanId id) const;
    [[nodiscard]] const ReceiveBuffers& receive_buffers_of(LogicalLanId id) const;
    /// The active trunk adapter of a VLAN, if any.
    [[nodiscard]] std::optional<LogicalLanId> active_trunk(std::string_view vswitch, wire::VlanId vlan) const;
    /// The addresses of the registered adapters in a VLAN but trunk adapters, in the order of their definition.
    [[nodiscard]] std::vector<wire::MacAddress> stations_on(std::string_view vswitch, wire::VlanId vlan) const;

    /// Where a unicast frame would go now and as what it would arrive; nothing is sent. nullopt: nobody would get it.
    struct Route {
        sim::EntityId receiver;
        wire::Frame frame;
    };
    [[nodiscard]] std::optional<Route> route(LogicalLanId from, const wire::Frame& frame) const;
    /// Another number whenever route() may answer differently.
    [[nodiscard]] std::uint64_t routes_version() const { return routes_version_; }

    void digest(sim::Digest& digest) const;

  private:
    struct Adapter;
    struct Switch;

    [[nodiscard]] Adapter& defined_adapter(LogicalLanId id);
    [[nodiscard]] const Adapter& defined_adapter(LogicalLanId id) const;
    std::uint32_t switch_named(std::string_view name);
    void join(std::uint32_t index);
    void leave(std::uint32_t index);
    void deactivate_trunk(std::uint32_t index);

    [[nodiscard]] static std::optional<wire::VlanId> vlan_of(const Adapter& from, const wire::Frame& frame);
    void learn(std::uint32_t from, wire::MacAddress source, wire::VlanId vlan);
    [[nodiscard]] std::uint32_t home_of(const Switch& vswitch, wire::MacAddress mac, wire::VlanId vlan) const;
    [[nodiscard]] std::uint32_t destination_of(std::uint32_t from, wire::MacAddress destination,
                                               wire::VlanId vlan) const;
    HcallStatus send_to_one(std::uint32_t from, const wire::Frame& frame, wire::VlanId vlan);
    HcallStatus send_to_group(std::uint32_t from, const wire::Frame& frame, wire::VlanId vlan);
    HcallStatus send_to_trunks(std::uint32_t from, const wire::Frame& frame);
    HcallStatus deliver(std::uint32_t from, std::uint32_t to, const wire::Frame& frame, wire::VlanId vlan);

    sim::Engine& engine_;
    std::string system_name_;
    sim::Duration latency_;
    std::vector<Adapter> adapters_;
    std::vector<Switch> switches_;
    std::uint64_t routes_version_ = 0;
    std::map<std::uint32_t, std::uint32_t> index_by_place_;  ///< (owner, slot) -> index
};

}  // namespace pvmsim::hypervisor
