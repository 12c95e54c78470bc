// Keys of network objects: what a file says of switches, link aggregations, interfaces, routes, virtual switches and
// VIOS levels arrives at the models, and changes of a running site do what they say. The models' own behaviour is
// tested in their folders; here a short run shows that they were asked.
#include <gtest/gtest.h>

#include <algorithm>

#include "aix/network/ethernet_statistics.hpp"
#include "aix/network/internet_extension.hpp"
#include "aix/network/link_aggregation.hpp"
#include "scenarios/loader/load.hpp"
#include "scenarios/play/rehearsal.hpp"
#include "tests/scenarios/loader_files.hpp"

namespace pvmsim::scenarios {
namespace {

using std::chrono::seconds;

/// One server, two VIOSes with a SEA each and no control channel, an AIX client over NIB and one with ports of its own.
constexpr std::string_view kSite = R"(
pvmsim: 1
name: network keys
duration: 60s
fabric:
  lan:
    switches:
      sw1:
        mtu: 9000
        flooded_copies_max_per_s: 5000
        storm_action: shutdown
        port_bits_per_s: 1000000000
        storm_loss_permille: 500
        mac_flap_moves_max: 4
        mac_flap_interval: 2s
        mac_flap_err_disable: true
        err_disable_recovery: 0s
      sw2: { err_disable_recovery: 30s }
    links: [{ a: sw1, b: sw2 }]
    hosts:
      gw1: { switch: sw1, addresses: { 100: 10.1.100.1, 200: 10.1.200.1 } }
      gw2: { switch: sw2, mtu: 9000, addresses: { 100: 10.1.100.2, 200: 10.1.200.2 } }
    remote_hosts: { far: { address: 192.168.7.7, behind: [gw1, gw2] } }
systems:
  p740:
    type_model: 8205-E6C
    hmc_level: V7R7.3.0
    vswitches: { ETHERNET0: {}, ETHERNET1: { switch_mode: VEPA } }
    slots:
      C2: { adapter: ethernet, ports: { T1: { switch: sw1, reflective_relay: true }, T2: { switch: sw1, bpdu_guard: true } } }
      C3: { adapter: ethernet, ports: { T1: { switch: sw2, speed: 10Gbit/s } } }
      C4:
        adapter: ethernet
        ports:
          "T[1-8]": { switch: sw1, channel_group: 1, lacp: true, lacp_fast: true, lacp_silent: individual, native_vlan: 100 }
          T9: { switch: sw2, native_vlan: 100 }
partitions:
  "vios[1-2]":
    system: p740
    lpar_id: "{n}"
    lpar_env: vioserver
    profile:
      io_slots: ["C{n+1}/none/1"]
      virtual_eth_adapters: ["10/1/1/100,200/{n}/1", "12/1/2/300/{n}/1"]
    devices: { ent: { jumbo_frames: yes, large_send: no } }
    vios:
      level: 2.2.3.0
      shared_ethernet_adapters:
        ent4:
          { real_adapter: "C{n+1}-T1", virt_adapters: [V10], ha_mode: auto, jumbo_frames: yes, largesend: 1, large_receive: yes,
            qos_mode: strict, thread: 1, nthreads: 4, queue_size: 1024, hash_algo: 1, accounting: enabled, ip: "10.1.100.1{n}", ip_vlan: 100, netmask: 255.255.255.0 }
  nib:
    system: p740
    lpar_id: 10
    profile:
      virtual_eth_adapters: ["10/0/100//0/1", "11/0/200//0/1", "12/0/400//0/1/ETHERNET1/0e0000000012/none/5"]
    link_aggregations:
      ent3:
        adapter_names: [V10]
        backup_adapter: V11
        mode: netif_backup
        netaddr: 10.1.100.1
        num_retries: 4
        retry_time: 2
        auto_recovery: no
        noloss_failover: no
    interfaces: { en0: { adapter: ent3, ip: 10.1.100.20, netmask: 255.255.255.0 } }
    network_options: { dgd_ping_time: 2, dgd_packets_lost: 2 }
    routes:
      - { gateway: 10.1.100.1, active_dgd: true }
      - { gateway: 10.1.100.2, interface: en0, cost: 1 }
    workload: { network: { to: far, rate: 20/s }, start: 5s }
  own:
    system: p740
    lpar_id: 11
    profile: { io_slots: [C4/none/1] }
    link_aggregations:
      ent9:
        adapter_names: [C4-T1, C4-T2, C4-T3, C4-T4, C4-T5, C4-T6, C4-T7, C4-T8]
        backup_adapter: C4-T9
        mode: 8023ad
        hash_mode: src_dst_port
        interval: short
    workload: { network: { to: gw1, rate: 20/s }, start: 5s }
)";

Scenario site(std::string_view timeline = {}) {
    auto loaded = load_scenario_text(std::string(kSite) + std::string(timeline), "test.yaml", ".");
    if (!loaded)
        for (const auto& error : loaded.error()) ADD_FAILURE() << format_error(error);
    return loaded ? *std::move(loaded) : Scenario{};
}

struct Played {
    Scenario scenario;
    std::unique_ptr<Rehearsal> rehearsal;

