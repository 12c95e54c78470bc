// VLAN changes of running Shared Ethernet Adapters (R-NET-09): what they cost and whom, which level refuses them, that
// a refusal changes nothing, and what a pair loses whose sides were not both changed.
#include "vios/network/sea_vlans.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/vios/sea_site.hpp"

namespace pvmsim::vios {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr wire::VlanId kNew{7};

TrunkVlanChange adding(std::uint16_t vlan) { return {.add = {wire::VlanId{vlan}}}; }
TrunkVlanChange removing(std::uint16_t vlan) { return {.remove = {wire::VlanId{vlan}}}; }

/// The partition whose trunk adapter is active in the VLAN; nullopt: nobody serves it.
std::optional<PartitionId> server_of(SeaSite& site, wire::VlanId vlan) {
    auto& vswitch = site.system->virtual_ethernet();
    const auto active = vswitch.active_trunk("ETHERNET0", vlan);
    if (!active) return std::nullopt;
    return vswitch.owner_of(*active);
}

SeaVlanResult<void> change(SeaSite& site, std::size_t side, const TrunkVlanChange& what,
                           ConsoleLevel console = kConsoleLevelDefault) {
    return change_trunk_vlans(*site.vios[side].sea, *site.vios[side].trunk, what, console);
}

TEST(SeaVlans, are_added_to_both_running_sides_without_an_outage) {
    SeaSite site;
    site.run_for(2s);
    site.begin();
    ASSERT_TRUE(change(site, 0, adding(7)));
    EXPECT_EQ(server_of(site, kNew), site.vios[0].id) << "the acting side serves it at once";
    ASSERT_TRUE(change(site, 1, adding(7)));
    EXPECT_EQ(server_of(site, kNew), site.vios[0].id) << "the other side does not take it away";
    site.run_for(5s);
    EXPECT_LT(site.gap(), 100ms) << "the VLANs that stay notice nothing";
    EXPECT_THAT(vlans_of_one_side_only(*site.vios[0].sea, *site.vios[1].sea), IsEmpty());
    site.set(0, "ha_mode", "standby");
    site.run_for(2s);
    EXPECT_EQ(server_of(site, kNew), site.vios[1].id);
}

TEST(SeaVlans, frames_of_an_added_vlan_cross_and_those_of_a_removed_one_are_filtered) {
    SeaSite site;
    site.run_for(2s);
    auto& sea = *site.vios[0].sea;
    wire::Frame frame;
    frame.source = wire::MacAddress::from_integer(0x26'00'00'00'99'99);
    frame.destination = wire::MacAddress::broadcast();
    frame.vlan = kNew;
    const auto filtered = [&] { return sea.real_side().filtered_vlan; };
    sea.on_frame(sea.real_adapter(), frame);
    EXPECT_EQ(filtered(), 1u);
    ASSERT_TRUE(change(site, 0, adding(7)));
    const auto bridged = sea.real_side().bridged;
    sea.on_frame(sea.real_adapter(), frame);
    EXPECT_EQ(filtered(), 1u);
    EXPECT_EQ(sea.real_side().bridged, bridged + 1);
    ASSERT_TRUE(change(site, 0, removing(7)));
    sea.on_frame(sea.real_adapter(), frame);
    EXPECT_EQ(filtered(), 2u);
}

TEST(SeaVlans, removed_vlan_is_lost_to_its_client_alone) {
    SeaSite site;
    site.run_for(2s);
    for (const std::size_t side : {0u, 1u}) ASSERT_TRUE(change(site, side, removing(2)));
    site.begin();
    site.run_for(3s);
    EXPECT_LT(site.client[0].asker->gap(), 100ms);
    EXPECT_GE(site.client[1].asker->gap(), 3s);
    EXPECT_EQ(server_of(site, wire::VlanId{2}), std::nullopt);
    for (const std::size_t side : {0u, 1u}) ASSERT_TRUE(change(site, side, adding(2)));
    site.run_for(3s);
    EXPECT_LT(site.client[1].asker->since_last(), 100ms);
}

TEST(SeaVlans, vlan_of_one_side_only_is_lost_at_failover_and_in_either_order_until_both_have_it) {
    SeaSite site;
    site.run_for(2s);
    ASSERT_TRUE(change(site, 0, adding(7)));
    EXPECT_THAT(vlans_of_one_side_only(*site.vios[0].sea, *site.vios[1].sea), ElementsAre(kNew));
    site.set(0, "ha_mode", "standby");
    site.run_for(2s);
    ASSERT_EQ(site.state(1), SeaState::kPrimary);
    EXPECT_EQ(server_of(site, kNew), std::nullopt) << "forgotten on the backup: lost when it takes over";
    EXPECT_EQ(server_of(site, wire::VlanId{2}), site.vios[1].id);
    ASSERT_TRUE(change(site, 1, adding(7)));
    EXPECT_EQ(server_of(site, kNew), site.vios[1].id);

    SeaSite other;
    other.run_for(2s);
    ASSERT_TRUE(change(other, 1, adding(7)));
    other.run_for(2s);
    EXPECT_EQ(server_of(other, kNew), std::nullopt) << "the backup first: nobody serves it yet";
    ASSERT_TRUE(change(other, 0, adding(7)));
    EXPECT_EQ(server_of(other, kNew), other.vios[0].id);
}

TEST(SeaVlans, are_changed_while_load_is_shared_and_stay_with_their_trunk_adapter) {
    SeaSite site({.ha_mode = {"sharing", "sharing"}, .two_trunks = true});
    site.run_for(5s);
    ASSERT_EQ(site.state(0), SeaState::kPrimarySharing);
    site.begin();
    auto& second = *site.vios[1].sea->trunks()[1];
    ASSERT_TRUE(change_trunk_vlans(*site.vios[1].sea, second, adding(7)));
    ASSERT_TRUE(change_trunk_vlans(*site.vios[0].sea, *site.vios[0].sea->trunks()[1], adding(7)));
    site.run_for(5s);
    EXPECT_EQ(server_of(site, kNew), site.vios[1].id) << "the half of its trunk adapter";
    EXPECT_EQ(site.state(0), SeaState::kPrimarySharing);
    EXPECT_LT(site.gap(), 100ms);
}

struct Level {
    std::string what;
    SiteOptions options;
    ConsoleLevel console = kConsoleLevelDefault;
    std::string says;  ///< empty: it works
};

TEST(SeaVlans, need_the_levels_of_r_net_09) {
    const ViosLevel old_vios{2, 1, 3, 10};
    const std::vector<Level> levels{
        {"all new", {}, kConsoleLevelDefault, ""},
        {"the oldest that do",
         {.level = kViosLevelDynamicVlans, .firmware_level = "AL720_064"},
         kConsoleLevelDynamicVlans,
         ""},
        {"VIOS", {.level = old_vios}, kConsoleLevelDefault, "VIOS 2.2.0.0 or later, not with 2.1.3.10"},
        {"firmware",
         {.firmware_level = "AL720_063"},
         kConsoleLevelDefault,
         "firmware 720_064 or later, not with AL720_063"},
        {"older release", {.firmware_level = "AL710_099"}, kConsoleLevelDefault, "not with AL710_099"},
        {"HMC", {}, ConsoleLevel{7, 7, 1, 3}, "HMC of V7R7.2.0 or later, not of V7R7.1.3"},
        {"POWER5", {.type_model = "9131-52A"}, kConsoleLevelDefault, "from POWER7 on, not on POWER5"},
    };
    for (const auto& one : levels) {
        SeaSite site(one.options);
        site.run_for(1s);
        const auto before = site.vios[0].trunk->vlans();
        const auto result = change(site, 0, adding(7), one.console);
        EXPECT_EQ(result.has_value(), one.says.empty()) << one.what;
        if (result) continue;
        EXPECT_EQ(result.error().code, SeaVlanError::kNotSupported) << one.what;
        EXPECT_THAT(result.error().text, HasSubstr(one.says)) << one.what;
        EXPECT_THAT(result.error().text, HasSubstr("HSCL294C")) << one.what;
        EXPECT_EQ(site.vios[0].trunk->vlans(), before) << one.what;
        const auto removal = change(site, 0, removing(2), one.console);
        ASSERT_FALSE(removal) << one.what;
        EXPECT_THAT(removal.error().text, HasSubstr("HSCL294D")) << one.what;
    }
}

TEST(SeaVlans, refusal_tells_why_and_changes_nothing) {
    SeaSite site({.two_trunks = true});  // ent1: 1 and 3; ent5: 98 and 2
    site.run_for(1s);
    TrunkVlanChange many;
    for (std::uint16_t vlan = 100; vlan < 120; ++vlan) many.add.emplace_back(vlan);
    TrunkVlanChange twice{.add = {kNew, kNew}};
    TrunkVlanChange half{.add = {kNew}, .remove = {wire::VlanId{44}}};
    TrunkVlanChange half_wrong_add{.add = {kNew, wire::kVlanIdFirmware}, .remove = {wire::VlanId{3}}};
    const std::vector<std::pair<TrunkVlanChange, std::string>> wrong{
        {adding(0), "VLAN 0 is not one of 1 to 4094"},
        {adding(4095), "VLAN 4095 is not one of 1 to 4094"},
        {adding(3358), "VLAN 3358 is reserved by the firmware"},
        {adding(3), "VLAN 3 is on ent1 of ent3 already"},
        {adding(1), "VLAN 1 is on ent1 of ent3 already"},
        {adding(2), "VLAN 2 is on ent5 of ent3 already"},
        {twice, "VLAN 7 is named twice"},
        {many, "ent1 would have 21 additional VLANs; 20 is the most"},
        {removing(1), "VLAN 1 is the port VLAN of ent1"},
        {removing(2), "VLAN 2 is none of the additional VLANs of ent1"},
        {half, "VLAN 44 is none of the additional VLANs of ent1"},
        {half_wrong_add, "VLAN 3358"},
    };
    const auto before = site.vios[0].trunk->vlans();
    const auto version = site.system->virtual_ethernet().routes_version();
    for (const auto& [what, says] : wrong) {
        const auto result = change(site, 0, what);
        ASSERT_FALSE(result) << says;
        EXPECT_EQ(result.error().code, SeaVlanError::kInvalidChange);
        EXPECT_THAT(result.error().text, HasSubstr(says));
        EXPECT_EQ(site.vios[0].trunk->vlans(), before) << says;
    }
    EXPECT_EQ(site.system->virtual_ethernet().routes_version(), version);
    ASSERT_TRUE(change(site, 0, {.add = {kNew}, .remove = {wire::VlanId{3}}})) << "one for the other";
    EXPECT_THAT(site.vios[0].trunk->vlans(), ElementsAre(wire::VlanId{1}, kNew));
}

TEST(SeaVlans, partition_that_hangs_or_is_off_does_not_answer) {
    SeaSite site;
    site.run_for(1s);
    SeaSite::check(site.system->hang(site.vios[0].id));
    auto result = change(site, 0, adding(7));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, SeaVlanError::kNoConnection);
    EXPECT_THAT(result.error().text, HasSubstr("HSCL2957"));
    EXPECT_THAT(result.error().text, HasSubstr("vios1"));
    SeaSite::check(site.system->power_off(site.vios[0].id));
    EXPECT_FALSE(change(site, 0, adding(7)));
}

TEST(SeaVlans, dynamic_change_is_gone_after_the_next_activation) {
    SeaSite site;
    site.run_for(1s);
    ASSERT_TRUE(change(site, 0, adding(7)));
    SeaSite::check(site.system->power_off(site.vios[0].id));
    SeaSite::check(site.system->activate(site.vios[0].id));
    site.run_for(300s);
    ASSERT_EQ(site.state(0), SeaState::kPrimary);
    EXPECT_THAT(site.vios[0].trunk->vlans(), ElementsAre(wire::VlanId{1}, wire::VlanId{2})) << "the profile's";
    EXPECT_EQ(server_of(site, kNew), std::nullopt);
}

TEST(SeaVlans, old_level_stops_the_sea_for_a_change_while_the_other_side_bridges) {
    SeaSite site({.level = ViosLevel{2, 1, 3, 10}});
    site.run_for(2s);
    site.begin();
    auto& sea = *site.vios[0].sea;
    sea.close();  // rmdev
    sea.unconfigure();
    ASSERT_TRUE(change(site, 0, adding(7)));
    site.run_for(10s);
    EXPECT_EQ(site.state(1), SeaState::kPrimary);
    EXPECT_LT(site.gap(), 1s) << "one switch-over";
    sea.configure();  // mkdev
    site.run_for(30s);
    EXPECT_EQ(site.state(0), SeaState::kPrimary);
    EXPECT_EQ(server_of(site, kNew), site.vios[0].id);
    EXPECT_LT(site.gap(), 2s) << "and one back";
}

/// Whatever is changed on either side while they fail over: a VLAN is served by nobody who does not have it, and once
/// both sides have the same VLANs again, the PRIMARY serves them all.
RC_GTEST_PROP(SeaVlansProperty, both_sides_changed_in_any_order_end_with_every_vlan_on_the_primary, ()) {
    SeaSite site;
    site.run_for(1s);
    const auto has = [&](std::size_t side, wire::VlanId vlan) {
        return std::ranges::count(site.vios[side].trunk->vlans(), vlan) > 0;
    };
    const auto toggle = [&](std::size_t side, std::uint16_t vlan) {
        const bool takes_away = has(side, wire::VlanId{vlan});
        RC_ASSERT(change(site, side, takes_away ? removing(vlan) : adding(vlan)).has_value());
        RC_ASSERT(has(side, wire::VlanId{vlan}) != takes_away);
    };
    const auto steps = *rc::gen::inRange(1, 20);
    for (int step = 0; step < steps; ++step) {
        const auto side = *rc::gen::element<std::size_t>(0, 1);
        switch (*rc::gen::inRange(0, 4)) {
            case 0:
                site.set(side, "ha_mode", *rc::gen::element<std::string>("auto", "standby"));
                break;
            case 1:
                site.run_for(*rc::gen::inRange(1, 3000) * 1ms);
                break;
            default:
                toggle(side, *rc::gen::element<std::uint16_t>(2, 5, 7));
        }
        for (const std::uint16_t vlan : std::initializer_list<std::uint16_t>{1, 2, 5, 7}) {
            const auto server = server_of(site, wire::VlanId{vlan});
            if (!server) continue;
            RC_ASSERT(has(*server == site.vios[0].id ? 0 : 1, wire::VlanId{vlan}));
        }
    }
    for (const std::uint16_t vlan : std::initializer_list<std::uint16_t>{2, 5, 7})
        if (has(0, wire::VlanId{vlan}) != has(1, wire::VlanId{vlan})) toggle(1, vlan);
    for (const std::size_t side : {0u, 1u}) site.set(side, "ha_mode", "auto");
    site.run_for(10s);
    RC_ASSERT(vlans_of_one_side_only(*site.vios[0].sea, *site.vios[1].sea).empty());
    RC_ASSERT(site.state(0) == SeaState::kPrimary);
    for (const auto vlan : site.vios[0].trunk->vlans()) RC_ASSERT(server_of(site, vlan) == site.vios[0].id);
}

// --- trunk adapters ---

TEST(SeaVirtAdapters, trunk_adapter_leaves_and_comes_back_without_an_outage_of_the_others) {
    SeaSite site({.level = ViosLevel{2, 1, 3, 10}, .two_trunks = true});
    site.run_for(2s);
    site.begin();
    auto& sea = *site.vios[0].sea;
    const auto both = sea.trunks();
    for (const std::size_t side : {0u, 1u})
        ASSERT_TRUE(change_virt_adapters(*site.vios[side].sea, {site.vios[side].trunk}));
    EXPECT_EQ(sea.attributes().get("virt_adapters"), "ent1");
    EXPECT_FALSE(both[1]->trunk_active()) << "closed: its Active bit is gone";
    EXPECT_FALSE(both[1]->attached());
    site.run_for(3s);
    EXPECT_LT(site.client[0].asker->gap(), 100ms);
    EXPECT_GE(site.client[1].asker->gap(), 3s) << "VLAN 2 was on it";
    ASSERT_TRUE(change_virt_adapters(sea, both));
    EXPECT_EQ(sea.attributes().get("virt_adapters"), "ent1,ent5");
    site.run_for(3s);
    EXPECT_LT(site.client[1].asker->since_last(), 100ms);
    EXPECT_TRUE(both[1]->trunk_active());
    EXPECT_LT(site.client[0].asker->gap(), 100ms);
}

TEST(SeaVirtAdapters, list_is_refused_whole) {
    SeaSite site({.two_trunks = true});
    site.run_for(2s);
    auto& sea = *site.vios[0].sea;
    const auto both = sea.trunks();
    const auto refused = [&](std::vector<aix::VirtualEthernetAdapterDevice*> list) {
        const auto result = change_virt_adapters(sea, std::move(list));
        EXPECT_EQ(sea.trunks(), both);
        return result ? std::string{} : result.error().text;
    };
    EXPECT_THAT(refused({both[1]}), HasSubstr("the default adapter is not one of"));
    EXPECT_THAT(refused({}), HasSubstr("at least one trunk adapter"));
    EXPECT_THAT(refused({both[0], both[0]}), HasSubstr("ent1 is named twice"));
    EXPECT_THAT(refused({both[0], sea.control_channel()}), HasSubstr("ent2 is in use"));
    EXPECT_THAT(refused({both[0], site.vios[1].trunk}), HasSubstr("ent1 is named twice"));
    EXPECT_THAT(refused({both[0], site.vios[1].sea->trunks()[1]}), HasSubstr("ent5 is of another partition"));
}

TEST(SeaVirtAdapters, sharing_is_left_first) {
    SeaSite site({.ha_mode = {"sharing", "sharing"}, .two_trunks = true});
    site.run_for(5s);
    auto& sea = *site.vios[0].sea;
    ASSERT_EQ(site.state(0), SeaState::kPrimarySharing);
    const auto result = change_virt_adapters(sea, {site.vios[0].trunk});
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().text, HasSubstr("ha_mode=auto"));
    site.set(0, "ha_mode", "auto");
    site.set(1, "ha_mode", "auto");
    site.run_for(10s);
    EXPECT_TRUE(change_virt_adapters(sea, {site.vios[0].trunk}));
}

}  // namespace
}  // namespace pvmsim::vios
