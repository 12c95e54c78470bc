// The numbers themselves are stored: a seed must give the same run in every build, forever. Beside them, that they are
// distributed as they say.
#include "sim/random/random_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "sim/engine/engine.hpp"
#include "sim/random/natural_log.hpp"

namespace pvmsim::sim {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

TEST(RandomStream, gives_these_numbers_in_every_build) {
    RandomStream random{42, "p740a/vios1", "boot-time"};
    std::vector<std::uint64_t> bits;
    for (int i = 0; i < 3; ++i) bits.push_back(random.bits());
    EXPECT_THAT(bits, ElementsAre(9332329368300160365u, 134754340106573141u, 13688335714350903994u));
    std::vector<std::uint64_t> below;
    for (int i = 0; i < 6; ++i) below.push_back(random.below(1000));
    EXPECT_THAT(below, ElementsAre(119, 593, 666, 188, 72, 327));
    std::vector<std::int64_t> exponential_ns;
    for (int i = 0; i < 4; ++i) exponential_ns.push_back(random.exponential(1s).count());
    EXPECT_THAT(exponential_ns, ElementsAre(981980096, 497737703, 142662350, 1415013527));
    EXPECT_EQ(random.uniform(1ms, 2ms).count(), 1867633);
    EXPECT_EQ(random.between(-5, 5), 5);
}

TEST(RandomStream, differs_by_seed_path_and_purpose_and_by_where_path_ends) {
    const auto first = [](std::uint64_t seed, std::string_view path, std::string_view purpose) {
        return RandomStream{seed, path, purpose}.bits();
    };
    const std::uint64_t one = first(1, "a/b", "c");
    EXPECT_EQ(one, first(1, "a/b", "c"));
    EXPECT_NE(one, first(2, "a/b", "c"));
    EXPECT_NE(one, first(1, "a/c", "c"));
    EXPECT_NE(one, first(1, "a/b", "d"));
    EXPECT_NE(first(1, "ab", "c"), first(1, "a", "bc"));
}

TEST(RandomStream, another_entity_shifts_nobodys_numbers) {
    struct Silent : Entity {
        void on_event(const Event&) override {}
        void digest(Digest&) const override {}
    } first, second;
    Engine alone{9};
    alone.add(first, "a");
    Engine together{9};
    together.add(second, "b");
    together.random_stream("b", "x").bits();
    together.add(first, "a");
    RandomStream in_alone = alone.random_stream("a", "x");
    RandomStream in_together = together.random_stream("a", "x");
    for (int i = 0; i < 100; ++i) ASSERT_EQ(in_alone.bits(), in_together.bits());
}

TEST(RandomStream, below_and_between_reach_every_value_about_equally) {
    RandomStream random{3, "dice", "throw"};
    constexpr int kThrows = 60'000;
    std::vector<int> seen(6);
    for (int i = 0; i < kThrows; ++i) ++seen[random.below(6)];
    // Chi-square with 5 degrees of freedom: 20.5 is passed once in a thousand; the stream is fixed, so it never flakes.
    double chi_square = 0;
    for (const int count : seen) chi_square += (count - kThrows / 6.0) * (count - kThrows / 6.0) / (kThrows / 6.0);
    EXPECT_LT(chi_square, 20.5);
    for (int i = 0; i < 1000; ++i) {
        const std::int64_t thrown = random.between(-3, 3);
        EXPECT_TRUE(thrown >= -3 && thrown <= 3);
    }
}

TEST(RandomStream, below_a_huge_bound_is_not_biased_to_the_lower_half) {
    RandomStream random{4, "huge", "bound"};
    // Taking bits modulo 3 * 2^62 would give the lowest third twice as often.
    constexpr std::uint64_t kBound = std::uint64_t{3} << 62;
    int lowest_third = 0;
    constexpr int kDraws = 30'000;
    for (int i = 0; i < kDraws; ++i) lowest_third += random.below(kBound) < kBound / 3 ? 1 : 0;
    EXPECT_NEAR(lowest_third, kDraws / 3.0, 400);
}

TEST(RandomStream, limits_of_the_samplers_hold) {
    RandomStream random{5, "limits", "limits"};
    EXPECT_EQ(random.below(1), 0u);
    EXPECT_EQ(random.between(7, 7), 7);
    constexpr std::int64_t kLow = std::numeric_limits<std::int64_t>::min();
    constexpr std::int64_t kHigh = std::numeric_limits<std::int64_t>::max();
    bool negative = false;
    bool positive = false;
    for (int i = 0; i < 64; ++i) (random.between(kLow, kHigh) < 0 ? negative : positive) = true;
    EXPECT_TRUE(negative && positive);
    for (int i = 0; i < 100; ++i) {
        EXPECT_FALSE(random.chance(0, 10));
        EXPECT_TRUE(random.chance(10, 10));
        EXPECT_GE(random.exponential(1ns), 0ns);
        EXPECT_GE(random.exponential(Duration::max()), 0ns);
    }
}

TEST(RandomStream, exponential_has_its_mean_spread_and_median) {
    RandomStream random{6, "arrivals", "gap"};
    constexpr int kDraws = 200'000;
    double sum = 0;
    double squares = 0;
    int below_median = 0;
    for (int i = 0; i < kDraws; ++i) {
        const double drawn = to_seconds(random.exponential(1s));
        sum += drawn;
        squares += drawn * drawn;
        below_median += drawn < 0.693147 ? 1 : 0;
    }
    const double mean = sum / kDraws;
    EXPECT_NEAR(mean, 1.0, 0.01);
    EXPECT_NEAR(squares / kDraws - mean * mean, 1.0, 0.03);
    EXPECT_NEAR(below_median, kDraws / 2.0, 1000);
}

TEST(RandomStream, chance_and_uniform_have_their_frequency_and_range) {
    RandomStream random{7, "coin", "toss"};
    int heads = 0;
    double sum = 0;
    constexpr int kDraws = 100'000;
    for (int i = 0; i < kDraws; ++i) {
        heads += random.chance(3, 10) ? 1 : 0;
        const Duration drawn = random.uniform(10ms, 20ms);
        ASSERT_TRUE(drawn >= 10ms && drawn <= 20ms);
        sum += to_seconds(drawn);
    }
    EXPECT_NEAR(heads, 0.3 * kDraws, 600);
    EXPECT_NEAR(sum / kDraws, 0.015, 0.00005);
}

TEST(NaturalLog, agrees_with_the_library_to_the_last_bits) {
    RandomStream random{8, "log", "argument"};
    EXPECT_EQ(natural_log(1.0), 0.0);
    for (int i = 0; i < 100'000; ++i) {
        const double x =
            static_cast<double>((random.bits() >> 11) + 1) * std::ldexp(1.0, static_cast<int>(random.below(80)) - 60);
        const double expected = std::log(x);
        ASSERT_NEAR(natural_log(x), expected, 4e-16 * std::max(std::abs(expected), 0.25)) << x;
    }
}

}  // namespace
}  // namespace pvmsim::sim
