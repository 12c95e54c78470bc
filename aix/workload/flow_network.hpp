// FlowNetwork: the flows of a site: where each goes now, how fast, and since when it cannot.
//
// A flow's path is followed hop by hop through the state that forwards frames: the virtual switch, the Shared Ethernet
// Adapter that bridges the VLAN now, the real adapter or member that would carry it, the switches' ports and learned
// addresses, and back. It is followed anew when some of that changed, which is looked for each kWatchInterval; rates
// are shared anew when a demand, a path or a processor's capacity changed (FlowShares). Who sends pays the copy.
//
// Left out: what a flow teaches switches (a stalled flow whose way out is whole sends real echo requests, as TCP would
// retransmit), links between switches and of hosts as limits, what receiving costs a client.
// docs/model/network-flows.md
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aix/network/link_aggregation.hpp"
#include "aix/network/physical_ethernet_adapter.hpp"
#include "aix/network/virtual_ethernet_adapter.hpp"
#include "aix/workload/flow_bridge.hpp"
#include "aix/workload/flow_load.hpp"
#include "aix/workload/flow_passages.hpp"
#include "aix/workload/flow_shares.hpp"
#include "fabric/lan/lan.hpp"

namespace pvmsim::aix {

/// Payload of a link, in bytes a second.
struct LinkRate {
    std::int64_t one_way = 0;
    std::int64_t both_ways = 0;  ///< together
};
/// What IBM plans with (behaviour 7.2); a megabyte is 2^20 bytes there.
inline constexpr std::int64_t kMegabyte = 1 << 20;
inline constexpr LinkRate kGigabitLink{100 * kMegabyte, 150 * kMegabyte};
inline constexpr LinkRate kTenGigabitLink{1000 * kMegabyte, 1500 * kMegabyte};

/// What flows did to one port so far.
struct FlowPortFigures {
    const PhysicalEthernetAdapter* adapter = nullptr;
    std::uint64_t bytes_out = 0;
    std::uint64_t bytes_in = 0;
    std::int64_t peak_out = 0;  ///< bytes a second
    std::int64_t peak_in = 0;
    LinkRate limit;
    sim::Duration scarce{0};  ///< more was wanted than it carries, and it was full
};

/// What flows did to one bridge so far.
struct FlowBridgeFigures {
    const FlowBridge* bridge = nullptr;
    std::uint64_t bytes_out = 0;     ///< to its real adapter
    std::uint64_t bytes_in = 0;      ///< from its real adapter
    std::int64_t cycles = 0;         ///< of the reference machine
    std::int64_t server_peak = 0;    ///< cycles a second of its server, for all its bridges
    sim::Duration server_scarce{0};  ///< more was wanted of its server than it could give, which it gave
};

class FlowNetwork final : public sim::Entity {
  public:
    /// [PARAM] So late a change of path or demand takes effect at most; the resolution of outages.
    static constexpr sim::Duration kWatchInterval{10'000'000};
    /// [PARAM] Where something is scarce, rates are shared anew at most so often: some round trips of TCP. A path that
    /// is lost or found does not wait for it.
    static constexpr std::uint32_t kShareTicks = 5;
    /// [PARAM] Processors' capacities are asked for again after so many of these.
    static constexpr std::uint32_t kCapacityTicks = 10;
    /// [PARAM] A stalled flow tries again so often, as TCP's first retransmissions.
    static constexpr sim::Duration kProbeInterval{200'000'000};
    /// [PARAM] A client's demand is told to the dispatcher in hundredths of a core, rounded up.
    static constexpr std::int64_t kDemandStepNanocores = 10'000'000;

    FlowNetwork(sim::Engine& engine, fabric::Lan& lan, std::string path);

    // --- before the run ---
    /// A system whose adapters flows may use, with all its devices; every client and Virtual I/O Server.
    void add_system(OperatingSystem& os);
    void add_bridge(FlowBridge& bridge);
    /// Of one port; kGigabitLink otherwise.
    void set_link_rate(const PhysicalEthernetAdapter& adapter, LinkRate rate);

    // --- the loads' word ---
    std::uint32_t add_flow(NetworkInterface& interface, const FlowLoadConfig& config);
    /// Somebody uses the flow from now on, or no longer. Only while it is used can it be in an outage.
    void start(std::uint32_t flow);
    void stop(std::uint32_t flow);
    /// What it offers in each direction it goes, from now on.
    void set_demand(std::uint32_t flow, std::int64_t bytes_per_s);

