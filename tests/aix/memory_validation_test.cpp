// The published validation cases of memory (behaviour section 10, V26 to V38) as one table: what is computed from a
// published input, and the published number. Each row computes with the rules that the simulator runs on; what leads to
// the numbers, and all else about them, is tested where the rules are.
#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "aix/memory/amepat.hpp"
#include "aix/memory/cooperative_memory.hpp"
#include "aix/memory/expansion.hpp"
#include "hypervisor/memory/deduplication/signature_table.hpp"
#include "hypervisor/memory/page.hpp"
#include "hypervisor/memory/physical_memory.hpp"
#include "hypervisor/memory/sharing/donation.hpp"

namespace pvmsim::aix {
namespace {

using hypervisor::CoreRate;
using hypervisor::kPagesInMib;
constexpr std::uint64_t kMibInGib = 1024;
constexpr std::uint64_t kPagesInGib = kMibInGib * kPagesInMib;

double gib(std::uint64_t pages) { return static_cast<double>(pages) / kPagesInGib; }
double mib(std::int64_t pages) { return static_cast<double>(pages) / static_cast<double>(kPagesInMib); }
double cores(CoreRate rate) { return static_cast<double>(rate.nanocores) / 1e9; }

/// V29: partitions of 12, 8 and 4 GB start in a pool of 16 GB, one after the other.
struct SharedPool {
    SharedPool() {
        for (const std::uint32_t size_gib : {12u, 8u, 4u}) {
            donors.push_back({.logical = static_cast<std::uint32_t>(size_gib * kPagesInGib), .weight = 128});
            logical += donors.back().logical;
            overage = hypervisor::overage_pages({.logical = logical, .pool = 16 * kPagesInGib});
            hypervisor::fit_donations(donors, overage, donors.size() - 1);
        }
    }
    std::vector<hypervisor::Donor> donors;
    std::uint64_t logical = 0;
    std::int64_t overage = 0;
};

double donation_gib(std::size_t partition) { return gib(SharedPool().donors[partition].donation); }

/// V32: what one interval changes for two partitions of 12 GB, one idle and one busy.
double step_mib(std::size_t partition) {
    std::vector<hypervisor::Donor> donors(
        2, {.logical = 12 * kPagesInGib, .donation = 6 * kPagesInGib, .weight = 128, .util_ppm = 100'000});
    donors[0].util_ppm = 900'000;
    hypervisor::step_donations(donors, 12 * kPagesInGib);
    return mib(std::int64_t{donors[partition].donation} - std::int64_t{6 * kPagesInGib});
}

/// V33: pages to lend; 256 MB are 65536 of them.
double lent(std::int64_t request, std::int64_t loaned, std::int64_t total) {
    return static_cast<double>(loan_target({.loan_request = request, .loaned = loaned, .total = total}));
}

double table_mib(std::uint32_t ratio) {
    return static_cast<double>(hypervisor::deduplication_table_bytes(std::uint64_t{64} << 30, ratio)) / (1 << 20);
}

ExpansionFactor factor(std::uint32_t hundredths) { return ExpansionFactor::create(hundredths).value(); }

/// V35: 12 GB of true memory, 8 of them compressed 1.75 to 1.
double expanded_gib() {
    return gib(divide_memory({.ratio_hundredths = 175}, 12 * kPagesInGib, factor(150)).expanded_pages);
}

/// V36 to V38: 16 processors, 52 GB expanded, ratio 4.51; 27.157 GB are in use often, 9.52 cores are busy anyway.
AmepatQuestion published() {
    AmepatQuestion question;
    question.model.ratio_hundredths = 451;
    question.model.hot_pages = 27'157 * kPagesInGib / 1000;
    question.expanded_mib = 52 * kMibInGib;
    question.capacity_max = CoreRate::cores(16);
    question.base_peak = {9'520'000'000};
    return question;
}

double true_gib(std::uint32_t f) { return static_cast<double>(estimate(published(), factor(f)).true_mib) / kMibInGib; }
double gain_gib(std::uint32_t f) { return static_cast<double>(estimate(published(), factor(f)).gain_mib) / kMibInGib; }
double expansion_cores(std::uint32_t f) { return cores(estimate(published(), factor(f)).cpu); }

Recommendation recommended() {
    const auto rows = estimates(published(), {factor(100), factor(140), factor(219), factor(260), factor(298)});
    return recommend(published(), rows).value();
}

struct Case {
    std::string name;
    std::function<double()> measured;
    double published = 0;
    double tolerance = 0;  ///< half of the last published digit; V37, V38: a model fitted to three points
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

std::vector<Case> cases() {
    using hypervisor::default_lmb_mib;
    using hypervisor::growth_limit_mib;
    const auto lmb = [](std::uint64_t configured_gib) {
        return [=] { return static_cast<double>(default_lmb_mib(configured_gib * kMibInGib)); };
    };
    const auto limit = [](std::uint64_t started_mib) {
        return [=] { return static_cast<double>(growth_limit_mib(started_mib)) / kMibInGib; };
    };
    return {
        {"V26: page table of 10752 MB, ratio 1/64, MB", [] { return hypervisor::page_table_mib(10752, 64); }, 256},
        {"V27: started with 128 MB, grows to, GB", limit(128), 2},
        {"V27: started with 256 MB, grows to, GB", limit(256), 16},
        {"V28: LMB of 3 GB, MB", lmb(3), 16},
        {"V28: LMB of 6 GB, MB", lmb(6), 32},
        {"V28: LMB of 12 GB, MB", lmb(12), 64},
        {"V28: LMB of 24 GB, MB", lmb(24), 128},
        {"V28: LMB of 64 GB, MB", lmb(64), 256},
        {"V29: logical memory of all, GB", [] { return gib(SharedPool().logical); }, 24},
        {"V29: overage, GB", [] { return gib(static_cast<std::uint64_t>(SharedPool().overage)); }, 8},
        {"V29: first donation of 12 GB, GB", [] { return donation_gib(0); }, 4.000, 0.0005},
        {"V29: first donation of 8 GB, GB", [] { return donation_gib(1); }, 2.667, 0.0005},
        {"V29: first donation of 4 GB, GB", [] { return donation_gib(2); }, 1.333, 0.0005},
        {"V32: step of 12 GB that are busy, MB", [] { return step_mib(0); }, -48},
        {"V32: step of 12 GB that are idle, MB", [] { return step_mib(1); }, 48},
        {"V33: 500 lent, 1000 more asked for, pages", [] { return lent(1000, 500, 262'144); }, 1500},
        {"V33: 500 lent, 200 asked back, pages", [] { return lent(-200, 500, 262'144); }, 300},
        {"V33: all of 1 GB asked for, pages", [] { return lent(262'144, 0, 262'144); }, 196'608},
        {"V34: deduplication table of 64 GB, ratio 1/256, MB", [] { return table_mib(256); }, 256},
        {"V34: deduplication table of 64 GB, ratio 1/1024, MB", [] { return table_mib(1024); }, 64},
        {"V34: deduplication table of 64 GB, ratio 1/8192, MB", [] { return table_mib(8192); }, 8},
        {"V35: 12 GB, 8 compressed 1.75 to 1, GB", expanded_gib, 18},
        {"V36: true memory at 1.40, GB", [] { return true_gib(140); }, 37.25},
        {"V36: true memory at 2.19, GB", [] { return true_gib(219); }, 23.75},
        {"V36: true memory at 2.98, GB", [] { return true_gib(298); }, 17.50},
        {"V36: gain at 1.40, GB", [] { return gain_gib(140); }, 14.75},
        {"V36: gain at 2.19, GB", [] { return gain_gib(219); }, 28.25},
        {"V36: gain at 2.98, GB", [] { return gain_gib(298); }, 34.50},
        {"V37: processors at 1.40, cores", [] { return expansion_cores(140); }, 0},
        {"V37: processors at 2.19, cores", [] { return expansion_cores(219); }, 2.13, 0.01},
        {"V37: processors at 2.98, cores", [] { return expansion_cores(298); }, 3.61, 0.01},
        {"V38: recommended factor, hundredths", [] { return recommended().estimate.factor.hundredths(); }, 219},
        {"V38: true memory, GB", [] { return static_cast<double>(recommended().estimate.true_mib) / kMibInGib; },
         23.75},
        {"V38: processors for expansion, cores", [] { return cores(recommended().estimate.cpu); }, 2.13, 0.01},
        {"V38: processors at the peak, cores", [] { return cores(recommended().peak_total); }, 11.65, 0.01},
    };
}

class MemoryValidation : public testing::TestWithParam<Case> {};

TEST_P(MemoryValidation, published_number_comes_out) {
    EXPECT_NEAR(GetParam().measured(), GetParam().published, GetParam().tolerance);
}

INSTANTIATE_TEST_SUITE_P(Table, MemoryValidation, testing::ValuesIn(cases()), [](const auto& row) {
    // V26 and the row: names may not hold spaces.
    return row.param.name.substr(0, 3) + "_" + std::to_string(row.index);
});

}  // namespace
}  // namespace pvmsim::aix
