// A VIOS as paging VIOS: what a page-in takes and costs, and what becomes of requests when a VIOS, or its disk, is lost
// (behaviour 2.2: all outstanding and future requests go to the other one; with none the client waits).
#include "tests/vios/paging_site.hpp"

#include "vios/processor/io_costs.hpp"
#include "vios/vscsi/added_latency.hpp"

namespace pvmsim::vios {
namespace {

TEST(Paging, page_in_takes_the_disks_time_and_the_published_added_latency) {
    PagingSite site;
    site.start();
    site.fill();
    const auto pages = site.fault_stolen(1);
    site.run(1s);
    ASSERT_EQ(site.restored_once(pages), 1);
    EXPECT_EQ(site.user.restored.at(pages[0])[0], site.backings[0]->latency + vscsi_added_latency(4096));
    ASSERT_EQ(site.backings[0]->asked.size(), 1);
    const aix::PathCommand& command = site.backings[0]->asked[0];
    EXPECT_EQ(command.operation, ScsiOperation::kRead);
    EXPECT_EQ(command.block, std::uint64_t{pages[0]} * 8);
    EXPECT_EQ(command.size_bytes, 4096);
    EXPECT_TRUE(site.backings[1]->asked.empty()) << "the secondary has nothing to do";
}

TEST(Paging, the_way_between_hypervisor_and_vios_is_a_parameter) {
    PagingSite site(2, 1024, 300us);
    site.start();
    site.fill();
    const auto pages = site.fault_stolen(1);
    site.run(1s);
    ASSERT_EQ(site.restored_once(pages), 1);
    EXPECT_EQ(site.user.restored.at(pages[0])[0], site.backings[0]->latency + vscsi_added_latency(4096) - 20us + 300us);
}

TEST(Paging, every_request_costs_the_vios_processor_time) {
    PagingSite site;
    site.start();
    site.fill();
    const auto& counters = site.servers[0]->counters();
    EXPECT_GT(counters.page_outs, 0);
    EXPECT_EQ(counters.errors, 0);
    const IoProcessor* const processor = IoProcessor::find(*site.vioses[0]);
    ASSERT_NE(processor, nullptr);
    EXPECT_EQ(processor->counters().cycles, static_cast<std::int64_t>(counters.page_ins + counters.page_outs) *
                                                vscsi_cycles(4096, VscsiBacking::kPhysicalVolume));
    EXPECT_EQ(processor->counters().works, counters.page_ins + counters.page_outs);
    EXPECT_EQ(site.servers[0]->in_service(), 0);
}

TEST(Paging, requests_of_a_primary_that_crashes_go_to_the_secondary_and_none_is_lost) {
    PagingSite site;
    site.start();
    site.fill();
    const auto pages = site.fault_stolen(50);
    site.run(500us);
    ASSERT_EQ(pages.size(), 50);
    ASSERT_EQ(site.restored_once(pages), 0) << "all are at the primary";
    ASSERT_TRUE(site.system->crash(site.vios(0)));
    site.run(1s);
    EXPECT_EQ(site.restored_once(pages), 50);
    EXPECT_EQ(site.backings[1]->count(ScsiOperation::kRead), 50);
    EXPECT_EQ(site.sharing().paging_vios(PagingSite::kApp), site.vios(1));
    EXPECT_FALSE(site.servers[0]->serves(PagingSite::kApp));
    const auto later = site.fault_stolen(20);
    site.run(1s);
    EXPECT_EQ(site.restored_once(later), 20);
    EXPECT_EQ(site.log.count("is paged by partition 2 now"), 1);
}

TEST(Paging, orderly_shutdown_of_the_primary_loses_nothing_either) {
    PagingSite site;
    site.start();
    site.fill();
    const auto pages = site.fault_stolen(50);
    ASSERT_TRUE(site.system->shutdown(site.vios(0)));
    site.run(1s);
    EXPECT_EQ(site.restored_once(pages), 50);
    site.run(60s);
    EXPECT_EQ(site.system->partition(site.vios(0)).state, hypervisor::PartitionState::kNotActivated);
}

TEST(Paging, without_any_vios_the_client_waits_and_goes_on_when_one_is_back) {
    PagingSite site;
    site.start();
    site.fill();
    const auto pages = site.fault_stolen(30);
    ASSERT_TRUE(site.system->power_off(site.vios(0)));
    ASSERT_TRUE(site.system->power_off(site.vios(1)));
    site.run(30s);
    EXPECT_EQ(site.restored_once(pages), 0);
    EXPECT_EQ(site.sharing().paging_vios(PagingSite::kApp), hypervisor::kNoPartition);
    ASSERT_TRUE(site.system->activate(site.vios(1)));
    site.run(14s);
    EXPECT_EQ(site.restored_once(pages), 0) << "firmware, then boot";
    site.run(120s);
    EXPECT_EQ(site.restored_once(pages), 30);
    for (const PageNumber page : pages) EXPECT_GT(site.user.restored.at(page)[0], 44s);
    EXPECT_TRUE(site.user.lost.empty());
}

TEST(Paging, a_vios_that_hangs_is_waited_for_until_the_hypervisor_gives_it_up) {
    PagingSite site;
    site.start();
    site.fill();
    ASSERT_TRUE(site.system->hang(site.vios(0)));
    const auto pages = site.fault_stolen(40);
    site.run(9s);
    EXPECT_EQ(site.restored_once(pages), 0);
    site.run(2s);
    EXPECT_EQ(site.restored_once(pages), 40);
    ASSERT_TRUE(site.system->resume(site.vios(0)));
    site.run(10s);
    EXPECT_EQ(site.restored_once(pages), 40) << "what it still had is nobody's";
    EXPECT_EQ(site.servers[0]->in_service(), 0);
    ASSERT_TRUE(site.system->power_off(site.vios(1)));
    const auto later = site.fault_stolen(10);
    site.run(1s);
    EXPECT_EQ(site.restored_once(later), 10) << "the first one pages again";
}

TEST(Paging, a_device_that_cannot_be_reached_is_lost_until_it_answers_again) {
    PagingSite site;
    site.start();
    site.fill();
    site.backings[0]->mode = BackingAdapter::Mode::kDead;
    const auto pages = site.fault_stolen(30);
    site.run(5s);
    EXPECT_EQ(site.restored_once(pages), 30) << "through the other VIOS";
    EXPECT_EQ(site.servers[0]->counters().devices_lost, 1);
    EXPECT_FALSE(site.servers[0]->serves(PagingSite::kApp));
    EXPECT_TRUE(site.servers[1]->serves(PagingSite::kApp));
    site.backings[0]->mode = BackingAdapter::Mode::kWorks;
    site.run(20s);
    EXPECT_TRUE(site.servers[0]->serves(PagingSite::kApp));
    EXPECT_EQ(site.log.count("vrmpage0 (hdisk0) is reached again"), 1);
    EXPECT_TRUE(site.user.lost.empty());
}

TEST(Paging, the_only_device_lost_makes_the_client_wait) {
    PagingSite site(1);
    site.start();
    site.fill();
    site.backings[0]->mode = BackingAdapter::Mode::kDead;
    const auto pages = site.fault_stolen(5);
    site.run(10s);
    EXPECT_EQ(site.restored_once(pages), 0);
    site.backings[0]->mode = BackingAdapter::Mode::kWorks;
    site.run(20s);
    EXPECT_EQ(site.restored_once(pages), 5);
    EXPECT_TRUE(site.user.lost.empty());
}

/// As when another host has reserved the disk: it answers, and with an error, through both.
TEST(Paging, a_page_that_neither_vios_can_read_is_lost) {
    PagingSite site;
    site.start();
    site.fill();
    for (auto* backing : site.backings) {
        backing->mode = BackingAdapter::Mode::kDead;
        backing->dead_status = ScsiStatus::kReservationConflict;
    }
    const auto pages = site.fault_stolen(1);
    site.run(60s);
    EXPECT_EQ(site.user.lost, pages);
    EXPECT_EQ(site.servers[0]->counters().errors, 1);
    EXPECT_EQ(site.servers[1]->counters().errors, 1);
    EXPECT_EQ(site.servers[0]->counters().devices_lost, 0) << "it answers, if with an error";
}

TEST(Paging, a_pool_may_go_while_the_disk_still_works_for_it) {
    PagingSite site;
    site.start();
    site.fill();
    const auto pages = site.fault_stolen(50);
    site.run(500us);
    ASSERT_TRUE(site.system->power_off(PagingSite::kApp));
    ASSERT_TRUE(site.system->remove_memory_pool());
    site.run(10s);
    EXPECT_TRUE(site.user.restored.empty());
    EXPECT_EQ(site.servers[0]->in_service(), 0);
    EXPECT_FALSE(site.system->activate(PagingSite::kApp));
}

/// Crashes, power-offs, hangs, dead disks in any order: whoever faults is served exactly once when all is well again.
TEST(Paging, no_sequence_of_failures_loses_a_request_or_answers_it_twice) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        PagingSite site;
        site.start();
        site.fill();
        auto random = site.engine.random_stream("test", "failures " + std::to_string(seed));
        std::vector<PageNumber> asked;
        for (int step = 0; step < 30; ++step) {
            const auto number = random.below(2);
            const PartitionId vios = site.vios(number);
            switch (random.below(8)) {
                case 0:
                    (void)site.system->crash(vios);
                    break;
                case 1:
                    (void)site.system->power_off(vios);
                    break;
                case 2:
                    (void)site.system->hang(vios);
                    break;
                case 3:
                    (void)site.system->resume(vios);
                    break;
                case 4:
                    (void)site.system->activate(vios);
                    break;
                case 5:
                    site.backings[number]->mode = BackingAdapter::Mode::kDead;
                    break;
                case 6:
                    site.backings[number]->mode = BackingAdapter::Mode::kWorks;
                    break;
                case 7:
                    (void)site.system->shutdown(vios);
                    break;
            }
            if (asked.size() < 200)
                for (const PageNumber page : site.fault_new(7, asked)) asked.push_back(page);
            site.run(sim::Duration{static_cast<std::int64_t>(random.below(4'000'000'000))});
        }
        for (std::size_t number = 0; number < 2; ++number) {
            site.backings[number]->mode = BackingAdapter::Mode::kWorks;
            (void)site.system->resume(site.vios(number));
            (void)site.system->activate(site.vios(number));
        }
        site.run(400s);
        EXPECT_EQ(site.restored_once(asked), asked.size()) << "seed " << seed;
        EXPECT_TRUE(site.user.lost.empty()) << "seed " << seed;
        EXPECT_EQ(site.sharing().pool_counters().waiting, 0) << "seed " << seed;
    }
}

TEST(Paging, deduplication_has_what_the_entitlement_leaves_and_is_charged_in_the_background) {
    PagingSite site;
    site.start();
    const hypervisor::CoreRate entitled = hypervisor::CoreRate::from({50});
    EXPECT_EQ(site.servers[0]->spare_capacity(), entitled);
    auto& processors = site.vioses[0]->processors();
    processors.set_application_demand({200'000'000});
    EXPECT_EQ(site.servers[0]->spare_capacity().nanocores, 300'000'000);
    // A tenth of a core for a second: its own use does not shrink what it may have.
    const std::int64_t cycles = std::int64_t{site.system->model().clock_mhz} * 1'000'000 / 100;
    const auto& dispatcher = site.system->dispatcher();
    const auto before = dispatcher.consumed(site.engine.now(), site.vios(0)).total;
    for (int step = 0; step < 10; ++step) {
        site.servers[0]->charge_deduplication(cycles);
        site.run(100ms);
        EXPECT_NEAR(static_cast<double>(site.servers[0]->spare_capacity().nanocores), 3e8, 1e4);
    }
    site.run(1s);
    const auto used = dispatcher.consumed(site.engine.now(), site.vios(0)).total.core_seconds() - before.core_seconds();
    EXPECT_NEAR(used, 0.2 * 2 + 0.1, 0.01);
    EXPECT_EQ(IoProcessor::find(*site.vioses[0])->counters().works_late, 0);
    processors.set_application_demand({900'000'000});
    EXPECT_EQ(site.servers[0]->spare_capacity(), hypervisor::CoreRate{});
    ASSERT_TRUE(site.system->crash(site.vios(0)));
    EXPECT_EQ(site.servers[0]->spare_capacity(), hypervisor::CoreRate{});
}

TEST(Paging, a_disk_smaller_than_the_console_was_told_is_not_used) {
    PagingSite site(2, 1023);
    site.start();
    EXPECT_FALSE(site.servers[0]->serves(PagingSite::kApp));
    EXPECT_EQ(site.sharing().paging_vios(PagingSite::kApp), hypervisor::kNoPartition);
    EXPECT_EQ(site.log.count("has 1023 MB and not the 1024 MB"), 2);
}

TEST(Paging, activation_needs_a_vios_that_reaches_the_device) {
    PagingSite site;
    EXPECT_FALSE(site.system->activate(PagingSite::kApp));
    ASSERT_TRUE(site.system->activate(site.vios(1)));
    site.run(10s);
    EXPECT_FALSE(site.system->activate(PagingSite::kApp));
    site.run(120s);
    EXPECT_TRUE(site.system->activate(PagingSite::kApp));
    EXPECT_EQ(site.sharing().paging_vios(PagingSite::kApp), site.vios(1));
}

TEST(Paging, mappings_tell_who_pages_for_whom) {
    PagingSite site;
    EXPECT_EQ(site.servers[0]->mappings().at(0).backing, "");
    EXPECT_EQ(site.servers[0]->mappings().at(0).status, PagingMapping::Status::kInactive);
    site.start();
    const PagingMapping line = site.servers[0]->mappings().at(0);
    EXPECT_EQ(line.paging, "vrmpage0");
    EXPECT_EQ(line.client_id, PagingSite::kApp);
    EXPECT_EQ(line.status, PagingMapping::Status::kActive);
    EXPECT_TRUE(line.redundancy);
    EXPECT_EQ(line.backing, "hdisk0");
    EXPECT_EQ(line.vasi, "vasi0");
    EXPECT_EQ(line.pager, "pager0");
    EXPECT_EQ(line.vbsd, "vbsd0");
    EXPECT_NE(line.stream_id, 0);
    EXPECT_EQ(site.servers[1]->mappings().at(0).status, PagingMapping::Status::kRedundant);
    ASSERT_TRUE(site.system->power_off(PagingSite::kApp));
    EXPECT_EQ(site.servers[0]->mappings().at(0).status, PagingMapping::Status::kInactive);
    EXPECT_EQ(site.servers[0]->mappings().at(0).client_id, hypervisor::kNoPartition);
}

}  // namespace
}  // namespace pvmsim::vios
