// Logins, name server, zoning, state change notices and routes of a SAN, and what its faults do to them.
// The rules are listed in docs/model/san.md.
#include <gmock/gmock.h>

#include "tests/fabric/san_fixture.hpp"

namespace pvmsim::fabric {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

std::vector<wire::Wwpn> names(const std::vector<NameServerEntry>& entries) {
    std::vector<wire::Wwpn> result;
    for (const auto& entry : entries) result.push_back(entry.wwpn);
    return result;
}

TEST_F(SanTest, login_is_answered_after_the_login_time_with_domain_area_and_port) {
    host->enable();
    EXPECT_THAT(host_owner.links, ElementsAre(true));
    run(2ms - 1ns);
    EXPECT_THAT(host_owner.logins, IsEmpty());
    run(1ns);
    // Domain of the first switch, area 1 (area 0 is the inter-switch link), the port's own login.
    EXPECT_THAT(host_owner.logins, ElementsAre(Pair(kHostName, wire::FcId{0x010100})));
    EXPECT_EQ(san.port_of(wire::FcId{0x010100}), host);
    EXPECT_EQ(san.port_of(wire::FcId{0x010200}), nullptr);
}

TEST_F(SanTest, npiv_logins_get_further_port_bytes_and_need_the_ports_own_login) {
    host_owner.login_at_link = false;
    host->enable();
    host->login(kClientName);
    run(5ms);
    EXPECT_THAT(host_owner.logins, ElementsAre(Pair(kClientName, wire::kNoFcId)));
    host->login(kHostName);
    host->login(kClientName);
    run(5ms);
    EXPECT_EQ(host->address_of(kHostName), wire::FcId{0x010100});
    EXPECT_EQ(host->address_of(kClientName), wire::FcId{0x010101});
    host->logout(kClientName);
    EXPECT_EQ(host->address_of(kClientName), wire::kNoFcId);
    host->login(kClientName);
    run(5ms);
    EXPECT_EQ(host->address_of(kClientName), wire::FcId{0x010102}) << "addresses go round";
}

TEST_F(SanTest, a_name_that_is_logged_in_elsewhere_is_refused) {
    host->enable();
    other->enable();
    host->login(kClientName);
    run(5ms);
    other->login(kClientName);
    run(5ms);
    EXPECT_EQ(other_owner.logins.back(), std::pair(kClientName, wire::kNoFcId));
    host->disable();
    other->login(kClientName);
    run(5ms);
    EXPECT_NE(other->address_of(kClientName), wire::kNoFcId);
}

class WithoutNpivTest : public SanTest {
  protected:
    WithoutNpivTest() : SanTest({.name = "old", .npiv = false}) {}
};

TEST_F(WithoutNpivTest, a_switch_without_npiv_refuses_the_second_login) {
    EXPECT_FALSE(san.npiv_capable(*host));
    host->enable();
    host->login(kClientName);
    run(5ms);
    EXPECT_THAT(host_owner.logins,
                ElementsAre(Pair(kHostName, wire::FcId{0x010100}), Pair(kClientName, wire::kNoFcId)));
}

class FewLoginsTest : public SanTest {
  protected:
    FewLoginsTest() : SanTest({.name = "few", .logins_per_port_max = 3}) {}
};

TEST_F(FewLoginsTest, logins_beyond_the_limit_of_a_port_are_refused_until_one_ends) {
    host->enable();
    for (std::uint64_t i = 0; i < 3; ++i) host->login(wire::Wwpn{kClientName.value() + i});
    run(5ms);
    EXPECT_NE(host->address_of(wire::Wwpn{kClientName.value() + 1}), wire::kNoFcId);
    EXPECT_EQ(host->address_of(wire::Wwpn{kClientName.value() + 2}), wire::kNoFcId);
    host->logout(kClientName);
    host->login(wire::Wwpn{kClientName.value() + 2});
    run(5ms);
    EXPECT_NE(host->address_of(wire::Wwpn{kClientName.value() + 2}), wire::kNoFcId);
}

TEST_F(SanTest, a_login_lost_with_the_light_is_never_answered) {
    host_owner.login_at_link = false;
    host->enable();
    host->login(kHostName);
    run(1ms);
    san.cut(host_cable);
    san.mend(host_cable);
    run(5ms);
    EXPECT_THAT(host_owner.links, ElementsAre(true, false, true));
    EXPECT_THAT(host_owner.logins, IsEmpty());
    EXPECT_EQ(host->address_of(kHostName), wire::kNoFcId);
    host->login(kHostName);
    run(5ms);
    EXPECT_NE(host->address_of(kHostName), wire::kNoFcId);
}

TEST_F(SanTest, zoning_table) {
    san.add_zone(fabric, "one", {kHostName, kTargetA});
    san.add_zone(fabric, "two", {kOtherHostName, kTargetA});
    san.add_zone(fabric, "three", {kOtherHostName, kTargetB});
    array.start();
    host->enable();
    other->enable();
    run(10ms);
    EXPECT_THAT(names(host->query_name_server(host->address_of(kHostName))), ElementsAre(kTargetA));
    EXPECT_THAT(names(other->query_name_server(other->address_of(kOtherHostName))), ElementsAre(kTargetA, kTargetB));
    EXPECT_THAT(names(a->query_name_server(a->address_of(kTargetA))), ElementsAre(kHostName, kOtherHostName));
    EXPECT_THAT(host->query_name_server(other->address_of(kOtherHostName)), IsEmpty()) << "not its own login";
    EXPECT_TRUE(host->query_name_server(host->address_of(kHostName))[0].target);
    EXPECT_EQ(send(*host, kTargetA), FcSendOutcome::kSent);
    EXPECT_EQ(send(*host, kTargetB), FcSendOutcome::kNoRoute);
    EXPECT_EQ(send(*other, kTargetB), FcSendOutcome::kSent);
    EXPECT_THAT(host->report_luns(host->address_of(kHostName), address(kTargetB)), IsEmpty());
}

TEST_F(SanTest, a_zone_added_later_holds_for_logins_that_are_there) {
    array.start();
    host->enable();
    run(10ms);
    EXPECT_EQ(send(*host, kTargetA), FcSendOutcome::kNoRoute);
    san.add_zone(fabric, "late", {kHostName, kTargetA});
    EXPECT_EQ(send(*host, kTargetA), FcSendOutcome::kSent);
}

class OpenFabricTest : public SanTest {
  protected:
    OpenFabricTest() : SanTest({.name = "open", .default_zone_all_access = true}) {}
};

TEST_F(OpenFabricTest, without_zones_and_with_an_open_default_zone_everybody_sees_everybody_until_there_is_a_zone) {
    array.start();
    host->enable();
    other->enable();
    run(10ms);
    EXPECT_THAT(names(host->query_name_server(host->address_of(kHostName))),
                ElementsAre(kOtherHostName, kTargetA, kTargetB));
    san.add_zone(fabric, "first", {kHostName, kTargetA});
    EXPECT_THAT(names(host->query_name_server(host->address_of(kHostName))), ElementsAre(kTargetA));
}

TEST_F(SanTest, fabrics_do_not_see_each_other) {
    const auto blue = san.add_fabric({.name = "blue", .default_zone_all_access = true});
    const auto sw = san.add_switch(blue, "blue1");
    auto& port = san.add_port("host/fcs1", wire::Wwpn{99}, false);
    Initiator owner;
    port.attach(&owner);
    san.connect(port, sw);
    port.enable();
    bring_up();
    EXPECT_THAT(port.query_name_server(port.address_of(wire::Wwpn{99})), IsEmpty());
    EXPECT_EQ(send(port, kTargetA), FcSendOutcome::kNoRoute);
}

TEST_F(SanTest, send_outcome_table) {
    host->enable();
    EXPECT_EQ(send(*host, kTargetA), FcSendOutcome::kNotLoggedIn) << "the login is not answered yet";
    bring_up();
    EXPECT_EQ(send(*host, kTargetA), FcSendOutcome::kSent);
    EXPECT_EQ(send(*other, kTargetB), FcSendOutcome::kSent);
    FcpCommand stolen{};
    stolen.source = other->address_of(kOtherHostName);
    stolen.destination = address(kTargetA);
    EXPECT_EQ(host->send(stolen), FcSendOutcome::kNotLoggedIn) << "somebody else's address";
    const auto gone = address(kTargetA);
    array.fail_controller("A");
    FcpCommand late{};
    late.source = host->address_of(kHostName);
    late.destination = gone;
    EXPECT_EQ(host->send(late), FcSendOutcome::kNoRoute);
    san.cut(host_cable);
    EXPECT_EQ(host->send(late), FcSendOutcome::kLinkDown);
}

TEST_F(SanTest, partners_are_told_after_the_notice_delay_when_a_controller_goes_and_returns) {
    bring_up();
    const auto self = host->address_of(kHostName);
    const auto target = address(kTargetA);
    array.fail_controller("A");
    run(5ms - 1ns);
    EXPECT_THAT(host_owner.notices, IsEmpty());
    run(1ns);
    EXPECT_THAT(host_owner.notices, ElementsAre(Pair(self, target)));
    EXPECT_THAT(names(host->query_name_server(self)), ElementsAre(kOtherHostName, kTargetB));
    array.repair_controller("A");
    run(7ms);
    EXPECT_THAT(host_owner.notices, ElementsAre(Pair(self, target), Pair(self, target)));
    EXPECT_THAT(names(host->query_name_server(self)), ElementsAre(kOtherHostName, kTargetA, kTargetB));
}

TEST_F(SanTest, an_unzoned_partner_is_not_told) {
    san.add_zone(fabric, "one", {kHostName, kTargetA});
    san.add_zone(fabric, "two", {kOtherHostName, kTargetB});
    array.start();
    host->enable();
    other->enable();
    run(20ms);
    host_owner.notices.clear();
    other_owner.notices.clear();
    array.fail_controller("B");
    run(10ms);
    EXPECT_THAT(host_owner.notices, IsEmpty());
    EXPECT_EQ(other_owner.notices.size(), 1u);
}

TEST_F(SanTest, losing_the_inter_switch_link_parts_the_fabric_and_tells_both_sides) {
    bring_up();
    const auto self = host->address_of(kHostName);
    san.cut(isl);
    EXPECT_EQ(send(*host, kTargetA), FcSendOutcome::kSent);
    EXPECT_EQ(send(*host, kTargetB), FcSendOutcome::kNoRoute);
    EXPECT_THAT(names(host->query_name_server(self)), ElementsAre(kOtherHostName, kTargetA));
    EXPECT_NE(address(kTargetB), wire::kNoFcId) << "the login itself stays";
    run(10ms);
    EXPECT_THAT(host_owner.notices, ElementsAre(Pair(self, address(kTargetB))));
    san.mend(isl);
    EXPECT_EQ(send(*host, kTargetB), FcSendOutcome::kSent);
    run(10ms);
    EXPECT_EQ(host_owner.notices.size(), 2u);
}

TEST_F(SanTest, a_second_way_between_switches_keeps_the_fabric_whole) {
    const auto third = san.add_switch(fabric, "third");
    san.connect(near, third);
    san.connect(third, far);
    bring_up();
    san.cut(isl);
    EXPECT_EQ(send(*host, kTargetB), FcSendOutcome::kSent);
    run(20ms);
    EXPECT_THAT(host_owner.notices, IsEmpty());
    EXPECT_EQ(host_owner.responses.size(), 1u);
    san.power_off(third);
    EXPECT_EQ(send(*host, kTargetB), FcSendOutcome::kNoRoute);
}

TEST_F(SanTest, switch_power_ends_logins_and_partners_elsewhere_are_told) {
    bring_up();
    const auto gone = address(kTargetB);
    san.power_off(far);
    san.power_off(far);
    EXPECT_FALSE(b->link());
    EXPECT_EQ(b->address_of(kTargetB), wire::kNoFcId);
    run(10ms);
    EXPECT_THAT(host_owner.notices, ElementsAre(Pair(host->address_of(kHostName), gone)));
    san.power_on(far);
    run(20ms);
    EXPECT_THAT(names(host->query_name_server(host->address_of(kHostName))),
                ElementsAre(kOtherHostName, kTargetA, kTargetB));
    EXPECT_EQ(host_owner.notices.size(), 2u);
}

TEST_F(SanTest, a_shut_port_takes_the_light) {
    bring_up();
    san.shut_port(host_cable);
    EXPECT_FALSE(host->link());
    EXPECT_EQ(send(*host, kTargetA), FcSendOutcome::kLinkDown);
    san.mend(host_cable);
    EXPECT_FALSE(host->link()) << "it is shut, not cut";
    san.open_port(host_cable);
    EXPECT_TRUE(host->link());
}

TEST_F(SanTest, a_command_takes_transit_service_and_transit_and_slow_switches_add) {
    bring_up();
    send(*host, kTargetB);
    run(10us + 5ms + 10us - 1ns);
    EXPECT_THAT(host_owner.responses, IsEmpty());
    run(1ns);
    EXPECT_EQ(host_owner.responses.size(), 1u);
    san.set_extra_latency(far, 1ms);
    array.set_extra_latency(4ms);
    send(*host, kTargetB);
    run(1ms + 10us + 9ms + 1ms + 10us - 1ns);
    EXPECT_EQ(host_owner.responses.size(), 1u);
    run(1ns);
    EXPECT_EQ(host_owner.responses.size(), 2u);
}

TEST_F(SanTest, a_command_under_way_to_a_port_that_dies_is_lost) {
    bring_up();
    send(*host, kTargetA);
    san.cut(a_cable);
    san.mend(a_cable);
    run(50ms);
    EXPECT_THAT(host_owner.responses, IsEmpty());
    EXPECT_EQ(array.counters().served, 0u);
    send(*host, kTargetA);
    run(50ms);
    EXPECT_EQ(host_owner.responses.size(), 1u);
}

TEST_F(SanTest, a_response_for_a_login_that_went_and_came_back_is_lost) {
    bring_up();
    send(*host, kTargetA);
    run(1ms);
    host->disable();
    host->enable();
    run(50ms);
    EXPECT_NE(host->address_of(kHostName), wire::kNoFcId);
    EXPECT_THAT(host_owner.responses, IsEmpty());
    EXPECT_EQ(array.counters().lost, 1u);
}

TEST_F(SanTest, same_doings_same_fingerprint) {
    const auto play = [](std::uint64_t service_ns) {
        sim::Engine own_engine(7);
        San own_san(own_engine);
        const auto open = own_san.add_fabric({.name = "f", .default_zone_all_access = true});
        const auto sw = own_san.add_switch(open, "s");
        StorageArray own_array(
            own_engine, {.name = "ds", .service_time = sim::Duration(service_ns), .service_time_exponential = true});
        auto& target = own_san.add_port("ds/A", kTargetA, true);
        auto& initiator = own_san.add_port("h", kHostName, false);
        Initiator owner;
        initiator.attach(&owner);
        own_san.connect(target, sw);
        own_san.connect(initiator, sw);
        own_array.add_port("A", target);
        own_array.add_lun({.name = "l", .size_bytes = 1, .hosts = {kHostName}});
        own_array.start();
        initiator.enable();
        own_engine.run_until(sim::kStartOfRun + 10ms);
        for (std::uint32_t i = 0; i < 100; ++i) {
            FcpCommand command{};
            command.source = initiator.address_of(kHostName);
            command.destination = target.address_of(kTargetA);
            command.command.tag = i;
            EXPECT_EQ(initiator.send(command), FcSendOutcome::kSent);
        }
        own_engine.run_until(sim::kStartOfRun + 1s);
        EXPECT_EQ(owner.responses.size(), 100u);
        return own_engine.fingerprint();
    };
    EXPECT_EQ(play(5'000'000), play(5'000'000));
    EXPECT_NE(play(5'000'000), play(5'000'001));
}

}  // namespace
}  // namespace pvmsim::fabric
