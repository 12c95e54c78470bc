// What a switch forwards where: VLANs on access and trunk ports, learning, ageing, port channels, storm control.
// Rows of tables and random sites; the expected tag or silence is the rule of docs/model/lan.md.
#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "fabric/wire/lacp.hpp"
#include "tests/fabric/lan_fixture.hpp"

namespace pvmsim::fabric {
namespace {

using namespace std::chrono_literals;

constexpr int kNothing = -1;

TEST_F(LanTest, vlan_table_of_access_and_trunk_ports) {
    const struct {
        const char* what;
        SwitchPortConfig from;
        std::uint16_t tag;
        SwitchPortConfig to;
        int heard_tag;  // kNothing, 0 untagged
    } rows[] = {
        {"access to access of one VLAN", access(10), 0, access(10), 0},
        {"access to access of another", access(10), 0, access(20), kNothing},
        {"tagged frame on an access port", access(10), 10, access(10), kNothing},
        {"access to trunk", access(10), 0, trunk({10, 20}), 10},
        {"access to trunk that does not allow it", access(30), 0, trunk({10, 20}), kNothing},
        {"access to trunk whose native VLAN it is", access(10), 0, trunk({20}, 10), 0},
        {"trunk to access", trunk({10}), 10, access(10), 0},
        {"trunk tag not allowed", trunk({10}), 20, access(20), kNothing},
        {"trunk untagged is native", trunk({20}, 10), 0, access(10), 0},
        {"trunk untagged is not another", trunk({20}, 10), 0, access(20), kNothing},
        {"trunk to trunk", trunk({10, 20}), 20, trunk({20, 30}), 20},
        {"trunk tag of the native VLAN", trunk({20}, 10), 10, trunk({10}, 1), 10},
        {"open trunk takes all", trunk({}), 4094, trunk({}), 4094},
        {"VLAN unknown to the switch", trunk({}), 55, trunk({}), kNothing},
        {"not a VLAN", trunk({}), 4095, trunk({}), kNothing},
    };
    SwitchConfig config;
    config.name = "sw";
    config.vlans = trunk({1, 10, 20, 30, 4094}).allowed_vlans;
    for (const auto& row : rows) {
        sim::Engine own_engine(1);
        Lan own_lan(own_engine);
        const auto id = own_lan.add_switch(config);
        auto& from = own_lan.add_nic_port("from", wire::MacAddress::from_integer(1));
        auto& to = own_lan.add_nic_port("to", wire::MacAddress::from_integer(2));
        Listener ears;
        to.attach(&ears);
        own_lan.connect(from, id, row.from);
        own_lan.connect(to, id, row.to);
        from.enable();
        to.enable();
        auto frame = broadcast(row.tag);
        frame.source = from.mac();
        EXPECT_TRUE(from.send(frame)) << row.what;
        own_engine.run_until(own_engine.now() + 1ms);
        if (row.heard_tag == kNothing) {
            EXPECT_TRUE(ears.heard.empty()) << row.what;
        } else {
            ASSERT_EQ(ears.heard.size(), 1u) << row.what;
            EXPECT_EQ(ears.heard[0].vlan.value(), row.heard_tag) << row.what;
        }
    }
}

TEST_F(LanTest, frame_arrives_after_cable_switch_and_cable) {
    const auto sw = add_switch("sw");
    auto a = plug(sw);
    auto b = plug(sw);
    send(a, broadcast());
    run(6'999ns);
    EXPECT_TRUE(b.heard().empty());
    run(1ns);
    EXPECT_EQ(b.heard().size(), 1u);
    lan.set_extra_latency(sw, 2ms);
    send(a, broadcast());
    run(2ms);
    EXPECT_EQ(b.heard().size(), 1u);
    run(7us);
    EXPECT_EQ(b.heard().size(), 2u);
}

TEST_F(LanTest, unknown_is_flooded_known_goes_to_its_port_until_it_ages) {
    const auto sw = add_switch("sw");
    auto a = plug(sw);
    auto b = plug(sw);
    auto c = plug(sw);
    deliver(a, frame_to(b.mac()));
    EXPECT_EQ(b.heard().size(), 1u);
    EXPECT_EQ(c.heard().size(), 1u);
    EXPECT_TRUE(a.heard().empty());

    deliver(b, frame_to(a.mac()));
    deliver(a, frame_to(b.mac()));
    EXPECT_EQ(a.heard().size(), 1u);
    EXPECT_EQ(b.heard().size(), 2u);
    EXPECT_EQ(c.heard().size(), 1u) << "both were known";
    EXPECT_EQ(lan.at(sw).lookup(wire::VlanId{1}, b.mac()), port(1));

    run(299s);
    EXPECT_EQ(lan.at(sw).lookup(wire::VlanId{1}, b.mac()), port(1));
    run(1s);
    EXPECT_EQ(lan.at(sw).lookup(wire::VlanId{1}, b.mac()), std::nullopt);
    deliver(a, frame_to(b.mac()));
    EXPECT_EQ(c.heard().size(), 2u);
}

TEST_F(LanTest, a_station_that_moves_is_found_at_its_new_port_after_its_first_frame) {
    const auto sw = add_switch("sw");
    auto a = plug(sw);
    auto b = plug(sw);
    auto c = plug(sw);
    deliver(b, broadcast());
    auto moved = broadcast();
    moved.source = b.mac();
    c.port->send(moved);
    run(1ms);
    EXPECT_EQ(lan.at(sw).lookup(wire::VlanId{1}, b.mac()), port(2));
    const auto before = c.heard().size();
    deliver(a, frame_to(b.mac()));
    EXPECT_EQ(c.heard().size(), before + 1);
}

TEST_F(LanTest, losing_the_link_forgets_what_was_learned_there) {
    const auto sw = add_switch("sw");
    auto a = plug(sw);
    auto b = plug(sw);
    deliver(a, broadcast());
    deliver(b, broadcast());
    b.port->disable();
    EXPECT_EQ(lan.at(sw).lookup(wire::VlanId{1}, b.mac()), std::nullopt);
    EXPECT_EQ(lan.at(sw).lookup(wire::VlanId{1}, a.mac()), port(0));
}

TEST_F(LanTest, counters_count_arrivals_departures_and_drops) {
    const auto sw = add_switch("sw");
    auto a = plug(sw, access(10));
    plug(sw, access(10));
    plug(sw, access(20));
    deliver(a, broadcast());
    deliver(a, broadcast(10));
    EXPECT_EQ(lan.at(sw).counters(port(0)).frames_in, 2u);
    EXPECT_EQ(lan.at(sw).counters(port(0)).frames_dropped, 1u) << "the tagged one";
    EXPECT_EQ(lan.at(sw).counters(port(1)).frames_out, 1u);
    EXPECT_EQ(lan.at(sw).counters(port(2)).frames_out, 0u);
}

TEST_F(LanTest, a_port_channel_gets_one_copy_and_none_of_its_own) {
    const auto sw = add_switch("sw");
    auto grouped = access(1);
    grouped.channel_group = 1;
    auto a = plug(sw, grouped);
    auto b = plug(sw, grouped);
    auto c = plug(sw);
    deliver(c, broadcast());
    EXPECT_EQ(a.heard().size() + b.heard().size(), 1u);
    deliver(a, broadcast());
    EXPECT_EQ(a.heard().size() + b.heard().size(), 1u) << "its own broadcast does not come back";
    EXPECT_EQ(c.heard().size(), 1u);

    // Known behind the channel: whichever member is left gets it.
    b.port->disable();
    deliver(c, frame_to(a.mac()));
    lan.cut(a.cable, CableSide::kBoth);
    b.port->enable();
    const auto at_b = b.heard().size();
    deliver(c, frame_to(a.mac()));
    EXPECT_EQ(b.heard().size(), at_b + 1);
}

TEST_F(LanTest, lacp_is_answered_by_a_channel_that_speaks_it_and_never_forwarded) {
    const auto sw = add_switch("sw");
    auto active = access(1);
    active.channel_group = 1;
    active.lacp = true;
    auto a = plug(sw, active);
    auto b = plug(sw);
    auto lacp = frame_to(wire::MacAddress::from_integer(0x01'80'c2'00'00'02));
    lacp.type = wire::FrameType::kLacp;
    deliver(a, lacp);
    ASSERT_EQ(a.heard().size(), 1u);
    EXPECT_EQ(a.heard()[0].serial, wire::kLacpInSync);
    EXPECT_EQ(a.heard()[0].destination, a.mac());
    deliver(b, lacp);
    EXPECT_EQ(a.heard().size(), 1u);
    EXPECT_TRUE(b.heard().empty());
}

TEST_F(LanTest, a_loop_without_spanning_tree_is_a_storm_of_bounded_cost) {
    const auto one = add_switch("one", false);
    const auto two = add_switch("two", false);
    for (int i = 0; i < 3; ++i) lan.connect(one, two, {});
    auto a = plug(one);
    plug(two);
    send(a, broadcast());
    run(1s);
    EXPECT_GT(lan.at(one).storm_drops() + lan.at(two).storm_drops(), 0u);
    EXPECT_LE(engine.counters().delivered, 1'000u);
    const auto before = engine.counters().delivered;
    run(1s);
    EXPECT_GT(engine.counters().delivered, before) << "the loop is still there";
    EXPECT_LE(engine.counters().delivered, before + 100u);
}

TEST_F(LanTest, a_loop_through_a_bridging_server_is_bounded_too) {
    // Two ports of one server that passes each broadcast on, as two bridging SEAs of one VLAN do.
    const auto sw = add_switch("sw");
    auto a = plug(sw);
    auto left = plug(sw);
    auto right = plug(sw);
    struct Bridge : NicPortOwner {
        NicPort* other = nullptr;
        void on_frame(NicPort&, const wire::Frame& frame) override { other->send(frame); }
        void on_carrier(NicPort&, bool) override {}
    } from_left, from_right;
    from_left.other = right.port;
    from_right.other = left.port;
    left.port->attach(&from_left);
    right.port->attach(&from_right);
    send(a, broadcast());
    run(10s);
    EXPECT_GT(lan.at(sw).storm_drops(), 0u);
    EXPECT_LT(engine.counters().delivered, 2'000u);
}

TEST_F(LanTest, floods_beyond_the_limit_of_storm_control_are_dropped_until_the_second_is_over) {
    SwitchConfig config;
    config.name = "sw";
    config.flooded_copies_max_per_s = 100;
    const auto sw = lan.add_switch(config);
    auto a = plug(sw);
    auto b = plug(sw);
    plug(sw);
    for (std::uint32_t i = 0; i < 80; ++i) {
        auto frame = broadcast();
        frame.serial = i;
        deliver(a, frame);
    }
    EXPECT_EQ(b.heard().size(), 50u) << "two copies of each";
    EXPECT_EQ(lan.at(sw).storm_drops(), 30u);
    EXPECT_EQ(lan.at(sw).counters(port(0)).dropped(LanDrop::kStorm), 30u);
    EXPECT_EQ(lan.at(sw).counters(port(0)).floods, 50u);
    EXPECT_TRUE(lan.storms().empty()) << "no loop";
    run(1s);
    deliver(a, broadcast());
    EXPECT_EQ(b.heard().size(), 51u);
}

/// Random switches in a line with random ports: a frame leaves only where its VLAN may go, and everywhere it may.
RC_GTEST_PROP(ForwardingProperty, no_frame_leaves_outside_its_vlan, ()) {
    sim::Engine engine(1);
    Lan lan(engine);
    const auto vlans = std::vector<std::uint16_t>{1, 10, 20, 30};
    const auto any_vlan = rc::gen::elementOf(vlans);
    const auto switch_count = *rc::gen::inRange(1u, 4u);
    for (std::uint32_t i = 0; i < switch_count; ++i) {
        SwitchConfig config;
        config.name = "sw" + std::to_string(i);
        lan.add_switch(config);
        if (i > 0) lan.connect(SwitchId{i - 1}, SwitchId{i}, trunk({1, 10, 20, 30}));
    }
    struct End {
        NicPort* port;
        SwitchPortConfig config;
        Listener ears;
    };
    std::vector<std::unique_ptr<End>> ends;
    const auto count = *rc::gen::inRange(2u, 7u);
    for (std::uint32_t i = 0; i < count; ++i) {
        auto& port = lan.add_nic_port("end" + std::to_string(i), wire::MacAddress::from_integer(0x2600 + i));
        const bool is_trunk = *rc::gen::arbitrary<bool>();
        auto config =
            is_trunk ? trunk(*rc::gen::nonEmpty(rc::gen::container<std::vector<std::uint16_t>>(any_vlan)), *any_vlan)
                     : access(*any_vlan);
        ends.push_back(std::make_unique<End>(End{&port, config, {}}));
        port.attach(&ends.back()->ears);
        lan.connect(port, SwitchId{*rc::gen::inRange(0u, switch_count)}, config);
        port.enable();
    }
    lan.settle();
    const auto member = [](const SwitchPortConfig& config, wire::VlanId vlan) {
        if (vlan == config.native_vlan) return true;
        return config.trunk && std::ranges::find(config.allowed_vlans, vlan) != config.allowed_vlans.end();
    };
    for (int turn = 0; turn < 20; ++turn) {
        const auto from = *rc::gen::inRange<std::size_t>(0, ends.size());
        const auto to = *rc::gen::inRange<std::size_t>(0, ends.size());
        auto frame = *rc::gen::arbitrary<bool>() ? broadcast() : frame_to(ends[to]->port->mac());
        frame.source = ends[from]->port->mac();
        if (*rc::gen::arbitrary<bool>()) frame.vlan = wire::VlanId{*any_vlan};
        const auto& config = ends[from]->config;
        const bool accepted = frame.vlan == wire::kUntagged || (config.trunk && member(config, frame.vlan));
        const auto vlan = frame.vlan == wire::kUntagged ? config.native_vlan : frame.vlan;
        for (auto& end : ends) end->ears.heard.clear();
        RC_ASSERT(ends[from]->port->send(frame));
        engine.run_until(engine.now() + 10ms);
        for (std::size_t i = 0; i < ends.size(); ++i) {
            const auto& heard = ends[i]->ears.heard;
            RC_ASSERT(heard.size() <= 1u);
            const bool allowed = accepted && i != from && member(ends[i]->config, vlan);
            if (!heard.empty()) {
                RC_ASSERT(allowed);
                RC_ASSERT(heard[0].vlan == (vlan == ends[i]->config.native_vlan ? wire::kUntagged : vlan));
            }
            if (frame.destination.is_group() || i == to) RC_ASSERT(heard.empty() == !allowed);
        }
    }
}

}  // namespace
}  // namespace pvmsim::fabric
