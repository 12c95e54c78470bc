// Collecting of what flows carried over devices; see flow_passages.hpp. A flow has a few passages at a time: they are
// searched one by one, when its way changes and when somebody asks.
#include "aix/workload/flow_passages.hpp"

#include <algorithm>

#include "sim/base/assert.hpp"

namespace pvmsim::aix {
namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

bool is_same(const FlowPassages::Crossed& a, const FlowPassages::Crossed& b) {
    return a.device == b.device && a.is_transmit == b.is_transmit && a.counting == b.counting &&
           a.packing == b.packing && a.milli_per_byte == b.milli_per_byte && a.frame.source == b.frame.source &&
           a.frame.destination == b.frame.destination && a.frame.vlan == b.frame.vlan &&
           a.frame.priority == b.frame.priority;
}

}  // namespace

FlowPassages::Packing FlowPassages::packing(const wire::FlowShape& shape) {
    PVMSIM_ASSERT(shape.frame_bytes > kHeaderBytes);
    const auto payload = shape.frame_bytes - kHeaderBytes;
    if (shape.kind == wire::FlowKind::kStream) return {.payload_bytes = payload, .packets = 1};
    return {.payload_bytes = shape.transaction_bytes, .packets = (shape.transaction_bytes + payload - 1) / payload};
}

bool FlowPassages::is_on(const std::vector<Crossed>& crossed) const {
    const auto is_among = [&crossed](const Passage& passage) {
        return std::ranges::any_of(crossed, [&](const Crossed& one) { return is_same(passage.crossed, one); });
    };
    std::size_t found = 0;
    for (const auto& passage : passages_) {
        if (!passage.is_current) continue;
        if (!is_among(passage)) return false;
        ++found;
    }
    return found == crossed.size();
}

void FlowPassages::set_way(const std::vector<Crossed>& crossed, Wide delivered) {
    for (auto& passage : passages_) {
        passage.carried = passage.total(delivered);
        passage.is_current = false;
    }
    for (const auto& one : crossed) {
        const auto same = [&](const Passage& passage) { return is_same(passage.crossed, one); };
        auto found = std::ranges::find_if(passages_, same);
        if (found == passages_.end()) found = passages_.insert(passages_.end(), {.crossed = one});
        found->from = delivered;
        found->is_current = true;
    }
}

void FlowPassages::collect(sim::EntityId device, const Question& question, std::vector<FlowCarried>& into) const {
    const auto& counting = question.counting;
    for (const auto& passage : passages_) {
        const auto& crossed = passage.crossed;
        if (crossed.device != device) continue;
        if (crossed.counting.statistics != counting.statistics) continue;
        const bool is_accounted = counting.accounting != 0 && crossed.counting.accounting == counting.accounting;
        if (question.purpose == Purpose::kAccounting && !is_accounted) continue;
        const Wide payload = passage.total(question.delivered) / kNanosPerSecond;
        const Wide packets =
            (payload * crossed.packing.packets + crossed.packing.payload_bytes - 1) / crossed.packing.payload_bytes;
        if (packets == 0) continue;
        const Wide bytes = payload + packets * (kHeaderBytes + wire::kEthernetHeaderBytes);
        into.push_back({.frame = crossed.frame,
                        .is_transmit = crossed.is_transmit,
                        .packets = static_cast<std::uint64_t>(packets),
                        .bytes = static_cast<std::uint64_t>(bytes)});
    }
}

void FlowPassages::add_passed(sim::EntityId device, Wide delivered, Passed& into) const {
    for (const auto& passage : passages_) {
        if (passage.crossed.device != device) continue;
        const Wide carried = passage.total(delivered);
        (passage.crossed.is_transmit ? into.out : into.in) += carried;
        into.milli += carried * passage.crossed.milli_per_byte;
    }
}

}  // namespace pvmsim::aix
