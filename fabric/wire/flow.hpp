// What a flow of frames looks like to whatever carries it: how many bytes go into one frame, which way, and whether it
// is a stream or questions and answers. No behaviour.
//
// Source: behaviour 7.2, whose tables tell streams of one direction from both at once, and from transactions.
#pragma once

#include <cstdint>

namespace pvmsim::wire {

enum class FlowKind : std::uint8_t {
    kStream,        ///< bytes, as fast as offered
    kTransactions,  ///< a request and an answer of so many bytes each
};

/// Which way a stream goes, seen from the client.
enum class FlowDirection : std::uint8_t { kSend, kReceive, kBoth };

struct FlowShape {
    FlowKind kind = FlowKind::kStream;
    FlowDirection direction = FlowDirection::kSend;
    std::uint32_t frame_bytes = 1500;      ///< what one frame of a stream carries
    std::uint32_t transaction_bytes = 64;  ///< of a request, and of its answer
};

/// One segment that an adapter cuts up itself (largesend): what TCP hands down at most.
inline constexpr std::uint32_t kLargesendBytes = 65'160;

}  // namespace pvmsim::wire
