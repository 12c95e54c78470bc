// Importing HMC listings of our own making: what the machine is taken to be, what is assumed around it, how that reads
// as a scenario, and what is said about listings that are broken or missing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "scenarios/import/assumed_site.hpp"
#include "scenarios/import/hmc_import.hpp"
#include "scenarios/import/listing_set.hpp"
#include "scenarios/import/recorded_machine.hpp"
#include "tests/scenarios/import_fixture.hpp"

namespace pvmsim::scenarios {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string text_of(const std::vector<RecordingError>& errors) {
    std::string text;
    for (const auto& error : errors) text += error.to_string() + "\n";
    return text;
}

RecordedMachine machine_of(const Listings& listings) {
    const TemporaryDirectory directory;
    write_listings(directory, listings);
    const auto set = find_listings(directory.path());
    EXPECT_TRUE(set.has_value()) << text_of(set.error());
    if (!set) return {};
    auto machine = read_machine(*set);
    EXPECT_TRUE(machine.has_value()) << text_of(machine.error());
    return machine ? *machine : RecordedMachine{};
}

/// The scenario, or the errors with the directory's name taken out.
std::string import(const Listings& listings) {
    const TemporaryDirectory directory;
    write_listings(directory, listings);
    const auto scenario = import_hmc(directory.path());
    if (scenario) return *scenario;
    auto text = text_of(scenario.error());
    const auto prefix = directory.path().string();
    for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix))
        text.replace(at, prefix.size(), "DIR");
    return text;
}

Listings with(const std::string& file, const std::string& before, const std::string& after) {
    auto listings = power7_listings();
    auto& text = listings.at(file);
    const auto at = text.find(before);
    EXPECT_NE(at, std::string::npos) << before;
    if (at != std::string::npos) text.replace(at, before.size(), after);
    return listings;
}

