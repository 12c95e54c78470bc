// What each sink makes of the same records, as text.
// The texts are contracts: other programs read the one, people the other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <sstream>
#include <utility>
#include <vector>

#include "sim/trace/sinks/json_lines_sink.hpp"
#include "sim/trace/sinks/memory_sink.hpp"
#include "sim/trace/sinks/statistics_sink.hpp"
#include "sim/trace/sinks/timeline_sink.hpp"
#include "tests/sim/probe.hpp"

namespace pvmsim::sim {
namespace {

using namespace std::chrono_literals;
using testing::at_ns;

constexpr SimTime kThirtySeconds = kStartOfRun + 30s;

void emit_counter(Tracer& tracer, SimTime at, std::string_view entity, std::string_view name,
                  std::initializer_list<TraceField> fields) {
    tracer.emit({at, TraceKind::kCounter, TraceLevel::kDetail, entity, name, {}, {fields.begin(), fields.size()}});
}

std::string timeline_of(const std::function<void(Tracer&)>& story, TimelineOptions options = {}) {
    std::ostringstream out;
    TimelineSink sink{out, std::move(options)};
    Tracer tracer;
    tracer.attach(sink);
    story(tracer);
    tracer.flush();
    return out.str();
}

TEST(Timeline, aligns_a_line_a_milestone_and_leaves_details_out) {
    const auto story = [](Tracer& tracer) {
        tracer.milestone(kThirtySeconds, "p740a/vios1", "power-off", "powered off");
        tracer.detail(kThirtySeconds, "p740a/vios1", "drain", {});
        tracer.milestone(kThirtySeconds + 20ms, "p740a/vios2/ent8", "sea-state", "is primary");
        tracer.milestone(
            kThirtySeconds + 40ms, "p740a/very-long-name/ent8", "sea-state", "",
            {{"state", std::string_view{"PRIMARY"}}, {"priority", std::int64_t{1}}, {"took", Duration{1500ms}}});
        tracer.milestone(kStartOfRun + 100000s, "lan", "healed", "two\nlines");
    };
    EXPECT_EQ(timeline_of(story),
              "   30.000 s  p740a/vios1        powered off\n"
              "   30.020 s  p740a/vios2/ent8   is primary\n"
              "   30.040 s  p740a/very-long-name/ent8  sea-state state=PRIMARY priority=1 took=1.5s\n"
              "100000.000 s  lan                two lines\n");
}

TEST(Timeline, one_line_for_what_many_alike_report_at_one_instant) {
    const auto story = [](Tracer& tracer) {
        for (int i = 20; i >= 1; --i)
            tracer.milestone(kThirtySeconds, "app" + std::to_string(i), "path-failed", "lost a path");
        tracer.milestone(kThirtySeconds, "app7", "error", "other name");
        tracer.milestone(kThirtySeconds, "app8", "path-failed", "other text");
        tracer.milestone(kThirtySeconds, "db1", "path-failed", "lost a path");
        tracer.milestone(kThirtySeconds, "plain", "path-failed", "lost a path");
        tracer.milestone(kThirtySeconds, "plain", "path-failed", "lost a path");
        tracer.milestone(kThirtySeconds, "db1", "path-failed", "lost a path");
        tracer.milestone(kThirtySeconds, "p740a/app1/hdisk2", "up", "is back");
        tracer.milestone(kThirtySeconds, "p740a/app1/hdisk10", "up", "is back");
        tracer.milestone(kThirtySeconds + 1ns, "app1", "path-failed", "lost a path");
    };
    EXPECT_EQ(timeline_of(story),
              "   30.000 s  app1..app20 (20)   lost a path\n"
              "   30.000 s  app7               other name\n"
              "   30.000 s  app8               other text\n"
              "   30.000 s  db1                lost a path\n"
              "   30.000 s  plain              lost a path\n"
              "   30.000 s  plain              lost a path\n"
              "   30.000 s  db1                lost a path\n"
              "   30.000 s  2 of p740a/app1/hdisk2..hdisk10  is back\n"
              "   30.000 s  app1               lost a path\n");
}

TEST(Timeline, alike_reports_within_the_window_share_a_line) {
    const auto story = [](Tracer& tracer) {
        for (int i = 1; i <= 4; ++i)
            tracer.milestone(kThirtySeconds + i * 1s, "site/app" + std::to_string(i) + "/disk0", "up", "is back");
        tracer.milestone(kThirtySeconds + 4s, "site/app1/disk1", "up", "is back");
        tracer.milestone(kThirtySeconds + 5s, "site/app7/disk0", "up", "is back");
        tracer.milestone(kThirtySeconds + 5s, "site/app7/disk0", "up", "is back");
        for (int i = 8; i <= 11; ++i)
            tracer.milestone(kThirtySeconds + 10s, "site/app" + std::to_string(i) + "/disk0", "up", "is back");
        tracer.milestone(kThirtySeconds + 20s, "site/app12/disk0", "up", "is back");
    };
    EXPECT_EQ(
        timeline_of(story, {.entity_width = 8, .hidden_prefixes = {"site/"}, .window = 5s, .dividing_entity = {}}),
        "   31.000 s  5 of app1..app7/disk0  is back (until 35.000 s)\n"
        "   34.000 s  app1/disk1  is back\n"
        "   35.000 s  app7..app11/disk0 (5)  is back (until 40.000 s)\n"
        "   50.000 s  app12/disk0  is back\n");
}

TEST(Timeline, few_share_a_line_within_a_moment_only) {
    const auto story = [](Tracer& tracer) {
        for (const auto& [number, after] :
             std::vector<std::pair<int, Duration>>{{1, 0s}, {2, 999ms}, {3, 1s}, {4, 2s}}) {
            tracer.milestone(kThirtySeconds + after, "vios" + std::to_string(number), "state", "crashed");
            if (number == 3) tracer.milestone(kThirtySeconds + 1500ms, "gw", "state", "went down");
        }
    };
    EXPECT_EQ(timeline_of(story, {.entity_width = 5, .hidden_prefixes = {}, .window = 5s, .dividing_entity = {}}),
              "   30.000 s  vios1..vios2 (2)  crashed\n"
              "   31.000 s  vios3  crashed\n"
              "   31.500 s  gw     went down\n"
              "   32.000 s  vios4  crashed\n");
}

TEST(Timeline, an_entitys_own_lines_stand_in_order) {
    const auto story = [](Tracer& tracer) {
        const auto report = [&](Duration after, std::string_view entity, std::string_view text) {
            tracer.milestone(kThirtySeconds + after, entity, "state", text);
        };
        report(0ms, "vios1/ent8", "LIMBO");
        report(1ms, "vios2/ent8", "PRIMARY");
        report(2ms, "vios2/ent8", "LIMBO");
        report(3ms, "vios1/ent8/queue", "full");
        report(4ms, "vios1/ent8", "PRIMARY");
        report(5ms, "vios3", "Running");
        report(6ms, "vios4/ent8", "up");
        report(7ms, "vios4", "Running");
        report(8ms, "vios3/ent8", "up");
        report(9ms, "vios40", "Running");
        report(10ms, "app1/inet", "avoided");
        report(11ms, "app2/inet/route", "gone");
        report(12ms, "app2/inet", "avoided");
        report(13ms, "app3/inet", "avoided");
        report(14ms, "app3/inet/route", "gone");
    };
    EXPECT_EQ(timeline_of(story, {.entity_width = 5, .hidden_prefixes = {}, .window = 5s, .dividing_entity = {}}),
              "   30.000 s  vios1/ent8  LIMBO\n"
              "   30.001 s  vios2/ent8  PRIMARY\n"
              "   30.002 s  vios2/ent8  LIMBO\n"
              "   30.003 s  vios1/ent8/queue  full\n"
              "   30.004 s  vios1/ent8  PRIMARY\n"
              "   30.005 s  vios3  Running\n"
              "   30.006 s  vios3..vios4/ent8 (2)  up\n"
              "   30.007 s  2 of vios4..vios40  Running\n"
              "   30.010 s  app1/inet  avoided\n"
              "   30.011 s  app2/inet/route  gone\n"
              "   30.012 s  app2..app3/inet (2)  avoided\n"
              "   30.014 s  app3/inet/route  gone\n");
}

TEST(Timeline, nothing_joins_a_line_across_the_dividing_entity) {
    const auto story = [](Tracer& tracer) {
        for (int i = 1; i <= 12; ++i) {
            if (i % 6 == 1) tracer.milestone(kThirtySeconds + i * 1s, "timeline", "step", "fault");
            tracer.milestone(kThirtySeconds + i * 1s, "app" + std::to_string(i), "path", "lost");
        }
    };
    TimelineOptions options{.entity_width = 8, .hidden_prefixes = {}, .window = 5s, .dividing_entity = "timeline"};
    EXPECT_EQ(timeline_of(story, options),
              "   31.000 s  timeline  fault\n"
              "   31.000 s  app1..app6 (6)  lost (until 36.000 s)\n"
              "   37.000 s  timeline  fault\n"
              "   37.000 s  app7..app12 (6)  lost (until 42.000 s)\n");
}

TEST(Timeline, hides_prefixes_that_say_nothing) {
    const auto story = [](Tracer& tracer) {
        tracer.milestone(kThirtySeconds, "p740a/app1", "up", "is up");
        tracer.milestone(kThirtySeconds, "p740a/app2", "up", "is up");
        tracer.milestone(kThirtySeconds, "p740a/", "up", "is up");
    };
    EXPECT_EQ(
        timeline_of(story, {.entity_width = 4, .hidden_prefixes = {"p740a/"}, .window = {}, .dividing_entity = {}}),
        "   30.000 s  app1..app2 (2)  is up\n"
        "   30.000 s  p740a/  is up\n");
}

TEST(JsonLines, writes_each_record_as_one_object) {
    std::ostringstream out;
    JsonLinesSink sink{out};
    Tracer tracer;
    tracer.attach(sink);
    tracer.milestone(kThirtySeconds + 7ns, "p740a/vios1", "power-off", "powered \"off\"\n");
    tracer.detail(kStartOfRun, "a", "fields",
                  {{"integer", std::int64_t{-5}},
                   {"real", 0.1},
                   {"flag", true},
                   {"text", std::string_view{"back\\slash\ttab"}},
                   {"took", Duration{1500}},
                   {"gap_ns", Duration{2}},
                   {"nothing", std::numeric_limits<double>::quiet_NaN()}});
    emit_counter(tracer, at_ns(1), "a", "queue", {{"depth", std::int64_t{3}}});
    tracer.flush();
    EXPECT_EQ(
        out.str(),
        R"({"t":"30.000000007","ns":30000000007,"kind":"instant","level":"milestone","entity":"p740a/vios1",)"
        R"("name":"power-off","text":"powered \"off\"\n"})"
        "\n"
        R"({"t":"0.000000000","ns":0,"kind":"instant","level":"detail","entity":"a","name":"fields","fields":)"
        R"({"integer":-5,"real":0.1,"flag":true,"text":"back\\slash\ttab","took_ns":1500,"gap_ns":2,"nothing":null}})"
        "\n"
        R"({"t":"0.000000001","ns":1,"kind":"counter","level":"detail","entity":"a","name":"queue","fields":{"depth":3}})"
        "\n");
}

