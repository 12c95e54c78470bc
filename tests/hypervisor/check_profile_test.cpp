// Each rule of a profile: what breaks it is refused with the attribute's name,
// what just keeps it is accepted.
#include "hypervisor/partition/check_profile.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace pvmsim::hypervisor {
namespace {

using testing::HasSubstr;

PartitionProfile sound_profile() {
    PartitionProfile profile;
    profile.virtual_eth_adapters.push_back({.slot_num = SlotNumber{10}, .port_vlan_id = wire::VlanId{100}});
    profile.virtual_scsi_adapters.push_back(
        {.slot_num = SlotNumber{30}, .remote_lpar_id = PartitionId{1}, .remote_slot_num = SlotNumber{30}});
    profile.virtual_fc_adapters.push_back(
        {.slot_num = SlotNumber{70}, .remote_lpar_id = PartitionId{1}, .remote_slot_num = SlotNumber{70}});
    return profile;
}

ProfileContext client_context() { return {.lpar_id = PartitionId{5}}; }

std::vector<wire::VlanId> vlans(std::uint16_t first, std::uint16_t count) {
    std::vector<wire::VlanId> all;
    for (std::uint16_t i = 0; i < count; ++i) all.emplace_back(static_cast<std::uint16_t>(first + i));
    return all;
}

struct Case {
    std::string name;
    std::function<void(PartitionProfile&)> change;
    std::string attribute;  ///< empty: the profile is still sound
    std::string text;       ///< part of the message
};

void check(const Case& one, const ProfileContext& context) {
    PartitionProfile profile = sound_profile();
    one.change(profile);
    const auto problems = find_profile_problems(profile, context);
    if (one.attribute.empty()) {
        EXPECT_TRUE(problems.empty()) << one.name << ": " << problems.front().attribute << ": "
                                      << problems.front().text;
        return;
    }
    ASSERT_EQ(problems.size(), 1u) << one.name;
    EXPECT_EQ(problems.front().attribute, one.attribute) << one.name;
    EXPECT_THAT(problems.front().text, HasSubstr(one.text)) << one.name;
    const auto result = check_profile(profile, context);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidProfile);
}

using P = PartitionProfile;

TEST(CheckProfile, memory_and_processors) {
    const std::vector<Case> cases{
        {"as it is", [](P&) {}, "", ""},
        {"memory no multiple", [](P& p) { p.desired_mem_mib = 1000; }, "desired_mem", "256 MB"},
        {"minimum zero", [](P& p) { p.min_mem_mib = 0; }, "min_mem", "0 MB"},
        {"maximum below desired", [](P& p) { p.max_mem_mib = 512; }, "max_mem", "less than desired_mem 1024"},
        {"all equal", [](P& p) { p.min_mem_mib = p.max_mem_mib = 1024; }, "", ""},
        {"shared memory", [](P& p) { p.mem_mode = MemoryMode::kShared; }, "mem_mode", "pool"},
        {"page table ratio", [](P& p) { p.hpt_ratio = 100; }, "hpt_ratio", "1:100"},
        {"units too few",
         [](P& p) {
             p.desired_procs = p.max_procs = 6;
             p.max_proc_units = {100};
         },
         "desired_proc_units", "0.50 is too little for 6 virtual processors; at least 0.60"},
        {"units too many", [](P& p) { p.max_proc_units = {201}; }, "max_proc_units", "2.01 is too much for 2"},
        {"ceiling of units", [](P& p) { p.max_proc_units = {200}; }, "", ""},
        {"desired below minimum", [](P& p) { p.min_proc_units = {60}; }, "desired_proc_units",
         "less than min_proc_units 0.60"},
        {"no processor",
         [](P& p) {
             p.min_procs = 0;
             p.min_proc_units = {0};
         },
         "min_procs", "at least 1"},
        {"processors out of order", [](P& p) { p.desired_procs = 3; }, "max_procs", "less than desired_procs 3"},
        {"sharing mode of the other kind", [](P& p) { p.sharing_mode = SharingMode::kKeepIdleProcs; }, "sharing_mode",
         "cap"},
        {"dedicated with cap", [](P& p) { p.proc_mode = ProcessorMode::kDedicated; }, "sharing_mode",
         "keep_idle_procs"},
        {"dedicated",
         [](P& p) {
             p.proc_mode = ProcessorMode::kDedicated;
             p.sharing_mode = SharingMode::kShareIdleProcs;
         },
         "", ""},
        {"last pool", [](P& p) { p.shared_proc_pool_id = PoolId{63}; }, "", ""},
        {"pool that is not there", [](P& p) { p.shared_proc_pool_id = PoolId{64}; }, "shared_proc_pool_id",
         "64 is no shared processor pool; 0..63"},
        {"negative units", [](P& p) { p.min_proc_units = {-10}; }, "min_proc_units", "-0.10 is too little"},
        {"a hundredth too few", [](P& p) { p.min_proc_units = {9}; }, "min_proc_units", "0.09 is too little for 1"},
    };
    for (const Case& one : cases) check(one, client_context());
}

