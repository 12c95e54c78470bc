// Writes a record's members in the order of the struct. The line is built in memory and written at once, so that a
// reader of a growing file sees whole lines as often as the stream's buffer allows.
#include "sim/trace/sinks/json_lines_sink.hpp"

#include <cstdio>
#include <ostream>

#include "sim/trace/sinks/json_text.hpp"

namespace pvmsim::sim {

namespace {

std::string_view kind_name(TraceKind kind) {
    switch (kind) {
        case TraceKind::kInstant:
            return "instant";
        case TraceKind::kSpanBegin:
            return "span-begin";
        case TraceKind::kSpanEnd:
            return "span-end";
        case TraceKind::kCounter:
            return "counter";
    }
    return "unknown";
}

void append_time(std::string& out, SimTime at) {
    const std::int64_t ns = at.time_since_epoch().count();
    char text[96];
    std::snprintf(text, sizeof text, "{\"t\":\"%lld.%09lld\",\"ns\":%lld", static_cast<long long>(ns / 1'000'000'000),
                  static_cast<long long>(ns % 1'000'000'000), static_cast<long long>(ns));
    out += text;
}

void append_member(std::string& out, std::string_view key, std::string_view text) {
    out += ",\"";
    out += key;
    out += "\":";
    append_json_string(out, text);
}

struct ValueWriter {
    std::string& out;

    void operator()(std::int64_t value) const { append_json_integer(out, value); }
    void operator()(double value) const { append_json_double(out, value); }
    void operator()(bool value) const { out += value ? "true" : "false"; }
    void operator()(std::string_view value) const { append_json_string(out, value); }
    void operator()(Duration value) const { append_json_integer(out, value.count()); }
};

void append_field(std::string& out, const TraceField& field) {
    std::string key{field.key};
    if (std::holds_alternative<Duration>(field.value) && !key.ends_with("_ns")) key += "_ns";
    append_json_string(out, key);
    out += ':';
    std::visit(ValueWriter{out}, field.value);
}

}  // namespace

void JsonLinesSink::record(const TraceRecord& record) {
    line_.clear();
    append_time(line_, record.at);
    append_member(line_, "kind", kind_name(record.kind));
    append_member(line_, "level", record.level == TraceLevel::kMilestone ? "milestone" : "detail");
    append_member(line_, "entity", record.entity);
    append_member(line_, "name", record.name);
    if (!record.text.empty()) append_member(line_, "text", record.text);
    if (!record.fields.empty()) {
        line_ += ",\"fields\":{";
        for (const TraceField& field : record.fields) {
            if (&field != record.fields.data()) line_ += ',';
            append_field(line_, field);
        }
        line_ += '}';
    }
    line_ += "}\n";
    out_.write(line_.data(), static_cast<std::streamsize>(line_.size()));
}

void JsonLinesSink::flush() { out_.flush(); }

}  // namespace pvmsim::sim
