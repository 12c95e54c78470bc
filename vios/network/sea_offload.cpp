// What a Shared Ethernet Adapter does with frames that are larger than the real side takes, and with trains of TCP
// segments (R-NET-08, behaviour 3.2): the MTU with and without jumbo_frames, largesend, large_receive.
//
// A train goes to the real adapter as it is, which cuts it (largesend=1); an adapter that does not cut has it cut by
// the SEA, whose processor pays for each segment. Everything else that is too large is fragmented where that is
// allowed, and else answered by ICMP "fragmentation needed" with the MTU that would do, and dropped: so is a train with
// largesend=0. What is no IP is dropped. ICMP errors leave in the name of the destination and cost nothing.
#include "vios/network/events.hpp"
#include "vios/network/sea.hpp"

namespace pvmsim::vios {
namespace {

constexpr std::uint32_t kIcmpErrorBytes = 70;  ///< Ethernet, IP, ICMP, and the header it complains of with 8 bytes more

SeaQosMode qos_mode_of(const aix::AttributeSet& set) {
    if (set.is("qos_mode", "strict")) return SeaQosMode::kStrict;
    return set.is("qos_mode", "loose") ? SeaQosMode::kLoose : SeaQosMode::kDisabled;
}

}  // namespace

std::uint32_t SharedEthernetAdapter::mtu_max(bool) const {
    return attributes().is("jumbo_frames", "yes") ? wire::kJumboMtu : wire::kStandardMtu;
}

void SharedEthernetAdapter::take_attributes() {
    const auto& set = attributes();
    is_threaded_ = set.integer("thread") == 1;
    cost_mode_ = {.threading = is_threaded_ ? SeaThreading::kThreaded : SeaThreading::kInterrupt,
                  .mtu = set.is("jumbo_frames", "yes") ? SeaMtu::k9000 : SeaMtu::k1500};
    real_frame_bytes_max_ = mtu_max(false) + wire::kEthernetHeaderBytes;
    largesend_ = set.integer("largesend") == 1;
    receives_large_ = set.is("large_receive", "yes");
    queues_.configure({.is_threaded = is_threaded_,
                       .thread_count = static_cast<std::uint32_t>(set.integer("nthreads")),
                       .queue_size = static_cast<std::uint32_t>(set.integer("queue_size")),
                       .hash_by_connection = set.integer("hash_algo") == 1,
                       .qos_mode = qos_mode_of(set)});
}

// --- to the real side ---

bool SharedEthernetAdapter::send_large_to_real(const wire::Frame& frame) {
    if (!wire::carries_message(frame)) {
        ++offload_.non_ip_too_large;
        return false;
    }
    const auto part = wire::MessagePart::decode(frame.data);
    const bool is_train = part.segment_bytes != 0 && part.segment_bytes <= real_frame_bytes_max_;
    if (is_train && largesend_) return send_train(frame, part.segment_bytes);
    if (part.may_fragment) return send_fragments(frame);
    send_fragmentation_needed(frame);
    return false;
}

bool SharedEthernetAdapter::send_train(const wire::Frame& frame, std::uint32_t segment_bytes) {
    bool sent = true;
    if (real_.cuts_segments()) {
        sent = real_.send(frame);
    } else {
        ++offload_.trains_cut_here;
        wire::cut(frame, {.frame_bytes_max = segment_bytes}, [&](const wire::Frame& piece) {
            processor_.charge(sea_frame_cycles(cost_mode_, piece.size_bytes));
            sent = real_.send(piece) && sent;
        });
    }
    if (!sent) return false;
    ++offload_.trains_sent;
    ++real_side_.transmitted;
    return true;
}

bool SharedEthernetAdapter::send_fragments(const wire::Frame& frame) {
    ++virtual_side_.fragmented;
    bool sent = true;
    wire::cut(frame, {.frame_bytes_max = real_frame_bytes_max_, .is_fragments = true}, [&](const wire::Frame& piece) {
        sent = real_.send(piece) && sent;
        if (sent) ++real_side_.transmitted;
    });
    return sent;
}

void SharedEthernetAdapter::send_fragmentation_needed(const wire::Frame& frame) {
    ++offload_.icmp_errors;
    wire::Frame error;
    error.destination = frame.source;
    error.source = mac();
    error.vlan = frame.vlan;
    error.type = wire::FrameType::kFragmentationNeeded;
    error.source_ip = frame.destination_ip;
    error.destination_ip = frame.source_ip;
    error.size_bytes = kIcmpErrorBytes;
    error.data = wire::PathMtuWord{.mtu_bytes = real_frame_bytes_max_ - wire::kEthernetHeaderBytes,
                                   .destination = frame.destination_ip}
                     .encode();
    if (error.destination == mac()) return pass_up(error);
    send_to_virtual(error);
}

// --- from the real side ---

void SharedEthernetAdapter::join_and_bridge(const wire::Frame& frame) {
    const bool nothing_waited = !large_receive_.next_due();
    for (const auto& one : large_receive_.add(frame, now())) bridge(Side::kReal, one);
    const auto due = large_receive_.next_due();
    if (nothing_waited && due) trains_timer_ = engine().schedule_at(*due, entity(), SeaTrainDue{});
}

void SharedEthernetAdapter::trains_due() {
    for (const auto& one : large_receive_.due(now())) bridge(Side::kReal, one);
    if (const auto due = large_receive_.next_due()) trains_timer_ = engine().schedule_at(*due, entity(), SeaTrainDue{});
}

}  // namespace pvmsim::vios
