// Port channels set up on one side only, on two switches, or with members that differ; VLANs that the outside does not
// know; and the counters that show each. What a mistake costs is the rule of docs/model/network-outside.md.
#include <gmock/gmock.h>

#include "fabric/lan/lan_parameters.hpp"
#include "fabric/wire/lacp.hpp"
#include "sim/trace/sinks/memory_sink.hpp"
#include "tests/fabric/lan_fixture.hpp"

namespace pvmsim::fabric {
namespace {

using namespace std::chrono_literals;

SwitchPortConfig channel(bool lacp, SwitchPortConfig config = access(1)) {
    config.channel_group = 1;
    config.lacp = lacp;
    return config;
}

class ChannelTest : public LanTest {
  protected:
    bool say_lacp(Station& from, bool in_sync = true) {
        auto frame = frame_to(wire::MacAddress::from_integer(0x01'80'c2'00'00'02));
        frame.type = wire::FrameType::kLacp;
        frame.serial = in_sync ? wire::kLacpInSync : 0;
        return deliver(from, frame);
    }
    /// Broadcasts of `from` that reach `to` out of ten different sources, as the channel's hash spreads them.
    std::size_t heard_of_ten(Station& from, Station& to) {
        const auto before = to.heard().size();
        for (std::uint64_t i = 0; i < 10; ++i) {
            auto frame = broadcast();
            frame.source = wire::MacAddress::from_integer(0x2700 + i);
            frame.serial = ++serial_;
            from.port->send(frame);
            run(1ms);
        }
        return to.heard().size() - before;
    }

  private:
    std::uint32_t serial_ = 0;
};

TEST_F(ChannelTest, lacp_of_the_station_alone_is_ignored_counted_and_told_once) {
    const auto sw = add_switch("sw");
    sim::MemorySink sink{sim::MemorySink::Keep::kMilestones};
    engine.trace().attach(sink);
    auto a = plug(sw, channel(false));
    for (int i = 0; i < 5; ++i) say_lacp(a);
    EXPECT_TRUE(a.heard().empty()) << "no partner answers";
    EXPECT_EQ(lan.at(sw).counters(port(0)).dropped(LanDrop::kLacpIgnored), 5u);
    EXPECT_EQ(sink.named("lacp-ignored").size(), 1u);
    engine.trace().detach(sink);
    // The switch's side of a static channel carries frames all the same.
    auto c = plug(sw);
    EXPECT_EQ(heard_of_ten(c, a), 10u);
}

TEST_F(ChannelTest, lacp_of_the_switch_alone_suspends_the_ports_with_the_light_on) {
    const auto sw = add_switch("sw");
    auto c = plug(sw);
    run(1s);
    auto a = plug(sw, channel(true));
    auto b = plug(sw, channel(true));
    EXPECT_EQ(lan.at(sw).lacp_state(port(1)), LacpState::kWaiting);
    EXPECT_EQ(heard_of_ten(c, a), 0u);
    run(3s);
    EXPECT_EQ(lan.at(sw).lacp_state(port(1)), LacpState::kSuspended);
    EXPECT_EQ(lan.at(sw).lacp_state(port(2)), LacpState::kSuspended);
    EXPECT_TRUE(a.port->carrier() && b.port->carrier()) << "the station knows nothing of it";
    EXPECT_EQ(heard_of_ten(c, a) + heard_of_ten(c, b), 0u);
    EXPECT_EQ(heard_of_ten(a, c), 0u);
    EXPECT_EQ(lan.at(sw).counters(port(1)).dropped(LanDrop::kNotBundled), 10u);
    EXPECT_EQ(lan.at(sw).mac_table().size(), 10u) << "of c alone; a suspended port learns nothing";
}

TEST_F(ChannelTest, a_silent_station_may_be_left_with_ports_that_stand_alone_and_its_address_flaps) {
    const auto sw = add_switch("sw");
    auto c = plug(sw);
    run(1s);
    auto alone = channel(true);
    alone.lacp_silent = LacpSilent::kIndividual;
    auto a = plug(sw, alone);
    auto b = plug(sw, alone);
    run(3s);
    EXPECT_EQ(lan.at(sw).lacp_state(port(1)), LacpState::kIndividual);
    EXPECT_EQ(heard_of_ten(c, a), 10u);
    EXPECT_EQ(b.heard().size(), 10u) << "a copy by each port: duplicates";
    // A static channel of the station spreads one address over both.
    auto frame = broadcast();
    frame.source = a.mac();
    a.port->send(frame);
    run(1ms);
    EXPECT_EQ(lan.at(sw).lookup(wire::VlanId{1}, a.mac()), port(1));
    EXPECT_EQ(b.heard().size(), 11u) << "its own broadcast comes back";
    b.port->send(frame);
    run(1ms);
    EXPECT_EQ(lan.at(sw).lookup(wire::VlanId{1}, a.mac()), port(2));
    EXPECT_EQ(lan.at(sw).counters(port(2)).moves_here, 1u);
}

TEST_F(ChannelTest, a_partner_is_lost_after_three_intervals_and_found_again_with_its_next_word) {
    const struct {
        const char* what;
        bool fast;
        sim::Duration timeout;
        std::uint8_t wish;
    } rows[] = {{"slow", false, 90s, 0}, {"fast", true, 3s, 1}};
    for (const auto& row : rows) {
        const auto sw = add_switch(row.what);
        auto config = channel(true);
        config.lacp_fast = row.fast;
        auto a = plug(sw, config);
        auto c = plug(sw);
        say_lacp(a);
        ASSERT_EQ(a.heard().size(), 1u) << row.what;
        EXPECT_EQ(a.heard()[0].priority, row.wish) << row.what;
        EXPECT_EQ(heard_of_ten(c, a), 10u) << row.what;
        run(row.timeout - 12ms);
        EXPECT_EQ(lan.at(sw).lacp_state(port(0)), LacpState::kBundled) << row.what;
        run(3ms);
        EXPECT_EQ(lan.at(sw).lacp_state(port(0)), LacpState::kSuspended) << row.what;
        EXPECT_EQ(heard_of_ten(c, a), 0u) << row.what;
        say_lacp(a);
        EXPECT_EQ(lan.at(sw).lacp_state(port(0)), LacpState::kBundled) << row.what;
        EXPECT_EQ(heard_of_ten(c, a), 10u) << row.what;
    }
}

TEST_F(ChannelTest, nothing_is_sent_to_a_member_whose_station_does_not_use_it_yet) {
    const auto sw = add_switch("sw");
    auto a = plug(sw, channel(true));
    auto b = plug(sw, channel(true));
    auto c = plug(sw);
    for (auto* one : {&a, &b}) say_lacp(*one);
    lan.cut(b.cable, CableSide::kBoth);
    EXPECT_EQ(heard_of_ten(c, a), 10u);
    lan.mend(b.cable);
    say_lacp(b, false);
    EXPECT_EQ(lan.at(sw).lacp_state(port(1)), LacpState::kWaiting);
    EXPECT_EQ(heard_of_ten(c, a), 10u);
    EXPECT_EQ(heard_of_ten(b, c), 0u);
    say_lacp(b);
    EXPECT_EQ(heard_of_ten(c, a), 5u);

    // A station that drops a member it used says so, with the light on all the time; then there is nobody.
    say_lacp(b, false);
    EXPECT_EQ(heard_of_ten(c, a), 10u);
    deliver(a, broadcast());
    EXPECT_EQ(lan.at(sw).lookup(wire::VlanId{1}, a.mac()), port(0));
    say_lacp(a, false);
    EXPECT_EQ(lan.at(sw).lookup(wire::VlanId{1}, a.mac()), std::nullopt) << "the channel is down: its addresses go";
    EXPECT_EQ(heard_of_ten(c, a) + heard_of_ten(c, b), 0u);
    run(kLacpLongTimeout);
    EXPECT_EQ(lan.at(sw).lacp_state(port(0)), LacpState::kSuspended);
}

TEST_F(ChannelTest, what_is_up_at_the_start_has_its_partner_for_three_seconds) {
    const auto sw = add_switch("sw");
    auto a = plug(sw, channel(true));
    auto c = plug(sw);
    lan.settle();
    EXPECT_EQ(heard_of_ten(c, a), 10u);
    run(3s);
    EXPECT_EQ(heard_of_ten(c, a), 0u) << "nobody spoke";
    a.port->reset();
    EXPECT_EQ(lan.at(sw).lacp_state(port(0)), LacpState::kWaiting) << "later it must speak first";
}

TEST_F(ChannelTest, a_member_whose_vlans_differ_carries_nothing) {
    const auto sw = add_switch("sw");
    auto a = plug(sw, channel(false, trunk({10, 20})));
    auto b = plug(sw, channel(false, trunk({10})));
    auto c = plug(sw, access(10));
    EXPECT_EQ(lan.at(sw).lacp_state(port(0)), LacpState::kNone);
    EXPECT_EQ(lan.at(sw).lacp_state(port(1)), LacpState::kMismatched);
    EXPECT_EQ(heard_of_ten(c, a), 10u) << "the hash finds the only member";
    EXPECT_TRUE(b.heard().empty());
    deliver(b, broadcast(10));
    EXPECT_EQ(c.heard().size(), 0u);
    EXPECT_EQ(lan.at(sw).counters(port(1)).dropped(LanDrop::kNotBundled), 1u);
    b.port->reset();
    EXPECT_EQ(lan.at(sw).lacp_state(port(1)), LacpState::kMismatched);
}

/// A static channel spread over two switches that are no stack: the address moves with each frame, and an answer that
/// is on its way when both switches look for it at the other is lost.
TEST_F(ChannelTest, members_on_two_switches_lose_answers_and_the_address_flaps) {
    const auto one = add_switch("one");
    const auto two = add_switch("two");
    lan.connect(one, two, trunk({}));
    auto a = plug(one, channel(false));
    auto b = plug(two, channel(false));
    auto server_one = plug(one);
    auto server_two = plug(two);
    lan.settle();
    deliver(server_one, broadcast());
    deliver(server_two, broadcast());
    const auto clear = [&] {
        a.ears->heard.clear();
        b.ears->heard.clear();
    };
    // Round robin: two frames by both members at the same time, each towards the server at the other switch.
    std::uint32_t answered = 0;
    for (std::uint32_t i = 0; i < 100; ++i) {
        auto frame = frame_to(server_two.mac());
        frame.source = a.mac();
        frame.serial = i;
        a.port->send(frame);
        frame.destination = server_one.mac();
        b.port->send(frame);
        run(1ms);
        clear();
        deliver(server_one, frame_to(a.mac()));
        deliver(server_two, frame_to(a.mac()));
        answered += static_cast<std::uint32_t>(a.heard().size() + b.heard().size());
    }
    EXPECT_EQ(answered, 0u) << "each switch looks for it at the other";
    EXPECT_GE(lan.at(one).flaps().size() + lan.at(two).flaps().size(), 2u);

    // One frame after the other: where it spoke last it is found.
    for (std::uint32_t i = 0; i < 100; ++i) {
        auto frame = broadcast();
        frame.source = a.mac();
        frame.serial = 1000 + i;
        (i % 2 == 0 ? a : b).port->send(frame);
        run(1ms);
        clear();
        deliver(server_one, frame_to(a.mac()));
        EXPECT_EQ((i % 2 == 0 ? a : b).heard().size(), 1u);
        EXPECT_EQ((i % 2 == 0 ? b : a).heard().size(), 0u);
    }
}

TEST_F(ChannelTest, lacp_on_two_switches_hears_two_partners) {
    const auto one = add_switch("one");
    const auto two = add_switch("two");
    auto a = plug(one, channel(true));
    auto b = plug(two, channel(true));
    say_lacp(a);
    say_lacp(b);
    ASSERT_EQ(a.heard().size(), 1u);
    ASSERT_EQ(b.heard().size(), 1u);
    EXPECT_NE(a.heard()[0].source, b.heard()[0].source) << "the partner's system: the station sees the mistake";
}

TEST_F(ChannelTest, vlans_the_outside_does_not_know_are_counted_by_port_and_vlan) {
    SwitchConfig config;
    config.name = "sw";
    config.vlans = trunk({1, 10, 20}).allowed_vlans;
    const auto sw = lan.add_switch(config);
    auto a = plug(sw, trunk({10, 30}));
    auto b = plug(sw, access(10));
    const auto all_of = [&](Station& from, std::initializer_list<std::uint16_t> tags) {
        for (const auto tag : tags) deliver(from, broadcast(tag));
    };
    all_of(a, {10, 20, 30, 30, 4095});
    all_of(b, {10});
    const struct {
        std::uint32_t port;
        std::uint16_t vlan;
        LanDrop reason;
        std::uint64_t frames;
    } rows[] = {{0, 20, LanDrop::kVlanNotAllowed, 1},
                {0, 30, LanDrop::kVlanUnknown, 2},
                {0, 4095, LanDrop::kVlanUnknown, 1},
                {1, 10, LanDrop::kTaggedOnAccess, 1}};
    const auto drops = lan.at(sw).vlan_drops();
    ASSERT_EQ(drops.size(), std::size(rows));
    for (std::size_t i = 0; i < drops.size(); ++i) {
        EXPECT_EQ(drops[i].port, port(rows[i].port)) << i;
        EXPECT_EQ(drops[i].vlan.value(), rows[i].vlan) << i;
        EXPECT_EQ(drops[i].reason, rows[i].reason) << i;
        EXPECT_EQ(drops[i].frames, rows[i].frames) << i;
    }
    const auto report = lan.at(sw).report(port(0));
    EXPECT_EQ(report.peer, "station1");
    EXPECT_EQ(report.counters.frames_in, 5u);
    EXPECT_EQ(report.counters.frames_dropped, 4u);
    EXPECT_EQ(report.counters.dropped(LanDrop::kVlanUnknown), 3u);
    EXPECT_EQ(report.counters.floods, 1u);
    EXPECT_TRUE(report.link);
    EXPECT_EQ(lan.port_of(a.cable), port(0));
    EXPECT_EQ(lan.switch_of(a.cable), sw);
}

TEST_F(ChannelTest, a_port_that_learns_drops_and_an_edge_port_flushes_nobody) {
    const auto sw = add_switch("sw");
    auto a = plug(sw);
    auto b = plug(sw, slow(access(1)));
    auto c = plug(sw);
    deliver(a, broadcast());
    run(20s);
    deliver(b, broadcast());
    EXPECT_EQ(lan.at(sw).counters(port(1)).dropped(LanDrop::kNotForwarding), 1u) << "learning";
    c.port->reset();
    EXPECT_EQ(lan.at(sw).lookup(wire::VlanId{1}, a.mac()), port(0)) << "an edge port is no change of the topology";
    run(10s);
    EXPECT_EQ(lan.at(sw).lookup(wire::VlanId{1}, a.mac()), std::nullopt) << "another port is: all is flushed";
}

TEST_F(ChannelTest, answer_names_the_switch_that_gave_it) {
    const auto sw1 = add_switch("sw1");
    const auto sw2 = add_switch("sw2");
    auto a = plug(sw1, channel(true));
    auto b = plug(sw1, channel(true));
    auto c = plug(sw2, channel(true));
    for (auto* one : {&a, &b, &c}) say_lacp(*one);
    ASSERT_EQ(a.heard().size(), 1u);
    EXPECT_NE(a.heard()[0].data, 0u);
    EXPECT_EQ(a.heard()[0].data, b.heard().at(0).data) << "two ports of one switch";
    EXPECT_NE(a.heard()[0].data, c.heard().at(0).data) << "another system: never one aggregate";
}

}  // namespace
}  // namespace pvmsim::fabric
