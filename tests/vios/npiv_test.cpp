// NPIV from end to end: login, zoning, masking, mapping and its limits; faults of link, VIOS and fabric as the client
// sees them, and its paths' return.
#include <gtest/gtest.h>

#include <memory>
#include <ostream>

#include "tests/vios/npiv_site.hpp"
#include "vios/processor/io_costs.hpp"

namespace pvmsim::vios {
namespace {

using namespace std::chrono_literals;
using aix::FcTargetState;
using aix::PathState;
using aix::VfcClientPhase;
using wire::ScsiStatus;

class Npiv : public NpivSite {};

TEST_F(Npiv, client_logs_in_under_its_own_name_and_finds_its_units) {
    begin();
    for (std::size_t index = 0; index < 2; ++index) {
        EXPECT_EQ(virtual_ports[index]->phase(), VfcClientPhase::kLoggedIn);
        EXPECT_TRUE(hosts[index]->logged_in());
        EXPECT_EQ(hosts[index]->client_wwpn(), client_wwpns(static_cast<std::uint32_t>(index)).first);
        EXPECT_EQ(hosts[index]->client_device(), "fcs" + std::to_string(index));
        EXPECT_EQ(hosts[index]->ports_logged_in(), 2u);
        EXPECT_EQ(ports[index]->port().address_of(hosts[index]->client_wwpn()), virtual_ports[index]->address());
        EXPECT_NE(virtual_ports[index]->address(), ports[index]->port().address_of(ports[index]->wwpn()));
    }
    ASSERT_EQ(client->disks().disks().size(), 2u);
    for (const auto* disk : client->disks().disks()) EXPECT_EQ(disk->path_count(), 4u);
    EXPECT_TRUE(vioses[0]->disks().disks().empty());
}

TEST_F(Npiv, command_takes_two_crq_passes_more_than_on_a_physical_port) {
    begin();
    const auto probe = prober.send(*fscsi[0], unit(0, 0));
    run_for(1s);
    EXPECT_EQ(prober[probe].status, ScsiStatus::kGood);
    EXPECT_EQ(prober[probe].answered - prober[probe].sent, aix::kServiceTime + 2 * 10us + 2 * 10us);
}

TEST_F(Npiv, commands_of_a_client_wait_in_order_when_the_vios_has_no_processor_left) {
    begin();
    auto& processor = IoProcessor::of(*vioses[0]);
    const auto alone = prober.send(*fscsi[0], unit(0, 0));
    run_for(1s);
    EXPECT_EQ(processor.counters().works, 1u);
    EXPECT_EQ(processor.counters().cycles, npiv_cycles(4096));
    EXPECT_EQ(processor.counters().works_late, 0u);

    // Other work of the VIOS: a second of one core, of which it has half.
    processor.charge(io_cycles_per_second(system->model()));
    const auto backlog = processor.backlog();
    EXPECT_GT(backlog, 900ms);
    const auto first = prober.send(*fscsi[0], unit(0, 0));
    const auto second = prober.send(*fscsi[0], unit(0, 0));
    run_for(5s);
    for (const auto probe : {first, second}) EXPECT_EQ(prober[probe].status, ScsiStatus::kGood);
    const auto normal = prober[alone].answered - prober[alone].sent;
    const auto late = prober[first].answered - prober[first].sent - normal;
    EXPECT_GT(late, backlog - 1ms);
    EXPECT_LT(late, backlog + 1ms);
    EXPECT_GT(prober[second].answered, prober[first].answered);
}

/// How the site is set up, and what lsmap and the client's disks tell of it.
struct SetupCase {
    const char* name;
    bool npiv;
    bool zoned;
    bool masked;
    bool mapped;
    bool logged_in;
    std::size_t disks;
    VfcClientPhase phase;
};
std::ostream& operator<<(std::ostream& out, const SetupCase& one) { return out << one.name; }

class NpivSetup : public NpivSite, public testing::WithParamInterface<SetupCase> {};

TEST_P(NpivSetup, shows_what_is_missing) {
    const auto& want = GetParam();
    const auto stranger = wire::Wwpn{0xc050'7602'f9ac'00ff};
    build_san({want.masked ? client_wwpns(0).first : stranger}, want.npiv, false);
    if (want.zoned) zone(client_wwpns(0).first);
    build_partitions();
    if (want.mapped) expect_done(hosts[0]->map_to(*ports[0]));
    start_all();
    EXPECT_EQ(hosts[0]->logged_in(), want.logged_in);
    EXPECT_TRUE(hosts[0]->client_connected());
    EXPECT_EQ(client->disks().disks().size(), want.disks);
    EXPECT_EQ(virtual_ports[0]->phase(), want.phase);
    EXPECT_EQ(npiv_port_facts(*vioses[0], *ports[0]).fabric, want.npiv);
}

INSTANTIATE_TEST_SUITE_P(
    All, NpivSetup,
    testing::Values(SetupCase{"all_well", true, true, true, true, true, 2, VfcClientPhase::kLoggedIn},
                    SetupCase{"not_zoned", true, false, true, true, true, 0, VfcClientPhase::kLoggedIn},
                    SetupCase{"not_masked", true, true, false, true, true, 0, VfcClientPhase::kLoggedIn},
                    SetupCase{"not_mapped", true, true, true, false, false, 0, VfcClientPhase::kLinkDown},
                    SetupCase{"switch_without_npiv", false, true, true, true, false, 0, VfcClientPhase::kRefused}),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(Npiv, mapping_and_unmapping_while_everybody_runs) {
    build_san({client_wwpns(0).first, client_wwpns(1).first});
    build_partitions();
    start_all();
    EXPECT_TRUE(client->disks().disks().empty());
    map_all();
    run_for(1s);
    EXPECT_EQ(client->disks().disks().size(), 2u);
    EXPECT_EQ(fscsi[0]->targets().size(), 2u);
    hosts[0]->unmap();
    run_for(1s);
    EXPECT_FALSE(hosts[0]->logged_in());
    EXPECT_EQ(virtual_ports[0]->phase(), VfcClientPhase::kLinkDown);
    EXPECT_EQ(ports[0]->port().address_of(client_wwpns(0).first), wire::kNoFcId);
    EXPECT_EQ(fscsi[0]->targets()[0].state, FcTargetState::kMissing);
    map_all();
    run_for(1s);
    EXPECT_EQ(fscsi[0]->targets()[0].state, FcTargetState::kOnline);
}

TEST_F(Npiv, running_vios_refuses_to_map_to_a_port_without_npiv) {
    build_san({client_wwpns(0).first}, false);
    build_partitions();
    start_all();
    const auto mapped = hosts[0]->map_to(*ports[0]);
    ASSERT_FALSE(mapped.has_value());
    EXPECT_EQ(mapped.error().code, NpivErrorCode::kNotNpivCapable);
    EXPECT_EQ(hosts[0]->port(), nullptr);
}

TEST_F(Npiv, sixty_fifth_mapping_to_a_port_is_refused_and_lsnports_counts_V55) {
    build_san({});
    hypervisor::PartitionConfig config{.lpar_id = hypervisor::PartitionId{1},
                                       .name = "vios1",
                                       .lpar_env = hypervisor::PartitionEnvironment::kVioServer};
    for (std::uint16_t number = 0; number < 65; ++number)
        config.profile.virtual_fc_adapters.push_back({.slot_num = hypervisor::SlotNumber(100 + number),
                                                      .adapter_type = hypervisor::AdapterRole::kServer,
                                                      .remote_lpar_id = hypervisor::PartitionId(10 + number),
                                                      .remote_slot_num = hypervisor::SlotNumber{20}});
    config.profile.max_virtual_slots = 300;
    auto& vios = add_partition(std::move(config));
    auto& port = vios.add_device<aix::FcAdapter>("fcs0", add_host_port(0, 0), san);
    auto& other = vios.add_device<aix::FcAdapter>("fcs1", add_host_port(1, 1), san);
    std::vector<VfcHostAdapter*> all;
    for (std::uint16_t number = 0; number < 65; ++number)
        all.push_back(
            &vios.add_device<VfcHostAdapter>("vfchost" + std::to_string(number), hypervisor::SlotNumber(100 + number)));

    EXPECT_EQ(npiv_port_facts(vios, port).ports_available, 64u);
    ASSERT_TRUE(all[0]->map_to(port).has_value());
    ASSERT_TRUE(all[1]->map_to(port).has_value());
    const auto facts = npiv_port_facts(vios, port);
    EXPECT_EQ(facts.ports_total, 64u);
    EXPECT_EQ(facts.ports_available, 62u);
    EXPECT_EQ(facts.wwpns_total, 2048u);
    EXPECT_TRUE(facts.fabric);

    for (std::size_t number = 2; number < 64; ++number) ASSERT_TRUE(all[number]->map_to(port).has_value());
    EXPECT_EQ(npiv_port_facts(vios, port).ports_available, 0u);
    const auto refused = all[64]->map_to(port);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, NpivErrorCode::kPortFull);
    EXPECT_TRUE(all[0]->map_to(port).has_value()) << "it is mapped there already";
    ASSERT_TRUE(all[64]->map_to(other).has_value());
    all[0]->unmap();
    EXPECT_TRUE(all[64]->map_to(port).has_value());
    EXPECT_EQ(npiv_port_facts(vios, other).ports_available, 64u);
}

/// What happens to the way through the first VIOS, and when commands over it end.
struct FaultCase {
    const char* name;
    const char* fault;
    sim::Duration repaired_after;  ///< 0: never
    ScsiStatus status;
    sim::Duration ended_min;  ///< after the fault
    sim::Duration ended_max;
    FcTargetState state;  ///< ten seconds after the end
    bool link_dead_logged;
};
std::ostream& operator<<(std::ostream& out, const FaultCase& one) { return out << one.name; }

class NpivFault : public NpivSite, public testing::WithParamInterface<FaultCase> {
  protected:
    void break_it(std::string_view fault) {
        if (fault == "crash") expect_done(system->crash(id_of(0)));
        if (fault == "power off") expect_done(system->power_off(id_of(0)));
        if (fault == "shutdown") expect_done(system->shutdown(id_of(0)));
        if (fault == "hang") expect_done(system->hang(id_of(0)));
        if (fault == "cable") san.cut(host_cables[0]);
        if (fault == "switch") san.power_off(switches[0]);
        if (fault == "controller") array.fail_controller("A");
    }
    void mend_it(std::string_view fault) {
        if (fault == "hang") expect_done(system->resume(id_of(0)));
        if (fault == "cable") san.mend(host_cables[0]);
        if (fault == "switch") san.power_on(switches[0]);
        if (fault == "controller") array.repair_controller("A");
    }
};

TEST_P(NpivFault, commands_end_when_they_should) {
    const auto& want = GetParam();
    begin();
    const auto under_way = prober.send(*fscsi[0], unit(0, 0));
    run_for(1ms);
    const auto fault_at = engine.now();
    break_it(want.fault);
    run_for(1ms);
    const auto soon = prober.send(*fscsi[0], unit(0, 0));
    if (want.repaired_after.count() > 0) {
        engine.run_until(fault_at + want.repaired_after);
        mend_it(want.fault);
    }
    engine.run_until(fault_at + want.ended_max + 10s);
    for (const auto probe : {under_way, soon}) {
        ASSERT_EQ(prober[probe].answers, 1u);
        EXPECT_EQ(prober[probe].status, want.status) << wire::to_string(prober[probe].status);
        EXPECT_GE(prober[probe].answered - fault_at, want.ended_min);
        EXPECT_LE(prober[probe].answered - fault_at, want.ended_max);
    }
    EXPECT_EQ(fscsi[0]->targets()[0].state, want.state);
    const auto logged = std::ranges::count_if(client->errlog().entries(), [](const auto& entry) {
        return std::string_view(entry.what->identifier) == "D712FEAE" && entry.resource == "fcs0";
    });
    EXPECT_EQ(logged > 0, want.link_dead_logged);

    const auto other_side = prober.send(*fscsi[1], unit(1, 1));
    run_for(1s);
    EXPECT_EQ(prober[other_side].status, ScsiStatus::kGood);
}

constexpr auto kLost = ScsiStatus::kTransportError;
INSTANTIATE_TEST_SUITE_P(
    All, NpivFault,
    testing::Values(
        FaultCase{"vios_crash", "crash", 0s, kLost, 0s, 1ms, FcTargetState::kFailed, true},
        FaultCase{"vios_power_off", "power off", 0s, kLost, 0s, 1ms, FcTargetState::kFailed, true},
        FaultCase{"vios_shutdown", "shutdown", 0s, kLost, 0s, 1ms, FcTargetState::kFailed, true},
        FaultCase{"vios_hang", "hang", 0s, ScsiStatus::kTimeout, 29900ms, 31100ms, FcTargetState::kOnline, false},
        FaultCase{"vios_hang_short", "hang", 20s, ScsiStatus::kGood, 20s, 20100ms, FcTargetState::kOnline, false},
        FaultCase{"cable", "cable", 0s, kLost, 15s, 15100ms, FcTargetState::kFailed, true},
        FaultCase{"switch", "switch", 0s, kLost, 15s, 15100ms, FcTargetState::kFailed, true},
        FaultCase{"controller", "controller", 0s, kLost, 15s, 15100ms, FcTargetState::kFailed, false},
        FaultCase{"cable_back", "cable", 10s, ScsiStatus::kGood, 10s, 10100ms, FcTargetState::kOnline, true},
        FaultCase{"switch_back", "switch", 10s, ScsiStatus::kGood, 10s, 10100ms, FcTargetState::kOnline, true},
        FaultCase{"controller_back", "controller", 10s, ScsiStatus::kGood, 10s, 10100ms, FcTargetState::kOnline,
                  false}),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(Npiv, vios_that_returns_logs_its_client_in_and_the_health_check_brings_the_paths_back) {
    begin();
    auto& disk = *client->disks().disks().front();
    const auto paths_in = [&](PathState state) {
        std::size_t count = 0;
        for (std::size_t path = 0; path < disk.path_count(); ++path) count += disk.path_state(path) == state;
        return count;
    };
    ASSERT_TRUE(system->crash(id_of(0)).has_value());
    aix::Reader reader(disk);
    reader.read();
    run_for(61s);
    EXPECT_EQ(reader.good, 1u);
    EXPECT_EQ(paths_in(PathState::kFailed), 2u);
    boot_vios(0);
    run_for(1s);
    EXPECT_TRUE(hosts[0]->logged_in());
    EXPECT_EQ(virtual_ports[0]->phase(), VfcClientPhase::kLoggedIn);
    EXPECT_EQ(fscsi[0]->targets()[0].state, FcTargetState::kOnline);
    run_for(61s);
    EXPECT_EQ(paths_in(PathState::kEnabled), 4u);
    reader.read();
    run_for(1s);
    EXPECT_EQ(reader.good, 2u);
    EXPECT_EQ(reader.bad, 0u);
}

TEST_F(Npiv, client_that_goes_is_logged_out_and_its_return_is_a_new_login) {
    begin();
    ASSERT_TRUE(system->power_off(kClient).has_value());
    run_for(1s);
    EXPECT_FALSE(hosts[0]->logged_in());
    EXPECT_FALSE(hosts[0]->client_connected());
    EXPECT_EQ(hosts[0]->client_device(), "");
    EXPECT_EQ(ports[0]->port().address_of(client_wwpns(0).first), wire::kNoFcId);
    EXPECT_EQ(npiv_port_facts(*vioses[0], *ports[0]).ports_available, 63u);
    ASSERT_TRUE(system->activate(kClient).has_value());
    while (!client->running()) run_for(10ms);
    run_for(1s);
    EXPECT_TRUE(hosts[0]->logged_in());
    const auto probe = prober.send(*fscsi[0], unit(0, 0));
    run_for(1s);
    EXPECT_EQ(prober[probe].status, ScsiStatus::kGood);
}

TEST_F(Npiv, client_that_hangs_through_a_link_loss_finds_its_way_back) {
    begin();
    prober.send(*fscsi[0], unit(0, 0));
    ASSERT_TRUE(system->hang(kClient).has_value());
    run_for(1s);
    san.cut(host_cables[0]);
    run_for(100s);
    san.mend(host_cables[0]);
    run_for(1s);
    EXPECT_EQ(prober.unanswered(), 1u);
    ASSERT_TRUE(system->resume(kClient).has_value());
    run_for(1s);
    EXPECT_EQ(prober.count(ScsiStatus::kGood), 1u);
    EXPECT_EQ(virtual_ports[0]->phase(), VfcClientPhase::kLoggedIn);
    EXPECT_EQ(fscsi[0]->targets()[0].state, FcTargetState::kOnline);
}

TEST_F(Npiv, hung_client_with_a_full_queue_still_hears_everything_that_must_not_get_lost) {
    begin();
    ASSERT_TRUE(system->hang(kClient).has_value());
    // Each bounce costs three entries of the client's queue; this is more than it holds.
    for (int bounce = 0; bounce < 2000; ++bounce) {
        san.cut(host_cables[0]);
        run_for(10ms);
        san.mend(host_cables[0]);
        run_for(10ms);
    }
    san.cut(host_cables[0]);
    run_for(1s);
    ASSERT_TRUE(system->resume(kClient).has_value());
    run_for(1s);
    EXPECT_NE(virtual_ports[0]->phase(), VfcClientPhase::kLoggedIn);
    san.mend(host_cables[0]);
    run_for(1s);
    EXPECT_EQ(virtual_ports[0]->phase(), VfcClientPhase::kLoggedIn);
    EXPECT_EQ(fscsi[0]->targets()[0].state, FcTargetState::kOnline);
}

/// Invariant 17 across the CRQ.
class NpivRandomFaults : public testing::TestWithParam<std::uint64_t> {};

class NpivRandomSite : public NpivSite {
  public:
    std::uint64_t play(std::uint64_t seed) {
        sim::RandomStream random(seed, "npiv-random-faults", "test");
        begin();
        for (int step = 0; step < 1500; ++step) {
            for (auto count = random.below(4); count > 0; --count) send_somewhere(random);
            if (random.chance(1, 8)) fault(random);
            run_for(random.uniform(1us, random.chance(1, 4) ? sim::Duration{10s} : sim::Duration{20ms}));
        }
        for (std::size_t index = 0; index < 2; ++index) (void)system->resume(id_of(index));
        (void)system->resume(kClient);
        run_for(400s);
        EXPECT_EQ(prober.unanswered(), 0u) << "seed " << seed;
        EXPECT_GT(prober.count(ScsiStatus::kGood), 100u);
        EXPECT_GT(prober.count(ScsiStatus::kTransportError), 100u);
        return engine.fingerprint();
    }
    void TestBody() override {}

  private:
    void send_somewhere(sim::RandomStream& random) {
        const auto index = static_cast<std::uint32_t>(random.below(2));
        prober.send(*fscsi[index], unit(static_cast<std::uint32_t>(random.below(2)), index, random.below(2)));
    }
    void fault(sim::RandomStream& random) {
        const auto index = random.below(2);
        switch (random.below(24)) {
            case 0:
                return san.cut(host_cables[index]);
            case 1:
                return san.mend(host_cables[index]);
            case 2:
                return san.power_off(switches[index]);
            case 3:
                return san.power_on(switches[index]);
            case 4:
                return array.fail_controller(index == 0 ? "A" : "B");
            case 5:
                return array.repair_controller(index == 0 ? "A" : "B");
            case 6:
                return (void)system->hang(id_of(index));
            case 7:
                return (void)system->resume(id_of(index));
            case 8:
                return (void)system->crash(id_of(index));
            case 9:
                return (void)system->activate(id_of(index));
            case 10:
                return random.chance(1, 2) ? (void)system->hang(kClient) : (void)system->resume(kClient);
            case 11:
                return random.chance(1, 2) ? hosts[index]->unmap() : (void)hosts[index]->map_to(*ports[index]);
            default:
                return mend_everything();
        }
    }
    /// As often as everything else together, so that most of the time something works.
    void mend_everything() {
        (void)system->resume(kClient);
        for (std::size_t index = 0; index < 2; ++index) {
            (void)system->resume(id_of(index));
            (void)system->activate(id_of(index));
            (void)hosts[index]->map_to(*ports[index]);
            san.power_on(switches[index]);
            san.mend(host_cables[index]);
            array.repair_controller(index == 0 ? "A" : "B");
        }
    }
};

TEST_P(NpivRandomFaults, each_command_is_answered_exactly_once) {
    const auto first = std::make_unique<NpivRandomSite>()->play(GetParam());
    const auto second = std::make_unique<NpivRandomSite>()->play(GetParam());
    EXPECT_EQ(first, second) << "seed " << GetParam();
}

INSTANTIATE_TEST_SUITE_P(Seeds, NpivRandomFaults, testing::Range(std::uint64_t{1}, std::uint64_t{21}));

}  // namespace
}  // namespace pvmsim::vios
