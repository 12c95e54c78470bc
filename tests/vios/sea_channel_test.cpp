// How SEAs hear each other, or do not: the simplified control channel, levels of the VIOS, several pairs on one switch
// (behaviour 3.3, V54); priorities within one VIOS; health_time by level (V52).
#include <gtest/gtest.h>

#include "tests/vios/sea_group.hpp"
#include "vios/network/sea_ha_figures.hpp"

namespace pvmsim::vios {
namespace {

using namespace std::chrono_literals;

std::vector<SeaSideOptions> pair_of(const SeaSideOptions& like) {
    std::vector<SeaSideOptions> sides{like, like};
    sides[0].priority = {1};
    sides[1].priority = {2};
    return sides;
}

SeaSideOptions without_channel() {
    SeaSideOptions options;
    options.ctl_chan = 0;
    return options;
}

TEST(SeaChannel, without_ctl_chan_the_pair_finds_itself_through_its_trunk_adapters) {
    SeaGroup site(pair_of(without_channel()));
    site.run_for(1s);
    EXPECT_EQ(site.state(0), SeaState::kPrimary);
    EXPECT_EQ(site.state(1), SeaState::kBackup);
    EXPECT_EQ(ha_figures(*site.sides[0].sea).control_channel_pvid, wire::VlanId{4095});
    site.run_for(10s);
    EXPECT_GE(site.sides[1].sea->failover().counters().keep_alive_in, 10u);
    SeaGroup::check(site.system->crash(site.sides[0].id));
    site.run_for(5s);
    EXPECT_EQ(site.state(1), SeaState::kPrimary);
}

TEST(SeaChannel, control_packets_of_the_simplified_channel_stay_inside) {
    SeaGroup site(pair_of(without_channel()));
    site.run_for(60s);
    EXPECT_EQ(site.sides[0].sea->real_side().transmitted, 0u);
    EXPECT_EQ(site.sides[0].sea->virtual_side().received, 0u);
}

TEST(SeaChannel, without_ctl_chan_an_old_level_is_alone_on_both_sides) {
    auto options = without_channel();
    options.level = {2, 2, 2, 9};
    SeaGroup site(pair_of(options));
    site.run_for(10s);
    EXPECT_EQ(site.state(0), SeaState::kPrimary);
    EXPECT_EQ(site.state(1), SeaState::kPrimary);
    EXPECT_EQ(site.copies_outside(1), 2u);
    EXPECT_FALSE(ha_figures(*site.sides[0].sea).control_channel_pvid);
}

TEST(SeaChannel, ctl_chan_on_one_side_only_is_a_split) {
    auto sides = pair_of(without_channel());
    sides[1].ctl_chan = 1000;
    SeaGroup site(sides);
    site.run_for(10s);
    EXPECT_EQ(site.copies_outside(1), 2u);
}

TEST(SeaChannel, different_port_vlans_of_the_control_channel_are_a_split) {
    auto sides = pair_of({});
    sides[1].ctl_chan = 1001;
    SeaGroup site(sides);
    site.run_for(10s);
    EXPECT_EQ(site.copies_outside(1), 2u);
    EXPECT_EQ(site.sides[0].sea->failover().counters().control_in, 0u);
}

TEST(SeaChannel, two_pairs_on_one_switch_are_told_by_their_port_vlan) {
    auto first = without_channel();
    first.trunks = {{10, 11}};
    auto second = without_channel();
    second.trunks = {{20, 21}};
    auto sides = pair_of(first);
    for (auto side : pair_of(second)) sides.push_back(side);
    std::swap(sides[2], sides[3]);  // The second pair's better side is its second.
    SeaGroup site(sides);
    site.run_for(10s);
    EXPECT_EQ(site.state(0), SeaState::kPrimary);
    EXPECT_EQ(site.state(1), SeaState::kBackup);
    EXPECT_EQ(site.state(2), SeaState::kBackup);
    EXPECT_EQ(site.state(3), SeaState::kPrimary);
    site.cut(0);
    site.run_for(10ms);
    EXPECT_EQ(site.state(1), SeaState::kPrimary);
    EXPECT_EQ(site.state(3), SeaState::kPrimary);
    for (const auto vlan : site.vlans()) EXPECT_EQ(site.copies_outside(vlan), 1u) << "VLAN " << vlan;
}

TEST(SeaChannel, broken_channel_splits_the_pair_and_a_mended_one_heals_it) {
    auto sides = pair_of({});
    for (auto& one : sides) one.ha_mode = "sharing";
    SeaGroup site(sides);
    site.run_for(10s);
    auto& vswitch = site.system->virtual_ethernet();
    const auto channel = vswitch.find(site.sides[0].id, site.sides[0].control->slot());
    vswitch.free_adapter(channel);
    site.run_for(10s);
    EXPECT_EQ(site.copies_outside(1), 2u);
    EXPECT_EQ(site.copies_outside(3), 2u);
    ASSERT_EQ(vswitch.register_adapter(channel, site.sides[0].control->entity()), hypervisor::HcallStatus::kSuccess);
    site.run_for(3s);
    EXPECT_EQ(site.state(0), SeaState::kPrimarySharing);
    EXPECT_EQ(site.state(1), SeaState::kBackupSharing);
    for (const auto vlan : site.vlans()) EXPECT_EQ(site.copies_outside(vlan), 1u) << "VLAN " << vlan;
}

// --- priorities within one VIOS ---

TEST(SeaPriority, lowest_number_of_the_trunk_adapters_counts) {
    auto sides = pair_of({});
    sides[0].priority = {2, 2};
    sides[1].priority = {3, 1};
    SeaGroup site(sides);
    site.run_for(10s);
    EXPECT_EQ(site.state(0), SeaState::kBackup);
    EXPECT_EQ(site.state(1), SeaState::kPrimary);
    EXPECT_EQ(site.bridged(1), "1 2 3 4 98 99");
}

TEST(SeaPriority, crossed_priorities_make_both_primary_and_split_the_trunk_adapters) {
    auto sides = pair_of({});
    sides[0].priority = {1, 2};
    sides[1].priority = {2, 1};
    SeaGroup site(sides);
    site.run_for(10s);
    EXPECT_EQ(site.state(0), SeaState::kPrimary);
    EXPECT_EQ(site.state(1), SeaState::kPrimary);
    EXPECT_TRUE(site.active(0, 1));
    EXPECT_FALSE(site.active(0, 3));
    EXPECT_FALSE(site.active(1, 1));
    EXPECT_TRUE(site.active(1, 3));
    EXPECT_EQ(site.copies_outside(1), 2u);
}

// --- health_time by level (V52) ---

/// The first VIOS reboots; once it is up the second one fails for good.
sim::Duration outage_when_the_partner_fails_after_a_reboot(ViosLevel level) {
    SeaSideOptions options;
    options.level = level;
    SeaGroup site(pair_of(options));
    site.run_for(10s);
    SeaGroup::check(site.system->power_off(site.sides[0].id));
    site.run_for(10s);
    SeaGroup::check(site.system->activate(site.sides[0].id));
    while (!site.sides[0].os->running()) site.run_for(1s);
    site.run_for(5s);
    if (site.bridges(0, 1)) return -1s;
    SeaGroup::check(site.system->power_off(site.sides[1].id));
    sim::Duration outage{};
    for (; !site.bridges(0, 1) && outage < 1000s; outage += 100ms) site.run_for(100ms);
    return outage;
}

sim::Duration failback_after_a_reboot(ViosLevel level) {
    SeaSideOptions options;
    options.level = level;
    SeaGroup site(pair_of(options));
    site.run_for(10s);
    SeaGroup::check(site.system->power_off(site.sides[0].id));
    site.run_for(10s);
    SeaGroup::check(site.system->activate(site.sides[0].id));
    while (!site.sides[0].os->running()) site.run_for(100ms);
    sim::Duration waited{};
    for (; !site.bridges(0, 1) && waited < 1000s; waited += 100ms) site.run_for(100ms);
    return waited;
}

TEST(SeaHealthTime, side_that_is_not_healthy_takes_over_but_for_the_level_with_the_defect) {
    const auto repaired = outage_when_the_partner_fails_after_a_reboot(kViosLevelUnhealthyRepaired);
    EXPECT_GE(repaired, 3s);
    EXPECT_LE(repaired, 5s);
    const auto defect = outage_when_the_partner_fails_after_a_reboot({2, 2, 5, 0});
    EXPECT_GE(defect, 590s);
    EXPECT_LE(defect, 605s);
}

TEST(SeaHealthTime, depends_on_the_level) {
    EXPECT_LE(failback_after_a_reboot({2, 2, 4, 0}), 2s);
    const auto repaired = failback_after_a_reboot(kViosLevelUnhealthyRepaired);
    EXPECT_GE(repaired, 60s);
    EXPECT_LE(repaired, 62s);
    const auto defect = failback_after_a_reboot({2, 2, 5, 0});
    EXPECT_GE(defect, 600s);
    EXPECT_LE(defect, 602s);
}

TEST(ViosLevel, is_read_and_compared) {
    EXPECT_EQ(parse_vios_level("2.2.5.0"), (ViosLevel{2, 2, 5, 0}));
    EXPECT_EQ(parse_vios_level("2.2"), (ViosLevel{2, 2, 0, 0}));
    EXPECT_LT(*parse_vios_level("2.2.5.0"), kViosLevelUnhealthyRepaired);
    for (const char* bad : {"", "2.", "2.x", "2.2.5.0.1", "70000.0"}) EXPECT_FALSE(parse_vios_level(bad)) << bad;
}

}  // namespace
}  // namespace pvmsim::vios