TEST(HmcImport, a_power7_machine_is_read_with_its_running_configuration) {
    const auto machine = machine_of(power7_listings());
    EXPECT_EQ(machine.name, "p740x");
    EXPECT_EQ(machine.type_model, "8205-E6C");
    EXPECT_EQ(machine.serial_num, "06A1B2C");
    EXPECT_EQ(machine.cores, 16u);
    EXPECT_EQ(machine.memory_mib, 131'072u);
    EXPECT_EQ(machine.mem_region_size_mib, 256u);
    ASSERT_EQ(machine.partitions.size(), 4u);
    const auto& vios1 = machine.partitions[0];
    EXPECT_EQ(vios1.name, "vios1");
    EXPECT_TRUE(vios1.running);
    EXPECT_EQ(vios1.profile.desired_proc_units.hundredths, 75);
    EXPECT_EQ(vios1.profile.desired_procs, 3u);
    EXPECT_EQ(vios1.profile.uncap_weight, 200);
    EXPECT_EQ(vios1.profile.hpt_ratio, 128u);
    EXPECT_EQ(vios1.profile.max_virtual_slots, 60u);
    EXPECT_THAT(vios1.notes,
                ElementsAre("desired_procs: profile normal says 2, the running partition has 3",
                            "desired_proc_units: profile normal says 0.5, the running partition has 0.75",
                            "uncap_weight: profile normal says 128, the running partition has 200",
                            "hpt_ratio: profile normal says 64, the running partition has 128",
                            "virtual_fc_adapters: profile normal says 30/server/4//30//0, the running partition has "
                            "30/server/4//30//1",
                            "max_virtual_slots: profile normal says 50, the running partition has 60"));
    ASSERT_EQ(vios1.profile.virtual_eth_adapters.size(), 2u);
    const auto& trunk = vios1.profile.virtual_eth_adapters[0];
    EXPECT_EQ(trunk.trunk_priority, 1);
    EXPECT_THAT(trunk.addl_vlan_ids, ElementsAre(wire::VlanId{100}, wire::VlanId{200}));
    EXPECT_EQ(trunk.mac_addr, wire::MacAddress::parse("da2650001001"));
    const auto& db1 = machine.partitions[3];
    EXPECT_EQ(db1.profile.proc_mode, hypervisor::ProcessorMode::kDedicated);
    EXPECT_EQ(db1.profile.sharing_mode, hypervisor::SharingMode::kShareIdleProcs);
    ASSERT_EQ(db1.profile.virtual_fc_adapters.size(), 2u);
    EXPECT_EQ(db1.profile.virtual_fc_adapters[0].wwpns->first.value(), 0xc0507601a2b30010u);
}

TEST(HmcImport, trunk_adapters_with_common_vlans_become_a_failover_pair_on_their_control_channel) {
    const auto machine = machine_of(power7_listings());
    const auto site = assume_site(machine);
    ASSERT_EQ(site.seas.size(), 2u);
    for (const auto& sea : site.seas) {
        EXPECT_EQ(sea.control_channel, hypervisor::SlotNumber{11});
        EXPECT_EQ(sea.trunks.size(), 1u);
        EXPECT_EQ(sea.note, "failover partners by their common VLANs (1, 100, 200)");
        EXPECT_EQ(sea.name, "ent6");  // four ports and two virtual adapters come before it
    }
    EXPECT_EQ(site.seas[0].real_adapter, "C1-T1");
    EXPECT_EQ(site.seas[1].real_adapter, "C3-T1");
    EXPECT_TRUE(site.control_channels.empty());
    EXPECT_THAT(site.vlans, ElementsAre(wire::VlanId{1}, wire::VlanId{100}, wire::VlanId{200}));
}

TEST(HmcImport, a_client_disk_goes_through_both_vioses_and_virtual_fibre_channel_is_mapped) {
    const auto site = assume_site(machine_of(power7_listings()));
    ASSERT_EQ(site.luns.size(), 2u);
    EXPECT_EQ(site.luns[0].name, "app1_disk0");
    EXPECT_THAT(site.luns[0].hosts, ElementsAre(hypervisor::PartitionId{1}, hypervisor::PartitionId{2}));
    EXPECT_EQ(site.luns[1].name, "db1_npiv0");
    EXPECT_THAT(site.luns[1].hosts, ElementsAre(hypervisor::PartitionId{4}));
    ASSERT_EQ(site.targets.size(), 2u);
    EXPECT_EQ(site.targets[1].vadapter, hypervisor::SlotNumber{20});
    ASSERT_EQ(site.mappings.size(), 2u);
    EXPECT_EQ(site.mappings[0].port, "C2-T1");
    EXPECT_EQ(site.mappings[1].port, "C4-T1");
    EXPECT_TRUE(std::ranges::all_of(site.slots, &AssumedSlot::listed));
}

TEST(HmcImport, the_scenario_reads_like_the_listings) {
    const auto text = import(power7_listings());
    for (const auto* want : {
             "  p740x:\n    type_model: \"8205-E6C\"\n    serial_num: \"06A1B2C\"\n    cores: 16\n    memory: "
             "131072MB\n",
             "        - \"10/1/1/100,200/1/0/ETHERNET0/da2650001001\"\n",
             "        - \"20/client/1/vios1/20/1\"\n        - \"21/client/2/vios2/20/1\"\n",
             "        - \"30/client/1/vios1/30/c0507601a2b30010,c0507601a2b30011/1\"\n",
             "ent6: { real_adapter: C1-T1, virt_adapters: [V10], pvid_adapter: V10, pvid: 1, ctl_chan: V11, ha_mode: "
             "auto }",
             "T1: { switch: sw1, mode: trunk, native_vlan: 1, vlans: [100, 200] }",
             "      vfc_mappings:\n        V30: C2-T1\n",
             "        vtscsi0: { vdev: \"storage.app1_disk0\", vadapter: V20 }\n",
             "      proc_mode: ded\n      min_procs: 1\n      desired_procs: 3\n      max_procs: 4\n      "
             "sharing_mode: share_idle_procs\n",
             "      processor: { demand: 1.5 }\n",
             "    # uncap_weight: profile normal says 128, the running partition has 200\n",
             "  - { at: 60s, fault: power-off, target: vios1 }\n",
         }) {
        EXPECT_THAT(text, HasSubstr(want));
    }
    EXPECT_EQ(import(power7_listings()), text);
}

TEST(HmcImport, without_a_control_channel_one_is_assumed_and_marked) {
    auto listings = power7_listings();
    auto& rows = listings.at("virtual_eth");
    for (auto at = rows.find("port_vlan_id=99"); at != std::string::npos; at = rows.find("port_vlan_id=99")) {
        const auto start = rows.rfind('\n', at) + 1;
        rows.erase(start, rows.find('\n', at) + 1 - start);
    }
    const auto site = assume_site(machine_of(listings));
    ASSERT_EQ(site.control_channels.size(), 2u);
    ASSERT_EQ(site.seas.size(), 2u);
    EXPECT_EQ(site.seas[0].control_channel, hypervisor::SlotNumber{2});
    const auto text = import(listings);
    EXPECT_THAT(text, HasSubstr("        - \"2/0/4094//0/0\"  # assumed: control channel, not in the listing\n"));
    EXPECT_THAT(text, HasSubstr("ctl_chan: V2, ha_mode: auto"));
}

TEST(HmcImport, trunks_that_share_no_vlan_are_single_seas_with_a_note) {
    auto listings = with("virtual_eth", "trunk_priority=2,ieee_virtual_eth=1,port_vlan_id=1,\"addl_vlan_ids=100,200\"",
                         "trunk_priority=2,ieee_virtual_eth=1,port_vlan_id=2,addl_vlan_ids=300");
    const auto text = import(listings);
    EXPECT_THAT(text, HasSubstr("# - vios2: no other VIOS has a trunk adapter in VLAN 2, 300: no failover"));
    EXPECT_THAT(text, Not(HasSubstr("ha_mode")));
}

TEST(HmcImport, missing_adapters_are_added_and_bridges_taken_for_ethernet) {
    auto listings = power7_listings();
    listings["io_slot"] = power7_slot("C1", "21010201", "lpar_name=vios1,lpar_id=1", "0604", "PCI-to-PCI bridge") +
                          power7_slot("C9", "21010209", "lpar_id=none", "FFFF", "Empty slot");
    const auto text = import(listings);
    EXPECT_THAT(text, HasSubstr("      C1:  # assumed: the listing shows only a bridge"));
    EXPECT_THAT(text, HasSubstr("real_adapter: C1-T1"));
    EXPECT_THAT(text, HasSubstr("      C10:  # assumed: not in the listing: the VIOS needs an Ethernet adapter"));
    EXPECT_THAT(text, HasSubstr("      C11:  # assumed: not in the listing: the VIOS needs a Fibre Channel adapter"));
    EXPECT_THAT(text, HasSubstr("        - \"C10/none/1\"  # assumed adapter\n"));
}

TEST(HmcImport, a_partition_that_is_not_activated_is_what_its_profile_asks_for) {
    const auto machine =
        machine_of(with("lpar_real", "lpar_env=aixlinux,state=Running,default_profile=normal,curr_profile=normal",
                        "lpar_env=aixlinux,state=Not Activated,default_profile=normal,curr_profile="));
    const auto& db1 = machine.partitions[3];
    EXPECT_FALSE(db1.running);
    EXPECT_EQ(db1.profile.proc_mode, hypervisor::ProcessorMode::kShared);
    EXPECT_EQ(db1.profile.desired_proc_units.hundredths, 50);
    EXPECT_EQ(db1.profile.max_virtual_slots, 50u);
    EXPECT_EQ(db1.profile.virtual_eth_adapters[0].mac_addr, wire::MacAddress::parse("da2650004001"));
}

TEST(HmcImport, without_the_hardware_listings_the_profiles_stand_alone) {
    auto listings = power7_listings();
    for (const auto* name : {"proc_lpar", "mem_lpar", "virtual_eth", "virtual_scsi", "virtual_fc", "virtual_slot"}) {
        listings.erase(name);
    }
    const auto machine = machine_of(listings);
    EXPECT_EQ(machine.partitions[0].profile.desired_procs, 2u);
    EXPECT_EQ(machine.partitions[0].profile.virtual_eth_adapters.size(), 2u);
    const auto text = import(listings);
    EXPECT_THAT(text,
                HasSubstr("no data from 'lshwres -r proc --level lpar -m M' (there is no such file): processors are"));
    EXPECT_THAT(text, HasSubstr("        - \"10/1/1/100,200/1/0\"\n"));
}

TEST(HmcImport, what_the_simulator_does_not_have_is_replaced_and_marked) {
    auto listings = with("sys", "8205-E6C", "9117-MMA");
    listings.at("prof").replace(listings.at("prof").find("mem_mode=ded"), 12, "mem_mode=shared");
    listings.erase("mem_lpar");
    auto& processors = listings.at("proc_lpar");
    processors.replace(processors.find("pool_id=0"), 9, "pool_id=3");
    const auto text = import(listings);
    EXPECT_THAT(text, HasSubstr("# default: the listing says 9117-MMA, which is not modelled"));
    EXPECT_THAT(text, HasSubstr("mem_mode: ded  # default: the listing says shared"));
    EXPECT_THAT(text, HasSubstr("the listing says shared_proc_pool_id=3"));
}

TEST(HmcImport, names_a_scenario_cannot_have_are_replaced_and_told) {
    auto listings = power7_listings();
    for (auto& [file, text] : listings) {
        for (auto at = text.find("app1"); at != std::string::npos; at = text.find("app1", at + 5))
            text.replace(at, 4, "app 1");
    }
    const auto text = import(listings);
    EXPECT_THAT(text, HasSubstr("  app_1:\n    # the HMC's name is 'app 1'; here it is app_1\n"));
    EXPECT_THAT(text, HasSubstr("\"20/server/3/app_1/20/1\""));
}

TEST(HmcImport, texts_of_a_listing_cannot_break_the_yaml) {
    const auto text =
        import(with("io_slot", "description=Empty slot", "description=a: \"b\" \\ #c \xff {d} \t[01-99]"));
    EXPECT_THAT(text, HasSubstr("description: \"a: \\\"b\\\" \\\\ #c ? {{d}}  [01-99]\"\n"));
}

TEST(HmcImport, the_system_may_be_told_by_the_file_names_alone) {
    for (const auto* prefix : {"8205-E6C-06A1B2C", "Server-8205-E6C-SN06A1B2C", "8205-E6C*06A1B2C"}) {
        const TemporaryDirectory directory;
        auto listings = power7_listings();
        listings.erase("sys");
        for (const auto& [name, text] : listings) directory.write(std::string(prefix) + "_" + name + ".txt", text);
        directory.write("README.md", "What these files are\nis of no concern");
        const auto text = import_hmc(directory.path());
        ASSERT_TRUE(text.has_value()) << text_of(text.error());
        EXPECT_THAT(*text, HasSubstr("type_model: \"8205-E6C\"\n    serial_num: \"06A1B2C\"\n")) << prefix;
    }
    auto listings = power7_listings();
    listings.erase("sys");
    EXPECT_THAT(import(listings), HasSubstr("the machine type and serial number are unknown"));
}

TEST(HmcImport, files_are_recognised_by_content_whatever_their_names) {
    const TemporaryDirectory directory;
    for (const auto& [name, text] : power7_listings()) {
        // Virtual Fibre Channel rows have wwpns, virtual SCSI rows are what is left.
        directory.write("listing of " + name, text);
    }
    const auto by_content = import_hmc(directory.path());
    ASSERT_TRUE(by_content.has_value()) << text_of(by_content.error());
    EXPECT_EQ(*by_content, import(power7_listings()));
}

TEST(HmcImport, adapters_without_their_partner_are_opened_or_left_out) {
    auto listings =
        with("virtual_scsi", "adapter_type=client,remote_lpar_id=1,remote_lpar_name=vios1,remote_slot_num=20",
             "adapter_type=client,remote_lpar_id=1,remote_lpar_name=vios1,remote_slot_num=25");
    auto& fibre_channel = listings.at("virtual_fc");
    fibre_channel.erase(fibre_channel.find('\n') + 1,
                        fibre_channel.find('\n', fibre_channel.find('\n') + 1) - fibre_channel.find('\n'));
    const auto text = import(listings);
    EXPECT_THAT(text, HasSubstr("        - \"20/server/any//any/1\"\n"));
    EXPECT_THAT(text,
                HasSubstr("# virtual_scsi_adapters: 20/client/1//25/1 has no partner in the listings: it is left out"));
    EXPECT_THAT(text, HasSubstr("app1_disk0: { size: 50GB, hosts: [vios2] }"));
    EXPECT_THAT(text, Not(HasSubstr("31/client/2/vios2/30/")));
    EXPECT_THAT(text, HasSubstr("- \"30/client/1/vios1/30/"));
}

TEST(HmcImport, broken_listings_are_refused_all_at_once) {
    auto listings = with("proc_lpar", "curr_proc_units=0.75", "curr_proc_units=lots");
    auto& memory = listings.at("mem_lpar");
    memory.replace(memory.find("curr_mem=4096"), 13, "curr_mem=-1");
    auto& ethernet = listings.at("virtual_eth");
    ethernet.replace(ethernet.find("DA2650003001"), 12, "DA265000300");
    EXPECT_EQ(import(listings),
              "DIR/p740x_mem_lpar.txt:1: curr_mem=-1: expected a whole number up to 4294967296\n"
              "DIR/p740x_proc_lpar.txt:1: curr_proc_units=lots: expected processing units in hundredths at the finest\n"
              "DIR/p740x_virtual_eth.txt:5: mac_addr=DA265000300: expected twelve hexadecimal digits\n");
}

TEST(HmcImport, each_kind_of_broken_listing_has_its_message) {
    const auto check = [](const Listings& listings, const std::string& want) {
        EXPECT_EQ(import(listings), want + "\n");
    };
    check(with("prof", "name=normal,lpar_name=app1", "normal,lpar_name=app1"),
          "DIR/p740x_prof.txt:3: expected attribute=value, found 'normal'");
    check(with("prof", "name=normal,lpar_name=app1,lpar_id=3", "name=normal,lpar_name=app1,lpar_id=9"),
          "DIR/p740x_prof.txt:3: partition 9 is not in the listing of partitions");
    check(with("prof", "virtual_eth_adapters=10/0/100//0/1", "virtual_eth_adapters=10/0/100//0"),
          "DIR/p740x_prof.txt:3: virtual_eth_adapters: expected 0 or 1 for required, found 'ETHERNET0'");
    check(with("lpar_real", "name=app1,lpar_id=3", "name=app1,lpar_id=4"),
          "DIR/p740x_lpar_real.txt:2: partition app1 (id 4) is listed twice\n"
          "DIR/p740x_mem_lpar.txt:3: partition 3 is not in the listing of partitions\n"
          "DIR/p740x_proc_lpar.txt:3: partition 3 is not in the listing of partitions\n"
          "DIR/p740x_prof.txt:3: partition 3 is not in the listing of partitions\n"
          "DIR/p740x_virtual_eth.txt:5: partition 3 is not in the listing of partitions\n"
          "DIR/p740x_virtual_scsi.txt:3: partition 3 is not in the listing of partitions\n"
          "DIR/p740x_virtual_scsi.txt:4: partition 3 is not in the listing of partitions\n"
          "DIR/p740x_virtual_slot.txt:3: partition 3 is not in the listing of partitions");
    check(with("lpar_real", "lpar_env=vioserver", "lpar_env=toaster"),
          "DIR/p740x_lpar_real.txt:3: lpar_env=toaster: expected one of aixlinux, vioserver, os400");
    check(with("io_slot", "drc_index=21010205", "drc_index=2101"),
          "DIR/p740x_io_slot.txt:5: drc_index=2101: expected eight hexadecimal digits");
    check(with("mem", "mem_region_size=256", "region=256"),
          "DIR/p740x_mem.txt:1: attribute mem_region_size is missing");
    check(with("proc", "configurable_sys_proc_units=16.0,", "configurable_sys_proc_units=0.0,"),
          "DIR/p740x_proc.txt:1: configurable_sys_proc_units: a machine without processors");
}

TEST(HmcImport, missing_listings_are_named_with_the_command_that_makes_them) {
    auto listings = power7_listings();
    listings.erase("prof");
    listings["mem"] = "HSCL8018 The managed system x was not found.\n";
    EXPECT_EQ(import(listings),
              "DIR: the listing of 'lssyscfg -r prof -m M' is needed (usual file name: SYSTEM_prof.txt): there is no "
              "such file\n"
              "DIR: the listing of 'lshwres -r mem --level sys -m M' is needed (usual file name: SYSTEM_mem.txt): "
              "p740x_mem.txt "
              "says: HSCL8018 The managed system x was not found.\n");
    EXPECT_EQ(import({}), "DIR: no HMC listing in this directory; docs/import.md says how to record them\n");
    EXPECT_EQ(import({{"prof", "a\n"}}).substr(0, 61),
              "DIR/p740x_prof.txt:1: expected attribute=value, found 'a'\nDIR");
    EXPECT_EQ(text_of(import_hmc("/nonexistent").error()), "/nonexistent: no such directory\n");
}

TEST(HmcImport, listings_of_two_systems_are_refused) {
    const TemporaryDirectory directory;
    write_listings(directory, power7_listings());
    directory.write("other_prof.txt", power7_listings().at("prof"));
    const auto result = import_hmc(directory.path());
    ASSERT_FALSE(result.has_value());
    EXPECT_THAT(text_of(result.error()), HasSubstr("Give each system its own directory"));
}

}  // namespace
}  // namespace pvmsim::scenarios