TEST(JsonLines, escapes_control_letters_and_replaces_what_is_not_utf8) {
    std::ostringstream out;
    JsonLinesSink sink{out};
    sink.record(
        {kStartOfRun,
         TraceKind::kInstant,
         TraceLevel::kMilestone,
         "a",
         "b",
         std::string_view{"\x01\x7f gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80 \xff \xc0\xaf \xed\xa0\x80 \xe2\x82", 26},
         {}});
    EXPECT_THAT(out.str(), ::testing::HasSubstr("\"text\":\"\\u0001\\u007f gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80 \\ufffd "
                                                "\\ufffd\\ufffd \\ufffd\\ufffd\\ufffd \\ufffd\\ufffd\"}"));
}

TEST(Statistics, counts_records_and_ranges_counters) {
    StatisticsSink sink;
    Tracer tracer;
    tracer.attach(sink);
    for (const std::int64_t depth : {4, 1, 7}) emit_counter(tracer, at_ns(depth), "a", "queue", {{"depth", depth}});
    emit_counter(tracer, at_ns(9), "a", "queue", {{"depth", std::string_view{"no number"}}, {"wait", Duration{10}}});
    tracer.milestone(at_ns(9), "b", "up", "is up");
    EXPECT_EQ(sink.count("a", "queue"), 4u);
    EXPECT_EQ(sink.count("b", "up"), 1u);
    EXPECT_EQ(sink.count("b", "down"), 0u);
    EXPECT_EQ(sink.samples("a", "queue", "depth").mean(), 4.0);
    EXPECT_EQ(sink.samples("b", "up", "depth").count, 0u);
    std::ostringstream out;
    sink.print(out);
    EXPECT_EQ(out.str(),
              "a queue count=4\n"
              "b up count=1\n"
              "a queue.depth count=3 min=1 mean=4 max=7\n"
              "a queue.wait count=1 min=10 mean=10 max=10\n");
}

