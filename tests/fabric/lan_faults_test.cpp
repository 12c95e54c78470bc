// Faults of the LAN: spanning tree delays, redundant links, power, ports, cables cut in one direction; hosts.
// Times are 802.1D's: 15 s each for listening and learning.
#include <gmock/gmock.h>

#include "sim/trace/sinks/memory_sink.hpp"
#include "tests/fabric/lan_fixture.hpp"

namespace pvmsim::fabric {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

TEST_F(LanTest, without_portfast_a_port_forwards_after_30_seconds_with_it_at_once) {
    const auto sw = add_switch("sw");
    auto a = plug(sw);
    auto b = plug(sw, slow(access(1)));
    EXPECT_EQ(lan.at(sw).port_state(port(0)), PortState::kForwarding);
    EXPECT_EQ(lan.at(sw).port_state(port(1)), PortState::kListening);
    run(15s);
    EXPECT_EQ(lan.at(sw).port_state(port(1)), PortState::kLearning);
    run(15s - 1ms);
    deliver(a, broadcast());
    EXPECT_TRUE(b.heard().empty());
    EXPECT_EQ(lan.at(sw).port_state(port(1)), PortState::kForwarding);
    deliver(a, broadcast());
    EXPECT_EQ(b.heard().size(), 1u);
}

TEST_F(LanTest, a_learning_port_learns_and_a_listening_one_does_not) {
    const auto sw = add_switch("sw");
    auto a = plug(sw, slow(access(1)));
    deliver(a, broadcast());
    EXPECT_EQ(lan.at(sw).lookup(wire::VlanId{1}, a.mac()), std::nullopt);
    run(15s);
    deliver(a, broadcast());
    EXPECT_EQ(lan.at(sw).lookup(wire::VlanId{1}, a.mac()), port(0));
}

TEST_F(LanTest, a_reset_starts_the_spanning_tree_delay_again) {
    const auto sw = add_switch("sw");
    auto a = plug(sw);
    auto b = plug(sw, slow(access(1)));
    lan.settle();
    deliver(a, broadcast());
    EXPECT_EQ(b.heard().size(), 1u) << "settled";
    b.port->reset();
    EXPECT_THAT(b.ears->carrier, ElementsAre(true, true));
    run(29s);
    deliver(a, broadcast());
    EXPECT_EQ(b.heard().size(), 1u);
    run(1s);
    deliver(a, broadcast());
    EXPECT_EQ(b.heard().size(), 2u);
}

TEST_F(LanTest, without_spanning_tree_there_is_no_delay) {
    const auto sw = add_switch("sw", false);
    plug(sw, slow(access(1)));
    EXPECT_EQ(lan.at(sw).port_state(port(0)), PortState::kForwarding);
}

TEST_F(LanTest, redundant_link_is_blocked_and_takes_over_after_the_delay) {
    const auto one = add_switch("one");
    const auto two = add_switch("two");
    const auto first = lan.connect(one, two, {});
    lan.connect(one, two, {});
    auto a = plug(one);
    auto b = plug(two);
    lan.settle();
    EXPECT_EQ(lan.at(one).port_state(port(0)), PortState::kForwarding);
    EXPECT_EQ(lan.at(one).port_state(port(1)), PortState::kForwarding) << "the designated end";
    EXPECT_EQ(lan.at(two).port_state(port(0)), PortState::kForwarding);
    EXPECT_EQ(lan.at(two).port_state(port(1)), PortState::kBlocking);
    deliver(a, broadcast());
    EXPECT_EQ(b.heard().size(), 1u) << "once, not twice";
    deliver(b, broadcast());

    lan.cut(first, CableSide::kBoth);
    EXPECT_EQ(lan.at(one).lookup(wire::VlanId{1}, b.mac()), std::nullopt) << "forgotten at the change";
    run(30s - 1ms);
    deliver(a, frame_to(b.mac()));
    EXPECT_EQ(b.heard().size(), 1u);
    deliver(a, frame_to(b.mac()));
    EXPECT_EQ(b.heard().size(), 2u);

    lan.mend(first);
    EXPECT_EQ(lan.at(two).port_state(port(1)), PortState::kBlocking);
    EXPECT_EQ(lan.at(two).port_state(port(0)), PortState::kListening);
    run(30s);
    deliver(a, broadcast());
    EXPECT_EQ(b.heard().size(), 3u);
}

TEST_F(LanTest, the_root_is_the_lowest_priority_and_the_ring_is_cut_opposite_to_it) {
    const auto one = add_switch("one");
    const auto two = add_switch("two");
    const auto three = lan.add_switch({.name = "three", .vlans = {}, .bridge_priority = 4096});
    lan.connect(one, two, {});    // one.0 two.0
    lan.connect(two, three, {});  // two.1 three.0
    lan.connect(three, one, {});  // three.1 one.1
    lan.settle();
    EXPECT_EQ(lan.at(three).port_state(port(0)), PortState::kForwarding);
    EXPECT_EQ(lan.at(three).port_state(port(1)), PortState::kForwarding);
    EXPECT_EQ(lan.at(one).port_state(port(0)), PortState::kForwarding) << "declared before two";
    EXPECT_EQ(lan.at(two).port_state(port(0)), PortState::kBlocking);
    lan.power_off(three);
    run(30s);
    EXPECT_EQ(lan.at(two).port_state(port(0)), PortState::kForwarding);
    EXPECT_EQ(lan.at(two).port_state(port(1)), PortState::kDisabled);
}

TEST_F(LanTest, switch_power_takes_the_carrier_and_gives_it_back) {
    const auto sw = add_switch("sw");
    auto a = plug(sw);
    auto b = plug(sw);
    deliver(a, broadcast());
    send(a, broadcast());
    lan.power_off(sw);
    lan.power_off(sw);
    EXPECT_FALSE(a.port->carrier());
    EXPECT_FALSE(deliver(a, broadcast()));
    EXPECT_EQ(b.heard().size(), 1u) << "what was under way is lost";
    EXPECT_EQ(lan.at(sw).mac_table().size(), 0u);
    lan.power_on(sw);
    EXPECT_THAT(a.ears->carrier, ElementsAre(true, false, true));
    EXPECT_TRUE(deliver(a, broadcast()));
    EXPECT_EQ(b.heard().size(), 2u);
}

TEST_F(LanTest, cable_and_port_fault_table) {
    const auto sw = add_switch("sw");
    const struct {
        const char* what;
        CableSide side;
        bool station_sees_light;
        bool switch_sees_light;
    } rows[] = {
        {"both directions", CableSide::kBoth, false, false},
        {"the station hears nothing", CableSide::kNearHearsNothing, false, true},
        {"the switch hears nothing", CableSide::kFarHearsNothing, true, false},
    };
    std::uint32_t number = 0;
    auto witness = plug(sw);
    for (const auto& row : rows) {
        auto station = plug(sw);
        const auto at = port(++number);
        lan.cut(station.cable, row.side);
        lan.cut(station.cable, row.side);
        EXPECT_EQ(station.port->carrier(), row.station_sees_light) << row.what;
        EXPECT_EQ(lan.at(sw).port_state(at) != PortState::kDisabled, row.switch_sees_light) << row.what;
        const auto before = witness.heard().size();
        EXPECT_EQ(deliver(station, broadcast()), row.station_sees_light) << row.what;
        EXPECT_EQ(witness.heard().size(), before) << row.what << ": nothing gets through";
        deliver(witness, broadcast());
        EXPECT_TRUE(station.heard().empty()) << row.what << ": nor back";
        lan.mend(station.cable);
        EXPECT_TRUE(deliver(station, broadcast())) << row.what;
        EXPECT_EQ(witness.heard().size(), before + 1) << row.what;
        deliver(witness, broadcast());
        EXPECT_EQ(station.heard().size(), 1u) << row.what;
    }
}

TEST_F(LanTest, cutting_one_direction_and_then_the_other_cuts_both) {
    const auto sw = add_switch("sw");
    auto a = plug(sw);
    lan.cut(a.cable, CableSide::kFarHearsNothing);
    lan.cut(a.cable, CableSide::kNearHearsNothing);
    EXPECT_FALSE(a.port->carrier());
    EXPECT_EQ(lan.at(sw).port_state(port(0)), PortState::kDisabled);
}

TEST_F(LanTest, a_cable_left_unplugged_is_no_fault_and_mending_it_plugs_it_in) {
    const auto sw = add_switch("sw");
    const auto link = lan.connect(sw, add_switch("other"), {});
    sim::MemorySink story{sim::MemorySink::Keep::kMilestones};
    engine.trace().attach(story);
    const auto texts = [&] {
        std::vector<std::string> all;
        for (const auto& record : story.named("cable")) all.push_back(record.text);
        return all;
    };
    lan.leave_unplugged(link);
    EXPECT_EQ(lan.at(sw).port_state(port(0)), PortState::kDisabled);
    lan.cut(link, CableSide::kBoth);
    EXPECT_THAT(texts(), ElementsAre()) << "there was nothing to cut";
    lan.mend(link);
    EXPECT_NE(lan.at(sw).port_state(port(0)), PortState::kDisabled);
    lan.cut(link, CableSide::kBoth);
    lan.mend(link);
    EXPECT_THAT(texts(), ElementsAre("cable sw - other plugged in", "cable sw - other cut", "cable sw - other mended"));
}

TEST_F(LanTest, a_shut_port_takes_the_light_from_both_ends) {
    const auto sw = add_switch("sw");
    const auto other = add_switch("other");
    const auto link = lan.connect(sw, other, {});
    auto a = plug(sw);
    lan.shut_port(a.cable);
    EXPECT_FALSE(a.port->carrier());
    EXPECT_EQ(lan.at(sw).port_state(port(1)), PortState::kDisabled);
    lan.open_port(a.cable);
    EXPECT_TRUE(a.port->carrier());
    EXPECT_EQ(lan.at(sw).port_state(port(1)), PortState::kForwarding);
    lan.shut_port(link);
    EXPECT_EQ(lan.at(sw).port_state(port(0)), PortState::kDisabled);
    EXPECT_EQ(lan.at(other).port_state(port(0)), PortState::kDisabled);
}

TEST_F(LanTest, a_disabled_station_has_no_carrier_and_hears_of_none) {
    const auto sw = add_switch("sw");
    auto a = plug(sw);
    a.port->disable();
    lan.power_off(sw);
    lan.power_on(sw);
    EXPECT_THAT(a.ears->carrier, ElementsAre(true));
    EXPECT_FALSE(a.port->carrier());
    a.port->enable();
    EXPECT_THAT(a.ears->carrier, ElementsAre(true, true));
}

class HostTest : public LanTest {
  protected:
    wire::Frame ask(wire::FrameType type, std::uint32_t ip, std::uint16_t tag = 0) {
        auto frame = broadcast(tag);
        frame.type = type;
        frame.source_ip = wire::Ipv4Address{77};
        frame.destination_ip = wire::Ipv4Address{ip};
        frame.serial = 42;
        return frame;
    }
};

TEST_F(HostTest, answers_arp_echo_and_requests_for_its_own_address_only) {
    const auto sw = add_switch("sw");
    auto& host = lan.add_host({.name = "gw", .addresses = {{wire::VlanId{10}, wire::Ipv4Address{1}}}}, sw);
    auto a = plug(sw, access(10));
    const struct {
        wire::FrameType ask;
        wire::FrameType answer;
    } rows[] = {{wire::FrameType::kArpRequest, wire::FrameType::kArpReply},
                {wire::FrameType::kEchoRequest, wire::FrameType::kEchoReply},
                {wire::FrameType::kRequest, wire::FrameType::kResponse}};
    for (const auto& row : rows) {
        a.ears->heard.clear();
        deliver(a, ask(row.ask, 1));
        ASSERT_EQ(a.heard().size(), 1u);
        const auto& answer = a.heard()[0];
        EXPECT_EQ(answer.type, row.answer);
        EXPECT_EQ(answer.serial, 42u);
        EXPECT_EQ(answer.source, host.mac());
        EXPECT_EQ(answer.destination, a.mac());
        EXPECT_EQ(answer.source_ip, wire::Ipv4Address{1});
        EXPECT_EQ(answer.destination_ip, wire::Ipv4Address{77});
        deliver(a, ask(row.ask, 2));
        EXPECT_EQ(a.heard().size(), 1u);
    }
    EXPECT_EQ(host.answers(), 3u);
    deliver(a, ask(wire::FrameType::kResponse, 1));
    EXPECT_EQ(host.answers(), 3u);
}

TEST_F(HostTest, the_answer_takes_the_response_time_and_both_ways) {
    const auto sw = add_switch("sw");
    lan.add_host({.name = "gw", .addresses = {{wire::VlanId{1}, wire::Ipv4Address{1}}}, .response_time = 3ms}, sw);
    auto a = plug(sw);
    send(a, ask(wire::FrameType::kRequest, 1));
    run(3ms + 13us);
    EXPECT_TRUE(a.heard().empty());
    run(1us);
    EXPECT_EQ(a.heard().size(), 1u);
}

TEST_F(HostTest, with_several_addresses_it_answers_each_in_its_vlan) {
    const auto sw = add_switch("sw");
    lan.add_host({.name = "gw",
                  .addresses = {{wire::VlanId{10}, wire::Ipv4Address{1}}, {wire::VlanId{20}, wire::Ipv4Address{2}}}},
                 sw);
    auto a = plug(sw, trunk({10, 20}));
    for (const std::uint16_t vlan : {std::uint16_t{10}, std::uint16_t{20}}) {
        for (std::uint32_t ip : {1u, 2u}) {
            a.ears->heard.clear();
            deliver(a, ask(wire::FrameType::kArpRequest, ip, vlan));
            EXPECT_EQ(a.heard().size(), vlan == ip * 10 ? 1u : 0u);
            for (const auto& answer : a.heard()) EXPECT_EQ(answer.vlan.value(), vlan);
        }
    }
}

TEST_F(HostTest, a_silent_host_keeps_its_light_on_and_says_nothing) {
    const auto sw = add_switch("sw");
    auto& host = lan.add_host({.name = "gw", .addresses = {{wire::VlanId{1}, wire::Ipv4Address{1}}}}, sw);
    auto a = plug(sw);
    EXPECT_EQ(lan.find_host("gw"), &host);
    EXPECT_EQ(lan.find_host("gw2"), nullptr);
    host.set_answering(false);
    deliver(a, ask(wire::FrameType::kEchoRequest, 1));
    EXPECT_TRUE(a.heard().empty());
    EXPECT_TRUE(host.port().carrier());
    host.set_answering(true);
    deliver(a, ask(wire::FrameType::kEchoRequest, 1));
    EXPECT_EQ(a.heard().size(), 1u);
}

}  // namespace
}  // namespace pvmsim::fabric
