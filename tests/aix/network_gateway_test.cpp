// Default routes and active dead gateway detection ("Dead gateway detection" of AIX): which gateway carries traffic to
// other networks, how fast a dead one is avoided, and the way back.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "aix/network/internet_extension.hpp"
#include "aix/network/physical_ethernet_adapter.hpp"
#include "fabric/lan/lan.hpp"
#include "tests/aix/network_fixture.hpp"

namespace pvmsim::aix::test {
namespace {

using namespace std::chrono_literals;
using wire::FrameType;

constexpr wire::Ipv4Address kFar{0xc0a8'0707};
constexpr std::array kGateways{wire::Ipv4Address{0x0a01'00fe}, wire::Ipv4Address{0x0a02'00fe}};

/// Two networks with a gateway each, and a server far away that both reach: their hosts have its address, too.
struct GatewayFixture : testing::Test {
    RunningPartition partition;
    fabric::Lan lan{partition.engine};
    std::array<fabric::Host*, 2> gateways{};
    std::array<NetworkInterface*, 2> interfaces{};
    InternetExtension* inet = nullptr;
    Answers answers;
    std::uint32_t serial = 0;

    void build(std::array<std::uint32_t, 2> costs, bool active_dgd = true) {
        for (std::size_t i = 0; i < 2; ++i) {
            const auto number = std::to_string(i);
            const auto edge = lan.add_switch({.name = "edge" + number, .vlans = {}});
            gateways[i] = &lan.add_host(
                {.name = "gateway" + number, .addresses = {{wire::VlanId{1}, kGateways[i]}, {wire::VlanId{1}, kFar}}},
                edge);
            auto& port = lan.add_nic_port("C1-T" + number, wire::MacAddress::from_integer(0x0300 + i));
            lan.connect(port, edge, {.allowed_vlans = {}});
            auto& adapter = partition.os->add_device<PhysicalEthernetAdapter>("ent" + number, port);
            interfaces[i] = &partition.os->add_device<NetworkInterface>("en" + number, adapter, wire::kUntagged,
                                                                        wire::Ipv4Address{kGateways[i].value() - 100});
            interfaces[i]->set_prefix_length(24);
        }
        inet = &partition.os->add_device<InternetExtension>("inet0");
        for (auto* interface : interfaces) inet->add_interface(*interface);
        for (std::size_t i = 0; i < 2; ++i)
            inet->add_route(
                {.gateway = kGateways[i], .interface = interfaces[i], .cost = costs[i], .active_dgd = active_dgd});
        interfaces[0]->add_user(answers);
        partition.start();
        lan.settle();
    }
    /// A request from the first interface's address to the far server; is it answered?
    bool asks_and_hears() {
        const auto before = answered();
        interfaces[0]->send(FrameType::kRequest, kFar, ++serial, 100);
        partition.run_for(10ms);
        return answered() == before + 1;
    }
    [[nodiscard]] std::ptrdiff_t answered() const {
        return std::ranges::count(answers.frames, FrameType::kResponse, &wire::Frame::type);
    }
    /// From now until the next answer, asking every 20 ms; at most a minute.
    sim::Duration outage() {
        const auto from = partition.engine.now();
        while (partition.engine.now() - from < 60s && !asks_and_hears()) partition.run_for(10ms);
        return partition.engine.now() - from;
    }
};

TEST_F(GatewayFixture, dead_gateway_is_avoided_after_one_round_and_three_waits_and_taken_again_when_it_answers) {
    build({0, 1});
    partition.run_for(10s);
    EXPECT_TRUE(asks_and_hears());
    EXPECT_EQ(inet->best_route()->gateway, kGateways[0]);
    for (const auto offset : {0s, 1s, 2s, 3s, 4s}) {
        partition.run_for(20s + offset);
        gateways[0]->set_answering(false);
        const auto lost = outage();
        EXPECT_GE(lost, 3s) << offset.count();
        EXPECT_LE(lost, 8s + 50ms) << offset.count();
        EXPECT_TRUE(inet->is_dead(0));
        EXPECT_EQ(inet->best_route()->gateway, kGateways[1]);
        gateways[0]->set_answering(true);
        partition.run_for(5s + 50ms);
        EXPECT_FALSE(inet->is_dead(0));
        EXPECT_EQ(inet->best_route()->gateway, kGateways[0]);
        EXPECT_TRUE(asks_and_hears());
    }
    EXPECT_EQ(inet->counters(0).deaths, 5u);
    EXPECT_EQ(inet->counters(1).deaths, 0u);
}

TEST_F(GatewayFixture, shorter_ping_time_finds_it_sooner) {
    build({0, 1});
    inet->attributes().set("dgd_ping_time", "2");
    partition.run_for(20s);
    gateways[0]->set_answering(false);
    EXPECT_LE(outage(), 5s + 50ms);
}

TEST_F(GatewayFixture, without_detection_the_traffic_stays_lost) {
    build({0, 1}, false);
    ASSERT_TRUE(asks_and_hears());
    gateways[0]->set_answering(false);
    EXPECT_GE(outage(), 60s);
    EXPECT_EQ(inet->counters(0).pings_sent, 0u);
}

TEST_F(GatewayFixture, cost_decides_then_order) {
    build({5, 2});
    EXPECT_EQ(inet->best_route()->gateway, kGateways[1]);
    gateways[1]->set_answering(false);
    partition.run_for(20s);
    EXPECT_EQ(inet->best_route()->gateway, kGateways[0]);
    gateways[0]->set_answering(false);
    partition.run_for(20s);
    EXPECT_NE(inet->best_route(), nullptr);  // Both dead: no better than before, but still tried.
}

TEST_F(GatewayFixture, own_network_needs_no_gateway_and_answers_find_the_interface_that_asked) {
    build({1, 0});
    EXPECT_TRUE(asks_and_hears());  // Out over the second interface, back there, to the address of the first.
    EXPECT_EQ(inet->counters(1).packets, 1u);
    EXPECT_EQ(answers.frames.back().destination_ip, interfaces[0]->ip());
    interfaces[0]->send(FrameType::kEchoRequest, kGateways[0], 1, 100);
    partition.run_for(10ms);
    EXPECT_EQ(answers.frames.back().source_ip, kGateways[0]);
    EXPECT_EQ(inet->counters(0).packets + inet->counters(1).packets, 1u);
}

TEST(DefaultRoutes, packet_without_a_route_is_lost_and_counted) {
    RunningPartition partition;
    auto& adapter = partition.os->add_device<BenchAdapter>("ent0", 0x0300);
    auto& interface = partition.os->add_device<NetworkInterface>("en0", adapter, wire::kUntagged, kOwn);
    interface.set_prefix_length(24);
    auto& inet = partition.os->add_device<InternetExtension>("inet0");
    inet.add_interface(interface);
    partition.start();
    interface.send(FrameType::kRequest, kFar, 1, 100);
    EXPECT_EQ(inet.unroutable(), 1u);
    interface.send(FrameType::kRequest, kPeer, 2, 100);
    EXPECT_EQ(adapter.sent_of(FrameType::kArpRequest), 1u);
    EXPECT_EQ(inet.unroutable(), 1u);
    for (const auto& row : network_options()) EXPECT_EQ(check_attribute_value(row, row.default_value), std::nullopt);
}

}  // namespace
}  // namespace pvmsim::aix::test
