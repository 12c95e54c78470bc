// Active Memory Expansion: the published examples in full (V35 to V38; the numbers alone are in
// memory_validation_test.cpp), the identity E = U + rC for any memory (property 11), and the conditions under which a
// factor is refused.
#include "aix/memory/expansion.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "aix/memory/amepat.hpp"
#include "aix/memory/expansion_licence.hpp"
#include "hypervisor/memory/page.hpp"

namespace pvmsim::aix {
namespace {

using hypervisor::CoreRate;
using hypervisor::kPagesInMib;
constexpr std::uint64_t kPagesInGib = 1024 * kPagesInMib;

ExpansionFactor factor(std::uint32_t hundredths) { return ExpansionFactor::create(hundredths).value(); }

/// The 16-processor partition of the published table: 52 GB expanded, ratio 4.51, 27.157 GB hot.
AmepatQuestion published() {
    AmepatQuestion question;
    question.model.ratio_hundredths = 451;
    question.model.hot_pages = 27'157 * kPagesInGib / 1000;
    question.expanded_mib = 52 * 1024;
    question.capacity_max = CoreRate::cores(16);
    question.base_peak = {9'520'000'000};
    return question;
}

TEST(Expansion, twelve_gb_of_which_eight_compressed_at_1_75_are_eighteen) {  // V35
    ExpansionModel model{.ratio_hundredths = 175};
    const auto pools = divide_memory(model, 12 * kPagesInGib, factor(150));
    EXPECT_EQ(pools.expanded_pages, 18 * kPagesInGib);
    EXPECT_EQ(pools.uncompressed_pages, 4 * kPagesInGib);
    EXPECT_EQ(pools.compressed_pages, 8 * kPagesInGib);
    EXPECT_EQ(pools.held_compressed_pages, 14 * kPagesInGib);
    EXPECT_EQ(pools.deficit_pages, 0u);
    EXPECT_EQ(capacity_pages(4 * kPagesInGib, 8 * kPagesInGib, 175), 18 * kPagesInGib);
}

TEST(Expansion, true_memory_and_gain_of_the_published_table) {  // V36
    struct Row {
        std::uint32_t factor;
        std::uint64_t true_mib, gain_mib;
        std::uint32_t gain_percent;
    };
    for (const auto& row : {Row{100, 53248, 0, 0}, Row{140, 38144, 15104, 40}, Row{219, 24320, 28928, 119},
                            Row{298, 17920, 35328, 197}}) {
        const auto found = estimate(published(), factor(row.factor));
        EXPECT_EQ(found.true_mib, row.true_mib) << row.factor;
        EXPECT_EQ(found.gain_mib, row.gain_mib) << row.factor;
        EXPECT_EQ(found.gain_percent, row.gain_percent) << row.factor;
        EXPECT_EQ(found.deficit_mib, 0u) << row.factor;
    }
}

TEST(Expansion, recommends_the_largest_gain_under_the_cap) {  // V38
    const auto question = published();
    const auto rows = estimates(question, {factor(100), factor(140), factor(219), factor(260), factor(298)});
    const auto best = recommend(question, rows);
    ASSERT_TRUE(best.has_value());
    EXPECT_EQ(best->estimate.factor, factor(219));
    EXPECT_EQ(best->estimate.cpu_percent, 13u);

    auto generous = question;
    generous.cpu_cap_percent = 25;
    EXPECT_EQ(recommend(generous, rows)->estimate.factor, factor(298));
    auto strict = question;
    strict.cpu_cap_percent = 0;
    EXPECT_EQ(recommend(strict, rows)->estimate.factor, factor(140));
    strict.gain_mib_min = 20 * 1024;
    EXPECT_FALSE(recommend(strict, rows).has_value());
}

TEST(Expansion, what_does_not_compress_enough_is_a_deficit) {
    // Half of 16 GB may be compressed, 2 to 1: 4 GB of true memory save 4 GB, 12 GB are all that 8 can be.
    ExpansionModel model{.ratio_hundredths = 200, .compressible_permille = 500};
    const auto pools = divide_memory(model, 8 * kPagesInGib, factor(200));
    EXPECT_EQ(pools.compressed_pages, 4 * kPagesInGib);
    EXPECT_EQ(pools.achieved_pages(), 12 * kPagesInGib);
    EXPECT_EQ(pools.deficit_pages, 4 * kPagesInGib);
    // And with all of it compressible, the minimum of the uncompressed pool is what is missing.
    model = {.ratio_hundredths = 200, .uncompressed_min_permille = 250};
    EXPECT_EQ(divide_memory(model, 8 * kPagesInGib, factor(200)).deficit_pages, 2 * kPagesInGib);
    EXPECT_EQ(factor_max(model, 8 * kPagesInGib), factor(175));
}

TEST(Expansion, memory_that_does_not_shrink_only_has_a_deficit) {
    const ExpansionModel model{.ratio_hundredths = 100};
    const auto pools = divide_memory(model, kPagesInGib, factor(120));
    EXPECT_EQ(pools.uncompressed_pages, kPagesInGib);
    EXPECT_EQ(pools.deficit_pages, pools.expanded_pages - kPagesInGib);
    EXPECT_EQ(factor_max(model, kPagesInGib), factor(100));
}

TEST(Expansion, the_842_unit_leaves_a_fifth_of_the_cost) {
    auto question = published();
    const auto software = estimate(question, factor(298)).cpu.nanocores;
    question.model.accelerated = true;
    EXPECT_NEAR(static_cast<double>(estimate(question, factor(298)).cpu.nanocores), static_cast<double>(software) * 0.2,
                1.0);
}

TEST(Expansion, factors_are_hundredths_from_1_to_10) {
    EXPECT_EQ(ExpansionFactor::parse("1.5").value(), factor(150));
    EXPECT_EQ(ExpansionFactor::parse("10.00").value(), factor(1000));
    EXPECT_EQ(ExpansionFactor::parse("3").value().to_string(), "3.00");
    for (const auto* bad :
         {"", ".5", "1.", "0.99", "10.01", "1.005", "-1", "1,5", "100", "1e1", " 1", "99999999999999999999"})
        EXPECT_EQ(ExpansionFactor::parse(bad).error().code, ExpansionErrorCode::kFactorOutOfRange) << bad;
    EXPECT_EQ(ExpansionFactor::create(99).error().text,
              "the memory expansion factor must be between 1.00 and 10.00, not 0.99");
}

TEST(Expansion, refused_without_licence_or_on_the_wrong_partition) {
    const ExpansionSite good{.system = "p780",
                             .partition = "db1",
                             .active_mem_expansion_capable = true,
                             .processor = "POWER7+",
                             .firmware_level = "AM760_034",
                             .aix_level = parse_aix_level("6100-04-02-1007")};
    EXPECT_TRUE(check_expansion_licence(good, factor(150)).has_value());
    using enum ExpansionErrorCode;
    const auto check = [&](auto change, ExpansionErrorCode code, const char* said) {
        auto site = good;
        change(site);
        const auto refused = check_expansion_licence(site, factor(101));
        ASSERT_FALSE(refused.has_value()) << said;
        EXPECT_EQ(refused.error().code, code) << said;
        EXPECT_THAT(refused.error().text, ::testing::HasSubstr(said));
        EXPECT_TRUE(check_expansion_licence(site, factor(100)).has_value()) << said;
    };
    check([](auto& s) { s.active_mem_expansion_capable = false; }, kNotLicensed, "not activated on system p780");
    check([](auto& s) { s.os = GuestSystem::kLinux; }, kNotSupported, "not for Linux");
    check([](auto& s) { s.os = GuestSystem::kVios; }, kNotSupported, "not for the Virtual I/O Server");
    check([](auto& s) { s.os = GuestSystem::kIbmI; }, kNotSupported, "not for IBM i");
    check([](auto& s) { s.aix_level = parse_aix_level("6100-04-01"); }, kNotSupported, "6100-04-02");
    check([](auto& s) { s.aix_level = parse_aix_level("5300-12"); }, kNotSupported, "AIX 6.1 TL4 SP2");
    check([](auto& s) { s.processor = "POWER6"; }, kNotSupported, "p780 has POWER6");
    check([](auto& s) { s.firmware_level = "EM350_120"; }, kNotSupported, "firmware 7.1");
    check([](auto& s) { s.power7_mode = false; }, kNotSupported, "compatibility mode");
    EXPECT_FALSE(parse_aix_level("7.1").has_value());
    EXPECT_FALSE(parse_aix_level("").has_value());
}

TEST(Amepat, default_table_starts_at_1_and_ends_where_memory_is_short) {
    const auto question = published();
    const auto factors = default_factors(question);
    ASSERT_EQ(factors.size(), 7u);
    EXPECT_EQ(factors.front(), factor(100));
    EXPECT_EQ(estimate(question, factors.back()).deficit_mib, 0u);
    for (std::size_t row = 1; row < factors.size(); ++row) EXPECT_GT(factors[row], factors[row - 1]);
}

TEST(Amepat, report_has_the_table_and_the_recommendation) {
    const auto question = published();
    AmepatSystem system{.invoked_at = "Mon Nov  9 14:39:28 CST 2009",
                        .monitored_s = 493,
                        .samples = 3,
                        .partition_name = "db1",
                        .logical_cpus = 64,
                        .entitled = CoreRate::cores(8),
                        .true_mib = 53248};
    system.cpu_millicores = {.mean = 8000, .min = 7000, .max = 9520};
    const auto text = amepat_text(system, question, estimates(question, {factor(100), factor(140), factor(219)}));
    EXPECT_THAT(text, ::testing::HasSubstr("Command Invoked                : amepat\n"));
    EXPECT_THAT(text, ::testing::HasSubstr("Total Monitored time           : 8 mins 13 secs\n"));
    EXPECT_THAT(text, ::testing::HasSubstr("Achievable Compression ratio   : 4.51\n"));
    EXPECT_THAT(text, ::testing::HasSubstr("Expansion    Modeled True      Modeled              CPU Usage\n"
                                           "Factor       Memory Size       Memory Gain          Estimate\n"
                                           "---------    --------------    -----------------    -----------\n"
                                           "     1.00          52.00 GB       0.00 KB [  0%]    0.00 [  0%]\n"
                                           "     1.40          37.25 GB      14.75 GB [ 40%]    0.00 [  0%]\n"
                                           "     2.19          23.75 GB      28.25 GB [119%]    2.12 [ 13%]\n"));
    EXPECT_THAT(text, ::testing::HasSubstr("with a memory size of 23.75 GB and to configure a memory expansion factor\n"
                                           "of 2.19. This will result in a memory gain of 119%. With this\n"));
}

RC_GTEST_PROP(ExpansionProperty, expanded_is_uncompressed_and_ratio_times_compressed, ()) {  // property 11
    const ExpansionModel model{.ratio_hundredths = *rc::gen::inRange<std::uint32_t>(90, 1200),
                               .compressible_permille = *rc::gen::inRange<std::uint32_t>(0, 1001),
                               .uncompressed_min_permille = *rc::gen::inRange<std::uint32_t>(0, 1001),
                               .hot_pages = *rc::gen::inRange<std::uint64_t>(0, 64 * kPagesInGib),
                               .accelerated = *rc::gen::arbitrary<bool>()};
    const auto true_pages = *rc::gen::inRange<std::uint64_t>(1, 16 * 1024 * kPagesInGib);
    const auto wanted = factor(*rc::gen::inRange<std::uint32_t>(100, 1001));
    const auto pools = divide_memory(model, true_pages, wanted);

    RC_ASSERT(pools.uncompressed_pages + pools.compressed_pages == true_pages);
    RC_ASSERT(pools.expanded_pages == true_pages * wanted.hundredths() / 100);
    RC_ASSERT(pools.achieved_pages() == pools.uncompressed_pages + pools.held_compressed_pages);
    RC_ASSERT(pools.achieved_pages() >= true_pages);
    // E = U + rC to within what one compressed page holds, whenever E is reached; never more than U + rC.
    const auto capacity = capacity_pages(pools.uncompressed_pages, pools.compressed_pages, model.ratio_hundredths);
    RC_ASSERT(pools.achieved_pages() <= capacity);
    RC_ASSERT(capacity - pools.achieved_pages() <= model.ratio_hundredths / 100 + 1);
    if (pools.compressed_pages > 0) {
        RC_ASSERT(pools.uncompressed_pages >= true_pages * model.uncompressed_min_permille / 1000);
        RC_ASSERT(pools.held_compressed_pages <= pools.expanded_pages * model.compressible_permille / 1000 + 1);
    }
    const auto cost = compression_cost(model, pools);
    RC_ASSERT(cost.nanocores >= 0);
    if (wanted == factor(100)) RC_ASSERT(cost.nanocores == 0);
    RC_ASSERT(divide_memory(model, true_pages, factor_max(model, true_pages)).deficit_pages == 0u);
}

RC_GTEST_PROP(ExpansionProperty, a_larger_factor_never_costs_less_or_needs_more_memory, ()) {
    auto question = published();
    question.model.hot_pages = *rc::gen::inRange<std::uint64_t>(0, 52 * kPagesInGib);
    const auto small = *rc::gen::inRange<std::uint32_t>(100, 1000);
    const auto large = *rc::gen::inRange<std::uint32_t>(small + 1, 1001);
    const auto less = estimate(question, factor(small));
    const auto more = estimate(question, factor(large));
    RC_ASSERT(more.true_mib <= less.true_mib);
    RC_ASSERT(more.deficit_mib >= less.deficit_mib);
    if (more.deficit_mib == 0) RC_ASSERT(more.cpu >= less.cpu);
}

}  // namespace
}  // namespace pvmsim::aix
