// Frames too large for what comes next, largesend and large_receive, through a whole small site (R-NET-08, V39,
// behaviour 3.1, 3.2). Messages of 20,000 bytes and more from a client to a server outside and back.
#include <gtest/gtest.h>

#include "tests/vios/sea_site.hpp"

namespace pvmsim::vios {
namespace {

using namespace std::chrono_literals;
using Attributes = std::vector<std::pair<std::string, std::string>>;

/// Sends messages and counts what comes back.
class Talk : public aix::InterfaceUser {
  public:
    explicit Talk(SeaSite& site) : site_(site), client_(*site.client[0].interface) {
        client_.add_user(*this);
        site.run_for(1s);  // ARP is done by the small requests that every client sends.
    }
    void on_answer(const wire::Frame& frame) override {
        if (frame.serial < kFirst) return;
        ++answers;
        bytes = frame.size_bytes;
    }
    /// True when the answer came.
    bool ask(std::uint32_t size_bytes, wire::FrameType type = wire::FrameType::kRequest) {
        const auto before = answers;
        client_.send(type, SeaSite::kServer1, kFirst + serial_++, size_bytes);
        site_.run_for(10ms);
        return answers == before + 1;
    }

    std::uint32_t answers = 0;
    std::uint32_t bytes = 0;

