// The .nmon reader on small recordings of our own: what it takes from a file, in which order lines may stand, and what
// it says about files that are broken.
#include "scenarios/recordings/nmon.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace pvmsim::scenarios {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

std::string lines(std::vector<std::string> parts, const std::string& end = "\n") {
    std::string text;
    for (const auto& part : parts) text += part + end;
    return text;
}

/// Three snapshots over midnight and the end of a month, 300 s asked for, 301 and 299 s taken.
std::vector<std::string> good() {
    return {"AAA,progname,topas_nmon",
            "AAA,interval,300",
            "AAA,SubprocessorMode Unknown",
            "BBBP,001,lparstat -i,\"LPAR,T0001,garbage\"",
            "LPAR,Logical Partition box,PhysicalCPU,virtualCPUs,logicalCPUs,poolCPUs,entitled,weight,PoolIdle",
            "DISKREAD,Disk Read KB/s box,hdisk0,hdisk1",
            "ZZZZ,T0001,23:54:59,29-FEB-2016",
            "LPAR,T0001,1.257,7,28,16,1.30,128,0.00",
            "DISKREAD,T0001,17.5,0.3",
            "ZZZZ,T0002,00:00:00,01-MAR-2016",
            "LPAR,T0002,0.001,7,28,16,1.30,128,0.00",
            "DISKREAD,T0002,18.5,",
            "ZZZZ,T0003,00:04:59,01-MAR-2016",
            "LPAR,T0003,2,6,24,16,1.30,64,0.00",
            "TOP,123,T0003,garbage"};
}

NmonRecording read_good(const std::string& text) {
    auto recording = parse_nmon(text, "a.nmon");
    EXPECT_TRUE(recording.has_value()) << recording.error().to_string();
    return recording ? *recording : NmonRecording{};
}

