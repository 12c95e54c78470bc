// MessagePart: which part of a message of an application a frame carries: TCP's segments, IP's fragments, and trains of
// segments that travel as one frame because an adapter cuts them (largesend) or has joined them (large_receive).
//
// It lies in Frame::data of an interface's traffic; 0, the ordinary case, is a message that fits one frame and may not
// be fragmented (path MTU discovery is on in AIX for TCP and UDP). Simplified: headers are 54 bytes (Ethernet, IPv4,
// TCP without options), 34 for each fragment; no handshake, window or retransmission. Sources: RFC 791, 1191, 9293.
#pragma once

#include <cstdint>

#include "fabric/wire/ethernet.hpp"

namespace pvmsim::wire {

inline constexpr std::uint32_t kSegmentHeaderBytes = 54;
inline constexpr std::uint32_t kFragmentHeaderBytes = 34;
/// What offset and total can say.
inline constexpr std::uint32_t kMessageBytesMax = (1u << 24) - 1;
/// Of a train, headers included; what a segment in it may measure.
inline constexpr std::uint32_t kTrainSegmentBytesMax = (1u << 14) - 1;

struct MessagePart {
    std::uint32_t offset_bytes = 0;   ///< of the payload, in the message
    std::uint32_t total_bytes = 0;    ///< of the message's payload; 0: the frame is a message of its own
    std::uint32_t segment_bytes = 0;  ///< a train of frames of at most so many bytes; 0: no train
    bool may_fragment = false;
    bool is_fragment = false;

    [[nodiscard]] constexpr std::uint64_t encode() const {
        return std::uint64_t{offset_bytes} | std::uint64_t{total_bytes} << 24 | std::uint64_t{segment_bytes} << 48 |
               std::uint64_t{may_fragment ? 1u : 0u} << 62 | std::uint64_t{is_fragment ? 1u : 0u} << 63;
    }
    [[nodiscard]] static constexpr MessagePart decode(std::uint64_t word) {
        return {.offset_bytes = static_cast<std::uint32_t>(word & kMessageBytesMax),
                .total_bytes = static_cast<std::uint32_t>(word >> 24 & kMessageBytesMax),
                .segment_bytes = static_cast<std::uint32_t>(word >> 48 & kTrainSegmentBytesMax),
                .may_fragment = (word >> 62 & 1) != 0,
                .is_fragment = (word >> 63 & 1) != 0};
    }
    [[nodiscard]] constexpr std::uint32_t header_bytes() const {
        return is_fragment ? kFragmentHeaderBytes : kSegmentHeaderBytes;
    }
};

/// True for frames whose data is a MessagePart: an application's, over IP.
[[nodiscard]] constexpr bool carries_message(const Frame& frame) {
    using enum FrameType;
    return frame.type == kRequest || frame.type == kResponse || frame.type == kEchoRequest || frame.type == kEchoReply;
}

/// What the frame carries of its message.
[[nodiscard]] constexpr std::uint32_t payload_bytes(const Frame& frame) {
    const auto header = MessagePart::decode(frame.data).header_bytes();
    return frame.size_bytes > header ? frame.size_bytes - header : 0;
}

/// Frames that the train becomes on a real wire; 1 for any other frame.
[[nodiscard]] constexpr std::uint32_t segment_count(const Frame& frame) {
    const auto part = MessagePart::decode(frame.data);
    if (part.segment_bytes <= kSegmentHeaderBytes) return 1;
    const auto each = part.segment_bytes - kSegmentHeaderBytes;
    const auto count = (payload_bytes(frame) + each - 1) / each;
    return count == 0 ? 1 : count;
}

/// Of an ICMP "fragmentation needed": the MTU that would do, and for which destination.
struct PathMtuWord {
    std::uint32_t mtu_bytes = 0;
    Ipv4Address destination = kNoIpv4;

    [[nodiscard]] constexpr std::uint64_t encode() const {
        return std::uint64_t{destination.value()} << 32 | mtu_bytes;
    }
    [[nodiscard]] static constexpr PathMtuWord decode(std::uint64_t word) {
        return {.mtu_bytes = static_cast<std::uint32_t>(word),
                .destination = Ipv4Address{static_cast<std::uint32_t>(word >> 32)}};
    }
};

/// How a message or train is cut: whether into TCP segments or IP fragments, in frames of at most so many bytes, and,
/// when those are trains themselves, how large their segments are.
struct CutRule {
    std::uint32_t frame_bytes_max = kStandardMtu + kEthernetHeaderBytes;
    bool is_fragments = false;
    std::uint32_t segment_bytes = 0;
};

/// Calls emit(frame) for each piece, in order. What fits already goes as it is, but for a train's mark.
template <class Emit>
void cut(const Frame& frame, const CutRule& rule, Emit&& emit) {
    const auto whole = MessagePart::decode(frame.data);
    const auto payload = payload_bytes(frame);
    auto part = whole;
    part.is_fragment = whole.is_fragment || rule.is_fragments;
    part.total_bytes = whole.total_bytes == 0 ? payload : whole.total_bytes;
    part.segment_bytes = rule.segment_bytes;
    auto each = rule.frame_bytes_max - part.header_bytes();
    if (part.is_fragment) each &= ~7u;  // Fragments begin at multiples of eight.
    if (rule.segment_bytes != 0) each -= each % (rule.segment_bytes - kSegmentHeaderBytes);
    for (std::uint32_t done = 0; done < payload; done += each) {
        const auto now = payload - done < each ? payload - done : each;
        auto piece = frame;
        part.offset_bytes = whole.offset_bytes + done;
        piece.size_bytes = now + part.header_bytes();
        piece.data = part.encode();
        emit(piece);
    }
}

}  // namespace pvmsim::wire
