// The invariant that makes everything fit: what is still to be laid is never more than what is free from the spot on,
// to the fill of this core and all cores behind it. It holds at the start because fill x cores covers the sum; whoever
// would leave something free looks first whether it still holds then.
#include "hypervisor/dispatch/exact/core_placement.hpp"

#include <algorithm>

#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

CorePlacement::CorePlacement(const ExactTopology& topology, const ExactCosts& costs)
    : topology_(topology), costs_(costs) {
    PVMSIM_ASSERT(topology.cores_per_chip > 0);
    PVMSIM_ASSERT(topology.chips_per_node > 0);
    set_cores(topology.cores);
}

void CorePlacement::set_cores(std::uint32_t cores) {
    PVMSIM_ASSERT(cores < kNoCore);
    topology_.cores = cores;
    occupants_.assign(cores, kNobody);
}

void CorePlacement::assign(std::vector<Record> records, std::vector<std::uint16_t> homes) {
    PVMSIM_ASSERT(records.size() == homes.size());
    PVMSIM_ASSERT(std::ranges::is_sorted(homes));
    PVMSIM_ASSERT(homes.empty() || homes.back() < topology_.cores);
    records_ = std::move(records);
    homes_ = std::move(homes);
    std::ranges::fill(occupants_, kNobody);
}

/// How far each core is filled: evenly, but long enough for the longest grant, and with some room so that most find
/// place at home.
std::int32_t CorePlacement::fill_of(const WindowGrants& grants) const {
    if (grants.total_ns == 0) return 0;
    const std::int64_t cores = topology_.cores;
    PVMSIM_ASSERT(cores > 0);
    const std::int64_t even = (grants.total_ns + cores - 1) / cores;
    const std::int64_t roomy = even + even * costs_.home_preference_percent / 100;
    PVMSIM_ASSERT(even <= kWindowNs);
    PVMSIM_ASSERT(grants.longest_ns <= kWindowNs);
    return static_cast<std::int32_t>(
        std::min<std::int64_t>(std::max<std::int64_t>(roomy, grants.longest_ns), kWindowNs));
}

void CorePlacement::run_window(const WindowGrants& grants) {
    PVMSIM_ASSERT(grants.granted.size() == records_.size());
    const std::int32_t fill = fill_of(grants);
    const std::uint32_t cores = topology_.cores;
    const auto free_from = [&](std::uint32_t core) { return std::int64_t{fill} * (std::int64_t{cores} - core); };
    Spot spot;
    std::int64_t left = grants.total_ns;
    const auto count = static_cast<std::uint32_t>(records_.size());
    for (std::uint32_t position = 0; position < count; ++position) {
        Record& record = records_[position];
        const std::int32_t granted = grants.granted[position];
        if (granted == 0) {
            record.unserved_ns = 0;
            continue;
        }
        const std::uint32_t home = homes_[position];
        if (spot.core < home && left <= free_from(home)) spot = {home, 0};
        if (spot.at_ns + granted > fill && left <= free_from(spot.core + 1)) spot = {spot.core + 1, 0};
        PVMSIM_ASSERT(spot.core < cores);
        std::int32_t end_ns = fill;
        if (spot.at_ns + granted <= fill) {
            const std::int32_t latency = record.unserved_ns + spot.at_ns;
            record.latency_max_ns = std::max(record.latency_max_ns, latency);
            record.wait_processor_ns += spot.at_ns;
            dispatch(record, position, spot.core, granted);
            end_ns = spot.at_ns += granted;
        } else {
            run_split(record, spot, position, granted, fill);
        }
        const bool is_served = granted == grants.wanted[position];
        // With the fill above it bounds the latency: 2 x (window - slice) for whoever takes its slice.
        PVMSIM_ASSERT(is_served || granted >= grants.slice[position]);
        record.unserved_ns = is_served ? 0 : kWindowNs - end_ns;
        record.wait_capacity_ns += record.unserved_ns;
        left -= granted;
    }
    PVMSIM_ASSERT(left == 0);
}

/// First at the beginning of the next core, later at the end of this one: the two never overlap since the grant is no
/// longer than the fill.
void CorePlacement::run_split(Record& record, Spot& spot, std::uint32_t position, std::int32_t granted,
                              std::int32_t fill) {
    PVMSIM_ASSERT(spot.core + 1 < topology_.cores);
    const std::int32_t late = fill - spot.at_ns;
    const std::int32_t early = granted - late;
    PVMSIM_ASSERT(early > 0 && early <= spot.at_ns);
    const std::int32_t between = spot.at_ns - early;
    record.latency_max_ns = std::max({record.latency_max_ns, record.unserved_ns, between});
    record.wait_processor_ns += between;
    dispatch(record, position, spot.core + 1, early);
    if (late > 0) dispatch(record, position, spot.core, late);
    spot = {spot.core + 1, early};
}

void CorePlacement::dispatch(Record& record, std::uint32_t position, std::uint32_t core, std::int32_t piece_ns) {
    ++record.dispatches;
    std::int32_t refill_ns = costs_.refill_same_core_ns;
    if (record.last_core != core) [[unlikely]]
        refill_ns = move(record, core);
    if (occupants_[core] == position) return;
    occupants_[core] = position;
    ++record.switches;
    record.overhead_ns += std::min(piece_ns, costs_.switch_ns + refill_ns);
}

/// Returns what filling the caches there costs; a first dispatch is no move.
std::int32_t CorePlacement::move(Record& record, std::uint32_t core) const {
    const std::uint16_t last = record.last_core;
    record.last_core = static_cast<std::uint16_t>(core);
    if (last == kNoCore) return costs_.refill_same_core_ns;
    ++record.dispersions;
    const std::uint32_t last_chip = last / topology_.cores_per_chip;
    const std::uint32_t chip = core / topology_.cores_per_chip;
    if (last_chip == chip) return costs_.refill_same_chip_ns;
    if (last_chip / topology_.chips_per_node == chip / topology_.chips_per_node) {
        ++record.dispersions_chip;
        return costs_.refill_same_node_ns;
    }
    ++record.dispersions_node;
    return costs_.refill_other_node_ns;
}

void CorePlacement::digest(sim::Digest& digest) const {
    for (const std::uint32_t occupant : occupants_) digest.add(occupant);
    for (const Record& record : records_) {
        digest.add(record.last_core);
        digest.add(record.unserved_ns);
        digest.add(record.overhead_ns);
        digest.add(record.wait_processor_ns);
        digest.add(record.wait_capacity_ns);
        digest.add(record.latency_max_ns);
        digest.add(record.dispatches);
        digest.add(record.switches);
        digest.add(record.dispersions);
        digest.add(record.dispersions_chip);
        digest.add(record.dispersions_node);
    }
}

}  // namespace pvmsim::hypervisor
