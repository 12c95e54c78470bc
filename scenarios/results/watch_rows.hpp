// Rows over time, one for each sample: what the tables of processors, memory and network have in common. The time
// stands before the columns; of a partition also that it was not running, and its configuration, with the table's head
// again, whenever it is another one, as lparstat and vmstat print it.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

namespace pvmsim::scenarios {

/// One line without blanks at its end.
inline std::string watch_line(std::string line) {
    while (!line.empty() && (line.back() == ' ' || line.back() == '\n')) line.pop_back();
    return line + '\n';
}

inline std::string watch_row(double end_s, std::string_view columns) {
    return watch_line(fmt::format("{:>7.6g}s {}", end_s, columns));
}

/// Two lines of names and dashes with the time before them and more columns behind.
inline std::string watch_header(std::string_view two_lines, std::string_view names = {}, std::string_view rule = {}) {
    const auto end = two_lines.find('\n');
    auto lower = end == std::string_view::npos ? std::string_view() : two_lines.substr(end + 1);
    while (lower.ends_with('\n')) lower.remove_suffix(1);
    return watch_line(fmt::format("    time {}{}", two_lines.substr(0, end), names)) +
           watch_line(fmt::format("-------- {}{}", lower, rule));
}

template <class Sample, class Columns>
std::string watch_rows(const std::vector<Sample>& samples, Columns columns) {
    std::string text;
    for (const auto& sample : samples) text += watch_row(sample.end_s, columns(sample));
    return text;
}

/// `columns` gets a sample and the seconds since the one before it.
template <class Sample, class Header, class Columns>
std::string configured_rows(const std::vector<Sample>& samples, Header header, Columns columns) {
    std::string configuration;
    double before_s = 0;
    const auto row = [&](const Sample& sample) {
        const double interval_s = sample.end_s - before_s;
        before_s = sample.end_s;
        if (!sample.running) {
            configuration.clear();
            return watch_row(sample.end_s, " not running");
        }
        std::string text;
        if (sample.configuration != configuration) {
            configuration = sample.configuration;
            text = watch_line(configuration) + header(sample);
        }
        return text + watch_row(sample.end_s, columns(sample, interval_s));
    };
    std::string text;
    for (const auto& sample : samples) text += row(sample);
    return text;
}

}  // namespace pvmsim::scenarios
