// Load sharing of two SEAs (behaviour 3.4, R-NET-06, V53): how trunk adapters are divided, what happens to them when a
// side fails and returns, and the order in which ha_mode has to be set.
#include <gtest/gtest.h>

#include "sim/trace/sinks/memory_sink.hpp"
#include "tests/vios/sea_group.hpp"
#include "vios/network/sea_ha_figures.hpp"

namespace pvmsim::vios {
namespace {

using namespace std::chrono_literals;

SeaSideOptions side(std::uint8_t priority, const std::string& ha_mode = "sharing") {
    SeaSideOptions options;
    options.ha_mode = ha_mode;
    options.priority = {priority};
    return options;
}

std::vector<SeaSideOptions> sharing_pair() { return {side(1), side(2)}; }

void expect_each_vlan_once(SeaGroup& site) {
    for (const auto vlan : site.vlans()) {
        EXPECT_EQ(site.copies_outside(vlan), 1u) << "VLAN " << vlan;
        EXPECT_EQ(site.active(0, vlan), site.bridges(0, vlan)) << "VLAN " << vlan;
        EXPECT_EQ(site.active(1, vlan), site.bridges(1, vlan)) << "VLAN " << vlan;
    }
}

void expect_shared(SeaGroup& site) {
    EXPECT_EQ(site.state(0), SeaState::kPrimarySharing);
    EXPECT_EQ(site.state(1), SeaState::kBackupSharing);
    EXPECT_EQ(site.bridged(0), "1 2 99");
    EXPECT_EQ(site.bridged(1), "3 4 98");
    expect_each_vlan_once(site);
}

void expect_all_on(SeaGroup& site, std::size_t acting) {
    EXPECT_EQ(site.state(acting), SeaState::kPrimary);
    EXPECT_EQ(site.bridged(acting), "1 2 3 4 98 99");
    EXPECT_EQ(site.bridged(1 - acting), "");
    expect_each_vlan_once(site);
}

TEST(SeaSharing, pair_divides_its_trunk_adapters) {
    SeaGroup site(sharing_pair());
    site.run_for(100ms);
    expect_shared(site);
    const auto first = ha_figures(*site.sides[0].sea);
    EXPECT_EQ(first.bridge_mode, SeaBridgeMode::kPartial);
    EXPECT_EQ(first.vids_shared, (std::vector{wire::VlanId{1}, wire::VlanId{2}, wire::VlanId{99}}));
    EXPECT_EQ(first.counters.share_request_in, 1u);
    EXPECT_EQ(first.control_channel_pvid, wire::VlanId{1000});
    EXPECT_EQ(first.ha_mode, "Sharing");
    EXPECT_TRUE(first.trunks[0].active && first.trunks[0].bridged);
    EXPECT_FALSE(first.trunks[1].active || first.trunks[1].bridged);
    const auto second = ha_figures(*site.sides[1].sea);
    EXPECT_EQ(second.counters.share_grant_in, 1u);
    EXPECT_EQ(second.trunks[1].priority, 2);
    EXPECT_TRUE(second.trunks[1].active && second.trunks[1].bridged);
    EXPECT_EQ(to_string(second.state), "BACKUP_SH");
    EXPECT_EQ(to_string(second.bridge_mode), "Partial");
}

TEST(SeaSharing, odd_trunk_adapter_stays_with_the_primary) {
    auto options = sharing_pair();
    for (auto& one : options) one.trunks = {{10}, {11}, {12}};
    SeaGroup site(options);
    site.run_for(100ms);
    EXPECT_EQ(site.bridged(0), "10 11");
    EXPECT_EQ(site.bridged(1), "12");
}

TEST(SeaSharing, crash_of_either_side_leaves_everything_to_the_other_until_it_returns) {
    for (const std::size_t victim : {0u, 1u}) {
        SeaGroup site(sharing_pair());
        site.run_for(10s);
        SeaGroup::check(site.system->crash(site.sides[victim].id));
        site.run_for(2900ms);
        EXPECT_TRUE(site.sides[1 - victim].sea->bridge_mode() == SeaBridgeMode::kPartial);
        site.run_for(2100ms);
        expect_all_on(site, 1 - victim);
        SeaGroup::check(site.system->activate(site.sides[victim].id));
        site.run_for(15s + 60s + 60s + 10s);
        expect_shared(site);
    }
}

TEST(SeaSharing, lost_link_or_standby_moves_a_share_at_once_and_back) {
    for (const std::size_t victim : {0u, 1u}) {
        SeaGroup site(sharing_pair());
        site.run_for(10s);
        site.cut(victim);
        site.run_for(10ms);
        expect_all_on(site, 1 - victim);
        site.lan.mend(site.sides[victim].cable);
        site.run_for(5s);
        expect_shared(site);
        site.set(victim, "ha_mode", "standby");
        site.run_for(10ms);
        expect_all_on(site, 1 - victim);
        site.set(victim, "ha_mode", "sharing");
        site.run_for(5s);
        expect_shared(site);
    }
}

TEST(SeaSharing, without_automatic_failback_the_acting_side_has_the_first_half) {
    auto options = sharing_pair();
    for (auto& one : options) one.attributes = {{"noauto_failback", "yes"}};
    SeaGroup site(options);
    site.run_for(10s);
    site.cut(0);
    site.run_for(10s);
    site.lan.mend(site.sides[0].cable);
    site.run_for(5s);
    EXPECT_EQ(site.state(1), SeaState::kPrimarySharing);
    EXPECT_EQ(site.bridged(1), "1 2 99");
    EXPECT_EQ(site.bridged(0), "3 4 98");
}

TEST(SeaSharing, hung_side_gives_its_share_up_before_it_passes_a_frame) {
    SeaGroup site(sharing_pair());
    site.run_for(10s);
    SeaGroup::check(site.system->hang(site.sides[1].id));
    site.run_for(20s);
    EXPECT_EQ(site.state(0), SeaState::kPrimary);
    SeaGroup::check(site.system->resume(site.sides[1].id));
    for (int i = 0; i < 3000; ++i) {
        site.run_for(1ms);
        for (const auto vlan : site.vlans()) ASSERT_FALSE(site.bridges(0, vlan) && site.bridges(1, vlan));
    }
    expect_shared(site);
}

// --- who cannot share works as auto ---

TEST(SeaSharing, one_trunk_adapter_or_an_old_level_is_failover_only) {
    auto one_trunk = sharing_pair();
    for (auto& one : one_trunk) one.trunks = {{99, 1, 2}};
    auto old_level = sharing_pair();
    for (auto& one : old_level) one.level = {2, 2, 0, 0};
    for (const auto& options : {one_trunk, old_level}) {
        SeaGroup site(options);
        site.run_for(10s);
        EXPECT_EQ(site.state(0), SeaState::kPrimary);
        EXPECT_EQ(site.state(1), SeaState::kBackup);
        EXPECT_EQ(site.sides[0].sea->failover().counters().share_request_in, 0u);
    }
}

TEST(SeaSharing, different_definitions_are_failover_only) {
    auto options = sharing_pair();
    options[1].trunks = {{99, 1, 3}, {98, 2, 4}};
    SeaGroup site(options);
    site.run_for(10s);
    expect_all_on(site, 0);
    EXPECT_EQ(site.sides[0].sea->failover().counters().share_request_in, 1u);
    EXPECT_EQ(site.sides[1].sea->failover().counters().share_refusal_in, 1u);
}

TEST(SeaSharing, order_of_additional_vlans_does_not_matter) {
    auto options = sharing_pair();
    options[1].trunks = {{99, 2, 1}, {98, 4, 3}};
    SeaGroup site(options);
    site.run_for(100ms);
    expect_shared(site);
}

// --- order of settings ---

TEST(SeaSharingOrder, primary_first_then_backup_begins_to_share) {
    SeaGroup site({side(1, "auto"), side(2, "auto")});
    site.run_for(10s);
    site.set(0, "ha_mode", "sharing");
    site.run_for(10s);
    expect_all_on(site, 0);
    site.set(1, "ha_mode", "sharing");
    site.run_for(1ms);
    expect_shared(site);
}

TEST(SeaSharingOrder, backup_first_is_refused_until_it_is_set_again) {
    SeaGroup site({side(1, "auto"), side(2, "auto")});
    site.run_for(10s);
    site.set(1, "ha_mode", "sharing");
    site.run_for(5s);
    site.set(0, "ha_mode", "sharing");
    site.run_for(60s);
    expect_all_on(site, 0);
    EXPECT_EQ(site.sides[1].sea->failover().counters().share_refusal_in, 1u);
    site.set(1, "ha_mode", "sharing");
    site.run_for(1ms);
    expect_shared(site);
}

/// The lines of the log book that contain this.
std::size_t lines_with(const sim::MemorySink& sink, std::string_view part) {
    return static_cast<std::size_t>(std::ranges::count_if(
        sink.records(), [part](const auto& record) { return record.text.find(part) != std::string::npos; }));
}

TEST(SeaSharingOrder, refusal_is_told_once_though_a_keep_alive_makes_the_backup_ask_twice) {
    sim::MemorySink sink(sim::MemorySink::Keep::kMilestones);
    SeaGroup site({side(1, "auto"), side(2, "auto")});
    site.engine.trace().attach(sink);
    site.run_for(10s - 1us);
    site.set(1, "ha_mode", "sharing");
    site.run_for(5s);
    EXPECT_EQ(site.sides[0].sea->failover().counters().share_request_in, 2u);
    EXPECT_EQ(lines_with(sink, "the other side asked"), 1u);
    site.set(1, "ha_mode", "sharing");
    site.run_for(5s);
    EXPECT_EQ(lines_with(sink, "the other side asked"), 2u);
}

TEST(SeaSharingOrder, log_book_names_the_mode_that_was_set) {
    sim::MemorySink sink(sim::MemorySink::Keep::kMilestones);
    SeaGroup site(sharing_pair());
    site.engine.trace().attach(sink);
    site.run_for(10s);
    for (const auto* mode : {"standby", "sharing", "standby", "auto", "disabled"}) {
        site.set(0, "ha_mode", mode);
        site.run_for(10s);
    }
    EXPECT_EQ(lines_with(sink, "RECOVERY: ha_mode=sharing was set"), 1u);
    EXPECT_EQ(lines_with(sink, "RECOVERY: ha_mode=auto was set"), 1u);
    EXPECT_EQ(lines_with(sink, "failover was switched off"), 1u);
}

TEST(SeaSharingOrder, auto_on_the_primary_first_ends_it_quietly) {
    SeaGroup site(sharing_pair());
    site.run_for(10s);
    site.set(0, "ha_mode", "auto");
    site.run_for(1ms);
    expect_all_on(site, 0);
    site.run_for(20s);
    expect_all_on(site, 0);
    site.set(1, "ha_mode", "auto");
    site.run_for(20s);
    expect_all_on(site, 0);
}

TEST(SeaSharingOrder, auto_on_the_backup_first_lets_both_bridge_for_seconds) {
    SeaGroup site(sharing_pair());
    site.run_for(10s);
    site.set(1, "ha_mode", "auto");
    site.run_for(1ms);
    EXPECT_EQ(site.state(0), SeaState::kPrimarySharing);
    EXPECT_EQ(site.state(1), SeaState::kPrimary);
    EXPECT_EQ(site.copies_outside(1), 2u);
    EXPECT_EQ(site.copies_outside(3), 1u);
    site.run_for(2900ms);
    EXPECT_EQ(site.copies_outside(1), 2u);
    site.run_for(2100ms);
    expect_all_on(site, 0);
}

}  // namespace
}  // namespace pvmsim::vios
