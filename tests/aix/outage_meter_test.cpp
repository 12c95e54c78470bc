// Waits become outages: overlapping ones are one, a wait that goes on is counted up to now.
// A table: waits in, outages out.
#include "aix/workload/outage_meter.hpp"

#include <gtest/gtest.h>

namespace pvmsim::aix::test {
namespace {

sim::SimTime at(int second) { return sim::SimTime{std::chrono::seconds(second)}; }

struct Wait {
    int start;
    int end;
};

struct Case {
    const char* name;
    std::vector<Wait> waits;
    int waiting_since;  ///< -1: nobody waits
    std::vector<Wait> outages;
    int longest;
    int total;
};

const Case kCases[] = {
    {"nobody waited", {}, -1, {}, 0, 0},
    {"two apart", {{10, 12}, {20, 25}}, -1, {{10, 12}, {20, 25}}, 5, 7},
    {"two overlapping are one", {{10, 12}, {11, 15}}, -1, {{10, 15}}, 5, 5},
    {"a long wait swallows earlier ones", {{10, 12}, {14, 16}, {11, 20}}, -1, {{10, 20}}, 10, 10},
    {"still waiting at the end", {{10, 12}}, 50, {{10, 12}, {50, 100}}, 50, 52},
    {"still waiting since before the last end", {{10, 60}}, 50, {{10, 100}}, 90, 90},
};

TEST(OutageMeterTest, table) {
    for (const auto& test : kCases) {
        OutageMeter meter;
        for (const auto& wait : test.waits) meter.waited(at(wait.start), at(wait.end));
        const auto since = at(test.waiting_since);
        const auto outages = meter.outages(at(100), test.waiting_since >= 0 ? &since : nullptr);
        ASSERT_EQ(outages.size(), test.outages.size()) << test.name;
        for (std::size_t i = 0; i < outages.size(); ++i) {
            EXPECT_EQ(outages[i].start, at(test.outages[i].start)) << test.name;
            EXPECT_EQ(outages[i].end, at(test.outages[i].end)) << test.name;
        }
        EXPECT_EQ(longest(outages), std::chrono::seconds(test.longest)) << test.name;
        EXPECT_EQ(total(outages), std::chrono::seconds(test.total)) << test.name;
    }
}

}  // namespace
}  // namespace pvmsim::aix::test
