// How trains grow and when they leave; see sea_large_receive.hpp. A flow is known by both stations, the VLAN, the type
// and the serial of the message.
#include "vios/network/sea_large_receive.hpp"

#include <algorithm>

namespace pvmsim::vios {
namespace {

bool may_join(const wire::Frame& frame, const wire::MessagePart& part) {
    const bool is_tcp = frame.type == wire::FrameType::kRequest || frame.type == wire::FrameType::kResponse;
    return is_tcp && part.total_bytes != 0 && part.segment_bytes == 0 && !part.is_fragment;
}

bool is_same_flow(const wire::Frame& a, const wire::Frame& b) {
    return a.serial == b.serial && a.source == b.source && a.destination == b.destination && a.vlan == b.vlan &&
           a.type == b.type;
}

}  // namespace

wire::Frame SeaLargeReceive::close(const Train& train) {
    if (train.segments == 1) return train.first;
    ++trains_made_;
    segments_joined_ += train.segments;
    auto frame = train.first;
    auto part = wire::MessagePart::decode(frame.data);
    part.segment_bytes = train.segment_bytes;
    frame.data = part.encode();
    frame.size_bytes = train.payload_bytes + part.header_bytes();
    return frame;
}

std::vector<wire::Frame> SeaLargeReceive::add(const wire::Frame& frame, sim::SimTime now) {
    const auto part = wire::MessagePart::decode(frame.data);
    if (!may_join(frame, part)) return {frame};
    std::vector<wire::Frame> leaving;
    const auto payload = wire::payload_bytes(frame);
    auto train = std::ranges::find_if(trains_, [&](const Train& one) { return is_same_flow(one.first, frame); });
    if (train != trains_.end()) {
        const auto end = wire::MessagePart::decode(train->first.data).offset_bytes + train->payload_bytes;
        if (end != part.offset_bytes || train->payload_bytes + payload > kTrainBytesMax) {
            leaving.push_back(close(*train));
            trains_.erase(train);
            train = trains_.end();
        }
    }
    if (train == trains_.end()) {
        if (trains_.size() >= kFlowsMax) {
            leaving.push_back(close(trains_.front()));
            trains_.pop_front();
        }
        trains_.push_back({frame, payload, frame.size_bytes, 1, now});
        train = trains_.end() - 1;
    } else {
        train->payload_bytes += payload;
        train->segment_bytes = std::max(train->segment_bytes, frame.size_bytes);
        ++train->segments;
    }
    if (part.offset_bytes + payload >= part.total_bytes) {  // The message's end asks to be handed on (TCP's push).
        leaving.push_back(close(*train));
        trains_.erase(train);
    }
    return leaving;
}

std::vector<wire::Frame> SeaLargeReceive::due(sim::SimTime now) {
    std::vector<wire::Frame> leaving;
    while (!trains_.empty() && trains_.front().since + kWindow <= now) {
        leaving.push_back(close(trains_.front()));
        trains_.pop_front();
    }
    return leaving;
}

std::optional<sim::SimTime> SeaLargeReceive::next_due() const {
    if (trains_.empty()) return std::nullopt;
    return trains_.front().since + kWindow;
}

void SeaLargeReceive::digest(sim::Digest& digest) const {
    for (const auto& train : trains_) {
        digest.add(train.first.serial);
        digest.add(train.payload_bytes);
        digest.add(train.since);
    }
    digest.add(trains_made_);
    digest.add(segments_joined_);
}

}  // namespace pvmsim::vios
