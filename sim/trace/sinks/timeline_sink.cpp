// Gathers one instant and writes it. An instant rarely has more than some dozens of lines, so they are searched one by
// one, latest first.
#include "sim/trace/sinks/timeline_sink.hpp"

#include <algorithm>
#include <cstdio>
#include <ostream>
#include <utility>

#include "sim/trace/sinks/json_text.hpp"

namespace pvmsim::sim {

namespace {

struct ShownValue {
    std::string& out;

    void operator()(std::int64_t value) const { append_json_integer(out, value); }
    void operator()(double value) const { append_json_double(out, value); }
    void operator()(bool value) const { out += value ? "yes" : "no"; }
    void operator()(std::string_view value) const { out += value; }
    void operator()(Duration value) const {
        append_json_double(out, to_seconds(value));
        out += "s";
    }
};

/// The record's own line for people, or its name and fields where it has none. Kept to one line.
std::string text_of(const TraceRecord& record) {
    std::string text{record.text};
    if (text.empty()) {
        text = record.name;
        for (const TraceField& field : record.fields) {
            text += ' ';
            text += field.key;
            text += '=';
            std::visit(ShownValue{text}, field.value);
        }
    }
    std::replace_if(
        text.begin(), text.end(), [](char letter) { return letter == '\n' || letter == '\r'; }, ' ');
    return text;
}

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

/// Order of value for digits of any length.
bool is_smaller(std::string_view left, std::string_view right) {
    const auto significant = [](std::string_view digits) {
        return digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
    };
    const std::string_view a = significant(left);
    const std::string_view b = significant(right);
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace

TimelineSink::TimelineSink(std::ostream& out, TimelineOptions options) : out_(out), options_(std::move(options)) {}

std::string TimelineSink::Line::entities() const {
    std::string before;
    std::string after;
    for (std::size_t run = 0; run < path.size(); ++run)
        if (run != varying) (run < varying ? before : after) += path[run];
    if (varying == kNowhere) return before;
    const auto [lowest, highest] = std::minmax_element(numbers.begin(), numbers.end(), is_smaller);
    const std::string component = before.substr(before.rfind('/') + 1);
    const std::string range = before + *lowest + ".." + component + *highest + after;
    const bool gapless = std::stoull(*highest) - std::stoull(*lowest) + 1 == numbers.size();
    const std::string count = std::to_string(numbers.size());
    return gapless ? range + " (" + count + ")" : count + " of " + range;
}

bool TimelineSink::Line::take(const TraceRecord& record, std::string_view shown_text,
                              const std::vector<std::string>& reporter, Duration window) {
    if (name != record.name || text != shown_text || path.size() != reporter.size()) return false;
    if (record.at - last > window) return false;
    std::size_t different = kNowhere;
    for (std::size_t run = 0; run < path.size(); ++run) {
        if (path[run] == reporter[run] || run == varying) continue;
        if (different != kNowhere || !is_digit(path[run].front()) || !is_digit(reporter[run].front())) return false;
        different = run;
    }
    if (varying == kNowhere) {
        // Twice from the same entity are two lines. Numbers of twenty digits are names, not counts.
        if (different == kNowhere || path[different].size() > 18 || reporter[different].size() > 18) return false;
        varying = different;
        numbers = {path[varying]};
    } else if (different != kNowhere || reporter[varying].size() > 18 ||
               std::find(numbers.begin(), numbers.end(), reporter[varying]) != numbers.end()) {
        return false;
    }
    numbers.push_back(reporter[varying]);
    last = record.at;
    return true;
}

std::vector<std::string> TimelineSink::shown_path(std::string_view entity) const {
    for (const std::string& prefix : options_.hidden_prefixes) {
        if (!entity.starts_with(prefix) || entity.size() == prefix.size()) continue;
        entity.remove_prefix(prefix.size());
        break;
    }
    std::vector<std::string> runs;
    for (const char letter : entity) {
        if (runs.empty() || is_digit(runs.back().front()) != is_digit(letter)) runs.emplace_back();
        runs.back() += letter;
    }
    return runs;
}

void TimelineSink::record(const TraceRecord& record) {
    if (record.kind == TraceKind::kCounter) return;
    write_until(record.at - options_.window);
    std::string text = text_of(record);
    std::vector<std::string> path = shown_path(record.entity);
    for (auto line = lines_.rbegin(); line != lines_.rend(); ++line)
        if (line->take(record, text, path, options_.window)) return;
    lines_.push_back({.first = record.at,
                      .last = record.at,
                      .name = std::string{record.name},
                      .text = std::move(text),
                      .path = std::move(path),
                      .numbers = {}});
}

void TimelineSink::write_until(SimTime before) {
    for (; !lines_.empty() && lines_.front().last < before; lines_.pop_front()) write(lines_.front());
}

void TimelineSink::write(const Line& line) {
    // Milliseconds in integers: a rounded 59.9996 must not become 60.000 before the minute is over.
    const auto milliseconds = [](SimTime at) {
        return static_cast<long long>(at.time_since_epoch().count() / 1'000'000);
    };
    const auto seconds = [](const char* format, long long ms) {
        char time[40];
        std::snprintf(time, sizeof time, format, ms / 1000, ms % 1000);
        return std::string(time);
    };
    std::string entities = line.entities();
    entities.resize(std::max(entities.size(), options_.entity_width), ' ');
    out_ << seconds("%5lld.%03lld s  ", milliseconds(line.first)) << entities << "  " << line.text;
    // What takes less than a second is one happening.
    if (line.last - line.first >= std::chrono::seconds(1))
        out_ << seconds(" (until %lld.%03lld s)", milliseconds(line.last));
    out_ << '\n';
}

void TimelineSink::flush() {
    for (const Line& line : lines_) write(line);
    lines_.clear();
    out_.flush();
}

}  // namespace pvmsim::sim
