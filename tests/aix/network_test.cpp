// Ethernet devices and interfaces of an operating system: ARP and aggregates on adapters whose wire is the test,
// drivers against a LAN with faults (R-NET-02, behaviour 3.5).
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "aix/network/interface.hpp"
#include "aix/network/link_aggregation.hpp"
#include "aix/network/physical_ethernet_adapter.hpp"
#include "aix/odm/predefined.hpp"
#include "fabric/lan/lan.hpp"
#include "tests/aix/partition_fixture.hpp"

namespace pvmsim::aix {
namespace {

using namespace std::chrono_literals;
using test::RunningPartition;
using wire::FrameType;

constexpr wire::Ipv4Address kOwn{0x0a00'0002};
constexpr wire::Ipv4Address kPeer{0x0a00'0001};
constexpr auto kPeerMac = wire::MacAddress::from_integer(0x0200'0000'0001);

/// An adapter whose wire is the test.
class BenchAdapter : public EthernetDevice {
  public:
    BenchAdapter(OperatingSystem& os, std::string name, std::uint64_t mac)
        : EthernetDevice(os, std::move(name), no_attributes()), mac_(wire::MacAddress::from_integer(mac)) {}
    bool send(const wire::Frame& frame) override {
        if (up) sent.push_back(frame);
        return up;
    }
    bool link_up() const override { return up; }
    wire::MacAddress mac() const override { return mac_; }
    void reset_link() override { ++resets; }
    std::string_view description() const override { return "adapter of a test"; }

    void receive(const wire::Frame& frame) { user_->on_frame(*this, frame); }
    void set_link(bool is_up) {
        up = is_up;
        user_->on_link(*this, up);
    }
    [[nodiscard]] std::size_t sent_of(FrameType type) const {
        return static_cast<std::size_t>(std::ranges::count(sent, type, &wire::Frame::type));
    }

    std::vector<wire::Frame> sent;
    bool up = true;
    std::uint32_t resets = 0;

  protected:
    void on_configure() override {}
    void on_unconfigure() override {}

  private:
    wire::MacAddress mac_;
};

struct Answers : InterfaceUser {
    std::vector<wire::Frame> frames;
    void on_answer(const wire::Frame& frame) override { frames.push_back(frame); }
};

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

// --- link aggregation ---

struct AggregateFixture : testing::Test {
    struct Above : EthernetUser {
        std::vector<bool> links;
        std::size_t frames = 0;
        void on_frame(EthernetDevice&, const wire::Frame&) override { ++frames; }
        void on_link(EthernetDevice&, bool up) override { links.push_back(up); }
    };
    RunningPartition partition;
    std::vector<BenchAdapter*> members;
    BenchAdapter* backup = nullptr;
    LinkAggregation* aggregate = nullptr;
    Above above;

    void build(std::vector<std::pair<std::string_view, std::string_view>> attributes) {
        for (std::uint64_t i = 0; i < 3; ++i)
            members.push_back(&partition.os->add_device<BenchAdapter>("ent" + std::to_string(i), 0x0200'0000'0010 + i));
        backup = &partition.os->add_device<BenchAdapter>("ent3", 0x0200'0000'0020);
        aggregate = &partition.os->add_device<LinkAggregation>(
            "ent4", std::vector<EthernetDevice*>(members.begin(), members.end()), backup);
        for (const auto& [name, value] : attributes) aggregate->attributes().set(name, value);
        aggregate->attach(&above);
        partition.start();
    }
    [[nodiscard]] static wire::Frame frame_between(std::uint32_t from, std::uint32_t to) {
        wire::Frame frame;
        frame.source_ip = wire::Ipv4Address{from};
        frame.destination_ip = wire::Ipv4Address{to};
        return frame;
    }
    /// Which member carries the frame; -1: none, 3: the backup.
    int carrier_of(const wire::Frame& frame) {
        std::vector<BenchAdapter*> all = members;
        all.push_back(backup);
        for (auto* device : all) device->sent.clear();
        aggregate->send(frame);
        for (std::size_t i = 0; i < all.size(); ++i)
            if (!all[i]->sent.empty()) return static_cast<int>(i);
        return -1;
    }
    [[nodiscard]] std::size_t logged(const ErrorLogTemplate& what) const {
        return static_cast<std::size_t>(
            std::ranges::count(partition.os->errlog().entries(), &what, &ErrorLogEntry::what));
    }
    void answer_lacp(BenchAdapter& member) const {
        wire::Frame frame;
        frame.type = FrameType::kLacp;
        frame.source = kPeerMac;
        member.receive(frame);
    }
};

TEST_F(AggregateFixture, hash_modes_choose_the_member) {
    build({});
    EXPECT_EQ(aggregate->attributes().get("adapter_names"), "ent0,ent1,ent2");
    EXPECT_EQ(aggregate->mac(), members[0]->mac());
    for (std::uint32_t to = 0; to < 9; ++to) EXPECT_EQ(carrier_of(frame_between(1, to)), static_cast<int>(to % 3));
    members[1]->set_link(false);
    for (std::uint32_t to = 0; to < 9; ++to) EXPECT_EQ(carrier_of(frame_between(1, to)), to % 2 == 0 ? 0 : 2);
    EXPECT_TRUE(above.links.empty());  // The aggregate as a whole is unharmed.
}

TEST_F(AggregateFixture, source_hash_and_both_and_round_robin) {
    build({{"hash_mode", "src_port"}});
    EXPECT_EQ(carrier_of(frame_between(4, 2)), 1);
    partition.os->find_device("ent4")->unconfigure();
    aggregate->attributes().set("hash_mode", "src_dst_port");
    aggregate->configure();
    EXPECT_EQ(carrier_of(frame_between(4, 7)), 5 % 3);
    aggregate->unconfigure();
    aggregate->attributes().set("mode", "round_robin");
    aggregate->configure();
    for (int i = 0; i < 6; ++i) EXPECT_EQ(carrier_of(frame_between(1, 1)), i % 3);
}

TEST_F(AggregateFixture, backup_takes_over_when_all_primaries_are_gone_and_gives_back) {
    build({});
    for (auto* member : members) member->set_link(false);
    EXPECT_TRUE(aggregate->on_backup());
    EXPECT_TRUE(aggregate->link_up());
    EXPECT_EQ(carrier_of(frame_between(1, 2)), 3);
    EXPECT_EQ(above.links, (std::vector<bool>{true}));  // "Up", again: here is another way.
    EXPECT_EQ(logged(errors::kEtherChannelFailover), 1u);
    members[2]->receive({});
    EXPECT_EQ(above.frames, 0u);
    backup->receive({});
    EXPECT_EQ(above.frames, 1u);

    members[2]->set_link(true);
    EXPECT_FALSE(aggregate->on_backup());
    EXPECT_EQ(carrier_of(frame_between(1, 2)), 2);
    EXPECT_EQ(logged(errors::kEtherChannelRecovery), 1u);

    members[2]->set_link(false);
    backup->set_link(false);
    EXPECT_FALSE(aggregate->link_up());
    EXPECT_FALSE(above.links.back());
}

TEST_F(AggregateFixture, without_automatic_recovery_the_backup_keeps_it) {
    build({{"auto_recovery", "no"}});
    for (auto* member : members) member->set_link(false);
    members[0]->set_link(true);
    EXPECT_TRUE(aggregate->on_backup());
    backup->set_link(false);
    EXPECT_FALSE(aggregate->on_backup());
    EXPECT_TRUE(aggregate->link_up());
}

TEST_F(AggregateFixture, silent_lacp_partner_is_dropped_after_three_intervals) {
    build({{"mode", "8023ad"}, {"interval", "short"}});
    EXPECT_EQ(aggregate->members_in_use(), 3u);
    for (int second = 0; second < 5; ++second) {
        partition.run_for(1s);
        answer_lacp(*members[0]);
        answer_lacp(*members[1]);
    }
    EXPECT_EQ(aggregate->members_in_use(), 2u);
    EXPECT_EQ(aggregate->lacp_counters().received, 10u);
    answer_lacp(*members[2]);
    partition.run_for(1900ms);
    EXPECT_EQ(aggregate->members_in_use(), 2u);
    partition.run_for(200ms);
    EXPECT_EQ(aggregate->members_in_use(), 3u);
}

TEST_F(AggregateFixture, lacp_link_that_returns_waits_two_seconds_for_its_partner) {
    build({{"mode", "8023ad"}, {"interval", "long"}});
    backup->set_link(false);
    for (auto* member : members) member->set_link(false);
    EXPECT_FALSE(aggregate->link_up());
    members[0]->sent.clear();
    members[0]->set_link(true);
    EXPECT_EQ(members[0]->sent_of(FrameType::kLacp), 1u);
    partition.run_for(20s);
    EXPECT_FALSE(aggregate->link_up());  // A switch that does not speak LACP never joins.
    answer_lacp(*members[0]);
    partition.run_for(2s);
    EXPECT_TRUE(aggregate->link_up());
}

TEST_F(AggregateFixture, reset_makes_every_link_negotiate_anew) {
    build({{"mode", "8023ad"}});
    backup->set_link(false);
    aggregate->reset_link();
    EXPECT_FALSE(aggregate->link_up());
    EXPECT_EQ(members[1]->resets, 1u);
    answer_lacp(*members[1]);
    partition.run_for(2s);
    EXPECT_TRUE(aggregate->link_up());
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
