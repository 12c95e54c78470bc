// FlowPassages: what flows have carried over each Ethernet device they crossed, for entstat, seastat and nmon, which
// would have seen frames there.
//
// A flow's rate is constant between two bookings, so its bytes over a device are sums of rate times span, exact in
// integers; whoever asks in between adds what has come since, and changes nothing. A passage is one direction of a flow
// over one device, with the frame as the device sees it. When the flow takes another way it gets further passages; what
// it had carried stays with the device it crossed then. A device that was configured anew, or whose accounting began
// anew, counts from that moment (FlowCounting). Simplified: headers are 54 bytes a packet (Ethernet, IP, TCP);
// acknowledgements of streams are not counted. docs/model/network-statistics.md
#pragma once

#include <cstdint>
#include <vector>

#include "fabric/wire/ethernet.hpp"
#include "fabric/wire/flow.hpp"
#include "sim/base/time.hpp"
#include "sim/engine/event.hpp"

namespace pvmsim::aix {

/// Since when a device counts: another number for each beginning; 0: it does not.
struct FlowCounting {
    std::uint32_t statistics = 1;
    std::uint32_t accounting = 0;
    friend bool operator==(const FlowCounting&, const FlowCounting&) = default;
};

/// What one passage has carried until now.
struct FlowCarried {
    wire::Frame frame;         ///< addresses and tag as on the device
    bool is_transmit = false;  ///< of a bridge: from inside out
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;  ///< with headers
};

class FlowPassages {
    __extension__ using Wide = __int128;

  public:
    static constexpr std::uint32_t kHeaderBytes = 40;  ///< IP and TCP
    /// How a flow's bytes are put into packets: so many packets for so many payload bytes.
    struct Packing {
        std::uint32_t payload_bytes = 1460;
        std::uint32_t packets = 1;
        friend bool operator==(const Packing&, const Packing&) = default;
    };
    [[nodiscard]] static Packing packing(const wire::FlowShape& shape);

    struct Crossed {
        sim::EntityId device;
        bool is_transmit = false;
        FlowCounting counting;
        wire::Frame frame;
        Packing packing;
    };

    enum class Purpose : std::uint8_t { kStatistics, kAccounting };

    /// It went at this rate since the last time this was called. Before rate or way change.
    void book(sim::SimTime now, std::int64_t rate_bytes_per_s) {
        total_ += Wide{rate_bytes_per_s} * (now - since_).count();
        since_ = now;
    }
    /// From now on the flow crosses these.
    void set_way(const std::vector<Crossed>& crossed);
    /// What somebody wants to know of a flow that goes at this rate now.
    struct Question {
        FlowCounting counting;
        Purpose purpose;
        sim::SimTime now;
        std::int64_t rate_bytes_per_s;
    };
    /// What was carried over the device since it counts so.
    void collect(sim::EntityId device, const Question& question, std::vector<FlowCarried>& into) const;

  private:
    struct Passage {
        Crossed crossed;
        Wide carried = 0;  ///< payload: byte-nanoseconds a second, over former ways
        Wide from = 0;     ///< current: total_ when it became so
        bool is_current = false;
    };
    std::vector<Passage> passages_;
    Wide total_ = 0;  ///< of the flow up to since_; a booking touches nothing else
    sim::SimTime since_{};
};

}  // namespace pvmsim::aix
