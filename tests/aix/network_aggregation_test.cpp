// Link aggregation (R-NET-02, behaviour 3.5): which adapter carries what, by mode and hash; members that go and return;
// backup adapter; LACP; what mkvdev -lnagg refuses; statistics.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "aix/network/aggregation_hash.hpp"
#include "aix/network/virtual_ethernet_adapter.hpp"
#include "fabric/wire/lacp.hpp"
#include "fabric/wire/transport_ports.hpp"
#include "tests/aix/network_fixture.hpp"

namespace pvmsim::aix::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using wire::FrameType;

// --- hash ---

TEST(AggregationHash, table) {
    struct Row {
        std::string_view what;
        HashMode mode;
        FrameType type;
        std::uint32_t destination_ip;
        std::uint8_t mac_low_byte;
        std::uint32_t connection;
        std::uint32_t hash;
    };
    using enum HashMode;
    using enum FrameType;
    const Row rows[] = {
        {"last byte of the IP address", kDefault, kRequest, 0x0a00'01c7, 9, 3, 0xc7},
        {"other bytes do not matter", kDefault, kRequest, 0x0b22'33c7, 9, 4, 0xc7},
        {"no IP: last byte of the MAC address", kDefault, kReverseArp, 0, 0x5e, 0, 0x5e},
        {"source port of a request", kSourcePort, kRequest, 0x0a00'0001, 0, 5, 32768 + 5},
        {"source port of an answer is the service's", kSourcePort, kResponse, 0x0a00'0001, 0, 5, 80},
        {"destination port of a request", kDestinationPort, kRequest, 0x0a00'0001, 0, 5, 80},
        {"destination port of an answer", kDestinationPort, kResponse, 0x0a00'0001, 0, 5, 32768 + 5},
        {"half the sum, rounded down", kSourceAndDestinationPort, kRequest, 0x0a00'0001, 0, 5, (32768 + 5 + 80) / 2},
        {"half the sum: a neighbour shares it", kSourceAndDestinationPort, kRequest, 0x0a00'0001, 0, 4, 16426},
        {"either direction the same", kSourceAndDestinationPort, kResponse, 0x0a00'0001, 0, 4, 16426},
        {"no ports: by address", kSourcePort, kEchoRequest, 0x0a00'0021, 0, 7, 0x21},
        {"no ports and no IP: by MAC address", kSourceAndDestinationPort, kSeaControl, 0, 0x33, 0, 0x33},
    };
    for (const auto& row : rows) {
        wire::Frame frame;
        frame.type = row.type;
        frame.destination_ip = wire::Ipv4Address{row.destination_ip};
        frame.destination.octets[5] = row.mac_low_byte;
        frame.serial = row.connection << wire::kConnectionShift | 77;
        EXPECT_EQ(aggregation_hash(row.mode, frame), row.hash) << row.what;
    }
}

TEST(AggregationHash, every_choice_of_the_attribute_is_a_mode) {
    const AttributeSet attributes(etherchannel_attributes());
    std::string_view choices = attributes.definition("hash_mode")->choices;
    std::size_t found = 0;
    for (std::size_t from = 0; from < choices.size(); ++found) {
        const auto comma = std::min(choices.find(',', from), choices.size());
        EXPECT_TRUE(parse_hash_mode(choices.substr(from, comma - from)).has_value());
        from = comma + 1;
    }
    EXPECT_EQ(found, 4u);
    EXPECT_FALSE(parse_hash_mode("src_mac").has_value());
}

TEST_F(AggregateFixture, members_in_use_share_by_hash_in_their_order_and_one_that_returns_takes_its_old_place) {
    build({});
    EXPECT_EQ(aggregate->attributes().get("adapter_names"), "ent0,ent1,ent2");
    EXPECT_EQ(aggregate->mac(), members[0]->mac());
    for (std::uint32_t to = 0; to < 9; ++to) EXPECT_EQ(carrier_of(frame_between(1, to)), static_cast<int>(to % 3));
    members[1]->set_link(false);
    for (std::uint32_t to = 0; to < 9; ++to) EXPECT_EQ(carrier_of(frame_between(1, to)), to % 2 == 0 ? 0 : 2);
    members[0]->set_link(false);
    EXPECT_EQ(aggregate->mac(), members[0]->mac());  // Still the first adapter's.
    for (std::uint32_t to = 0; to < 9; ++to) EXPECT_EQ(carrier_of(frame_between(1, to)), 2);
    members[1]->set_link(true);
    for (std::uint32_t to = 0; to < 9; ++to) EXPECT_EQ(carrier_of(frame_between(1, to)), to % 2 == 0 ? 1 : 2);
    members[0]->set_link(true);
    for (std::uint32_t to = 0; to < 9; ++to) EXPECT_EQ(carrier_of(frame_between(1, to)), static_cast<int>(to % 3));
    EXPECT_TRUE(above.links.empty());  // The aggregate as a whole was never harmed.
}

TEST_F(AggregateFixture, port_hashes_spread_connections_of_one_pair_of_addresses) {
    build({{"hash_mode", "src_port"}});
    const auto connection = [](std::uint32_t number) {
        auto frame = frame_between(4, 2);
        frame.serial = number << wire::kConnectionShift;
        return frame;
    };
    const auto carriers = [&] {
        std::array<int, 4> result{};
        for (std::uint32_t n = 0; n < 4; ++n) result[n] = carrier_of(connection(n));
        return result;
    };
    EXPECT_THAT(carriers(), ElementsAre(2, 0, 1, 2));  // 32768 modulo 3 is 2.
    change("hash_mode", "dst_port");                   // Takes effect on the running device.
    EXPECT_THAT(carriers(), ElementsAre(2, 2, 2, 2));  // One service: 80 modulo 3.
    change("hash_mode", "src_dst_port");
    EXPECT_THAT(carriers(), ElementsAre(2, 2, 0, 0));  // 16424, 16424, 16425, 16425.
    change("hash_mode", "default");
    EXPECT_THAT(carriers(), ElementsAre(2, 2, 2, 2));
    EXPECT_EQ(aggregate->carrier_of(connection(1)), members[2]);
}

TEST_F(AggregateFixture, round_robin_takes_turns_and_asking_who_is_next_does_not_take_one) {
    build({{"mode", "round_robin"}});
    for (int i = 0; i < 6; ++i) {
        EXPECT_EQ(aggregate->carrier_of(frame_between(1, 1)), members[static_cast<std::size_t>(i % 3)]);
        EXPECT_EQ(carrier_of(frame_between(1, 1)), i % 3);
    }
}

TEST_F(AggregateFixture, netif_backup_mode_uses_one_adapter_at_a_time) {
    build({{"mode", "netif_backup"}});
    for (std::uint32_t to = 0; to < 9; ++to) EXPECT_EQ(carrier_of(frame_between(1, to)), 0);
    members[0]->set_link(false);
    for (std::uint32_t to = 0; to < 9; ++to) EXPECT_EQ(carrier_of(frame_between(1, to)), 1);
    EXPECT_EQ(aggregate->members_in_use(), 1u);
}

TEST_F(AggregateFixture, statistics_tell_each_adapter) {
    build({});
    for (std::uint32_t to = 0; to < 5; ++to) aggregate->send(frame_between(1, to));
    members[1]->receive({});
    backup->receive({});  // Idle: thrown away.
    members[0]->set_link(false);
    members[0]->set_link(true);
    for (auto* member : members) member->set_link(false);
    aggregate->send(frame_between(1, 1));
    const auto statistics = aggregate->statistics();
    EXPECT_EQ(statistics.operating_mode, "Standard mode");
    EXPECT_EQ(statistics.hash_mode, "Destination IP address");
    EXPECT_TRUE(statistics.on_backup);
    EXPECT_EQ(statistics.failovers, 1u);
    EXPECT_EQ(statistics.recoveries, 0u);
    std::vector<std::uint64_t> sent, received, idle, losses;
    std::vector<bool> in_use;
    for (const auto& adapter : statistics.adapters) {
        sent.push_back(adapter.sent);
        received.push_back(adapter.received);
        idle.push_back(adapter.received_idle);
        losses.push_back(adapter.losses);
        in_use.push_back(adapter.in_use);
    }
    EXPECT_THAT(sent, ElementsAre(2, 2, 1, 1));
    EXPECT_THAT(received, ElementsAre(0, 1, 0, 0));
    EXPECT_THAT(idle, ElementsAre(0, 0, 0, 1));
    EXPECT_THAT(losses, ElementsAre(2, 1, 1, 0));
    EXPECT_THAT(in_use, ElementsAre(false, false, false, true));
    EXPECT_EQ(statistics.adapters[3].name, "ent3");
    EXPECT_TRUE(statistics.adapters[3].is_backup);
    EXPECT_EQ(above.frames, 1u);
}

// --- backup adapter ---

TEST_F(AggregateFixture, backup_takes_over_when_all_primaries_are_gone_and_gives_back) {
    build({});
    for (auto* member : members) member->set_link(false);
    EXPECT_TRUE(aggregate->on_backup());
    EXPECT_TRUE(aggregate->link_up());
    EXPECT_EQ(carrier_of(frame_between(1, 2)), 3);
    EXPECT_EQ(above.links, (std::vector<bool>{true}));  // "Up", again: here is another way.
    EXPECT_EQ(logged(errors::kEtherChannelFailover), 1u);
    members[2]->receive({});
    EXPECT_EQ(above.frames, 0u);
    backup->receive({});
    EXPECT_EQ(above.frames, 1u);

    members[2]->set_link(true);
    EXPECT_FALSE(aggregate->on_backup());
    EXPECT_EQ(carrier_of(frame_between(1, 2)), 2);
    EXPECT_EQ(logged(errors::kEtherChannelRecovery), 1u);

    members[2]->set_link(false);
    backup->set_link(false);
    EXPECT_FALSE(aggregate->link_up());
    EXPECT_FALSE(above.links.back());
}

TEST_F(AggregateFixture, without_automatic_recovery_the_backup_keeps_it) {
    build({{"auto_recovery", "no"}});
    for (auto* member : members) member->set_link(false);
    members[0]->set_link(true);
    EXPECT_TRUE(aggregate->on_backup());
    backup->set_link(false);
    EXPECT_FALSE(aggregate->on_backup());
    EXPECT_TRUE(aggregate->link_up());
}

TEST_F(AggregateFixture, silent_lacp_partner_is_dropped_after_three_intervals) {
    build({{"mode", "8023ad"}, {"interval", "short"}});
    EXPECT_EQ(aggregate->members_in_use(), 3u);
    for (int second = 0; second < 5; ++second) {
        partition.run_for(1s);
        answer_lacp(*members[0]);
        answer_lacp(*members[1]);
    }
    EXPECT_EQ(aggregate->members_in_use(), 2u);
    EXPECT_EQ(aggregate->lacp_counters().received, 10u);
    answer_lacp(*members[2]);
    partition.run_for(1900ms);
    EXPECT_EQ(aggregate->members_in_use(), 2u);
    partition.run_for(200ms);
    EXPECT_EQ(aggregate->members_in_use(), 3u);
}

TEST_F(AggregateFixture, lacp_link_that_returns_waits_two_seconds_for_its_partner) {
    build({{"mode", "8023ad"}, {"interval", "long"}});
    backup->set_link(false);
    for (auto* member : members) member->set_link(false);
    EXPECT_FALSE(aggregate->link_up());
    members[0]->sent.clear();
    members[0]->set_link(true);
    EXPECT_EQ(members[0]->sent_of(FrameType::kLacp), 1u);
    partition.run_for(20s);
    EXPECT_FALSE(aggregate->link_up());  // A switch that does not speak LACP never joins.
    answer_lacp(*members[0]);
    partition.run_for(2s);
    EXPECT_TRUE(aggregate->link_up());
}

/// What the partner heard last about the link.
bool told_in_sync(const BenchAdapter& member) {
    const auto last = std::ranges::find(member.sent.rbegin(), member.sent.rend(), FrameType::kLacp, &wire::Frame::type);
    return last != member.sent.rend() && (last->serial & wire::kLacpInSync) != 0;
}

TEST_F(AggregateFixture, partner_is_told_at_once_whether_its_link_is_in_the_aggregate) {
    build({{"mode", "8023ad"}, {"interval", "short"}});
    for (const auto* member : members) EXPECT_TRUE(told_in_sync(*member)) << "after a settled start";
    const auto answers = [&](std::initializer_list<std::size_t> speaking, sim::Duration span) {
        for (auto left = span; left > 0s; left -= 1s) {
            for (const auto one : speaking) answer_lacp(*members[one], 7);
            partition.run_for(1s);
        }
    };
    answers({0, 1, 2}, 3s);
    members[1]->set_link(false);
    members[1]->set_link(true);
    EXPECT_FALSE(told_in_sync(*members[1]));
    answers({0, 1, 2}, 1s);
    EXPECT_FALSE(told_in_sync(*members[1])) << "it waits";
    answers({0, 1, 2}, 1s);
    EXPECT_TRUE(told_in_sync(*members[1]));
    EXPECT_EQ(aggregate->members_in_use(), 3u);

    answers({0, 1}, 4s);
    EXPECT_FALSE(told_in_sync(*members[2])) << "a silent partner";
    answers({0, 1, 2}, 3s);
    EXPECT_TRUE(told_in_sync(*members[2]));
    answer_lacp(*members[2], 8);
    EXPECT_FALSE(told_in_sync(*members[2])) << "leads to another switch";
    aggregate->reset_link();
    for (const auto* member : members) EXPECT_FALSE(told_in_sync(*member)) << "after a reset";
}

TEST_F(AggregateFixture, each_link_says_lacp_once_an_interval_and_at_a_change) {
    build({{"mode", "8023ad"}, {"interval", "short"}});
    for (auto* member : members) member->sent.clear();
    for (int second = 0; second < 5; ++second) {
        partition.run_for(1s);
        answer_lacp(*members[0]);
        answer_lacp(*members[1]);
    }
    for (const auto* member : members) EXPECT_EQ(member->sent_of(FrameType::kLacp), 5u);
    members[0]->set_link(false);
    members[0]->set_link(true);
    EXPECT_EQ(members[0]->sent_of(FrameType::kLacp), 6u);
    EXPECT_EQ(members[1]->sent_of(FrameType::kLacp), 5u);
    aggregate->reset_link();
    EXPECT_EQ(members[0]->sent_of(FrameType::kLacp), 7u);
    EXPECT_EQ(members[1]->sent_of(FrameType::kLacp), 6u);
}

TEST_F(AggregateFixture, reset_makes_every_link_negotiate_anew) {
    build({{"mode", "8023ad"}});
    backup->set_link(false);
    aggregate->reset_link();
    EXPECT_FALSE(aggregate->link_up());
    EXPECT_EQ(members[1]->resets, 1u);
    answer_lacp(*members[1]);
    partition.run_for(2s);
    EXPECT_TRUE(aggregate->link_up());
}

TEST_F(AggregateFixture, links_to_two_switches_do_not_aggregate) {
    build({{"mode", "8023ad"}, {"interval", "short"}});
    for (int second = 0; second < 5; ++second) {
        answer_lacp(*members[0], 7);
        answer_lacp(*members[1], 8);
        answer_lacp(*members[2], 7);
        partition.run_for(1s);
    }
    EXPECT_EQ(aggregate->members_in_use(), 2u);
    for (std::uint32_t to = 0; to < 4; ++to) EXPECT_EQ(carrier_of(frame_between(1, to)), to % 2 == 0 ? 0 : 2);
    members[0]->set_link(false);
    members[2]->set_link(false);  // The other switch's link is used when nothing else is left.
    EXPECT_EQ(carrier_of(frame_between(1, 0)), 1);
}

TEST_F(AggregateFixture, settled_start_loses_no_link_while_the_first_answers_come) {
    build({{"mode", "8023ad"}, {"interval", "short"}});
    for (const std::size_t answering : {1u, 0u, 2u}) {
        answer_lacp(*members[answering], 7);
        EXPECT_EQ(aggregate->members_in_use(), 3u) << answering;
    }
    for (const auto& adapter : aggregate->statistics().adapters) EXPECT_EQ(adapter.losses, 0u) << adapter.name;
    answer_lacp(*members[1], 8);
    EXPECT_EQ(aggregate->members_in_use(), 2u) << "it was another switch's all the time";
}

TEST_F(AggregateFixture, long_interval_talks_every_30_seconds_and_gives_up_after_90) {
    build({{"mode", "8023ad"}, {"interval", "long"}});
    members[0]->sent.clear();
    partition.run_for(89s);
    EXPECT_EQ(members[0]->sent_of(FrameType::kLacp), 2u);
    EXPECT_EQ(aggregate->members_in_use(), 3u);
    partition.run_for(2s);
    EXPECT_TRUE(aggregate->on_backup());
    EXPECT_EQ(aggregate->statistics().operating_mode, "Standard mode (IEEE 802.3ad)");
}

TEST_F(AggregateFixture, command_forces_a_failover_and_the_backup_keeps_it) {
    build({});
    EXPECT_EQ(aggregate->force_failover(), std::nullopt);
    EXPECT_TRUE(aggregate->on_backup());
    members[0]->set_link(false);
    members[0]->set_link(true);
    EXPECT_TRUE(aggregate->on_backup());  // Automatic recovery is for failures.
    EXPECT_EQ(aggregate->force_failover(), std::nullopt);
    EXPECT_FALSE(aggregate->on_backup());
    backup->set_link(false);
    EXPECT_EQ(aggregate->force_failover(), "ent4: the idle channel is not up");
    EXPECT_FALSE(aggregate->on_backup());
}

// --- what is refused ---

struct AggregationRules : testing::Test {
    RunningPartition partition;
    std::vector<EthernetDevice*> adapters;

    AggregationRules() {
        for (std::uint64_t i = 0; i < 12; ++i)
            adapters.push_back(&partition.os->add_device<BenchAdapter>("ent" + std::to_string(i), 0x0300 + i));
    }
    [[nodiscard]] LinkAggregationConfig good(std::size_t primaries, std::size_t backups) const {
        const auto first = adapters.begin();
        const auto middle = first + static_cast<std::ptrdiff_t>(primaries);
        return {.members = {first, middle},
                .backups = {middle, middle + static_cast<std::ptrdiff_t>(backups)},
                .attributes = {}};
    }
};

TEST_F(AggregationRules, eight_primary_adapters_and_one_backup) {
    EXPECT_EQ(why_refused(good(8, 1)), std::nullopt);
    EXPECT_EQ(why_refused(good(1, 0)), std::nullopt);
    EXPECT_EQ(why_refused(good(9, 1)), "an EtherChannel has at most 8 primary adapters, not 9");
    EXPECT_EQ(why_refused(good(8, 2)), "an EtherChannel has at most one backup adapter, not 2");
    EXPECT_EQ(why_refused(good(0, 1)), "an EtherChannel needs at least one primary adapter");
}

TEST_F(AggregationRules, an_adapter_serves_once) {
    auto twice = good(2, 0);
    twice.backups = {adapters[1]};
    EXPECT_EQ(why_refused(twice), "ent1 is named twice");
    auto& aggregation = partition.os->add_device<LinkAggregation>("ent12", good(2, 0).members, nullptr);
    EXPECT_EQ(why_refused(good(2, 0)), "ent0 is in use by another device or interface");
    EXPECT_EQ(why_refused({.members = {&aggregation}, .backups = {}, .attributes = {}}),
              "ent12 is an EtherChannel itself");
}

TEST_F(AggregationRules, attributes_are_checked_alone_and_together) {
    const auto refusal_of = [this](std::vector<std::pair<std::string, std::string>> attributes, std::size_t backups) {
        auto config = good(2, backups);
        config.attributes = std::move(attributes);
        return why_refused(config).value_or("good");
    };
    EXPECT_EQ(refusal_of({{"netaddr", "10.0.0.1"}, {"num_retries", "2"}, {"retry_time", "100"}}, 1), "good");
    EXPECT_EQ(refusal_of({{"num_retries", "1"}}, 1), "num_retries: '1' is not a number from 2 to 100");
    EXPECT_EQ(refusal_of({{"num_retries", "101"}}, 1), "num_retries: '101' is not a number from 2 to 100");
    EXPECT_EQ(refusal_of({{"retry_time", "0"}}, 1), "retry_time: '0' is not a number from 1 to 100");
    EXPECT_EQ(refusal_of({{"hash_mode", "src_mac"}}, 1),
              "hash_mode: 'src_mac' is not one of default,src_port,dst_port,src_dst_port");
    EXPECT_EQ(refusal_of({{"netaddr", "gateway"}}, 1), "netaddr: 'gateway' is not an IPv4 address");
    EXPECT_EQ(refusal_of({{"netaddr", "10.0.0.1"}}, 0), "netaddr: '10.0.0.1' needs a backup adapter");
    EXPECT_EQ(refusal_of({{"mode", "round_robin"}, {"hash_mode", "src_port"}}, 0),
              "hash_mode: 'src_port' has no meaning in mode round_robin");
    EXPECT_EQ(refusal_of({{"speed", "1"}}, 0), "speed: no such attribute");
}

TEST(VirtualAggregation, only_as_network_interface_backup_and_tags_only_on_two_virtual_switches) {
    sim::Engine engine{7};
    auto system = std::move(*hypervisor::ManagedSystem::create(
        engine, {.name = "cec", .type_model = "8205-E6C", .cores = 4, .memory_bytes = 64 * hypervisor::kGibibyte}));
    hypervisor::PartitionConfig config{.lpar_id = hypervisor::PartitionId{1}, .name = "lpar"};
    config.profile.desired_proc_units = {50};
    for (std::uint16_t slot = 2; slot < 6; ++slot)
        config.profile.virtual_eth_adapters.push_back(
            {.slot_num = hypervisor::SlotNumber{slot}, .port_vlan_id = wire::VlanId{slot}, .addl_vlan_ids = {}});
    config.profile.virtual_eth_adapters.back().vswitch = "SECOND";
    const auto defined = system->define_partition(config);
    ASSERT_TRUE(defined.has_value()) << defined.error().text;
    OperatingSystem os(engine, *system, hypervisor::PartitionId{1}, {});
    std::vector<EthernetDevice*> adapters;
    for (std::uint16_t slot = 2; slot < 6; ++slot)
        adapters.push_back(
            &os.add_device<VirtualEthernetAdapterDevice>("ent" + std::to_string(slot), hypervisor::SlotNumber{slot}));
    EXPECT_THAT(why_refused({.members = {adapters[0], adapters[1]}, .backups = {}, .attributes = {}}).value_or("good"),
                HasSubstr("virtual adapters cannot share load"));
    EXPECT_THAT(
        why_refused({.members = {adapters[0]}, .backups = {}, .attributes = {{"mode", "8023ad"}}}).value_or("good"),
        HasSubstr("a virtual switch does not"));
    EXPECT_EQ(why_refused({.members = {adapters[0]}, .backups = {adapters[1]}, .attributes = {}}), std::nullopt);
    auto& one_switch = os.add_device<LinkAggregation>("ent6", std::vector{adapters[0]}, adapters[1]);
    auto& two_switches = os.add_device<LinkAggregation>("ent7", std::vector{adapters[2]}, adapters[3]);
    EXPECT_FALSE(one_switch.may_carry_tags());
    EXPECT_TRUE(two_switches.may_carry_tags());
}

}  // namespace
}  // namespace pvmsim::aix::test