    /// Offered and delivered so far, and the outages.
    [[nodiscard]] FlowLoadResult result(std::uint32_t flow, sim::SimTime now) const;
    /// In the order of adapters and of add_bridge(). docs/model/network-flows.md
    [[nodiscard]] std::vector<FlowPortFigures> port_figures() const;
    [[nodiscard]] std::vector<FlowBridgeFigures> bridge_figures() const;
    /// How long flows wanted more of a partition's processors for sending than it could have.
    [[nodiscard]] sim::Duration sender_scarce(const OperatingSystem& os) const;
    /// What flows have carried over an adapter or bridge until now: for entstat, and of a bridge with accounting for
    /// seastat. In the order of the flows; looking changes nothing.
    [[nodiscard]] std::vector<FlowCarried> carried_over(const EthernetDevice& device, sim::SimTime now) const;
    [[nodiscard]] std::vector<FlowCarried> accounted_over(const EthernetDevice& bridge, sim::SimTime now) const;
    [[nodiscard]] bool has_path(std::uint32_t flow) const { return flows_[flow].has_path; }
    [[nodiscard]] std::size_t flow_count() const { return flows_.size(); }
    /// How often rates were shared and paths followed, for those who want to know what it costs.
    [[nodiscard]] std::uint64_t settles() const { return settles_; }
    [[nodiscard]] std::uint64_t paths_followed() const { return paths_followed_; }

    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

  private:
    using Wide = FlowPassages::Wide;
    static constexpr std::uint32_t kNobody = 0xffff'ffff;
    /// One of both, or not known.
    struct Destination {
        NetworkInterface* interface = nullptr;
        fabric::Host* host = nullptr;
    };
    struct Flow {
        NetworkInterface* interface = nullptr;
        FlowLoadConfig config;
        Destination to;
        std::uint32_t sender = kNobody;      ///< the client, among senders_
        std::uint32_t receiver = kNobody;    ///< the destination, among senders_
        std::uint32_t train_loss = kNobody;  ///< resource; there once its receiver has lost trains
        std::uint32_t frame_bytes = 0;       ///< payload and headers of IP and TCP
        bool is_wanted = false;
        bool has_path = false;
        bool is_held = false;  ///< its partition hangs: it offers nothing, and nobody waits for it
        std::int64_t demand = 0;
        std::int64_t rate = 0;
        sim::SimTime since;  ///< the sums below are up to here
        Wide offered = 0;    ///< byte-nanoseconds per second, in each direction
        Wide delivered = 0;
        Wide lost = 0;
        sim::Duration used{0};
        sim::SimTime down_since;
        sim::SimTime probed;
        OutageMeter outages;
        FlowPassages passages;
    };
    struct Sender {
        OperatingSystem* os;
        std::uint32_t resource;
        std::int64_t milli_per_core = 0;  ///< a second
        std::int64_t told_steps = 0;
        std::uint32_t scarce_looks = 0;
    };
    struct Server {
        FlowProcessor* processor;
        std::uint32_t resource;
        std::int64_t told = 0;
        std::int64_t peak = 0;
        std::uint32_t scarce_looks = 0;
    };
    struct Port {
        sim::EntityId entity;
        const PhysicalEthernetAdapter* adapter;
        std::uint32_t out;  ///< resources
        std::uint32_t in;
        std::uint32_t both;
        LinkRate limit = kGigabitLink;
        std::int64_t peak_out = 0;
        std::int64_t peak_in = 0;
        std::uint32_t scarce_looks = 0;
    };
    struct Virtual {
        sim::EntityId entity;
        const VirtualEthernetAdapterDevice* adapter;
        hypervisor::ManagedSystem* system;
    };
    struct Bridge {
        FlowBridge* bridge;
        std::uint32_t server;
    };
    /// What a frame passed; indices into ports_, bridges_ and virtuals_.
    struct Hop {
        enum class Kind : std::uint8_t { kPortOut, kPortIn, kBridgeOut, kBridgeIn, kVirtualOut, kVirtualIn } kind;
        std::uint32_t index;
        wire::Frame frame;
    };
    struct Walk {
        const EthernetUser* user = nullptr;  ///< where to: an interface or
        fabric::Host* host = nullptr;
        std::vector<Hop> hops;
        wire::Frame arrived;  ///< at the destination
        std::uint32_t depth = 0;
    };

