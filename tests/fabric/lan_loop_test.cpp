// Loops and what a switch does against them: the storm as a rate, err-disable, BPDU guard, addresses that flap; and
// with random loops opened and closed the number of events stays bounded and no frame leaves its VLAN (property 13,
// outside).
#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "sim/trace/sinks/memory_sink.hpp"
#include "tests/fabric/lan_fixture.hpp"

namespace pvmsim::fabric {
namespace {

using namespace std::chrono_literals;

constexpr wire::VlanId kVlan{10};

/// Two ports of one server that passes each group frame on, as two SEAs that both bridge do; unknown tags too.
class Bridge {
  public:
    Bridge(Station& left, Station& right) : from_left_{*right.port, *this}, from_right_{*left.port, *this} {
        left.port->attach(&from_left_);
        right.port->attach(&from_right_);
    }
    bool closed = true;
    std::uint64_t passed = 0;

  private:
    struct Side : NicPortOwner {
        Side(NicPort& to, Bridge& owner) : other(to), bridge(owner) {}
        void on_frame(NicPort&, const wire::Frame& frame) override {
            if (!bridge.closed || !frame.destination.is_group()) return;
            ++bridge.passed;
            other.send(frame);
        }
        void on_carrier(NicPort&, bool) override {}
        NicPort& other;
        Bridge& bridge;
    };
    Side from_left_;
    Side from_right_;
};

class LoopTest : public LanTest {
  protected:
    SwitchId add(SwitchConfig config, const std::string& name = "sw") {
        config.name = name;
        return lan.add_switch(config);
    }
    /// Stations a, left and right at ports 0, 1 and 2; left and right bridge.
    void build(SwitchId sw, SwitchPortConfig bridged = access(10)) {
        a = plug(sw, access(10));
        left = plug(sw, bridged);
        right = plug(sw, bridged);
        bridge = std::make_unique<Bridge>(left, right);
    }
    std::uint64_t delivered_in(sim::Duration span) {
        const auto before = engine.counters().delivered;
        run(span);
        return engine.counters().delivered - before;
    }
    [[nodiscard]] std::size_t told(std::string_view name) const { return sink.named(name).size(); }

    LoopTest() { engine.trace().attach(sink); }
    ~LoopTest() override { engine.trace().detach(sink); }

