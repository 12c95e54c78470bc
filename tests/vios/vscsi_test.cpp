// Virtual SCSI end to end: what a client sees of its server's latency, end, hang and dead disks (behaviour 4.1-4.3).
// Both ends are the real ones; only the disks behind the server are scripted.
#include "tests/vios/vscsi_site.hpp"
#include "vios/vscsi/added_latency.hpp"

namespace pvmsim::vios {
namespace {

double elapsed_s(const Application::Outcome& outcome) { return sim::to_seconds(outcome.done - outcome.sent); }

// --- normal service ---

TEST(Vscsi, client_finds_every_mapped_disk_with_its_identity_and_size) {
    VscsiSite site({.vios_count = 2, .disk_count = 3});
    ASSERT_EQ(site.client->disks().disks().size(), 3u);
    for (std::size_t number = 0; number < 3; ++number) {
        auto& disk = site.disk(number);
        EXPECT_EQ(disk.identity(), aix::identity_of("array.lun" + std::to_string(number)));
        EXPECT_EQ(disk.size_bytes(), 10ull << 30);
        ASSERT_EQ(disk.path_count(), 2u);
        EXPECT_EQ(disk.path_address(0).lun.value(), (0x81ull + number) << 56);
    }
    EXPECT_EQ(site.hosts[0]->client_partition(), VscsiSite::kClient);
    EXPECT_TRUE(site.adapters[0]->phase() == aix::VscsiClientPhase::kReady);
    EXPECT_TRUE(site.log.lines.empty()) << "a settled start is no news: " << site.log.lines.front();
}

TEST(Vscsi, each_request_takes_the_disks_time_and_the_published_latency_and_no_more) {
    struct Row {
        std::uint32_t size_bytes;
        sim::Duration added;
    };
    // Between 8 and 32 KiB the table is flat; 48 and 96 KiB lie half way, 256 KiB beyond it goes on with the last
    // slope.
    const Row table[] = {{0, 32us},        {512, 32us},    {4096, 32us},     {8192, 33us},
                         {16384, 33us},    {32768, 33us},  {49152, 36500ns}, {65536, 40us},
                         {98304, 50500ns}, {131072, 61us}, {262144, 103us}};
    VscsiSite site({});
    for (const auto& row : table) {
        const auto number = site.application.ask(site.disk(), ScsiOperation::kRead, row.size_bytes);
        site.run(1s);
        const auto& outcome = site.application.outcomes[number];
        ASSERT_EQ(outcome.answers, 1u);
        EXPECT_EQ(outcome.status, ScsiStatus::kGood);
        EXPECT_EQ((outcome.done - outcome.sent).count(), (1ms + row.added).count()) << row.size_bytes;
    }
}

TEST(Vscsi, v41_sequential_bandwidth_follows_from_the_physical_one) {
    struct Row {
        std::uint32_t size_kib;
        double physical_mbps;
        double virtual_mbps;
    };
    const Row table[] = {{4, 24.3, 20.3}, {8, 41.7, 35.5}, {32, 90.6, 82.7}, {64, 114.6, 106.8}, {128, 132.6, 124.5}};
    for (const auto& row : table) {
        VscsiSite site({});
        const double size_mib = row.size_kib / 1024.0;
        site.backings[0]->latency = sim::Duration{static_cast<std::int64_t>(size_mib / row.physical_mbps * 1e9)};
        constexpr int kRequests = 50;
        sim::Duration spent{0};
        for (int i = 0; i < kRequests; ++i) {
            const auto number = site.application.ask(site.disk(), ScsiOperation::kRead, row.size_kib * 1024);
            site.run(1s);
            spent += site.application.outcomes[number].done - site.application.outcomes[number].sent;
        }
        EXPECT_NEAR(kRequests * size_mib / sim::to_seconds(spent), row.virtual_mbps, 0.1) << row.size_kib << " KiB";
    }
}

TEST(Vscsi, v46_disks_per_adapter_by_queue_depth) {
    const std::pair<std::uint32_t, std::uint32_t> table[] = {{3, 85},  {10, 39}, {16, 26}, {20, 22},
                                                             {32, 14}, {64, 7},  {128, 3}, {256, 1}};
    for (const auto& [queue_depth, luns] : table)
        EXPECT_EQ(aix::vscsi::max_luns_per_adapter(queue_depth), luns) << queue_depth;
}

// --- the login ---

TEST(Vscsi, login_waits_for_backing_disks_but_not_for_ever) {
    VscsiSite site({.disk_count = 2});
    ASSERT_TRUE(site.system->power_off(site.vios()));
    site.backings[0]->units.pop_back();  // the second disk's array stays away
    ASSERT_TRUE(site.system->activate(site.vios()));
    site.run(74s + 900ms);  // firmware 15 s, boot 60 s
    EXPECT_FALSE(site.adapters[0]->logged_in());
    site.run(1s);
    EXPECT_EQ(site.hosts[0]->phase(), VscsiHostPhase::kLoginPending);
    EXPECT_FALSE(site.adapters[0]->logged_in());
    site.run(VscsiHostAdapter::kLoginGrace);
    EXPECT_TRUE(site.adapters[0]->logged_in());
    EXPECT_TRUE(site.hosts[0]->targets()[0]->ready());
    EXPECT_FALSE(site.hosts[0]->targets()[1]->ready());
}

TEST(Vscsi, login_is_not_answered_while_no_backing_disk_was_reached) {
    VscsiSite site({});
    ASSERT_TRUE(site.system->power_off(site.vios()));
    const auto units = std::exchange(site.backings[0]->units, {});
    ASSERT_TRUE(site.system->activate(site.vios()));
    site.run(600s);
    EXPECT_EQ(site.hosts[0]->phase(), VscsiHostPhase::kLoginPending);
    EXPECT_FALSE(site.adapters[0]->logged_in());
    site.backings[0]->units = units;
    site.backings[0]->report();
    site.run(1s);
    EXPECT_TRUE(site.adapters[0]->phase() == aix::VscsiClientPhase::kReady);
}

TEST(Vscsi, disk_mapped_later_is_seen_after_a_rescan) {
    VscsiSite site({});
    const auto identity = aix::identity_of("array.new");
    site.backings[0]->units.push_back({{.target = 0x50, .lun = wire::LunNumber{7}}, identity, 5ull << 30});
    site.backings[0]->report();
    const auto& target = site.hosts[0]->add_target("new_disk", identity);
    EXPECT_TRUE(target.ready());
    EXPECT_TRUE(target.available());
    EXPECT_EQ(target.lun().value(), 0x8200'0000'0000'0000ull);
    site.run(1s);
    EXPECT_EQ(site.client->disks().disks().size(), 1u);
    site.adapters[0]->rescan();
    site.run(1s);
    ASSERT_EQ(site.client->disks().disks().size(), 2u);
    EXPECT_EQ(site.disk(1).size_bytes(), 5ull << 30);
}

TEST(Vscsi, client_that_boots_again_logs_in_again) {
    VscsiSite site({});
    ASSERT_TRUE(site.system->crash(VscsiSite::kClient));
    site.run(1s);
    EXPECT_FALSE(site.hosts[0]->logged_in());
    EXPECT_EQ(site.hosts[0]->client_partition(), hypervisor::kNoPartition);
    ASSERT_TRUE(site.system->activate(VscsiSite::kClient));
    site.run(100s);
    EXPECT_TRUE(site.hosts[0]->logged_in());
    const auto number = site.application.ask(site.disk());
    site.run(1s);
    EXPECT_EQ(site.application.outcomes[number].status, ScsiStatus::kGood);
}

// --- the server's end ---

TEST(Vscsi, commands_fail_over_at_once_when_the_server_crashes_and_its_path_comes_back_after_reboot) {
    VscsiSite site({.vios_count = 2, .error_recovery = "fast_fail", .health_check_interval = "60"});
    site.backings[0]->latency = 500ms;
    const auto number = site.application.ask(site.disk());
    site.run(100ms);
    ASSERT_TRUE(site.system->crash(site.vios()));
    site.run(1s);
    const auto& outcome = site.application.outcomes[number];
    EXPECT_EQ(outcome.answers, 1u);
    EXPECT_EQ(outcome.status, ScsiStatus::kGood);
    EXPECT_LT(elapsed_s(outcome), 0.105) << "100 ms until the crash, then the other path's millisecond";
    EXPECT_EQ(site.disk().path_state(0), aix::PathState::kFailed);
    EXPECT_EQ(site.log.count("app1/vscsi0 vscsi-lost: server partition vios1 gone"), 1u);

    ASSERT_TRUE(site.system->activate(site.vios()));
    site.run(76s);
    EXPECT_EQ(site.log.count("app1/vscsi0 vscsi-ready: server partition vios1 serves 1 disk"), 1u);
    site.run(60s);
    EXPECT_EQ(site.disk().path_state(0), aix::PathState::kEnabled);
    EXPECT_EQ(site.disk().path_count(), 2u);
}

TEST(Vscsi, power_off_names_the_server_that_is_gone) {
    VscsiSite site({.vios_count = 2});
    ASSERT_TRUE(site.system->power_off(site.vios(1)));
    site.run(1s);
    EXPECT_EQ(site.log.count("app1/vscsi1 vscsi-lost: server partition vios2 gone"), 1u);
}

TEST(Vscsi, orderly_shutdown_closes_the_adapter_and_the_client_moves_at_once) {
    VscsiSite site({.vios_count = 2});
    ASSERT_TRUE(site.system->shutdown(site.vios()));
    site.run(1ms);
    EXPECT_EQ(site.log.count("vios1 closed its adapter"), 1u);
    const auto number = site.application.ask(site.disk());
    site.run(1s);
    EXPECT_EQ(site.application.outcomes[number].status, ScsiStatus::kGood);
    EXPECT_LT(elapsed_s(site.application.outcomes[number]), 0.002);
}

TEST(Vscsi, single_server_crash_holds_requests_until_it_is_back) {
    VscsiSite site({});
    ASSERT_TRUE(site.system->crash(site.vios()));
    const auto number = site.application.ask(site.disk());
    site.run(1s);
    EXPECT_EQ(site.application.outcomes[number].answers, 0u);
    ASSERT_TRUE(site.system->activate(site.vios()));
    site.run(120s);
    EXPECT_EQ(site.application.outcomes[number].answers, 1u);
    EXPECT_EQ(site.application.outcomes[number].status, ScsiStatus::kGood);
}

// --- a server that hangs ---

/// Steady requests, one every 100 ms, while the first server hangs. When does its path fail? In seconds, -1: never.
double path_failure_after_hang_s(std::string path_timeout, sim::Duration watched) {
    VscsiSite site({.vios_count = 2, .path_timeout = std::move(path_timeout)});
    for (int i = 0; i < 20; ++i) {
        site.application.ask(site.disk());
        site.run(100ms);
    }
    const auto hung_at = site.engine.now();
    EXPECT_TRUE(site.system->hang(site.vios()));
    while (site.engine.now() < hung_at + watched) {
        site.application.ask(site.disk());
        site.run(100ms);
        if (site.disk().path_state(0) == aix::PathState::kFailed) {
            site.run(1s);
            EXPECT_EQ(site.application.answered(), site.application.outcomes.size()) << "all moved to the other path";
            EXPECT_EQ(site.log.count("server partition vios1 does not answer"), 1u);
            return sim::to_seconds(site.engine.now() - 1s - hung_at);
        }
    }
    return -1;
}

TEST(Vscsi, v47_hung_server_path_fails_within_path_timeout_and_a_minute) {
    struct Row {
        std::string path_timeout;
        double min_s;
        double max_s;
    };
    const Row table[] = {{"30", 30, 90}, {"10", 10, 70}, {"120", 120, 180}};
    for (const auto& row : table) {
        const double failed_s = path_failure_after_hang_s(row.path_timeout, 300s);
        EXPECT_GE(failed_s, row.min_s) << row.path_timeout;
        EXPECT_LE(failed_s, row.max_s) << row.path_timeout;
    }
}

TEST(Vscsi, without_path_timeout_a_hung_server_is_waited_for) { EXPECT_EQ(path_failure_after_hang_s("0", 1000s), -1); }

TEST(Vscsi, hung_server_that_resumes_in_time_loses_nothing) {
    for (const auto& hang : {5s, 29s, 60s, 88s}) {
        VscsiSite site({.path_timeout = "30"});
        ASSERT_TRUE(site.system->hang(site.vios()));
        const auto number = site.application.ask(site.disk());
        site.run(hang);
        ASSERT_TRUE(site.system->resume(site.vios()));
        site.run(300s);
        EXPECT_EQ(site.application.outcomes[number].answers, 1u);
        EXPECT_EQ(site.application.outcomes[number].status, ScsiStatus::kGood);
        EXPECT_EQ(site.disk().counters().path_failures, 0u) << hang.count();
        EXPECT_EQ(site.adapters[0]->counters().timeouts, 0u);
    }
}

TEST(Vscsi, late_answers_of_a_resumed_server_give_back_credits_and_reach_nobody) {
    VscsiSite site({.vios_count = 2, .path_timeout = "30", .health_check_interval = "60"});
    const auto credits = site.adapters[0]->free_credits();
    EXPECT_EQ(credits, aix::vscsi::kRequestLimit);
    ASSERT_TRUE(site.system->hang(site.vios()));
    for (int i = 0; i < 3; ++i) site.application.ask(site.disk());
    site.run(100s);
    EXPECT_EQ(site.application.answered(), 3u);
    EXPECT_LE(site.adapters[0]->free_credits(), credits - 3) << "the server still has them";
    ASSERT_TRUE(site.system->resume(site.vios()));
    site.run(130s);
    EXPECT_EQ(site.adapters[0]->free_credits(), credits);
    EXPECT_EQ(site.log.count("server partition vios1 answers again"), 1u);
    for (const auto& outcome : site.application.outcomes) EXPECT_EQ(outcome.answers, 1u);
    EXPECT_EQ(site.disk().path_state(0), aix::PathState::kEnabled) << "the health check brought it back";
}

TEST(Vscsi, health_checks_of_a_hung_server_end_and_begin_again) {
    VscsiSite site({.vios_count = 2, .path_timeout = "30", .health_check_interval = "60"});
    ASSERT_TRUE(site.system->hang(site.vios()));
    const auto number = site.application.ask(site.disk());
    site.run(1000s);
    EXPECT_EQ(site.application.outcomes[number].answers, 1u);
    EXPECT_GE(site.adapters[0]->counters().timeouts, 5u);
    EXPECT_EQ(site.disk().path_state(0), aix::PathState::kFailed);
}

TEST(Vscsi, slow_disk_of_a_living_server_is_no_path_failure) {
    VscsiSite site({.path_timeout = "30"});
    site.backings[0]->mode = BackingAdapter::Mode::kSilent;
    site.application.ask(site.disk());
    site.run(1000s);
    EXPECT_EQ(site.adapters[0]->counters().timeouts, 0u) << "pings are answered";
    EXPECT_EQ(site.disk().counters().path_failures, 0u);
}

// --- dead backing disks ---

TEST(Vscsi, dead_backing_disk_changes_paths_at_once_with_fast_fail_after_retries_without) {
    struct Row {
        std::string error_recovery;
        double min_s;
        double max_s;
    };
    const Row table[] = {{"fast_fail", 0, 0.02}, {"delayed_fail", 1, 60}};
    for (const auto& row : table) {
        VscsiSite site({.vios_count = 2, .error_recovery = row.error_recovery});
        site.backings[0]->mode = BackingAdapter::Mode::kDead;
        const auto number = site.application.ask(site.disk());
        site.run(200s);
        const auto& outcome = site.application.outcomes[number];
        EXPECT_EQ(outcome.answers, 1u);
        EXPECT_EQ(outcome.status, ScsiStatus::kGood);
        EXPECT_GE(elapsed_s(outcome), row.min_s) << row.error_recovery;
        EXPECT_LE(elapsed_s(outcome), row.max_s) << row.error_recovery;
        EXPECT_EQ(site.disk().path_state(0), aix::PathState::kFailed);
    }
}

TEST(Vscsi, what_the_client_is_told_of_a_backing_disk) {
    struct Row {
        ScsiStatus backing;
        ScsiStatus with_fast_fail;
        ScsiStatus without;
    };
    using enum ScsiStatus;
    const Row table[] = {
        {kGood, kGood, kGood},
        {kCheckCondition, kCheckCondition, kCheckCondition},
        {kBusy, kBusy, kBusy},
        {kReservationConflict, kReservationConflict, kReservationConflict},
        {kNoSuchLun, kAdapterFailed, kCheckCondition},
        {kAdapterFailed, kAdapterFailed, kCheckCondition},
        {kTransportError, kAdapterFailed, kCheckCondition},
        {kTimeout, kAdapterFailed, kCheckCondition},
        {kAborted, kAdapterFailed, kCheckCondition},
    };
    for (const auto& row : table) {
        EXPECT_EQ(status_for_client(row.backing, true), row.with_fast_fail) << wire::to_string(row.backing);
        EXPECT_EQ(status_for_client(row.backing, false), row.without) << wire::to_string(row.backing);
    }
}

TEST(Vscsi, reservation_conflict_reaches_the_application) {
    VscsiSite site({});
    site.backings[0]->mode = BackingAdapter::Mode::kDead;
    site.backings[0]->dead_status = ScsiStatus::kReservationConflict;
    const auto number = site.application.ask(site.disk(), ScsiOperation::kWrite);
    site.run(1s);
    EXPECT_EQ(site.application.outcomes[number].status, ScsiStatus::kReservationConflict);
}

TEST(Vscsi, command_to_a_unit_that_does_not_exist_is_answered) {
    struct Probe : aix::DiskPathUser {
        void on_command_done(std::uint32_t, std::uint32_t, ScsiStatus status) override { answers.push_back(status); }
        std::vector<ScsiStatus> answers;
    };
    VscsiSite site({});
    Probe probe;
    for (const std::uint64_t lun :
         {0x8200'0000'0000'0000ull, 0x8000'0000'0000'0000ull, 0x8100'0000'0000'0001ull, 0ull}) {
        probe.answers.clear();
        ASSERT_EQ(site.adapters[0]->submit({.user = &probe, .unit = {.target = 0, .lun = wire::LunNumber{lun}}}),
                  ScsiStatus::kGood);
        EXPECT_TRUE(probe.answers.empty()) << "never from inside submit";
        site.run(1ms);
        EXPECT_EQ(probe.answers, std::vector{ScsiStatus::kNoSuchLun}) << lun;
    }
}

}  // namespace
}  // namespace pvmsim::vios
