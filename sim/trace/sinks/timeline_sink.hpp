// TimelineSink: the log book an administrator would keep, one aligned line a milestone.
//
//        30.000 s  site/host1         powered off
//        30.020 s  app1..app20 (20)   lost one of two paths
//
// What several entities report under the same name and text, and whose paths differ in one number only, is one line
// when each report follows the one before at once, or within the window that the options give: "  316.2 s
// app1..app20/disk0 (20)  ... (until 371.4 s)". A line is written when no report has joined it for a window's time, or
// at flush(); lines stand in the order of their first reports. Counters are not shown.
#pragma once

#include <cstddef>
#include <deque>
#include <iosfwd>
#include <string>
#include <vector>

#include "sim/trace/tracer.hpp"

namespace pvmsim::sim {

struct TimelineOptions {
    std::size_t entity_width = 17;             ///< longer paths push their text to the right
    std::vector<std::string> hidden_prefixes;  ///< beginnings of paths not worth a column, such as "site/"
    Duration window{0};                        ///< alike reports that follow this soon share a line
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

    struct Line {
        SimTime first;
        SimTime last;
        std::string name;
        std::string text;
        std::vector<std::string> path;     ///< in runs of digits and of other letters
        std::size_t varying = kNowhere;    ///< the run in which the entities of this line differ
        std::vector<std::string> numbers;  ///< theirs, in order of report; empty for a single entity

        [[nodiscard]] std::string entities() const;
        /// Adds the reporter of an alike record; false when it does not belong here.
        bool take(const TraceRecord& record, std::string_view shown_text, const std::vector<std::string>& reporter,
                  Duration window);
    };

    [[nodiscard]] std::vector<std::string> shown_path(std::string_view entity) const;
    void write(const Line& line);
    void write_until(SimTime before);

    std::ostream& out_;
    TimelineOptions options_;
    std::deque<Line> lines_;  ///< not yet written, by time of first report
};

}  // namespace pvmsim::sim