    sim::MemorySink sink{sim::MemorySink::Keep::kMilestones};
    Station a, left, right;
    std::unique_ptr<Bridge> bridge;
};

TEST_F(LoopTest, a_storm_is_told_once_and_costs_a_few_events_a_second) {
    const auto sw = add({});
    build(sw);
    send(a, broadcast());
    run(1s);
    ASSERT_EQ(lan.storms().size(), 1u);
    EXPECT_TRUE(lan.in_storm(sw, kVlan));
    EXPECT_FALSE(lan.in_storm(sw, wire::VlanId{1}));
    const auto storm = lan.storms()[0].second;
    EXPECT_EQ(storm.vlan, kVlan);
    EXPECT_TRUE(storm.port == port(1) || storm.port == port(2)) << "where the loop is, not where the frame began";
    EXPECT_LT(storm.began, sim::kStartOfRun + 10ms) << "found at once";
    EXPECT_FALSE(storm.ended);
    // 64 bytes and 24 of overhead at 10 Gb/s, two copies of each.
    EXPECT_EQ(storm.offered_copies_per_s, 10'000'000'000u / (88u * 8u) * 2u);
    EXPECT_EQ(storm.copies_per_s, 200'000u);
    EXPECT_LT(delivered_in(100s), 100u * 50u);
    const auto later = lan.storms()[0].second;
    const auto beyond = later.offered_copies_per_s - later.copies_per_s;
    EXPECT_GE(later.dropped - storm.dropped, 100u * beyond);
    EXPECT_EQ(told("broadcast-storm"), 1u);
    EXPECT_EQ(told("broadcast-storm-over"), 0u);
}

TEST_F(LoopTest, a_storm_is_over_when_the_loop_is_opened_and_begins_again_when_it_is_closed) {
    const auto sw = add({});
    build(sw);
    send(a, broadcast());
    run(5s);
    bridge->closed = false;
    run(2500ms);
    ASSERT_EQ(lan.storms().size(), 1u);
    ASSERT_TRUE(lan.storms()[0].second.ended);
    EXPECT_FALSE(lan.in_storm(sw, kVlan));
    EXPECT_EQ(told("broadcast-storm-over"), 1u);
    const auto ended = lan.storms()[0].second;
    run(10s);
    EXPECT_EQ(lan.storms()[0].second.dropped, ended.dropped) << "nothing is counted after the end";
    EXPECT_EQ(delivered_in(10s), 0u);
    auto b = plug(sw, access(10));
    deliver(a, broadcast());
    EXPECT_EQ(b.heard().size(), 1u);

    bridge->closed = true;
    auto again = broadcast();
    again.serial = 2;
    deliver(a, again);
    run(1s);
    EXPECT_EQ(lan.storms().size(), 2u);
    EXPECT_TRUE(lan.in_storm(sw, kVlan));
}

TEST_F(LoopTest, without_a_loop_many_broadcasts_are_no_storm) {
    const auto sw = add({});
    build(sw);
    bridge->closed = false;
    auto b = plug(sw, access(10));
    for (std::uint32_t i = 0; i < 10'000; ++i) {
        auto frame = broadcast();
        frame.serial = i;
        send(a, frame);
        run(10us);
    }
    run(1ms);
    EXPECT_EQ(b.heard().size(), 10'000u);
    EXPECT_TRUE(lan.storms().empty());
}

TEST_F(LoopTest, stations_of_the_vlan_lose_nine_of_ten_frames_others_none) {
    const auto sw = add({});
    build(sw);
    auto b = plug(sw, access(10));
    auto c = plug(sw, access(20));
    auto d = plug(sw, access(20));
    bridge->closed = false;
    deliver(b, broadcast());
    deliver(d, broadcast());
    bridge->closed = true;
    send(a, broadcast());
    run(1s);
    b.ears->heard.clear();
    d.ears->heard.clear();
    for (std::uint32_t i = 0; i < 1000; ++i) {
        auto frame = frame_to(b.mac());
        frame.serial = i;
        deliver(a, frame);
        frame.destination = d.mac();
        deliver(c, frame);
    }
    const auto ours = std::ranges::count(b.heard(), b.mac(), &wire::Frame::destination);
    EXPECT_GT(ours, 50);
    EXPECT_LT(ours, 150);
    EXPECT_EQ(d.heard().size(), 1000u);
    EXPECT_GE(lan.at(sw).counters(port(0)).dropped(LanDrop::kStorm), 850u);
    EXPECT_EQ(lan.at(sw).counters(port(4)).dropped(LanDrop::kStorm), 0u);
}

TEST_F(LoopTest, a_station_whose_frame_goes_round_is_looked_for_in_the_loop) {
    const auto sw = add({});
    build(sw);
    auto b = plug(sw, access(10));
    send(a, broadcast());
    run(1s);
    EXPECT_NE(lan.at(sw).lookup(kVlan, a.mac()), port(0));
    const auto heard = a.heard().size();
    for (int i = 0; i < 100; ++i) deliver(b, frame_to(a.mac()));
    EXPECT_EQ(std::ranges::count(a.heard().begin() + static_cast<std::ptrdiff_t>(heard), a.heard().end(), a.mac(),
                                 &wire::Frame::destination),
              0);
}

TEST_F(LoopTest, a_storm_reaches_the_switches_of_its_vlan_and_leaves_them_when_the_link_goes) {
    const auto sw = add({});
    const auto near = add({}, "near");
    const auto far = add({}, "far");
    const auto link = lan.connect(sw, near, trunk({10}));
    lan.connect(sw, far, trunk({20}));
    a = plug(sw, access(10));
    left = plug(sw, access(10));
    right = plug(sw, access(10));
    bridge = std::make_unique<Bridge>(left, right);
    lan.settle();
    send(a, broadcast());
    run(1s);
    EXPECT_TRUE(lan.in_storm(sw, kVlan));
    EXPECT_TRUE(lan.in_storm(near, kVlan));
    EXPECT_FALSE(lan.in_storm(far, kVlan));
    lan.cut(link, CableSide::kBoth);
    run(1s);
    EXPECT_TRUE(lan.in_storm(sw, kVlan));
    EXPECT_FALSE(lan.in_storm(near, kVlan));
}

TEST_F(LoopTest, a_loop_over_two_switches_is_one_storm) {
    const auto sw = add({});
    const auto other = add({}, "other");
    lan.connect(sw, other, trunk({10}));
    a = plug(sw, access(10));
    left = plug(sw, access(10));
    right = plug(other, access(10));
    bridge = std::make_unique<Bridge>(left, right);
    lan.settle();
    for (std::uint32_t i = 0; i < 5; ++i) {
        auto frame = broadcast();
        frame.serial = i;
        send(a, frame);
        run(1ms);
    }
    run(10s);
    EXPECT_EQ(told("broadcast-storm"), 1u);
    EXPECT_EQ(lan.storms().size(), 1u);
    EXPECT_TRUE(lan.in_storm(sw, kVlan));
    EXPECT_TRUE(lan.in_storm(other, kVlan));
    EXPECT_LT(delivered_in(100s), 100u * 50u);
    bridge->closed = false;
    run(3s);
    EXPECT_FALSE(lan.in_storm(sw, kVlan));
    EXPECT_FALSE(lan.in_storm(other, kVlan));
}

TEST_F(LoopTest, a_switch_that_loses_power_ends_its_storm) {
    const auto sw = add({});
    build(sw);
    send(a, broadcast());
    run(1s);
    lan.power_off(sw);
    EXPECT_FALSE(lan.in_storm(sw, kVlan));
    lan.power_on(sw);
    run(10s);
    ASSERT_EQ(lan.storms().size(), 1u);
    EXPECT_EQ(lan.storms()[0].second.ended, sim::kStartOfRun + 1s);
}

TEST_F(LoopTest, storm_control_that_shuts_down_opens_the_loop_until_the_recovery) {
    SwitchConfig config;
    config.storm_action = StormAction::kShutDown;
    const auto sw = add(config);
    build(sw);
    send(a, broadcast());
    run(1s);
    const bool left_down = lan.at(sw).error_of(port(1)) == ErrorCause::kStormControl;
    const bool right_down = lan.at(sw).error_of(port(2)) == ErrorCause::kStormControl;
    EXPECT_NE(left_down, right_down) << "one of the two is enough";
    EXPECT_EQ(left.port->carrier(), !left_down);
    EXPECT_EQ(right.port->carrier(), !right_down);
    EXPECT_TRUE(lan.storms().empty());
    EXPECT_EQ(told("err-disabled"), 1u);
    EXPECT_EQ(delivered_in(298s), 0u);
    run(2s);
    EXPECT_TRUE(left.port->carrier());
    EXPECT_TRUE(right.port->carrier());
    EXPECT_EQ(told("err-disable-over"), 1u);
    auto again = broadcast();
    again.serial = 2;
    send(a, again);
    run(1s);
    EXPECT_NE(left.port->carrier(), right.port->carrier()) << "the loop is still there";
}

TEST_F(LoopTest, bpdu_guard_takes_the_port_where_a_bpdu_comes_back) {
    auto guarded = access(10);
    guarded.bpdu_guard = true;
    const auto sw = add({});
    build(sw, guarded);
    run(1900ms);
    EXPECT_TRUE(left.port->carrier() && right.port->carrier());
    run(200ms);
    // Both ports said hello at the same time, and both heard it come back.
    EXPECT_EQ(lan.at(sw).error_of(port(1)), ErrorCause::kBpduGuard);
    EXPECT_EQ(lan.at(sw).error_of(port(2)), ErrorCause::kBpduGuard);
    EXPECT_FALSE(left.port->carrier() || right.port->carrier());
    EXPECT_TRUE(a.port->carrier());
    send(a, broadcast());
    run(1s);
    EXPECT_TRUE(lan.storms().empty());
}

TEST_F(LoopTest, bpdus_of_each_vlan_find_a_loop_that_carries_one_vlan_only) {
    auto guarded = trunk({10, 20});
    guarded.bpdu_guard = true;
    const auto sw = add({});
    a = plug(sw, guarded);
    left = plug(sw, guarded);
    struct TaggedOnly : NicPortOwner {
        NicPort* other = nullptr;
        void on_frame(NicPort&, const wire::Frame& frame) override {
            if (frame.vlan == wire::VlanId{20}) other->send(frame);
        }
        void on_carrier(NicPort&, bool) override {}
    } bridge_of_20;
    bridge_of_20.other = a.port;
    left.port->attach(&bridge_of_20);
    run(2100ms);
    EXPECT_EQ(lan.at(sw).error_of(port(0)), ErrorCause::kBpduGuard);
    EXPECT_EQ(lan.at(sw).counters(port(0)).bpdus_in, 1u);
}

TEST_F(LoopTest, without_a_guarded_port_there_are_no_bpdus) {
    const auto sw = add({});
    build(sw);
    EXPECT_EQ(delivered_in(100s), 0u);
}

TEST_F(LoopTest, err_disable_without_recovery_stays_until_the_administrator_shuts_and_opens_the_port) {
    auto guarded = access(10);
    guarded.bpdu_guard = true;
    SwitchConfig config;
    config.err_disable_recovery = std::nullopt;
    const auto sw = add(config);
    a = plug(sw, guarded);
    auto bpdu = broadcast();
    bpdu.type = wire::FrameType::kBpdu;
    send(a, bpdu);
    run(1s);
    EXPECT_FALSE(a.port->carrier());
    EXPECT_EQ(lan.at(sw).port_state(port(0)), PortState::kDisabled);
    run(3600s);
    EXPECT_FALSE(a.port->carrier());
    lan.shut_port(a.cable);
    lan.open_port(a.cable);
    EXPECT_TRUE(a.port->carrier());
    EXPECT_EQ(lan.at(sw).report(port(0)).counters.err_disables, 1u);
    EXPECT_EQ(lan.at(sw).report(port(0)).error, ErrorCause::kNone);
}

TEST_F(LoopTest, an_address_at_two_ports_is_counted_told_once_and_reached_where_it_spoke_last) {
    const auto sw = add({});
    build(sw);
    bridge->closed = false;
    left.port->attach(left.ears);
    right.port->attach(right.ears);
    auto twin = broadcast();
    twin.source = left.mac();
    std::uint32_t to_left = 0;
    std::uint32_t to_right = 0;
    for (std::uint32_t turn = 0; turn < 100; ++turn) {
        auto& speaker = turn % 2 == 0 ? left : right;
        twin.serial = turn;
        speaker.port->send(twin);
        run(1ms);
        left.ears->heard.clear();
        right.ears->heard.clear();
        deliver(a, frame_to(left.mac()));
        to_left += left.heard().empty() ? 0u : 1u;
        to_right += right.heard().empty() ? 0u : 1u;
    }
    EXPECT_EQ(to_left, 50u);
    EXPECT_EQ(to_right, 50u);
    EXPECT_EQ(lan.at(sw).counters(port(1)).moves_here, 49u);
    EXPECT_EQ(lan.at(sw).counters(port(2)).moves_here, 50u);
    ASSERT_EQ(lan.at(sw).flaps().size(), 1u);
    EXPECT_EQ(lan.at(sw).flaps()[0].mac, left.mac());
    EXPECT_EQ(lan.at(sw).flaps()[0].moves, 90u) << "from the tenth on";
    EXPECT_EQ(told("mac-flapping"), 1u);
    EXPECT_TRUE(right.port->carrier()) << "told only";
}

TEST_F(LoopTest, flapping_takes_the_port_an_address_moved_to_when_so_configured) {
    SwitchConfig config;
    config.mac_flap_err_disable = true;
    const auto sw = add(config);
    build(sw);
    send(a, broadcast());
    run(1s);
    EXPECT_NE(left.port->carrier(), right.port->carrier());
    EXPECT_TRUE(a.port->carrier());
    EXPECT_TRUE(lan.storms().empty()) << "ten moves come before the storm is found";
    const auto down = left.port->carrier() ? port(2) : port(1);
    EXPECT_EQ(lan.at(sw).error_of(down), ErrorCause::kMacFlap);
}

TEST_F(LoopTest, a_takeover_is_one_move_and_no_flapping) {
    SwitchConfig config;
    config.mac_flap_err_disable = true;
    const auto sw = add(config);
    build(sw);
    bridge->closed = false;
    auto client = broadcast();
    client.source = wire::MacAddress::from_integer(0x2611);
    for (std::uint32_t i = 0; i < 5; ++i) {
        (i % 2 == 0 ? left : right).port->send(client);
        run(11s);
    }
    EXPECT_EQ(lan.at(sw).counters(port(1)).moves_here + lan.at(sw).counters(port(2)).moves_here, 4u);
    EXPECT_TRUE(lan.at(sw).flaps().empty());
    EXPECT_TRUE(left.port->carrier() && right.port->carrier());
}

TEST_F(LoopTest, three_cables_between_switches_without_spanning_tree_are_one_storm_with_bounded_cost) {
    const auto one = add_switch("one", false);
    const auto two = add_switch("two", false);
    std::vector<CableId> links;
    for (int i = 0; i < 3; ++i) links.push_back(lan.connect(one, two, {}));
    a = plug(one);
    auto b = plug(two);
    send(a, broadcast());
    run(1s);
    EXPECT_TRUE(lan.in_storm(one, wire::VlanId{1}));
    EXPECT_TRUE(lan.in_storm(two, wire::VlanId{1}));
    EXPECT_LT(engine.counters().delivered, 2'000u);
    EXPECT_LT(delivered_in(100s), 100u * 100u);
    lan.cut(links[0], CableSide::kBoth);
    lan.cut(links[1], CableSide::kBoth);
    run(5s);
    EXPECT_FALSE(lan.in_storm(one, wire::VlanId{1}));
    EXPECT_FALSE(lan.in_storm(two, wire::VlanId{1}));
    b.ears->heard.clear();
    deliver(a, frame_to(b.mac()));
    EXPECT_EQ(b.heard().size(), 1u);
}

/// A random site with bridging servers that open and close: events a second bounded, VLANs kept apart.
RC_GTEST_PROP(LoopProperty, random_loops_cost_a_bounded_number_of_events_and_no_frame_leaves_its_vlan, ()) {
    sim::Engine engine(*rc::gen::inRange<std::uint64_t>(1, 1000));
    Lan lan(engine);
    const bool spanning_tree = *rc::gen::arbitrary<bool>();
    for (std::uint32_t i = 0; i < 3; ++i) {
        SwitchConfig config;
        config.name = "sw" + std::to_string(i);
        config.spanning_tree = spanning_tree;
        lan.add_switch(config);
    }
    std::vector<CableId> links;
    for (std::uint32_t i = 0; i < 3; ++i)
        links.push_back(lan.connect(SwitchId{i}, SwitchId{(i + 1) % 3}, trunk({10, 20})));
    struct End : NicPortOwner {
        NicPort* port = nullptr;
        End* twin = nullptr;  // passes group frames on to it, while closed
        bool closed = false;
        bool outside_vlan = false;
        wire::VlanId vlan;
        void on_frame(NicPort&, const wire::Frame& frame) override {
            outside_vlan |= frame.vlan != wire::kUntagged || frame.data != vlan.value();
            if (twin != nullptr && closed && frame.destination.is_group()) twin->port->send(frame);
        }
        void on_carrier(NicPort&, bool) override {}
    };
    std::vector<std::unique_ptr<End>> ends;
    constexpr std::uint32_t kEnds = 8;
    for (std::uint32_t i = 0; i < kEnds; ++i) {
        const std::uint16_t vlan = i < kEnds / 2 ? 10 : 20;
        auto& end = *ends.emplace_back(std::make_unique<End>());
        end.vlan = wire::VlanId{vlan};
        end.port = &lan.add_nic_port("end" + std::to_string(i), wire::MacAddress::from_integer(0x2600 + i));
        end.port->attach(&end);
        lan.connect(*end.port, SwitchId{*rc::gen::inRange(0u, 3u)}, access(vlan));
        end.port->enable();
    }
    for (const std::uint32_t i : {0u, 4u}) {
        ends[i]->twin = ends[i + 1].get();
        ends[i + 1]->twin = ends[i].get();
    }
    lan.settle();
    std::uint32_t serial = 0;
    for (int second = 0; second < 20; ++second) {
        const std::uint32_t pair = *rc::gen::elementOf(std::vector<std::uint32_t>{0, 4});
        ends[pair]->closed = ends[pair + 1]->closed = *rc::gen::arbitrary<bool>();
        const auto link = links[*rc::gen::inRange<std::size_t>(0, 3)];
        *rc::gen::arbitrary<bool>() ? lan.cut(link, CableSide::kBoth) : lan.mend(link);
        const auto before = engine.counters().delivered;
        for (int i = 0; i < 10; ++i) {
            const auto& from = *ends[*rc::gen::inRange<std::size_t>(0, kEnds)];
            auto frame = *rc::gen::arbitrary<bool>()
                             ? broadcast()
                             : frame_to(ends[*rc::gen::inRange<std::size_t>(0, kEnds)]->port->mac());
            frame.source = from.port->mac();
            frame.serial = ++serial;
            frame.data = from.vlan.value();
            from.port->send(frame);
            engine.run_until(engine.now() + 100ms);
        }
        RC_ASSERT(engine.counters().delivered - before < 60'000u);
        for (const auto& end : ends) RC_ASSERT(!end->outside_vlan);
    }
}

}  // namespace
}  // namespace pvmsim::fabric
