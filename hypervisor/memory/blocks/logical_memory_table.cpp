// The logical memory table: see the header. Both directions are kept, physical to owner and owner to physical, and each
// change asserts that they agree.
#include "hypervisor/memory/blocks/logical_memory_table.hpp"

#include <algorithm>
#include <bit>

#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

LogicalMemoryTable::LogicalMemoryTable(std::uint32_t blocks) : entries_(blocks), free_(blocks) {}

void LogicalMemoryTable::append(const LmbOwner& owner, std::vector<Lmb>& held, std::uint32_t block) {
    PVMSIM_ASSERT(entries_[block].owner.use == LmbUse::kFree);
    PVMSIM_ASSERT(free_ > 0);
    entries_[block] = {.owner = owner, .logical = static_cast<std::uint32_t>(held.size())};
    held.push_back(Lmb{block});
    --free_;
}

std::uint32_t LogicalMemoryTable::take_lowest_free() {
    while (free_from_ < blocks() && entries_[free_from_].owner.use != LmbUse::kFree) ++free_from_;
    PVMSIM_ASSERT(free_from_ < blocks());
    return free_from_;
}

void LogicalMemoryTable::resize(const LmbOwner& owner, std::uint32_t count) {
    PVMSIM_ASSERT(owner.use != LmbUse::kFree);
    std::vector<Lmb>& held = held_[owner];
    while (held.size() > count) {
        const std::uint32_t block = held.back().value();
        PVMSIM_ASSERT(entries_[block].owner == owner);
        entries_[block] = {};
        held.pop_back();
        ++free_;
        free_from_ = std::min(free_from_, block);
    }
    while (held.size() < count) append(owner, held, take_lowest_free());
    if (held.empty()) held_.erase(owner);
}

std::optional<std::uint32_t> LogicalMemoryTable::find_aligned(std::uint32_t count) const {
    const std::uint32_t alignment = std::bit_ceil(count);
    for (std::uint64_t first = 0; first + count <= entries_.size(); first += alignment) {
        const auto stretch = std::span{entries_}.subspan(static_cast<std::size_t>(first), count);
        if (std::ranges::all_of(stretch, [](const Entry& entry) { return entry.owner.use == LmbUse::kFree; }))
            return static_cast<std::uint32_t>(first);
    }
    return std::nullopt;
}

void LogicalMemoryTable::place_aligned(const LmbOwner& owner, std::uint32_t count) {
    PVMSIM_ASSERT(!held_.contains(owner));
    if (count == 0) return;
    const auto first = find_aligned(count);
    if (!first) {
        resize(owner, count);
        return;
    }
    std::vector<Lmb>& held = held_[owner];
    for (std::uint32_t block = 0; block < count; ++block) append(owner, held, *first + block);
}

void LogicalMemoryTable::hand_over(const LmbOwner& from, const LmbOwner& to) {
    PVMSIM_ASSERT(from != to);
    PVMSIM_ASSERT(to.use != LmbUse::kFree);
    const auto giver = held_.find(from);
    PVMSIM_ASSERT(giver != held_.end());
    const Lmb block = giver->second.back();
    giver->second.pop_back();
    if (giver->second.empty()) held_.erase(giver);
    std::vector<Lmb>& taker = held_[to];
    entries_[block.value()] = {.owner = to, .logical = static_cast<std::uint32_t>(taker.size())};
    taker.push_back(block);
}

std::span<const Lmb> LogicalMemoryTable::of(const LmbOwner& owner) const {
    const auto found = held_.find(owner);
    if (found == held_.end()) return {};
    return found->second;
}

const LmbOwner& LogicalMemoryTable::owner(Lmb block) const {
    PVMSIM_ASSERT(block.value() < entries_.size());
    return entries_[block.value()].owner;
}

std::optional<std::uint32_t> LogicalMemoryTable::logical_block(Lmb block) const {
    PVMSIM_ASSERT(block.value() < entries_.size());
    const Entry& entry = entries_[block.value()];
    if (entry.owner.use == LmbUse::kFree) return std::nullopt;
    return entry.logical;
}

Scatter LogicalMemoryTable::scatter(const LmbOwner& owner) const {
    Scatter scatter;
    std::uint32_t run = 0;
    std::uint32_t expected = 0;
    for (const Lmb block : of(owner)) {
        const bool goes_on = scatter.blocks > 0 && block.value() == expected;
        if (!goes_on) ++scatter.runs;
        run = goes_on ? run + 1 : 1;
        scatter.longest_run = std::max(scatter.longest_run, run);
        ++scatter.blocks;
        expected = block.value() + 1;
    }
    return scatter;
}

void LogicalMemoryTable::digest(sim::Digest& digest) const {
    for (const auto& [owner, held] : held_) {
        digest.add(owner.use);
        digest.add(owner.partition);
        digest.add(held.size());
        // Runs instead of blocks: a machine has half a million blocks and few runs.
        for (std::size_t at = 0; at < held.size(); ++at)
            if (at == 0 || held[at].value() != held[at - 1].value() + 1) {
                digest.add(at);
                digest.add(held[at]);
            }
    }
}

}  // namespace pvmsim::hypervisor
