// Property 13: no frame is delivered outside its VLAN, through virtual switch, SEAs and the LAN outside, whatever
// happens to the two sides meanwhile; and the one known leak, which is the configuration's fault (behaviour 3.2, 9).
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/vios/sea_site.hpp"

namespace pvmsim::vios {
namespace {

using namespace std::chrono_literals;

/// Stands where a station's software would and keeps what arrives.
class Ear : public aix::EthernetUser, public fabric::NicPortOwner {
  public:
    void on_frame(aix::EthernetDevice&, const wire::Frame& frame) override { heard.push_back(frame.serial); }
    void on_link(aix::EthernetDevice&, bool) override {}
    void on_frame(fabric::NicPort&, const wire::Frame& frame) override { heard.push_back(frame.serial); }
    void on_carrier(fabric::NicPort&, bool) override {}

    std::vector<std::uint32_t> heard;
};

constexpr std::uint32_t kMark = 0x5a00'0000;  ///< tells our frames from everything else's; the low bits are the VLAN

struct Shot {
    std::size_t from;  ///< 0, 1: the clients; 2, 3: the servers
    std::size_t to;    ///< the same; 4: broadcast, 5: an address nobody has
    std::uint16_t tag;
    std::uint32_t size_bytes;
    int act;
    std::size_t side;
};

std::ostream& operator<<(std::ostream& out, const Shot& shot) {
    return out << shot.from << "->" << shot.to << " tag " << shot.tag << " bytes " << shot.size_bytes << " act "
               << shot.act << " side " << shot.side;
}

rc::Gen<Shot> shots() {
    return rc::gen::build<Shot>(
        rc::gen::set(&Shot::from, rc::gen::inRange<std::size_t>(0, 4)),
        rc::gen::set(&Shot::to, rc::gen::inRange<std::size_t>(0, 6)),
        rc::gen::set(&Shot::tag, rc::gen::weightedElement<std::uint16_t>({{8, 0}, {1, 1}, {1, 2}, {1, 3}, {1, 98}})),
        rc::gen::set(&Shot::size_bytes, rc::gen::element<std::uint32_t>(64, 1514, 4000, 60'000)),
        rc::gen::set(&Shot::act, rc::gen::inRange(0, 20)),
        rc::gen::set(&Shot::side, rc::gen::inRange<std::size_t>(0, 2)));
}

void play(SeaSite& site, const Shot& shot) {
    const auto& one = site.vios[shot.side];
    switch (shot.act) {
        case 0:
            return (void)site.system->crash(one.id);
        case 1:
            return (void)site.system->activate(one.id);
        case 2:
            return site.lan.cut(one.cable, fabric::CableSide::kBoth);
        case 3:
            return site.lan.mend(one.cable);
        case 4:
            return site.set(shot.side, "ha_mode", "standby");
        case 5:
            return site.set(shot.side, "ha_mode", "sharing");
        case 6:
            return site.set(shot.side, "ha_mode", "auto");
        case 7:
            return site.set(shot.side, "qos_mode", "strict");
        case 8:
            return site.set(shot.side, "large_receive", "yes");
        default:
            return;
    }
}

class Range {
  public:
    explicit Range(const SiteOptions& options) : site(options) {
        site.run_for(1s);
        for (std::size_t i = 0; i < 2; ++i) {
            site.client[i].adapter->attach(&ears[i]);
            site.server[i]->port().attach(&ears[2 + i]);
        }
    }
    wire::MacAddress mac(std::size_t station) const {
        if (station < 2) return site.client[station].adapter->mac();
        if (station < 4) return site.server[station - 2]->mac();
        return station == 4 ? wire::MacAddress::broadcast() : wire::MacAddress::from_integer(0x0200'dead'beefu);
    }
    void fire(const Shot& shot) {
        wire::Frame frame;
        frame.source = mac(shot.from);
        frame.destination = mac(shot.to);
        frame.vlan = wire::VlanId{shot.tag};
        frame.type = wire::FrameType::kResponse;
        frame.size_bytes = shot.size_bytes;
        // A tag from who may not tag belongs to no VLAN at all.
        frame.serial = kMark + (shot.tag == 0 ? static_cast<std::uint32_t>(shot.from % 2 + 1) : 4095);
        if (shot.from < 2)
            site.client[shot.from].adapter->send(frame);
        else
            site.server[shot.from - 2]->port().send(frame);
    }

    SeaSite site;
    std::array<Ear, 4> ears;
};

RC_GTEST_PROP(Property13, no_frame_is_delivered_outside_its_vlan, ()) {
    SiteOptions options;
    options.two_trunks = *rc::gen::arbitrary<bool>();
    options.ha_mode = {"sharing", "sharing"};
    if (!options.two_trunks) options.ha_mode = {"auto", "auto"};
    Range range(options);
    for (const auto& shot : *rc::gen::container<std::vector<Shot>>(shots())) {
        play(range.site, shot);
        range.fire(shot);
        range.site.run_for(1ms);
    }
    range.site.run_for(10s);
    for (std::size_t i = 0; i < 4; ++i)
        for (const auto serial : range.ears[i].heard)
            if ((serial & 0xff00'0000) == kMark) RC_ASSERT(serial == kMark + i % 2 + 1);
}

TEST(Property13, frames_do_get_through_inside_their_vlan) {
    SiteOptions options;
    options.two_trunks = true;
    Range range(options);
    for (std::size_t i = 0; i < 2; ++i) {
        range.fire({.from = i, .to = 2 + i, .tag = 0, .size_bytes = 64, .act = 19, .side = 0});
        range.fire({.from = 2 + i, .to = 4, .tag = 0, .size_bytes = 64, .act = 19, .side = 0});
    }
    range.site.run_for(10ms);
    for (std::uint32_t i = 0; i < 4; ++i) EXPECT_EQ(std::ranges::count(range.ears[i].heard, kMark + i % 2 + 1), 1) << i;
}

TEST(SeaLeak, port_vlan_of_another_than_the_default_trunk_adapter_leaves_untagged_and_answers_come_elsewhere) {
    SiteOptions options;
    options.two_trunks = true;
    options.client_vlan = {1, 98};  // The second trunk adapter's port VLAN, which nobody should use.
    Range range(options);
    range.fire({.from = 1, .to = 2, .tag = 0, .size_bytes = 64, .act = 19, .side = 0});
    range.site.run_for(10ms);
    EXPECT_EQ(std::ranges::count(range.ears[2].heard, kMark + 2), 1);  // In the outside's native VLAN.
    range.fire({.from = 2, .to = 1, .tag = 0, .size_bytes = 64, .act = 19, .side = 0});
    range.fire({.from = 2, .to = 4, .tag = 0, .size_bytes = 64, .act = 19, .side = 0});
    range.site.run_for(10ms);
    EXPECT_EQ(std::ranges::count(range.ears[1].heard, kMark + 1), 0);
    EXPECT_EQ(std::ranges::count(range.ears[0].heard, kMark + 1), 1);  // The default trunk adapter's VLAN hears it.
}

}  // namespace
}  // namespace pvmsim::vios
