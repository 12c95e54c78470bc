// The recorded two-VIOS machine, imported and played: vios1 is powered off, and the run shows what its listing implies.
// The machine has no SEA failover pair, so VLAN 7 (bridged by vios1 alone) is lost with vios1; the client's disk has a
// path through each VIOS, so it goes on.
#include <gtest/gtest.h>

#include <algorithm>

#include "scenarios/import/hmc_import.hpp"
#include "scenarios/loader/load.hpp"
#include "scenarios/play/rehearsal.hpp"
#include "tests/scenarios/recordings_support.hpp"

namespace pvmsim::scenarios {
namespace {

TEST(ImportPlayedTest, power_off_of_vios1_costs_the_client_vlan_7_and_no_io) {
    const auto directory = find_recording("hmc-9131-52A");
    if (!directory) GTEST_SKIP() << "PVMSIM_RECORDINGS does not name a directory with hmc-9131-52A";
    const auto text = import_hmc(*directory);
    ASSERT_TRUE(text) << text.error().front().to_string();
    const auto scenario = load_scenario_text(*text, "imported.yaml", ".");
    ASSERT_TRUE(scenario) << format_error(scenario.error().front());
    auto rehearsal = Rehearsal::create(*scenario);
    ASSERT_TRUE(rehearsal) << rehearsal.error();
    (*rehearsal)->run_until(sim::kStartOfRun + scenario->duration);
    const auto result = (*rehearsal)->result();

    const auto nim1 = std::ranges::find(result.partitions, "nim1", &PartitionResult::name);
    ASSERT_NE(nim1, result.partitions.end());
    ASSERT_EQ(nim1->disks.size(), 1u);
    EXPECT_EQ(nim1->disks[0].paths.size(), 2u);
    EXPECT_EQ(nim1->disks[0].load.errors, 0u);
    EXPECT_GT(nim1->disks[0].load.answered, 1000u);
    EXPECT_TRUE(nim1->disks[0].load.outages.empty());
    EXPECT_GE(nim1->disks[0].path_failures, 1u);

    const auto vlan = [&](std::uint16_t id) { return std::ranges::find(nim1->interfaces, id, &InterfaceResult::vlan); };
    ASSERT_NE(vlan(6), nim1->interfaces.end());
    ASSERT_NE(vlan(7), nim1->interfaces.end());
    EXPECT_TRUE(vlan(6)->load.outages.empty()) << "VLAN 6 is bridged by vios2";
    ASSERT_EQ(vlan(7)->load.outages.size(), 1u) << "VLAN 7 is bridged by vios1 alone";
    EXPECT_GT(vlan(7)->load.outages[0].length(), std::chrono::minutes(3)) << "until vios1 is back";
}

}  // namespace
}  // namespace pvmsim::scenarios
