// Slots, tags and the line of waiting commands. What the tags promise is told in command_table.hpp; when a command is
// sent, lost or over is decided by fscsi.
#include "aix/fc/command_table.hpp"

#include <algorithm>

#include "sim/base/assert.hpp"

namespace pvmsim::aix {

std::uint32_t FcCommandTable::open(const PathCommand& command, std::uint32_t target) {
    if (free_.empty()) {
        if (commands_.size() == kSlotsMax) return kNone;
        free_.push_back(size());
        commands_.emplace_back();
    }
    const auto slot = free_.back();
    free_.pop_back();
    auto& opened = commands_[slot];
    PVMSIM_ASSERT(opened.state == FcCommandState::kFree);
    opened = {.command = command, .target = target, .generation = opened.generation, .state = FcCommandState::kWaiting};
    waiting_.push_back(slot);
    return slot;
}

void FcCommandTable::close(std::uint32_t slot) {
    auto& closed = commands_[slot];
    PVMSIM_ASSERT(closed.state != FcCommandState::kFree);
    if (closed.state == FcCommandState::kSent)
        --sent_;
    else
        std::erase(waiting_, slot);
    closed.state = FcCommandState::kFree;
    free_.push_back(slot);
}

std::uint32_t FcCommandTable::mark_sent(std::uint32_t slot) {
    auto& command = commands_[slot];
    PVMSIM_ASSERT(command.state == FcCommandState::kWaiting);
    // The one just opened is last, the one that waited longest first: neither costs a search.
    if (waiting_.back() == slot)
        waiting_.pop_back();
    else if (waiting_.front() == slot)
        waiting_.pop_front();
    else
        std::erase(waiting_, slot);
    command.state = FcCommandState::kSent;
    command.generation = (command.generation + 1) & kGenerationMask;
    ++command.sendings;
    ++sent_;
    return command.generation << kSlotBits | slot;
}

void FcCommandTable::mark_waiting(std::uint32_t slot, sim::SimTime deadline) {
    auto& command = commands_[slot];
    PVMSIM_ASSERT(command.state == FcCommandState::kSent);
    command.state = FcCommandState::kWaiting;
    command.deadline = deadline;
    --sent_;
    waiting_.push_back(slot);
}

std::uint32_t FcCommandTable::sent_with(std::uint32_t tag) const {
    const auto slot = tag & (kSlotsMax - 1);
    if (slot >= size()) return kNone;
    const auto& command = commands_[slot];
    return command.state == FcCommandState::kSent && command.generation == tag >> kSlotBits ? slot : kNone;
}

std::uint32_t FcCommandTable::count_for(std::uint32_t target) const {
    return static_cast<std::uint32_t>(std::ranges::count_if(commands_, [&](const FcCommand& command) {
        return command.state != FcCommandState::kFree && command.target == target;
    }));
}

void FcCommandTable::clear() {
    // Slots keep their generations: a response to a command from before the clearing stays unknown.
    for (std::uint32_t slot = 0; slot < size(); ++slot)
        if (commands_[slot].state != FcCommandState::kFree) close(slot);
}

void FcCommandTable::digest(sim::Digest& digest) const {
    for (const auto& command : commands_) {
        digest.add(command.state);
        digest.add(command.generation);
        if (command.state == FcCommandState::kFree) continue;
        digest.add(command.deadline);
        digest.add(command.target);
        digest.add(command.sendings);
        digest.add(command.command.request);
        digest.add(command.command.path);
    }
    digest.add(waiting_.size());
    digest.add(free_.size());
}

}  // namespace pvmsim::aix
