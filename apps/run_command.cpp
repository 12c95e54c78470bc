// pvmsim run: loads a scenario, plays it, prints the timeline as it happens and the tables at the end.
//
// The engine is advanced in slices so that progress can be shown; slicing does not change what happens.
#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>
#include <regex>

#include "apps/commands.hpp"
#include "apps/console_output.hpp"
#include "apps/interrupt.hpp"
#include "apps/progress.hpp"
#include "apps/scenario_input.hpp"
#include "scenarios/play/rehearsal.hpp"
#include "scenarios/results/memory_table.hpp"
#include "scenarios/results/network_table.hpp"
#include "scenarios/results/report.hpp"
#include "scenarios/results/results_json.hpp"
#include "scenarios/results/text.hpp"
#include "scenarios/results/watch_memory.hpp"
#include "scenarios/results/watch_network.hpp"
#include "scenarios/results/watch_table.hpp"
#include "scenarios/schema/quantities.hpp"
#include "scenarios/schema/scalar_forms.hpp"
#include "sim/trace/sinks/json_lines_sink.hpp"
#include "sim/trace/sinks/timeline_sink.hpp"

namespace pvmsim::apps {
namespace {

using scenarios::Rehearsal;
using scenarios::Scenario;

std::optional<Scenario> load(const RunOptions& options) {
    auto scenario = load_or_complain(options.scenario, options.overrides);
    if (scenario && options.seed) scenario->seed = *options.seed;
    return scenario;
}

/// A duration option, or `otherwise` when it is not given; nullopt after a complaint.
std::optional<sim::Duration> duration_option(const char* name, const std::string& text, sim::Duration otherwise) {
    if (text.empty()) return otherwise;
    const auto form = scenarios::scalar_form(scenarios::Type::kDuration);
    if (std::regex_match(text, std::regex(form.pattern))) {
        const auto parsed = scenarios::parse_duration_ns(text);
        if (parsed && *parsed > 0) return sim::Duration{*parsed};
    }
    complain(std::string(name) + ": '" + text + "' is not " + std::string(form.what));
    return std::nullopt;
}

/// Twenty clients whose health checks find a path again one after the other are one line to read; and the paths of a
/// site with one server need not repeat its name.
sim::TimelineOptions timeline_options(const Scenario& scenario) {
    sim::TimelineOptions options;
    options.window = std::chrono::seconds(10);
    options.dividing_entity = "timeline";
    if (scenario.systems.size() == 1) options.hidden_prefixes.push_back(scenario.systems.front().config.name + "/");
    return options;
}

/// False when the user stopped it on the way.
bool advance(Rehearsal& rehearsal, sim::SimTime until, Progress& progress) {
    constexpr int kSlices = 1000;
    const auto slice = (until - sim::kStartOfRun) / kSlices;
    for (int done = 1; done < kSlices; ++done) {
        rehearsal.run_until(sim::kStartOfRun + done * slice);
        progress.update(rehearsal.engine().now());
        if (interrupted()) return false;
    }
    rehearsal.run_until(until);
    return true;
}

std::string tables(const scenarios::RunResult& result) {
    auto text = scenarios::outage_table(result) + scenarios::network_tables(result) + "\nProcessor and memory\n" +
                scenarios::capacity_table(result) + scenarios::memory_tables(result) + scenarios::burst_table(result) +
                scenarios::watch_tables(result) + scenarios::memory_watch_tables(result) +
                scenarios::network_watch_tables(result);
    for (const auto& system : result.systems)
        if (system.dispatch_auto) text += "\n" + system.name + ": dispatch auto: " + system.dispatch + "\n";
    if (!result.explain.empty()) text += "\n" + result.explain + (result.explain.ends_with('\n') ? "" : "\n");
    return text + "\n" + scenarios::verdict_table(result);
}

std::string closing_line(const scenarios::RunResult& result, double wall_seconds) {
    char wall[32];
    std::snprintf(wall, sizeof wall, " wall=%.3fs\n", wall_seconds);
    return scenarios::closing_line(result) + wall;
}

}  // namespace

int run_command(const RunOptions& options) {
    const auto scenario = load(options);
    if (!scenario) return kExitBadInput;
    const auto until = duration_option("--until", options.until, scenario->duration);
    const auto series = duration_option("--series", options.series, sim::Duration{0});
    if (!until || !series) return kExitBadInput;

    std::vector<sim::TraceSink*> sinks;
    sim::TimelineSink timeline(std::cout, timeline_options(*scenario));
    if (!options.json && !options.quiet) sinks.push_back(&timeline);
    std::unique_ptr<OutputFile> trace_file;
    std::unique_ptr<sim::JsonLinesSink> trace;
    if (!options.trace_file.empty()) {
        trace_file = OutputFile::open(options.trace_file);
        if (!trace_file) return kExitBadInput;
        trace = std::make_unique<sim::JsonLinesSink>(trace_file->stream());
        sinks.push_back(trace.get());
    }
    if (!options.json && !print(scenario->name + "\n\n")) return kExitBadInput;

    watch_for_interrupts();
    Progress progress(*until);
    auto rehearsal = Rehearsal::create(*scenario, *series, sinks);
    if (!rehearsal) {
        complain(options.scenario + ": " + rehearsal.error());
        return kExitBadInput;
    }
    if (!advance(**rehearsal, sim::kStartOfRun + *until, progress)) {
        complain("interrupted after " + scenarios::seconds_text((*rehearsal)->engine().now() - sim::kStartOfRun) +
                 " simulated; no result");
        return kExitInterrupted;
    }
    (*rehearsal)->engine().trace().flush();
    const auto result = (*rehearsal)->result();
    const auto closing = closing_line(result, progress.wall_seconds());

    if (trace_file && !trace_file->commit()) return kExitBadInput;
    if (!print(options.json ? scenarios::to_json(result) : tables(result) + closing)) return kExitBadInput;
    if (options.json) std::cerr << closing;
    return result.all_hold() ? kExitOk : kExitExpectationFailed;
}

}  // namespace pvmsim::apps
