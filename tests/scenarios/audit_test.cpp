// The audit, rule by rule: a clean site gives nothing, and each single mistake gives its own rule and no other.
// Mistakes that the loader refuses are made in the loaded scenario. Shipped scenarios give nothing severe.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>
#include <sstream>

#include "scenarios/audit/audit.hpp"
#include "scenarios/audit/rules.hpp"
#include "scenarios/audit/source_places.hpp"
#include "scenarios/import/hmc_import.hpp"
#include "scenarios/loader/load.hpp"
#include "tests/scenarios/audit_site.hpp"
#include "tests/scenarios/recordings_support.hpp"

namespace pvmsim::scenarios::audit {
namespace {

using hypervisor::SlotNumber;
using testing::UnorderedElementsAreArray;

Scenario load(const std::string& text) {
    auto loaded = load_scenario_text(text, "site.yaml", ".");
    if (loaded) return std::move(*loaded);
    for (const auto& error : loaded.error()) ADD_FAILURE() << format_error(error);
    return {};
}

std::vector<std::string> ids(const Scenario& scenario) {
    std::vector<std::string> found;
    for (const auto& one : audit(scenario)) found.emplace_back(one.rule.id);
    return found;
}

struct Edit {
    std::string from;
    std::string to;
    int which = 0;  ///< the how-manieth of them in the text; -1: all
};

std::string edited(const std::vector<Edit>& edits) {
    std::string text(kCleanSite);
    for (const auto& edit : edits) {
        std::size_t at = text.find(edit.from);
        for (int i = 0; i < edit.which && at != std::string::npos; ++i) at = text.find(edit.from, at + 1);
        if (at == std::string::npos) ADD_FAILURE() << "not in the text: " << edit.from;
        for (; at != std::string::npos;
             at = edit.which < 0 ? text.find(edit.from, at + edit.to.size()) : std::string::npos)
            text.replace(at, edit.from.size(), edit.to);
    }
    return text;
}

PartitionDescription& partition(Scenario& scenario, std::string_view name) {
    return *std::ranges::find_if(scenario.partitions, [&](const auto& one) { return one.config.name == name; });
}

SeaDescription& sea(Scenario& scenario, std::string_view vios) {
    return partition(scenario, vios).vios->shared_ethernet_adapters.front();
}

struct Mistake {
    std::string id;
    std::vector<Edit> edits;
    std::function<void(Scenario&)> change = {};
    std::vector<std::string> also = {};  ///< what the same mistake breaks besides
};

void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.id; }

void clear_channels(Scenario& scenario) {
    for (const auto* vios : {"vios1", "vios2"}) sea(scenario, vios).ctl_chan.clear();
}

std::vector<Mistake> failover_mistakes() {
    const auto no_channel = [](Scenario& scenario) { sea(scenario, "vios1").ctl_chan.clear(); };
    const auto both = [](std::string mode) { return std::vector<Edit>{{"ha_mode: auto", "ha_mode: " + mode, -1}}; };
    return {
        {"NET-001",
         {},
         [](Scenario& scenario) {
             clear_channels(scenario);
             partition(scenario, "vios2").vios->level = {2, 2, 1, 4};
         }},
        {"NET-002", {{"11/0/99//0/0", "11/0/98//0/0"}}},
        {"NET-002", {}, no_channel, {"NET-003"}},  // the idle adapter stays in the other's VLAN
        {"NET-003", {{"11/0/200//0/1", "11/0/99//0/1"}}},
        {"NET-003",
         {{"1/100/1/0", "1/100,99/1/0"}, {"1/100/2/0", "1/100,99/2/0"}, {"1, 100, 200]", "1, 99, 100, 200]", -1}}},
        {"NET-005", {{"1/100/2/0", "1/100/1/0"}, {"2/200/2/0", "2/200/1/0"}}},
        {"NET-006", {{"2/200/2/0", "2/200/3/0"}}},
        {"NET-007", {{"ha_mode: auto", "ha_mode: disabled"}}},
        {"NET-009", {{"ha_mode: auto", "ha_mode: sharing"}}, {}, {"NET-013"}},
        {"NET-011",
         [&] {
             auto edits = both("sharing, adapter_reset: no");
             edits.push_back({"edition: enterprise", "edition: standard"});
             return edits;
         }()},
        {"NET-012",
         [&] {
             auto edits = both("sharing, adapter_reset: no");
             edits.push_back({"[V10, V12]", "[V12, V10], pvid_adapter: V10"});
             return edits;
         }()},
        {"NET-013", both("sharing")},
        {"NET-014", {}, [](Scenario& scenario) { sea(scenario, "vios2").ip.reset(); }},
        {"NET-015", {{"ip_vlan: 100, netaddr: 10.1.100.2", "ip_vlan: 100"}}},
        {"NET-016", {{"ha_mode: auto", "ha_mode: auto, jumbo_frames: yes"}}, {}, {"NET-037"}},
        {"NET-017", {{"10/1/1/100/2/0", "10/1/3/100/2/0"}}, clear_channels},
        {"NET-018", {{"netaddr: 10.1.100.2", "netaddr: 10.1.100.1"}}},
        {"NET-019", both("sharing, adapter_reset: no"),
         [](Scenario& scenario) {
             partition(scenario, "vios1").vios->level = {2, 2, 0, 10};
         }},
        {"NET-036", {{"ha_mode: auto", "ha_mode: auto, qos_mode: strict"}}},
        {"NET-037", both("auto, jumbo_frames: yes")},
    };
}

/// One trunk adapter with both VLANs on each side.
const std::vector<Edit> kOneTrunk{{"ha_mode: auto", "ha_mode: sharing, adapter_reset: no", -1},
                                  {"[V10, V12]", "[V10]", -1},
                                  {"1/100/1/0", "1/100,200/1/0"},
                                  {"1/100/2/0", "1/100,200/2/0"},
                                  {", \"12/1/2/200/1/0\"", ""},
                                  {", \"12/1/2/200/2/0\"", ""}};

/// A third VIOS whose SEA has the control channel, the VLANs and a port of its own.
void add_third_vios(Scenario& scenario, bool vlans_too) {
    auto third = partition(scenario, "vios2");
    third.config.name = "vios3";
    third.config.lpar_id = hypervisor::PartitionId{3};
    third.config.profile.virtual_scsi_adapters.clear();
    third.config.profile.virtual_fc_adapters.clear();
    third.vios->virtual_targets.clear();
    third.vios->vfc_mappings.clear();
    for (auto& adapter : third.config.profile.virtual_eth_adapters) {
        if (!adapter.is_trunk()) continue;
        adapter.trunk_priority = 3;
        if (!vlans_too) {
            adapter.port_vlan_id = wire::VlanId{static_cast<std::uint16_t>(1000 + adapter.slot_num.value())};
            adapter.addl_vlan_ids.clear();
        }
    }
    scenario.partitions.push_back(std::move(third));
}

std::vector<Mistake> more_failover_mistakes() {
    return {
        {"NET-004", {}, [](Scenario& scenario) { add_third_vios(scenario, false); }},
        {"NET-008", {}, [](Scenario& scenario) { add_third_vios(scenario, true); }, {"NET-004", "NET-018"}},
        {"NET-010", kOneTrunk},
    };
}

std::vector<Mistake> vlan_mistakes() {
    return {
        {"NET-020", {{"T3: { switch: sw2 }", "T3: { switch: sw2, vlans: [1, 100] }"}}},
        {"NET-020", {{"sw2: { vlans: [1, 100, 200]", "sw2: { vlans: [1, 100]"}}, {}, {"NET-031"}},
        {"NET-021", {{"1/100/1/0", "1/100,300/1/0"}}},
        {"NET-022", {{"2/200/2/0", "2/201/2/0"}, {"1, 100, 200]", "1, 100, 200, 201]", -1}}},
        {"NET-023", {{"10/0/100//0/1", "10/0/2//0/1", 1}, {"1, 100, 200]", "1, 2, 100, 200]", -1}}},
        {"NET-024",
         {{"10/0/100//0/1", "10/0/1//0/1", 1}, {"T3: { switch: sw2 }", "T3: { switch: sw2, native_vlan: 200 }"}}},
        {"NET-025", {{"200: 10.1.200.1", "3358: 10.1.200.1"}, {"1, 100, 200]", "1, 100, 200, 3358]", -1}}},
        {"NET-025",
         {},
         [](Scenario& scenario) {
             partition(scenario, "db1").config.profile.virtual_eth_adapters[0].port_vlan_id = wire::kVlanIdFirmware;
         }},
        {"NET-026",
         {},
         [](Scenario& scenario) {
             for (std::uint16_t slot = 100; slot < 115; ++slot)
                 for (const std::string vios : {"vios1", "vios2"}) {
                     auto& adapters = partition(scenario, vios).config.profile.virtual_eth_adapters;
                     auto trunk = adapters.front();
                     trunk.slot_num = SlotNumber{slot};
                     trunk.port_vlan_id = wire::VlanId{static_cast<std::uint16_t>(1000 + slot)};
                     trunk.addl_vlan_ids.clear();
                     adapters.push_back(trunk);
                     sea(scenario, vios).virt_adapters.push_back("V" + std::to_string(slot));
                 }
         }},
        {"NET-027",
         {},
         [](Scenario& scenario) {
             for (auto& lan_switch : scenario.fabric.lan.switches) lan_switch.vlans.clear();
             for (const std::string vios : {"vios1", "vios2"})
                 for (std::uint16_t vlan = 1000; vlan < 1020; ++vlan)
                     partition(scenario, vios).config.profile.virtual_eth_adapters[0].addl_vlan_ids.emplace_back(vlan);
         }},
        {"NET-028",
         {{"[V10, V12]", "[V10]", 1},
          {", \"12/1/2/200/2/0\"", ""},
          {"[V10, V12]", "[V10]"},
          {"      virtual_targets:\n        app1_root: { vdev: ds1.app1_root, vadapter: V30 }",
           "        ent7: { real_adapter: C2-T4, virt_adapters: [V12] }\n"
           "      virtual_targets:\n        app1_root: { vdev: ds1.app1_root, vadapter: V30 }"},
          {"T3: { switch: sw2 }", "T3: { switch: sw2 }\n          T4: { switch: sw1, native_vlan: 2 }"},
          {"1, 100, 200]", "1, 2, 100, 200]", -1}}},
        {"NET-029",
         {{"2/200/1/0", "2/201/1/0"}, {"2/200/2/0", "2/201/2/0"}, {"1, 100, 200]", "1, 100, 200, 201]", -1}}},
        {"NET-030", {{"[V10, V12]", "[V10]", -1}}, {}, {"NET-029"}},
        {"NET-031", {{"- { a: sw1, b: sw2 }", "- { a: sw1, b: sw2, vlans: [1, 100] }"}}},
        {"NET-032",
         {},
         [](Scenario& scenario) {
             const wire::MacAddress mac = wire::MacAddress::from_integer(0x26e6b0002007);
             partition(scenario, "db1").config.profile.virtual_eth_adapters[0].mac_addr = mac;
             partition(scenario, "vios1").config.profile.virtual_eth_adapters[0].mac_addr = mac;
         }},
        {"NET-033",
         {},
         [](Scenario& scenario) {
             scenario.systems[0].vswitches = {{"ETHERNET0", hypervisor::SwitchMode::kVepa}};
             for (auto& adapter : scenario.systems[0].adapters)
                 for (auto& port : adapter.ports) port.lan.config.hairpin = port.name != "T3";
         }},
    };
}

/// db1 switches over between V10 and a second adapter by itself.
LinkAggregationDescription& add_backup(Scenario& scenario, wire::VlanId vlan) {
    auto& db1 = partition(scenario, "db1");
    auto second = db1.config.profile.virtual_eth_adapters[0];
    second.slot_num = SlotNumber{13};
    second.port_vlan_id = vlan;
    db1.config.profile.virtual_eth_adapters.push_back(second);
    return db1.link_aggregations.emplace_back(LinkAggregationDescription{"ent5", {"V10"}, "V13", {}});
}

/// VLANs 300 and 301 of a second virtual switch are bridged by vios1 alone.
void add_virtual_switch(Scenario& scenario) {
    for (auto& lan_switch : scenario.fabric.lan.switches)
        for (const wire::VlanId vlan : {wire::VlanId{300}, wire::VlanId{301}}) lan_switch.vlans.push_back(vlan);
    auto trunk = partition(scenario, "vios1").config.profile.virtual_eth_adapters[0];
    trunk.slot_num = SlotNumber{13};
    trunk.vswitch = "ETHERNET1";
    trunk.addl_vlan_ids = {wire::VlanId{300}, wire::VlanId{301}};
    partition(scenario, "vios1").config.profile.virtual_eth_adapters.push_back(trunk);
    sea(scenario, "vios1").virt_adapters.push_back("V13");
}

std::vector<Mistake> client_network_mistakes() {
    return {
        {"NET-034", {}, [](Scenario& scenario) { add_backup(scenario, wire::VlanId{200}); }},
        {"NET-035",
         {},
         [](Scenario& scenario) {
             add_virtual_switch(scenario);
             add_backup(scenario, wire::VlanId{301}).attributes = {{"netaddr", "10.1.100.1"}};
             auto& adapters = partition(scenario, "db1").config.profile.virtual_eth_adapters;
             adapters[0].port_vlan_id = wire::VlanId{300};
             for (auto& adapter : adapters) adapter.vswitch = "ETHERNET1";
         },
         {"NET-022"}},
    };
}

std::vector<Mistake> outside_mistakes() {
    return {
        {"NET-040", {{"channel_group: 1, lacp: true }", "channel_group: 1 }", -1}}},
        {"NET-040", {{", mode: 8023ad", "", 1}}},
        {"NET-041", {{"channel_group: 1, lacp: true }", "channel_group: 5, lacp: true }"}}},
        {"NET-042", {{"T2: { switch: sw1, channel_group: 1", "T2: { switch: sw2, channel_group: 1"}}, {}, {"NET-043"}},
        {"NET-043", {{"T3: { switch: sw2 }", "T3: { switch: sw1 }"}}},
        {"NET-044", {{"switch: sw2", "switch: sw1", -1}}, {}, {"NET-043"}},
        {"NET-045", {{"T3: { switch: sw2 }", "T3: { switch: sw2, portfast: false }"}}},
        {"NET-046", {{"T3: { switch: sw2 }", "T3: {}"}}},
        {"NET-047",
         {{"ha_mode: auto", "ha_mode: auto, large_receive: yes", -1}},
         [](Scenario& scenario) { partition(scenario, "db1").is_linux = true; }},
        {"NET-048", {{"ha_mode: auto", "ha_mode: auto, thread: 0", 1}}},
        {"NET-049", {{", storm_action: shutdown", ""}}},
        {"NET-050",
         {{", storm_action: shutdown", ", storm_action: shutdown, spanning_tree: false", 1},
          {"- { a: sw1, b: sw2 }", "- { a: sw1, b: sw2 }\n      - { a: sw2, b: sw1 }"}}},
    };
}

std::vector<Mistake> virtual_scsi_mistakes() {
    const auto one_vios = [](Scenario& scenario) {
        auto& client = partition(scenario, "app2");
        client.config.profile.virtual_scsi_adapters.pop_back();
        client.devices.vscsi = {{"vscsi_err_recov", "delayed_fail"}};
    };
    return {
        {"STO-001", {}, one_vios},
        {"STO-002", {{"        app2_root: { vdev: ds1.app2_root, vadapter: V33 }\n", ""}}, {}, {"STO-014"}},
        {"STO-003", {{"A-P1: fcsw2", "A-P1: fcsw1"}, {"B-P1: fcsw2", "B-P1: fcsw1"}}},
        {"STO-004",
         {},
         [](Scenario& scenario) {  // both from vios1 now
             scenario.partitions.erase(
                 std::ranges::find_if(scenario.partitions, [](const auto& one) { return one.config.name == "vios2"; }));
         },
         {"NPV-003", "NPV-002", "VIO-001", "STO-011"}},
        {"STO-005", {{"B-P0: fcsw1, B-P1: fcsw2", "A-P2: fcsw1, A-P3: fcsw2"}}},
        {"STO-006", {{", vscsi_path_to: 30", ""}}},
        {"STO-007", {{"hcheck_interval: 60 }", "hcheck_interval: 0 }"}}},
        {"STO-007", {{"hcheck_interval: 60, queue", "queue"}}},
        {"STO-008", {{"fc_err_recov: fast_fail", "fc_err_recov: delayed_fail"}}},
        {"STO-009", {{"dyntrk: yes", "dyntrk: no", 2}}},
        {"STO-010", {{"reserve_policy: no_reserve", "reserve_policy: single_path", 1}}},
        {"STO-011", {{"vscsi_err_recov: fast_fail", "vscsi_err_recov: delayed_fail"}}},
        {"STO-012", {{"queue_depth: 20", "queue_depth: 32", 2}}},
        {"STO-013", {{"vscsi0: \"{n}\", vscsi1: \"{3-n}\"", "vscsi0: 1, vscsi1: 2"}}},
        {"STO-014", {{"        app2_root: { vdev: ds1.app2_root, vadapter: V33 }\n", ""}}, {}, {"STO-002"}},
    };
}

std::vector<Mistake> npiv_mistakes() {
    return {
        {"NPV-001",
         {},
         [](Scenario& scenario) {
             auto& adapters = partition(scenario, "db1").config.profile.virtual_fc_adapters;
             adapters.pop_back();
         },
         {"NPV-002", "NPV-003"}},
        {"NPV-002", {{"V71: C5-T2", "V71: C5-T1"}}},
        {"NPV-003", {}, [](Scenario& scenario) { partition(scenario, "vios2").vios->vfc_mappings[0].port = "C3-T2"; }},
        {"NPV-004",
         {},
         [](Scenario& scenario) {
             for (std::uint16_t slot = 100; slot < 164; ++slot)
                 partition(scenario, "vios1").vios->vfc_mappings.push_back({SlotNumber{slot}, "C3-T1"});
         }},
        {"NPV-005", {{"vfc_mappings: { V71: C5-T2 }", "vfc_mappings: {}"}}, {}, {"NPV-002", "NPV-003"}},
        {"NPV-006",
         {},
         [](Scenario& scenario) {
             auto& adapters = partition(scenario, "db1").config.profile.virtual_fc_adapters;
             adapters[1].wwpns->second = adapters[0].wwpns->first;
         }},
        {"NPV-007", {{"fabric_b:\n", "fabric_b:\n      npiv: false\n"}}},
        {"NPV-008", {{"all: [vios1, vios2, db1, ds1]", "all: [vios1, vios2, c0507601a2b30010, ds1]"}}},
        {"NPV-009",
         {{"C5: { adapter: fc, ports: { T1: { switch: fcsw1 }, T2: { switch: fcsw2 } } }",
           "C5: { adapter: fc, ports: { T1: { switch: fcsw1 }, T2: {} } }"}},
         {},
         {"NPV-002"}},
    };
}

std::vector<Mistake> partition_mistakes() {
    return {
        {"VIO-002", {{"uncap_weight: 255", "uncap_weight: 200"}}},
        {"VIO-003", {{"uncap_weight: 255", "sharing_mode: cap"}}},
        {"VIO-004", {{"desired_proc_units: 1.0", "desired_proc_units: 0.5"}}},
        {"VIO-005", {{"desired_mem: 6GB", "desired_mem: 4GB"}}},
        {"VIO-006",
         {},
         [](Scenario& scenario) { partition(scenario, "vios1").config.profile.desired_mem_mib = 768; },
         {"PAR-002"}},
        {"VIO-007", {{"11/0/99//0/0", "11/0/99//0/1"}}},
        {"VIO-008",
         {},
         [](Scenario& scenario) {
             partition(scenario, "vios1").config.profile.virtual_scsi_adapters[0].slot_num = SlotNumber{29};
         }},
        {"VIO-001",
         {},
         [](Scenario& scenario) {
             scenario.partitions.erase(
                 std::ranges::find_if(scenario.partitions, [](const auto& one) { return one.config.name == "vios2"; }));
         },
         {"NPV-002", "NPV-003", "STO-004", "STO-011"}},
        {"PAR-001", {{"max_virtual_slots: 200", "max_virtual_slots: 2000", 3}}},
        {"PAR-002", {{"desired_mem: 4GB\n      max_mem: 8GB", "desired_mem: 4GB\n      max_mem: 32GB"}}},
        {"PAR-003", {}, [](Scenario& scenario) { scenario.systems[0].config.edition = hypervisor::Edition::kExpress; }},
        {"PAR-004", {{"uncap_weight: 200", "uncap_weight: 0"}}},
    };
}

std::vector<Mistake> all_mistakes() {
    std::vector<Mistake> all;
    for (const auto family : {failover_mistakes, more_failover_mistakes, vlan_mistakes, client_network_mistakes,
                              outside_mistakes, virtual_scsi_mistakes, npiv_mistakes, partition_mistakes})
        std::ranges::move(family(), std::back_inserter(all));
    return all;
}

TEST(Audit, FindsNothingInACleanSite) { EXPECT_THAT(ids(load(std::string(kCleanSite))), testing::IsEmpty()); }

class AuditRule : public testing::TestWithParam<Mistake> {};

TEST_P(AuditRule, FindsItsMistakeAndNoOther) {
    const auto& mistake = GetParam();
    auto scenario = load(edited(mistake.edits));
    if (HasFailure()) return;
    if (mistake.change) mistake.change(scenario);
    auto expected = mistake.also;
    expected.push_back(mistake.id);
    EXPECT_THAT(ids(scenario), UnorderedElementsAreArray(expected));
    for (const auto& one : audit(scenario))
        for (const auto& finding : one.findings) {
            EXPECT_FALSE(finding.message.empty());
            EXPECT_FALSE(finding.evidence.empty());
        }
}

INSTANTIATE_TEST_SUITE_P(Rules, AuditRule, testing::ValuesIn(all_mistakes()), [](const auto& rule) {
    auto name = rule.param.id + "_" + std::to_string(rule.index);
    std::erase(name, '-');
    return name;
});

TEST(Audit, EveryRuleHasAMistakeThatBreaksIt) {
    std::set<std::string> broken;
    for (const auto& mistake : all_mistakes()) broken.insert(mistake.id);
    for (const auto& rule : rules()) EXPECT_TRUE(broken.contains(std::string(rule.id))) << rule.id;
}

TEST(Audit, RulesHaveDifferentIdsInOrderAndSayEverything) {
    std::set<std::string_view> seen;
    for (const auto& rule : rules()) {
        EXPECT_TRUE(seen.insert(rule.id).second) << rule.id;
        for (const auto text : {rule.title, rule.explanation, rule.remedy, rule.source})
            EXPECT_FALSE(text.empty()) << rule.id;
    }
    EXPECT_EQ(find_rule("net-003")->id, "NET-003");
    EXPECT_FALSE(find_rule("NET-999"));
}

TEST(Audit, ThePageListsTheRulesAsTheyAre) {
    std::ifstream file("docs/audit.md");  // tests run at the root of the tree
    const std::string page{std::istreambuf_iterator<char>(file), {}};
    for (const auto& rule : rules()) {
        const auto row = "| " + std::string(rule.id) + " | " + std::string(to_string(rule.severity)) + " | " +
                         std::string(rule.title) + " | " + std::string(rule.source) + " |\n";
        EXPECT_NE(page.find(row), std::string::npos) << "docs/audit.md needs this row: " << row;
    }
}

TEST(Audit, SaysWhereTheMistakeWasWritten) {
    const auto text = edited({{"11/0/99//0/0", "11/0/98//0/0"}});
    const auto found = audit(load(text));
    ASSERT_EQ(found.size(), 1u);
    const SourcePlaces places(text, "site.yaml", {});
    const auto at = text.find("\"11/0/98//0/0\"");
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    const auto column = at - text.rfind('\n', at);
    EXPECT_EQ(places.text(found[0].findings[0].evidence[0]),
              "site.yaml:" + std::to_string(line) + ":" + std::to_string(column));
    EXPECT_EQ(places.text({"nothing", "here"}), "nothing.here");
}

TEST(Audit, SaysWhichOverrideMadeTheMistake) {
    const std::vector<std::string> overrides{"systems.p740a.slots.C2.ports.T3.portfast=false"};
    const auto loaded = load_scenario_text(kCleanSite, "site.yaml", ".", overrides);
    ASSERT_TRUE(loaded);
    const auto found = audit(*loaded);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].rule.id, "NET-045");
    EXPECT_THAT(SourcePlaces(kCleanSite, "site.yaml", overrides).text(found[0].findings[0].evidence[0]),
                testing::StartsWith("--set systems.p740a.slots.C2.ports.T3.portfast"));
}

