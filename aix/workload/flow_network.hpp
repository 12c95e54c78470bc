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
    [[nodiscard]] bool has_path(std::uint32_t flow) const { return flows_[flow].has_path; }
    [[nodiscard]] std::size_t flow_count() const { return flows_.size(); }
    /// How often rates were shared and paths followed, for those who want to know what it costs.
    [[nodiscard]] std::uint64_t settles() const { return settles_; }
    [[nodiscard]] std::uint64_t paths_followed() const { return paths_followed_; }

    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

  private:
    __extension__ using Wide = __int128;
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
        std::uint32_t sender = kNobody;    ///< the client, among senders_
        std::uint32_t receiver = kNobody;  ///< the destination, among senders_
        bool is_wanted = false;
        bool has_path = false;
        std::int64_t demand = 0;
        std::int64_t rate = 0;
        sim::SimTime since;  ///< the sums below are up to here
        Wide offered = 0;    ///< byte-nanoseconds per second, in each direction
        Wide delivered = 0;
        Wide lost = 0;
        sim::SimTime down_since;
        sim::SimTime probed;
        OutageMeter outages;
    };
    struct Sender {
        OperatingSystem* os;
        std::uint32_t resource;
        std::int64_t milli_per_core = 0;  ///< a second
        std::int64_t told_steps = 0;
    };
    struct Server {
        FlowProcessor* processor;
        std::uint32_t resource;
        std::int64_t told = 0;
    };
    struct Port {
        sim::EntityId entity;
        const PhysicalEthernetAdapter* adapter;
        std::uint32_t out;  ///< resources
        std::uint32_t in;
        std::uint32_t both;
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
    /// What a frame passed; indices into ports_ and bridges_.
    struct Hop {
        enum class Kind : std::uint8_t { kPortOut, kPortIn, kBridgeOut, kBridgeIn } kind;
        std::uint32_t index;
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
    [[nodiscard]] Ways walk_both_ways(const Flow& flow) const;
    [[nodiscard]] bool leave(const EthernetDevice& device, const wire::Frame& frame, Walk& walk) const;
    [[nodiscard]] bool leave_by_bridge(const EthernetDevice& device, const wire::Frame& frame, Walk& walk) const;
    [[nodiscard]] bool leave_by_port(const fabric::NicPort& port, const wire::Frame& frame, Walk& walk) const;
    [[nodiscard]] bool arrive(const EthernetDevice& device, const wire::Frame& frame, Walk& walk) const;
    [[nodiscard]] bool cross(std::uint32_t bridge, const EthernetDevice& in, const wire::Frame& frame,
                             Walk& walk) const;
    void find_destination(Flow& flow);
    [[nodiscard]] std::vector<FlowUse> uses_of(const Flow& flow, const Ways& ways) const;
    void add_uses(const Flow& flow, const std::vector<Hop>& hops, const wire::FlowShape& shape,
                  std::vector<FlowUse>& uses) const;
    [[nodiscard]] std::uint32_t frame_bytes_of(const Flow& flow, const Ways& ways) const;
    void probe(Flow& flow);

    // --- rates: flow_network.cpp ---
    void watch();
    void tick();
    void follow_paths();
    void book(Flow& flow);
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
