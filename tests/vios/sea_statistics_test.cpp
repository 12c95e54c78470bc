// Figures of Shared Ethernet Adapters and of what is under and behind them: accounting by client, entstat's blocks,
// netstat's lines and nmon's rates agree with what was sent, frame by frame and as flows; looking changes nothing.
#include "vios/network/sea_statistics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aix/workload/flow_load.hpp"
#include "tests/vios/sea_site.hpp"
#include "vios/network/sea_flows.hpp"

namespace pvmsim::vios {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::SizeIs;

SiteOptions accounted() { return {.attributes = {{"accounting", "enabled"}}}; }

std::uint64_t frame_sum(const std::vector<SeaClientRow>& rows, std::uint64_t SeaClientCounts::*member) {
    std::uint64_t sum = 0;
    for (const auto& row : rows) sum += row.counts.*member;
    return sum;
}

/// The row of a client of the site; asserts that there is one.
SeaClientRow row_of(const SeaSite& site, std::size_t client, const std::vector<SeaClientRow>& rows) {
    const auto found = std::ranges::find_if(rows, [&](const SeaClientRow& row) {
        return row.client.mac == site.client[client].adapter->mac() &&
               row.client.ip == site.client[client].interface->ip();
    });
    EXPECT_NE(found, rows.end());
    return found == rows.end() ? SeaClientRow{} : *found;
}

// --- accounting ---

TEST(SeaAccounting, counts_each_client_by_mac_vlan_and_ip) {
    SeaSite site(accounted());
    site.run_for(10s);
    const auto& sea = *site.vios[0].sea;
    const auto rows = seastat(sea, nullptr, site.engine.now());
    ASSERT_TRUE(rows);
    for (const std::size_t client : {0u, 1u}) {
        const auto row = row_of(site, client, *rows);
        EXPECT_EQ(row.client.vlan, client == 0 ? wire::kUntagged : wire::VlanId{2});
        const auto asked = site.client[client].asker->asked;
        EXPECT_NEAR(static_cast<double>(row.counts.packets_transmitted), asked, 3);
        EXPECT_NEAR(static_cast<double>(row.counts.bytes_transmitted), asked * 128.0, 400);
        EXPECT_NEAR(static_cast<double>(row.counts.packets_received), asked, 3);
    }
    EXPECT_EQ(frame_sum(*rows, &SeaClientCounts::packets_transmitted), sea.virtual_side().bridged);
    EXPECT_EQ(frame_sum(*rows, &SeaClientCounts::packets_received) + sea.accounting()->group_packets(),
              sea.real_side().bridged);
    EXPECT_EQ(seastat(*site.vios[1].sea, nullptr, site.engine.now())->size(), 0u) << "the backup bridges nothing";
}

TEST(SeaAccounting, begins_when_it_is_enabled_and_is_gone_when_it_is_disabled) {
    SeaSite site;
    site.run_for(5s);
    const auto& sea = *site.vios[0].sea;
    EXPECT_EQ(sea.accounting(), nullptr);
    EXPECT_FALSE(seastat(sea, nullptr, site.engine.now()));
    site.set(0, "accounting", "enabled");
    site.run_for(5s);
    auto rows = seastat(sea, nullptr, site.engine.now());
    ASSERT_TRUE(rows);
    EXPECT_NEAR(static_cast<double>(row_of(site, 0, *rows).counts.packets_transmitted), 100, 2);
    site.set(0, "link_time", "1");
    EXPECT_EQ(seastat(sea, nullptr, site.engine.now()), rows) << "another attribute does not begin it anew";
    site.set(0, "accounting", "disabled");
    EXPECT_FALSE(seastat(sea, nullptr, site.engine.now()));
    site.set(0, "accounting", "enabled");
    EXPECT_THAT(*seastat(sea, nullptr, site.engine.now()), SizeIs(0));
}

TEST(SeaAccounting, failover_moves_a_client_to_the_other_adapters_account) {
    SeaSite site(accounted());
    site.run_for(5s);
    site.set(0, "ha_mode", "standby");
    site.run_for(5s);
    const auto before = row_of(site, 0, *seastat(*site.vios[0].sea, nullptr, site.engine.now()));
    const auto after = row_of(site, 0, *seastat(*site.vios[1].sea, nullptr, site.engine.now()));
    EXPECT_NEAR(static_cast<double>(before.counts.packets_transmitted), 100, 4);
    EXPECT_NEAR(static_cast<double>(after.counts.packets_transmitted), 100, 4);
}

TEST(SeaAccounting, tells_clients_apart_by_every_part_of_the_key_and_stops_at_its_limit) {
    SeaAccounting accounting;
    wire::Frame frame;
    frame.source = wire::MacAddress::from_integer(0x2601);
    frame.size_bytes = 100;
    accounting.transmitted(frame);
    accounting.transmitted(frame);
    frame.vlan = wire::VlanId{5};
    accounting.transmitted(frame);
    frame.priority = 3;
    accounting.transmitted(frame);
    frame.source_ip = wire::Ipv4Address{1};
    accounting.transmitted(frame);
    EXPECT_THAT(accounting.rows(), SizeIs(4));
    EXPECT_EQ(accounting.rows()[0].counts.bytes_transmitted, 200u);
    for (std::uint64_t i = 0; i < SeaAccounting::kClientsMax; ++i) {
        wire::Frame in;
        in.destination = wire::MacAddress::from_integer(0x26'00'00'00'00'00 + i);
        accounting.received(in);
        accounting.received(in);
    }
    EXPECT_THAT(accounting.rows(), SizeIs(SeaAccounting::kClientsMax));
    EXPECT_EQ(accounting.uncounted_packets(), 8u) << "four clients too many, two frames each";
    for (const auto& row : accounting.rows())
        EXPECT_TRUE(row.counts.packets_transmitted > 0 || row.counts.packets_received == 2);
    accounting.clear();
    EXPECT_THAT(accounting.rows(), SizeIs(0));
    wire::Frame group;
    group.destination = wire::MacAddress::broadcast();
    accounting.received(group);
    EXPECT_EQ(accounting.group_packets(), 1u);
    EXPECT_THAT(accounting.rows(), SizeIs(0));
}

// --- flows ---

class FlowSite {
  public:
    explicit FlowSite(const SiteOptions& options) : site(options), network(site.engine, site.lan, "flows") {
        for (auto& one : site.vios) network.add_system(*one.os);
        for (auto& one : site.client) network.add_system(*one.os);
        for (std::size_t i = 0; i < 2; ++i) {
            bridges[i] = std::make_unique<SeaFlows>(*site.vios[i].sea);
            network.add_bridge(*bridges[i]);
        }
        site.run_for(1s);
    }
    aix::FlowLoad& start(const aix::FlowLoadConfig& config) {
        loads.push_back(std::make_unique<aix::FlowLoad>(site.engine, network, *site.client[0].interface,
                                                        "flow" + std::to_string(loads.size()), config));
        site.system->adopt_entity(site.client[0].id, loads.back()->entity());
        loads.back()->start(site.engine.now());
        return *loads.back();
    }
    [[nodiscard]] std::uint64_t delivered() { return loads[0]->result(site.engine.now()).bytes_delivered; }
    [[nodiscard]] SeaClientCounts account(std::size_t side, bool with_flows = true) {
        const auto rows = seastat(*site.vios[side].sea, with_flows ? &network : nullptr, site.engine.now());
        for (const auto& row : *rows)
            if (row.client.mac == site.client[0].adapter->mac() && row.client.ip == site.client[0].interface->ip())
                return row.counts;
        return {};
    }
    /// What of an account is the flows'.
    [[nodiscard]] std::uint64_t flow_bytes_transmitted(std::size_t side) {
        return account(side).bytes_transmitted - account(side, false).bytes_transmitted;
    }

    SeaSite site;
    aix::FlowNetwork network;
    std::array<std::unique_ptr<SeaFlows>, 2> bridges;
    std::vector<std::unique_ptr<aix::FlowLoad>> loads;
};

/// With headers: 1460 bytes of payload in a packet of 1514.
double on_the_wire(std::uint64_t payload) { return static_cast<double>(payload) * 1514 / 1460; }

TEST(FlowStatistics, stream_is_in_the_account_of_its_client_and_in_all_counters_it_would_have_passed) {
    FlowSite flows(accounted());
    flows.start({.to = SeaSite::kServer1, .bytes_per_s = 10'000'000});
    flows.site.run_for(10s);
    const auto payload = flows.delivered();
    ASSERT_NEAR(static_cast<double>(payload), 1e8, 1e6);
    EXPECT_NEAR(static_cast<double>(flows.flow_bytes_transmitted(0)), on_the_wire(payload), 2000);
    const auto counts = flows.account(0);
    EXPECT_NEAR(static_cast<double>(counts.packets_transmitted), static_cast<double>(payload) / 1460 + 220, 10);
    EXPECT_LT(counts.packets_received, 300u) << "a stream of one direction: nothing comes back but the asker's answers";

    const auto now = flows.site.engine.now();
    const auto with = sea_statistics(*flows.site.vios[0].sea, &flows.network, now);
    const auto without = sea_statistics(*flows.site.vios[0].sea, nullptr, now);
    const auto packets = static_cast<double>(payload) / 1460;
    EXPECT_NEAR(static_cast<double>(with.virtual_side.received - without.virtual_side.received), packets, 2);
    EXPECT_NEAR(static_cast<double>(with.virtual_side.bridged - without.virtual_side.bridged), packets, 2);
    EXPECT_NEAR(static_cast<double>(with.real_side.transmitted - without.real_side.transmitted), packets, 2);
    const auto bytes_of = [](const SeaAdapterStatistics& one) {
        return static_cast<double>(one.ethernet.transmit.bytes);
    };
    EXPECT_NEAR(bytes_of(with.real_adapter) - bytes_of(without.real_adapter), on_the_wire(payload), 2000);
    EXPECT_NEAR(static_cast<double>(with.trunk_adapters[0].ethernet.receive.bytes -
                                    without.trunk_adapters[0].ethernet.receive.bytes),
                on_the_wire(payload), 2000);
    const auto client = adapter_statistics(*flows.site.client[0].adapter, &flows.network, now);
    EXPECT_GT(bytes_of(client), on_the_wire(payload));
}

TEST(FlowStatistics, what_a_flow_carried_stays_with_the_adapter_it_crossed_then) {
    FlowSite flows(accounted());
    flows.start({.to = SeaSite::kServer1, .bytes_per_s = 1'000'000});
    flows.site.run_for(5s);
    const auto first = flows.delivered();
    flows.site.set(0, "ha_mode", "standby");
    flows.site.run_for(5s);
    EXPECT_NEAR(static_cast<double>(flows.flow_bytes_transmitted(0)), on_the_wire(first), 60'000);
    EXPECT_NEAR(static_cast<double>(flows.flow_bytes_transmitted(0) + flows.flow_bytes_transmitted(1)),
                on_the_wire(flows.delivered()), 3000)
        << "nothing is counted twice or lost";
    EXPECT_GT(flows.flow_bytes_transmitted(1), 4'000'000u);
}

TEST(FlowStatistics, accounting_that_begins_in_between_counts_from_then) {
    FlowSite flows({});
    flows.start({.to = SeaSite::kServer1, .bytes_per_s = 1'000'000});
    flows.site.run_for(5s);
    flows.site.set(0, "accounting", "enabled");
    flows.site.run_for(2s);
    EXPECT_NEAR(static_cast<double>(flows.flow_bytes_transmitted(0)), on_the_wire(2'000'000), 30'000);
    const auto now = flows.site.engine.now();
    const auto all = sea_statistics(*flows.site.vios[0].sea, &flows.network, now);
    EXPECT_GT(all.virtual_side.bridged, 7'000'000u / 1460 - 30) << "the adapter's own counters go on";
}

TEST(FlowStatistics, transactions_go_both_ways_and_large_ones_in_several_packets) {
    FlowSite flows(accounted());
    flows.start({.to = SeaSite::kServer1,
                 .kind = wire::FlowKind::kTransactions,
                 .transactions_per_s = 100,
                 .transaction_bytes = 4000});
    flows.site.run_for(10s);
    const auto frames = flows.account(0, false);
    const auto counts = flows.account(0);
    EXPECT_NEAR(static_cast<double>(counts.packets_transmitted - frames.packets_transmitted), 3000, 10);
    EXPECT_NEAR(static_cast<double>(counts.packets_received - frames.packets_received), 3000, 10);
    EXPECT_NEAR(static_cast<double>(counts.bytes_received - frames.bytes_received), 1000 * (4000 + 3 * 54.0), 20'000);
}

TEST(FlowStatistics, adapter_that_was_configured_anew_counts_from_then) {
    FlowSite flows({.ha_mode = {"auto", "disabled"}});
    flows.site.vios[1].sea->close();
    flows.start({.to = SeaSite::kServer1, .bytes_per_s = 1'000'000});
    flows.site.run_for(5s);
    auto& sea = *flows.site.vios[0].sea;
    sea.close();
    sea.unconfigure();
    sea.configure();
    flows.site.run_for(20s);
    const auto figures = sea_statistics(sea, &flows.network, flows.site.engine.now());
    ASSERT_TRUE(sea.bridging());
    EXPECT_LT(figures.virtual_side.bridged, 21'000'000u / 1460 + 450);
    EXPECT_GT(figures.virtual_side.bridged, 14'000'000u / 1460);
    // What results say of the bridge and its link is of the whole run.
    EXPECT_EQ(flows.network.bridge_figures().at(0).bytes_out, flows.delivered());
    EXPECT_EQ(flows.network.port_figures().at(0).bytes_out, flows.delivered());
    EXPECT_EQ(flows.network.port_figures().at(0).bytes_in, 0u);
}

TEST(FlowStatistics, looking_changes_nothing) {
    const auto run = [](bool looks) {
        FlowSite flows(accounted());
        flows.start({.to = SeaSite::kServer1, .bytes_per_s = 5'000'000, .change_every = 700ms});
        for (int i = 0; i < 30; ++i) {
            flows.site.run_for(123ms);
            if (looks) {
                EXPECT_GT(flows.account(0).packets_transmitted, 0u);
                const auto figures = sea_statistics(*flows.site.vios[0].sea, &flows.network, flows.site.engine.now());
                EXPECT_GT(figures.real_side.transmitted, 0u);
            }
        }
        return std::pair(flows.site.engine.fingerprint(), flows.account(0).bytes_transmitted);
    };
    EXPECT_EQ(run(true), run(false));
}

// --- entstat -all ---

TEST(SeaStatistics, blocks_of_the_acting_side_agree_with_one_another) {
    SeaSite site({.attributes = {{"largesend", "1"}, {"large_receive", "yes"}}, .two_trunks = true});
    site.run_for(10s);
    const auto& sea = *site.vios[0].sea;
    const auto figures = sea_statistics(sea, nullptr, site.engine.now());
    EXPECT_EQ(figures.flags_word, 0x13u) << "the recorded example: THREAD, LARGESEND, LARGE_RECEIVE";
    EXPECT_EQ(figures.adapter_count, 4u) << "real, two trunk adapters, control channel";
    EXPECT_EQ(figures.ethernet.device_type, "Shared Ethernet Adapter");
    EXPECT_EQ(figures.ethernet.elapsed, site.engine.now() - sim::kStartOfRun);
    ASSERT_THAT(figures.trunk_adapters, SizeIs(2));
    EXPECT_THAT(figures.vlan_ids[1].vlans, ElementsAre(wire::VlanId{98}, wire::VlanId{2}));
    std::uint64_t received = figures.real_adapter.ethernet.receive.packets;
    std::uint64_t transmitted = figures.real_adapter.ethernet.transmit.bytes;
    for (const auto& trunk : figures.trunk_adapters) {
        ASSERT_TRUE(trunk.virtual_ethernet);
        EXPECT_TRUE(trunk.virtual_ethernet->is_trunk);
        EXPECT_TRUE(trunk.virtual_ethernet->active) << "Bridge Mode All";
        EXPECT_EQ(trunk.virtual_ethernet->priority, 1);
        EXPECT_EQ(trunk.virtual_ethernet->switch_id, "ETHERNET0");
        received += trunk.ethernet.receive.packets;
        transmitted += trunk.ethernet.transmit.bytes;
    }
    EXPECT_EQ(figures.ethernet.receive.packets, received);
    EXPECT_EQ(figures.ethernet.transmit.bytes, transmitted);
    EXPECT_EQ(figures.real_side.received, figures.real_adapter.ethernet.receive.packets);
    EXPECT_EQ(figures.real_side.transmitted, figures.real_adapter.ethernet.transmit.packets);
    ASSERT_TRUE(figures.control_channel);
    EXPECT_FALSE(figures.control_channel->virtual_ethernet->is_trunk);
    EXPECT_GT(figures.control_channel->ethernet.receive.packets, 0u);
    EXPECT_GT(figures.trunk_adapters[1].ethernet.receive.broadcast_packets, 0u) << "ARP of the client";
    EXPECT_EQ(figures.high_availability.bridge_mode, SeaBridgeMode::kAll);
    EXPECT_THAT(figures.queues, SizeIs(7)) << "seven threads, one queue each without quality of service";

    const auto backup = sea_statistics(*site.vios[1].sea, nullptr, site.engine.now());
    for (const auto& trunk : backup.trunk_adapters) EXPECT_FALSE(trunk.virtual_ethernet->active);
    EXPECT_EQ(backup.virtual_side.bridged, 0u);
}

TEST(SeaStatistics, aggregation_has_a_block_for_each_member_and_their_sum) {
    SeaSite site({.aggregate = true});
    site.run_for(10s);
    const auto figures = sea_statistics(*site.vios[0].sea, nullptr, site.engine.now());
    ASSERT_TRUE(figures.real_adapter.aggregation);
    EXPECT_EQ(figures.real_adapter.aggregation->operating_mode, "Standard mode (IEEE 802.3ad)");
    EXPECT_GT(figures.real_adapter.aggregation->lacp.received, 0u);
    ASSERT_THAT(figures.real_adapter.members, SizeIs(1));
    EXPECT_EQ(figures.real_adapter.members[0].ethernet.name, "ent0");
    EXPECT_EQ(figures.real_adapter.members[0].ethernet.transmit.packets,
              figures.real_adapter.ethernet.transmit.packets);
    EXPECT_GT(figures.real_adapter.ethernet.transmit.packets, 300u);
    EXPECT_EQ(figures.real_adapter.ethernet.data_rate_mbps, 2000u);
}

TEST(SeaStatistics, virtual_adapter_tells_failures_vlan_errors_and_buffers) {
    SeaSite site;
    site.run_for(2s);
    auto& adapter = *site.client[0].adapter;
    wire::Frame frame;
    frame.source = adapter.mac();
    frame.destination = wire::MacAddress::from_integer(0x26'00'00'00'99'99);
    frame.vlan = wire::VlanId{77};
    for (int i = 0; i < 3; ++i) adapter.send(frame);
    const auto block = aix::virtual_ethernet_statistics(adapter);
    EXPECT_FALSE(block.is_trunk);
    EXPECT_EQ(block.invalid_vlan_packets, 3u);
    EXPECT_EQ(block.hypervisor_send_failures, 3u);
    EXPECT_TRUE(block.lan_operational);
    EXPECT_EQ(aix::ethernet_statistics(adapter, site.engine.now()).transmit_errors, 3u);
    EXPECT_EQ(block.buffers[1].min, 512u);
    EXPECT_EQ(block.buffers[1].max, 2048u);
    EXPECT_EQ(block.buffers[0].registered, 512u) << "all were given back";
    EXPECT_LT(block.buffers[0].lowest_registered, 512u) << "some were in use at a time";
}

// --- netstat, nmon ---

TEST(InterfaceStatistics, are_what_was_asked_and_answered) {
    SeaSite site;
    site.run_for(10s);
    const auto& client = site.client[0];
    const auto figures = aix::interface_statistics(*client.interface);
    EXPECT_NEAR(static_cast<double>(figures.output_packets), client.asker->asked, 4);
    EXPECT_NEAR(static_cast<double>(figures.input_packets), client.asker->answers, 10);
    EXPECT_EQ(figures.mtu, 1500u);
    EXPECT_EQ(figures.output_errors, 0u);
    const auto protocols = aix::protocol_statistics(*client.os, std::vector{figures});
    EXPECT_NEAR(static_cast<double>(protocols.ip_sent), client.asker->asked, 1);
    EXPECT_EQ(protocols.ip_received, client.asker->answers);
    EXPECT_GE(protocols.arp_requests_sent, 2u) << "its announcement, and who has the server's address";
}

TEST(InterfaceStatistics, rates_of_an_interval_are_whole_numbers_of_tenths) {
    SeaSite site;
    site.run_for(10s);
    const auto take = [&] { return aix::snapshot(aix::interface_statistics(*site.client[0].interface)); };
    const auto before = take();
    site.run_for(10s);
    const auto rates = aix::rates_between(before, take(), 10s);
    EXPECT_EQ(rates.writes_tenths_per_s, 200u) << "twenty a second";
    EXPECT_EQ(rates.write_tenths_kb_per_s, 25u) << "20 x 128 bytes: 2.5 KB";
    EXPECT_EQ(rates.write_size_tenths_bytes, 1280u);
    EXPECT_EQ(rates.output_errors_tenths_per_s, 0u);
    EXPECT_EQ(aix::rates_between(take(), {}, 10s).writes_tenths_per_s, 0u) << "began anew";
    const auto sea_before = aix::snapshot(sea_statistics(*site.vios[0].sea, nullptr, site.engine.now()).ethernet);
    site.run_for(10s);
    const auto sea_after = aix::snapshot(sea_statistics(*site.vios[0].sea, nullptr, site.engine.now()).ethernet);
    const auto sea = aix::rates_between(sea_before, sea_after, 10s);
    EXPECT_NEAR(static_cast<double>(sea.reads_tenths_per_s), 800, 20) << "two clients, there and back";
    EXPECT_NEAR(static_cast<double>(sea.writes_tenths_per_s), 800, 20);
}

// --- virtual switches ---

/// Two clients in VLAN 1; the first says something to the second, and everybody.
class VepaTest : public testing::TestWithParam<bool> {};

TEST_P(VepaTest, clients_reach_each_other_through_a_switch_that_reflects_and_not_otherwise) {
    const bool reflects = GetParam();
    SeaSite site({.client_vlan = {1, 1}, .hairpin = reflects});
    site.system->virtual_ethernet().set_switch_mode("ETHERNET0", hypervisor::SwitchMode::kVepa);
    site.run_for(2s);
    EXPECT_LT(site.client[0].asker->since_last(), 100ms) << "the way outside is as ever";
    auto& from = *site.client[0].adapter;
    auto& to = *site.client[1].adapter;
    const auto heard = [](const aix::EthernetDevice& device) { return device.tally().received; };
    const auto sent_before = site.vios[0].nic->counters().transmitted;
    const auto own_before = heard(from).broadcast_packets;
    const auto to_before = heard(to);
    wire::Frame frame;
    frame.source = from.mac();
    frame.destination = to.mac();
    frame.type = wire::FrameType::kEchoReply;
    frame.source_ip = site.client[0].interface->ip();
    frame.destination_ip = wire::Ipv4Address{0x0909'0909};
    frame.size_bytes = 777;
    from.send(frame);
    site.run_for(1ms);
    EXPECT_GT(site.vios[0].nic->counters().transmitted, sent_before) << "out by the trunk adapter";
    EXPECT_EQ(heard(to).packets - to_before.packets, reflects ? 1u : 0u);
    frame.destination = wire::MacAddress::broadcast();
    from.send(frame);
    site.run_for(1ms);
    EXPECT_EQ(heard(to).broadcast_packets - to_before.broadcast_packets, reflects ? 1u : 0u);
    EXPECT_EQ(heard(from).broadcast_packets, own_before) << "never back to the sender";
}

TEST_P(VepaTest, flow_between_clients_goes_outside_twice_or_nowhere) {
    const bool reflects = GetParam();
    FlowSite flows({.client_vlan = {1, 1}, .hairpin = reflects});
    flows.site.system->virtual_ethernet().set_switch_mode("ETHERNET0", hypervisor::SwitchMode::kVepa);
    flows.site.run_for(1s);
    flows.start({.to = flows.site.client[1].interface->ip(), .bytes_per_s = 1'000'000});
    flows.site.run_for(5s);
    const auto figures = sea_statistics(*flows.site.vios[0].sea, &flows.network, flows.site.engine.now());
    if (!reflects) {
        EXPECT_EQ(flows.delivered(), 0u);
        return;
    }
    EXPECT_NEAR(static_cast<double>(flows.delivered()), 5e6, 1e5);
    EXPECT_GT(figures.real_adapter.ethernet.transmit.bytes, 5'000'000u);
    EXPECT_GT(figures.real_adapter.ethernet.receive.bytes, 5'000'000u);
}

INSTANTIATE_TEST_SUITE_P(Switches, VepaTest, testing::Bool(),
                         [](const auto& reflects) { return reflects.param ? "reflecting" : "plain"; });

}  // namespace
}  // namespace pvmsim::vios