TEST(Memory, keeps_copies_that_outlive_the_record) {
    MemorySink sink;
    Tracer tracer;
    tracer.attach(sink);
    {
        const std::string path = "short lived path, too long for the small string buffer";
        tracer.milestone(at_ns(3), path, "up", path, {{"who", std::string_view{path}}, {"n", std::int64_t{2}}});
    }
    ASSERT_EQ(sink.records().size(), 1u);
    const OwnedTraceRecord& kept = sink.records().front();
    EXPECT_EQ(kept.entity, "short lived path, too long for the small string buffer");
    EXPECT_EQ(std::get<std::string>(*kept.field("who")), kept.entity);
    EXPECT_EQ(std::get<std::int64_t>(*kept.field("n")), 2);
    EXPECT_EQ(kept.field("none"), nullptr);
    EXPECT_EQ(sink.named("up").size(), 1u);
    EXPECT_TRUE(sink.named("down").empty());
}

TEST(Tracer, details_go_to_those_who_want_them_only) {
    MemorySink everything;
    MemorySink milestones{MemorySink::Keep::kMilestones};
    Tracer tracer;
    EXPECT_FALSE(tracer.wants(TraceLevel::kMilestone));
    tracer.attach(milestones);
    EXPECT_TRUE(tracer.wants(TraceLevel::kMilestone));
    EXPECT_FALSE(tracer.wants(TraceLevel::kDetail));
    tracer.attach(everything);
    EXPECT_TRUE(tracer.wants(TraceLevel::kDetail));
    tracer.detail(kStartOfRun, "a", "detail");
    tracer.milestone(kStartOfRun, "a", "milestone", "");
    EXPECT_EQ(everything.records().size(), 2u);
    EXPECT_EQ(milestones.records().size(), 1u);
    tracer.detach(everything);
    EXPECT_FALSE(tracer.wants(TraceLevel::kDetail));
    tracer.detail(kStartOfRun, "a", "detail");
    EXPECT_EQ(everything.records().size(), 2u);
}

}  // namespace
}  // namespace pvmsim::sim
