// An 802.3ad aggregation of two links and the switch at their other end, frame by frame: what the loss and the return
// of a member cost (docs/model/network.md). Several servers, so that both ends' hashes use both links.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "aix/network/physical_ethernet_adapter.hpp"
#include "fabric/lan/lan.hpp"
#include "tests/aix/network_fixture.hpp"

namespace pvmsim::aix::test {
namespace {

using namespace std::chrono_literals;
using fabric::CableSide;
using wire::FrameType;

constexpr std::uint32_t kServers = 4;
constexpr auto kEvery = 10ms;

struct LacpSite {
    RunningPartition partition;
    fabric::Lan lan{partition.engine};
    fabric::SwitchId outside;
    std::array<fabric::CableId, 2> cables{};
    LinkAggregation* aggregate = nullptr;
    NetworkInterface* interface = nullptr;
    Answers answers;
    std::uint32_t asked = 0;

    LacpSite(std::string_view mode, bool short_intervals) {
        outside = lan.add_switch({.name = "sw", .vlans = {}});
        for (std::uint32_t i = 0; i < kServers; ++i)
            lan.add_host({.name = "server" + std::to_string(i), .addresses = {{wire::VlanId{1}, server(i)}}}, outside);
        std::vector<EthernetDevice*> adapters;
        for (std::size_t i = 0; i < cables.size(); ++i) {
            const auto number = std::to_string(i);
            auto& port = lan.add_nic_port("C1-T" + number, wire::MacAddress::from_integer(0x0300 + i));
            cables[i] = lan.connect(
                port, outside,
                {.allowed_vlans = {}, .channel_group = 1, .lacp = mode == "8023ad", .lacp_fast = short_intervals});
            adapters.push_back(&partition.os->add_device<PhysicalEthernetAdapter>("ent" + number, port));
        }
        aggregate = &partition.os->add_device<LinkAggregation>("ent9", adapters, nullptr);
        aggregate->attributes().set("mode", std::string(mode));
        if (short_intervals) aggregate->attributes().set("interval", "short");
        interface = &partition.os->add_device<NetworkInterface>("en9", *aggregate, wire::kUntagged, kOwn);
        interface->set_prefix_length(24);
        interface->add_user(answers);
        partition.start();
        lan.settle();
        ask_for(1s);
    }
    static wire::Ipv4Address server(std::uint32_t i) { return wire::Ipv4Address{0x0a00'0010 + i}; }
    /// Each server is asked every 10 ms. How many questions stayed unanswered.
    std::uint32_t ask_for(sim::Duration span) {
        const auto answered_before = answers.frames.size();
        const auto asked_before = asked;
        for (auto left = span; left > 0s; left -= kEvery) {
            for (std::uint32_t i = 0; i < kServers; ++i) interface->send(FrameType::kRequest, server(i), ++asked, 100);
            partition.run_for(kEvery);
        }
        return asked - asked_before - static_cast<std::uint32_t>(answers.frames.size() - answered_before);
    }
    /// Both links carry frames both ways.
    bool both_in_use() {
        const auto before = aggregate->statistics().adapters;
        ask_for(100ms);
        const auto after = aggregate->statistics().adapters;
        for (std::size_t i = 0; i < cables.size(); ++i)
            if (after[i].sent == before[i].sent || after[i].received == before[i].received) return false;
        return true;
    }
};

TEST(LacpMember, its_loss_and_its_return_cost_nothing) {
    const struct {
        const char* mode;
        bool short_intervals;
        std::size_t member;
    } rows[] = {{"standard", false, 1}, {"8023ad", false, 0}, {"8023ad", false, 1}, {"8023ad", true, 1}};
    for (const auto& row : rows) {
        SCOPED_TRACE(std::string(row.mode) + " " + std::to_string(row.member));
        LacpSite site(row.mode, row.short_intervals);
        ASSERT_TRUE(site.both_in_use());
        site.lan.cut(site.cables[row.member], CableSide::kBoth);
        site.partition.run_for(1ms);  // Only what is on the cable at that moment is lost.
        EXPECT_EQ(site.ask_for(10s), 0u) << "loss";
        EXPECT_FALSE(site.both_in_use());
        site.lan.mend(site.cables[row.member]);
        EXPECT_EQ(site.ask_for(5s), 0u) << "return";
        EXPECT_TRUE(site.both_in_use());
    }
}

TEST(LacpMember, that_returns_is_used_by_either_end_after_two_seconds) {
    LacpSite site("8023ad", false);
    site.lan.cut(site.cables[1], CableSide::kBoth);
    site.ask_for(1s);
    site.lan.mend(site.cables[1]);
    site.ask_for(1900ms);
    EXPECT_EQ(site.lan.at(site.outside).lacp_state(site.lan.port_of(site.cables[1])), fabric::LacpState::kWaiting);
    EXPECT_FALSE(site.both_in_use());
    site.ask_for(100ms);
    EXPECT_TRUE(site.both_in_use());
}

/// Only one end sees darkness: the other sends into the void until three intervals are over. The return costs nothing.
TEST(LacpMember, half_a_cut_costs_three_intervals_once) {
    const struct {
        CableSide side;
        bool short_intervals;
        sim::Duration least;
        sim::Duration most;
    } rows[] = {{CableSide::kNearHearsNothing, true, 2s, 3s},
                {CableSide::kFarHearsNothing, true, 2s, 4s},
                {CableSide::kNearHearsNothing, false, 60s, 90s}};
    for (const auto& row : rows) {
        SCOPED_TRACE(static_cast<int>(row.side));
        LacpSite site("8023ad", row.short_intervals);
        site.ask_for(35s);
        site.lan.cut(site.cables[1], row.side);
        const auto end = site.partition.engine.now() + 100s;
        sim::Duration lossy{};
        while (site.partition.engine.now() < end)
            if (site.ask_for(kEvery) > 0) lossy += kEvery;
        EXPECT_GE(lossy, row.least);
        EXPECT_LE(lossy, row.most);
        EXPECT_EQ(site.ask_for(5s), 0u);
        site.lan.mend(site.cables[1]);
        EXPECT_EQ(site.ask_for(35s), 0u) << "return";
        EXPECT_TRUE(site.both_in_use());
    }
}

}  // namespace
}  // namespace pvmsim::aix::test
