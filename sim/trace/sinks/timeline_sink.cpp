// Gathers what is young enough to be joined and writes the rest. That is rarely more than some dozens of lines, so they
// are searched one by one, latest first. How many join a line is known when it is written: only then few are told
// apart.
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

/// What takes less is one happening, for the reader.
constexpr Duration kMoment = std::chrono::seconds(1);
/// So many tell of something common to all, each at a time of its own.
constexpr std::size_t kMany = 5;

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

bool TimelineSink::Line::has(std::string_view number) const {
    return std::ranges::find(members, number, &Member::number) != members.end();
}

std::string TimelineSink::Line::entities() const {
    std::string before;
    std::string after;
    for (std::size_t run = 0; run < path.size(); ++run)
        if (run != varying) (run < varying ? before : after) += path[run];
    if (varying == kNowhere) return before;
    if (members.size() == 1) return before + members.front().number + after;
    const auto [lowest_at, highest_at] = std::ranges::minmax_element(members, is_smaller, &Member::number);
    const std::string& lowest = lowest_at->number;
    const std::string& highest = highest_at->number;
    const std::string component = before.substr(before.rfind('/') + 1);
    const std::string range = before + lowest + ".." + component + highest + after;
    const bool gapless = std::stoull(highest) - std::stoull(lowest) + 1 == members.size();
    const std::string count = std::to_string(members.size());
    return gapless ? range + " (" + count + ")" : count + " of " + range;
}

bool TimelineSink::Line::take(const TraceRecord& record, std::uint64_t order, std::string_view shown_text,
                              const std::vector<std::string>& reporter, Duration window) {
    if (divides || name != record.name || text != shown_text || path.size() != reporter.size()) return false;
    if (record.at - last() > window) return false;
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
        members.front().number = path[varying];
    } else if (different != kNowhere || reporter[varying].size() > 18 || has(reporter[varying])) {
        return false;
    }
    members.push_back({record.at, order, reporter[varying]});
    return true;
}

bool TimelineSink::Line::concerns(const std::vector<std::string>& reporter) const {
    const auto& shorter = path.size() <= reporter.size() ? path : reporter;
    const auto& longer = path.size() <= reporter.size() ? reporter : path;
    const auto is_same = [&](std::size_t run) {
        return run == varying ? has(reporter[run]) : path[run] == reporter[run];
    };
    const std::size_t end = shorter.size() - 1;
    for (std::size_t run = 0; run < end; ++run)
        if (!is_same(run)) return false;
    if (is_same(end)) return shorter.size() == longer.size() || longer[end + 1].front() == '/';
    // "node1/port" and "node1/port/queue": letters of a part go on in the run in which those of the whole end.
    const auto is_part = [](std::string_view part, const std::string& whole) { return part.starts_with(whole + '/'); };
    return is_part(longer[end], shorter[end]) ||
           (shorter.size() == longer.size() && is_part(shorter[end], longer[end]));
}

std::optional<TimelineSink::Line> TimelineSink::Line::cut_after_first_moment() {
    if (members.size() >= kMany) return std::nullopt;
    const auto later = std::ranges::find_if(members, [&](const Member& one) { return one.at - first() >= kMoment; });
    if (later == members.end()) return std::nullopt;
    Line rest{.name = name, .text = text, .path = path, .varying = varying, .members = {later, members.end()}};
    members.erase(later, members.end());
    return rest;
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
    ++reports_;
    if (joined(record, text, path)) return;
    Line line;
    line.name = record.name;
    line.text = std::move(text);
    line.path = std::move(path);
    line.members.push_back({record.at, reports_, {}});
    line.divides = !options_.dividing_entity.empty() && record.entity == options_.dividing_entity;
    lines_.push_back(std::move(line));
}

bool TimelineSink::joined(const TraceRecord& record, std::string_view text, const std::vector<std::string>& path) {
    for (auto line = lines_.rbegin(); line != lines_.rend(); ++line) {
        if (line->take(record, reports_, text, path, options_.window)) return true;
        if (line->divides || line->concerns(path)) return false;
    }
    return false;
}

void TimelineSink::write_until(SimTime before) {
    while (!lines_.empty() && lines_.front().last() < before) write_front();
}

void TimelineSink::write_front() {
    auto line = std::move(lines_.front());
    lines_.pop_front();
    if (auto rest = line.cut_after_first_moment()) {
        const auto order = [](const Line& one) { return one.members.front().order; };
        lines_.insert(std::ranges::upper_bound(lines_, order(*rest), {}, order), std::move(*rest));
    }
    write(line);
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
    out_ << seconds("%5lld.%03lld s  ", milliseconds(line.first())) << entities << "  " << line.text;
    if (line.last() - line.first() >= kMoment) out_ << seconds(" (until %lld.%03lld s)", milliseconds(line.last()));
    out_ << '\n';
}

void TimelineSink::flush() {
    while (!lines_.empty()) write_front();
    out_.flush();
}

}  // namespace pvmsim::sim
