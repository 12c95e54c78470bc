// TimelineSink: the log book an administrator would keep, one aligned line a milestone.
//
//        30.000 s  site/host1         powered off
//        30.020 s  app1..app20 (20)   lost one of two paths
//
// What several entities report under the same name and text, and whose paths differ in one number only, is one line
// when each report follows the one before at once, or within the window that the options give: "  316.2 s
// app1..app20/disk0 (20)  ... (until 371.4 s)". For the reader the order of time stays true:
//   - a report never joins a line across another one of its own entity, of its parts or of what it is a part of;
//   - nor across a line of the dividing entity: what is told after an operator's step is told below it;
//   - fewer than five entities share a line within a second only: that two are hit at two moments is the story.
// A line is written when no report has joined it for a window's time, or at flush(); lines stand in the order of their
// first reports. Counters are not shown.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "sim/trace/tracer.hpp"

namespace pvmsim::sim {

struct TimelineOptions {
    std::size_t entity_width = 17;             ///< longer paths push their text to the right
    std::vector<std::string> hidden_prefixes;  ///< beginnings of paths not worth a column, such as "site/"
    Duration window{0};                        ///< alike reports that follow this soon share a line
    std::string dividing_entity;               ///< nothing joins a line across what this one reports; empty: no such
};

class TimelineSink final : public TraceSink {
  public:
    explicit TimelineSink(std::ostream& out, TimelineOptions options = {});

    [[nodiscard]] bool wants_details() const override { return false; }
    void record(const TraceRecord& record) override;
    /// Writes the instant under way.
    void flush() override;

  private:
    static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

    /// One report of a line.
    struct Member {
        SimTime at;
        std::uint64_t order;  ///< among all reports
        std::string number;   ///< what tells its entity from the others; empty while there are no others
    };

    struct Line {
        std::string name;
        std::string text;
        std::vector<std::string> path;   ///< in runs of digits and of other letters
        std::size_t varying = kNowhere;  ///< the run in which the entities of this line differ
        std::vector<Member> members;     ///< in order of report, at least one
        bool divides = false;

        [[nodiscard]] SimTime first() const { return members.front().at; }
        [[nodiscard]] SimTime last() const { return members.back().at; }
        [[nodiscard]] bool has(std::string_view number) const;
        [[nodiscard]] std::string entities() const;
        /// Adds the reporter of an alike record; false when it does not belong here.
        bool take(const TraceRecord& record, std::uint64_t order, std::string_view shown_text,
                  const std::vector<std::string>& reporter, Duration window);
        /// Whether one of its entities is the reporter, a part of it or what it is a part of.
        [[nodiscard]] bool concerns(const std::vector<std::string>& reporter) const;
        /// Few entities over more than a moment: keeps those of the first moment and returns the line of the others.
        [[nodiscard]] std::optional<Line> cut_after_first_moment();
    };

    [[nodiscard]] std::vector<std::string> shown_path(std::string_view entity) const;
    bool joined(const TraceRecord& record, std::string_view text, const std::vector<std::string>& path);
    void write_front();
    void write(const Line& line);
    void write_until(SimTime before);

    std::ostream& out_;
    TimelineOptions options_;
    std::uint64_t reports_ = 0;
    std::deque<Line> lines_;  ///< not yet written, by order of first report
};

}  // namespace pvmsim::sim