TEST(CheckProfile, slots) {
    const std::vector<Case> cases{
        {"serial adapter's slot", [](P& p) { p.virtual_eth_adapters[0].slot_num = SlotNumber{1}; },
         "virtual_eth_adapters", "slot 1 belongs to a virtual serial adapter"},
        {"last slot", [](P& p) { p.virtual_eth_adapters[0].slot_num = SlotNumber{199}; }, "", ""},
        {"slot beyond the maximum", [](P& p) { p.virtual_eth_adapters[0].slot_num = SlotNumber{200}; },
         "virtual_eth_adapters", "slot 200 is beyond max_virtual_slots 200"},
        {"slot shared by two kinds", [](P& p) { p.virtual_fc_adapters[0].slot_num = SlotNumber{30}; },
         "virtual_fc_adapters", "slot 30 is taken in virtual_scsi_adapters already"},
        {"too few slots",
         [](P& p) {
             p = PartitionProfile{};
             p.max_virtual_slots = 1;
         },
         "max_virtual_slots", "2..65536"},
        {"too many slots", [](P& p) { p.max_virtual_slots = 65'537; }, "max_virtual_slots", "65537"},
        {"most slots", [](P& p) { p.max_virtual_slots = 65'536; }, "", ""},
        {"physical slot twice",
         [](P& p) {
             p.io_slots = {{DrcIndex{0x21010002}}, {DrcIndex{0x21010002}}};
         },
         "io_slots", "21010002 appears twice"},
    };
    for (const Case& one : cases) check(one, client_context());
}

TEST(CheckProfile, virtual_ethernet) {
    const auto with = [](std::function<void(VirtualEthernetAdapter&)> change) {
        return [change](P& p) { change(p.virtual_eth_adapters[0]); };
    };
    using A = VirtualEthernetAdapter;
    const std::string eth = "virtual_eth_adapters";
    const std::vector<Case> cases{
        {"VLAN 0", with([](A& a) { a.port_vlan_id = wire::VlanId{0}; }), eth, "port_vlan_id 0 is no VLAN id"},
        {"VLAN 4094", with([](A& a) { a.port_vlan_id = wire::VlanId{4094}; }), "", ""},
        {"VLAN 4095", with([](A& a) { a.port_vlan_id = wire::VlanId{4095}; }), eth, "4095"},
        {"VLAN 3358", with([](A& a) { a.port_vlan_id = wire::VlanId{3358}; }), eth, "3358 is reserved"},
        {"20 more VLANs", with([](A& a) {
             a.ieee_virtual_eth = true;
             a.addl_vlan_ids = vlans(200, 20);
         }),
         "", ""},
        {"21 more VLANs", with([](A& a) {
             a.ieee_virtual_eth = true;
             a.addl_vlan_ids = vlans(200, 21);
         }),
         eth, "21 additional VLANs are too many; at most 20"},
        {"firmware's VLAN tagged", with([](A& a) {
             a.ieee_virtual_eth = true;
             a.addl_vlan_ids = vlans(3358, 1);
         }),
         eth, "addl_vlan_ids 3358"},
        {"a VLAN twice", with([](A& a) {
             a.ieee_virtual_eth = true;
             a.addl_vlan_ids = vlans(100, 1);
         }),
         eth, "VLAN 100 appears twice"},
        {"tags without 802.1Q", with([](A& a) { a.addl_vlan_ids = vlans(200, 1); }), eth, "ieee_virtual_eth=1"},
        {"last trunk priority", with([](A& a) { a.trunk_priority = 15; }), "", ""},
        {"trunk priority too large", with([](A& a) { a.trunk_priority = 16; }), eth, "trunk_priority 16"},
        {"no switch", with([](A& a) { a.vswitch = ""; }), eth, "ETHERNET0"},
        {"group address", with([](A& a) { a.mac_addr = wire::MacAddress::broadcast(); }), eth, "group address"},
    };
    for (const Case& one : cases) check(one, client_context());
}

TEST(CheckProfile, storage_adapters_of_clients) {
    const std::string scsi = "virtual_scsi_adapters";
    const std::string fc = "virtual_fc_adapters";
    const std::vector<Case> cases{
        {"any partner", [](P& p) { p.virtual_scsi_adapters[0].remote_lpar_id = kNoPartition; }, scsi,
         "remote_lpar_id any"},
        {"any slot", [](P& p) { p.virtual_scsi_adapters[0].remote_slot_num.reset(); }, scsi, "remote_slot_num any"},
        {"itself", [](P& p) { p.virtual_scsi_adapters[0].remote_lpar_id = PartitionId{5}; }, scsi,
         "the partition itself"},
        {"server in a client", [](P& p) { p.virtual_scsi_adapters[0].adapter_type = AdapterRole::kServer; }, scsi,
         "vioserver"},
        {"FC without partner", [](P& p) { p.virtual_fc_adapters[0].remote_lpar_id = kNoPartition; }, fc,
         "remote_lpar_id"},
        {"FC server in a client", [](P& p) { p.virtual_fc_adapters[0].adapter_type = AdapterRole::kServer; }, fc,
         "vioserver"},
        {"pair of one name",
         [](P& p) {
             p.virtual_fc_adapters[0].wwpns = wire::WwpnPair{wire::Wwpn{7}, wire::Wwpn{7}};
         },
         fc, "two different"},
    };
    for (const Case& one : cases) check(one, client_context());
}

TEST(CheckProfile, storage_adapters_of_a_vios) {
    const ProfileContext vios{.lpar_id = PartitionId{1}, .lpar_env = PartitionEnvironment::kVioServer};
    const auto serve = [](P& p) {
        p.virtual_scsi_adapters[0] = {.slot_num = SlotNumber{30}, .adapter_type = AdapterRole::kServer};
        p.virtual_fc_adapters[0] = {.slot_num = SlotNumber{70},
                                    .adapter_type = AdapterRole::kServer,
                                    .remote_lpar_id = PartitionId{5},
                                    .remote_slot_num = SlotNumber{70}};
    };
    check({"servers, one for any client", serve, "", ""}, vios);
    check({"WWPNs at the server",
           [&](P& p) {
               serve(p);
               p.virtual_fc_adapters[0].wwpns = wire::WwpnPair{wire::Wwpn{8}, wire::Wwpn{9}};
           },
           "virtual_fc_adapters", "client adapter"},
          vios);
}

TEST(CheckProfile, power7_plus_takes_smaller_shares) {
    ProfileContext plus = client_context();
    plus.proc_units_min_hundredths = 5;
    const auto small = [](P& p) { p.min_proc_units = {5}; };
    check({"0.05 on POWER7+", small, "", ""}, plus);
    check({"0.05 on POWER7", small, "min_proc_units", "0.05 is too little for 1 virtual processors; at least 0.10"},
          client_context());
}

TEST(CheckProfile, several_rules_broken_are_all_told) {
    PartitionProfile profile = sound_profile();
    profile.desired_mem_mib = 1000;
    profile.virtual_eth_adapters[0].port_vlan_id = wire::kVlanIdFirmware;
    profile.desired_procs = 6;
    profile.max_procs = 6;
    const auto problems = find_profile_problems(profile, client_context());
    std::vector<std::string> attributes;
    for (const ProfileProblem& problem : problems) attributes.push_back(problem.attribute);
    EXPECT_THAT(attributes, testing::ElementsAre("desired_mem", "desired_proc_units", "virtual_eth_adapters"));
    const auto result = check_profile(profile, client_context());
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().text, testing::AllOf(HasSubstr("desired_mem: 1000 MB"), HasSubstr("3358")));
}

}  // namespace
}  // namespace pvmsim::hypervisor
