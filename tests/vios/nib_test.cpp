// A client with Network Interface Backup over two Shared Ethernet Adapters that know nothing of each other: the site
// that was usual before SEA failover (R-NET-03, behaviour 3.5). Each VIOS bridges its own VLAN, or its own virtual
// switch.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>

#include "tests/vios/sea_site.hpp"

namespace pvmsim::vios {
namespace {

using namespace std::chrono_literals;

/// kTwoVlans: one virtual switch, port VLANs 1 and 2. kTwoSwitches: VLAN 1 and tag 5 on two virtual switches.
enum class NibLayout : std::uint8_t { kTwoVlans, kTwoSwitches };

class NibSite {
  public:
    static constexpr wire::Ipv4Address kServer{0x0a01'0001};
    static constexpr wire::Ipv4Address kGateway{0x0a01'00fe};
    static constexpr wire::Ipv4Address kClient{0x0a01'0064};

    explicit NibSite(NibLayout site_layout) : layout(site_layout), lan(engine) {
        outside = lan.add_switch({.name = "sw1", .vlans = {}});
        const bool tagged = layout == NibLayout::kTwoSwitches;
        const auto vlan = tagged ? wire::VlanId{5} : wire::VlanId{1};
        lan.add_host({.name = "server", .addresses = {{vlan, kServer}}}, outside);
        gateway = &lan.add_host({.name = "gateway", .addresses = {{vlan, kGateway}}}, outside);
        system = std::move(*hypervisor::ManagedSystem::create(
            engine, {.name = "cec", .type_model = "8205-E6C", .cores = 8, .memory_bytes = 64 * hypervisor::kGibibyte}));
        for (std::size_t i = 0; i < 2; ++i) build_vios(i);
        build_client();
        for (const auto& one : vios) SeaSite::check(system->start_settled(one.os->partition_id()));
        SeaSite::check(system->start_settled(client->partition_id()));
        lan.settle();
        run_for(5s);
    }
    void run_for(sim::Duration span) { engine.run_until(engine.now() + span); }

    struct Vios {
        std::unique_ptr<aix::OperatingSystem> os;
        SharedEthernetAdapter* sea = nullptr;
        fabric::CableId cable;
    };

  private:
    hypervisor::VirtualEthernetAdapter adapter(std::uint16_t slot, std::size_t side) const {
        hypervisor::VirtualEthernetAdapter made{.slot_num = SlotNumber{slot}, .addl_vlan_ids = {}};
        made.port_vlan_id = wire::VlanId{1};
        if (layout == NibLayout::kTwoVlans) {
            made.port_vlan_id = side == 0 ? wire::VlanId{1} : wire::VlanId{2};
            return made;
        }
        if (side == 1) made.vswitch = "SECOND";
        made.ieee_virtual_eth = true;
        made.addl_vlan_ids = {wire::VlanId{5}};
        return made;
    }
    std::unique_ptr<aix::OperatingSystem> define(hypervisor::PartitionConfig config) {
        config.profile.desired_proc_units = {50};
        SeaSite::check(system->define_partition(config));
        return std::make_unique<aix::OperatingSystem>(engine, *system, config.lpar_id, aix::OperatingSystemConfig{});
    }
    void build_vios(std::size_t i) {
        const auto number = static_cast<std::uint16_t>(i + 1);
        hypervisor::PartitionConfig config{.lpar_id = PartitionId{number}, .name = "vios" + std::to_string(number)};
        config.lpar_env = hypervisor::PartitionEnvironment::kVioServer;
        auto trunk_config = adapter(11, i);
        trunk_config.trunk_priority = 1;
        config.profile.virtual_eth_adapters = {trunk_config};
        auto& one = vios[i];
        one.os = define(config);
        auto& port = lan.add_nic_port("cec/C" + std::to_string(number) + "-T1",
                                      wire::MacAddress::from_integer(0x0009'6b00'0000u + number));
        one.cable = lan.connect(port, outside, {.trunk = true, .allowed_vlans = {}});
        auto& nic = one.os->add_device<aix::PhysicalEthernetAdapter>("ent0", port);
        auto& trunk = one.os->add_device<aix::VirtualEthernetAdapterDevice>("ent1", SlotNumber{11});
        one.sea = &one.os->add_device<SharedEthernetAdapter>("ent2", SeaConfig{.real_adapter = &nic,
                                                                               .virt_adapters = {&trunk},
                                                                               .pvid_adapter = &trunk,
                                                                               .ctl_chan = nullptr,
                                                                               .timing = {},
                                                                               .level = kViosLevelDefault});
    }
    void build_client() {
        hypervisor::PartitionConfig config{.lpar_id = PartitionId{11}, .name = "client"};
        config.profile.virtual_eth_adapters = {adapter(2, 0), adapter(3, 1)};
        client = define(config);
        auto& primary = client->add_device<aix::VirtualEthernetAdapterDevice>("ent0", SlotNumber{2});
        auto& backup = client->add_device<aix::VirtualEthernetAdapterDevice>("ent1", SlotNumber{3});
        const aix::LinkAggregationConfig nib_config{
            .members = {&primary}, .backups = {&backup}, .attributes = {{"netaddr", wire::to_string(kGateway)}}};
        if (const auto refusal = aix::why_refused(nib_config)) throw std::runtime_error(*refusal);
        nib = &client->add_device<aix::LinkAggregation>("ent2", nib_config.members, &backup);
        for (const auto& [name, value] : nib_config.attributes) nib->attributes().set(name, value);
        const wire::VlanId tag = layout == NibLayout::kTwoSwitches ? wire::VlanId{5} : wire::kUntagged;
        interface = &client->add_device<aix::NetworkInterface>("en2", *nib, tag, kClient);
        asker = std::make_unique<Asker>(engine, *interface, kServer, "asker");
    }

  public:
    NibLayout layout;
    sim::Engine engine{7};
    fabric::Lan lan;
    fabric::SwitchId outside;
    fabric::Host* gateway = nullptr;
    std::unique_ptr<hypervisor::ManagedSystem> system;
    std::array<Vios, 2> vios;
    std::unique_ptr<aix::OperatingSystem> client;
    aix::LinkAggregation* nib = nullptr;
    aix::NetworkInterface* interface = nullptr;
    std::unique_ptr<Asker> asker;
};

struct Trouble {
    std::string_view name;
    void (*begin)(NibSite&);
    void (*end)(NibSite&);
};

class Nib : public testing::TestWithParam<NibLayout> {};

const Trouble kTroubles[] = {
    {"VIOS hangs", [](NibSite& site) { SeaSite::check(site.system->hang(site.vios[0].os->partition_id())); },
     [](NibSite& site) { SeaSite::check(site.system->resume(site.vios[0].os->partition_id())); }},
    {"cable cut", [](NibSite& site) { site.lan.cut(site.vios[0].cable, fabric::CableSide::kBoth); },
     [](NibSite& site) { site.lan.mend(site.vios[0].cable); }},
};

TEST_P(Nib, primary_vios_in_trouble_costs_three_to_four_seconds_and_its_return_next_to_nothing) {
    for (const auto& trouble : kTroubles) {
        for (const auto offset : {0ms, 300ms, 900ms}) {
            NibSite site(GetParam());
            site.run_for(offset);
            ASSERT_GE(site.asker->answers, 90u) << trouble.name;
            site.asker->begin();
            trouble.begin(site);
            site.run_for(30s);
            EXPECT_TRUE(site.nib->on_backup()) << trouble.name;
            EXPECT_GE(site.asker->gap(), 3s - kAskInterval) << trouble.name << " offset " << offset.count();
            EXPECT_LE(site.asker->gap(), 4s + 2 * kAskInterval) << trouble.name << " offset " << offset.count();
            site.asker->begin();
            trouble.end(site);
            site.run_for(30s);
            EXPECT_FALSE(site.nib->on_backup()) << trouble.name;
            EXPECT_LE(site.asker->gap(), 2 * kAskInterval) << trouble.name << " offset " << offset.count();
            EXPECT_EQ(site.nib->statistics().failovers, 1u);
            EXPECT_EQ(site.nib->statistics().recoveries, 1u);
        }
    }
}

TEST_P(Nib, backup_vios_in_trouble_costs_nothing) {
    NibSite site(GetParam());
    site.asker->begin();
    SeaSite::check(site.system->hang(site.vios[1].os->partition_id()));
    site.run_for(30s);
    EXPECT_FALSE(site.nib->on_backup());
    EXPECT_LE(site.asker->gap(), 2 * kAskInterval);
    EXPECT_GE(site.nib->statistics().pings_sent, 30u);
}

TEST_P(Nib, rebooted_primary_vios_takes_its_client_back) {
    NibSite site(GetParam());
    SeaSite::check(site.system->power_off(site.vios[0].os->partition_id()));
    site.run_for(30s);
    ASSERT_TRUE(site.nib->on_backup());
    SeaSite::check(site.system->activate(site.vios[0].os->partition_id()));
    site.asker->begin();
    site.run_for(400s);
    EXPECT_FALSE(site.nib->on_backup());
    EXPECT_LE(site.asker->gap(), 2 * kAskInterval);
}

TEST_P(Nib, dead_ping_target_lets_the_sides_change_though_both_work) {
    NibSite site(GetParam());
    site.gateway->set_answering(false);
    site.asker->begin();
    site.run_for(60s);
    EXPECT_GE(site.nib->statistics().failovers, 5u);
    EXPECT_LE(site.asker->gap(), 2 * kAskInterval);  // The server is reached over either.
}

INSTANTIATE_TEST_SUITE_P(Layouts, Nib, testing::Values(NibLayout::kTwoVlans, NibLayout::kTwoSwitches));

TEST(NibLayouts, tags_are_for_two_virtual_switches_only) {
    EXPECT_FALSE(NibSite(NibLayout::kTwoVlans).nib->may_carry_tags());
    EXPECT_TRUE(NibSite(NibLayout::kTwoSwitches).nib->may_carry_tags());
}

}  // namespace
}  // namespace pvmsim::vios