TEST(Audit, GuardedPortsAreEnoughAgainstLoops) {
    const auto ports = edited({{", storm_action: shutdown", "", -1},
                               {"lacp: true }", "lacp: true, bpdu_guard: true }", -1},
                               {"T3: { switch: sw2 }", "T3: { switch: sw2, bpdu_guard: true }"},
                               {"T3: { switch: sw1 }", "T3: { switch: sw1, bpdu_guard: true }"}});
    EXPECT_THAT(ids(load(ports)), testing::IsEmpty());
    EXPECT_THAT(ids(load(edited({{"storm_action: shutdown", "mac_flap_err_disable: true", -1}}))), testing::IsEmpty());
}

TEST(Audit, SpanningTreeCutsARingThatIsNotAllOfItsOwn) {
    EXPECT_THAT(ids(load(edited({{"- { a: sw1, b: sw2 }", "- { a: sw1, b: sw2 }\n      - { a: sw2, b: sw1 }"}}))),
                testing::IsEmpty());
}

TEST(Audit, SidesWithoutAChannelOfTheirOwnFindEachOtherFromTheLevelOnThatKnowsHow) {
    auto scenario = load(std::string(kCleanSite));
    clear_channels(scenario);
    for (const auto* vios : {"vios1", "vios2"}) partition(scenario, vios).vios->level = {2, 2, 3, 0};
    EXPECT_THAT(ids(scenario), testing::IsEmpty());
}

