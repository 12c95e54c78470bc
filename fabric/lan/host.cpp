// The host's answers: one table of request and reply, everything else is ignored.
// No ARP table, no routing, no retries: who asks has these.
#include "fabric/lan/host.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace pvmsim::fabric {
namespace {

std::optional<wire::FrameType> reply_to(wire::FrameType request) {
    switch (request) {
        case wire::FrameType::kArpRequest:
            return wire::FrameType::kArpReply;
        case wire::FrameType::kEchoRequest:
            return wire::FrameType::kEchoReply;
        case wire::FrameType::kRequest:
            return wire::FrameType::kResponse;
        default:
            return std::nullopt;
    }
}

}  // namespace

Host::Host(sim::Engine& engine, HostConfig config, NicPort& port, wire::VlanId native_vlan)
    : engine_(engine),
      config_(std::move(config)),
      port_(port),
      native_vlan_(native_vlan),
      path_("lan/" + config_.name) {
    entity_ = engine_.add(*this, path_);
    port_.attach(this);
}

void Host::set_answering(bool answering) {
    if (answering_ == answering) return;
    answering_ = answering;
    engine_.trace().milestone(engine_.now(), path_, "host-answering",
                              answering ? "host answers again" : "host stops answering", {{"answering", answering}});
}

bool Host::has_address(wire::VlanId vlan, wire::Ipv4Address address) const {
    return std::ranges::find(config_.addresses, std::pair(vlan, address)) != config_.addresses.end();
}

void Host::on_frame(NicPort& port, const wire::Frame& frame) {
    if (!answering_) return;
    if (frame.destination != port.mac() && !frame.destination.is_group()) return;
    if (frame.size_bytes > config_.mtu_bytes + wire::kEthernetHeaderBytes) {
        ++too_long_;
        return;
    }
    const auto type = reply_to(frame.type);
    if (!type) return;
    if (!has_address(frame.vlan == wire::kUntagged ? native_vlan_ : frame.vlan, frame.destination_ip)) return;
    if (frame.data == 0 || !wire::carries_message(frame)) return answer(frame, *type, 0);
    if (const auto message = assembly_.add(frame)) answer(message->frame, *type, message->segment_bytes);
}

void Host::answer(const wire::Frame& request, wire::FrameType type, std::uint32_t segment_bytes) {
    wire::Frame reply = request;
    reply.type = type;
    reply.destination = request.source;
    reply.source = port_.mac();
    reply.source_ip = request.destination_ip;
    reply.destination_ip = request.source_ip;
    engine_.schedule_in(config_.response_time, entity_, HostAnswer{reply, segment_bytes, 0});
}

void Host::on_carrier(NicPort&, bool) {}

void Host::on_event(const sim::Event& event) {
    const auto* answer = event.as<HostAnswer>();
    PVMSIM_ASSERT(answer != nullptr);
    if (!answering_) return;
    const auto& reply = answer->frame;
    if (answer->segment_bytes == 0 || reply.size_bytes <= answer->segment_bytes) {
        if (port_.send(reply)) ++answers_;
        return;
    }
    bool sent = true;
    wire::cut(reply,
              {.frame_bytes_max = answer->segment_bytes, .is_fragments = reply.type == wire::FrameType::kEchoReply},
              [&](const wire::Frame& piece) { sent = port_.send(piece) && sent; });
    if (sent) ++answers_;
}

void Host::digest(sim::Digest& digest) const {
    digest.add(answering_);
    digest.add(answers_);
    digest.add(too_long_);
    assembly_.digest(digest);
}

}  // namespace pvmsim::fabric
