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
    if (numbers.size() == 1) return stem + numbers.front();
    const auto [first, last] = std::minmax_element(numbers.begin(), numbers.end(), is_smaller);
    return stem + *first + ".." + stem.substr(stem.rfind('/') + 1) + *last + " (" + std::to_string(numbers.size()) +
           ")";
}

bool TimelineSink::Line::takes(const TraceRecord& record, std::string_view shown_text, const NumberedPath& path) const {
    if (path.number.empty() || stem != path.stem || name != record.name || text != shown_text) return false;
    // Twice from the same entity are two lines.
    return !numbers.front().empty() && std::find(numbers.begin(), numbers.end(), path.number) == numbers.end();
}

TimelineSink::NumberedPath TimelineSink::shown_path(std::string_view entity) const {
    for (const std::string& prefix : options_.hidden_prefixes) {
        if (!entity.starts_with(prefix) || entity.size() == prefix.size()) continue;
        entity.remove_prefix(prefix.size());
        break;
    }
    std::size_t digits = 0;
    while (digits < entity.size() && is_digit(entity[entity.size() - 1 - digits])) ++digits;
    return {std::string{entity.substr(0, entity.size() - digits)}, std::string{entity.substr(entity.size() - digits)}};
}

void TimelineSink::record(const TraceRecord& record) {
    if (record.kind == TraceKind::kCounter) return;
    if (record.at != at_) flush();
    at_ = record.at;
    std::string text = text_of(record);
    NumberedPath path = shown_path(record.entity);
    const auto taker =
        std::find_if(lines_.rbegin(), lines_.rend(), [&](const Line& line) { return line.takes(record, text, path); });
    if (taker != lines_.rend())
        taker->numbers.push_back(std::move(path.number));
    else
        lines_.push_back({std::string{record.name}, std::move(text), std::move(path.stem), {std::move(path.number)}});
}

void TimelineSink::flush() {
    for (const Line& line : lines_) {
        // Milliseconds in integers: a rounded 59.9996 must not become 60.000 before the minute is over.
        const long long ms = at_.time_since_epoch().count() / 1'000'000;
        char time[40];
        std::snprintf(time, sizeof time, "%5lld.%03lld s  ", ms / 1000, ms % 1000);
        std::string entities = line.entities();
        entities.resize(std::max(entities.size(), options_.entity_width), ' ');
        out_ << time << entities << "  " << line.text << '\n';
    }
    lines_.clear();
    out_.flush();
}

}  // namespace pvmsim::sim
