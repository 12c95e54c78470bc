// TimelineSink: the log book an administrator would keep, one aligned line a milestone.
//
//        30.000 s  site/host1         powered off
//        30.020 s  app1..app20 (20)   lost one of two paths
//
// What several entities report at one instant under the same name and text, and whose paths differ in a trailing number
// only, is one line; so an instant is written when the next one begins, or at flush(). Counters are not shown.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "sim/trace/tracer.hpp"

namespace pvmsim::sim {

struct TimelineOptions {
    std::size_t entity_width = 17;             ///< longer paths push their text to the right
    std::vector<std::string> hidden_prefixes;  ///< beginnings of paths not worth a column, such as "site/"
};

class TimelineSink final : public TraceSink {
  public:
    explicit TimelineSink(std::ostream& out, TimelineOptions options = {});

    [[nodiscard]] bool wants_details() const override { return false; }
    void record(const TraceRecord& record) override;
    /// Writes the instant under way.
    void flush() override;

  private:
    /// A path cut before its trailing digits.
    struct NumberedPath {
        std::string stem;
        std::string number;  ///< empty when the path does not end in a digit
    };
    struct Line {
        std::string name;
        std::string text;
        std::string stem;
        std::vector<std::string> numbers;

        [[nodiscard]] std::string entities() const;
        [[nodiscard]] bool takes(const TraceRecord& record, std::string_view shown_text,
                                 const NumberedPath& path) const;
    };

    [[nodiscard]] NumberedPath shown_path(std::string_view entity) const;

    std::ostream& out_;
    TimelineOptions options_;
    SimTime at_ = kStartOfRun;
    std::vector<Line> lines_;  ///< of the instant `at_`
};

}  // namespace pvmsim::sim
