// fscsi over physical ports: commands, loss of links and targets, the waits of fc_err_recov (V49), return and
// time-outs.
#include <gtest/gtest.h>

#include <ostream>

#include "tests/aix/fc_site.hpp"

namespace pvmsim::aix {
namespace {

using namespace std::chrono_literals;
using wire::ScsiStatus;

/// One AIX partition with a physical port in each fabric.
class FcRecovery : public FcSite {
  protected:
    FcRecovery() {
        build_san({host_wwpn(0), host_wwpn(1)});
        os = &add_partition({.lpar_id = hypervisor::PartitionId{1}, .name = "aix1"});
        for (std::uint32_t index = 0; index < 2; ++index) {
            auto& fcs = os->add_device<FcAdapter>("fcs" + std::to_string(index), add_host_port(index, index), san);
            adapters[index] = &fcs;
            fscsi[index] = &os->add_device<FcScsiProtocol>("fscsi" + std::to_string(index), fcs);
        }
    }

    void begin(std::string_view fc_err_recov, std::string_view dyntrk = "yes") {
        for (auto* one : fscsi) {
            set(*one, "fc_err_recov", fc_err_recov);
            set(*one, "dyntrk", dyntrk);
        }
        start(*os);
        run_to(10s);
    }

    OperatingSystem* os;
    std::array<FcAdapter*, 2> adapters;
    std::array<FcScsiProtocol*, 2> fscsi;
};

TEST_F(FcRecovery, boot_finds_every_unit_over_both_fabrics) {
    begin("fast_fail");
    ASSERT_EQ(os->disks().disks().size(), 2u);
    for (const auto* disk : os->disks().disks()) {
        EXPECT_EQ(disk->path_count(), 4u);
        EXPECT_EQ(disk->size_bytes(), 10ull << 30);
    }
    ASSERT_EQ(fscsi[0]->targets().size(), 2u);
    EXPECT_EQ(fscsi[0]->targets()[0].wwpn, target_wwpn(0, 0));
    EXPECT_EQ(fscsi[0]->targets()[1].wwpn, target_wwpn(1, 0));
    EXPECT_TRUE(adapters[0]->ready());
    EXPECT_TRUE(adapters[0]->npiv_capable());
}

TEST_F(FcRecovery, command_takes_two_transits_and_the_service_time) {
    begin("fast_fail");
    const auto probe = prober.send(*fscsi[0], unit(0, 0));
    run_for(1s);
    EXPECT_EQ(prober[probe].status, ScsiStatus::kGood);
    EXPECT_EQ(prober[probe].answered - prober[probe].sent, kServiceTime + 20us);
    EXPECT_EQ(fscsi[0]->outstanding(), 0u);
}

TEST_F(FcRecovery, refuses_targets_it_has_never_seen_and_passes_on_unknown_units) {
    begin("fast_fail");
    EXPECT_EQ(prober[prober.send(*fscsi[0], unit(0, 1))].status, ScsiStatus::kTransportError);
    const auto probe = prober.send(*fscsi[0], unit(0, 0, 5));
    run_for(1s);
    EXPECT_EQ(prober[probe].status, ScsiStatus::kNoSuchLun);
}

TEST_F(FcRecovery, more_commands_than_num_cmd_elems_wait_their_turn) {
    set(*adapters[0], "num_cmd_elems", "20");
    begin("fast_fail");
    for (int i = 0; i < 50; ++i) prober.send(*fscsi[0], unit(0, 0));
    EXPECT_EQ(fscsi[0]->outstanding(), 20u);
    EXPECT_EQ(fscsi[0]->waiting(), 30u);
    run_for(1s);
    EXPECT_EQ(prober.count(ScsiStatus::kGood), 50u);
    EXPECT_EQ(prober[19].answered - prober[19].sent, kServiceTime + 20us);
    EXPECT_EQ(prober[20].answered - prober[20].sent, 2 * (kServiceTime + 20us));
    EXPECT_EQ(prober[49].answered - prober[49].sent, 3 * (kServiceTime + 20us));
}

struct RecoveryCase {
    const char* name;
    const char* fault;
    const char* fc_err_recov;
    sim::Duration repaired_after;  ///< 0: never
    ScsiStatus status;             ///< of what was under way, and of what came a second later
    sim::Duration ended_min;       ///< after the fault
    sim::Duration ended_max;
};
std::ostream& operator<<(std::ostream& out, const RecoveryCase& one) { return out << one.name; }

class FcRecoveryTable : public FcRecovery, public testing::WithParamInterface<RecoveryCase> {
  protected:
    void break_it(std::string_view fault) {
        if (fault == "cable") san.cut(host_cables[0]);
        if (fault == "switch") san.power_off(switches[0]);
        if (fault == "controller") array.fail_controller("A");
    }
    void mend_it(std::string_view fault) {
        if (fault == "cable") san.mend(host_cables[0]);
        if (fault == "switch") san.power_on(switches[0]);
        if (fault == "controller") array.repair_controller("A");
    }
};

TEST_P(FcRecoveryTable, commands_wait_as_long_as_they_should) {
    const auto& want = GetParam();
    begin(want.fc_err_recov);
    const auto under_way = prober.send(*fscsi[0], unit(0, 0));
    run_for(1ms);
    const auto fault_at = engine.now();
    break_it(want.fault);
    run_for(1s);
    const auto later = prober.send(*fscsi[0], unit(0, 0));
    if (want.repaired_after.count() > 0) {
        engine.run_until(fault_at + want.repaired_after);
        mend_it(want.fault);
    }
    engine.run_until(fault_at + 200s);
    for (const auto probe : {under_way, later}) {
        ASSERT_EQ(prober[probe].answers, 1u);
        EXPECT_EQ(prober[probe].status, want.status) << wire::to_string(prober[probe].status);
        EXPECT_GE(prober[probe].answered - fault_at, want.ended_min);
        EXPECT_LE(prober[probe].answered - fault_at, want.ended_max);
    }
    const auto after = prober.send(*fscsi[0], unit(0, 0));
    run_for(1s);
    EXPECT_EQ(prober[after].status, want.repaired_after.count() > 0 ? ScsiStatus::kGood : ScsiStatus::kTransportError);
    EXPECT_EQ(prober[after].answered == prober[after].sent, want.repaired_after.count() == 0);
    EXPECT_GE(os->errlog().entries().size(), 1u);
    EXPECT_STREQ(os->errlog().entries().front().what->identifier, "4B436A3D");
    EXPECT_EQ(os->errlog().entries().front().resource, "fscsi0");
}

constexpr auto kLost = ScsiStatus::kTransportError;
INSTANTIATE_TEST_SUITE_P(
    All, FcRecoveryTable,
    testing::Values(
        RecoveryCase{"cable_fast_fail_V49", "cable", "fast_fail", 0s, kLost, 15s, 15100ms},
        RecoveryCase{"switch_fast_fail_V49", "switch", "fast_fail", 0s, kLost, 15s, 15100ms},
        RecoveryCase{"controller_fast_fail_V49", "controller", "fast_fail", 0s, kLost, 15s, 15100ms},
        RecoveryCase{"cable_delayed_fail", "cable", "delayed_fail", 0s, kLost, 60s, 60100ms},
        RecoveryCase{"controller_delayed_fail", "controller", "delayed_fail", 0s, kLost, 60s, 60100ms},
        RecoveryCase{"cable_back_in_time", "cable", "fast_fail", 10s, ScsiStatus::kGood, 10s, 10100ms},
        RecoveryCase{"switch_back_in_time", "switch", "fast_fail", 10s, ScsiStatus::kGood, 10s, 10100ms},
        RecoveryCase{"controller_back_in_time", "controller", "fast_fail", 10s, ScsiStatus::kGood, 10s, 10100ms},
        RecoveryCase{"cable_back_too_late", "cable", "fast_fail", 20s, kLost, 15s, 15100ms},
        RecoveryCase{"controller_back_too_late", "controller", "fast_fail", 100s, kLost, 15s, 15100ms},
        RecoveryCase{"cable_back_in_time_delayed", "cable", "delayed_fail", 50s, ScsiStatus::kGood, 50s, 50100ms}),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(FcRecovery, refuses_at_once_after_the_wait_is_over_and_takes_commands_when_the_target_is_back) {
    begin("fast_fail");
    san.cut(host_cables[0]);
    run_for(16s);
    const auto refused = prober.send(*fscsi[0], unit(0, 0));
    EXPECT_EQ(prober[refused].status, kLost);
    EXPECT_EQ(prober[refused].answered, prober[refused].sent);
    EXPECT_EQ(fscsi[0]->targets()[0].state, FcTargetState::kFailed);
    san.mend(host_cables[0]);
    run_for(1s);
    EXPECT_EQ(fscsi[0]->targets()[0].state, FcTargetState::kOnline);
}

TEST_F(FcRecovery, other_controller_stays_in_service) {
    begin("fast_fail");
    array.fail_controller("A");
    run_for(1s);
    const auto probe = prober.send(*fscsi[0], unit(1, 0));
    run_for(1s);
    EXPECT_EQ(prober[probe].status, ScsiStatus::kGood);
    EXPECT_EQ(fscsi[0]->targets()[0].state, FcTargetState::kMissing);
}

TEST_F(FcRecovery, slow_target_ends_commands_by_rw_timeout) {
    begin("fast_fail");
    array.set_extra_latency(100s);
    const auto limited = prober.send(*fscsi[0], unit(0, 0), 30);
    const auto patient = prober.send(*fscsi[0], unit(0, 0), 0);
    run_for(150s);
    EXPECT_EQ(prober[limited].status, ScsiStatus::kTimeout);
    EXPECT_GE(prober[limited].answered - prober[limited].sent, 30s);
    EXPECT_LE(prober[limited].answered - prober[limited].sent, 31s);
    EXPECT_EQ(prober[patient].status, ScsiStatus::kGood);
    EXPECT_EQ(fscsi[0]->counters().timed_out, 1u);
}

TEST_F(FcRecovery, hung_system_takes_up_its_commands_where_it_left_them) {
    begin("fast_fail");
    const auto probe = prober.send(*fscsi[0], unit(0, 0));
    ASSERT_TRUE(system->hang(os->partition_id()).has_value());
    run_for(5s);
    san.cut(host_cables[1]);
    run_for(5s);
    san.mend(host_cables[1]);
    EXPECT_EQ(prober[probe].answers, 0u);
    ASSERT_TRUE(system->resume(os->partition_id()).has_value());
    run_for(1s);
    EXPECT_EQ(prober[probe].status, ScsiStatus::kGood);
    EXPECT_EQ(fscsi[1]->targets()[0].state, FcTargetState::kOnline);
}

TEST_F(FcRecovery, reboot_forgets_commands_and_finds_its_targets_again) {
    begin("fast_fail");
    prober.send(*fscsi[0], unit(0, 0));
    ASSERT_TRUE(system->power_off(os->partition_id()).has_value());
    EXPECT_FALSE(adapters[0]->ready());
    run_for(1s);
    EXPECT_EQ(prober.unanswered(), 1u);
    ASSERT_TRUE(system->activate(os->partition_id()).has_value());
    while (!os->running()) run_for(1ms);
    // Asked for before the fabric has answered: it waits, and comes to no harm.
    const auto early = prober.send(*fscsi[0], unit(0, 0));
    run_for(1s);
    EXPECT_EQ(prober[early].status, ScsiStatus::kGood);
    EXPECT_LT(prober[early].answered - prober[early].sent, 100ms);
}

TEST_F(FcRecovery, reboot_with_a_dead_link_waits_for_nobody) {
    begin("fast_fail");
    ASSERT_TRUE(system->power_off(os->partition_id()).has_value());
    san.cut(host_cables[0]);
    array.fail_controller("A");
    ASSERT_TRUE(system->activate(os->partition_id()).has_value());
    while (!os->running()) run_for(1ms);
    const auto no_link = prober.send(*fscsi[0], unit(0, 0));
    const auto no_target = prober.send(*fscsi[1], unit(0, 1));
    run_for(1s);
    EXPECT_EQ(prober[no_link].status, kLost);
    EXPECT_EQ(prober[no_link].answered, prober[no_link].sent);
    EXPECT_EQ(prober[no_target].status, kLost);
    EXPECT_LT(prober[no_target].answered - prober[no_target].sent, 100ms);
}

TEST_F(FcRecovery, disk_goes_to_the_other_fabric_after_15_s_and_its_health_check_brings_the_path_back) {
    os->disks().set_disk_attributes({{"hcheck_interval", "60"}});
    begin("fast_fail");
    auto& disk = *os->disks().disks().front();
    Reader reader(disk);
    reader.read();
    san.cut(host_cables[0]);
    run_for(14s);
    EXPECT_EQ(reader.good, 0u);
    run_for(2s);
    EXPECT_EQ(reader.good, 1u);
    const auto failed_paths = [&] {
        int failed = 0;
        for (std::size_t path = 0; path < disk.path_count(); ++path)
            failed += disk.path_state(path) == PathState::kFailed;
        return failed;
    };
    run_for(70s);
    EXPECT_EQ(failed_paths(), 2);
    san.mend(host_cables[0]);
    run_for(61s);
    EXPECT_EQ(failed_paths(), 0);
    reader.read();
    run_for(1s);
    EXPECT_EQ(reader.good, 2u);
    EXPECT_EQ(reader.bad, 0u);
}

/// Invariant 17: whatever happens, each command is answered exactly once, and the same seed gives the same run.
class FcRandomFaults : public testing::TestWithParam<std::uint64_t> {};

class FcRandomSite : public FcRecovery {
  public:
    std::uint64_t play(std::uint64_t seed) {
        sim::RandomStream random(seed, "fc-random-faults", "test");
        begin(random.chance(1, 2) ? "fast_fail" : "delayed_fail", random.chance(1, 2) ? "yes" : "no");
        prober.on_answer = [&](std::size_t) {
            if (random.chance(1, 3)) send_somewhere(random);
        };
        for (int step = 0; step < 1500; ++step) {
            for (auto count = random.below(4); count > 0; --count) send_somewhere(random);
            if (random.chance(1, 8)) fault(random);
            run_for(random.uniform(1us, random.chance(1, 4) ? sim::Duration{5s} : sim::Duration{20ms}));
        }
        prober.on_answer = nullptr;
        (void)system->resume(os->partition_id());
        run_for(300s);
        EXPECT_EQ(prober.unanswered(), 0u) << "seed " << seed;
        EXPECT_GT(prober.count(ScsiStatus::kGood), 100u);
        EXPECT_GT(fscsi[0]->counters().sent_again + fscsi[1]->counters().sent_again, 20u);
        EXPECT_EQ(fscsi[0]->outstanding() + fscsi[0]->waiting(), 0u);
        return engine.fingerprint();
    }
    void TestBody() override {}

  private:
    void send_somewhere(sim::RandomStream& random) {
        const auto index = static_cast<std::uint32_t>(random.below(2));
        const auto controller = static_cast<std::uint32_t>(random.below(2));
        prober.send(*fscsi[index], unit(controller, index, random.below(2)), random.chance(1, 4) ? 0 : 30);
    }
    void fault(sim::RandomStream& random) {
        const auto index = random.below(2);
        switch (random.below(15)) {
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
                return (void)system->hang(os->partition_id());
            case 7:
                return (void)system->resume(os->partition_id());
            case 8:
                return bounce(index);
            default:
                return mend_everything();
        }
    }
    /// As often as everything else together, so that most of the time something works.
    void mend_everything() {
        (void)system->resume(os->partition_id());
        for (std::size_t index = 0; index < 2; ++index) {
            san.power_on(switches[index]);
            san.mend(host_cables[index]);
            array.repair_controller(index == 0 ? "A" : "B");
        }
    }
    void bounce(std::size_t index) {
        array.fail_controller(index == 0 ? "A" : "B");
        array.repair_controller(index == 0 ? "A" : "B");
    }
};

TEST_P(FcRandomFaults, each_command_is_answered_exactly_once) {
    SCOPED_TRACE("seed " + std::to_string(GetParam()));
    const auto first = std::make_unique<FcRandomSite>()->play(GetParam());
    const auto second = std::make_unique<FcRandomSite>()->play(GetParam());
    EXPECT_EQ(first, second);
}

INSTANTIATE_TEST_SUITE_P(Seeds, FcRandomFaults, testing::Range(std::uint64_t{1}, std::uint64_t{21}));

}  // namespace
}  // namespace pvmsim::aix
