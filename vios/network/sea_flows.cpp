// The crossing rules of sea_bridge.cpp without sending, and the cost of streams; see sea_flows.hpp.
//
// A frame costs a fixed part and one for its bytes: c(size) = a / size + b, through the table's values at 1500 and 9000
// bytes. Segments of largesend go the same line on. With the published figures a is 7,000 to 11,200 cycles and b 2
// to 4.
#include "vios/network/sea_flows.hpp"

#include <algorithm>

#include "aix/os/operating_system.hpp"

namespace pvmsim::vios {
namespace {

/// Thousandths of a cycle for each byte (behaviour 7.2).
struct StreamCost {
    std::int64_t at_1500;
    std::int64_t at_9000;
};

constexpr StreamCost stream_cost(SeaThreading threading, bool is_duplex) {
    if (threading == SeaThreading::kThreaded) return is_duplex ? StreamCost{8600, 3800} : StreamCost{11'200, 5000};
    return is_duplex ? StreamCost{7400, 2900} : StreamCost{9300, 3600};
}

}  // namespace

std::int64_t sea_stream_millicycles(SeaThreading threading, bool is_duplex, std::uint32_t frame_bytes) {
    const auto cost = stream_cost(threading, is_duplex);
    // a (1/1500 - 1/9000) is the difference, and 1/1500 - 1/9000 is 1/1800.
    const auto per_frame = (cost.at_1500 - cost.at_9000) * 1800;
    const auto per_byte = cost.at_9000 - per_frame / 9000;
    return per_frame / frame_bytes + per_byte;
}

const aix::OperatingSystem& SeaFlows::os() const { return std::as_const(sea_).os(); }

std::optional<aix::FlowBridge::Crossing> SeaFlows::cross(const aix::EthernetDevice& in,
                                                         const wire::Frame& frame) const {
    if (!sea_.bridging()) return std::nullopt;
    if (&in != &sea_.real_) {
        if (&in == sea_.control_ || !sea_.bridges(in)) return std::nullopt;
        return Crossing{&sea_.real_, frame};
    }
    const auto* trunk = sea_.trunk_of(frame.vlan);
    if (trunk == nullptr || !sea_.bridges(*trunk)) return std::nullopt;
    Crossing crossing{trunk, frame};
    if (frame.vlan == trunk->port_vlan_id()) crossing.frame.vlan = wire::kUntagged;
    return crossing;
}

std::uint64_t SeaFlows::state_word() const {
    std::uint64_t word = sea_.bridging() ? 1 : 0;
    word = word << 1 | (sea_.real_.link_up() ? 1u : 0u);
    for (const auto* trunk : sea_.trunks_) word = word << 1 | (sea_.bridges(*trunk) ? 1u : 0u);
    const auto mode = sea_.cost_mode_;
    word = word << 2 | (mode.mtu == SeaMtu::k9000 ? 2u : 0u) | (mode.threading == SeaThreading::kThreaded ? 1u : 0u);
    word = word << 2 | (takes_largesend() ? 2u : 0u) | (gives_large_receive() ? 1u : 0u);
    const auto counting = sea_.counting();
    return word ^ (std::uint64_t{counting.statistics} << 32 | counting.accounting) * 0x9e37'79b9'7f4a'7c15u;
}

std::uint32_t SeaFlows::mtu_bytes() const { return sea_.cost_mode_.mtu == SeaMtu::k9000 ? 9000 : 1500; }

bool SeaFlows::takes_largesend() const { return sea_.attributes().integer("largesend") == 1; }

bool SeaFlows::gives_large_receive() const { return sea_.attributes().is("large_receive", "yes"); }

/// A transaction is a request and an answer: half of it for each direction.
std::int64_t SeaFlows::millicycles_per_byte(const wire::FlowShape& shape) const {
    const auto threading = sea_.cost_mode_.threading;
    const bool is_duplex = shape.direction == wire::FlowDirection::kBoth;
    if (shape.kind == wire::FlowKind::kStream) return sea_stream_millicycles(threading, is_duplex, shape.frame_bytes);
    const auto small = sea_transaction_cycles(threading, shape.transaction_bytes) * 1000 / 2 / shape.transaction_bytes;
    return std::max(small, sea_stream_millicycles(threading, is_duplex, shape.frame_bytes));
}

}  // namespace pvmsim::vios
