// Flows in scenario files, and what a run tells of the network: outages of flows are those of requests on the same way,
// what comes twice or in disorder is counted, what bridges and links carried adds up. What SEAs do is tested in
// tests/vios.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>

#include "scenarios/loader/load.hpp"
#include "scenarios/play/rehearsal.hpp"
#include "scenarios/results/expectations.hpp"
#include "scenarios/results/network_table.hpp"
#include "scenarios/results/results_json.hpp"
#include "scenarios/results/watch_network.hpp"

namespace pvmsim::scenarios {
namespace {

constexpr double kMegabyte = 1 << 20;

/// Two VIOSes, two switches, two clients in one VLAN; app1 has requests besides its flows.
constexpr std::string_view kSite = R"(
pvmsim: 1
name: flows
seed: 3
duration: 100s
fabric:
  lan:
    switches: { sw1: { vlans: [1, 100] }, sw2: { vlans: [1, 100] } }
    links: [{ a: sw1, b: sw2 }]
    hosts: { server: { switch: sw2, addresses: { 100: 10.1.100.1 } } }
systems:
  p740:
    type_model: 8205-E6C
    cores: 8
    memory: 64GB
    slots:
      C2: { adapter: ethernet, ports: { T1: { switch: sw1, mode: trunk } } }
      C3: { adapter: ethernet, ports: { T1: { switch: sw2, mode: trunk } } }
partitions:
  "vios[1-2]":
    system: p740
    lpar_id: "{n}"
    lpar_env: vioserver
    profile:
      { desired_mem: 2GB, max_mem: 4GB, io_slots: ["C{n+1}/none/1"], virtual_eth_adapters: ["10/1/1/100/{n}/0", "11/0/99//0/0"] }
    vios: { shared_ethernet_adapters: { ent8: { real_adapter: "C{n+1}-T1", virt_adapters: [V10], pvid_adapter: V10, pvid: 1, ctl_chan: V11, ha_mode: auto } } }
  app1:
    system: p740
    lpar_id: 11
    profile: { desired_mem: 2GB, max_mem: 4GB, virtual_eth_adapters: ["10/0/100//0/1"] }
    workload:
      network: { to: server, rate: 100/s }
      flows: { to: server, stream: 10MB/s }
  app2:
    system: p740
    lpar_id: 12
    profile: { desired_mem: 2GB, max_mem: 4GB, virtual_eth_adapters: ["10/0/100//0/1"] }
    workload: { network: { to: server, rate: 100/s } }
)";

RunResult run(const std::string& more, std::vector<std::string> overrides = {}, sim::Duration series = {}) {
    auto loaded = load_scenario_text(std::string(kSite) + more, "site.yaml", ".", overrides);
    for (const auto& error : loaded ? std::vector<LoadError>{} : loaded.error()) ADD_FAILURE() << format_error(error);
    const auto scenario = std::move(loaded.value());
    auto rehearsal = Rehearsal::create(scenario, series);
    (*rehearsal)->run_until(sim::kStartOfRun + scenario.duration);
    return (*rehearsal)->result();
}

const PartitionResult& partition(const RunResult& result, std::string_view name) {
    return *std::ranges::find(result.partitions, name, &PartitionResult::name);
}

struct Trouble {
    const char* name;
    const char* timeline;
    double outage_least_s;
};

class PlayedFlowOutage : public testing::TestWithParam<Trouble> {};

TEST_P(PlayedFlowOutage, is_that_of_requests) {
    const auto result = run(GetParam().timeline);
    const auto& app = partition(result, "app1");
    const auto asked = sim::to_seconds(aix::total(app.interfaces.at(0).load.outages));
    const auto flowed = sim::to_seconds(aix::total(app.flows.at(0).load.outages));
    ASSERT_TRUE(std::ranges::all_of(result.timeline, [](const auto& step) { return step.refused.empty(); }));
    EXPECT_GE(asked, GetParam().outage_least_s);
    // A request each 10 ms, paths followed each 10 ms: each outage is up to so much longer or shorter.
    EXPECT_NEAR(flowed, asked, 0.025 * static_cast<double>(app.interfaces[0].load.outages.size()));
    EXPECT_NEAR(static_cast<double>(app.flows[0].load.bytes_lost), flowed * 10 * kMegabyte, 0.02 * 10 * kMegabyte);
    const auto& vlan = app.vlans.at(0);
    EXPECT_EQ(vlan.vlan, 100);
    EXPECT_EQ(vlan.lost, app.interfaces[0].load.lost);
    EXPECT_GE(sim::to_seconds(aix::total(vlan.outages)), std::max(asked, flowed));
    EXPECT_LE(sim::to_seconds(aix::longest(vlan.outages)), std::max(asked, flowed) + 0.05);
}

const Trouble kTroubles[] = {
    {"crash", "timeline: [{ at: 30.004s, fault: crash, target: vios1 }]", 0.1},
    {"hang", "timeline: [{ at: 30.004s, fault: hang, target: vios1 }]", 1},
    {"link_loss", "timeline: [{ at: 30.004s, fault: link-down, target: p740/C2-T1 }]", 0},
    {"link_loss_between_switches", "timeline: [{ at: 30.004s, fault: link-down, target: sw1/sw2, for: 5s }]", 5},
    {"host_down_for_a_while", "timeline: [{ at: 30.004s, fault: host-down, target: server, for: 2500ms }]", 2},
};

INSTANTIATE_TEST_SUITE_P(Faults, PlayedFlowOutage, testing::ValuesIn(kTroubles),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(PlayedPackets, are_reordered_when_a_slow_way_becomes_fast) {
    const auto quiet = run("timeline: [{ at: 30s, fault: slow, target: sw1, latency: 100ms }]");
    EXPECT_EQ(partition(quiet, "app1").vlans.at(0).reordered, 0u);
    EXPECT_EQ(partition(quiet, "app1").vlans.at(0).duplicated, 0u);
    const auto result = run("timeline: [{ at: 30s, fault: slow, target: sw1, latency: 100ms, for: 10s }]");
    // 20 requests or answers were in the slow switch when it became fast; those after them were answered first.
    const auto& vlan = partition(result, "app1").vlans.at(0);
    EXPECT_GE(vlan.reordered, 10u);
    EXPECT_LE(vlan.reordered, 21u);
    EXPECT_EQ(vlan.duplicated, 0u);
    EXPECT_EQ(vlan.lost, 0u);
    EXPECT_NE(network_tables(result).find("REORDERED"), std::string::npos);
}

TEST(PlayedPackets, come_twice_while_both_bridges_forward_and_a_switch_has_forgotten_its_addresses) {
    const std::vector<std::string> split{
        R"(partitions.vios2.profile.virtual_eth_adapters=["10/1/1/100/2/0", "11/0/98//0/0"])"};
    const auto trouble = "timeline: [{ at: 30s, fault: switch-down, target: sw2, for: 2s }]";
    EXPECT_EQ(partition(run(trouble), "app1").vlans.at(0).duplicated, 0u);
    const auto result = run(trouble, split);
    EXPECT_EQ(partition(result, "vios1").seas.at(0).state, "PRIMARY");
    EXPECT_EQ(partition(result, "vios2").seas.at(0).state, "PRIMARY");
    std::uint64_t duplicated = 0;
    for (const char* name : {"app1", "app2"}) duplicated += partition(result, name).vlans.at(0).duplicated;
    EXPECT_GT(duplicated, 0u);
    EXPECT_FALSE(result.network.switch_drops.empty());
}

TEST(PlayedFlows, what_bridges_and_links_carried_is_what_flows_got_through) {
    const auto result =
        run("expect:\n"
            "  - { client: app1, flow: server, flow_rate: \"9.999MB/s..10.001MB/s\", flow_outage: 0, flow_lost: 0 }\n"
            "  - { client: app1, flow_rate: \"> 11MB/s\" }\n"
            "  - { partition: vios1, flow_cores: \"0.01..0.03\" }\n"
            "  - { client: app1, vlan: 100, packets_duplicated: 0, packets_reordered: 0, network_outage_total: 0 }\n");
    const auto& flow = partition(result, "app1").flows.at(0);
    EXPECT_EQ(flow.load.used, std::chrono::seconds{90});
    EXPECT_NEAR(static_cast<double>(flow.load.bytes_delivered), 90 * 10 * kMegabyte, kMegabyte);
    const auto& sea = partition(result, "vios1").seas.at(0).traffic;
    EXPECT_EQ(sea.bytes_out, flow.load.bytes_delivered);
    EXPECT_EQ(sea.bytes_in, 0u);
    // 11.2 cycles a byte at MTU 1500 (V44), of 3.7 GHz that do 1.75 times the work.
    EXPECT_NEAR(sea.cores_mean, static_cast<double>(sea.bytes_out) * 11.2 / (3.7e9 * 1.75) / 100, 1e-4);
    EXPECT_EQ(partition(result, "vios2").seas.at(0).traffic.bytes_out, 0u);
    ASSERT_EQ(result.network.links.size(), 1u);
    EXPECT_EQ(result.network.links[0].port, "p740/C2-T1");
    EXPECT_EQ(result.network.links[0].bytes_out, flow.load.bytes_delivered);
    EXPECT_EQ(result.network.links[0].peak_out, static_cast<std::int64_t>(10 * kMegabyte));
    EXPECT_EQ(result.network.links[0].scarce.count(), 0);
    ASSERT_EQ(result.expectations.size(), 8u);
    const auto failed = [](const Verdict& verdict) { return !verdict.holds; };
    EXPECT_EQ(std::ranges::count_if(result.expectations, failed), 1);
    EXPECT_EQ(result.expectations[3].found, "10 MB/s");
    // The loader refuses such a line; whoever makes one in code is told that it says nothing.
    Expectation wanted;
    wanted.clients = {"app2"};
    wanted.flows.rate = Bound{.text = "> 0MB/s", .high = 1e300, .low_included = false};
    const auto unmeasured = judge({wanted}, result);
    ASSERT_EQ(unmeasured.size(), 1u);
    EXPECT_EQ(unmeasured[0].found, "nothing measured");
    EXPECT_FALSE(unmeasured[0].holds);
}

TEST(PlayedFlows, scarce_link_and_scarce_processor_are_told) {
    const auto link = run("", {"partitions.app1.workload.flows.stream=300MB/s"});
    EXPECT_NEAR(partition(link, "app1").flows.at(0).delivered_per_s(), 100 * kMegabyte, kMegabyte);
    EXPECT_GT(link.network.links.at(0).scarce, std::chrono::seconds{89});
    const auto starved =
        run("", {"partitions.app1.workload.flows.stream=300MB/s", "partitions.vios1.profile.sharing_mode=cap",
                 "partitions.vios1.profile.desired_proc_units=0.1"});
    const auto rate = 0.1 * 3.7e9 * 1.75 / 11.2;
    EXPECT_NEAR(partition(starved, "app1").flows.at(0).delivered_per_s(), rate, 0.03 * rate);
    EXPECT_GT(partition(starved, "vios1").server->scarce, std::chrono::seconds{88});
    EXPECT_EQ(starved.network.links.at(0).scarce.count(), 0);
    EXPECT_NEAR(partition(starved, "vios1").server->flow_cores_max, 0.1, 0.003);
    EXPECT_EQ(partition(starved, "app1").sender_scarce.count(), 0);
    // 13,600 cycles a frame of 1500 and 4.2 a byte: a tenth of a core sends about 50 MB/s.
    const auto sender =
        run("", {"partitions.app1.workload.flows.stream=90MB/s", "partitions.app1.profile.sharing_mode=cap",
                 "partitions.app1.profile.desired_proc_units=0.1"});
    EXPECT_GT(partition(sender, "app1").sender_scarce, std::chrono::seconds{88});
    const auto sent = 0.1 * 3.7e9 * 1.75 / (13'600.0 / 1500 + 4.2);
    EXPECT_NEAR(partition(sender, "app1").flows.at(0).delivered_per_s(), sent, 0.03 * sent);
}

TEST(PlayedFlows, get_what_the_speed_of_the_port_carries) {
    // Segments of 64 KB, so that no processor is short below 1.3 GB/s.
    const auto played = [](std::vector<std::string> more) {
        std::vector<std::string> overrides{"partitions.app1.interfaces={ en0: { adapter: V10, mtu_bypass: on } }",
                                           "partitions.vios1.vios.shared_ethernet_adapters.ent8.largesend=1",
                                           "partitions.app1.workload.flows.stream=1200MB/s"};
        std::ranges::move(more, std::back_inserter(overrides));
        return run("", overrides);
    };
    struct Case {
        std::string override;
        double carried_mb;
        std::int64_t both_ways_mb;
    };
    const std::string port = "systems.p740.slots.C2.ports.T1.speed=";
    const std::string description = "systems.p740.slots.C2.description=";
    for (const auto& one : {Case{port + "100Mbit/s", 10, 15}, Case{port + "1Gbit/s", 100, 150},
                            Case{port + "10Gbit/s", 1000, 1500}, Case{port + "40000Mbit/s", 1200, 6000},
                            Case{description + "10 Gb Ethernet-SR PCI Express Dual Port Adapter", 1000, 1500},
                            Case{description + "2-Port 10/100/1000 Base-TX PCI-Express Adapter", 100, 150}}) {
        const auto result = played({one.override});
        EXPECT_NEAR(partition(result, "app1").flows.at(0).delivered_per_s(), one.carried_mb * kMegabyte,
                    0.01 * one.carried_mb * kMegabyte)
            << one.override;
        ASSERT_EQ(result.network.links.size(), 1u);
        EXPECT_EQ(result.network.links[0].limit_both_ways, one.both_ways_mb << 20) << one.override;
        EXPECT_EQ(result.network.links[0].scarce > std::chrono::seconds{80}, one.carried_mb < 1200) << one.override;
    }
    // What the port says goes before what the description tells.
    const auto slow = played({description + "PCIe2 2-Port 10GbE SR Adapter", port + "1Gbit/s"});
    EXPECT_NEAR(partition(slow, "app1").flows.at(0).delivered_per_s(), 100 * kMegabyte, kMegabyte);
}

TEST(PlayedFlows, steps_bursts_copies_and_partitions_as_destinations) {
    const auto result =
        run("", {R"(partitions.app1.workload.flows=[{ to: app2, name: copy, stream: 4MB/s, direction: both,
 steps: [{ at: 55s, stream: 8MB/s }] }, { to: server, transactions: 1000/s, size: 512B },
 { to: ["app2", server], name: bursty, stream: 8MB/s, bursts: { on: 1s, off: 3s } }])"});
    const auto& flows = partition(result, "app1").flows;
    ASSERT_EQ(flows.size(), 4u);
    EXPECT_EQ(flows[0].name, "copy");
    EXPECT_EQ(flows[0].to, "app2");
    // 45 s of 4, then of 8 MB/s, both ways.
    EXPECT_NEAR(static_cast<double>(flows[0].load.bytes_delivered), 2 * 45 * 12 * kMegabyte, 2 * kMegabyte);
    EXPECT_NEAR(static_cast<double>(flows[1].load.transactions), 90'000, 20);
    EXPECT_EQ(flows[1].kind, "transactions");
    for (const auto* flow : {&flows[2], &flows[3]})
        EXPECT_NEAR(static_cast<double>(flow->load.bytes_offered), 90 * 2 * kMegabyte, 9 * kMegabyte);
    EXPECT_EQ(partition(result, "vios1").seas.at(0).traffic.bytes_in, flows[1].load.bytes_delivered / 2);
}

TEST(PlayedFlows, mtu_and_largesend_are_the_interfaces) {
    const auto cores = [](const std::vector<std::string>& overrides) {
        const auto result = run("", overrides);
        return partition(result, "vios1").seas.at(0).traffic.cores_mean;
    };
    const std::string jumbo = "partitions.vios1.vios.shared_ethernet_adapters.ent8.jumbo_frames=yes";
    const std::string large = "partitions.vios1.vios.shared_ethernet_adapters.ent8.largesend=1";
    const auto interface = [](const std::string& attribute) {
        return "partitions.app1.interfaces={ en0: { adapter: V10, " + attribute + " } }";
    };
    const auto plain = cores({});
    const std::vector<std::string> all_take_jumbo{interface("mtu: 9000"),
                                                  jumbo,
                                                  "partitions.vios1.devices.ent={ jumbo_frames: yes }",
                                                  "fabric.lan.switches.sw1.mtu=9000",
                                                  "fabric.lan.switches.sw2.mtu=9000",
                                                  "fabric.lan.hosts.server.mtu=9000"};
    EXPECT_NEAR(cores(all_take_jumbo), plain * 5.0 / 11.2, plain * 0.01);  // behaviour 7.2
    EXPECT_LT(cores({interface("mtu_bypass: on"), large}), plain * 5.0 / 11.2);
    EXPECT_NEAR(cores({large}), plain, plain * 0.001);
}

TEST(PlayedFlows, json_and_rows_over_time_tell_the_same) {
    const auto result =
        run("timeline: [{ at: 30s, fault: host-down, target: server, for: 5s }]\n"
            "watch: { every: 10s, partitions: [app1, vios1], network: true }\n",
            {}, std::chrono::seconds{10});
    const auto json = boost::json::parse(to_json(result)).as_object();
    const auto& app = json.at("partitions").at("app1");
    const auto& flow = app.at("flows").at(0);
    EXPECT_EQ(flow.at("kind"), "stream");
    EXPECT_EQ(flow.at("direction"), "send");
    EXPECT_NEAR(flow.at("total_outage_s").to_number<double>(), 5.0, 0.03);
    EXPECT_NEAR(flow.at("bytes_lost").to_number<double>(), 50 * kMegabyte, kMegabyte);
    EXPECT_NEAR(app.at("vlans").at("100").at("longest_outage_s").to_number<double>(), 5.0, 0.05);
    EXPECT_EQ(app.at("vlans").at("100").at("reordered").to_number<int>(), 0);
    EXPECT_EQ(app.at("network_series").as_array().size(), 10u);
    EXPECT_NEAR(app.at("network_series").at(3).at("delivered_bytes_per_s").to_number<double>(), 5 * kMegabyte,
                0.1 * kMegabyte);
    const auto& sea = json.at("partitions").at("vios1").at("shared_ethernet_adapters").at("ent8");
    EXPECT_EQ(sea.at("flow_bytes_out"), flow.at("bytes_delivered"));
    EXPECT_TRUE(json.at("network").at("links").as_object().contains("p740/C2-T1"));
    const auto rows = network_watch_tables(result);
    EXPECT_NE(rows.find("     20s     10.0      10.0     0.0       0\n"), std::string::npos) << rows;
    EXPECT_NE(rows.find("     40s     10.0       5.0     5.0       0\n"), std::string::npos) << rows;
    EXPECT_NE(rows.find("vios1: bridged"), std::string::npos);
}

}  // namespace
}  // namespace pvmsim::scenarios
