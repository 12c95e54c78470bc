// The timers: sampling with the donations' steps, and deduplication with the idle time of the paging VIOSes.
// Both stop while the pool has no members.
#include <algorithm>
#include <numeric>

#include "hypervisor/memory/sharing/memory_sharing_events.hpp"
#include "hypervisor/memory/sharing/memory_sharing_state.hpp"

namespace pvmsim::hypervisor {

using State = MemorySharing::State;

void State::start_timers() {
    if (member_count == 0) return;
    if (!is_sampling) {
        is_sampling = true;
        engine.schedule_in(config.sampling_interval, entity, MemorySamplingDue{});
    }
    if (deduplicator != nullptr && !is_deduplicating) {
        is_deduplicating = true;
        engine.schedule_in(config.dedup_interval, entity, MemoryDeduplicationDue{});
    }
}

void MemorySharing::on_event(const sim::Event& event) {
    State& state = *state_;
    if (event.is<MemorySamplingDue>()) {
        state.is_sampling = false;
        state.sample();
    } else if (event.is<MemoryDeduplicationDue>()) {
        state.is_deduplicating = false;
        state.deduplicate();
    } else if (event.is<MemoryFramesAtHand>()) {
        state.serve_waiting();
    } else if (event.is<MemoryStealAgain>()) {
        state.is_steal_due = false;
        if (state.pool.is_stuck()) state.pool.begin_stealing();
        state.balance();
        state.wake();
    }
    state.start_timers();
}

void State::sample() {
    for (std::uint16_t i = 0; i < members.size(); ++i) {
        Member& member = members[i];
        if (member.id == kNoPartition) continue;
        const std::uint64_t used = meter != nullptr ? meter->processor_used(member.id) : 0;
        pool.end_interval(MemberId{i}, used - std::exchange(member.processor_used, used));
    }
    pool.step();
    for (std::uint16_t i = 0; i < members.size(); ++i) {
        const Member& member = members[i];
        if (member.id == kNoPartition) continue;
        pool.begin_interval(MemberId{i}, random);
        engine.trace().detail(engine.now(), path, "memory-sampled",
                              {{"lpar_id", std::int64_t{member.id.value()}},
                               {"utilization_ppm", std::int64_t{pool.utilization_ppm(MemberId{i})}},
                               {"donation", std::int64_t{pool.use(MemberId{i}).donation}}});
    }
    balance();
    wake();
}

/// What the paging VIOSes can spare, together no more than the configured part of a core. `spare`: nanocores of each.
std::int64_t State::deduplication_cycles(std::vector<std::int64_t>& spare) {
    __extension__ using Wide = __int128;
    for (const Vios& vios : vioses) {
        const bool is_of_pool = std::any_of(members.begin(), members.end(), [&](const Member& member) {
            return member.id != kNoPartition && (member.primary == vios.id || member.secondary == vios.id);
        });
        spare.push_back(is_of_pool ? std::max<std::int64_t>(0, vios.server->spare_capacity().nanocores) : 0);
    }
    const std::int64_t most = std::int64_t{config.dedup_core_percent} * 10'000'000;
    const std::int64_t nanocores = std::min(most, std::accumulate(spare.begin(), spare.end(), std::int64_t{0}));
    constexpr Wide kNanocoresTimesNanoseconds = Wide{1'000'000'000} * 1'000'000'000;
    return static_cast<std::int64_t>(Wide{nanocores} * config.dedup_interval.count() * config.core_hz /
                                     kNanocoresTimesNanoseconds);
}

void State::deduplicate() {
    if (deduplicator == nullptr || member_count == 0) return;
    std::vector<std::int64_t> spare;
    const std::int64_t budget = deduplication_cycles(spare);
    const std::uint64_t pages = deduplicator->pages_for(budget);
    if (pages == 0) return;
    const ScanResult scan = deduplicator->scan(pages);
    deduplicated.scanned += scan.scanned;
    deduplicated.compared += scan.compared;
    deduplicated.merged += scan.merged;
    deduplicated.cycles += scan.cycles;

    __extension__ using Wide = __int128;
    std::int64_t spare_left = std::accumulate(spare.begin(), spare.end(), std::int64_t{0});
    std::int64_t cycles_left = scan.cycles;
    for (std::size_t i = 0; i < vioses.size() && spare_left > 0; ++i) {
        const auto part = static_cast<std::int64_t>(Wide{cycles_left} * spare[i] / spare_left);
        if (part > 0) vioses[i].server->charge_deduplication(part);
        cycles_left -= part;
        spare_left -= spare[i];
    }
    if (scan.merged == 0) return;
    pool.look_again();
    balance();
    wake();
}

}  // namespace pvmsim::hypervisor
