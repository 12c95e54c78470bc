// Cutting and joining messages: whatever the sizes and the order, every byte arrives once (RFC 791, 9293). Sizes on the
// wire are checked by figures, the rest by property.
#include "fabric/wire/message_part.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "fabric/wire/message_assembly.hpp"

namespace pvmsim::wire {
namespace {

std::vector<Frame> pieces_of(const Frame& frame, const CutRule& rule) {
    std::vector<Frame> pieces;
    cut(frame, rule, [&](const Frame& piece) { pieces.push_back(piece); });
    return pieces;
}

Frame message(std::uint32_t size_bytes) {
    Frame frame;
    frame.size_bytes = size_bytes;
    frame.serial = 7;
    frame.source_ip = Ipv4Address{1};
    return frame;
}

TEST(MessagePart, word_keeps_what_it_was_given) {
    const MessagePart part{.offset_bytes = kMessageBytesMax,
                           .total_bytes = 0x123456,
                           .segment_bytes = kTrainSegmentBytesMax,
                           .may_fragment = true,
                           .is_fragment = false};
    const auto read = MessagePart::decode(part.encode());
    EXPECT_EQ(read.offset_bytes, kMessageBytesMax);
    EXPECT_EQ(read.total_bytes, 0x123456u);
    EXPECT_EQ(read.segment_bytes, kTrainSegmentBytesMax);
    EXPECT_TRUE(read.may_fragment);
    EXPECT_FALSE(read.is_fragment);
    const auto path = PathMtuWord::decode(PathMtuWord{.mtu_bytes = 1500, .destination = Ipv4Address{9}}.encode());
    EXPECT_EQ(path.mtu_bytes, 1500u);
    EXPECT_EQ(path.destination, Ipv4Address{9});
}

TEST(MessagePart, sizes_are_those_of_ethernet) {
    const auto segments = pieces_of(message(54 + 3000), {.frame_bytes_max = 1514});
    ASSERT_EQ(segments.size(), 3u);
    EXPECT_EQ(segments[0].size_bytes, 1514u);
    EXPECT_EQ(segments[2].size_bytes, 54u + 80u);
    // Fragments carry multiples of eight: 1480 bytes.
    const auto fragments = pieces_of(message(54 + 3000), {.frame_bytes_max = 1514, .is_fragments = true});
    ASSERT_EQ(fragments.size(), 3u);
    EXPECT_EQ(fragments[0].size_bytes, 1514u);
    EXPECT_EQ(fragments[2].size_bytes, 34u + 40u);
    const auto trains = pieces_of(message(54 + 100'000), {.frame_bytes_max = 65'160, .segment_bytes = 1514});
    ASSERT_EQ(trains.size(), 2u);
    EXPECT_EQ(segment_count(trains[0]), 44u);
    EXPECT_EQ(trains[0].size_bytes, 54u + 44u * 1460u);
    EXPECT_EQ(segment_count(trains[1]), 25u);
}

TEST(MessageAssembly, message_is_given_up_when_too_many_are_unfinished) {
    MessageAssembly assembly;
    const auto piece = pieces_of(message(4000), {.frame_bytes_max = 1514}).front();
    for (std::uint32_t i = 0; i <= MessageAssembly::kUnfinishedMax; ++i) {
        auto one = piece;
        one.serial = i;
        EXPECT_FALSE(assembly.add(one));
    }
    EXPECT_EQ(assembly.unfinished(), MessageAssembly::kUnfinishedMax);
    EXPECT_EQ(assembly.given_up(), 1u);
}

RC_GTEST_PROP(MessageAssembly, every_byte_arrives_whatever_the_order, ()) {
    const auto whole = message(*rc::gen::inRange(55u, 200'000u));
    const CutRule first{.frame_bytes_max = *rc::gen::inRange(600u, 20'000u)};
    const CutRule second{.frame_bytes_max = *rc::gen::inRange(100u, 600u), .is_fragments = *rc::gen::arbitrary<bool>()};
    std::vector<Frame> pieces;
    for (const auto& piece : pieces_of(whole, first)) {
        RC_ASSERT(piece.size_bytes <= first.frame_bytes_max);
        const auto again = pieces_of(piece, second);
        for (const auto& one : again) RC_ASSERT(one.size_bytes <= second.frame_bytes_max);
        pieces.insert(pieces.end(), again.begin(), again.end());
    }
    const auto turn = *rc::gen::inRange<std::size_t>(0, pieces.size());
    std::rotate(pieces.begin(), pieces.begin() + static_cast<std::ptrdiff_t>(turn), pieces.end());
    if (*rc::gen::arbitrary<bool>()) std::ranges::reverse(pieces);
    MessageAssembly assembly;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const auto done = assembly.add(pieces[i]);
        RC_ASSERT(done.has_value() == (i + 1 == pieces.size()));
        if (i == 0 && pieces.size() > 1) RC_ASSERT(!assembly.add(pieces[i]));  // Twice is no harm.
        if (done) RC_ASSERT(done->frame.size_bytes == whole.size_bytes);
    }
    RC_ASSERT(assembly.unfinished() == 0u);
}

}  // namespace
}  // namespace pvmsim::wire
