// ARP, echo and requests of an interface; see interface.hpp. Rules of ARP: RFC 826 (learn from what is addressed to us,
// refresh what is known from anything heard).
#include "aix/network/interface.hpp"

#include <algorithm>
#include <utility>

#include "aix/network/events.hpp"
#include "aix/network/internet_extension.hpp"
#include "aix/odm/predefined.hpp"
#include "aix/os/operating_system.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::aix {

NetworkInterface::NetworkInterface(OperatingSystem& os, std::string name, EthernetDevice& device, wire::VlanId vlan,
                                   wire::Ipv4Address ip)
    : Device(os, std::move(name), interface_attributes()), device_(device), vlan_(vlan), ip_(ip) {
    PVMSIM_ASSERT(!device_.attached());
    device_.attach(this);
    device_.on_interface(*this);
}

void NetworkInterface::on_configure() {
    tally_ = {};
    take_attributes();
    announce();
}

void NetworkInterface::on_unconfigure() {
    for (auto& [address, entry] : arp_) engine().cancel(entry.timer);
    arp_.clear();
    path_mtus_.clear();
    assembly_.forget();
}

wire::Frame NetworkInterface::frame_to(wire::MacAddress mac, wire::FrameType type) const {
    wire::Frame frame;
    frame.destination = mac;
    frame.source = device_.mac();
    frame.vlan = vlan_;
    frame.type = type;
    frame.source_ip = ip_;
    return frame;
}

void NetworkInterface::set_prefix_length(std::uint8_t bits) {
    PVMSIM_ASSERT(bits <= 32);
    prefix_length_ = bits;
}

bool NetworkInterface::in_network(wire::Ipv4Address address) const {
    if (prefix_length_ == 0) return true;
    return (address.value() ^ ip_.value()) >> (32 - prefix_length_) == 0;
}

void NetworkInterface::send(wire::FrameType type, wire::Ipv4Address to, std::uint32_t serial,
                            std::uint32_t size_bytes) {
    PVMSIM_ASSERT(type == wire::FrameType::kRequest || type == wire::FrameType::kEchoRequest);
    if (!available()) return;
    auto packet = frame_to({}, type);
    packet.destination_ip = to;
    packet.serial = serial;
    packet.size_bytes = std::min(size_bytes, wire::kMessageBytesMax);
    if (type == wire::FrameType::kEchoRequest) packet.data = wire::MessagePart{.may_fragment = true}.encode();
    if (routes_ != nullptr && !in_network(to)) return routes_->forward(packet);
    send_by(to, packet);
}

void NetworkInterface::send_by(wire::Ipv4Address next_hop, wire::Frame packet) {
    if (!available()) return;
    packet.source = device_.mac();
    packet.vlan = vlan_;
    const auto known = arp_.find(next_hop);
    if (known == arp_.end() || !known->second.resolved || now() - known->second.learned >= kArpLife)
        return resolve(next_hop, packet);
    packet.destination = known->second.mac;
    send_message(packet, 0);
}

void NetworkInterface::transmit(const wire::Frame& frame) {
    if (!device_.send(frame)) {
        ++tally_.transmit_errors;
        return;
    }
    ++tally_.transmitted[static_cast<std::size_t>(frame.type)];
    tally_.bytes_transmitted += frame.size_bytes;
}

void NetworkInterface::announce() {
    auto frame = frame_to(wire::MacAddress::broadcast(), wire::FrameType::kArpAnnouncement);
    frame.destination_ip = ip_;
    transmit(frame);
}

void NetworkInterface::resolve(wire::Ipv4Address to, const wire::Frame& frame) {
    if (!arp_.contains(to) && arp_.size() >= kArpEntriesMax) make_room();
    auto& entry = arp_[to];
    if (entry.waiting.size() < kWaitingFramesMax) entry.waiting.push_back(frame);
    const bool is_being_asked = !entry.resolved && entry.tries > 0;
    if (is_being_asked) return;
    entry.resolved = false;
    entry.learned = now();
    entry.tries = 0;
    ask(to, entry);
}

void NetworkInterface::ask(wire::Ipv4Address to, ArpEntry& entry) {
    ++entry.tries;
    entry.timer = engine().schedule_in(kArpRetry, entity(), ArpTimer{to});
    auto question = frame_to(wire::MacAddress::broadcast(), wire::FrameType::kArpRequest);
    question.destination_ip = to;
    transmit(question);
}

