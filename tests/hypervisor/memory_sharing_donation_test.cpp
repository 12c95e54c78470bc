// Donations: the published numbers, who gives and who gets, and property 8: the sum of donations covers the overage
// whatever happens.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>

#include "hypervisor/memory/page.hpp"
#include "hypervisor/memory/sharing/donation.hpp"

namespace pvmsim::hypervisor {
namespace {

constexpr std::uint32_t kGib = 1024 * kPagesInMib;

Donor of_gib(std::uint32_t gib) { return {.logical = gib * kGib, .weight = 128}; }

std::int64_t overage_of(const std::vector<Donor>& donors, std::uint32_t pool) {
    std::uint64_t logical = 0;
    for (const Donor& donor : donors) logical += donor.logical;
    return overage_pages({.logical = logical, .high_water = 0, .pool = pool});
}

std::int64_t sum(const std::vector<Donor>& donors) {
    return std::accumulate(donors.begin(), donors.end(), std::int64_t{0},
                           [](std::int64_t so_far, const Donor& one) { return so_far + one.donation; });
}

TEST(MemorySharingDonation, v29_16_gb_pool_with_12_8_and_4_gb) {
    std::vector<Donor> donors;
    for (const std::uint32_t gib : {12u, 8u, 4u}) {
        donors.push_back(of_gib(gib));
        fit_donations(donors, overage_of(donors, 16 * kGib), donors.size() - 1);
    }
    EXPECT_EQ(overage_of(donors, 16 * kGib), 8 * kGib);
    const double want_gib[] = {4.000, 2.667, 1.333};
    for (std::size_t i = 0; i < 3; ++i)
        EXPECT_NEAR(static_cast<double>(donors[i].donation) / kGib, want_gib[i], 0.0005) << i;
    EXPECT_GE(sum(donors), 8 * kGib);
    EXPECT_LE(sum(donors), 8 * kGib + 3);
}

TEST(MemorySharingDonation, high_water_mark_adds_to_the_overage) {
    EXPECT_EQ(overage_pages({.logical = 100, .high_water = 7, .pool = 90}), 17);
    EXPECT_EQ(overage_pages({.logical = 50, .high_water = 7, .pool = 90}), -33);
}

TEST(MemorySharingDonation, nobody_donates_while_everything_fits) {
    std::vector<Donor> donors{of_gib(4), of_gib(4)};
    donors[0].util_ppm = 900'000;
    fit_donations(donors, overage_of(donors, 8 * kGib), 0);
    step_donations(donors, overage_of(donors, 8 * kGib));
    EXPECT_EQ(sum(donors), 0);
}

/// Two partitions of 12 GB with 12 GB to donate; what one interval changes, in MiB.
struct StepCase {
    std::string name;
    std::uint32_t util_percent[2];
    std::uint8_t weight[2];
    std::int64_t want_mib[2];
    bool may_gain[2] = {true, true};
};

void check(const StepCase& one) {
    std::vector<Donor> donors{of_gib(12), of_gib(12)};
    for (std::size_t i = 0; i < 2; ++i) {
        donors[i].donation = 6 * kGib;
        donors[i].util_ppm = one.util_percent[i] * 10'000;
        donors[i].weight = one.weight[i];
        donors[i].may_gain = one.may_gain[i];
    }
    step_donations(donors, 12 * kGib);
    for (std::size_t i = 0; i < 2; ++i)
        EXPECT_EQ((std::int64_t{donors[i].donation} - 6 * kGib) / static_cast<std::int64_t>(kPagesInMib),
                  one.want_mib[i])
            << one.name << ", partition " << i;
}

TEST(MemorySharingDonation, v32_steps_of_a_256th_by_utilization_and_weight) {
    check({"equal", {50, 50}, {128, 128}, {0, 0}});
    check({"the idle one gives, 12 GB / 256 = 48 MB", {90, 10}, {128, 128}, {-48, 48}});
    check({"the light one gives", {50, 50}, {64, 192}, {48, -48}});
    check({"neither has both more weight and more use than average: both give", {90, 30}, {64, 192}, {48, 48}});
    check({"weight outweighs utilization", {85, 75}, {64, 192}, {48, -48}});
    check({"both idle: nothing changes", {0, 0}, {128, 64}, {0, 0}});
    check({"weight 0 always gives", {90, 80}, {0, 128}, {48, -48}});
    check({"all weights 0: nothing changes", {90, 1}, {0, 0}, {0, 0}});
    check({"one that never pages gets nothing back", {90, 10}, {128, 128}, {0, 48}, {false, true}});
}

TEST(MemorySharingDonation, a_step_down_is_taken_whole_or_not_at_all) {
    std::vector<Donor> donors{of_gib(12), {.logical = 256, .weight = 128}};
    donors[0].donation = 6 * kGib;
    donors[0].util_ppm = 900'000;
    step_donations(donors, 6 * kGib - 100);
    EXPECT_EQ(donors[0].donation, 6 * kGib);
    EXPECT_EQ(donors[1].donation, 1u);
    step_donations(donors, 6 * kGib - 12 * kGib / 256);
    EXPECT_EQ(donors[0].donation, 6 * kGib - 12 * kGib / 256);
}

TEST(MemorySharingDonation, at_most_all_of_its_memory_and_never_less_than_nothing) {
    std::vector<Donor> donors{of_gib(1), of_gib(1)};
    fit_donations(donors, kGib, donors.size());
    donors[0].util_ppm = 1'000'000;
    for (int i = 0; i < 1000; ++i) step_donations(donors, kGib);
    EXPECT_EQ(donors[0].donation, 0u);
    EXPECT_EQ(donors[1].donation, kGib);
}

TEST(MemorySharingDonation, what_was_learned_stays_when_the_pool_changes) {
    std::vector<Donor> donors{of_gib(8), of_gib(8)};
    donors[0].donation = 1 * kGib;
    donors[1].donation = 3 * kGib;
    fit_donations(donors, 2 * kGib, donors.size());
    EXPECT_EQ(donors[0].donation, kGib / 2);
    EXPECT_EQ(donors[1].donation, 3 * kGib / 2);
    fit_donations(donors, 4 * kGib, donors.size());
    EXPECT_EQ(donors[0].donation, 3 * kGib / 2);
    EXPECT_EQ(donors[1].donation, 5 * kGib / 2);
}

RC_GTEST_PROP(MemorySharingDonation, covers_the_overage_whatever_happens, ()) {
    std::vector<Donor> donors;
    std::uint64_t logical = 0;
    std::uint32_t pool = *rc::gen::inRange(1000u, 100'000u);
    const int steps = *rc::gen::inRange(1, 100);
    for (int i = 0; i < steps; ++i) {
        const int what = *rc::gen::inRange(0, 6);
        std::size_t joined = donors.size();
        if (what == 0) {
            donors.push_back(
                {.logical = *rc::gen::inRange(1u, 50'000u), .weight = *rc::gen::arbitrary<std::uint8_t>()});
        } else if (what == 1 && !donors.empty()) {
            donors.pop_back();
            joined = donors.size();
        } else if (what == 2) {
            pool = *rc::gen::inRange(1000u, 100'000u);
        }
        logical = 0;
        for (Donor& donor : donors) {
            logical += donor.logical;
            donor.util_ppm = *rc::gen::inRange(0u, 1'000'001u);
            donor.may_gain = *rc::gen::arbitrary<bool>();
        }
        const std::int64_t overage = overage_pages({.logical = logical, .high_water = pool / 100, .pool = pool});
        if (what <= 2) fit_donations(donors, overage, joined);
        if (what > 2) step_donations(donors, overage);
        RC_ASSERT(sum(donors) >= overage);
        RC_ASSERT(overage > 0 || sum(donors) == 0);
        RC_ASSERT(what > 2 || overage <= 0 || sum(donors) <= overage + static_cast<std::int64_t>(donors.size()));
        for (const Donor& donor : donors) RC_ASSERT(donor.donation <= donor.logical);
    }
}

}  // namespace
}  // namespace pvmsim::hypervisor
