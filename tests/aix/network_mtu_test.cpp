// An interface's messages and MTU against a wire of the test: how large messages leave, what is believed about a path,
// who takes trains (R-NET-08, behaviour 3.1, 3.2).
#include <gtest/gtest.h>

#include <memory>

#include "tests/aix/network_fixture.hpp"

namespace pvmsim::aix::test {
namespace {

using namespace std::chrono_literals;

class WideAdapter : public BenchAdapter {
  public:
    using BenchAdapter::BenchAdapter;
    std::uint32_t mtu_max(bool is_tagged) const override { return is_tagged ? 8996 : 9000; }
};

struct MessageFixture : testing::Test {
    RunningPartition partition;
    WideAdapter* adapter = nullptr;
    NetworkInterface* interface = nullptr;
    Answers answers;

    void build(const std::vector<std::pair<std::string_view, std::string_view>>& attributes) {
        adapter = &partition.os->add_device<WideAdapter>("ent0", 0x0200'0000'0010);
        interface = &partition.os->add_device<NetworkInterface>("en0", *adapter, wire::kUntagged, kOwn);
        for (const auto& [name, value] : attributes) interface->attributes().set(name, value);
        interface->add_user(answers);
        partition.start();
        adapter->world = [](BenchAdapter& at, const wire::Frame& frame) {
            if (frame.type == wire::FrameType::kArpRequest) answer_as(kPeer, at, frame);
        };
        ask(100);
        adapter->sent.clear();
    }
    void ask(std::uint32_t size_bytes, wire::FrameType type = wire::FrameType::kRequest) const {
        interface->send(type, kPeer, 1, size_bytes);
    }
    /// Sizes of what left since the last time.
    std::vector<std::uint32_t> sizes() const {
        std::vector<std::uint32_t> sizes;
        for (const auto& frame : adapter->sent) sizes.push_back(frame.size_bytes);
        adapter->sent.clear();
        return sizes;
    }
    void complain(std::uint32_t mtu_bytes) const {
        wire::Frame error;
        error.destination = adapter->mac();
        error.type = wire::FrameType::kFragmentationNeeded;
        error.source_ip = kPeer;
        error.destination_ip = kOwn;
        error.data = wire::PathMtuWord{.mtu_bytes = mtu_bytes, .destination = kPeer}.encode();
        adapter->receive(error);
    }
};

using Sizes = std::vector<std::uint32_t>;

TEST_F(MessageFixture, message_leaves_in_segments_of_the_mtu) {
    build({});
    ask(1514);
    EXPECT_EQ(sizes(), (Sizes{1514}));
    ask(1515);
    EXPECT_EQ(sizes(), (Sizes{1514, 55}));
    ask(3000, wire::FrameType::kEchoRequest);
    EXPECT_EQ(sizes(), (Sizes{1514, 34 + 1466}));
}

TEST_F(MessageFixture, mtu_above_the_devices_counts_as_the_devices) {
    build({{"mtu", "65394"}});
    EXPECT_EQ(interface->mtu(), 9000u);
    EXPECT_EQ(interface->why_mtu_refused(9001), "an MTU of 9001 is more than ent0 can take: at most 9000");
    EXPECT_FALSE(interface->why_mtu_refused(9000));
}

TEST_F(MessageFixture, mtu_bypass_sends_trains) {
    build({{"mtu_bypass", "on"}});
    ask(10'000);
    ASSERT_EQ(adapter->sent.size(), 1u);
    EXPECT_EQ(wire::MessagePart::decode(adapter->sent[0].data).segment_bytes, 1514u);
    EXPECT_EQ(sizes(), (Sizes{10'000}));
    ask(3000, wire::FrameType::kEchoRequest);  // No TCP.
    EXPECT_EQ(sizes().size(), 2u);
    complain(1500);  // Segments fit, so the train was meant.
    ask(10'000);
    EXPECT_EQ(sizes().size(), 7u);
}

TEST_F(MessageFixture, narrower_path_is_remembered_for_its_address_and_forgotten) {
    build({{"mtu", "9000"}, {"mtu_bypass", "on"}});
    complain(1500);
    EXPECT_EQ(interface->path_mtu(kPeer), 1500u);
    EXPECT_EQ(interface->path_mtu(wire::Ipv4Address{77}), 9000u);
    ask(5000);
    ASSERT_EQ(adapter->sent.size(), 1u);  // A train still, of smaller segments.
    EXPECT_EQ(wire::MessagePart::decode(adapter->sent[0].data).segment_bytes, 1514u);
    partition.run_for(NetworkInterface::kPathMtuLife);
    EXPECT_EQ(interface->path_mtu(kPeer), 9000u);
    EXPECT_EQ(interface->counters().icmp_too_big, 1u);
}

TEST_F(MessageFixture, answer_comes_in_segments_no_larger_than_the_questions) {
    build({{"mtu", "9000"}});
    wire::Frame request;
    request.source = kPeerMac;
    request.destination = adapter->mac();
    request.source_ip = kPeer;
    request.destination_ip = kOwn;
    request.type = wire::FrameType::kRequest;
    request.size_bytes = 4000;
    wire::cut(request, {.frame_bytes_max = 1514}, [&](const wire::Frame& piece) {
        EXPECT_TRUE(adapter->sent.empty());  // Not before all of it is there.
        adapter->receive(piece);
    });
    EXPECT_EQ(sizes(), (Sizes{1514, 1514, 54 + 1026}));
}

TEST_F(MessageFixture, aix_takes_a_train_above_its_mtu) {
    build({});
    wire::Frame answer;
    answer.source = kPeerMac;
    answer.destination = adapter->mac();
    answer.source_ip = kPeer;
    answer.destination_ip = kOwn;
    answer.type = wire::FrameType::kResponse;
    answer.size_bytes = 8000;
    answer.data = wire::MessagePart{.total_bytes = 7946, .segment_bytes = 1514}.encode();
    const auto before = answers.frames.size();
    adapter->receive(answer);
    EXPECT_EQ(answers.frames.size(), before + 1);
    EXPECT_EQ(interface->counters().too_large, 0u);
}

}  // namespace
}  // namespace pvmsim::aix::test
