// Network Interface Backup (R-NET-03, behaviour 3.5) on adapters whose wire is the test: their links never go down, so
// only pings of netaddr tell that the world behind one of them is gone. With real SEAs: tests/vios/nib_test.cpp.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/aix/network_fixture.hpp"

namespace pvmsim::aix::test {
namespace {

using namespace std::chrono_literals;
using wire::FrameType;

struct NibFixture : AggregateFixture {
    NetworkInterface* interface = nullptr;
    bool primary_alive = true;  ///< netaddr answers behind the primary adapter
    bool backup_alive = true;

    void build_nib(const Attributes& attributes) {
        make_devices(1, attributes);
        interface = &partition.os->add_device<NetworkInterface>("en2", *aggregate, wire::kUntagged, kOwn);
        members[0]->world = [this](BenchAdapter& adapter, const wire::Frame& frame) {
            if (primary_alive) answer_as(kPeer, adapter, frame);
        };
        backup->world = [this](BenchAdapter& adapter, const wire::Frame& frame) {
            if (backup_alive) answer_as(kPeer, adapter, frame);
        };
        partition.start();
    }
    /// How long the side in use stays the same, looked at every 10 ms; at most `limit`.
    sim::Duration time_to_change(sim::Duration limit) {
        const bool side = aggregate->on_backup();
        sim::Duration waited{0};
        for (; waited < limit && aggregate->on_backup() == side; waited += 10ms) partition.run_for(10ms);
        return waited;
    }
};

TEST_F(NibFixture, pings_that_stay_without_answer_move_the_traffic_in_three_to_four_seconds) {
    build_nib({{"netaddr", "10.0.0.1"}});
    for (const auto offset : {0ms, 10ms, 500ms, 990ms}) {
        partition.run_for(20s + offset);
        ASSERT_FALSE(aggregate->on_backup());
        primary_alive = false;
        backup->sent.clear();
        const auto waited = time_to_change(10s);
        EXPECT_GE(waited, 3s) << offset.count();
        EXPECT_LE(waited, 4s + 10ms) << offset.count();
        EXPECT_TRUE(aggregate->on_backup());
        // The outside learns at once where the address is now; the MAC address stays the first adapter's.
        ASSERT_FALSE(backup->sent.empty());
        EXPECT_EQ(backup->sent[0].type, FrameType::kArpAnnouncement);
        EXPECT_EQ(backup->sent[0].source, members[0]->mac());
        primary_alive = true;
        partition.run_for(10s);
    }
    EXPECT_EQ(logged(errors::kPingFailedPrimary), 4u);
    EXPECT_EQ(logged(errors::kEtherChannelFailover), 4u);
    EXPECT_EQ(logged(errors::kEtherChannelRecovery), 4u);
    EXPECT_EQ(aggregate->statistics().failovers, 4u);
    EXPECT_GE(aggregate->statistics().pings_lost, 12u);
}

TEST_F(NibFixture, retries_and_their_interval_are_attributes) {
    build_nib({{"netaddr", "10.0.0.1"}, {"num_retries", "8"}, {"retry_time", "1"}});
    partition.run_for(10500ms);
    primary_alive = false;
    auto waited = time_to_change(60s);
    EXPECT_GE(waited, 8s);
    EXPECT_LE(waited, 9s + 10ms);
    primary_alive = true;
    partition.run_for(20s);
    ASSERT_FALSE(aggregate->on_backup());
    change("num_retries", "2");
    change("retry_time", "5");
    partition.run_for(20s);
    primary_alive = false;
    waited = time_to_change(60s);
    EXPECT_GE(waited, 10s);
    EXPECT_LE(waited, 15s + 10ms);
}

TEST_F(NibFixture, comes_back_when_the_primary_way_answers_again_and_not_before) {
    build_nib({{"netaddr", "10.0.0.1"}});
    primary_alive = false;
    time_to_change(10s);
    ASSERT_TRUE(aggregate->on_backup());
    members[0]->sent.clear();
    partition.run_for(300s);
    EXPECT_TRUE(aggregate->on_backup());
    // Probes of the idle side tell nobody a sender's address and bear the idle adapter's MAC address.
    ASSERT_FALSE(members[0]->sent.empty());
    for (const auto& frame : members[0]->sent) {
        EXPECT_EQ(frame.type, FrameType::kArpRequest);
        EXPECT_EQ(frame.source_ip, wire::kNoIpv4);
        EXPECT_EQ(frame.source, backup->mac());
    }
    primary_alive = true;
    members[0]->sent.clear();
    const auto waited = time_to_change(10s);
    EXPECT_GE(waited, 2s);
    EXPECT_LE(waited, 3s + 10ms);
    EXPECT_FALSE(aggregate->on_backup());
    EXPECT_EQ(members[0]->sent_of(FrameType::kArpAnnouncement), 1u);
}

TEST_F(NibFixture, one_answer_in_between_is_not_a_recovered_way) {
    build_nib({{"netaddr", "10.0.0.1"}});
    primary_alive = false;
    time_to_change(10s);
    for (int i = 0; i < 10; ++i) {
        primary_alive = i % 3 != 0;
        partition.run_for(1s);
        EXPECT_TRUE(aggregate->on_backup());
    }
}

TEST_F(NibFixture, without_automatic_recovery_the_backup_keeps_the_traffic_until_it_fails) {
    build_nib({{"netaddr", "10.0.0.1"}, {"auto_recovery", "no"}});
    primary_alive = false;
    time_to_change(10s);
    primary_alive = true;
    partition.run_for(60s);
    EXPECT_TRUE(aggregate->on_backup());
    backup_alive = false;
    const auto waited = time_to_change(10s);
    EXPECT_GE(waited, 3s);
    EXPECT_LE(waited, 4s + 10ms);
    EXPECT_FALSE(aggregate->on_backup());
    EXPECT_EQ(logged(errors::kPingFailedBackup), 1u);
}

TEST_F(NibFixture, dead_target_makes_the_sides_change_again_and_again) {
    build_nib({{"netaddr", "10.0.0.1"}});
    partition.run_for(5s);
    primary_alive = backup_alive = false;
    partition.run_for(30s);
    EXPECT_GE(aggregate->statistics().failovers, 4u);
    EXPECT_GE(logged(errors::kPingFailedBackup), 3u);
    primary_alive = backup_alive = true;
    partition.run_for(10s);
    const auto failovers = aggregate->statistics().failovers;
    partition.run_for(300s);
    EXPECT_EQ(aggregate->statistics().failovers, failovers);
    EXPECT_FALSE(aggregate->on_backup());
}

TEST_F(NibFixture, without_netaddr_nothing_is_noticed) {
    build_nib({});
    primary_alive = false;
    partition.run_for(600s);
    EXPECT_FALSE(aggregate->on_backup());
    EXPECT_EQ(aggregate->statistics().pings_sent, 0u);
    change("netaddr", "10.0.0.1");
    EXPECT_LE(time_to_change(10s), 5s);
    EXPECT_TRUE(aggregate->on_backup());
}

TEST_F(NibFixture, the_idle_side_is_not_heard) {
    build_nib({{"netaddr", "10.0.0.1"}});
    Answers answers;
    interface->add_user(answers);
    wire::Frame frame;
    frame.destination = members[0]->mac();
    frame.source = kPeerMac;
    frame.type = FrameType::kResponse;
    frame.source_ip = kPeer;
    frame.destination_ip = kOwn;
    backup->receive(frame);
    EXPECT_TRUE(answers.frames.empty());
    members[0]->receive(frame);
    EXPECT_EQ(answers.frames.size(), 1u);
}

}  // namespace
}  // namespace pvmsim::aix::test
