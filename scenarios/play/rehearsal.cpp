// Running a scenario; see rehearsal.hpp.
// Sampling happens between events, outside the engine: whether a series is asked for does not change the run.
#include "scenarios/play/rehearsal.hpp"

#include <algorithm>
#include <utility>

#include "scenarios/results/collect.hpp"
#include "scenarios/results/expectations.hpp"

namespace pvmsim::scenarios {

Rehearsal::Rehearsal(const Scenario& scenario, sim::Duration series_every)
    : scenario_(scenario), engine_(scenario.seed), series_every_(series_every) {}

Rehearsal::~Rehearsal() = default;

std::expected<std::unique_ptr<Rehearsal>, std::string> Rehearsal::create(const Scenario& scenario,
                                                                         sim::Duration series_every,
                                                                         std::vector<sim::TraceSink*> sinks) {
    std::unique_ptr<Rehearsal> rehearsal(new Rehearsal(scenario, series_every));
    for (auto* sink : sinks) rehearsal->engine_.trace().attach(*sink);
    auto site = Site::build(rehearsal->engine_, scenario);
    if (!site) return std::unexpected(site.error());
    rehearsal->site_ = std::move(*site);
    rehearsal->player_ = std::make_unique<Player>(rehearsal->engine_, *rehearsal->site_, scenario);
    if (const auto started = rehearsal->site_->start(); !started) return std::unexpected(started.error());
    const auto partitions = rehearsal->site_->partitions().size();
    rehearsal->consumed_at_last_sample_.resize(partitions);
    rehearsal->series_.resize(partitions);
    if (series_every.count() > 0) rehearsal->next_sample_ = sim::kStartOfRun + series_every;
    return rehearsal;
}

void Rehearsal::run_until(sim::SimTime until) {
    while (next_sample_ <= until) {
        engine_.run_until(next_sample_);
        sample();
        next_sample_ += series_every_;
    }
    engine_.run_until(until);
}

void Rehearsal::sample() {
    const auto& partitions = site_->partitions();
    for (std::size_t index = 0; index < partitions.size(); ++index) {
        const auto consumed =
            partitions[index].system->dispatcher().consumed(engine_.now(), partitions[index].id()).total;
        hypervisor::CoreTime since{consumed.nanocore_ns - consumed_at_last_sample_[index].nanocore_ns};
        consumed_at_last_sample_[index] = consumed;
        series_[index].push_back(
            {sim::to_seconds(engine_.now()), since.core_seconds() / sim::to_seconds(series_every_)});
    }
}

RunResult Rehearsal::result() {
    auto result = collect(engine_, *site_, *player_);
    result.scenario = scenario_.name;
    for (std::size_t index = 0; index < series_.size(); ++index)
        result.partitions[index].processor.series = series_[index];
    result.expectations = judge(scenario_.expect, result);
    return result;
}

}  // namespace pvmsim::scenarios
