// SharedEthernetAdapter: "entN", the bridge between virtual Ethernet and one real adapter (behaviour 3.2, formats A.8).
//
// One real adapter (physical or a link aggregation) and up to 16 trunk adapters; untagged frames from outside go to the
// default one. Bridging is in sea_bridge.cpp, failover and load sharing in sea_failover and, where they meet the
// adapter, sea_failover_side.cpp, the address to ping and resets in sea_health.cpp. Each bridged frame costs the VIOS
// processor time; when that is short, frames wait in the queues of the threads (sea_queues.hpp) and at last are
// dropped. What is too large for the other side is cut, fragmented or refused in sea_offload.cpp. Simplified: reverse
// ARPs are sent for the stations the hypervisor knows. Absent: GVRP. docs/model/sea.md, docs/model/network-bridge.md
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aix/network/ethernet_device.hpp"
#include "aix/network/interface.hpp"
#include "aix/network/virtual_ethernet_adapter.hpp"
#include "vios/level/vios_level.hpp"
#include "vios/network/sea_accounting.hpp"
#include "vios/network/sea_failover.hpp"
#include "vios/network/sea_large_receive.hpp"
#include "vios/network/sea_queues.hpp"
#include "vios/processor/io_costs.hpp"
#include "vios/processor/io_processor.hpp"

