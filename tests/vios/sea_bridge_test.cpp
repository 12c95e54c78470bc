// SEA bridging on a whole small site: VLANs, counters, the interface on the SEA, and what may not be made into a SEA
// (R-NET-04, V40, behaviour 3.2).
#include <gtest/gtest.h>

#include "tests/vios/sea_site.hpp"
#include "vios/network/sea.hpp"

namespace pvmsim::vios {
namespace {

using namespace std::chrono_literals;

TEST(Sea, both_vlans_are_bridged_and_counted) {
    SeaSite site;
    site.run_for(2s);
    EXPECT_GE(site.client[0].asker->answers, 38u);
    EXPECT_GE(site.client[1].asker->answers, 38u);
    const auto& real = site.vios[0].sea->real_side();
    const auto& inside = site.vios[0].sea->virtual_side();
    EXPECT_EQ(inside.bridged, real.transmitted);
    EXPECT_EQ(real.bridged, inside.transmitted);
    EXPECT_GE(real.bridged, 76u);
    EXPECT_EQ(site.vios[1].sea->virtual_side().transmitted, 0u);
    EXPECT_EQ(site.vios[1].sea->real_side().transmitted, 0u);
}

TEST(Sea, frame_of_a_vlan_that_no_trunk_adapter_has_is_filtered) {
    SeaSite site;
    auto& host =
        site.lan.add_host({.name = "stray", .addresses = {{wire::VlanId{7}, wire::Ipv4Address{7}}}}, site.inner);
    site.run_for(100ms);
    wire::Frame frame;
    frame.destination = wire::MacAddress::broadcast();
    frame.source = host.mac();
    ASSERT_TRUE(host.port().send(frame));
    site.run_for(10ms);
    EXPECT_EQ(site.vios[0].sea->real_side().filtered_vlan, 1u);
}

TEST(Sea, interface_on_the_sea_reaches_outside_and_clients) {
    SeaSite site({.netaddr = true});
    site.run_for(5s);
    EXPECT_GT(site.vios[0].sea->real_side().consumed, 0u);
    struct Listener : aix::InterfaceUser {
        std::uint32_t echoes = 0;
        void on_answer(const wire::Frame& frame) override { echoes += frame.type == wire::FrameType::kEchoReply; }
    } listener;
    site.client[0].interface->add_user(listener);
    for (std::uint32_t side : {1u, 2u})
        site.client[0].interface->send(wire::FrameType::kEchoRequest, wire::Ipv4Address{0x0a01'0010u + side}, side, 64);
    site.run_for(1s);
    EXPECT_EQ(listener.echoes, 2u);
}

TEST(Sea, config_that_breaks_a_rule_is_refused) {
    SeaSite site;
    auto& one = site.vios[0];
    const SeaConfig good{.real_adapter = one.nic,
                         .virt_adapters = {one.trunk},
                         .pvid_adapter = one.trunk,
                         .ctl_chan = nullptr,
                         .timing = {}};
    EXPECT_FALSE(why_refused(good));
    auto seventeen = good;
    seventeen.virt_adapters.assign(17, one.trunk);
    EXPECT_EQ(why_refused(seventeen), "a SEA takes at most 16 trunk adapters, not 17");
    auto twice = good;
    twice.virt_adapters.assign(2, one.trunk);
    EXPECT_EQ(why_refused(twice), "VLAN 1 is on two trunk adapters of the SEA");
    auto wrong_control = good;
    wrong_control.ctl_chan = one.trunk;
    EXPECT_EQ(why_refused(wrong_control), "ent1 is a trunk adapter: no control channel");
    auto no_default = good;
    no_default.pvid_adapter = nullptr;
    EXPECT_EQ(why_refused(no_default), "the default adapter is not one of the SEA's trunk adapters");
}

TEST(V40, adapter_has_21_vlans_at_most_none_of_them_the_firmwares_and_a_sea_16_trunk_adapters) {
    SeaSite site;
    const auto define = [&](std::uint16_t vids, std::uint16_t first) {
        static std::uint16_t id = 50;
        hypervisor::PartitionConfig config{.lpar_id = PartitionId{++id}, .name = "lpar" + std::to_string(id)};
        std::vector<wire::VlanId> vlans;
        for (std::uint16_t i = 0; i < vids; ++i) vlans.emplace_back(static_cast<std::uint16_t>(first + i));
        config.profile.virtual_eth_adapters = {{.slot_num = SlotNumber{2},
                                                .ieee_virtual_eth = true,
                                                .port_vlan_id = wire::VlanId{1},
                                                .addl_vlan_ids = vlans}};
        return site.system->define_partition(config).has_value();
    };
    EXPECT_TRUE(define(20, 100));
    EXPECT_FALSE(define(21, 100));
    EXPECT_TRUE(define(1, 3357));
    EXPECT_FALSE(define(1, 3358));
    SeaConfig config;
    config.real_adapter = site.vios[0].nic;
    config.pvid_adapter = site.vios[0].trunk;
    config.virt_adapters.assign(17, site.vios[0].trunk);
    EXPECT_EQ(why_refused(config), "a SEA takes at most 16 trunk adapters, not 17");
}

}  // namespace
}  // namespace pvmsim::vios