TEST(Audit, AVlanOfOneSeaIsFineForClientsThatSwitchOverThemselves) {
    auto scenario = load(std::string(kCleanSite));
    add_virtual_switch(scenario);
    sea(scenario, "vios1").virt_adapters.pop_back();
    auto single = sea(scenario, "vios1");
    single.name = "ent7";
    single.virt_adapters = {"V13"};
    single.pvid_adapter = "V13";
    single.ctl_chan.clear();
    single.attributes.clear();
    partition(scenario, "vios1").vios->shared_ethernet_adapters.push_back(single);
    add_backup(scenario, wire::VlanId{300}).attributes = {{"netaddr", "10.1.100.1"}};
    partition(scenario, "db1").config.profile.virtual_eth_adapters.back().vswitch = "ETHERNET1";
    EXPECT_THAT(ids(scenario), testing::IsEmpty());
    partition(scenario, "db1").link_aggregations.clear();
    EXPECT_THAT(ids(scenario), testing::ElementsAre("NET-028"));
}

/// What follows a label in a scenario's comment, one for each line that has it, without quotes.
std::vector<std::string> lines_after(const std::string& text, const std::string& label) {
    std::vector<std::string> lines;
    for (auto at = text.find(label); at != std::string::npos; at = text.find(label, at + 1)) {
        const auto begin = at + label.size();
        lines.push_back(text.substr(begin, text.find('\n', at) - begin));
        std::erase(lines.back(), '\'');
    }
    return lines;
}

