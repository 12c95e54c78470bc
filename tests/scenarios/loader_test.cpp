// What a good file becomes: values, defaults, ranges, overrides, addresses.
// Broken files are in loader_broken_test.cpp, the JSON Schema in loader_schema_test.cpp.
#include "scenarios/loader/load.hpp"

#include <gtest/gtest.h>

#include "scenarios/loader/expression.hpp"
#include "scenarios/loader/ranges.hpp"
#include "scenarios/loader/suggest.hpp"
#include "scenarios/schema/quantities.hpp"
#include "tests/scenarios/loader_files.hpp"

namespace pvmsim::scenarios {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kTiny = R"(
pvmsim: 1
name: tiny
duration: 1min
fabric: { lan: { switches: { sw1: {} }, hosts: { gw: { switch: sw1, vlans: [1, 100] } } } }
systems: { s1: { type_model: 8205-E6C, slots: { C2: { adapter: ethernet, ports: { T1: { switch: sw1 } } } } } }
partitions:
  "p[1-3]":
    system: s1
    lpar_id: "{n}"
    profile: { virtual_eth_adapters: ["5/0/100//0/1", 4/0/1//0/1] }
)";

Scenario load(std::string_view text, const std::vector<std::string>& overrides = {}) {
    auto loaded = load_scenario_text(text, "test.yaml", ".", overrides);
    if (!loaded)
        for (const auto& error : loaded.error()) ADD_FAILURE() << format_error(error);
    return loaded ? *std::move(loaded) : Scenario{};
}

std::string errors_with(const std::vector<std::string>& overrides) {
    const auto loaded = load_scenario_text(kTiny, "test.yaml", ".", overrides);
    std::string text;
    if (!loaded)
        for (const auto& error : loaded.error()) text += format_error(error) + "\n";
    return text;
}

TEST(loader, profile_without_keys_is_the_hypervisors_default_profile) {
    const auto scenario = load(kTiny);
    ASSERT_EQ(scenario.partitions.size(), 3u);
    const auto& read = scenario.partitions[0].config.profile;
    const hypervisor::PartitionProfile standard;
    EXPECT_EQ(read.name, standard.name);
    EXPECT_EQ(read.min_mem_mib, standard.min_mem_mib);
    EXPECT_EQ(read.desired_mem_mib, standard.desired_mem_mib);
    EXPECT_EQ(read.max_mem_mib, standard.max_mem_mib);
    EXPECT_EQ(read.mem_mode, standard.mem_mode);
    EXPECT_EQ(read.hpt_ratio, standard.hpt_ratio);
    EXPECT_EQ(read.proc_mode, standard.proc_mode);
    EXPECT_EQ(read.min_proc_units, standard.min_proc_units);
    EXPECT_EQ(read.desired_proc_units, standard.desired_proc_units);
    EXPECT_EQ(read.max_proc_units, standard.max_proc_units);
    EXPECT_EQ(read.min_procs, standard.min_procs);
    EXPECT_EQ(read.desired_procs, standard.desired_procs);
    EXPECT_EQ(read.max_procs, standard.max_procs);
    EXPECT_EQ(read.sharing_mode, standard.sharing_mode);
    EXPECT_EQ(read.uncap_weight, standard.uncap_weight);
    EXPECT_EQ(read.shared_proc_pool_id, standard.shared_proc_pool_id);
    EXPECT_EQ(read.max_virtual_slots, standard.max_virtual_slots);
}

TEST(loader, devices_without_keys_have_the_defaults_of_their_own_headers) {
    const auto scenario = load(kTiny);
    const auto& system = scenario.systems.at(0).config;
    const hypervisor::SystemConfig standard;
    EXPECT_EQ(system.serial_num, standard.serial_num);
    EXPECT_EQ(system.edition, standard.edition);
    EXPECT_EQ(system.virtual_ethernet_latency, standard.virtual_ethernet_latency);
    EXPECT_EQ(system.crq_latency, standard.crq_latency);
    EXPECT_EQ(system.firmware_boot_time, standard.firmware_boot_time);
    const auto& lan = scenario.fabric.lan.switches.at(0);
    const fabric::SwitchConfig lan_standard;
    EXPECT_EQ(lan.spanning_tree, lan_standard.spanning_tree);
    EXPECT_EQ(lan.bridge_priority, lan_standard.bridge_priority);
    EXPECT_EQ(lan.forward_delay, lan_standard.forward_delay);
    EXPECT_EQ(lan.mac_ageing, lan_standard.mac_ageing);
    EXPECT_EQ(lan.forwarding_latency, lan_standard.forwarding_latency);
    EXPECT_EQ(scenario.fabric.lan.hosts.at(0).config.response_time, fabric::HostConfig{}.response_time);
    EXPECT_EQ(scenario.partitions.at(0).workload.start, WorkloadDescription{}.start);
    EXPECT_EQ(scenario.seed, 1u);
    const auto& port = scenario.systems.at(0).adapters.at(0).ports.at(0);
    EXPECT_TRUE(port.lan.config.trunk && port.lan.config.portfast);
    EXPECT_EQ(scenario.systems.at(0).config.slots.at(0).drc_index, hypervisor::DrcIndex{0x21010001});
}

TEST(loader, interfaces_left_open_follow_the_slots_and_tell_their_vlan) {
    const auto scenario = load(kTiny);
    const auto& interfaces = scenario.partitions[1].interfaces;
    ASSERT_EQ(interfaces.size(), 2u);
    EXPECT_EQ(interfaces[0].slot, hypervisor::SlotNumber{4});
    EXPECT_EQ(interfaces[0].vlan, wire::kUntagged);
    EXPECT_EQ(wire::to_string(interfaces[0].ip), "10.0.16.2");
    EXPECT_EQ(wire::to_string(interfaces[1].ip), "10.6.64.2");
    const auto& host = scenario.fabric.lan.hosts[0].config;
    EXPECT_TRUE(host.tagged);
    EXPECT_EQ(wire::to_string(host.addresses[1].second), "10.6.64.4");
}

TEST(loader, the_default_rehearsal_means_what_it_says) {
    auto loaded = load_scenario(testing::kLibrary / "dual-vios.yaml");
    ASSERT_TRUE(loaded.has_value());
    EXPECT_EQ(loaded->partitions.size(), 22u);
    EXPECT_EQ(loaded->duration, 10min);
    EXPECT_EQ(loaded->fabric.arrays.at(0).luns.size(), 20u);

    const auto& vios2 = loaded->partitions[1];
    EXPECT_EQ(vios2.config.lpar_id, hypervisor::PartitionId{2});
    const auto& trunk = vios2.config.profile.virtual_eth_adapters.at(0);
    EXPECT_TRUE(trunk.ieee_virtual_eth);
    EXPECT_EQ(trunk.trunk_priority, 2);
    EXPECT_EQ(trunk.addl_vlan_ids, (std::vector{wire::VlanId{100}, wire::VlanId{200}}));
    const auto& server = vios2.config.profile.virtual_scsi_adapters.at(19);
    EXPECT_EQ(server.slot_num, hypervisor::SlotNumber{71});
    EXPECT_EQ(server.remote_lpar_id, hypervisor::PartitionId{30});
    ASSERT_TRUE(vios2.vios.has_value());
    const auto& sea = vios2.vios->shared_ethernet_adapters.at(0);
    EXPECT_EQ(sea.real_adapter, "C4-T1");
    EXPECT_EQ(sea.ctl_chan, "V11");
    EXPECT_EQ(sea.attributes, (AttributeValues{{"pvid", "1"}, {"ha_mode", "auto"}, {"netaddr", "10.1.100.2"}}));
    const auto& target = vios2.vios->virtual_targets.at(6);
    EXPECT_EQ(target.lun, "ds1.app07_root");
    EXPECT_EQ(target.device, "app07_root");
    EXPECT_EQ(target.vadapter, hypervisor::SlotNumber{45});
    EXPECT_TRUE(vios2.interfaces.empty());

    const auto& app20 = loaded->partitions[21];
    EXPECT_EQ(app20.config.name, "app20");
    EXPECT_EQ(app20.workload.disk->interval_ns, 10'000'000u);
    EXPECT_EQ(app20.workload.disk->read_percent, 70u);
    EXPECT_EQ(app20.workload.processor.steps.at(0).demand.nanocores, 300'000'000);
    EXPECT_EQ(app20.devices.vscsi, (AttributeValues{{"vscsi_err_recov", "fast_fail"}, {"vscsi_path_to", "30"}}));

    ASSERT_EQ(loaded->timeline.size(), 3u);
    EXPECT_TRUE(loaded->timeline[1].fault->repair);
    EXPECT_EQ(loaded->timeline[2].chdev->device, "ent8");
    EXPECT_EQ(loaded->expect.at(0).clients.size(), 20u);
    EXPECT_FALSE(loaded->expect[0].network_outage->holds(6.0));
    EXPECT_TRUE(loaded->expect[0].network_outage->holds(5.9));
    EXPECT_TRUE(loaded->expect[0].io_errors->holds(0));
    EXPECT_FALSE(loaded->expect[0].io_errors->holds(1));
}

TEST(loader, every_library_file_is_sound) {
    for (const auto& file : testing::yaml_files(testing::kLibrary)) {
        const auto loaded = load_scenario(file);
        EXPECT_TRUE(loaded.has_value()) << format_error(loaded.error().front());
    }
}

TEST(loader, for_beside_a_fault_becomes_a_repair_in_order_of_time) {
    const auto scenario = load(std::string(kTiny) +
                               "timeline:\n  - { at: 10s, fault: hang, target: p1, for: 30s }\n"
                               "  - { at: 20s, fault: crash, target: p2 }\n");
    ASSERT_EQ(scenario.timeline.size(), 3u);
    EXPECT_EQ(scenario.timeline[1].fault->target, "p2");
    EXPECT_TRUE(scenario.timeline[2].fault->repair);
    EXPECT_EQ(scenario.timeline[2].at, sim::kStartOfRun + 40s);
}

TEST(loader, virtual_fc_adapters_are_taken_as_the_hmc_prints_them) {
    const auto scenario = load(R"(
pvmsim: 1
name: pasted
duration: 1min
fabric: {}
systems: { s1: { type_model: 8205-E6C } }
partitions:
  v1:
    system: s1
    lpar_id: 2
    lpar_env: vioserver
    profile: { virtual_fc_adapters: [8/server/1/app/50//0], virtual_scsi_adapters: none }
  app:
    system: s1
    lpar_id: 1
    profile: { virtual_fc_adapters: ['""50/client/2/v1/8/c050760431670010,c050760431670011/1""'] }
)");
    ASSERT_EQ(scenario.partitions.size(), 2u);
    const auto& adapter = scenario.partitions[1].config.profile.virtual_fc_adapters.at(0);
    EXPECT_EQ(adapter.wwpns->second, wire::Wwpn{0xc050760431670011});
    EXPECT_EQ(adapter.remote_lpar_id, hypervisor::PartitionId{2});
    EXPECT_TRUE(adapter.is_required);
}

TEST(loader, overrides_change_what_ranges_have_made) {
    const auto scenario =
        load(kTiny, {"duration=5min", "partitions.p2.profile.desired_mem=2GB", "seed=9",
                     "partitions.p[1-2].devices.hdisk.hcheck_interval=30", "partitions.p3.state=not_activated"});
    ASSERT_EQ(scenario.partitions.size(), 3u);
    EXPECT_EQ(scenario.duration, 5min);
    EXPECT_EQ(scenario.seed, 9u);
    EXPECT_EQ(scenario.partitions[1].config.profile.desired_mem_mib, 2048u);
    EXPECT_EQ(scenario.partitions[0].devices.hdisk, (AttributeValues{{"hcheck_interval", "30"}}));
    EXPECT_TRUE(scenario.partitions[2].devices.hdisk.empty());
    EXPECT_FALSE(scenario.partitions[2].running);
}

TEST(loader, wrong_overrides_are_told_as_such) {
    EXPECT_EQ(
        errors_with({"duration=5"}),
        "--set duration:1:1: error: 'duration' takes a duration with its unit, such as 10ms, 5s or 2min, not '5'\n");
    EXPECT_EQ(errors_with({"seed=2", "partitions.p2.stat=running"}),
              "--set partitions.p2.stat: error: unknown key 'stat', did you mean 'state'?\n");
    EXPECT_EQ(errors_with({"name.x=1"}), "--set name.x: error: 'name' is text: there is no 'x' in it\n");
    EXPECT_EQ(errors_with({"nonsense"}), "--set nonsense: error: an override is written path=value\n");
    EXPECT_EQ(errors_with({"seed=[1"}),
              "--set seed: error: the value '[1': a list or a map cannot be a key; is a bracket never closed?\n");
    EXPECT_EQ(errors_with({"a..b=1"}), "--set a..b: error: the path 'a..b' has an empty part\n");
}

TEST(loader, expressions_are_whole_number_arithmetic) {
    const Variables variables{{"v", 2, "2"}, {"n", 7, "07"}};
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"{n}", "07"},         {"{n+0}", "7"},   {"{n*2+29+v}", "45"}, {"{(n-1)*(v+1)}", "18"}, {"{-n + 10}", "3"},
        {"a{v}b{n}", "a2b07"}, {"{{n}}", "{n}"}, {"{ 3 * 4 }", "12"},  {"{n-v-v}", "3"},        {"plain", "plain"},
    };
    for (const auto& [text, result] : cases) EXPECT_EQ(substitute(text, variables), std::string(result)) << text;
    for (std::string_view text : {"{}", "{n", "n}", "{n n}", "{x}", "{2n}", "{(n}", "{n/2}", "{9223372036854775807+1}"})
        EXPECT_FALSE(substitute(text, variables).has_value()) << text;
}

TEST(loader, ranges_pad_as_they_are_written) {
    using Texts = std::vector<std::string>;
    EXPECT_EQ(expand_text("app[08-11]"), (Texts{"app08", "app09", "app10", "app11"}));
    EXPECT_EQ(expand_text("a[1-2]b[x=0-1]"), (Texts{"a1b0", "a1b1", "a2b0", "a2b1"}));
    EXPECT_EQ(expand_text("no range [a] [1] [1-x]"), (Texts{"no range [a] [1] [1-x]"}));
    EXPECT_EQ(expand_text("[1-10000]")->size(), kRangeCopiesMax);
    EXPECT_FALSE(expand_text("[0-10000]").has_value());
    EXPECT_FALSE(expand_text("[1-2][1-2]").has_value());
}

TEST(loader, quantities_are_exact) {
    EXPECT_EQ(parse_duration_ns("0.1us"), 100);
    EXPECT_EQ(parse_duration_ns("1.5h"), 5'400'000'000'000);
    EXPECT_FALSE(parse_duration_ns("0.0001us").has_value());
    EXPECT_FALSE(parse_duration_ns("999999999d").has_value());
    EXPECT_EQ(parse_size_bytes("4KB"), 4096);
    EXPECT_EQ(parse_memory_bytes("512"), 512 << 20);
    EXPECT_EQ(parse_decimal("0.35", 2), 35);
    EXPECT_EQ(parse_decimal("-2", 2), -200);
    EXPECT_FALSE(parse_decimal("0.351", 2).has_value());
    EXPECT_EQ(parse_rate_interval_ns("3/s"), 333'333'333);
    EXPECT_EQ(parse_rate_interval_ns("6/min"), 10'000'000'000);
    const auto bound = parse_bound("30s..1.5min", BoundOf::kDuration);
    ASSERT_TRUE(bound.has_value());
    EXPECT_TRUE(bound->holds(30) && bound->holds(90) && !bound->holds(90.1) && !bound->holds(29.9));
    EXPECT_TRUE(parse_bound(">= 3", BoundOf::kCount)->holds(3));
    EXPECT_FALSE(parse_bound("> 3", BoundOf::kCount)->holds(3));
}

TEST(loader, suggestions_are_near_or_silent) {
    const std::vector<std::string> words{"vlans", "spanning_tree", "switch", "addresses"};
    EXPECT_EQ(suggestion("vlan_ids", words), ", did you mean 'vlans'?");
    EXPECT_EQ(suggestion("swicth", words), ", did you mean 'switch'?");
    EXPECT_EQ(suggestion("spaning-tree", words), ", did you mean 'spanning_tree'?");
    EXPECT_EQ(suggestion("zebra", words), "");
}

}  // namespace
}  // namespace pvmsim::scenarios
