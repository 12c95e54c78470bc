// Ranges of bytes that grow together until they are the whole message; see message_assembly.hpp.
// A message is known by its sender's address, its type and its serial, which an application never has twice at once.
#include "fabric/wire/message_assembly.hpp"

#include <algorithm>

namespace pvmsim::wire {

void MessageAssembly::insert(std::vector<Range>& ranges, Range range) {
    const auto first = std::ranges::lower_bound(ranges, range.begin, {}, &Range::end);
    auto last = first;
    for (; last != ranges.end() && last->begin <= range.end; ++last) {
        range.begin = std::min(range.begin, last->begin);
        range.end = std::max(range.end, last->end);
    }
    ranges.insert(ranges.erase(first, last), range);
}

std::optional<MessageAssembly::Message> MessageAssembly::add(const Frame& frame) {
    const auto part = MessagePart::decode(frame.data);
    if (part.total_bytes == 0) return Message{.frame = frame};
    auto found = std::ranges::find_if(unfinished_, [&](const Unfinished& one) {
        return one.serial == frame.serial && one.source == frame.source_ip && one.type == frame.type;
    });
    if (found == unfinished_.end()) {
        if (unfinished_.size() >= kUnfinishedMax) {
            unfinished_.pop_front();
            ++given_up_;
        }
        unfinished_.push_back({frame.source_ip, frame.serial, frame.type, 0, {}});
        found = unfinished_.end() - 1;
    }
    const auto piece_bytes = part.segment_bytes != 0 ? part.segment_bytes : frame.size_bytes;
    found->segment_bytes = std::max(found->segment_bytes, piece_bytes);
    insert(found->ranges, {part.offset_bytes, part.offset_bytes + payload_bytes(frame)});
    const auto& have = found->ranges.front();
    if (have.begin != 0 || have.end < part.total_bytes) return std::nullopt;
    Message message{.frame = frame, .segment_bytes = found->segment_bytes};
    unfinished_.erase(found);
    message.frame.size_bytes = part.total_bytes + kSegmentHeaderBytes;
    message.frame.data = MessagePart{.may_fragment = part.may_fragment}.encode();
    return message;
}

void MessageAssembly::digest(sim::Digest& digest) const {
    for (const auto& one : unfinished_) {
        digest.add(one.source);
        digest.add(one.serial);
        for (const auto& range : one.ranges) digest.add(std::uint64_t{range.begin} << 32 | range.end);
    }
    digest.add(given_up_);
}

}  // namespace pvmsim::wire
