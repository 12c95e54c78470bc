// Messages larger than a frame: how an interface cuts and joins them, its MTU, and the MTU of a path (V39, R-NET-08).
//
// TCP's messages go as segments of the MTU, or, with mtu_bypass=on, as trains of up to 64 KB that an adapter on the way
// cuts; echo requests go as fragments. An answer is sent in segments no larger than those of its request, as the two
// ends of a connection agree on the smaller one. ICMP "fragmentation needed" is believed for 10 minutes: the message
// that met it is lost (there is no TCP to send it again), the next one fits. Linux and IBM i drop a train larger than
// their MTU, whoever made it: IBM warns of large_receive and largesend for their sake. Sources: RFC 1191; IBM's AIX
// documentation of mtu_bypass; behaviour 3.1, 3.2.
#include <algorithm>

#include "aix/network/interface.hpp"
#include "aix/network/internet_extension.hpp"
#include "aix/os/operating_system.hpp"
#include "fabric/wire/flow.hpp"

namespace pvmsim::aix {

bool takes_trains(const OperatingSystem& os) {
    return os.guest() == GuestSystem::kAix || os.guest() == GuestSystem::kVios;
}

std::optional<std::string> NetworkInterface::why_mtu_refused(std::uint32_t mtu_bytes) const {
    const auto most = device_.mtu_max(vlan_ != wire::kUntagged);
    if (mtu_bytes <= most) return std::nullopt;
    return "an MTU of " + std::to_string(mtu_bytes) + " is more than " + device_.name() + " can take: at most " +
           std::to_string(most);
}

void NetworkInterface::take_attributes() {
    const auto asked = static_cast<std::uint32_t>(attributes().integer("mtu"));
    frame_bytes_max_ = std::min(asked, device_.mtu_max(vlan_ != wire::kUntagged)) + wire::kEthernetHeaderBytes;
    mtu_bypass_ = attributes().is("mtu_bypass", "on");
    cut_above_bytes_ = frame_bytes_max_;
    for (const auto& [address, path] : path_mtus_)
        cut_above_bytes_ = std::min(cut_above_bytes_, path.mtu_bytes + wire::kEthernetHeaderBytes);
}

void NetworkInterface::on_attribute_changed(std::string_view) {
    if (available()) take_attributes();
}

// --- sending ---

const NetworkInterface::PathMtu* NetworkInterface::path_to(wire::Ipv4Address address) {
    const auto found = path_mtus_.find(address);
    if (found == path_mtus_.end() || now() - found->second.learned >= kPathMtuLife) return nullptr;
    return &found->second;
}

std::uint32_t NetworkInterface::path_mtu(wire::Ipv4Address to) {
    const auto* path = path_to(to);
    return path == nullptr ? mtu() : std::min(mtu(), path->mtu_bytes);
}

void NetworkInterface::send_message(const wire::Frame& message, std::uint32_t segment_bytes_max) {
    const bool fits = message.size_bytes <= cut_above_bytes_ && segment_bytes_max == 0;
    return fits ? transmit(message) : send_parts(message, segment_bytes_max);
}

void NetworkInterface::send_parts(const wire::Frame& message, std::uint32_t segment_bytes_max) {
    const auto* path = path_to(message.destination_ip);
    auto limit = path_mtu(message.destination_ip) + wire::kEthernetHeaderBytes;
    if (segment_bytes_max != 0) limit = std::min(limit, segment_bytes_max);
    if (message.size_bytes <= limit) return transmit(message);
    const bool is_echo = message.type == wire::FrameType::kEchoRequest || message.type == wire::FrameType::kEchoReply;
    wire::CutRule rule{.frame_bytes_max = limit, .is_fragments = is_echo};
    const bool may_train = mtu_bypass_ && !is_echo && (path == nullptr || !path->no_trains);
    if (may_train && limit <= wire::kTrainSegmentBytesMax) {
        rule.frame_bytes_max = wire::kLargesendBytes;
        rule.segment_bytes = limit;
    }
    wire::cut(message, rule, [this](const wire::Frame& piece) { transmit(piece); });
}

void NetworkInterface::learn_path_mtu(const wire::Frame& error) {
    ++counters_.icmp_too_big;
    const auto word = wire::PathMtuWord::decode(error.data);
    // Segments of this size were sent already: what was refused is the train of them.
    const bool is_of_train = path_mtu(word.destination) <= word.mtu_bytes;
    if (path_mtus_.size() >= kPathMtusMax && !path_mtus_.contains(word.destination))
        path_mtus_.erase(path_mtus_.begin());
    const auto mtu_bytes = std::min(path_mtu(word.destination), word.mtu_bytes);
    path_mtus_[word.destination] = {mtu_bytes, is_of_train, now()};
    take_attributes();
}

// --- receiving ---

bool NetworkInterface::can_take(const wire::Frame& frame) const {
    if (frame.size_bytes <= frame_bytes_max_ || wire::MessagePart::decode(frame.data).segment_bytes == 0) return true;
    return takes_trains(os());
}

void NetworkInterface::take_message_part(const wire::Frame& frame) {
    if (!is_for_us(frame.destination_ip)) return;
    if (frame.data == 0) return take_message(frame, 0);
    if (!can_take(frame)) {
        ++counters_.too_large;
        return;
    }
    if (const auto message = assembly_.add(frame)) take_message(message->frame, message->segment_bytes);
}

void NetworkInterface::take_message(const wire::Frame& frame, std::uint32_t segment_bytes) {
    using enum wire::FrameType;
    if (frame.type == kEchoRequest) return answer(frame, kEchoReply, segment_bytes);
    if (frame.type == kRequest) return answer(frame, kResponse, segment_bytes);
    if (frame.destination_ip == ip_) return take_answer(frame);
    if (auto* other = routes_ == nullptr ? nullptr : routes_->interface_of(frame.destination_ip))
        other->take_answer(frame);
}

}  // namespace pvmsim::aix
