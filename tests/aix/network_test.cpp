// Interfaces of an operating system: ARP and answers on an adapter whose wire is the test; drivers against a LAN with
// faults (R-NET-02, behaviour 3.5).
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "aix/network/link_aggregation.hpp"
#include "aix/network/physical_ethernet_adapter.hpp"
#include "fabric/lan/lan.hpp"
#include "tests/aix/network_fixture.hpp"

namespace pvmsim::aix {
namespace {

using namespace std::chrono_literals;
using test::Answers;
using test::BenchAdapter;
using test::kOwn;
using test::kPeer;
using test::kPeerMac;
using test::RunningPartition;
using wire::FrameType;

struct InterfaceFixture : testing::Test {
    RunningPartition partition;
    BenchAdapter* adapter = nullptr;
    NetworkInterface* interface = nullptr;
    Answers answers;

    void SetUp() override {
        adapter = &partition.os->add_device<BenchAdapter>("ent0", 0x0200'0000'00aa);
        interface = &partition.os->add_device<NetworkInterface>("en0", *adapter, wire::kUntagged, kOwn);
        interface->add_user(answers);
        partition.start();
    }
    [[nodiscard]] wire::Frame from_peer(FrameType type) const {
        wire::Frame frame;
        frame.destination = type == FrameType::kArpAnnouncement ? wire::MacAddress::broadcast() : adapter->mac();
        frame.source = kPeerMac;
        frame.type = type;
        frame.source_ip = kPeer;
        frame.destination_ip = kOwn;
        return frame;
    }
};

TEST_F(InterfaceFixture, announces_itself_when_configured) {
    ASSERT_EQ(adapter->sent.size(), 1u);
    EXPECT_EQ(adapter->sent[0].type, FrameType::kArpAnnouncement);
    EXPECT_EQ(adapter->sent[0].source_ip, kOwn);
}

TEST_F(InterfaceFixture, frames_wait_for_the_address_and_then_go_in_order) {
    for (std::uint32_t serial = 1; serial <= 3; ++serial) interface->send(FrameType::kRequest, kPeer, serial, 100);
    EXPECT_EQ(adapter->sent_of(FrameType::kArpRequest), 1u);
    EXPECT_EQ(adapter->sent_of(FrameType::kRequest), 0u);
    adapter->receive(from_peer(FrameType::kArpReply));
    ASSERT_EQ(adapter->sent_of(FrameType::kRequest), 3u);
    for (std::uint32_t i = 0; i < 3; ++i) {
        EXPECT_EQ(adapter->sent[2 + i].serial, i + 1);
        EXPECT_EQ(adapter->sent[2 + i].destination, kPeerMac);
    }
    partition.run_for(10s);
    EXPECT_EQ(adapter->sent_of(FrameType::kArpRequest), 1u);
}

TEST_F(InterfaceFixture, unanswered_question_is_repeated_and_then_given_up) {
    interface->send(FrameType::kRequest, kPeer, 1, 100);
    partition.run_for(60s);
    EXPECT_EQ(adapter->sent_of(FrameType::kArpRequest), NetworkInterface::kArpTriesMax);
    adapter->receive(from_peer(FrameType::kArpReply));
    EXPECT_EQ(adapter->sent_of(FrameType::kRequest), 0u);  // What waited was lost.
}

TEST_F(InterfaceFixture, waiting_frames_are_limited) {
    for (std::uint32_t i = 0; i < 1000; ++i) interface->send(FrameType::kRequest, kPeer, i, 100);
    adapter->receive(from_peer(FrameType::kArpReply));
    EXPECT_EQ(adapter->sent_of(FrameType::kRequest), NetworkInterface::kWaitingFramesMax);
}

TEST_F(InterfaceFixture, arp_table_is_limited) {
    for (std::uint32_t i = 0; i < 3000; ++i)
        interface->send(FrameType::kRequest, wire::Ipv4Address{0x0a01'0000 + i}, 1, 100);
    partition.run_for(2s);
    // Only what is still in the table is asked again.
    EXPECT_EQ(adapter->sent_of(FrameType::kArpRequest), 3000u + 2 * NetworkInterface::kArpEntriesMax);
}

TEST_F(InterfaceFixture, known_address_is_asked_again_after_twenty_minutes) {
    interface->send(FrameType::kRequest, kPeer, 1, 100);
    adapter->receive(from_peer(FrameType::kArpReply));
    partition.run_for(1199s);
    interface->send(FrameType::kRequest, kPeer, 2, 100);
    EXPECT_EQ(adapter->sent_of(FrameType::kArpRequest), 1u);
    partition.run_for(1s);
    interface->send(FrameType::kRequest, kPeer, 3, 100);
    EXPECT_EQ(adapter->sent_of(FrameType::kArpRequest), 2u);
}

TEST_F(InterfaceFixture, announcement_moves_a_known_address_only) {
    auto moved = from_peer(FrameType::kArpAnnouncement);
    moved.source = wire::MacAddress::from_integer(0x0200'0000'0099);
    adapter->receive(moved);
    interface->send(FrameType::kRequest, kPeer, 1, 100);
    EXPECT_EQ(adapter->sent_of(FrameType::kRequest), 0u);  // Not learned from a stranger.
    adapter->receive(from_peer(FrameType::kArpReply));
    adapter->receive(moved);
    interface->send(FrameType::kRequest, kPeer, 2, 100);
    EXPECT_EQ(adapter->sent.back().destination, moved.source);
}

TEST_F(InterfaceFixture, questions_are_answered_and_answers_passed_on) {
    const std::map<FrameType, FrameType> table{{FrameType::kArpRequest, FrameType::kArpReply},
                                               {FrameType::kEchoRequest, FrameType::kEchoReply},
                                               {FrameType::kRequest, FrameType::kResponse}};
    for (const auto& [question, answer] : table) {
        auto frame = from_peer(question);
        frame.serial = 77;
        adapter->receive(frame);
        EXPECT_EQ(adapter->sent.back().type, answer);
        EXPECT_EQ(adapter->sent.back().destination, kPeerMac);
        EXPECT_EQ(adapter->sent.back().serial, 77u);
    }
    adapter->receive(from_peer(FrameType::kResponse));
    adapter->receive(from_peer(FrameType::kEchoReply));
    EXPECT_EQ(answers.frames.size(), 2u);
}

TEST_F(InterfaceFixture, frames_for_others_are_ignored) {
    const auto before = adapter->sent.size();
    auto other_vlan = from_peer(FrameType::kEchoRequest);
    other_vlan.vlan = wire::VlanId{5};
    auto other_station = from_peer(FrameType::kEchoRequest);
    other_station.destination = kPeerMac;
    auto other_address = from_peer(FrameType::kEchoRequest);
    other_address.destination_ip = kPeer;
    for (const auto& frame : {other_vlan, other_station, other_address}) adapter->receive(frame);
    EXPECT_EQ(adapter->sent.size(), before);
}

// --- the real thing ---

TEST(PhysicalEthernet, aggregate_on_a_lan_survives_one_cable_and_then_the_other) {
    RunningPartition partition;
    fabric::Lan lan(partition.engine);
    const auto edge = lan.add_switch({.name = "edge", .vlans = {}});
    lan.add_host({.name = "server", .addresses = {{wire::VlanId{1}, kPeer}}}, edge);
    std::vector<EthernetDevice*> members;
    std::vector<fabric::CableId> cables;
    for (std::uint64_t i = 0; i < 2; ++i) {
        auto& port = lan.add_nic_port("C1-T" + std::to_string(i + 1), wire::MacAddress::from_integer(0x0300 + i));
        cables.push_back(lan.connect(port, edge, {.allowed_vlans = {}, .channel_group = 1, .lacp = true}));
        members.push_back(&partition.os->add_device<PhysicalEthernetAdapter>("ent" + std::to_string(i), port));
    }
    auto& aggregate = partition.os->add_device<LinkAggregation>("ent2", members, nullptr);
    aggregate.attributes().set("mode", "8023ad");
    auto& interface = partition.os->add_device<NetworkInterface>("en2", aggregate, wire::kUntagged, kOwn);
    Answers answers;
    interface.add_user(answers);
    partition.start();

    const auto asks_and_hears = [&] {
        const auto before = answers.frames.size();
        interface.send(FrameType::kRequest, kPeer, 1, 100);
        partition.run_for(1s);
        return answers.frames.size() == before + 1;
    };
    EXPECT_TRUE(asks_and_hears());
    lan.cut(cables[0], fabric::CableSide::kBoth);
    EXPECT_TRUE(asks_and_hears());
    EXPECT_EQ(aggregate.members_in_use(), 1u);
    lan.cut(cables[1], fabric::CableSide::kBoth);
    EXPECT_FALSE(asks_and_hears());
    lan.mend(cables[0]);
    partition.run_for(3s);
    EXPECT_TRUE(asks_and_hears());
    EXPECT_EQ(aggregate.members_in_use(), 1u);
}

TEST(PhysicalEthernet, hung_system_keeps_the_light_on_and_learns_of_a_cut_when_it_runs_again) {
    RunningPartition partition;
    fabric::Lan lan(partition.engine);
    const auto edge = lan.add_switch({.name = "edge", .vlans = {}});
    auto& port = lan.add_nic_port("C1-T1", wire::MacAddress::from_integer(0x0300));
    const auto cable = lan.connect(port, edge, {.allowed_vlans = {}});
    auto& adapter = partition.os->add_device<PhysicalEthernetAdapter>("ent0", port);
    partition.start();
    partition.run_for(1s);
    ASSERT_TRUE(partition.system->hang(partition.id).has_value());
    EXPECT_TRUE(port.carrier());
    lan.cut(cable, fabric::CableSide::kBoth);
    partition.run_for(1s);
    EXPECT_TRUE(adapter.link_up());
    ASSERT_TRUE(partition.system->resume(partition.id).has_value());
    partition.run_for(1ms);
    EXPECT_FALSE(adapter.link_up());
    lan.mend(cable);
    partition.run_for(1ms);
    EXPECT_TRUE(adapter.link_up());
    ASSERT_TRUE(partition.system->power_off(partition.id).has_value());
    EXPECT_FALSE(port.enabled());
}

}  // namespace
}  // namespace pvmsim::aix
