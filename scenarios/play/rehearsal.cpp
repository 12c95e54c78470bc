// Running a scenario; see rehearsal.hpp.
// Sampling happens between events, outside the engine: whether a series is asked for does not change the run.
#include "scenarios/play/rehearsal.hpp"

#include <algorithm>
#include <utility>

#include "scenarios/results/collect.hpp"
#include "scenarios/results/collect_memory.hpp"
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
    rehearsal->series_ = std::make_unique<Meter>(*rehearsal->site_, series_every);
    rehearsal->watch_ = std::make_unique<Meter>(*rehearsal->site_, scenario.watch.every);
    rehearsal->memory_watch_ = std::make_unique<MemoryMeter>(
        *rehearsal->site_, scenario.watch.memory ? scenario.watch.every : sim::Duration{0});
    rehearsal->network_series_ = std::make_unique<NetworkMeter>(*rehearsal->site_, series_every);
    rehearsal->network_watch_ = std::make_unique<NetworkMeter>(
        *rehearsal->site_, scenario.watch.network ? scenario.watch.every : sim::Duration{0});
    return rehearsal;
}

void Rehearsal::run_until(sim::SimTime until) {
    for (auto next = std::min(series_->next(), watch_->next()); next <= until;
         next = std::min(series_->next(), watch_->next())) {
        engine_.run_until(next);
        for (auto* meter : {series_.get(), watch_.get()})
            if (meter->next() == next) meter->read(next);
        if (memory_watch_->next() == next) memory_watch_->read(next);
        for (auto* meter : {network_series_.get(), network_watch_.get()})
            if (meter->next() == next) meter->read(next);
    }
    engine_.run_until(until);
}

RunResult Rehearsal::result() {
    auto result = collect(engine_, *site_, scenario_, *player_);
    result.scenario = scenario_.name;
    result.explain = scenario_.explain;
    for (std::size_t index = 0; index < result.partitions.size(); ++index)
        result.partitions[index].processor.series = series_->partitions()[index];
    for (std::size_t index = 0; index < result.partitions.size(); ++index)
        result.partitions[index].network_series = network_series_->partitions()[index];
    add_watched(result.watch);
    result.expectations = judge(scenario_.expect, result);
    return result;
}

void Rehearsal::add_watched(WatchResult& watch) const {
    const auto& partitions = site_->partitions();
    for (const auto& name : scenario_.watch.partitions)
        for (std::size_t index = 0; index < partitions.size(); ++index)
            if (partitions[index].name() == name)
                watch.partitions.push_back(
                    {.name = name,
                     .exact = partitions[index].system->config().dispatch == hypervisor::DispatchMode::kExact,
                     .samples =
                         scenario_.watch.processors ? watch_->partitions()[index] : std::vector<ProcessorSample>{},
                     .memory = memory_watch_->partitions()[index],
                     .network = network_watch_->partitions()[index]});
    for (std::size_t index = 0; index < site_->systems().size(); ++index)
        watch.systems.push_back(
            {.name = site_->systems()[index]->config().name,
             .samples = scenario_.watch.pools ? watch_->systems()[index] : std::vector<PoolSample>{},
             .memory = memory_watch_->systems()[index]});
    watch.memory = scenario_.watch.memory;
    for (const auto& name : scenario_.watch.amepat)
        if (const auto* partition = site_->find_partition(name); partition->os->running())
            watch.amepat.emplace_back(name, amepat_report(*partition, engine_.now()));
}

}  // namespace pvmsim::scenarios
