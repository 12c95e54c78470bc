// What flows need to know of a Virtual I/O Server: through which adapter a frame would leave a Shared Ethernet Adapter
// now, what a byte of a flow costs there, and how much processor time there is for it.
//
// The Virtual I/O Server stands above this folder; it implements these (vios/network/sea_flows, vios/processor).
#pragma once

#include <cstdint>
#include <optional>

#include "aix/network/ethernet_device.hpp"
#include "aix/workload/flow_passages.hpp"
#include "fabric/wire/flow.hpp"

namespace pvmsim::aix {

/// Whose processor time flows use.
class FlowProcessor {
  public:
    virtual ~FlowProcessor() = default;
    /// Cycles a second that flows may use at most now, in cycles of the reference machine.
    [[nodiscard]] virtual std::int64_t flow_cycles_max() = 0;
    /// What they use from now on; at most what flow_cycles_max said.
    virtual void set_flow_cycles(std::int64_t cycles_per_second) = 0;
};

class FlowBridge {
  public:
    /// Where a frame goes on, and as what.
    struct Crossing {
        const EthernetDevice* out;
        wire::Frame frame;
    };
    virtual ~FlowBridge() = default;
    [[nodiscard]] virtual const OperatingSystem& os() const = 0;
    /// The adapter as a device, and as who stands on its real and trunk adapters.
    [[nodiscard]] virtual const EthernetDevice& device() const = 0;
    [[nodiscard]] virtual const EthernetUser& user() const = 0;
    [[nodiscard]] virtual const EthernetDevice& real() const = 0;
    /// A frame that came in at one of its adapters, real or trunk; nullopt: it is not bridged here now.
    [[nodiscard]] virtual std::optional<Crossing> cross(const EthernetDevice& in, const wire::Frame& frame) const = 0;
    /// Another word whenever cross() may answer differently.
    [[nodiscard]] virtual std::uint64_t state_word() const = 0;

    [[nodiscard]] virtual std::uint32_t mtu_bytes() const = 0;
    [[nodiscard]] virtual bool takes_largesend() const = 0;      ///< segments of 64 KB from inside
    [[nodiscard]] virtual bool gives_large_receive() const = 0;  ///< puts frames from outside together
    [[nodiscard]] virtual std::int64_t millicycles_per_byte(const wire::FlowShape& shape) const = 0;
    [[nodiscard]] virtual FlowProcessor& processor() = 0;
    /// Since when it counts what crosses it. A change must change state_word(), too.
    [[nodiscard]] virtual FlowCounting counting() const { return {}; }
};

}  // namespace pvmsim::aix
