// FlowPassages: what a flow has carried over each Ethernet device it crossed: for entstat, seastat and nmon, which
// would have seen frames there, and for the figures of links and bridges.
//
// A passage is one direction of a flow over one device, with the frame as the device sees it. It remembers how much the
// flow had delivered in all when it took this way; what came since has crossed the device, exact in integers, and
// nothing is booked here while the flow goes on. When it takes another way it gets further passages; what it had
// carried stays with the device it crossed then. A device that was configured anew, or whose accounting began anew,
// counts from that moment (FlowCounting). Simplified: headers are 54 bytes a packet (Ethernet, IP, TCP);
// acknowledgements of streams are not counted. docs/model/network-statistics.md
#pragma once

#include <cstdint>
#include <vector>

#include "fabric/wire/ethernet.hpp"
#include "fabric/wire/flow.hpp"
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
  public:
    /// Payload in byte-nanoseconds per second: rate times span.
    __extension__ using Wide = __int128;
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
        std::int64_t milli_per_byte = 0;  ///< processor time of a bridge
    };
    /// What passed a device, whenever it began to count.
    struct Passed {
        Wide out = 0;
        Wide in = 0;
        Wide milli = 0;
    };

    enum class Purpose : std::uint8_t { kStatistics, kAccounting };

    /// The flow crosses these, and nothing else.
    [[nodiscard]] bool is_on(const std::vector<Crossed>& crossed) const;
    /// From now on it does, having delivered so much.
    void set_way(const std::vector<Crossed>& crossed, Wide delivered);
    /// What somebody wants to know of a flow that has delivered so much until now.
    struct Question {
        FlowCounting counting;
        Purpose purpose;
        Wide delivered;
    };
    /// What was carried over the device since it counts so.
    void collect(sim::EntityId device, const Question& question, std::vector<FlowCarried>& into) const;
    /// Adds what was carried over the device in all.
    void add_passed(sim::EntityId device, Wide delivered, Passed& into) const;

  private:
    struct Passage {
        Crossed crossed;
        Wide carried = 0;  ///< over former ways
        Wide from = 0;     ///< current: delivered when it became so
        bool is_current = false;

        [[nodiscard]] Wide total(Wide delivered) const { return carried + (is_current ? delivered - from : Wide{0}); }
    };
    std::vector<Passage> passages_;
};

}  // namespace pvmsim::aix
