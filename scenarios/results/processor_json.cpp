// Writing processor measures as JSON; see processor_json.hpp. Cycles are those of lslparutil: of the timebase, 512 MHz
// on every server (formats C.8).
#include "scenarios/results/processor_json.hpp"

namespace pvmsim::scenarios {
namespace {

namespace json = boost::json;

constexpr double kCyclesPerSecond = 512e6;

std::int64_t cycles(hypervisor::CoreTime time) {
    return static_cast<std::int64_t>(time.core_seconds() * kCyclesPerSecond);
}

double seconds(std::int64_t ns) { return static_cast<double>(ns) / 1e9; }

void add_counts(json::object& object, const hypervisor::DispatchCounts& counts) {
    object["wait_ready_s"] = seconds(counts.wait_ready_ns);
    object["wait_capacity_s"] = seconds(counts.wait_capacity_ns);
    object["wait_processor_s"] = seconds(counts.wait_processor_ns);
    object["dispatches"] = counts.dispatches;
    object["dispersions"] = counts.dispersions;
    object["hcalls"] = counts.calls();
}

json::object sample_json(const ProcessorSample& sample) {
    json::object object{{"end_s", sample.end_s}, {"physc", sample.physc}};
    if (!sample.running) return object;
    const auto& row = sample.row;
    object["user"] = row.user;
    object["sys"] = row.sys;
    object["wait"] = row.wait;
    object["idle"] = row.idle;
    object["entc"] = row.entc;
    object["lbusy"] = row.lbusy;
    if (row.app) object["app"] = *row.app;
    object["vcsw"] = row.vcsw;
    object["phint"] = row.phint;
    object["hypv"] = row.hypv;
    object["online"] = row.online;
    object["unfolded"] = row.unfolded;
    object["donated"] = sample.donated;
    add_counts(object, sample.counts);
    return object;
}

}  // namespace

json::object processor_json(const ProcessorResult& processor) {
    json::object object{{"entitled", static_cast<double>(processor.entitled.hundredths) / 100.0},
                        {"physc_mean", processor.physc_mean},
                        {"physc_max", processor.physc_max},
                        {"online", processor.online},
                        {"unfolded", processor.unfolded}};
    object["entitled_cycles"] = cycles(processor.entitled_time);
    object["capped_cycles"] = cycles(processor.consumed.entitled);
    object["uncapped_cycles"] = cycles(processor.consumed.beyond);
    object["shared_cycles_while_active"] = cycles(processor.consumed.donated);
    object["idle_cycles"] = cycles(processor.idle_time);
    object["latency_max_s"] = sim::to_seconds(processor.latency_max);
    object["vcsw"] = processor.counts.switches;
    object["phint"] = processor.counts.phantom_interrupts;
    add_counts(object, processor.counts);
    if (processor.series.empty()) return object;
    json::array series;
    for (const auto& sample : processor.series) series.push_back(sample_json(sample));
    object["series"] = std::move(series);
    return object;
}

json::object bursts_json(const aix::BurstLoadResult& bursts) {
    return {{"transactions", bursts.transactions},
            {"refused", bursts.refused},
            {"response_mean_s", sim::to_seconds(bursts.response_mean)},
            {"response_p50_s", sim::to_seconds(bursts.response_p50)},
            {"response_p95_s", sim::to_seconds(bursts.response_p95)},
            {"response_p99_s", sim::to_seconds(bursts.response_p99)},
            {"response_max_s", sim::to_seconds(bursts.response_max)},
            {"wait_mean_s", sim::to_seconds(bursts.wait_mean)}};
}

json::object pool_json(const PoolResult& pool) {
    return {{"name", pool.name},
            {"cores", pool.cores},
            {"max_pool_proc_units", pool.cores},
            {"reserved_pool_proc_units", pool.reserved},
            {"entitled", pool.entitled},
            {"capacity_mean", pool.capacity_mean},
            {"used_mean", pool.used_mean},
            {"total_pool_cycles", cycles(pool.use.capacity)},
            {"utilized_pool_cycles", cycles(pool.use.used)}};
}

}  // namespace pvmsim::scenarios