    explicit Played(std::string_view timeline = {}) : scenario(site(timeline)) {
        auto created = Rehearsal::create(scenario);
        if (!created) ADD_FAILURE() << created.error();
        if (created) rehearsal = *std::move(created);
    }
    void until(seconds time) const { rehearsal->run_until(sim::kStartOfRun + time); }
    [[nodiscard]] PartitionSite& partition(std::string_view name) const {
        return *rehearsal->site().find_partition(name);
    }
    template <class Device>
    [[nodiscard]] Device& device(std::string_view partition_name, std::string_view name) const {
        return dynamic_cast<Device&>(*partition(partition_name).os->find_device(name));
    }
    [[nodiscard]] PlayedStep step(std::string_view text) const {
        for (const auto& one : rehearsal->result().timeline)
            if (one.what.find(text) != std::string::npos) return one;
        return {};
    }
};

TEST(network_keys, what_a_switch_does_about_loops_is_read) {
    const auto scenario = site();
    const auto& sw1 = scenario.fabric.lan.switches.at(0);
    EXPECT_EQ(sw1.mtu_bytes, 9000u);
    EXPECT_EQ(scenario.fabric.lan.hosts.at(1).config.mtu_bytes, 9000u);
    EXPECT_EQ(scenario.fabric.lan.hosts.at(0).config.mtu_bytes, 1500u);
    EXPECT_EQ(sw1.flooded_copies_max_per_s, 5000u);
    EXPECT_EQ(sw1.storm_action, fabric::StormAction::kShutDown);
    EXPECT_EQ(sw1.port_bits_per_s, 1'000'000'000u);
    EXPECT_EQ(sw1.storm_loss_permille, 500u);
    EXPECT_EQ(sw1.mac_flap_moves_max, 4u);
    EXPECT_EQ(sw1.mac_flap_interval, seconds(2));
    EXPECT_TRUE(sw1.mac_flap_err_disable);
    EXPECT_FALSE(sw1.err_disable_recovery.has_value());
    const auto& sw2 = scenario.fabric.lan.switches.at(1);
    const fabric::SwitchConfig standard;
    EXPECT_EQ(sw2.err_disable_recovery, sim::Duration{seconds(30)});
    EXPECT_EQ(sw2.mtu_bytes, standard.mtu_bytes);
    EXPECT_EQ(sw2.flooded_copies_max_per_s, standard.flooded_copies_max_per_s);
    EXPECT_EQ(sw2.storm_action, standard.storm_action);
    EXPECT_EQ(sw2.port_bits_per_s, standard.port_bits_per_s);
    EXPECT_EQ(sw2.storm_loss_permille, standard.storm_loss_permille);
    EXPECT_EQ(sw2.mac_flap_moves_max, standard.mac_flap_moves_max);
    EXPECT_EQ(sw2.mac_flap_interval, standard.mac_flap_interval);
    EXPECT_EQ(sw2.mac_flap_err_disable, standard.mac_flap_err_disable);
}

TEST(network_keys, what_a_switch_port_does_is_read) {
    const auto scenario = site();
    const auto& adapters = scenario.systems.at(0).adapters;
    EXPECT_TRUE(adapters.at(0).ports.at(0).lan.config.hairpin);
    EXPECT_TRUE(adapters.at(0).ports.at(1).lan.config.bpdu_guard);
    EXPECT_FALSE(adapters.at(0).ports.at(0).lan.config.bpdu_guard);
    const auto& channel = adapters.at(2).ports.at(7).lan.config;
    EXPECT_TRUE(channel.lacp && channel.lacp_fast);
    EXPECT_EQ(channel.lacp_silent, fabric::LacpSilent::kIndividual);
    EXPECT_FALSE(adapters.at(2).ports.at(8).lan.config.lacp_fast);
}

TEST(network_keys, level_decides_whether_seas_need_a_control_channel) {
    Played run;
    run.until(seconds(1));
    auto& sea = *run.partition("vios1").seas.at(0);
    EXPECT_EQ(sea.level(), (vios::ViosLevel{2, 2, 3, 0}));
    EXPECT_TRUE(sea.uses_simplified_channel());
    EXPECT_EQ(sea.state(), vios::SeaState::kPrimary);
    EXPECT_EQ(run.partition("vios2").seas.at(0)->state(), vios::SeaState::kBackup);
}

TEST(network_keys, attributes_of_seas_and_ports_reach_the_devices) {
    Played run;
    auto& sea = *run.partition("vios1").seas.at(0);
    const std::pair<const char*, const char*> wanted[] = {
        {"jumbo_frames", "yes"}, {"largesend", "1"}, {"large_receive", "yes"},
        {"qos_mode", "strict"},  {"thread", "1"},    {"nthreads", "4"},
        {"queue_size", "1024"},  {"hash_algo", "1"}, {"accounting", "enabled"}};
    for (const auto& [name, value] : wanted) EXPECT_EQ(sea.attributes().get(name), value) << name;
    const auto& port = *run.partition("vios1").os->find_device("ent0");
    EXPECT_TRUE(port.attributes().is("jumbo_frames", "yes"));
    EXPECT_TRUE(port.attributes().is("large_send", "no"));
    const auto speed = [&](const char* vios) {
        const auto& adapter = run.device<aix::PhysicalEthernetAdapter>(vios, "ent0");
        return std::pair(aix::physical_ethernet_statistics(adapter).media_speed_mbps,
                         aix::ethernet_statistics(adapter, run.rehearsal->engine().now()).data_rate_mbps);
    };
    EXPECT_EQ(speed("vios1"), std::pair(1000u, 2000u));
    EXPECT_EQ(speed("vios2"), std::pair(10'000u, 20'000u));  // as the file says of the port
}

TEST(network_keys, failover_without_channel_before_its_level_loads_and_makes_two_primaries) {
    auto scenario = site();
    for (auto& partition : scenario.partitions)
        if (partition.vios) partition.vios->level = {2, 2, 1, 0};
    auto rehearsal = Rehearsal::create(scenario);
    ASSERT_TRUE(rehearsal.has_value()) << rehearsal.error();
    (*rehearsal)->run_until(sim::kStartOfRun + seconds(1));
    for (const auto* name : {"vios1", "vios2"})
        EXPECT_EQ((*rehearsal)->site().find_partition(name)->seas.at(0)->state(), vios::SeaState::kPrimary);
}

TEST(network_keys, network_interface_backup_has_all_its_attributes) {
    Played run;
    auto& nib = run.device<aix::LinkAggregation>("nib", "ent3");
    const auto statistics = nib.statistics();
    ASSERT_EQ(statistics.adapters.size(), 2u);
    EXPECT_EQ(statistics.adapters[0].name, "ent0");
    EXPECT_TRUE(statistics.adapters[1].is_backup);
    EXPECT_EQ(nib.attributes().get("netaddr"), "10.1.100.1");
    EXPECT_EQ(nib.attributes().integer("num_retries"), 4);
    EXPECT_EQ(nib.attributes().integer("retry_time"), 2);
    EXPECT_TRUE(nib.attributes().is("auto_recovery", "no"));
    EXPECT_TRUE(nib.attributes().is("noloss_failover", "no"));
    run.until(seconds(10));
    EXPECT_GT(nib.statistics().pings_sent, 2u);
    EXPECT_EQ(nib.statistics().pings_lost, 0u);
}

TEST(network_keys, a_client_aggregates_eight_ports_and_a_backup_and_is_reached_over_them) {
    Played run;
    run.until(seconds(20));
    auto& channel = run.device<aix::LinkAggregation>("own", "ent9");
    EXPECT_EQ(channel.members_in_use(), 8u);
    EXPECT_EQ(channel.statistics().adapters.size(), 9u);
    EXPECT_EQ(channel.statistics().hash_mode, "Source and destination TCP/UDP ports");
    EXPECT_GT(channel.lacp_counters().received, 8u * 10u);  // interval: short
    EXPECT_EQ(run.partition("own").interfaces.at(0).vlan, wire::VlanId{100});
    const auto result = run.rehearsal->result();
    const auto own = std::ranges::find(result.partitions, "own", &PartitionResult::name);
    EXPECT_GT(own->interfaces.at(0).load.answered, 250u);
    EXPECT_EQ(own->interfaces.at(0).load.lost, 0u);
}

TEST(network_keys, routes_lead_to_hosts_behind_gateways_until_those_are_dead) {
    Played run("timeline: [{ at: 20s, fault: host-down, target: gw1 }]\n");
    auto& inet = run.device<aix::InternetExtension>("nib", "inet0");
    ASSERT_EQ(inet.route_count(), 2u);
    EXPECT_TRUE(inet.route(0).active_dgd);
    EXPECT_EQ(inet.route(1).cost, 1u);
    EXPECT_EQ(inet.route(1).interface, run.partition("nib").interfaces.at(0).device);
    EXPECT_EQ(inet.attributes().integer("dgd_ping_time"), 2);
    EXPECT_EQ(inet.attributes().integer("dgd_packets_lost"), 2);
    run.until(seconds(19));
    EXPECT_GT(inet.counters(0).packets, 200u);
    EXPECT_EQ(inet.counters(1).packets, 0u);
    run.until(seconds(40));
    EXPECT_TRUE(inet.is_dead(0));
    EXPECT_GT(inet.counters(1).packets, 200u);
}

TEST(network_keys, virtual_switches_have_their_mode_and_adapters_their_priority) {
    Played run;
    auto& ethernet = run.rehearsal->site().systems().at(0)->virtual_ethernet();
    EXPECT_EQ(ethernet.switch_mode("ETHERNET0"), hypervisor::SwitchMode::kVeb);
    EXPECT_EQ(ethernet.switch_mode("ETHERNET1"), hypervisor::SwitchMode::kVepa);
    const auto& adapters = run.scenario.partitions.at(2).config.profile.virtual_eth_adapters;
    EXPECT_EQ(adapters.at(2).vswitch, "ETHERNET1");
    EXPECT_EQ(adapters.at(2).qos_priority, std::uint8_t{5});
    EXPECT_FALSE(adapters.at(0).qos_priority.has_value());
}

TEST(network_keys, vlans_and_switches_change_while_they_run) {
    Played run(R"(timeline:
  - { at: 10s, on: hmc, chhwres: eth, partition: vios1, slot: V10, attr: { "addl_vlan_ids+": "600,601" } }
  - { at: 11s, on: hmc, chhwres: eth, partition: vios1, slot: V10, attr: { "addl_vlan_ids-": 200 } }
  - { at: 12s, on: hmc, chhwres: eth, partition: vios2, slot: V10, attr: { addl_vlan_ids: "100,600" } }
  - { at: 13s, on: hmc, chhwres: vswitch, system: p740, vswitch: ETHERNET1, attr: { switch_mode: VEB } }
  - { at: 14s, on: vios1, chdev: ent4, attr: { virt_adapters: "V10,V12" } }
  - { at: 15s, on: hmc, chhwres: eth, partition: nib, slot: V10, attr: { "addl_vlan_ids+": 500 } }
)");
    run.until(seconds(16));
    using Vlans = std::vector<wire::VlanId>;
    auto& first = *run.partition("vios1").seas.at(0);
    auto& second = *run.partition("vios2").seas.at(0);
    EXPECT_EQ(first.trunks().at(0)->config().addl_vlan_ids,
              (Vlans{wire::VlanId{100}, wire::VlanId{600}, wire::VlanId{601}}));
    EXPECT_EQ(second.trunks().at(0)->config().addl_vlan_ids, (Vlans{wire::VlanId{100}, wire::VlanId{600}}));
    EXPECT_EQ(run.rehearsal->site().systems().at(0)->virtual_ethernet().switch_mode("ETHERNET1"),
              hypervisor::SwitchMode::kVeb);
    ASSERT_EQ(first.trunks().size(), 2u);
    EXPECT_EQ(first.trunks().at(1)->slot(), hypervisor::SlotNumber{12});
    EXPECT_EQ(run.step("V10 of nib").refused, "addl_vlan_ids need ieee_virtual_eth=1");
    for (const auto* text : {"vios1: addl_vlan_ids+", "vios1: addl_vlan_ids-", "vios2: addl_vlan_ids", "ETHERNET1"})
        EXPECT_EQ(run.step(text).refused, "") << text;
}

TEST(network_keys, an_old_hmc_does_not_change_vlans_of_a_running_sea) {
    const auto change =
        "timeline: [{ at: 1s, on: hmc, chhwres: eth, partition: vios1, slot: V10, attr: "
        "{ \"addl_vlan_ids+\": 600 } }]\n";
    auto scenario = site(change);
    scenario.systems.at(0).hmc_level = {7, 7, 1, 0};
    auto rehearsal = Rehearsal::create(scenario);
    ASSERT_TRUE(rehearsal.has_value()) << rehearsal.error();
    (*rehearsal)->run_until(sim::kStartOfRun + seconds(2));
    EXPECT_NE((*rehearsal)->result().timeline.at(0).refused.find("not of V7R7.1.0"), std::string::npos);
}

TEST(network_keys, a_cable_plugged_in_later_closes_the_ring_then) {
    auto text = std::string(kSite);
    const std::string link = "links: [{ a: sw1, b: sw2 }]";
    text.replace(text.find(link), link.size(),
                 "links: [{ a: sw1, b: sw2 }, { a: sw2, b: sw3 }, { a: sw3, b: sw1, plugged: false }]");
    text.replace(text.find("storm_action: shutdown"), 22, "storm_action: limit");
    text.replace(text.find("mac_flap_err_disable: true"), 26, "mac_flap_err_disable: false");
    const std::string sw2 = "      sw2: { err_disable_recovery: 30s }";
    text.replace(text.find(sw2), sw2.size(),
                 "      sw2: { spanning_tree: false }\n      sw3: { spanning_tree: false }");
    // The port forwards after 30 s; a gateway that dies then makes the client ask for the other by broadcast.
    text += "timeline: [{ at: 10s, repair: link-down, target: sw3/sw1 }, { at: 45s, fault: host-down, target: gw1 }]\n";
    auto scenario = load_scenario_text(text, "test.yaml", ".");
    ASSERT_TRUE(scenario.has_value()) << format_error(scenario.error().front());
    auto rehearsal = Rehearsal::create(*scenario);
    ASSERT_TRUE(rehearsal.has_value()) << rehearsal.error();
    (*rehearsal)->run_until(sim::kStartOfRun + seconds(9));
    EXPECT_TRUE((*rehearsal)->site().lan().storms().empty());
    (*rehearsal)->run_until(sim::kStartOfRun + seconds(60));
    EXPECT_FALSE((*rehearsal)->site().lan().storms().empty());
}

TEST(network_keys, documented_example_is_played_as_it_is_written) {
    const auto page = testing::content("docs/scenario-file.md");
    const std::string begin = "## Networks\n\n```yaml\n";
    const auto at = page.find(begin);
    ASSERT_NE(at, std::string::npos);
    const auto from = at + begin.size();
    const auto text = "pvmsim: 1\nname: example\nduration: 60s\n" + page.substr(from, page.find("```\n", from) - from);
    auto scenario = load_scenario_text(text, "example.yaml", ".");
    ASSERT_TRUE(scenario.has_value()) << format_error(scenario.error().front());
    auto rehearsal = Rehearsal::create(*scenario);
    ASSERT_TRUE(rehearsal.has_value()) << rehearsal.error();
    (*rehearsal)->run_until(sim::kStartOfRun + seconds(60));
    const auto result = (*rehearsal)->result();
    ASSERT_EQ(result.timeline.size(), 3u);
    for (const auto& step : result.timeline) EXPECT_EQ(step.refused, "");
    const auto app1 = std::ranges::find(result.partitions, std::string("app1"), &PartitionResult::name);
    ASSERT_NE(app1, result.partitions.end());
    EXPECT_GT(app1->interfaces.at(0).load.requests, 900u);
    EXPECT_EQ(app1->interfaces.at(0).load.lost, 0u);
}

}  // namespace
}  // namespace pvmsim::scenarios