void check_good(const NmonRecording& recording) {
    ASSERT_EQ(recording.snapshots.size(), 3u);
    EXPECT_EQ(recording.interval, 300s);
    EXPECT_EQ(recording.source, NmonProcessorSource::kLpar);
    const auto& [first, second, third] =
        std::tie(recording.snapshots[0], recording.snapshots[1], recording.snapshots[2]);
    EXPECT_EQ(first.name, "T0001");
    EXPECT_EQ(first.end, sim::kStartOfRun + 300s);
    EXPECT_EQ(second.end, sim::kStartOfRun + 601s);
    EXPECT_EQ(third.end, sim::kStartOfRun + 900s);
    EXPECT_EQ(first.physical_cpu.nanocores, 1'257'000'000);
    EXPECT_EQ(second.physical_cpu.nanocores, 1'000'000);
    EXPECT_EQ(third.physical_cpu.nanocores, 2'000'000'000);
    EXPECT_EQ(first.entitled->nanocores, 1'300'000'000);
    EXPECT_EQ(first.virtual_cpus, 7u);
    EXPECT_EQ(third.virtual_cpus, 6u);
    EXPECT_EQ(first.pool_cpus, 16u);
    EXPECT_EQ(third.weight, 64u);
}

TEST(Nmon, takes_facts_times_and_consumption_from_a_recording) {
    const auto recording = read_good(lines(good()));
    check_good(recording);
    ASSERT_NE(recording.fact("progname"), nullptr);
    EXPECT_EQ(*recording.fact("progname"), "topas_nmon");
    EXPECT_EQ(*recording.fact("SubprocessorMode Unknown"), "");
    EXPECT_EQ(recording.fact("nothing"), nullptr);
}

TEST(Nmon, order_of_lines_and_their_ends_do_not_matter) {
    auto reversed = good();
    std::ranges::reverse(reversed);
    check_good(read_good(lines(reversed)));
    auto sorted = good();
    std::ranges::sort(sorted);
    check_good(read_good(lines(sorted)));
    check_good(read_good(lines(good(), "\r\n")));
    auto unfinished = lines(good());
    unfinished.pop_back();
    check_good(read_good(unfinished));
    check_good(read_good("\xEF\xBB\xBF" + lines(good())));
}

TEST(Nmon, demand_holds_from_the_start_of_each_interval_and_ends_with_the_recording) {
    const auto steps = demand_steps(read_good(lines(good())));
    ASSERT_EQ(steps.size(), 4u);
    EXPECT_EQ(steps[0].at, sim::kStartOfRun);
    EXPECT_EQ(steps[0].demand.nanocores, 1'257'000'000);
    EXPECT_EQ(steps[1].at, sim::kStartOfRun + 300s);
    EXPECT_EQ(steps[1].demand.nanocores, 1'000'000);
    EXPECT_EQ(steps[2].at, sim::kStartOfRun + 601s);
    EXPECT_EQ(steps[3].at, sim::kStartOfRun + 900s);
    EXPECT_EQ(steps[3].demand.nanocores, 0);
}

TEST(Nmon, mean_consumption_is_weighted_by_the_intervals) {
    // (1.257 * 300 + 0.001 * 301 + 2 * 299) / 900
    EXPECT_EQ(read_good(lines(good())).mean_physical_cpu().nanocores, 1'083'778'888);
}

TEST(Nmon, any_section_can_be_asked_for_by_name_and_column) {
    auto more = good();
    more.emplace_back("DISKREAD1,Disk Read KB/s box,hdisk2");
    more.emplace_back("DISKREAD1,T0002,5.0");
    more.emplace_back("DISKREADSERV,Disk Read Service Time msec/xfer box,hdisk0");
    const auto recording = read_good(lines(more));
    const auto* section = recording.section("DISKREAD");
    ASSERT_NE(section, nullptr);
    EXPECT_EQ(section->title(), "Disk Read KB/s box");
    EXPECT_THAT(section->columns(), ElementsAre("hdisk0", "hdisk1"));
    ASSERT_EQ(section->rows().size(), 2u);
    const auto column = section->column("hdisk1");
    ASSERT_TRUE(column.has_value());
    EXPECT_EQ(NmonSection::field(section->rows()[0], *column), "0.3");
    EXPECT_EQ(NmonSection::field(section->rows()[1], *column), "");
    EXPECT_EQ(NmonSection::field(section->rows()[1], 7), "");
    EXPECT_FALSE(section->column("hdisk9").has_value());
    EXPECT_EQ(recording.section("NET"), nullptr);
    const auto family = recording.family("DISKREAD");
    ASSERT_EQ(family.size(), 2u);
    EXPECT_EQ(family[1]->name(), "DISKREAD1");
}

TEST(Nmon, without_dates_midnight_is_seen_in_the_time_of_day) {
    auto undated = good();
    for (auto& line : undated) {
        if (line.starts_with("ZZZZ")) line = line.substr(0, line.rfind(','));
    }
    check_good(read_good(lines(undated)));
}

TEST(Nmon, dedicated_partition_without_lpar_section_gives_user_and_sys_of_pcpu_all) {
    const auto recording = read_good(lines({"AAA,interval,60", "PCPU_ALL,PCPU Total box,User  ,Sys  ,Wait  ,Idle  ",
                                            "ZZZZ,T0001,10:00:00,01-JAN-2016", "PCPU_ALL,T0001,0.42,0.38,0.1,1.10"}));
    ASSERT_EQ(recording.snapshots.size(), 1u);
    EXPECT_EQ(recording.source, NmonProcessorSource::kPcpuAll);
    EXPECT_EQ(recording.snapshots[0].physical_cpu.nanocores, 800'000'000);
    EXPECT_EQ(recording.snapshots[0].end, sim::kStartOfRun + 60s);
    EXPECT_FALSE(recording.snapshots[0].weight.has_value());
}

TEST(Nmon, a_recording_that_was_stopped_may_end_with_a_bare_time_stamp) {
    auto stopped = good();
    stopped.emplace_back("ZZZZ,T0004,00:09:59,01-MAR-2016");
    check_good(read_good(lines(stopped)));
}

TEST(Nmon, without_an_interval_line_the_first_two_snapshots_tell_it) {
    auto untold = good();
    std::erase(untold, "AAA,interval,300");
    const auto recording = read_good(lines(untold));
    EXPECT_EQ(recording.interval, 301s);
    EXPECT_EQ(recording.snapshots[0].end, sim::kStartOfRun + 301s);
}

/// The good recording with one line replaced, or removed when `by` is empty, must fail with this text.
void check_broken(const std::string& line, const std::string& by, const std::string& want) {
    auto broken = good();
    const auto at = std::ranges::find(broken, line);
    ASSERT_NE(at, broken.end()) << line;
    if (by.empty())
        broken.erase(at);
    else
        *at = by;
    const auto recording = parse_nmon(lines(broken), "a.nmon");
    ASSERT_FALSE(recording.has_value()) << want;
    EXPECT_EQ(recording.error().to_string(), want);
}

TEST(Nmon, broken_recordings_are_refused_with_file_and_line) {
    check_broken("LPAR,T0002,0.001,7,28,16,1.30,128,0.00", "LPAR,T0002,1.2x7,7,28,16,1.30,128,0.00",
                 "a.nmon:11: section LPAR, column PhysicalCPU: '1.2x7' is not a number that fits there");
    check_broken("LPAR,T0002,0.001,7,28,16,1.30,128,0.00", "LPAR,T0002,-1,7,28,16,1.30,128,0.00",
                 "a.nmon:11: section LPAR, column PhysicalCPU: '-1' is not a number that fits there");
    check_broken("LPAR,T0002,0.001,7,28,16,1.30,128,0.00", "LPAR,T0002,1e3,7,28,16,1.30,128,0.00",
                 "a.nmon:11: section LPAR, column PhysicalCPU: '1e3' is not a number that fits there");
    check_broken("LPAR,T0002,0.001,7,28,16,1.30,128,0.00", "LPAR,T0002,9999999,7,28,16,1.30,128,0.00",
                 "a.nmon:11: section LPAR, column PhysicalCPU: '9999999' is not a number that fits there");
    check_broken("LPAR,T0002,0.001,7,28,16,1.30,128,0.00", "LPAR,T0002,1.0,7,28,16,1.30",
                 "a.nmon:11: section LPAR, column weight: '' is not a number that fits there");
    check_broken("LPAR,T0002,0.001,7,28,16,1.30,128,0.00", "", "a.nmon:10: snapshot T0002 has no line in section LPAR");
    check_broken("LPAR,T0002,0.001,7,28,16,1.30,128,0.00", "LPAR,T0001,0.001,7,28,16,1.30,128,0.00",
                 "a.nmon:11: this snapshot has no ZZZZ line, or stands twice in section LPAR");
    check_broken("ZZZZ,T0003,00:04:59,01-MAR-2016", "",
                 "a.nmon:13: this snapshot has no ZZZZ line, or stands twice in section LPAR");
    check_broken("ZZZZ,T0003,00:04:59,01-MAR-2016", "ZZZZ,T0003,00:04:59,30-FEB-2016",
                 "a.nmon:13: expected a date like 10-FEB-2016, found '30-FEB-2016'");
    check_broken("ZZZZ,T0003,00:04:59,01-MAR-2016", "ZZZZ,T0003,24:04:59,01-MAR-2016",
                 "a.nmon:13: expected ZZZZ,T0001,hh:mm:ss,DD-MON-YYYY, found 'ZZZZ,T0003,24:04:59,01-MAR-2016'");
    check_broken("ZZZZ,T0003,00:04:59,01-MAR-2016", "ZZZZ,T0003,00:04:59,29-FEB-2016",
                 "a.nmon:13: time does not advance from T0002 to T0003");
    check_broken("ZZZZ,T0003,00:04:59,01-MAR-2016", "ZZZZ,T0002,00:04:59,01-MAR-2016",
                 "a.nmon:13: snapshot T0002 has a second time stamp");
    check_broken("ZZZZ,T0003,00:04:59,01-MAR-2016", "ZZZZ,T0003,00:04:59,01-MAR-9016",
                 "a.nmon:13: snapshot T0003 is more than ten years after the first");
    check_broken("AAA,interval,300", "AAA,interval,soon",
                 "a.nmon: AAA,interval: expected seconds from 1 to 86400, found 'soon'");
    check_broken("LPAR,Logical Partition box,PhysicalCPU,virtualCPUs,logicalCPUs,poolCPUs,entitled,weight,PoolIdle",
                 "LPAR,Logical Partition box,virtualCPUs", "a.nmon: the LPAR section has no column PhysicalCPU");
}

TEST(Nmon, what_is_no_recording_is_called_so) {
    const auto error_of = [](const std::string& text) {
        const auto recording = parse_nmon(text, "a.nmon");
        return recording ? std::string("no error") : recording.error().to_string();
    };
    EXPECT_EQ(error_of(""), "a.nmon: not an nmon file: it has no AAA line");
    EXPECT_EQ(error_of("hello\nworld, how are you\n"), "a.nmon: not an nmon file: it has no AAA line");
    EXPECT_EQ(error_of(std::string("\x7f"
                                   "ELF\0\0",
                                   6)),
              "a.nmon:1: not a text file");
    EXPECT_EQ(error_of("AAA,interval,5\n"), "a.nmon: the recording has no snapshot: there is no ZZZZ line");
    EXPECT_THAT(error_of("AAA,interval,5\nZZZZ,T0001,10:00:00,01-JAN-2016\n"),
                HasSubstr("neither an LPAR nor a PCPU_ALL section"));
    EXPECT_EQ(error_of("AAA,a,b\n" + std::string((1u << 20) + 1, 'x') + "\n"),
              "a.nmon:2: line is longer than 1048576 bytes");
}

TEST(Nmon, unreadable_files_are_named) {
    EXPECT_EQ(read_nmon("/nonexistent/a.nmon").error().to_string(), "/nonexistent/a.nmon: no such file");
    EXPECT_EQ(read_nmon("/").error().to_string(), "/: is a directory, not a file");
}

TEST(RecordedNumbers, decimals_are_exact_or_refused) {
    EXPECT_EQ(exact_decimal("1.257", 9), 1'257'000'000);
    EXPECT_EQ(exact_decimal("0.1", 2), 10);
    EXPECT_EQ(exact_decimal("7", 0), 7);
    EXPECT_EQ(exact_decimal("-0.5", 1), -5);
    EXPECT_EQ(exact_decimal("1.500", 1), 15);
    for (const auto* wrong : {"", ".", "1.", ".5", "1.25x", "1,5", "+1", "1.2.3", "99999999999999999999", "1.55"}) {
        EXPECT_FALSE(exact_decimal(wrong, 1).has_value()) << wrong;
    }
    EXPECT_EQ(whole_number("18446744073709551615", ~std::uint64_t{0}), ~std::uint64_t{0});
    EXPECT_FALSE(whole_number("18446744073709551616", ~std::uint64_t{0}).has_value());
    EXPECT_FALSE(whole_number("256", 255).has_value());
    EXPECT_EQ(whole_number("255", 255), 255u);
    EXPECT_FALSE(whole_number("7", 3).has_value());
}

}  // namespace
}  // namespace pvmsim::scenarios