    // --- paths: flow_paths.cpp ---
    /// Another word whenever a path may have changed.
    [[nodiscard]] std::uint64_t state_word() const;
    /// Where the flow goes now: its uses of resources, or that it is stalled.
    void follow(std::uint32_t flow);
    struct Ways {
        Walk there;
        Walk back;
        bool is_there = false;
        bool is_back = false;
    };
    [[nodiscard]] Ways walk_both_ways(const Flow& flow, std::uint32_t frame_bytes = 0) const;
    [[nodiscard]] bool leave(const EthernetDevice& device, const wire::Frame& frame, Walk& walk) const;
    [[nodiscard]] bool leave_by_bridge(const EthernetDevice& device, const wire::Frame& frame, Walk& walk) const;
    [[nodiscard]] bool leave_by_port(const fabric::NicPort& port, const wire::Frame& frame, Walk& walk) const;
    [[nodiscard]] bool arrive(const EthernetDevice& device, const wire::Frame& frame, Walk& walk) const;
    [[nodiscard]] bool cross(std::uint32_t bridge, const EthernetDevice& in, const wire::Frame& frame,
                             Walk& walk) const;
    void find_destination(Flow& flow);
    /// What a flow uses and crosses while it goes both ways.
    struct Course {
        std::vector<FlowUse> uses;
        std::vector<FlowPassages::Crossed> crossed;
    };
    [[nodiscard]] Course course_of(const Flow& flow, const Ways& ways) const;
    void add_hops(std::uint32_t mtu, const std::vector<Hop>& hops, const wire::FlowShape& shape, Course& course) const;
    [[nodiscard]] FlowPassages::Crossed crossed_at(const Hop& hop, const wire::FlowShape& seen) const;
    [[nodiscard]] wire::FlowShape shape_of(const Flow& flow, const Ways& ways) const;
    /// Somebody on the way makes trains that the receiving operating system drops: flow_trains.cpp.
    [[nodiscard]] bool loses_trains(const Flow& flow, const Ways& ways) const;
    [[nodiscard]] static bool arrives_in_trains(const Walk& walk, bool begins_in_trains,
                                                const std::vector<Bridge>& bridges);
    [[nodiscard]] std::uint32_t train_loss_of(Flow& flow);
    [[nodiscard]] std::uint32_t mtu_of(const Flow& flow, const Ways& ways) const;
    [[nodiscard]] bool takes_frames(const Flow& flow, const Ways& ways) const;
    [[nodiscard]] std::uint32_t frame_bytes_of(const Flow& flow, const Ways& ways) const;
    void probe(Flow& flow);

    // --- what is carried over devices, and figures: flow_figures.cpp ---
    /// With what has come since it was booked.
    [[nodiscard]] static Wide delivered_until(const Flow& flow, sim::SimTime now);
    [[nodiscard]] std::vector<FlowCarried> collect(const EthernetDevice& device, FlowPassages::Purpose purpose,
                                                   sim::SimTime now) const;
    [[nodiscard]] FlowPassages::Passed passed_over(const EthernetDevice& device) const;
    void note_peaks();
    void look_for_scarcity();

    // --- rates: flow_network.cpp ---
    void watch();
    void tick();
    void follow_paths();
    void book(Flow& flow);
    void hold(std::uint32_t id, bool is_held);
    void set_path(std::uint32_t flow, bool there_is_one);
    void ask_capacities();
    void settle();
    void refresh_capacity(std::uint32_t sender);
    void charge_sender(std::uint32_t sender);
    void charge_flow(const Flow& flow);
    void charge_servers();
    [[nodiscard]] std::int64_t capacity_milli(const Sender& sender) const;
    [[nodiscard]] std::uint32_t find_sender(const OperatingSystem& os) const;

    sim::Engine& engine_;
    fabric::Lan& lan_;
    sim::EntityId entity_;
    FlowShares shares_;
    std::vector<Flow> flows_;
    std::vector<Sender> senders_;
    std::vector<Server> servers_;
    std::vector<Port> ports_;        ///< by entity
    std::vector<Virtual> virtuals_;  ///< by entity
    std::vector<NetworkInterface*> interfaces_;
    std::vector<Bridge> bridges_;
    std::vector<const LinkAggregation*> aggregations_;
    std::vector<hypervisor::ManagedSystem*> systems_;
    std::vector<std::uint32_t> stalled_;    ///< wanted, without a path
    std::vector<std::uint32_t> uncharged_;  ///< their rates changed since
    std::vector<std::uint32_t> settling_;
    bool is_urgent_ = false;  ///< a path was lost or found
    std::uint32_t wanted_ = 0;
    bool is_watching_ = false;
    sim::EventHandle watch_;
    std::uint64_t seen_word_ = 0;
    mutable std::uint64_t alive_word_ = 0;  ///< of the senders; 0: to be looked at
    std::uint32_t ticks_ = 0;
    std::uint64_t settles_ = 0;
    std::uint64_t paths_followed_ = 0;
    std::uint32_t probe_serial_ = 0;
};

}  // namespace pvmsim::aix