std::vector<std::string> words_of(const std::vector<std::string>& lines) {
    std::vector<std::string> words;
    for (const auto& line : lines) {
        std::istringstream in(line);
        words.insert(words.end(), std::istream_iterator<std::string>(in), {});
    }
    return words;
}

TEST(Audit, FindsEveryMistakeOfTheLibraryAndNoneOnceItIsMended) {
    std::size_t mistakes = 0;
    for (const auto& entry : std::filesystem::directory_iterator("scenarios/library/mistakes")) {
        ++mistakes;
        std::ifstream file(entry.path());
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        const auto expected = words_of(lines_after(text, "# Findings: "));
        const auto remedy = lines_after(text, "# Remedy: --set ");
        ASSERT_FALSE(expected.empty() || remedy.empty()) << entry.path();
        const auto wrong = load_scenario(entry.path());
        ASSERT_TRUE(wrong) << entry.path() << ": " << format_error(wrong.error().front());
        EXPECT_THAT(ids(*wrong), UnorderedElementsAreArray(expected)) << entry.path();
        const auto mended = load_scenario(entry.path(), remedy);
        ASSERT_TRUE(mended) << entry.path() << ": " << format_error(mended.error().front());
        const auto left = audit(*mended);
        EXPECT_EQ(count(left, Severity::kCritical) + count(left, Severity::kWarning), 0u) << entry.path();
        EXPECT_THAT(ids(*mended), testing::Not(testing::Contains(expected.front()))) << entry.path();
    }
    EXPECT_GE(mistakes, 20u);
}