namespace pvmsim::vios {

/// What mkvdev -sea is told.
struct SeaConfig {
    aix::EthernetDevice* real_adapter = nullptr;
    std::vector<aix::VirtualEthernetAdapterDevice*> virt_adapters;
    aix::VirtualEthernetAdapterDevice* pvid_adapter = nullptr;  ///< default trunk adapter, one of virt_adapters
    aix::VirtualEthernetAdapterDevice* ctl_chan = nullptr;      ///< absent: VLAN 4095, if the level knows it
    SeaTiming timing;
    ViosLevel level = kViosLevelDefault;
};

/// Limits of one SEA (V40, behaviour 3.2).
inline constexpr std::size_t kSeaTrunksMax = 16;

/// Why an operator may not make this SEA; nullopt when it is good.
[[nodiscard]] std::optional<std::string> why_refused(const SeaConfig& config);

/// One side of the statistics. Names as entstat prints them.
struct SeaSideCounters {
    std::uint64_t received = 0;
    std::uint64_t bridged = 0;   ///< of the received: sent out on the other side
    std::uint64_t consumed = 0;  ///< of the received: for the interface on this SEA
    std::uint64_t transmitted = 0;
    std::uint64_t dropped = 0;        ///< of the received: the other side, or the processor, could not take it
    std::uint64_t filtered_vlan = 0;  ///< of the received: no trunk adapter has the VLAN
    std::uint64_t fragmented = 0;     ///< of the received: left in fragments
};

/// What became of frames that are too large for the real adapter, and of trains. Names as entstat prints them.
struct SeaOffloadCounters {
    std::uint64_t icmp_errors = 0;       ///< "ICMP error packets sent": fragmentation was needed and forbidden
    std::uint64_t non_ip_too_large = 0;  ///< "Non IP packets larger than MTU"
    std::uint64_t trains_sent = 0;       ///< segments of largesend, cut by the real adapter or by the SEA
    std::uint64_t trains_cut_here = 0;   ///< of these: by the SEA, for an adapter with large_send=no
};

enum class SeaBridgeMode : std::uint8_t { kUnknown, kNone, kPartial, kAll };

class SharedEthernetAdapter : public aix::EthernetDevice,
                              public aix::EthernetUser,
                              public aix::InterfaceUser,
                              private SeaFailoverSide {
  public:
    static constexpr sim::Duration kPingInterval{1'000'000'000};  ///< behaviour 3.3 (netaddr)
    static constexpr std::uint32_t kPingsMissedMax = 3;           ///< behaviour 3.3 (netaddr)
    /// [PARAM] After our own reset of the real adapter, so long a missing link (LACP) or answer (spanning tree outside)
    /// is taken for the reset's doing: twice 802.1D's forward delay, and some.
    static constexpr sim::Duration kResetPatience{35'000'000'000};

    /// The config must be good (why_refused).
    SharedEthernetAdapter(aix::OperatingSystem& os, std::string name, const SeaConfig& config);

    /// The interface whose address pings netaddr. Without one netaddr has no effect.
    void set_ping_interface(aix::NetworkInterface& interface);

    // aix::EthernetDevice: for the interface that stands on the SEA
    bool send(const wire::Frame& frame) override;
    [[nodiscard]] bool link_up() const override { return real_.link_up(); }
    [[nodiscard]] wire::MacAddress mac() const override { return real_.mac(); }
    [[nodiscard]] std::string_view description() const override { return "Shared Ethernet Adapter"; }
    [[nodiscard]] std::uint32_t mtu_max(bool is_tagged) const override;
    [[nodiscard]] bool cuts_segments() const override { return largesend_; }
    void on_attribute_changed(std::string_view name) override;
    void close() override;

    [[nodiscard]] bool bridging() const { return available() && !closed_ && failover_.bridging(); }
    [[nodiscard]] SeaState state() const { return failover_.state(); }
    [[nodiscard]] SeaBridgeMode bridge_mode() const;
    /// This trunk adapter's VLANs are bridged here.
    [[nodiscard]] bool bridges(const aix::EthernetDevice& trunk) const;
    /// The trunk priority: the lowest number among the trunk adapters.
    [[nodiscard]] std::uint8_t priority() const;
    [[nodiscard]] const SeaFailover& failover() const { return failover_; }
    [[nodiscard]] const SeaSideCounters& real_side() const { return real_side_; }
    [[nodiscard]] const SeaSideCounters& virtual_side() const { return virtual_side_; }
    /// What each client sent and got; nullptr with accounting=disabled.
    [[nodiscard]] const SeaAccounting* accounting() const { return accounting_.get(); }
    /// Since when it counts: another number for each beginning. For flows.
    [[nodiscard]] aix::FlowCounting counting() const {
        return {.statistics = counting_.statistics, .accounting = accounting_ == nullptr ? 0 : counting_.accounting};
    }
    [[nodiscard]] sim::SimTime counting_since() const { return counting_since_; }
    [[nodiscard]] const SeaOffloadCounters& offload() const { return offload_; }
    [[nodiscard]] const SeaLargeReceive& large_receive() const { return large_receive_; }
    [[nodiscard]] const SeaQueues& queues() const { return queues_; }
    [[nodiscard]] const std::vector<aix::VirtualEthernetAdapterDevice*>& trunks() const { return trunks_; }
    [[nodiscard]] aix::EthernetDevice& real_adapter() { return real_; }
    [[nodiscard]] const aix::EthernetDevice& real_adapter() const { return real_; }
    [[nodiscard]] aix::VirtualEthernetAdapterDevice& default_trunk() const { return *default_trunk_; }
    /// After a change that is good (sea_vlans.hpp): VLANs of the trunk adapters, or other trunk adapters.
    void take_trunk_vlans();
    void take_trunks(std::vector<aix::VirtualEthernetAdapterDevice*> trunks);
    [[nodiscard]] aix::VirtualEthernetAdapterDevice* control_channel() const { return control_; }
    /// Without ctl_chan the SEAs of a virtual switch look for each other in VLAN 4095.
    [[nodiscard]] bool uses_simplified_channel() const {
        return control_ == nullptr && level_ >= kViosLevelSimplifiedChannel;
    }
    [[nodiscard]] const ViosLevel& level() const { return level_; }

    // aix::EthernetUser, aix::InterfaceUser
    void on_frame(aix::EthernetDevice& device, const wire::Frame& frame) override;
    void on_link(aix::EthernetDevice& device, bool up) override;
    void on_answer(const wire::Frame& frame) override;

    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

  protected:
    void on_configure() override;
    void on_unconfigure() override;

  private:
    friend class SeaFlows;  // Follows traffic that is computed as a rate.

    // SeaFailoverSide
    [[nodiscard]] bool healthy() const override { return (real_.link_up() || resetting_) && ping_answered_; }
    [[nodiscard]] std::size_t trunk_count() const override { return trunks_.size(); }
    [[nodiscard]] std::uint32_t trunk_definitions() const override;
    [[nodiscard]] SeaTrunkSet trunks_ahead_of_others() const override;
    [[nodiscard]] bool holds_trunks(SeaTrunkSet trunks) const override;
    void activate_trunks(SeaTrunkSet trunks) override;
    void activate_orphaned_trunks(SeaTrunkSet trunks) override;
    void move_traffic_here() override;
    void send_control(const SeaPacket& packet) override;
    void report_state(SeaState state, std::string_view why) override;
    void report(std::string_view what) override;

    void from_real(const wire::Frame& frame);
    void from_virtual(const aix::EthernetDevice& trunk, const wire::Frame& frame);
    void on_control_frame(const aix::EthernetDevice& device, const wire::Frame& frame);
    void pass_up(const wire::Frame& frame);
    using Side = SeaSide;
    /// Charges the frame's processor time and sends it on, at once or when its turn comes; drops it when too many wait.
    void bridge(Side from, const wire::Frame& frame);
    void wait_for_processor(Side from, const wire::Frame& frame, std::optional<sim::Duration> wait);
    /// Every bridged frame passes here, once, whether it could be sent on or not.
    void cross(Side from, const wire::Frame& frame);
    void bridge_due();
    void arm_waiting();
    void forget_waiting();
    [[nodiscard]] aix::VirtualEthernetAdapterDevice* trunk_of(wire::VlanId tag) const;
    bool send_to_virtual(const wire::Frame& frame);
    bool send_to_real(const wire::Frame& frame);

    void take_accounting();
    void account(Side from, const wire::Frame& frame);

    // --- MTU, largesend, large_receive: sea_offload.cpp ---
    void take_attributes();
    bool send_large_to_real(const wire::Frame& frame);
    bool send_train(const wire::Frame& frame, std::uint32_t segment_bytes);
    bool send_fragments(const wire::Frame& frame);
    void send_fragmentation_needed(const wire::Frame& frame);
    void join_and_bridge(const wire::Frame& frame);
    void trains_due();
    void send_reverse_arps();

    [[nodiscard]] SeaSettings settings() const;
    void report_doubtful_settings();
    [[nodiscard]] SeaSideCounters& counters_of(Side side) { return side == Side::kReal ? real_side_ : virtual_side_; }
    void start_pinging();
    void ping();

    aix::EthernetDevice& real_;
    std::vector<aix::VirtualEthernetAdapterDevice*> trunks_;
    aix::VirtualEthernetAdapterDevice* default_trunk_;
    aix::VirtualEthernetAdapterDevice* control_;
    aix::NetworkInterface* ping_interface_ = nullptr;
    ViosLevel level_;
    SeaFailover failover_;

    IoProcessor& processor_;
    SeaCostMode cost_mode_;
    SeaQueues queues_;
    sim::EventHandle waiting_timer_;
    bool is_threaded_ = true;

    std::uint32_t real_frame_bytes_max_ = wire::kStandardMtu + wire::kEthernetHeaderBytes;
    bool largesend_ = false;
    bool receives_large_ = false;
    SeaLargeReceive large_receive_;
    sim::EventHandle trains_timer_;
    SeaOffloadCounters offload_;

    std::vector<std::uint8_t> trunk_by_vlan_;  ///< index + 1 into trunks_; 0: no trunk adapter has the VLAN
    bool closed_ = false;
    SeaSideCounters real_side_;
    SeaSideCounters virtual_side_;
    std::unique_ptr<SeaAccounting> accounting_;
    aix::FlowCounting counting_{.statistics = 0, .accounting = 0};
    sim::SimTime counting_since_{};

    bool resetting_ = false;      ///< our own reset: the link is not back yet
    bool pings_excused_ = false;  ///< our own reset: spanning tree outside may not be through yet
    sim::EventHandle reset_timer_;
    std::optional<wire::Ipv4Address> netaddr_;
    sim::EventHandle ping_timer_;
    std::uint32_t ping_serial_ = 0;
    std::uint32_t pings_missed_ = 0;
    bool ping_awaited_ = false;
    bool ping_answered_ = true;
};

}  // namespace pvmsim::vios
