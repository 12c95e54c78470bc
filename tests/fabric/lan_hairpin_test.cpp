// Reflective relay (802.1Qbg): a port that lets frames out where they came in, as a VEPA behind it needs; what other
// ports and the stations see of it, and what it costs on a port of a channel.
#include <gmock/gmock.h>

#include "tests/fabric/lan_fixture.hpp"

namespace pvmsim::fabric {
namespace {

using namespace std::chrono_literals;

SwitchPortConfig hairpin(SwitchPortConfig config = access(1)) {
    config.hairpin = true;
    return config;
}

class HairpinTest : public LanTest {
  protected:
    /// From a partition behind the station.
    void deliver_as(Station& through, std::uint64_t source, wire::Frame frame) {
        frame.source = wire::MacAddress::from_integer(source);
        through.port->send(frame);
        run(1ms);
    }
    static constexpr std::uint64_t kOne = 0x2601;
    static constexpr std::uint64_t kTwo = 0x2602;
};

TEST_F(HairpinTest, frame_between_two_stations_of_one_port_comes_back_only_with_reflective_relay) {
    for (const bool reflects : {true, false}) {
        const auto sw = add_switch(reflects ? "reflects" : "plain");
        auto vepa = plug(sw, reflects ? hairpin() : access(1));
        auto other = plug(sw);
        deliver_as(vepa, kTwo, broadcast());
        EXPECT_EQ(vepa.heard().size(), reflects ? 1u : 0u) << "a broadcast comes back once";
        EXPECT_EQ(other.heard().size(), 1u);
        deliver_as(vepa, kOne, frame_to(wire::MacAddress::from_integer(kTwo)));
        EXPECT_EQ(vepa.heard().size(), reflects ? 2u : 0u);
        EXPECT_EQ(other.heard().size(), 1u) << "a known address is not flooded";
    }
}

TEST_F(HairpinTest, frames_from_elsewhere_are_not_sent_back_where_they_came_from) {
    const auto sw = add_switch("sw");
    auto vepa = plug(sw, hairpin());
    auto other = plug(sw);
    deliver(other, broadcast());
    EXPECT_EQ(vepa.heard().size(), 1u);
    EXPECT_TRUE(other.heard().empty());
}

TEST_F(HairpinTest, channel_sends_back_one_copy_by_one_of_its_members) {
    const auto sw = add_switch("sw");
    auto config = hairpin();
    config.channel_group = 1;
    auto a = plug(sw, config);
    auto b = plug(sw, config);
    deliver_as(a, kTwo, broadcast());
    EXPECT_EQ(a.heard().size() + b.heard().size(), 1u);
    deliver_as(b, kOne, frame_to(wire::MacAddress::from_integer(kTwo)));
    EXPECT_EQ(a.heard().size() + b.heard().size(), 2u);
}

TEST_F(HairpinTest, route_of_a_frame_that_is_not_sent_is_the_same) {
    const auto sw = add_switch("sw");
    auto vepa = plug(sw, hairpin(trunk({1, 2})));
    deliver_as(vepa, kTwo, broadcast(2));
    auto frame = frame_to(wire::MacAddress::from_integer(kTwo), 2);
    frame.source = wire::MacAddress::from_integer(kOne);
    const auto reached = lan.reached_from(*vepa.port, frame);
    ASSERT_EQ(reached.size(), 1u);
    EXPECT_EQ(reached[0].entity, vepa.port->entity());
    EXPECT_EQ(reached[0].frame.vlan, wire::VlanId{2});
}

}  // namespace
}  // namespace pvmsim::fabric
