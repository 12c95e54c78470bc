// FlowLoad: one flow of a partition over one interface: a stream, transactions, or bursts of either, as a rate.
//
// Nothing is sent for it. It offers a rate; the FlowNetwork says what of it gets through, from the path that frames
// would take now and from what others offer. While there is no path it is in an outage; what it offers then is lost and
// not made up for. Left out: TCP's slow start and retransmission, latency of a transaction.
// docs/model/network-flows.md
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aix/network/interface.hpp"
#include "aix/workload/outage_meter.hpp"
#include "fabric/wire/flow.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::aix {

class FlowNetwork;

/// From a moment on: bytes a second of a stream, or transactions a second.
struct FlowStep {
    sim::SimTime at;
    std::int64_t rate = 0;
};

struct FlowLoadConfig {
    wire::Ipv4Address to;  ///< a host outside or an interface of another partition, in the interface's network
    wire::FlowKind kind = wire::FlowKind::kStream;
    wire::FlowDirection direction = wire::FlowDirection::kSend;  ///< of a stream; transactions go both ways
    std::int64_t bytes_per_s = 0;                                ///< stream: offered in each direction it goes
    std::int64_t transactions_per_s = 0;                         ///< transactions: offered
    std::uint32_t transaction_bytes = 64;                        ///< of a request, and of its answer
    std::uint32_t mtu_bytes = 1500;                              ///< of the interface
    bool largesend = false;                                      ///< the adapter takes segments of 64 KB (mtu_bypass)
    sim::Duration burst_on{0};  ///< both above 0: offered in bursts, so long on, so long off
    sim::Duration burst_off{0};
    sim::Duration change_every{0};  ///< above 0: drawn anew so often, evenly from 0 to twice the rate
    std::vector<FlowStep> steps{};  ///< in order of time; before the first the rate above counts
};

struct FlowLoadResult {
    std::uint64_t bytes_offered = 0;  ///< all directions together
    std::uint64_t bytes_delivered = 0;
    std::uint64_t bytes_lost = 0;       ///< of the offered: while there was no path
    std::uint64_t transactions = 0;     ///< answered
    std::uint64_t packets = 0;          ///< that would have gone over the client's adapter
    std::int64_t rate_bytes_per_s = 0;  ///< now, in each direction
    sim::Duration used{0};              ///< somebody wanted it so long
    std::vector<Outage> outages;
};

class FlowLoad final : public sim::Entity {
  public:
    /// Registers with the network, which must know the destination by the time the flow starts.
    FlowLoad(sim::Engine& engine, FlowNetwork& network, NetworkInterface& interface, std::string path,
             const FlowLoadConfig& config);

    void start(sim::SimTime at);
    /// The system is gone; no outage, as nobody wants anything.
    void stop();

    [[nodiscard]] const FlowLoadConfig& config() const { return config_; }
    [[nodiscard]] const NetworkInterface& interface() const { return interface_; }
    [[nodiscard]] sim::EntityId entity() const { return entity_; }
    [[nodiscard]] FlowLoadResult result(sim::SimTime now) const;

    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

  private:
    [[nodiscard]] std::int64_t full_rate() const;
    void begin();
    void change();
    void take_steps();
    void step();

    sim::Engine& engine_;
    FlowNetwork& network_;
    NetworkInterface& interface_;
    FlowLoadConfig config_;
    sim::EntityId entity_;
    sim::RandomStream changes_;
    std::uint32_t flow_;
    bool running_ = false;
    bool in_burst_ = false;
    sim::EventHandle next_;
    std::int64_t rate_ = 0;  ///< as the description says for now, in its unit
    std::size_t steps_taken_ = 0;
    sim::EventHandle step_due_;
};

}  // namespace pvmsim::aix
