// SEA failover on a whole small site: outages by trigger (behaviour 3.3, V50, V51), failback, and the ways to get it
// wrong (V54).
#include <gtest/gtest.h>

#include <functional>

#include "tests/vios/sea_site.hpp"
#include "vios/network/sea.hpp"

namespace pvmsim::vios {
namespace {

using namespace std::chrono_literals;

bool has_entry(const aix::OperatingSystem& os, const aix::ErrorLogTemplate& what) {
    return std::ranges::any_of(os.errlog().entries(), [&](const auto& entry) { return entry.what == &what; });
}

TEST(SeaFailover, settled_pair_elects_the_lower_priority_at_once) {
    SeaSite site;
    site.run_for(1s);
    EXPECT_EQ(site.state(0), SeaState::kPrimary);
    EXPECT_EQ(site.state(1), SeaState::kBackup);
    EXPECT_EQ(site.vios[0].sea->bridge_mode(), SeaBridgeMode::kAll);
    EXPECT_EQ(site.vios[1].sea->bridge_mode(), SeaBridgeMode::kNone);
    EXPECT_TRUE(site.vios[0].trunk->trunk_active());
    EXPECT_FALSE(site.vios[1].trunk->trunk_active());
    EXPECT_LT(site.gap(), 150ms);
}

TEST(SeaFailover, one_standby_and_one_auto_side_elects_the_auto_side) {
    SeaSite site({.ha_mode = {"standby", "auto"}});
    site.run_for(1s);
    EXPECT_EQ(site.state(0), SeaState::kBackup);
    EXPECT_EQ(site.state(1), SeaState::kPrimary);
}

// --- outages, trigger by trigger ---

struct Trigger {
    const char* name;
    SiteOptions options;
    std::function<void(SeaSite&)> pull;
    sim::Duration outage_min;
    sim::Duration outage_max;
    bool takes_over = true;
};

class SeaOutage : public testing::TestWithParam<Trigger> {};

TEST_P(SeaOutage, lasts_as_documented) {
    const auto& trigger = GetParam();
    for (const auto offset : {0ms, 330ms, 510ms, 990ms}) {
        SeaSite site(trigger.options);
        site.run_for(20s + offset);
        site.begin();
        trigger.pull(site);
        site.run_for(60s);
        EXPECT_GE(site.gap(), trigger.outage_min) << "offset " << offset.count();
        EXPECT_LE(site.gap(), trigger.outage_max) << "offset " << offset.count();
        EXPECT_LT(site.client[0].asker->since_last(), 60ms);
        EXPECT_EQ(site.vios[1].trunk->trunk_active(), trigger.takes_over);
        EXPECT_EQ(site.vios[0].trunk->trunk_active(), !trigger.takes_over);
    }
}

void crash(SeaSite& site) { SeaSite::check(site.system->crash(site.vios[0].id)); }
void hang(SeaSite& site) { SeaSite::check(site.system->hang(site.vios[0].id)); }
void power_off(SeaSite& site) { SeaSite::check(site.system->power_off(site.vios[0].id)); }
void shut_down(SeaSite& site) { SeaSite::check(site.system->shutdown(site.vios[0].id)); }
void cut(SeaSite& site) { site.lan.cut(site.vios[0].cable, fabric::CableSide::kBoth); }
void standby(SeaSite& site) { site.set(0, "ha_mode", "standby"); }
void nothing(SeaSite&) {}

SiteOptions shared(SiteOptions options = {}) {
    options.two_trunks = true;
    options.ha_mode = {"sharing", "sharing"};
    return options;
}
void crash_backup(SeaSite& site) { SeaSite::check(site.system->crash(site.vios[1].id)); }
void cut_backup(SeaSite& site) { site.lan.cut(site.vios[1].cable, fabric::CableSide::kBoth); }
void stop_sharing(SeaSite& site) { site.set(0, "ha_mode", "auto"); }

const Trigger kTriggers[] = {
    {"nothing", {}, nothing, 0s, 60ms, false},
    {"crash", {}, crash, 3s, 5s},
    {"power_off", {}, power_off, 3s, 5s},
    {"hang", {}, hang, 3s, 5s},
    {"shutdown", {}, shut_down, 0s, 999ms},
    {"link_loss", {}, cut, 0s, 999ms},
    {"manual", {}, standby, 0s, 999ms},
    {"link_loss_spanning_tree", {.portfast = false}, cut, 29s, 32s},
    {"manual_spanning_tree", {.portfast = false}, standby, 29s, 32s},
    {"crash_spanning_tree", {.portfast = false}, crash, 32s, 36s},
    {"manual_spanning_tree_without_reset",
     {.portfast = false, .attributes = {{"adapter_reset", "no"}}},
     standby,
     0s,
     999ms},
    {"manual_aggregate", {.aggregate = true}, standby, 2s, 2999ms},
    {"manual_aggregate_without_reset",
     {.aggregate = true, .attributes = {{"adapter_reset", "no"}}},
     standby,
     0s,
     999ms},
    {"sharing_crash_of_the_primary", shared(), crash, 3s, 5s},
    {"sharing_crash_of_the_backup", shared(), crash_backup, 3s, 5s, false},
    {"sharing_link_loss_of_the_primary", shared(), cut, 0s, 999ms},
    {"sharing_link_loss_of_the_backup", shared(), cut_backup, 0s, 999ms, false},
    {"sharing_manual", shared(), standby, 0s, 999ms},
    {"sharing_stopped_primary_first", shared(), stop_sharing, 0s, 999ms, false},
    {"sharing_link_loss_spanning_tree", shared({.portfast = false}), cut, 29s, 32s},
    {"sharing_link_loss_aggregate", shared({.aggregate = true}), cut, 2s, 2999ms},
    {"sharing_link_loss_aggregate_without_reset", shared({.aggregate = true, .attributes = {{"adapter_reset", "no"}}}),
     cut, 0s, 999ms},
    {"simplified_channel_crash", {.control_channel = false}, crash, 3s, 5s},
    {"simplified_channel_link_loss", {.control_channel = false}, cut, 0s, 999ms},
    {"crash_without_reverse_arp", {.attributes = {{"send_RARP", "no"}}}, crash, 3s, 5s},
};

INSTANTIATE_TEST_SUITE_P(Triggers, SeaOutage, testing::ValuesIn(kTriggers),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(SeaFailover, silent_path_is_noticed_through_netaddr_in_three_seconds) {
    SeaSite site({.netaddr = true});
    site.run_for(20s);
    site.begin();
    // The first VIOS still sees light, but nothing it sends arrives: only the ping tells.
    site.lan.cut(site.vios[0].cable, fabric::CableSide::kFarHearsNothing);
    site.run_for(30s);
    EXPECT_GE(site.gap(), 3s);
    EXPECT_LE(site.gap(), 4500ms);
    EXPECT_EQ(site.state(0), SeaState::kLimbo);
    EXPECT_EQ(site.state(1), SeaState::kPrimary);
    EXPECT_TRUE(has_entry(*site.vios[0].os, aix::errors::kSeaLimbo));
    site.lan.mend(site.vios[0].cable);
    site.run_for(30s);
    EXPECT_EQ(site.state(0), SeaState::kPrimary);
}

TEST(SeaFailover, dead_netaddr_target_puts_both_sides_in_limbo_until_it_answers) {
    SeaSite site({.netaddr = true});
    site.run_for(20s + 300ms);
    site.gateway->set_answering(false);
    site.run_for(2900ms);
    EXPECT_EQ(site.state(0), SeaState::kPrimary);
    site.run_for(1500ms);
    EXPECT_EQ(site.state(0), SeaState::kLimbo);
    site.run_for(50s);
    EXPECT_EQ(site.state(0), SeaState::kLimbo);
    EXPECT_EQ(site.state(1), SeaState::kLimbo);
    EXPECT_GT(site.client[0].asker->since_last(), 5s);
    site.gateway->set_answering(true);
    site.run_for(10s);
    EXPECT_EQ(site.state(0), SeaState::kPrimary);
    EXPECT_EQ(site.state(1), SeaState::kBackup);
    EXPECT_LT(site.client[0].asker->since_last(), 60ms);
}

// --- failback ---

TEST(SeaFailover, rebooted_side_waits_until_healthy_and_takes_back_in_under_a_second) {
    SeaSite site;
    site.run_for(10s);
    crash(site);
    site.run_for(10s);
    SeaSite::check(site.system->activate(site.vios[0].id));
    site.run_for(15s + 60s + 1s);
    EXPECT_EQ(site.state(0), SeaState::kUnhealthy);
    EXPECT_EQ(site.state(1), SeaState::kPrimary);
    site.begin();
    site.run_for(65s);
    EXPECT_EQ(site.state(0), SeaState::kPrimary);
    EXPECT_EQ(site.state(1), SeaState::kBackup);
    EXPECT_LT(site.gap(), 1s);
    EXPECT_EQ(site.vios[1].sea->failover().counters().recovery_in, 3u);  // Looked for us twice, asked once.
    EXPECT_EQ(site.vios[0].sea->failover().counters().notify_in, 1u);
    EXPECT_EQ(site.vios[1].sea->failover().counters().times_primary, 1u);
    EXPECT_TRUE(has_entry(*site.vios[1].os, aix::errors::kSeaPrimary));
    EXPECT_TRUE(has_entry(*site.vios[1].os, aix::errors::kSeaBackup));
}

TEST(SeaFailover, side_that_is_not_healthy_yet_still_takes_over_when_the_other_dies) {
    SeaSite site({.attributes = {{"health_time", "600"}}});
    site.run_for(10s);
    crash(site);
    site.run_for(10s);
    SeaSite::check(site.system->activate(site.vios[0].id));
    site.run_for(90s);
    ASSERT_EQ(site.state(0), SeaState::kUnhealthy);
    site.begin();
    SeaSite::check(site.system->crash(site.vios[1].id));
    site.run_for(10s);
    EXPECT_EQ(site.state(0), SeaState::kPrimary);
    EXPECT_LE(site.gap(), 5s);
}

TEST(SeaFailover, without_automatic_failback_the_acting_side_stays) {
    SeaSite site({.attributes = {{"noauto_failback", "yes"}}});
    site.run_for(10s);
    cut(site);
    site.run_for(10s);
    site.lan.mend(site.vios[0].cable);
    site.run_for(60s);
    EXPECT_EQ(site.state(0), SeaState::kBackup);
    EXPECT_EQ(site.state(1), SeaState::kPrimary);
}

TEST(SeaFailover, failback_waits_for_fb_delay_and_link_time) {
    SeaSite site({.attributes = {{"fb_delay", "20"}, {"link_time", "10"}}});
    site.run_for(10s);
    cut(site);
    site.run_for(10s);
    site.lan.mend(site.vios[0].cable);
    site.run_for(29s);
    EXPECT_EQ(site.state(1), SeaState::kPrimary);
    site.run_for(2s);
    EXPECT_EQ(site.state(0), SeaState::kPrimary);
}

TEST(SeaFailover, back_to_auto_takes_over_again_in_under_a_second) {
    SeaSite site;
    site.run_for(10s);
    standby(site);
    EXPECT_EQ(site.state(0), SeaState::kBackup);
    site.run_for(10s);
    ASSERT_EQ(site.state(1), SeaState::kPrimary);
    site.begin();
    site.set(0, "ha_mode", "auto");
    site.run_for(5s);
    EXPECT_EQ(site.state(0), SeaState::kPrimary);
    EXPECT_EQ(site.state(1), SeaState::kBackup);
    EXPECT_LT(site.gap(), 1s);
}

TEST(SeaFailover, hung_side_that_wakes_up_neither_bridges_twice_nor_keeps_the_role) {
    SeaSite site;
    site.run_for(10s + 123ms);
    hang(site);
    site.run_for(30s);
    ASSERT_TRUE(site.vios[1].sea->bridging());
    site.begin();
    SeaSite::check(site.system->resume(site.vios[0].id));
    while (site.engine.step(site.engine.now() + 1ms) && site.engine.now() < sim::SimTime{41s})
        ASSERT_FALSE(site.vios[0].sea->bridging() && site.vios[1].sea->bridging());
    site.run_for(3s);
    EXPECT_EQ(site.state(0), SeaState::kPrimary);  // Healthy, and better: the ordinary way back.
    EXPECT_LT(site.gap(), 1s);
}

TEST(SeaFailover, short_hang_changes_nothing) {
    SeaSite site;
    site.run_for(10s + 123ms);
    hang(site);
    site.run_for(1700ms);
    SeaSite::check(site.system->resume(site.vios[0].id));
    site.run_for(10s);
    EXPECT_EQ(site.state(0), SeaState::kPrimary);
    EXPECT_EQ(site.vios[1].sea->failover().counters().times_primary, 0u);
}

TEST(SeaFailover, both_links_down_is_no_bridge_and_the_first_to_return_bridges_at_once) {
    SeaSite site;
    site.run_for(10s);
    cut(site);
    site.lan.cut(site.vios[1].cable, fabric::CableSide::kBoth);
    site.run_for(20s);
    EXPECT_EQ(site.state(0), SeaState::kLimbo);
    EXPECT_EQ(site.state(1), SeaState::kLimbo);
    EXPECT_GT(site.client[0].asker->since_last(), 19s);
    site.lan.mend(site.vios[1].cable);
    site.run_for(500ms);
    EXPECT_EQ(site.state(1), SeaState::kPrimary);
    EXPECT_LT(site.client[0].asker->since_last(), 60ms);
}

TEST(SeaFailover, one_side_alone_takes_over_after_its_link_returns) {
    SeaSite site;
    site.run_for(10s);
    SeaSite::check(site.system->power_off(site.vios[1].id));
    cut(site);
    site.run_for(10s);
    site.lan.mend(site.vios[0].cable);
    site.run_for(4s);
    EXPECT_EQ(site.state(0), SeaState::kPrimary);
}

TEST(SeaFailover, link_lost_soon_after_a_takeover_is_not_taken_for_the_reset) {
    SeaSite site;
    site.run_for(10s);
    standby(site);
    site.run_for(2s);
    ASSERT_EQ(site.state(1), SeaState::kPrimary);
    site.lan.cut(site.vios[1].cable, fabric::CableSide::kBoth);
    site.run_for(1s);
    EXPECT_EQ(site.state(1), SeaState::kLimbo);
    EXPECT_EQ(site.state(0), SeaState::kPrimary);
}

// --- mistakes (V54, R-NET-05) ---

/// While both bridge, one broadcast of a client goes round and round until nobody does any more.
TEST(SeaMistake, sharing_taken_back_on_the_backup_first_makes_a_storm_of_seconds) {
    SeaSite site(shared({.attributes = {{"adapter_reset", "no"}}}));
    site.run_for(10s);
    ASSERT_EQ(site.state(1), SeaState::kBackupSharing);
    site.set(1, "ha_mode", "auto");
    site.client[0].interface->announce();
    site.run_for(1s);
    EXPECT_TRUE(site.lan.in_storm(site.inner, wire::VlanId{1}) || site.lan.in_storm(site.inner, wire::VlanId{2}));
    site.run_for(9s);
    EXPECT_TRUE(std::ranges::all_of(site.lan.storms(), [](const auto& one) { return one.second.ended.has_value(); }));
    EXPECT_EQ(site.state(0), SeaState::kPrimary);
    EXPECT_EQ(site.state(1), SeaState::kBackup);
    const auto after = site.vios[0].sea->real_side().received;
    site.run_for(1s);
    EXPECT_LT(site.vios[0].sea->real_side().received - after, 100u);
}

/// The clients' first broadcasts go round until a switch finds the loop and carries the storm as a rate.
void expect_storm(SeaSite& site) {
    site.run_for(1s);
    EXPECT_EQ(site.state(0), SeaState::kPrimary);
    EXPECT_EQ(site.state(1), SeaState::kPrimary);
    EXPECT_TRUE(site.lan.in_storm(site.inner, wire::VlanId{1}));
    EXPECT_TRUE(site.lan.in_storm(site.outer, wire::VlanId{1}));
    const auto dropped = [&] {
        std::uint64_t sum = 0;
        for (const auto& [at, storm] : site.lan.storms()) sum += storm.dropped;
        return sum;
    };
    const auto received = [&] {
        return site.vios[0].sea->real_side().received + site.vios[0].sea->virtual_side().received;
    };
    const auto dropped_before = dropped();
    const auto received_before = received();
    EXPECT_GT(received_before, 64u);  // Without a loop it would be a few dozen.
    site.run_for(1s);
    EXPECT_GT(dropped() - dropped_before, 1'000'000u);
    EXPECT_LT(received() - received_before, 1'000u) << "frame by frame it would be tens of thousands";
}

TEST(SeaMistake, missing_control_channel_makes_both_primary_and_a_storm) {
    SeaSite site({.control_channel = false, .level = {2, 2, 2, 0}});
    expect_storm(site);
}

TEST(SeaMistake, different_control_channels_make_both_primary_and_a_storm) {
    SeaSite site({.control_pvid = {98, 99}});
    expect_storm(site);
}

TEST(SeaMistake, equal_priorities_make_both_primary_and_a_storm) {
    SeaSite site({.priority = {1, 1}});
    expect_storm(site);
}

/// What is left when both sides have failover switched off, however they came to it.
void expect_two_bridges(SeaSite& site) {
    for (const std::size_t side : {0u, 1u}) {
        EXPECT_EQ(site.state(side), SeaState::kPrimary);
        EXPECT_EQ(site.vios[side].sea->bridge_mode(), SeaBridgeMode::kAll);
    }
    EXPECT_TRUE(site.lan.in_storm(site.inner, wire::VlanId{1}));
    EXPECT_TRUE(site.lan.in_storm(site.outer, wire::VlanId{1}));
}

TEST(SeaMistake, failover_off_on_both_sides_is_a_storm_whichever_way_they_came_to_it) {
    SeaSite from_start({.ha_mode = {"disabled", "disabled"}});
    from_start.run_for(20s);
    expect_two_bridges(from_start);
    for (const std::size_t first : {0u, 1u}) {
        SCOPED_TRACE(first);
        SeaSite by_change;
        by_change.run_for(10s);
        ASSERT_FALSE(by_change.lan.in_storm(by_change.inner, wire::VlanId{1}));
        by_change.set(first, "ha_mode", "disabled");
        by_change.run_for(5s);
        expect_two_bridges(by_change);  // One side is enough: the other takes over from one that is silent.
        by_change.set(1 - first, "ha_mode", "disabled");
        by_change.run_for(5s);
        expect_two_bridges(by_change);
    }
}

/// Without reverse ARPs and other broadcasts nothing goes round: the clients notice only who bridges.
TEST(SeaMistake, side_with_failover_off_goes_on_bridging_when_the_other_side_is_gone) {
    for (const auto& mode : {std::array<std::string, 2>{"auto", "auto"}, {"disabled", "disabled"}}) {
        SeaSite site({.ha_mode = mode, .attributes = {{"send_RARP", "no"}, {"adapter_reset", "no"}}});
        site.run_for(10s);
        site.set(1, "ha_mode", "disabled");
        site.run_for(20s);
        site.vios[0].trunk->activate_trunk();
        EXPECT_FALSE(site.vios[1].trunk->trunk_active());
        SeaSite::check(site.system->crash(site.vios[0].id));
        site.run_for(2s);
        EXPECT_TRUE(site.vios[1].trunk->trunk_active());
        EXPECT_TRUE(site.vios[1].sea->bridging());
    }
}

TEST(SeaFailover, switched_off_and_on_again_elects_as_before) {
    SeaSite site({.attributes = {{"send_RARP", "no"}}});
    site.run_for(10s);
    for (const std::size_t side : {1u, 0u}) site.set(side, "ha_mode", "disabled");
    site.run_for(10s);
    for (const std::size_t side : {1u, 0u}) site.set(side, "ha_mode", "auto");
    site.run_for(10s);
    EXPECT_EQ(site.state(0), SeaState::kPrimary);
    EXPECT_EQ(site.state(1), SeaState::kBackup);
    EXPECT_TRUE(site.vios[0].trunk->trunk_active());
}

TEST(SeaFailover, control_packet_survives_its_encoding) {
    const SeaPacket packet{SeaPacketKind::kLimbo, SeaState::kUnhealthy, {.standby = true, .priority = 15}};
    const auto back = SeaPacket::decode(packet.encode());
    EXPECT_EQ(back.kind, packet.kind);
    EXPECT_EQ(back.state, packet.state);
    EXPECT_EQ(back.rank, packet.rank);
}

}  // namespace
}  // namespace pvmsim::vios