TEST(Audit, SitesOfTwoViosesInTheLibraryAreClean) {
    for (const std::string name : {"dual-vios", "two-fabrics"}) {
        const auto loaded = load_scenario("scenarios/library/" + name + ".yaml");
        ASSERT_TRUE(loaded) << name;
        EXPECT_THAT(ids(*loaded), testing::IsEmpty()) << name;
    }
    // 10 Gb Ethernet wants more memory: of the port's speed or of the adapter's description, whichever is known.
    for (const auto& [overrides, wanted] : std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>>{
             {{"systems.p740a.slots.C2.ports.T1.speed=10Gbit/s"}, {"VIO-005"}},
             {{"systems.p740a.slots.C2.description=PCIe2 2-Port 10GbE SR Adapter"}, {"VIO-005"}},
             {{"systems.p740a.slots.C2.description=PCIe2 2-Port 10GbE SR Adapter",
               "systems.p740a.slots.C2.ports={ T1: { switch: sw1, speed: 1Gbit/s } }"},
              {}}}) {
        const auto fast = load_scenario("scenarios/library/dual-vios.yaml", overrides);
        ASSERT_TRUE(fast) << format_error(fast.error().front());
        EXPECT_EQ(ids(*fast), wanted) << overrides.front();
    }
    const auto npiv = load_scenario("scenarios/library/dual-vios-npiv.yaml");
    ASSERT_TRUE(npiv);
    EXPECT_THAT(ids(*npiv), UnorderedElementsAreArray({"VIO-005", "VIO-008"}));  // small, and numbered as it came
}

/// A recorded POWER5 server: two capped VIOSes, no SEA failover at all.
TEST(AuditOfRecording, FindsWhatIsWrongWithARealMachine) {
    const auto recording = find_recording("hmc-9131-52A");
    if (!recording) GTEST_SKIP() << "PVMSIM_RECORDINGS has no hmc-9131-52A";
    const auto imported = import_hmc(*recording);
    ASSERT_TRUE(imported);
    const auto found = audit(load(*imported));
    EXPECT_EQ(count(found, Severity::kCritical), 0u);
    std::vector<std::string> single_bridges;
    for (const auto& one : found)
        if (one.rule.id == "NET-028")
            for (const auto& finding : one.findings) single_bridges.push_back(finding.message);
    EXPECT_THAT(single_bridges, testing::ElementsAre(testing::HasSubstr("VLAN 6 "), testing::HasSubstr("VLAN 7 ")));
    EXPECT_THAT(ids(load(*imported)), testing::IsSupersetOf({"NET-028", "VIO-003", "VIO-004", "VIO-007"}));
}

}  // namespace
}  // namespace pvmsim::scenarios::audit