  private:
    static constexpr std::uint32_t kFirst = 1'000'000;
    SeaSite& site_;
    aix::NetworkInterface& client_;
    std::uint32_t serial_ = 0;
};

SiteOptions with(const Attributes& sea, const Attributes& interface = {}, const Attributes& adapter = {}) {
    SiteOptions options;
    options.attributes = sea;
    options.interface_attributes = interface;
    options.adapter_attributes = adapter;
    return options;
}

constexpr std::uint32_t kMessage = 20'054;  // 14 segments of 1460 bytes, the last one short

TEST(SeaMtu, message_larger_than_the_mtu_goes_in_segments_and_is_answered_in_segments) {
    SeaSite site;
    Talk talk(site);
    const auto before = site.vios[0].sea->virtual_side().bridged;
    EXPECT_TRUE(talk.ask(kMessage));
    EXPECT_EQ(talk.bytes, kMessage);
    EXPECT_GE(site.vios[0].sea->virtual_side().bridged - before, 14u);
    EXPECT_LE(site.vios[0].sea->virtual_side().bridged - before, 16u);  // The clients' small requests go on.
    EXPECT_EQ(site.vios[0].sea->offload().icmp_errors, 0u);
}

TEST(SeaMtu, client_with_a_large_mtu_is_told_the_seas_and_uses_it_from_then_on) {
    SeaSite site(with({}, {{"mtu", "9000"}}));
    Talk talk(site);
    auto& interface = *site.client[0].interface;
    EXPECT_EQ(interface.path_mtu(SeaSite::kServer1), 9000u);
    EXPECT_FALSE(talk.ask(kMessage));  // Nobody sends it again.
    EXPECT_EQ(interface.path_mtu(SeaSite::kServer1), 1500u);
    EXPECT_EQ(interface.path_mtu(SeaSite::kGateway), 9000u);
    EXPECT_EQ(site.vios[0].sea->offload().icmp_errors, 3u);  // 8946, 8946 and 2108 bytes: each is too large.
    EXPECT_EQ(interface.counters().icmp_too_big, 3u);
    EXPECT_TRUE(talk.ask(kMessage));
    site.run_for(601s);  // The path's MTU is forgotten after 10 minutes.
    EXPECT_FALSE(talk.ask(kMessage));
}

TEST(SeaMtu, packet_that_may_be_fragmented_is) {
    SeaSite site(with({}, {{"mtu", "9000"}}));
    Talk talk(site);
    EXPECT_TRUE(talk.ask(8000, wire::FrameType::kEchoRequest));
    EXPECT_EQ(talk.bytes, 8000u);
    EXPECT_EQ(site.vios[0].sea->virtual_side().fragmented, 1u);
    EXPECT_EQ(site.vios[0].sea->offload().icmp_errors, 0u);
}

TEST(SeaMtu, jumbo_frames_everywhere_pass_whole) {
    auto options = with({{"jumbo_frames", "yes"}}, {{"mtu", "9000"}}, {{"jumbo_frames", "yes"}});
    options.outside_mtu = 9000;
    SeaSite site(options);
    Talk talk(site);
    const auto before = site.vios[0].sea->virtual_side().bridged;
    EXPECT_TRUE(talk.ask(kMessage));
    EXPECT_LE(site.vios[0].sea->virtual_side().bridged - before, 5u);
    EXPECT_EQ(site.vios[0].sea->offload().icmp_errors, 0u);
}

TEST(SeaMtu, jumbo_frame_at_a_switch_of_1500_is_lost_and_counted_there) {
    auto options = with({{"jumbo_frames", "yes"}}, {{"mtu", "9000"}}, {{"jumbo_frames", "yes"}});
    options.outside_mtu = 9000;
    options.switch_mtu = 1500;
    SeaSite site(options);
    Talk talk(site);
    EXPECT_FALSE(talk.ask(kMessage));
    EXPECT_FALSE(talk.ask(kMessage));  // Nobody tells: a black hole.
    EXPECT_TRUE(talk.ask(1000));
    std::uint64_t too_long = 0;
    const auto& inner = site.lan.at(site.inner);
    for (std::uint32_t port = 0; port < inner.port_count(); ++port)
        too_long += inner.counters(fabric::SwitchPort{port}).dropped(fabric::LanDrop::kTooLong);
    EXPECT_EQ(too_long, 6u);
}

TEST(SeaMtu, jumbo_frames_on_the_sea_alone_fail_at_the_adapter) {
    auto options = with({{"jumbo_frames", "yes"}}, {{"mtu", "9000"}});
    options.outside_mtu = 9000;
    SeaSite site(options);
    Talk talk(site);
    EXPECT_FALSE(talk.ask(kMessage));
    EXPECT_EQ(site.vios[0].nic->counters().too_long, 3u);
    EXPECT_EQ(site.vios[0].sea->virtual_side().dropped, 3u);
}

TEST(SeaMtu, mtu_of_an_interface_is_bounded_by_its_device) {
    SeaSite site;
    auto& interface = *site.client[0].interface;
    EXPECT_FALSE(interface.why_mtu_refused(65'394));
    EXPECT_EQ(interface.why_mtu_refused(65'395), "an MTU of 65395 is more than ent0 can take: at most 65394");
    EXPECT_EQ(site.vios[0].sea->mtu_max(false), 1500u);
    site.set(0, "jumbo_frames", "yes");
    EXPECT_EQ(site.vios[0].sea->mtu_max(true), 9000u);
}

TEST(V39, mtu_of_virtual_ethernet_is_65394_untagged_and_65390_tagged) {
    SiteOptions options;
    options.client_vlan = {1, 1};
    options.interface_attributes = {{"mtu", "65394"}};
    SeaSite site(options);
    EXPECT_EQ(site.client[0].adapter->mtu_max(false), 65'394u);
    EXPECT_EQ(site.client[0].adapter->mtu_max(true), 65'390u);
    EXPECT_EQ(site.client[0].interface->mtu(), 65'394u);
    const auto echo = [&](std::uint32_t size_bytes) {
        const auto before = site.client[1].adapter->counters().received;
        site.client[0].interface->send(wire::FrameType::kEchoRequest, site.client[1].interface->ip(), 1, size_bytes);
        site.run_for(1ms);
        return site.client[1].adapter->counters().received - before;
    };
    echo(64);  // ARP
    EXPECT_EQ(echo(65'408), 1u);
    EXPECT_EQ(echo(65'430), 2u);  // In fragments.
    // With a tag four bytes less fit.
    wire::Frame tagged;
    tagged.source = site.vios[0].trunk->mac();
    tagged.destination = site.vios[1].trunk->mac();
    tagged.vlan = wire::VlanId{2};
    tagged.size_bytes = 65'390 + 14;
    EXPECT_TRUE(site.vios[0].trunk->send(tagged));
    ++tagged.size_bytes;
    EXPECT_FALSE(site.vios[0].trunk->send(tagged));
}

// --- largesend ---

TEST(SeaLargesend, trains_cross_the_virtual_switch_whole_and_are_cut_at_the_real_adapter) {
    SeaSite site(with({{"largesend", "1"}}, {{"mtu_bypass", "on"}}));
    Talk talk(site);
    const auto before = site.vios[0].sea->virtual_side().bridged;
    const auto on_wire = site.vios[0].nic->counters().transmitted;
    EXPECT_TRUE(talk.ask(100'000));
    EXPECT_LE(site.vios[0].sea->virtual_side().bridged - before, 4u);
    EXPECT_EQ(site.vios[0].sea->offload().trains_sent, 2u);
    EXPECT_EQ(site.vios[0].nic->counters().trains_sent, 2u);
    EXPECT_GE(site.vios[0].nic->counters().transmitted - on_wire, 69u);  // 99,946 bytes in segments of 1460
    EXPECT_EQ(site.vios[0].sea->offload().trains_cut_here, 0u);
}

TEST(SeaLargesend, adapter_that_does_not_cut_has_the_sea_do_it_at_its_cost) {
    const auto cycles_of = [](const Attributes& adapter) {
        SeaSite site(with({{"largesend", "1"}}, {{"mtu_bypass", "on"}}, adapter));
        Talk talk(site);
        EXPECT_TRUE(talk.ask(100'000));
        EXPECT_EQ(site.vios[0].sea->offload().trains_cut_here, adapter.empty() ? 0u : 2u);
        return IoProcessor::of(*site.vios[0].os).counters().cycles;
    };
    EXPECT_GT(cycles_of({{"large_send", "no"}}), cycles_of({}) + 1'000'000);
}

TEST(SeaLargesend, sea_without_it_refuses_trains_and_the_client_stops_sending_them) {
    SeaSite site(with({}, {{"mtu_bypass", "on"}}));
    Talk talk(site);
    EXPECT_FALSE(talk.ask(100'000));
    EXPECT_GE(site.vios[0].sea->offload().icmp_errors, 1u);
    EXPECT_TRUE(talk.ask(100'000));
    EXPECT_EQ(site.vios[0].sea->offload().trains_sent, 0u);
}

TEST(SeaLargesend, costs_the_vios_a_third) {
    const auto cycles_of = [](const Attributes& sea, const Attributes& interface) {
        SeaSite site(with(sea, interface));
        Talk talk(site);
        const auto before = IoProcessor::of(*site.vios[0].os).counters().cycles;
        site.client[0].interface->send(wire::FrameType::kRequest, SeaSite::kServer1, 2'000'000, 1'000'000);
        site.run_for(50us);  // Only the way out.
        return IoProcessor::of(*site.vios[0].os).counters().cycles - before;
    };
    const auto plain = cycles_of({}, {});
    const auto trains = cycles_of({{"largesend", "1"}}, {{"mtu_bypass", "on"}});
    EXPECT_NEAR(static_cast<double>(plain), 11.2e6, 0.6e6);   // V44's 11.2 cycles a byte
    EXPECT_NEAR(static_cast<double>(trains), 3.93e6, 0.3e6);  // on the line through 1500 and 9000 bytes
}

TEST(SeaLargesend, linux_client_on_the_virtual_switch_drops_a_neighbours_trains) {
    // An AIX neighbour's train reaches the client without any SEA between them.
    SiteOptions options;
    options.guest = aix::GuestSystem::kLinux;
    SeaSite site(options);
    site.run_for(1s);
    auto& client = site.client[0];
    wire::Frame train;
    train.source = site.client[1].adapter->mac();
    train.destination = client.adapter->mac();
    train.source_ip = SeaSite::kServer1;
    train.destination_ip = client.interface->ip();
    train.type = wire::FrameType::kResponse;
    train.size_bytes = 8000;
    train.data = wire::MessagePart{.total_bytes = 7946, .segment_bytes = 1514}.encode();
    site.engine.schedule_in(1us, client.adapter->entity(),
                            hypervisor::VirtualFrameArrived{.frame = train, .slot = SlotNumber{2}});
    site.run_for(1ms);
    EXPECT_EQ(client.interface->counters().too_large, 1u);
}

// --- large_receive ---

TEST(SeaLargeReceive, segments_from_outside_reach_an_aix_client_as_trains) {
    SeaSite site(with({{"large_receive", "yes"}}));
    Talk talk(site);
    const auto before = site.vios[0].sea->virtual_side().transmitted;
    EXPECT_TRUE(talk.ask(100'000));
    EXPECT_EQ(talk.bytes, 100'000u);
    EXPECT_LE(site.vios[0].sea->virtual_side().transmitted - before, 4u);  // of 69 segments
    EXPECT_EQ(site.vios[0].sea->large_receive().trains(), 2u);
    EXPECT_EQ(site.vios[0].sea->large_receive().segments(), 69u);
}

TEST(SeaLargeReceive, linux_and_ibm_i_clients_lose_every_answer_of_more_than_one_segment) {
    for (const auto guest : {aix::GuestSystem::kLinux, aix::GuestSystem::kIbmI}) {
        auto options = with({{"large_receive", "yes"}});
        options.guest = guest;
        SeaSite site(options);
        Talk talk(site);
        EXPECT_FALSE(talk.ask(100'000));
        EXPECT_EQ(site.client[0].interface->counters().too_large, 2u);
        EXPECT_TRUE(talk.ask(1000));
        site.set(0, "large_receive", "no");
        EXPECT_TRUE(talk.ask(100'000));
    }
}

TEST(SeaLargeReceive, train_with_a_gap_leaves_after_its_window) {
    SeaLargeReceive joined;
    wire::Frame segment;
    segment.type = wire::FrameType::kResponse;
    segment.size_bytes = 1514;
    const auto at = [&](std::uint32_t offset) {
        segment.data = wire::MessagePart{.offset_bytes = offset, .total_bytes = 14'600}.encode();
        return segment;
    };
    const sim::SimTime start{};
    EXPECT_TRUE(joined.add(at(0), start).empty());
    EXPECT_TRUE(joined.add(at(1460), start).empty());
    const auto sent = joined.add(at(4380), start + 10us);  // 2920 is missing.
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].size_bytes, 54u + 2920u);
    EXPECT_EQ(joined.next_due(), start + 60us);
    EXPECT_TRUE(joined.due(start + 59us).empty());
    const auto late = joined.due(start + 60us);
    ASSERT_EQ(late.size(), 1u);
    EXPECT_EQ(late[0].size_bytes, 1514u);
    EXPECT_EQ(wire::MessagePart::decode(late[0].data).segment_bytes, 0u);  // One segment is no train.
    EXPECT_FALSE(joined.next_due());
}

TEST(SeaLargeReceive, costs_the_vios_less) {
    const auto cycles_of = [](const Attributes& sea) {
        SeaSite site(with(sea));
        Talk talk(site);
        EXPECT_TRUE(talk.ask(1'000'000));
        return IoProcessor::of(*site.vios[0].os).counters().cycles;
    };
    EXPECT_LT(cycles_of({{"large_receive", "yes"}}) + 6'000'000, cycles_of({}));
}

}  // namespace
}  // namespace pvmsim::vios
