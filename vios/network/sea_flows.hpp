// SeaFlows: a Shared Ethernet Adapter as flows see it: which adapter a frame would leave by now, and what a byte costs.
//
// It asks the adapter's own state, so that flows go, stall and return with frames. Costs per byte are behaviour 7.2's,
// for any frame size: the two sizes of the table give what a frame and what a byte costs. docs/model/network-flows.md
#pragma once

#include "aix/workload/flow_bridge.hpp"
#include "vios/network/sea.hpp"

namespace pvmsim::vios {

/// Reference cycles of a stream, in thousandths for each byte, when frames carry so many bytes. Both ways at once is
/// cheaper: more frames for each interrupt.
[[nodiscard]] std::int64_t sea_stream_millicycles(SeaThreading threading, bool is_duplex, std::uint32_t frame_bytes);

class SeaFlows final : public aix::FlowBridge {
  public:
    explicit SeaFlows(SharedEthernetAdapter& sea) : sea_(sea) {}

    [[nodiscard]] const aix::OperatingSystem& os() const override;
    [[nodiscard]] const aix::EthernetDevice& device() const override { return sea_; }
    [[nodiscard]] const aix::EthernetUser& user() const override { return sea_; }
    [[nodiscard]] const aix::EthernetDevice& real() const override { return sea_.real_; }
    [[nodiscard]] std::optional<Crossing> cross(const aix::EthernetDevice& in, const wire::Frame& frame) const override;
    [[nodiscard]] std::uint64_t state_word() const override;
    [[nodiscard]] std::uint32_t mtu_bytes() const override;
    [[nodiscard]] bool takes_largesend() const override;
    [[nodiscard]] bool gives_large_receive() const override;
    [[nodiscard]] std::int64_t millicycles_per_byte(const wire::FlowShape& shape) const override;
    [[nodiscard]] aix::FlowCounting counting() const override { return sea_.counting(); }
    [[nodiscard]] aix::FlowProcessor& processor() override { return sea_.processor_; }

  private:
    SharedEthernetAdapter& sea_;
};

}  // namespace pvmsim::vios