/// The table is full: the oldest entry goes.
void NetworkInterface::make_room() {
    const auto oldest = std::ranges::min_element(
        arp_, {}, [](const auto& address_and_entry) { return address_and_entry.second.learned; });
    engine().cancel(oldest->second.timer);
    arp_.erase(oldest);
}

void NetworkInterface::on_event(const sim::Event& event) {
    const auto* timer = event.as<ArpTimer>();
    PVMSIM_ASSERT(timer != nullptr);
    const auto found = arp_.find(timer->address);
    if (found == arp_.end() || found->second.resolved) return;
    if (found->second.tries < kArpTriesMax) return ask(timer->address, found->second);
    tally_.unresolved += found->second.waiting.size();
    arp_.erase(found);  // Nobody there: what waited is lost, the next frame asks again.
}

void NetworkInterface::learn(wire::Ipv4Address from, wire::MacAddress mac) {
    if (!arp_.contains(from) && arp_.size() >= kArpEntriesMax) make_room();
    auto& entry = arp_[from];
    engine().cancel(entry.timer);
    entry.mac = mac;
    entry.learned = now();
    entry.resolved = true;
    entry.tries = 0;
    for (auto& frame : std::exchange(entry.waiting, {})) {
        frame.destination = mac;
        send_message(frame, 0);
    }
}

bool NetworkInterface::is_for_us(wire::Ipv4Address address) const {
    return address == ip_ || (routes_ != nullptr && routes_->interface_of(address) != nullptr);
}

void NetworkInterface::take_answer(const wire::Frame& frame) {
    for (auto* user : users_) user->on_answer(frame);
}

void NetworkInterface::refresh(wire::Ipv4Address from, wire::MacAddress mac) {
    if (arp_.contains(from)) learn(from, mac);
}

void NetworkInterface::answer(const wire::Frame& request, wire::FrameType type, std::uint32_t segment_bytes) {
    auto frame = frame_to(request.source, type);
    frame.source_ip = request.destination_ip;
    frame.destination_ip = request.source_ip;
    frame.serial = request.serial;
    frame.size_bytes = request.size_bytes;
    frame.data = request.data;
    send_message(frame, segment_bytes);
}

void NetworkInterface::on_frame(EthernetDevice&, const wire::Frame& frame) {
    if (!available() || frame.vlan != vlan_) return;
    if (frame.destination != device_.mac() && !frame.destination.is_group()) return;
    ++tally_.received[static_cast<std::size_t>(frame.type)];
    tally_.bytes_received += frame.size_bytes;
    const bool is_own = frame.destination_ip == ip_;
    using enum wire::FrameType;
    switch (frame.type) {
        case kArpRequest:
            if (!is_own) return refresh(frame.source_ip, frame.source);
            if (frame.source_ip != wire::kNoIpv4) learn(frame.source_ip, frame.source);  // None: a probe (RFC 5227).
            return answer(frame, kArpReply, 0);
        case kArpReply:
            return is_own ? learn(frame.source_ip, frame.source) : void();
        case kArpAnnouncement:
            return refresh(frame.source_ip, frame.source);
        case kEchoRequest:
        case kRequest:
        case kResponse:
        case kEchoReply:
            return take_message_part(frame);
        case kFragmentationNeeded:
            return is_for_us(frame.destination_ip) ? learn_path_mtu(frame) : void();
        default:
            return;  // Between adapters and switches; none of an interface's business.
    }
}

void NetworkInterface::on_link(EthernetDevice&, bool up) {
    if (up && available()) announce();
}

void NetworkInterface::digest(sim::Digest& digest) const {
    Device::digest(digest);
    digest.add(vlan_);
    digest.add(ip_);
    for (const auto& [address, entry] : arp_) {
        digest.add(address);
        digest.add(entry.mac.to_integer());
        digest.add(entry.learned);
        digest.add(entry.resolved);
        digest.add(entry.tries);
        digest.add(entry.waiting.size());
    }
    for (const auto& [address, path] : path_mtus_) {
        digest.add(address);
        digest.add(path.mtu_bytes);
        digest.add(path.no_trains);
    }
    assembly_.digest(digest);
    digest.add(counters_.too_large);
}

}  // namespace pvmsim::aix
