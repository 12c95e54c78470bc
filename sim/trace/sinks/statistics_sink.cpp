// Accumulates in the order of arrival, so that sums of doubles are the same in every build.
// The keys are strings: this sink is for summaries, not for the fastest run.
#include "sim/trace/sinks/statistics_sink.hpp"

#include <algorithm>
#include <optional>
#include <ostream>

#include "sim/trace/sinks/json_text.hpp"

namespace pvmsim::sim {

namespace {

struct NumberOf {
    std::optional<double> operator()(std::int64_t value) const { return static_cast<double>(value); }
    std::optional<double> operator()(double value) const { return value; }
    std::optional<double> operator()(Duration value) const { return static_cast<double>(value.count()); }
    std::optional<double> operator()(bool) const { return std::nullopt; }
    std::optional<double> operator()(std::string_view) const { return std::nullopt; }
};

void take(StatisticsSink::Samples& samples, double value) {
    samples.min = samples.count == 0 ? value : std::min(samples.min, value);
    samples.max = samples.count == 0 ? value : std::max(samples.max, value);
    samples.sum += value;
    ++samples.count;
}

std::string shown(double value) {
    std::string text;
    append_json_double(text, value);
    return text;
}

}  // namespace

void StatisticsSink::record(const TraceRecord& record) {
    ++counts_[{std::string{record.entity}, std::string{record.name}}];
    if (record.kind != TraceKind::kCounter) return;
    for (const TraceField& field : record.fields) {
        const std::optional<double> number = std::visit(NumberOf{}, field.value);
        if (!number) continue;
        take(samples_[{std::string{record.entity}, std::string{record.name}, std::string{field.key}}], *number);
    }
}

std::uint64_t StatisticsSink::count(std::string_view entity, std::string_view name) const {
    const auto found = counts_.find({std::string{entity}, std::string{name}});
    return found != counts_.end() ? found->second : 0;
}

StatisticsSink::Samples StatisticsSink::samples(std::string_view entity, std::string_view name,
                                                std::string_view field) const {
    const auto found = samples_.find({std::string{entity}, std::string{name}, std::string{field}});
    return found != samples_.end() ? found->second : Samples{};
}

void StatisticsSink::print(std::ostream& out) const {
    for (const auto& [key, count] : counts_) out << key.first << ' ' << key.second << " count=" << count << '\n';
    for (const auto& [key, samples] : samples_) {
        const auto& [entity, name, field] = key;
        out << entity << ' ' << name << '.' << field << " count=" << samples.count << " min=" << shown(samples.min)
            << " mean=" << shown(samples.mean()) << " max=" << shown(samples.max) << '\n';
    }
}

}  // namespace pvmsim::sim
